"""Questions of lesson 07: conv2d written step by step, from one window to stride and padding."""

import numpy as np

from lessonlib.layers.conv import conv2d
from lessonlib.lessons import mistakes as m
from lessonlib.lessons.draws import matrix
from lessonlib.lessons.mistaken_convolutions import KNOWN
from lessonlib.lessons.worked import window_steps
from lessonlib.questions.core import Question
from lessonlib.questions.functions import FunctionQuestion


class Step(FunctionQuestion):
    """A step on the way to conv2d, with the mistakes that are made on this way besides those of `mutants.KNOWN`.

    Parameters
    ----------
    own : tuple of functions
        Of full forms (input, weight, bias, stride, padding), as in ``mutants``; their names are those of the words.
    without : tuple of str
        Mistakes of `KNOWN` that cannot be told from others here.
    """

    def __init__(self, name, *, own=(), without=(), only=None, **rest):
        only = [known for known in only or KNOWN if known not in without]
        super().__init__(name, only=only, hints="function", **rest)
        self._known = self._known | {wrong.__name__: wrong for wrong in own}

    @property
    def mistakes(self):
        return {name: self.handed_in(self._known[name]) for name in self.known_results}


class OneWindow(Step):
    """The first step: what comes out is a number, not a map of one cell."""

    def _reduced(self, result):
        return result.reshape(()) if result.size == 1 else super()._reduced(result)


# What goes wrong on the way: each takes full forms, (N, C, H, W) and (O, C, KH, KW).


def products_not_summed(x, w, b, s, p):
    return (x * w)[0, 0]


def summed_over_rows_only(x, w, b, s, p):
    return (x * w)[0, 0].sum(axis=0)


def summed_over_columns_only(x, w, b, s, p):
    return (x * w)[0, 0].sum(axis=1)


def matrix_product(x, w, b, s, p):
    """The matrix product of every window and the kernel; where they cannot be multiplied, a `ValueError`."""
    result = conv2d(x, w, b, s, p)
    for n, o, i, j in np.ndindex(result.shape):
        window = x[n, :, i : i + w.shape[2], j : j + w.shape[3]]
        result[n, o, i, j] = (window @ w[o]).sum() + b[o]
    return result


def matrix_product_itself(x, w, b, s, p):
    return x[0, 0] @ w[0, 0]


def rest_left_zero(x, w, b, s, p):
    """An output as large as the input, filled where windows fit."""
    result = conv2d(x, w, b, s, p)
    whole = np.zeros((*result.shape[:2], *x.shape[2:]))
    whole[..., : result.shape[2], : result.shape[3]] = result
    return whole


def height_for_width(x, w, b, s, p):
    """Squares everywhere: the width of input and kernel are taken to be their heights."""
    side, kernel = x.shape[2] - w.shape[2] + 1, w.shape[2]
    result = np.zeros((len(x), len(w), side, side))
    for n, o, i, j in np.ndindex(result.shape):
        result[n, o, i, j] = (x[n, :, i : i + kernel, j : j + kernel] * w[o]).sum() + b[o]
    return result


def returned_after_first_row(x, w, b, s, p):
    result = conv2d(x, w, b, s, p)
    result[..., 1:, :] = 0
    return result


def returned_after_first_cell(x, w, b, s, p):
    result = conv2d(x, w, b, s, p)
    first = result[..., :1, :1].copy()
    result[...] = 0
    result[..., :1, :1] = first
    return result


def one_long_list(x, w, b, s, p):
    return conv2d(x, w, b, s, p).ravel()


def last_map_only(x, w, b, s, p):
    return conv2d(x, w, b, s, p)[:, -1]


def all_filters_in_one_map(x, w, b, s, p):
    return conv2d(x, w, b, s, p).sum(axis=1)


