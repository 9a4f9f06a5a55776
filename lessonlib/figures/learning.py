"""Figures of learning: curves, small pictures side by side, kernels with their numbers, a confusion matrix."""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from lessonlib.arrays import numbers_of, plain, short
from lessonlib.figures import (
    INPUT,
    KERNEL,
    OUTPUT,
    PADDING,
    SIGN_MAP,
    WINDOW,
    dictionary,
    draw_numbers,
    new_figure,
    number,
)
from lessonlib.geometry import count, flag
from lessonlib.sentences import say

_COLORS, _STYLES = (INPUT, WINDOW, OUTPUT, KERNEL), ("-", "--", "-.", ":")
_BRIGHTNESS = "gray"


def draw_curves(panels: Mapping[str, Mapping[str, ArrayLike]], xlabel: str = "epoch", together: int = 1) -> Figure:
    """Draw curves over the same steps, one panel for each quantity.

    Parameters
    ----------
    panels : dict
        Title of a panel → {name of a curve: its values, one for each step}.
    xlabel : str
    together : int
        So many neighbouring curves of a panel share a colour.

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    TypeError
        For something that is no dict of dicts of numbers.
    ValueError
        For values with another number of axes, or none.

    Examples
    --------
    >>> figure = draw_curves({"loss": {"a": [3, 2, 1], "b": [3, 1, 0]}})
    >>> [line.get_ydata().tolist() for line in figure.axes[0].lines]
    [[3.0, 2.0, 1.0], [3.0, 1.0, 0.0]]
    """
    dictionary(panels, "panels", "dict", '{"loss": {"a": [3, 2, 1]}}')
    for curves in panels.values():
        dictionary(curves, "panels", "lists", '{"loss": {"a": [3, 2, 1]}}')
    drawn = {
        title: {name: numbers_of(values, "panels", axes=1) for name, values in curves.items()}
        for title, curves in panels.items()
    }
    together = count(together, "together")
    figure = new_figure(5 * len(drawn), 3.2)
    for ax, (title, curves) in zip(figure.subplots(1, len(drawn), squeeze=False)[0], drawn.items(), strict=True):
        for i, (name, values) in enumerate(curves.items()):
            color = _COLORS[i // together % len(_COLORS)]
            style = _STYLES[(i if together == 1 else i % together) % len(_STYLES)]
            ax.plot(range(len(values)), values, style, color=color, lw=2, label=name)
        ax.set_title(title, fontsize=14)
        ax.set_xlabel(xlabel, fontsize=13)
        ax.tick_params(labelsize=12)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.grid(alpha=0.3)
        if len(curves) > 4:
            ax.legend(fontsize=11, loc="center left", bbox_to_anchor=(1, 0.5), handlelength=3)
        elif len(curves) > 1:
            ax.legend(fontsize=11)
    return figure


def draw_images(images: ArrayLike, titles: Iterable[Any] = (), columns: int = 8, signed: bool = False) -> Figure:
    """Draw small pictures side by side, all on one scale.

    Parameters
    ----------
    images : array_like, (N, H, W) or (N, 1, H, W)
    titles : sequence of str
        One for each picture; none, if it is empty.
    columns : int
        So many pictures in a row.
    signed : bool
        Violet is positive, red negative, white zero: for weights and for maps before an activation.

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    TypeError
        For something that is not an array of real numbers.
    ValueError
        If ``images`` has other axes, or there is another number of titles.

    Examples
    --------
    >>> len(draw_images(np.zeros((3, 8, 8)), ["0", "1", "2"]).axes)
    3
    """
    images, columns = numbers_of(images, "images"), count(columns, "columns")
    if images.ndim == 4 and images.shape[1] == 1:
        images = images[:, 0]
    if images.ndim != 3 or not images.size:
        raise ValueError(say("learning.bad_images", given=images.shape))
    titles = _titles(titles)
    if len(titles) not in (0, len(images)):
        raise ValueError(say("learning.bad_titles", titles=len(titles), images=len(images)))
    rows = ceil(len(images) / columns)
    figure = new_figure(1.5 * min(columns, len(images)), (1.8 if titles else 1.5) * rows)
    largest = np.abs(images).max() or 1
    low, high = (-largest, largest) if flag(signed, "signed") else (min(0, images.min()), largest)
    panels = figure.subplots(rows, min(columns, len(images)), squeeze=False).flat
    for i, ax in enumerate(panels):
        ax.axis("off")
        if i >= len(images):
            ax.remove()
            continue
        ax.imshow(images[i], cmap=SIGN_MAP if signed else _BRIGHTNESS, vmin=low, vmax=high)
        if titles:
            ax.set_title(titles[i], fontsize=13)
    return figure


def _titles(titles):
    """Titles as a list of texts: a learner's labels may be numbers, arrays or tensors."""
    titles = plain(titles, "titles")
    if isinstance(titles, (str, bytes)) or not np.iterable(titles):
        raise TypeError(say("learning.no_titles", given=short(titles)))
    return [str(title) for title in titles]


def draw_kernels(kernels: ArrayLike, titles: Iterable[Any] = ()) -> Figure:
    """Draw kernels side by side with their numbers, to one decimal, in the cells.

    Parameters
    ----------
    kernels : array_like, (N, K, K)
    titles : sequence of str

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    TypeError
        For something that is not an array of real numbers.
    ValueError
        If ``kernels`` has other axes, or there is another number of titles.

    Examples
    --------
    >>> [ax.get_title() for ax in draw_kernels([[[1, 2], [3, 4]]], ["0"]).axes]
    ['0']
    """
    kernels = numbers_of(kernels, "kernels")
    if kernels.ndim != 3 or not kernels.size:
        raise ValueError(say("learning.bad_images", given=kernels.shape))
    titles = _titles(titles)
    if len(titles) not in (0, len(kernels)):
        raise ValueError(say("learning.bad_titles", titles=len(titles), images=len(kernels)))
    figure = new_figure(0.75 * kernels.shape[2] * len(kernels), 0.75 * kernels.shape[1] + 0.4)
    for i, ax in enumerate(figure.subplots(1, len(kernels), squeeze=False)[0]):
        draw_numbers(kernels[i].round(1), KERNEL, titles[i] if titles else None, ax=ax)
    return figure


def draw_confusion(counts: ArrayLike, xlabel: str = "prediction", ylabel: str = "label") -> Figure:
    """Draw a confusion matrix: rows are what is true, columns what was predicted; mistakes stand out.

    Parameters
    ----------
    counts : array_like, (classes, classes)
    xlabel, ylabel : str

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    TypeError
        For something that is not an array of real numbers.
    ValueError
        If there are not as many rows as columns.

    Examples
    --------
    >>> figure = draw_confusion([[9, 1], [0, 10]])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['9', '1', '', '10']
    """
    counts = numbers_of(counts, "counts")
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or not counts.size:
        raise ValueError(say("learning.bad_confusion", given=counts.shape))
    if not counts.min() >= 0:
        raise ValueError(say("figures.bad_counts", lowest=counts.min()))
    size = len(counts)
    figure = new_figure(0.52 * size + 1, 0.52 * size + 1)
    ax = figure.subplots()
    ax.set(xlim=(-0.5, size - 0.5), ylim=(size - 0.5, -0.5), aspect="equal")
    wrong = counts * ~np.eye(size, dtype=bool)
    for r, c in np.ndindex(counts.shape):
        count = float(counts[r, c])
        shade = 0.15 if r == c else 0.75 * (count / max(1, wrong.max()))
        ax.fill([c - 0.5, c + 0.5, c + 0.5, c - 0.5], [r - 0.5, r - 0.5, r + 0.5, r + 0.5],
                color=OUTPUT if r == c else WINDOW, alpha=shade, lw=0)  # fmt: skip
        ax.text(c, r, number(count) if count else "", ha="center", va="center", fontsize=13)
    ax.set_xticks(range(size))
    ax.set_yticks(range(size))
    ax.set_xticks(np.arange(size + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(size + 1) - 0.5, minor=True)
    ax.grid(which="minor", color=PADDING, lw=0.5)
    ax.tick_params(which="minor", length=0)
    ax.tick_params(labelsize=13)
    ax.set_xlabel(xlabel, fontsize=13)
    ax.set_ylabel(ylabel, fontsize=13)
    return figure
