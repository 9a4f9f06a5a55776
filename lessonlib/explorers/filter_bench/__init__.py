"""A real photograph under any kernel, live, with a loupe on the numbers."""

import base64
import inspect
import io
from functools import cache

import numpy as np
import traitlets

from lessonlib import presets
from lessonlib.geometry import output_size
from lessonlib.kit.arguments import choice, whole, whole_property
from lessonlib.kit.explorer import Explorer, View, read_view, refuse_unknown
from lessonlib.layers.conv import PADDING_MODES, conv2d, pad
from lessonlib.photos import CREDITS, photograph
from lessonlib.sentences import say

LIMITS = {"kernel_size": (1, 7), "padding": (0, 4), "stride": (1, 4)}
SHADES = ("auto", "signed", "absolute")
SMALLEST, LARGEST = 8, 512


class FilterBenchView(View):
    """The picture of a `FilterBench`. The browser decodes the photographs and computes every pixel."""

    area = "filter_bench"
    _esm = read_view(__file__, "js")
    _css = read_view(__file__, "css")

    pictures = traitlets.Dict(help="Name → PNG of 8-bit red, green and blue, as a data URL.").tag(sync=True)
    credits = traitlets.Dict().tag(sync=True)
    picture = traitlets.Unicode().tag(sync=True)
    own_picture = traitlets.Bool(False, help="The browser shows a picture that it keeps to itself.").tag(sync=True)
    color = traitlets.Bool(False).tag(sync=True)
    kernel_size = traitlets.Int(3).tag(sync=True)
    padding = traitlets.Int(1).tag(sync=True)
    stride = traitlets.Int(1).tag(sync=True)
    padding_mode = traitlets.Enum(tuple(PADDING_MODES), "zeros").tag(sync=True)
    kernel_preset = traitlets.Unicode("vertical_edge").tag(sync=True)
    weight_values = traitlets.List(help="(K, K), for the preset 'custom'").tag(sync=True)
    shades = traitlets.Enum(SHADES, "auto").tag(sync=True)
    position = traitlets.List(traitlets.Int(), [0, 0]).tag(sync=True)
    origin = traitlets.Dict(help="The state that `reset` goes back to.").tag(sync=True)


