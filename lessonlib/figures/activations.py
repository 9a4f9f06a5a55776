"""Figures of activation functions: their curves, and what they leave of a feature map."""

import numpy as np

from lessonlib.figures import INPUT, KERNEL, OUTPUT, WINDOW, new_figure

# A colour and a dash for each, so that neither is needed to tell the curves apart.
_STYLES = ((INPUT, "-"), (WINDOW, "--"), (OUTPUT, "-."), (KERNEL, ":"))


def draw_activations(functions, slopes=False, low=-6, high=6):
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

    Examples
    --------
    >>> figure = draw_activations({"ReLU": lambda z: np.maximum(z, 0)})
    >>> [float(value) for value in figure.axes[0].lines[-1].get_ydata()[[0, -1]]]
    [0.0, 6.0]
    """
    z = np.linspace(low, high, 241)
    figure = new_figure(3.4 * len(functions), 3.6)
    panels = figure.subplots(1, len(functions), squeeze=False)[0]
    for i, (ax, (name, function)) in enumerate(zip(panels, functions.items(), strict=True)):
        values = np.asarray(function(z), float)
        color, dash = _STYLES[i % len(_STYLES)]
        ax.axhline(0, color="#888", lw=0.8)
        ax.axvline(0, color="#888", lw=0.8)
        ax.plot(z, np.gradient(values, z) if slopes else values, color=color, ls=dash, lw=3)
        ax.set_ylim((-0.3, 1.3) if slopes else (-1.6, 3.2))
        ax.set_title(name + ("′" if slopes else ""), fontsize=18)
        ax.set_xlabel("z", fontsize=14)
        ax.tick_params(labelsize=13)
        ax.grid(alpha=0.3)
    return figure


def draw_maps(maps, low=None, high=None):
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

    Examples
    --------
    >>> figure = draw_maps({"z": [[-1, 2]], "ReLU": [[0, 2]]}, low=-2, high=2)
    >>> [ax.images[0].get_clim() for ax in figure.axes]
    [(-2.0, 2.0), (-2.0, 2.0)]
    """
    figure = new_figure(2.9 * len(maps), 3.5)
    for ax, (name, values) in zip(figure.subplots(1, len(maps), squeeze=False)[0], maps.items(), strict=True):
        values = np.asarray(values, float)
        bottom, top = (float(values.min()) if low is None else low), (float(values.max()) if high is None else high)
        ax.imshow(values, cmap="gray", vmin=float(bottom), vmax=float(top))
        ax.set_title(name, fontsize=18)
        ax.set(xticks=[], yticks=[])
        ax.set_xlabel(f"{bottom:.2g} … {top:.2g}".replace("-", "−"), fontsize=13)
    return figure
