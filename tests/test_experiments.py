"""What the practice lessons' experiments must give, read from the outputs of the executed notebooks.

Sizes and results are those of the lecture note that the course teaches. Nothing here looks at code: a cell is found by its id, and
what it printed is read back as shapes, numbers and truths.
"""

import re

import nbformat
import numpy as np
import pytest
import torch

from notebooks import ROOT

LANGUAGES = ("ko", "en")
# The filters of experiments 5 and 6: three layers, kernel 3.
STACK = [
    *(("weight", (10, 3, 3, 3)), ("bias", (10,))),
    *(("weight", (20, 10, 3, 3)), ("bias", (20,))),
    *(("weight", (30, 20, 3, 3)), ("bias", (30,))),
]

# Lesson → cell → the shapes that it prints, in order, each with the word in front of it ("" for none).
SHAPES = {
    "06_conv_layer_shapes": {
        "experiment-images": [("images", (1, 5, 28, 28))],
        "experiment-output": [("output", (1, 1, 26, 26))],
        "experiment-weight": [("weight", (1, 5, 3, 3)), ("bias", (1,))],
        "build-formula": [("", (1, 1, 26, 26))],
        "verify-values": [("", (1, 1, 26, 26))],
    },
    "07_conv_calculation": {
        "experiment-input": [("image", (1, 1, 5, 5))],
        "experiment-layer": [("weight", (1, 1, 3, 3))],
        "experiment-output": [("output", (1, 1, 3, 3))],
    },
    "08_filter_shapes": {
        "experiment-input": [("input", (32, 3, 28, 26))],
        "experiment-weight": [("weight", (5, 3, 3, 3)), ("bias", (5,))],
        "experiment-output": [("output", (32, 5, 26, 24))],
        "build-count": [("", (3, 3)), ("", (3, 3, 3)), ("weight", (5, 3, 3, 3))],
        "verify-values": [("", (32, 5, 26, 24))],
    },
    "09_activation": {
        "run": [("images", (1, 3, 5, 5)), ("weight", (3, 3, 4, 4)), ("bias", (3,)), ("output", (1, 3, 2, 2))],
        "verify-loops": [("", (3, 2, 2)), ("", (3, 2, 2))],
    },
    "10_sequential": {
        "build-run": [("input", (32, 3, 28, 298)), ("output", (32, 30, 22, 292))],
        "build-weights": STACK,
        "build-parameters": [("", shape) for _, shape in STACK],
        "build-loop": [
            *(("conv1", (32, 10, 26, 296)), ("relu1", (32, 10, 26, 296))),
            *(("conv2", (32, 20, 24, 294)), ("relu2", (32, 20, 24, 294))),
            *(("conv3", (32, 30, 22, 292)), ("relu3", (32, 30, 22, 292))),
        ],
        "build-formula": [("", (32, 10, 26, 296)), ("", (32, 20, 24, 294)), ("", (32, 30, 22, 292))],
    },
    "11_subclassing": {
        "class-run": [("input", (32, 3, 28, 28)), ("output", (32, 30, 22, 22)), *STACK],
        "mend-count": STACK,
        "verify-copy": [("", (32, 30, 22, 22)), ("", (32, 30, 22, 22))],
    },
}
# Lesson → cell → what it says is true, and how often.
TRUE = {
    "06_conv_layer_shapes": {"verify-values": [("max |a - b| < 1e-6", True)]},
    "07_conv_calculation": {
        # Equal up to float rounding: the loops sum in float64, PyTorch in float32.
        "verify-difference": [("a == b", False), ("max |a - b| < 1e-6", True)],
        "why-double": [("max |a - b| < 1e-6", True), ("max |a - b| < 1e-14", True)],
    },
    "08_filter_shapes": {"verify-values": [("max |a - b| < 1e-6", True)]},
    "09_activation": {
        "verify-loops": [("max |a - b| < 1e-6", True)],
        "verify-whole": [("σ(whole) ≈ by_hand", True)],
    },
    "10_sequential": {
        "build-loop": [("step == model(images)", True)],
        "build-formula": [("(32, 30, *size) == output.shape", True)],
        "build-load": [("ordered(images) == output", True)],
    },
    "11_subclassing": {"verify-copy": [("max |a - b| < 1e-6", True)] * 2},
}
LESSONS = (
    *("06_conv_layer_shapes", "07_conv_calculation", "08_filter_shapes"),
    *("09_activation", "10_sequential", "11_subclassing"),
)


def cells_of(table):
    return [(lang, lesson, cell) for lesson, cells in table.items() for cell in cells for lang in LANGUAGES]


def outputs(lang, lesson, cell_id):
    """Return the outputs of a cell that was run."""
    notebook = nbformat.read(ROOT / "notebooks" / lang / f"{lesson}.ipynb", as_version=4)
    found = [cell for cell in notebook.cells if cell.id == cell_id]
    assert found, f"{lang}/{lesson} has no cell {cell_id}"
    assert found[0].execution_count, f"{lang}/{lesson}: cell {cell_id} was not run"
    return found[0].outputs