def plus_one_before_dividing(x, w, b, s, p):
    """(I − K + 1) // S in place of (I − K) // S + 1."""
    x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    height, width = ((size - kernel + 1) // s for size, kernel in zip(x.shape[2:], w.shape[2:], strict=True))
    return conv2d(x, w, b, s)[..., :height, :width]


_LOOPS = (rest_left_zero, height_for_width, returned_after_first_row, returned_after_first_cell, one_long_list)

QUESTIONS = [
    Question(
        "conv_calculation.predict_1",
        kind="number",
        first={"x": [[0, 2, 1], [4, 0, 3], [1, 5, 2]], "w": [[1, 0, -1], [2, 1, 0], [0, -1, 3]], "b": 4},
        draw=lambda rng: {"x": matrix(rng, 3, 3, 0, 5), "w": matrix(rng, 3, 3, -2, 3), "b": rng.choice([2, 4, 7])},
        right=m.value,
        mistakes=m.some(m.kernel_flipped, m.kernel_transposed, m.matrix_product, m.window_only, m.bias_forgotten),
        hints="window",
        fields=window_steps,
    ),
    Question(
        "conv_calculation.predict_2",
        kind="choice",
        mistakes=("equal_to_the_last_digit", "one_must_be_wrong", "only_two_digits_right"),
    ),
    OneWindow(
        "conv_calculation.one_window",
        takes=("input", "weight"),
        ranks=(2, 2),
        cases=[
            {"input": (2, 2), "weight": (2, 2)},
            {"input": (2, 3), "weight": (2, 3)},
            {"input": (4, 3), "weight": (4, 3)},
        ],
        only=(
            "kernel_flipped",
            "kernel_flipped_up_down",
            "kernel_flipped_left_right",
            "window_only",
            "averaged_over_window",
            "largest_instead_of_sum",
            "only_last_product_kept",
            "last_kernel_row_only",
            "added_instead_of_multiplied",
            "relu_added",
            "fractions_cut_off",
        ),
        own=(
            products_not_summed,
            summed_over_rows_only,
            summed_over_columns_only,
            matrix_product,
            matrix_product_itself,
        ),
    ),
    Step(
        "conv_calculation.two_loops",
        takes=("input", "weight"),
        ranks=(2, 2),
        cases=[
            {"input": (3, 4), "weight": (2, 2)},
            {"input": (5, 4), "weight": (2, 3)},
            {"input": (6, 7), "weight": (3, 2)},
        ],
        own=(*_LOOPS, matrix_product),
    ),
    Step(
        "conv_calculation.with_bias",
        takes=("input", "weight", "bias"),
        ranks=(2, 2),
        cases=[
            {"input": (3, 4), "weight": (2, 2)},
            {"input": (5, 4), "weight": (2, 3)},
            {"input": (6, 7), "weight": (3, 2)},
        ],
        own=(*_LOOPS, matrix_product),
        without=("bias_per_kernel_cell",),
    ),
    Step(
        "conv_calculation.with_channels",
        takes=("input", "weight", "bias"),
        ranks=(3, 3),
        cases=[
            {"input": (2, 3, 4), "weight": (2, 2, 2)},
            {"input": (3, 4, 5), "weight": (3, 2, 3)},
            {"input": (4, 6, 5), "weight": (4, 3, 2)},
        ],
        own=_LOOPS,
    ),
    Step(
        "conv_calculation.with_filters",
        takes=("input", "weight", "bias"),
        ranks=(3, 4),
        cases=[
            {"input": (2, 3, 4), "weight": (2, 2, 2, 2)},
            {"input": (3, 4, 6), "weight": (4, 3, 2, 3)},
            {"input": (4, 6, 5), "weight": (3, 4, 3, 2)},
        ],
        own=(*_LOOPS, last_map_only, all_filters_in_one_map),
    ),
    Step(
        "conv_calculation.with_stride",
        takes=("input", "weight", "bias", "stride"),
        ranks=(3, 4),
        cases=[
            {"input": (2, 3, 4), "weight": (2, 2, 2, 2)},
            # Neither division comes out even: floor and ceil differ.
            {"input": (2, 5, 8), "weight": (3, 2, 2, 3), "stride": 2},
            {"input": (3, 10, 13), "weight": (4, 3, 3, 2), "stride": 3},
        ],
        own=(last_map_only, all_filters_in_one_map, plus_one_before_dividing),
    ),
    Step(
        "conv_calculation.my_conv2d",
        takes=("input", "weight", "bias", "stride", "padding"),
        ranks=(4, 4),
        cases=[
            {"input": (1, 2, 3, 4), "weight": (2, 2, 2, 2)},
            {"input": (2, 3, 5, 6), "weight": (4, 3, 2, 3)},
            {"input": (2, 2, 7, 6), "weight": (3, 2, 3, 2), "stride": 2},
            {"input": (2, 3, 5, 4), "weight": (2, 3, 3, 2), "padding": 1},
            {"input": (3, 3, 6, 9), "weight": (4, 3, 3, 4), "stride": 2, "padding": 2},
            {"input": (2, 4, 8, 6), "weight": (3, 4, 2, 3), "stride": 3, "padding": 1},
        ],
        own=(last_map_only, all_filters_in_one_map, plus_one_before_dividing),
    ),
]
