"""The net in the browser: every map is PyTorch's, a drawing is what the data set's own making would give, errors teach."""

import random

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from lessonlib import FeatureMaps, language
from lessonlib.explorers.feature_maps import bitmap_of, name
from support.amount import times
from support.node import node

STATES = times(40, 200)


def lesson_net():
    """Return the CNN of lesson 12, untrained."""
    convolutions = [nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*convolutions, nn.MaxPool2d(4), nn.Flatten(), nn.Linear(64, 10)).double()


NETS = {
    "lesson": lesson_net,
    "connected": lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 25), nn.ReLU(), nn.Linear(25, 10)),
    "uneven": lambda: nn.Sequential(
        nn.Conv2d(1, 3, (2, 3), stride=(1, 2), padding=(0, 2), bias=False),
        nn.ReLU(),
        nn.MaxPool2d((2, 3), stride=(2, 1), padding=(1, 0)),
        nn.Conv2d(3, 5, 2),
        nn.Flatten(),
        nn.Linear(30, 4),
    ),
}

FORWARD = """
return given.bitmaps.map((bitmap) => {
  const made = forward(given.layers, inputOf(bitmap, 8, tables.block));
  return { maps: made.map(({ data }) => [...data]), shapes: made.map(({ shape }) => shape), probabilities: softmax(made.at(-1).data) };
});
"""


