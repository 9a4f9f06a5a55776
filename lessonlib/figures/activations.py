"""Figures of activation functions: their curves, and what they leave of a feature map."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lessonlib.arrays import numbers_of
from lessonlib.figures import INPUT, KERNEL, OUTPUT, WINDOW, dictionary, new_figure
from lessonlib.geometry import flag
from lessonlib.sentences import say

# A colour and a dash for each, so that neither is needed to tell the curves apart.
_STYLES = ((INPUT, "-"), (WINDOW, "--"), (OUTPUT, "-."), (KERNEL, ":"))


def draw_activations(
    functions: Mapping[str, Callable[[Any], Any]], slopes: bool = False, low: float = -6, high: float = 6
) -> Figure:
    """Draw activation functions over one axis, each in a panel of its own.

    Parameters
    ----------
    functions : dict of callable
        Name → function of an array.
    slopes : bool
        Draw their slopes instead, taken from differences.
    low, high : float
        The range of z.

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    TypeError
        For something that is no dict of functions, and for ends that are no numbers.
    ValueError
        For a function that fails or gives another shape, and for a range that is empty.

    Examples
    --------
    >>> figure = draw_activations({"ReLU": lambda z: np.maximum(z, 0)})
    >>> [float(value) for value in figure.axes[0].lines[-1].get_ydata()[[0, -1]]]
    [0.0, 6.0]
    """
    dictionary(functions, "functions", "functions", '{"ReLU": lambda z: np.maximum(z, 0)}')
    (low, high), slopes = _range(low, high), flag(slopes, "slopes")
    z = np.linspace(low, high, 241)
    heights = {name: _values(name, function, z) for name, function in functions.items()}
    figure = new_figure(3.4 * len(functions), 3.6)
    panels = figure.subplots(1, len(functions), squeeze=False)[0]
    for i, (ax, (name, values)) in enumerate(zip(panels, heights.items(), strict=True)):
        color, dash = _STYLES[i % len(_STYLES)]
        ax.axhline(0, color="#888", lw=0.8)
        ax.axvline(0, color="#888", lw=0.8)
        ax.plot(z, np.gradient(values, z) if slopes else values, color=color, ls=dash, lw=3)
        ax.set_ylim((-0.3, 1.3) if slopes else (-1.6, 3.2))
        ax.set_title(str(name) + ("′" if slopes else ""), fontsize=18)
        ax.set_xlabel("z", fontsize=14)
        ax.tick_params(labelsize=13)
        ax.grid(alpha=0.3)
    return figure


def _values(name, function, z):
    """What a function makes of z; PyTorch's functions get a tensor."""
    try:
        try:
            made = function(z)
        except TypeError:
            if "torch" not in sys.modules:
                raise
            made = function(sys.modules["torch"].from_numpy(z))
        made = numbers_of(made, "values")
        if made.shape != z.shape:
            raise ValueError(str(made.shape))
    except Exception as error:
        raise ValueError(
            say("figures.function_failed", name=name, problem=str(error) or type(error).__name__)
        ) from error
    return made


def _range(low, high):
    try:
        low, high = float(numbers_of(low, "low", axes=0)), float(numbers_of(high, "high", axes=0))
    except (TypeError, ValueError):
        raise TypeError(say("figures.bad_range", low=repr(low), high=repr(high))) from None
    if not -np.inf < low < high < np.inf:
        raise ValueError(say("figures.bad_range", low=low, high=high))
    return low, high


def draw_maps(maps: Mapping[str, ArrayLike], low: float | None = None, high: float | None = None) -> Figure:
    """Draw feature maps side by side as grey pictures, black = low and white = high.

    Parameters
    ----------
    maps : dict of array_like, (H, W)
        Name → map.
    low, high : float, optional
        One scale for all; without them each map has its own, written below it.

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    TypeError
        For something that is no dict of arrays.
    ValueError
        For maps with another number of axes, and for a range that is empty.

    Examples
    --------
    >>> figure = draw_maps({"z": [[-1, 2]], "ReLU": [[0, 2]]}, low=-2, high=2)
    >>> [ax.images[0].get_clim() for ax in figure.axes]
    [(-2.0, 2.0), (-2.0, 2.0)]
    """
    dictionary(maps, "maps", "maps", '{"z": [[-1, 2]]}')
    planes = {name: numbers_of(values, "maps", axes=2) for name, values in maps.items()}
    ends = _range(-np.finfo(float).max if low is None else low, np.finfo(float).max if high is None else high)
    low, high = (None if given is None else end for given, end in zip((low, high), ends, strict=True))
    figure = new_figure(2.9 * len(planes), 3.5)
    for ax, (name, values) in zip(figure.subplots(1, len(planes), squeeze=False)[0], planes.items(), strict=True):
        bottom, top = (float(values.min()) if low is None else low), (float(values.max()) if high is None else high)
        ax.imshow(values, cmap="gray", vmin=float(bottom), vmax=float(top))
        ax.set_title(str(name), fontsize=18)
        ax.set(xticks=[], yticks=[])
        ax.set_xlabel(f"{bottom:.2g} … {top:.2g}".replace("-", "−"), fontsize=13)
    return figure
