"""A function that the learner writes, checked case by case against PyTorch.

::

    FunctionQuestion(
        "conv_calculation.with_stride",
        takes=("input", "weight", "bias", "stride"),   # what the learner's function is given, in this order
        ranks=(3, 4),                                   # axes of input and weight: (C, H, W) and (O, C, KH, KW)
        cases=[{"input": (1, 4, 5), "weight": (1, 1, 2, 3), "stride": 2}, …],   # shapes, the smallest case first
    )

Ranks (2, 2) stand for one channel and one kernel, (3, 3) for one filter on all channels, (3, 4) for all filters, (4, 4) for a batch.
After the question's own cases come those of `further`: maps of one row, one channel, one filter, kernels of even size …

A known mistake is named only if it gives the learner's result on every case, those with wrong values among
them more than one, and no other known mistake does. Values agree within 1e-5, or 1e-5 of the value if that is above 1.
"""

import inspect
import random
import re
import time
from decimal import Decimal
from functools import cached_property
from numbers import Real
from types import MappingProxyType

import numpy as np

from lessonlib.extras import needs
from lessonlib.questions.answers import LARGEST, Unreadable, array, detached, text_of, written
from lessonlib.questions.core import Question, paragraphs
from lessonlib.questions.sandbox import call, seed
from lessonlib.questions.unfinished import gap_in
from lessonlib.questions.verdict import Unattempted, Verdict
from lessonlib.sentences import say

_SHOWN = 40
_CLOSE = 1e-5
# So many cases with wrong values must be explained by a mistake before it is named.
_EVIDENCE = 2
# No 0 and no value twice as likely as another: nothing cancels by chance. Those of the further cases are no multiples
# of a power of two: half precision and results that are rounded do not pass.
_VALUES = (-3.0, -2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 2.0, 2.5, 3.0, 4.0)
_FINE_VALUES = (-3.117, -2.371, -1.413, -0.829, -0.291, 0.173, 0.709, 1.127, 1.973, 2.609, 3.307)
_BIASES = (1.5, -0.25, 2.75, -1.75, 3.25, -2.5)
_FINE_BIASES = (-0.347, 1.623, -2.431, 0.811, 3.139, -1.273)
_MORE_BIASES = (4.057, -3.719)
# How often, and for how many seconds, the first case is repeated with other random numbers.
_AGAIN, _SECONDS = 100, 0.5

# Height and width of input and kernel, stride, padding; then channels, filters, images.
_FURTHER = [
    ((3, 5), (3, 2), 1, 0, (2, 2, 1)),  # a map of one row
    ((5, 3), (2, 3), 1, 0, (1, 3, 2)),  # of one column; one channel
    ((2, 3), (2, 3), 1, 0, (3, 1, 2)),  # of one cell; one filter
    ((4, 4), (2, 2), 1, 0, (3, 2, 1)),  # squares
    ((5, 5), (3, 3), 1, 0, (2, 4, 2)),
    ((4, 6), (1, 1), 1, 0, (3, 3, 3)),  # kernels of one cell, one column, one row, even sides
    ((6, 5), (4, 1), 1, 0, (2, 3, 2)),
    ((4, 7), (1, 4), 1, 0, (4, 2, 3)),
    ((7, 8), (2, 4), 1, 0, (1, 1, 1)),
    ((6, 9), (3, 4), 2, 0, (2, 3, 2)),  # strides that leave cells over, or none
    ((9, 7), (2, 3), 3, 0, (3, 2, 1)),
    ((5, 8), (1, 2), 2, 0, (2, 2, 2)),
    ((6, 6), (2, 2), 2, 0, (2, 3, 2)),
    ((3, 9), (3, 3), 4, 0, (1, 2, 1)),
    ((4, 5), (3, 2), 1, 1, (2, 3, 1)),  # paddings, alone and with a stride
    ((5, 6), (2, 3), 1, 3, (1, 2, 2)),
    ((6, 4), (4, 3), 2, 2, (3, 1, 2)),
    ((7, 9), (3, 4), 3, 1, (2, 2, 1)),
    ((5, 7), (2, 2), 2, 3, (2, 3, 3)),
    ((4, 5), (2, 3), 1, 0, (2, 8, 2)),  # many filters
    (
        (4, 4),
        (2, 2),
        1,
        0,
        (3, 2, 1),
    ),  # shapes that came before, with other numbers: nothing may be kept from call to call
    ((5, 5), (3, 3), 1, 0, (2, 4, 2)),
]