class FilterBench(Explorer):
    """Lay a kernel over a photograph and see at once what comes out.

    Parameters
    ----------
    image : str or array_like
        "china" or "flower", or an array of your own: (H, W) or (3, H, W), from 0 (black) to 1 (white), or whole numbers
        of 8 bits (``dtype=uint8``), each side from 8 to 512 pixels.
    weight : str or array_like
        The name of a preset kernel (`presets.KERNELS`), or (K, K) with K from 1 to 7. In colour every channel goes
        through the same kernel.
    stride, padding : int
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
    kernel_size : int, optional
        For a preset; an array brings its own.
    color : bool
        Red, green and blue instead of grey.
    position : (int, int), optional
        Row and column of the output pixel under the loupe; the middle, if it is not given.
    shades : {"auto", "signed", "absolute"}
        How the output is shown: "signed" has 0 in the middle grey, "absolute" shows sizes only, "auto" takes "signed"
        for kernels whose weights sum to 0 and the brightness of the photograph for others.
    large : bool
        Everything larger, for a classroom.

    Raises
    ------
    TypeError
        For an argument that does not exist.
    ValueError
        For a picture or a kernel of another shape or range, and values that are none of the choices.

    Notes
    -----
    Pixels are the 8-bit numbers 0 … 255, in Python as on screen. A picture that the learner opens in the browser stays
    there: Python never gets it.

    Examples
    --------
    >>> bench = FilterBench([[0, 0, 0, 0, 1, 1, 1, 1]] * 8, "vertical_edge", padding=0)
    >>> bench.output[0, 0]
    array([  0.,   0., 765., 765.,   0.,   0.])
    """

    def __init__(
        self, image="china", weight="vertical_edge", stride=1, padding=1, *, padding_mode="zeros", kernel_size=None,
        color=False, position=None, shades="auto", large=False, **unknown,
    ):  # fmt: skip
        known = [name for name in inspect.signature(FilterBench).parameters if name != "unknown"]
        refuse_unknown("FilterBench", unknown, known)
        self._pixels = {name: _photograph(name) for name in CREDITS}
        state = self._image_state(image) | _weight_state(weight, kernel_size)
        state |= choice("padding_mode", padding_mode, PADDING_MODES)
        state |= choice("shades", shades, SHADES) | {"color": bool(color), "large": bool(large)}
        state |= whole("stride", stride, LIMITS["stride"]) | whole("padding", padding, LIMITS["padding"])
        view = FilterBenchView(pictures=self._urls(), credits=CREDITS, **state)
        super().__init__(view, LIMITS)
        height, width = self.output_size
        self.position = (height // 2, width // 2) if position is None else position
        view.origin = state | {"position": view.position}

    def _image_state(self, image):
        if isinstance(image, str):
            return choice("picture", image, CREDITS, "image")
        self._pixels = {**self._pixels, "custom": _pixels(image)}
        return {"picture": "custom"}

    def _urls(self):
        return {
            name: _photograph_url(name) if name in CREDITS else data_url(self._pixels[name]) for name in self._pixels
        }

    @property
    def image(self):
        """The picture, (1, H, W) or in colour (3, H, W), whole numbers 0 … 255; a learner's own raises `ValueError`."""
        if self.view.own_picture:
            raise ValueError(say("filter_bench.own_stays"))
        pixels = self._pixels[self.view.picture]
        return pixels.astype(float) if self.view.color else grey(pixels)[None].astype(float)

    @image.setter
    def image(self, image):
        state = self._image_state(image)
        self.view.pictures = self._urls()
        self.set(**state, own_picture=False)

    @property
    def weight(self):
        """The kernel, (K, K)."""
        size = self.view.kernel_size
        if self.view.kernel_preset != "custom":
            return presets.kernel(self.view.kernel_preset, (size, size))
        weight, stored = np.zeros((size, size)), np.array(self.view.weight_values)[:size, :size]
        weight[: len(stored), : stored.shape[1]] = stored
        return weight

    @weight.setter
    def weight(self, weight):
        self.set(**_weight_state(weight, self.view.kernel_size if isinstance(weight, str) else None))

    @property
    def padding_mode(self):
        return self.view.padding_mode

    @padding_mode.setter
    def padding_mode(self, mode):
        self.set(**choice("padding_mode", mode, PADDING_MODES))

    @property
    def color(self):
        return self.view.color

    @color.setter
    def color(self, color):
        self.set(color=bool(color))

    @property
    def position(self):
        """(row, column) of the output pixel under the loupe."""
        sizes = self.output_size
        return tuple(min(max(index, 0), size - 1) for index, size in zip(self.view.position, sizes, strict=True))

    @position.setter
    def position(self, position):
        (row, column), (height, width) = position, self.output_size
        if not (0 <= row < height and 0 <= column < width):
            raise ValueError(say("filter_bench.bad_position", given=(row, column), height=height, width=width))
        self.set(position=[int(row), int(column)])

    @property
    def padded_input(self):
        """The picture with its padding, (C, H + 2P, W + 2P)."""
        return pad(self.image, self.padding, self.padding_mode)

    @property
    def output(self):
        """What comes out, (C, OH, OW): each channel through the same kernel."""
        channels = 3 if self.color else 1
        weight = np.broadcast_to(self.weight, (channels, 1, *self.weight.shape))
        return conv2d(self.padded_input, weight, stride=self.stride, groups=channels)

    @property
    def output_size(self):
        """(OH, OW)."""
        view = self.view
        return output_size(self._pixels[view.picture].shape[1:], view.kernel_size, view.stride, view.padding)

    @property
    def window(self):
        """The pixels under the loupe, (C, K, K)."""
        top, left = (index * self.stride for index in self.position)
        return self.padded_input[:, top : top + self.kernel_size, left : left + self.kernel_size]

    def figure(self):
        """Return the picture, the kernel and the output as a `matplotlib.figure.Figure`, with the picture's credit."""
        from lessonlib.figures import KERNEL, new_figure, numbers

        figure = new_figure(9, 4.2)
        before, middle, after = figure.subplots(1, 3, width_ratios=[4, 2, 4])
        output = self.output
        low, high = shade_range(self.weight, output, self.view.shades)
        shown = np.abs(output) if self.view.shades == "absolute" else output
        for ax, values in ((before, self.image / 255), (after, (shown - low) / (high - low))):
            values = values.clip(0, 1)
            ax.imshow(values[0] if len(values) == 1 else values.transpose(1, 2, 0), cmap="gray", vmin=0, vmax=1)
            ax.axis("off")
        numbers(self.weight, KERNEL, "$K$", ax=middle)
        before.set_title("$I$")
        after.set_title("$O$")
        if self.view.picture in CREDITS:
            figure.supxlabel(CREDITS[self.view.picture], fontsize=8)
        return figure

    def __repr__(self):
        (channels, height, width), view = self._shape(), self.view
        size = f"({channels}, {height}, {width})"
        return f"FilterBench({size}, kernel_size={view.kernel_size}, stride={view.stride}, padding={view.padding})"

    def _shape(self):
        return (3 if self.view.color else 1, *self._pixels[self.view.picture].shape[1:])


for _name in LIMITS:
    setattr(FilterBench, _name, whole_property(_name, LIMITS[_name]))


def grey(pixels):
    """Return the grey of 8-bit red, green and blue, (3, H, W) → (H, W), as Pillow and the view round it (ITU-R 601)."""
    red, green, blue = pixels.astype(np.int64)
    return ((19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16).astype(np.uint8)


def shade_range(weight, output, shades):
    """Return the values shown as black and as white; a few far larger than the rest do not dim it."""
    total = float(weight.sum())
    if shades == "auto" and total > 1e-9:
        return 0.0, 255 * total
    largest = np.ceil(min(np.abs(output).max(), 4 * np.sqrt((output**2).mean())) - 1e-6) or 1.0
    return (0.0 if shades == "absolute" else -largest), largest


def eight_bit(values):
    """Return values from 0 to 1 as whole numbers of 8 bits."""
    return np.round(np.asarray(values, float) * 255).astype(np.uint8)


@cache
def _photograph(name):
    return eight_bit(photograph(name, color=True))


@cache
def _photograph_url(name):
    return data_url(_photograph(name))


def data_url(pixels):
    """Return 8-bit red, green and blue, (3, H, W), as the data URL of a PNG."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0))).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _pixels(image):
    """Return a learner's array as 8-bit red, green and blue."""
    array = np.asarray(image)
    whole = array.dtype == np.uint8
    shaped = array.ndim == 2 or (array.ndim == 3 and len(array) in (1, 3))
    fits = all(SMALLEST <= side <= LARGEST for side in array.shape[-2:])
    if not shaped or not fits or array.dtype.kind not in "biuf":
        raise ValueError(say("filter_bench.bad_image", given=array.shape, smallest=SMALLEST, largest=LARGEST))
    if not whole and not (array.min() >= 0 and array.max() <= 1):
        raise ValueError(say("filter_bench.bad_range", lowest=array.min(), highest=array.max()))
    return np.broadcast_to(array if whole else eight_bit(array), (3, *array.shape[-2:]))


def _weight_state(weight, size):
    if isinstance(weight, str):
        size = 3 if size is None else size
        return choice("kernel_preset", weight, presets.KERNELS, "weight") | whole(
            "kernel_size", size, LIMITS["kernel_size"]
        )
    array = np.asarray(weight)
    square = array.ndim == 2 and 1 <= array.shape[0] == array.shape[1] <= LIMITS["kernel_size"][1]
    if not square or array.dtype.kind not in "biuf" or not np.isfinite(array).all():
        raise ValueError(say("filter_bench.bad_weight", given=array.shape))
    return {"kernel_preset": "custom", "weight_values": array.astype(float).tolist(), "kernel_size": len(array)}
