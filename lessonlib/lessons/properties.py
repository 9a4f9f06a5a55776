"""Questions of lesson 04: shared weights, shifted inputs, receptive fields, the convolution as a matrix."""

import math

import numpy as np

from lessonlib.geometry import parameter_count, receptive_field
from lessonlib.lessons import mistakes as m
from lessonlib.lessons import slips
from lessonlib.lessons.draws import matrix
from lessonlib.lessons.worked import field_steps
from lessonlib.questions.core import Question

_FIELD = m.some(
    m.last_kernel_only,
    m.field_without_strides,
    m.sum_of_kernels,
    m.only_previous_stride,
    m.own_stride_counted,
    m.product_of_kernels,
    m.field_from_the_wrong_end,
    m.field_without_first_cell,
    m.field_with_whole_kernels,
    m.first_kernel_only,
)


# More ways to go wrong with a stack, without names of their own.
_field_doubts = slips.others(
    right=lambda layers: receptive_field(layers).size[0],
    but=("field_without_first_cell",),
    last_layer_left_out=lambda layers: receptive_field(layers[:-1]).size[0],
    first_layer_left_out=lambda layers: receptive_field(layers[1:]).size[0],
    strides_added=lambda layers: (
        1 + sum((kernel - 1) * max(sum(stride for _, stride in layers[:i]), 1) for i, (kernel, _) in enumerate(layers))
    ),
    whole_last_kernel=lambda layers: layers[-1][0] * math.prod(stride for _, stride in layers[:-1]),
    own_stride_alone=lambda layers: 1 + sum((kernel - 1) * stride for kernel, stride in layers),
    whole_kernels=lambda layers: sum(
        kernel * math.prod(stride for _, stride in layers[:i]) for i, (kernel, _) in enumerate(layers)
    ),
)


def _draw_stack(rng):
    first, kernel, stride, last = (rng.choice(sizes) for sizes in ([3, 5, 7], [2, 3, 5], [2, 3], [3, 5]))
    # A kernel shorter than its stride would leave cells unread inside the field: fewer would be seen than the field is long.
    return {"layers": [(first, 2), (max(kernel, stride), stride), (last, 1)]}


def _draw_row(rng):
    height, width = rng.choice([(3, 5), (4, 4), (4, 5)])
    # Not in the first row of the output: there it makes no difference to count by the input's width.
    return {
        "h": height,
        "n": width,
        "w": matrix(rng, 2, 2, 1, 9),
        "row": rng.randrange(width - 1, (width - 1) * (height - 1)),
    }


def _laid(h, n, w, row):
    """A kernel of 2 × 2 on an empty image of h × n, where the window of output ``row`` stands, flattened."""
    top, left = divmod(row, n - 1)
    image = np.zeros((h, n), int)
    image[top : top + 2, left : left + 2] = w
    return image.ravel().tolist()


def _side_by_side(h, n, w, row):
    """The kernel's numbers without the gap that the input's width leaves between its rows."""
    start = _laid(h, n, [[1, 0], [0, 0]], row).index(1)
    flat = np.zeros(h * n, int)
    flat[start : start + 4] = np.ravel(w)
    return flat.tolist()


def _counted_by_input(h, n, w, row):
    """The window begins at the input cell, not at the output cell, of this number."""
    flat = np.zeros((h + 2) * n, int)
    flat[[row, row + 1, row + n, row + n + 1]] = np.ravel(w)
    return flat[: h * n].tolist()


