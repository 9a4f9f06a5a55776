"""Reading an answer in whatever form it comes, and comparing two answers."""

import ast
import inspect
import numbers
import re
import sys
import unicodedata
from collections.abc import Sequence, Set
from decimal import Decimal
from fractions import Fraction

import numpy as np

from lessonlib.sentences import say

# Two numbers of one question are too near to tell apart once a learner may have rounded one of them to two decimals.
_TOO_NEAR = 0.0051
# What float32 arithmetic may leave of a number.
_NOISE = 1e-6
_SHORT = 40
_LOOKED_AT = 100
_DEEPEST = 12
# What is shown as it is; of anything else only its type, for its repr may be an address.
_DATA = (str, bytes, numbers.Number, list, tuple, dict, set, np.ndarray, np.generic, range, type(None), type(...))


class Unreadable(ValueError):  # noqa: N818  it is not the learner's error
    """An answer that cannot be compared with anything; its message says what was expected."""


def number(answer):
    """Return an int or a float: one number alone, from Python, NumPy or PyTorch, in quotes, or in however many brackets.

    Raises
    ------
    Unreadable
        For anything else, with a sentence for the learner.

    Examples
    --------
    >>> number(np.array([3])), number("8칸"), number([Fraction(7, 2)])
    (3, 8, 3.5)
    """
    given = _alone(_detached(answer))
    if isinstance(given, str):
        given = _number_in(given)
    if isinstance(given, bool | np.bool_) or not isinstance(given, numbers.Real | Decimal):
        raise _unreadable("number", answer)
    if isinstance(given, numbers.Integral):
        return int(given)
    try:
        value = float(given)
    except OverflowError:  # a fraction beyond all floats: as wrong as its whole part
        return int(given)
    if not np.isfinite(value):
        raise Unreadable(say("questions.not_finite", given=written(answer)))
    return int(value) if value.is_integer() else value


def shape(answer):
    """Return a tuple of ints: from a tuple, a list, `torch.Size`, an array of whole numbers, or a text such as "2 × 3".

    Raises
    ------
    Unreadable
        For anything else, with a sentence for the learner.

    Examples
    --------
    >>> shape([1, 5, 26, 26]), shape("(2, 3, 4, 5)"), shape("2 x 3 x 4 x 5")
    ((1, 5, 26, 26), (2, 3, 4, 5), (2, 3, 4, 5))
    """
    given = _detached(answer)
    if isinstance(given, str):
        given = _sizes_in(given)
    if isinstance(given, np.ndarray):
        given = given.tolist() if given.ndim == 1 else None
    if not isinstance(given, Sequence) or isinstance(given, str | bytes | range) or not len(given):
        raise _unreadable("shape", answer)
    try:
        # A number inside brackets of its own is no size.
        sizes = tuple(number(one) for one in given if not isinstance(_detached(one), Sequence) or isinstance(one, str))
    except Unreadable:
        raise _unreadable("shape", answer) from None
    if len(sizes) < len(given) or not all(isinstance(size, int) for size in sizes):
        raise _unreadable("shape", answer)
    return sizes


def array(answer):
    """Return an array of floats: from lists, NumPy or PyTorch, whether or not it takes part in a gradient.

    Raises
    ------
    Unreadable
        For anything else, with a sentence for the learner.

    Examples
    --------
    >>> array([[1, 2]])
    array([[1., 2.]])
    """
    given = _listed(_detached(answer))
    if not isinstance(given, list | tuple | np.ndarray | numbers.Real):
        raise _unreadable("array", answer)
    try:
        values = np.asarray(given)
        if values.dtype.kind == "O" and values.size:
            values = np.reshape([float(number(one)) for one in values.ravel().tolist()], values.shape)
        unread = values.dtype.kind not in "iuf" or not values.size
    except (TypeError, ValueError, RecursionError, OverflowError):
        unread = True
    if unread:
        raise Unreadable(say("questions.ragged")) if _is_ragged(given) else _unreadable("array", answer)
    values = values.astype(float)
    if not np.isfinite(values).all():
        raise Unreadable(say("questions.not_finite", given=written(answer)))
    return values


def typed_array(answer):
    """Return an array of floats as `array` does, also from a text: "[[1, 2], [3, 4]]", or what `print` shows of one.

    Examples
    --------
    >>> typed_array("[[1 2] [3 4]]")
    array([[1., 2.],
           [3., 4.]])
    """
    if not isinstance(answer, str):
        return array(answer)
    found = _rows_in(answer)
    if found is None:
        raise _unreadable("array", answer)
    return array(found)


readers = {"number": number, "shape": shape, "array": typed_array}


def read(kind, answer):
    """Return an answer as its kind is compared: a number, a tuple of sizes, an array.

    Raises
    ------
    Unreadable
        For what cannot be read, whatever it is: no other exception leaves this function.
    """
    try:
        return readers[kind](answer)
    except Unreadable:
        raise
    except Exception:  # an object that fails when it is looked at
        try:
            raise _unreadable(kind, answer) from None
        except Unreadable:
            raise
        except Exception:
            name = type(answer).__name__
            raise Unreadable(say(f"questions.unreadable_{kind}", given=name, type=name)) from None


