"""Receptive fields, followed from operation to operation.

Of every tensor that comes from the input is known which of its axes run along the rows and the columns of the picture, and which
`Window` of the picture unit 0 of such an axis sees. An operation that is not understood makes the field `Unknown`, with the reason:
never a guess. It makes no difference to the dispatcher whether a gradient is kept, so that detached paths are followed like others.
"""

import contextlib
from math import prod
from typing import NamedTuple

import torch
from torch.multiprocessing.reductions import StorageWeakRef

from lessonlib.summary.operations import name_of


class Window(NamedTuple):
    """Along one axis of the picture: unit i sees ``size`` pixels from ``start + i * jump`` on."""

    size: int
    jump: int
    start: int


class Field(NamedTuple):
    """What the units of a tensor see.

    ``layout`` has one entry for each axis of the tensor: the pieces that it is made of, each (length, 0 for rows, 1 for columns or None).
    ``windows`` holds those of rows and columns. Where channels see different windows, the largest is kept and ``mixed`` is set.
    """

    layout: tuple
    windows: tuple
    mixed: bool = False

    def axis(self, side):
        """Return the axis that runs along the rows (0) or columns (1) and nothing else, or None."""
        return next((k for k, pieces in enumerate(self.layout) if [one[1] for one in pieces] == [side]), None)

    def known(self):
        return self.axis(0) is not None and self.axis(1) is not None


class Unknown(NamedTuple):
    """No field, and why: the name of a sentence in ``words/summary.toml``, and the operation that it speaks of."""

    reason: str
    operation: str = ""


class LostError(Exception):
    """Raised by a rule that cannot say what the result sees."""


def of_picture(shape):
    """Return the field of an input (C, H, W) or (N, C, H, W): every pixel sees itself."""
    if len(shape) not in (3, 4):
        return Unknown("no_picture")
    sides = [None] * (len(shape) - 2) + [0, 1]
    return Field(tuple(((n, side),) for n, side in zip(shape, sides, strict=True)), (Window(1, 1, 0),) * 2)


class Follower:
    """Knows the field of every tensor that was made from the input; tensors that were not have None.

    Tensors are known by their memory, so that one that is looked at under two names, or written to, is not mistaken.
    """

    def __init__(self, input):
        self._memory = {}  # storage → {(shape, strides, offset): field}
        self.decided = None
        self._keep(input, of_picture(input.shape))

    def field(self, tensor):
        """Return a tensor's `Field`, an `Unknown`, or None where nothing of the input is in it."""
        if self.decided:
            return self.decided
        if not isinstance(tensor, torch.Tensor):
            return None
        try:
            seen = self._memory.get(StorageWeakRef(tensor.untyped_storage()))
        except (RuntimeError, NotImplementedError):  # sparse and other tensors without plain memory
            return Unknown("operation", type(tensor).__name__)
        return None if seen is None else seen.get(_place(tensor)) or seen.get(None) or Unknown("written")

    def set(self, tensor, field):
        """Say what the units of a tensor see, where it is known from the layer."""
        self._keep(tensor, field)

    def heard(self, func, given, result):
        """Note what the results of an operation see."""
        name = name_of(func)
        read = [(one, self.field(one)) for one in _tensors(given.values())]
        parts = [(tensor, field) for tensor, field in read if field is not None]
        written = _written(func, given)
        if name in ("copy_", "set_") and len(written) == 1:  # what was there before is gone
            parts = [(tensor, field) for tensor, field in parts if tensor is not written[0]]
        if not parts or name in _ANEW:
            return
        unknown = next((field for _, field in parts if isinstance(field, Unknown)), None)
        if name in _LOOKS:
            self.decided = unknown or Unknown("decided", name)
            return
        outputs = list(_tensors([result])) if result is not None else []
        for output in [*outputs, *(one for one in written if all(one is not other for other in outputs))]:
            field = unknown or self._made(func, given, parts, output)
            if any(output is one for one in written):
                self._write(output, field)
            else:
                self._keep(output, field)

    def _made(self, func, given, parts, output):
        name = name_of(func)
        rule = _together if torch.Tag.pointwise in func.tags else _RULES.get(name)
        try:
            if rule is None:
                raise LostError("operation")
            return rule(given, parts, output)
        except LostError as lost:
            return Unknown(str(lost), name.rstrip("_"))
        except Exception:  # a rule that met what it was not written for: better nothing than a guess
            return Unknown("operation", name.rstrip("_"))

    def _keep(self, tensor, field):
        with contextlib.suppress(RuntimeError, NotImplementedError):  # without plain memory: `field` answers for these
            self._memory.setdefault(StorageWeakRef(tensor.untyped_storage()), {})[_place(tensor)] = field

    def _write(self, tensor, field):
        """A tensor was written to: others that look at the same memory now see something else."""
        key = StorageWeakRef(tensor.untyped_storage())
        seen = self._memory.get(key, {})
        whole = tensor.numel() * tensor.element_size() == tensor.untyped_storage().nbytes()
        if whole or seen.get(_place(tensor)) == field:
            others = {place: one if one == field else Unknown("written") for place, one in seen.items()}
            self._memory[key] = {**others, _place(tensor): field}
        else:
            self._memory[key] = {None: Unknown("written")}


