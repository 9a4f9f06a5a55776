"""What mistakes give, worked out by hand from what their sentences say; nothing here was computed by the code that asks.

A table has the letters of the question's numbers at its head, in their order, and under each mistake at least two rows of
(numbers, value)::

    sizes = table("n k p s d", padding_once=[((10, 4, 1, 2), 4), ((12, 5, 2), 10)])

reads: with n = 10, k = 4, p = 1, s = 2 (and d left out) someone who counts the padding once says 4. The value is None where the
mistake gives nothing on these numbers; that does not count as one of the two.

`SHARED` serves every question that knows a mistake of that name; `OWN` holds what a question has for itself, and goes before.
To add a mistake to a question: if its name is in `SHARED`, nothing is to be done; if not, give it two rows under the question in `OWN`.
"""

import math

from torch import nn

from answers.right import convolutions, runs, side


def table(letters, **mistakes):
    """Give every row's numbers their letters; those at the end may be left out."""
    return {
        mistake: [(dict(zip(letters.split(), numbers, strict=False)), value) for numbers, value in rows]
        for mistake, rows in mistakes.items()
    }


# Windows and images that several rows are worked out on.
X2, W2 = [[1, 2], [3, 4]], [[2, 0], [1, 3]]  # products 2, 0, 3, 12: 17
X2B, W2B = [[0, 2], [5, 1]], [[1, -1], [2, 4]]  # products 0, −2, 10, 4: 12
X3, W3 = [[[1, 2], [3, 4]], [[0, 1], [2, 5]]], [[[1, 1], [1, 0]], [[1, 2], [0, 3]]]  # channels 6 and 17
X3B, W3B = [[[2, 0], [1, 3]], [[1, 4], [0, 3]]], [[[1, 3], [2, 1]], [[2, 1], [0, -1]]]  # channels 7 and 3
THREE, FIVE_FIRST, SEVEN_FIRST = [(3, 2), (5, 3), (3, 1)], [(5, 2), (3, 2), (3, 1)], [(7, 2), (3, 2), (5, 1)]

