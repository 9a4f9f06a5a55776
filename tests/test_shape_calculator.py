"""The shape calculator: its numbers are geometry's and PyTorch's, in Python and in the browser, and no slider lies still unexplained."""

import functools
import random
from fractions import Fraction
from itertools import pairwise

import pytest
import torch
from torch import nn

from lessonlib import ShapeCalculator, geometry, language
from lessonlib.explorers.shape_calculator import ASKS
from lessonlib.sentences import words
from support.amount import times
from support.node import node

SIZES = ("input_size", "kernel_size", "stride", "padding", "dilation")
STATES = times(200, 400)
NAMES = ("input", "kernel", "stride", "padding", "dilation")

PROGRAM = """
return given.map((state) => ({
  axes: axesOf(state), code: layerCode(state), shapes: shapesOf(state),
  rulers: axesOf(state).map(ruler),
  answers: Object.fromEntries(
    Object.keys(ASKS).map((ask) => [ask, axesOf(state).map((a) => solutions(ask, a, state.wanted, tables.most))])),
}));
"""


def random_state(rng):
    """Return the view's state at random; in some no window fits."""
    state = {"apart": rng.random() < 0.7, "wanted": rng.randint(1, 20)}
    for side in ("h", "w"):
        sizes = (
            rng.randint(1, 32),
            rng.randint(1, 7),
            rng.randint(1, 6),
            rng.choice([0, 0, 1, 2, 3]),
            rng.randint(1, 3),
        )
        state |= {f"{name}_{side}": size for name, size in zip(NAMES, sizes, strict=True)}
    return state | {name: rng.randint(1, 3) for name in ("batch_size", "in_channels", "out_channels")}


def sizes_of(state, side):
    """Return input, kernel, stride, padding and dilation of one axis."""
    return [state[f"{name}_{side if state['apart'] else 'h'}"] for name in NAMES]


def pytorchs_shape(state):
    """Return the shape that PyTorch makes of the input, or None where it refuses."""
    (ih, kh, sh, ph, dh), (iw, kw, sw, pw, dw) = sizes_of(state, "h"), sizes_of(state, "w")
    layer = nn.Conv2d(
        state["in_channels"], state["out_channels"], (kh, kw), stride=(sh, sw), padding=(ph, pw), dilation=(dh, dw)
    )
    try:
        return list(layer(torch.zeros(state["batch_size"], state["in_channels"], ih, iw)).shape)
    except RuntimeError:
        return None


def read_cells(sizes):
    """Return which cells of the padded input have a part in the output: PyTorch's gradient where every weight is 1."""
    size, kernel, stride, padding, dilation = sizes
    padded = torch.ones(1, 1, size + 2 * padding, requires_grad=True)
    torch.nn.functional.conv1d(padded, torch.ones(1, 1, kernel), None, stride, 0, dilation).sum().backward()
    return (padded.grad[0, 0] > 0).tolist()


@functools.cache
def shared():
    """One explorer for all states: to make one, with its ten sliders, takes longer than all that is asked of it."""
    return ShapeCalculator()


def explorer_of(state, made):
    """Return an explorer in the view's state, newly ``made`` from arguments or put into it."""
    if not made:
        shared().restore(state)
        return shared()
    return ShapeCalculator(
        **dict(zip(SIZES, zip(sizes_of(state, "h"), sizes_of(state, "w"), strict=True), strict=True)),
        **{name: state[name] for name in ("batch_size", "in_channels", "out_channels", "wanted")},
    )


def test_view_and_python_agree_with_geometry_and_with_pytorch(tmp_path):
    rng = random.Random(5)
    states = [random_state(rng) for _ in range(STATES)]
    fitting = left = 0
    found = node("shape_calculator", PROGRAM, states, tmp_path)
    for count, (state, seen) in enumerate(zip(states, found, strict=True)):
        wanted = pytorchs_shape(state)
        assert seen["shapes"]["output"] == wanted
        explorer = explorer_of(state, made=count % 10 == 0)
        assert [Fraction(a["before"]).limit_denominator(99) for a in seen["axes"]] == list(explorer.before_floor)
        if wanted is None:
            with pytest.raises(ValueError, match="padded input"):
                explorer.output_size.index(0)
            continue
        fitting += 1
        layer = eval(seen["code"], {"nn": nn})
        assert list(layer(torch.zeros(seen["shapes"]["input"])).shape) == wanted == list(explorer.shape)
        assert list(layer.weight.shape) == seen["shapes"]["weight"]
        assert [a["leftOver"] for a in seen["axes"]] == list(explorer.remainder)
        for i, side in enumerate(("h", "w")):
            missed = [cell for cell, read in enumerate(read_cells(sizes_of(state, side))) if not read]
            assert seen["axes"][i]["unreached"] == missed == explorer.unreached[i]
            left += bool(missed)
    assert STATES / 2 < fitting < STATES
    assert left > STATES / 4


