"""A stack of layers, and what one unit of it sees of the input."""

import inspect

import numpy as np
import traitlets

from lessonlib.geometry import Layer, output_size, receptive_field, receptive_field_of
from lessonlib.kit.explorer import Explorer, View, read_view, refuse_unknown
from lessonlib.sentences import say

KINDS = ("conv", "pool")
MOST_LAYERS = 6
INPUT_SIZES = (4, 32)
LIMITS = {"kernel_size": (1, 7), "stride": (1, 4), "padding": (0, 6), "dilation": (1, 4)}
# view.js has the same.
PRESETS = {
    "two_3": [("conv", 3, 1, 1, 1)] * 2,
    "one_5": [("conv", 5, 1, 2, 1)],
    "three_3": [("conv", 3, 1, 1, 1)] * 3,
    "stride": [("conv", 3, 2, 1, 1)] * 3,
    "vgg": [*[("conv", 3, 1, 1, 1)] * 2, ("pool", 2, 2, 0, 1)] * 2,
    "dilated": [("conv", 3, 1, d, d) for d in (1, 2, 4)],
}


class ReceptiveFieldView(View):
    """The picture of a `ReceptiveField`: every layer a row of units, seen from the side."""

    area = "receptive_field"
    _esm = read_view(__file__, "js")
    _css = read_view(__file__, "css")

    layers = traitlets.List(help="[kind, kernel_size, stride, padding, dilation] each, from the input upwards.").tag(
        sync=True
    )
    input_size = traitlets.Int(16).tag(sync=True)
    layer = traitlets.Int(1, help="The unit's layer: 1 is the first, 0 the input itself.").tag(sync=True)
    unit = traitlets.Int(0).tag(sync=True)
    origin = traitlets.Dict(help="The state that `reset` goes back to.").tag(sync=True)


class ReceptiveField(Explorer):
    """Stack layers, point at a unit, and see which pixels of the input reach it.

    One axis is shown; height and width behave alike.

    Parameters
    ----------
    layers : str or sequence
        "two_3", "one_5", "three_3", "stride", "vgg", "dilated"; or one to six layers from the input upwards. Each is a
        tuple (kernel_size, stride, padding, dilation), the last ones left out where they are 1, 0 and 1, with "pool" in
        front where it is a pooling layer, or a dict with these names and ``kind``. A pooling layer without a stride
        moves by its kernel size, as in PyTorch.
    input_size : int
        4 to 32 pixels.
    layer : int, optional
        Which layer the unit belongs to, 1 for the first; the last, if it is not given.
    unit : int, optional
        Its index in that layer; the middle one, if it is not given.
    large : bool
        Everything larger, for a classroom.

    Raises
    ------
    TypeError
        For an argument that does not exist.
    ValueError
        For layers and numbers that are none of the choices.

    Examples
    --------
    >>> explorer = ReceptiveField([(3, 1, 1), (3, 2, 1)])
    >>> explorer.size, explorer.unit, explorer.field
    (5, 3, (4, 8))
    >>> explorer.paths
    array([0, 0, 0, 0, 1, 2, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0])
    """

    def __init__(self, layers="two_3", input_size=16, *, layer=None, unit=None, large=False, **unknown):
        known = [name for name in inspect.signature(ReceptiveField).parameters if name != "unknown"]
        refuse_unknown("ReceptiveField", unknown, known)
        state = {"layers": _layers(layers), "input_size": _whole("input_size", input_size, INPUT_SIZES)}
        state |= {"large": bool(large), "layer": len(state["layers"])}
        view = ReceptiveFieldView(**state)
        super().__init__(view, {"input_size": INPUT_SIZES})
        if layer is not None:
            self.layer = layer
        self.set(unit=self._middle())
        if unit is not None:
            self.unit = unit
        view.origin = state | {"layer": view.layer, "unit": view.unit}

    @property
    def layers(self):
        """The layers as `Layer` (kernel_size, stride, padding, dilation), as `receptive_field` takes them."""
        return [Layer(*numbers) for _, *numbers in self.view.layers]

    @layers.setter
    def layers(self, layers):
        layers = _layers(layers)
        self.set(layers=layers, layer=len(layers))
        self.set(unit=self._middle())

    @property
    def kinds(self):
        """ "conv" or "pool" for every layer."""
        return [kind for kind, *_ in self.view.layers]

    @property
    def input_size(self):
        """How many pixels the input has along the axis."""
        return self.view.input_size

    @input_size.setter
    def input_size(self, size):
        self.set(input_size=_whole("input_size", size, INPUT_SIZES))

    @property
    def sizes(self):
        """The number of units of the input and of every layer. Raises `ValueError` where a window does not fit."""
        sizes = [self.view.input_size]
        for layer in self.layers:
            sizes.append(output_size(sizes[-1], *layer))
        return sizes

    @property
    def layer(self):
        """The layer of the unit on screen: 1 is the first, 0 the input."""
        return min(max(self.view.layer, 0), len(self.view.layers))

    @layer.setter
    def layer(self, layer):
        self.set(layer=_whole("layer", layer, (0, len(self.view.layers))))

    @property
    def unit(self):
        """The index of the unit on screen, in its layer."""
        return min(max(self.view.unit, 0), self.sizes[self.layer] - 1)

    @unit.setter
    def unit(self, unit):
        self.set(unit=_whole("unit", unit, (0, self.sizes[self.layer] - 1)))

    @property
    def size(self):
        """The size of the unit's receptive field, in pixels of the input, padding included."""
        return self._field.size[0]

    @property
    def jump(self):
        """How many pixels lie between a unit's field and its neighbour's."""
        return self._field.jump[0]

    @property
    def start(self):
        """Where the field of unit 0 begins; below 0 it begins in the padding."""
        return self._field.start[0]

    @property
    def field(self):
        """(first, last) pixel of the input that the unit sees; below 0 or beyond the input lies padding."""
        return receptive_field_of((self.unit, self.unit), self.layers[: self.layer])[0]

    @property
    def paths(self):
        """For every pixel of the input, over how many ways it reaches the unit, (input_size,)."""
        counts = {self.unit: 1}
        for layer, size in reversed(list(zip(self.layers, self.sizes[:-1], strict=True))[: self.layer]):
            below = {}
            for at, ways in counts.items():
                for k in range(layer.kernel_size):
                    cell = at * layer.stride - layer.padding + k * layer.dilation
                    if 0 <= cell < size:
                        below[cell] = below.get(cell, 0) + ways
            counts = below
        return np.array([counts.get(cell, 0) for cell in range(self.view.input_size)])

    @property
    def _field(self):
        return receptive_field(self.layers[: self.layer])

    def _middle(self):
        """The middle unit of the layer on screen, or 0 where there is none."""
        try:
            return (self.sizes[self.layer] - 1) // 2
        except ValueError:
            return 0

    def figure(self):
        """Return the stack from the side as a `matplotlib.figure.Figure`: the input below, each layer a row above."""
        from matplotlib.patches import Rectangle

        from lessonlib.figures import INPUT, OUTPUT, WINDOW, new_figure

        figure = new_figure(9, 0.9 + 0.6 * len(self.layers))
        ax = figure.subplots()
        try:
            sizes = self.sizes
        except ValueError:
            sizes = [self.view.input_size]
        for row, size in enumerate(sizes):
            field = receptive_field(self.layers[:row])
            for unit in range(size):
                left = field.start[0] + (field.size[0] - field.jump[0]) / 2 + unit * field.jump[0]
                chosen = row == self.layer and row < len(sizes) and unit == min(self.view.unit, size - 1)
                face = WINDOW if chosen else OUTPUT if row else INPUT
                place = {"facecolor": face, "edgecolor": face, "alpha": 0.9 if chosen else 0.35}
                ax.add_patch(Rectangle((left + 0.05, row), field.jump[0] - 0.1, 0.6, **place))
        if len(sizes) > self.layer:
            first, last = self.field
            ax.add_patch(Rectangle((first, -0.08), last + 1 - first, 0.76, fill=False, edgecolor=WINDOW, lw=3))
        ax.autoscale_view()
        ax.axis("off")
        return figure

    def __repr__(self):
        layers = [(kind, *numbers) if kind == "pool" else tuple(numbers) for kind, *numbers in self.view.layers]
        return f"ReceptiveField({layers}, input_size={self.view.input_size})"


