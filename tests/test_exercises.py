"""Every question of the course: right answers pass in any form, each known mistake is named and no other, nothing is given away."""

import contextlib
import random
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch

from lessonlib.questions import LESSONS, names, question
from lessonlib.questions import shape_quiz as quiz
from lessonlib.questions.answers import same, text_of
from lessonlib.questions.functions import _alike
from lessonlib.sentences import LANGUAGES, language, say, words
from support.amount import times

ALL = names()
KINDS = {name: question(name).kind for name in ALL}
ANSWERED = [name for name in ALL if KINDS[name] not in ("function", "module")]
FUNCTIONS = [name for name in ALL if KINDS[name] == "function"]
MODULES = [name for name in ALL if KINDS[name] == "module"]
VARIANTS = times(20, 200)


@pytest.fixture(autouse=True)
def _no_progress(monkeypatch):
    monkeypatch.setenv("LESSONLIB_PROGRESS", "off")
    yield
    language("en")


def fresh(name):
    """Return the question with nothing tried yet."""
    one = question(name)
    return one._with(one.numbers)


def forms(kind, right):
    """Return the same answer in other forms."""
    if kind == "choice":
        return [right, right.lower(), f"({right})", f"{right}.", chr(ord(right) + 0xFEE0)]
    if kind == "shape":
        return [
            *([" x ".join(map(str, right)), "×".join(map(str, right))] if len(right) > 1 else []),
            str(right),
            str(list(right)) if len(right) > 1 else str(right),
            str(torch.Size(right)) if len(right) > 1 else str(right),
            tuple(map(Decimal, right)),
            np.array(right, object),
            right,
            list(right),
            torch.Size(right),
            np.array(right),
            torch.tensor(right),
            tuple(map(np.int64, right)),
        ]
    if kind == "array":
        values = np.asarray(right, float)
        fractions = np.array([Fraction(one) for one in values.ravel()], object).reshape(values.shape)
        texts = [str(right), str(values), repr(values), repr(torch.tensor(values)), str(values.astype(int))]
        return [
            right,
            values.tolist(),
            values,
            torch.tensor(values, requires_grad=True),
            values.astype(np.float32),
            fractions,
            fractions.tolist(),
            tuple(map(torch.tensor, values)),
            torch.tensor(values).to_sparse(),
            *texts,
        ]
    wrapped = [
        [right],
        (right,),
        {right},
        [[right]],
        np.array([right], object),
        Decimal(str(right)),
        Fraction(str(right)),
    ]
    texts = [
        str(right),
        f"= {right}",
        f"{right}칸",
        f"{right} cells",
        "".join(chr(ord(one) + 0xFEE0) for one in str(right)),
    ]
    found = [
        *wrapped,
        *texts,
        right,
        float(right),
        np.float64(right),
        np.array([right]),
        torch.tensor(float(right), requires_grad=True),
    ]
    whole = (
        [int(right), np.int64(right), torch.tensor(int(right)), torch.tensor([[int(right)]])]
        if float(right).is_integer()
        else []
    )
    return found + whole


def code_in(markdown):
    """Return the programs between the fences."""
    return re.findall(r"```python\n(.*?)```", markdown, re.DOTALL)


def answer_in(one):
    """Return the function or module that a question's solution gives: made by its program, or by a piece of code in a line."""
    names = {"np": np, "torch": torch, "nn": torch.nn, "F": torch.nn.functional}
    for program in code_in(one.worked()):
        exec(program, names)
    made = list(names.values())[::-1]
    if one.kind == "function":
        return next(value for value in made if isinstance(value, type(answer_in)))
    own = [value for value in made if isinstance(value, type) and issubclass(value, torch.nn.Module)]
    for text in re.findall(r"`([\w.]+\(.*?\))`", one.worked() + one.statement()):
        with contextlib.suppress(NameError, TypeError, SyntaxError):
            made.append(eval(text, names))
    found = [value for value in made if isinstance(value, torch.nn.Module)]
    mine = [value for value in found if type(value) in own]
    return (mine or found)[0] if mine or not own else own[0]()


# What can be wrong with a question's words


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_every_word_is_there_and_filled_in(name, code):
    language(code)
    one = fresh(name)
    texts = [one.statement(), one.worked(), *one.hints()]
    texts += [text for mistake in one.mistakes for text in (one.mistake_name(mistake), one.explain(mistake))]
    one.tries = 1

    assert all(text.strip() for text in texts)
    assert (1 if one.kind == "choice" else 2) <= len(one.hints()) <= 3
    for text in texts:
        prose = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
        assert "{" not in prose, text
        assert not re.search(r"\[[^\]\s]+/[^\]\s]+\]", prose), text
        assert bool(re.search("[가-힣]", prose)) <= (code == "ko"), text
    if code == "ko":
        assert re.search("[가-힣]", one.statement())


