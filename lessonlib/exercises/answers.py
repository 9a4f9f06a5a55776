"""Reading an answer in whatever form it comes, and comparing two answers."""

import numbers

import numpy as np

from lessonlib.language import say

# A value that is not whole may be given to two decimals.
_ROUNDING = 0.0051


class Unreadable(ValueError):
    """An answer that cannot be compared with anything; its message says what was expected."""


def number(answer):
    """Return an int or a float: from Python, NumPy or PyTorch, one number alone.

    Examples
    --------
    >>> number(np.array([3]))
    3
    """
    given = _detached(answer)
    if hasattr(given, "shape") and getattr(given, "size", 0) == 1:
        given = given.reshape(()).item() if getattr(given, "dtype", np.dtype(object)).kind in "iuf" else given
    if isinstance(given, bool | np.bool_) or not isinstance(given, numbers.Real):
        raise _unreadable("number", answer)
    if not np.isfinite(float(given)):
        raise Unreadable(say("exercises.not_finite", given=text_of(answer, 40)))
    return int(given) if float(given).is_integer() else float(given)


def shape(answer):
    """Return a tuple of ints: from a tuple, a list, `torch.Size` or an array of whole numbers.

    Examples
    --------
    >>> shape([1, 5, 26, 26])
    (1, 5, 26, 26)
    """
    given = _detached(answer)
    if isinstance(given, np.ndarray):
        given = given.tolist()
    if not isinstance(given, tuple | list) or not given:
        raise _unreadable("shape", answer)
    try:
        sizes = tuple(number(one) for one in given)
    except Unreadable:
        raise _unreadable("shape", answer) from None
    if not all(isinstance(size, int) for size in sizes):
        raise _unreadable("shape", answer)
    return sizes


def array(answer):
    """Return an array of floats: from lists, NumPy or PyTorch, whether or not it takes part in a gradient.

    Examples
    --------
    >>> array([[1, 2]])
    array([[1., 2.]])
    """
    given = _detached(answer)
    if given is None or isinstance(given, str | bytes | dict | set):
        raise _unreadable("array", answer)
    try:
        values = np.asarray(given)
    except (TypeError, ValueError):
        raise Unreadable(say("exercises.ragged")) from None
    if values.dtype.kind not in "iuf" or not values.size:
        raise _unreadable("array", answer)
    values = values.astype(float)
    if not np.isfinite(values).all():
        raise Unreadable(say("exercises.not_finite", given=text_of(answer, 40)))
    return values


readers = {"number": number, "shape": shape, "array": array}


def same(one, other):
    """Return whether two answers that were read are the same answer.

    Examples
    --------
    >>> same(1.56, 14 / 9), same(3, 4), same((1, 2), (1, 2))
    (True, False, True)
    """
    if isinstance(one, str) or isinstance(other, str):
        return isinstance(one, str) and isinstance(other, str) and one == other
    if isinstance(one, tuple) or isinstance(other, tuple):
        return isinstance(one, tuple) and isinstance(other, tuple) and one == other
    one, other = np.asarray(one, float), np.asarray(other, float)
    if one.shape != other.shape:
        return False
    return bool(np.all(np.abs(one - other) <= np.where((one % 1 == 0) & (other % 1 == 0), 1e-6, _ROUNDING)))


def text_of(value, most=400):
    """Return a value as a learner would write it: no trailing zeros, no array(…), not longer than ``most``.

    Examples
    --------
    >>> text_of(np.array([[1.0, 2.5]])), text_of((1, 5)), text_of(14 / 9)
    ('[[1, 2.5]]', '(1, 5)', '1.56')
    """
    value = _detached(value)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    text = _written(value)
    return text if len(text) <= most else text[: most - 1] + "…"


def _written(value):
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "[" + ", ".join(_written(one) for one in value) + "]"
    if isinstance(value, tuple):
        inner = ", ".join(_written(one) for one in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return (
            f"{round(float(value), 2):g}"
            if abs(value) < 1e5 and not float(value).is_integer()
            else f"{float(value):.0f}"
        )
    return repr(value)


def _detached(answer):
    """A tensor as an array; everything else as it is."""
    return answer.detach().cpu().numpy() if hasattr(answer, "detach") else answer


def _unreadable(kind, answer):
    return Unreadable(say(f"exercises.unreadable_{kind}", given=text_of(answer, 40), type=type(answer).__name__))