def further(takes, ranks):
    """Return the shapes, strides and paddings that every function is tried on after the question's own cases."""
    found = []
    for size, kernel, stride, padding, (channels, filters, images) in _FURTHER:
        if (stride > 1 and "stride" not in takes) or (padding and "padding" not in takes):
            continue
        case = {
            "input": (images, channels, *size)[4 - ranks[0] :],
            "weight": (filters, channels if ranks[0] > 2 else 1, *kernel)[4 - ranks[1] :],
        }
        found.append(case | {"stride": stride, "padding": padding})
    return found


class FunctionQuestion(Question):
    """A question whose answer is a function.

    Parameters
    ----------
    takes : tuple of str
        Of "input", "weight", "bias", "stride", "padding", in the order in which the function takes them.
    ranks : (int, int)
        The number of axes of its input and its weight.
    cases : list of dict
        ``input`` and ``weight`` shapes of those ranks, and ``stride`` and ``padding`` where they are not 1 and 0.
    known : mapping
        The known mistakes: name → wrong function of full forms (input, weight, bias, stride, padding), with its ``subject``.
    also : mapping
        More functions that make the mistake of that name.
    only : tuple of str, optional
        The mistakes that can be made here, where not all of the question's subjects can.
    more : list of dict, optional
        The cases after those, where they are not those of `further`.
    """

    def __init__(
        self,
        name,
        *,
        takes,
        ranks,
        cases,
        known=MappingProxyType({}),
        also=MappingProxyType({}),
        only=None,
        more=None,
        **words,
    ):
        super().__init__(name, kind="function", **words)
        self._takes, self._ranks = takes, ranks
        self._specs = [(spec, False) for spec in cases]
        self._specs += [(spec, True) for spec in (further(takes, ranks) if more is None else more)]
        about = {"window", *takes}
        about |= {"channels"} if ranks[0] > 2 else set()
        about |= {"images"} if ranks[0] == 4 else set()
        about |= {"filters"} if ranks[1] == 4 else set()
        about |= {"biases"} if ranks[1] == 4 and "bias" in takes else set()
        self._known = {
            name: wrong for name, wrong in known.items() if wrong.subject in about and name in (only or known)
        }
        self._also = also
        self._worked_out_values = {}

    @property
    def mistakes(self):
        """The known wrong functions that differ from the right one on these cases, as functions that a learner could hand in."""
        return {name: self.handed_in(self._known[name]) for name in self.known_results}

    @cached_property
    def cases(self):
        """The cases: dicts of arrays, stride and padding, in full form (N, C, H, W) and (O, C, KH, KW)."""
        rng = random.Random(self.name)
        return [self._case(spec, fine, rng) for spec, fine in self._specs]

    @cached_property
    def wanted(self):
        """PyTorch's result of every case."""
        torch = needs("torch")

        results = []
        for case in self.cases:
            tensors = [torch.from_numpy(case[name]) for name in ("input", "weight", "bias")]
            result = torch.nn.functional.conv2d(*tensors, stride=case["stride"], padding=case["padding"])
            results.append(self._reduced(result.numpy()))
        return results

    @cached_property
    def known_results(self):
        """What every known mistake gives on every case, None where it stops; without those that give the right results."""
        results = {name: self._values(wrong) for name, wrong in self._known.items()}
        return {name: values for name, values in results.items() if not self._right_everywhere(values)}

    def _values(self, wrong):
        return [self._value(wrong, case) for case in self.cases]

    def handed_in(self, full):
        """Return a function of (input, weight, bias, stride, padding) on full forms as one that takes what this question gives."""

        def function(*arguments):
            given = dict(zip(self._takes, arguments, strict=True))
            images = np.asarray(given["input"], float)
            images = images.reshape((1,) * (4 - images.ndim) + images.shape)
            filters = np.asarray(given["weight"], float)
            filters = filters.reshape((1,) * (4 - filters.ndim) + filters.shape)
            bias = np.broadcast_to(np.asarray(given.get("bias", 0.0), float), (len(filters),)).copy()
            return self._reduced(full(images, filters, bias, given.get("stride", 1), given.get("padding", 0)))

        return function

    def _read(self, answer):
        if not callable(answer) or isinstance(answer, type):
            raise Unreadable(say("questions.unreadable_function", given=written(answer), type=type(answer).__name__))
        return answer

    def _judged(self, given):
        runs = self._runs(given)
        if self._changes(given, runs):
            runs = [run._replace(value=None, problem=say("questions.another_each_time")) for run in runs]
            return Verdict(self.name, "wrong", given=given, evidence=(runs, list(range(len(runs)))))
        failing = [i for i, run in enumerate(runs) if run.problem or not _agrees(run.value, self.wanted[i])]
        if not failing:
            return Verdict(self.name, "right", given=given)
        if _is_unfinished(given, runs, len(failing)):
            raise Unattempted(say("questions.function_unfinished", name=written(given)))
        likely = tuple(self._likely(runs))
        return Verdict(self.name, "wrong", likely, len(likely) == 1, given, (runs, failing))

    def _praise(self, verdict):
        return paragraphs(say("questions.cases_passed", cases=len(self.cases)), self._after())

    def _diagnosis(self, verdict):
        """The first failing case, what came out of it, and its likely cause."""
        runs, failing = verdict.evidence
        at, passed = failing[0], len(runs) - len(failing)
        return paragraphs(
            say("questions.case_failed", passed=passed) if passed else say("questions.all_cases_failed"),
            self._described(self.cases[at]),
            self._difference(runs[at], self.wanted[at]),
            self._cause(verdict.mistakes, runs[at], self.wanted[at]),
        )

    # One case

    def _changes(self, function, runs):
        """Whether the first case, called again with other random numbers to draw, gives something else than before."""
        if runs[0].problem:
            return False
        case, first = self.cases[0], runs[0].value
        _, form = self._run(function, case)
        end = time.monotonic() + _SECONDS

        def again():
            for at in range(_AGAIN):
                if time.monotonic() > end:
                    break
                seed(at)
                if not _agrees(self._result(function(*[_FORMS[form](one) for one in self._arguments(case)])), first):
                    return True
            return False

        outcome = call(again)
        return bool(outcome.error or outcome.value)

    def _runs(self, function):
        """The outcome of every case; after one that had to be stopped, the others are not tried."""
        runs, form = [], 0
        for case in self.cases:
            if runs and runs[-1].stopped:
                runs.append(runs[-1])
                continue
            run, form = self._run(function, case, form)
            runs.append(run)
        return runs

    def _case(self, spec, fine, rng):
        values, biases = (_FINE_VALUES, _FINE_BIASES) if fine else (_VALUES, _BIASES)

        def draw(shape):
            drawn = np.array([rng.choice(values) for _ in range(int(np.prod(shape)))])
            return drawn.reshape((1,) * (4 - len(shape)) + tuple(shape))

        images, filters = draw(spec["input"]), draw(spec["weight"])
        if len(filters) > len(biases):
            biases += _MORE_BIASES
        bias = np.array(rng.sample(biases, len(filters))) if "bias" in self._takes else np.zeros(len(filters))
        return {
            "input": images,
            "weight": filters,
            "bias": bias,
            "stride": spec.get("stride", 1),
            "padding": spec.get("padding", 0),
        }

    def _arguments(self, case):
        """What the learner's function is given: arrays of the question's ranks, copied."""
        full = dict(case)
        full["input"] = case["input"].reshape(case["input"].shape[4 - self._ranks[0] :]).copy()
        full["weight"] = case["weight"].reshape(case["weight"].shape[4 - self._ranks[1] :]).copy()
        full["bias"] = case["bias"].copy() if self._ranks[1] == 4 else float(case["bias"][0])
        return [full[name] for name in self._takes]

    def _reduced(self, result):
        """Drop the axes that the question does not have: of batch and filters, where there is one."""
        if result.ndim < 3:
            return result
        axes = [axis for axis, there in ((0, self._ranks[0] == 4), (1, self._ranks[1] == 4)) if not there]
        return result.reshape([size for axis, size in enumerate(result.shape) if axis not in axes or size != 1])

    def _run(self, function, case, form=0):
        """The outcome of one case, and the form of arguments that gave it: NumPy's arrays, or PyTorch's tensors.

        A function that ends with an error is given the same numbers in the other forms: it may be written for tensors.
        """
        first = None
        for at in (form, *(i for i in range(len(_FORMS)) if i != form)):
            outcome = self._run_on(function, [_FORMS[at](one) for one in self._arguments(case)])
            if not outcome.error:
                return outcome, at
            first = first or outcome
        return first, form

    def _run_on(self, function, arguments):
        before = [np.array(_plain(one)) for one in arguments]
        outcome = call(function, *arguments)
        if inspect.iscoroutine(outcome.value):
            outcome.value.close()
        if outcome.problem:
            return outcome
        for name, one, old in zip(self._takes, arguments, before, strict=True):
            if not np.array_equal(_plain(one), old):
                return outcome._replace(value=None, problem=say("questions.input_changed", argument=name))
        if outcome.value is None:
            return outcome._replace(problem=say("questions.returned_nothing"))
        try:
            result = self._result(outcome.value)
        except Unreadable:
            return outcome._replace(value=None, problem=_unread(outcome.value))
        if any(_share(outcome.value, one) for one in arguments):
            return outcome._replace(value=None, problem=say("questions.view_returned"))
        return outcome._replace(value=result)

    def _result(self, value):
        """What was returned, as an array of floats."""
        try:
            return array(_real(_opened(value)))
        except (OverflowError, ValueError) as error:  # a fraction beyond all floats
            raise error if isinstance(error, Unreadable) else Unreadable(str(error)) from None

    # Causes

    def _right_everywhere(self, values):
        return all(_agrees(value, true) for value, true in zip(values, self.wanted, strict=True))

    def _value(self, wrong, case):
        """What a known wrong function gives, or None where it stops or gives nothing."""
        try:
            value = np.asarray(self.handed_in(wrong)(*self._arguments(case)), float)
        except (ValueError, IndexError):
            return None
        return value if value.size else None

    def _likely(self, runs):
        """The mistakes that explain every case: the same values, or stopped where the learner's function stopped."""
        got = [None if run.problem else run.value for run in runs]
        wrong = [
            mine for mine, true in zip(got, self.wanted, strict=True) if mine is not None and not _agrees(mine, true)
        ]
        if len(wrong) < _EVIDENCE:
            return []
        return [name for name in self._known if any(self._fits(form, got) for form in self._forms(name))]

    def _forms(self, name):
        """The functions that make one mistake: some are made in more than one way."""
        return [self._known[name], *self._also.get(name, ())]

    def _fits(self, wrong, got):
        return all(_alike(self._known_value(wrong, at), mine) for at, mine in enumerate(got))

    def _known_value(self, wrong, at):
        """What a known wrong function gives on a case, worked out once."""
        if (wrong, at) not in self._worked_out_values:
            self._worked_out_values[wrong, at] = self._value(wrong, self.cases[at])
        return self._worked_out_values[wrong, at]

    # What is said

    def _described(self, case):
        """The arguments, as lines that could be run; large arrays by their shapes."""
        arguments = dict(zip(self._takes, self._arguments(case), strict=True))
        large = {name: one for name, one in arguments.items() if np.size(one) > _SHOWN}
        wide = max(map(len, arguments))
        lines = [_laid_out(one, f"{name:{wide}} = ", _exact) for name, one in arguments.items() if name not in large]
        said = [f"`{name}`: {say('questions.of_shape', shape=one.shape)}" for name, one in large.items()]
        return paragraphs("\n".join(f"- {one}" for one in said), _fenced(*lines))

    def _difference(self, run, wanted):
        if run.problem:
            return paragraphs(run.problem, _printed(run))
        show = _writer(wanted, run.value)
        return paragraphs(
            say(
                "questions.wanted_and_got",
                wanted=_summary(wanted, run.value, show),
                got=_summary(run.value, wanted, show),
            ),
            _printed(run),
        )

    def _cause(self, likely, run, wanted):
        if len(likely) == 1:
            return say("questions.likely", name=self.mistake_name(likely[0]), why=self.explain(likely[0], ""))
        if likely:
            return paragraphs(
                " · ".join(f"**{self.mistake_name(name)}**" for name in likely), say("questions.look_again")
            )
        if run.problem:
            return ""
        if run.value.shape != wanted.shape:
            return _shape_difference(run.value.shape, wanted.shape)
        if wanted.ndim == 0:
            return say("questions.look_again")
        apart = np.argwhere(~_close(run.value, wanted))
        where = text_of([int(i) for i in apart[0]])
        return say("questions.wrong_values", count=len(apart), all=wanted.size, where=where)


