"""The three convolutions of conv.py against PyTorch's, what they take, and what they say to what they do not take."""

import random
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import lessonlib
from lessonlib import geometry
from lessonlib.arrays import numbers_of
from lessonlib.layers.conv import (
    PADDING_MODES,
    conv2d,
    conv2d_loops,
    conv2d_matmul,
    conv2d_windows,
    conv_matrix,
    flip,
    im2col,
    pad,
)
from lessonlib.presets import KERNELS, kernel
from lessonlib.sentences import language
from support.cases import Case, differences, grid, random_case, torch_conv2d

WAYS = [conv2d, conv2d_loops, conv2d_windows, conv2d_matmul]
QUICK = [conv2d_windows, conv2d_matmul]
RNG = np.random.default_rng(0)
IMAGE = RNG.integers(-9, 10, (2, 4, 6, 7)).astype(float)
FILTERS = RNG.integers(-9, 10, (3, 4, 3, 2)).astype(float)

cases = st.builds(lambda seed: random_case(random.Random(seed)), st.integers(0, 2**32))


def refused(way, case):
    try:
        way(*case.arrays(), **case.options)
    except ValueError:
        return True
    return False


def agree(case, ways):
    """Check that ``ways`` are as near to PyTorch as rounding lets them, or refuse as it does; return which."""
    if case.batch == 0:  # nothing to compare but the shape
        wanted = torch_conv2d(*case.arrays(), **case.options)
        shapes = {None if refused(way, case) else way(*case.arrays(), **case.options).shape for way in ways}
        assert shapes == {None if wanted is None else wanted.shape}
        return wanted is not None
    found = differences(case, ways)
    if found is None:
        assert all(refused(way, case) for way in ways)
        return False
    assert max(share for _, share in found) <= 2
    return True


# The same result as PyTorch's


@pytest.mark.parametrize("part", range(8))
def test_over_a_grid_the_quick_ways_are_pytorchs(part):
    answered = [agree(case, QUICK) for case in grid()[part::8][::2]]

    assert len(answered) > 400
    assert 0.5 < sum(answered) / len(answered) < 1


def test_over_a_grid_the_loops_are_pytorchs():
    answered = [agree(case, [conv2d_loops]) for case in grid()[::83] if (case.batch or 1) * case.out_channels <= 6]

    assert sum(answered) > 40


@given(cases)
def test_all_ways_are_pytorchs_or_refuse_what_pytorch_refuses(case):
    agree(case, QUICK if (case.batch or 1) * case.in_channels * case.out_channels > 8 else WAYS)


def test_a_layer_of_real_size_is_pytorchs():
    case = Case(8, 16, 32, 1, (64, 61), (5, 3), 2, (2, 1), 1, True, "float32")

    assert agree(case, QUICK)


def test_the_default_is_the_matrix_product():
    case = Case(2, 3, 4, 1, (6, 5), (3, 3), 1, 1, 1, True, "float32")

    assert np.array_equal(conv2d(*case.arrays(), **case.options), conv2d_matmul(*case.arrays(), **case.options))


@pytest.mark.parametrize("way", WAYS)
def test_whole_numbers_come_out_exact(way):
    output = way(IMAGE, FILTERS, [1, 2, 3], padding=1)

    assert np.array_equal(output, torch_conv2d(IMAGE, FILTERS, np.array([1.0, 2, 3]), padding=1))


@pytest.mark.parametrize("way", WAYS)
def test_pixels_of_eight_bits_do_not_overflow(way):
    output = way(np.full((1, 2, 2), 255, np.uint8), np.full((1, 1, 2, 2), 255, np.uint8))

    assert output.dtype == np.float64
    assert output.item() == 4 * 255**2


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("input", "weight", "output"),
    [
        ("float32", "float32", "float32"),
        ("float64", "float64", "float64"),
        ("float32", "float64", "float64"),
        ("float16", "float16", "float64"),
        ("float32", "int64", "float64"),
        ("int8", "uint16", "float64"),
        (">f4", ">f4", "float64"),
    ],
)
def test_the_type_of_the_output(way, input, weight, output):
    assert way(np.ones((1, 3, 3), input), np.ones((1, 1, 2, 2), weight), np.zeros(1)).dtype == output


