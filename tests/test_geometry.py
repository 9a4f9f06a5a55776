"""The sizes and positions of geometry.py against PyTorch: its shapes, its `unfold`, its gradients."""

import itertools
import math
import random
from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lessonlib import geometry
from lessonlib.geometry import Layer, output_size
from support.cases import torch_conv2d

# (input, kernel, stride, padding, dilation) along one axis.
AXES = list(itertools.product(range(1, 9), range(1, 5), range(1, 4), range(3), range(1, 4)))
# Beside each four others in turn, so that rows and columns differ.
PAIRS = [
    tuple(zip(rows, columns, strict=True))
    for seed in range(4)
    for rows, columns in zip(AXES, random.Random(seed).sample(AXES, len(AXES)), strict=True)
]
# Those that give at least one window.
FITTING = [case for case in PAIRS if all(i + 2 * p > d * (k - 1) for i, k, _, p, d in zip(*case, strict=True))]

# What PyTorch tells of the copy that an uneven "same" costs it.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'")

sizes = st.integers(1, 12)
axes = st.tuples(sizes, st.integers(1, 5), st.integers(1, 4), st.integers(0, 4), st.integers(1, 3))


def size_in_torch(input_size, kernel_size, stride, padding, dilation):
    """Return (OH, OW), or None where PyTorch refuses."""
    input, weight = torch.zeros(1, 1, *map(abs, input_size)), torch.zeros(1, 1, *map(abs, kernel_size))
    output = torch_conv2d(input.numpy(), weight.numpy(), stride=stride, padding=padding, dilation=dilation)
    return None if output is None else output.shape[2:]


def size_here(*arguments):
    try:
        return output_size(*arguments)
    except ValueError:
        return None


def windows_in_torch(input_size, kernel_size, stride, padding, dilation):
    """Return the cells of the padded input that each window reads, as sets of (row, column)."""
    height, width = (i + 2 * p for i, p in zip(input_size, padding, strict=True))
    cells = torch.arange(height * width, dtype=torch.float64).reshape(1, 1, height, width)
    columns = torch.nn.functional.unfold(cells, kernel_size, dilation, 0, stride)[0].T.int().tolist()
    return [{divmod(cell, width) for cell in column} for column in columns]


# Sizes


def test_output_size_is_pytorchs_and_refuses_what_pytorch_refuses():
    assert len(PAIRS) > len(FITTING) > 2000
    assert [case for case in PAIRS if size_here(*case) != size_in_torch(*case)] == []


@given(axes, axes)
def test_output_size_is_pytorchs_for_random_sizes(rows, columns):
    case = tuple(zip(rows, columns, strict=True))

    assert size_here(*case) == size_in_torch(*case)


