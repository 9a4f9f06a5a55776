"""Questions of lesson 09: what comes after the sum, where slopes vanish, and what a stack without activation is."""

import math

import numpy as np

from lessonlib.lessons import mistakes as m
from lessonlib.lessons import slips
from lessonlib.lessons.draws import matrix
from lessonlib.lessons.worked import added
from lessonlib.questions.answers import text_of
from lessonlib.questions.core import Question


def _shape(n, c, h, w, o, k):
    return m.output_shape(n, c, h, w, o, k, k)


def _shape_fields(n, c, h, w, o, k):
    _, _, height, width = _shape(n, c, h, w, o, k)
    return {"height": height, "width": width, "batch": n, "filters": o}


def _draw_shape(rng):
    n, c, o, k = rng.sample(range(2, 8), 4)
    return {"n": n, "c": c, "h": rng.randint(9, 16), "w": rng.randint(17, 30), "o": o, "k": k}


# ReLU after a window: the answers that are wrong only where there is something to cut off or to cut off too early.


def _relu(x, w, b):
    return max(m.value(x, w, b), 0)


def _flipped(x, w, b):
    return max(m.kernel_flipped(x, w, b), 0)


def _where_wrong(mistake):
    """A mistake that gives nothing where, on these numbers, it gives the right answer."""

    def answer(x, w, b):
        given = mistake(x, w, b)
        return None if given == _relu(x, w, b) else given

    return answer


def _relu_on_input_only(x, w, b):
    """No ReLU after it; a positive result is that of `relu_on_input`."""
    given = m.relu_on_input(x, w, b)
    return given if given < 0 else None


_ONE_PLANE = {
    "relu_before_bias": _where_wrong(m.relu_before_bias),
    "relu_on_products": _where_wrong(m.relu_on_products),
    "relu_on_input": _where_wrong(lambda x, w, b: max(m.relu_on_input(x, w, b), 0)),
    "relu_on_input_only": _relu_on_input_only,
    "relu_left_out": _where_wrong(m.relu_left_out),
    "relu_as_absolute_value": _where_wrong(m.relu_as_absolute_value),
    "kernel_flipped": _where_wrong(_flipped),
    "bias_forgotten": _where_wrong(lambda x, w, b: max(m.value(x, w), 0)),
    "matrix_product": _where_wrong(lambda x, w, b: max(m.matrix_product(x, w, b), 0)),
    "window_only": _where_wrong(lambda x, w, b: max(m.window_only(x, w, b), 0)),
}


def _relu_doubts(x, w, b):
    """Wrong sums with a ReLU after them; the steps of the ReLU itself come alone."""
    for names, value in slips.rectified(x, w, b):
        if len(names) == 1 and names <= _SUMS:
            # One channel alone cannot be told from a ReLU on every channel where the other one is negative: that is asked.
            yield names | {"one_channel_only"} if names <= {"first_channel_only", "last_channel_only"} else names, value


_SUMS = {
    "kernel_flipped",
    "kernel_transposed",
    "matrix_product",
    "averaged_over_window",
    "window_only",
    "bias_forgotten",
    "bias_per_channel",
    "first_channel_only",
    "last_channel_only",
    "channels_averaged",
    "one_kernel_for_all_channels",
}


def _relu_fields(x, w, b):
    z = m.value(x, w, b)
    products = (np.asarray(x) * np.asarray(w)).ravel()
    return {"z": z, "products": added(products)}


def _draw_window(rng):
    return {"x": matrix(rng, 2, 2, -4, 7), "w": matrix(rng, 2, 2, -5, 5), "b": rng.choice([1, 2, 4, 7])}


def _draw_two_planes(rng):
    """Draw until there is something for the ReLU to cut off."""
    while True:
        drawn = _two_planes(rng)
        if m.value(**drawn) < 0:
            return drawn


def _two_planes(rng):
    x, w = ([matrix(rng, 2, 2, low, high) for _ in range(2)] for low, high in ((-4, 7), (-5, 5)))
    return {"x": x, "w": w, "b": rng.choice([1, 2, 4, 6])}


# Two convolutions with nothing between them are one.


def _merged(p, q):
    return np.convolve(p, q).tolist()


def _in_places(p, q):
    """Every weight of q puts down one copy of p: those copies, moved, to be added up."""
    rows = [[0] * i + [value * one for one in p] + [0] * (len(q) - 1 - i) for i, value in enumerate(q)]
    return {"copies": " + ".join(f"`{text_of(row)}`" for row in rows)}