def test_questions_asked_backwards_have_geometrys_answers_or_a_true_reason(tmp_path):
    rng = random.Random(6)
    states = [random_state(rng) for _ in range(STATES)]
    reasons = {}
    for state, seen in zip(states, node("shape_calculator", PROGRAM, states, tmp_path), strict=True):
        arguments = dict(zip(SIZES, zip(sizes_of(state, "h"), sizes_of(state, "w"), strict=True), strict=True))
        for ask in ASKS:
            explorer = explorer_of(state | {"ask": ask}, made=False)
            assert [one["answers"] for one in seen["answers"][ask]] == list(explorer.answers)
            for side, found in enumerate(seen["answers"][ask]):
                known = {name: value[side] for name, value in arguments.items() if name != ask}
                if not found["answers"]:
                    reasons[found["why"]] = reasons.get(found["why"], 0) + 1
                    assert f"no_{found['why']}" in words("shape_calculator")
                    check_reason(ask, known, found)
    assert reasons.keys() == {"half", "odd", "jump", "end", "beyond"}


def check_reason(ask, known, found):
    """Assert that what the view says of a question without an answer is so."""

    def size(value):
        try:
            return geometry.output_size(**known, **{ask: value})
        except ValueError:
            return 0

    goal = found["goal"]
    if found["why"] == "half":
        assert known["input_size"] % 2
        for near in found["near"]:
            assert near["answers"] == [s for s in range(1, 17) if size(s) == near["goal"]]
    elif found["why"] in ("odd", "jump"):
        low, high = sorted((size(found["at"]), size(found["at"] + 1)))
        assert low < goal < high
        assert (found["size"], found["next"]) == (size(found["at"]), size(found["at"] + 1))
        assert found["why"] == "jump" or found["gap"] % 2
    elif found["why"] == "end":
        sizes = [size(found["at"] + i) for i in range(40)]
        assert sizes[0] == found["size"]
        assert goal not in sizes
        assert abs(goal - sizes[0]) == min(abs(goal - one) for one in sizes)
    else:
        assert found["at"] > 16
        assert size(found["at"]) == goal
        assert all(size(value) != goal for value in range(1 if ask != "padding" else 0, found["at"]))


def test_where_a_change_leaves_the_output_alone_there_is_a_reason(tmp_path):
    rng = random.Random(7)
    pairs = []
    for _ in range(STATES * 2):
        before = dict(random_state(rng), apart=False)
        if rng.random() < 0.1:
            before |= {"input_h": before["kernel_h"], "padding_h": 0, "dilation_h": 1}
        name = rng.choice(NAMES)
        after = before | {f"{name}_h": max(0 if name == "padding" else 1, before[f"{name}_h"] + rng.choice([-1, 1]))}
        pairs.append([before, after])
    program = "return given.map(([one, other]) => why(axesOf(one)[0], axesOf(other)[0]));"
    found = {}
    for (before, after), reason in zip(pairs, node("shape_calculator", program, pairs, tmp_path), strict=True):
        one, other = sizes_of(before, "h"), sizes_of(after, "h")
        sizes = [pytorchs_shape(dict(state, in_channels=1, out_channels=1, batch_size=1)) for state in (before, after)]
        same = sizes[0] == sizes[1] and one != other
        assert bool(reason) == same
        found[reason] = found.get(reason, 0) + 1
        if not same:
            continue
        assert reason in words("shape_calculator")
        values = [geometry.size_before_floor(*side) for side in (one, other)]
        truth = {
            "still_none": sizes[0] is None,
            "still_floor": sizes[0] is not None and values[0] != values[1] and values[0] // 1 == values[1] // 1,
            "still_gaps": one[1] == 1 and one[4] != other[4],
            "still_room": values == [1, 1] and one[2] != other[2],
        }
        assert truth[reason]
    assert found.keys() == {"", "still_none", "still_floor", "still_gaps", "still_room"}


def test_changes_that_cancel_each_other_out_are_told(tmp_path):
    one = {"apart": False, **{f"{name}_h": size for name, size in zip(NAMES, (9, 3, 1, 1, 1), strict=True)}}
    other = one | {"kernel_h": 5, "padding_h": 2}
    program = "return why(axesOf(given[0])[0], axesOf(given[1])[0]);"
    assert node("shape_calculator", program, [one, other], tmp_path) == "still_balanced"


