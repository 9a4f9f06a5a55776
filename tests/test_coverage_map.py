"""The coverage map: its counts are those of PyTorch's windows, in Python and in the browser."""

import random

import numpy as np
import pytest
import torch
from torch.nn.functional import fold, unfold

from lessonlib import CoverageMap, geometry, language
from support.amount import times
from support.node import node

STATES = times(80, 300)
SIZES = {name: one for name, one in CoverageMap.arguments.items() if name not in ("position", "large")}
SIDES = [one.trait for one in SIZES.values()]

PROGRAM = """
return given.map((state) => {
  const { both, fits, counts, rows, columns, reads, onImage, unread, most } = solve(state);
  const [top, left] = state.position.map((at, i) => at + both[i].padding);
  const readers = fits ? [readersOf(both[0], top), readersOf(both[1], left)] : null;
  return { fits, counts, rows, columns, reads, onImage, unread, most, readers, outputs: both.map((a) => a.output), code: convCode(state) };
});
"""


def random_explorer(rng):
    def either(lowest, highest):
        pick = lambda: rng.randint(lowest, highest)  # noqa: E731
        return (pick(), pick()) if apart else pick()

    apart = rng.random() < 0.6
    explorer = CoverageMap(**{name: either(*one.limits) for name, one in SIZES.items()})
    sizes, padding = explorer.pairs["input_size"], explorer.pairs["padding"]
    explorer.position = tuple(rng.randint(-p, size + p - 1) for size, p in zip(sizes, padding, strict=True))
    return explorer


def layer_of(explorer):
    names = ("kernel_size", "stride", "padding", "dilation")
    layer = torch.nn.Conv2d(1, 1, **{name: explorer.pairs[name] for name in names}, bias=False, dtype=torch.float64)
    torch.nn.init.ones_(layer.weight)
    return layer


def test_counts_are_pytorchs(tmp_path):
    rng = random.Random(3)
    explorers = [random_explorer(rng) for _ in range(STATES)]
    names = [name for name in CoverageMap().view.traits(sync=True) if name.split("_")[0] in SIDES or name == "apart"]
    states = [{name: getattr(one.view, name) for name in names} | {"position": list(one.position)} for one in explorers]
    impossible = 0
    for explorer, seen in zip(explorers, node("coverage_map", PROGRAM, states, tmp_path), strict=True):
        size, layer = explorer.pairs["input_size"], layer_of(explorer)
        if not seen["fits"]:
            impossible += 1
            with pytest.raises(ValueError, match="no window fits"):
                explorer.counts.sum()
            with pytest.raises(RuntimeError):
                layer(torch.zeros(1, 1, *size, dtype=torch.float64))
            continue
        # The gradient of the sum of all outputs, with weights of 1, is how often each pixel is read.
        image = torch.zeros(1, 1, *size, dtype=torch.float64, requires_grad=True)
        output = layer(image)
        output.sum().backward()
        counts = image.grad[0, 0].numpy().astype(int)
        assert np.array_equal(explorer.counts, counts)
        p = explorer.pairs["padding"]
        inside = (slice(p[0], p[0] + size[0]), slice(p[1], p[1] + size[1]))
        assert np.array_equal(np.array(seen["counts"])[inside], counts)
        assert (seen["unread"], explorer.unread) == ((counts == 0).sum(),) * 2
        assert seen["onImage"] == counts.sum()
        assert seen["outputs"] == list(output.shape[2:])
        # The padded counts: unfold a padded image and fold it back.
        wide = tuple(s + 2 * q for s, q in zip(size, p, strict=True))
        folding = {name: explorer.pairs[name] for name in ("kernel_size", "stride", "dilation")}
        padded = fold(unfold(torch.ones(1, 1, *wide), **folding), wide, **folding)[0, 0].numpy().astype(int)
        assert np.array_equal(explorer.padded_counts, padded)
        assert np.array_equal(seen["counts"], padded)
        assert np.array_equal(np.outer(seen["rows"], seen["columns"]), padded)
        assert seen["reads"] == padded.sum() == output.numel() * layer.weight.numel()
        assert seen["most"] == padded.max()
        assert seen["readers"] == list(explorer.windows)
        assert explorer.count == padded[tuple(at + q for at, q in zip(explorer.position, p, strict=True))]
        again = eval(seen["code"], {"nn": torch.nn})  # the code line is the layer
        assert (again.kernel_size, again.stride, again.padding, again.dilation) == (
            layer.kernel_size, layer.stride, layer.padding, layer.dilation,
        )  # fmt: skip
    assert 0 < impossible < STATES / 2


def test_windows_that_read_a_pixel_move_when_it_does():
    explorer = CoverageMap(6, 3, padding=1, position=(0, 0))
    assert explorer.windows == ([0, 1], [0, 1])
    explorer.position = (-1, 3)
    assert (explorer.windows, explorer.count) == (([0], [2, 3, 4]), 3)
    explorer.padding = 0  # the pixel that was pointed at lies outside now
    assert (explorer.position, explorer.count) == ((0, 3), 3)


def test_state_is_read_and_set_under_pytorchs_names():
    explorer = CoverageMap()
    explorer.kernel_size, explorer.stride = (3, 5), 2
    assert (explorer.input_size, explorer.kernel_size, explorer.stride) == ((6, 6), (3, 5), (2, 2))
    assert explorer.output_size == geometry.output_size((6, 6), (3, 5), 2) == (2, 1)
    assert [explorer.sliders[name].value for name in ("kernel_h", "kernel_w", "stride_w")] == [3, 5, 2]
    assert repr(explorer).startswith("CoverageMap(input_size=(6, 6), kernel_size=(3, 5)")
    assert (
        repr(CoverageMap(7, 5, padding=2))
        == "CoverageMap(input_size=7, kernel_size=5, padding=2, stride=1, dilation=1)"
    )
    assert len(explorer.figure().axes) == len(CoverageMap(2, 5).figure().axes) == 1


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"input_size": 20}, "12"),
        ({"kernel_size": 0}, "kernel_size"),
        ({"stride": (1, 9)}, r"\(1, 9\)"),
        ({"position": (6, 0)}, r"\(6, 0\)"),
        ({"position": (-1, 0)}, r"-1"),
    ],
)
def test_what_does_not_fit_is_refused_in_the_learners_language(lang, arguments, part):
    language(lang)
    with pytest.raises(ValueError, match=part):
        CoverageMap(**arguments)


def test_unknown_keyword_names_the_nearest():
    with pytest.raises(TypeError, match="stride"):
        CoverageMap(strides=2)
