"""Known wrong convolutions: each is a conv2d with exactly one mistake in it.

All take (input, weight, bias, stride, padding) with input (N, C, H, W) and weight (O, C, KH, KW) and return what a learner with that
mistake would return. `KNOWN` holds them by the names under which ``lessons/mistakes.toml`` explains them; `ALSO`
holds, by the same names, what else learners who make the same mistake write, where it gives something else.
"""

from typing import Any

import numpy as np

from lessonlib.geometry import output_size
from lessonlib.layers.conv import conv2d, flip

KNOWN: dict[str, Any] = {}
ALSO: dict[str, Any] = {}


def _known(subject):
    """Enter a function into `KNOWN`, and what a question must be about for this mistake to be made in it."""

    def enter(function):
        function.subject = subject
        KNOWN[function.__name__] = function
        return function

    return enter


def _also(name):
    """Enter a function into `ALSO`, as another way to make a known mistake."""

    def enter(function):
        ALSO.setdefault(name, []).append(function)
        return function

    return enter


# The kernel


@_known("window")
def kernel_flipped(x, w, b, s, p):
    return conv2d(x, flip(w), b, s, p)


@_known("window")
def kernel_flipped_up_down(x, w, b, s, p):
    return conv2d(x, w[..., ::-1, :], b, s, p)


@_known("window")
def kernel_flipped_left_right(x, w, b, s, p):
    return conv2d(x, w[..., ::-1], b, s, p)


@_known("window")
def kernel_transposed(x, w, b, s, p):
    return conv2d(x, np.swapaxes(w, -1, -2), b, s, p)


@_also("kernel_transposed")
def _kernel_transposed_on_windows(x, w, b, s, p):
    turned = np.swapaxes(w, -1, -2)
    return _by_window(x, w, b, s, p, lambda window, o: (window * turned[o]).sum())


@_known("window")
def matrix_product(x, w, b, s, p):
    """The matrix product of every window and the kernel; where they cannot be multiplied, a `ValueError`."""
    return _by_window(x, w, b, s, p, lambda window, o: (window @ w[o]).sum())


@_known("window")
def last_kernel_row_left_out(x, w, b, s, p):
    w = w.copy()
    w[..., -1, :] = 0
    return conv2d(x, w, b, s, p)


@_known("window")
def last_kernel_column_left_out(x, w, b, s, p):
    w = w.copy()
    w[..., -1] = 0
    return conv2d(x, w, b, s, p)


@_known("window")
def last_kernel_row_and_column_left_out(x, w, b, s, p):
    w = w.copy()
    w[..., -1, :] = w[..., -1] = 0
    return conv2d(x, w, b, s, p)


@_known("window")
def window_only(x, w, b, s, p):
    return conv2d(x, np.ones_like(w), b, s, p)


@_known("window")
def averaged_over_window(x, w, b, s, p):
    return conv2d(x, w / w[0, 0].size, b, s, p)


@_known("channels")
def averaged_over_everything(x, w, b, s, p):
    return conv2d(x, w / w[0].size, b, s, p)


@_known("window")
def largest_instead_of_sum(x, w, b, s, p):
    return _per_window(x, w, b, s, p, lambda products: products.max(axis=(-3, -2, -1)))


@_known("window")
def only_last_product_kept(x, w, b, s, p):
    return _per_window(x, w, b, s, p, lambda products: products[..., -1, -1, -1])


@_known("window")
def last_kernel_row_only(x, w, b, s, p):
    return _per_window(x, w, b, s, p, lambda products: products[..., -1, -1, :].sum(axis=-1))


@_known("window")
def added_instead_of_multiplied(x, w, b, s, p):
    return conv2d(x, np.ones_like(w), b + w.sum(axis=(1, 2, 3)), s, p)


# Rows and columns


@_known("window")
def rows_and_columns_swapped(x, w, b, s, p):
    return np.swapaxes(conv2d(x, w, b, s, p), -1, -2)


