"""Questions of lesson 04: shared weights, shifted inputs, receptive fields, the convolution as a matrix."""

from lessonlib.exercises import mistakes as m
from lessonlib.exercises.questions import Question
from lessonlib.exercises.worked import field_steps
from lessonlib.geometry import parameter_count, receptive_field

_FIELD = m.some(
    m.last_kernel_only,
    m.sum_of_kernels,
    m.field_without_strides,
    m.only_previous_stride,
    m.own_stride_counted,
    m.product_of_kernels,
)


def _draw_stack(rng):
    return {
        "layers": [(rng.choice([3, 5, 7]), 2), (rng.choice([2, 3, 5]), rng.choice([2, 3])), (rng.choice([3, 5]), 1)]
    }


QUESTIONS = [
    Question(
        "properties.predict_1",
        kind="number",
        first={"layers": [(5, 2), (3, 2), (3, 1)]},
        draw=_draw_stack,
        right=lambda layers: receptive_field(layers).size[0],
        mistakes=_FIELD,
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
        },
    ),
    Question(
        "properties.receptive_field",
        kind="number",
        first={"layers": [(7, 2), (3, 2), (5, 1)]},
        draw=_draw_stack,
        right=lambda layers: receptive_field(layers).size[0],
        mistakes=_FIELD,
        hints="field",
        fields=field_steps,
    ),
    Question(
        "properties.fully_connected",
        kind="number",
        first={"i": 6, "k": 3},
        draw=lambda rng: {"i": rng.randint(5, 20), "k": rng.choice([2, 3, 5])},
        right=lambda i, k: (i * i + 1) * (i - k + 1) ** 2,
        mistakes={
            "bias_not_counted": lambda i, k: i * i * (i - k + 1) ** 2,
            "counted_as_convolution": lambda i, k: k * k + 1,
            "weight_per_input_only": lambda i, k: i * i + (i - k + 1) ** 2,
            "output_as_large_as_input": lambda i, k: (i * i + 1) * i * i,
        },
        fields=lambda i, k: {"inputs": i * i, "outputs": (i - k + 1) ** 2, "side": i - k + 1},
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
        },
    ),
    Question(
        "properties.equivariance", kind="choice", mistakes=("invariant", "never_equivariant", "always_equivariant")
    ),
]
