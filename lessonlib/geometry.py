"""Sizes and positions: the shape formula, where windows stand, what the floor leaves over, receptive fields.

Whole numbers only, and the only place where they are worked out: explorers, checks and figures ask here, and
``kit/geometry.js`` is held to it by a test. Every size may be an int, for a square, or a pair (height, width), as a list, an
array or a tensor too. `output_size`, `size_before_floor` and `effective_kernel_size` answer with one number where all
that they are given are single numbers, else with a pair; what speaks of rows and columns always gives both.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from operator import index
from typing import Any, Literal, NamedTuple, SupportsIndex, TypeAlias, TypeVar, overload

from lessonlib.sentences import say

Size: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
"""A whole number for both axes, or (height, width); NumPy's and PyTorch's numbers, arrays and tensors too."""
Value = TypeVar("Value")
Word: TypeAlias = Literal["same", "valid"]
Padding: TypeAlias = Size | Word
"""Padding on each side: a size, or one of PyTorch's words."""


def pair(value: Size, name: str, lowest: int = 1) -> tuple[int, int]:
    """Return (height, width) of an int or a pair of ints.

    Raises
    ------
    TypeError
        If ``value`` is neither.
    ValueError
        If a number lies below ``lowest``.

    Examples
    --------
    >>> pair(3, "kernel_size"), pair((3, 5), "kernel_size")
    ((3, 3), (3, 5))
    """
    values = _listed(value)
    values = values if isinstance(values, tuple) else (values, values)
    whole = [number for number in map(as_whole, values) if number is not None]
    if len(values) != 2 or len(whole) != 2:
        raise TypeError(say("errors.not_whole", name=name, given=repr(value)))
    if min(whole) < lowest:
        raise ValueError(say("errors.too_low", name=name, given=value, lowest=lowest))
    return whole[0], whole[1]


def count(value: SupportsIndex, name: str, lowest: int = 1) -> int:
    """Return ``value`` as an int of at least ``lowest``, for what is no size of an axis: channels, groups.

    Raises
    ------
    TypeError, ValueError
        As `pair`, but a pair is refused too.

    Examples
    --------
    >>> count(3, "groups")
    3
    """
    if as_whole(_listed(value)) is None:
        raise TypeError(say("errors.not_one_whole", name=name, given=repr(value)))
    return pair(value, name, lowest)[0]


def as_whole(value: object) -> int | None:
    """Return a whole number of any kind (NumPy's and PyTorch's too) as an int, or None; True and False are none.

    Examples
    --------
    >>> as_whole(3), as_whole(3.0), as_whole(True)
    (3, None, None)
    """
    value = _listed(value)
    if isinstance(value, (bool, tuple)):
        return None
    try:
        return index(value)
    except TypeError:
        return None


def flag(value: object, name: str) -> bool:
    """Return True or False of what Python takes for one.

    Raises
    ------
    TypeError
        For arrays of several numbers and the like, which are neither.

    Examples
    --------
    >>> flag(1, "bias")
    True
    """
    try:
        return bool(value)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(say("errors.not_flag", name=name, given=repr(value))) from None


def _two(values: Iterable[Value]) -> tuple[Value, Value]:
    """Two values as a pair: what holds for rows, and what for columns."""
    rows, columns = values
    return rows, columns


def _listed(value):
    """Lists, arrays and tensors as tuples, their numbers as Python's; other values as they are."""
    if hasattr(value, "tolist") and hasattr(value, "dtype"):
        try:
            value = value.tolist()
        except (RuntimeError, NotImplementedError, ValueError):  # a tensor without values
            return None
    return tuple(value) if isinstance(value, (tuple, list)) else value


@overload
def effective_kernel_size(  # type: ignore[overload-overlap]  # whole numbers first
    kernel_size: SupportsIndex,
    dilation: SupportsIndex = 1,
) -> int: ...


@overload
def effective_kernel_size(kernel_size: Size, dilation: Size = 1) -> tuple[int, int]: ...


def effective_kernel_size(kernel_size, dilation=1):
    """Return how many cells a kernel spans, gaps included: D·(K − 1) + 1.

    Parameters
    ----------
    kernel_size, dilation : int or (int, int)

    Returns
    -------
    int or (int, int)

    Raises
    ------
    TypeError, ValueError
        For sizes that are no whole numbers, or below 1.

    Examples
    --------
    >>> effective_kernel_size(3, dilation=2)
    5
    """
    return _per_axis(_span, kernel_size=kernel_size, dilation=dilation)