def _shape_difference(given, wanted):
    """What can be said of a result whose shape is not the right one."""
    if len(given) != len(wanted) and [n for n in given if n != 1] == [n for n in wanted if n != 1]:
        return say("questions.wrong_ones", given=given, wanted=wanted)
    if len(given) != len(wanted):
        return say("questions.wrong_axes", given=given, wanted=wanted, axes=len(given), right=len(wanted))
    axes = [axis for axis, (one, other) in enumerate(zip(given, wanted, strict=True)) if one != other]
    if all(axis >= len(wanted) - 2 for axis in axes):
        return say("questions.wrong_shape", given=given, wanted=wanted)
    return say("questions.wrong_axis", given=given, wanted=wanted, axis=axes[0])


def _is_unfinished(function, runs, failing):
    """Whether the `...` that a lesson leaves is still in a function that is right nowhere."""
    if failing < len(runs):
        return False
    if all(run.value is ... for run in runs):
        return True
    found = gap_in(function)
    return found == "body" or (found == "value" and all(run.problem for run in runs))


# The forms in which a function may want its arrays, the usual one first.


def _as_given(one):
    return one


def _as_tensor(one):
    torch = needs("torch")

    return torch.from_numpy(one) if isinstance(one, np.ndarray) else one


def _as_single_tensor(one):
    torch = needs("torch")

    return torch.from_numpy(one).float() if isinstance(one, np.ndarray) else one


