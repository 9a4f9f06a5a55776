"""Questions of lesson 03: what padding holds, which padding keeps the size, how often a pixel is read."""

from lessonlib.geometry import coverage, output_size
from lessonlib.lessons import mistakes as m
from lessonlib.lessons import slips
from lessonlib.lessons.draws import matrix
from lessonlib.lessons.worked import size_steps
from lessonlib.questions.core import Question


def _size_steps(n, k, p):
    return {**size_steps(n=n, k=k, p=p), "wide": n + 2 * p}


def _draw_pixel(rng):
    n, k = rng.randint(7, 12), rng.randint(3, 5)
    return {"n": n, "k": k, "r": rng.randint(1, n - 2), "c": rng.randint(1, n - 2)}


def _even_doubts(**numbers):
    """Whoever takes K/2 to keep the size and whoever forgets the +1 give the same number: one mistake has both words."""
    for names, value in slips.side(**numbers):
        yield names | {"even_kernel_half"} if "no_plus_one" in names else names, value


def _reads(n, k, row, column):
    counts, _ = coverage(n, k)
    return counts[row] * counts[column]


def _read_at(row, column):
    """How often another pixel is read; None where there is none."""

    def answer(n, k, r, c):
        at = row(r, c), column(r, c)
        return _reads(n, k, *at) if all(0 <= one < n for one in at) else None

    return answer


def _reads_of_padded(n, k, r, c):
    """As `_reads`, with a frame of one cell around the image."""
    counts, _ = coverage(n + 2, k)
    return counts[r + 1] * counts[c + 1]


QUESTIONS = [
    Question(
        "padding.predict_1",
        kind="number",
        first={"x": [[3, 4, 5, 6], [7, 8, 9, 10], [11, 12, 13, 14], [15, 16, 17, 18]]},
        draw=lambda rng: {"x": matrix(rng, 4, 4, 1, 20)},
        right=m.padded_corner,
        mistakes=m.some(
            m.padding_of_ones,
            m.padding_repeats_edge,
            m.padding_left_out,
            m.output_padded,
            m.padding_mirrors,
            m.padding_wraps_around,
            m.padding_above_and_below_only,
            m.padding_left_and_right_only,
            m.corner_cell_alone,
            m.divided_by_cells_inside,
            m.divided_by_kernel_cells,
        ),
        fields=lambda x: {"a": x[0][0], "b": x[0][1], "c": x[1][0], "d": x[1][1]},
    ),
    Question(
        "padding.predict_2",
        kind="number",
        first={"n": 12, "k": 7, "p": 2},
        draw=lambda rng: {"n": rng.randint(9, 30), "k": rng.randint(4, 9), "p": rng.randint(2, 5)},
        right=lambda n, k, p: output_size(n, k, padding=p),
        mistakes=m.some(
            m.no_plus_one,
            m.padding_once,
            m.padding_ignored,
            m.size_stays,
            m.kernel_not_subtracted,
            m.padding_subtracted,
            m.kernel_added,
            m.kernel_left_in,
            m.kernel_less_one,
            m.one_side_as_area,
        ),
        doubts=slips.side,
        hints="size",
        fields=_size_steps,
        layer=lambda n, k, p: (n, k, 1, p),
    ),
    Question(
        "padding.keep_size",
        kind="number",
        first={"n": 28, "k": 5},
        draw=lambda rng: {"n": rng.randint(16, 40), "k": rng.choice([5, 7, 9, 11])},
        right=lambda n, k: (k - 1) // 2,
        mistakes={
            "kernel_as_padding": lambda n, k: k,
            "padding_in_total": lambda n, k: k - 1,
            "padding_one_always": lambda n, k: 1,
            "half_of_kernel_rounded_up": lambda n, k: (k + 1) // 2,
            "half_of_kernel": lambda n, k: k / 2,
            "no_padding_needed": lambda n, k: 0,
        },
        doubts=slips.others(
            one_less=lambda n, k: (k - 1) // 2 - 1,
            half_of_what_is_lost=lambda n, k: (k - 1) // 4,
            half_of_the_map=lambda n, k: (n - k) // 2,
        ),
    ),
    Question(
        "padding.even_kernel",
        kind="number",
        first={"n": 10, "k": 4, "p": 2},
        draw=lambda rng: {"n": rng.randint(8, 30), "k": (k := rng.choice([4, 6, 8])), "p": k // 2},
        right=lambda n, k, p: output_size(n, k, padding=p),
        mistakes={
            "even_kernel_half": lambda n, k, p: n,
            "padding_once": m.padding_once,
            "padding_ignored": m.padding_ignored,
            "kernel_left_in": m.kernel_left_in,
            "kernel_less_one": m.kernel_less_one,
            "kernel_not_subtracted": m.kernel_not_subtracted,
            "kernel_added": m.kernel_added,
        },
        doubts=_even_doubts,
        hints="size",
        fields=_size_steps,
        layer=lambda n, k, p: (n, k, 1, p),
    ),
    Question(
        "padding.corner_reads",
        kind="number",
        first={"n": 6, "k": 3},
        draw=lambda rng: {"n": rng.randint(6, 12), "k": rng.randint(3, 5)},
        right=lambda n, k: _reads(n, k, 0, 0),
        mistakes={
            "corners_like_center": lambda n, k: k * k,
            "reads_along_edge": lambda n, k: _reads(n, k, 0, k - 1),
            "every_window": lambda n, k: (n - k + 1) ** 2,
            "corner_never_read": lambda n, k: 0,
            "windows_of_one_side": lambda n, k: n - k + 1,
        },
        doubts=slips.others(
            right=lambda n, k: 1,
            but=("corner_never_read",),
            four_corners=lambda n, k: 4,
            smaller_kernel=lambda n, k: (k - 1) ** 2,
        ),
    ),
    Question(
        "padding.pixel_reads",
        kind="number",
        first={"n": 10, "k": 4, "r": 1, "c": 5},
        draw=_draw_pixel,
        right=lambda n, k, r, c: _reads(n, k, r, c),
        mistakes={
            "coverage_of_one_side": lambda n, k, r, c: coverage(n, k)[0][c],
            "coverage_of_the_other_side": lambda n, k, r, c: coverage(n, k)[0][r],
            "corners_like_center": lambda n, k, r, c: k * k,
            "every_window": lambda n, k, r, c: (n - k + 1) ** 2,
            "reads_added": lambda n, k, r, c: coverage(n, k)[0][r] + coverage(n, k)[0][c],
        },
        doubts=slips.others(
            right=lambda n, k, r, c: _reads(n, k, r, c),
            counted_from_one=_read_at(lambda r, c: r - 1, lambda r, c: c - 1),
            one_further=_read_at(lambda r, c: r + 1, lambda r, c: c + 1),
            padded=_reads_of_padded,
            indices_multiplied=lambda n, k, r, c: r * c,
            kernel=lambda n, k, r, c: k,
        ),
        fields=lambda n, k, r, c: {"rows": coverage(n, k)[0][r], "columns": coverage(n, k)[0][c]},
    ),
    Question(
        "padding.same_with_stride", kind="choice", mistakes=("one_as_for_three", "valid_for_half", "both_sides_given")
    ),
]
