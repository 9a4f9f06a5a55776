"""A mistake is named only for what it is: wrong formulas by the hundred, made without the questions' own lists.

Each is built from what a learner may do at every step. Where one gives the number of a mistake that the question names, the
mistake has to be in the formula, or the reply has to say that others fit as well.
"""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from lessonlib.questions import names, question
from lessonlib.sentences import language, say

DRAWS = 25
SIZES = ("one_channel.predict_2", "one_channel.side", "padding.predict_2", "padding.even_kernel")
SIZES += ("shape.predict_1", "shape.side", "shape.dilation")
COUNTS = ("many_channels.parameters", "filter_shapes.predict_2", "sequential.predict_2")
WEIGHTS = ("many_channels.weight", "conv_layer_shapes.predict_2", "filter_shapes.groups", "sequential.weight")
WINDOWS = ("one_channel.predict_1", "one_channel.window", "many_channels.predict_1", "many_channels.value")
WINDOWS += ("conv_calculation.predict_1", "start.product")
OUTPUTS = ("shape.output", "conv_layer_shapes.predict_1", "conv_layer_shapes.output", "filter_shapes.predict_1")


@pytest.fixture(autouse=True)
def _no_progress(monkeypatch):
    monkeypatch.setenv("LESSONLIB_PROGRESS", "off")
    language("en")


