"""Questions of lesson 01: one window's arithmetic, the size of the map, the whole map, the flip, two loops."""

from lessonlib.geometry import output_size
from lessonlib.layers.conv import flip
from lessonlib.lessons import mistakes as m
from lessonlib.lessons.draws import matrix
from lessonlib.lessons.worked import size_steps, window_steps
from lessonlib.questions.core import Question
from lessonlib.questions.functions import FunctionQuestion

_WINDOW = m.some(
    m.kernel_flipped, m.kernel_transposed, m.matrix_product, m.averaged_over_window, m.window_only, m.bias_forgotten
)
_SIDE = {
    "no_plus_one": m.no_plus_one,
    "size_stays": m.size_stays,
    "one_side_as_area": m.one_side_as_area,
    "windows_side_by_side": lambda n, k: n // k,
    "kernel_added": m.kernel_added,
}


def _draw_window(rng):
    return {"x": matrix(rng, 2, 2, 0, 6), "w": matrix(rng, 2, 2, -2, 3), "b": rng.choice([1, 2, 5, 10])}


QUESTIONS = [
    Question(
        "one_channel.predict_1",
        kind="number",
        first={"x": [[0, 3], [5, 4]], "w": [[1, 0], [1, 3]], "b": 1},
        draw=_draw_window,
        right=m.value,
        mistakes=_WINDOW,
        hints="window",
        fields=window_steps,
    ),
    Question(
        "one_channel.predict_2",
        kind="number",
        first={"n": 8, "k": 3},
        draw=lambda rng: {"n": rng.randint(6, 30), "k": rng.randint(2, 6)},
        right=lambda n, k: output_size(n, k),
        mistakes=_SIDE,
        hints="size",
        fields=size_steps,
        layer=lambda n, k: (n, k),
    ),
    Question(
        "one_channel.window",
        kind="number",
        first={"x": [[2, 1], [0, 4]], "w": [[3, -1], [1, 2]], "b": 10},
        draw=_draw_window,
        right=m.value,
        mistakes=_WINDOW,
        hints="window",
        fields=window_steps,
    ),
    Question(
        "one_channel.side",
        kind="number",
        first={"n": 28, "k": 5},
        draw=lambda rng: {"n": rng.randint(6, 40), "k": rng.randint(2, 7)},
        right=lambda n, k: output_size(n, k),
        mistakes=_SIDE,
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
            "not_flipped": lambda w: w,
        },
    ),
    Question(
        "one_channel.edge",
        kind="choice",
        mistakes=("upside_down_edge", "vertical_edge", "sums_to_one", "no_difference"),
    ),
    FunctionQuestion(
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
