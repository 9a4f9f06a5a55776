"""How learners go wrong, as computations on the numbers of a question: sizes, parameters, receptive fields, values.

A function here stands for one mistake and is known by its name in ``lessons/mistakes.toml``. It takes what it needs by keyword
and ignores the other numbers of the question; None means that the mistake gives nothing on these numbers.
"""

import math
from fractions import Fraction

import numpy as np

from lessonlib.geometry import output_size
from lessonlib.layers.conv import conv2d, flip


def some(*functions):
    """Return functions as a table by their names, for ``mistakes=`` of a question.

    Examples
    --------
    >>> list(some(no_plus_one, padding_once))
    ['no_plus_one', 'padding_once']
    """
    return {function.__name__: function for function in functions}


# One side of the output: input n, kernel k, padding p, stride s, dilation d.


def no_plus_one(n, k, p=0, s=1, d=1, **_):
    return (n + 2 * p - d * (k - 1) - 1) // s


def padding_once(n, k, p=0, s=1, d=1, **_):
    return (n + p - d * (k - 1) - 1) // s + 1


def padding_ignored(n, k, p=0, s=1, d=1, **_):
    return (n - d * (k - 1) - 1) // s + 1 if n > d * (k - 1) else None


def padding_subtracted(n, k, p=0, s=1, d=1, **_):
    return (n - 2 * p - d * (k - 1) - 1) // s + 1 if n - 2 * p > d * (k - 1) else None


def padding_after_stride(n, k, p=0, s=1, **_):
    return (n - k) // s + 1 + 2 * p


def no_floor(n, k, p=0, s=1, d=1, **_):
    return float(Fraction(n + 2 * p - d * (k - 1) - 1, s) + 1)


def rounded_up(n, k, p=0, s=1, d=1, **_):
    return math.ceil(Fraction(n + 2 * p - d * (k - 1) - 1, s)) + 1


def precedence(n, k, p=0, s=1, **_):
    return float(n - k + Fraction(2 * p, s) + 1)


def size_stays(n, **_):
    return n


def kernel_not_subtracted(n, k, p=0, s=1, **_):
    return (n + 2 * p) // s if p else None


def kernel_left_in(n, k, p=0, s=1, **_):
    return (n + 2 * p) // s + 1


def kernel_less_one(n, k, p=0, s=1, d=1, **_):
    return (n + 2 * p - d * (k - 1)) // s + 1


def kernel_added(n, k, p=0, s=1, d=1, **_):
    return (n + 2 * p + d * (k - 1) + 1) // s + 1


def kernel_alone_divided(n, k, p=0, s=1, **_):
    return n + 2 * p - k // s + 1


def stride_divides_input(n, k, p=0, s=1, **_):
    return n // s


def stride_ignored(n, k, p=0, s=1, d=1, **_):
    return n + 2 * p - d * (k - 1)


