"""A small net in the browser: draw a digit and watch every layer's maps change with the stroke."""

import copy
import inspect

import numpy as np
import traitlets

from lessonlib.kit.explorer import Explorer, View, read_view, refuse_unknown
from lessonlib.sentences import say

BLOCK = 4
"""The drawing holds 4 × 4 cells for each pixel of the input, and a pixel is how many of them are black: 0 … 16."""
LARGEST = 16
KINDS = ("Conv2d", "ReLU", "MaxPool2d", "Flatten", "Linear")


class FeatureMapsView(View):
    """The picture of a `FeatureMaps`. The browser has the weights and computes every map."""

    area = "feature_maps"
    _esm = read_view(__file__, "js")
    _css = read_view(__file__, "css")

    layers = traitlets.List(help="One dict for each layer: kind, sizes, weights as flat lists.").tag(sync=True)
    side = traitlets.Int(8, help="Height and width of the input.").tag(sync=True)
    classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    examples = traitlets.List(help="Drawings to begin with: [label, bitmap].").tag(sync=True)
    bitmap = traitlets.Unicode(help="The drawing: (4 · side)² characters 0 and 1, row after row.").tag(sync=True)
    unit = traitlets.List(traitlets.Int(), [1, 0, 0, 0], help="layer, channel, row, column").tag(sync=True)
    origin = traitlets.Dict(help="The state that `reset` goes back to.").tag(sync=True)


