"""A stack of layers, and what one unit of it sees of the input."""

from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import TYPE_CHECKING, Any, ClassVar, SupportsIndex

import numpy as np
import traitlets
from numpy.typing import NDArray

from lessonlib.geometry import Layer, output_size, receptive_field, receptive_field_of
from lessonlib.kit.arguments import LATE, Argument, Whole, whole_number
from lessonlib.kit.explorer import Explorer
from lessonlib.sentences import say

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("conv", "pool")
MOST_LAYERS = 6
INPUT_SIZES = (4, 32)
LIMITS = {"kernel_size": (1, 7), "stride": (1, 4), "padding": (0, 6), "dilation": (1, 4)}
PRESETS = {
    "two_3": [("conv", 3, 1, 1, 1)] * 2,
    "one_5": [("conv", 5, 1, 2, 1)],
    "three_3": [("conv", 3, 1, 1, 1)] * 3,
    "stride": [("conv", 3, 2, 1, 1)] * 3,
    "vgg": [*[("conv", 3, 1, 1, 1)] * 2, ("pool", 2, 2, 0, 1)] * 2,
    "dilated": [("conv", 3, 1, d, d) for d in (1, 2, 4)],
}


class Layers(Argument[list[Layer], str | Sequence[Any]]):
    """One to six layers, from the input upwards; read as `Layer` each, as `receptive_field` takes them."""

    kind = "str or sequence"
    settles = ("layer", "unit")

    def traits(self):
        help = "[kind, kernel_size, stride, padding, dilation] each, from the input upwards."
        return {"layers": traitlets.List(help=help).tag(sync=True)}

    def state(self, value, explorer, so_far):
        return {"layers": _layers(value)}

    def read(self, explorer):
        return [Layer(*numbers) for _, *numbers in explorer.view.layers]


class Depth(Argument[int, SupportsIndex | None]):
    """The layer of the unit on screen."""

    kind = "int"
    rank = LATE

    def traits(self):
        return {"layer": traitlets.Int(1, help="The unit's layer: 1 is the first, 0 the input itself.").tag(sync=True)}

    def state(self, value, explorer, so_far):
        most = len(explorer.view.layers)
        return {"layer": most if value is None else whole_number("layer", value, 0, most)}

    def read(self, explorer):
        return min(max(explorer.view.layer, 0), len(explorer.view.layers))


class Unit(Argument[int, SupportsIndex | None]):
    """The index of the unit on screen, in its layer."""

    kind = "int"
    rank = LATE

    def traits(self):
        return {"unit": traitlets.Int(0).tag(sync=True)}

    def state(self, value, explorer, so_far):
        if value is not None:
            return {"unit": whole_number("unit", value, 0, explorer.sizes[explorer.layer] - 1)}
        try:
            return {"unit": (explorer.sizes[explorer.layer] - 1) // 2}
        except ValueError:
            return {"unit": 0}

    def read(self, explorer):
        return min(max(explorer.view.unit, 0), explorer.sizes[explorer.layer] - 1)


class ReceptiveField(Explorer, beside=__file__):
    """Stack layers, point at a unit, and see which pixels of the input reach it.

    One axis is shown; height and width behave alike.

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

    layers: Layers = Layers(
        "two_3",
        """"two_3", "one_5", "three_3", "stride", "vgg", "dilated"; or one to six layers from the input upwards. Each is a
tuple (kernel_size, stride, padding, dilation), the last ones left out where they are 1, 0 and 1, with "pool" in
front where it is a pooling layer, or a dict with these names and ``kind``. A pooling layer without a stride
moves by its kernel size, as in PyTorch.""",
    )
    input_size: Whole = Whole(16, *INPUT_SIZES, "How many pixels the input has along the axis.")
    _: KW_ONLY
    layer: Depth = Depth(
        None, "Which layer the unit belongs to, 1 for the first; the last, if it is not given.", optional=True
    )
    unit: Unit = Unit(None, "Its index in that layer; the middle one, if it is not given.", optional=True)
    tables: ClassVar = {"most": MOST_LAYERS, "fields": [*LIMITS.values()], "presets": PRESETS}

    @property
    def kinds(self) -> list[str]:
        """ "conv" or "pool" for every layer."""
        return [kind for kind, *_ in self.view.layers]

    @property
    def sizes(self) -> list[int]:
        """The number of units of the input and of every layer. Raises `ValueError` where a window does not fit."""
        sizes = [self.view.input_size]
        for layer in self.layers:
            sizes.append(output_size(sizes[-1], *layer))
        return sizes

    @property
    def size(self) -> int:
        """The size of the unit's receptive field, in pixels of the input, padding included."""
        return self._field.size[0]

    @property
    def jump(self) -> int:
        """How many pixels lie between a unit's field and its neighbour's."""
        return self._field.jump[0]

    @property
    def start(self) -> int:
        """Where the field of unit 0 begins; below 0 it begins in the padding."""
        return self._field.start[0]

    @property
    def field(self) -> tuple[int, int]:
        """(first, last) pixel of the input that the unit sees; below 0 or beyond the input lies padding."""
        return receptive_field_of((self.unit, self.unit), self.layers[: self.layer])[0]

    @property
    def paths(self) -> NDArray[np.integer]:
        """For every pixel of the input, over how many ways it reaches the unit, (input_size,)."""
        counts = {self.unit: 1}
        for (_, *layer), size in reversed(list(zip(self.view.layers, self.sizes[:-1], strict=True))[: self.layer]):
            kernel_size, stride, padding, dilation = layer
            below: dict[int, int] = {}
            for at, ways in counts.items():
                for k in range(kernel_size):
                    cell = at * stride - padding + k * dilation
                    if 0 <= cell < size:
                        below[cell] = below.get(cell, 0) + ways
            counts = below
        return np.array([counts.get(cell, 0) for cell in range(self.view.input_size)])

    @property
    def _field(self):
        return receptive_field(self.layers[: self.layer])

    def figure(self) -> "Figure":
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
                place: dict[str, Any] = {"facecolor": face, "edgecolor": face, "alpha": 0.9 if chosen else 0.35}
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
    numbers = [whole_number(name, whole[name], *limits) for name, limits in LIMITS.items()]
    if kind == "pool" and numbers[2] > numbers[0] // 2:
        raise ValueError(say("receptive_field.pool_padding", kernel=numbers[0], padding=numbers[2]))
    return [kind, *numbers]
