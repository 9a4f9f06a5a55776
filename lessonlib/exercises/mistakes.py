"""How learners go wrong, as computations on the numbers of a question: sizes, parameters, receptive fields, values.

A function here stands for one misconception and is known by its name in ``words/misconceptions.toml``. It takes what it needs by keyword
and ignores the other numbers of the question; None means that the mistake gives nothing on these numbers.
"""

import math
from fractions import Fraction

import numpy as np

from lessonlib.conv import conv2d, flip


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


def padding_subtracted(n, k, p=0, s=1, **_):
    return (n - 2 * p - k) // s + 1


def padding_after_stride(n, k, p=0, s=1, **_):
    return (n - k) // s + 1 + 2 * p


def no_floor(n, k, p=0, s=1, d=1, **_):
    return float(Fraction(n + 2 * p - d * (k - 1) - 1, s) + 1)


def rounded_up(n, k, p=0, s=1, d=1, **_):
    return math.ceil(Fraction(n + 2 * p - d * (k - 1) - 1, s)) + 1


def plus_one_before_dividing(n, k, p=0, s=1, **_):
    return (n + 2 * p - k + 1) // s


def precedence(n, k, p=0, s=1, **_):
    return float(n - k + Fraction(2 * p, s) + 1)


def size_stays(n, **_):
    return n


def kernel_not_subtracted(n, k, p=0, s=1, **_):
    return (n + 2 * p) // s if p else None


def kernel_added(n, k, p=0, s=1, **_):
    return (n + 2 * p + k) // s + 1


def stride_ignored(n, k, p=0, s=1, d=1, **_):
    return n + 2 * p - d * (k - 1)


def stride_divides_input(n, s=1, **_):
    return n // s


def one_side_as_area(n, k, p=0, s=1, d=1, **_):
    return ((n + 2 * p - d * (k - 1) - 1) // s + 1) ** 2


def dilation_ignored(n, k, p=0, s=1, **_):
    return (n + 2 * p - k) // s + 1


def dilation_times_kernel(n, k, p=0, s=1, d=1, **_):
    return (n + 2 * p - d * k) // s + 1


def dilation_added(n, k, p=0, s=1, d=1, **_):
    return (n + 2 * p - (k + d)) // s + 1


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


# The receptive field of a stack: layers of (kernel, stride).


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


def map_transposed(x, w, **_):
    return np.transpose(feature_map(x, w)).tolist()
