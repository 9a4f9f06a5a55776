"""Questions of lesson 00: what the course takes for granted, and one that shows where to begin."""

import numpy as np

from lessonlib.lessons import mistakes as m
from lessonlib.lessons.draws import matrix
from lessonlib.questions.core import Question


def _cut(rows, columns):
    """Return rows and columns [first, last) of the numbers 0 to 19 in 4 rows of 5."""
    return np.arange(20).reshape(4, 5)[slice(*rows), slice(*columns)].tolist()


def _draw_cut(rng):
    top, left = rng.randint(1, 2), rng.randint(1, 2)
    return {"rows": [top, top + 2], "columns": [left, left + rng.choice([1, 3])]}


def _draw_filter(rng):
    return {"c": rng.randint(3, 5), "o": rng.randint(6, 12), "k": rng.choice([3, 5, 7])}


QUESTIONS = [
    Question(
        "start.slice",
        kind="array",
        first={"rows": [1, 3], "columns": [2, 5]},
        draw=_draw_cut,
        right=_cut,
        mistakes={
            "last_included": lambda rows, columns: _cut((rows[0], rows[1] + 1), (columns[0], columns[1] + 1)),
            "counted_from_one": lambda rows, columns: _cut([i - 1 for i in rows], [i - 1 for i in columns]),
            "columns_before_rows": lambda rows, columns: _cut(columns, rows),
        },
        fields=lambda rows, columns: {"rows_text": "{}:{}".format(*rows), "columns_text": "{}:{}".format(*columns)},
    ),
    Question(
        "start.product",
        kind="number",
        first={"x": [[1, 2], [3, 4]], "w": [[2, 0], [1, 3]]},
        draw=lambda rng: {"x": matrix(rng, 2, 2, 1, 5), "w": matrix(rng, 2, 2, 0, 4)},
        right=m.value,
        mistakes={
            "matrix_product_of_arrays": m.matrix_product,
            "product_of_sums": lambda x, w: int(np.sum(x) * np.sum(w)),
            "diagonal_only": lambda x, w: x[0][0] * w[0][0] + x[1][1] * w[1][1],
        },
    ),
    Question(
        "start.batch",
        kind="shape",
        first={"n": 8, "h": 28, "w": 20},
        draw=lambda rng: {"n": rng.randint(4, 64), "h": rng.randint(65, 96), "w": rng.randint(97, 128)},
        right=lambda n, h, w: (n, 3, h, w),
        mistakes={
            "channels_last": lambda n, h, w: (n, h, w, 3),
            "width_before_height": lambda n, h, w: (n, 3, w, h),
            "batch_left_out": lambda n, h, w: (3, h, w),
        },
    ),
    Question(
        "start.filter",
        kind="number",
        first={"c": 3, "o": 8, "k": 5},
        draw=_draw_filter,
        right=lambda c, o, k: c * k * k,
        mistakes={
            "one_plane_only": lambda c, o, k: k * k,
            "all_filters": lambda c, o, k: o * c * k * k,
            "maps_as_planes": lambda c, o, k: o * k * k,
            "side_not_squared": lambda c, o, k: c * k,
        },
    ),
]