def test_every_word_of_the_questions_is_used():
    left = []
    for lesson in LESSONS:
        used = set()
        for name in ALL:
            if name.partition(".")[0] == lesson:
                own, one = name.partition(".")[2], question(name)
                used |= {
                    own,
                    *(
                        f"{own}_{part}"
                        for part in ("hint_1", "hint_2", "hint_3", "solution", "another", "right", "expects")
                    ),
                }
                used |= {f"{own}_{mistake}" for mistake in one.mistakes}
                used |= {word for mistake in one.mistakes for word in (mistake, f"{mistake}_name")}
        left += [f"{lesson}.{word}" for word in words(lesson, "en") if word not in used]
    assert left == []


@pytest.mark.parametrize("name", [name for name in ANSWERED if KINDS[name] == "array"])
def test_what_is_asked_for_has_as_many_brackets_as_the_answer(name):
    (asked,) = re.findall(r"`(\[.*?\])`", fresh(name).reply(...))

    assert asked.startswith("[" * np.ndim(question(name).right))
    assert not asked.startswith("[" * (np.ndim(question(name).right) + 1))


def test_every_shared_mistake_is_fed_in_somewhere():
    asked = [one for name in ALL for one in (question(name), *map(question(name).variant, range(3)))]
    used = {mistake for one in asked for mistake in one.mistakes} | set(quiz._SHARED)
    shared = {word.removesuffix("_name") for word in words("mistakes", "en")}
    assert shared - used == set()


def test_there_are_mistakes_enough():
    assert len({mistake for name in ALL for mistake in question(name).mistakes}) >= 30


# Answers


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", ANSWERED)
def test_right_answers_pass_in_every_form(name, code):
    language(code)
    for one in (fresh(name), question(name).variant(1)):
        for answer in forms(one.kind, one.right):
            said = one._with(one.numbers).reply(answer)
            assert said.startswith("✓"), (answer, said)
            assert one.mistakes_in(answer) == []
            if one.kind != "choice":
                assert text_of(one.right) in said


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", ANSWERED)
def test_every_known_mistake_is_named(name, code):
    language(code)
    for one in (fresh(name), question(name).variant(1), question(name).variant(2)):
        for mistake, answer in one.mistakes.items():
            said = one._with(one.numbers).reply(answer)
            others = [one.mistake_name(other) for other in one.mistakes if other != mistake]
            assert said.startswith("✗")
            assert f"**{one.mistake_name(mistake)}**" in said
            assert not any(f"**{other}**" in said for other in others if other != one.mistake_name(mistake))
            assert len(said) < 1200


@pytest.mark.parametrize("name", ANSWERED)
def test_variants_have_answers_that_differ(name):
    one = question(name)
    assert one.distinct()
    numbers = set()
    for seed in range(VARIANTS):
        drawn = one.variant(seed)
        numbers.add(str(drawn.numbers))
        answers = [drawn.right, *drawn.mistakes.values()]
        assert not any(same(a, b) for i, a in enumerate(answers) for b in answers[:i]), drawn.numbers
    assert len(numbers) >= 4 or one.kind == "choice"


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in ANSWERED if KINDS[name] != "choice"])
def test_the_right_value_is_not_given_away(name, code):
    """A value may stand in one reply by chance, or in the statement; not in the reply for all numbers."""
    language(code)
    drawn = [question(name).variant(seed) for seed in range(8)]
    for mistake in drawn[0].mistakes:
        given_away = []
        for one in drawn:
            if mistake not in one.mistakes:
                continue
            right = re.escape(text_of(one.right))
            alone = re.compile(rf"(?<![\d.]){right}(?![\d]|\.\d)")
            said = one._with(one.numbers).reply(one.mistakes[mistake])
            said = said.replace(f"`{text_of(one.mistakes[mistake])}`", "")
            given_away.append(bool(alone.search(said)) and not alone.search(one.statement()))
        assert not all(given_away), (mistake, said)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in ANSWERED if KINDS[name] == "choice"])