SHARED = {
    # One side of the output: input n, kernel k, padding p, stride s, dilation d.
    **table(
        "n k p s d",
        kernel_left_in=[((12, 7, 2), 17), ((15, 4, 2, 2), 10)],
        kernel_less_one=[((12, 7, 2), 11), ((8, 3), 7), ((19, 3, 1, 1, 4), 14)],
        kernel_alone_divided=[((15, 8, 2, 2), 16), ((26, 9, 7, 3), 38)],  # 19 − 4 + 1; 40 − 3 + 1
        stride_divides_input=[((15, 4, 2, 2), 7), ((26, 9, 7, 3), 8)],
        dilation_as_gap=[((19, 3, 1, 1, 4), 11), ((25, 4, 1, 1, 3), 15)],  # spans of 11 and 13
        dilation_less_one=[((19, 3, 1, 1, 4), 15), ((25, 4, 1, 1, 3), 21)],  # spans of 7
        no_plus_one=[((10, 4, 1, 2), 4), ((28, 5), 23), ((19, 3, 1, 1, 4), 12)],
        padding_once=[((10, 4, 1, 2), 4), ((12, 5, 2), 10), ((19, 3, 2, 1, 4), 13)],
        padding_ignored=[((11, 4, 1, 3), 3), ((12, 5, 2), 8), ((19, 3, 1, 1, 4), 11)],
        padding_subtracted=[((12, 5, 2), 4), ((20, 3, 4), 10), ((20, 4, 3, 2), 6)],
        padding_after_stride=[((15, 4, 2, 2), 10), ((20, 5, 3, 3), 12)],  # 5 + 1 + 4; 5 + 1 + 6
        no_floor=[((15, 4, 2, 2), 8.5), ((20, 5, 1, 3), 20 / 3), ((16, 3, 0, 2, 3), 5.5)],
        rounded_up=[((15, 4, 2, 2), 9), ((20, 5, 1, 3), 7), ((16, 3, 0, 2, 3), 6)],
        precedence=[((15, 4, 2, 2), 14), ((20, 5, 1, 3), 50 / 3)],  # 15 − 4 + 4/2 + 1; 20 − 5 + 2/3 + 1
        size_stays=[((28, 5), 28), ((17, 3, 0, 2), 17)],
        kernel_not_subtracted=[
            ((12, 7, 2), 16),
            ((9, 4, 3), 15),
            ((12, 7, 2, 2), 8),
            ((9, 4), None),
        ],  # every cell a first cell: 12 + 4; 9 + 6
        kernel_added=[((12, 7, 2), 24), ((8, 3), 12), ((12, 7, 2, 2), 12)],
        stride_ignored=[((15, 4, 2, 2), 16), ((20, 5, 1, 3), 18), ((19, 3, 1, 2, 4), 13)],
        one_side_as_area=[((8, 3), 36), ((15, 4, 2, 2), 64), ((20, 5, 1, 3), 36), ((19, 3, 1, 1, 4), 169)],
        dilation_ignored=[((19, 3, 1, 1, 4), 19), ((25, 4, 1, 1, 3), 24), ((25, 4, 1, 2, 3), 12)],
        dilation_times_kernel=[((19, 3, 1, 1, 4), 10), ((25, 4, 1, 1, 3), 16), ((25, 4, 1, 2, 3), 8)],  # spans of 12
        dilation_added=[((19, 3, 1, 1, 4), 15), ((25, 4, 2, 1, 2), 24), ((25, 4, 1, 2, 3), 11)],  # spans of 7 and 6
    ),
    **table(
        "n k",
        half_of_kernel_lost=[((28, 5), 26), ((20, 9), 16)],
        kernel_lost_on_both_sides=[((28, 5), 20), ((20, 7), 8)],
        one_subtracted=[((28, 5), 22), ((9, 4), 4)],
        half_of_kernel=[((30, 7), 3.5), ((20, 5), 2.5)],
        windows_side_by_side=[((28, 5), 5), ((9, 4), 2)],
        kernel_as_padding=[((20, 7), 7), ((16, 9), 9)],
        padding_in_total=[((20, 7), 6), ((16, 9), 8)],
        padding_one_always=[((20, 7), 1), ((16, 9), 1)],
        half_of_kernel_rounded_up=[((20, 7), 4), ((16, 9), 5)],
        corners_like_center=[((6, 3), 9), ((9, 4), 16)],
        every_window=[((6, 3), 16), ((9, 4), 36)],
    ),
    # Parameters: c channels, o filters, kernel k × k, image n × n, padding p. 8 filters of 3 · 25 weights; 4 filters of 2 · 9.
    **table(
        "c o k n p",
        bias_per_weight_counted=[((3, 8, 5), 1200), ((2, 4, 3), 144)],
        image_as_kernel=[((3, 8, 5, 32), 24584), ((2, 4, 3, 10), 804)],  # 24 · 32² + 8; 8 · 10² + 4
        bias_not_counted=[((3, 8, 5), 600), ((2, 4, 3), 72)],
        input_channels_not_counted=[((3, 8, 5), 208), ((2, 4, 3), 40)],
        channels_and_bias_not_counted=[((3, 8, 5), 200), ((2, 4, 3), 36)],
        kernel_side_not_squared=[((3, 8, 5), 128), ((2, 4, 3), 28)],
        one_filter_counted=[((3, 8, 5), 76), ((2, 4, 3), 19)],
        one_bias_counted=[((3, 8, 5), 601), ((2, 4, 3), 73)],
        bias_per_input_channel_counted=[((3, 8, 5), 603), ((2, 4, 3), 74)],
        bias_per_kernel_counted=[((3, 8, 5), 624), ((2, 4, 3), 80)],
        bias_per_pixel_counted=[
            ((3, 8, 5, 32), 6872),
            ((2, 4, 3, 10), 328),
            ((2, 4, 3, 10, 1), 472),
        ],  # 600 + 8 · 28²; 72 + 4 · 8²
        weights_not_shared=[
            ((3, 8, 5, 32), 476672),
            ((2, 4, 3, 10), 4864),
            ((2, 4, 3, 10, 1), 7600),
        ],  # 608 · 28²; 76 · 8²
    ),
    # The receptive field of layers (kernel, stride).
    **table(
        "layers",
        first_kernel_only=[((FIVE_FIRST,), 5), ((SEVEN_FIRST,), 7)],
        field_without_first_cell=[((FIVE_FIRST,), 16), ((SEVEN_FIRST,), 26)],  # 4 + 2 · 2 + 2 · 4; 6 + 2 · 2 + 4 · 4
        field_with_whole_kernels=[
            ((FIVE_FIRST,), 24),
            ((SEVEN_FIRST,), 34),
        ],  # 1 + 5 + 3 · 2 + 3 · 4; 1 + 7 + 3 · 2 + 5 · 4
        field_from_the_wrong_end=[((FIVE_FIRST,), 13), ((SEVEN_FIRST,), 19)],  # 3 + 2 · 1 + 4 · 2; 5 + 2 · 1 + 6 · 2
        last_kernel_only=[((FIVE_FIRST,), 3), ((SEVEN_FIRST,), 5)],
        sum_of_kernels=[((FIVE_FIRST,), 11), ((SEVEN_FIRST,), 15)],
        field_without_strides=[((FIVE_FIRST,), 9), ((SEVEN_FIRST,), 13)],  # 5 + 2 + 2; 7 + 2 + 4
        only_previous_stride=[((THREE,), 17), ((SEVEN_FIRST,), 19)],  # 3 + 4 · 2 + 2 · 3; 7 + 2 · 2 + 4 · 2
        own_stride_counted=[
            ((THREE,), 41),
            ((FIVE_FIRST,), 25),
        ],  # 1 + 2 · 2 + 4 · 6 + 2 · 6; 1 + 4 · 2 + 2 · 4 + 2 · 4
        product_of_kernels=[((THREE,), 45), ((SEVEN_FIRST,), 105)],
    ),
    # The value of one window.
    **table(
        "x w b",
        kernel_flipped_up_down=[((X2, W2, 5), 18), ((X2B, W2B, 3), 15)],  # 1 + 6 + 6 + 0 + 5; 0 + 8 + 5 − 1 + 3
        kernel_flipped_left_right=[((X2, W2, 5), 22), ((X2B, W2B, 3), 27)],  # 0 + 4 + 9 + 4 + 5; 0 + 2 + 20 + 2 + 3
        bias_subtracted=[((X2, W2, 5), 12), ((X2B, W2B, 3), 9), ((X2, W2, 0), None)],
        added_instead_of_multiplied=[((X2, W2, 5), 21), ((X2B, W2B, 3), 17)],  # 10 + 6 + 5; 8 + 6 + 3
        largest_instead_of_sum=[((X2, W2, 5), 17), ((X2B, W2B, 3), 13), ((X3, W3, 2), 17)],
        last_kernel_row_only=[((X2, W2, 5), 20), ((X2B, W2B, 3), 17)],
        channels_in_reverse=[((X3, W3, 2), 22), ((X3B, W3B, 4), 21)],  # 17 + 3 + 2; 1 + 16 + 4
        kernel_flipped=[((X2, W2, 5), 18), ((X3, W3, 2), 20)],  # 3 + 2 + 0 + 8 + 5; 9 + 9 + 2
        kernel_transposed=[((X2, W2, 5), 21), ((X2B, W2B, 3), 6)],  # 2 + 2 + 0 + 12 + 5; 0 + 4 − 5 + 4 + 3
        matrix_product=[((X2, W2, 5), 37), ((X3, W3, 2), 40)],  # 4 + 6 + 10 + 12 + 5; 14 + 24 + 2
        averaged_over_window=[((X2, W2, 5), 9.25), ((X2B, W2B, 3), 6)],
        window_only=[((X2, W2, 5), 15), ((X2B, W2B, 3), 11)],
        bias_forgotten=[((X2, W2, 5), 17), ((X3, W3, 2), 23), ((X2, W2, 0), None)],
        first_channel_only=[((X3, W3, 2), 8), ((X3B, W3B, 4), 11)],
        last_channel_only=[((X3, W3, 2), 19), ((X3B, W3B, 4), 7)],
        channels_averaged=[((X3, W3, 2), 13.5), ((X3B, W3B, 4), 9)],
        one_kernel_for_all_channels=[((X3, W3, 2), 11), ((X3B, W3B, 4), 27)],  # 6 + 3 + 2; 7 + 16 + 4
        channels_multiplied_together=[((X3, W3, 2), 104), ((X3B, W3B, 4), 25)],
        bias_per_channel=[((X3, W3, 2), 27), ((X3B, W3B, 4), 18)],
        bias_per_weight=[((X2, W2, 5), 37), ((X3, W3, 2), 39), ((X3B, W3B, 4), 42)],
    ),
    # The shape of the output: batch n, channels c, image (h, w), filters o, kernel (kh, kw), padding p, stride s.
    **table(
        "n c h w o kh kw p s",
        kernel_height_for_both=[
            ((2, 3, 16, 29, 5, 3, 2), (2, 5, 14, 27)),
            ((4, 6, 12, 25, 7, 5, 3), (4, 7, 8, 21)),
            ((8, 3, 20, 31, 6, 4, 4), None),
        ],
        output_sides_swapped=[((2, 3, 16, 29, 5, 3, 2), (2, 5, 28, 14)), ((4, 6, 12, 25, 7, 5, 3), (4, 7, 23, 8))],
        one_too_many_in_shape=[((2, 3, 16, 29, 5, 3, 2), (2, 5, 15, 29)), ((4, 6, 12, 25, 7, 5, 3), (4, 7, 9, 24))],
        maps_forgotten=[((2, 3, 16, 29, 5, 3, 2), (2, 14, 28)), ((4, 6, 12, 25, 7, 5, 3), (4, 8, 23))],
        axis_of_one_missing=[((1, 5, 28, 28, 1, 3, 3), (1, 26, 26)), ((1, 3, 12, 20, 1, 5, 5), (1, 8, 16))],
        height_width_swapped=[
            ((2, 3, 16, 29, 5, 3, 2), (2, 5, 15, 27)),
            ((4, 6, 12, 25, 7, 5, 3), (4, 7, 10, 21)),
            ((8, 3, 20, 31, 6, 4, 4), (8, 6, 28, 17)),
            ((2, 3, 16, 29, 5, 3, 2, 1, 2), (2, 5, 9, 15)),
        ],
        channels_stay=[
            ((2, 3, 16, 29, 5, 3, 2), (2, 3, 14, 28)),
            ((4, 6, 12, 25, 7, 5, 3), (4, 6, 8, 23)),
            ((2, 3, 16, 29, 5, 3, 2, 1, 2), (2, 3, 8, 15)),
        ],
        channels_times_filters=[
            ((2, 3, 16, 29, 5, 3, 2), (2, 15, 14, 28)),
            ((4, 6, 12, 25, 7, 5, 3), (4, 42, 8, 23)),
            ((2, 3, 16, 29, 5, 3, 2, 1, 2), (2, 15, 8, 15)),
        ],
        channels_last=[
            ((2, 3, 16, 29, 5, 3, 2), (2, 14, 28, 5)),
            ((4, 6, 12, 25, 7, 5, 3), (4, 8, 23, 7)),
            ((2, 3, 16, 29, 5, 3, 2, 1, 2), (2, 8, 15, 5)),
        ],
        batch_forgotten=[
            ((2, 3, 16, 29, 5, 3, 2), (5, 14, 28)),
            ((4, 6, 12, 25, 7, 5, 3), (7, 8, 23)),
            ((2, 3, 16, 29, 5, 3, 2, 1, 2), (5, 8, 15)),
        ],
        weight_as_output=[((2, 3, 16, 29, 5, 3, 2), (5, 3, 3, 2)), ((4, 6, 12, 25, 7, 5, 3), (7, 6, 5, 3))],
        no_plus_one_in_shape=[
            ((2, 3, 16, 29, 5, 3, 2), (2, 5, 13, 27)),
            ((4, 6, 12, 25, 7, 5, 3), (4, 7, 7, 22)),
            ((2, 3, 16, 29, 5, 3, 2, 1, 2), (2, 5, 7, 14)),
        ],
        size_stays_in_shape=[((2, 3, 16, 29, 5, 3, 2), (2, 5, 16, 29)), ((4, 6, 12, 25, 7, 5, 3), (4, 7, 12, 25))],
    ),
    # The shape of the weight.
    **table(
        "c o kh kw",
        filter_channels_last=[((3, 8, 2, 5), (8, 2, 5, 3)), ((4, 6, 3, 1), (6, 3, 1, 4))],
        filters_last=[((3, 8, 2, 5), (3, 2, 5, 8)), ((4, 6, 3, 1), (4, 3, 1, 6))],
        one_filter_as_weight=[((3, 8, 2, 5), (3, 2, 5)), ((4, 6, 3, 1), (4, 3, 1))],
        filter_is_flat=[((3, 8, 2, 5), (2, 5)), ((4, 6, 3, 1), (3, 1))],
        weight_without_input_channels=[((3, 8, 2, 5), (8, 2, 5)), ((4, 6, 3, 1), (6, 3, 1))],
        weight_in_out_swapped=[((3, 8, 2, 5), (3, 8, 2, 5)), ((4, 6, 3, 1), (4, 6, 3, 1))],
        weight_channels_last=[((3, 8, 2, 5), (2, 5, 3, 8)), ((4, 6, 3, 1), (3, 1, 4, 6))],
        kernel_sides_swapped=[((3, 8, 2, 5), (8, 3, 5, 2)), ((4, 6, 3, 1), (6, 4, 1, 3))],
    ),
}

