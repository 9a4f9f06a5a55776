"""A sample of what ``benchmarks/mistakes_found.py`` counts in full: wrong programs never pass, and no wrong cause is named."""

import random

import numpy as np
import pytest

from support.amount import times
from support.judging import CHECK, is_right, judged
from support.mistaken_programs import STYLES, Program, by_hand, by_machine


@pytest.fixture(scope="module")
def hand():
    return by_hand()


@pytest.fixture(scope="module")
def made():
    return by_machine()


def test_there_are_enough_mistaken_programs(hand, made):
    assert len(hand) >= 200
    assert len({program.cause for program in hand}) >= 60
    assert len(made) >= 300


@pytest.mark.parametrize("style", STYLES)
def test_right_programs_pass_in_every_style(style):
    assert judged(Program(style, "", STYLES[style])) == (True, [], [])


@pytest.mark.parametrize("style", STYLES)
def test_mistakes_put_in_by_hand_are_found(style, hand):
    programs = [program for program in hand if program.style == style]
    sample = random.Random(style).sample(programs, min(times(14, len(programs)), len(programs)))
    results = {program: judged(program) for program in sample}

    assert not any(passes or wrong for passes, _, wrong in results.values())
    own = sum(named == [program.cause] for program, (_, named, _) in results.items())
    assert own >= 0.75 * len(sample)


def test_changes_by_machine_get_no_wrong_cause(made):
    for program in random.Random(3).sample(made, times(24, 300)):
        passes, _, wrong = judged(program)
        assert not wrong, program
        assert not passes or is_right(program.function()), program


def test_mistakes_that_fit_only_the_first_case_are_not_named():
    def half(input, weight, bias, stride, padding):
        right = Program("windows", "", STYLES["windows"]).function()
        return right(input, weight[:, :, ::-1, ::-1] if stride == 1 else weight, bias, stride, padding)

    runs = CHECK._runs(half)
    assert not CHECK._right_everywhere([run.value for run in runs])
    assert CHECK._likely(runs) == []
    assert np.size(runs[0].value)
