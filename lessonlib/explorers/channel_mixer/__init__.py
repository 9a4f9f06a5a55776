"""How channels become channels: a photograph's three planes, a filter's three kernels, their results, the sum, the bias."""

from collections.abc import Iterable
from dataclasses import KW_ONLY
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from lessonlib import presets
from lessonlib.geometry import parameter_count
from lessonlib.kit.arguments import Argument, Flag, Index, Picture, Position, Steps, chosen, described, finite_array
from lessonlib.kit.explorer import Explorer
from lessonlib.layers.conv import conv2d
from lessonlib.photos import CREDITS
from lessonlib.sentences import say

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PLANES = 3  # red, green, blue
SIZES = (1, 3, 5)

# Name → kernel size and number of filters that it comes with, and for each of three filters how much of which named kernel
# every plane gets.
GREY, THIRDS, ONLY = (0.299, 0.587, 0.114), (1 / 3, 1 / 3, 1 / 3), ((1, 0, 0), (0, 1, 0), (0, 0, 1))
FILTERS = {
    "grey": (1, 1, (GREY, GREY, GREY), ("identity",) * 9),
    "mean": (1, 1, (THIRDS, THIRDS, THIRDS), ("identity",) * 9),
    "difference": (1, 1, ((1, -1, 0), (0, 1, -1), (-1, 0, 1)), ("identity",) * 9),
    "keep": (1, 3, ONLY, ("identity",) * 9),
    "swap": (1, 3, ONLY[::-1], ("identity",) * 9),
    "sepia": (1, 3, ((0.393, 0.769, 0.189), (0.349, 0.686, 0.168), (0.272, 0.534, 0.131)), ("identity",) * 9),
    "edges": (
        3, 1, ((1, 1, 1),) * 3, ("vertical_edge",) * 3 + ("horizontal_edge",) * 3 + ("emboss",) * 3,
    ),
    "unlike": (
        3, 1, ((1, 1, 1),) * 3,
        ("vertical_edge", "horizontal_edge", "box_blur", "horizontal_edge", "box_blur", "vertical_edge",
         "box_blur", "vertical_edge", "horizontal_edge"),
    ),
    "blur": (5, 3, ONLY, ("box_blur",) * 9),
}  # fmt: skip


class ColourPhotograph(Picture):
    """A photograph, (3, H, W), whole numbers 0 … 255."""

    def read_own(self, value):
        if not hasattr(value, "getexif"):  # an image of Pillow has its three planes when it has been read
            array = finite_array(value)
            if array is None or array.ndim != 3 or len(array) != PLANES:
                given = type(value).__name__ if array is None else array.shape
                raise ValueError(say("channel_mixer.bad_image", given=given))
        return super().read_own(value)

    def read(self, explorer):
        return self.pixels(explorer).astype(float)


class Filters(Argument[NDArray[np.float64], ArrayLike]):
    """The filters, shape (O, 3, K, K)."""

    kind = "str or array_like"

    def traits(self):
        values = traitlets.List(help="(O, 3, K, K), for the preset 'custom'")
        return {"preset": traitlets.Unicode(self.default).tag(sync=True), "weight_values": values.tag(sync=True)}

    def state(self, value, explorer, so_far):
        if isinstance(value, str):
            return {"preset": chosen(self.name, value, FILTERS)}
        array = finite_array(value)
        given = described(value)
        array = array[None] if array is not None and array.ndim == 3 else array
        shaped = array is not None and array.ndim == 4 and 1 <= len(array) <= 3 and array.shape[1] == PLANES
        if not shaped or array.shape[2] != array.shape[3] or array.shape[2] not in SIZES:
            raise ValueError(say("channel_mixer.bad_weight", given=given))
        sizes = {"kernel_size": array.shape[2], "out_channels": len(array)}
        return {"preset": "custom", "weight_values": array.tolist(), **sizes}

    def read(self, explorer):
        view = explorer.view
        if view.preset != "custom":
            return named_filters(view.preset, view.kernel_size)[: view.out_channels]
        return _fit(view.weight_values, view.out_channels, view.kernel_size)


class OwnSize(Steps):
    """A size that a named set of filters brings along, and an array too."""

    def __init__(self, default, choices, doc, *, entry):
        super().__init__(default, choices, doc, optional=True)
        self.entry = entry

    def state(self, value, explorer, so_far):
        if value is None and self.trait not in so_far and so_far.get("preset") in FILTERS:
            return {self.trait: FILTERS[so_far["preset"]][self.entry]}
        return super().state(value, explorer, so_far)