def _place(tensor):
    return tuple(tensor.shape), tuple(tensor.stride()), tensor.storage_offset()


def _tensors(values):
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, (tuple, list)):
            yield from _tensors(value)


def _written(func, given):
    names = [one.name for one in func._schema.arguments if one.alias_info is not None and one.alias_info.is_write]
    return list(_tensors(given[name] for name in names if name in given))


# --- Rules: (arguments, [(tensor, field) that come from the input], one result) → Field


def _same(given, parts, output):
    """The result has the axes of the one tensor that is read."""
    field = _only(parts)
    return field._replace(layout=_relength(field.layout, output.shape))


def _together(given, parts, output):
    """Elementwise, with broadcasting: a unit sees what the units at its place see."""
    shape, found = tuple(output.shape), []
    for _, field in parts:
        layout = ((),) * (len(shape) - len(field.layout)) + field.layout
        pieces = []
        for axis, length in zip(layout, shape, strict=True):
            if _length(axis) != length:  # one unit for all places
                if any(side is not None for _, side in axis):
                    raise LostError("whole")
                axis = ((length, None),)
            pieces.append(axis)
        found.append(field._replace(layout=_merged(pieces)))
    return _union(found)


def _union(fields):
    first = fields[0]
    if any(field.layout != first.layout for field in fields):
        raise LostError("unlike")
    windows = []
    for below in zip(*(field.windows for field in fields), strict=True):
        if len({one.jump for one in below}) > 1:
            raise LostError("unlike")
        start = min(one.start for one in below)
        windows.append(Window(max(one.start + one.size for one in below) - start, below[0].jump, start))
    return Field(first.layout, tuple(windows), any(field.mixed for field in fields))


def _joined(given, parts, output):
    """Tensors side by side along an axis that is none of the picture."""
    dim = given["dim"] % output.dim()
    fields = []
    for tensor, field in parts:
        if tensor.dim() != output.dim():  # stacked: an axis is new
            field = field._replace(layout=(*field.layout[:dim], ((1, None),), *field.layout[dim:]))
        if _sides(field.layout[dim]):
            raise LostError("sideways")
        joined = ((output.shape[dim], None),)
        fields.append(field._replace(layout=_merged([*field.layout[:dim], joined, *field.layout[dim + 1 :]])))
    whole = _union(fields)
    return whole._replace(mixed=whole.mixed or any(field.windows != fields[0].windows for field in fields))