@overload
def output_size(  # type: ignore[overload-overlap]  # whole numbers first
    input_size: SupportsIndex,
    kernel_size: SupportsIndex,
    stride: SupportsIndex = 1,
    padding: SupportsIndex | Word = 0,
    dilation: SupportsIndex = 1,
) -> int: ...


@overload
def output_size(
    input_size: Size, kernel_size: Size, stride: Size = 1, padding: Padding = 0, dilation: Size = 1
) -> tuple[int, int]: ...


def output_size(input_size, kernel_size, stride=1, padding=0, dilation=1):
    """Return the size of the feature map: floor((I + 2P − D·(K − 1) − 1) / S + 1).

    With dilation 1 that is the lecture note's floor((I − K + 2P) / S + 1); the full formula is that of
    `torch.nn.Conv2d`.

    Parameters
    ----------
    input_size, kernel_size, stride, dilation : int or (int, int)
    padding : int, (int, int), "same" or "valid"
        Per side.

    Returns
    -------
    int or (int, int)

    Raises
    ------
    TypeError
        For sizes that are neither whole numbers nor pairs of them.
    ValueError
        If no window fits into the padded input, a size or a stride lies below 1, or a padding below 0.

    Examples
    --------
    >>> output_size(28, 3)
    26
    >>> output_size((28, 26), 3, stride=2, padding=1)
    (14, 13)
    """
    axes = _axes(input_size, kernel_size, stride, padding, dilation)
    sizes = tuple(axis.output_size() for axis in axes)
    return sizes if _any_pair(input_size, kernel_size, stride, padding, dilation) else sizes[0]


@overload
def size_before_floor(  # type: ignore[overload-overlap]  # whole numbers first
    input_size: SupportsIndex,
    kernel_size: SupportsIndex,
    stride: SupportsIndex = 1,
    padding: SupportsIndex | Word = 0,
    dilation: SupportsIndex = 1,
) -> Fraction: ...


@overload
def size_before_floor(
    input_size: Size, kernel_size: Size, stride: Size = 1, padding: Padding = 0, dilation: Size = 1
) -> tuple[Fraction, Fraction]: ...


def size_before_floor(input_size, kernel_size, stride=1, padding=0, dilation=1):
    """Return the value of the shape formula before its floor, as a `Fraction` (or a pair of them).

    Parameters
    ----------
    input_size, kernel_size, stride, padding, dilation
        As `output_size` takes them.

    Raises
    ------
    TypeError, ValueError
        As `output_size`; but where no window fits the value is below 1, and nothing is raised.

    Examples
    --------
    >>> size_before_floor(6, 3, stride=2)
    Fraction(5, 2)
    """
    axes = _axes(input_size, kernel_size, stride, padding, dilation)
    sizes = tuple(Fraction(axis.padded - axis.span, axis.stride) + 1 for axis in axes)
    return sizes if _any_pair(input_size, kernel_size, stride, padding, dilation) else sizes[0]


