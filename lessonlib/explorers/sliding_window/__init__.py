"""The explorer that the course is known by: a window slides over numbers, and its arithmetic is written out."""

import inspect
import sys

import numpy as np
import traitlets

from lessonlib import presets
from lessonlib.geometry import output_size, resolve_padding, window
from lessonlib.kit.arguments import is_whole, whole
from lessonlib.kit.explorer import Explorer, View, read_view, refuse_unknown
from lessonlib.layers.conv import conv2d, flip, pad
from lessonlib.sentences import say

# Name of a control in `show` → the sliders it stands for. The rest are choices that the view draws itself.
SLIDERS = {
    "input_size": ("input_h", "input_w"),
    "kernel_size": ("kernel_h", "kernel_w"),
    "padding": ("padding_h", "padding_w"),
    "stride": ("stride_h", "stride_w"),
    "dilation": ("dilation_h", "dilation_w"),
    "in_channels": ("in_channels",),
    "out_channels": ("out_channels",),
    "groups": ("groups",),
}
CHOICES = ("input", "kernel", "padding_mode", "bias", "apart", "flipped", "whole_map", "large", "reset")
LIMITS = {
    "input_h": (1, 12), "input_w": (1, 12), "kernel_h": (1, 7), "kernel_w": (1, 7), "padding_h": (0, 4), "padding_w": (0, 4),
    "stride_h": (1, 4), "stride_w": (1, 4), "dilation_h": (1, 3), "dilation_w": (1, 3),
    "in_channels": (1, 4), "out_channels": (1, 4), "groups": (1, 4),
}  # fmt: skip
PADDING_MODES = ("zeros", "reflect", "replicate", "circular")
PAIRS = ("kernel", "padding", "stride", "dilation")
MOST_NUMBERS = 4000  # in planes, kernels and maps: more cannot be read, and take a page seconds to draw


class SlidingWindowView(View):
    """The picture of a `SlidingWindow`. Heights and widths are traits of their own, so that a slider can be joined to each."""

    area = "sliding_window"
    _esm = read_view(__file__, "js")
    _css = read_view(__file__, "css")

    input_h = traitlets.Int(5).tag(sync=True)
    input_w = traitlets.Int(5).tag(sync=True)
    kernel_h = traitlets.Int(3).tag(sync=True)
    kernel_w = traitlets.Int(3).tag(sync=True)
    padding_h = traitlets.Int(0).tag(sync=True)
    padding_w = traitlets.Int(0).tag(sync=True)
    stride_h = traitlets.Int(1).tag(sync=True)
    stride_w = traitlets.Int(1).tag(sync=True)
    dilation_h = traitlets.Int(1).tag(sync=True)
    dilation_w = traitlets.Int(1).tag(sync=True)
    apart = traitlets.Bool(
        False, help="Widths of kernel, padding, stride and dilation are set apart from their heights."
    ).tag(sync=True)
    padding_mode = traitlets.Enum(PADDING_MODES, "zeros").tag(sync=True)
    in_channels = traitlets.Int(1).tag(sync=True)
    out_channels = traitlets.Int(1).tag(sync=True)
    groups = traitlets.Int(1).tag(sync=True)
    use_bias = traitlets.Bool(False).tag(sync=True)
    flipped = traitlets.Bool(False).tag(sync=True)
    input_preset = traitlets.Unicode("counting").tag(sync=True)
    kernel_presets = traitlets.List(traitlets.Unicode(), help="One a filter; 'custom': weight_values holds it.").tag(
        sync=True
    )
    input_values = traitlets.List(help="(C, H, W), for the preset 'custom'").tag(sync=True)
    weight_values = traitlets.List(help="(O, C / groups, KH, KW), for filters whose preset is 'custom'").tag(sync=True)
    bias_values = traitlets.List().tag(sync=True)
    seed = traitlets.Int(0).tag(sync=True)
    position = traitlets.List(traitlets.Int(), [0, 0]).tag(sync=True)
    filter = traitlets.Int(0).tag(sync=True)
    whole_map = traitlets.Bool(False).tag(sync=True)
    speed = traitlets.Float(2).tag(sync=True)
    shown = traitlets.List(traitlets.Unicode()).tag(sync=True)
    origin = traitlets.Dict(help="The state that `reset` goes back to.").tag(sync=True)


