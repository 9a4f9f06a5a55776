"""Questions of lesson 00: what the course takes for granted, and one that shows where to begin."""

import numpy as np

from lessonlib.lessons import mistakes as m
from lessonlib.lessons import slips
from lessonlib.lessons.draws import matrix
from lessonlib.questions.core import Question


def _cut(rows, columns):
    """Return rows and columns [first, last) of the numbers 0 to 19 in 4 rows of 5."""
    return np.arange(20).reshape(4, 5)[slice(*rows), slice(*columns)].tolist()


# The same slips as with a window and a kernel, under the names that are known here.
_NAMES = {
    "matrix_product": "matrix_product_of_arrays",
    "averaged_over_window": "mean_of_products",
    "window_only": "first_array_only",
    "added_instead_of_multiplied": "arrays_added",
    "last_kernel_row_only": "last_row_only",
}


def _doubts(x, w):
    return [(frozenset(_NAMES.get(name, name) for name in names), value) for names, value in slips.window(x, w)]


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
            "counted_from_one_to_the_end": lambda rows, columns: _cut(
                (rows[0] - 1, rows[1]), (columns[0] - 1, columns[1])
            ),
        },
        doubts=slips.others(
            end_as_length=lambda rows, columns: _cut((rows[0], sum(rows)), (columns[0], sum(columns))),
        ),
        fields=lambda rows, columns: {"rows_text": "{}:{}".format(*rows), "columns_text": "{}:{}".format(*columns)},
    ),
    Question(
        "start.product",
        kind="number",
        first={"x": [[4, 1], [2, 3]], "w": [[1, 2], [0, 1]]},
        draw=lambda rng: {"x": matrix(rng, 2, 2, 1, 9), "w": matrix(rng, 2, 2, 0, 7)},
        right=m.value,
        mistakes={
            "matrix_product_of_arrays": m.matrix_product,
            "product_of_sums": lambda x, w: int(np.sum(x) * np.sum(w)),
            "diagonal_only": lambda x, w: x[0][0] * w[0][0] + x[1][1] * w[1][1],
            "mean_of_products": m.averaged_over_window,
            "first_array_only": m.window_only,
            "arrays_added": m.added_instead_of_multiplied,
            "last_row_only": m.last_kernel_row_only,
        },
        doubts=_doubts,
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
            "channels_before_batch": lambda n, h, w: (3, n, h, w),
            "channels_left_out": lambda n, h, w: (n, h, w),
            "one_channel_for_colour": lambda n, h, w: (n, 1, h, w),
            "width_before_height_channels_last": lambda n, h, w: (n, w, h, 3),
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
            "bias_counted_too": lambda c, o, k: c * k * k + 1,
            "all_filters_and_biases": lambda c, o, k: o * c * k * k + o,
        },
    ),
]