def one_side_as_area(n, k, p=0, s=1, d=1, **_):
    return ((n + 2 * p - d * (k - 1) - 1) // s + 1) ** 2


def dilation_ignored(n, k, p=0, s=1, **_):
    return (n + 2 * p - k) // s + 1


def dilation_times_kernel(n, k, p=0, s=1, d=1, **_):
    return (n + 2 * p - d * k) // s + 1


def dilation_added(n, k, p=0, s=1, d=1, **_):
    return (n + 2 * p - (k + d)) // s + 1


def dilation_as_gap(n, k, p=0, s=1, d=1, **_):
    return (n + 2 * p - (d + 1) * (k - 1) - 1) // s + 1 if n + 2 * p > (d + 1) * (k - 1) else None


def dilation_less_one(n, k, p=0, s=1, d=1, **_):
    return (n + 2 * p - (d - 1) * (k - 1) - 1) // s + 1


# The number of parameters: c channels, o filters, kernel k × k, input n × n.


def bias_not_counted(c, o, k, **_):
    return o * c * k * k


def input_channels_not_counted(c, o, k, **_):
    return o * k * k + o


def channels_and_bias_not_counted(c, o, k, **_):
    return o * k * k


def kernel_side_not_squared(c, o, k, **_):
    return o * c * k + o


def one_filter_counted(c, o, k, **_):
    return c * k * k + 1


def one_bias_counted(c, o, k, **_):
    return o * c * k * k + 1


def bias_per_input_channel_counted(c, o, k, **_):
    return o * c * k * k + c


def bias_per_kernel_counted(c, o, k, **_):
    return o * (c * k * k + c)


def bias_per_pixel_counted(c, o, k, n, p=0, **_):
    return o * c * k * k + o * (n + 2 * p - k + 1) ** 2


def weights_not_shared(c, o, k, n, p=0, **_):
    return (o * c * k * k + o) * (n + 2 * p - k + 1) ** 2


def bias_per_weight_counted(c, o, k, **_):
    return 2 * o * c * k * k


def image_as_kernel(c, o, k, n, **_):
    return o * c * n * n + o


# The receptive field of a stack: layers of (kernel, stride).


def first_kernel_only(layers, **_):
    return layers[0][0]


def field_without_first_cell(layers, **_):
    return _field(layers) - 1


def field_with_whole_kernels(layers, **_):
    return _field([(kernel + 1, stride) for kernel, stride in layers])


def field_from_the_wrong_end(layers, **_):
    return _field(layers[::-1])


def _field(layers):
    size, jump = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * jump
        jump *= stride
    return size


def last_kernel_only(layers, **_):
    return layers[-1][0]


def sum_of_kernels(layers, **_):
    return sum(kernel for kernel, _ in layers)


def field_without_strides(layers, **_):
    return 1 + sum(kernel - 1 for kernel, _ in layers)


def only_previous_stride(layers, **_):
    return 1 + sum((kernel - 1) * stride for (kernel, _), (_, stride) in zip(layers, [(1, 1), *layers], strict=False))


def own_stride_counted(layers, **_):
    size, jump = 1, 1
    for kernel, stride in layers:
        jump *= stride
        size += (kernel - 1) * jump
    return size


def product_of_kernels(layers, **_):
    return math.prod(kernel for kernel, _ in layers)


# The value of one window: x and w have the same shape, (k, k) or (channels, k, k); bias b.


def _planes(x, w):
    """x and w as (channels, height, width)."""
    x, w = np.asarray(x, float), np.asarray(w, float)
    return (x, w) if x.ndim == 3 else (x[None], w[None])


def value(x, w, b=0, **_):
    """The right one: products summed over all planes, then the bias."""
    return float(np.sum(np.asarray(x, float) * np.asarray(w, float))) + b


def kernel_flipped(x, w, b=0, **_):
    return value(x, np.asarray(w)[..., ::-1, ::-1], b)


def kernel_transposed(x, w, b=0, **_):
    return value(x, np.swapaxes(w, -1, -2), b)


def matrix_product(x, w, b=0, **_):
    return float(np.sum(np.matmul(*_planes(x, w)))) + b


def bias_forgotten(x, w, b=0, **_):
    return value(x, w) if b else None


def window_only(x, w, b=0, **_):
    return float(np.sum(x)) + b


def averaged_over_window(x, w, b=0, **_):
    return value(x, w) / np.asarray(x).size + b


def kernel_flipped_up_down(x, w, b=0, **_):
    return value(x, np.asarray(w)[..., ::-1, :], b)


def kernel_flipped_left_right(x, w, b=0, **_):
    return value(x, np.asarray(w)[..., ::-1], b)


def bias_subtracted(x, w, b=0, **_):
    return value(x, w, -b) if b else None


def added_instead_of_multiplied(x, w, b=0, **_):
    return float(np.sum(x) + np.sum(w)) + b


def largest_instead_of_sum(x, w, b=0, **_):
    return float(np.max(np.asarray(x, float) * np.asarray(w, float))) + b


def last_kernel_row_only(x, w, b=0, **_):
    return float((np.asarray(x, float) * np.asarray(w, float))[..., -1, :].sum()) + b


def channels_in_reverse(x, w, b=0, **_):
    return value(x, w[::-1], b)


def first_channel_only(x, w, b=0, **_):
    return value(x[0], w[0], b)


def last_channel_only(x, w, b=0, **_):
    return value(x[-1], w[-1], b)


def channels_averaged(x, w, b=0, **_):
    return value(x, w) / len(x) + b


def one_kernel_for_all_channels(x, w, b=0, **_):
    return value(x, [w[0]] * len(x), b)


def channels_multiplied_together(x, w, b=0, **_):
    return float(np.prod([value(*planes) for planes in zip(x, w, strict=True)])) + b


def bias_per_channel(x, w, b=0, **_):
    return value(x, w, b * len(x))


def bias_per_weight(x, w, b=0, **_):
    return value(x, w, b * np.asarray(w).size)


# Activation: the same window, then ReLU.


def relu_on_products(x, w, b=0, **_):
    return float(np.maximum(np.asarray(x, float) * np.asarray(w, float), 0).sum()) + b


def relu_on_channels(x, w, b=0, **_):
    return sum(max(value(*planes), 0) for planes in zip(x, w, strict=True)) + b


def relu_before_bias(x, w, b=0, **_):
    return max(value(x, w), 0) + b


def relu_on_input(x, w, b=0, **_):
    return value(np.maximum(x, 0), w, b)


def relu_left_out(x, w, b=0, **_):
    return value(x, w, b)


def relu_as_absolute_value(x, w, b=0, **_):
    return abs(value(x, w, b))


# A whole feature map of one channel: image x, kernel w.


def feature_map(x, w, s=1, p=0, **_):
    """The right one, as lists."""
    return conv2d([x], [[w]], stride=s, padding=p)[0].tolist()


def map_of_flipped_kernel(x, w, **_):
    return feature_map(x, flip(w).tolist())


def map_of_transposed_kernel(x, w, **_):
    return feature_map(x, np.transpose(w).tolist())


def map_of_windows_side_by_side(x, w, **_):
    return feature_map(x, w, s=len(w))


def map_with_padding(x, w, **_):
    return feature_map(x, w, p=1)


def map_of_matrix_products(x, w, **_):
    side = len(w)
    if side != len(w[0]):
        return None
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(x, float), (side, side))
    return (windows @ np.asarray(w, float)).sum((-1, -2)).tolist()