@_known("window")
def input_transposed(x, w, b, s, p):
    return conv2d(np.swapaxes(x, -1, -2), w, b, s, p)


@_known("window")
def map_upside_down(x, w, b, s, p):
    return conv2d(x, w, b, s, p)[..., ::-1, :]


@_known("window")
def no_plus_one(x, w, b, s, p):
    return conv2d(x, w, b, s, p)[..., :-1, :-1]


@_known("window")
def no_plus_one_in_rows(x, w, b, s, p):
    return conv2d(x, w, b, s, p)[..., :-1, :]


@_known("window")
def no_plus_one_in_columns(x, w, b, s, p):
    return conv2d(x, w, b, s, p)[..., :-1]


@_known("window")
def last_row_never_filled(x, w, b, s, p):
    result = conv2d(x, w, b, s, p)
    result[..., -1, :] = 0
    return result


@_known("window")
def last_column_never_filled(x, w, b, s, p):
    result = conv2d(x, w, b, s, p)
    result[..., -1] = 0
    return result


@_known("window")
def last_row_and_column_never_filled(x, w, b, s, p):
    result = conv2d(x, w, b, s, p)
    result[..., -1, :] = result[..., -1] = 0
    return result


@_known("window")
def rest_left_zero(x, w, b, s, p):
    """An output as large as the input, filled where windows fit."""
    result = conv2d(x, w, b, s, p)
    whole = np.zeros((*result.shape[:2], *x.shape[2:]))
    whole[..., : result.shape[2], : result.shape[3]] = result
    return whole


@_known("window")
def height_for_width(x, w, b, s, p):
    """Squares everywhere: the width of input and kernel are taken to be their heights."""
    side = output_size(x.shape[2], w.shape[2], s, p)
    return _by_window(x, w, b, s, p, lambda window, o: (window * w[o]).sum(), (side, side), (w.shape[2],) * 2)


@_also("height_for_width")
def _height_for_output_width(x, w, b, s, p):
    side = output_size(x.shape[2], w.shape[2], s, p)
    return _by_window(x, w, b, s, p, lambda window, o: (window * w[o]).sum(), (side, side))


@_also("height_for_width")
def _kernel_height_for_output_width(x, w, b, s, p):
    sides = [output_size(side, w.shape[2], s, p) for side in x.shape[2:]]
    return _by_window(x, w, b, s, p, lambda window, o: (window * w[o]).sum(), sides)


@_known("window")
def width_for_height(x, w, b, s, p):
    """Squares everywhere: the height of input and kernel are taken to be their widths."""
    side = output_size(x.shape[3], w.shape[3], s, p)
    return _by_window(x, w, b, s, p, lambda window, o: (window * w[o]).sum(), (side, side), (w.shape[3],) * 2)


@_also("width_for_height")
def _width_for_output_height(x, w, b, s, p):
    side = output_size(x.shape[3], w.shape[3], s, p)
    return _by_window(x, w, b, s, p, lambda window, o: (window * w[o]).sum(), (side, side))


@_also("width_for_height")
def _kernel_width_for_output_height(x, w, b, s, p):
    sides = [output_size(side, w.shape[3], s, p) for side in x.shape[2:]]
    return _by_window(x, w, b, s, p, lambda window, o: (window * w[o]).sum(), sides)


@_known("window")
def only_first_row_filled(x, w, b, s, p):
    result = conv2d(x, w, b, s, p)
    result[..., 1:, :] = 0
    return result


@_known("window")
def only_first_cell_filled(x, w, b, s, p):
    result = conv2d(x, w, b, s, p)
    first = result[..., :1, :1].copy()
    result[...] = 0
    result[..., :1, :1] = first
    return result


@_known("window")
def one_long_list(x, w, b, s, p):
    return conv2d(x, w, b, s, p).ravel()


@_known("window")
def windows_side_by_side(x, w, b, s, p):
    kernel = w.shape[2:]
    return conv2d(x, w, b, kernel, p)


# Channels and filters


