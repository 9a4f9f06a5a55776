"""Lesson 12: what its text says is what its cells computed; the nets are as described; the figures of learning hold their data."""

import math
import re

import nbformat
import numpy as np
import pytest

import notebooks
from lessonlib import FeatureMaps, draw_confusion, draw_curves, draw_images, draw_kernels, language
from lessonlib.questions import question
from support.node import node

LESSON = notebooks.lessons()["12_train_a_cnn"]


@pytest.fixture(params=["ko", "en"])
def cells(request):
    """The lesson's cells by their ids."""
    return {cell.id: cell for cell in nbformat.read(LESSON[request.param], as_version=4).cells}


def printed(cell):
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def in_place_and_moved(cell):
    """Return the accuracies that a cell printed: ``[(in place, moved), …]`` as texts."""
    return re.findall(r"(\d+)% → (\d+)%", printed(cell))


def quoted(cell):
    """Return the numbers of the bold words of a text that name a percentage."""
    return re.findall(r"\d+", " ".join(re.findall(r"\*\*[^*]*%[^*]*\*\*", cell.source)))


def test_accuracies_in_the_text_are_those_computed(cells):
    cnn, connected = re.findall(r"→ (\d+)%", printed(cells["train-result"]))
    assert re.findall(r"\*\*(\d+)%\*\*", cells["train-result-text"].source) == [cnn, connected]
    (straight, moved), (straight_2, moved_2) = in_place_and_moved(cells["shift-mean"])
    assert (straight, straight_2) == (cnn, connected)
    assert quoted(cells["shift-result-text"]) == [straight_2, moved_2, straight, moved]
    (control,) = in_place_and_moved(cells["shift-control"])
    assert quoted(cells["shift-control-text"]) == list(control)


def test_sharing_alone_is_not_what_helps_on_moved_digits(cells):
    """The net with a stride for its pooling has as many parameters, and loses about as much as the fully connected one."""
    (control,) = in_place_and_moved(cells["shift-control"])
    (_, cnn), (_, connected) = in_place_and_moved(cells["shift-mean"])
    counts = [re.search(r"(\d+) parameters", printed(cells[cell]))[1] for cell in ("nets-make", "shift-control")]

    assert counts[0] == counts[1]
    assert abs(int(control[1]) - int(connected)) < abs(int(control[1]) - int(cnn)) / 4


def test_prediction_of_the_beginning_comes_true(cells):
    (straight, moved), (straight_2, moved_2) = in_place_and_moved(cells["shift-mean"])
    assert min(int(straight), int(straight_2)) > 95
    assert int(straight) - int(moved) < (int(straight_2) - int(moved_2)) / 2
    assert int(moved) < int(straight)


def test_counts_in_the_text_are_those_of_the_nets(cells):
    cnn, connected = map(int, re.findall(r"(\d+) parameters", printed(cells["nets-make"])))
    assert abs(cnn - connected) < 0.01 * cnn
    assert cnn == question("train_a_cnn.parameters").right
    for cell in ("train", "exercise-2-text"):
        assert str(cnn) in cells[cell].source


def test_every_check_of_the_lesson_came_out_true(cells):
    checks = [line for cell in cells.values() if cell.cell_type == "code" for line in printed(cell).splitlines()]
    verdicts = [line for line in checks if line.endswith(("True", "False"))]
    assert len(verdicts) == 5
    assert all(line.endswith("True") for line in verdicts)


def test_final_test_asks_ten_questions_in_fresh_numbers(cells):
    asked = [re.search(r'question\("(.*?)"\)\.variant\(17\)', cells[f"final-{i}"].source)[1] for i in range(1, 11)]
    assert len({name.partition(".")[0] for name in asked}) == 10
    for name in asked:
        assert question(name).variant(17).numbers != question(name).numbers


def test_curves_hold_their_values_and_share_colours():
    figure = draw_curves(
        {"loss": {"a": [3, 1], "b": [2, 0]}, "weights": {f"{i}": [i, i] for i in range(6)}}, together=3
    )
    loss, weights = figure.axes
    assert [line.get_ydata().tolist() for line in loss.lines] == [[3, 1], [2, 0]]
    colors = [line.get_color() for line in weights.lines]
    assert colors[0] == colors[1] == colors[2] != colors[3] == colors[5]