def test_windows_on_the_ruler_never_lie_over_one_another(tmp_path):
    rng = random.Random(8)
    states = [random_state(rng) for _ in range(100)]
    nexts = 0
    for seen in node("shape_calculator", PROGRAM, states, tmp_path):
        for axis, ruler in zip(seen["axes"], seen["rulers"], strict=True):
            bars = ruler["bars"] + ([ruler["next"]] if ruler["next"] else [])
            assert [bar["start"] for bar in ruler["bars"]] == axis["starts"]
            for lane in range(ruler["lanes"]):
                starts = [bar["start"] for bar in bars if bar["lane"] == lane]
                assert all(b - a >= axis["effective"] for a, b in pairwise(starts))
            assert all(bar["start"] + axis["effective"] <= ruler["extent"] for bar in bars)
            if ruler["next"]:
                nexts += 1
                assert ruler["next"]["start"] + axis["effective"] > axis["padded"]
    assert nexts > 20


def test_long_lists_keep_their_ends(tmp_path):
    seen = node("shape_calculator", "return given.map((one) => listed(one, 5));", [[1, 2], list(range(9))], tmp_path)
    assert seen == ["1, 2", "0, 1, 2, …, 8"]


def test_state_is_read_and_set_in_python():
    explorer = ShapeCalculator(28, 3, stride=2, padding=1)
    assert (explorer.input_size, explorer.output_size, explorer.shape) == (28, 14, (1, 8, 14, 14))
    assert (explorer.before_floor, explorer.remainder, explorer.unreached) == (Fraction(29, 2), 1, [29])
    explorer.kernel_size = 5
    assert explorer.output_size == 13
    explorer.padding = (2, 0)
    assert explorer.view.apart
    assert (explorer.input_size, explorer.output_size) == ((28, 28), (14, 12))
    assert explorer.unreached == ([31], [27])
    explorer.input_size = 100
    assert explorer.input_size == (100, 100)
    assert explorer.sliders["input_h"].max == 100
    assert repr(explorer) == (
        "ShapeCalculator(input_size=(100, 100), kernel_size=(5, 5), stride=(2, 2), padding=(2, 0), dilation=(1, 1))"
    )
    assert repr(ShapeCalculator()) == "ShapeCalculator(input_size=13, kernel_size=3, stride=1, padding=0, dilation=1)"
    explorer.set(stride_w=3)
    assert explorer.stride == (2, 3)


def test_widths_that_nobody_set_are_not_read():
    explorer = ShapeCalculator(28, 3)
    explorer.set(input_w=5, kernel_w=7)
    assert explorer.output_size == 26
    explorer.stride = (1, 2)
    assert (explorer.input_size, explorer.kernel_size, explorer.output_size) == ((28, 28), (3, 3), (26, 13))


def test_answers_are_lists_or_pairs_of_lists():
    explorer = ShapeCalculator(28, 5)
    assert explorer.answers == [2]
    explorer.ask = "kernel_size"
    explorer.wanted = 20
    assert explorer.answers == [9]
    explorer.ask, explorer.padding = "stride", (2, 0)
    assert explorer.answers == ([2], [])


def test_the_ruler_is_drawn_for_one_axis_or_two_and_where_nothing_fits():
    assert len(ShapeCalculator(13, 3, stride=2).figure().axes) == 1
    two = ShapeCalculator((13, 14), 4, stride=3)
    assert [ax.get_title() for ax in two.figure().axes] == [
        r"$O = \lfloor 4 \rfloor = 4$",
        r"$O = \lfloor 4.333 \rfloor = 4$",
    ]
    (nothing,) = ShapeCalculator(3, 5).figure().axes
    assert ">" in nothing.get_title()
    hatched = [patch for patch in two.figure().axes[1].patches if patch.get_hatch()]
    assert [patch.get_x() for patch in hatched] == two.unreached[1]


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"input_size": 301}, "300"),
        ({"kernel_size": 0}, "kernel_size"),
        ({"stride": (1, 17)}, "16"),
        ({"padding": -1}, "padding"),
        ({"dilation": 9}, "8"),
        ({"out_channels": 0}, "out_channels"),
        ({"ask": "dilation"}, "stride"),
        ({"wanted": 0}, "wanted"),
    ],
)
def test_what_does_not_fit_is_refused_in_the_learners_language(lang, arguments, part):
    language(lang)
    with pytest.raises(ValueError, match=part):
        ShapeCalculator(**arguments)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [({"kernel": 3}, "kernel_size"), ({"stride": 1.5}, "stride"), ({"input_size": (1, 2, 3)}, "input_size")],
)
def test_arguments_of_another_kind_are_refused(arguments, part):
    with pytest.raises(TypeError, match=part):
        ShapeCalculator(**arguments)
