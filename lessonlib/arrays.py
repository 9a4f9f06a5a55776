"""From what a learner has at hand (lists, NumPy arrays, PyTorch tensors that learn, numbers of 16 bits) to plain NumPy arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lessonlib.sentences import say


def plain(values: Any, name: str = "values") -> Any:
    """Return ``values`` without what NumPy does not take: gradients, devices, sparse layouts, bfloat16; also inside lists.

    Raises
    ------
    ValueError
        For a tensor without values, as the device "meta" has them.

    Examples
    --------
    >>> plain([[1, 2], [3, 4]])
    [[1, 2], [3, 4]]
    """
    if isinstance(values, (list, tuple)):
        return [plain(one, name) for one in values]
    if not hasattr(values, "detach"):
        return values
    if values.is_meta or getattr(values, "_is_uninitialized", type(values).__name__.startswith("Uninitialized")):
        raise ValueError(say("errors.no_values", name=name))
    values = values.detach().cpu()
    if values.is_quantized:
        values = values.dequantize()
    if str(values.layout) != "torch.strided":
        values = values.to_dense()
    if values.is_floating_point() and values.element_size() < 4:  # bfloat16 and smaller: NumPy has no such numbers
        values = values.float()
    return values.resolve_conj().resolve_neg().numpy()


def numbers_of(values: Any, name: str, axes: int | None = None) -> NDArray[np.float64]:
    """Return ``values`` as an array of float64.

    Parameters
    ----------
    axes : int, optional
        How many axes it must have, none of them empty.

    Raises
    ------
    TypeError
        For something that is not an array of real numbers.
    ValueError
        For another number of axes, an empty one, or a tensor without values.

    Examples
    --------
    >>> numbers_of([[1, 2]], "kernel", axes=2)
    array([[1., 2.]])
    """
    try:
        array = np.asarray(plain(values, name))
        if array.dtype == object:  # a list of tensors that hold one number each
            array = np.asarray(array.tolist())
    except (TypeError, ValueError, RuntimeError) as error:
        if isinstance(values, (list, tuple)) or not hasattr(values, "is_meta"):
            raise TypeError(say("errors.not_numbers", name=name, given=short(values))) from None
        raise error
    if array.dtype.kind not in "biuf":
        raise TypeError(say("errors.not_numbers", name=name, given=short(values)))
    if axes is not None and (array.ndim != axes or 0 in array.shape):
        raise ValueError(say("errors.axes", name=name, shape=array.shape, axes=axes))
    return array.astype(float)


def described(values: Any) -> tuple[int, ...] | str:
    """Return the shape of what was given, or its type where it has none, for a sentence."""
    try:
        return np.shape(plain(values)) or type(values).__name__
    except (TypeError, ValueError, RuntimeError):
        return type(values).__name__


def short(values: object) -> str:
    """Return what was given in at most 60 characters."""
    text = " ".join(repr(values).split())
    return text if len(text) <= 60 else text[:57] + "…"