@_known("channels")
def channels_not_summed(x, w, b, s, p):
    filters, channels = w.shape[:2]
    maps = [
        conv2d(x[:, c : c + 1], w[o : o + 1, c : c + 1], b[o : o + 1], s, p)
        for o in range(filters)
        for c in range(channels)
    ]
    return np.concatenate(maps, axis=1)


@_also("channels_not_summed")
def _an_axis_of_channels(x, w, b, s, p):
    maps = channels_not_summed(x, w, b, s, p)
    return maps.reshape(len(x), *w.shape[:2], *maps.shape[2:])


@_known("channels")
def channels_averaged(x, w, b, s, p):
    return conv2d(x, w / w.shape[1], b, s, p)


@_known("channels")
def first_channel_only(x, w, b, s, p):
    return conv2d(x[:, :1], w[:, :1], b, s, p)


@_known("channels")
def last_channel_only(x, w, b, s, p):
    return conv2d(x[:, -1:], w[:, -1:], b, s, p)


@_known("channels")
def last_channel_left_out(x, w, b, s, p):
    w = w.copy()
    w[:, -1] = 0
    return conv2d(x, w, b, s, p)


@_known("channels")
def one_kernel_for_all_channels(x, w, b, s, p):
    return conv2d(x, np.repeat(w[:, :1], w.shape[1], axis=1), b, s, p)


@_known("channels")
def one_channel_for_all_kernels(x, w, b, s, p):
    return conv2d(np.repeat(x[:, :1], x.shape[1], axis=1), w, b, s, p)


@_known("channels")
def channels_in_reverse(x, w, b, s, p):
    return conv2d(x[:, ::-1], w, b, s, p)


@_known("filters")
def first_filter_for_all_maps(x, w, b, s, p):
    return conv2d(x, np.repeat(w[:1], len(w), axis=0), b, s, p)


@_known("filters")
def first_filter_only(x, w, b, s, p):
    return conv2d(x, w[:1], b[:1], s, p)


@_known("filters")
def only_last_filter_filled(x, w, b, s, p):
    result = conv2d(x, w, b, s, p)
    result[:, :-1] = 0
    return result


@_known("filters")
def filters_summed(x, w, b, s, p):
    return conv2d(x, w, b, s, p).sum(axis=1, keepdims=True)


@_known("filters")
def last_map_only(x, w, b, s, p):
    return conv2d(x, w, b, s, p)[:, -1]


@_also("filters_summed")
def _filters_summed_without_axis(x, w, b, s, p):
    return conv2d(x, w, b, s, p).sum(axis=1)


@_known("filters")
def filters_added_up(x, w, b, s, p):
    return np.cumsum(conv2d(x, w, b, s, p), axis=1)


@_known("images")
def first_image_for_all(x, w, b, s, p):
    return np.repeat(conv2d(x[:1], w, b, s, p), len(x), axis=0)


@_known("images")
def only_first_image(x, w, b, s, p):
    return conv2d(x[:1], w, b, s, p)


@_known("images")
def batch_and_maps_swapped(x, w, b, s, p):
    return np.swapaxes(conv2d(x, w, b, s, p), 0, 1)


@_known("filters")
def maps_last(x, w, b, s, p):
    return np.moveaxis(conv2d(x, w, b, s, p), 1, -1)


# The bias


@_known("bias")
def bias_forgotten(x, w, b, s, p):
    return conv2d(x, w, None, s, p)


@_known("bias")
def bias_subtracted(x, w, b, s, p):
    return conv2d(x, w, -b, s, p)


@_known("channels")
def bias_per_channel(x, w, b, s, p):
    return conv2d(x, w, b * w.shape[1], s, p)


@_known("bias")
def bias_per_weight(x, w, b, s, p):
    return conv2d(x, w, b * w[0].size, s, p)


@_known("channels")
def bias_per_kernel_cell(x, w, b, s, p):
    return conv2d(x, w, b * w[0, 0].size, s, p)


