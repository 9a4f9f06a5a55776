"""The convolution layer by hand, one result three ways: by loops, by windows, by a matrix product.

`conv2d_loops` reads like the definition, `conv2d_windows` lets NumPy cut out all windows at once, `conv2d_matmul` turns
the layer into one matrix product, as libraries do. `conv2d` is the quickest of them. All take what
`torch.nn.functional.conv2d` takes.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from lessonlib.arrays import plain, short
from lessonlib.geometry import Padding, Size, count, output_size, pair, resolve_padding
from lessonlib.sentences import say

# PyTorch's name → NumPy's.
PADDING_MODES: dict[str, Any] = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}

# Infinities and NaN pass through as in PyTorch, without NumPy's warnings.
_quietly = np.errstate(over="ignore", invalid="ignore")


def conv2d(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Size = 1,
    padding: Padding = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> NDArray[np.floating]:
    """Slide every filter over the input, as `torch.nn.functional.conv2d` does.

    What is computed is the cross-correlation: the kernel is not flipped.

    Parameters
    ----------
    input : array_like, (N, C, H, W) or (C, H, W)
        Numbers; a PyTorch tensor is fine too.
    weight : array_like, (O, C / groups, KH, KW)
    bias : array_like, (O,), optional
    stride, dilation : int or (int, int)
    padding : int, (int, int), "same" or "valid"
        Zeros on each side.
    groups : int

    Returns
    -------
    ndarray, (N, O, OH, OW) or (O, OH, OW)
        float32 where input and weight both are, otherwise float64, in which whole numbers stay exact and uint8 pixels
        do not overflow; OH and OW as `geometry.output_size` says.

    Raises
    ------
    TypeError
        For something that is not an array of real numbers.
    ValueError
        For shapes that do not fit each other, a kernel larger than the padded input, groups that do not divide the
        channels, a stride below 1, a negative padding. As in PyTorch a batch may be empty; an image, a filter or a
        list of channels may not.

    Examples
    --------
    >>> conv2d([[[1, 2, 3], [4, 5, 6], [7, 8, 9]]], [[[[1, 0], [0, -1]]]])
    array([[[-4., -4.],
            [-4., -4.]]])
    """
    return conv2d_matmul(input, weight, bias, stride, padding, dilation, groups)


@_quietly
def conv2d_loops(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Size = 1,
    padding: Padding = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> NDArray[np.floating]:
    """`conv2d` as it is defined: for every image, filter and position, sum one window times the filter, plus bias.

    Raises
    ------
    TypeError, ValueError
        As `conv2d`.
    """
    case = _Case(input, weight, bias, stride, padding, dilation, groups)
    (sh, sw), (dh, dw) = case.stride, case.dilation
    filters, channels, kernel_height, kernel_width = case.weight.shape
    output = np.zeros(case.output_shape)
    for n, o, row, column in np.ndindex(output.shape):
        first = o // (filters // groups) * channels  # the first input channel of this filter's group
        total = float(case.bias[o])
        for c, i, j in np.ndindex(channels, kernel_height, kernel_width):
            value = case.padded[n, first + c, row * sh + i * dh, column * sw + j * dw]
            total += float(value) * float(case.weight[o, c, i, j])
        output[n, o, row, column] = total
    return case.finish(output)


@_quietly
def conv2d_windows(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Size = 1,
    padding: Padding = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> NDArray[np.floating]:
    """`conv2d` by cutting out all windows at once, then multiplying each with the filters and summing.

    Raises
    ------
    TypeError, ValueError
        As `conv2d`.
    """
    case = _Case(input, weight, bias, stride, padding, dilation, groups)
    images, filters, height, width = case.output_shape
    windows = case.windows().reshape(images, case.groups, case.planes, height, width, *case.weight.shape[2:])
    weight = case.weight.reshape(case.groups, filters // case.groups, *case.weight.shape[1:])
    output = np.einsum("ngchwij,gocij->ngohw", windows, weight).reshape(case.output_shape)
    return case.finish(output + case.bias[:, None, None])


@_quietly
def conv2d_matmul(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Size = 1,
    padding: Padding = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> NDArray[np.floating]:
    """`conv2d` as one matrix product: every window becomes a column (im2col), every filter a row.

    Raises
    ------
    TypeError, ValueError
        As `conv2d`.
    """
    case = _Case(input, weight, bias, stride, padding, dilation, groups)
    images, filters, height, width = case.output_shape
    # (N, groups, C/groups · KH · KW, OH · OW)
    columns = case.columns().reshape(images, case.groups, case.weight[0].size, height * width)
    rows = case.weight.reshape(case.groups, filters // case.groups, case.weight[0].size)
    output = (rows @ columns).reshape(case.output_shape)
    return case.finish(output + case.bias[:, None, None])


def im2col(
    input: ArrayLike, kernel_size: Size, stride: Size = 1, padding: Padding = 0, dilation: Size = 1
) -> NDArray[np.floating]:
    """Return every window as a column, as `torch.nn.functional.unfold` orders them.

    Parameters
    ----------
    input : array_like, (N, C, H, W) or (C, H, W)
    kernel_size, stride, padding, dilation
        As for `conv2d`.

    Returns
    -------
    ndarray, (N, C · KH · KW, OH · OW) or (C · KH · KW, OH · OW)

    Raises
    ------
    TypeError, ValueError
        As `conv2d`.

    Examples
    --------
    >>> im2col([[[1, 2, 3], [4, 5, 6]]], 2)
    array([[1., 2.],
           [2., 3.],
           [4., 5.],
           [5., 6.]])
    """
    input = _numbers("input", input)
    channels = input.shape[-3] if input.ndim in (3, 4) else 1
    case = _Case(input, np.zeros((1, channels, *pair(kernel_size, "kernel_size"))), None, stride, padding, dilation, 1)
    columns = case.columns().copy()  # a view of the windows cannot be written to
    return columns if case.batched else columns[0]


def conv_matrix(
    input_size: Size, weight: ArrayLike, stride: Size = 1, padding: Padding = 0, dilation: Size = 1
) -> NDArray[np.floating]:
    """Return the matrix that is the layer: M, (O · OH · OW, C · H · W), mostly zeros.

    ``M @ input.ravel()`` equals ``conv2d(input, weight).ravel()``.

    Parameters
    ----------
    input_size : int or (int, int)
    weight : array_like, (O, C, KH, KW)
    stride, padding, dilation
        As for `conv2d`.

    Raises
    ------
    TypeError, ValueError
        As `conv2d`.

    Examples
    --------
    >>> conv_matrix((1, 4), [[[[1, 2]]]])
    array([[1., 2., 0., 0.],
           [0., 1., 2., 0.],
           [0., 0., 1., 2.]])
    """
    weight = _numbers("weight", weight)
    if weight.ndim != 4:
        raise ValueError(say("errors.weight_axes", shape=weight.shape, axes=weight.ndim))
    size = (weight.shape[1], *pair(input_size, "input_size"))
    # Every column is the answer to an image with a single 1 in it.
    ones = np.eye(int(np.prod(size))).reshape(-1, *size)
    return conv2d(ones, weight, None, stride, padding, dilation).reshape(len(ones), -1).T + 0.0  # no -0.0


def pad(input: ArrayLike, padding: Size | Sequence[Size], mode: str = "zeros") -> NDArray[np.floating]:
    """Return ``input`` with its last two axes padded as `torch.nn.Conv2d`'s ``padding_mode`` does.

    Parameters
    ----------
    input : array_like, (…, H, W)
    padding : int, (int, int), or ((top, bottom), (left, right))
    mode : {"zeros", "reflect", "replicate", "circular"}

    Raises
    ------
    TypeError
        For something that is not an array of real numbers, and for padding that is no whole number.
    ValueError
        For an unknown mode; for "reflect" with a padding that is not smaller than the input, "circular" with one that
        is larger.

    Examples
    --------
    >>> pad([[1, 2, 3]], (0, 2), "reflect")
    array([[3., 2., 1., 2., 3., 2., 1.]])
    """
    input = _planes("input", input)
    if not isinstance(mode, str) or mode not in PADDING_MODES:
        raise ValueError(say("errors.padding_mode", given=repr(mode), modes=", ".join(PADDING_MODES)))
    if isinstance(padding, (tuple, list)) and len(padding) == 2:
        sides = [pair(side, "padding", 0) for side in padding]
    else:
        sides = [pair(padding, "padding", 0)] * 2  # type: ignore[arg-type]  # it refuses the rest
    for size, side in zip(input.shape[-2:], sides, strict=True):
        if max(side) > {"reflect": size - 1, "circular": size}.get(mode, max(side)):
            raise ValueError(say(f"errors.{mode}_padding", padding=max(side), size=size))
    return np.pad(input, [(0, 0)] * (input.ndim - 2) + sides, mode=PADDING_MODES[mode])


def flip(kernel: ArrayLike) -> NDArray[np.floating]:
    """Return the kernel turned by 180°: its last two axes reversed.

    With it cross-correlation becomes what mathematics calls convolution.

    Parameters
    ----------
    kernel : array_like, (…, KH, KW)

    Raises
    ------
    TypeError
        For something that is not an array of real numbers.
    ValueError
        For an array of fewer than two axes.

    Examples
    --------
    >>> flip([[1, 2], [3, 4]])
    array([[4., 3.],
           [2., 1.]])
    """
    # A copy: PyTorch does not read an array backwards.
    return _planes("kernel", kernel)[..., ::-1, ::-1].copy()


class _Case:
    """One call of conv2d, its arguments checked and brought to one form: a batch, padded, with a bias."""

    def __init__(self, input, weight, bias, stride, padding, dilation, groups):
        input, weight = _numbers("input", input), _numbers("weight", weight)
        try:
            self._set(input, weight, bias, stride, padding, dilation, groups)
        except ValueError as error:
            call = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
            raise ValueError(f"{error} {say('errors.call', input=input.shape, weight=weight.shape, **call)}") from None

    def _set(self, input, weight, bias, stride, padding, dilation, groups):
        if input.ndim not in (3, 4):
            raise ValueError(say("errors.input_axes", shape=input.shape, axes=input.ndim))
        if weight.ndim != 4:
            raise ValueError(say("errors.weight_axes", shape=weight.shape, axes=weight.ndim))
        if 0 in weight.shape or 0 in input.shape[-3:]:
            raise ValueError(say("errors.empty"))
        channels = input.shape[-3]
        groups = count(groups, "groups")
        if channels % groups or len(weight) % groups:
            raise ValueError(say("errors.groups", groups=groups, in_channels=channels, out_channels=len(weight)))
        if weight.shape[1] * groups != channels:
            raise ValueError(say("errors.channels", channels=channels, planes=weight.shape[1], groups=groups))
        bias = np.zeros(len(weight), weight.dtype) if bias is None else _numbers("bias", bias)
        if bias.shape != (len(weight),):
            raise ValueError(say("errors.bias", shape=bias.shape, filters=len(weight)))
        self.batched = input.ndim == 4
        self.dtype = np.result_type(input, weight)
        self.weight, self.bias, self.groups, self.planes = weight, bias, groups, weight.shape[1]
        self.stride, self.dilation = pair(stride, "stride"), pair(dilation, "dilation")
        size = output_size(input.shape[-2:], weight.shape[2:], stride, padding, dilation)
        sides = resolve_padding(padding, weight.shape[2:], stride, dilation)
        self.padded = pad(input if self.batched else input[None], sides)
        self.output_shape = (len(self.padded), len(weight), *size)

    def windows(self):
        """All windows at once, without copying: (N, C, OH, OW, KH, KW)."""
        (sh, sw), (dh, dw), (kh, kw) = self.stride, self.dilation, self.weight.shape[2:]
        span = (dh * (kh - 1) + 1, dw * (kw - 1) + 1)
        return sliding_window_view(self.padded, span, axis=(2, 3))[:, :, ::sh, ::sw, ::dh, ::dw]

    def columns(self):
        """Every window as a column: (N, C · KH · KW, OH · OW)."""
        images, channels = self.padded.shape[:2]
        (kh, kw), (oh, ow) = self.weight.shape[2:], self.output_shape[2:]
        return np.moveaxis(self.windows(), (4, 5), (2, 3)).reshape(images, channels * kh * kw, oh * ow)

    def finish(self, output):
        output = output.astype(self.dtype)
        return output if self.batched else output[0]


def _numbers(name, values):
    """``values`` as an array of float32 or float64; whole numbers become float64, so that uint8 cannot overflow."""
    try:
        array = np.asarray(plain(values, name))
    except (TypeError, ValueError):  # a ragged list
        raise TypeError(say("errors.not_numbers", name=name, given=short(values))) from None
    if array.dtype.kind not in "iuf":
        raise TypeError(say("errors.not_numbers", name=name, given=short(values)))
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)


def _planes(name, values):
    """`_numbers` with at least the two axes of a plane."""
    array = _numbers(name, values)
    if array.ndim < 2:
        raise ValueError(say("errors.plane_axes", name=name, shape=array.shape, axes=array.ndim))
    return array
