"""Questions of lesson 07: conv2d written step by step, from one window to stride and padding."""

from lessonlib.exercises import mistakes as m
from lessonlib.exercises.draws import matrix
from lessonlib.exercises.functions import FunctionQuestion
from lessonlib.exercises.questions import Question
from lessonlib.exercises.worked import window_steps

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
    FunctionQuestion(
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
        hints="function",
    ),
    FunctionQuestion(
        "conv_calculation.two_loops",
        takes=("input", "weight"),
        ranks=(2, 2),
        cases=[
            {"input": (3, 4), "weight": (2, 2)},
            {"input": (5, 4), "weight": (2, 3)},
            {"input": (6, 7), "weight": (3, 2)},
        ],
        hints="function",
    ),
    FunctionQuestion(
        "conv_calculation.with_bias",
        takes=("input", "weight", "bias"),
        ranks=(2, 2),
        cases=[
            {"input": (3, 4), "weight": (2, 2)},
            {"input": (5, 4), "weight": (2, 3)},
            {"input": (6, 7), "weight": (3, 2)},
        ],
        hints="function",
    ),
    FunctionQuestion(
        "conv_calculation.with_channels",
        takes=("input", "weight", "bias"),
        ranks=(3, 3),
        cases=[
            {"input": (2, 3, 4), "weight": (2, 2, 2)},
            {"input": (3, 4, 5), "weight": (3, 2, 3)},
            {"input": (4, 6, 5), "weight": (4, 3, 2)},
        ],
        hints="function",
    ),
    FunctionQuestion(
        "conv_calculation.with_filters",
        takes=("input", "weight", "bias"),
        ranks=(3, 4),
        cases=[
            {"input": (2, 3, 4), "weight": (2, 2, 2, 2)},
            {"input": (3, 4, 6), "weight": (4, 3, 2, 3)},
            {"input": (4, 6, 5), "weight": (3, 4, 3, 2)},
        ],
        hints="function",
    ),
    FunctionQuestion(
        "conv_calculation.with_stride",
        takes=("input", "weight", "bias", "stride"),
        ranks=(3, 4),
        cases=[
            {"input": (2, 3, 4), "weight": (2, 2, 2, 2)},
            {"input": (2, 6, 7), "weight": (3, 2, 2, 3), "stride": 2},
            {"input": (3, 9, 8), "weight": (4, 3, 3, 2), "stride": 3},
        ],
        hints="function",
    ),
    FunctionQuestion(
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
        hints="function",
    ),
]
