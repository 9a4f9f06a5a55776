"""Answers that cannot be read, and functions that misbehave: a sentence each, never a traceback, and the notebook goes on."""

import itertools
import os
import re
import sys
import threading
import time
import warnings

import numpy as np
import pytest
import torch

from lessonlib.questions import looks, names, question, sandbox
from lessonlib.questions.sandbox import call
from lessonlib.sentences import LANGUAGES, language, say, words


@pytest.fixture(autouse=True)
def _no_progress(monkeypatch):
    monkeypatch.setenv("LESSONLIB_PROGRESS", "off")
    yield
    language("en")


def fresh(name):
    """Return the question with nothing tried yet."""
    return question(name)._with(question(name).numbers)


def says(key, text):
    """Return whether a sentence of `questions/words.toml`, with whatever in its fields, stands in a text."""
    pattern = re.sub(r"\\\{\w+\\\}|\\\[[^\]]*?/[^\]]*?\\\]", ".*?", re.escape(words("questions")[key]))
    return re.search(pattern, text, re.DOTALL) is not None


class Plain:
    """Nothing special."""


class Mute:
    """Cannot even say what it is."""

    def __repr__(self):
        raise ValueError("no")

    def __array__(self, *_, **__):
        raise ValueError("no")


class Hostile:
    """Fails whenever it is looked at."""

    def fail(self, *_, **__):
        raise ValueError("no")

    __eq__ = __repr__ = __len__ = __iter__ = __array__ = __float__ = fail
    __hash__ = None


def held_by_itself():
    one = [1]
    one.append(one)
    return one


# Each with the reason that has to stand in the reply of numbers, shapes and arrays; None: only what was expected.
UNREADABLE = {
    "words": ("seven`\n```", "text"),
    "bytes": (b"7", "text"),
    "nothing": (None, "nothing"),
    "true": (True, "truth"),
    "numpy's true": (np.True_, "truth"),
    "complex": (1 + 2j, "complex"),
    "complex array": (np.array([[1j]]), "complex"),
    "object": (Plain(), None),
    "object without repr": (Mute(), None),
    "class": (Plain, "callable"),
    "tensor class": (torch.Tensor, "callable"),
    "function": (max, "callable"),
    "lambda": (lambda: 3, "callable"),
    "module": (torch.nn.ReLU(), None),
    "python module": (np, None),
    "generator": (lambda: (i for i in range(3)), "generator"),
    "map": (lambda: map(int, "12"), "generator"),
    "range": (range(3), "generator"),
    "endless iterator": (itertools.count(), None),
    "ragged list": ([[1, 2], [3]], None),
    "rows and numbers": ([[1, 2], 3], None),
    "empty list": ([], "empty"),
    "empty array": (np.zeros((0, 3)), "empty"),
    "dots inside": ([[1, 2], [3, ...]], "dots"),
    "texts inside": ([["1", "2"]], "text"),
    "truths inside": (np.array([[True, False]]), "truth"),
    "nothing inside": (np.array([[None, 1]], object), None),
    "list in itself": (held_by_itself(), None),
    "deep list": ([[[[[[[[1, 2]]]], [3]]]]], None),
    "dict": ({"a": 1}, None),
    "set": ({1, 2}, None),
    "date": (np.datetime64("2020-01-01"), None),
    "error": (ValueError("x"), None),
    "open file": (sys.stdout, None),
    "lazy tensor": (torch.nn.UninitializedParameter(), None),
    "hostile object": (Hostile(), None),
    "hostile object inside": ([Hostile()], None),
    "two numbers in quotes": ("8 or 9", "text"),
    "number and unknown": ([None], None),
    "tensor without values": (torch.zeros(2, 2, device="meta"), None),
    "nan": (float("nan"), None),
    "infinity": (np.inf, None),
    "nan inside": ([[1, float("nan")]], None),
    "infinite tensor": (torch.tensor([[1.0, float("inf")]], requires_grad=True), None),
}
ASKED = {
    "number": "one_channel.side",
    "shape": "shape.output",
    "array": "one_channel.map",
    "choice": "one_channel.edge",
}
ASKED |= {"function": "one_channel.my_conv", "module": "subclassing.stack"}


