"""Questions of lesson 06: the four shapes of a convolution layer."""

from lessonlib.lessons import mistakes as m
from lessonlib.lessons import slips
from lessonlib.questions.core import Question

_SHAPE = m.some(
    m.channels_stay,
    m.channels_last,
    m.batch_forgotten,
    m.weight_as_output,
    m.no_plus_one_in_shape,
    m.size_stays_in_shape,
    m.one_too_many_in_shape,
    m.maps_forgotten,
    m.output_sides_swapped,
)


def _fields(n, c, h, w, o, kh, kw):
    _, _, height, width = m.output_shape(n, c, h, w, o, kh, kw)
    return {"height": height, "width": width, "batch": n, "filters": o}


def _output_doubts(n, o, **rest):
    """With one image and one filter it cannot be seen which of the two axes is missing: one mistake has both words."""
    for names, value in slips.output(n=n, o=o, **rest):
        missing = names & {"batch_forgotten", "maps_forgotten"}
        yield names - missing | {"axis_of_one_missing"} if n == o and missing else names, value


def _draw(rng):
    n, c, o, k = rng.sample(range(2, 8), 4)
    return {"n": n, "c": c, "h": rng.randint(12, 24), "w": rng.randint(25, 40), "o": o, "kh": k, "kw": k}


QUESTIONS = [
    Question(
        "conv_layer_shapes.predict_1",
        kind="shape",
        first={"n": 1, "c": 5, "h": 28, "w": 28, "o": 1, "kh": 3, "kw": 3},
        draw=_draw,
        right=m.output_shape,
        mistakes=_SHAPE | m.some(m.channels_times_filters, m.axis_of_one_missing),
        doubts=_output_doubts,
        hints="shape",
        fields=_fields,
    ),
    Question(
        "conv_layer_shapes.predict_2",
        kind="shape",
        first={"c": 5, "o": 1, "kh": 3, "kw": 3},
        draw=lambda rng: dict(zip(("c", "o", "kh", "kw"), [*rng.sample(range(2, 8), 2), 3, 3], strict=True)),
        right=m.weight_shape,
        mistakes=m.some(
            m.weight_in_out_swapped,
            m.weight_without_input_channels,
            m.filter_is_flat,
            m.weight_channels_last,
            m.filter_channels_last,
            m.filters_last,
            m.one_filter_as_weight,
        ),
        doubts=slips.weight,
        hints="weight",
        fields=lambda c, o, kh, kw: {"planes": c},
    ),
    Question(
        "conv_layer_shapes.bias",
        kind="shape",
        first={"c": 3, "o": 6, "k": 5},
        draw=lambda rng: dict(zip("cok", rng.sample(range(2, 12), 3), strict=True)),
        right=lambda c, o, k: (o,),
        mistakes={
            "bias_for_input_channels": lambda c, o, k: (c,),
            "bias_for_kernels": lambda c, o, k: (o, c),
            "one_bias_in_all": lambda c, o, k: (1,),
            "bias_like_weight": lambda c, o, k: (o, c, k, k),
            "bias_like_kernel": lambda c, o, k: (k,),
            "bias_as_row": lambda c, o, k: (1, o),
            "bias_as_column": lambda c, o, k: (o, 1),
            "bias_with_axes_of_the_map": lambda c, o, k: (1, o, 1, 1),
        },
    ),
    Question(
        "conv_layer_shapes.output",
        kind="shape",
        first={"n": 8, "c": 3, "h": 20, "w": 31, "o": 6, "kh": 4, "kw": 4},
        draw=_draw,
        right=m.output_shape,
        mistakes=_SHAPE
        | m.some(m.channels_times_filters)
        | {
            "batch_and_filters_swapped": lambda n, c, h, w, o, kh, kw: (o, n, h - kh + 1, w - kw + 1),
            "kernel_as_map": lambda n, c, h, w, o, kh, kw: (n, o, kh, kw),
        },
        doubts=slips.output,
        hints="shape",
        fields=_fields,
    ),
    Question(
        "conv_layer_shapes.layer",
        kind="shape",
        first={"n": 8, "c": 3, "h": 20, "w": 31, "o": 6, "k": 4},
        draw=lambda rng: dict(
            zip("cnok", rng.sample(range(2, 9), 4), strict=True), h=rng.randint(14, 24), w=rng.randint(25, 40)
        ),
        right=lambda n, c, h, w, o, k: (c, o, k),
        mistakes={
            "weight_order_in_layer": lambda n, c, h, w, o, k: (o, c, k),
            "no_plus_one_backwards": lambda n, c, h, w, o, k: (c, o, k - 1),
            "batch_as_channels": lambda n, c, h, w, o, k: (n, o, k),
            "batch_as_filters": lambda n, c, h, w, o, k: (c, n, k),
            "output_height_as_kernel": lambda n, c, h, w, o, k: (c, o, h - k + 1),
            "whole_weight_shape": lambda n, c, h, w, o, k: (o, c, k, k),
            "kernel_as_pair": lambda n, c, h, w, o, k: (c, o, k, k),
            "one_too_many_backwards": lambda n, c, h, w, o, k: (c, o, k + 1),
            "sizes_for_channels": lambda n, c, h, w, o, k: (h, h - k + 1, k),
        },
        fields=lambda n, c, h, w, o, k: {"oh": h - k + 1, "ow": w - k + 1},
    ),
]