def _view(given, parts, output):
    field = _only(parts)
    pieces = [piece for axis in field.layout for piece in axis if piece != (1, None)]
    if field.mixed and [_length(axis) for axis in field.layout] != list(output.shape):
        raise LostError("unlike")
    layout, pieces = [], list(_merged([pieces])[0]) if pieces else []
    for length in output.shape:
        axis, need = [], length
        if need == 1 and pieces and pieces[0][0] == 1:
            axis.append(pieces.pop(0))
        while need > 1:
            many, side = pieces.pop(0)
            if need % many == 0:
                axis.append((many, side))
                need //= many
            elif side is None and many % need == 0:
                axis.append((need, None))
                pieces.insert(0, (many // need, None))
                need = 1
            else:
                raise LostError("flat")
        layout.append(axis)
    return field._replace(layout=_merged(layout))


def _permuted(given, parts, output):
    field = _only(parts)
    return field._replace(layout=tuple(field.layout[dim] for dim in given["dims"]))


def _swapped(given, parts, output):
    field, axes = _only(parts), output.dim()
    layout = list(field.layout)
    one, other = (given.get("dim0", 0), given.get("dim1", 1)) if axes > 1 else (0, 0)
    layout[one % axes], layout[other % axes] = layout[other % axes], layout[one % axes]
    return field._replace(layout=tuple(layout))


def _widened(given, parts, output):
    field, dim = _only(parts), given["dim"] % output.dim()
    return field._replace(layout=(*field.layout[:dim], ((1, None),), *field.layout[dim:]))


def _squeezed(given, parts, output):
    field = _only(parts)
    dims = given.get("dim", range(len(field.layout)))
    dims = [dims] if isinstance(dims, int) else dims
    gone = {dim % len(field.layout) for dim in dims if _length(field.layout[dim]) == 1}
    return field._replace(layout=tuple(axis for k, axis in enumerate(field.layout) if k not in gone))


def _cut(given, parts, output):
    """Slices, single entries and pieces: along the picture a step and a start, along channels nothing."""
    field, dim = _only(parts), given.get("dim", 0)
    dim %= len(field.layout)
    axis = field.layout[dim]
    if not _sides(axis):
        if field.mixed:
            raise LostError("unlike")
        left = [((output.shape[dim], None),)] if output.dim() == len(field.layout) else []
        return field._replace(layout=_merged([*field.layout[:dim], *left, *field.layout[dim + 1 :]]))
    if "step" not in given or len(axis) > 1:  # pieces of the picture itself: several results, each from its own start
        raise LostError("sideways")
    (length, side), step = axis[0], given["step"]
    start = given["start"] or 0
    start = min(max(start + length if start < 0 else start, 0), length)
    window = field.windows[side]
    moved = Window(window.size, window.jump * step, window.start + start * window.jump)
    return _with(field, dim, side, output.shape[dim], moved)


def _with(field, dim, side, length, window):
    layout = (*field.layout[:dim], ((length, side),), *field.layout[dim + 1 :])
    windows = tuple(window if k == side else one for k, one in enumerate(field.windows))
    return field._replace(layout=layout, windows=windows)


def slid(field, first, kernel, stride, padding, dilation, shape):
    """Return the field of a kernel's results: windows of windows, along each axis from ``first`` on."""
    for k, (size, step, before, gap) in enumerate(zip(kernel, stride, padding, dilation, strict=True)):
        dim = first + k
        axis = field.layout[dim]
        if not _sides(axis):
            field = field._replace(layout=(*field.layout[:dim], ((shape[dim], None),), *field.layout[dim + 1 :]))
            continue
        if len(axis) > 1:
            raise LostError("flat")
        side = axis[0][1]
        seen, jump, start = field.windows[side]
        window = Window(seen + gap * (size - 1) * jump, jump * step, start - before * jump)
        field = _with(field, dim, side, shape[dim], window)
    return field


def _convolved(given, parts, output):
    field, kernel = _only(parts, given["input"]), given["weight"].shape[2:]
    if given["transposed"]:
        raise LostError("upsampled")
    if _sides(field.layout[1]):
        raise LostError("no_picture")
    sizes = (_each(given[name], kernel) for name in ("stride", "padding", "dilation"))
    made = slid(field, 2, kernel, *sizes, output.shape)
    made = made._replace(layout=(made.layout[0], ((output.shape[1], None),), *made.layout[2:]))
    return made if given["groups"] > 1 else made._replace(mixed=False)


def _pooled(given, parts, output):
    kernel = _each(given["kernel_size"], range(2))
    sizes = (given["stride"] or kernel, given["padding"], given.get("dilation", 1))
    return slid(_only(parts), output.dim() - 2, kernel, *(_each(size, kernel) for size in sizes), output.shape)


def _adapted(given, parts, output):
    (tensor, field), axes = parts[0], len(given["output_size"])
    kernel = []
    for before, after in zip(tensor.shape[-axes:], output.shape[-axes:], strict=True):
        if before % after:  # windows of different sizes
            raise LostError("unlike")
        kernel.append(before // after)
    return slid(field, output.dim() - axes, kernel, kernel, [0] * axes, [1] * axes, output.shape)


def _padded(given, parts, output):
    field, pad = _only(parts), given.get("pad", given.get("padding"))
    for k in range(len(pad) // 2):
        dim = output.dim() - 1 - k
        axis = field.layout[dim]
        if not _sides(axis):
            field = field._replace(layout=(*field.layout[:dim], ((output.shape[dim], None),), *field.layout[dim + 1 :]))
        elif len(axis) > 1:
            raise LostError("flat")
        else:
            window = field.windows[axis[0][1]]
            moved = window._replace(start=window.start - pad[2 * k] * window.jump)
            field = _with(field, dim, axis[0][1], output.shape[dim], moved)
    return field


def _along(given, parts, output):
    """Sums, means, maxima, softmax and the like along some axes."""
    field = _only(parts)
    axes = len(field.layout)
    dims = given.get("dim")
    dims = range(axes) if dims is None or dims == [] else [dims] if isinstance(dims, int) else dims
    dims = {dim % axes for dim in dims}
    if any(_sides(field.layout[dim]) for dim in dims):
        raise LostError("whole")
    if output.dim() == axes:
        return field._replace(layout=_relength(field.layout, output.shape))
    return field._replace(layout=tuple(axis for k, axis in enumerate(field.layout) if k not in dims))


def _batch_normed(given, parts, output):
    field = _only(parts, given["input"])
    if given.get("training", given.get("running_mean") is None) or _sides(field.layout[1]):
        raise LostError("whole")
    return _same(given, parts, output)  # not so its statistics, which have other axes


def _layer_normed(given, parts, output):
    field = _only(parts, given["input"])
    last = len(given["normalized_shape"])
    if any(_sides(axis) for axis in field.layout[-last:]):
        raise LostError("whole")
    return _same(given, parts, output)


def _upsampled(given, parts, output):
    raise LostError("upsampled")


def _whole(given, parts, output):
    raise LostError("whole")


def _multiplied(left, right):
    """The rule of a matrix product of which one factor comes from the input."""

    def rule(given, parts, output):
        tensors = [tensor for tensor, _ in parts]
        first, second = (any(given[name] is one for one in tensors) for name in (left, right))
        if len(parts) > 1 or first == second:
            raise LostError("whole")
        field = _only(parts)
        kept, inner = (-2, -1) if first else (-1, -2)
        if _sides(field.layout[inner]):
            raise LostError("whole")
        layout = [((n, None),) for n in output.shape[:-2]] + [((n, None),) for n in output.shape[-2:]]
        layout[kept] = field.layout[kept]
        layout[:-2] = field.layout[:-2]
        return field._replace(layout=_merged(layout), mixed=field.mixed and len(field.layout) > 2)

    return rule


# --- Layouts


def _only(parts, wanted=None):
    """The field of the one tensor that is read; weights that come from the input themselves are not followed."""
    if len(parts) != 1 or (wanted is not None and parts[0][0] is not wanted):
        raise LostError("unlike")
    return parts[0][1]


def _sides(axis):
    return [side for _, side in axis if side is not None]


def _length(axis):
    return prod(length for length, _ in axis)


def _relength(layout, shape):
    """The same axes, those of no side with the lengths of ``shape``."""
    pairs = zip(layout, shape, strict=True)
    return tuple(axis if _sides(axis) and _length(axis) == n else _fresh(axis, n) for axis, n in pairs)


def _fresh(axis, length):
    if _sides(axis):
        raise LostError("flat")
    return ((length, None),)


def _merged(layout):
    """Neighbouring pieces of no side as one, so that equal layouts compare equal."""
    axes = []
    for axis in layout:
        pieces = []
        for length, side in axis:
            if side is None and pieces and pieces[-1][1] is None:
                pieces[-1] = (pieces[-1][0] * length, None)
            else:
                pieces.append((length, side))
        axes.append(tuple(pieces) or ((1, None),))
    return tuple(axes)


def _each(value, like):
    values = list(value) if isinstance(value, (tuple, list)) else [value]
    return values * len(like) if len(values) == 1 else values


# Makes something new that only has the shape of what it is given.
_ANEW = {
    "empty_like", "zeros_like", "ones_like", "full_like", "rand_like", "randn_like", "randint_like", "new_empty", "new_zeros", "new_ones",
    "new_full", "new_empty_strided", "sym_size", "sym_numel", "sym_stride", "_has_compatible_shallow_copy_type",
}  # fmt: skip
# Hands a value to Python, which may decide by it what runs next.
_LOOKS = {"_local_scalar_dense", "item", "equal", "is_nonzero", "allclose"}

_RULES = {
    name: rule
    for rule, names in {
        _same: "clone detach detach_ alias _to_copy contiguous lift_fresh native_dropout hardswish hardswish_ rrelu_with_noise "
               "rrelu_with_noise_ log_sigmoid_forward _reshape_copy alpha_dropout channel_shuffle native_channel_shuffle positive",
        _together: "expand _prelu_kernel copy_ lerp addcmul addcdiv masked_fill masked_fill_ where polar complex bernoulli",
        _joined: "cat stack",
        _view: "view _unsafe_view _reshape_alias reshape unflatten",
        _permuted: "permute",
        _swapped: "transpose t",
        _widened: "unsqueeze",
        _squeezed: "squeeze",
        _cut: "slice select split unsafe_split split_with_sizes unsafe_split_with_sizes chunk unbind",
        _convolved: "convolution _convolution mkldnn_convolution",
        _pooled: "max_pool2d_with_indices max_pool2d avg_pool2d mkldnn_max_pool2d",
        _adapted: "_adaptive_avg_pool2d adaptive_max_pool2d adaptive_avg_pool2d",
        _padded: "constant_pad_nd reflection_pad2d replication_pad2d reflection_pad1d replication_pad1d",
        _along: "mean sum amax amin max min argmax argmin prod any all var std var_mean std_mean norm linalg_vector_norm logsumexp "
                "_softmax _log_softmax softmax log_softmax cumsum cumprod sort topk median glu",
        _batch_normed: "native_batch_norm _native_batch_norm_legit _native_batch_norm_legit_no_training cudnn_batch_norm "
                       "_batch_norm_no_update _batch_norm_with_update miopen_batch_norm",
        _whole: "mkldnn_rnn_layer native_group_norm grid_sampler_2d _fft_r2c _fft_c2c scaled_dot_product_attention "
                "_scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_flash_attention",
        _upsampled: "upsample_nearest2d upsample_bilinear2d upsample_bicubic2d _upsample_nearest_exact2d pixel_shuffle",
        _layer_normed: "native_layer_norm _fused_rms_norm",
        _multiplied("self", "mat2"): "mm bmm",
        _multiplied("mat1", "mat2"): "addmm _addmm_activation",
        _multiplied("batch1", "batch2"): "baddbmm",
    }.items()
    for name in names.split()
}  # fmt: skip