def test_impossible_numbers_are_refused_as_in_pytorch():
    lowest = {"input_size": 1, "kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1}
    for name, axis in itertools.product(lowest, range(2)):
        numbers = {"input_size": (5, 6), "kernel_size": (2, 3), "stride": (1, 1), "padding": (1, 0), "dilation": (1, 2)}
        assert size_in_torch(*numbers.values()) == output_size(**numbers)
        wrong = list(numbers[name])
        wrong[axis] = lowest[name] - 1
        numbers[name] = tuple(wrong)
        assert size_in_torch(*numbers.values()) is None
        with pytest.raises(ValueError, match=name):
            output_size(**numbers)


def test_same_is_pytorchs_and_refuses_a_stride():
    for size, kernel, dilation in itertools.product(
        ((4, 7), (1, 5)), itertools.product(range(1, 6), repeat=2), ((1, 2), (3, 1))
    ):
        assert (
            output_size(size, kernel, 1, "same", dilation)
            == size_in_torch(size, kernel, (1, 1), "same", dilation)
            == size
        )
        for stride in ((1, 2), (2, 1), (3, 3)):
            assert size_in_torch(size, kernel, stride, "same", dilation) is None
            with pytest.raises(ValueError, match="same"):
                output_size(size, kernel, stride, "same", dilation)


@given(st.tuples(sizes, sizes), st.tuples(sizes, sizes), st.tuples(st.integers(1, 3), st.integers(1, 3)))
def test_same_puts_the_cell_that_is_left_over_where_pytorch_puts_it(size, kernel, dilation):
    (top, bottom), (left, right) = geometry.resolve_padding("same", kernel, 1, dilation)
    input, weight = torch.rand(1, 1, *size, dtype=torch.float64), torch.rand(1, 1, *kernel, dtype=torch.float64)
    padded = torch.nn.functional.pad(input, (left, right, top, bottom))

    same = torch_conv2d(input.numpy(), weight.numpy(), padding="same", dilation=dilation)
    by_hand = torch_conv2d(padded.numpy(), weight.numpy(), dilation=dilation)
    assert same.shape == by_hand.shape
    assert abs(same - by_hand).max() < 1e-12


def test_valid_is_no_padding_with_any_stride():
    assert geometry.resolve_padding("valid", 3, stride=2) == ((0, 0), (0, 0))
    assert output_size((7, 9), 3, (2, 3), "valid") == output_size((7, 9), 3, (2, 3), 0)


@given(axes)
def test_the_floor_of_the_value_before_the_floor_is_the_size(axis):
    input, kernel, stride, padding, dilation = axis
    exact = geometry.size_before_floor(*axis)

    assert exact == Fraction(input + 2 * padding - dilation * (kernel - 1) - 1, stride) + 1
    if exact >= 1:
        assert math.floor(exact) == output_size(*axis)
        dropped = geometry.remainder(*axis)
        assert dropped == ((exact - math.floor(exact)) * stride,) * 2
    else:
        assert size_here(*axis) is None


def test_the_document_s_formula():
    for i, k, s, p in itertools.product(range(4, 30, 5), range(1, 5), range(1, 4), range(3)):
        assert output_size(i, k, s, p) == math.floor((i - k + 2 * p) / s + 1)


def test_ints_give_an_int_and_any_pair_gives_a_pair():
    assert output_size(28, 3) == 26
    for position in range(5):
        arguments = [5, 3, 1, 1, 1]
        arguments[position] = [arguments[position]] * 2
        assert output_size(*arguments) == (5, 5)
    assert output_size(5, 3, padding="same") == 5
    assert output_size(torch.Size((5, 6)), 3) == (3, 4)
    assert geometry.effective_kernel_size((3, 4), 2) == (5, 7)


@pytest.mark.parametrize(
    "wrong", [1.5, 2.0, True, "3", None, (1, 2, 3), (1,), (1, 2.0), (True, 1), {1, 2}, [[1, 2], 3]]
)
def test_what_is_no_size_is_a_type_error_that_names_it(wrong):
    for name in ("input_size", "kernel_size", "stride", "dilation"):
        with pytest.raises(TypeError, match=f"^{name} takes a whole number"):
            output_size(**{"input_size": 9, "kernel_size": 3} | {name: wrong})


@pytest.mark.parametrize("wrong", [1.5, True, "3", None, (2, 2), [1]])
def test_what_is_no_count_is_a_type_error_that_names_it(wrong):
    for name in ("in_channels", "out_channels", "groups"):
        with pytest.raises(TypeError, match=f"^{name} takes one whole number"):
            geometry.parameter_count(**{"in_channels": 2, "out_channels": 2, "kernel_size": 3} | {name: wrong})


def test_the_smallest_padding_that_is_named_is_the_smallest_that_fits():
    for input, kernel, padding, dilation in itertools.product(range(1, 5), range(1, 6), range(2), range(1, 4)):
        if size_here(input, kernel, 1, padding, dilation) is None:
            fitting = min(
                geometry.paddings_for(1, input, kernel, dilation=dilation)
                + geometry.paddings_for(2, input, kernel, dilation=dilation)
            )
            with pytest.raises(ValueError, match=f"padding to at least {fitting}[ ,]"):
                output_size(input, kernel, 1, padding, dilation)


# Positions


def test_windows_are_pytorchs():
    for case in FITTING[::17]:
        _, kernel_size, stride, _, dilation = case
        rows, columns = geometry.window_starts(*case)
        assert (len(rows), len(columns)) == output_size(*case)
        positions = itertools.product(range(len(rows)), range(len(columns)))
        for position, wanted in zip(positions, windows_in_torch(*case), strict=True):
            cells = geometry.window(position, kernel_size, stride, dilation)
            assert set(itertools.product(*cells)) == wanted
            assert (rows[position[0]], columns[position[1]]) == min(wanted)


def test_unreached_rows_and_columns_are_in_no_window_of_pytorch():
    for case in FITTING:
        read = set().union(*windows_in_torch(*case))
        for axis, found in enumerate(geometry.unreached(*case)):
            padded = case[0][axis] + 2 * case[3][axis]
            assert found == sorted(set(range(padded)) - {cell[axis] for cell in read})


def test_what_the_floor_drops_is_unreached_and_lies_at_the_end():
    for case in FITTING:
        for axis, left in enumerate(geometry.remainder(*case)):
            padded = case[0][axis] + 2 * case[3][axis]
            assert 0 <= left < case[2][axis]
            assert set(range(padded - left, padded)) <= set(geometry.unreached(*case)[axis])
            assert padded - left - 1 not in geometry.unreached(*case)[axis]


def test_coverage_is_the_gradient_of_a_sum_in_pytorch():
    """The sum of all outputs of a kernel of ones: a pixel counts once for every window that reads it."""
    for case in FITTING[::3]:
        input_size, kernel_size, stride, padding, dilation = case
        input = torch.zeros(1, 1, *input_size, requires_grad=True)
        ones = torch.ones(1, 1, *kernel_size)
        torch.nn.functional.conv2d(input, ones, None, stride, padding, dilation).sum().backward()
        rows, columns = geometry.coverage(*case)
        assert torch.outer(torch.tensor(rows), torch.tensor(columns)).tolist() == input.grad[0, 0].tolist()


def test_coverage_of_the_padded_input_begins_and_ends_with_the_padding():
    for case in FITTING[::5]:
        for axis, (whole, inner) in enumerate(
            zip(geometry.coverage(*case, padded=True), geometry.coverage(*case), strict=True)
        ):
            before = case[3][axis]
            assert whole[before : before + len(inner)] == inner
            assert len(whole) == len(inner) + 2 * before == case[0][axis] + 2 * before
            assert sum(whole) == output_size(*case)[axis] * case[1][axis]


def test_coverage_under_an_uneven_same():
    assert geometry.coverage(4, 4, padding="same") == ([2, 3, 4, 3], [2, 3, 4, 3])


def test_windows_reading_a_cell_are_those_of_pytorch_that_hold_it():
    for case in FITTING[::97]:
        width = output_size(*case)[1]
        windows = windows_in_torch(*case)
        padded = [i + 2 * p for i, p in zip(case[0], case[3], strict=True)]
        for cell in itertools.product(*map(range, padded)):
            wanted = [divmod(number, width) for number, cells in enumerate(windows) if cell in cells]
            assert list(itertools.product(*geometry.windows_reading(cell, *case))) == wanted


@pytest.mark.parametrize("wrong", [(0, -1), (-1, 0)])
def test_positions_before_the_first_are_refused(wrong):
    for ask in (
        lambda: geometry.window(wrong, 3),
        lambda: geometry.windows_reading(wrong, 5, 3),
        lambda: geometry.receptive_field_of(wrong, []),
    ):
        with pytest.raises(ValueError, match="at least 0"):
            ask()


# Receptive fields


def seen_in_torch(stack, size, unit):
    """Return the cells of the input that ``unit`` depends on, or None where the stack leaves no such unit."""
    input = torch.zeros(1, 1, *size, dtype=torch.float64, requires_grad=True)
    output = input
    for layer in stack:
        if size_here(output.shape[2:], *layer) is None:
            return None
        ones = torch.ones(1, 1, *geometry.pair(layer.kernel_size, "kernel_size"), dtype=torch.float64)
        output = torch.nn.functional.conv2d(output, ones, None, layer.stride, layer.padding, layer.dilation)
    output[0, 0, unit[0], unit[1]].backward()
    return input.grad[0, 0].nonzero().tolist()


def random_stack(rng):
    def pair(lowest, highest):
        return rng.randint(lowest, highest), rng.randint(lowest, highest)

    return [Layer(pair(1, 4), pair(1, 3), pair(0, 2), pair(1, 2)) for _ in range(rng.randint(1, 4))]


def test_the_receptive_field_is_where_pytorch_s_gradient_is():
    rng = random.Random(5)
    inside = 0
    for _ in range(400):
        stack = random_stack(rng)
        size = (120, 131)
        shape = size
        for layer in stack:
            shape = size_here(shape, *layer) if shape else None
        if shape is None:
            continue
        unit = rng.randrange(shape[0]), rng.randrange(shape[1])
        field = geometry.receptive_field_of(unit, stack)
        seen = seen_in_torch(stack, size, unit)
        spans = [(min(axis), max(axis)) for axis in zip(*seen, strict=True)] if seen else None
        if all(first >= 0 and last < length for (first, last), length in zip(field, size, strict=True)):
            inside += 1
            assert spans == list(field)
            assert [last - first + 1 for first, last in spans] == list(geometry.receptive_field(stack).size)
        elif spans:  # at the border: never beyond what the recurrence says
            assert all(first <= low and high <= last for (first, last), (low, high) in zip(field, spans, strict=True))
    assert inside > 150


def test_the_receptive_field_under_same_is_where_the_gradient_is():
    for kernel, dilation in itertools.product(range(1, 6), range(1, 4)):
        stack = [Layer(kernel, 1, "same", dilation), Layer(3, 2, 1)]
        seen = seen_in_torch(stack, (40, 40), (9, 9))
        assert geometry.receptive_field_of((9, 9), stack) == tuple(
            (min(axis), max(axis)) for axis in zip(*seen, strict=True)
        )


def test_the_receptive_field_of_known_networks():
    assert geometry.receptive_field([(5, 2), (3, 2), (3, 1)]).size == (17, 17)
    assert geometry.receptive_field([]) == ((1, 1), (1, 1), (0, 0))
    assert geometry.receptive_field([(3,), (3,), (3,)]).size == (7, 7)
    assert geometry.receptive_field([(3, 2, 1)] * 3) == ((15, 15), (8, 8), (-7, -7))


def test_layers_are_given_as_tuples_layers_or_dicts():
    stack = [(5, 2, 1), ((3, 1), 1, 0, (2, 1))]
    dicts = [{"stride": 2, "kernel_size": 5, "padding": 1}, {"kernel_size": (3, 1), "dilation": (2, 1)}]

    assert geometry.receptive_field(stack) == geometry.receptive_field(dicts)
    assert geometry.receptive_field(stack) == geometry.receptive_field([Layer(*layer) for layer in stack])


# The other way round, and counting


@given(axes)
def test_inverse_questions_find_all_answers_and_no_others(axis):
    input, kernel, stride, padding, dilation = axis
    wanted = size_here(*axis)
    if wanted is None:
        return

    def solving(values, position):
        return [v for v in values if size_here(*axis[:position], v, *axis[position + 1 :]) == wanted]

    assert geometry.paddings_for(wanted, input, kernel, stride, dilation, most=8) == solving(range(9), 3)
    assert geometry.strides_for(wanted, input, kernel, padding, dilation, most=8) == solving(range(1, 9), 2)
    assert geometry.kernels_for(wanted, input, stride, padding, dilation, most=8) == solving(range(1, 9), 1)


def test_inverse_questions_without_an_answer_have_none():
    assert geometry.paddings_for(28, 28, 4) == []
    assert geometry.strides_for(99, 28, 3) == []
    assert geometry.kernels_for(29, 28) == []


def test_parameters_are_counted_as_pytorch_has_them():
    for channels, filters, kernel, bias, groups in itertools.product(
        (4, 6), (2, 8), (1, (3, 5)), (True, False), (1, 2)
    ):
        layer = torch.nn.Conv2d(channels, filters, kernel, bias=bias, groups=groups)
        count = sum(parameter.numel() for parameter in layer.parameters())
        assert geometry.parameter_count(channels, filters, kernel, bias, groups) == count
    with pytest.raises(ValueError, match="groups=3"):
        geometry.parameter_count(4, 6, 3, groups=3)