class SlidingWindow(Explorer):
    """Slide a kernel over an input and read the arithmetic of every window.

    Parameters
    ----------
    input : array_like or str, optional
        (H, W) or (C, H, W), or the name of a preset: "counting", "step_edge", "corner", "cross", "checkerboard", "digit", "random".
    weight : array_like or str, optional
        (KH, KW), or (O, C / groups, KH, KW) for several channels or filters; or the name of a preset kernel: "identity", "box_blur",
        "gaussian_blur", "vertical_edge", "horizontal_edge", "sharpen", "emboss", "ones", "random".
    bias : float or array_like, optional
        One number, or (O,). Without it there is no bias.
    stride, dilation : int or (int, int)
    padding : int, (int, int), "same" or "valid"
        Per side, as PyTorch counts it.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
    groups : int
    show : sequence of str or "all"
        Which controls are shown: "input_size", "kernel_size", "padding", "stride", "dilation", "in_channels", "out_channels", "groups",
        "input", "kernel", "padding_mode", "bias", "apart", "flipped", "whole_map", "large", "reset".
    input_size, kernel_size : int or (int, int), optional
        Sizes for presets; an array brings its own.
    in_channels, out_channels : int, optional
        For presets; an array brings its own.
    position : (int, int)
        Row and column of the output cell whose window is shown.
    flipped, whole_map, large : bool
        Kernel flipped (mathematical convolution); the whole map shown at once; everything larger, for a classroom.

    Raises
    ------
    TypeError
        For an argument that does not exist (the nearest one is named) or an array that does not hold numbers.
    ValueError
        For arrays whose shapes do not fit each other or the sizes given beside them, for values that are none of the choices, and for more
        numbers than can be read on one screen.

    Examples
    --------
    >>> explorer = SlidingWindow([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0], [0, -1]])
    >>> explorer.output
    array([[[-4., -4.],
            [-4., -4.]]])
    >>> explorer.padding = 1
    >>> explorer.output_size
    (4, 4)
    """

    def __init__(
        self, input="counting", weight="vertical_edge", bias=None, stride=1, padding=0, dilation=1, *, padding_mode="zeros",
        groups=1, input_size=None, kernel_size=None, in_channels=None, out_channels=None, position=(0, 0), flipped=False,
        whole_map=False, large=False, show=("kernel_size", "padding", "stride"), **unknown,
    ):  # fmt: skip
        refuse_unknown(
            "SlidingWindow",
            unknown,
            [name for name in inspect.signature(SlidingWindow).parameters if name != "unknown"],
        )
        show = [*SLIDERS, *CHOICES] if show == "all" else list(show)
        for name in show:
            if name not in SLIDERS and name not in CHOICES:
                raise ValueError(say("sliding_window.bad_show", given=name, names=", ".join([*SLIDERS, *CHOICES])))
        state = {
            "groups": _count("groups", groups),
            "flipped": bool(flipped),
            "whole_map": bool(whole_map),
            "large": bool(large),
        }
        state |= _input_state(input, input_size, in_channels)
        state |= _weight_state(weight, kernel_size, out_channels, state)
        state |= _bias_state(bias, state["out_channels"])
        state |= _padding_mode_state(padding_mode)
        state |= _sizes("stride", stride, 1) | _sizes("dilation", dilation, 1)
        sizes = [(state[f"{name}_h"], state[f"{name}_w"]) for name in ("kernel", "stride", "dilation")]
        state |= _sizes("padding", _plain_padding(padding, *sizes), 0)
        state["apart"] = any(state[f"{name}_h"] != state[f"{name}_w"] for name in PAIRS)
        state["position"] = _position(position)
        for name, given, own in [
            ("input_size", input_size, (state["input_h"], state["input_w"])),
            ("kernel_size", kernel_size, (state["kernel_h"], state["kernel_w"])),
            ("in_channels", in_channels, state["in_channels"]),
            ("out_channels", out_channels, state["out_channels"]),
        ]:
            _refuse_other_size(name, given, own)
        _refuse_too_many(state)
        view = SlidingWindowView(**state, shown=show, origin=state)
        sliders = [slider for name in show for slider in SLIDERS.get(name, ())]
        super().__init__(view, {name: LIMITS[name] for name in LIMITS if name in sliders}, sliders)

    @classmethod
    def from_layer(cls, layer, image, **options):
        """Show a `torch.nn.Conv2d` with its own weights.

        Parameters
        ----------
        layer : torch.nn.Conv2d
        image : array_like
            (C, H, W) or (1, C, H, W), C being the layer's ``in_channels``.
        **options
            As for `SlidingWindow`: ``show``, ``position``, ``whole_map``, ``large``, ``flipped``.

        Raises
        ------
        TypeError
            For a layer of another kind.
        ValueError
            For several images, or one with another number of channels than the layer takes.
        """
        if not _is_conv2d(layer):
            raise TypeError(say("sliding_window.bad_layer", given=type(layer).__name__))
        image = _array("image", image, (3, 4), "(C, H, W) / (1, C, H, W)")
        if image.ndim == 4 and len(image) > 1:
            raise ValueError(say("sliding_window.bad_batch", given=image.shape, count=len(image)))
        image = image[0] if image.ndim == 4 else image
        if len(image) != layer.in_channels:
            channels = len(image)
            raise ValueError(
                say("sliding_window.bad_image", wanted=layer.in_channels, given=image.shape, channels=channels)
            )
        return cls(
            image,
            layer.weight,
            layer.bias,
            layer.stride,
            layer.padding,
            layer.dilation,
            groups=layer.groups,
            padding_mode=layer.padding_mode,
            **options,
        )

    def set(self, **state):
        """Set several traits of the view at once; raises `ValueError` for more numbers than can be read on one screen."""
        _refuse_too_many({name: getattr(self.view, name) for name in self.view.keys} | state)
        super().set(**state)

    # --- The state, under PyTorch's names

    @property
    def input(self):
        """The input, shape (C, H, W)."""
        view = self.view
        size = (view.input_h, view.input_w)
        if view.input_preset == "custom":
            return np.stack([_fit(_at(view.input_values, c), size) for c in range(view.in_channels)])
        return np.stack([presets.picture(view.input_preset, size, c, view.seed) for c in range(view.in_channels)])

    @input.setter
    def input(self, input):
        self.set(**_input_state(input, (self.view.input_h, self.view.input_w), self.view.in_channels))

    @property
    def weight(self):
        """The filters, shape (O, C / groups, KH, KW), as they are before any flip."""
        view = self.view
        planes = max(1, view.in_channels // view.groups)
        return np.stack([np.stack([self._plane(o, c) for c in range(planes)]) for o in range(view.out_channels)])

    @weight.setter
    def weight(self, weight):
        state = {"in_channels": self.view.in_channels, "groups": self.view.groups}
        self.set(**_weight_state(weight, self._pair("kernel"), self.view.out_channels, state))
        self.view.apart = any(getattr(self.view, f"{name}_h") != self._pair(name)[1] for name in PAIRS)

    def _plane(self, o, c):
        view, size = self.view, self._pair("kernel")
        name = view.kernel_presets[o] if o < len(view.kernel_presets) else "custom"
        if name == "custom":
            return _fit(_at(_at(view.weight_values, o), c), size)
        return presets.kernel(name, size, view.seed + 31 * o + 7 * c)

    @property
    def bias(self):
        """The bias, shape (O,), or None where there is none."""
        if not self.view.use_bias:
            return None
        values = self.view.bias_values
        return np.array([values[o] if o < len(values) else 0 for o in range(self.view.out_channels)], float)

    @bias.setter
    def bias(self, bias):
        self.set(**_bias_state(bias, self.view.out_channels))

    @property
    def input_size(self):
        """(H, W) of the input."""
        return self.view.input_h, self.view.input_w

    @input_size.setter
    def input_size(self, size):
        self.set(**_sizes("input", size, 1))

    @property
    def in_channels(self):
        return self.view.in_channels

    @in_channels.setter
    def in_channels(self, count):
        self.set(in_channels=_count("in_channels", count))

    @property
    def out_channels(self):
        return self.view.out_channels

    @out_channels.setter
    def out_channels(self, count):
        self.set(out_channels=_count("out_channels", count))

    @property
    def groups(self):
        return self.view.groups

    @groups.setter
    def groups(self, count):
        self.set(groups=_count("groups", count))

    @property
    def padding_mode(self):
        return self.view.padding_mode

    @padding_mode.setter
    def padding_mode(self, mode):
        self.set(**_padding_mode_state(mode))

    @property
    def flipped(self):
        """Whether the kernel is flipped first: convolution as mathematics defines it."""
        return self.view.flipped

    @flipped.setter
    def flipped(self, flipped):
        self.set(flipped=bool(flipped))

    @property
    def whole_map(self):
        """Whether the feature maps are shown whole, not filled window by window."""
        return self.view.whole_map

    @whole_map.setter
    def whole_map(self, whole_map):
        self.set(whole_map=bool(whole_map))

    @property
    def filter(self):
        """The filter whose arithmetic is shown, counted from 0."""
        return min(self.view.filter, self.view.out_channels - 1)

    @filter.setter
    def filter(self, filter):
        self.set(**whole("filter", filter, (0, self.view.out_channels - 1)))

    @property
    def position(self):
        """(row, column) of the output cell whose window is shown."""
        return tuple(
            min(max(index, 0), size - 1) for index, size in zip(self.view.position, self.output_size, strict=True)
        )

    @position.setter
    def position(self, position):
        row, column = _position(position)
        height, width = self.output_size
        if not (0 <= row < height and 0 <= column < width):
            raise ValueError(say("sliding_window.bad_position", given=(row, column), height=height, width=width))
        self.set(position=[row, column])

    # --- What follows from it

    @property
    def output_size(self):
        """(OH, OW) of the feature maps. Raises `ValueError` where no window fits."""
        return output_size(self.input_size, *(self._pair(name) for name in ("kernel", "stride", "padding", "dilation")))

    @property
    def output(self):
        """The feature maps, shape (O, OH, OW), as `conv2d` computes them. Raises `ValueError` where no window fits."""
        return conv2d(
            self.padded_input,
            self._slid(),
            self.bias,
            stride=self._pair("stride"),
            dilation=self._pair("dilation"),
            groups=self.groups,
        )

    @property
    def padded_input(self):
        """The input with its padding, shape (C, H + 2P, W + 2P)."""
        return pad(self.input, self._pair("padding"), self.view.padding_mode)

    @property
    def window(self):
        """The values of the padded input that the window on screen reads, shape (C, KH, KW)."""
        rows, columns = window(self.position, self._pair("kernel"), self._pair("stride"), self._pair("dilation"))
        return self.padded_input[:, np.array(rows)[:, None], np.array(columns)]

    def _slid(self):
        return flip(self.weight) if self.view.flipped else self.weight

    def _pair(self, name):
        height = getattr(self.view, f"{name}_h")
        return height, getattr(self.view, f"{name}_w") if self.view.apart else height

    def _set_pair(self, name, value, lowest):
        if name == "padding":
            value = _plain_padding(value, *(self._pair(other) for other in ("kernel", "stride", "dilation")))
        state = _sizes(name, value, lowest)
        state["apart"] = self.view.apart or state[f"{name}_h"] != state[f"{name}_w"]
        if state["apart"] and not self.view.apart:
            for other in PAIRS:
                if other != name:
                    state[f"{other}_w"] = getattr(self.view, f"{other}_h")
        self.set(**state)

    def figure(self):
        """Return the frame on screen as a `matplotlib.figure.Figure`."""
        from lessonlib.figures import sliding_window

        return sliding_window(self)

    def save_gif(self, path, seconds_per_window=0.5):
        """Write the film of all windows as an animated GIF, with a progress bar.

        Parameters
        ----------
        path : str or path-like
        seconds_per_window : float

        Raises
        ------
        FileNotFoundError
            For a folder that does not exist.
        ValueError
            Where no window fits.
        """
        from lessonlib.figures import save_gif

        save_gif(self, path, seconds_per_window)

    def __repr__(self):
        view = self.view
        parts = [f"in_channels={view.in_channels}", f"out_channels={view.out_channels}"]
        for name, value in [("input_size", self.input_size), *((_TORCH[name], self._pair(name)) for name in PAIRS)]:
            parts.append(f"{name}={value[0] if value[0] == value[1] else value}")
        return f"SlidingWindow({', '.join(parts)})"


_TORCH = {"kernel": "kernel_size", "padding": "padding", "stride": "stride", "dilation": "dilation"}


def _pair_property(name, lowest):
    def read(self):
        height, width = self._pair(name)
        return height if height == width else (height, width)

    return property(
        read,
        lambda self, value: self._set_pair(name, value, lowest),
        doc=f"{_TORCH[name]}: an int, or (height, width).",
    )


for _name, _lowest in [("kernel", 1), ("padding", 0), ("stride", 1), ("dilation", 1)]:
    setattr(SlidingWindow, _TORCH[_name], _pair_property(_name, _lowest))


# --- From arguments to traits


def _is_conv2d(layer):
    torch = sys.modules.get("torch")  # whoever has a layer has loaded it
    return torch is not None and isinstance(layer, torch.nn.Conv2d)


def _position(position):
    pair = list(position) if np.iterable(position) else [position]
    if len(pair) != 2 or not all(map(is_whole, pair)):
        raise ValueError(say("sliding_window.bad_pair", given=repr(position)))
    return [int(index) for index in pair]


def _count(name, value):
    if not is_whole(value) or value < 1:
        raise ValueError(say("sliding_window.bad_count", name=name, given=repr(value)))
    return int(value)


def _sizes(name, value, lowest):
    pair = value if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2 or not all(is_whole(size) and size >= lowest for size in pair):
        raise ValueError(say("sliding_window.bad_size", name=name, lowest=lowest, given=repr(value)))
    return {f"{name}_h": int(pair[0]), f"{name}_w": int(pair[1])}


def _plain_padding(padding, kernel_size, stride, dilation):
    """Padding as numbers; "same" where it is the same on both sides, as a slider can show it."""
    if not isinstance(padding, str):
        return padding
    sides = resolve_padding(padding, kernel_size, stride, dilation)
    if any(before != after for before, after in sides):
        raise ValueError(say("sliding_window.uneven_padding", kernel=kernel_size))
    return tuple(before for before, _ in sides)


def _padding_mode_state(mode):
    if mode not in PADDING_MODES:
        raise ValueError(
            say("sliding_window.bad_choice", name="padding_mode", choices=", ".join(PADDING_MODES), given=repr(mode))
        )
    return {"padding_mode": mode}


def _refuse_too_many(state):
    """Raise `ValueError` where planes, kernels and maps, none larger than a plane, hold more than `MOST_NUMBERS`."""
    kernel, padding = (
        (state[f"{name}_h"], state[f"{name}_{'w' if state['apart'] else 'h'}"]) for name in ("kernel", "padding")
    )
    plane = (state["input_h"] + 2 * padding[0]) * (state["input_w"] + 2 * padding[1])
    count = (state["in_channels"] + state["out_channels"]) * plane + state["in_channels"] * kernel[0] * kernel[1]
    if count > MOST_NUMBERS:
        raise ValueError(say("sliding_window.too_many", count=f"{count:,}", most=f"{MOST_NUMBERS:,}"))


def _refuse_other_size(name, given, own):
    """Raise `ValueError` where a size given beside an array is not the array's."""
    size = tuple(given) if isinstance(given, list) else given
    if size is not None and own not in (size, (size, size)):
        raise ValueError(say("sliding_window.other_size", name=name, given=given, own=own))


def _array(name, values, axes, expected):
    """``values`` as an array of numbers with one of these counts of axes; also from a PyTorch tensor that has a gradient."""
    values = values.detach() if hasattr(values, "detach") else values
    try:
        array = np.asarray(values, float)
    except (TypeError, ValueError):
        raise TypeError(
            say("sliding_window.bad_array", name=name, expected=expected, given=repr(values)[:60])
        ) from None
    if array.ndim not in axes or 0 in array.shape or not np.isfinite(array).all():
        given = array.shape if np.isfinite(array).all() else "NaN / inf"
        raise ValueError(say("sliding_window.bad_array", name=name, expected=expected, given=given))
    return array


def _input_state(input, size, channels):
    if isinstance(input, str):
        if input not in presets.INPUTS:
            raise ValueError(
                say("sliding_window.bad_choice", name="input", choices=", ".join(presets.INPUTS), given=repr(input))
            )
        return _sizes("input", 5 if size is None else size, 1) | {
            "input_preset": input,
            "in_channels": _count("in_channels", 1 if channels is None else channels),
        }
    array = _array("input", input, (2, 3), "(H, W) / (C, H, W)")
    array = array[None] if array.ndim == 2 else array
    return {"input_preset": "custom", "input_values": array.tolist(), "in_channels": len(array)} | _sizes(
        "input", array.shape[1:], 1
    )


def _weight_state(weight, size, filters, state):
    if isinstance(weight, str):
        if weight not in presets.KERNELS:
            raise ValueError(
                say("sliding_window.bad_choice", name="weight", choices=", ".join(presets.KERNELS), given=repr(weight))
            )
        filters = _count("out_channels", 1 if filters is None else filters)
        return _sizes("kernel", 3 if size is None else size, 1) | {
            "kernel_presets": [weight, *_others(weight)],
            "out_channels": filters,
        }
    array = _array("weight", weight, (2, 4), "(KH, KW) / (O, C / groups, KH, KW)")
    array = array[None, None] if array.ndim == 2 else array
    if array.shape[1] * state["groups"] != state["in_channels"]:
        if array.shape[:2] != (1, 1) or state["in_channels"] % state["groups"]:
            raise ValueError(
                say(
                    "sliding_window.bad_channels",
                    planes=array.shape[1],
                    channels=state["in_channels"],
                    groups=state["groups"],
                )
            )
        array = np.repeat(array, state["in_channels"] // state["groups"], axis=1)
    return {
        "kernel_presets": ["custom"] * len(array) + _others("custom"),
        "weight_values": array.tolist(),
        "out_channels": len(array),
    } | _sizes("kernel", array.shape[2:], 1)


def _others(first):
    """Presets of the filters after the first: each another one, so that their maps differ."""
    return [name for name in ("horizontal_edge", "box_blur", "sharpen", "identity") if name != first][:3]


def _bias_state(bias, filters):
    if bias is None:
        return {"use_bias": False}
    array = _array("bias", bias, (0, 1), "(O,)")
    if array.ndim and len(array) != filters:
        raise ValueError(say("sliding_window.bad_array", name="bias", expected=f"({filters},)", given=array.shape))
    return {"use_bias": True, "bias_values": np.broadcast_to(array, (filters,)).tolist()}


def _fit(stored, size):
    """Cut or extend stored values to (H, W) from the top left corner, with zeros, as the view does."""
    return np.array([[_at(_at(stored, r), c, 0) for c in range(size[1])] for r in range(size[0])], float)


def _at(values, index, default=()):
    return values[index] if index < len(values) else default