def test_letters_and_texts_of_a_choice_are_read(name, code):
    language(code)
    one = fresh(name)
    letters = one._letters()
    assert sorted(letters.values()) == sorted(["right", *one.mistakes])
    for letter, option in letters.items():
        for answer in (letter, letter.lower(), f" {letter} ", one._text(letter), f"`{one._text(letter)}`"):
            assert one.mistakes_in(answer) == ([] if option == "right" else [option])
    for letter in one.mistakes.values():
        assert one._text(one.right) not in one.reply(letter)
    for inner in letters.values():  # the names that the options have in the program are no answers
        said = one._with({}).reply(inner)
        assert "`" in said
        assert not said.startswith(("✓", "✗"))
    assert ", ".join(letters) in one.reply("Z")


def test_answers_nobody_foresaw_name_nothing():
    rng, named = random.Random(0), 0
    for name in ANSWERED:
        one = question(name)
        for seed in range(20):
            drawn = one.variant(seed)
            answers = [drawn.right, *drawn.mistakes.values()]
            if drawn.kind == "number":
                answer = rng.choice([rng.randint(-9, 99), rng.random() * 50])
            elif drawn.kind == "shape":
                answer = tuple(rng.randint(1, 40) for _ in range(rng.randint(1, 5)))
            elif drawn.kind == "array":
                answer = [[rng.randint(-9, 9) for _ in range(3)] for _ in range(2)]
            else:
                continue
            if not any(same(answer, known) for known in answers):
                named += bool(drawn.mistakes_in(answer))
                said = drawn.reply(answer)
                assert said.startswith("✗")
                assert not any(f"**{drawn.mistake_name(mistake)}**" in said for mistake in drawn.mistakes)
    assert named == 0


def test_two_mistakes_that_fit_are_both_named_with_what_tells_them_apart():
    one = question("shape.predict_1")._with({"n": 20, "k": 7, "p": 2, "s": 2})
    said = one.reply(8)
    assert all(f"**{one.mistake_name(mistake)}**" in said for mistake in ("no_plus_one", "padding_once"))
    assert ".variant(1)" in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_mistake_that_two_others_together_can_look_like_is_asked_about(code):
    language(code)
    one = question("shape.side")._with({"n": 26, "k": 9, "p": 7, "s": 3})
    name = next(mistake for mistake in one.mistakes if one.is_doubtful(mistake))
    said = one.reply(one.mistakes[name])
    assert said.startswith(say("questions.doubtful", given=one.mistakes[name], name=one.mistake_name(name)))
    assert ".variant(1)" in said


@pytest.mark.parametrize(
    ("name", "numbers", "answer", "mistake"),
    [
        # Told "the last +1 is missing" once; the padding was counted once.
        ("shape.predict_1", None, 12, "padding_once"),
        ("shape.side", None, 7, "padding_once"),
        ("shape.dilation", None, 7, "padding_once"),
        # (filters, KH, KW, channels), told "height and width swapped" once.
        ("many_channels.weight", None, (8, 2, 5, 3), "filter_channels_last"),
        ("filter_shapes.groups", None, (4, 5, 2, 3), "filter_channels_last"),
        # The +1 forgotten and K/2 trusted to keep the size give the same, always: both are said.
        ("padding.even_kernel", None, 10, "even_kernel_half"),
        ("many_channels.predict_2", None, 5, "kernel_size_as_maps"),
        ("conv_layer_shapes.predict_1", None, (1, 26, 26), "axis_of_one_missing"),
        ("conv_calculation.bytes", None, 150, "bytes_without_end"),
    ],
)
def test_what_was_put_down_to_something_else_is_named(name, numbers, answer, mistake):
    one = fresh(name) if numbers is None else question(name)._with(numbers)
    assert one.mistakes_in(answer) == [mistake]


def test_values_are_right_only_to_the_decimals_that_the_statement_states():
    slope = fresh("activation.slope")  # 0.9 · 0.1
    assert "two decimals" in slope.statement()
    assert all(
        slope._with(slope.numbers).reply(one).startswith("✓") for one in (0.09, "0.09", np.float32(0.09), 0.0900001)
    )
    assert not any(
        slope._with(slope.numbers).reply(one).startswith("✓") for one in (0.094, 0.0876, 0.1, np.float16(0.09))
    )
    quarter = slope._with({"s": 0.95})  # 0.0475
    assert all(quarter._with(quarter.numbers).reply(one).startswith("✓") for one in (0.05, 0.0475, 0.048))
    assert not any(quarter._with(quarter.numbers).reply(one).startswith("✓") for one in (0.04, 0.051, 0.0436))
    step = fresh("train_a_cnn.step")
    assert not step.reply(step.right + 0.004).startswith("✓")
    assert "8.004" in fresh("one_channel.side").reply(8.004)
    for name in ANSWERED:
        one = fresh(name)
        if one.kind == "number":
            assert not one.reply(float(one.right) + 0.0009).startswith("✓"), name


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_name_that_no_question_has_gets_the_nearest_one(code):
    language(code)
    for name, near in (("one_chanel.side", "one_channel.side"), ("side", "shape.side"), ("shape.sid", "shape.side")):
        with pytest.raises(KeyError) as problem:
            question(name)
        assert str(problem.value) == say("questions.unknown_near", name=repr(name), near=f'"{near}"')
    for name in (3, None, ["a"]):
        with pytest.raises(KeyError) as problem:
            question(name)
        assert str(problem.value).startswith(say("questions.name_is_text", given="¤").split("`¤`")[0])


