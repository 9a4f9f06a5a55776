"""Equivariance: both ways and their difference are PyTorch's, in Python and in the browser; and it holds where theory says."""

import random

import numpy as np
import pytest
import torch

from lessonlib import Equivariance, language
from lessonlib.explorers.equivariance import INPUTS
from lessonlib.presets import KERNELS
from support.amount import times
from support.node import node

STATES = times(80, 300)
FRAME = 12  # zeros on every side, as many as any shift
MODES = ["zeros", "reflect", "replicate", "circular"]

PROGRAM = """
return given.map((given) => {
  const state = { ...given, tables };
  const { padded, weight, ofShifted, by, shifted, difference, count, largest, nearest } = solve(state);
  return { padded, weight, ofShifted, by, shifted, difference, count, largest, nearest, code: convCode(state), input: inputOf(state) };
});
"""


def random_explorer(rng, seed):
    """Return an explorer in a random state."""
    height, width = rng.randint(5, 12), rng.randint(5, 12)
    numbers = np.random.default_rng(seed).integers(-9, 10, (height, width)) / 4
    size = rng.randint(1, 5)
    own = [[rng.randint(-9, 9) / 4 for _ in range(size)] for _ in range(size)]
    input, weight = rng.choice([*INPUTS, numbers]), rng.choice([*KERNELS, own])
    explorer = Equivariance(
        input, weight, stride=rng.randint(1, 3), padding=rng.randint(0, 3), padding_mode=rng.choice(MODES),
        shift=(rng.randint(1 - height, height - 1), rng.randint(1 - width, width - 1)), wrap=rng.random() < 0.5,
        kernel_size=None if weight is own else size, input_size=None if input is numbers else (height, width),
    )  # fmt: skip
    explorer.kernel_size = rng.randint(1, 5)  # a kernel of one's own is cut or filled up with zeros
    return explorer


def moved(plane, rows, columns, wrap):
    """Return a tensor's last two axes shifted: rolled, or out of a frame of zeros."""
    if wrap:
        return torch.roll(plane, (rows, columns), (-2, -1))
    height, width = plane.shape[-2:]
    framed = torch.nn.functional.pad(plane, (FRAME,) * 4)
    return framed[..., FRAME - rows : FRAME - rows + height, FRAME - columns : FRAME - columns + width]


def test_view_and_python_compute_what_pytorch_computes(tmp_path):
    rng = random.Random(2)
    explorers = [random_explorer(rng, seed) for seed in range(STATES)]
    names = [name for name in Equivariance().view.traits(sync=True) if not name.startswith("_")]
    states = [
        {name: getattr(one.view, name) for name in names if name not in ("layout", "words", "origin", "tooltip")}
        for one in explorers
    ]
    compared = 0
    for explorer, seen in zip(explorers, node("equivariance", PROGRAM, states, tmp_path), strict=True):
        layer = eval(seen["code"], {"nn": torch.nn}).double()
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(explorer.weight))
            input = torch.tensor(explorer.input)[None, None]
            of_shifted = layer(moved(input, *explorer.shift, explorer.wrap))[0, 0].numpy()
            output = layer(input)

        assert np.array_equal(seen["input"], explorer.input)
        assert np.array_equal(seen["weight"], explorer.weight)
        assert seen["by"] == [cells / explorer.stride for cells in explorer.shift]
        assert explorer.output_size == of_shifted.shape
        for found in (seen["ofShifted"], explorer.output_of_shifted):
            assert np.abs(found - of_shifted).max() < 1e-9
        if any(cells % explorer.stride for cells in explorer.shift):
            with pytest.raises(ValueError, match=str(explorer.stride)):
                explorer.difference.sum()
            assert seen["shifted"] is None
            check_nearest(explorer, seen, of_shifted, output)
            continue
        compared += 1
        shifted = moved(output, *explorer.output_shift, explorer.wrap)[0, 0].detach().numpy()
        wanted = of_shifted - shifted
        assert np.abs(explorer.shifted_output - shifted).max() < 1e-9
        assert np.abs(np.subtract(seen["shifted"], shifted)).max() < 1e-9
        assert np.abs(explorer.difference - wanted).max() < 1e-9
        assert np.abs(np.subtract(seen["difference"], wanted)).max() < 1e-9
        assert seen["count"] == explorer.differing == (np.abs(wanted) > 1e-9).sum()
        assert seen["largest"] == pytest.approx(explorer.largest_difference)
        assert_inside_agrees(explorer)
    assert compared > STATES / 4


def check_nearest(explorer, seen, of_shifted, output):
    """No whole move of the output around the wanted one leaves fewer cells different than the one that the view names."""
    found = []
    for rows in {int(np.floor(seen["by"][0])), int(np.ceil(seen["by"][0]))}:
        for columns in {int(np.floor(seen["by"][1])), int(np.ceil(seen["by"][1]))}:
            apart = of_shifted - moved(output, rows, columns, explorer.wrap)[0, 0].detach().numpy()
            found.append(((np.abs(apart) > 1e-9).sum(), [rows, columns], np.abs(apart).max()))
    nearest = seen["nearest"]
    assert nearest["count"] == min(count for count, _, _ in found)
    assert any(
        move == nearest["move"] and largest == pytest.approx(nearest["largest"], abs=1e-9) for _, move, largest in found
    )


