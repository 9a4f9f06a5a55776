"""The explorer that the course is known by: a window slides over numbers, and its arithmetic is written out."""

import sys
from collections.abc import Iterable
from dataclasses import KW_ONLY
from os import PathLike
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from lessonlib import presets
from lessonlib.arrays import numbers_of
from lessonlib.geometry import Padding as PaddingLike
from lessonlib.geometry import output_size, resolve_padding, window
from lessonlib.kit import explorer as kit
from lessonlib.kit.arguments import (
    Argument,
    Choice,
    Flag,
    Index,
    PlaneSize,
    Position,
    Sides,
    Whole,
    chosen,
    fitted,
    pair_of_whole,
)
from lessonlib.layers.conv import PADDING_MODES, conv2d, flip, pad
from lessonlib.sentences import say

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from torch.nn import Conv2d

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
MOST = 4000
"""How many numbers planes, kernels and maps may hold: more cannot be read, and take a page seconds to draw."""
FILTER, SIZES = 1, 2  # ranks: filters come after channels and groups, sizes after the filters that may bring their own


class Input(Argument[NDArray[np.float64], ArrayLike]):
    """What the window slides over, shape (C, H, W)."""

    kind = "array_like or str, optional"

    def traits(self):
        values = traitlets.List(help="(C, H, W), for the preset 'custom'")
        return {"input_preset": traitlets.Unicode("counting").tag(sync=True), "input_values": values.tag(sync=True)}

    def state(self, value, explorer, so_far):
        if isinstance(value, str):
            return {"input_preset": chosen("input", value, presets.INPUTS)}
        array = _array("input", value, (2, 3), "(H, W) / (C, H, W)")
        array = array[None] if array.ndim == 2 else array
        channels, height, width = array.shape
        return {
            "input_preset": "custom", "input_values": array.tolist(), "in_channels": channels, "input_h": height, "input_w": width,
        }  # fmt: skip

    def read(self, explorer):
        view, size = explorer.view, explorer.input_size
        if view.input_preset == "custom":
            return np.stack([fitted(_at(view.input_values, c), size) for c in range(view.in_channels)])
        return np.stack([presets.picture(view.input_preset, size, c, view.seed) for c in range(view.in_channels)])