def _layers(layers):
    """Return layers as the view keeps them."""
    if isinstance(layers, str):
        if layers not in PRESETS:
            raise ValueError(say("receptive_field.bad_preset", choices=", ".join(PRESETS), given=repr(layers)))
        layers = PRESETS[layers]
    if not isinstance(layers, (list, tuple)) or not 1 <= len(layers) <= MOST_LAYERS:
        raise ValueError(say("receptive_field.bad_layers", most=MOST_LAYERS, given=repr(layers)[:60]))
    return [_layer(layer) for layer in layers]


def _layer(layer):
    given = dict(layer) if isinstance(layer, dict) else None
    if given is None and isinstance(layer, (list, tuple)):
        kind, *numbers = layer if layer and isinstance(layer[0], str) else ("conv", *layer)
        given = {"kind": kind, **dict(zip(LIMITS, numbers, strict=False))} if len(numbers) <= len(LIMITS) else None
    kind = (given or {}).pop("kind", "conv")
    if not given or kind not in KINDS or not given.keys() <= LIMITS.keys() or "kernel_size" not in given:
        raise ValueError(say("receptive_field.bad_layer", given=repr(layer)[:60]))
    whole = {"stride": given["kernel_size"] if kind == "pool" else 1, "padding": 0, "dilation": 1} | given
    numbers = [_whole(name, whole[name], limits) for name, limits in LIMITS.items()]
    if kind == "pool" and numbers[2] > numbers[0] // 2:
        raise ValueError(say("receptive_field.pool_padding", kernel=numbers[0], padding=numbers[2]))
    return [kind, *numbers]


def _whole(name, value, limits):
    lowest, highest = limits
    fits = isinstance(value, (int, np.integer)) and not isinstance(value, bool) and lowest <= value <= highest
    if not fits:
        raise ValueError(say("receptive_field.bad_size", name=name, lowest=lowest, highest=highest, given=repr(value)))
    return int(value)