def given(name):
    value, reason = UNREADABLE[name]
    return value() if name in ("generator", "map") else value, reason


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", ASKED)
@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_gets_a_sentence(name, kind, code):
    answer, reason = given(name)
    if (kind, name) in {("function", "lambda"), ("function", "function"), ("function", "module"), ("module", "module")}:
        pytest.skip("readable there")
    language(code)
    one = fresh(ASKED[kind])
    said = one.reply(answer)

    assert not said.startswith("✓")
    assert not said.startswith("✗")
    assert one.tries == 0
    assert "Traceback" not in said
    assert not re.search(r"0x[0-9a-f]{4}|/\w+/\w+/", said)
    assert said.count("`") % 2 == 0
    assert "\n" not in said
    assert len(said) < 330
    assert bool(re.search("[가-힣]", said)) == (code == "ko")
    if reason and kind in ("number", "shape", "array"):
        assert say(f"questions.because_{reason}", name=re.search(r"`(.*?)`", said)[1]) in said


def test_every_form_gets_a_sentence_of_its_own():
    for kind in ("number", "shape", "array"):
        said = [fresh(ASKED[kind]).reply(given(name)[0]) for name in UNREADABLE]
        # Two classes of nameless things, two kinds of infinity: what was given stands in the sentence.
        assert len(set(said)) > 0.9 * len(said)


@pytest.mark.parametrize(
    ("kind", "answer", "reason"),
    [
        ("number", [1, 2, 3], "many"),
        ("number", np.zeros((2, 2)), "many"),
        ("shape", 7, "single"),
        ("shape", (1, 2.5), "fraction"),
        ("shape", ((1, 2), (3, 4)), "nested"),
        ("shape", np.zeros((1,) * 5), "tensor"),
        ("shape", torch.zeros(2, 5, 4, 8), "tensor"),
        ("shape", (None, 5, 14, 28), "none_inside"),
        ("shape", [None, 5], "none_inside"),
    ],
)
@pytest.mark.parametrize("code", LANGUAGES)
def test_answers_of_another_kind_are_told_apart(kind, answer, reason, code):
    language(code)
    assert say(f"questions.because_{reason}", count=np.size(answer)) in fresh(ASKED[kind]).reply(answer)


@pytest.mark.parametrize("code", LANGUAGES)
def test_rows_of_different_length_are_called_so(code):
    language(code)
    for answer in ([[1, 2], [3]], [[1, 2], 3], [[[1], [2]], [[1, 2], [3]]]):
        assert fresh("one_channel.map").reply(answer) == say("questions.ragged")


@pytest.mark.parametrize("name", names())
def test_extreme_numbers_raise_nothing(name):
    one = fresh(name)
    for answer in (
        10**400,
        -(10**400),
        10**5000,
        1e308,
        -5,
        (10**400,) * 4,
        [[10**400, 1]],
        np.zeros((50, 50, 50)),
    ):
        said = one.reply(answer)
        assert not said.startswith("✓")
        assert len(said) < 1500


# Functions that misbehave


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(sandbox, "_SECONDS", 0.3)


def right(input, weight):
    height, width = weight.shape
    output = np.zeros((len(input) - height + 1, len(input[0]) - width + 1))
    for i, j in np.ndindex(output.shape):
        output[i, j] = (input[i : i + height, j : j + width] * weight).sum()
    return output


def endless(input, weight):
    while True:
        pass


def endless_and_stubborn(input, weight):
    while True:
        try:
            while True:
                pass
        except Exception:
            pass


def asleep(input, weight):
    time.sleep(60)


def greedy(input, weight):
    return np.ones((1 << 20, 1 << 20))


def greedy_list(input, weight):
    return [0] * (1 << 45)


def deep(input, weight):
    return deep(input, weight)


def leaves(input, weight):
    sys.exit()


def leaves_with_a_number(input, weight):
    raise SystemExit(3)


def raises(input, weight):
    return right(input, weight)[99, 99]


class WordlessError(Exception):
    def __str__(self):
        raise ValueError("no words")


def raises_wordless(input, weight):
    raise WordlessError


def raises_base(input, weight):
    raise GeneratorExit("strange")


def nothing(input, weight):
    right(input, weight)


def changes_input(input, weight):
    result = right(input, weight)
    input[0, 0] = 99
    return result


def changes_weight(input, weight):
    weight *= 2
    return right(input, weight)


def view_of_input(input, weight):
    return input[: len(input) - len(weight) + 1, : len(input[0]) - len(weight[0]) + 1]


def talks(input, weight):
    for i in range(10_000):
        print("row", i, file=sys.stderr if i % 2 else sys.stdout)
    return right(input, weight) + 1


def asks_for_text(input, weight):
    return "the feature map"


def gives_generator(input, weight):
    return (row for row in right(input, weight))


def gives_class(input, weight):
    return Mute()


def gives_ragged(input, weight):
    return [[1, 2], [3]]


def gives_nan(input, weight):
    return right(input, weight) * np.nan


def gives_dict(input, weight):
    return {"output": right(input, weight)}