def map_of_means(x, w, **_):
    return (np.asarray(feature_map(x, w)) / np.size(w)).tolist()


def map_transposed(x, w, **_):
    return np.transpose(feature_map(x, w)).tolist()


# Padding: the top left value of a map with padding 1 and a kernel of ones; image x.


def padded_corner(x, **_):
    """The right one."""
    return _corner(x, constant_values=0)


def padding_of_ones(x, **_):
    return _corner(x, constant_values=1)


def padding_repeats_edge(x, **_):
    return _corner(x, mode="edge")


def padding_mirrors(x, **_):
    return _corner(x, mode="reflect")


def padding_wraps_around(x, **_):
    return _corner(x, mode="wrap")


def padding_left_out(x, **_):
    return float(np.sum(np.asarray(x)[:3, :3]))


def output_padded(x, **_):
    return 0


def padding_above_and_below_only(x, **_):
    return float(np.sum(np.asarray(x)[:2, :3]))


def padding_left_and_right_only(x, **_):
    return float(np.sum(np.asarray(x)[:3, :2]))


def corner_cell_alone(x, **_):
    return float(x[0][0])


def divided_by_cells_inside(x, **_):
    return padded_corner(x) / 4


def divided_by_kernel_cells(x, **_):
    return padded_corner(x) / 9


def _corner(x, **how):
    return float(np.pad(np.asarray(x, float), 1, **how)[:3, :3].sum())


# Positions: a row x of numbers, a kernel of k ones, stride s.


def strided_sums(x, k, s, **_):
    """The right one."""
    return [sum(x[i : i + k]) for i in range(0, len(x) - k + 1, s)]


def stride_not_in_index(x, k, s, **_):
    return strided_sums(x, k, 1)[: len(strided_sums(x, k, s))]


def stride_as_dilation(x, k, s, **_):
    return [sum(x[i : i + s * k : s]) for i in range(len(x) - s * (k - 1))]


def stride_plus_one(x, k, s, **_):
    return strided_sums(x, k, s + 1)


def stride_before_windows(x, k, s, **_):
    return strided_sums(x[::s], k, 1)


def windows_side_by_side_in_row(x, k, s, **_):
    return strided_sums(x, k, k)


def averaged_windows(x, k, s, **_):
    return [one / k for one in strided_sums(x, k, s)]