def test_pictures_share_one_scale():
    images = np.array([[[0, 1], [2, 3]], [[-6, 0], [0, 1]]])
    signed, plain = draw_images(images, ["a", "b"], signed=True), draw_images(np.abs(images))
    assert [ax.images[0].get_clim() for ax in signed.axes] == [(-6, 6)] * 2
    assert [ax.images[0].get_clim() for ax in plain.axes] == [(0, 6)] * 2
    assert [ax.get_title() for ax in signed.axes] == ["a", "b"]


def test_confusion_matrix_shows_every_count_but_zero():
    (ax,) = draw_confusion([[5, 0], [2, 7]]).axes
    assert {text.get_position(): text.get_text() for text in ax.texts} == {
        (0, 0): "5",
        (1, 0): "",
        (0, 1): "2",
        (1, 1): "7",
    }


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("draw", "part"),
    [
        (lambda: draw_images(np.zeros((2, 3, 4, 4))), r"\(2, 3, 4, 4\)"),
        (lambda: draw_images(np.zeros((2, 4, 4)), ["a"]), "2"),
        (lambda: draw_kernels(np.zeros((3, 3))), r"\(3, 3\)"),
        (lambda: draw_kernels(np.zeros((2, 3, 3)), ["a"]), "2"),
        (lambda: draw_confusion(np.zeros((2, 3))), r"\(2, 3\)"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_the_learners_language(lang, draw, part):
    language(lang)
    with pytest.raises(ValueError, match=part):
        draw()


def arc(row, column, height, width, start=0, end=360):
    """Return points on an ellipse, from one angle to another, 0 to the right and 90 below."""
    angles = [math.radians(angle) for angle in range(start, end + 1, 10)]
    return [[row + height * math.sin(angle), column + width * math.cos(angle)] for angle in angles]


# The ten digits as a hand draws them over the whole of a paper of 32 × 32 cells.
HANDWRITTEN = [
    [arc(16, 16, 13, 8)],
    [[[8, 11], [2, 17], [30, 17]]],
    [[*arc(9, 16, 7, 7, 180, 390), [29, 8], [29, 25]]],
    [[*arc(9, 15, 7, 7, 200, 450), *arc(23, 15, 7, 8, -90, 150)]],
    [[[2, 17], [18, 7], [18, 25]], [[9, 20], [30, 18]]],
    [[[2, 24], [2, 10], [14, 9], *arc(21, 15, 8, 8, -110, 150)]],
    [[[2, 19], [10, 10], [20, 8], *arc(22, 15, 7, 7, 180, 540)]],
    [[[3, 8], [3, 24], [30, 13]]],
    [arc(9, 16, 6, 6), arc(23, 16, 7, 7)],
    [arc(10, 15, 7, 7), [[10, 22], [20, 22], [30, 14]]],
]


def test_digits_drawn_with_the_explorers_pen_are_read_by_the_trained_net(tmp_path):
    # The code of a lesson is the same in both languages (test_notebooks): trained once is enough.
    cells = {cell.id: cell for cell in nbformat.read(LESSON["en"], as_version=4).cells}
    names = {"display": lambda _: None}
    for cell in ("setup", "digits-load", "digits-split", "nets-make", "train-function"):
        exec(cells[cell].source, names)
    names["train"](names["cnn"])
    explorer = FeatureMaps(names["cnn"])
    program = """return given.map((strokes) => {
      const black = new Set();
      for (const points of strokes) points.slice(1).forEach((to, i) => stroke(points[i], to, 32).forEach((cell) => black.add(cell)));
      return Array.from({ length: 1024 }, (_, i) => (black.has(i) ? "1" : "0")).join("");
    });"""
    read = []
    for bitmap in node("feature_maps", program, HANDWRITTEN, tmp_path):
        explorer.restore({"bitmap": bitmap})
        read.append(explorer.prediction)
    assert read == list(range(10))
