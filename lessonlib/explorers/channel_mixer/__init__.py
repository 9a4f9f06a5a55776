"""How channels become channels: a photograph's three planes, a filter's three kernels, their results, the sum, the bias."""

import inspect

import numpy as np
import traitlets

from lessonlib import presets
from lessonlib.explorers.filter_bench import _photograph, _photograph_url, _pixels, data_url
from lessonlib.geometry import parameter_count
from lessonlib.kit.explorer import Explorer, View, read_view, refuse_unknown
from lessonlib.layers.conv import conv2d
from lessonlib.photos import CREDITS
from lessonlib.sentences import say

PLANES = 3  # red, green, blue
SIZES = (1, 3, 5)
LIMITS = {"kernel_size": (1, 5, 2), "out_channels": (1, 3)}

# Name → kernel size and number of filters that it comes with, and for each of three filters how much of which named kernel
# every plane gets. view.js mirrors them; a test compares.
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


class ChannelMixerView(View):
    """The picture of a `ChannelMixer`. The browser decodes the photograph and computes every pixel."""

    area = "channel_mixer"
    _esm = read_view(__file__, "js")
    _css = read_view(__file__, "css")

    pictures = traitlets.Dict(help="Name → PNG of 8-bit red, green and blue, as a data URL.").tag(sync=True)
    credits = traitlets.Dict().tag(sync=True)
    picture = traitlets.Unicode().tag(sync=True)
    preset = traitlets.Unicode("grey").tag(sync=True)
    weight_values = traitlets.List(help="(O, 3, K, K), for the preset 'custom'").tag(sync=True)
    bias_values = traitlets.List(traitlets.Float(), [0.0] * 3).tag(sync=True)
    kernel_size = traitlets.Int(1).tag(sync=True)
    out_channels = traitlets.Int(1).tag(sync=True)
    channels = traitlets.List(traitlets.Bool(), [True] * 3).tag(sync=True)
    filter = traitlets.Int(0).tag(sync=True)
    depthwise = traitlets.Bool(False).tag(sync=True)
    position = traitlets.List(traitlets.Int(), [0, 0]).tag(sync=True)
    origin = traitlets.Dict(help="The state that `reset` goes back to.").tag(sync=True)