def resolve_padding(
    padding: Padding, kernel_size: Size, stride: Size = 1, dilation: Size = 1
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return ((top, bottom), (left, right)), with "same" and "valid" worked out as PyTorch does.

    "same" adds D·(K − 1) cells in all; where that is odd, the one that is left goes to the bottom and the right.

    Raises
    ------
    TypeError
        For numbers that are not whole.
    ValueError
        For "same" with a stride other than 1, which PyTorch refuses, and for any other word.

    Examples
    --------
    >>> resolve_padding("same", 3), resolve_padding("same", 4), resolve_padding(2, 3)
    (((1, 1), (1, 1)), ((1, 2), (1, 2)), ((2, 2), (2, 2)))
    """
    if not isinstance(padding, str):
        return _two((side, side) for side in pair(padding, "padding", 0))
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding != "same":
        raise ValueError(say("errors.padding_word", given=repr(padding)))
    if pair(stride, "stride") != (1, 1):
        raise ValueError(say("errors.same_with_stride", stride=stride))
    kernels, dilations = pair(kernel_size, "kernel_size"), pair(dilation, "dilation")
    totals = [_span(k, d) - 1 for k, d in zip(kernels, dilations, strict=True)]
    return _two((total // 2, total - total // 2) for total in totals)


def window_starts(
    input_size: Size, kernel_size: Size, stride: Size = 1, padding: Padding = 0, dilation: Size = 1
) -> tuple[list[int], list[int]]:
    """Return (rows, columns): where in the padded input the windows begin.

    Parameters
    ----------
    input_size, kernel_size, stride, padding, dilation
        As `output_size` takes them.

    Raises
    ------
    TypeError, ValueError
        As `output_size`.

    Examples
    --------
    >>> window_starts((5, 6), 3, stride=2)
    ([0, 2], [0, 2])
    """
    return _two(axis.starts() for axis in _axes(input_size, kernel_size, stride, padding, dilation))


def window(position: Size, kernel_size: Size, stride: Size = 1, dilation: Size = 1) -> tuple[list[int], list[int]]:
    """Return (rows, columns) of the padded input that the window of output cell ``position`` (row, column) reads.

    Parameters
    ----------
    position : (int, int)
        Row and column of the output, from 0.
    kernel_size, stride, dilation : int or (int, int)

    Raises
    ------
    TypeError, ValueError
        For numbers that are not whole, sizes below 1, a position below 0.

    Examples
    --------
    >>> window((0, 1), 2, stride=2, dilation=3)
    ([0, 3], [2, 5])
    """
    sizes = pair(kernel_size, "kernel_size"), pair(stride, "stride"), pair(dilation, "dilation")
    cell = pair(position, "position", 0)
    return _two([at * s + i * d for i in range(k)] for at, k, s, d in zip(cell, *sizes, strict=True))


def unreached(
    input_size: Size, kernel_size: Size, stride: Size = 1, padding: Padding = 0, dilation: Size = 1
) -> tuple[list[int], list[int]]:
    """Return (rows, columns) of the padded input that no window reads: left over at the end, or skipped in between.

    Parameters
    ----------
    input_size, kernel_size, stride, padding, dilation
        As `output_size` takes them.

    Raises
    ------
    TypeError, ValueError
        As `output_size`.

    Examples
    --------
    >>> unreached(6, 3, stride=2)
    ([5], [5])
    """
    axes = _axes(input_size, kernel_size, stride, padding, dilation)
    return _two([i for i, count in enumerate(axis.counts()) if count == 0] for axis in axes)


def remainder(
    input_size: Size, kernel_size: Size, stride: Size = 1, padding: Padding = 0, dilation: Size = 1
) -> tuple[int, int]:
    """Return how many rows and columns lie beyond the last window: what the floor drops.

    Parameters
    ----------
    input_size, kernel_size, stride, padding, dilation
        As `output_size` takes them.

    Raises
    ------
    TypeError, ValueError
        As `output_size`.

    Examples
    --------
    >>> remainder((6, 7), 3, stride=2)
    (1, 0)
    """
    axes = _axes(input_size, kernel_size, stride, padding, dilation)
    return _two(axis.padded - axis.span - axis.starts()[-1] for axis in axes)


def coverage(
    input_size: Size,
    kernel_size: Size,
    stride: Size = 1,
    padding: Padding = 0,
    dilation: Size = 1,
    padded: bool = False,
) -> tuple[list[int], list[int]]:
    """Return (per row, per column): how many windows read each row and each column of the input.

    A pixel is read by the product of the two counts: its row's times its column's.

    Parameters
    ----------
    input_size, kernel_size, stride, padding, dilation
        As `output_size` takes them.
    padded : bool
        Count for the padded input, not for the input alone.

    Raises
    ------
    TypeError, ValueError
        As `output_size`.

    Examples
    --------
    >>> coverage(5, 3)
    ([1, 2, 3, 2, 1], [1, 2, 3, 2, 1])
    """
    axes = _axes(input_size, kernel_size, stride, padding, dilation)
    return _two(axis.counts() if padded else axis.counts()[axis.before : axis.before + axis.input] for axis in axes)


def windows_reading(
    index: Size, input_size: Size, kernel_size: Size, stride: Size = 1, padding: Padding = 0, dilation: Size = 1
) -> tuple[list[int], list[int]]:
    """Return (rows, columns) of the output whose windows read cell ``index`` (row, column) of the padded input.

    Parameters
    ----------
    index : (int, int)
        Row and column of the padded input, from 0.
    input_size, kernel_size, stride, padding, dilation
        As `output_size` takes them.

    Raises
    ------
    TypeError, ValueError
        As `output_size`; a `ValueError` too for a cell that lies outside.

    Examples
    --------
    >>> windows_reading((0, 2), 5, 3)
    ([0], [0, 1, 2])
    """
    axes, cells = _axes(input_size, kernel_size, stride, padding, dilation), pair(index, "index", 0)
    if any(cell >= axis.padded for cell, axis in zip(cells, axes, strict=True)):
        raise ValueError(say("errors.outside", name="index", given=cells, size=tuple(axis.padded for axis in axes)))
    return _two(
        [i for i, start in enumerate(axis.starts()) if cell in axis.cells(start)]
        for cell, axis in zip(cells, axes, strict=True)
    )


def paddings_for(
    wanted: Size, input_size: Size, kernel_size: Size, stride: Size = 1, dilation: Size = 1, most: int = 16
) -> list[int]:
    """Return all paddings up to ``most`` that turn ``input_size`` into ``wanted``; one axis, ints.

    Returns
    -------
    list of int
        From the smallest up; empty, if there is none.

    Raises
    ------
    TypeError, ValueError
        For sizes that are no whole numbers, or below 1.

    Examples
    --------
    >>> paddings_for(28, 28, 5)
    [2]
    """
    return _solving(
        range(count(most, "most", 0) + 1), lambda p: output_size(input_size, kernel_size, stride, p, dilation), wanted
    )


def strides_for(
    wanted: Size, input_size: Size, kernel_size: Size, padding: Padding = 0, dilation: Size = 1, most: int = 16
) -> list[int]:
    """Return all strides up to ``most`` that turn ``input_size`` into ``wanted``; one axis, ints.

    Returns
    -------
    list of int
        From the smallest up; empty, if there is none.

    Raises
    ------
    TypeError, ValueError
        For sizes that are no whole numbers, or below 1.

    Examples
    --------
    >>> strides_for(14, 28, 3, padding=1)
    [2]
    """
    return _solving(
        range(1, count(most, "most", 0) + 1),
        lambda s: output_size(input_size, kernel_size, s, padding, dilation),
        wanted,
    )


def kernels_for(
    wanted: Size, input_size: Size, stride: Size = 1, padding: Padding = 0, dilation: Size = 1, most: int = 16
) -> list[int]:
    """Return all kernel sizes up to ``most`` that turn ``input_size`` into ``wanted``; one axis, ints.

    Returns
    -------
    list of int
        From the smallest up; empty, if there is none.

    Raises
    ------
    TypeError, ValueError
        For sizes that are no whole numbers, or below 1.

    Examples
    --------
    >>> kernels_for(26, 28)
    [3]
    """
    return _solving(
        range(1, count(most, "most", 0) + 1), lambda k: output_size(input_size, k, stride, padding, dilation), wanted
    )


def _solving(candidates, size_with, wanted):
    wanted, found = pair(wanted, "wanted"), []
    for candidate in candidates:
        try:
            if pair(size_with(candidate), "wanted") == wanted:
                found.append(candidate)
        except ValueError:  # no window fits
            continue
    return found


class Layer(NamedTuple):
    """One layer of a stack, for `receptive_field`: ints or pairs; padding also "same" or "valid"."""

    kernel_size: Size = 1
    stride: Size = 1
    padding: Padding = 0
    dilation: Size = 1


class ReceptiveField(NamedTuple):
    """What one unit sees: its size, its step from unit to unit, where unit 0's begins (negative: in the padding)."""

    size: tuple[int, int]
    jump: tuple[int, int]
    start: tuple[int, int]


def receptive_field(layers: Sequence[Layer | Sequence[Any] | Mapping[str, Any]]) -> ReceptiveField:
    """Return the receptive field of a unit of the last layer, in pixels of the input, as (height, width) each.

    Layer by layer: size += (span − 1) · jump, start −= padding · jump, jump ∗= stride
    (Araujo, Norris & Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019).

    Parameters
    ----------
    layers : sequence of `Layer`, tuple or dict
        From the input upwards. In a tuple (kernel_size, stride, padding, dilation) the last ones may be left out, in a
        dict any.

    Returns
    -------
    ReceptiveField

    Raises
    ------
    TypeError
        For something that is no list of layers, and for a key that a layer does not have.
    ValueError
        For sizes and strides below 1, and for padding as `resolve_padding`.

    Examples
    --------
    >>> receptive_field([(5, 2), (3, 2), (3, 1)]).size
    (17, 17)
    """
    size, jump, start = [1, 1], [1, 1], [0, 0]
    for kernel_size, stride, padding, dilation in _stack(layers):
        kernels, strides = pair(kernel_size, "kernel_size"), pair(stride, "stride")
        dilations = pair(dilation, "dilation")
        sides = resolve_padding(padding, kernel_size, stride, dilation)
        for i in range(2):
            size[i] += (_span(kernels[i], dilations[i]) - 1) * jump[i]
            start[i] -= sides[i][0] * jump[i]
            jump[i] *= strides[i]
    return ReceptiveField(_two(size), _two(jump), _two(start))


def _stack(layers):
    """The layers of a stack, each as a `Layer`."""
    if not isinstance(layers, (tuple, list)) or isinstance(layers, Layer):
        raise TypeError(say("errors.layers", given=repr(layers)))
    stack = []
    for layer in layers:
        if isinstance(layer, dict):
            for name in layer:
                if name not in Layer._fields:
                    raise TypeError(say("errors.layer_key", name=repr(name), names=", ".join(Layer._fields)))
            stack.append(Layer(**layer))
        elif isinstance(layer, (tuple, list)) and len(layer) <= len(Layer._fields):
            stack.append(Layer(*layer))
        else:
            raise TypeError(say("errors.layers", given=repr(layer)))
    return stack


def receptive_field_of(
    unit: Size, layers: Sequence[Layer | Sequence[Any] | Mapping[str, Any]]
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return ((top, bottom), (left, right)), both ends included: the pixels of the input that unit (row, column) sees.

    Indices below 0 or beyond the input lie in the padding.

    Parameters
    ----------
    unit : (int, int)
        Row and column of the last layer's output, from 0.
    layers : sequence
        As `receptive_field` takes them.

    Raises
    ------
    TypeError, ValueError
        As `receptive_field`; for a unit below 0 too.

    Examples
    --------
    >>> receptive_field_of((1, 0), [(3, 2, 1)])
    ((1, 3), (-1, 1))
    """
    field = receptive_field(layers)
    cell = pair(unit, "unit", 0)
    starts = [start + at * jump for at, jump, start in zip(cell, field.jump, field.start, strict=True)]
    return _two((start, start + size - 1) for start, size in zip(starts, field.size, strict=True))


def parameter_count(in_channels: int, out_channels: int, kernel_size: Size, bias: bool = True, groups: int = 1) -> int:
    """Return the number of learned numbers in a layer: O · (C / groups) · KH · KW weights, and O biases.

    Parameters
    ----------
    in_channels, out_channels, groups : int
    kernel_size : int or (int, int)
    bias : bool

    Raises
    ------
    TypeError
        For numbers that are not whole.
    ValueError
        For numbers below 1, and for groups that do not divide both kinds of channels.

    Examples
    --------
    >>> parameter_count(3, 8, 5)
    608
    """
    height, width = pair(kernel_size, "kernel_size")
    in_channels, out_channels = count(in_channels, "in_channels"), count(out_channels, "out_channels")
    groups = count(groups, "groups")
    if in_channels % groups or out_channels % groups:
        raise ValueError(say("errors.groups", groups=groups, in_channels=in_channels, out_channels=out_channels))
    return out_channels * (in_channels // groups) * height * width + (out_channels if flag(bias, "bias") else 0)


def _span(kernel, dilation):
    return dilation * (kernel - 1) + 1


class _Axis(NamedTuple):
    """The sizes along one axis; ``before`` and ``after`` are the padding on its two sides."""

    input: int
    kernel: int
    stride: int
    before: int
    after: int
    dilation: int

    @property
    def padded(self):
        return self.before + self.input + self.after

    @property
    def span(self):
        return _span(self.kernel, self.dilation)

    def output_size(self):
        if self.span > self.padded:
            smallest = self.before + (self.span - self.padded + 1) // 2
            key = "errors.kernel_too_large" if self.dilation == 1 else "errors.dilated_kernel_too_large"
            sizes = {"kernel": self.kernel, "span": self.span, "dilation": self.dilation, "padded": self.padded}
            raise ValueError(say(key, smallest=smallest, **sizes))
        return (self.padded - self.span) // self.stride + 1

    def starts(self):
        return [i * self.stride for i in range(self.output_size())]

    def cells(self, start):
        return range(start, start + self.span, self.dilation)

    def counts(self):
        counts = [0] * self.padded
        for start in self.starts():
            for cell in self.cells(start):
                counts[cell] += 1
        return counts


def _axes(input_size, kernel_size, stride, padding, dilation):
    """The two axes, rows and columns, of arguments that are checked here."""
    sizes = pair(input_size, "input_size"), pair(kernel_size, "kernel_size"), pair(stride, "stride")
    dilations, sides = pair(dilation, "dilation"), resolve_padding(padding, kernel_size, stride, dilation)
    return [_Axis(i, k, s, *side, d) for i, k, s, d, side in zip(*sizes, dilations, sides, strict=True)]


def _any_pair(*values):
    return any(isinstance(_listed(value), tuple) for value in values)


def _per_axis(rule, **values):
    pairs = [pair(value, name) for name, value in values.items()]
    both = tuple(rule(*numbers) for numbers in zip(*pairs, strict=True))
    return both if _any_pair(*values.values()) else both[0]
