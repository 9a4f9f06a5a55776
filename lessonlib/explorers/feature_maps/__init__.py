"""A small net in the browser: draw a digit and watch every layer's maps change with the stroke."""

from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import TYPE_CHECKING, Any, ClassVar, SupportsIndex

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from lessonlib.arrays import numbers_of, short
from lessonlib.extras import needs
from lessonlib.kit import explorer as kit
from lessonlib.kit.arguments import LATE, Argument, Given, finite_array, is_whole
from lessonlib.sentences import say

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLOCK = 4
"""The drawing holds 4 × 4 cells for each pixel of the input, and a pixel is how many of them are inked: 0 … 16."""
LARGEST = 16
KINDS = ("Conv2d", "ReLU", "MaxPool2d", "Flatten", "Linear")


class Drawing(Argument[NDArray[np.float64], ArrayLike | None]):
    """What the net gets: (1, side, side), inked cells of each 4 × 4 divided by 16."""

    kind = "array_like"

    def traits(self):
        drawing = traitlets.Unicode(help="The drawing: (4 · side)² characters 0 and 1, row after row.")
        return {"bitmap": drawing.tag(sync=True)}

    def state(self, value, explorer, so_far):
        if value is None:
            return {}
        array = finite_array(value)
        image, side = _images(array[None] if array is not None and array.ndim == 2 else value), explorer.view.side
        if image.shape != (1, side, side):
            raise ValueError(say("feature_maps.bad_input", given=image.shape, side=side))
        return {"bitmap": bitmap_of(image[0])}

    def read(self, explorer):
        side = explorer.view.side
        cells = np.array([int(cell) for cell in explorer.view.bitmap]).reshape(side, BLOCK, side, BLOCK)
        return cells.sum(axis=(1, 3))[None] / BLOCK**2


class Unit(Argument[tuple[int, ...], Sequence[SupportsIndex]]):
    """(layer, channel, row, column) of the unit whose arithmetic is shown; layer 0 is the input."""

    kind = "(int, int, int, int)"
    rank = LATE

    def traits(self):
        return {
            "unit": traitlets.List(traitlets.Int(), [1, 0, 0, 0], help="layer, channel, row, column").tag(sync=True)
        }

    def state(self, value, explorer, so_far):
        shapes = [explorer.input.shape, *((*one.shape, 1, 1)[:3] for one in explorer.maps)]
        unit = tuple(value) if np.iterable(value) else (value,)
        layer = unit[0] if len(unit) == 4 and all(map(is_whole, unit)) else -1
        if not 0 <= layer < len(shapes) or not all(
            0 <= at < size for at, size in zip(unit[1:], shapes[layer], strict=True)
        ):
            raise ValueError(say("feature_maps.bad_unit", given=unit, layers=len(shapes) - 1))
        return {"unit": [int(at) for at in unit]}

    def read(self, explorer):
        return tuple(explorer.view.unit)