def same(one, other):
    """Return whether two answers are so near that a learner's rounded answer could be either.

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
    if type(one) in (int, float) and type(other) in (int, float) and abs(one) < 1e300 > abs(other):
        return abs(one - other) <= (_NOISE if one % 1 == 0 == other % 1 else _TOO_NEAR)
    try:
        one, other = np.asarray(one, float), np.asarray(other, float)
    except OverflowError:  # a number beyond all floats is no answer of ours
        return False
    if one.shape != other.shape:
        return False
    return bool(np.all(np.abs(one - other) <= np.where((one % 1 == 0) & (other % 1 == 0), _NOISE, _TOO_NEAR)))


def answers(given, wanted, decimals=None):
    """Return whether an answer that was read is the wanted one: exactly, or rounded to at least ``decimals`` decimals.

    Exactly means up to what float32 arithmetic leaves, a millionth of the value.

    Examples
    --------
    >>> answers(0.09, 0.0875), answers(0.09, 0.0875, decimals=2), answers(0.091, 0.0875, decimals=2)
    (False, True, False)
    """
    if isinstance(given, float | int) and isinstance(wanted, float | int | Fraction | np.number):
        if isinstance(given, int) and isinstance(wanted, int):
            return given == wanted
        try:
            apart = abs(float(given) - float(wanted))
        except OverflowError:
            return False
        whole = float(wanted).is_integer()
        if apart <= _NOISE * (1.0 if whole else max(1.0, abs(float(wanted)))):
            return True
        if decimals is None or whole:
            return False
        # Rounded half up or half to even, to as many decimals as were written.
        return apart <= 0.5 * 10.0 ** -max(decimals, _decimals(given)) + 1e-9
    if isinstance(given, np.ndarray):
        wanted = np.asarray(wanted, float)
        return given.shape == wanted.shape and bool(
            np.all(np.abs(given - wanted) <= _NOISE * np.maximum(1.0, np.abs(wanted)))
        )
    return same(given, wanted)


def _decimals(value):
    """How many decimals a number is written with."""
    return max(0, -Decimal(repr(float(value))).as_tuple().exponent)


def text_of(value, most=400):
    """Return a value as a learner would write it: no trailing zeros, no array(…), not longer than ``most``.

    Examples
    --------
    >>> text_of(np.array([[1.0, 2.5]])), text_of((1, 5)), text_of(14 / 9)
    ('[[1, 2.5]]', '(1, 5)', '1.56')
    """
    value = _detached(value)
    try:
        text = _written(value.tolist() if isinstance(value, np.ndarray) else value)
    except Exception:  # a learner's own object whose repr fails, a list that holds itself
        text = type(value).__name__
    return text if len(text) <= most else text[: most - 1] + "…"


def exactly(value):
    """Return a learner's answer as `text_of` does, but a fraction with all its decimals: 8.004 is not shown as 8.

    Examples
    --------
    >>> exactly(8.004), exactly(8), exactly((1, 2))
    ('8.004', '8', '(1, 2)')
    """
    return f"{value:.8g}" if isinstance(value, float) and abs(value) < 1e5 else text_of(value)


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


def plain_text(text):
    """Return a text with the signs that a Korean or a full-width keyboard gives as the plain ones.

    Examples
    --------
    >>> plain_text("（２，３）"), plain_text("−4")
    ('(2,3)', '-4')
    """
    return unicodedata.normalize("NFKC", text).translate(_PLAIN).strip()


_PLAIN = str.maketrans(
    dict.fromkeys("'\"“”‘’") | dict.fromkeys("−–", "-") | dict.fromkeys("×⨯·∙", "x") | {"、": ",", "。": "."}
)
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"


def _number_in(text):
    """The number that a text is, with or without the word for what is counted ("8칸", "8 cells"); None: not one."""
    plain = plain_text(text).strip("()[] ")
    found = re.fullmatch(
        rf"=?\s*({_NUMBER}|[-+]?\d{{1,3}}(?:,\d{{3}})+|[-+]?\d+\s*/\s*\d+)\s*([^\W\d_]*)\.?", plain, re.I
    )
    if not found:
        return None
    digits = found[1].replace(",", "").replace(" ", "")
    try:
        return Fraction(digits) if "/" in digits else int(digits) if digits.lstrip("+-").isdigit() else float(digits)
    except (ValueError, ZeroDivisionError):
        return None


def _sizes_in(text):
    """The sizes in a text: "(2, 3)", "2 x 3", "torch.Size([2, 3])", "2 3"; None: something else."""
    plain = re.sub(r"torch\.size\((.*)\)", r"\1", plain_text(text).lower())
    if len(re.findall(r"[(\[{]", plain)) > 1:  # brackets in brackets are no shape
        return None
    plain = re.sub(r"[()\[\]{}]", " ", plain)
    parts = [part for part in re.split(r"[,x*;\s]+", plain) if part]
    # A number alone is a number; a comma after it makes it a shape.
    if not all(re.fullmatch(r"-?\d+", part) for part in parts) or (len(parts) == 1 and "," not in plain):
        return None
    return [int(part) for part in parts]


def _rows_in(text):
    """The lists in a text, with or without commas, also as NumPy and PyTorch print them; None: something else."""
    plain = re.sub(r"(array|tensor)\(", "", plain_text(text))
    plain = re.sub(r",?\s*(dtype|device|grad_fn|requires_grad)\s*=.*", "", plain, flags=re.S).rstrip(") ")
    plain = plain.replace("(", "[").replace(")", "]")
    plain = re.sub(r"(?<=[\d.\]])\s*\n?\s+(?=[-+\d.\[])|(?<=\])\s*(?=\[)", ", ", plain)
    if not re.fullmatch(r"[\[\]\d\s.,eE+-]+", plain) or not plain.startswith("["):
        return None
    try:
        return ast.literal_eval(plain)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def _alone(given):
    """The one number in brackets, arrays and sets around it; what holds more, or nothing, as it is."""
    inner = given
    for _ in range(_DEEPEST):
        if isinstance(inner, np.ndarray) and inner.size == 1:
            inner = inner.reshape(()).item()
        elif isinstance(inner, Sequence | Set) and not isinstance(inner, str | bytes | range) and len(inner) == 1:
            inner = _detached(next(iter(inner)))
        else:
            break
    return inner if isinstance(inner, numbers.Number | np.generic | Decimal | str) else given


def _listed(given, deep=_DEEPEST):
    """Sequences as lists, with the tensors in them as arrays and the fractions as floats."""
    if isinstance(given, Sequence) and not isinstance(given, str | bytes | range) and deep:
        return [_listed(_detached(one), deep - 1) for one in given]
    return float(given) if isinstance(given, Decimal | Fraction) else given


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
    if isinstance(value, numbers.Real | Decimal) and not isinstance(value, bool):
        return (
            f"{round(float(value), 2):g}"
            if abs(value) < 1e5 and not float(value).is_integer()
            else f"{float(value):.0f}"
        )
    return repr(_detached(value))


def _detached(answer):
    """A tensor, or another library's array, as one of NumPy; everything else as it is."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(answer, torch.Tensor):
        try:
            plain = answer.detach().cpu().resolve_conj()
            plain = plain.to_dense() if plain.layout != torch.strided else plain
            return (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy()
        except Exception:  # a tensor without values, a lazy one, one of a type that NumPy lacks
            return answer
    if hasattr(type(answer), "__array__") and not isinstance(answer, np.ndarray | np.generic):
        try:
            found = np.asarray(answer)
        except Exception:
            return answer
        return found if isinstance(found, np.ndarray) else answer
    return answer


def _unreadable(kind, answer):
    sentence = say(f"questions.unreadable_{kind}", given=written(answer), type=type(answer).__name__)
    reason = _reason(kind, answer, _detached(answer))
    return Unreadable(f"{sentence} {reason}" if reason else sentence)


def _reason(kind, answer, given):
    """Why an answer of this form cannot be read, where more can be said than what was expected."""
    inner = list(_flat(given))
    if isinstance(given, str | bytes):
        return say("questions.because_text")
    if given is None:
        return say("questions.because_nothing")
    if isinstance(given, bool | np.bool_):
        return say("questions.because_truth")
    if inspect.isroutine(given) or isinstance(given, type):
        return say("questions.because_callable", name=written(answer))
    if inspect.isgenerator(given) or isinstance(given, map | filter | zip | range):
        return say("questions.because_generator")
    if any(one is ... for one in inner):
        return say("questions.because_dots")
    if kind == "shape" and isinstance(given, list | tuple) and any(one is None for one in given):
        return say("questions.because_none_inside")
    if any(isinstance(one, complex | np.complexfloating) for one in inner):
        return say("questions.because_complex")
    if any(isinstance(one, str | bytes) for one in inner):
        return say("questions.because_text")
    if any(isinstance(one, bool | np.bool_) for one in inner):
        return say("questions.because_truth")
    if isinstance(given, list | tuple | np.ndarray) and not inner:
        return say("questions.because_empty")
    if kind == "number" and isinstance(given, list | tuple | np.ndarray):
        return say("questions.because_many", count=len(inner)) if len(inner) > 1 else ""
    if kind == "shape" and isinstance(given, np.ndarray) and given.ndim > 1:
        return say("questions.because_tensor")
    if kind == "shape" and isinstance(given, numbers.Real):
        return say("questions.because_single")
    if kind == "shape" and any(isinstance(one, float | np.floating) and one % 1 for one in inner):
        return say("questions.because_fraction")
    if kind == "shape" and isinstance(given, list | tuple | np.ndarray):
        return say("questions.because_nested")
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
