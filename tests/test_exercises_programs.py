"""Programs as learners write them: right ones pass in any style, wrong ones do not, a cause is named only where it is the cause;
and whatever a check runs, the learner's modules, settings and threads stay as they were."""

# ruff: noqa: PIE790  a `...` that is left over is what is looked at

import contextlib
import random
import re
import signal
import sys
import threading

import numpy as np
import pytest
import torch
from torch import nn

from lessonlib.questions import question, sandbox
from lessonlib.questions.looks import look
from lessonlib.questions.sandbox import call
from lessonlib.questions.unfinished import gap_in
from lessonlib.sentences import LANGUAGES, language, say, words
from support.module_programs import MODELS
from support.programs import PROGRAMS, RIGHT, UNKNOWN


@pytest.fixture(autouse=True)
def _no_progress(monkeypatch):
    monkeypatch.setenv("LESSONLIB_PROGRESS", "off")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    language("en")


def fresh(name):
    """Return the question with nothing tried yet."""
    return question(name)._with({})


def says(key, text):
    """Return whether a sentence of `questions/words.toml`, with whatever in its fields, stands in a text."""
    pattern = re.sub(r"\\\{\w+\\\}|\\\[[^\]]*?/[^\]]*?\\\]", ".*?", re.escape(words("questions")[key]))
    return re.search(pattern, text, re.DOTALL) is not None


def test_there_are_programs_enough():
    verdicts = [one.verdict for one in PROGRAMS]
    assert min(verdicts.count(RIGHT), verdicts.count(UNKNOWN), len(set(verdicts)) - 2) >= 25
    assert len({one.verdict for one in MODELS}) >= 35
    assert len({one.code for one in MODELS}) + len({(one.question, one.code) for one in PROGRAMS}) >= 250


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: f"{one.question}-{one.verdict}")
def test_programs_get_their_verdict(program):
    one = fresh(program.question)
    said = one.reply(program.made())

    assert said.startswith("✓" if program.verdict == RIGHT else "✗"), program.code
    if program.verdict != RIGHT:
        named = {one.mistake_name(name) for name in one.mistakes}
        named = {name for name in named if f"**{name}**" in said}
        assert named == ({one.mistake_name(program.verdict)} if program.verdict else set()), program.code


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("model", MODELS, ids=lambda one: f"{one.question}-{one.verdict}")
def test_modules_get_their_verdict(model, code):
    language(code)
    one, module = fresh(model.question), model.made()
    said = one.reply(module)

    assert said.startswith("✓" if model.verdict == RIGHT else "✗"), model.code
    assert "Traceback" not in said
    if model.verdict in words("questions") and model.verdict != RIGHT:
        assert says(model.verdict, said), said
        assert one.mistakes_in(module) == []
    elif model.verdict != RIGHT:
        assert one.mistake_name(model.verdict) in said
        assert one.mistakes_in(module) == [model.verdict]


# A mistake that cannot be told from another by what it gives is named by what they have in common


def test_padding_counted_once_is_not_said_to_be_put_on_two_sides():
    once = next(one for one in PROGRAMS if one.verdict == "padding_at_top_left_only")
    said = fresh(once.question).reply(once.made())
    assert "adds P where it should add 2P" in said


def test_numpys_error_about_an_ellipsis_is_not_taken_for_an_unfilled_one():
    one = fresh("conv_calculation.with_channels")
    said = one.reply(lambda x, w, b: np.einsum("ij,ij->", x, w) + b)
    assert "ellipsis" in said
    assert said.startswith("✗")
    assert one.tries == 1


def test_places_in_the_code_are_asked_about_not_asserted():
    for name in ("only_first_row_filled", "only_first_cell_filled", "bias_per_kernel_cell", "last_row_never_filled"):
        assert "?" in words("mistakes", "en")[name]
        assert re.search(r"\?|보십시오", words("mistakes", "ko")[name])


def test_differences_are_shown_in_digits_enough_to_see_them():
    one = fresh("one_channel.my_conv")
    said = one.reply(one.handed_in(lambda *full: _right(*full) + 0.00003))
    wanted, got = re.findall(r"```python\n(\[\[.*?)\n```", said, re.DOTALL)
    assert wanted != got


def _right(x, w, b, s, p):
    return torch.conv2d(*map(torch.from_numpy, (x, w, b)), stride=s, padding=p).numpy()


# What is still to be written


def test_only_dots_that_stand_for_code_are_gaps():
    def loop_open(a):
        for _ in a:
            ...

    def half(a):
        height = ...
        return a[:height]

    def index(a):
        return a[..., 0] + a[None, ..., 1]

    def left_over(a):
        ...
        return a + 1

    def after_return(a):
        return a + 1
        ...

    def caught(a):
        try:
            return a + 1
        except ValueError:
            ...

    assert [gap_in(one) for one in (loop_open, half)] == ["body", "value"]
    assert [gap_in(one) for one in (index, left_over, after_return, caught)] == [""] * 4
    made = {}
    exec("def no_source(a):\n    return np.zeros(...)\ndef other(a):\n    return a[..., 0]", made)
    assert (gap_in(made["no_source"]), gap_in(made["other"])) == ("value", "")