@_known("biases")
def first_bias_for_all(x, w, b, s, p):
    return conv2d(x, w, np.full_like(b, b[0]), s, p)


@_known("biases")
def biases_summed(x, w, b, s, p):
    return conv2d(x, w, np.full_like(b, b.sum()), s, p)


@_known("bias")
def bias_multiplied(x, w, b, s, p):
    return conv2d(x, w, None, s, p) * b[:, None, None]


@_known("biases")
def bias_along_columns(x, w, b, s, p):
    return conv2d(x, w, None, s, p) + b


@_also("bias_along_columns")
def _bias_added_in_place(x, w, b, s, p):
    result = conv2d(x, w, None, s, p)
    result += b
    return result


@_known("bias")
def bias_cut_off(x, w, b, s, p):
    return conv2d(x, w, np.trunc(b), s, p)


@_also("bias_cut_off")
def _bias_rounded(x, w, b, s, p):
    return conv2d(x, w, np.round(b), s, p)


@_also("bias_cut_off")
def _bias_rounded_down(x, w, b, s, p):
    return conv2d(x, w, np.floor(b), s, p)


@_known("bias")
def negative_sums_cut_off(x, w, b, s, p):
    return np.maximum(conv2d(x, w, None, s, p), 0) + b[:, None, None]


# The stride


@_known("stride")
def stride_ignored(x, w, b, s, p):
    return conv2d(x, w, b, 1, p)


@_known("stride")
def stride_in_rows_only(x, w, b, s, p):
    return conv2d(x, w, b, (s, 1), p)


@_known("stride")
def stride_in_columns_only(x, w, b, s, p):
    return conv2d(x, w, b, (1, s), p)


def _steps(x, w, b, s, p, row_step, column_step):
    """The right number of windows, at other places."""
    height, width = output_size(x.shape[2:], w.shape[2:], s, p)
    return conv2d(x, w, b, (row_step, column_step), p)[..., :height, :width]


@_known("stride")
def stride_not_in_index(x, w, b, s, p):
    return _steps(x, w, b, s, p, 1, 1)


@_known("stride")
def stride_not_in_row_index(x, w, b, s, p):
    return _steps(x, w, b, s, p, 1, s)


@_known("stride")
def stride_not_in_column_index(x, w, b, s, p):
    return _steps(x, w, b, s, p, s, 1)


@_known("stride")
def stride_as_dilation(x, w, b, s, p):
    return conv2d(x, w, b, 1, p, dilation=s)


@_known("stride")
def stride_plus_one(x, w, b, s, p):
    return conv2d(x, w, b, s + 1, p)


@_known("stride")
def stride_divides_input(x, w, b, s, p):
    """H // S rows and W // S columns; a `ValueError` where one of them has no whole window."""
    sides = [(side + 2 * p) // s for side in x.shape[2:]]
    return _by_window(x, w, b, s, p, lambda window, o: (window * w[o]).sum(), sides)


@_also("stride_divides_input")
def _stride_divides_input_without_padding(x, w, b, s, p):
    return _by_window(x, w, b, s, p, lambda window, o: (window * w[o]).sum(), [side // s for side in x.shape[2:]])


@_known("stride")
def plus_one_before_dividing(x, w, b, s, p):
    """(I − K + 1) // S in place of (I − K) // S + 1."""
    sides = [(side + 2 * p - k + 1) // s for side, k in zip(x.shape[2:], w.shape[2:], strict=True)]
    return _by_window(x, w, b, s, p, lambda window, o: (window * w[o]).sum(), sides)


@_known("stride")
def stride_before_windows(x, w, b, s, p):
    return conv2d(np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))[..., ::s, ::s], w, b)


# The padding


def _padded(x, w, b, s, top, bottom, left, right, **how):
    return conv2d(np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), **how), w, b, s)


@_known("padding")
def padding_ignored(x, w, b, s, p):
    return conv2d(x, w, b, s)


