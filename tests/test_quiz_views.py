"""Predict and ShapeQuiz: what the browser asks and how it judges, held to geometry.py and to the questions."""

import base64
import json
import re

import pytest

from lessonlib import Predict, ShapeQuiz, language, tries
from lessonlib.geometry import kernels_for, output_size, paddings_for, strides_for
from lessonlib.kit.explorer import read_view
from lessonlib.questions import question
from lessonlib.sentences import LANGUAGES, words
from support.node import node, view_file

SEEDS = range(30)
ANSWERS = 50  # a seed
KINDS = {"output", "padding", "stride", "kernel", "pair"}


# The quiz


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Questions of many seeds: a learner who is mostly right, and one who is mostly wrong."""
    program = """
    return given.seeds.flatMap((seed) => [9, 3].map((tenths) => {
      const [luck, history, questions] = [dice(seed + 1000 * tenths), [], []];
      for (let i = 0; i < given.answers; i++) {
        const one = next(seed, history);
        const wrong = one.choices.filter(({ text }) => text !== one.right);
        const right = luck(1, 10) <= tenths;
        const choice = right ? one.choices.find(({ text }) => text === one.right) : wrong[luck(0, wrong.length - 1)];
        questions.push({ ...one, missed: missed(history) });
        history.push({ kind: one.kind, given: choice.text, right, mistake: choice.mistake ?? "" });
      }
      return { questions, history, streak: streak(history), made: mistakesMade(history) };
    }));
    """
    given = {"seeds": list(SEEDS), "answers": ANSWERS}
    return node("shape_quiz", program, given, tmp_path_factory.mktemp("quiz"))


@pytest.fixture(scope="module")
def questions(asked):
    return [one for run in asked for one in run["questions"]]


def sizes(n):
    return {"stride": n["stride"], "padding": n["padding"], "dilation": n["dilation"]}


def test_many_questions_of_every_kind_and_level_are_asked(questions):
    assert len(questions) >= 1000
    assert {one["kind"] for one in questions} == KINDS
    assert {one["level"] for one in questions} == set(range(1, 7))


def test_every_question_fits_the_shape_formula(questions):
    for one in questions:
        for n in one["axes"]:
            assert output_size(n["input"], n["kernel"], **sizes(n)) == n["output"] >= 2, one


def test_right_answer_is_the_only_one(questions):
    for one in questions:
        n = one["axes"][0]
        dilation = n["dilation"]
        if one["kind"] == "padding":
            found = paddings_for(n["output"], n["input"], n["kernel"], n["stride"], dilation)
        elif one["kind"] == "stride":
            found = strides_for(n["output"], n["input"], n["kernel"], n["padding"], dilation)
        elif one["kind"] == "kernel":
            found = kernels_for(n["output"], n["input"], n["stride"], n["padding"], dilation)
        else:
            found = [" × ".join(str(n["output"]) for n in one["axes"])]
        assert [str(answer) for answer in found] == [one["right"]], one


def test_choices_are_distinct_and_hold_the_right_answer_once(questions):
    for one in questions:
        texts = [choice["text"] for choice in one["choices"]]
        assert 3 <= len(texts) == len(set(texts)) <= 5, one
        assert texts.count(one["right"]) == 1, one
        named = [choice["mistake"] for choice in one["choices"] if choice["mistake"]]
        assert len(set(named)) == len(named) >= 2, one
        assert next(choice for choice in one["choices"] if choice["text"] == one["right"])["mistake"] is None


# What a mistake gives, worked out here once more.
EXPECTED = {
    "no_plus_one": lambda n: output_size(n["input"], n["kernel"], **sizes(n)) - 1,
    "padding_ignored": lambda n: output_size(n["input"], n["kernel"], **sizes(n) | {"padding": 0}),
    "stride_ignored": lambda n: output_size(n["input"], n["kernel"], **sizes(n) | {"stride": 1}),
    "dilation_ignored": lambda n: output_size(n["input"], n["kernel"], **sizes(n) | {"dilation": 1}),
    "size_stays": lambda n: n["input"],
    "padding_in_total": lambda n: 2 * n["padding"],
    "kernel_as_padding": lambda n: n["kernel"],
    "stride_as_difference": lambda n: n["input"] - n["output"],
    "kernel_span_as_size": lambda n: n["dilation"] * (n["kernel"] - 1) + 1,
}


def test_a_named_mistake_is_what_that_mistake_gives(questions):
    seen = set()
    for one in questions:
        for choice in one["choices"]:
            if choice["mistake"] in EXPECTED:
                seen.add(choice["mistake"])
                assert choice["values"] == [EXPECTED[choice["mistake"]](n) for n in one["axes"]], one
    assert seen == set(EXPECTED)


def test_no_wrong_choice_satisfies_the_question(questions):
    for one in questions:
        wanted = "output" if one["kind"] == "pair" else one["kind"]
        for choice in one["choices"]:
            if choice["text"] == one["right"]:
                continue
            fits = []
            for n, value in zip(one["axes"], choice["values"], strict=True):
                changed = n | {wanted: value}
                try:
                    size = output_size(changed["input"], changed["kernel"], **sizes(changed))
                except ValueError:
                    size = None
                fits.append(size == changed["output"])
            assert not all(fits), one


def test_what_was_missed_is_asked_first(questions):
    reviews = [one for one in questions if one["missed"]]
    assert reviews
    assert all(one["kind"] == one["missed"][0] for one in reviews)


def test_levels_rise_with_right_answers_and_fall_with_wrong_ones(tmp_path):
    program = "return given.map((run) => level([...run].map((mark) => ({ right: mark === '1' }))));"
    runs = ["", "1", "11", "1111", "110", "0000", "1" * 40, "1" * 40 + "0" * 10]

    assert node("shape_quiz", program, runs, tmp_path) == [1, 1, 2, 3, 1, 1, 6, 1]


def test_streak_and_mistakes_are_counted(asked):
    for run in asked:
        marks = "".join("1" if one["right"] else "0" for one in run["history"])
        assert run["streak"] == len(marks) - len(marks.rstrip("1"))
        counts = dict(run["made"])
        assert sum(counts.values()) == sum(bool(one["mistake"]) for one in run["history"])
        assert list(counts.values()) == sorted(counts.values(), reverse=True)


def test_same_seed_asks_the_same_another_seed_something_else(tmp_path):
    program = "return given.map((seed) => JSON.stringify(next(seed, [])));"
    one, same, *others = node("shape_quiz", program, [3, 3, *range(4, 24)], tmp_path)

    assert one == same
    assert len({one, *others}) > 10


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_mistake_of_the_quiz_has_its_words(tmp_path, code):
    language(code)
    given = ShapeQuiz().view.words
    kinds = node("shape_quiz", "return Object.values(MISTAKES).flatMap((table) => Object.keys(table));", None, tmp_path)
    for name in [*kinds, "height_width_swapped"]:
        assert given[f"{name}_name"]
        assert "{" not in given[name] + given[f"{name}_name"]
    assert len(set(kinds)) == len(kinds) >= 25


def test_answers_of_the_quiz_reach_the_kernel(tmp_path, monkeypatch):
    monkeypatch.setenv("LESSONLIB_PROGRESS", str(tmp_path))
    quiz = ShapeQuiz(seed=2)
    wrong = {"kind": "output", "given": "7", "right": False, "mistake": "no_plus_one"}
    right = {"kind": "padding", "given": "1", "right": True, "mistake": ""}
    quiz.view.history = [wrong]
    quiz.view.history = [wrong, right]

    assert quiz.view.recorded == 2
    assert quiz.streak == 1
    assert tries.summary() == {
        "shape_quiz.output": {"tries": 1, "solved": False, "mistakes": {"no_plus_one": 1}},
        "shape_quiz.padding": {"tries": 1, "solved": True, "mistakes": {}},
    }
    quiz.view.history = []
    quiz.view.history = [right]
    assert tries.summary()["shape_quiz.padding"]["tries"] == 2


# Predict

PREDICTED = ["one_channel.predict_1", "one_channel.predict_2", "one_channel.map", "one_channel.edge"]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", PREDICTED)
def test_choices_are_those_of_the_question(name, code, tmp_path):
    language(code)
    prediction = Predict(name)
    view = prediction.view
    choices = question(name).choices(code)
    unsealed = node("predict", "return unseal(given);", view.sealed, tmp_path)

    assert [{key: one[key] for key in choices[0]} for one in unsealed] == choices
    for one in unsealed:
        assert one["name"] == (one["mistake"] and question(name).mistake_name(one["mistake"], code))
    assert view.options == [choice["text"] for choice in choices]
    assert len(set(view.options)) == len(choices) >= 3
    assert [choice["right"] for choice in choices].count(True) == 1
    for choice in choices:
        assert choice["explanation"] not in view.statement


@pytest.mark.parametrize("name", PREDICTED)
def test_committed_output_does_not_give_the_answer_away(name):
    prediction = Predict(name)
    data, _ = prediction._repr_mimebundle_()
    shown = data["text/plain"] + data["text/markdown"]

    for choice in prediction._choices:
        assert choice["text"] in shown
        assert choice["explanation"] not in shown
        assert choice["mistake"] is None or choice["mistake"] not in shown
    assert "✓" not in shown
    assert not re.search(r"0x[0-9a-f]+", shown)


def test_every_choice_is_judged_alike_in_browser_and_kernel(tmp_path, monkeypatch):
    monkeypatch.setenv("LESSONLIB_PROGRESS", str(tmp_path))
    for name in PREDICTED:
        for choice in Predict(name)._choices:
            prediction = Predict(name)
            given = {"sealed": prediction.view.sealed, "answer": choice["text"]}
            judged = node("predict", "return judge(unseal(given.sealed), given.answer);", given, tmp_path)
            prediction.view.answer = choice["text"]

            assert judged == choice
            assert prediction.solved == choice["right"]
            assert prediction.view.recorded == prediction.answer == choice["text"]
    assert set(tries.summary()) == set(PREDICTED)


def test_typed_prediction_takes_numbers_in_any_form(tmp_path, monkeypatch):
    monkeypatch.setenv("LESSONLIB_PROGRESS", str(tmp_path))
    asked_for = question("one_channel.predict_2")
    view = Predict("one_channel.predict_2", typed=True).view
    assert view.options == []
    answers = [str(asked_for.right), f"{asked_for.right}.0", str(asked_for.mistakes["no_plus_one"]), "1234"]
    program = "return given.answers.map((answer) => judge(unseal(given.sealed), answer)?.mistake ?? null);"
    found = node("predict", program, {"sealed": view.sealed, "answers": answers}, tmp_path)
    assert found == [None, None, "no_plus_one", None]

    for answer, solved, mistakes in [
        (answers[1], True, {}),
        (answers[2], False, {"no_plus_one": 1}),
        (answers[3], False, {}),
    ]:
        tries.clear()
        prediction = Predict("one_channel.predict_2", typed=True)
        prediction.view.answer = answer
        done = tries.summary()["one_channel.predict_2"]
        assert (prediction.solved, done["solved"], done["mistakes"]) == (solved, solved, mistakes)


def test_a_second_prediction_has_fresh_numbers():
    assert Predict("one_channel.predict_2", seed=4).view.statement != Predict("one_channel.predict_2").view.statement


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_cannot_be_predicted_is_refused(code):
    language(code)
    with pytest.raises(ValueError, match=r"one_channel\.my_conv"):
        Predict("one_channel.my_conv")
    with pytest.raises(ValueError, match=r"typed=True"):
        Predict("one_channel.map", typed=True)
    with pytest.raises(KeyError, match=r"one_channel\.side"):
        Predict("one_channel.sides")


def test_sealed_choices_are_not_in_plain_sight():
    sealed = Predict("one_channel.predict_1").view.sealed

    assert json.loads(base64.b64decode(sealed))
    assert not any(word in sealed for word in ("right", "explanation", "true"))


def test_markdown_of_questions_is_read(tmp_path):
    text = "One **bold** `x[0]` and 2 * 3 * 4\nline two\n\n```python\na = 1\n\nb = 2\n```\n\n- first *one*\n- second"
    program = "return { blocks: blocks(given), spans: spans(given.split('\\n')[0]) };"
    found = node("predict", program, text, tmp_path)

    assert found["blocks"] == [
        {"tag": "p", "text": "One **bold** `x[0]` and 2 * 3 * 4 line two"},
        {"tag": "pre", "text": "a = 1\n\nb = 2"},
        {"tag": "ul", "items": ["first *one*", "second"]},
    ]
    assert [(one["tag"], one["text"]) for one in found["spans"]] == [
        ("", "One "),
        ("strong", "bold"),
        ("", " "),
        ("code", "x[0]"),
        ("", " and 2 * 3 * 4"),
    ]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("area", ["predict", "shape_quiz"])
def test_every_word_that_a_view_says_is_there(area, code):
    view = read_view(view_file(area), "js")
    said = set(re.findall(r"\bsay\(\"(\w+)\"", view)) | set(re.findall(r"\bwords\.(\w+)", view))
    given = words("kit", code) | words(area, code)

    assert said
    assert said - set(given) - {"edit_label", "edit_bad", "cell"} == set()
