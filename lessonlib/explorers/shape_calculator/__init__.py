"""The shape formula with live numbers, and on a ruler what its floor drops."""

import inspect

import traitlets

from lessonlib import geometry
from lessonlib.kit.explorer import Explorer, View, read_view, refuse_unknown
from lessonlib.sentences import say

# Argument → (the trait without its _h and _w, lowest and highest number, highest that the slider starts with).
ARGUMENTS = {
    "input_size": ("input", (1, 300), 32),
    "kernel_size": ("kernel", (1, 31), 11),
    "stride": ("stride", (1, 16), 8),
    "padding": ("padding", (0, 16), 8),
    "dilation": ("dilation", (1, 8), 4),
}
ASKS = {"padding": geometry.paddings_for, "stride": geometry.strides_for, "kernel_size": geometry.kernels_for}
MOST_CHANNELS = 4096


class ShapeCalculatorView(View):
    """The picture of a `ShapeCalculator`. Heights and widths are traits of their own, so that a slider can be joined to each."""

    area = "shape_calculator"
    _esm = read_view(__file__, "js")
    _css = read_view(__file__, "css")

    input_h = traitlets.Int(13).tag(sync=True)
    input_w = traitlets.Int(13).tag(sync=True)
    kernel_h = traitlets.Int(3).tag(sync=True)
    kernel_w = traitlets.Int(3).tag(sync=True)
    stride_h = traitlets.Int(1).tag(sync=True)
    stride_w = traitlets.Int(1).tag(sync=True)
    padding_h = traitlets.Int(0).tag(sync=True)
    padding_w = traitlets.Int(0).tag(sync=True)
    dilation_h = traitlets.Int(1).tag(sync=True)
    dilation_w = traitlets.Int(1).tag(sync=True)
    apart = traitlets.Bool(False, help="Widths are set apart from heights; otherwise they follow them.").tag(sync=True)
    batch_size = traitlets.Int(1).tag(sync=True)
    in_channels = traitlets.Int(3).tag(sync=True)
    out_channels = traitlets.Int(8).tag(sync=True)
    ask = traitlets.Enum(tuple(ASKS), "padding", help="What the question the other way round asks for.").tag(sync=True)
    wanted = traitlets.Int(7, help="The output that the question for K wants.").tag(sync=True)
    origin = traitlets.Dict(help="The state that `reset` goes back to.").tag(sync=True)