QUESTIONS = [
    Question(
        "properties.predict_1",
        kind="number",
        first={"layers": [(5, 2), (2, 2), (3, 1)]},
        draw=_draw_stack,
        right=lambda layers: receptive_field(layers).size[0],
        mistakes=_FIELD,
        doubts=_field_doubts,
        hints="field",
        fields=field_steps,
    ),
    Question(
        "properties.predict_2",
        kind="number",
        first={"n": 28, "k": 5},
        draw=lambda rng: {"n": rng.randint(8, 64), "k": rng.choice([3, 5, 7])},
        right=lambda n, k: parameter_count(1, 1, k),
        mistakes={
            "bias_not_counted": lambda n, k: k * k,
            "kernel_side_not_squared": lambda n, k: k + 1,
            "weights_not_shared": lambda n, k: (k * k + 1) * (n - k + 1) ** 2,
            "weight_for_every_pixel": lambda n, k: n * n + 1,
            "bias_per_pixel_counted": lambda n, k: k * k + (n - k + 1) ** 2,
            "cells_of_the_map_counted": lambda n, k: (n - k + 1) ** 2,
        },
    ),
    Question(
        "properties.receptive_field",
        kind="number",
        first={"layers": [(7, 2), (3, 2), (3, 1)]},
        draw=_draw_stack,
        right=lambda layers: receptive_field(layers).size[0],
        mistakes=_FIELD,
        doubts=_field_doubts,
        hints="field",
        fields=field_steps,
    ),
    Question(
        "properties.fully_connected",
        kind="number",
        first={"i": 7, "k": 3},
        draw=lambda rng: {"i": rng.randint(5, 20), "k": rng.choice([2, 3, 5])},
        right=lambda i, k: (i * i + 1) * (i - k + 1) ** 2,
        mistakes={
            "output_biases_not_counted": lambda i, k: i * i * (i - k + 1) ** 2,
            "one_bias_for_all_outputs": lambda i, k: i * i * (i - k + 1) ** 2 + 1,
            "only_the_window_joined": lambda i, k: (k * k + 1) * (i - k + 1) ** 2,
            "counted_as_convolution": lambda i, k: k * k + 1,
            "weight_per_input_only": lambda i, k: i * i + (i - k + 1) ** 2,
            "output_as_large_as_input": lambda i, k: (i * i + 1) * i * i,
            "no_plus_one_in_output": lambda i, k: (i * i + 1) * (i - k) ** 2,
            "sides_for_areas": lambda i, k: (i + 1) * (i - k + 1),
        },
        doubts=slips.others(one_side_of_the_output=lambda i, k: (i * i + 1) * (i - k + 1)),
        fields=lambda i, k: {"inputs": i * i, "outputs": (i - k + 1) ** 2, "side": i - k + 1},
    ),
    Question(
        "properties.matrix_row",
        kind="array",
        first={"h": 3, "n": 4, "w": [[1, 2], [3, 4]], "row": 4},
        draw=_draw_row,
        right=_laid,
        mistakes={
            "row_without_gaps": _side_by_side,
            "row_counted_by_input": _counted_by_input,
            "kernel_flipped_in_row": lambda h, n, w, row: _laid(h, n, [line[::-1] for line in w[::-1]], row),
            "kernel_transposed_in_row": lambda h, n, w, row: _laid(
                h, n, [list(line) for line in zip(*w, strict=True)], row
            ),
            "row_not_flattened": lambda h, n, w, row: np.reshape(_laid(h, n, w, row), (h, n)).tolist(),
            "row_in_double_brackets": lambda h, n, w, row: [_laid(h, n, w, row)],
            "window_as_row": lambda h, n, w, row: [value for line in w for value in line],
        },
        doubts=slips.others(outputs_from_one=lambda h, n, w, row: _laid(h, n, w, row - 1)),
        fields=lambda h, n, w, row: {
            "columns": h * n,
            "height": h - 1,
            "width": n - 1,
            "top": row // (n - 1),
            "left": row % (n - 1),
        },
    ),
    Question(
        "properties.shift",
        kind="number",
        first={"shift": 6, "s": 2},
        draw=lambda rng: {"s": (s := rng.choice([2, 3, 4])), "shift": s * rng.choice([3, 5, 7])},
        right=lambda shift, s: shift // s,
        mistakes={
            "shift_unchanged": lambda shift, s: shift,
            "shift_multiplied": lambda shift, s: shift * s,
            "shift_removed": lambda shift, s: 0,
            "stride_taken_off": lambda shift, s: shift - s,
        },
        doubts=slips.others(right=lambda shift, s: shift // s),
    ),
    Question(
        "properties.equivariance", kind="choice", mistakes=("invariant", "never_equivariant", "always_equivariant")
    ),
]
