"""Questions of lesson 01: one window's arithmetic, the size of the map, the whole map, the flip, two loops."""

import numpy as np

from lessonlib.geometry import output_size
from lessonlib.layers.conv import flip
from lessonlib.lessons import mistakes as m
from lessonlib.lessons import slips
from lessonlib.lessons.conv_question import ConvQuestion
from lessonlib.lessons.draws import matrix
from lessonlib.lessons.worked import size_steps, window_steps
from lessonlib.questions.core import Question

_WINDOW = m.some(
    m.kernel_flipped,
    m.matrix_product,
    m.bias_forgotten,
    m.averaged_over_window,
    m.kernel_transposed,
    m.window_only,
    m.kernel_flipped_up_down,
    m.kernel_flipped_left_right,
    m.bias_subtracted,
    m.bias_per_weight,
    m.added_instead_of_multiplied,
    m.largest_instead_of_sum,
    m.last_kernel_row_only,
)
_SIDE = {
    "no_plus_one": m.no_plus_one,
    "size_stays": m.size_stays,
    "one_side_as_area": m.one_side_as_area,
    "windows_side_by_side": lambda n, k: n // k,
    "kernel_added": m.kernel_added,
    "kernel_less_one": m.kernel_less_one,
    "half_of_kernel_lost": lambda n, k: n - k // 2,
    "kernel_lost_on_both_sides": lambda n, k: n - 2 * (k - 1),
    "one_subtracted": lambda n, k: n - k - 1,
}


def _draw_window(rng):
    return {"x": matrix(rng, 2, 2, 0, 9), "w": matrix(rng, 2, 2, -3, 5), "b": rng.choice([2, 3, 5, 10])}


def _draw_side(rng):
    # Not 3, with which half of the kernel is K − 2; an odd one, for half of an even one off each side looks like a forgotten +1.
    return {"n": rng.randint(12, 40), "k": rng.choice([5, 7, 9])}


QUESTIONS = [
    Question(
        "one_channel.predict_1",
        kind="number",
        first={"x": [[1, 2], [5, 4]], "w": [[5, 5], [0, 1]], "b": 3},
        draw=_draw_window,
        right=m.value,
        mistakes=_WINDOW,
        doubts=slips.window,
        hints="window",
        fields=window_steps,
    ),
    Question(
        "one_channel.predict_2",
        kind="number",
        first={"n": 12, "k": 5},
        draw=_draw_side,
        right=lambda n, k: output_size(n, k),
        mistakes=_SIDE,
        doubts=slips.side,
        hints="size",
        fields=size_steps,
        layer=lambda n, k: (n, k),
    ),
    Question(
        "one_channel.window",
        kind="number",
        first={"x": [[1, 4], [5, 4]], "w": [[4, 1], [2, 2]], "b": 10},
        draw=_draw_window,
        right=m.value,
        mistakes=_WINDOW,
        doubts=slips.window,
        hints="window",
        fields=window_steps,
    ),
    Question(
        "one_channel.side",
        kind="number",
        first={"n": 28, "k": 5},
        draw=_draw_side,
        right=lambda n, k: output_size(n, k),
        mistakes=_SIDE,
        doubts=slips.side,
        hints="size",
        fields=size_steps,
        layer=lambda n, k: (n, k),
    ),
    Question(
        "one_channel.map",
        kind="array",
        first={"x": [[1, 2, 0, 3], [0, 1, 4, 1], [2, 0, 1, 5]], "w": [[1, 0], [2, -1]]},
        draw=lambda rng: {"x": matrix(rng, 3, 4, 0, 5), "w": matrix(rng, 2, 2, -2, 2)},
        right=m.feature_map,
        mistakes=m.some(
            m.map_of_flipped_kernel,
            m.map_of_transposed_kernel,
            m.map_of_windows_side_by_side,
            m.map_with_padding,
            m.map_transposed,
            m.map_of_matrix_products,
            m.map_of_means,
        ),
        fields=lambda x, w: {"corner": [row[:2] for row in x[:2]]},
    ),
    Question(
        "one_channel.flip",
        kind="array",
        first={"w": [[1, 2, 0], [0, 3, 4], [5, 0, 6]]},
        draw=lambda rng: {"w": matrix(rng, 3, 3, 0, 9)},
        right=lambda w: flip(w).tolist(),
        mistakes={
            "flipped_up_down": lambda w: w[::-1],
            "flipped_left_right": lambda w: [row[::-1] for row in w],
            "transposed_not_flipped": lambda w: [list(row) for row in zip(*w, strict=True)],
            "flipped_along_the_other_diagonal": lambda w: flip(np.transpose(w)).tolist(),
            "turned_by_a_quarter": lambda w: np.rot90(w, -1).tolist(),
            "signs_turned": lambda w: (-np.asarray(w)).tolist(),
            "not_flipped": lambda w: w,
        },
    ),
    Question(
        "one_channel.edge",
        kind="choice",
        mistakes=("upside_down_edge", "vertical_edge", "sums_to_one", "no_difference"),
    ),
    ConvQuestion(
        "one_channel.my_conv",
        takes=("input", "weight"),
        ranks=(2, 2),
        cases=[
            {"input": (3, 4), "weight": (2, 2)},
            {"input": (5, 4), "weight": (2, 3)},
            {"input": (6, 7), "weight": (3, 2)},
        ],
    ),
]
