"""Slips that come together: what two mistakes at once answer, so that none is named where others give the same number.

A question is handed one of these functions as ``doubts=``. Each yields (names, value): the mistakes in one way to go wrong, by
their names in ``mistakes.py``, and what it answers. A name that a question does not know is a single slip without words of its
own; numbers are drawn so that it cannot be taken for one that has them.
"""

from fractions import Fraction
from itertools import permutations, product
from math import ceil, floor

import numpy as np

from lessonlib.lessons import mistakes as m

MOST = 2
# Slips along one side that hardly come with another.
_RARE = {
    "kernel_less_one",
    "padding_subtracted",
    "padding_after_stride",
    "kernel_added",
    "kernel_left_in",
    "precedence",
    "kernel_alone_divided",
    "dilation_added",
    "dilation_as_gap",
    "dilation_less_one",
}


def together(parts, value, rare=(), most=MOST):
    """Yield (names, value) of every slip, and of those not in ``rare`` every combination of up to ``most``, one of a part.

    Parameters
    ----------
    parts : list of dict
        Each maps None to what is right and the names of slips to what they put in its place.
    value : callable
        Takes one choice of each part and returns the answer, or None.

    Examples
    --------
    >>> [(sorted(names), value) for names, value in together([{None: 2, "doubled": 4}, {None: 1, "left_out": 0}], int.__add__)]
    [(['left_out'], 2), (['doubled'], 5), (['doubled', 'left_out'], 4)]
    """
    for chosen in product(*parts):
        names = frozenset(name for name in chosen if name)
        if len(names) == 1 or (1 < len(names) <= most and names.isdisjoint(rare)):
            answer = value(*(part[name] for part, name in zip(parts, chosen, strict=True)))
            if answer is not None:
                yield names, answer


def others(before=None, right=None, but=(), **answers):
    """Return a function for ``doubts=``: the ways of another one, slips of arithmetic, and ways that have no name here.

    Parameters
    ----------
    before : callable, optional
        Ways to go wrong that come first.
    right : callable, optional
        The right answer, a number: it missed by one or two is a way to go wrong too.
    but : tuple of str
        Mistakes that are off by one or two by their nature; for these, that is no doubt.
    **answers : callable
        What each other way answers, from the question's numbers by keyword; None where it answers nothing.

    Examples
    --------
    >>> [value for _, value in others(right=lambda n: 2 * n, squared=lambda n: n * n)(n=3)]
    [4, 5, 7, 8, 9]
    """

    def ways(**numbers):
        yield from before(**numbers) if before else ()
        yield from near(right(**numbers), *but) if right else ()
        for name, answer in answers.items():
            if (value := answer(**numbers)) is not None:
                yield frozenset({"other", name}), value

    return ways


def near(value, *but):
    """Yield a number missed by one or two, as a slip of arithmetic; ``but`` are mistakes that are no more than that."""
    for apart in (-2, -1, 1, 2):
        yield frozenset({"arithmetic", "small", *but}), value + apart


def side(n, k, p=0, s=1, d=1, **_):
    """Ways to get one side of the output wrong.

    Examples
    --------
    >>> dict(side(12, 7, 2))[frozenset({"padding_once", "no_plus_one"})]
    7
    """
    span = d * (k - 1) + 1
    paddings = {None: (2 * p, 0)}
    if p:
        paddings |= {"padding_once": (p, 0), "padding_ignored": (0, 0), "padding_subtracted": (-2 * p, 0)}
    spans = {None: span, "kernel_less_one": span - 1, "kernel_added": -span, "kernel_left_in": 0}
    if d > 1:
        spans |= {"dilation_ignored": k, "dilation_times_kernel": d * k, "dilation_added": k + d}
        spans |= {"dilation_as_gap": (d + 1) * (k - 1) + 1, "dilation_less_one": (d - 1) * (k - 1) + 1}
    divisions = {None: lambda room: floor(Fraction(room, s))}
    if s > 1:
        divisions |= {
            "rounded_up": lambda room: ceil(Fraction(room, s)),
            "stride_ignored": lambda room: room,
            "precedence": lambda room: Fraction(room - 2 * p) + Fraction(2 * p, s),
            "kernel_alone_divided": lambda room: n + 2 * p - span // s,
        }
        if p:
            paddings["padding_after_stride"] = (0, 2 * p)
    ends = {None: 1, "no_plus_one": 0}

    def answer(padding, span, divide, end):
        room = n + padding[0] - span
        value = divide(room) + padding[1] + end
        return (int(value) if value == int(value) else float(value)) if room >= 0 else None

    yield from together([paddings, spans, divisions, ends], answer, rare=_RARE)
    yield frozenset({"other", "kernel_alone"}), k
    if s > 1:
        yield frozenset({"stride_divides_input"}), n // s
        # Too near to others to be told from them; where it is, neither is named for certain.
        yield frozenset({"stride_plus_one_in_size", "stride_misread"}), (n + 2 * p - span) // (s + 1) + 1
        yield frozenset({"other", "one_too_many"}), (n + 2 * p - span) // s + 2
        yield frozenset({"other", "input_divided_first"}), (n + 2 * p) // s - span // s + 1
        yield frozenset({"other", "input_alone_divided"}), n // s + 2 * p - span + 1
    if p:
        yield frozenset({"other", "padding_four_times"}), (n + 4 * p - span) // s + 1
        yield frozenset({"other", "padding_as_stride"}), (n + 2 * s - span) // p + 1