class Filters(Argument[NDArray[np.float64], ArrayLike]):
    """The filters, shape (O, C / groups, KH, KW), as they are before any flip."""

    kind = "array_like or str, optional"
    rank = FILTER

    def traits(self):
        names = traitlets.List(traitlets.Unicode(), help="One a filter; 'custom': weight_values holds it.")
        values = traitlets.List(help="(O, C / groups, KH, KW), for filters whose preset is 'custom'")
        return {"kernel_presets": names.tag(sync=True), "weight_values": values.tag(sync=True)}

    def state(self, value, explorer, so_far):
        if isinstance(value, str):
            return {"kernel_presets": [chosen("weight", value, presets.KERNELS), *_others(value)]}
        array = _array("weight", value, (2, 4), "(KH, KW) / (O, C / groups, KH, KW)")
        array = array[None, None] if array.ndim == 2 else array
        channels, groups = (_settled(name, explorer, so_far) for name in ("in_channels", "groups"))
        if array.shape[1] * groups != channels:
            if array.shape[:2] != (1, 1) or channels % groups:
                given = {"planes": array.shape[1], "channels": channels, "groups": groups}
                raise ValueError(say("sliding_window.bad_channels", **given))
            array = np.repeat(array, channels // groups, axis=1)
        sides = WindowSides.of("kernel_size", array.shape[2:], explorer, so_far)
        names = ["custom"] * len(array) + _others("custom")
        return {"kernel_presets": names, "weight_values": array.tolist(), "out_channels": len(array), **sides}

    def read(self, explorer):
        view = explorer.view
        planes = max(1, view.in_channels // view.groups)
        return np.stack([np.stack([_plane(explorer, o, c) for c in range(planes)]) for o in range(view.out_channels)])


class Bias(Argument[NDArray[np.float64] | None, ArrayLike | None]):
    """One number a filter, shape (O,), or None where there is none."""

    kind = "float or array_like, optional"
    rank = SIZES + 1

    def traits(self):
        return {"use_bias": traitlets.Bool(False).tag(sync=True), "bias_values": traitlets.List().tag(sync=True)}

    def state(self, value, explorer, so_far):
        if value is None:
            return {"use_bias": False}
        array, filters = _array("bias", value, (0, 1), "(O,)"), _settled("out_channels", explorer, so_far)
        if array.ndim and len(array) != filters:
            raise ValueError(say("sliding_window.bad_array", name="bias", expected=f"({filters},)", given=array.shape))
        return {"use_bias": True, "bias_values": np.broadcast_to(array, (filters,)).tolist()}

    def read(self, explorer):
        if not explorer.view.use_bias:
            return None
        values = explorer.view.bias_values
        return np.array([values[o] if o < len(values) else 0 for o in range(explorer.view.out_channels)], float)


class WindowSides(Sides):
    """A size whose width goes its own way only where it differs from the height."""

    def sliders(self, state):
        return dict.fromkeys(self.sides, (self.limits[0], self._most))

    def state(self, value, explorer, so_far):
        if value is None:
            return {} if self.sides[0] in so_far else dict.fromkeys(self.sides, self.default)
        both = pair_of_whole(self.name, value, self.limits[0])
        own = tuple(so_far.get(side, size) for side, size in zip(self.sides, both, strict=True))
        if self.optional and both != own:
            raise ValueError(say("kit.other_size", name=self.name, given=value, own=own))
        return self.of(self.name, both, explorer, so_far)

    @staticmethod
    def of(name, both, explorer, so_far):
        """Return the state of a size that is checked; also of the kernel that an array brings."""
        one = explorer.arguments[name]
        state = dict(zip(one.sides, map(int, both), strict=True))
        differ = both[0] != both[1]
        if explorer.view is None:
            return state | {"apart": so_far.get("apart", False) or differ}
        return state | (one.set_apart(explorer, so_far) if differ else {})

    def read(self, explorer):
        height, width = self.pair(explorer)
        return height if height == width else (height, width)


class Padding(WindowSides):
    """Padding in numbers; a word is turned into them."""

    kind = 'int, (int, int), "same" or "valid"'
    rank = SIZES + 1

    def __set__(self, explorer: Any, value: PaddingLike) -> None:
        super().__set__(explorer, value)  # type: ignore[arg-type]  # a word too

    def state(self, value, explorer, so_far):
        if isinstance(value, str):
            sides = [explorer.arguments[name].sides for name in ("kernel_size", "stride", "dilation")]
            sizes = [tuple(_settled(side, explorer, so_far) for side in both) for both in sides]
            ends = resolve_padding(value, *sizes)
            if any(before != after for before, after in ends):
                raise ValueError(say("sliding_window.uneven_padding", kernel=sizes[0]))
            value = tuple(before for before, _ in ends)
        return super().state(value, explorer, so_far)


class Show(Argument[tuple[str, ...], str | Iterable[str]]):
    """Which controls are shown."""

    kind = 'sequence of str or "all"'
    fixed = True

    def traits(self):
        return {"shown": traitlets.List(traitlets.Unicode()).tag(sync=True, fixed=True)}

    def state(self, value, explorer, so_far):
        names = [*SLIDERS, *CHOICES]
        show = names if value == "all" else list(value)
        for name in show:
            if name not in names:
                raise ValueError(say("sliding_window.bad_show", given=name, names=", ".join(names)))
        return {"shown": show}

    def read(self, explorer):
        return tuple(explorer.view.shown)


class SlidingWindow(kit.Explorer, beside=__file__):
    """Slide a kernel over an input and read the arithmetic of every window.

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

    input: Input = Input(
        "counting",
        """(H, W) or (C, H, W), or the name of a preset:
"counting", "step_edge", "corner", "cross", "checkerboard", "digit", "random".""",
    )
    weight: Filters = Filters(
        "vertical_edge",
        """(KH, KW), or (O, C / groups, KH, KW) for several channels or filters; or the name of a preset kernel:
"identity", "box_blur", "gaussian_blur", "vertical_edge", "horizontal_edge", "sharpen", "emboss", "ones", "random".""",
    )
    _: KW_ONLY
    bias: Bias = Bias(None, "One number, or (O,). Without it there is no bias.")
    stride: WindowSides = WindowSides(1, 1, MOST, "As `torch.nn.Conv2d` takes it.", most=4)
    padding: Padding = Padding(0, 0, MOST, "Per side, as PyTorch counts it.", most=4)
    dilation: WindowSides = WindowSides(1, 1, MOST, "As `torch.nn.Conv2d` takes it.", most=3)
    padding_mode: Choice[str, str] = Choice("zeros", PADDING_MODES, "What the padding holds.")
    groups: Whole = Whole(1, 1, MOST, "As `torch.nn.Conv2d` takes it.", slider=(1, 4))
    input_size: PlaneSize = PlaneSize(5, 1, MOST, "For a preset; an array brings its own.", slider=(1, 12))
    kernel_size: WindowSides = WindowSides(
        3, 1, MOST, "For a preset; an array brings its own.", trait="kernel", most=7, optional=True, rank=SIZES
    )
    in_channels: Whole = Whole(1, 1, MOST, "For a preset; an array brings its own.", slider=(1, 4), optional=True)
    out_channels: Whole = Whole(
        1, 1, MOST, "For a preset; an array brings its own.", slider=(1, 4), optional=True, rank=SIZES
    )
    position: Position = Position("Row and column of the output cell whose window is shown.", default=(0, 0))
    filter: Index = Index(0, "The filter whose arithmetic is shown, counted from 0.", of="out_channels")
    flipped: Flag = Flag(False, "Whether the kernel is flipped first: convolution as mathematics defines it.")
    whole_map: Flag = Flag(False, "Whether the feature maps are shown whole, not filled window by window.")
    show: Show = Show(
        ("kernel_size", "padding", "stride"),
        """Which controls are shown: "input_size", "kernel_size", "padding", "stride", "dilation", "in_channels",
"out_channels", "groups", "input", "kernel", "padding_mode", "bias", "apart", "flipped", "whole_map", "large", "reset".""",
    )
    tables: ClassVar = {"choices": CHOICES}

    class View(kit.View):
        """What no argument stands for."""

        seed = traitlets.Int(0).tag(sync=True)
        speed = traitlets.Float(2).tag(sync=True)

    def _shown_sliders(self, state):
        return [slider for name in state["shown"] for slider in SLIDERS.get(name, ())]

    def _completed(self, state):
        _refuse_too_many(state)
        return state

    def _show(self, state):
        _refuse_too_many(self.view.state() | state)
        super()._show(state)

    @classmethod
    def from_layer(cls, layer: "Conv2d", image: ArrayLike, **options: Any) -> Self:
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
            bias=layer.bias,
            stride=layer.stride,
            padding=layer.padding,  # type: ignore[arg-type]  # PyTorch says str
            dilation=layer.dilation,
            groups=layer.groups,
            padding_mode=layer.padding_mode,
            **options,
        )

    # --- What follows from it

    @property
    def output_size(self) -> tuple[int, int]:
        """(OH, OW) of the feature maps. Raises `ValueError` where no window fits."""
        return output_size(
            self.input_size, *(self.pairs[name] for name in ("kernel_size", "stride", "padding", "dilation"))
        )

    @property
    def output(self) -> NDArray[np.floating]:
        """The feature maps, shape (O, OH, OW), as `conv2d` computes them. Raises `ValueError` where no window fits."""
        return conv2d(
            self.padded_input,
            self.slid,
            self.bias,
            stride=self.pairs["stride"],
            dilation=self.pairs["dilation"],
            groups=self.groups,
        )

    @property
    def padded_input(self) -> NDArray[np.floating]:
        """The input with its padding, shape (C, H + 2P, W + 2P)."""
        return pad(self.input, self.pairs["padding"], self.view.padding_mode)

    @property
    def window(self) -> NDArray[np.floating]:
        """The values of the padded input that the window on screen reads, shape (C, KH, KW)."""
        rows, columns = window(self.position, self.pairs["kernel_size"], self.pairs["stride"], self.pairs["dilation"])
        return self.padded_input[:, np.array(rows)[:, None], np.array(columns)]

    @property
    def slid(self) -> NDArray[np.floating]:
        """The filters as they slide, (O, C / groups, KH, KW): flipped, where that is asked for."""
        return flip(self.weight) if self.view.flipped else self.weight

    def figure(self) -> "Figure":
        """Return the frame on screen as a `matplotlib.figure.Figure`."""
        from lessonlib.figures import sliding_window

        return sliding_window(self)

    def save_gif(self, path: str | PathLike[str], seconds_per_window: float = 0.5) -> None:
        """Write the film of all windows as an animated GIF.

        Parameters
        ----------
        path : str or path-like
        seconds_per_window : float

        Raises
        ------
        FileNotFoundError, IsADirectoryError
            For a folder that does not exist, or a folder instead of a file.
        ValueError
            Where no window fits, and for a time that is not from 0.01 to 655.35.
        """
        from lessonlib.figures import save_gif

        save_gif(self, path, seconds_per_window)

    def __repr__(self):
        view = self.view
        parts = [f"in_channels={view.in_channels}", f"out_channels={view.out_channels}"]
        sizes = {name: self.pairs[name] for name in ("kernel_size", "padding", "stride", "dilation")}
        for name, (height, width) in {"input_size": self.input_size, **sizes}.items():
            parts.append(f"{name}={height if height == width else (height, width)}")
        return f"SlidingWindow({', '.join(parts)})"


# --- From arguments to traits


def _is_conv2d(layer):
    torch = sys.modules.get("torch")  # whoever has a layer has loaded it
    return torch is not None and isinstance(layer, torch.nn.Conv2d)


def _array(name, values, axes, expected):
    """``values`` as an array of numbers with one of these counts of axes; also from a PyTorch tensor that has a gradient."""
    try:
        array = numbers_of(values, name)
    except TypeError:
        raise TypeError(
            say("sliding_window.bad_array", name=name, expected=expected, given=repr(values)[:60])
        ) from None
    if array.ndim not in axes or 0 in array.shape or not np.isfinite(array).all():
        given = array.shape if np.isfinite(array).all() else "NaN / inf"
        raise ValueError(say("sliding_window.bad_array", name=name, expected=expected, given=given))
    return array


def _refuse_too_many(state):
    """Raise `ValueError` where planes, kernels and maps, none larger than a plane, hold more than `MOST`."""
    kernel, padding = (
        (state[f"{name}_h"], state[f"{name}_{'w' if state['apart'] else 'h'}"]) for name in ("kernel", "padding")
    )
    plane = (state["input_h"] + 2 * padding[0]) * (state["input_w"] + 2 * padding[1])
    count = (state["in_channels"] + state["out_channels"]) * plane + state["in_channels"] * kernel[0] * kernel[1]
    if count > MOST:
        raise ValueError(say("sliding_window.too_many", count=f"{count:,}", most=f"{MOST:,}"))


def _others(first):
    """Presets of the filters after the first: each another one, so that their maps differ."""
    return [name for name in ("horizontal_edge", "box_blur", "sharpen", "identity") if name != first][:3]


def _settled(name, explorer, so_far):
    """What a trait is by now: as this very call settles it, or as the view has it."""
    return so_far[name] if name in so_far or explorer.view is None else getattr(explorer.view, name)


def _plane(explorer, o, c):
    view, size = explorer.view, explorer.pairs["kernel_size"]
    name = view.kernel_presets[o] if o < len(view.kernel_presets) else "custom"
    if name == "custom":
        return fitted(_at(_at(view.weight_values, o), c), size)
    return presets.kernel(name, size, view.seed + 31 * o + 7 * c)


def _at(values, index, default=()):
    return values[index] if index < len(values) else default
