"""How many windows read each pixel: a map of counts, padding and all."""

import inspect

import numpy as np
import traitlets

from lessonlib import geometry
from lessonlib.kit.explorer import Explorer, View, read_view, refuse_unknown
from lessonlib.sentences import say

# Argument → (the trait without its _h and _w, lowest and highest number).
ARGUMENTS = {
    "input_size": ("input", (1, 12)),
    "kernel_size": ("kernel", (1, 7)),
    "padding": ("padding", (0, 4)),
    "stride": ("stride", (1, 4)),
    "dilation": ("dilation", (1, 3)),
}


class CoverageMapView(View):
    """The picture of a `CoverageMap`. Heights and widths are traits of their own, so that a slider can be joined to each."""

    area = "coverage_map"
    _esm = read_view(__file__, "js")
    _css = read_view(__file__, "css")

    input_h = traitlets.Int(6).tag(sync=True)
    input_w = traitlets.Int(6).tag(sync=True)
    kernel_h = traitlets.Int(3).tag(sync=True)
    kernel_w = traitlets.Int(3).tag(sync=True)
    padding_h = traitlets.Int(0).tag(sync=True)
    padding_w = traitlets.Int(0).tag(sync=True)
    stride_h = traitlets.Int(1).tag(sync=True)
    stride_w = traitlets.Int(1).tag(sync=True)
    dilation_h = traitlets.Int(1).tag(sync=True)
    dilation_w = traitlets.Int(1).tag(sync=True)
    apart = traitlets.Bool(False, help="Widths are set apart from heights; otherwise they follow them.").tag(sync=True)
    position = traitlets.List(traitlets.Int(), [0, 0], help="A pixel; below 0 or beyond the input: padding.").tag(
        sync=True
    )
    origin = traitlets.Dict(help="The state that `reset` goes back to.").tag(sync=True)