def test_a_drawn_question_never_has_numbers_that_no_layer_can_have():
    for seed in range(300):
        drawn = question("one_channel.side").variant(seed)
        assert drawn.numbers["n"] >= drawn.numbers["k"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_question_says_itself_what_its_answer_looks_like(code):
    """The three numbers of a layer are no shape: an example of four would lead to a wrong answer."""
    language(code)
    assert "`(1, 2, 3)`" in question("conv_layer_shapes.layer").reply(...)
    assert "`(1, 5, 26, 26)`" in question("conv_layer_shapes.bias").reply(...)


def test_first_paddings_are_smaller_than_the_kernel():
    """A window that reads nothing but padding is no example to learn the formula from."""
    for name in ("shape.predict_1", "shape.side"):
        for one in (question(name), *(question(name).variant(seed) for seed in range(20))):
            assert one.numbers["p"] <= one.numbers["k"] // 2 + 2, one.numbers


@pytest.mark.parametrize("code", LANGUAGES)
def test_counter_examples_show_the_window_that_fits_or_does_not(code):
    language(code)
    one = question("shape.predict_1")._with({"n": 19, "k": 5, "p": 4, "s": 2})
    too_few, too_many = one.reply(one.right - 1), one.reply(one.right + 1)
    assert "✗" not in too_few.split("```")[1]
    assert "■■" in too_few
    assert "■✗" in too_many
    assert too_few.split("```")[0] != too_many.split("```")[0]


# The talk


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_hints_come_one_by_one_and_the_solution_after_a_try(name, code, monkeypatch):
    language(code)
    shown = []
    monkeypatch.setattr("lessonlib.questions.core._show", shown.append)
    one = fresh(name)
    one.solution()
    assert one.worked() not in shown[-1]
    one.solution()
    assert one.worked() in shown[-1]

    one = fresh(name)
    for hint in one.hints():
        one.hint()
        assert hint in shown[-1]
        assert one.worked() not in shown[-1]
    one.hint()
    assert one.worked() not in shown[-1]
    assert shown[-1] == say("questions.last_hint")
    one.solution()
    assert one.worked() in shown[-1]

    one = fresh(name)
    one._solved, one.tries = True, 1
    one.solution()
    assert all(hint in shown[-1] for hint in one.hints())


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_dots_left_in_a_cell_are_not_wrong(name, code):
    language(code)
    one = fresh(name)
    said = one.reply(...)
    assert said.startswith("✎")
    assert one.tries == 0


# Functions and modules


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", FUNCTIONS + MODULES)
def test_solutions_run_green_through_the_same_check(name, code):
    language(code)
    one = fresh(name)
    said = one.reply(answer_in(one))
    assert said.startswith("✓"), said


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_known_wrong_function_is_named_and_no_other(name):
    one = fresh(name)
    results = one.known_results
    listed = list(results)
    for i, a in enumerate(listed):
        for b in listed[:i]:
            assert not all(_alike(x, y) for x, y in zip(results[a], results[b], strict=True)), (a, b)
    assert set(results) == set(one._known), "a mistake that these cases do not show"
    for mistake, function in one.mistakes.items():
        assert one.mistakes_in(function) == [mistake]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_replies_to_known_wrong_functions_name_them(name, code):
    language(code)
    one = fresh(name)
    for mistake in random.Random(name).sample(list(one.mistakes), 6):
        said = one._with({}).reply(one.handed_in(one._known[mistake]))
        assert said.startswith("✗")
        assert f"**{one.mistake_name(mistake)}**" in said


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", MODULES)
def test_every_known_wrong_module_is_named_and_no_other(name, code):
    language(code)
    one = fresh(name)
    for mistake, module in one.mistakes.items():
        assert one.mistakes_in(module) == [mistake]
        said = one._with({}).reply(module)
        assert said.startswith("✗")
        assert one.mistake_name(mistake) in said
    assert one._with({}).reply(one.right).startswith("✓")