class ShapeCalculator(Explorer):
    """Work out the output size term by term, see on a ruler what the floor drops, and ask backwards.

    Parameters
    ----------
    input_size, kernel_size, stride, padding, dilation : int or (int, int)
        As `torch.nn.Conv2d` takes them; one pair among them, and height and width are set apart.
    batch_size, in_channels, out_channels : int
        For the code line and the shapes; the output's height and width do not depend on them.
    ask : {"padding", "stride", "kernel_size"}
        The question asked backwards: which padding keeps the size, which stride halves it, which kernel gives ``wanted``.
    wanted : int
    large : bool
        Everything larger, for a classroom.

    Raises
    ------
    TypeError
        For an argument that does not exist, or a size that is no whole number.
    ValueError
        For a number out of range.

    Examples
    --------
    >>> explorer = ShapeCalculator(28, 3, stride=2, padding=1)
    >>> explorer.output_size, explorer.before_floor, explorer.remainder, explorer.unreached
    (14, Fraction(29, 2), 1, [29])
    >>> explorer.padding, explorer.kernel_size = (1, 0), 5
    >>> explorer.output_size
    (13, 12)
    >>> explorer.ask = "stride"
    >>> explorer.answers
    ([], [])
    """

    def __init__(
        self, input_size=13, kernel_size=3, stride=1, padding=0, dilation=1, *, batch_size=1, in_channels=3, out_channels=8,
        ask="padding", wanted=7, large=False, **unknown,
    ):  # fmt: skip
        known = [name for name in inspect.signature(ShapeCalculator).parameters if name != "unknown"]
        refuse_unknown("ShapeCalculator", unknown, known)
        given = dict(zip(ARGUMENTS, (input_size, kernel_size, stride, padding, dilation), strict=True))
        state = {"apart": any(isinstance(value, (tuple, list)) for value in given.values()), "large": bool(large)}
        for name, value in given.items():
            state |= _sides(name, value)
        for name, value in (("batch_size", batch_size), ("in_channels", in_channels), ("out_channels", out_channels)):
            state[name] = _within(name, geometry.count(value, name), (1, MOST_CHANNELS))
        state |= _ask(ask) | _wanted(wanted)
        view = ShapeCalculatorView(**state, origin=state)
        limits = {
            f"{trait}_{side}": (lowest, most) for trait, (lowest, _), most in ARGUMENTS.values() for side in ("h", "w")
        }
        super().__init__(view, limits)

    @property
    def ask(self):
        """What the question asked backwards asks for: "padding", "stride" or "kernel_size"."""
        return self.view.ask

    @ask.setter
    def ask(self, ask):
        self.set(**_ask(ask))

    @property
    def wanted(self):
        """The output that the question for the kernel wants."""
        return self.view.wanted

    @wanted.setter
    def wanted(self, wanted):
        self.set(**_wanted(wanted))

    @property
    def answers(self):
        """All answers up to 16 to the question asked backwards: a list, or a pair of them where height and width are apart.

        Half of an odd size is no size, and has no answer.
        """
        return self._shown(tuple(self._answers(side) for side in (0, 1)))

    @property
    def output_size(self):
        """The size of the feature map, an int or (OH, OW). Raises `ValueError` where no window fits."""
        return self._shown(geometry.output_size(*self._pairs()))

    @property
    def before_floor(self):
        """What the formula gives before its floor, a `Fraction` or two; below 1 where no window fits."""
        return self._shown(geometry.size_before_floor(*self._pairs()))

    @property
    def remainder(self):
        """How many rows (and columns) lie beyond the last window. Raises `ValueError` where no window fits."""
        return self._shown(geometry.remainder(*self._pairs()))

    @property
    def unreached(self):
        """Which rows (and columns) of the padded input no window reads. Raises `ValueError` where no window fits."""
        return self._shown(geometry.unreached(*self._pairs()))

    @property
    def shape(self):
        """The shape of the output, (N, O, OH, OW). Raises `ValueError` where no window fits."""
        return (self.view.batch_size, self.view.out_channels, *geometry.output_size(*self._pairs()))

    def _pair(self, name):
        trait = ARGUMENTS[name][0]
        height = getattr(self.view, f"{trait}_h")
        return height, getattr(self.view, f"{trait}_w") if self.view.apart else height

    def _pairs(self):
        return [self._pair(name) for name in ARGUMENTS]

    def _shown(self, both):
        return both if self.view.apart else both[0]

    def _answers(self, side):
        known = {name: self._pair(name)[side] for name in ARGUMENTS}
        known.pop(self.ask)
        size = known["input_size"]
        if self.ask == "stride" and size % 2:
            return []
        wanted = {"padding": size, "stride": size // 2, "kernel_size": self.wanted}[self.ask]
        return ASKS[self.ask](wanted, **known)

    def figure(self):
        """Return the ruler, one an axis, as a `matplotlib.figure.Figure`: windows above, the padded input below."""
        from lessonlib.figures import new_figure

        sides = (0, 1) if self.view.apart else (0,)
        figure = new_figure(9, 2.4 * len(sides))
        for ax, side in zip(figure.subplots(len(sides), squeeze=False)[:, 0], sides, strict=True):
            _draw_ruler(ax, *(pair[side] for pair in self._pairs()))
            ax.set_ylabel(("$H$", "$W$")[side] if self.view.apart else "", rotation=0, fontsize=13)
        return figure

    def __repr__(self):
        sizes = ", ".join(f"{name}={self._shown(self._pair(name))}" for name in ARGUMENTS)
        return f"ShapeCalculator({sizes})"


def _property(name):
    def read(self):
        return self._shown(self._pair(name))

    def write(self, value):
        apart = self.view.apart or isinstance(value, (tuple, list))
        others = {}
        if apart and not self.view.apart:
            # The widths have followed the heights so far.
            for other in ARGUMENTS:
                others |= _sides(other, self._pair(other))
        self.set(**others | _sides(name, value) | {"apart": apart})

    return property(read, write, doc=f"{name} as `torch.nn.Conv2d` takes it: an int, or a pair where they are apart.")


for _name in ARGUMENTS:
    setattr(ShapeCalculator, _name, _property(_name))


def _sides(name, value):
    """Return the two traits of an argument, checked."""
    trait, limits, _ = ARGUMENTS[name]
    height, width = geometry.pair(value, name, limits[0])
    return {f"{trait}_h": _within(name, height, limits), f"{trait}_w": _within(name, width, limits)}


def _within(name, value, limits):
    lowest, highest = limits
    if not lowest <= value <= highest:
        raise ValueError(say("shape_calculator.bad_size", name=name, lowest=lowest, highest=highest, given=value))
    return value


def _ask(ask):
    if not isinstance(ask, str) or ask not in ASKS:
        raise ValueError(say("shape_calculator.bad_ask", choices=", ".join(ASKS), given=repr(ask)))
    return {"ask": ask}


def _wanted(wanted):
    return {"wanted": _within("wanted", geometry.count(wanted, "wanted"), ARGUMENTS["input_size"][1])}


def _draw_ruler(ax, size, kernel, stride, padding, dilation):
    from matplotlib.patches import Rectangle

    from lessonlib.figures import INPUT, OUTPUT, PADDING, WINDOW, number

    sizes = (size, kernel, stride, padding, dilation)
    padded, span = size + 2 * padding, geometry.effective_kernel_size(kernel, dilation)
    value = geometry.size_before_floor(*sizes)
    try:
        output, missed = geometry.output_size(*sizes), geometry.unreached(*sizes)[0]
    except ValueError:
        output, missed = 0, []
    lanes = max(1, min(output, -(-span // stride)))
    for cell in range(padded):
        inside = padding <= cell < padding + size
        color = INPUT if inside else PADDING
        hatch = "////" if cell in missed else None
        ax.add_patch(Rectangle((cell, 0), 1, 1, facecolor=color, alpha=0.3, lw=0))
        ax.add_patch(Rectangle((cell, 0), 1, 1, fill=False, edgecolor=color, hatch=hatch, lw=0.8))
        if padded <= 40:
            ax.text(cell + 0.5, 0.5, cell, ha="center", va="center", fontsize=9)
    for at in range(output):
        low = 1.15 + 2.2 * (lanes - 1 - at % lanes) / lanes
        for tap in range(kernel):
            place = (at * stride + tap * dilation, low)
            ax.add_patch(Rectangle(place, 1, 1.9 / lanes, facecolor=WINDOW, alpha=0.35, lw=0))
        ax.add_patch(Rectangle((at * stride, low), span, 1.9 / lanes, fill=False, edgecolor=WINDOW, lw=1))
    # The denominator says how the value came about.
    result = rf"$O = \lfloor {number(float(value))} \rfloor = {output}$" if output else r"$D\,(K-1)+1 > I+2P$"
    ax.set_title(result, fontsize=13, color=OUTPUT if output else WINDOW)
    ax.set(xlim=(-0.1, max(padded, span) + 0.1), ylim=(-0.1, 3.5), xticks=[], yticks=[])
    for side in ax.spines.values():
        side.set_visible(False)