class CoverageMap(Explorer):
    """Count, for every pixel, the windows that read it.

    Parameters
    ----------
    input_size, kernel_size, padding, stride, dilation : int or (int, int)
        As `torch.nn.Conv2d` takes them; one pair among them, and height and width are set apart.
    position : (int, int)
        The pixel whose windows are shown: its row and column in the input. Below 0 or beyond the input lies the padding.
    large : bool
        Everything larger, for a classroom.

    Raises
    ------
    TypeError
        For an argument that does not exist, or a size that is no whole number.
    ValueError
        For a number out of range, or a position outside the padded input.

    Examples
    --------
    >>> explorer = CoverageMap(4, 3, position=(1, 1))
    >>> explorer.counts
    array([[1, 2, 2, 1],
           [2, 4, 4, 2],
           [2, 4, 4, 2],
           [1, 2, 2, 1]])
    >>> explorer.count, explorer.windows
    (4, ([0, 1], [0, 1]))
    >>> explorer.padding = 1
    >>> explorer.output_size, int(explorer.counts[0, 0])
    (4, 4)
    """

    def __init__(
        self, input_size=6, kernel_size=3, padding=0, stride=1, dilation=1, *, position=(0, 0), large=False, **unknown
    ):  # fmt: skip
        known = [name for name in inspect.signature(CoverageMap).parameters if name != "unknown"]
        refuse_unknown("CoverageMap", unknown, known)
        given = dict(zip(ARGUMENTS, (input_size, kernel_size, padding, stride, dilation), strict=True))
        state = {"apart": any(isinstance(value, (tuple, list)) for value in given.values()), "large": bool(large)}
        for name, value in given.items():
            state |= _sides(name, value)
        view = CoverageMapView(**state)
        super().__init__(view, {f"{trait}_{side}": ends for trait, ends in ARGUMENTS.values() for side in ("h", "w")})
        self.position = position
        view.origin = state | {"position": view.position}

    @property
    def position(self):
        """(row, column) of the pixel whose windows are shown, kept inside the padded input."""
        sizes, paddings = self._pair("input_size"), self._pair("padding")
        return tuple(
            min(max(at, -p), size + p - 1) for at, size, p in zip(self.view.position, sizes, paddings, strict=True)
        )

    @position.setter
    def position(self, position):
        position = geometry.pair(position, "position", -max(self._pair("padding")))
        sizes, paddings = self._pair("input_size"), self._pair("padding")
        if not all(-p <= at < size + p for at, size, p in zip(position, sizes, paddings, strict=True)):
            ends = {"height": sizes[0], "width": sizes[1], "padding": self.padding}
            raise ValueError(say("coverage_map.bad_position", given=position, **ends))
        self.set(position=list(position))

    @property
    def output_size(self):
        """The size of the feature map, an int or (OH, OW). Raises `ValueError` where no window fits."""
        return self._shown(geometry.output_size(*self._sizes()))

    @property
    def counts(self):
        """How many windows read each pixel, (H, W). Raises `ValueError` where no window fits."""
        return np.outer(*geometry.coverage(*self._sizes()))

    @property
    def padded_counts(self):
        """As `counts`, for the padded input, (H + 2P, W + 2P)."""
        return np.outer(*geometry.coverage(*self._sizes(), padded=True))

    @property
    def count(self):
        """How many windows read the pixel at `position`."""
        rows, columns = self.windows
        return len(rows) * len(columns)

    @property
    def windows(self):
        """(rows, columns) of the output cells whose windows read the pixel at `position`."""
        at = tuple(i + p for i, p in zip(self.position, self._pair("padding"), strict=True))
        return geometry.windows_reading(at, *self._sizes())

    @property
    def unread(self):
        """How many pixels no window reads."""
        return int((self.counts == 0).sum())

    def _pair(self, name):
        trait = ARGUMENTS[name][0]
        height = getattr(self.view, f"{trait}_h")
        return height, getattr(self.view, f"{trait}_w") if self.view.apart else height

    def _sizes(self):
        """In the order in which geometry takes them."""
        return [self._pair(name) for name in ("input_size", "kernel_size", "stride", "padding", "dilation")]

    def _shown(self, both):
        return both if self.view.apart else both[0]

    def figure(self):
        """Return the map of counts as a `matplotlib.figure.Figure`, the padding around it in its own shade."""
        from lessonlib.figures import INPUT, new_figure, numbers, outline

        (rows, columns), padding = self._pair("input_size"), self._pair("padding")
        height, width = rows + 2 * padding[0], columns + 2 * padding[1]
        figure = new_figure(0.45 * width + 0.6, 0.45 * height + 0.9)
        try:
            counts = self.padded_counts
        except ValueError:  # no window fits
            counts = np.full((height, width), np.nan)
        # The row's count times the column's count, as a table of products.
        ax = numbers(counts, INPUT, None, padding, figure.subplots())
        ax.set_title(self._title(), fontsize=11)
        if not np.isnan(counts).any():
            outline(ax, *(at + p for at, p in zip(self.position, padding, strict=True)), 1, 1)
        return figure

    def _title(self):
        letters = zip("KPSD", ("kernel_size", "padding", "stride", "dilation"), strict=True)
        return ", ".join(f"${letter}$ = {self._shown(self._pair(name))}" for letter, name in letters)

    def __repr__(self):
        sizes = ", ".join(f"{name}={self._shown(self._pair(name))}" for name in ARGUMENTS)
        return f"CoverageMap({sizes})"


def _property(name):
    def read(self):
        return self._shown(self._pair(name))

    def write(self, value):
        state = {}
        if isinstance(value, (tuple, list)) and not self.view.apart:
            # The widths have followed the heights so far.
            for other in ARGUMENTS:
                state |= _sides(other, self._pair(other))
            state["apart"] = True
        self.set(**state | _sides(name, value))

    return property(read, write)


for _name in ARGUMENTS:
    setattr(CoverageMap, _name, _property(_name))


def _sides(name, value):
    """The two traits of an argument, checked."""
    trait, (lowest, highest) = ARGUMENTS[name]
    both = geometry.pair(value, name, lowest)
    if max(both) > highest:
        raise ValueError(say("coverage_map.too_high", name=name, given=value, highest=highest))
    return {f"{trait}_h": both[0], f"{trait}_w": both[1]}
