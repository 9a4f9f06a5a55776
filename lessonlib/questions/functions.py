"""A function that the learner writes, checked case by case against PyTorch.

::

    FunctionQuestion(
        "conv_calculation.with_stride",
        takes=("input", "weight", "bias", "stride"),   # what the learner's function is given, in this order
        ranks=(3, 4),                                   # axes of input and weight: (C, H, W) and (O, C, KH, KW)
        cases=[{"input": (1, 4, 5), "weight": (1, 1, 2, 3), "stride": 2}, …],   # shapes, the smallest case first
    )

Ranks (2, 2) stand for one channel and one kernel, (3, 3) for one filter on all channels, (3, 4) for all filters, (4, 4) for a batch. The
mistakes of `mutants.KNOWN` are run on the same cases, and one is named only if it gives the learner's result on every case.
"""

import random
import re
from functools import cached_property

import numpy as np

from lessonlib.lessons.mistaken_convolutions import KNOWN
from lessonlib.questions.answers import Unreadable, array, text_of, written
from lessonlib.questions.core import Question, paragraphs
from lessonlib.questions.sandbox import call
from lessonlib.sentences import say

_SHOWN = 40
# No 0 and no value twice as likely as another: nothing cancels by chance.
_VALUES = (-3.0, -2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 2.0, 2.5, 3.0, 4.0)


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
    only : tuple of str, optional
        The mistakes that can be made here, where not all of the question's subjects can.
    """

    def __init__(self, name, *, takes, ranks, cases, only=None, hints=None):
        super().__init__(name, kind="function", hints=hints)
        self._takes, self._ranks, self._specs = takes, ranks, cases
        about = {"window", *takes}
        about |= {"channels"} if ranks[0] > 2 else set()
        about |= {"images"} if ranks[0] == 4 else set()
        about |= {"filters"} if ranks[1] == 4 else set()
        about |= {"biases"} if ranks[1] == 4 and "bias" in takes else set()
        self._known = {
            name: wrong for name, wrong in KNOWN.items() if wrong.subject in about and name in (only or KNOWN)
        }

    @property
    def mistakes(self):
        """The known wrong functions that differ from the right one on these cases, as functions that a learner could hand in."""
        return {name: self.handed_in(self._known[name]) for name in self.known_results}

    @cached_property
    def cases(self):
        """The cases: dicts of arrays, stride and padding, in full form (N, C, H, W) and (O, C, KH, KW)."""
        rng = random.Random(self.name)
        return [self._case(spec, rng) for spec in self._specs]

    @cached_property
    def wanted(self):
        """PyTorch's result of every case."""
        import torch

        results = []
        for case in self.cases:
            tensors = [torch.from_numpy(case[name]) for name in ("input", "weight", "bias")]
            result = torch.nn.functional.conv2d(*tensors, stride=case["stride"], padding=case["padding"])
            results.append(self._reduced(result.numpy()))
        return results

    @cached_property
    def known_results(self):
        """What every known mistake gives on every case, None where it stops; without those that give the right results."""
        results = {name: [self._value(wrong, case) for case in self.cases] for name, wrong in self._known.items()}
        return {name: values for name, values in results.items() if not self._right_everywhere(values)}

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

    def reply(self, answer):
        """Return what `check` shows: agreement with PyTorch, or the smallest failing case and its likely cause."""
        if answer is ...:
            return say("exercises.not_attempted", expected=say("exercises.expects_function"))
        if not callable(answer) or isinstance(answer, type):
            return say("exercises.unreadable_function", given=written(answer), type=type(answer).__name__)
        cases, wanted = self.cases, self.wanted
        runs = self._runs(answer)
        if _is_unfinished(answer, runs):
            return say("exercises.function_unfinished", name=written(answer))
        self.tries += 1
        failing = [i for i, run in enumerate(runs) if run.problem or not _agrees(run.value, wanted[i])]
        self._solved = self._solved or not failing
        if not failing:
            self._record(True, None)
            return paragraphs(say("exercises.cases_passed", cases=len(cases)), self._after())
        likely = self._likely(runs)
        self._record(False, likely[0] if len(likely) == 1 else None)
        at = failing[0]
        passed = len(cases) - len(failing)
        head = say("exercises.case_failed", passed=passed) if passed else say("exercises.all_cases_failed")
        return paragraphs(
            head,
            self._described(cases[at]),
            self._difference(runs[at], wanted[at]),
            self._cause(likely, runs[at], wanted[at]),
        )

    def mistakes_in(self, answer):
        """Return the names of the known mistakes that give the results of this function on every case."""
        return self._likely(self._runs(answer))

    # One case

    def _runs(self, function):
        """The outcome of every case; after one that had to be stopped, the others are not tried."""
        runs = []
        for case in self.cases:
            runs.append(runs[-1] if runs and runs[-1].stopped else self._run(function, case))
        return runs

    def _case(self, spec, rng):
        def draw(shape):
            return np.array([rng.choice(_VALUES) for _ in range(int(np.prod(shape)))]).reshape(shape)

        images = draw(spec["input"]).reshape((1,) * (4 - len(spec["input"])) + tuple(spec["input"]))
        filters = draw(spec["weight"]).reshape((1,) * (4 - len(spec["weight"])) + tuple(spec["weight"]))
        bias = draw((len(filters),)) if "bias" in self._takes else np.zeros(len(filters))
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
        axes = [axis for axis, there in ((0, self._ranks[0] == 4), (1, self._ranks[1] == 4)) if not there]
        return result.reshape([size for axis, size in enumerate(result.shape) if axis not in axes or size != 1])

    def _run(self, function, case):
        """The outcome of one case; a function that wants tensors is given tensors."""
        outcome = self._run_on(function, self._arguments(case))
        if not outcome.problem or not case["input"].size:
            return outcome
        import torch

        tensors = [torch.from_numpy(one) if isinstance(one, np.ndarray) else one for one in self._arguments(case)]
        again = self._run_on(function, tensors) if outcome.value is None and _is_slip(outcome) else outcome
        return outcome if again.problem else again

    def _run_on(self, function, arguments):
        before = [
            one.copy() if isinstance(one, np.ndarray) else one.clone() if hasattr(one, "clone") else one
            for one in arguments
        ]
        outcome = call(function, *arguments)
        if outcome.problem:
            return outcome
        for name, one, old in zip(self._takes, arguments, before, strict=True):
            if not np.array_equal(np.asarray(one), np.asarray(old)):
                return outcome._replace(value=None, problem=say("exercises.input_changed", argument=name))
        if outcome.value is None:
            return outcome._replace(problem=say("exercises.returned_nothing"))
        try:
            result = array(outcome.value)
        except Unreadable:
            said = say("exercises.returned_unreadable", given=written(outcome.value), type=type(outcome.value).__name__)
            return outcome._replace(value=None, problem=said)
        raw = outcome.value.detach().numpy() if hasattr(outcome.value, "detach") else np.asarray(outcome.value)
        if any(np.may_share_memory(raw, np.asarray(one)) for one in arguments):
            return outcome._replace(value=None, problem=say("exercises.view_returned"))
        return outcome._replace(value=result)

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
        """The mistakes that fit every case: the same result, or stopped where the learner's function stopped."""
        got = [None if run.problem else run.value for run in runs]
        if all(value is None for value in got) or self._right_everywhere(got):
            return []
        fits = {name: zip(values, got, strict=True) for name, values in self.known_results.items()}
        return [name for name, pairs in fits.items() if all(_alike(value, mine) for value, mine in pairs)]

    # What is said

    def _described(self, case):
        """The arguments, as lines that could be run; large arrays by their shapes."""
        arguments = dict(zip(self._takes, self._arguments(case), strict=True))
        large = {name: one for name, one in arguments.items() if np.size(one) > _SHOWN}
        wide = max(map(len, arguments))
        lines = [_laid_out(one, f"{name:{wide}} = ") for name, one in arguments.items() if name not in large]
        said = [f"`{name}`: {say('exercises.of_shape', shape=one.shape)}" for name, one in large.items()]
        return paragraphs("\n".join(f"- {one}" for one in said), _fenced(*lines))

    def _difference(self, run, wanted):
        if run.problem:
            return paragraphs(run.problem, _printed(run))
        return paragraphs(
            say("exercises.wanted_and_got", wanted=_summary(wanted, run.value), got=_summary(run.value, wanted)),
            _printed(run),
        )

    def _cause(self, likely, run, wanted):
        if len(likely) == 1:
            return say("exercises.likely", name=self.mistake_name(likely[0]), why=self.explain(likely[0], ""))
        if likely:
            return paragraphs(
                " · ".join(f"**{self.mistake_name(name)}**" for name in likely), say("exercises.look_again")
            )
        if run.problem:
            return ""
        if run.value.shape != wanted.shape:
            return say("exercises.wrong_shape", given=run.value.shape, wanted=wanted.shape)
        if wanted.ndim == 0:
            return say("exercises.look_again")
        apart = np.argwhere(~np.isclose(run.value, wanted, rtol=1e-4, atol=1e-5))
        where = text_of([int(i) for i in apart[0]])
        return say("exercises.wrong_values", count=len(apart), all=wanted.size, where=where)


