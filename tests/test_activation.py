"""Lesson 09: its figures hold what they say, its questions' answers are PyTorch's, its executed cells show experiment 4."""

import re

import nbformat
import numpy as np
import pytest
import torch
from torch import nn

import notebooks
from lessonlib import draw_activations, draw_maps
from lessonlib.questions import question

FUNCTIONS = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "ReLU": lambda z: np.maximum(z, 0),
}


def outputs(lang):
    """Return cell id → what it printed."""
    cells = nbformat.read(notebooks.lessons()["09_activation"][lang], as_version=4).cells
    return {
        cell.id: "".join(one.text for one in cell.outputs if one.output_type == "stream")
        for cell in cells
        if cell.cell_type == "code"
    }


def numbers_in(text):
    return [float(one) for one in re.findall(r"-?\d+\.\d*", text)]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_executed_lesson_shows_experiment_4(lang):
    shown = outputs(lang)
    torch.manual_seed(55)
    images = torch.rand(1, 3, 5, 5)
    expected = torch.sigmoid(nn.Conv2d(3, 3, 4)(images))[0].detach().numpy()

    assert expected.shape == (3, 2, 2)
    assert "output: (1, 3, 2, 2)" in shown["run"]
    assert np.abs(np.reshape(numbers_in(shown["run"]), (3, 2, 2)) - expected).max() < 1e-3
    assert numbers_in(shown["build-loops"]) == numbers_in(shown["run"])
    for cell in ("verify-loops", "verify-whole", "stack-compare", "stack-verify", "saturation-verify", "photo-count"):
        assert "True" in shown[cell], cell
    assert [line.endswith("True") for line in shown["stack-relu"].splitlines()] == [True, False]
    assert shown["saturation-pixels"].splitlines()[1].endswith("0.0000")


def test_curves_and_slopes_are_those_of_the_functions():
    z = np.linspace(-6, 6, 241)
    for ax, (name, function) in zip(draw_activations(FUNCTIONS).axes, FUNCTIONS.items(), strict=True):
        assert ax.get_title() == name
        assert np.allclose(ax.lines[-1].get_ydata(), function(z))
    slopes = draw_activations(FUNCTIONS, slopes=True).axes[0].lines[-1].get_ydata()
    s = FUNCTIONS["sigmoid"](z)
    assert np.abs(slopes - s * (1 - s)).max() < 2e-3


def test_maps_share_one_scale_or_have_their_own():
    maps = {"a": [[-1.0, 0.5]], "b": [[0.0, 4.0]]}
    assert [ax.images[0].get_clim() for ax in draw_maps(maps, -2, 2).axes] == [(-2, 2), (-2, 2)]
    assert [ax.images[0].get_clim() for ax in draw_maps(maps).axes] == [(-1, 0.5), (0, 4)]


@pytest.mark.parametrize("seed", range(50))
def test_answers_are_pytorchs(seed):
    for name in ("predict_2", "order"):
        asked = question(f"activation.{name}").variant(seed)
        x, w = (torch.tensor(asked.numbers[one], dtype=torch.float64).reshape(1, -1, 2, 2) for one in "xw")
        b = torch.tensor([asked.numbers["b"]], dtype=torch.float64)
        assert torch.relu(nn.functional.conv2d(x, w, b)).item() == asked.right

    row = question("activation.merged_row").variant(seed)
    x = torch.rand(1, 1, 9, dtype=torch.float64)
    p, q, merged = (torch.tensor(one, dtype=torch.float64)[None, None] for one in (*row.numbers.values(), row.right))
    conv1d = nn.functional.conv1d
    assert torch.allclose(conv1d(conv1d(x, p), q), conv1d(x, merged))

    size = question("activation.merged_size").variant(seed)
    a, b = size.numbers["a"], size.numbers["b"]
    two, one = nn.Sequential(nn.Conv2d(1, 1, a), nn.Conv2d(1, 1, b)), nn.Conv2d(1, 1, size.right)
    image = torch.zeros(1, 1, 20, 20)
    assert two(image).shape == one(image).shape

    slope = question("activation.slope").variant(seed)
    z = torch.logit(torch.tensor(slope.numbers["s"], dtype=torch.float64)).requires_grad_()
    torch.sigmoid(z).backward()
    assert z.grad.item() == pytest.approx(slope.right)

    shape = question("activation.predict_1").variant(seed)
    n, c, h, w, o, k = (shape.numbers[one] for one in ("n", "c", "h", "w", "o", "k"))
    assert tuple(torch.sigmoid(nn.Conv2d(c, o, k)(torch.zeros(n, c, h, w))).shape) == shape.right


@pytest.mark.parametrize("name", ["predict_1", "predict_2", "order", "slope", "merged_size", "merged_row"])
def test_every_mistake_is_named_in_both_languages_and_never_the_right_answer(name):
    for seed in range(100):
        asked = question(f"activation.{name}").variant(seed)
        assert asked.distinct()
        assert asked.mistakes_in(asked.right) == []
        for mistake, answer in asked.mistakes.items():
            assert asked.mistakes_in(answer) == [mistake]
            assert all(
                asked.explain(mistake, answer, lang) and asked.mistake_name(mistake, lang) for lang in ("ko", "en")
            )
    assert all(len(question(f"activation.{name}").hints(lang)) == 3 for lang in ("ko", "en"))


def test_mistakes_of_order_are_those_the_lesson_warns_of():
    asked = question("activation.order")
    named = {mistake for one in (asked, *map(asked.variant, range(12))) for mistake in one.mistakes}
    assert {"relu_before_bias", "relu_on_products", "relu_on_channels", "relu_on_input", "relu_left_out"} <= named