def parameters(c, o, k, n=None, p=0, **_):
    """Ways to count the parameters of one layer wrong."""
    places = (n + 2 * p - k + 1) ** 2 if n else 1
    filters = {None: o, "one_filter_counted": 1}
    channels = {None: c, "input_channels_not_counted": 1}
    kernels = {None: k * k, "kernel_side_not_squared": k, "kernel_sides_added": 2 * k}
    biases = {
        None: lambda filters, channels, kernel: filters,
        "bias_not_counted": lambda filters, channels, kernel: 0,
        "one_bias_counted": lambda filters, channels, kernel: 1,
        "bias_per_input_channel_counted": lambda filters, channels, kernel: c,
        "bias_per_kernel_counted": lambda filters, channels, kernel: filters * c,
        "bias_per_weight_counted": lambda filters, channels, kernel: filters * channels * kernel,
    }
    shared = {None: lambda weights, biases: weights + biases}
    if n:
        shared["weights_not_shared"] = lambda weights, biases: (weights + biases) * places
        shared["bias_per_pixel_counted"] = lambda weights, biases: weights + biases * places

    def answer(filters, channels, kernel, bias, share):
        return share(filters * channels * kernel, bias(filters, channels, kernel))

    rare = {"kernel_sides_added", "bias_per_weight_counted", "bias_per_pixel_counted", "weights_not_shared"}
    yield from together([filters, channels, kernels, biases, shared], answer, rare=rare)


def window(x, w, b=0, **_):
    """Ways to get the sum of one window wrong: x and w are (k, k) or (channels, k, k)."""
    yield from _sums(x, w, b)
    yield from _arithmetic(x, w, b)


def rectified(x, w, b=0, **_):
    """Ways to get the sum of one window wrong, each with a ReLU after it; those that the ReLU hides are left out."""
    right = max(_plain_sum(x, w) + b, 0)
    for names, value in _sums(x, w, b):
        if max(value, 0) != right:
            yield names, max(value, 0)


def _arithmetic(x, w, b):
    """The sum missed by a little, and with one product left out or added twice."""
    right, products = _plain_sum(x, w) + b, (np.asarray(x, float) * np.asarray(w, float)).ravel()
    yield from near(right)
    if np.ndim(x) == 3:
        yield frozenset({"channels_averaged", "bias_averaged"}), right / len(x)
    for one in products:
        for value in (right - one, right + one):
            yield frozenset({"product", "forgotten_or_doubled"}), value
    # The first number of a matrix product is one row times one column.
    planes = (np.asarray(one, float).reshape(-1, *np.shape(one)[-2:]) for one in (x, w))
    yield (
        frozenset({"matrix_product", "first_number_alone"}),
        float(sum((a @ c)[0, 0] for a, c in zip(*planes, strict=True))) + b,
    )


def _plain_sum(x, w):
    return float((np.asarray(x, float) * np.asarray(w, float)).sum())


