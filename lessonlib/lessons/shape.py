"""Questions of lesson 05: the shape formula, both ways; what stride and floor leave out; dilation; rectangles."""

from lessonlib.geometry import output_size, remainder
from lessonlib.lessons import mistakes as m
from lessonlib.lessons import slips
from lessonlib.lessons.worked import size_steps
from lessonlib.questions.core import Question

_FORMULA = m.some(
    m.no_plus_one,
    m.padding_once,
    m.rounded_up,
    m.padding_after_stride,
    m.precedence,
    m.stride_ignored,
    m.size_stays,
    m.padding_ignored,
    m.one_side_as_area,
    m.padding_subtracted,
    m.kernel_added,
    m.kernel_left_in,
    m.kernel_alone_divided,
    m.stride_divides_input,
)
_SHAPE = m.some(
    m.height_width_swapped,
    m.channels_stay,
    m.channels_times_filters,
    m.channels_last,
    m.batch_forgotten,
    m.weight_as_output,
    m.no_plus_one_in_shape,
    m.kernel_height_for_both,
    m.one_too_many_in_shape,
    m.maps_forgotten,
)


def _draw_formula(rng):
    # With less padding, counting it once would look like a forgotten +1; with much more, windows would read little but padding.
    k = rng.randint(12, 17)
    return {"n": rng.randint(20, 90), "k": k, "p": rng.randint(7, k // 2 + 2), "s": rng.choice([3, 4])}


def _draw_shape(rng):
    n, c, o = rng.sample(range(2, 9), 3)
    kh, kw = rng.sample(range(2, 6), 2)
    return {"n": n, "c": c, "h": rng.randint(12, 24), "w": rng.randint(25, 40), "o": o, "kh": kh, "kw": kw}


def _draw_row(rng):
    # 12 − 3 and 11 − 4 are odd: the last move of two cells does not fit, and a cell is left over.
    k = rng.choice([3, 4])
    return {"x": rng.sample(range(1, 30), 15 - k), "k": k, "s": 2}


def _sticking_out(x, k, s):
    """All windows that begin inside the room to move rounded up, the last of them cut off at the end of the input."""
    return [*m.strided_sums(x, k, s), sum(x[((len(x) - k) // s + 1) * s :])]


def _shape_fields(n, c, h, w, o, kh, kw):
    _, _, height, width = m.output_shape(n, c, h, w, o, kh, kw)
    return {"height": height, "width": width, "batch": n, "filters": o}


def _draw_dilated(rng):
    """Draw until the kernel has room without the padding too: a learner who forgets it gets a size, not a negative number."""
    while True:
        n, k, p, d = rng.randint(18, 48), rng.randint(3, 6), rng.randint(2, 5), rng.randint(3, 5)
        if n > d * (k - 1):
            return {"n": n, "k": k, "p": p, "d": d}


QUESTIONS = [
    Question(
        "shape.predict_1",
        kind="number",
        first={"n": 40, "k": 13, "p": 8, "s": 3},
        draw=_draw_formula,
        right=lambda n, k, p, s: output_size(n, k, s, p),
        mistakes=_FORMULA,
        doubts=slips.side,
        hints="size",
        fields=size_steps,
        layer=lambda n, k, p, s: (n, k, s, p),
    ),
    Question(
        "shape.predict_2",
        kind="number",
        first={"n": 21, "k": 9, "s": 5},
        draw=lambda rng: {"n": rng.randint(12, 40), "k": rng.randint(3, 9), "s": rng.choice([4, 5, 6, 7])},
        right=lambda n, k, s: remainder(n, k, s)[0],
        mistakes={
            "last_cells_read": lambda n, k, s: 0,
            "remainder_of_input": lambda n, k, s: n % s,
            "stride_minus_one": lambda n, k, s: s - 1,
            "remainder_with_one_more": lambda n, k, s: (n - k + 1) % s,
            "stride_for_every_window": lambda n, k, s: max(n - s * ((n - k) // s + 1), 0),
        },
        doubts=slips.others(
            one_less=lambda n, k, s: max(remainder(n, k, s)[0] - 1, 0) or None,
            missing_for_one_more_window=lambda n, k, s: s - remainder(n, k, s)[0],
            remainder_by_kernel=lambda n, k, s: n % k,
        ),
        fields=lambda n, k, s: {"room": n - k, "end": ((n - k) // s) * s + k - 1, "last": n - 1},
    ),
    Question(
        "shape.side",
        kind="number",
        first={"n": 25, "k": 13, "p": 8, "s": 3},
        draw=_draw_formula,
        right=lambda n, k, p, s: output_size(n, k, s, p),
        mistakes=_FORMULA | m.some(m.no_floor),
        doubts=slips.side,
        hints="size",
        fields=size_steps,
        layer=lambda n, k, p, s: (n, k, s, p),
    ),
    Question(
        "shape.output",
        kind="shape",
        first={"n": 2, "c": 3, "h": 16, "w": 29, "o": 5, "kh": 3, "kw": 2},
        draw=_draw_shape,
        right=m.output_shape,
        mistakes=_SHAPE | m.some(m.size_stays_in_shape, m.output_sides_swapped),
        doubts=slips.output,
        hints="shape",
        fields=_shape_fields,
    ),
    Question(
        "shape.dilation",
        kind="number",
        first={"n": 18, "k": 5, "p": 5, "d": 4},
        draw=_draw_dilated,
        right=lambda n, k, p, d: output_size(n, k, padding=p, dilation=d),
        mistakes=m.some(
            m.dilation_ignored,
            m.dilation_times_kernel,
            m.padding_once,
            m.no_plus_one,
            m.dilation_added,
            m.padding_ignored,
            m.size_stays,
            m.dilation_as_gap,
            m.dilation_less_one,
            m.kernel_less_one,
            m.kernel_left_in,
        ),
        doubts=slips.side,
        hints="size",
        fields=size_steps,
        layer=lambda n, k, p, d: (n, k, 1, p, d),
    ),
    Question(
        "shape.strided_values",
        kind="array",
        first={"x": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], "k": 4, "s": 2},
        draw=_draw_row,
        right=m.strided_sums,
        mistakes=m.some(
            m.stride_not_in_index,
            m.stride_as_dilation,
            m.stride_plus_one,
            m.stride_before_windows,
            m.stride_ignored_in_row,
            m.windows_side_by_side_in_row,
            m.averaged_windows,
        )
        | {
            "window_sticking_out": _sticking_out,
            "last_window_missing": lambda x, k, s: m.strided_sums(x, k, s)[:-1],
            "list_in_double_brackets": lambda x, k, s: [m.strided_sums(x, k, s)],
        },
        fields=lambda x, k, s: {"first_window": x[:k], "second_window": x[s : s + k]},
    ),
    Question(
        "shape.which_padding",
        kind="number",
        first={"k": 7, "n": 30},
        draw=lambda rng: {"k": rng.choice([5, 7, 9, 11, 13]), "n": rng.randint(20, 60)},
        right=lambda n, k: (k - 1) // 2,
        mistakes={
            "kernel_as_padding": lambda n, k: k,
            "padding_in_total": lambda n, k: k - 1,
            "half_of_kernel_rounded_up": lambda n, k: (k + 1) // 2,
            "half_of_kernel": lambda n, k: k / 2,
            "padding_one_always": lambda n, k: 1,
        },
        fields=lambda n, k: {"lost": k - 1},
    ),
    Question("shape.too_large", kind="choice", mistakes=("empty_map", "negative_map", "kernel_cut")),
]