def _as_single(one):
    return one.astype(np.float32) if isinstance(one, np.ndarray) else one


_FORMS = (_as_given, _as_tensor, _as_single_tensor, _as_single)


def _plain(one):
    """A tensor as an array that shares its memory, where it can; anything else as it is."""
    if not hasattr(one, "detach"):
        return one
    try:
        return one.detach().numpy()
    except (RuntimeError, TypeError, ValueError):
        return np.zeros(0)


def _opened(value, deep=6):
    """Return what was returned with its fractions, decimals and tensors as floats, also those inside lists and arrays of objects."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = value.tolist()
    if isinstance(value, list | tuple) and deep:
        return [_opened(one, deep - 1) for one in value]
    if hasattr(value, "detach") and deep < 6:
        plain = _plain(value)
        return plain.tolist() if plain.size else value
    if isinstance(value, Decimal) or (isinstance(value, Real) and not isinstance(value, int | float | np.number)):
        return float(value)
    return value


def _share(value, argument):
    """Whether an array or tensor that was returned may share its memory with an argument; a list of numbers never does."""
    return hasattr(value, "__array__") and np.may_share_memory(np.asarray(_plain(value)), _plain(argument))


def _real(value):
    """Complex numbers without imaginary parts, as a Fourier transform leaves them, as real ones."""
    try:
        numbers = np.asarray(detached(value))
    except Exception:  # whatever it is, `array` has a sentence for it
        return value
    if numbers.dtype.kind != "c" or not 0 < numbers.size <= LARGEST:
        return value
    return numbers.real if np.all(np.abs(numbers.imag) <= _CLOSE * np.maximum(np.abs(numbers.real), 1)) else value


def _unread(value):
    """What is said of a result that is no array of numbers: what is in it, where that is seen."""
    try:
        found = np.asarray(detached(_opened(value)))
    except Exception:  # rows of different length, an object that fails when it is looked at
        found = np.zeros(0)
    if found.size > LARGEST:
        return say("questions.too_many_values", shape=found.shape)
    if found.dtype.kind == "c":
        return say("questions.returned_complex", given=written(value))
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        bad = np.argwhere(~np.isfinite(np.atleast_1d(found)))
        where, first = text_of([int(i) for i in bad[0]]), np.atleast_1d(found)[tuple(bad[0])]
        return say("questions.returned_not_finite", count=len(bad), all=found.size, where=where, given=f"{first}")
    return say("questions.returned_unreadable", given=written(value), type=type(value).__name__)


def _close(value, wanted):
    return np.abs(value - wanted) <= _CLOSE * np.maximum(np.abs(wanted), 1)


def _agrees(value, wanted):
    return value is not None and value.shape == wanted.shape and bool(np.all(_close(value, wanted)))


def _alike(one, other):
    return one is other if one is None or other is None else _agrees(one, other)


def _exact(value):
    """An argument of a case as it is; none has more than three places."""
    return f"{value:g}"


def _writer(one, other):
    """Return what writes the numbers of two arrays, in so many digits that what differs looks different."""
    digits = 4
    if one.shape == other.shape and np.any(~_close(one, other)):
        apart = np.abs(one - other)[~_close(one, other)].min()
        digits = int(np.clip(np.ceil(-np.log10(apart)) + 1, 4, 9))
    return lambda value: f"{value:.{digits}f}".rstrip("0").rstrip(".").replace("-0", "0", int(abs(value) < 1e-9))


def _summary(value, other, show):
    """An array in rows; a large one by its shape and the first value that differs."""
    if value.size <= _SHOWN:
        return _fenced(_laid_out(value, show=show))
    if value.shape != other.shape:
        return say("questions.of_shape", shape=value.shape)
    where = tuple(int(i) for i in np.argwhere(~_close(value, other))[0])
    return say("questions.of_shape_first", shape=value.shape, where=list(where), value=show(value[where]))


def _laid_out(value, before="", show=_exact):
    """A number or an array with its rows below one another, in columns."""
    if not isinstance(value, np.ndarray):
        return before + show(value)
    wide = max(len(show(one)) for one in value.ravel())
    text = np.array2string(
        value,
        separator=", ",
        max_line_width=1000,
        threshold=1000,
        formatter={"all": lambda one: f"{show(one):>{wide}}"},
    )
    return before + re.sub(r"\n+", "\n", text).replace("\n", "\n" + " " * len(before))


def _fenced(*lines):
    return "\n".join(["```python", *lines, "```"]) if lines else ""


def _printed(run):
    return say("questions.printed", text=run.printed.rstrip().replace("```", "'''")) if run.printed.strip() else ""
