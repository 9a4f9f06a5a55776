"""The steps to my_conv2d in lesson 07: solutions pass, whatever their style; each mistake is named, and never a wrong one."""

import re

import numpy as np
import pytest
import torch

from lessonlib import language, question
from lessonlib.questions.functions import _alike

STEPS = ("one_window", "two_loops", "with_bias", "with_channels", "with_filters", "with_stride", "my_conv2d")


def step(name):
    return question(f"conv_calculation.{name}")


def written_in_solution(name, lang):
    """The function that stands in the solution of a step, as a learner would copy it."""
    code = re.search(r"```python\n(.*?)```", step(name).worked(lang), re.DOTALL)[1]
    kept = {"np": np}
    exec(code, kept)
    return kept[name]


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", STEPS)
def test_solution_passes_its_own_check(name, lang):
    asked = step(name)

    assert asked.reply(written_in_solution(name, lang)).startswith("✓")
    assert asked.mistakes_in(written_in_solution(name, lang)) == []


def by_windows(input, weight, bias=0, stride=1, padding=0):
    input = np.asarray(input, float)
    batch = input.reshape((1,) * (4 - input.ndim) + input.shape)
    filters = np.asarray(weight, float).reshape((1,) * (4 - np.ndim(weight)) + np.shape(weight))
    batch = np.pad(batch, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(batch, filters.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    maps = np.einsum("nchwij,ocij->nohw", windows, filters) + np.reshape(bias, (-1, 1, 1))
    if input.ndim < 4:
        maps = maps[0]
    return maps[0] if np.ndim(weight) < 4 else maps


def by_torch(input, weight, bias=0, stride=1, padding=0):
    """In PyTorch, on arrays or tensors; a list comes back, as some will hand in."""
    input, weight = torch.as_tensor(input), torch.as_tensor(weight)
    filters = weight.reshape((1,) * (4 - weight.ndim) + tuple(weight.shape))
    bias = torch.as_tensor(bias, dtype=filters.dtype).expand(len(filters))
    batch = input.reshape((1,) * (4 - input.ndim) + tuple(input.shape))
    maps = torch.nn.functional.conv2d(batch, filters, bias, stride, padding)
    maps = maps if input.ndim == 4 else maps[0]
    return (maps if weight.ndim == 4 else maps[0]).tolist()


@pytest.mark.parametrize("way", [by_windows, by_torch])
@pytest.mark.parametrize("name", STEPS)
def test_other_ways_pass_too(name, way):
    assert step(name).reply(way).startswith("✓")


@pytest.mark.parametrize("name", STEPS)
def test_every_known_mistake_is_named_alone_in_both_languages(name):
    asked = step(name)
    assert len(asked.mistakes) >= 15

    for mistake, function in asked.mistakes.items():
        assert asked.mistakes_in(function) == [mistake]
        for lang in ("ko", "en"):
            language(lang)
            reply = asked.reply(function)
            assert asked.mistake_name(mistake, lang) in reply
            assert reply.startswith("✗")


@pytest.mark.parametrize("name", STEPS)
def test_no_two_mistakes_give_the_same_results(name):
    found = list(step(name).known_results.items())

    for i, (one, results) in enumerate(found):
        same = [other for other, others in found[:i] if all(_alike(a, b) for a, b in zip(results, others, strict=True))]
        assert same == [], one


def test_one_window_gives_a_number_not_a_map():
    reply = step("one_window").reply(lambda window, kernel: 0)

    assert re.search(r"Expected:\n\n```python\n-?\d+(\.\d+)?\n```", reply)


def test_the_stride_is_tried_where_floor_drops_something():
    """In the two cases of the step's own that have one; those after them are for every function."""
    first, second = step("with_stride").cases[1:3]
    assert first["stride"] == 2
    assert second["stride"] == 3
    for case in (first, second):
        left = [(case["input"].shape[i] - case["weight"].shape[i]) % case["stride"] for i in (2, 3)]
        assert all(left)