class FeatureMaps(kit.Explorer, beside=__file__):
    """Draw on a trained net's input and see what every layer makes of it.

    Raises
    ------
    TypeError
        For a net that is not a `Sequential`, or an argument that does not exist.
    ValueError
        For a layer that is none of the kinds above, a net that does not take such inputs, or images of another shape or range.

    Notes
    -----
    The drawing is a bitmap with 4 × 4 cells a pixel, and a pixel is the number of inked cells divided by 16, as scikit-learn's
    handwritten digits were made.

    Examples
    --------
    >>> from torch import nn
    >>> explorer = FeatureMaps(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(72, 10)), np.eye(8)[None])
    >>> [one.shape for one in explorer.maps]
    [(2, 6, 6), (2, 6, 6), (72,), (10,)]
    """

    net: Given = Given(
        doc="""Of `Conv2d` (without groups and dilation, zeros as padding), `ReLU`, `MaxPool2d`, `Flatten` and `Linear`, on
inputs of shape (1, side, side). Its weights are taken as they are now.""",
        kind="torch.nn.Sequential",
    )
    images: Given = Given(
        default=(),
        doc="""Examples to draw on, (N, side, side) or (N, 1, side, side), from 0 to 1, each pixel to be rounded to sixteenths.
The first one is shown.""",
        kind="array_like",
    )
    _: KW_ONLY
    labels: Given = Given(default=None, doc="What the examples are; one for each.", kind="sequence", optional=True)
    classes: Given = Given(
        default=None, doc="Names of the net's outputs; 0, 1, 2, … if it is not given.", kind="sequence", optional=True
    )
    side: Given = Given(default=8, doc="Height and width of the input, where there are no images.", kind="int")
    input: Drawing = Drawing(None, "What is drawn, (side, side); the first example, if it is not given.", optional=True)
    unit: Unit = Unit(
        (1, 0, 0, 0), "Layer (0: the input), channel, row and column of the unit whose arithmetic is shown."
    )
    tables: ClassVar = {"block": BLOCK}

    class View(kit.View):
        """What no argument stands for."""

        layers: traitlets.List[Any] = traitlets.List(
            help="One dict for each layer: kind, sizes, weights as flat lists."
        ).tag(sync=True, fixed=True)
        side = traitlets.Int(8, help="Height and width of the input.").tag(sync=True, fixed=True)
        classes = traitlets.List(traitlets.Unicode()).tag(sync=True, fixed=True)
        examples: traitlets.List[Any] = traitlets.List(help="Drawings to begin with: [label, bitmap].").tag(
            sync=True, fixed=True
        )

    def _completed(self, state):
        given = self._given
        layers, images = _layers(given["net"]), _images(given["images"])
        labels = list(range(len(images))) if given["labels"] is None else list(given["labels"])
        if len(labels) != len(images):
            raise ValueError(say("feature_maps.bad_labels", labels=len(labels), images=len(images)))
        side = given["side"]
        if not len(images) and (not is_whole(side) or not 1 <= side <= LARGEST):
            raise ValueError(say("feature_maps.bad_side", given=repr(side), largest=LARGEST))
        side = images.shape[1] if len(images) else int(side)
        self._net = _net_of(layers)
        outputs = _outputs(self._net, side)
        names = [str(name) for name in (range(outputs) if given["classes"] is None else given["classes"])]
        if len(names) != outputs:
            raise ValueError(say("feature_maps.bad_classes", classes=len(names), outputs=outputs))
        examples = [[str(label), bitmap_of(image)] for label, image in zip(labels, images, strict=True)]
        bitmap = examples[0][1] if examples else "0" * (side * BLOCK) ** 2
        return state | {"layers": layers, "side": side, "classes": names, "examples": examples, "bitmap": bitmap}

    @property
    def maps(self) -> list[NDArray[np.float64]]:
        """What every layer makes of the input, one array a layer, by PyTorch in 64 bits."""
        torch = needs("torch")

        made, x = [], torch.from_numpy(self.input)[None]
        with torch.no_grad():
            for layer in self._net:
                x = layer(x)
                made.append(x[0].numpy().copy())
        return made

    @property
    def scores(self) -> NDArray[np.float64]:
        """The net's outputs, one for each class."""
        return self.maps[-1]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """The softmax of the scores."""
        powers = np.exp(self.scores - self.scores.max())
        return powers / powers.sum()

    @property
    def prediction(self) -> int:
        """The class with the highest score: its index."""
        return int(self.scores.argmax())

    def figure(self) -> "Figure":
        """Return the input, every layer's maps and the probabilities as a `matplotlib.figure.Figure`."""
        from lessonlib.figures import OUTPUT, SIGN_MAP, new_figure

        pictures = [("$I$", self.input)]
        pictures += [
            (name(layer), one) for layer, one in zip(self.view.layers, self.maps, strict=True) if one.ndim == 3
        ]
        rows = [-(-len(planes) // 16) for _, planes in pictures]
        figure = new_figure(9, sum(rows) * 0.75 + 0.4 * len(rows) + 2)
        *panels, bars = figure.subplots(len(pictures) + 1, 1, height_ratios=[*rows, 2])
        for ax, (title, planes) in zip(panels, pictures, strict=True):
            largest = np.abs(planes).max() or 1
            ax.imshow(tiled(planes), cmap=SIGN_MAP, vmin=-largest, vmax=largest)
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
    """Return an image of sixteenths, (side, side), as a drawing: each block holds as many inked cells as its pixel says.

    They lie towards the side where the image is brighter.

    Examples
    --------
    >>> bitmap_of(np.array([[0.25]]))
    '1111000000000000'
    """
    counts = np.rint(np.asarray(image, float) * BLOCK**2).astype(int)
    side = len(counts)
    # Brightness between the pixels' centres, linear: its brightest cells are the inked ones.
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
    array = finite_array(images)
    if array is None:
        raise ValueError(say("feature_maps.bad_images", given=short(images), largest=LARGEST))
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
    torch = needs("torch")

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
    nn = needs("torch").nn

    if not isinstance(net, nn.Sequential):
        raise TypeError(say("feature_maps.bad_net", given=type(net).__name__))
    return [_layer(position, layer, nn) for position, layer in enumerate(net)]


def _layer(position, layer, nn):
    # Subclasses too, pruned and parametrized layers among them, as long as they do what the layer does.
    kind = next((one for one in KINDS if type(layer).forward is getattr(nn, one).forward), type(layer).__name__)

    def refuse(what):
        raise ValueError(say("feature_maps.bad_layer", position=position, what=what, kinds=", ".join(KINDS)))

    if kind not in KINDS or type(layer).forward is not getattr(nn, kind).forward:
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
    weight = _pruned(layer, "weight")
    bias = np.zeros(len(weight)) if layer.bias is None else _pruned(layer, "bias")
    return {"shape": list(weight.shape), "weight": weight.ravel().tolist(), "bias": bias.tolist()}


def _pruned(layer, name):
    """A layer's numbers; those of a pruned layer are made anew, since its own are as old as its last run."""
    if hasattr(layer, f"{name}_mask"):
        return numbers_of(getattr(layer, f"{name}_orig"), name) * numbers_of(getattr(layer, f"{name}_mask"), name)
    return numbers_of(getattr(layer, name), name)


def _net_of(layers):
    """Return the net that the view computes, in 64 bits."""
    torch = needs("torch")
    nn = torch.nn

    def made(layer):
        kind, sizes = layer["kind"], layer.get("shape")
        windows = [layer[size] for size in ("kernel", "stride", "padding") if size in layer]
        if sizes is None:
            return getattr(nn, kind)(*windows)
        empty = nn.utils.skip_init(getattr(nn, kind), sizes[1], sizes[0], *windows, dtype=torch.float64)
        with torch.no_grad():
            empty.weight.copy_(torch.tensor(layer["weight"], dtype=torch.float64).reshape(sizes))
            empty.bias.copy_(torch.tensor(layer["bias"], dtype=torch.float64))
        return empty

    return nn.Sequential(*map(made, layers)).eval()


def _pair(value):
    return [int(one) for one in value] if isinstance(value, (tuple, list)) else [int(value)] * 2
