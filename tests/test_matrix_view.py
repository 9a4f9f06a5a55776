"""The convolution as a matrix: both products are PyTorch's, in Python and in the browser, and so are the counts."""

import random

import numpy as np
import pytest
import torch
from torch.nn import functional

from lessonlib import MatrixView, language
from lessonlib.explorers.matrix_view import FORMS, INPUTS, KERNELS
from support.amount import times
from support.node import node

STATES = times(100, 400)
PROGRAM = """
return given.map((state) => {
  const solved = solve(state);
  return { ...solved, counts: solved.wrong ? null : counts(solved), code: matrixCode(state) };
});
"""


def random_explorer(rng, seed):
    """Return an explorer in a random state."""
    numbers = np.random.default_rng(seed).integers(-9, 10, (rng.randint(1, 6), rng.randint(1, 6))) / 4
    size = rng.randint(1, 4)
    own = [[rng.randint(-9, 9) / 4 for _ in range(size)] for _ in range(size)]
    input, weight = rng.choice([*INPUTS, numbers]), rng.choice([*KERNELS, own])
    explorer = MatrixView(
        input, weight, stride=rng.randint(1, 3), padding=rng.randint(0, 2), kernel_size=None if weight is own else size,
        form=rng.choice(FORMS), input_size=None if input is numbers else (rng.randint(2, 6), rng.randint(2, 6)),
    )  # fmt: skip
    explorer.kernel_size = rng.randint(1, 4)  # a kernel of one's own is cut or filled up with zeros
    return explorer


def state_of(explorer):
    left_out = ("layout", "words", "origin", "tooltip")
    names = [name for name in explorer.view.traits(sync=True) if not name.startswith("_") and name not in left_out]
    return {name: getattr(explorer.view, name) for name in names}


def test_view_and_python_compute_what_pytorch_computes(tmp_path):
    rng = random.Random(3)
    explorers = [random_explorer(rng, seed) for seed in range(STATES)]
    seen = node("matrix_view", PROGRAM, [state_of(one) for one in explorers], tmp_path)
    fitting = 0
    for explorer, shown in zip(explorers, seen, strict=True):
        assert np.array_equal(shown["input"], explorer.input)
        assert np.array_equal(shown["weight"], explorer.weight)
        k, options = explorer.kernel_size, {"stride": explorer.stride, "padding": explorer.padding}
        if k > min(explorer.input_size) + 2 * explorer.padding:
            assert shown["wrong"]
            with pytest.raises(ValueError, match=str(k)):
                explorer.output.sum()
            continue
        fitting += 1
        input, weight = torch.tensor(explorer.input)[None, None], torch.tensor(explorer.weight)[None, None]
        height, width = explorer.input_size
        output = functional.conv2d(input, weight, **options)
        # Column by column: what the layer makes of an image with a single 1 in it.
        ones = torch.eye(height * width, dtype=torch.float64).reshape(-1, 1, height, width)
        matrix = functional.conv2d(ones, weight, **options).flatten(1).T.numpy()
        windows = functional.unfold(input, k, **options)[0].T.numpy()

        assert np.array_equal(shown["matrix"], matrix)
        assert np.array_equal(explorer.matrix, matrix)
        assert np.array_equal(shown["windows"], windows)
        assert np.array_equal(explorer.windows, windows)
        assert tuple(shown["size"]) == explorer.output_size == tuple(output.shape[2:])
        for found in (shown["output"], explorer.output.ravel(), explorer.matrix @ explorer.input.ravel()):
            assert np.abs(found - output.flatten().numpy()).max() < 1e-9
        by_code = eval(shown["code"], {"F": functional, "input": input, "weight": weight})
        assert np.abs(by_code.flatten().numpy() - shown["output"]).max() < 1e-9
        check_places(shown, explorer)
        check_counts(shown["counts"], explorer)
    assert fitting > 300 * STATES / 400


def check_places(shown, explorer):
    """Which input cell and which weight meet in a row, by PyTorch's own unfold of the cells' numbers."""
    height, width = explorer.input_size
    cells = torch.arange(1.0, height * width + 1).reshape(1, 1, height, width)
    sources = (
        functional.unfold(cells, explorer.kernel_size, stride=explorer.stride, padding=explorer.padding)[0].T.numpy()
        - 1
    )
    assert np.array_equal(shown["sources"], sources)
    for row, taps in enumerate(shown["taps"]):
        for cell, tap in enumerate(taps):
            assert (cell in sources[row]) == (tap >= 0)
            assert tap < 0 or sources[row][tap] == cell


