"""Reading an answer in whatever form it comes, and comparing two answers."""

import inspect
import numbers
import sys

import numpy as np

from lessonlib.sentences import say

# A value that is not whole may be given to two decimals.
_ROUNDING = 0.0051
_SHORT = 40
_LOOKED_AT = 100
# What is shown as it is; of anything else only its type, for its repr may be an address.
_DATA = (str, bytes, numbers.Number, list, tuple, dict, set, np.ndarray, np.generic, range, type(None), type(...))


class Unreadable(ValueError):  # noqa: N818  it is not the learner's error
    """An answer that cannot be compared with anything; its message says what was expected."""


def number(answer):
    """Return an int or a float: from Python, NumPy or PyTorch, one number alone.

    Examples
    --------
    >>> number(np.array([3]))
    3
    """
    given = _detached(answer)
    if isinstance(given, np.ndarray) and given.size == 1 and given.dtype.kind in "iuf":
        given = given.reshape(()).item()
    if isinstance(given, bool | np.bool_) or not isinstance(given, numbers.Real):
        raise _unreadable("number", answer)
    if isinstance(given, numbers.Integral):
        return int(given)
    if not np.isfinite(float(given)):
        raise Unreadable(say("exercises.not_finite", given=written(answer)))
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
    if not all(isinstance(one, numbers.Real) or getattr(one, "ndim", 1) == 0 for one in given):
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
    if not isinstance(given, list | tuple | np.ndarray | numbers.Real):
        raise _unreadable("array", answer)
    try:
        values = np.asarray(given)
        unread = values.dtype.kind not in "iuf" or not values.size
    except (TypeError, ValueError, RecursionError):
        unread = True
    if unread:
        raise Unreadable(say("exercises.ragged")) if _is_ragged(given) else _unreadable("array", answer)
    values = values.astype(float)
    if not np.isfinite(values).all():
        raise Unreadable(say("exercises.not_finite", given=written(answer)))
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
    if isinstance(one, int) and isinstance(other, int):
        return one == other
    try:
        one, other = np.asarray(one, float), np.asarray(other, float)
    except OverflowError:  # a number beyond all floats is no answer of ours
        return False
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
    try:
        text = _written(value)
    except Exception:  # a learner's own object whose repr fails, a list that holds itself
        text = type(value).__name__
    return text if len(text) <= most else text[: most - 1] + "…"


def written(value):
    """Return an answer that was not understood as one short line that can stand between code marks.

    Examples
    --------
    >>> written("a\\n`b`"), written(None)
    ("'a b'", 'None')
    """
    if inspect.isroutine(value) or isinstance(value, type):
        return getattr(value, "__name__", type(value).__name__)
    if not isinstance(_detached(value), _DATA):
        return type(value).__name__
    text = repr(value) if isinstance(value, str | bytes) and len(value) < 1000 else text_of(value, 1000)
    text = " ".join(text.replace("\\n", " ").replace("`", "").split())
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"


def _written(value):
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "[" + ", ".join(_written(one) for one in value) + "]"
    if isinstance(value, tuple):
        inner = ", ".join(_written(one) for one in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, np.ndarray):
        return _written(value.tolist())
    if value is ...:
        return "..."
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        text = str(int(value))
        return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return (
            f"{round(float(value), 2):g}"
            if abs(value) < 1e5 and not float(value).is_integer()
            else f"{float(value):.0f}"
        )
    return repr(_detached(value))


def _detached(answer):
    """A tensor as an array; everything else as it is."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(answer, torch.Tensor):
        return answer
    try:
        plain = answer.detach().cpu().resolve_conj()
        return (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy()
    except (RuntimeError, TypeError, NotImplementedError):  # a tensor without values, or a sparse one
        return answer


def _unreadable(kind, answer):
    sentence = say(f"exercises.unreadable_{kind}", given=written(answer), type=type(answer).__name__)
    reason = _reason(kind, answer, _detached(answer))
    return Unreadable(f"{sentence} {reason}" if reason else sentence)


def _reason(kind, answer, given):
    """Why an answer of this form cannot be read, where more can be said than what was expected."""
    inner = list(_flat(given))
    if isinstance(given, str | bytes):
        return say("exercises.because_text")
    if given is None:
        return say("exercises.because_nothing")
    if isinstance(given, bool | np.bool_):
        return say("exercises.because_truth")
    if inspect.isroutine(given) or isinstance(given, type):
        return say("exercises.because_callable", name=written(answer))
    if inspect.isgenerator(given) or isinstance(given, map | filter | zip | range):
        return say("exercises.because_generator")
    if any(one is ... for one in inner):
        return say("exercises.because_dots")
    if any(isinstance(one, complex | np.complexfloating) for one in inner):
        return say("exercises.because_complex")
    if any(isinstance(one, str | bytes) for one in inner):
        return say("exercises.because_text")
    if any(isinstance(one, bool | np.bool_) for one in inner):
        return say("exercises.because_truth")
    if isinstance(given, list | tuple | np.ndarray) and not inner:
        return say("exercises.because_empty")
    if kind == "number" and isinstance(given, list | tuple | np.ndarray):
        return say("exercises.because_many", count=len(inner))
    if kind == "shape" and isinstance(given, numbers.Real):
        return say("exercises.because_single")
    if kind == "shape" and any(isinstance(one, float | np.floating) and one % 1 for one in inner):
        return say("exercises.because_fraction")
    if kind == "shape" and isinstance(given, list | tuple | np.ndarray):
        return say("exercises.because_nested")
    return ""


def _flat(value, deep=5):
    """The first values inside lists, tuples and arrays, and the value itself if it is none of them."""
    if isinstance(value, np.ndarray):
        yield from value.ravel()[:_LOOKED_AT].tolist()
    elif isinstance(value, list | tuple) and deep:
        for one in value[:_LOOKED_AT]:
            yield from _flat(_detached(one), deep - 1)
    else:
        yield value


def _is_ragged(value):
    """Whether rows differ in length, or a number stands beside a row."""
    if not isinstance(value, list | tuple):
        return False
    lengths = {len(one) if isinstance(one, list | tuple | np.ndarray) else None for one in value}
    return len(lengths) > 1 or any(_is_ragged(one) for one in value if one is not value)