class ChannelMixer(Explorer):
    """Watch the three planes of a colour photograph become one map for every filter.

    Parameters
    ----------
    image : str or array_like
        "flower" or "china", or an array of your own, (3, H, W), from 0 to 1, or whole numbers of 8 bits (``dtype=uint8``).
    weight : str or array_like
        The name of a set of filters (`FILTERS`), or (O, 3, K, K) with up to three filters and K = 1, 3 or 5; (3, K, K) is one filter.
    bias : float or array_like
        One number, or (O,), in shades of 0 … 255.
    kernel_size, out_channels : int, optional
        For a named set; an array brings its own. The padding keeps the size: (K − 1) / 2.
    channels : sequence of bool
        Which of red, green and blue are switched on; a plane that is off counts as 0.
    filter : int
        The filter whose kernels are shown.
    depthwise : bool
        Also show what the same three kernels make with ``groups=3``: nothing is summed.
    position : (int, int), optional
        Row and column of the pixel whose numbers are shown; the middle, if it is not given.
    large : bool
        Everything larger, for a classroom.

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

    def __init__(
        self, image="flower", weight="grey", bias=0, *, kernel_size=None, out_channels=None, channels=(True, True, True),
        filter=0, depthwise=False, position=None, large=False, **unknown,
    ):  # fmt: skip
        known = [name for name in inspect.signature(ChannelMixer).parameters if name != "unknown"]
        refuse_unknown("ChannelMixer", unknown, known)
        self._photographs = {name: _photograph(name) for name in CREDITS}
        state = self._image_state(image) | _weight_state(weight, kernel_size, out_channels)
        state |= _bias_state(bias, state["out_channels"]) | _channels_state(channels)
        state |= {"depthwise": bool(depthwise), "large": bool(large)}
        view = ChannelMixerView(pictures=self._urls(), credits=CREDITS, **state)
        super().__init__(view, LIMITS)
        self.filter = filter
        height, width = self.output_size
        self.position = (height // 2, width // 2) if position is None else position
        view.origin = state | {"filter": view.filter, "position": view.position}

    def _image_state(self, image):
        if isinstance(image, str):
            if image not in CREDITS:
                raise ValueError(_bad_choice("image", CREDITS, image))
            return {"picture": image}
        if np.ndim(image) != 3 or len(image) != PLANES:
            raise ValueError(say("channel_mixer.bad_image", given=np.shape(image)))
        self._photographs = {**self._photographs, "custom": _pixels(image)}
        return {"picture": "custom"}

    def _urls(self):
        return {
            name: _photograph_url(name) if name in CREDITS else data_url(pixels)
            for name, pixels in self._photographs.items()
        }

    # --- The state, under PyTorch's names

    @property
    def image(self):
        """The photograph, (3, H, W), whole numbers 0 … 255."""
        return self._photographs[self.view.picture].astype(float)

    @image.setter
    def image(self, image):
        state = self._image_state(image)
        self.view.pictures = self._urls()
        self.set(**state)

    @property
    def input(self):
        """What goes in: the photograph, the planes that are switched off all 0. Shape (3, H, W)."""
        return self.image * np.array(self.view.channels)[:, None, None]

    @property
    def weight(self):
        """The filters, shape (O, 3, K, K)."""
        view = self.view
        if view.preset != "custom":
            return named_filters(view.preset, view.kernel_size)[: view.out_channels]
        return _fit(view.weight_values, view.out_channels, view.kernel_size)

    @weight.setter
    def weight(self, weight):
        sizes = (self.view.kernel_size, self.view.out_channels) if isinstance(weight, str) else (None, None)
        self.set(**_weight_state(weight, *sizes))

    @property
    def bias(self):
        """One number a filter, shape (O,)."""
        return np.array(self.view.bias_values[: self.view.out_channels])

    @bias.setter
    def bias(self, bias):
        self.set(**_bias_state(bias, self.view.out_channels))

    @property
    def kernel_size(self):
        return self.view.kernel_size

    @kernel_size.setter
    def kernel_size(self, size):
        self.set(kernel_size=_one_of("kernel_size", size, SIZES))

    @property
    def padding(self):
        """What keeps the size of the picture: (K − 1) / 2."""
        return self.view.kernel_size // 2

    @property
    def in_channels(self):
        return PLANES

    @property
    def out_channels(self):
        return self.view.out_channels

    @out_channels.setter
    def out_channels(self, count):
        self.set(out_channels=_one_of("out_channels", count, (1, 2, 3)))

    @property
    def channels(self):
        """Which of red, green and blue are switched on."""
        return tuple(self.view.channels)

    @channels.setter
    def channels(self, channels):
        self.set(**_channels_state(channels))

    @property
    def filter(self):
        """The filter whose kernels are shown, counted from 0."""
        return min(self.view.filter, self.view.out_channels - 1)

    @filter.setter
    def filter(self, filter):
        self.set(filter=_one_of("filter", filter, range(self.view.out_channels)))

    @property
    def depthwise(self):
        return self.view.depthwise

    @depthwise.setter
    def depthwise(self, depthwise):
        self.set(depthwise=bool(depthwise))

    @property
    def position(self):
        """(row, column) of the pixel whose numbers are shown."""
        return tuple(
            min(max(index, 0), size - 1) for index, size in zip(self.view.position, self.output_size, strict=True)
        )

    @position.setter
    def position(self, position):
        (row, column), (height, width) = position, self.output_size
        if not (0 <= row < height and 0 <= column < width):
            raise ValueError(say("channel_mixer.bad_position", given=(row, column), height=height, width=width))
        self.set(position=[int(row), int(column)])

    # --- What follows from it

    @property
    def output_size(self):
        """(H, W): the padding keeps it."""
        return self._photographs[self.view.picture].shape[1:]

    @property
    def window(self):
        """The pixels under the window on every plane, shape (3, K, K)."""
        size, margin, (row, column) = self.kernel_size, self.padding, self.position
        padded = np.pad(self.input, ((0, 0), (margin, margin), (margin, margin)))
        return padded[:, row : row + size, column : column + size]

    @property
    def plane_results(self):
        """What each kernel of the filter shown makes of its own plane, shape (3, H, W); their sum plus the bias is the map."""
        return conv2d(self.input, self.weight[self.filter][:, None], padding=self.padding, groups=PLANES)

    @property
    def output(self):
        """The feature maps, one a filter, shape (O, H, W)."""
        return conv2d(self.input, self.weight, self.bias, padding=self.padding)

    @property
    def depthwise_output(self):
        """The same as `plane_results`: with ``groups=3`` and no bias the planes stay apart."""
        return self.plane_results

    @property
    def parameters(self):
        """How many numbers the layer has: O·3·K·K + O."""
        return parameter_count(PLANES, self.out_channels, self.kernel_size)

    def figure(self):
        """Return planes, kernels, results, sum and map as a `matplotlib.figure.Figure`, with the photograph's credit."""
        from lessonlib.figures import KERNEL, new_figure, numbers

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
            numbers(weight[c], KERNEL, f"$K_{name}$", ax=panels[c, 1])
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


def _weight_state(weight, size, filters):
    if isinstance(weight, str):
        if weight not in FILTERS:
            raise ValueError(_bad_choice("weight", FILTERS, weight))
        own_size, own_filters, *_ = FILTERS[weight]
        size = own_size if size is None else _one_of("kernel_size", size, SIZES)
        filters = own_filters if filters is None else _one_of("out_channels", filters, (1, 2, 3))
        return {"preset": weight, "kernel_size": size, "out_channels": filters}
    array = np.asarray(weight)
    array = array[None] if array.ndim == 3 else array
    shaped = array.ndim == 4 and 1 <= len(array) <= 3 and array.shape[1] == PLANES
    if not shaped or array.shape[2] != array.shape[3] or array.shape[2] not in SIZES or array.dtype.kind not in "biuf":
        raise ValueError(say("channel_mixer.bad_weight", given=np.shape(weight)))
    if not np.isfinite(array).all():
        raise ValueError(say("channel_mixer.bad_weight", given=array[~np.isfinite(array)][0]))
    values = array.astype(float).tolist()
    return {"preset": "custom", "weight_values": values, "kernel_size": array.shape[2], "out_channels": len(array)}


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


def _bias_state(bias, filters):
    array = np.asarray(bias)
    if array.shape not in ((), (filters,)) or array.dtype.kind not in "biuf" or not np.isfinite(array).all():
        raise ValueError(say("channel_mixer.bad_bias", given=repr(bias), filters=filters))
    values = np.zeros(3)
    values[:filters] = array
    return {"bias_values": values.tolist()}


def _channels_state(channels):
    channels = list(channels)
    if len(channels) != PLANES:
        raise ValueError(say("channel_mixer.bad_channels", given=channels))
    return {"channels": [bool(on) for on in channels]}


def _one_of(name, value, choices):
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value not in choices:
        raise ValueError(_bad_choice(name, map(str, choices), value))
    return int(value)


def _bad_choice(name, choices, given):
    return say("channel_mixer.bad_choice", name=name, choices=", ".join(choices), given=repr(given))
