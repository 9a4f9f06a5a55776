"""Questions of lesson 02: sums over channels, one map a filter, the shape of the weight, the number of parameters."""

from lessonlib.geometry import parameter_count
from lessonlib.lessons import mistakes as m
from lessonlib.lessons import slips
from lessonlib.lessons.conv_question import ConvQuestion
from lessonlib.lessons.draws import matrix
from lessonlib.lessons.worked import channel_steps
from lessonlib.questions.core import Question

_VALUE = m.some(
    m.first_channel_only,
    m.channels_averaged,
    m.one_kernel_for_all_channels,
    m.bias_per_channel,
    m.last_channel_only,
    m.channels_multiplied_together,
    m.bias_per_weight,
    m.bias_forgotten,
    m.kernel_flipped,
    m.matrix_product,
    m.window_only,
    m.averaged_over_window,
    m.kernel_transposed,
    m.channels_in_reverse,
    m.bias_subtracted,
    m.largest_instead_of_sum,
)


def _value_fields(x, w, b):
    return {"x0": x[0], "x1": x[1], "w0": w[0], "w1": w[1], **channel_steps(x=x, w=w, b=b)}


def _draw_value(rng):
    x, w = ([matrix(rng, 2, 2, low, high) for _ in range(2)] for low, high in ((0, 9), (-2, 5)))
    return {"x": x, "w": w, "b": rng.choice([2, 3, 5, 7])}


def _count_doubts(**numbers):
    """Both slips at once have a name of their own."""
    both = frozenset({"input_channels_not_counted", "bias_not_counted"})
    for names, value in slips.parameters(**numbers):
        yield names | {"channels_and_bias_not_counted"} if names == both else names, value


QUESTIONS = [
    Question(
        "many_channels.predict_1",
        kind="number",
        first={"x": [[[1, 5], [5, 4]], [[5, 4], [2, 0]]], "w": [[[1, 3], [3, 2]], [[0, 2], [0, 3]]], "b": 3},
        draw=_draw_value,
        right=m.value,
        mistakes=_VALUE,
        doubts=slips.window,
        hints="channels",
        fields=_value_fields,
    ),
    Question(
        "many_channels.predict_2",
        kind="number",
        first={"c": 3, "o": 4, "k": 5},
        draw=lambda rng: dict(zip("cok", rng.sample(range(2, 10), 3), strict=True)),
        right=lambda c, o, k: o,
        mistakes={
            "maps_as_channels": lambda c, o, k: c,
            "map_for_every_kernel": lambda c, o, k: c * o,
            "one_map_in_all": lambda c, o, k: 1,
            "maps_and_channels_added": lambda c, o, k: c + o,
            "kernel_size_as_maps": lambda c, o, k: k,
        },
        doubts=slips.others(right=lambda c, o, k: o),
    ),
    Question(
        "many_channels.value",
        kind="number",
        first={"x": [[[5, 6], [5, 5]], [[9, 3], [0, 1]]], "w": [[[2, 3], [2, 1]], [[-2, 0], [3, 5]]], "b": 7},
        draw=_draw_value,
        right=m.value,
        mistakes=_VALUE,
        doubts=slips.window,
        hints="channels",
        fields=_value_fields,
    ),
    Question(
        "many_channels.weight",
        kind="shape",
        first={"c": 3, "o": 8, "kh": 2, "kw": 5},
        draw=lambda rng: dict(zip(("c", "o", "kh", "kw"), rng.sample(range(2, 12), 4), strict=True)),
        right=m.weight_shape,
        mistakes=m.some(
            m.weight_in_out_swapped,
            m.weight_without_input_channels,
            m.filter_is_flat,
            m.weight_channels_last,
            m.kernel_sides_swapped,
            m.filter_channels_last,
            m.filters_last,
            m.one_filter_as_weight,
        ),
        doubts=slips.weight,
        hints="weight",
        fields=lambda c, o, kh, kw: {"planes": c},
    ),
    Question(
        "many_channels.parameters",
        kind="number",
        first={"c": 3, "o": 8, "k": 5, "n": 32},
        draw=lambda rng: {"c": rng.randint(2, 6), "o": rng.randint(4, 16), "k": rng.choice([2, 3, 5]), "n": 32},
        right=lambda c, o, k, n: parameter_count(c, o, k),
        mistakes=m.some(
            m.bias_not_counted,
            m.input_channels_not_counted,
            m.bias_per_kernel_counted,
            m.weights_not_shared,
            m.channels_and_bias_not_counted,
            m.kernel_side_not_squared,
            m.one_filter_counted,
            m.one_bias_counted,
            m.bias_per_input_channel_counted,
            m.bias_per_pixel_counted,
            m.bias_per_weight_counted,
            m.image_as_kernel,
        ),
        doubts=_count_doubts,
        hints="parameters",
    ),
    ConvQuestion(
        "many_channels.one_filter",
        takes=("input", "weight", "bias"),
        ranks=(3, 3),
        cases=[
            {"input": (2, 3, 4), "weight": (2, 2, 2)},
            {"input": (3, 4, 5), "weight": (3, 2, 3)},
            {"input": (4, 6, 5), "weight": (4, 3, 2)},
        ],
        hints="function",
    ),
]