def assert_inside_agrees(explorer):
    """Where a window and the one it moved from read no padding and nothing that came in or was lost, both ways agree."""
    size, k, s, p = explorer.input.shape, explorer.kernel_size, explorer.stride, explorer.padding
    rows, columns = explorer.output_size
    for r in range(rows):
        for c in range(columns):
            tops = [index * s - p for index in (r, c)]
            before = [top - by for top, by in zip(tops, explorer.shift, strict=True)]
            whole = all(top >= 0 and top + k <= side for top, side in zip(tops, size, strict=True))
            if whole and all(top >= 0 and top + k <= side for top, side in zip(before, size, strict=True)):
                assert explorer.difference[r, c] == 0


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("kernel_size", [1, 3, 5])
def test_a_round_world_has_no_border_and_no_difference(stride, kernel_size):
    options = {"padding_mode": "circular", "wrap": True, "kernel_size": kernel_size, "padding": kernel_size // 2}
    for shift in [(2, 0), (0, -2), (4, 6), (-6, 2)]:
        explorer = Equivariance("random", "random", stride=stride, shift=shift, **options)
        assert (explorer.differing, explorer.largest_difference) == (0, 0)


def test_zero_padding_differs_at_the_border_alone():
    explorer = Equivariance("random", "ones", shift=(0, 1))
    different = explorer.difference != 0

    assert different[:, 0].all()
    assert different[:, -1].all()
    assert not different[:, 1:-1].any()


def test_between_cells_says_which_shift_would_do():
    explorer = Equivariance(stride=2, shift=(1, 2))
    for lang, part in (("ko", "2의 배수"), ("en", "multiple of 2")):
        language(lang)
        with pytest.raises(ValueError, match=part):
            explorer.shifted_output.sum()
    explorer.shift = (2, 2)
    assert explorer.output_shift == (1, 1)
    assert explorer.shifted_output.shape == explorer.output_of_shifted.shape == (4, 4)


def test_state_is_read_and_set_under_pytorchs_names():
    explorer = Equivariance(np.arange(35).reshape(5, 7), [[0, 1], [2, 3]], padding=0, shift=(-4, 6))
    assert (explorer.kernel_size, explorer.stride, explorer.padding, explorer.output_size) == (2, 1, 0, (4, 6))
    assert explorer.shifted_input[0, 6] == 28
    explorer.weight = "sharpen"
    explorer.kernel_size, explorer.stride, explorer.padding, explorer.padding_mode, explorer.wrap = (
        3,
        2,
        1,
        "reflect",
        True,
    )
    assert explorer.weight.shape == (3, 3)
    assert [explorer.sliders[name].value for name in ("kernel_size", "padding", "stride")] == [3, 1, 2]
    explorer.input = "digit"
    assert explorer.input.shape == (5, 7)
    assert np.array_equal(explorer.shifted_input, np.roll(explorer.input, (-4, 6), (0, 1)))
    assert repr(explorer) == "Equivariance((5, 7), kernel_size=3, stride=2, padding=1, shift=(-4, 6), wrap=True)"
    explorer.input = np.ones((6, 6))
    assert explorer.shift == (-4, 5)
    assert len(explorer.figure().axes) == 4


def test_sliders_reach_every_shift_that_leaves_something_of_the_input():
    sliders = Equivariance(input_size=(6, 9)).sliders
    assert [(sliders[name].min, sliders[name].max) for name in ("shift_rows", "shift_columns")] == [(-5, 5), (-8, 8)]


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"input": "cat"}, "sign, digit, random"),
        ({"input": np.zeros((2, 5, 5))}, r"\(2, 5, 5\)"),
        ({"input": np.zeros((4, 9))}, r"\(4, 9\)"),
        ({"input": None}, "NoneType"),
        ({"input_size": 20}, "20"),
        ({"weight": "blur"}, "box_blur"),
        ({"weight": [[1, 2, 3]]}, r"\(1, 3\)"),
        ({"stride": 0}, "stride"),
        ({"padding": True}, "True"),
        ({"kernel_size": 2.5}, r"2\.5"),
        ({"padding_mode": "same"}, "reflect"),
        ({"shift": 1}, "7"),
        ({"shift": (8, 0)}, r"\(8, 0\)"),
    ],
)
def test_what_does_not_fit_is_refused_in_the_learners_language(lang, arguments, part):
    language(lang)
    with pytest.raises(ValueError, match=part):
        Equivariance(**arguments)


def test_unknown_keyword_names_the_nearest():
    with pytest.raises(TypeError, match="padding_mode"):
        Equivariance(paddingmode="zeros")