@pytest.mark.parametrize("way", WAYS)
def test_nan_and_infinity_pass_through_as_in_pytorch(way):
    for value in (np.nan, np.inf, -np.inf):
        input = np.zeros((1, 1, 5, 5), np.float32)
        input[0, 0, 1, 2] = input[0, 0, 2, 2] = value
        for weight in (np.ones((1, 1, 3, 3), np.float32), FILTERS[:1, :1].astype(np.float32)):
            output = way(input, weight)
            assert np.array_equal(output, torch_conv2d(input, weight), equal_nan=True)


@pytest.mark.parametrize("way", WAYS)
def test_a_sum_beyond_the_largest_float32_is_infinite_without_a_word(way):
    assert np.isposinf(way(np.full((1, 2, 2), 3e38, np.float32), np.ones((1, 1, 2, 2), np.float32))).all()


# Everything that holds an array


@pytest.mark.parametrize("way", WAYS)
def test_lists_tuples_and_tensors_are_taken(way):
    wanted = way(IMAGE, FILTERS)
    tensor = torch.tensor(IMAGE)
    strided = tensor.permute(0, 3, 2, 1).contiguous().permute(0, 3, 2, 1)

    assert not strided.is_contiguous()
    for input in (IMAGE.tolist(), tuple(IMAGE), tensor, strided, tensor.requires_grad_(), torch.nn.Parameter(tensor)):
        for weight in (FILTERS.tolist(), torch.nn.Parameter(torch.tensor(FILTERS))):
            output = way(input, weight, torch.zeros(3, requires_grad=True))
            assert isinstance(output, np.ndarray)
            assert np.array_equal(output, wanted)


def test_a_pytorch_layer_by_hand():
    torch.manual_seed(0)
    layer = torch.nn.Conv2d(4, 6, (3, 2), stride=(1, 2), padding=(1, 0), dilation=(2, 1), groups=2)
    images = torch.rand(5, 4, 9, 8)
    names = ("stride", "padding", "dilation", "groups")

    output = conv2d(images, layer.weight, layer.bias, **{name: getattr(layer, name) for name in names})
    assert np.abs(output - layer(images).detach().numpy()).max() < 1e-6


@pytest.mark.parametrize("way", WAYS)
def test_nothing_that_is_given_changes_and_nothing_is_shared(way):
    for kernel_size in ((1, 1), (2, 2)):
        input, weight = np.ones((1, 1, 4, 4)), np.ones((1, 1, *kernel_size))
        output = way(input, weight)
        output[:] = 7
        assert (input == 1).all()
        assert (weight == 1).all()


@pytest.mark.parametrize("make", [lambda x: pad(x, 0), flip, lambda x: im2col(x, 1), lambda x: im2col(x, x.shape[1:])])
def test_helpers_return_arrays_of_your_own(make):
    given = np.ones((2, 4, 4))
    made = make(given)
    made[:] = 7

    assert (given == 1).all()
    assert torch.from_numpy(made).sum() == 7 * made.size


# What a convolution is


@given(st.integers(0, 999), st.floats(-3, 3), st.floats(-3, 3))
def test_it_is_linear(seed, a, b):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((2, 3, 6, 5))
    weight = rng.standard_normal((2, 3, 3, 2))

    together = conv2d(a * x + b * y, weight, padding=1, stride=2)
    apart = a * conv2d(x, weight, padding=1, stride=2) + b * conv2d(y, weight, padding=1, stride=2)
    assert np.abs(together - apart).max() < 1e-11


@given(st.integers(0, 999), st.integers(0, 3), st.integers(0, 3))
def test_it_moves_with_the_picture(seed, down, right):
    rng = np.random.default_rng(seed)
    picture, weight = rng.standard_normal((1, 12, 13)), rng.standard_normal((1, 1, 3, 2))
    moved = np.roll(picture, (down, right), axis=(1, 2))

    inside = (slice(None), slice(3, None), slice(3, None))
    assert np.abs(conv2d(moved, weight) - np.roll(conv2d(picture, weight), (down, right), (1, 2)))[inside].max() < 1e-12


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (5, 3), (7, 7)])
def test_the_identity_kernel_changes_nothing(size):
    output = conv2d(IMAGE[0, :1], kernel("identity", size)[None, None], padding="same")

    assert np.array_equal(output, IMAGE[0, :1])


