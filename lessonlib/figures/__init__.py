"""Figures in matplotlib: the still pictures of lessons and explorers.

They speak notation only (I, K, P, S, O and numbers): words live in Markdown and in the views, where the browser has the fonts. None of
them touches pyplot or any global setting; those that draw into one panel take ``ax=None``.
"""

from io import BytesIO
from itertools import product
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lessonlib import geometry
from lessonlib.sentences import say

# The colours of kit/base.css (Okabe and Ito, safe for colour-blind eyes).
INPUT, KERNEL, OUTPUT, WINDOW, PADDING = "#0072b2", "#d98200", "#009e73", "#d55e00", "#8a8a8a"


class Picture(Figure):
    """A figure that a notebook shows as a picture, whether or not pyplot is loaded."""

    def _repr_png_(self):
        written = BytesIO()
        self.savefig(written, format="png", dpi=72, bbox_inches="tight")
        return written.getvalue()


def new_figure(width, height):
    """Return an empty figure of width × height inches that needs no pyplot."""
    figure = Picture(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def number(value):
    """Return a number as the views show it: whole numbers whole, others with at most three decimals."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return ("0" if text in ("-0", "") else text).replace("-", "−")


def numbers(values, color=INPUT, title=None, padding=(0, 0), ax=None, cell=0.55):
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
    """
    values = np.asarray(values, float)
    height, width = values.shape
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


def outline(ax, top, left, height, width):
    """Lay the outline of a window over the cells of an axes that `numbers` drew."""
    ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=WINDOW, lw=3))


def sliding_window(explorer, position=None):
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
    padded, weight, view = explorer.padded_input, explorer._slid(), explorer.view
    kernel_size, stride, padding, dilation = map(explorer._pair, ("kernel", "stride", "padding", "dilation"))
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
        numbers(plane, INPUT, f"$I_{{{c}}}$" if len(padded) > 1 else "$I$", padding, panels[c, 0], cell)
        if c in read:
            name = f"$K_{{{filter},{c - first}}}$" if weight.size > weight[0, 0].size else "$K$"
            numbers(weight[filter, c - first], KERNEL, name, ax=panels[c, 1], cell=cell)
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
        numbers(plane, OUTPUT, f"$O_{{{o}}}$" if len(maps) > 1 else "$O$", ax=panels[o, 2], cell=cell)
    _shade(panels[filter, 2], [at], facecolor=WINDOW, alpha=0.3)
    outline(panels[filter, 2], *at, 1, 1)
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


def save_gif(explorer, path, seconds_per_window=0.5):
    """Write all windows of a `SlidingWindow`, one after the other, as an animated GIF."""
    from PIL import Image
    from tqdm.auto import tqdm

    # Before the work, not after it.
    if not Path(path).parent.is_dir():
        raise FileNotFoundError(say("sliding_window.bad_folder", folder=Path(path).parent))
    if not seconds_per_window > 0:
        raise ValueError(say("sliding_window.bad_seconds", given=repr(seconds_per_window)))
    height, width = explorer.output_size
    frames = []
    for index in tqdm(range(height * width), desc=str(path)):
        figure = sliding_window(explorer, divmod(index, width))
        figure.set_dpi(100)
        figure.canvas.draw()
        frames.append(Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB").quantize(64))
    duration = int(1000 * seconds_per_window)
    frames[0].save(path, format="GIF", save_all=True, append_images=frames[1:], duration=duration, loop=0)


def filter_planes(weight):
    """Draw the filters of a layer plane by plane: a row for each filter, a column for each of its channels.

    Purple is positive, orange negative, the strength the same for all planes; the numbers stand in the cells.

    Parameters
    ----------
    weight : array_like, (O, C / groups, KH, KW)
        A layer's ``weight`` is fine too.

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    ValueError
        For a weight with another number of axes.

    Examples
    --------
    >>> figure = filter_planes(np.ones((5, 3, 3, 3)))
    >>> len(figure.axes), figure.axes[-1].get_title()
    (15, '$K_{4,2}$')
    """
    weight = np.asarray(weight.detach() if hasattr(weight, "detach") else weight, float)
    if weight.ndim != 4:
        raise ValueError(say("errors.weight_axes", shape=weight.shape, axes=weight.ndim))
    filters, channels, height, width = weight.shape
    figure = new_figure(0.75 * width * channels + 0.5, (0.62 * height + 0.4) * filters)
    largest = np.abs(weight).max() or 1.0
    for (o, c), ax in np.ndenumerate(figure.subplots(filters, channels, squeeze=False)):
        ax.imshow(weight[o, c], cmap="PuOr", vmin=-1.6 * largest, vmax=1.6 * largest)
        for (row, column), value in np.ndenumerate(weight[o, c]):
            ax.text(column, row, number(round(value, 2)), ha="center", va="center", fontsize=12, color="black")
        ax.set_title(f"$K_{{{o},{c}}}$", fontsize=13, pad=3)
        ax.set(xticks=[], yticks=[])
    return figure