class Bias(Argument[NDArray[np.float64], ArrayLike]):
    """One number a filter, shape (O,), in shades of 0 … 255."""

    kind = "float or array_like"
    rank = 1

    def traits(self):
        return {"bias_values": traitlets.List(traitlets.Float(), [0.0] * 3).tag(sync=True)}

    def state(self, value, explorer, so_far):
        filters = so_far["out_channels"] if explorer.view is None else explorer.out_channels
        array = finite_array(value)
        if array is None or array.shape not in ((), (filters,)):
            raise ValueError(say("channel_mixer.bad_bias", given=repr(value), filters=filters))
        values = np.zeros(3)
        values[:filters] = array
        return {"bias_values": values.tolist()}

    def read(self, explorer):
        return np.array(explorer.view.bias_values[: explorer.view.out_channels])


class Channels(Argument[tuple[bool, ...], Iterable[bool]]):
    """Which of red, green and blue are switched on."""

    kind = "sequence of bool"

    def traits(self):
        return {self.trait: traitlets.List(traitlets.Bool(), [True] * 3).tag(sync=True)}

    def state(self, value, explorer, so_far):
        channels = finite_array(value)
        if channels is None or channels.shape != (PLANES,):
            raise ValueError(say("channel_mixer.bad_channels", given=repr(value)))
        return {self.trait: [bool(on) for on in channels]}

    def read(self, explorer):
        return tuple(super().read(explorer))


class ChannelMixer(Explorer, beside=__file__):
    """Watch the three planes of a colour photograph become one map for every filter.

    Raises
    ------
    TypeError
        For an argument that does not exist.
    ValueError
        For a picture or weights of another shape, and values that are none of the choices.

    Examples
    --------
    >>> image = np.array([10, 20, 30], np.uint8)[:, None, None] * np.ones((1, 8, 8), np.uint8)
    >>> mixer = ChannelMixer(image, [[[1]], [[2]], [[-1]]], bias=5)
    >>> mixer.plane_results[:, 0, 0]
    array([ 10.,  40., -30.])
    >>> mixer.output.shape, float(mixer.output[0, 0, 0])
    ((1, 8, 8), 25.0)
    >>> mixer.parameters
    4
    """

    image: ColourPhotograph = ColourPhotograph(
        "flower",
        """"flower" or "china", or a picture of your own: an array or tensor, (3, H, W), from 0 to 1, or whole numbers of
8 bits (``dtype=uint8``), or an image of Pillow.""",
    )
    weight: Filters = Filters(
        "grey",
        """The name of a set of filters (`FILTERS`), or (O, 3, K, K) with up to three filters and K = 1, 3 or 5;
(3, K, K) is one filter.""",
    )
    _: KW_ONLY
    bias: Bias = Bias(0, "One number, or (O,), in shades of 0 … 255.")
    kernel_size: OwnSize = OwnSize(
        1, SIZES, "For a named set; an array brings its own. The padding keeps the size: (K − 1) / 2.", entry=0
    )
    out_channels: OwnSize = OwnSize(1, (1, 2, 3), "For a named set; an array brings its own.", entry=1)
    channels: Channels = Channels(
        (True, True, True), "Which of red, green and blue are switched on; a plane that is off counts as 0."
    )
    filter: Index = Index(0, "The filter whose kernels are shown.", of="out_channels")
    depthwise: Flag = Flag(False, "Also show what the same three kernels make with ``groups=3``: nothing is summed.")
    position: Position = Position(
        "Row and column of the pixel whose numbers are shown; the middle, if it is not given."
    )
    tables: ClassVar = {"filters": FILTERS}

    @property
    def input(self) -> NDArray[np.float64]:
        """What goes in: the photograph, the planes that are switched off all 0. Shape (3, H, W)."""
        return self.image * np.array(self.view.channels)[:, None, None]

    @property
    def padding(self) -> int:
        """What keeps the size of the picture: (K − 1) / 2."""
        return self.view.kernel_size // 2

    @property
    def in_channels(self) -> int:
        """Red, green and blue: 3."""
        return PLANES

    @property
    def output_size(self) -> tuple[int, int]:
        """(H, W): the padding keeps it."""
        return type(self).image.pixels(self).shape[1:]

    @property
    def window(self) -> NDArray[np.floating]:
        """The pixels under the window on every plane, shape (3, K, K)."""
        size, margin, (row, column) = self.kernel_size, self.padding, self.position
        padded = np.pad(self.input, ((0, 0), (margin, margin), (margin, margin)))
        return padded[:, row : row + size, column : column + size]

    @property
    def plane_results(self) -> NDArray[np.floating]:
        """What each kernel of the filter shown makes of its own plane, shape (3, H, W); their sum plus the bias is the map."""
        return conv2d(self.input, self.weight[self.filter][:, None], padding=self.padding, groups=PLANES)

    @property
    def output(self) -> NDArray[np.floating]:
        """The feature maps, one a filter, shape (O, H, W)."""
        return conv2d(self.input, self.weight, self.bias, padding=self.padding)

    @property
    def depthwise_output(self) -> NDArray[np.floating]:
        """The same as `plane_results`: with ``groups=3`` and no bias the planes stay apart."""
        return self.plane_results

    @property
    def parameters(self) -> int:
        """How many numbers the layer has: O·3·K·K + O."""
        return parameter_count(PLANES, self.out_channels, self.kernel_size)

    def figure(self) -> "Figure":
        """Return planes, kernels, results, sum and map as a `matplotlib.figure.Figure`, with the photograph's credit."""
        from lessonlib.figures import KERNEL, draw_numbers, new_figure

        figure = new_figure(9, 6.2)
        panels = figure.subplots(3, 5, width_ratios=[3, 2, 3, 3, 3])
        weight, results = self.weight[self.filter], self.plane_results
        total = results.sum(0)
        low, high = shade_range(weight, results if all(self.channels) else self._unmasked_results(weight))
        for ax in panels.flat:
            ax.axis("off")

        def picture(ax, values, title, low=0, high=255):
            ax.imshow(values.astype(np.float32), cmap="gray", vmin=low, vmax=high, interpolation="nearest")
            ax.set_title(title, fontsize=12)

        for c, name in enumerate("RGB"):
            picture(panels[c, 0], self.input[c], f"$I_{name}$")
            draw_numbers(weight[c], KERNEL, f"$K_{name}$", ax=panels[c, 1])
            picture(panels[c, 2], results[c], f"$I_{name} * K_{name}$", low, high)
        picture(panels[1, 3], total, r"$\Sigma$", low, high)
        bias = self.bias[self.filter]
        picture(panels[1, 4], total + bias, rf"$\Sigma {bias:+g}$", low, high)
        if self.out_channels == 3 and (self.weight >= 0).all():
            colors = self.output.clip(0, 255).astype(np.uint8).transpose(1, 2, 0)
            panels[2, 4].imshow(colors, interpolation="nearest")
            panels[2, 4].set_title("$O_0, O_1, O_2$", fontsize=12)
        if self.view.picture in CREDITS:
            figure.supxlabel(CREDITS[self.view.picture], fontsize=8)
        return figure

    def _unmasked_results(self, weight):
        return conv2d(self.image, weight[:, None], padding=self.padding, groups=PLANES)

    def __repr__(self):
        view, (height, width) = self.view, self.output_size
        sizes = f"3, {view.out_channels}, kernel_size={view.kernel_size}, padding={self.padding}"
        return f"ChannelMixer(({PLANES}, {height}, {width}), {sizes})"