def test_with_the_kernel_flipped_it_is_the_convolution_of_mathematics():
    """Of one row numpy.convolve is the definition; of a plane, the sum of the convolutions of its rows."""
    image, weight = RNG.standard_normal((6, 7)), RNG.standard_normal((3, 4))
    wanted = np.zeros((8, 10))
    for i, row in enumerate(image):
        for j, weights in enumerate(weight):
            wanted[i + j] += np.convolve(row, weights)

    output = conv2d(image[None], flip(weight)[None, None], padding=(2, 3))
    assert np.abs(output[0] - wanted).max() < 1e-12
    assert np.abs(conv2d(image[None], weight[None, None], padding=(2, 3))[0] - wanted).max() > 0.1


def test_flip_turns_planes_by_half_a_turn():
    assert np.array_equal(flip(FILTERS), np.rot90(FILTERS, 2, axes=(2, 3)))
    assert np.array_equal(flip(flip(FILTERS)), FILTERS)


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_groups_are_layers_of_their_own_side_by_side(groups):
    weight = RNG.standard_normal((8, 4 // groups, 3, 3))
    inputs, filters = np.split(IMAGE, groups, axis=1), np.split(weight, groups)

    output = conv2d(IMAGE, weight, groups=groups)
    assert (
        np.abs(output - np.concatenate([conv2d(x, w) for x, w in zip(inputs, filters, strict=True)], axis=1)).max()
        < 1e-12
    )


# As matrices


@given(cases)
def test_im2col_is_pytorchs_unfold(case):
    case = case._replace(
        padding=0 if isinstance(case.padding, str) else case.padding, batch=case.batch or None, dtype="float64"
    )
    input, _, _ = case.arrays()
    options = {"stride": case.stride, "padding": case.padding, "dilation": case.dilation}
    try:
        wanted = torch.nn.functional.unfold(torch.from_numpy(input), case.kernel_size, **options)
    except RuntimeError:
        with pytest.raises(ValueError, match="no window fits"):
            im2col(input, case.kernel_size, **options)
    else:
        assert np.array_equal(im2col(input, case.kernel_size, **options), wanted.numpy())


def test_im2col_of_an_empty_batch_and_of_same():
    assert im2col(np.zeros((0, 2, 5, 5)), 3).shape == (0, 18, 9)
    assert im2col(np.zeros((2, 5, 6)), (3, 4), padding="same").shape == (24, 30)


@given(cases)
def test_conv_matrix_is_the_layer(case):
    case = case._replace(batch=None, groups=1, dtype="float64", use_bias=False)
    input, weight, _ = case.arrays()
    options = {"stride": case.stride, "padding": case.padding, "dilation": case.dilation}
    wanted = torch_conv2d(input, weight, **options)
    if wanted is None:
        with pytest.raises(ValueError, match=r"no window fits|stride=1 only"):
            conv_matrix(case.size, weight, **options)
        return
    matrix = conv_matrix(case.size, weight, **options)
    assert matrix.shape == (wanted.size, input.size)
    assert np.abs(matrix @ input.ravel() - wanted.ravel()).max() < 1e-12
    assert not np.signbit(matrix[matrix == 0]).any()
    rows, columns = geometry.coverage(case.size, case.kernel_size, **options)
    assert np.count_nonzero(matrix) == sum(rows) * sum(columns) * weight.shape[0] * weight.shape[1]


# Padding


@given(
    st.integers(0, 999),
    st.sampled_from([*PADDING_MODES]),
    st.tuples(*[st.integers(1, 5)] * 2),
    st.tuples(*[st.integers(0, 6)] * 4),
)
def test_padding_modes_are_pytorchs_and_refuse_what_pytorch_refuses(seed, mode, size, sides):
    image = np.random.default_rng(seed).standard_normal((1, 2, *size))
    top, bottom, left, right = sides
    in_torch = "constant" if mode == "zeros" else mode
    try:
        wanted = torch.nn.functional.pad(torch.from_numpy(image), (left, right, top, bottom), in_torch)
    except RuntimeError:
        with pytest.raises(ValueError, match=f"With {mode} the padding"):
            pad(image, ((top, bottom), (left, right)), mode)
    else:
        assert np.array_equal(pad(image, ((top, bottom), (left, right)), mode), wanted.numpy())
        assert np.array_equal(pad(image[0, 0], ((top, bottom), (left, right)), mode), wanted[0, 0].numpy())


@pytest.mark.parametrize("mode", PADDING_MODES)
def test_a_padded_image_under_conv2d_is_a_layer_with_that_padding_mode(mode):
    torch.manual_seed(0)
    layer = torch.nn.Conv2d(4, 3, 3, padding=(2, 1), padding_mode=mode, dtype=torch.float64)

    by_hand = conv2d(pad(IMAGE, (2, 1), mode), layer.weight, layer.bias)
    assert np.abs(by_hand - layer(torch.from_numpy(IMAGE)).detach().numpy()).max() < 1e-12


def test_padding_as_one_number_a_pair_and_side_by_side():
    image = np.ones((2, 3))

    assert pad(image, 1).shape == (4, 5)
    assert pad(image, (1, 2)).shape == (4, 7)
    assert pad(image, [(0, 1), (2, 0)]).tolist() == [[0, 0, 1, 1, 1], [0, 0, 1, 1, 1], [0, 0, 0, 0, 0]]
    assert pad(image.astype(np.float32), 1).dtype == np.float32


@pytest.mark.parametrize(
    "wrong", ["same", "valid", None, 1.5, (), (1,), (1, 1, 1), ((1, 1),), ((1, 1), (1, 1), (1, 1)), ((1, 1), (1, 1.5))]
)
def test_what_is_no_padding_is_a_type_error(wrong):
    with pytest.raises(TypeError, match="padding takes a whole number"):
        pad(np.ones((4, 4)), wrong)


# What is refused, and in which words

ONE = np.ones((1, 1, 4, 4))
KERNEL = np.ones((1, 1, 3, 3))
# Sentence → what brings it up, and what of it must stand in the sentence.
MISTAKES = {
    "not_whole": (TypeError, lambda: conv2d(ONE, KERNEL, stride=1.5), ["stride", "1.5"]),
    "not_one_whole": (TypeError, lambda: conv2d(ONE, KERNEL, groups=(2, 4)), ["groups", "(2, 4)"]),
    "too_low": (ValueError, lambda: conv2d(ONE, KERNEL, padding=(0, -1)), ["padding", "0", "(0, -1)"]),
    "kernel_too_large": (ValueError, lambda: conv2d(ONE, np.ones((1, 1, 3, 5))), ["5", "4", "1"]),
    "dilated_kernel_too_large": (ValueError, lambda: conv2d(ONE, KERNEL, dilation=3), ["3", "7", "4", "2"]),
    "padding_word": (ValueError, lambda: conv2d(ONE, KERNEL, padding="Same"), ["'Same'", '"same"', '"valid"']),
    "same_with_stride": (
        ValueError,
        lambda: conv2d(ONE, KERNEL, stride=(1, 2), padding="same"),
        ["(1, 2)", "stride=1"],
    ),
    "padding_mode": (ValueError, lambda: pad(ONE, 1, "mirror"), ["'mirror'", "reflect, replicate"]),
    "reflect_padding": (ValueError, lambda: pad(ONE, 4, "reflect"), ["4"]),
    "circular_padding": (ValueError, lambda: pad(ONE, 5, "circular"), ["5", "4"]),
    "groups": (ValueError, lambda: conv2d(np.ones((4, 5, 5)), np.ones((3, 2, 3, 3)), groups=2), ["2", "4", "3"]),
    "channels": (ValueError, lambda: conv2d(np.ones((1, 8, 8, 3)), np.ones((5, 3, 3, 3))), ["8", "3", "1"]),
    "input_axes": (ValueError, lambda: conv2d(np.ones((4, 6)), KERNEL), ["(4, 6)", "2", "input[None]"]),
    "weight_axes": (ValueError, lambda: conv2d(ONE, np.ones((3, 2))), ["(3, 2)", "2", "weight[None, None]"]),
    "plane_axes": (ValueError, lambda: flip([1, 2, 3]), ["kernel", "(3,)", "1"]),
    "empty": (ValueError, lambda: conv2d(ONE, np.ones((1, 1, 0, 3))), ["0", "(1, 1, 0, 3)"]),
    "bias": (ValueError, lambda: conv2d(ONE, KERNEL, [1, 2]), ["(1,)", "(2,)"]),
    "not_numbers": (TypeError, lambda: conv2d([[["a"]]], KERNEL), ["input", "[[['a']]]"]),
    "no_values": (ValueError, lambda: numbers_of(torch.empty(2, 2, device="meta"), "x"), ["x"]),
    "axes": (ValueError, lambda: numbers_of([1, 2], "x", axes=2), ["x", "2", "(2,)"]),
    "layers": (TypeError, lambda: geometry.receptive_field(3), ["3"]),
    "layer_key": (TypeError, lambda: geometry.receptive_field([{"k": 3}]), ["'k'", "kernel_size"]),
    "outside": (ValueError, lambda: geometry.windows_reading((9, 9), 6, 3), ["(9, 9)", "(6, 6)"]),
    "not_flag": (TypeError, lambda: geometry.parameter_count(3, 4, 3, bias=np.ones(3)), ["bias"]),
}
SENTENCES = tomllib.loads((Path(lessonlib.__file__).parent / "words" / "errors.toml").read_text(encoding="utf-8"))
ADVICE = {
    "en": "For example|Hand over|It takes|Its shape was|count from 0|must be True|Change|Raise|Set |Choose|Lower|Mend|Add |write|"
    "Give|Check|spans",
    "ko": "예:|십시오|쓸 수 있는|받은|셉니다",
}


# In test_presets.py, test_extras.py and test_first_cell.py.
BROUGHT_UP_ELSEWHERE = {"unknown_name", "needs_course", "first_cell_first", "earlier_cell_first"}


def sentence(key, lang):
    """Return a pattern of the sentence, its fields and particles left open."""
    parts = re.split(r"(?<!\{)\{\w+\}|\[[^\[\]]+/[^\[\]]+\]", SENTENCES[key][lang])
    return ".*".join(re.escape(part.replace("{{", "{").replace("}}", "}")) for part in parts)


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("key", MISTAKES)
def test_a_mistake_is_told_with_what_was_given_and_what_to_change(key, lang):
    kind, make, given = MISTAKES[key]
    language(lang)
    with pytest.raises(kind) as told:
        make()

    text = str(told.value)
    assert re.match(sentence(key, lang), text)
    assert [part for part in given if part not in text] == []
    assert re.search(ADVICE[lang], text)
    assert not re.search(r"[{}]|\[.+/.+\]", text)
    assert told.value.__cause__ is None


def test_every_sentence_about_errors_is_brought_up_here():
    assert set(MISTAKES) | {"call"} | BROUGHT_UP_ELSEWHERE == set(SENTENCES)


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("way", WAYS)
def test_an_impossible_call_is_told_as_a_whole(way, lang):
    language(lang)
    with pytest.raises(ValueError, match="5") as told:
        way(np.ones((2, 3, 4, 4)), np.ones((6, 3, 5, 5)), stride=2, padding=(0, 1), dilation=1)

    assert re.search(sentence("call", lang) + "$", str(told.value))
    for part in ("(2, 3, 4, 4)", "(6, 3, 5, 5)", "stride=2", "padding=(0, 1)", "dilation=1", "groups=1"):
        assert part in str(told.value)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "1",
        True,
        1j,
        object(),
        {},
        [[[True, False]]],
        [[["a"]]],
        [[[1], [2, 3]]],
        [[[1j]]],
        [[[None]]],
        [np.datetime64("2026-01-01")],
    ],
    ids=lambda wrong: "object" if type(wrong) is object else repr(wrong),
)
@pytest.mark.parametrize("place", ["input", "weight", "bias"])
def test_what_holds_no_real_numbers_is_a_type_error_that_names_it(wrong, place):
    if place == "bias" and wrong is None:
        return
    arrays = {"input": ONE, "weight": KERNEL, "bias": [0.0]} | {place: wrong}
    for way in WAYS:
        with pytest.raises(TypeError, match=f"^{place} must be an array of real numbers"):
            way(**arrays)