# Numbers from 1 to 16, and others in no order.
COUNTED = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]]
MIXED = [[2, 0, 1, 3], [4, 5, 0, 2], [1, 1, 6, 0], [3, 2, 0, 7]]

TO_ELEVEN = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
TWELVE = [3, 1, 4, 1, 5, 9, 2, 6, 5, 8, 7, 10]  # sums of three: 8, 6, 10, 15, 16, 17, 13, 19, 20, 25

SQUARE = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
OTHER_SQUARE = [[0, 1, 0], [2, 0, 3], [4, 4, 5]]

# An image with a kernel, its map [[4, −1], [2, 6]]; another with the map [[5, 1]].
IMAGE = ([[1, 2, 0], [0, 1, 3], [2, 0, 1]], [[1, 2], [0, -1]])
FLAT_IMAGE = ([[2, 0, 2], [3, 1, 0]], [[2, 1], [-1, 4]])

# Windows before ReLU: products and bias.
NEGATIVE = ([[3, -1], [2, 1]], [[1, 2], [-3, 1]], 1)  # 3 − 2 − 6 + 1, + 1: −3
LOW = ([[1, 2], [-1, 2]], [[-2, 1], [1, -3]], 4)  # −2 + 2 − 1 − 6, + 4: −3
MASKED = ([[-2, 4], [1, -1]], [[3, 1], [-1, 2]], 1)  # −6 + 4 − 1 − 2, + 1: −4
POSITIVE = ([[-1, 2], [3, 0]], [[2, 1], [1, 3]], 2)  # −2 + 2 + 3 + 0, + 2: 5
TWO_NEGATIVE = ([[[2, 0], [1, -1]], [[1, 3], [0, 2]]], [[[2, 2], [1, 3]], [[-1, -3], [3, 0]]], 6)  # 2 − 10, + 6: −2
TWO_LOW = ([[[1, -1], [0, 2]], [[-2, 1], [1, 0]]], [[[-1, 2], [1, -2]], [[2, 1], [-3, 0]]], 3)  # −7 − 6, + 3: −10
TWO_MASKED = ([[[1, 2], [0, 1]], [[-1, 0], [1, 2]]], [[[1, 0], [2, 1]], [[3, -2], [1, -1]]], 2)  # 2 − 4, + 2: 0
TWO_LOWEST = ([[[1, 0], [2, 1]], [[-3, 1], [0, 1]]], [[[-1, 3], [-2, 0]], [[1, -1], [2, -2]]], 1)  # −5 − 6, + 1: −10

CONFUSION = [[46, 3, 1], [5, 38, 7], [2, 4, 44]]
DEEP, DEEP_B = [3, 8, 16, 24, 32, 40, 48], [3, 5, 9, 7, 11, 6, 20]

