"""Figures in matplotlib: the still pictures of lessons and explorers.

They speak notation only (I, K, P, S, O and numbers): words live in Markdown and in the views, where the browser has the fonts. None of
them touches pyplot or any global setting; those that draw into one panel take ``ax=None``.
"""

import warnings
from io import BytesIO
from itertools import product
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from numpy.typing import ArrayLike

from lessonlib import geometry
from lessonlib.arrays import numbers_of, short
from lessonlib.geometry import Size
from lessonlib.palette import ROLES, SIGN
from lessonlib.sentences import say

INPUT, KERNEL, OUTPUT, WINDOW, PADDING = ROLES.values()
SIGN_MAP = LinearSegmentedColormap.from_list("sign", list(SIGN.values()), N=257)
"""The colour map of numbers with a sign, for limits that lie as far below 0 as above it."""


class Picture(Figure):
    """A figure that a notebook shows as a picture, whether or not pyplot is loaded."""

    def draw(self, renderer):
        use_fonts(self)
        with warnings.catch_warnings():  # `use_fonts` has said which font is missing, once and not for each letter
            warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from font", UserWarning)
            super().draw(renderer)

    def _repr_png_(self):
        written = BytesIO()
        self.savefig(written, format="png", dpi=72, bbox_inches="tight")
        return written.getvalue()


# What is on learners' machines and has Hangul, by matplotlib's names.
KOREAN = (
    "NanumGothic", "NanumBarunGothic", "NanumSquare", "Noto Sans KR", "Noto Sans CJK KR", "Noto Sans CJK JP", "Malgun Gothic",
    "Apple SD Gothic Neo", "AppleGothic", "Pretendard", "UnDotum", "Baekmuk Dotum",
)  # fmt: skip


def use_fonts(figure: Figure) -> None:
    """Let every text of a figure use a font that has its characters, whatever `rcParams` say, which are left alone.

    matplotlib brings DejaVu Sans, which has minus signs and all of our notation. Hangul takes a Korean font; where there is none, a
    warning says which one to install.
    """
    texts = figure.findobj(Text)
    families = ["DejaVu Sans"]
    if any("\u1100" <= letter <= "\ud7ff" for text in texts for letter in text.get_text()):
        there = {font.name for font in fontManager.ttflist}
        found = [name for name in KOREAN if name in there]
        families += found[:1]
        if not found:
            warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)
            warnings.warn(say("figures.no_font"), stacklevel=2)
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):  # labels of ticks are made while drawing
            axis.set_tick_params(labelfontfamily=families)
    for text in texts:
        text.set_fontfamily(families)


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of width × height inches that needs no pyplot."""
    figure = Picture(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def dictionary(given: object, name: str, what: str, example: str) -> None:
    """Refuse what is no dict with entries, in the learner's language.

    Raises
    ------
    TypeError
        With an example of what is taken.
    """
    if not isinstance(given, dict) or not given:
        raise TypeError(say("figures.no_dict", name=name, what=what, given=short(given), example=example))


def number(value: float) -> str:
    """Return a number as the views show it: whole numbers whole, others with at most three decimals."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return ("0" if text in ("-0", "") else text).replace("-", "−")


def draw_numbers(
    values: ArrayLike,
    color: str = INPUT,
    title: str | None = None,
    padding: Size = (0, 0),
    ax: Axes | None = None,
    cell: float = 0.55,
) -> Axes:
    """Draw one plane with its numbers in the cells.

    Parameters
    ----------
    values : array_like, (H, W)
        NaN leaves a cell empty.
    padding : (int, int)
        How many rows and columns on each side are padding, drawn in its own shade.
    ax : matplotlib Axes, optional
    cell : float
        Side of a cell in inches; the numbers are made to fit.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        For something that is no plane of numbers.
    """
    values = numbers_of(values, "values", axes=2)
    height, width = values.shape
    padding = geometry.pair(padding, "padding", 0)
    if ax is None:
        ax = new_figure(cell * width + 0.3, cell * height + 0.6).subplots()
    ax.set(xlim=(-0.05, width + 0.05), ylim=(height + 0.05, -0.05), aspect="equal")
    ax.axis("off")
    if title:
        ax.set_title(title, fontsize=13)
    texts = [[("" if np.isnan(value) else number(value)) for value in row] for row in values]
    longest = max(2, *(len(text) for row in texts for text in row))
    size = min(14, 34 / longest, 96 * cell / longest, 48 * cell)
    for r, c in np.ndindex(values.shape):
        inside = padding[0] <= r < height - padding[0] and padding[1] <= c < width - padding[1]
        ax.add_patch(
            Rectangle((c, r), 1, 1, facecolor=color if inside else PADDING, alpha=0.15 if inside else 0.35, lw=0)
        )
        ax.add_patch(Rectangle((c, r), 1, 1, fill=False, edgecolor=color if inside else PADDING, lw=0.8))
        ax.text(c + 0.5, r + 0.5, texts[r][c], ha="center", va="center", fontsize=size)
    return ax


