"""Questions of lesson 07: conv2d written step by step, from one window to stride and padding."""

from lessonlib.lessons import mistakes as m
from lessonlib.lessons import slips
from lessonlib.lessons.conv_question import ConvQuestion
from lessonlib.lessons.draws import matrix
from lessonlib.lessons.mistaken_convolutions import KNOWN
from lessonlib.lessons.worked import window_steps
from lessonlib.questions.core import Question


class Step(ConvQuestion):
    """A step on the way to conv2d, with the mistakes that are made on this way besides those of `mistaken_convolutions.KNOWN`.

    Parameters
    ----------
    own : tuple of functions
        Of full forms (input, weight, bias, stride, padding), as in ``mistaken_convolutions``; their names are those of the words.
    without : tuple of str
        Mistakes of `KNOWN` that cannot be told from others here.
    """

    def __init__(self, name, *, own=(), without=(), only=None, **rest):
        only = [known for known in only or KNOWN if known not in without]
        super().__init__(name, only=only, hints="function", **rest)
        self._known = self._known | {wrong.__name__: wrong for wrong in own}


class OneWindow(Step):
    """The first step: what comes out is a number, and a map of one cell will do as well."""

    def _reduced(self, result):
        return result.reshape(()) if result.size == 1 else super()._reduced(result)

    def _result(self, value):
        result = super()._result(value)
        return result.reshape(()) if result.size == 1 else result


# What goes wrong on the way: each takes full forms, (N, C, H, W) and (O, C, KH, KW).


def products_not_summed(x, w, b, s, p):
    return (x * w)[0, 0]


def summed_over_rows_only(x, w, b, s, p):
    return (x * w)[0, 0].sum(axis=0)


def summed_over_columns_only(x, w, b, s, p):
    return (x * w)[0, 0].sum(axis=1)


def matrix_product_itself(x, w, b, s, p):
    return x[0, 0] @ w[0, 0]


_WINDOWS = ((1, 4), (3, 1), (1, 1), (3, 3), (2, 4), (4, 4), (5, 2), (3, 4), (4, 5))

# Two bright pixels of an image of bytes, and their mean as NumPy gives it: the sum begins again at 0 after 255.


def _mean_of_bytes(a, b):
    return (a + b) % 256 // 2


def _draw_bytes(rng):
    a, b = rng.randint(130, 250), rng.randint(130, 250)
    return {"a": a, "b": b if (a + b) % 2 else b - 1}


QUESTIONS = [
    Question(
        "conv_calculation.predict_1",
        kind="number",
        first={"x": [[2, 4, 3], [1, 0, 0], [3, 5, 3]], "w": [[1, 2, 3], [3, 3, 2], [2, 0, 3]], "b": 4},
        draw=lambda rng: {"x": matrix(rng, 3, 3, 0, 7), "w": matrix(rng, 3, 3, -3, 4), "b": rng.choice([2, 4, 7])},
        right=m.value,
        mistakes=m.some(
            m.kernel_flipped,
            m.matrix_product,
            m.window_only,
            m.bias_forgotten,
            m.kernel_transposed,
            m.averaged_over_window,
            m.kernel_flipped_up_down,
            m.kernel_flipped_left_right,
            m.bias_subtracted,
            m.bias_per_weight,
            m.largest_instead_of_sum,
            m.last_kernel_row_only,
        ),
        doubts=slips.window,
        hints="window",
        fields=window_steps,
    ),
    Question(
        "conv_calculation.predict_2",
        kind="choice",
        mistakes=("equal_to_the_last_digit", "one_must_be_wrong", "only_two_digits_right"),
    ),
    Question(
        "conv_calculation.bytes",
        kind="number",
        first={"a": 200, "b": 101},
        draw=_draw_bytes,
        right=_mean_of_bytes,
        mistakes={
            "bytes_without_end": lambda a, b: (a + b) // 2,
            "mean_of_two": lambda a, b: (a + b) / 2,
            "fraction_kept": lambda a, b: (a + b) % 256 / 2,
            "bytes_held_at_255": lambda a, b: 255 // 2,
            "half_of_255_kept": lambda a, b: 255 / 2,
            "sum_not_halved": lambda a, b: (a + b) % 256,
            "whole_sum_not_halved": lambda a, b: a + b,
            "halved_and_rounded_up": lambda a, b: (a + b) % 256 // 2 + 1,
        },
        doubts=slips.others(begins_again_at_255=lambda a, b: (a + b) % 255 // 2, right=_mean_of_bytes),
        fields=lambda a, b: {"whole": a + b, "rest": (a + b) % 256},
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
        more=[{"input": size, "weight": size} for size in _WINDOWS],
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
            "results_rounded",
            "matrix_product",
        ),
        own=(
            products_not_summed,
            summed_over_rows_only,
            summed_over_columns_only,
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
    ),
]
