"""What questions say is right and what their mistakes give, held against truths that share no code with them.

* ``answers/right.py``: for every number, shape and array question its right answer, told by PyTorch or by plain counting.
* ``answers/wrong.py``: for every mistake of such a question at least two values worked out by hand from what its sentence says.
"""

import numpy as np
import pytest

from answers.right import ORACLES
from answers.wrong import OWN, SHARED
from lessonlib.exercises import names, question

COUNTED = [name for name in names() if question(name).kind in ("number", "shape", "array")]
DRAWS = 50


def alike(kind, one, other):
    """Whether two answers are the same: of the same form, and to the ninth digit."""
    if kind == "shape":
        return isinstance(one, tuple) and one == other
    if one is None or other is None or np.shape(one) != np.shape(other):
        return one is other
    return np.allclose(np.asarray(one, float), np.asarray(other, float), rtol=1e-9, atol=1e-9)


def of(name, numbers):
    """A question about these numbers."""
    one = question(name)
    return one._with(numbers)


# Right answers


def test_every_counted_question_has_an_oracle():
    assert set(ORACLES) == set(COUNTED)


@pytest.mark.parametrize("name", COUNTED)
def test_right_answers_are_those_of_the_oracle(name):
    one = question(name)
    for asked in (one._with(dict(one.numbers)), *(one.variant(seed) for seed in range(DRAWS))):
        assert alike(one.kind, asked.right, ORACLES[name](**asked.numbers)), (asked.numbers, asked.right)


# Mistakes


def truths(name, mistake):
    """The hand-worked values of a question's mistake: its own ones, or those that all questions share."""
    return OWN.get(name, {}).get(mistake) or SHARED.get(mistake, [])


@pytest.mark.parametrize("name", COUNTED)
def test_every_mistake_has_two_values_worked_out_by_hand(name):
    worked_out = {
        mistake: {repr(numbers) for numbers, value in truths(name, mistake) if value is not None}
        for mistake in question(name)._mistakes
    }
    few = [mistake for mistake, numbers in worked_out.items() if len(numbers) < 2]
    assert few == [], "add them to tests/answers/wrong.py"


@pytest.mark.parametrize("name", COUNTED)
def test_mistakes_give_what_their_sentences_say(name):
    one = question(name)
    for mistake, compute in one._mistakes.items():
        for numbers, value in truths(name, mistake):
            given = compute(**numbers)
            assert alike(one.kind, given, value), (mistake, numbers, given, value)


def test_no_hand_worked_value_is_left_over():
    known = {(name, mistake) for name in COUNTED for mistake in question(name)._mistakes}
    assert [(name, mistake) for name in OWN for mistake in OWN[name] if (name, mistake) not in known] == []
    shared = {mistake for name, mistake in known if mistake not in OWN.get(name, {})}
    assert [mistake for mistake in SHARED if mistake not in shared] == []