def _is_unfinished(function, runs):
    """Whether the `...` that a lesson leaves is still in the function: nothing but it, or it is handed back or run into."""
    if all("ellipsis" in run.problem.lower() for run in runs):
        return True
    code = getattr(function, "__code__", None)
    if code is None or (code.co_code, code.co_names) not in _EMPTY:
        return False
    return all(one is None or one is ... or one == function.__doc__ for one in code.co_consts)


def _empty(): ...


def _empty_with_docstring():
    """A function of which nothing but the head is written."""


_EMPTY = {(one.__code__.co_code, ()) for one in (_empty, _empty_with_docstring, lambda: ...)}


def _is_slip(outcome):
    """Whether the function stopped by an exception, which tensors in place of arrays may cure."""
    return "TypeError" in outcome.problem or "AttributeError" in outcome.problem or "RuntimeError" in outcome.problem


def _agrees(value, wanted):
    if value is None:
        return False
    if wanted.size == 1 == value.size:
        value = value.reshape(wanted.shape)
    return value.shape == wanted.shape and np.allclose(value, wanted, rtol=1e-4, atol=1e-5)


def _alike(one, other):
    return one is other if one is None or other is None else _agrees(one, other)


def _summary(value, other):
    """An array in rows; a large one by its shape and the first value that differs."""
    if value.size <= _SHOWN:
        return _fenced(_laid_out(value))
    if value.shape != other.shape:
        return say("exercises.of_shape", shape=value.shape)
    where = tuple(int(i) for i in np.argwhere(~np.isclose(value, other, rtol=1e-4, atol=1e-5))[0])
    return say("exercises.of_shape_first", shape=value.shape, where=list(where), value=text_of(value[where]))


def _laid_out(value, before=""):
    """A number or an array with its rows below one another, in columns."""
    if not isinstance(value, np.ndarray):
        return before + text_of(value)
    wide = max(len(text_of(one)) for one in value.ravel())
    text = np.array2string(
        value,
        separator=", ",
        max_line_width=1000,
        threshold=1000,
        formatter={"all": lambda one: f"{text_of(one):>{wide}}"},
    )
    return before + re.sub(r"\n+", "\n", text).replace("\n", "\n" + " " * len(before))


def _fenced(*lines):
    return "\n".join(["```python", *lines, "```"]) if lines else ""


def _printed(run):
    return say("exercises.printed", text=run.printed.rstrip().replace("```", "'''")) if run.printed.strip() else ""