def test_a_long_value_is_cut_short_on_one_line():
    with pytest.raises(TypeError) as told:
        conv2d(np.full((1, 40, 40), True), KERNEL)

    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 250


@pytest.mark.parametrize(
    ("input", "weight"),
    [
        ((), (1, 1, 3, 3)),
        ((5,), (1, 1, 3, 3)),
        ((5, 5), (1, 1, 3, 3)),
        ((1, 1, 1, 5, 5), (1, 1, 3, 3)),
        ((1, 5, 5), (3, 3)),
        ((1, 5, 5), (1, 3, 3)),
        ((1, 5, 5), (1, 1, 1, 3, 3)),
        ((2, 5, 5), (1, 1, 3, 3)),
        ((5, 5, 1), (1, 1, 3, 3)),
        ((1, 1, 0, 5), (1, 1, 3, 3)),
        ((1, 5, 5), (0, 1, 3, 3)),
        ((1, 5, 5), (1, 1, 3, 0)),
    ],
)
def test_shapes_that_pytorch_refuses_are_refused(input, weight):
    assert torch_conv2d(np.ones(input), np.ones(weight)) is None
    for way in WAYS:
        with pytest.raises(ValueError, match=r"\(Input .*, weight .*, stride=1"):
            way(np.ones(input), np.ones(weight))