def check_counts(counts, explorer):
    k, (height, width), (rows, columns) = explorer.kernel_size, explorer.input_size, explorer.output_size
    conv = torch.nn.Conv2d(1, 1, k, explorer.stride, explorer.padding)
    linear = torch.nn.Linear(height * width, rows * columns)
    ones = functional.unfold(torch.ones(1, 1, height, width), k, stride=explorer.stride, padding=explorer.padding)[0]
    assert counts["parameters"] == explorer.parameters == sum(one.numel() for one in conv.parameters())
    assert counts["linear"] == explorer.fully_connected_parameters == sum(one.numel() for one in linear.parameters())
    assert (counts["rows"], counts["columns"]) == (rows * columns, height * width)
    assert counts["entries"] == linear.weight.numel()
    assert counts["connections"] == explorer.connections == ones.sum()
    assert (counts["fewest"], counts["most"]) == (ones.sum(1).min(), ones.sum(1).max())
    assert counts["copies"] == ones.numel()


def test_factors_of_a_product_wear_brackets_when_negative(tmp_path):
    written = node("matrix_view", "return given.map(factor)", [3, -2, 0, -0.0001, -0.5], tmp_path)

    assert written == ["3", "(−2)", "0", "0", "(−0.5)"]


def test_state_is_read_and_set_under_pytorchs_names():
    explorer = MatrixView(np.arange(15).reshape(3, 5), [[0, 1], [2, 3]], row=7)
    assert (explorer.kernel_size, explorer.stride, explorer.padding, explorer.output_size) == (2, 1, 0, (2, 4))
    assert (explorer.row, explorer.matrix.shape, explorer.windows.shape) == (7, (8, 15), (8, 4))
    explorer.weight, explorer.input = "sharpen", "digit"
    assert explorer.input.shape == (3, 5)
    explorer.kernel_size, explorer.stride, explorer.padding, explorer.form = 3, 2, 1, "im2col"
    explorer.input_size = (6, 4)
    assert explorer.weight[1, 1] == 5
    assert explorer.output_size == (3, 2)
    assert explorer.row == 5
    assert [slider.value for slider in explorer.sliders.values()] == [6, 4, 3, 2, 1]
    assert repr(explorer) == "MatrixView((6, 4), kernel_size=3, stride=2, padding=1, form='im2col')"


@pytest.mark.parametrize("form", FORMS)
def test_figure_shows_the_product(form):
    figure = MatrixView(form=form).figure()
    texts = [text.get_text() for ax in figure.get_axes() for text in ax.texts]

    assert texts.count("348") == 2  # the first output cell, in the picture and in the product
    assert len(MatrixView(kernel_size=4, input_size=2, form=form).figure().get_axes()) == 3


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"input": "cat"}, "counting"),
        ({"input": np.zeros((2, 5, 5))}, r"\(2, 5, 5\)"),
        ({"input": np.zeros((9, 2))}, r"\(9, 2\)"),
        ({"input": None}, "NoneType"),
        ({"input_size": 9}, "9"),
        ({"input_size": (3, 4, 5)}, r"\(3, 4, 5\)"),
        ({"weight": "blur"}, "box_blur"),
        ({"weight": [[1, 2, 3]]}, r"\(1, 3\)"),
        ({"weight": [[float("nan")]]}, "list"),
        ({"stride": 0}, "stride"),
        ({"padding": True}, "True"),
        ({"kernel_size": 2.5}, r"2\.5"),
        ({"form": "dense"}, "im2col"),
        ({"row": 4}, "3"),
    ],
)
def test_what_does_not_fit_is_refused_in_the_learners_language(lang, arguments, part):
    language(lang)
    with pytest.raises((TypeError, ValueError), match=part):
        MatrixView(**arguments)


def test_unknown_keyword_names_the_nearest():
    with pytest.raises(TypeError, match="kernel_size"):
        MatrixView(kernelsize=3)