def _sums(x, w, b):
    x, w = np.asarray(x, float), np.asarray(w, float)
    turned = {
        None: w,
        "kernel_flipped": w[..., ::-1, ::-1],
        "kernel_flipped_up_down": w[..., ::-1, :],
        "kernel_flipped_left_right": w[..., ::-1],
        "kernel_transposed": w.swapaxes(-1, -2),
        "kernel_turned_left": np.rot90(w, 1, (-2, -1)),
        "kernel_turned_right": np.rot90(w, -1, (-2, -1)),
        "kernel_transposed_the_other_way": w[..., ::-1, ::-1].swapaxes(-1, -2),
    }
    if x.ndim == 3:
        turned |= {
            "channels_in_reverse": w[::-1],
            "one_kernel_for_all_channels": np.broadcast_to(w[:1], w.shape),
            "last_kernel_for_all_channels": np.broadcast_to(w[-1:], w.shape),
        }
    size, channels = x.size, len(x) if x.ndim == 3 else 1
    each = lambda w: (x * w).sum((-1, -2))  # noqa: E731  the sum of each channel
    summed = {
        None: _plain_sum,
        "matrix_product": lambda x, w: float((x @ w).sum()),
        "matrix_product_the_other_way": lambda x, w: float((w @ x).sum()),
        "averaged_over_window": lambda x, w: float((x * w).mean()),
        "window_only": lambda x, w: float(x.sum()),
        "kernel_only": lambda x, w: float(w.sum()),
        "added_instead_of_multiplied": lambda x, w: float((x + w).sum()),
        "largest_instead_of_sum": lambda x, w: float((x * w).max()),
        "product_of_sums": lambda x, w: float(x.sum() * w.sum()),
        "first_row_only": lambda x, w: float((x * w)[..., 0, :].sum()),
        "last_kernel_row_only": lambda x, w: float((x * w)[..., -1, :].sum()),
        "last_kernel_column_only": lambda x, w: float((x * w)[..., -1].sum()),
        "diagonal_only": lambda x, w: float(np.trace(x * w, axis1=-2, axis2=-1).sum()),
        "signs_dropped": lambda x, w: float(np.abs(x * w).sum()),
    }
    if channels > 1:
        summed |= {
            "first_channel_only": lambda x, w: float(each(w)[0]),
            "last_channel_only": lambda x, w: float(each(w)[-1]),
            "channels_averaged": lambda x, w: float(each(w).mean()),
            "channels_multiplied_together": lambda x, w: float(each(w).prod()),
            "images_added_first": lambda x, w: float((x.sum(0) * w.sum(0)).sum()),
        }
    added = {None: b}
    if b:
        added |= {"bias_forgotten": 0, "bias_subtracted": -b, "bias_per_weight": b * size}
        added |= {"bias_per_channel": b * channels} if channels > 1 else {}
        added |= {"bias_twice": 2 * b} if channels != 2 else {}
    simple = {
        None,
        "kernel_flipped",
        "kernel_transposed",
        "matrix_product",
        "averaged_over_window",
        "first_channel_only",
    }
    simple |= {
        "last_channel_only",
        "channels_averaged",
        "one_kernel_for_all_channels",
        "bias_forgotten",
        "bias_per_channel",
    }
    rare = {name for part in (turned, summed, added) for name in part} - simple
    yield from together([turned, summed, added], lambda w, sum_, b: sum_(x, w) + b, rare=rare)


def output(n, c, h, w, o, kh, kw, p=0, s=1, **_):
    """Ways to get the shape of the output wrong."""
    right = m.output_shape(n, c, h, w, o, kh, kw, p, s)[2:]
    sizes = {
        None: right,
        "no_plus_one_in_shape": tuple(size - 1 for size in right),
        "one_too_many_in_shape": tuple(size + 1 for size in right),
        "size_stays_in_shape": (h, w),
        "kernel_as_map": (kh, kw),
        "output_sides_swapped": right[::-1],
    }
    if kh != kw:
        sizes |= {
            "height_width_swapped": (h - kw + 1, w - kh + 1),
            "kernel_height_for_both": (h - kh + 1, w - kh + 1),
            "kernel_width_for_both": (h - kw + 1, w - kw + 1),
        }
    batch = {None: (n,), "batch_forgotten": (), "batch_of_one": (1,)} if n > 1 else {None: (n,), "batch_forgotten": ()}
    maps = {None: (o,), "channels_stay": (c,), "maps_forgotten": (), "channels_and_filters_added": (c + o,)}
    maps |= {"channels_times_filters": (c * o,)} if o > 1 < c else {}
    order = {
        None: lambda n, o, size: (*n, *o, *size),
        "channels_last": lambda n, o, size: (*n, *size, *o),
        "batch_and_filters_swapped": lambda n, o, size: (*o, *n, *size),
    }
    yield from together([batch, maps, sizes, order], lambda n, o, size, order: order(n, o, size))
    small = {"arithmetic", "small", "no_plus_one_in_shape", "one_too_many_in_shape"}
    for apart in (-2, -1, 1, 2):
        yield frozenset(small), (n, o, right[0] + apart, right[1])
        yield frozenset(small), (n, o, right[0], right[1] + apart)
    yield frozenset({"weight_as_output"}), (o, c, kh, kw)


def weight(c, o, kh, kw, g=1, **_):
    """Ways to get the shape of the weight wrong: its sizes in another order, and some of them left out."""
    right = {"o": o, "c": c // g, "h": kh, "w": kw}
    named = {
        "cohw": "weight_in_out_swapped",
        "hwco": "weight_channels_last",
        "ocwh": "kernel_sides_swapped",
        "ohwc": "filter_channels_last",
        "chwo": "filters_last",
        "hw": "filter_is_flat",
        "ohw": "weight_without_input_channels",
        "chw": "one_filter_as_weight",
    }
    for length in (2, 3, 4):
        for order in permutations("ochw", length):
            key = "".join(order)
            shape = tuple(right[one] for one in order)
            if shape != tuple(right.values()):
                # With a square kernel the two ways round are the same thing.
                plain = key if key in named or kh != kw else key.translate(str.maketrans("hw", "wh"))
                yield frozenset({named.get(plain, f"weight_{plain}")}), shape