def named_filters(name, size):
    """Return the three filters of a named set, shape (3, 3, K, K)."""
    _, _, shares, kernels = FILTERS[name]
    planes = [
        share * presets.kernel(kernels[3 * o + c], (size, size))
        for o, row in enumerate(shares)
        for c, share in enumerate(row)
    ]
    return np.reshape(planes, (3, 3, size, size)) + 0.0


def shade_range(weight, results):
    """Return the values shown as black and as white, one scale for all pictures of a filter.

    Without a negative weight black is 0 and white the largest sum that can come out, at least 255; with one, 0 is the middle grey.
    A plane that is switched off does not change the scale.
    """
    if (weight >= 0).all():
        return 0.0, 255 * max(1.0, float(weight.sum()))
    values = np.concatenate([results, results.sum(0)[None]])
    largest = float(np.ceil(min(np.abs(values).max(), 4 * np.sqrt((values**2).mean())) - 1e-6)) or 1.0
    return -largest, largest


def _fit(stored, filters, size):
    """Return stored (O, 3, k, k) as (filters, 3, size, size): cut or filled up with zeros around the middle of each kernel."""
    weight = np.zeros((filters, PLANES, size, size))
    stored = np.array(stored, float)[:filters]
    margin = (size - stored.shape[-1]) // 2
    if margin < 0:
        stored, margin = stored[:, :, -margin:margin, -margin:margin], 0
    end = margin + stored.shape[-1]
    weight[: len(stored), :, margin:end, margin:end] = stored
    return weight
