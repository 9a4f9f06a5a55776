"""Known wrong convolutions: each is a conv2d with exactly one misconception in it.

All take (input, weight, bias, stride, padding) with input (N, C, H, W) and weight (O, C, KH, KW) and return what a learner with that
misconception would return. `KNOWN` holds them by the names under which ``words/misconceptions.toml`` explains them.
"""

import numpy as np

from lessonlib.geometry import output_size
from lessonlib.layers.conv import conv2d, flip

KNOWN = {}


def _known(subject):
    """Enter a function into `KNOWN`, and what a question must be about for this mistake to be made in it."""

    def enter(function):
        function.subject = subject
        KNOWN[function.__name__] = function
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
    return conv2d(x[:, :-1], w[:, :-1], b, s, p)


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
