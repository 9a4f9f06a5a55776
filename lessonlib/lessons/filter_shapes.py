"""Questions of lesson 08: filters' shapes, and the errors PyTorch raises."""

from lessonlib.geometry import parameter_count
from lessonlib.lessons import mistakes as m
from lessonlib.lessons import slips
from lessonlib.questions.core import Question


def _turned(n, c, h, w, o, kh, kw):
    n, o, height, width = m.output_shape(n, c, h, w, o, kh, kw)
    return n, o, width, height


def _shape_fields(n, c, h, w, o, kh, kw):
    _, _, height, width = m.output_shape(n, c, h, w, o, kh, kw)
    return {"height": height, "width": width, "batch": n, "filters": o}


def _output_doubts(**numbers):
    return [
        (frozenset("sides_of_output_swapped" if one == "output_sides_swapped" else one for one in names), value)
        for names, value in slips.output(**numbers)
    ]


def _count_doubts(**numbers):
    """Both slips at once have a name of their own."""
    both = frozenset({"input_channels_not_counted", "bias_not_counted"})
    for names, value in slips.parameters(**numbers):
        yield names | {"channels_and_bias_not_counted"} if names == both else names, value


def _draw(rng):
    n, c, o, k = rng.sample(range(2, 9), 4)
    return {"n": n, "c": c, "h": rng.randint(12, 20), "w": rng.randint(24, 40), "o": o, "kh": k, "kw": k}


def _grouped(rng):
    g = rng.choice([2, 3])
    per_group, filters = rng.sample([2, 3, 4, 5], 2)
    kh, kw = rng.sample([1, 2, 3, 5, 7], 2)
    return {"c": g * per_group, "o": g * filters, "kh": kh, "kw": kw, "g": g}


def _too_large(rng):
    # Odd kernels: half of K − 1 keeps no size where K is even.
    h, missing = rng.choice([(4, 5), (8, 5), (4, 7), (6, 7), (6, 3), (8, 3)])
    return {"h": h, "k": h + missing, "w": rng.randint(20, 40)}


QUESTIONS = [
    Question(
        "filter_shapes.predict_1",
        kind="shape",
        first={"n": 32, "c": 3, "h": 28, "w": 26, "o": 5, "kh": 3, "kw": 3},
        draw=_draw,
        right=m.output_shape,
        mistakes=m.some(
            m.channels_stay,
            m.channels_times_filters,
            m.weight_as_output,
            m.size_stays_in_shape,
            m.no_plus_one_in_shape,
            m.channels_last,
            m.batch_forgotten,
            m.maps_forgotten,
            m.one_too_many_in_shape,
        )
        | {"sides_of_output_swapped": _turned},
        doubts=_output_doubts,
        hints="shape",
        fields=_shape_fields,
    ),
    Question(
        "filter_shapes.predict_2",
        kind="number",
        first={"c": 3, "o": 5, "k": 4, "n": 28},
        draw=lambda rng: {"c": rng.randint(2, 6), "o": rng.randint(4, 16), "k": rng.choice([2, 3, 5]), "n": 28},
        right=lambda c, o, k, n: parameter_count(c, o, k),
        mistakes=m.some(
            m.bias_not_counted,
            m.input_channels_not_counted,
            m.channels_and_bias_not_counted,
            m.kernel_side_not_squared,
            m.one_filter_counted,
            m.one_bias_counted,
            m.bias_per_kernel_counted,
            m.weights_not_shared,
            m.bias_per_input_channel_counted,
            m.bias_per_pixel_counted,
            m.bias_per_weight_counted,
            m.image_as_kernel,
        ),
        doubts=_count_doubts,
        hints="parameters",
    ),
    Question(
        "filter_shapes.groups",
        kind="shape",
        first={"c": 6, "o": 4, "kh": 5, "kw": 2, "g": 2},
        draw=_grouped,
        right=m.weight_shape,
        mistakes=m.some(
            m.groups_ignored,
            m.groups_split_output,
            m.groups_split_both,
            m.weight_in_out_swapped,
            m.kernel_sides_swapped,
            m.groups_as_axis,
            m.groups_multiplied,
            m.weight_channels_last,
            m.filter_channels_last,
        ),
        doubts=slips.weight,
        fields=lambda c, o, kh, kw, g: {"per_group": c // g},
    ),
    Question(
        "filter_shapes.channels_last_error",
        kind="choice",
        mistakes=("reshaped_to_fit", "axes_exchanged", "rows_as_channels"),
    ),
    Question(
        "filter_shapes.channel_count_error",
        kind="choice",
        mistakes=("filters_changed", "batch_taken_as_channels", "images_piled_up"),
    ),
    Question(
        "filter_shapes.missing_axis_error",
        kind="choice",
        mistakes=("batch_axis_only", "channels_from_batch", "axis_at_the_end"),
    ),
    Question(
        "filter_shapes.kernel_too_large_error",
        kind="number",
        first={"h": 4, "k": 9, "w": 26},
        draw=_too_large,
        right=lambda h, k, w: (k - h + 1) // 2,
        mistakes={
            "missing_cells_on_each_side": lambda h, k, w: k - h,
            "missing_cells_halved_down": lambda h, k, w: (k - h) // 2,
            "padding_as_large_as_kernel": lambda h, k, w: k,
            "size_kept_by_padding": lambda h, k, w: (k - 1) // 2,
        },
        doubts=slips.others(
            one_more=lambda h, k, w: (k - h + 1) // 2 + 1,
            half_of_kernel_rounded_up=lambda h, k, w: (k + 1) // 2,
            height=lambda h, k, w: h,
            missing_and_one=lambda h, k, w: k - h + 1,
        ),
        fields=lambda h, k, w: {"missing": k - h, "padded": h + 2 * ((k - h + 1) // 2)},
    ),
]
