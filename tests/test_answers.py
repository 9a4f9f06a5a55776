"""What questions say is right and what their mistakes give, held against truths that share no code with them.

* ``answers/right.py``: for every number, shape and array question its right answer, told by PyTorch or by plain counting.
* ``answers/wrong.py``: for every mistake of such a question at least two values worked out by hand from what its sentence says.
* ``answers/choices.py``: for every choice question which option is true.
* ``answers/programs.py``: for every function and module question what has to come out.
"""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from answers.choices import CHOICES
from answers.programs import FUNCTIONS, MODULES, case, result, result_by_columns
from answers.right import ORACLES
from answers.wrong import CLAIMS, OWN, SHARED
from lessonlib.questions import names, question
from lessonlib.sentences import LANGUAGES, language

COUNTED = [name for name in names() if question(name).kind in ("number", "shape", "array")]
DRAWS = 50
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _english_afterwards():
    yield
    language("en")


def alike(kind, one, other):
    """Whether two answers are the same: of the same form, and to the ninth digit."""
    if kind == "shape" and one is not None:
        return isinstance(one, tuple) and one == other
    if one is None or other is None or np.shape(one) != np.shape(other):
        return one is other
    return np.allclose(np.asarray(one, float), np.asarray(other, float), rtol=1e-9, atol=1e-9)


def as_written(answer):
    """An answer as a text gives it: whole numbers without a point, others to two decimals."""
    if isinstance(answer, tuple | list):
        inside = ", ".join(as_written(one) for one in answer)
        return f"[{inside}]" if isinstance(answer, list) else f"({inside}{',' * (len(answer) == 1)})"
    return f"{answer:.0f}" if answer == round(answer) else f"{answer:.2f}".rstrip("0")


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


@pytest.mark.parametrize("name", CLAIMS)
def test_what_sentences_claim_of_wrong_answers_is_true(name):
    one = question(name)
    for asked in (one, *(one.variant(seed) for seed in range(DRAWS))):
        for mistake, holds in CLAIMS[name].items():
            assert holds(asked.mistakes[mistake], **asked.numbers), (mistake, asked.numbers)


def test_no_hand_worked_value_is_left_over():
    known = {(name, mistake) for name in COUNTED for mistake in question(name)._mistakes}
    assert [(name, mistake) for name in OWN for mistake in OWN[name] if (name, mistake) not in known] == []
    shared = {mistake for name, mistake in known if mistake not in OWN.get(name, {})}
    assert [mistake for mistake in SHARED if mistake not in shared] == []


# Choices


def test_every_choice_has_its_truth():
    assert set(CHOICES) == {name for name in names() if question(name).kind == "choice"}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", CHOICES)
def test_the_right_option_is_the_true_one(name, code):
    one = question(name)
    options = {option: one._word(f"{one._own}_{option}", code) for option in ("right", *one.mistakes)}
    assert CHOICES[name](options) == ["right"]


# Functions and modules


def program_in(worked):
    """Run the program of a solution and return the names it makes."""
    made = {"np": np, "torch": torch, "nn": nn}
    for program in re.findall(r"```python\n(.*?)```", worked, re.DOTALL):
        exec(program, made)
    return made


def test_every_function_and_module_has_its_reference():
    assert set(FUNCTIONS) == {name for name in names() if question(name).kind == "function"}
    assert set(MODULES) == {name for name in names() if question(name).kind == "module"}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_function_of_the_solution_gives_what_pytorch_gives(name, code):
    made = program_in(question(name).worked(code))
    function = next(one for one in reversed(made.values()) if callable(one))
    for seed in range(20):
        given = case(name, seed)
        output = function(*(one.numpy() if isinstance(one, torch.Tensor) else one for one in given.values()))
        wanted = result(name, **given)
        assert np.shape(output) == tuple(wanted.shape)
        assert np.allclose(output, wanted), seed


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_wanted_of_a_function_is_the_product_of_a_matrix(name):
    one = question(name)
    assert len(one.cases) == len(one.wanted) > 2
    for full, wanted in zip(one.cases, one.wanted, strict=True):
        tensors = {
            argument: torch.as_tensor(value) for argument, value in full.items() if isinstance(value, np.ndarray)
        }
        output = result_by_columns(name, **tensors, stride=full["stride"], padding=full["padding"])
        assert np.shape(wanted) == tuple(output.shape)
        assert np.allclose(wanted, output)


@pytest.mark.parametrize("name", MODULES)
def test_modules_give_what_the_module_asked_for_gives(name):
    expression, build, shape = MODULES[name]
    one = question(name)
    worked = one.worked("en")
    solution = eval(expression or re.search(r"`(nn\..+)`", worked)[1], program_in(worked))
    assert one.worked("ko").count("```") == worked.count("```")
    for module in (one.right, solution):
        wanted = build()
        assert [tuple(p.shape) for p in module.parameters()] == [tuple(p.shape) for p in wanted.parameters()]
        torch.nn.utils.vector_to_parameters(
            torch.nn.utils.parameters_to_vector(module.parameters()), wanted.parameters()
        )
        images = torch.randn(5, *shape, generator=torch.Generator().manual_seed(4))
        assert torch.allclose(module(images), wanted(images), atol=1e-6)


# The words


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", COUNTED)
def test_worked_solutions_end_at_the_oracles_answer(name, code):
    language(code)
    one = question(name)
    for asked in (one, *(one.variant(seed) for seed in range(20))):
        answer = re.escape(as_written(ORACLES[name](**asked.numbers)))
        assert re.search(rf"(?<![\d.]){answer}(?!\.?\d)", asked.worked()), asked.numbers


# Where they are asked


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_question_that_progress_counts_is_asked_in_a_lesson(code):
    lessons = [json.loads(path.read_text("utf-8")) for path in sorted((ROOT / "notebooks" / code).glob("*.ipynb"))]
    programs = [
        "".join(cell["source"]) for lesson in lessons for cell in lesson["cells"] if cell["cell_type"] == "code"
    ]
    asked = {name for program in programs for name in re.findall(r"(?:question|Predict)\(\"([\w.]+)\"\)", program)}
    assert [name for name in names() if name not in asked] == []