def drawings(count):
    """Return bitmaps: straight strokes of several widths, handwriting of the data set, nothing, everything, noise."""
    rng = random.Random(1)
    found = ["0" * 1024, "1" * 1024, *(bitmap_of(one / 16) for one in load_digits().images[: count // 3])]
    while len(found) < count:
        cells = np.zeros((32, 32), int)
        for _ in range(rng.randint(1, 5)):
            ends = np.array([[rng.uniform(0, 32) for _ in range(2)] for _ in range(2)])
            for t in np.linspace(0, 1, 60):
                r, c = ends[0] * (1 - t) + ends[1] * t
                cells[max(int(r) - 1, 0) : int(r) + 2, max(int(c) - 1, 0) : int(c) + 2] = 1
        if rng.random() < 0.2:
            cells ^= np.random.default_rng(len(found)).integers(0, 2, (32, 32))
        found.append("".join(map(str, cells.ravel())))
    return found


@pytest.mark.parametrize("kind", NETS)
def test_browser_computes_what_pytorch_computes(kind, tmp_path):
    torch.manual_seed(3)
    net = NETS[kind]()
    explorer = FeatureMaps(net)
    bitmaps = drawings(STATES)
    largest = 0
    for bitmap, seen in zip(
        bitmaps, node("feature_maps", FORWARD, {"layers": explorer.view.layers, "bitmaps": bitmaps}, tmp_path), strict=True
    ):  # fmt: skip
        explorer.restore({"bitmap": bitmap})
        wanted = [explorer.input, *explorer.maps]
        assert [tuple(shape) for shape in seen["shapes"]] == [one.shape for one in wanted]
        for shown, one in zip(seen["maps"], wanted, strict=True):
            largest = max(largest, np.abs(np.array(shown) - one.ravel()).max())
        with torch.no_grad():
            scores = net.double()(torch.from_numpy(explorer.input)[None])
        assert np.abs(torch.softmax(scores, dim=1)[0].numpy() - seen["probabilities"]).max() < 1e-12
    assert largest < 1e-12


def test_arithmetic_of_every_unit_adds_up_to_its_value(tmp_path):
    torch.manual_seed(4)
    program = """
    const made = forward(given.layers, inputOf(given.bitmap, 8, tables.block));
    return given.units.map((unit) => ({ ...unitOf(made, unit), found: reads(given.layers, made, unit) }));
    """
    for kind in NETS:
        explorer = FeatureMaps(NETS[kind](), load_digits().images[:1] / 16)
        made = [explorer.input, *explorer.maps]
        rng = random.Random(kind)
        units = []
        for _ in range(STATES // 2):
            layer = rng.randrange(len(made))
            sizes = (*made[layer].shape, 1, 1)[:3]
            units.append([layer, *(rng.randrange(size) for size in sizes)])
        given = {"layers": explorer.view.layers, "bitmap": explorer.view.bitmap, "units": units}
        for (layer, c, y, x), seen in zip(units, node("feature_maps", program, given, tmp_path), strict=True):
            value = made[layer].reshape(*made[layer].shape, *[1] * (3 - made[layer].ndim))[c, y, x]
            found = seen["found"]
            assert seen["value"] == pytest.approx(value, abs=1e-12)
            if found["kind"] == "conv":
                assert sum(found["sums"]) + found["bias"] == pytest.approx(value, abs=1e-12)
                part = np.multiply(found["values"], found["weights"]).sum()
                assert part == pytest.approx(found["sums"][found["channel"]], abs=1e-12)
            elif found["kind"] == "linear":
                assert found["sum"] + found["bias"] == pytest.approx(value, abs=1e-12)
            elif found["kind"] == "relu":
                assert max(0, found["before"]) == pytest.approx(value, abs=1e-12)
            elif found["kind"] == "flatten":
                assert made[layer - 1][found["channel"], found["row"], found["column"]] == value
            elif found["kind"] == "pool":
                at = found["window"]
                rows = slice(max(at["top"], 0), at["top"] + at["height"])
                columns = slice(max(at["left"], 0), at["left"] + at["width"])
                pooled = made[layer - 1][at["channel"], rows, columns]
                assert pooled.size == found["count"]
                assert pooled.max() == value


def test_pointing_at_a_cell_of_a_strip_finds_its_unit(tmp_path):
    program = """
    return given.map(([shape, columns]) => {
      const made = { shape, data: [] };
      const [count, height, width] = volume(made);
      const laid = layout(made, columns);
      const wrong = [];
      let hits = 0;
      for (let c = 0; c < count; c++) for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
        if (String(unitAt(made, columns, laid.place(c, y, x))) !== String([c, y, x])) wrong.push([c, y, x]);
      }
      for (let r = 0; r < laid.rows; r++) for (let s = 0; s < laid.columns; s++) hits += unitAt(made, columns, [r, s]) !== null;
      return { wrong, hits, units: count * height * width };
    });
    """
    cases = [([8, 8, 8], 16), ([16, 8, 8], 8), ([16, 2, 2], 16), ([5, 3, 4], 2), ([64], 16), ([1, 8, 8], 16)]
    for seen in node("feature_maps", program, cases, tmp_path):
        assert seen["wrong"] == []
        assert seen["hits"] == seen["units"]


def test_a_stroke_leaves_no_gap_and_stays_on_the_paper(tmp_path):
    rng = random.Random(2)
    ends = [[[rng.uniform(0, 32), rng.uniform(0, 32)] for _ in range(2)] for _ in range(STATES)]
    program = "return given.map(([from, to]) => stroke(from, to, 32));"
    for (start, end), cells in zip(ends, node("feature_maps", program, ends, tmp_path), strict=True):
        drawn = set(cells)
        assert len(drawn) == len(cells)
        assert all(0 <= cell < 1024 for cell in cells)
        for t in np.linspace(0, 1, 50):
            r, c = np.minimum(np.array(start) * (1 - t) + np.array(end) * t, 31.999).astype(int)
            assert int(r) * 32 + int(c) in drawn


def test_an_image_becomes_a_drawing_that_counts_to_it():
    explorer = FeatureMaps(lesson_net(), load_digits().images[:50] / 16)
    for image, (_, bitmap) in zip(load_digits().images[:50], explorer.view.examples, strict=True):
        explorer.restore({"bitmap": bitmap})
        assert np.array_equal(explorer.input[0], image / 16)


def test_what_the_learner_drew_is_read_in_python():
    torch.manual_seed(0)
    net = lesson_net()
    explorer = FeatureMaps(net, load_digits().images[:3] / 16, labels=["a", "b", "c"])
    explorer.input = load_digits().images[2] / 16
    with torch.no_grad():
        wanted = net(torch.from_numpy(explorer.input)[None])[0]
    assert explorer.view.bitmap == explorer.view.examples[2][1]
    assert explorer.prediction == wanted.argmax()
    assert np.abs(explorer.scores - wanted.numpy()).max() < 1e-12
    assert explorer.probabilities.sum() == pytest.approx(1)
    assert [one.shape for one in explorer.maps][:5] == [(8, 8, 8)] * 2 + [(16, 8, 8)] * 2 + [(16, 2, 2)]
    explorer.unit = (5, 15, 1, 1)
    assert explorer.unit == (5, 15, 1, 1)
    assert repr(explorer) == "FeatureMaps([Conv2d, ReLU, Conv2d, ReLU, MaxPool2d, Flatten, Linear], side=8)"


def test_the_net_that_is_shown_stays_as_it_was_given():
    net = lesson_net()
    explorer = FeatureMaps(net, load_digits().images[:1] / 16)
    before = explorer.scores
    with torch.no_grad():
        net[0].weight.zero_()
    assert np.array_equal(explorer.scores, before)


def test_layers_are_named_as_python_writes_them(tmp_path):
    for kind in NETS:
        layers = FeatureMaps(NETS[kind]()).view.layers
        named = node("feature_maps", "return given.map(layerName);", layers, tmp_path)
        assert named == [name(layer) for layer in layers]
        for text, layer in zip(named, NETS[kind](), strict=True):
            made = eval(f"nn.{text}", {"nn": nn})
            for size in ("kernel_size", "stride", "padding", "in_features"):
                ours, theirs = (np.broadcast_to(getattr(one, size, 0), 2).tolist() for one in (made, layer))
                assert ours == theirs, (text, size)


def test_figure_shows_input_maps_and_probabilities():
    explorer = FeatureMaps(lesson_net(), load_digits().images[:1] / 16)
    *pictures, bars = explorer.figure().axes
    assert [ax.get_title() for ax in pictures][:2] == ["$I$", "Conv2d(1, 8, 3, padding=1)"]
    assert [bar.get_height() for bar in bars.patches] == pytest.approx(explorer.probabilities)


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("arguments", "error", "part"),
    [
        ({"net": nn.Linear(64, 10)}, TypeError, "nn.Sequential"),
        ({"net": nn.Sequential(nn.Flatten(), nn.Sigmoid(), nn.Linear(64, 10))}, ValueError, "Sigmoid"),
        ({"net": nn.Sequential(nn.Conv2d(1, 1, 3, dilation=2), nn.Flatten(), nn.Linear(16, 2))}, ValueError, "dilation"),
        ({"net": nn.Sequential(nn.Conv2d(1, 2, 3, padding="same"), nn.Flatten(), nn.Linear(128, 2))}, ValueError, "same"),
        ({"net": nn.Sequential(nn.Flatten(), nn.Linear(63, 10))}, ValueError, "Linear"),
        ({"net": nn.Sequential(nn.Conv2d(3, 1, 3))}, ValueError, r"\(1, 8, 8\)"),
        ({"net": nn.Sequential(nn.Conv2d(1, 1, 3))}, ValueError, "Flatten"),
        ({"images": np.zeros((2, 8, 7))}, ValueError, r"\(2, 8, 7\)"),
        ({"images": np.full((1, 8, 8), 16.0)}, ValueError, "16"),
        ({"images": np.zeros((2, 8, 8)), "labels": [1]}, ValueError, "1"),
        ({"classes": ["a"]}, ValueError, "10"),
        ({"side": 99}, ValueError, "99"),
        ({"unit": (1, 8, 0, 0)}, ValueError, r"\(1, 8, 0, 0\)"),
        ({"unit": (0, 0)}, ValueError, r"\(0, 0\)"),
        ({"clases": None}, TypeError, "classes"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_the_learners_language(lang, arguments, error, part):
    language(lang)
    with pytest.raises(error, match=part):
        FeatureMaps(**{"net": lesson_net(), **arguments})