OWN = {
    # 00 start
    "start.slice": table(
        "rows columns",
        last_included=[(([1, 3], [1, 2]), [[6, 7], [11, 12], [16, 17]]), (([0, 1], [3, 4]), [[3, 4], [8, 9]])],
        counted_from_one=[(([1, 3], [1, 2]), [[0], [5]]), (([2, 4], [2, 4]), [[6, 7], [11, 12]])],
        columns_before_rows=[(([1, 3], [1, 2]), [[6, 7]]), (([2, 4], [1, 4]), [[7, 8], [12, 13], [17, 18]])],
        counted_from_one_to_the_end=[
            (([1, 3], [1, 2]), [[0, 1], [5, 6], [10, 11]]),
            (([2, 4], [2, 4]), [[6, 7, 8], [11, 12, 13], [16, 17, 18]]),
        ],
    ),
    "start.product": table(
        "x w",
        matrix_product_of_arrays=[((X2, W2), 32), ((X2B, [[1, 1], [2, 4]]), 28)],  # 4 + 6 + 10 + 12; 4 + 8 + 7 + 9
        product_of_sums=[((X2, W2), 60), ((X2B, [[1, 1], [2, 4]]), 64)],  # 10 · 6; 8 · 8
        diagonal_only=[((X2, W2), 14), ((X2B, [[1, 1], [2, 4]]), 4)],  # 2 + 12; 0 + 4
        mean_of_products=[((X2, W2), 4.25), ((X2B, [[1, 1], [2, 4]]), 4)],
        first_array_only=[((X2, W2), 10), ((X2B, [[1, 1], [2, 4]]), 8)],
        arrays_added=[((X2, W2), 16), ((X2B, [[1, 1], [2, 3]]), 15)],
        last_row_only=[((X2, W2), 15), ((X2B, [[1, 1], [2, 4]]), 14)],
    ),
    "start.batch": table(
        "n h w",
        channels_last=[((8, 28, 20), (8, 28, 20, 3)), ((4, 70, 100), (4, 70, 100, 3))],
        width_before_height=[((8, 28, 20), (8, 3, 20, 28)), ((4, 70, 100), (4, 3, 100, 70))],
        batch_left_out=[((8, 28, 20), (3, 28, 20)), ((4, 70, 100), (3, 70, 100))],
        channels_before_batch=[((8, 28, 20), (3, 8, 28, 20)), ((4, 70, 100), (3, 4, 70, 100))],
        channels_left_out=[((8, 28, 20), (8, 28, 20)), ((4, 70, 100), (4, 70, 100))],
        one_channel_for_colour=[((8, 28, 20), (8, 1, 28, 20)), ((4, 70, 100), (4, 1, 70, 100))],
        width_before_height_channels_last=[((8, 28, 20), (8, 20, 28, 3)), ((4, 70, 100), (4, 100, 70, 3))],
    ),
    "start.filter": table(
        "c o k",
        one_plane_only=[((3, 8, 5), 25), ((4, 6, 3), 9)],
        all_filters=[((3, 8, 5), 600), ((4, 6, 3), 216)],
        maps_as_planes=[((3, 8, 5), 200), ((4, 6, 3), 54)],
        side_not_squared=[((3, 8, 5), 15), ((4, 6, 3), 12)],
        bias_counted_too=[((3, 8, 5), 76), ((4, 6, 3), 37)],
        all_filters_and_biases=[((3, 8, 5), 608), ((4, 6, 3), 222)],
    ),
    # 01 one channel
    "one_channel.map": table(
        "x w",
        map_of_flipped_kernel=[
            (IMAGE, [[0, 3], [4, 0]]),
            (FLAT_IMAGE, [[13, -1]]),
        ],  # [[−1, 0], [2, 1]]; [[4, −1], [1, 2]]
        map_of_transposed_kernel=[
            (IMAGE, [[0, 1], [4, 0]]),
            (FLAT_IMAGE, [[11, -1]]),
        ],  # [[1, 0], [2, −1]]; [[2, −1], [1, 4]]
        map_of_windows_side_by_side=[
            (([[1, 2, 0, 3], [0, 1, 4, 1], [2, 0, 1, 5]], [[1, 0], [2, -1]]), [[0, 7]]),
            (FLAT_IMAGE, [[5]]),
        ],
        map_with_padding=[
            (IMAGE, [[-1, -2, 0, 0], [2, 4, -1, 0], [-2, 2, 6, 3], [4, 2, 2, 1]]),
            (FLAT_IMAGE, [[8, -2, 8, -2], [14, 5, 1, 4], [3, 7, 2, 0]]),
        ],
        map_transposed=[(IMAGE, [[4, 2], [-1, 6]]), (FLAT_IMAGE, [[5], [1]])],
        map_of_matrix_products=[(IMAGE, [[0, 6], [5, -1]]), (FLAT_IMAGE, [[18, 9]])],  # columns' sums times 3, −1; 3, 3
        map_of_means=[(IMAGE, [[1, -0.25], [0.5, 1.5]]), (FLAT_IMAGE, [[1.25, 0.25]])],
    ),
    "one_channel.flip": table(
        "w",
        flipped_up_down=[
            ((SQUARE,), [[7, 8, 9], [4, 5, 6], [1, 2, 3]]),
            ((OTHER_SQUARE,), [[4, 4, 5], [2, 0, 3], [0, 1, 0]]),
        ],
        flipped_left_right=[
            ((SQUARE,), [[3, 2, 1], [6, 5, 4], [9, 8, 7]]),
            ((OTHER_SQUARE,), [[0, 1, 0], [3, 0, 2], [5, 4, 4]]),
        ],
        transposed_not_flipped=[
            ((SQUARE,), [[1, 4, 7], [2, 5, 8], [3, 6, 9]]),
            ((OTHER_SQUARE,), [[0, 2, 4], [1, 0, 4], [0, 3, 5]]),
        ],
        not_flipped=[
            ((SQUARE,), [[1, 2, 3], [4, 5, 6], [7, 8, 9]]),
            ((OTHER_SQUARE,), [[0, 1, 0], [2, 0, 3], [4, 4, 5]]),
        ],
        flipped_along_the_other_diagonal=[
            ((SQUARE,), [[9, 6, 3], [8, 5, 2], [7, 4, 1]]),
            ((OTHER_SQUARE,), [[5, 3, 0], [4, 0, 1], [4, 2, 0]]),
        ],
        turned_by_a_quarter=[
            ((SQUARE,), [[7, 4, 1], [8, 5, 2], [9, 6, 3]]),
            ((OTHER_SQUARE,), [[4, 2, 0], [4, 0, 1], [5, 3, 0]]),
        ],
        signs_turned=[
            ((SQUARE,), [[-1, -2, -3], [-4, -5, -6], [-7, -8, -9]]),
            ((OTHER_SQUARE,), [[0, -1, 0], [-2, 0, -3], [-4, -4, -5]]),
        ],
    ),
    # 02 many channels
    "many_channels.predict_2": table(
        "c o k",
        maps_as_channels=[((3, 4, 5), 3), ((2, 7, 3), 2)],
        map_for_every_kernel=[((3, 4, 5), 12), ((2, 7, 3), 14)],
        one_map_in_all=[((3, 4, 5), 1), ((2, 7, 3), 1)],
        maps_and_channels_added=[((3, 4, 5), 7), ((2, 7, 3), 9)],
        kernel_size_as_maps=[((3, 4, 5), 5), ((2, 7, 3), 3)],
    ),
    # 03 padding
    "padding.predict_1": table(
        "x",  # the four cells in the corner: 1 + 2 + 5 + 6; 2 + 0 + 4 + 5
        padding_of_ones=[((COUNTED,), 19), ((MIXED,), 16)],
        padding_repeats_edge=[((COUNTED,), 24), ((MIXED,), 21)],  # 4 · 1 + 2 · 2 + 2 · 5 + 6; 4 · 2 + 2 · 0 + 2 · 4 + 5
        padding_mirrors=[((COUNTED,), 39), ((MIXED,), 30)],  # 1 + 2 · 2 + 2 · 5 + 4 · 6; 2 + 2 · 0 + 2 · 4 + 4 · 5
        padding_wraps_around=[((COUNTED,), 69), ((MIXED,), 28)],  # rows 43 + 7 + 19; 12 + 5 + 11
        padding_left_out=[((COUNTED,), 54), ((MIXED,), 20)],
        output_padded=[((COUNTED,), 0), ((MIXED,), 0)],
        divided_by_cells_inside=[((COUNTED,), 3.5), ((MIXED,), 2.75)],
        divided_by_kernel_cells=[((COUNTED,), 14 / 9), ((MIXED,), 11 / 9)],
        padding_above_and_below_only=[((COUNTED,), 24), ((MIXED,), 12)],  # two rows of three
        padding_left_and_right_only=[((COUNTED,), 33), ((MIXED,), 13)],  # three rows of two
        corner_cell_alone=[((COUNTED,), 1), ((MIXED,), 2)],
    ),
    "padding.keep_size": table("n k", no_padding_needed=[((20, 7), 0), ((16, 9), 0)]),
    "padding.even_kernel": table("n k p", even_kernel_half=[((10, 4, 2), 10), ((17, 6, 3), 17)]),
    "padding.corner_reads": table(
        "n k",
        reads_along_edge=[((6, 3), 3), ((9, 4), 4)],
        corner_never_read=[((6, 3), 0), ((9, 4), 0)],
        windows_of_one_side=[((6, 3), 4), ((9, 4), 6)],
    ),
    "padding.pixel_reads": table(
        "n k r c",
        coverage_of_one_side=[((6, 3, 1, 2), 3), ((10, 5, 3, 1), 2)],
        corners_like_center=[((6, 3, 1, 2), 9), ((10, 5, 3, 1), 25)],
        every_window=[((6, 3, 1, 2), 16), ((10, 5, 3, 1), 36)],
        reads_added=[((6, 3, 1, 2), 5), ((10, 5, 3, 1), 6)],  # 2 + 3; 4 + 2
        coverage_of_the_other_side=[((6, 3, 1, 2), 2), ((10, 5, 3, 1), 4)],
    ),
    # 04 properties
    "properties.predict_2": table(
        "n k",
        bias_not_counted=[((28, 5), 25), ((10, 3), 9)],
        kernel_side_not_squared=[((28, 5), 6), ((10, 3), 4)],
        weights_not_shared=[((28, 5), 14976), ((10, 3), 640)],  # 26 · 24²; 10 · 8²
        weight_for_every_pixel=[((28, 5), 785), ((10, 3), 101)],
        bias_per_pixel_counted=[((28, 5), 601), ((10, 3), 73)],
        cells_of_the_map_counted=[((28, 5), 576), ((10, 3), 64)],
    ),
    "properties.fully_connected": table(
        "i k",  # 49 inputs, 25 outputs; 25 inputs, 16 outputs
        output_biases_not_counted=[((7, 3), 1225), ((5, 2), 400)],
        one_bias_for_all_outputs=[((7, 3), 1226), ((5, 2), 401)],
        only_the_window_joined=[((7, 3), 250), ((5, 2), 80)],
        counted_as_convolution=[((7, 3), 10), ((5, 2), 5)],
        weight_per_input_only=[((7, 3), 74), ((5, 2), 41)],
        output_as_large_as_input=[((7, 3), 2450), ((5, 2), 650)],
        no_plus_one_in_output=[((7, 3), 800), ((5, 2), 234)],  # 50 · 4²; 26 · 3²
        sides_for_areas=[((7, 3), 40), ((5, 2), 24)],  # 8 · 5; 6 · 4
    ),
    "properties.matrix_row": table(
        "h n w row",  # output 4 of 2 × 3 is cell (1, 1); output 6 of 2 × 4 is cell (1, 2)
        row_without_gaps=[
            ((3, 4, [[1, 2], [3, 4]], 4), [0, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0]),
            ((3, 5, [[5, 6], [7, 8]], 6), [0, 0, 0, 0, 0, 0, 0, 5, 6, 7, 8, 0, 0, 0, 0]),
        ],
        row_counted_by_input=[
            ((3, 4, [[1, 2], [3, 4]], 4), [0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0]),
            ((3, 5, [[5, 6], [7, 8]], 6), [0, 0, 0, 0, 0, 0, 5, 6, 0, 0, 0, 7, 8, 0, 0]),
        ],
        kernel_flipped_in_row=[
            ((3, 4, [[1, 2], [3, 4]], 4), [0, 0, 0, 0, 0, 4, 3, 0, 0, 2, 1, 0]),
            ((3, 5, [[5, 6], [7, 8]], 6), [0, 0, 0, 0, 0, 0, 0, 8, 7, 0, 0, 0, 6, 5, 0]),
        ],
        kernel_transposed_in_row=[
            ((3, 4, [[1, 2], [3, 4]], 4), [0, 0, 0, 0, 0, 1, 3, 0, 0, 2, 4, 0]),
            ((3, 5, [[5, 6], [7, 8]], 6), [0, 0, 0, 0, 0, 0, 0, 5, 7, 0, 0, 0, 6, 8, 0]),
        ],
        row_not_flattened=[
            ((3, 4, [[1, 2], [3, 4]], 4), [[0, 0, 0, 0], [0, 1, 2, 0], [0, 3, 4, 0]]),
            ((3, 5, [[5, 6], [7, 8]], 6), [[0, 0, 0, 0, 0], [0, 0, 5, 6, 0], [0, 0, 7, 8, 0]]),
        ],
        row_in_double_brackets=[
            ((3, 4, [[1, 2], [3, 4]], 4), [[0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0]]),
            ((3, 5, [[5, 6], [7, 8]], 6), [[0, 0, 0, 0, 0, 0, 0, 5, 6, 0, 0, 0, 7, 8, 0]]),
        ],
        window_as_row=[((3, 4, [[1, 2], [3, 4]], 4), [1, 2, 3, 4]), ((3, 5, [[5, 6], [7, 8]], 6), [5, 6, 7, 8])],
    ),
    "properties.shift": table(
        "shift s",
        shift_unchanged=[((6, 2), 6), ((15, 3), 15)],
        shift_multiplied=[((6, 2), 12), ((15, 3), 45)],
        shift_removed=[((6, 2), 0), ((15, 3), 0)],
        stride_taken_off=[((6, 2), 4), ((15, 3), 12)],
    ),
    # 05 shape
    "shape.predict_2": table(
        "n k s",
        last_cells_read=[((14, 5, 4), 0), ((23, 6, 5), 0)],
        remainder_of_input=[((14, 5, 4), 2), ((23, 6, 5), 3)],
        stride_minus_one=[((14, 5, 4), 3), ((23, 6, 5), 4)],
        remainder_with_one_more=[((14, 5, 4), 2), ((23, 6, 5), 3)],  # of 10; of 18
        stride_for_every_window=[((14, 5, 4), 2), ((21, 9, 5), 6)],  # 14 − 3 · 4; 21 − 3 · 5
    ),
    "shape.strided_values": table(
        "x k s",
        stride_not_in_index=[((TO_ELEVEN, 4, 2), [10, 14, 18, 22]), ((TWELVE, 3, 2), [8, 6, 10, 15, 16])],
        stride_as_dilation=[
            ((TO_ELEVEN, 4, 2), [16, 20, 24, 28, 32]),  # 1 + 3 + 5 + 7, …
            ((TWELVE, 3, 2), [12, 11, 11, 16, 12, 23, 14, 24]),  # 3 + 4 + 5, 1 + 1 + 9, …
        ],
        stride_plus_one=[((TO_ELEVEN, 4, 2), [10, 22, 34]), ((TWELVE, 3, 2), [8, 15, 13, 25])],
        stride_before_windows=[((TO_ELEVEN, 4, 2), [16, 24, 32]), ((TWELVE, 3, 2), [12, 11, 12, 14])],
        stride_ignored_in_row=[
            ((TO_ELEVEN, 4, 2), [10, 14, 18, 22, 26, 30, 34, 38]),
            ((TWELVE, 3, 2), [8, 6, 10, 15, 16, 17, 13, 19, 20, 25]),
        ],
        window_sticking_out=[((TO_ELEVEN, 4, 2), [10, 18, 26, 34, 30]), ((TWELVE, 3, 2), [8, 10, 16, 13, 20, 17])],
        last_window_missing=[((TO_ELEVEN, 4, 2), [10, 18, 26]), ((TWELVE, 3, 2), [8, 10, 16, 13])],
        list_in_double_brackets=[((TO_ELEVEN, 4, 2), [[10, 18, 26, 34]]), ((TWELVE, 3, 2), [[8, 10, 16, 13, 20]])],
        windows_side_by_side_in_row=[((TO_ELEVEN, 4, 2), [10, 26]), ((TWELVE, 3, 2), [8, 15, 13, 25])],
        averaged_windows=[((TO_ELEVEN, 4, 2), [2.5, 4.5, 6.5, 8.5]), (([1, 2, 6, 4, 5], 3, 2), [3, 5])],
    ),
    # 06 the shapes of a convolution layer
    "conv_layer_shapes.bias": table(
        "c o k",
        bias_for_input_channels=[((3, 6, 5), (3,)), ((4, 2, 7), (4,))],
        bias_for_kernels=[((3, 6, 5), (6, 3)), ((4, 2, 7), (2, 4))],
        one_bias_in_all=[((3, 6, 5), (1,)), ((4, 2, 7), (1,))],
        bias_like_weight=[((3, 6, 5), (6, 3, 5, 5)), ((4, 2, 7), (2, 4, 7, 7))],
        bias_like_kernel=[((3, 6, 5), (5,)), ((4, 2, 7), (7,))],
        bias_as_row=[((3, 6, 5), (1, 6)), ((4, 2, 7), (1, 2))],
        bias_as_column=[((3, 6, 5), (6, 1)), ((4, 2, 7), (2, 1))],
        bias_with_axes_of_the_map=[((3, 6, 5), (1, 6, 1, 1)), ((4, 2, 7), (1, 2, 1, 1))],
    ),
    "conv_layer_shapes.output": table(
        "n c h w o kh kw",
        batch_and_filters_swapped=[((8, 3, 20, 31, 6, 4, 4), (6, 8, 17, 28)), ((4, 6, 12, 25, 7, 5, 5), (7, 4, 8, 21))],
        kernel_as_map=[((8, 3, 20, 31, 6, 4, 4), (8, 6, 4, 4)), ((4, 6, 12, 25, 7, 5, 5), (4, 7, 5, 5))],
    ),
    "conv_layer_shapes.layer": table(
        "n c h w o k",
        weight_order_in_layer=[((8, 3, 20, 31, 6, 4), (6, 3, 4)), ((2, 4, 15, 30, 7, 5), (7, 4, 5))],
        no_plus_one_backwards=[((8, 3, 20, 31, 6, 4), (3, 6, 3)), ((2, 4, 15, 30, 7, 5), (4, 7, 4))],
        batch_as_channels=[((8, 3, 20, 31, 6, 4), (8, 6, 4)), ((2, 4, 15, 30, 7, 5), (2, 7, 5))],
        batch_as_filters=[((8, 3, 20, 31, 6, 4), (3, 8, 4)), ((2, 4, 15, 30, 7, 5), (4, 2, 5))],
        output_height_as_kernel=[((8, 3, 20, 31, 6, 4), (3, 6, 17)), ((2, 4, 15, 30, 7, 5), (4, 7, 11))],
        whole_weight_shape=[((8, 3, 20, 31, 6, 4), (6, 3, 4, 4)), ((2, 4, 15, 30, 7, 5), (7, 4, 5, 5))],
        kernel_as_pair=[((8, 3, 20, 31, 6, 4), (3, 6, 4, 4)), ((2, 4, 15, 30, 7, 5), (4, 7, 5, 5))],
        one_too_many_backwards=[((8, 3, 20, 31, 6, 4), (3, 6, 5)), ((2, 4, 15, 30, 7, 5), (4, 7, 6))],
        sizes_for_channels=[((8, 3, 20, 31, 6, 4), (20, 17, 4)), ((2, 4, 15, 30, 7, 5), (15, 11, 5))],
    ),
    # 07 conv2d step by step
    "conv_calculation.bytes": table(
        "a b",  # 301 and 381, of which 45 and 125 are left after 255
        bytes_without_end=[((200, 101), 150), ((250, 131), 190)],
        mean_of_two=[((200, 101), 150.5), ((250, 131), 190.5)],
        fraction_kept=[((200, 101), 22.5), ((250, 131), 62.5)],
        bytes_held_at_255=[((200, 101), 127), ((250, 131), 127)],
        half_of_255_kept=[((200, 101), 127.5), ((250, 131), 127.5)],
        sum_not_halved=[((200, 101), 45), ((250, 131), 125)],
        whole_sum_not_halved=[((200, 101), 301), ((250, 131), 381)],
        halved_and_rounded_up=[((200, 101), 23), ((250, 131), 63)],
    ),
    # 08 filters and errors
    "filter_shapes.predict_1": table(
        "n c h w o kh kw",
        sides_of_output_swapped=[
            ((32, 3, 28, 26, 5, 3, 3), (32, 5, 24, 26)),
            ((4, 6, 12, 25, 7, 5, 5), (4, 7, 21, 8)),
        ],
    ),
    "filter_shapes.groups": table(
        "c o kh kw g",
        groups_ignored=[((6, 4, 3, 5, 2), (4, 6, 3, 5)), ((9, 6, 1, 7, 3), (6, 9, 1, 7))],
        groups_split_output=[((6, 4, 3, 5, 2), (2, 6, 3, 5)), ((9, 6, 1, 7, 3), (2, 9, 1, 7))],
        groups_split_both=[((6, 4, 3, 5, 2), (2, 3, 3, 5)), ((9, 6, 1, 7, 3), (2, 3, 1, 7))],
        weight_in_out_swapped=[((6, 4, 3, 5, 2), (3, 4, 3, 5)), ((9, 6, 1, 7, 3), (3, 6, 1, 7))],
        kernel_sides_swapped=[((6, 4, 3, 5, 2), (4, 3, 5, 3)), ((9, 6, 1, 7, 3), (6, 3, 7, 1))],
        groups_as_axis=[((6, 4, 3, 5, 2), (2, 2, 3, 3, 5)), ((9, 6, 1, 7, 3), (3, 2, 3, 1, 7))],
        groups_multiplied=[((6, 4, 3, 5, 2), (4, 12, 3, 5)), ((9, 6, 1, 7, 3), (6, 27, 1, 7))],
        weight_channels_last=[((6, 4, 3, 5, 2), (3, 5, 3, 4)), ((9, 6, 1, 7, 3), (1, 7, 3, 6))],
        filter_channels_last=[((6, 4, 3, 5, 2), (4, 3, 5, 3)), ((9, 6, 1, 7, 3), (6, 1, 7, 3))],
    ),
    "filter_shapes.kernel_too_large_error": table(
        "h k w",  # 5 and 7 cells are missing
        missing_cells_on_each_side=[((4, 9, 26), 5), ((4, 11, 26), 7)],
        missing_cells_halved_down=[((4, 9, 26), 2), ((4, 11, 26), 3)],
        padding_as_large_as_kernel=[((4, 9, 26), 9), ((4, 11, 26), 11)],
        size_kept_by_padding=[((4, 9, 26), 4), ((4, 11, 26), 5)],
    ),
    # 09 activation
    "activation.predict_1": table(
        "n c h w o k",
        size_stays_in_shape=[((2, 3, 9, 20, 5, 4), (2, 5, 9, 20)), ((4, 2, 12, 17, 6, 3), (4, 6, 12, 17))],
        weight_as_output=[((2, 3, 9, 20, 5, 4), (5, 3, 4, 4)), ((4, 2, 12, 17, 6, 3), (6, 2, 3, 3))],
        no_plus_one_in_shape=[((2, 3, 9, 20, 5, 4), (2, 5, 5, 16)), ((4, 2, 12, 17, 6, 3), (4, 6, 9, 14))],
        channels_times_filters=[((2, 3, 9, 20, 5, 4), (2, 15, 6, 17)), ((4, 2, 12, 17, 6, 3), (4, 12, 10, 15))],
        batch_forgotten=[((2, 3, 9, 20, 5, 4), (5, 6, 17)), ((4, 2, 12, 17, 6, 3), (6, 10, 15))],
        one_number_a_filter=[((2, 3, 9, 20, 5, 4), (2, 5)), ((4, 2, 12, 17, 6, 3), (4, 6))],
        channels_last=[((2, 3, 9, 20, 5, 4), (2, 6, 17, 5)), ((4, 2, 12, 17, 6, 3), (4, 10, 15, 6))],
        maps_forgotten=[((2, 3, 9, 20, 5, 4), (2, 6, 17)), ((4, 2, 12, 17, 6, 3), (4, 10, 15))],
        one_too_many_in_shape=[((2, 3, 9, 20, 5, 4), (2, 5, 7, 18)), ((4, 2, 12, 17, 6, 3), (4, 6, 11, 16))],
    ),
    "activation.predict_2": table(
        "x w b",
        relu_before_bias=[(NEGATIVE, 1), (LOW, 4)],
        relu_on_products=[(NEGATIVE, 5), (LOW, 6)],  # 3 + 1 + 1; 2 + 4
        relu_on_input=[(MASKED, 4), (POSITIVE, 7), (NEGATIVE, None)],  # 4 − 1 + 1; 2 + 3 + 2
        relu_on_input_only=[(NEGATIVE, -1), (LOW, -2), (MASKED, None)],  # 3 − 6 + 1 + 1; −2 + 2 − 6 + 4
        relu_left_out=[(NEGATIVE, -3), (MASKED, -4), (POSITIVE, None)],
        relu_as_absolute_value=[(NEGATIVE, 3), (MASKED, 4), (POSITIVE, None)],
        kernel_flipped=[(NEGATIVE, 12), (POSITIVE, 4), (MASKED, None)],  # 3 + 3 + 4 + 1 + 1; −3 + 2 + 3 + 0 + 2
    ),
    "activation.order": table(
        "x w b",
        relu_before_bias=[(TWO_NEGATIVE, 6), (TWO_LOW, 3)],
        relu_on_products=[(TWO_NEGATIVE, 11), (TWO_LOW, 4)],  # 4 + 1 + 6; 1 + 3
        relu_on_input=[(TWO_NEGATIVE, 1), (TWO_MASKED, 3), (TWO_LOW, None)],  # 5 − 10 + 6; 2 − 1 + 2
        relu_on_input_only=[(TWO_LOW, -4), (TWO_LOWEST, -7), (TWO_NEGATIVE, None)],  # −5 − 2 + 3; −5 − 3 + 1
        relu_left_out=[(TWO_NEGATIVE, -2), (TWO_LOW, -10)],
        relu_as_absolute_value=[(TWO_NEGATIVE, 2), (TWO_LOW, 10)],
        kernel_flipped=[(TWO_NEGATIVE, 19), (TWO_MASKED, 13), (TWO_LOW, None)],  # 6 + 7 + 6; 6 + 5 + 2
        relu_on_channels=[(TWO_NEGATIVE, 8), (TWO_LOW, 3)],  # 2 + 0 + 6; 0 + 0 + 3
    ),
    "activation.slope": table(
        "s",
        value_as_slope=[((0.9,), 0.9), ((0.2,), 0.2)],
        rest_as_slope=[((0.9,), 0.1), ((0.2,), 0.8)],
        slope_always_largest=[((0.9,), 0.25), ((0.2,), 0.25)],
        # The sigmoid of ln 2 is 1 / (1 + 1/2) = 2/3, that of ln 1.5 is 3/5.
        sigmoid_twice=[((math.log(2),), 2 / 9), ((math.log(1.5),), 6 / 25)],
        slope_of_tanh=[((0.9,), 0.19), ((0.2,), 0.96)],
        squared_as_slope=[((0.9,), 0.81), ((0.2,), 0.04)],
    ),
    "activation.merged_size": table(
        "a b",
        larger_kernel=[((3, 5), 5), ((6, 2), 6)],
        sizes_added=[((3, 5), 8), ((6, 2), 8)],
        sizes_multiplied=[((3, 5), 15), ((6, 2), 12)],
        both_reduced=[((3, 5), 6), ((6, 2), 6)],
        one_side_as_area=[((3, 5), 49), ((6, 2), 49)],
        one_more_instead_of_less=[((3, 5), 9), ((6, 2), 9)],
    ),
    "activation.merged_row": table(
        "p q",
        kernels_multiplied=[(([1, 2], [3, 1]), [3, 2]), (([4, 1], [2, 5]), [8, 5])],
        kernels_added=[(([1, 2], [3, 1]), [4, 3]), (([4, 1], [2, 5]), [6, 6])],
        one_kernel_turned=[(([1, 2], [3, 1]), [1, 5, 6]), (([4, 1], [2, 5]), [20, 13, 2])],  # 1 and 3; 5 and 2
        other_kernel_turned=[(([1, 2], [3, 1]), [6, 5, 1]), (([4, 1], [2, 5]), [2, 13, 20])],  # 2 and 1; 1 and 4
        merged_turned=[(([1, 2], [3, 1]), [2, 7, 3]), (([4, 1], [2, 5]), [5, 22, 8])],
        kernels_joined=[(([1, 2], [3, 1]), [1, 2, 3, 1]), (([4, 1], [2, 5]), [4, 1, 2, 5])],
    ),
    # 10 stacks
    "sequential.predict_1": table(
        "n h w widths k",  # three layers take off 3 · 2 = 6; 3 · 4 = 12
        one_layer_only=[
            ((32, 28, 298, [3, 10, 20, 30], 3), (32, 30, 26, 296)),
            ((4, 30, 60, [3, 5, 6, 7], 5), (4, 7, 26, 56)),
        ],
        size_stays_in_shape=[
            ((32, 28, 298, [3, 10, 20, 30], 3), (32, 30, 28, 298)),
            ((4, 30, 60, [3, 5, 6, 7], 5), (4, 7, 30, 60)),
        ],
        kernel_lost_each=[
            ((32, 28, 298, [3, 10, 20, 30], 3), (32, 30, 19, 289)),
            ((4, 30, 60, [3, 5, 6, 7], 5), (4, 7, 15, 45)),
        ],
        relus_shrink_too=[
            ((32, 28, 298, [3, 10, 20, 30], 3), (32, 30, 16, 286)),
            ((4, 30, 60, [3, 5, 6, 7], 5), (4, 7, 6, 36)),
        ],
        maps_pile_up=[
            ((32, 28, 298, [3, 10, 20, 30], 3), (32, 60, 22, 292)),
            ((4, 30, 60, [3, 5, 6, 7], 5), (4, 18, 18, 48)),
        ],
        maps_multiply=[
            ((32, 28, 298, [3, 10, 20, 30], 3), (32, 6000, 22, 292)),
            ((4, 30, 60, [3, 5, 6, 7], 5), (4, 210, 18, 48)),
        ],
        channels_stay=[
            ((32, 28, 298, [3, 10, 20, 30], 3), (32, 3, 22, 292)),
            ((4, 30, 60, [3, 5, 6, 7], 5), (4, 3, 18, 48)),
        ],
        batch_forgotten=[
            ((32, 28, 298, [3, 10, 20, 30], 3), (30, 22, 292)),
            ((4, 30, 60, [3, 5, 6, 7], 5), (7, 18, 48)),
        ],
        channels_last=[
            ((32, 28, 298, [3, 10, 20, 30], 3), (32, 22, 292, 30)),
            ((4, 30, 60, [3, 5, 6, 7], 5), (4, 18, 48, 7)),
        ],
    ),
    "sequential.predict_2": table(
        "image c o k",
        image_channels_counted=[((3, 10, 20, 3), 560), ((4, 6, 5, 2), 85)],  # 20 · 27 + 20; 5 · 16 + 5
        bias_per_input_filter=[((3, 10, 20, 3), 1810), ((4, 6, 5, 2), 126)],  # 1800 + 10; 120 + 6
        both_layers_counted=[((3, 10, 20, 3), 2100), ((4, 6, 5, 2), 227)],  # 1820 + 280; 125 + 102
    ),
    "sequential.weight": table(
        "image c o kh kw",
        image_planes=[((3, 20, 30, 3, 5), (30, 3, 3, 5)), ((4, 9, 8, 2, 7), (8, 4, 2, 7))],
    ),
    "sequential.slice": table(
        "widths stop",
        relus_not_counted=[((DEEP, 4), 32), ((DEEP_B, 2), 9)],
        end_included=[((DEEP, 4), 24), ((DEEP_B, 2), 9)],
        whole_stack=[((DEEP, 4), 48), ((DEEP_B, 2), 20)],
        images_channels=[((DEEP, 4), 3), ((DEEP_B, 2), 3)],
        one_layer_too_few=[((DEEP, 4), 8), ((DEEP_B, 4), 5), ((DEEP_B, 2), None)],
    ),
    # 11 models by sub-classing
    "subclassing.predict_1": table(
        "widths",  # 280 + 1820 + 5430; 40 + 222
        counted_as_registered=[(([3, 10, 20, 30],), 7530), (([1, 4, 6],), 262)],
        weights_alone_counted=[(([3, 10, 20, 30],), 7470), (([1, 4, 6],), 252)],
        tensors_counted=[(([3, 10, 20, 30],), 6), (([1, 4, 6],), 4)],
        layers_counted=[(([3, 10, 20, 30],), 3), (([1, 4, 6],), 2)],
    ),
    "subclassing.predict_2": table(
        "widths",
        biases_not_listed=[(([3, 10, 20, 30],), 3), (([1, 4, 6],), 2)],
        still_unregistered=[(([3, 10, 20, 30],), 0), (([1, 4, 6],), 0)],
        relus_listed=[(([3, 10, 20, 30],), 9), (([1, 4, 6],), 6)],
        numbers_listed=[(([3, 10, 20, 30],), 7530), (([1, 4, 6],), 262)],
    ),
    "subclassing.output": table(
        "n h w widths k",  # three layers take off 3 · 2 = 6, two 2 · 4 = 8
        channels_last=[((8, 20, 31, [3, 6, 12, 9], 3), (8, 14, 25, 9)), ((2, 40, 50, [1, 5, 7], 5), (2, 32, 42, 7))],
        one_layer_only=[((8, 20, 31, [3, 6, 12, 9], 3), (8, 9, 18, 29)), ((2, 40, 50, [1, 5, 7], 5), (2, 7, 36, 46))],
        size_stays=[((8, 20, 31, [3, 6, 12, 9], 3), (8, 9, 20, 31)), ((2, 40, 50, [1, 5, 7], 5), (2, 7, 40, 50))],
        kernel_lost_each=[((8, 20, 31, [3, 6, 12, 9], 3), (8, 9, 11, 22)), ((2, 40, 50, [1, 5, 7], 5), (2, 7, 30, 40))],
        input_counted_as_layer=[
            ((8, 20, 31, [3, 6, 12, 9], 3), (8, 9, 12, 23)),
            ((2, 40, 50, [1, 5, 7], 5), (2, 7, 28, 38)),
        ],
        first_width_kept=[((8, 20, 31, [3, 6, 12, 9], 3), (8, 6, 14, 25)), ((2, 40, 50, [1, 5, 7], 5), (2, 5, 32, 42))],
        channels_stay=[((8, 20, 31, [3, 6, 12, 9], 3), (8, 3, 14, 25)), ((2, 40, 50, [1, 5, 7], 5), (2, 1, 32, 42))],
        widths_added=[((8, 20, 31, [3, 6, 12, 9], 3), (8, 27, 14, 25)), ((2, 40, 50, [1, 5, 7], 5), (2, 12, 32, 42))],
        batch_forgotten=[((8, 20, 31, [3, 6, 12, 9], 3), (9, 14, 25)), ((2, 40, 50, [1, 5, 7], 5), (7, 32, 42))],
        height_width_swapped=[
            ((8, 20, 31, [3, 6, 12, 9], 3), (8, 9, 25, 14)),
            ((2, 40, 50, [1, 5, 7], 5), (2, 7, 42, 32)),
        ],
    ),
    # 12 training
    "train_a_cnn.predict_2": table(
        "n b c p",  # pooled to 6 × 6; to 5 × 5
        no_pooling_counted=[((12, 5, 10, 2), 1440), ((15, 4, 8, 3), 1800)],
        features_without_channels=[((12, 5, 10, 2), 36), ((15, 4, 8, 3), 25)],
        features_of_one_side=[((12, 5, 10, 2), 60), ((15, 4, 8, 3), 40)],
        features_of_raw_input=[((12, 5, 10, 2), 144), ((15, 4, 8, 3), 225)],
        convolutions_shrink=[((12, 5, 10, 2), 160), ((15, 4, 8, 3), 72)],  # 10 · 4²; 8 · 3²
        channels_of_first_layer=[((12, 5, 10, 2), 180), ((15, 4, 8, 3), 100)],
        channels_multiplied=[((12, 5, 10, 2), 1800), ((15, 4, 8, 3), 800)],
        pooling_by_area=[((12, 5, 10, 2), 720), ((15, 4, 8, 3), 600)],
    ),
    "train_a_cnn.step": table(
        "x w t rate",  # errors −9 and −2, gradients −54 and −16
        step_uphill=[((3, 1, 12, 0.01), 0.46), ((4, 2, 10, 0.02), 1.68)],
        two_forgotten=[((3, 1, 12, 0.01), 1.27), ((4, 2, 10, 0.02), 2.16)],
        pixel_forgotten=[((3, 1, 12, 0.01), 1.18), ((4, 2, 10, 0.02), 2.08)],
        rate_forgotten=[((3, 1, 12, 0.01), 55), ((4, 2, 10, 0.02), 18)],
        gradient_given=[((3, 1, 12, 0.01), -54), ((4, 2, 10, 0.02), -16)],
        solved_at_once=[((3, 1, 12, 0.01), 4), ((4, 2, 10, 0.02), 2.5)],
        two_and_pixel_forgotten=[((3, 1, 12, 0.01), 1.09), ((4, 2, 10, 0.02), 2.04)],
        loss_subtracted=[((3, 1, 12, 0.01), 0.19), ((4, 2, 10, 0.02), 1.92)],
        change_given=[((3, 1, 12, 0.01), 0.54), ((4, 2, 10, 0.02), 0.32)],
    ),
    "train_a_cnn.parameters": table(
        "b c f",  # 80 + 1168 + 650; 40 + 370 + 910
        bias_not_counted=[((8, 16, 64), 1864), ((4, 10, 90), 1296)],
        input_channels_not_counted=[((8, 16, 64), 890), ((4, 10, 90), 1050)],  # 80 + 160 + 650; 40 + 100 + 910
        linear_left_out=[((8, 16, 64), 1248), ((4, 10, 90), 410)],
        linear_alone=[((8, 16, 64), 650), ((4, 10, 90), 910)],
        weights_not_shared=[((8, 16, 64), 80522), ((4, 10, 90), 27150)],  # 64 · 1248 + 650; 64 · 410 + 910
        linear_bias_left_out=[((8, 16, 64), 1888), ((4, 10, 90), 1310)],
        convolutions_biases_left_out=[((8, 16, 64), 1874), ((4, 10, 90), 1306)],
        kernel_side_not_squared=[((8, 16, 64), 1082), ((4, 10, 90), 1056)],  # 32 + 400 + 650; 16 + 130 + 910
    ),
    "train_a_cnn.confusion": table(
        "counts true taken",
        rows_and_columns_mixed_up=[((CONFUSION, 1, 2), 4), ((CONFUSION, 0, 1), 5)],
        all_of_the_row=[((CONFUSION, 1, 2), 12), ((CONFUSION, 0, 1), 4)],
        all_of_the_column=[((CONFUSION, 1, 2), 8), ((CONFUSION, 0, 1), 7)],
        right_ones_counted=[((CONFUSION, 1, 2), 38), ((CONFUSION, 0, 1), 46)],
        row_added_up=[((CONFUSION, 1, 2), 50), ((CONFUSION, 2, 0), 50)],
        column_added_up=[((CONFUSION, 1, 2), 52), ((CONFUSION, 0, 1), 45)],
        both_ways_added=[((CONFUSION, 1, 2), 11), ((CONFUSION, 0, 1), 8)],
    ),
}