def takes_too_few(input):
    return input


def wants_more(input, weight, bias):
    return right(input, weight)


def threads(input, weight):
    done = threading.Event()
    for _ in range(3):
        threading.Thread(target=done.wait, args=(1,), daemon=True).start()
    while not done.is_set():
        time.sleep(0.01)


HOSTILE = {
    endless: "too_slow",
    endless_and_stubborn: "too_slow",
    asleep: "too_slow",
    threads: "too_slow",
    greedy: "out_of_memory",
    greedy_list: "out_of_memory",
    deep: "RecursionError",
    leaves: "exited",
    leaves_with_a_number: "exited",
    raises: "IndexError: index 99 is out of bounds",
    raises_wordless: "WordlessError",
    raises_base: "GeneratorExit: strange",
    nothing: "returned_nothing",
    changes_input: "input_changed",
    changes_weight: "input_changed",
    view_of_input: "view_returned",
    asks_for_text: "'the feature map'",
    gives_generator: "generator",
    gives_class: "Mute",
    gives_ragged: "[[1, 2], [3]]",
    gives_nan: "nan",
    gives_dict: "dict",
    takes_too_few: "TypeError: takes_too_few() takes 1 positional argument but 2 were given",
    wants_more: "missing 1 required positional argument: 'bias'",
    talks: "row 0",
}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("function", HOSTILE, ids=lambda function: function.__name__)
def test_hostile_functions_are_stopped_and_explained(function, code, quick, capfd):
    language(code)
    one = fresh("one_channel.my_conv")
    before = time.perf_counter(), threading.current_thread()
    said = one.reply(function)
    expected = HOSTILE[function]

    assert time.perf_counter() - before[0] < 5
    assert said.startswith("✗")
    assert "\ninput  = [[" in said
    if (expected.isidentifier() and expected.islower() and "_" in expected) or expected == "exited":
        expected = say(
            f"questions.{expected}", seconds=0.3, argument="weight" if "weight" in function.__name__ else "input"
        )
    assert expected in said
    assert "Traceback" not in said
    assert "sandbox" not in said
    assert ".py" not in said
    assert len(said) < 1600
    assert capfd.readouterr() == ("", "")
    # The notebook goes on.
    assert fresh("one_channel.my_conv").reply(right).startswith("✓")
    assert sys.stdout is not None
    assert not said.count("```") % 2


def test_an_endless_function_is_tried_on_one_case_only(quick):
    started = time.perf_counter()
    fresh("conv_calculation.my_conv2d").reply(lambda *_: endless(*_[:2]))
    assert time.perf_counter() - started < 2.5


def test_outside_the_main_thread_endless_functions_are_stopped_too(quick):
    found = []
    for function in (endless, endless_and_stubborn):
        thread = threading.Thread(target=lambda function=function: found.append(call(function, 1, 2)), daemon=True)
        thread.start()
        thread.join(10)
    assert [outcome.stopped for outcome in found] == [True, True]


def test_nothing_arrives_after_a_function_that_ends_just_in_time(monkeypatch):
    monkeypatch.setattr(sandbox, "_SECONDS", 0.02)
    for i in range(60):
        call(time.sleep, 0.015 + i * 0.0002)
        sum(range(1000))


def test_an_interrupt_of_the_learner_passes_through():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(interrupted)


@pytest.mark.parametrize("code", LANGUAGES)
def test_functions_that_are_not_written_yet_are_not_wrong(code):
    language(code)

    def dots(input, weight): ...

    def documented(input, weight):
        """Return the feature map."""

    def passes(input, weight):
        pass

    def shape_open(input, weight):
        return np.zeros(...)

    def hands_dots_back(input, weight):
        return ...

    for function in (dots, documented, passes, shape_open, hands_dots_back):
        one = fresh("one_channel.my_conv")
        said = one.reply(function)
        assert said == say("questions.function_unfinished", name=function.__name__)
        assert one.tries == 0


@pytest.mark.parametrize("code", LANGUAGES)
def test_own_errors_keep_their_last_line_and_the_input(code):
    language(code)

    def first_case_right(input, weight):
        if weight.shape == (2, 3):
            raise ValueError("my `own` message\nsecond line")
        return right(input, weight)

    one = fresh("one_channel.my_conv")
    passed = sum(case["weight"].shape[2:] != (2, 3) for case in one.cases)
    said = one.reply(first_case_right)
    assert "ValueError: my 'own' message second line" in said
    assert said.startswith(say("questions.case_failed", passed=passed))
    assert "\nweight = [[" in said


# Modules that misbehave