@_known("padding")
def padding_at_top_left_only(x, w, b, s, p):
    return _padded(x, w, b, s, p, 0, p, 0)


@_known("padding")
def padding_at_bottom_right_only(x, w, b, s, p):
    return _padded(x, w, b, s, 0, p, 0, p)


@_known("padding")
def padding_above_and_below_only(x, w, b, s, p):
    return _padded(x, w, b, s, p, p, 0, 0)


@_known("padding")
def padding_left_and_right_only(x, w, b, s, p):
    return _padded(x, w, b, s, 0, 0, p, p)


@_known("padding")
def padding_twice(x, w, b, s, p):
    return conv2d(x, w, b, s, 2 * p)


@_known("padding")
def padding_always_one(x, w, b, s, p):
    return conv2d(x, w, b, s, 1)


@_known("padding")
def padding_at_most_one(x, w, b, s, p):
    return conv2d(x, w, b, s, min(p, 1))


@_known("padding")
def padding_of_ones(x, w, b, s, p):
    return _padded(x, w, b, s, p, p, p, p, constant_values=1)


@_known("padding")
def padding_repeats_edge(x, w, b, s, p):
    return _padded(x, w, b, s, p, p, p, p, mode="edge")


@_known("padding")
def padding_mirrors(x, w, b, s, p):
    return _padded(x, w, b, s, p, p, p, p, mode="reflect")


@_known("padding")
def padding_wraps_around(x, w, b, s, p):
    return _padded(x, w, b, s, p, p, p, p, mode="wrap")


@_known("padding")
def output_padded(x, w, b, s, p):
    return np.pad(conv2d(x, w, b, s), ((0, 0), (0, 0), (p, p), (p, p)))


@_known("padding")
def image_shifted_in_padding(x, w, b, s, p):
    return _padded(x, w, b, s, 0, 2 * p, 0, 2 * p)


@_known("padding")
def image_shifted_up_left_in_padding(x, w, b, s, p):
    return _padded(x, w, b, s, 2 * p, 0, 2 * p, 0)


# Something more, or something lost


@_known("window")
def relu_added(x, w, b, s, p):
    return np.maximum(conv2d(x, w, b, s, p), 0)


@_known("window")
def fractions_cut_off(x, w, b, s, p):
    return np.trunc(conv2d(x, w, b, s, p))


@_known("window")
def results_rounded(x, w, b, s, p):
    return np.round(conv2d(x, w, b, s, p))


@_also("results_rounded")
def _results_rounded_down(x, w, b, s, p):
    return np.floor(conv2d(x, w, b, s, p))


@_also("results_rounded")
def _results_to_one_place(x, w, b, s, p):
    return np.round(conv2d(x, w, b, s, p), 1)


@_also("results_rounded")
def _results_to_two_places(x, w, b, s, p):
    return np.round(conv2d(x, w, b, s, p), 2)


def _by_window(x, w, b, s, p, value, sizes=None, kernel=None):
    """Two loops over windows that are cut as learners cut them: at the edge they may come out too small.

    ``value`` makes a number of a window (C, KH, KW) and the number of its filter.
    """
    height, width = sizes or output_size(x.shape[2:], w.shape[2:], s, p)
    rows, columns = kernel or w.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    result = np.zeros((len(x), len(w), height, width))
    for n, o, i, j in np.ndindex(result.shape):
        window = padded[n, :, i * s : i * s + rows, j * s : j * s + columns]
        result[n, o, i, j] = value(window, o) + b[o]
    return result


def _per_window(x, w, b, s, p, reduce):
    """A value of each window from its products, (…, C, KH, KW), where the sum should stand."""
    height, width = output_size(x.shape[2:], w.shape[2:], s, p)
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    result = np.empty((len(x), len(w), height, width))
    for row, column in np.ndindex(height, width):
        top, left = row * s, column * s
        windows = padded[:, None, :, top : top + w.shape[2], left : left + w.shape[3]]
        result[:, :, row, column] = reduce(windows * w) + b
    return result