def printed(lang, lesson, cell_id):
    """Return what a cell of an executed notebook printed, as text."""
    return "".join(output.text for output in outputs(lang, lesson, cell_id) if output.output_type == "stream")


def table(lang, lesson, cell_id):
    """Return the rows of the table that a cell shows, without its head, as lists of texts."""
    (shown,) = (output.data["text/markdown"] for output in outputs(lang, lesson, cell_id) if "data" in output)
    rows = [line.strip("| ").split(" | ") for line in shown.splitlines() if line.startswith("|")]
    return rows[2:]


def shapes(text):
    """Return the shapes in a text as ``[(word in front, shape), …]``."""
    found = re.findall(r"(?:(\w+):? +)?(?<![\w.])\((\d+(?:, \d+)*),?\)", text)
    return [(word, tuple(int(size) for size in sizes.split(", "))) for word, sizes in found]


def truths(text):
    """Return ``[(sentence, True or False), …]`` of all that a text says is true or false."""
    found = re.findall(r"([^\n:]*): +(True|False)\b", text)
    return [(re.sub(r"^\([\d, ]+\) ", "", sentence).strip(), value == "True") for sentence, value in found]


def numbers(text, shape):
    """Return the decimal numbers of a text as an array; those in shapes and bounds are whole or in another form."""
    values = [float(number) for number in re.findall(r"(?<![\w(])-?\d+\.\d*(?![\de])", text)]
    assert len(values) == int(np.prod(shape)), text
    return np.array(values).reshape(shape)


def test_what_is_printed_is_read_back():
    listed = "input:  (1, 5)  weight: (3,)\n(2, 2) → (4, 4)\nlayers.0.bias   (10,)\n"
    said = "same: True\n(3, 2) max |a - b| < 1e-6: False\n"

    assert shapes(listed) == [("input", (1, 5)), ("weight", (3,)), ("", (2, 2)), ("", (4, 4)), ("bias", (10,))]
    assert shapes(said) == [("", (3, 2))]
    assert truths(said) == [("same", True), ("max |a - b| < 1e-6", False)]
    assert numbers("x: (2, 2)\n[[-0.5 1.  ]\n [ 2.25 0.  ]]", (2, 2)).tolist() == [[-0.5, 1], [2.25, 0]]


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_experiment_is_held_to_its_shapes(lesson):
    assert lesson in SHAPES
    for lang in LANGUAGES:
        assert (ROOT / "notebooks" / lang / f"{lesson}.ipynb").exists()


@pytest.mark.parametrize(("lang", "lesson", "cell"), cells_of(SHAPES))
def test_shapes(lang, lesson, cell):
    assert shapes(printed(lang, lesson, cell)) == SHAPES[lesson][cell]


@pytest.mark.parametrize(("lang", "lesson", "cell"), cells_of(TRUE))
def test_equalities(lang, lesson, cell):
    assert truths(printed(lang, lesson, cell)) == TRUE[lesson][cell]


# Experiment 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_change_at_a_time_changes_the_shapes_that_it_should(lang):
    def four(cell):
        return {word: shape for word, shape in shapes(printed(lang, "06_conv_layer_shapes", cell)) if word}

    first = {"images": (1, 5, 28, 28), "weight": (1, 5, 3, 3), "bias": (1,), "output": (1, 1, 26, 26)}
    assert four("vary-function") == first
    assert four("vary-batch") == first | {"images": (8, 5, 28, 28), "output": (8, 1, 26, 26)}
    assert four("vary-filters") == first | {"weight": (4, 5, 3, 3), "bias": (4,), "output": (1, 4, 26, 26)}
    assert four("vary-size") == first | {"images": (1, 5, 20, 31), "output": (1, 1, 18, 29)}
    assert four("vary-kernel") == first | {"weight": (1, 5, 5, 5), "output": (1, 1, 24, 24)}
    for cell in ("vary-function", "vary-batch", "vary-filters", "vary-size", "vary-kernel"):
        assert truths(printed(lang, "06_conv_layer_shapes", cell)) == [("output == output_shape(…)", True)]