def module(forward):
    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Conv2d(3, 6, 5)

        def forward(self, input):
            return forward(self, input)

    return Model()


@pytest.mark.parametrize("code", LANGUAGES)
def test_hostile_modules_are_stopped_and_explained(code, quick):
    language(code)
    for forward in (endless, asleep, deep, leaves, raises, raises_wordless, nothing, asks_for_text, gives_class):
        one = fresh("subclassing.stack")
        said = one.reply(module(forward))
        assert said.startswith("✗")
        assert "Traceback" not in said
        assert ".py" not in said
    model = module(lambda self, given: self.layer(given).mul_(0))
    before = [weights.clone() for weights in model.parameters()]
    fresh("subclassing.stack").reply(model)
    assert all(torch.equal(one, other) for one, other in zip(before, model.parameters(), strict=True))


def test_an_endless_module_is_stopped_once(monkeypatch):
    monkeypatch.setattr(looks, "_WHOLE", 0.5)
    entered = []

    def endless(self, given):
        entered.append(1)
        while True:
            self.layer(given)

    one = fresh("subclassing.stack")
    one._looks = {}  # what is seen in so short a time is not kept for other tests
    assert says("too_slow", one.reply(module(endless)))
    # Not once for each probe, in each dtype.
    assert len(entered) == 1


def test_settings_of_the_whole_process_are_put_back():
    def leave_everything(input, weight):
        torch.set_default_device("meta")
        torch.use_deterministic_algorithms(True)
        np.seterr(all="ignore")
        np.set_printoptions(precision=2)
        torch.set_printoptions(precision=2)
        warnings.simplefilter("error")
        os.chdir("/")

    def state():
        found = [torch.get_default_device(), torch.are_deterministic_algorithms_enabled(), np.geterr(), os.getcwd()]
        return [*map(str, found), np.get_printoptions(), str(torch._tensor_str.PRINT_OPTS), warnings.filters[:]]

    before = state()
    call(leave_everything, 1, 2)
    assert state() == before


def test_what_a_function_gave_in_place_of_numbers_is_said():
    one = fresh("one_channel.my_conv")

    def conv(x, w):
        return (np.lib.stride_tricks.sliding_window_view(x, w.shape) * w).sum((2, 3))

    said = one.reply(lambda x, w: np.where(np.arange(conv(x, w).shape[1]) == 1, np.nan, conv(x, w)))
    assert "2 of 6 values are NaN or infinity, the first at `[0, 1]`: `nan`" in said
    assert says("returned_complex", one.reply(lambda x, w: conv(x, w) + 1j))
    assert says("returned_complex", one.reply(lambda x, w: torch.tensor(conv(x, w) + 1j, requires_grad=True)))
    assert one.reply(lambda x, w: torch.tensor(conv(x, w), requires_grad=True)).startswith("✓")
    assert one.reply(lambda x, w: torch.tensor(conv(x, w) + 0j, requires_grad=True).conj()).startswith("✓")
    assert one.reply(lambda x, w: np.fft.ifft(np.fft.fft(conv(x, w)))).startswith("✓")
    rows = lambda values: [[torch.tensor(float(one), requires_grad=True) for one in row] for row in values]  # noqa: E731
    assert one.reply(lambda x, w: rows(conv(x, w))).startswith("✓")
    assert "`[['a', 'b']]`" in one.reply(lambda x, w: [["a", "b"]])
    assert says("too_many_values", one.reply(lambda x, w: np.broadcast_to(0.0, (100000, 100000))))
    assert says("another_each_time", one.reply(lambda x, w: conv(x, w) * (np.random.rand() > 0.05)))


def test_huge_and_deep_answers_get_a_sentence():
    deep_list = [1]
    for _ in range(5000):
        deep_list = [deep_list]
    for answer in (deep_list, np.broadcast_to(0.0, (100000, 100000)), np.broadcast_to(1j, (100000, 100000))):
        for kind in ASKED:
            said = fresh(ASKED[kind]).reply(answer)
            assert "Traceback" not in said
            assert not said.startswith("✓")


def test_a_class_that_needs_arguments_is_said_to_need_them():
    class Stack(torch.nn.Module):
        def __init__(self, widths):
            super().__init__()

    assert "`Stack(...)`, with what it needs in the parentheses: widths" in fresh("subclassing.stack").reply(Stack)


def test_a_coroutine_is_closed_and_told_as_what_it_is(recwarn):
    async def one_window(input, weight):
        return (input * weight).sum()

    said = question("conv_calculation.one_window").judge(one_window)

    assert said.outcome == "wrong"
    assert "coroutine" in said.said
    assert not recwarn.list