def _draw_rows(rng):
    return {"p": [rng.randint(1, 5) for _ in range(2)], "q": [rng.randint(1, 5) for _ in range(2)]}


def _sigmoid(z):
    return 1 / (1 + math.exp(-z))


QUESTIONS = [
    Question(
        "activation.predict_1",
        kind="shape",
        first={"n": 1, "c": 3, "h": 5, "w": 5, "o": 3, "k": 4},
        draw=_draw_shape,
        right=_shape,
        mistakes={
            "size_stays_in_shape": lambda n, c, h, w, o, k: (n, o, h, w),
            "weight_as_output": lambda n, c, h, w, o, k: (o, c, k, k),
            "no_plus_one_in_shape": lambda n, c, h, w, o, k: (n, o, h - k, w - k),
            "channels_times_filters": lambda n, c, h, w, o, k: (n, c * o, h - k + 1, w - k + 1),
            "batch_forgotten": lambda n, c, h, w, o, k: (o, h - k + 1, w - k + 1),
            "one_number_a_filter": lambda n, c, h, w, o, k: (n, o),
            "channels_last": lambda n, c, h, w, o, k: (n, h - k + 1, w - k + 1, o),
            "maps_forgotten": lambda n, c, h, w, o, k: (n, h - k + 1, w - k + 1),
            "one_too_many_in_shape": lambda n, c, h, w, o, k: (n, o, h - k + 2, w - k + 2),
        },
        hints="shape",
        fields=_shape_fields,
    ),
    Question(
        "activation.predict_2",
        kind="number",
        first={"x": [[4, 1], [3, -1]], "w": [[-4, 3], [1, 4]], "b": 1},
        draw=_draw_window,
        right=_relu,
        mistakes=_ONE_PLANE,
        doubts=_relu_doubts,
        hints="activation",
        fields=_relu_fields,
    ),
    Question(
        "activation.order",
        kind="number",
        first={"x": [[[2, 3], [-2, -1]], [[1, 1], [-2, 2]]], "w": [[[3, -3], [2, 3]], [[-1, 1], [2, 3]]], "b": 1},
        draw=_draw_two_planes,
        right=_relu,
        mistakes=_ONE_PLANE | {"relu_on_channels": _where_wrong(m.relu_on_channels)},
        doubts=_relu_doubts,
        hints="activation",
        fields=_relu_fields,
    ),
    Question(
        "activation.slope",
        kind="number",
        first={"s": 0.9},
        draw=lambda rng: {"s": rng.choice([0.05, 0.1, 0.2, 0.3, 0.7, 0.8, 0.9, 0.95])},
        right=lambda s: s * (1 - s),
        mistakes={
            "value_as_slope": lambda s: s,
            "rest_as_slope": lambda s: 1 - s,
            "slope_always_largest": lambda s: 0.25,
            "sigmoid_twice": lambda s: _sigmoid(s) * (1 - _sigmoid(s)),
            "slope_of_tanh": lambda s: 1 - s * s,
            "squared_as_slope": lambda s: s * s,
        },
        decimals=2,
        fields=lambda s: {"rest": 1 - s},
    ),
    Question(
        "activation.merged_size",
        kind="number",
        first={"a": 3, "b": 5},
        draw=lambda rng: dict(zip("ab", rng.sample(range(2, 10), 2), strict=True)),
        right=lambda a, b: a + b - 1,
        mistakes={
            "larger_kernel": lambda a, b: max(a, b),
            "sizes_added": lambda a, b: a + b,
            "sizes_multiplied": lambda a, b: a * b,
            "both_reduced": lambda a, b: a + b - 2,
            "one_more_instead_of_less": lambda a, b: a + b + 1,
            "one_side_as_area": lambda a, b: (a + b - 1) ** 2,
        },
        fields=lambda a, b: {"more": b - 1},
    ),
    Question(
        "activation.merged_row",
        kind="array",
        first={"p": [1, 2], "q": [3, 1]},
        draw=_draw_rows,
        right=_merged,
        mistakes={
            "kernels_multiplied": lambda p, q: [a * b for a, b in zip(p, q, strict=True)],
            "kernels_added": lambda p, q: [a + b for a, b in zip(p, q, strict=True)],
            "one_kernel_turned": lambda p, q: _merged(p, q[::-1]),
            "other_kernel_turned": lambda p, q: _merged(p[::-1], q),
            "merged_turned": lambda p, q: _merged(p, q)[::-1],
            "kernels_joined": lambda p, q: [*p, *q],
        },
        fields=_in_places,
    ),
]
