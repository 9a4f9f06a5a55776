"""The receptive field: the recurrence is geometry's, the paths are PyTorch's gradient, in Python and in the browser."""

import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import conv1d

from lessonlib import ReceptiveField, language, receptive_field, receptive_field_of
from lessonlib.explorers.receptive_field import KINDS, LIMITS, PRESETS
from support.amount import times
from support.node import node

STATES = times(80, 400)

PROGRAM = """
return given.map((state) => {
  const { rows, broken, layer, unit, size, first, last, seen } = solve(state);
  return { rows, broken, layer, unit, size, first, last, code: stackCode(state.layers),
    paths: seen.map((one) => [...one]), places: rows.map((row) => place(row, 3)) };
});
"""


def random_state(rng):
    """Return the view's state for a random stack; some have a layer into which no window fits."""
    layers = []
    for _ in range(rng.randint(1, 6)):
        kind, kernel = rng.choice(KINDS), rng.randint(1, 7 if rng.random() < 0.2 else 4)
        padding = rng.randint(0, kernel // 2 if kind == "pool" else 4)
        layers.append([kind, kernel, rng.choice([1, 1, 1, 2, 3]), padding, rng.choice([1, 1, 2, 3])])
    return {
        "layers": layers,
        "input_size": rng.randint(4, 32),
        "layer": rng.randint(0, len(layers)),
        "unit": rng.randint(0, 20),
    }


def gradient(layers, input_size, unit):
    """Return how often each pixel enters a unit where every weight is 1: PyTorch's gradient; None where no window fits."""
    input = torch.ones(1, 1, input_size, dtype=torch.float64, requires_grad=True)
    output = input
    for _, kernel_size, *rest in layers:
        try:
            output = conv1d(output, torch.ones(1, 1, kernel_size, dtype=torch.float64), None, *rest)
        except RuntimeError:
            return None, 0
    unit = min(unit, output.shape[-1] - 1)
    output[0, 0, unit].backward()
    return input.grad[0, 0].numpy(), output.shape[-1]


def test_view_and_python_agree_with_the_recurrence_and_with_pytorchs_gradient(tmp_path):
    rng = random.Random(3)
    states = [random_state(rng) for _ in range(STATES)]
    whole = outside = 0
    for state, seen in zip(states, node("receptive_field", PROGRAM, states, tmp_path), strict=True):
        layers = state["layers"]
        for count, row in enumerate(seen["rows"]):
            field = receptive_field([tuple(numbers) for _, *numbers in layers[:count]])
            assert (row["size"], row["jump"], row["start"]) == (field.size[0], field.jump[0], field.start[0])
        broken = next(
            (i + 1 for i in range(len(layers)) if gradient(layers[: i + 1], state["input_size"], 0)[0] is None), 0
        )
        assert seen["broken"] == broken
        layer = min(state["layer"], broken - 1) if broken else state["layer"]
        below = layers[:layer]
        wanted, units = gradient(below, state["input_size"], state["unit"])
        unit = min(state["unit"], units - 1)
        assert (seen["layer"], seen["unit"], seen["rows"][layer]["units"]) == (layer, unit, units)
        first, last = receptive_field_of((unit, unit), [tuple(numbers) for _, *numbers in below])[0]
        assert (seen["first"], seen["last"], seen["size"]) == (first, last, last - first + 1)
        paths = np.zeros(state["input_size"])
        for cell, count in seen["paths"][0]:
            paths[cell] = count
        assert np.array_equal(paths, wanted)
        if (reached := np.flatnonzero(wanted)).size:
            assert first <= reached.min()
            assert reached.max() <= last
        outside += first < 0 or last >= state["input_size"]
        if broken:
            continue
        whole += 1
        explorer = ReceptiveField([tuple(one) for one in layers], state["input_size"], layer=state["layer"], unit=unit)
        assert np.array_equal(explorer.paths, wanted)
        assert (explorer.size, explorer.field, explorer.unit, explorer.layer) == (
            seen["size"],
            (first, last),
            unit,
            layer,
        )
        assert explorer.sizes == [row["units"] for row in seen["rows"]]
        assert (explorer.jump, explorer.start) == (seen["rows"][layer]["jump"], seen["rows"][layer]["start"])
        output = eval(seen["code"], {"nn": nn})(torch.zeros(1, 1, state["input_size"], state["input_size"]))
        assert output.shape == (1, 1, explorer.sizes[-1], explorer.sizes[-1])
    assert whole > STATES / 3
    assert outside > STATES / 4


def test_every_layer_between_shows_the_units_that_lie_on_a_path(tmp_path):
    rng = random.Random(4)
    states = [random_state(rng) for _ in range(60)]
    found = 0
    for state, seen in zip(states, node("receptive_field", PROGRAM, states, tmp_path), strict=True):
        for row in range(seen["layer"]):
            above = state["layers"][row : seen["layer"]]
            wanted, _ = gradient(above, seen["rows"][row]["units"], seen["unit"])
            paths = np.zeros(seen["rows"][row]["units"])
            for cell, count in seen["paths"][row]:
                paths[cell] = count
            assert np.array_equal(paths, wanted)
            found += 1
    assert found > 60


def test_units_are_drawn_over_the_middle_of_what_they_see(tmp_path):
    states = [{"layers": PRESETS[name], "input_size": 32, "layer": 0, "unit": 0} for name in PRESETS]
    for state, seen in zip(states, node("receptive_field", PROGRAM, states, tmp_path), strict=True):
        for count, (left, right) in enumerate(seen["places"]):
            first, last = receptive_field_of((3, 3), [tuple(numbers) for _, *numbers in state["layers"][:count]])[0]
            assert left + right == first + last + 1
            assert right - left == seen["rows"][count]["jump"]


def test_view_has_the_presets_of_python(tmp_path):
    seen = node("receptive_field", "return tables.presets;", None, tmp_path)
    assert seen == {name: [list(layer) for layer in layers] for name, layers in PRESETS.items()}


def test_two_3_see_what_one_5_sees_by_other_weights():
    two, one = ReceptiveField("two_3"), ReceptiveField("one_5")
    assert two.size == one.size == 5
    assert two.field == one.field
    assert two.paths[two.field[0] : two.field[1] + 1].tolist() == [1, 2, 3, 2, 1]
    assert one.paths[one.field[0] : one.field[1] + 1].tolist() == [1] * 5


def test_state_is_read_and_set_in_python():
    explorer = ReceptiveField([(3, 1, 1), {"kernel_size": 5, "dilation": 2}, ("pool", 2)], 20)
    assert explorer.layers == [(3, 1, 1, 1), (5, 1, 0, 2), (2, 2, 0, 1)]
    assert explorer.kinds == ["conv", "conv", "pool"]
    assert explorer.sizes == [20, 20, 12, 6]
    assert (explorer.layer, explorer.unit, explorer.size) == (3, 2, 12)
    explorer.layer, explorer.unit = 1, 19
    assert (explorer.size, explorer.field) == (3, (18, 20))
    explorer.layers = "dilated"
    assert (explorer.layer, explorer.size, explorer.jump, explorer.start) == (3, 15, 1, -7)
    explorer.input_size = 6
    assert (explorer.sliders["input_size"].value, explorer.unit) == (6, 5)
    assert repr(explorer) == "ReceptiveField([(3, 1, 1, 1), (3, 1, 2, 2), (3, 1, 4, 4)], input_size=6)"
    assert repr(ReceptiveField([("pool", 2)])) == "ReceptiveField([('pool', 2, 2, 0, 1)], input_size=16)"
    assert explorer.figure().axes


def test_a_stack_that_does_not_fit_is_shown_and_says_so_when_read():
    explorer = ReceptiveField([(3, 2), (7, 1)], 8)
    for lang, part in (("ko", "커널 7"), ("en", "kernel of 7")):
        language(lang)
        with pytest.raises(ValueError, match=part):
            explorer.sizes.sort()
    assert explorer.figure().axes


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"layers": "deep"}, "two_3"),
        ({"layers": []}, "6"),
        ({"layers": [(3,)] * 7}, "6"),
        ({"layers": 3}, "3"),
        ({"layers": [3]}, "kernel_size"),
        ({"layers": [("max", 3)]}, "max"),
        ({"layers": [(3, 1, 1, 1, 1)]}, "dilation"),
        ({"layers": [{"kernel": 3}]}, "kernel"),
        ({"layers": [(8,)]}, "8"),
        ({"layers": [(3, 0)]}, "stride"),
        ({"layers": [("pool", 2, 2, 2)]}, "PyTorch"),
        ({"input_size": 3}, "32"),
        ({"layer": 3}, "layer"),
        ({"unit": 16}, "15"),
    ],
)
def test_what_does_not_fit_is_refused_in_the_learners_language(lang, arguments, part):
    language(lang)
    with pytest.raises(ValueError, match=part):
        ReceptiveField(**arguments)


def test_unknown_keyword_names_the_nearest():
    with pytest.raises(TypeError, match="input_size"):
        ReceptiveField(inputsize=3)


def test_fields_of_the_view_allow_what_python_allows(tmp_path):
    assert node("receptive_field", "return tables.fields;", None, tmp_path) == [
        list(limits) for limits in LIMITS.values()
    ]