def outline(ax: Axes, top: float, left: float, height: float, width: float) -> None:
    """Lay the outline of a window over the cells of an axes that `numbers` drew."""
    ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=WINDOW, lw=3))


def sliding_window(explorer: Any, position: tuple[int, int] | None = None) -> Figure:
    """Return one frame of a `SlidingWindow` as a figure: padded input, kernels and maps side by side, the sum below.

    Parameters
    ----------
    explorer : SlidingWindow
    position : (int, int), optional
        Row and column of the output; the explorer's own, if it is not given.

    Notes
    -----
    Tinted: the cells that the window multiplies. Hatched: those that no window reads. The maps are filled up to that position, unless
    the explorer shows the whole map. Where no window fits, there is no map.
    """
    padded, weight, view = explorer.padded_input, explorer.slid, explorer.view
    kernel_size, stride, padding, dilation = (
        explorer.pairs[name] for name in ("kernel_size", "stride", "padding", "dilation")
    )
    filter = explorer.filter
    try:
        maps, at = explorer.output.copy(), explorer.position if position is None else position
    except ValueError:
        maps = []
    first = filter // max(1, view.out_channels // view.groups) * weight.shape[1]
    read = range(first, min(first + weight.shape[1], len(padded)))
    shapes = [padded.shape[1:], weight.shape[2:], maps[0].shape if len(maps) else (1, 1)]
    rows, tallest, widths = max(len(padded), len(maps)), max(h for h, _ in shapes), [w for _, w in shapes]
    cell = min(0.55, 11 / sum(widths), 14 / (rows * tallest))
    figure = new_figure(cell * sum(widths) + 1.5, (cell * tallest + 0.5) * rows + 0.4)
    panels = figure.subplots(rows, 3, width_ratios=widths, squeeze=False)
    for ax in panels.flat:
        ax.axis("off")
    for c, plane in enumerate(padded):
        draw_numbers(plane, INPUT, f"$I_{{{c}}}$" if len(padded) > 1 else "$I$", padding, panels[c, 0], cell)
        if c in read:
            name = f"$K_{{{filter},{c - first}}}$" if weight.size > weight[0, 0].size else "$K$"
            draw_numbers(weight[filter, c - first], KERNEL, name, ax=panels[c, 1], cell=cell)
    if not len(maps):
        return figure
    never = geometry.unreached(explorer.input_size, kernel_size, stride, padding, dilation)
    taps = geometry.window(at, kernel_size, stride, dilation)
    for c in range(len(padded)):
        cells = [(r, k) for r, k in np.ndindex(padded.shape[1:]) if r in never[0] or k in never[1]]
        _shade(panels[c, 0], cells, facecolor="none", edgecolor="black", hatch="////", alpha=0.5)
        if c in read:
            _shade(panels[c, 0], product(*taps), facecolor=WINDOW, alpha=0.3)
            outline(panels[c, 0], taps[0][0], taps[1][0], *geometry.effective_kernel_size(kernel_size, dilation))
    for o, plane in enumerate(maps):
        if not view.whole_map:
            plane.flat[at[0] * plane.shape[1] + at[1] + 1 :] = np.nan
        draw_numbers(plane, OUTPUT, f"$O_{{{o}}}$" if len(maps) > 1 else "$O$", ax=panels[o, 2], cell=cell)
    _shade(panels[filter, 2], [at], facecolor=WINDOW, alpha=0.3)
    outline(panels[filter, 2], at[0], at[1], 1, 1)
    planes = padded[read][:, np.array(taps[0])[:, None], taps[1]] * weight[filter]
    terms = [*planes.sum((1, 2)), *([] if explorer.bias is None else [explorer.bias[filter]])]
    figure.supxlabel(f"{panels[filter, 2].get_title()}$[{at[0]}, {at[1]}]$ {_sum(terms)}", fontsize=13)
    return figure