@pytest.mark.parametrize("code", LANGUAGES)
def test_modules_that_are_not_written_yet_are_no_try(code):
    language(code)

    class Dots(nn.Module):
        def __init__(self, widths=None):
            super().__init__()
            ...

        def forward(self, input): ...

    class HeadOnly(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = ...

        def forward(self, input):
            return self.layers(input)

    for kind in (Dots, HeadOnly):
        one = fresh("subclassing.stack")
        assert one.reply(kind()) == say("questions.module_unfinished", name=kind.__name__)
        assert one.tries == 0


# What a check leaves behind


class Everything(nn.Module):
    """Has all that a check could leave changed, and can be told to fail, or not to be copied."""

    def __init__(self, ending=None, copied=True):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 6, 3)
        self.norm = nn.BatchNorm2d(4)
        self.register_buffer("seen", torch.zeros(1))
        self.count = 0
        self.ending = ending
        if not copied:
            self.lock = threading.Lock()

    def forward(self, x):
        torch.set_grad_enabled(not torch.is_grad_enabled())
        torch.set_default_dtype(torch.float64)
        torch.rand(3), random.random(), np.random.random()
        self.count += 1
        self.seen += 1
        self.conv1.weight.requires_grad_(False)
        x = torch.relu(self.norm(self.conv1(x)))
        if self.ending is not None and self.count > 3:
            raise self.ending
        return torch.relu(self.conv2(x))


def _traces(module):
    state = {name: held.detach().clone() for name, held in module.state_dict().items()}
    flags = [one.requires_grad for one in module.parameters()] + [part.training for part in module.modules()]
    hooks = [len(part._forward_hooks) + len(part._forward_pre_hooks) for part in module.modules()]
    hooks.append(len(torch.nn.modules.module._global_forward_pre_hooks))
    streams = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()
    settings = torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_num_threads()
    return state, flags, hooks, module.count, streams, settings


@pytest.mark.parametrize("grad", [True, False])
@pytest.mark.parametrize("copied", [True, False])
@pytest.mark.parametrize("ending", [None, ValueError("no"), KeyboardInterrupt(), SystemExit(), MemoryError()])
def test_a_check_leaves_no_trace(ending, copied, grad):
    model = Everything(ending, copied).train(grad)
    model.conv2.register_forward_hook(lambda *_: None)
    with torch.set_grad_enabled(grad):
        before = _traces(model)
        with pytest.raises(KeyboardInterrupt) if isinstance(ending, KeyboardInterrupt) else contextlib.nullcontext():
            fresh("subclassing.stack").reply(model)
        after = _traces(model)
    assert all(torch.equal(one, other) for one, other in zip(before[0].values(), after[0].values(), strict=True))
    assert before[1:4] == after[1:4]
    assert torch.equal(before[4][0], after[4][0])
    assert before[4][1:] == after[4][1:]
    assert before[5] == after[5]


def test_layers_outside_the_module_are_put_back_too():
    outside, norm = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)

    class Model(nn.Module):
        def forward(self, x):
            return norm(outside(x))

    before = outside.weight.detach().clone(), norm.running_mean.clone()
    seen = look(Model(), (2, 3, 8, 9))
    assert ((4, 3, 3, 3), "global") in seen.elsewhere
    assert torch.equal(before[0], outside.weight)
    assert torch.equal(before[1], norm.running_mean)


def test_a_lazy_module_stays_lazy():
    model = nn.Sequential(nn.LazyConv2d(6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 4, 3, padding=1), nn.ReLU())
    assert fresh("sequential.stack").reply(model).startswith("✓")
    assert isinstance(model[0].weight, nn.parameter.UninitializedParameter)


def test_what_other_threads_print_is_not_held_back(capfd):
    started, done = threading.Event(), threading.Event()

    def talk():
        started.wait(10)
        print("from another thread")
        print("and its errors", file=sys.stderr)
        done.set()

    thread = threading.Thread(target=talk)
    thread.start()

    def asked():
        print("my own")
        started.set()
        done.wait(10)
        return 1

    outcome = call(asked)
    thread.join()
    assert outcome.printed == "my own\n"
    assert capfd.readouterr() == ("from another thread\n", "and its errors\n")


def test_the_alarm_of_the_learner_is_put_back_and_rings_on():
    rung = []
    old = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    try:
        ours = signal.getsignal(signal.SIGALRM)

        def alarmed():
            signal.raise_signal(signal.SIGALRM)
            return 5

        assert call(alarmed) == sandbox.Outcome(5)
        assert rung == [1]
        assert signal.getsignal(signal.SIGALRM) is ours
    finally:
        signal.signal(signal.SIGALRM, old)


def test_an_alarm_that_c_has_set_is_left_alone(monkeypatch):
    monkeypatch.setattr(signal, "getsignal", lambda number: None)
    monkeypatch.setattr(signal, "signal", lambda *_: pytest.fail("the handler was changed"))
    monkeypatch.setattr(sandbox, "_SECONDS", 0.2)

    def endless():
        while True:
            pass

    assert call(endless).stopped
    assert call(abs, -1).value == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is limited on Linux only")
def test_the_limit_on_memory_is_put_back():
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    for function in (lambda: 1, lambda: 1 / 0, lambda: np.ones(1 << 40)):
        call(function)
        assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_random_streams_stay_where_they_are():
    before = torch.get_rng_state(), random.getstate()
    call(lambda: (torch.rand(5), random.random(), torch.set_default_dtype(torch.float64)))
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1] == random.getstate()
    assert torch.get_default_dtype() == torch.float32


def test_batch_normalization_does_not_give_another_result_each_time():
    question("sequential.stack").right  # noqa: B018  torch is there
    layers = [
        nn.Conv2d(3, 6, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(6, 4, 3, padding=1),
        nn.BatchNorm2d(4, affine=False),
        nn.ReLU(),
    ]
    said = question("sequential.stack").judge(nn.Sequential(*layers)).said

    assert not says("module_changing", said)
