"""The four shapes of a convolution layer, drawn as blocks of sheets."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lessonlib.arrays import short
from lessonlib.figures import INPUT, KERNEL, OUTPUT, WINDOW, new_figure
from lessonlib.geometry import as_whole
from lessonlib.sentences import say

_SHEETS, _BLOCKS = 5, 2  # as many are drawn; of more blocks, the first ones, then dots
_STEP = 0.16  # from one sheet to the one behind it


def layer_shapes(input: Sequence[int], weight: Sequence[int], bias: Sequence[int], output: Sequence[int]) -> Figure:
    """Draw the shapes of a convolution layer side by side: input ⊛ weight + bias → output.

    The second axis is a pile of sheets, the first one stands side by side, and every length carries its letter.

    Parameters
    ----------
    input : tuple, (N, C, H, W)
    weight : tuple, (O, C, KH, KW)
    bias : tuple, (O,)
    output : tuple, (N, O, OH, OW)

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    TypeError
        For something that is no tuple of whole numbers from 1 up.
    ValueError
        For a shape with another number of axes.

    Examples
    --------
    >>> figure = layer_shapes((1, 5, 28, 28), (1, 5, 3, 3), (1,), (1, 1, 26, 26))
    >>> [ax.get_title() for ax in figure.axes]
    ['input (1, 5, 28, 28)', 'weight (1, 5, 3, 3)', 'bias (1,)', 'output (1, 1, 26, 26)']
    """
    parts = [
        ("input", input, ("N", "C", "H", "W"), INPUT),
        ("weight", weight, ("O", "C", "K", "K"), KERNEL),
        ("bias", bias, ("O",), WINDOW),
        ("output", output, ("N", "O", "$O_h$", "$O_w$"), OUTPUT),
    ]
    for name, shape, letters, _ in parts:
        if not isinstance(shape, (tuple, list)) or not all((as_whole(size) or 0) >= 1 for size in shape):
            raise TypeError(
                say("figures.bad_shape", name=name, given=short(shape), axes=f"({', '.join(letters)})".replace("$", ""))
            )
        if len(shape) != len(letters):
            axes = ", ".join(letter.replace("$", "") for letter in letters)
            raise ValueError(say("figures.bad_block", name=name, given=tuple(shape), axes=axes))
    drawn = [_measure(shape if len(shape) == 4 else (*shape, 1, 1, 1)) for _, shape, _, _ in parts]
    widths = [max(2.3, width + 1.4) for width, _ in drawn]
    figure = new_figure(sum(widths) * 1.02, max(height for _, height in drawn) + 1.6)
    panels = figure.subplots(1, 4, width_ratios=widths)
    for ax, wide, (name, shape, letters, color) in zip(panels, widths, parts, strict=True):
        ax.set_title(f"{name} {tuple(int(size) for size in shape)}", fontsize=14)
        _draw(ax, wide, max(height for _, height in drawn), shape, letters, color)
    return figure


def _side(size):
    """The length that a side of a sheet is drawn with: more for more, and small ones still seen."""
    return 0.45 + 1.35 * (min(int(size), 32) / 32) ** 0.7


def _measure(shape):
    """Width and height that a pile of blocks takes."""
    blocks, sheets, height, width = shape
    depth = _STEP * (min(sheets, _SHEETS) - 1)
    return (_side(width) + depth + 0.35) * min(blocks, _BLOCKS), _side(height) + depth


def _draw(ax, wide, tall, shape, letters, color):
    ax.axis("off")
    ax.set(xlim=(-0.75, wide - 0.75), ylim=(-0.75, tall + 0.55), aspect="equal")
    blocks, sheets, rows, columns = shape if len(shape) == 4 else (*shape, 1, 1, 1)
    height, width = _side(rows), _side(columns)
    shown = min(sheets, _SHEETS)
    depth = _STEP * (shown - 1)
    text = {"fontsize": 13, "ha": "center", "va": "center"}
    for block in range(min(blocks, _BLOCKS)):
        left = block * (width + depth + 0.35)
        for sheet in reversed(range(shown)):
            corner = (left + sheet * _STEP, sheet * _STEP)
            ax.add_patch(Rectangle(corner, width, height, facecolor="white", lw=0))
            ax.add_patch(
                Rectangle(corner, width, height, facecolor=color, alpha=0.18 + 0.22 * (sheet == 0), edgecolor=color)
            )
            ax.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=color, lw=1.4))
    right = (width + depth + 0.35) * min(blocks, _BLOCKS) - 0.35
    if blocks > _BLOCKS:
        ax.text(right + 0.12, height / 2 + depth, "⋯", **text | {"ha": "left"})
    ax.text(right / 2, height + depth + 0.3, f"{letters[0]} = {blocks}", **text)
    if len(shape) == 1:
        return
    ax.text(width / 2, -0.22, f"{letters[3]} = {columns}", **text)
    ax.text(-0.22, height / 2, f"{letters[2]} = {rows}", rotation=90, **text)
    ax.text(right - depth / 2 + 0.12, depth / 2 - 0.12, f"{letters[1]} = {sheets}", **text | {"ha": "left"})