def stride_ignored_in_row(x, k, s, **_):
    return strided_sums(x, k, 1)


# Shapes: batch n, channels c, image (h, w), filters o, kernel (kh, kw), padding p, stride s, groups g.


def output_shape(n, c, h, w, o, kh, kw, p=0, s=1, **_):
    """The right one."""
    return (n, o, *output_size((h, w), (kh, kw), s, p))


def height_width_swapped(n, c, h, w, o, kh, kw, p=0, s=1, **_):
    return (n, o, *output_size((h, w), (kw, kh), s, p)) if kh != kw else (n, o, *output_size((w, h), kh, s, p))


def channels_stay(n, c, h, w, o, kh, kw, p=0, s=1, **_):
    return output_shape(n, c, h, w, c, kh, kw, p, s)


def channels_times_filters(n, c, h, w, o, kh, kw, p=0, s=1, **_):
    return output_shape(n, c, h, w, c * o, kh, kw, p, s) if o > 1 < c else None


def channels_last(n, c, h, w, o, kh, kw, p=0, s=1, **_):
    _, _, *size = output_shape(n, c, h, w, o, kh, kw, p, s)
    return (n, *size, o)


def batch_forgotten(n, c, h, w, o, kh, kw, p=0, s=1, **_):
    return output_shape(n, c, h, w, o, kh, kw, p, s)[1:] if n != o else None


def weight_as_output(n, c, h, w, o, kh, kw, **_):
    return (o, c, kh, kw)


def no_plus_one_in_shape(n, c, h, w, o, kh, kw, p=0, s=1, **_):
    return (n, o, (h + 2 * p - kh) // s, (w + 2 * p - kw) // s)


def size_stays_in_shape(n, c, h, w, o, **_):
    return (n, o, h, w)


def kernel_height_for_both(n, c, h, w, o, kh, kw, **_):
    return (n, o, h - kh + 1, w - kh + 1) if kh != kw else None


def output_sides_swapped(n, c, h, w, o, kh, kw, p=0, s=1, **_):
    n, o, height, width = output_shape(n, c, h, w, o, kh, kw, p, s)
    return (n, o, width, height) if height != width else None


def one_too_many_in_shape(n, c, h, w, o, kh, kw, p=0, s=1, **_):
    n, o, height, width = output_shape(n, c, h, w, o, kh, kw, p, s)
    return (n, o, height + 1, width + 1)


def maps_forgotten(n, c, h, w, o, kh, kw, p=0, s=1, **_):
    n, _, height, width = output_shape(n, c, h, w, o, kh, kw, p, s)
    return (n, height, width) if n != o else None


def axis_of_one_missing(n, c, h, w, o, kh, kw, p=0, s=1, **_):
    return output_shape(n, c, h, w, o, kh, kw, p, s)[1:] if n == o else None


def weight_shape(c, o, kh, kw, g=1, **_):
    """The right one."""
    return (o, c // g, kh, kw)


def filter_is_flat(c, o, kh, kw, **_):
    return (kh, kw)


def weight_without_input_channels(c, o, kh, kw, **_):
    return (o, kh, kw)


def weight_in_out_swapped(c, o, kh, kw, g=1, **_):
    return (c // g, o, kh, kw)


def weight_channels_last(c, o, kh, kw, g=1, **_):
    return (kh, kw, c // g, o)


def kernel_sides_swapped(c, o, kh, kw, g=1, **_):
    return (o, c // g, kw, kh)


def filter_channels_last(c, o, kh, kw, g=1, **_):
    return (o, kh, kw, c // g)


def filters_last(c, o, kh, kw, g=1, **_):
    return (c // g, kh, kw, o)


def one_filter_as_weight(c, o, kh, kw, g=1, **_):
    return (c // g, kh, kw)


def groups_ignored(c, o, kh, kw, g, **_):
    return (o, c, kh, kw)


def groups_split_output(c, o, kh, kw, g, **_):
    return (o // g, c, kh, kw)


def groups_split_both(c, o, kh, kw, g, **_):
    return (o // g, c // g, kh, kw)


def groups_as_axis(c, o, kh, kw, g, **_):
    return (g, o // g, c // g, kh, kw)


def groups_multiplied(c, o, kh, kw, g, **_):
    return (o, c * g, kh, kw)