# What a sentence claims of the wrong answer besides how it came about: "the output would be two cells larger".
CLAIMS = {
    "padding.keep_size": {"half_of_kernel_rounded_up": lambda given, n, k: side(n, k, given) == n + 2},
    "padding.even_kernel": {"even_kernel_half": lambda given, n, k, p: side(n, k, p) == given + 1},
    "shape.which_padding": {"half_of_kernel_rounded_up": lambda given, n, k: side(n, k, given) == n + 2},
    "filter_shapes.kernel_too_large_error": {
        "missing_cells_on_each_side": lambda given, h, k, w: runs((1, 3, h, w), nn.Conv2d(3, 5, k, padding=given)),
        "missing_cells_halved_down": lambda given, h, k, w: h + 2 * given == k - 1,
        "size_kept_by_padding": lambda given, h, k, w: side(h, k, given) == h,
    },
    "activation.slope": {"slope_always_largest": lambda given, s: s != 0.5 and given == 0.5 * 0.5},
    "subclassing.predict_1": {
        "counted_as_registered": lambda given, widths: (
            given == sum(one.numel() for layer in convolutions(widths) for one in layer.parameters())
        )
    },
    "train_a_cnn.step": {"solved_at_once": lambda given, x, w, t, rate: abs(given * x - t) < 1e-9},
}