def size_formulas(n, k, p=0, s=1, d=1):
    """(steps that are wrong, value): every combination of padding, span, division and last step."""
    paddings = {"": 2 * p} if not p else {"": 2 * p, "once": p, "ignored": 0}
    spans = {"": d * (k - 1) + 1, "K-1": d * (k - 1)}
    if d > 1:
        spans |= {"no dilation": k, "D·K": d * k}
    divisions = {"": lambda room: math.floor(Fraction(room, s))}
    if s > 1:
        divisions |= {"ceil": lambda room: math.ceil(Fraction(room, s)), "no stride": lambda room: room}
        divisions |= {"round": lambda room: round(room / s), "S+1": lambda room: room // (s + 1)}
    ends = {"": 1, "no +1": 0}
    if s > 1:
        ends["+1 divided"] = None
    for padding, span, division, end in itertools.product(paddings, spans, divisions, ends):
        wrong = {one for one in (padding, span, division, end) if one}
        room = n + paddings[padding] - spans[span]
        if room >= 0:
            last = ends[end]
            yield wrong, divisions[division](room + 1) if last is None else divisions[division](room) + last


# Which steps each name speaks of; a name that is not here speaks of none of them.
TRUE_OF = {
    "no_plus_one": {"no +1", "+1 divided"},
    "padding_once": {"once"},
    "padding_ignored": {"ignored"},
    "rounded_up": {"ceil", "round"},
    "stride_ignored": {"no stride"},
    "dilation_ignored": {"no dilation"},
    "dilation_times_kernel": {"D·K"},
    "kernel_less_one": {"K-1"},
    "even_kernel_half": {"no +1"},
}


def false_causes(one, formulas, true_of, most):
    """What is told falsely of formulas with up to ``most`` wrong steps: (steps, value, name), and how many were tried."""
    found, tried = [], 0
    certain = {name: not one.is_doubtful(name) for name in one.mistakes}
    for wrong, value in formulas:
        if not 1 <= len(wrong) <= most:
            continue
        tried += 1
        named = one.mistakes_in(value)
        if len(named) == 1 and certain[named[0]] and not wrong & true_of.get(named[0], set()):
            found.append((sorted(wrong), value, named[0], one.numbers))
    return found, tried


def variants(name):
    return [question(name), *(question(name).variant(seed) for seed in range(DRAWS))]


@pytest.mark.parametrize("name", SIZES)
def test_no_wrong_formula_of_a_size_is_put_down_to_another(name):
    for one in variants(name):
        found, tried = false_causes(one, list(size_formulas(**one.numbers)), TRUE_OF, most=1)
        assert tried
        assert found == []


@pytest.mark.parametrize("name", SIZES)
def test_two_common_slips_at_once_are_not_put_down_to_a_third(name):
    common = {"once", "ignored", "no +1", "ceil", "no stride", "no dilation", "D·K"}
    for one in variants(name):
        pairs = [(wrong, value) for wrong, value in size_formulas(**one.numbers) if len(wrong) == 2 and wrong <= common]
        assert false_causes(one, pairs, TRUE_OF, most=2)[0] == []


def count_formulas(c, o, k, n=None, image=None):
    """(steps that are wrong, value) of a number of parameters."""
    places = (n - k + 1) ** 2 if n else None
    kernels = {"": k * k, "k": k}
    channels = {"": c, "no c": 1}
    filters = {"": o, "one filter": 1}
    biases = {"": "o", "no bias": 0, "one bias": 1, "bias per in": c}
    for kernel, channel, filter_, bias in itertools.product(kernels, channels, filters, biases):
        own = filters[filter_] if biases[bias] == "o" else biases[bias]
        weights = filters[filter_] * channels[channel] * kernels[kernel]
        yield {one for one in (kernel, channel, filter_, bias) if one}, weights + own
    yield {"bias per kernel"}, o * c * k * k + o * c
    yield {"bias per weight"}, 2 * o * c * k * k
    if places:
        yield {"not shared"}, (o * c * k * k + o) * places
        yield {"bias per pixel"}, o * c * k * k + o * places
    if image:
        yield {"image's channels"}, o * image * k * k + o


COUNT_TRUE = {
    "bias_not_counted": {"no bias"},
    "input_channels_not_counted": {"no c"},
    "channels_and_bias_not_counted": {"no c", "no bias"},
    "kernel_side_not_squared": {"k"},
    "one_filter_counted": {"one filter"},
    "one_bias_counted": {"one bias"},
    "bias_per_input_channel_counted": {"bias per in"},
    "bias_per_input_filter": {"bias per in"},
    "bias_per_kernel_counted": {"bias per kernel"},
    "bias_per_weight_counted": {"bias per weight"},
    "bias_per_pixel_counted": {"bias per pixel"},
    "weights_not_shared": {"not shared"},
    "image_channels_counted": {"image's channels"},
}


@pytest.mark.parametrize("name", COUNTS)
def test_no_wrong_count_of_parameters_is_put_down_to_another(name):
    for one in variants(name):
        assert false_causes(one, list(count_formulas(**one.numbers)), COUNT_TRUE, most=2)[0] == []


WEIGHT_TRUE = {
    "weight_in_out_swapped": "cohw",
    "weight_channels_last": "hwco",
    "kernel_sides_swapped": "ocwh",
    "filter_channels_last": "ohwc",
    "filters_last": "chwo",
    "filter_is_flat": "hw",
    "weight_without_input_channels": "ohw",
    "one_filter_as_weight": "chw",
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_no_order_of_a_weights_sizes_is_put_down_to_another(name):
    for one in variants(name):
        numbers = one.numbers
        sizes = {"o": numbers["o"], "c": numbers["c"] // numbers.get("g", 1), "h": numbers["kh"], "w": numbers["kw"]}
        square = numbers["kh"] == numbers["kw"]
        for length in (2, 3, 4):
            for order in map("".join, itertools.permutations("ochw", length)):
                named = one.mistakes_in(tuple(sizes[letter] for letter in order))
                same = {order, order.translate(str.maketrans("hw", "wh"))} if square else {order}
                assert not named or WEIGHT_TRUE.get(named[0]) in same or one.is_doubtful(named[0]), (order, named)


def window_sums(x, w, b=0):
    """name of the step that is wrong → value, of the sum of one window."""
    x, w = np.asarray(x, float), np.asarray(w, float)
    found = {
        "flipped": (x * w[..., ::-1, ::-1]).sum() + b,
        "up_down": (x * w[..., ::-1, :]).sum() + b,
        "left_right": (x * w[..., ::-1]).sum() + b,
        "transpose": (x * w.swapaxes(-1, -2)).sum() + b,
        "quarter": (x * np.rot90(w, 1, (-2, -1))).sum() + b,
        "product": np.matmul(x, w).sum() + b,
        "product, other way": np.matmul(w, x).sum() + b,
        "mean": (x * w).mean() + b,
        "window": x.sum() + b,
        "kernel": w.sum() + b,
        "added": (x + w).sum() + b,
        "largest": (x * w).max() + b,
        "last row": (x * w)[..., -1, :].sum() + b,
        "first row": (x * w)[..., 0, :].sum() + b,
        "diagonal": np.trace(x * w, axis1=-2, axis2=-1).sum() + b,
        "sums multiplied": x.sum() * w.sum() + b,
        "signs": np.abs(x * w).sum() + b,
    }
    if b:
        found |= {"no bias": (x * w).sum(), "minus": (x * w).sum() - b, "per weight": (x * w).sum() + b * w.size}
    if x.ndim == 3:
        each = (x * w).sum((1, 2))
        found |= {"first": each[0] + b, "last": each[-1] + b, "channel mean": each.mean() + b}
        found |= {
            "multiplied": each.prod() + b,
            "one kernel": (x * w[0]).sum() + b,
            "last kernel": (x * w[-1]).sum() + b,
        }
        found |= {"reverse": (x * w[::-1]).sum() + b, "per channel": each.sum() + b * len(x)}
    return found


WINDOW_TRUE = {
    "kernel_flipped": "flipped",
    "kernel_flipped_up_down": "up_down",
    "kernel_flipped_left_right": "left_right",
    "kernel_transposed": "transpose",
    "matrix_product": "product",
    "matrix_product_of_arrays": "product",
    "averaged_over_window": "mean",
    "mean_of_products": "mean",
    "window_only": "window",
    "first_array_only": "window",
    "added_instead_of_multiplied": "added",
    "arrays_added": "added",
    "largest_instead_of_sum": "largest",
    "last_kernel_row_only": "last row",
    "last_row_only": "last row",
    "diagonal_only": "diagonal",
    "product_of_sums": "sums multiplied",
    "bias_forgotten": "no bias",
    "bias_subtracted": "minus",
    "bias_per_weight": "per weight",
    "first_channel_only": "first",
    "last_channel_only": "last",
    "channels_averaged": "channel mean",
    "channels_multiplied_together": "multiplied",
    "one_kernel_for_all_channels": "one kernel",
    "channels_in_reverse": "reverse",
    "bias_per_channel": "per channel",
}


@pytest.mark.parametrize("name", WINDOWS)
def test_no_wrong_sum_of_a_window_is_put_down_to_another(name):
    for one in variants(name):
        for step, value in window_sums(**one.numbers).items():
            named = one.mistakes_in(float(value))
            assert not named or [WINDOW_TRUE.get(mistake) for mistake in named] == [step], (
                step,
                value,
                named,
                one.numbers,
            )


def output_shapes(n, c, h, w, o, kh, kw):
    """name of the step that is wrong → shape of the output."""
    height, width = h - kh + 1, w - kw + 1
    return {
        "c": (n, c, height, width),
        "c·o": (n, c * o, height, width),
        "c+o": (n, c + o, height, width),
        "no +1": (n, o, height - 1, width - 1),
        "+2": (n, o, height + 1, width + 1),
        "stays": (n, o, h, w),
        "last": (n, height, width, o),
        "no batch": (o, height, width),
        "no maps": (n, height, width),
        "W, H": (n, o, width, height),
        "O, N": (o, n, height, width),
        "weight": (o, c, kh, kw),
        "kernel": (n, o, kh, kw),
        "crossed": (n, o, h - kw + 1, w - kh + 1),
        "kh twice": (n, o, h - kh + 1, w - kh + 1),
        "kw twice": (n, o, h - kw + 1, w - kw + 1),
        "c, no +1": (n, c, height - 1, width - 1),
        "c, stays": (n, c, h, w),
        "no batch, no +1": (o, height - 1, width - 1),
        "last, no +1": (n, height - 1, width - 1, o),
    }


OUTPUT_TRUE = {
    "channels_stay": {"c"},
    "channels_times_filters": {"c·o"},
    "no_plus_one_in_shape": {"no +1"},
    "one_too_many_in_shape": {"+2"},
    "size_stays_in_shape": {"stays"},
    "channels_last": {"last"},
    "batch_forgotten": {"no batch"},
    "maps_forgotten": {"no maps"},
    "axis_of_one_missing": {"no batch", "no maps"},
    "output_sides_swapped": {"W, H"},
    "sides_of_output_swapped": {"W, H"},
    "batch_and_filters_swapped": {"O, N"},
    "weight_as_output": {"weight"},
    "kernel_as_map": {"kernel"},
    "height_width_swapped": {"crossed"},
    "kernel_height_for_both": {"kh twice"},
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_no_wrong_shape_of_the_output_is_put_down_to_another(name):
    for one in variants(name):
        shapes = output_shapes(**one.numbers)
        for step, shape in shapes.items():
            named = one.mistakes_in(shape)
            # Another step that gives the very same shape is the same mistake in other words.
            alike = {other for other, value in shapes.items() if value == shape}
            assert not named or one.is_doubtful(named[0]) or OUTPUT_TRUE[named[0]] & alike, (step, shape, named)


def test_the_grammar_finds_a_cause_that_is_told_falsely():
    """The numbers of shape.predict_1 before: P counted once gave the number of a forgotten +1."""
    one = question("shape.predict_1")._with({"n": 20, "k": 7, "p": 2, "s": 2})
    one._mistakes = {"no_plus_one": one._mistakes["no_plus_one"]}
    one._doubts = None
    found, _ = false_causes(one, list(size_formulas(**one.numbers)), TRUE_OF, most=1)
    assert (["once"], 8, "no_plus_one", one.numbers) in found


def test_doubts_are_said():
    one = question("shape.dilation")
    doubtful = [name for name in one.mistakes if one.is_doubtful(name)]
    for name in doubtful:
        said = one._with(one.numbers).reply(one.mistakes[name])
        assert said.startswith(say("questions.doubtful", given=one.mistakes[name], name=one.mistake_name(name)))
    assert doubtful


# Slips without a name that often meet the answer of a mistake that has one: each by the numbers of its question.


def _padded_map(n, k, p, s=1, d=1):
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


def _windows_over(n, k, row):
    """How many windows of one side hold a place."""
    return sum(start <= row < start + k for start in range(n - k + 1))


def _field_of(layers):
    size = 1
    for kernel, stride in reversed(layers):
        size = (size - 1) * stride + kernel
    return size


def _least(x, w, b):
    """The sum of a window without one of its products, whichever."""
    products = (np.asarray(x, float) * np.asarray(w, float)).ravel()
    return [products.sum() + b - one for one in products]


UNNAMED = {
    "shape.predict_1": lambda n, k, p, s: [_padded_map(n, k, p, s) + 1],
    "shape.side": lambda n, k, p, s: [_padded_map(n, k, p, s) + 1, (n + 4 * p - k) // s + 1],
    "shape.predict_2": lambda n, k, s: [s - (n - k) % s, (n - k) % s - 1],
    "padding.even_kernel": lambda n, k, p: [n + 4 * p - k + 1],
    "padding.pixel_reads": lambda n, k, r, c: [
        _windows_over(n, k, r - 1) * _windows_over(n, k, c - 1),
        r * c,
        _windows_over(n, k, r) * _windows_over(n, k, c) - 1,
        _windows_over(n + 2, k, r + 1) * _windows_over(n + 2, k, c + 1),
    ],
    "conv_calculation.bytes": lambda a, b: [(a + b) % 255 // 2],
    "conv_calculation.predict_1": _least,
    "one_channel.predict_1": _least,
    "one_channel.window": _least,
    "many_channels.predict_1": _least,
    "start.product": lambda x, w: [*_least(x, w, 0), np.sum(np.multiply(x, w)) + 1, np.sum(np.multiply(x, w)) - 1],
    "start.slice": lambda rows, columns: [
        np.arange(20).reshape(4, 5)[rows[0] : sum(rows), columns[0] : sum(columns)],
    ],
    "filter_shapes.kernel_too_large_error": lambda h, k, w: [(k + 1) // 2, h, (k - h + 1) // 2 + 1],
    "activation.slope": lambda s: [round(s * (1 - s), 1)],
    "many_channels.predict_2": lambda c, o, k: [o - 1, o + 1],
    "properties.receptive_field": lambda layers: [_field_of(layers[1:]), _field_of(layers[:-1])],
    "properties.predict_1": lambda layers: [_field_of(layers[1:]), _field_of(layers[:-1])],
    "sequential.slice": lambda widths, stop: [sum(widths[1 : stop // 2 + 1])],
    "train_a_cnn.predict_2": lambda n, b, c, p: [c * ((n - 2) // p) ** 2],
    "train_a_cnn.parameters": lambda b, c, f: [
        9 * b + b + 9 * b * c + c + 10 * f + 10 + apart for apart in (-10, 10, 1, -1)
    ],
    "train_a_cnn.step": lambda x, w, t, rate: [round(w - rate * 2 * (w * x - t) * w, 10)],
}


@pytest.mark.parametrize("name", UNNAMED)
def test_slips_without_a_name_are_not_put_down_to_one_that_has_one(name):
    for one in (question(name), *(question(name).variant(seed) for seed in range(4))):
        for answer in UNNAMED[name](**one.numbers):
            verdict = one._with(one.numbers).judge(answer)
            assert verdict.solved or not verdict.certain, (answer, verdict.mistakes, one.numbers)


def test_outputs_counted_from_one_are_not_certainly_counted_by_the_input():
    one = question("properties.matrix_row")
    height, width, weight, row = (one.numbers[name] for name in ("h", "n", "w", "row"))
    image, (top, left) = np.zeros((height, width)), divmod(row - 1, width - 1)
    image[top : top + 2, left : left + 2] = weight
    verdict = one._with(one.numbers).judge(image.ravel())
    assert not verdict.solved
    assert not verdict.certain


def test_one_text_is_true_of_both_slips():
    """(n + 2p − k + 1) // s and (n + 2p − k) // s are one number; the text says what is wrong with both."""
    one = question("shape.side")
    n, k, p, s = one.numbers.values()
    said = one._with(one.numbers).reply((n + 2 * p - k + 1) // s)
    assert "no +1 at the very end" in said
    assert "1 is added after dividing" in said


def test_a_sum_missed_by_one_or_two_is_never_certainly_another_mistake():
    for name in ("one_channel.predict_1", "one_channel.window", "conv_calculation.predict_1", "many_channels.value"):
        for one in (question(name), *(question(name).variant(seed) for seed in range(4))):
            for apart in (-2, -1, 1, 2):
                assert not one._with(one.numbers).judge(one.right + apart).certain, (name, one.numbers, apart)


ARRAYS = [name for name in names() if question(name).kind == "array"]


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_of_the_right_shape_is_not_told_to_have_too_many_axes(name):
    one = question(name)
    wrong = np.array(one.right, float)
    wrong.flat[-1] += 0.004
    said = one._with(one.numbers).reply(wrong)
    last = [size - 1 for size in wrong.shape]
    assert say("questions.array_first", count=1, where=str(last)) in said
    # Not rounded to the right answer.
    assert f"{wrong.flat[-1]:g}]" in said
    assert "axes of size 1" in one._with(one.numbers).reply(wrong[None] + 1)


def test_options_are_read_however_they_are_marked():
    one = question("one_channel.edge")
    letter, text = one.right, one._text(one.right)
    other = next(key for key in one._letters() if key != letter)
    for answer in (
        f"**{letter}**",
        f"option {letter}",
        f"{letter}) {text}",
        f"{letter}: {text}",
        f"- **{letter}** {text}".removeprefix("- "),
        f"({letter.lower()})",
    ):
        assert one._with(one.numbers).judge(answer).solved, answer
    # The letter of one option and the words of another are no answer.
    assert one._with(one.numbers).judge(f"{other}: {text}").outcome == "unreadable"


def test_a_shape_of_one_axis_is_read_in_every_form_and_refused_with_the_reason():
    one = question("conv_layer_shapes.bias")
    for answer in ("[6]", "(6,)", "torch.Size([6])", [6], (6,)):
        assert one._with(one.numbers).judge(answer).solved, answer
    for answer in ("6", "(6)", 6):
        assert say("questions.because_single") in one._with(one.numbers).reply(answer), answer


def test_a_decimal_comma_is_refused_with_the_reason():
    one = question("activation.slope")
    for answer in ("0,09", "9,0"):
        assert say("questions.because_comma") in one._with(one.numbers).reply(answer)
    assert one._with(one.numbers).judge("0.09").solved
    counted = question("filter_shapes.predict_2")._with({"c": 3, "o": 5, "k": 9, "n": 28})
    assert counted.judge("1,220").solved


def test_forgotten_padding_is_a_size_wherever_dilation_is_asked():
    for seed in range(60):
        drawn = question("shape.dilation").variant(seed)
        assert drawn.mistakes["padding_ignored"] >= 1, drawn.numbers
