"""What the check of my_conv2d says of a program, and whether that is true on cases that the check has not seen."""

import random

from lessonlib.questions import question
from lessonlib.questions.functions import FunctionQuestion

CHECK = question("conv_calculation.my_conv2d")


def fresh_cases(count=24):
    """Return a question with cases that learners never meet."""
    rng = random.Random(1)
    cases = []
    for _ in range(count):
        c, o, kh, kw = (rng.randint(2, 4) for _ in range(4))
        size = rng.randint(kh + 2, 9), rng.randint(kw + 2, 9)
        cases.append(
            {
                "input": (rng.randint(1, 3), c, *size),
                "weight": (o, c, kh, kw),
                "stride": rng.randint(1, 3),
                "padding": rng.randint(0, 2),
            }
        )
    return FunctionQuestion(
        "conv_calculation.fresh", takes=("input", "weight", "bias", "stride", "padding"), ranks=(4, 4), cases=cases
    )


FRESH = fresh_cases()


def is_same(function, cause):
    """Return whether a program gives what the mistake ``cause`` gives, on cases of no check."""
    got = [None if run.problem else run.value for run in FRESH._runs(function)]
    return any(FRESH._fits(form, got) for form in CHECK._forms(cause))


def is_right(function):
    """Return whether a program is right on cases of no check."""
    return FRESH._right_everywhere([run.value for run in FRESH._runs(function)])


def judged(program):
    """Return (whether it passes, the causes named, those of them that are wrong)."""
    function = program.function()
    runs = CHECK._runs(function)
    passes = CHECK._right_everywhere([None if run.problem else run.value for run in runs])
    named = [] if passes else CHECK._likely(runs)
    return passes, named, [cause for cause in named if cause != program.cause and not is_same(function, cause)]