class FeatureMaps(Explorer):
    """Draw on a trained net's input and see what every layer makes of it.

    Parameters
    ----------
    net : torch.nn.Sequential
        Of `Conv2d` (without groups and dilation, zeros as padding), `ReLU`, `MaxPool2d`, `Flatten` and `Linear`, on
        inputs of shape (1, side, side). Its weights are taken as they are now.
    images : array_like, (N, side, side) or (N, 1, side, side), optional
        Examples to draw on, from 0 to 1, each pixel to be rounded to sixteenths. The first one is shown.
    labels : sequence, optional
        What the examples are; one for each.
    classes : sequence, optional
        Names of the net's outputs; 0, 1, 2, … if it is not given.
    side : int
        Height and width of the input, where there are no images.
    unit : (int, int, int, int)
        Layer (0: the input), channel, row and column of the unit whose arithmetic is shown.
    large : bool
        Everything larger, for a classroom.

    Raises
    ------
    TypeError
        For a net that is not a `Sequential`, or an argument that does not exist.
    ValueError
        For a layer that is none of the kinds above, a net that does not take such inputs, or images of another shape or range.

    Notes
    -----
    The drawing is a bitmap with 4 × 4 cells a pixel, and a pixel is the number of black cells divided by 16, as scikit-learn's
    handwritten digits were made.

    Examples
    --------
    >>> from torch import nn
    >>> explorer = FeatureMaps(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(72, 10)), np.eye(8)[None])
    >>> [one.shape for one in explorer.maps]
    [(2, 6, 6), (2, 6, 6), (72,), (10,)]
    """

    def __init__(self, net, images=(), labels=None, *, classes=None, side=8, unit=(1, 0, 0, 0), large=False, **unknown):
        refuse_unknown(
            "FeatureMaps", unknown, [name for name in inspect.signature(FeatureMaps).parameters if name != "unknown"]
        )
        layers = _layers(net)
        images = _images(images)
        labels = list(range(len(images))) if labels is None else list(labels)
        if len(labels) != len(images):
            raise ValueError(say("feature_maps.bad_labels", labels=len(labels), images=len(images)))
        if not len(images) and (isinstance(side, bool) or not isinstance(side, int) or not 1 <= side <= LARGEST):
            raise ValueError(say("feature_maps.bad_side", given=repr(side), largest=LARGEST))
        side = images.shape[1] if len(images) else side
        self._net = copy.deepcopy(net).double().eval()
        outputs = _outputs(self._net, side)
        names = [str(name) for name in (range(outputs) if classes is None else classes)]
        if len(names) != outputs:
            raise ValueError(say("feature_maps.bad_classes", classes=len(names), outputs=outputs))
        examples = [[str(label), bitmap_of(image)] for label, image in zip(labels, images, strict=True)]
        state = {"bitmap": examples[0][1] if examples else "0" * (side * BLOCK) ** 2, "large": bool(large)}
        view = FeatureMapsView(layers=layers, side=side, classes=names, examples=examples, **state)
        super().__init__(view, {})
        self.unit = unit
        view.origin = state | {"unit": view.unit}

    @property
    def input(self):
        """What the net gets: (1, side, side), black cells of each 4 × 4 divided by 16."""
        side = self.view.side
        cells = np.array([int(cell) for cell in self.view.bitmap]).reshape(side, BLOCK, side, BLOCK)
        return cells.sum(axis=(1, 3))[None] / BLOCK**2

    @input.setter
    def input(self, image):
        image = _images(np.asarray(image)[None] if np.ndim(image) == 2 else image)
        if image.shape != (1, self.view.side, self.view.side):
            raise ValueError(say("feature_maps.bad_input", given=image.shape, side=self.view.side))
        self.set(bitmap=bitmap_of(image[0]))

    @property
    def maps(self):
        """What every layer makes of the input, one array a layer, by PyTorch in 64 bits."""
        import torch

        made, x = [], torch.from_numpy(self.input)[None]
        with torch.no_grad():
            for layer in self._net:
                x = layer(x)
                made.append(x[0].numpy().copy())
        return made

    @property
    def scores(self):
        """The net's outputs, one for each class."""
        return self.maps[-1]

    @property
    def probabilities(self):
        """The softmax of the scores."""
        powers = np.exp(self.scores - self.scores.max())
        return powers / powers.sum()

    @property
    def prediction(self):
        """The class with the highest score: its index."""
        return int(self.scores.argmax())

    @property
    def unit(self):
        """(layer, channel, row, column) of the unit whose arithmetic is shown; layer 0 is the input."""
        return tuple(self.view.unit)

    @unit.setter
    def unit(self, unit):
        shapes = [self.input.shape, *((*one.shape, 1, 1)[:3] for one in self.maps)]
        layer = unit[0] if len(unit) == 4 else -1
        if not 0 <= layer < len(shapes) or not all(
            0 <= at < size for at, size in zip(unit[1:], shapes[layer], strict=True)
        ):
            raise ValueError(say("feature_maps.bad_unit", given=tuple(unit), layers=len(shapes) - 1))
        self.set(unit=[int(at) for at in unit])

    def figure(self):
        """Return the input, every layer's maps and the probabilities as a `matplotlib.figure.Figure`."""
        from lessonlib.figures import OUTPUT, new_figure

        pictures = [("$I$", self.input)]
        pictures += [
            (name(layer), one) for layer, one in zip(self.view.layers, self.maps, strict=True) if one.ndim == 3
        ]
        rows = [-(-len(planes) // 16) for _, planes in pictures]
        figure = new_figure(9, sum(rows) * 0.75 + 0.4 * len(rows) + 2)
        *panels, bars = figure.subplots(len(pictures) + 1, 1, height_ratios=[*rows, 2])
        for ax, (title, planes) in zip(panels, pictures, strict=True):
            largest = np.abs(planes).max() or 1
            ax.imshow(tiled(planes), cmap="PuOr_r", vmin=-largest, vmax=largest)
            ax.set_title(title, fontsize=10)
            ax.axis("off")
        bars.bar(self.view.classes, self.probabilities, color=OUTPUT)
        bars.set_ylim(0, 1)
        return figure

    def __repr__(self):
        kinds = ", ".join(layer["kind"] for layer in self.view.layers)
        return f"FeatureMaps([{kinds}], side={self.view.side})"


def name(layer):
    """Return a layer as PyTorch's code.

    Examples
    --------
    >>> name({"kind": "MaxPool2d", "kernel": [2, 2], "stride": [2, 2], "padding": [0, 0]})
    'MaxPool2d(2)'
    """
    kind = layer["kind"]
    if kind == "Linear":
        return f"Linear({layer['shape'][1]}, {layer['shape'][0]})"
    if kind not in ("Conv2d", "MaxPool2d"):
        return f"{kind}()"

    def short(pair):
        return str(pair[0]) if pair[0] == pair[1] else f"({pair[0]}, {pair[1]})"

    parts = [str(layer["shape"][1]), str(layer["shape"][0])] if kind == "Conv2d" else []
    parts.append(short(layer["kernel"]))
    if layer["stride"] != (layer["kernel"] if kind == "MaxPool2d" else [1, 1]):
        parts.append(f"stride={short(layer['stride'])}")
    if layer["padding"] != [0, 0]:
        parts.append(f"padding={short(layer['padding'])}")
    return f"{kind}({', '.join(parts)})"


def tiled(planes, columns=16):
    """Lay planes side by side with a gap between them, (C, H, W) → one plane; the gaps are NaN."""
    count, height, width = planes.shape
    columns = min(columns, count)
    rows = -(-count // columns)
    whole = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan)
    for i, one in enumerate(planes):
        r, c = divmod(i, columns)
        whole[r * (height + 1) : r * (height + 1) + height, c * (width + 1) : c * (width + 1) + width] = one
    return whole


def bitmap_of(image):
    """Return an image of sixteenths, (side, side), as a drawing: each block holds as many black cells as its pixel says.

    They lie towards the side where the image is brighter.

    Examples
    --------
    >>> bitmap_of(np.array([[0.25]]))
    '1111000000000000'
    """
    counts = np.rint(np.asarray(image, float) * BLOCK**2).astype(int)
    side = len(counts)
    # Brightness between the pixels' centres, linear: its brightest cells are the black ones.
    at = (np.arange(side * BLOCK) + 0.5) / BLOCK - 0.5
    edged = np.pad(counts, 1, mode="edge")
    low = np.floor(at).astype(int)
    part = at - low
    along = edged[:, low + 1] * (1 - part) + edged[:, low + 2] * part
    smooth = along[low + 1] * (1 - part)[:, None] + along[low + 2] * part[:, None]
    cells = np.zeros((side * BLOCK, side * BLOCK), int)
    for r, c in np.ndindex(counts.shape):
        block = np.s_[r * BLOCK : (r + 1) * BLOCK, c * BLOCK : (c + 1) * BLOCK]
        order = np.argsort(-smooth[block].ravel().round(9), kind="stable")[: counts[r, c]]
        inside = np.zeros(BLOCK**2, int)
        inside[order] = 1
        cells[block] = inside.reshape(BLOCK, BLOCK)
    return "".join(str(cell) for cell in cells.ravel())


def _images(images):
    array = np.asarray(images, float)
    if array.ndim == 4 and array.shape[1] == 1:
        array = array[:, 0]
    if array.size == 0:
        return np.zeros((0, 0, 0))
    if array.ndim != 3 or array.shape[1] != array.shape[2] or array.shape[1] > LARGEST:
        raise ValueError(say("feature_maps.bad_images", given=array.shape, largest=LARGEST))
    if not (array.min() >= 0 and array.max() <= 1):
        raise ValueError(say("feature_maps.bad_range", lowest=array.min(), highest=array.max()))
    return array


def _outputs(net, side):
    """Run the net once; return how many outputs it has."""
    import torch

    try:
        with torch.no_grad():
            shape = tuple(net(torch.zeros(1, 1, side, side, dtype=torch.float64)).shape)
    except RuntimeError as problem:
        raise ValueError(say("feature_maps.does_not_fit", side=side, problem=str(problem).splitlines()[0])) from None
    if len(shape) != 2:
        raise ValueError(say("feature_maps.no_scores", given=shape))
    return shape[1]


def _layers(net):
    """Return a net's layers as the view takes them; refuse what it does not compute."""
    from torch import nn

    if not isinstance(net, nn.Sequential):
        raise TypeError(say("feature_maps.bad_net", given=type(net).__name__))
    return [_layer(position, layer, nn) for position, layer in enumerate(net)]


def _layer(position, layer, nn):
    kind = type(layer).__name__

    def refuse(what):
        raise ValueError(say("feature_maps.bad_layer", position=position, what=what, kinds=", ".join(KINDS)))

    if kind not in KINDS or not isinstance(layer, getattr(nn, kind)):
        refuse(kind)
    if kind == "ReLU":
        return {"kind": kind}
    if kind == "Flatten":
        if (layer.start_dim, layer.end_dim) != (1, -1):
            refuse(f"Flatten({layer.start_dim}, {layer.end_dim})")
        return {"kind": kind}
    if kind == "Linear":
        return {"kind": kind, **_numbers(layer)}
    sizes = {"kernel": _pair(layer.kernel_size), "stride": _pair(layer.stride)}
    if _pair(layer.dilation) != [1, 1]:
        refuse(f"dilation={layer.dilation}")
    if isinstance(layer.padding, str):
        refuse(f"padding={layer.padding!r}")
    sizes["padding"] = _pair(layer.padding)
    if kind == "MaxPool2d":
        if layer.ceil_mode or layer.return_indices:
            refuse("ceil_mode, return_indices")
        return {"kind": kind, **sizes}
    if layer.groups != 1:
        refuse(f"groups={layer.groups}")
    if layer.padding_mode != "zeros":
        refuse(f"padding_mode={layer.padding_mode!r}")
    return {"kind": kind, **sizes, **_numbers(layer)}


def _numbers(layer):
    weight = layer.weight.detach().double()
    bias = weight.new_zeros(len(weight)) if layer.bias is None else layer.bias.detach().double()
    return {"shape": list(weight.shape), "weight": weight.ravel().tolist(), "bias": bias.tolist()}


def _pair(value):
    return [int(one) for one in value] if isinstance(value, (tuple, list)) else [int(value)] * 2
