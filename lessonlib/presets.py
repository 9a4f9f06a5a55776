"""Named kernels and inputs at every size, the same in Python and in the browser (``kit/convolution.js`` mirrors them; a test compares).

All of them are small rules on the indices, so that they exist at every height and width. Directions are those of the picture that
comes out: ``vertical_edge`` answers to vertical edges and is positive where the picture gets brighter towards the right.
"""

import difflib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lessonlib.geometry import Size, count, pair
from lessonlib.sentences import say

__all__ = ["INPUTS", "KERNELS", "kernel", "picture"]

_DIGIT = ("00111100", "01100110", "00000110", "00011100", "00000110", "01100110", "00111100", "00000000")


def kernel(name: str, kernel_size: Size, seed: int = 0) -> NDArray[np.float64]:
    """Return a named kernel of shape (KH, KW).

    Parameters
    ----------
    name : str
        One of `KERNELS`.
    kernel_size : int or (int, int)
        (KH, KW), each at least 1; an int for a square.
    seed : int
        For ``"random"`` only.

    Raises
    ------
    KeyError
        For a name that `KERNELS` does not have: the message has the nearest one.
    TypeError, ValueError
        For sizes that are no whole numbers, or below 1.

    Examples
    --------
    >>> kernel("vertical_edge", (3, 3))
    array([[-1.,  0.,  1.],
           [-1.,  0.,  1.],
           [-1.,  0.,  1.]])
    """
    _known(name, KERNELS, "kernel")
    (height, width), seed = pair(kernel_size, "kernel_size"), count(seed, "seed", 0)
    if name == "random":
        return (_random(seed, height * width, 7) - 3).reshape(height, width)
    # Rows and columns counted from the middle; the middle of an even size lies between two cells, as ±1.
    rows, columns = _from_middle(height)[:, None], _from_middle(width)[None, :]
    centre = (np.arange(height)[:, None] == (height - 1) // 2) & (np.arange(width)[None, :] == (width - 1) // 2)
    return KERNELS[name](rows, columns, centre).astype(float) + 0.0


def picture(name: str, size: Size, channel: int = 0, seed: int = 0) -> NDArray[np.float64]:
    """Return one channel of a named input, shape (H, W), whole numbers.

    Raises
    ------
    KeyError
        For a name that `INPUTS` does not have: the message has the nearest one.
    TypeError, ValueError
        For sizes that are no whole numbers, or below 1.

    Examples
    --------
    >>> picture("counting", (2, 3))
    array([[1., 2., 3.],
           [4., 5., 6.]])
    """
    _known(name, INPUTS, "picture")
    height, width = size = pair(size, "size")
    channel, seed = count(channel, "channel", 0), count(seed, "seed", 0)
    if name == "random":
        return _random(seed + 101 * channel, height * width, 10).reshape(height, width)
    rows, columns = np.indices(size)
    return INPUTS[name](rows, columns, height, width, channel).astype(float)


def _known(name, names, what):
    if not isinstance(name, str) or name not in names:
        near = difflib.get_close_matches(str(name), names, n=1, cutoff=0) or list(names)[:1]
        sentence = say("errors.unknown_name", given=repr(name), what=what, near=repr(near[0]), names=", ".join(names))
        raise KeyError(sentence)


def _box(rows, columns, centre):
    return np.full(centre.shape, 1 / centre.size)


def _gaussian(rows, columns, centre):
    weight = _binomial(centre.shape[0])[:, None] * _binomial(centre.shape[1])[None, :]
    return weight / weight.sum()


def _sharpen(rows, columns, centre):
    row, column = np.argwhere(centre)[0]
    beside = np.zeros(centre.shape)
    for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
        if 0 <= r < centre.shape[0] and 0 <= c < centre.shape[1]:
            beside[r, c] = 1
    return centre * (1 + beside.sum()) - beside


KERNELS: dict[str, Any] = {
    "identity": lambda rows, columns, centre: centre,
    "box_blur": _box,
    "gaussian_blur": _gaussian,
    "vertical_edge": lambda rows, columns, centre: np.sign(columns) + 0 * rows,
    "horizontal_edge": lambda rows, columns, centre: np.sign(rows) + 0 * columns,
    "sharpen": _sharpen,
    "emboss": lambda rows, columns, centre: np.sign(rows) + np.sign(columns) + centre,
    "ones": lambda rows, columns, centre: np.ones(centre.shape),
    "random": None,
}
"""Names of kernels, each with its rule on rows and columns counted from the middle."""


def _digit(rows, columns, height, width, channel):
    return np.array([[9 * int(bit) for bit in line] for line in _DIGIT])[rows * 8 // height, columns * 8 // width]


INPUTS: dict[str, Any] = {
    "counting": lambda rows, columns, height, width, channel: rows * width + columns + 1 + channel * height * width,
    "step_edge": lambda rows, columns, height, width, channel: 9 * (columns >= width // 2),
    "corner": lambda rows, columns, height, width, channel: 9 * ((columns >= width // 2) & (rows >= height // 2)),
    "cross": lambda rows, columns, height, width, channel: 9 * ((columns == width // 2) | (rows == height // 2)),
    "checkerboard": lambda rows, columns, height, width, channel: 9 * ((rows + columns + channel) % 2),
    "digit": _digit,
    "random": None,
}
"""Names of inputs, each with its rule on the indices."""


def _from_middle(size):
    return 2 * np.arange(size) - (size - 1)


def _binomial(size):
    row = np.ones(1)
    for _ in range(size - 1):
        row = np.convolve(row, [1, 1])
    return row


def _random(seed, count, below):
    """Whole numbers 0 … below−1 from a linear congruential generator (Numerical Recipes' constants), alike in every language."""
    state, values = (seed * 2654435761 + 12345) % 2**32, []
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        values.append((state >> 16) % below)
    return np.array(values, float)