# Experiment 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_loops_print_what_pytorch_printed_and_what_the_printed_numbers_give(lang):
    def of(cell, shape):
        return numbers(printed(lang, "07_conv_calculation", cell), shape)

    by_torch = of("experiment-output", (3, 3))
    weight, bias = np.split(of("experiment-layer", 10), [9])
    computed = torch.conv2d(
        torch.tensor(of("experiment-input", (1, 1, 5, 5))),
        torch.tensor(weight.reshape(1, 1, 3, 3)),
        torch.tensor(bias),
    )

    assert np.array_equal(by_torch, of("build-loops", (3, 3)))
    assert np.array_equal(of("verify-difference", (3, 6)), np.hstack([by_torch, by_torch]))
    # The inputs are printed to four decimals.
    assert np.allclose(by_torch, computed[0, 0], atol=1e-3)
    assert of("build-window", 1)[0] == by_torch[0, 0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_only_a_small_tolerance_tells_right_from_wrong(lang):
    text = printed(lang, "07_conv_calculation", "mistaken-see")

    found = re.findall(r"atol=(\S+): by_loops (\w+), flipped (\w+)", text)
    assert found == [("1", "True", "True"), ("1e-06", "True", "False"), ("0", "False", "False")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_four_ways_do_the_same_multiplications(lang):
    equal = printed(lang, "07_conv_calculation", "speed-equal")
    cells, products, all_of_them = re.search(
        r"(\d+) × (\d+) = (\d+)", printed(lang, "07_conv_calculation", "speed-count")
    ).groups()

    assert [shape for _, shape in shapes(equal)] == [(8, 62, 62)] * 4
    assert equal.count("True") == 4
    assert int(cells) * int(products) == int(all_of_them) == 8 * 62 * 62 * 3 * 3 * 3


def test_a_learner_can_measure_the_four_ways():
    notebook = nbformat.read(ROOT / "notebooks" / "en" / "07_conv_calculation.ipynb", as_version=4)
    source = {cell.id: cell.source for cell in notebook.cells}
    kept = {}
    for cell in ("setup", "speed-input", "speed-equal"):
        exec(source[cell], kept)
    exec(source["speed-measure"], kept)
    written = dict(kept["milliseconds"])
    assert "measure = False" in source["speed-measure"]
    exec(source["speed-measure"].replace("measure = False", "measure = True"), kept)

    assert list(kept["milliseconds"]) == list(written) == list(kept["ways"])
    assert all(kept["milliseconds"][name] != written[name] for name in written)
    assert max(kept["milliseconds"], key=kept["milliseconds"].get) == "conv2d_loops"


# Experiment 3


@pytest.mark.parametrize("lang", LANGUAGES)
def test_weights_are_counted_from_kernel_to_layer(lang):
    text = printed(lang, "08_filter_shapes", "build-count")

    assert re.findall(r"→ (\d+)|: (\d+)$", text, flags=re.MULTILINE) == [
        *(("9", ""), ("27", ""), ("135", ""), ("", "140"))
    ]
    assert "parameters: 140\n" in printed(lang, "08_filter_shapes", "verify-values")
    by_hand, by_torch = re.findall(r": +(-?\d+\.\d+)", printed(lang, "08_filter_shapes", "build-one"))
    assert by_hand == by_torch


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_wrong_input_gives_the_error_that_the_lesson_reads(lang):
    def said(cell):
        return printed(lang, "08_filter_shapes", cell)

    assert [shape for _, shape in shapes(said("errors-last"))] == []
    assert "to have 3 channels, but got 28 channels" in said("errors-last")
    assert "to have 3 channels, but got 1 channels" in said("errors-count")
    assert "Expected 3D (unbatched) or 4D (batched) input" in said("errors-batch")
    assert [shape for _, shape in shapes(said("errors-batch"))] == [(4, 26, 24), (1, 4, 26, 24)]
    assert "Kernel size can't be greater than actual input size" in said("errors-kernel")


# Experiment 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_three_loops_and_a_sigmoid_print_what_pytorch_printed(lang):
    by_torch = numbers(printed(lang, "09_activation", "run"), (3, 2, 2))

    assert np.array_equal(by_torch, numbers(printed(lang, "09_activation", "build-loops"), (3, 2, 2)))
    assert ((by_torch > 0) & (by_torch < 1)).all()


# Experiment 5


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_table_of_the_stack_adds_up(lang):
    rows = table(lang, "10_sequential", "table-shown")
    layers = [row for row in rows if re.match(r"(conv|relu)\d", row[0])]
    filters = [int(np.prod(shape)) for _, shape in STACK]
    parameters = [weights + biases for weights, biases in zip(filters[::2], filters[1::2], strict=True)]

    assert [shapes(row[1])[0][1] for row in layers] == [shape for _, shape in SHAPES["10_sequential"]["build-loop"]]
    assert [int(row[2].replace(",", "")) for row in layers] == [one for count in parameters for one in (count, 0)]
    assert [row[4] for row in layers] == ["3×3", "3×3", "5×5", "5×5", "7×7", "7×7"]
    counted = printed(lang, "10_sequential", "verify-parameters")
    assert re.findall(r"(\d+)$", counted, flags=re.MULTILINE) == [str(sum(parameters))] * 3 == ["7530"] * 3
    by_torch, ours = re.findall(r": +(\d+)", printed(lang, "10_sequential", "verify-work"))
    assert by_torch == ours == str(sum(int(row[3].replace(",", "")) for row in layers))


# Experiment 6


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_plain_list_registers_nothing_and_a_module_list_everything(lang):
    def said(cell):
        return printed(lang, "11_subclassing", cell)

    every = sum(int(np.prod(shape)) for _, shape in STACK)
    assert "parameters: 0\n" in said("find-count")
    assert "state_dict: {}\n" in said("find-count")
    assert "empty parameter list" in said("find-optimiser")
    assert re.search(r"model.parameters\(\): +(\d+)", said("mend-formula"))[1] == str(every) == "7530"
    assert [shape for _, shape in shapes(said("hooks-shapes"))] == [
        (32, 3, 28, 28), (32, 10, 26, 26), (32, 10, 26, 26), (32, 20, 24, 24), (32, 20, 24, 24), (32, 30, 22, 22)
    ]  # fmt: skip