@pytest.mark.parametrize(
    ("channels", "filters", "planes", "groups"),
    [(4, 4, 4, 2), (4, 4, 1, 2), (4, 3, 2, 2), (3, 4, 1, 2), (4, 4, 2, 0), (4, 4, 2, -2)],
)
def test_groups_that_pytorch_refuses_are_refused(channels, filters, planes, groups):
    input, weight = np.ones((channels, 5, 5)), np.ones((filters, planes, 3, 3))

    assert torch_conv2d(input, weight, groups=groups) is None
    for way in WAYS:
        with pytest.raises(ValueError, match="groups"):
            way(input, weight, groups=groups)


@pytest.mark.parametrize("make", [lambda x: pad(x, 1), flip])
@pytest.mark.parametrize("wrong", [3, [1, 2], [True], "x"])
def test_helpers_refuse_what_is_no_plane(make, wrong):
    with pytest.raises((TypeError, ValueError), match=r"axes|real numbers"):
        make(wrong)


@pytest.mark.parametrize("weight", [[1, 2], [[1, 2]], [[[1, 2]]], 3])
def test_conv_matrix_refuses_a_weight_of_other_axes(weight):
    with pytest.raises(ValueError, match="4 axes"):
        conv_matrix((4, 4), weight)


# Named kernels, on a picture


def test_edges_are_found_where_they_are():
    """A picture that gets brighter to the right answers to the vertical edge kernel, positively, and to that alone."""
    to_the_right = np.repeat([[0.0, 0, 0, 9, 9, 9]], 6, axis=0)[None]
    downwards = to_the_right.transpose(0, 2, 1)
    vertical, horizontal = (kernel(name, (3, 3))[None, None] for name in ("vertical_edge", "horizontal_edge"))

    assert conv2d(to_the_right, vertical).tolist() == [[[0, 27, 27, 0]] * 4]
    assert conv2d(downwards, horizontal)[0].T.tolist() == [[0, 27, 27, 0]] * 4
    assert not conv2d(to_the_right, horizontal).any()
    assert not conv2d(downwards, vertical).any()


@pytest.mark.parametrize("name", KERNELS)
def test_kernels_treat_an_even_picture_as_their_name_says(name):
    size = (5, 5)
    output = conv2d(np.full((1, 9, 9), 4.0), kernel(name, size)[None, None])
    factor = {"vertical_edge": 0, "horizontal_edge": 0, "ones": 25, "random": kernel("random", size).sum()}.get(name, 1)

    assert np.abs(output - 4 * factor).max() < 1e-12