def _shade(ax, cells, **look):
    for row, column in cells:
        ax.add_patch(Rectangle((column, row), 1, 1, lw=0, **look))


def _sum(terms):
    """Return "= 31 + (−8) + 1 = 24", with "≈" where a number is rounded."""
    signs = [
        "=" if all(abs(1000 * term - round(1000 * term)) < 1e-6 for term in part) else "≈"
        for part in (terms, [*terms, sum(terms)])
    ]
    texts = [f"({number(term)})" if term < 0 and i else number(term) for i, term in enumerate(terms)]
    left = f"{signs[0]} {' + '.join(texts)} " if len(terms) > 1 else ""
    return f"{left}{signs[1]} {number(sum(terms))}"


def save_gif(explorer: Any, path: str | PathLike[str], seconds_per_window: float = 0.5) -> None:
    """Write all windows of a `SlidingWindow`, one after the other, as an animated GIF.

    Parameters
    ----------
    explorer : SlidingWindow
    path : str or path
        A file in a folder that is there.
    seconds_per_window : float
        From 0.01 to 655.35, as GIF counts hundredths of a second in 16 bits.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        For a folder that is not there, or a folder instead of a file.
    ValueError
        For a time that a GIF cannot hold.
    """
    from PIL import Image

    # Before the work, not after it.
    if not Path(path).parent.is_dir():
        raise FileNotFoundError(say("sliding_window.bad_folder", folder=Path(path).parent))
    if Path(path).is_dir():
        raise IsADirectoryError(say("sliding_window.no_file", folder=Path(path)))
    hundredths = 100 * seconds_per_window if isinstance(seconds_per_window, Real) else -1
    if isinstance(seconds_per_window, bool) or not 0.999 < hundredths < 65536:
        raise ValueError(say("sliding_window.bad_seconds", given=repr(seconds_per_window)))
    height, width = explorer.output_size
    frames = []
    for index in range(height * width):
        figure = sliding_window(explorer, divmod(index, width))
        figure.set_dpi(100)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        frames.append(Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB").quantize(64))
    duration = 10 * int(hundredths + 1e-6)
    frames[0].save(path, format="GIF", save_all=True, append_images=frames[1:], duration=duration, loop=0)


def filter_planes(weight: ArrayLike) -> Figure:
    """Draw the filters of a layer plane by plane: a row for each filter, a column for each of its channels.

    Violet is positive, red negative, white zero, the strength the same for all planes; the numbers stand in the cells.

    Parameters
    ----------
    weight : array_like, (O, C / groups, KH, KW)
        A layer's ``weight`` is fine too.

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    TypeError
        For something that is not an array of real numbers.
    ValueError
        For a weight with another number of axes.

    Examples
    --------
    >>> figure = filter_planes(np.ones((5, 3, 3, 3)))
    >>> len(figure.axes), figure.axes[-1].get_title()
    (15, '$K_{4,2}$')
    """
    weight = numbers_of(weight, "weight")
    if weight.ndim != 4 or not weight.size:
        raise ValueError(say("errors.weight_axes", shape=weight.shape, axes=weight.ndim))
    filters, channels, height, width = weight.shape
    figure = new_figure(0.75 * width * channels + 0.5, (0.62 * height + 0.4) * filters)
    largest = np.abs(weight).max() or 1.0
    for (o, c), ax in np.ndenumerate(figure.subplots(filters, channels, squeeze=False)):
        ax.imshow(weight[o, c], cmap=SIGN_MAP, vmin=-1.6 * largest, vmax=1.6 * largest)
        for (row, column), value in np.ndenumerate(weight[o, c]):
            ax.text(column, row, number(round(value, 2)), ha="center", va="center", fontsize=12, color="black")
        ax.set_title(f"$K_{{{o},{c}}}$", fontsize=13, pad=3)
        ax.set(xticks=[], yticks=[])
    return figure
