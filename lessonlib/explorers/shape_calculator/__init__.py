"""The shape formula with live numbers, and on a ruler what its floor drops."""

from dataclasses import KW_ONLY
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from lessonlib import geometry
from lessonlib.kit.arguments import Choice, Sides, Whole
from lessonlib.kit.explorer import Explorer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ASKS = {"padding": geometry.paddings_for, "stride": geometry.strides_for, "kernel_size": geometry.kernels_for}
MOST_CHANNELS = 4096


class ShapeCalculator(Explorer, beside=__file__):
    """Work out the output size term by term, see on a ruler what the floor drops, and ask backwards.

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

    input_size: Sides = Sides(13, 1, 300, "The size of the input.", trait="input", most=32)
    kernel_size: Sides = Sides(3, 1, 31, "As `torch.nn.Conv2d` takes it.", trait="kernel", most=11)
    _: KW_ONLY
    stride: Sides = Sides(1, 1, 16, "As `torch.nn.Conv2d` takes it.", most=8)
    padding: Sides = Sides(0, 0, 16, "Per side, as `torch.nn.Conv2d` takes it.", most=8)
    dilation: Sides = Sides(1, 1, 8, "As `torch.nn.Conv2d` takes it.", most=4)
    batch_size: Whole = Whole(1, 1, MOST_CHANNELS, "For the code line and the shapes.", slider=False)
    in_channels: Whole = Whole(3, 1, MOST_CHANNELS, "For the code line and the shapes.", slider=False)
    out_channels: Whole = Whole(8, 1, MOST_CHANNELS, "For the code line and the shapes.", slider=False)
    ask: Choice[str, str] = Choice(
        "padding",
        ASKS,
        "The question asked backwards: which padding keeps the size, which stride halves it, which kernel gives `wanted`.",
    )
    wanted: Whole = Whole(7, 1, 300, "The output that the question for the kernel wants.", slider=False)
    tables: ClassVar = {"asks": [*ASKS], "wanted": wanted.limits, "most": 16}

    @property
    def answers(self) -> list[int] | tuple[list[int], list[int]]:
        """All answers up to 16 to the question asked backwards: a list, or a pair of them where height and width are apart.

        Half of an odd size is no size, and has no answer.
        """
        return self._shown(tuple(self._answers(side) for side in (0, 1)))

    @property
    def output_size(self) -> int | tuple[int, int]:
        """The size of the feature map, an int or (OH, OW). Raises `ValueError` where no window fits."""
        return self._shown(geometry.output_size(*self.pairs.values()))

    @property
    def before_floor(self) -> Fraction | tuple[Fraction, Fraction]:
        """What the formula gives before its floor, a `Fraction` or two; below 1 where no window fits."""
        return self._shown(geometry.size_before_floor(*self.pairs.values()))

    @property
    def remainder(self) -> int | tuple[int, int]:
        """How many rows (and columns) lie beyond the last window. Raises `ValueError` where no window fits."""
        return self._shown(geometry.remainder(*self.pairs.values()))

    @property
    def unreached(self) -> list[int] | tuple[list[int], list[int]]:
        """Which rows (and columns) of the padded input no window reads. Raises `ValueError` where no window fits."""
        return self._shown(geometry.unreached(*self.pairs.values()))

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """The shape of the output, (N, O, OH, OW). Raises `ValueError` where no window fits."""
        return (self.view.batch_size, self.view.out_channels, *geometry.output_size(*self.pairs.values()))

    def _shown(self, both):
        return both if self.view.apart else both[0]

    def _answers(self, side):
        known = {name: pair[side] for name, pair in self.pairs.items()}
        known.pop(self.ask)
        size = known["input_size"]
        if self.ask == "stride" and size % 2:
            return []
        wanted = {"padding": size, "stride": size // 2, "kernel_size": self.wanted}[self.ask]
        return ASKS[self.ask](wanted, **known)

    def figure(self) -> "Figure":
        """Return the ruler, one an axis, as a `matplotlib.figure.Figure`: windows above, the padded input below."""
        from lessonlib.figures import new_figure

        sides = (0, 1) if self.view.apart else (0,)
        figure = new_figure(9, 2.4 * len(sides))
        for ax, side in zip(figure.subplots(len(sides), squeeze=False)[:, 0], sides, strict=True):
            _draw_ruler(ax, *(pair[side] for pair in self.pairs.values()))
            ax.set_ylabel(("$H$", "$W$")[side] if self.view.apart else "", rotation=0, fontsize=13)
        return figure

    def __repr__(self):
        sizes = ", ".join(f"{name}={getattr(self, name)}" for name in self.pairs)
        return f"ShapeCalculator({sizes})"


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
