"""The border effect: corners, windows and values are PyTorch's in every padding mode, in Python and in the browser."""

import random

import numpy as np
import pytest
import torch

from lessonlib import BorderEffect, language
from lessonlib.explorers.border_effect import CORNERS, SIDE, SIZES, grey, shade_range
from lessonlib.photos import CREDITS
from lessonlib.presets import KERNELS
from support.amount import times
from support.node import node

STATES = times(60, 300)
MODES = ["zeros", "reflect", "replicate", "circular"]
NAMES = ("picture", "kernel_preset", "kernel_size", "corner", "position")

PROGRAM = """
return given.states.map((state) => {
  const s = { ...state, tables };
  const pixels = given.pictures[s.picture].flat();
  const size = [given.pictures[s.picture].length, given.pictures[s.picture][0].length];
  const { weight, corners, range } = solve(pixels, size, s);
  const place = startOf(s.corner, size, tables.side).map((start, i) => start + s.position[i]);
  const seen = (padding_mode) => windowOf(pixels, size, s.kernel_size, { padding: (s.kernel_size - 1) / 2, padding_mode }, place);
  const windows = tables.padding_modes.map((mode) => seen(mode).map((row) => row.map((cell) => cell.value)));
  const padded = seen("zeros").flat().filter((cell) => cell.padding).length;
  const rows = corners.map((one) => plane(tables.side, tables.side, (r, c) => one[r * tables.side + c]));
  return { weight, corners: rows, range, windows, padded, outermost: outermost(s.corner, tables.side) };
});
"""


def test_corners_are_pytorchs(tmp_path):
    rng = random.Random(4)
    shared = BorderEffect()
    states, wanted = [], []
    for _ in range(STATES):
        shared.image, shared.weight = rng.choice(list(CREDITS)), rng.choice(list(KERNELS))
        shared.kernel_size, shared.corner = rng.choice(SIZES), rng.choice(CORNERS)
        corner = list(shared.position)
        shared.position = rng.randrange(SIDE), rng.randrange(SIDE)
        states.append({name: getattr(shared.view, name) for name in NAMES})
        wanted.append((corner, shared.image, shared.weight, shared._start(), shared.position))
    pictures = {name: pixels.tolist() for name, pixels in ((name, grey(name)) for name in CREDITS)}
    answers = node("border_effect", PROGRAM, {"states": states, "pictures": pictures}, tmp_path)
    for i, (seen, (corner, image, weight, (top, left), (row, column))) in enumerate(zip(answers, wanted, strict=True)):
        k = len(weight)
        for m, mode in enumerate(MODES):
            layer = torch.nn.Conv2d(1, 1, k, padding=k // 2, padding_mode=mode, bias=False, dtype=torch.float64)
            with torch.no_grad():
                layer.weight[0, 0] = torch.from_numpy(weight)
                output = layer(torch.from_numpy(image)[None, None])[0, 0].numpy()
            assert output.shape == image.shape
            expected = output[top : top + SIDE, left : left + SIDE]
            assert np.abs(np.subtract(seen["corners"][m], expected)).max() < 1e-9
            total = (np.array(seen["windows"][m]) * weight).sum()
            assert total == pytest.approx(expected[row, column], abs=1e-9)
            if i % 30 == 0:  # the whole output in Python costs more
                for name, value in states[i].items():
                    setattr(shared.view, name, value)
                assert np.abs(shared.corners[mode] - expected).max() < 1e-9
                assert shared.values[mode] == pytest.approx(expected[row, column], abs=1e-9)
                assert np.array_equal(shared.windows[mode], seen["windows"][m])
                assert shade_range(shared.weight, shared.corners) == pytest.approx(seen["range"])
        assert seen["outermost"] == corner
        distance = [min(place + at, 255 - place - at) for place, at in ((top, row), (left, column))]
        inside = [k - max(0, k // 2 - d) for d in distance]
        assert seen["padded"] == k * k - inside[0] * inside[1]


def test_modes_part_at_the_border_alone():
    explorer = BorderEffect("flower", "box_blur", kernel_size=7)
    corners = explorer.corners
    for mode in MODES[1:]:
        different = np.abs(corners[mode] - corners["zeros"]) > 1e-9
        assert different[0, 0]
        assert not different[3:, 3:].any()
    assert corners["zeros"][0, 0] < corners["replicate"][0, 0]  # zeros darken


def test_named_edge_kernels_meet_the_dark_frame_from_their_own_side():
    """Left of a bright picture lies black padding: to a vertical edge that is dark → bright, so the sum is positive."""
    explorer = BorderEffect("china", "vertical_edge", kernel_size=3, position=(8, 0))
    assert explorer.values["zeros"] > abs(explorer.values["replicate"])
    assert explorer.values["zeros"] > 0
    explorer.corner = "top_right"
    explorer.position = (8, 15)
    assert explorer.values["zeros"] < 0
    explorer.weight, explorer.corner, explorer.position = "horizontal_edge", "top_left", (0, 8)
    assert explorer.values["zeros"] > 0


def test_state_is_read_and_set():
    explorer = BorderEffect(corner="bottom_right")
    assert (explorer.position, explorer.padding, explorer.image.shape) == ((15, 15), 2, (256, 256))
    explorer.kernel_size = 7
    assert (explorer.sliders["kernel_size"].value, explorer.padding, explorer.windows["zeros"].shape) == (7, 3, (7, 7))
    assert repr(explorer) == "BorderEffect('china', 'box_blur', 7, corner='bottom_right')"
    assert len(explorer.figure().axes) == 5


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"image": "cat"}, "china, flower"),
        ({"weight": "blur"}, "box_blur"),
        ({"kernel_size": 4}, "3, 5, 7"),
        ({"corner": "middle"}, "top_left"),
        ({"position": (16, 0)}, "15"),
        ({"position": 3}, "3"),
    ],
)
def test_what_does_not_fit_is_refused_in_the_learners_language(lang, arguments, part):
    language(lang)
    with pytest.raises(ValueError, match=part):
        BorderEffect(**arguments)


def test_unknown_keyword_names_the_nearest():
    with pytest.raises(TypeError, match="kernel_size"):
        BorderEffect(kernelsize=3)
