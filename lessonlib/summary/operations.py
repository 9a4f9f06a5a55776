"""What PyTorch really does while a model runs: one call of `Listener.heard` for each operation, whoever asked for it.

A layer, a subclass of it, a function with keywords or a product of matrices all end in the same few operations, so that nothing here
goes by the name of a class.
"""

from math import prod

import torch
from torch.utils._python_dispatch import TorchDispatchMode


class Listener(TorchDispatchMode):
    """While it is entered, ``heard(name, arguments, result)`` is called after each operation.

    ``name`` is PyTorch's, without overload; ``arguments`` maps the names of its schema to what was given or is the default.
    """

    def __init__(self, heard):
        super().__init__()
        self.heard = heard

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if torch.is_inference_mode_enabled():  # where PyTorch does not take composed operations apart by itself
            with self:
                result = func.decompose(*args, **kwargs)
            if result is not NotImplemented:
                return result
        result = func(*args, **kwargs)
        self.heard(func, _arguments(func._schema, args, kwargs), result)
        return result


def name_of(func):
    """Return an operation's name without overload, as ``add`` or ``max_pool2d_with_indices``."""
    return func._schema.name.removeprefix("aten::")


def _arguments(schema, args, kwargs):
    names = [one.name for one in schema.arguments]
    defaults = {one.name: one.default_value for one in schema.arguments if one.has_default_value()}
    return {**defaults, **dict(zip(names, args, strict=False)), **kwargs}


def mult_adds(func, given, result):
    """Return the multiply-adds of one operation: products of a weight or a value that are summed up; biases are not counted.

    Elementwise operations, normalization and pooling count nothing, as in PyTorch's own FLOP counter, which counts two for each
    multiply-add.
    """
    rule = _RULES.get(name_of(func))
    return rule(given, result) if rule else 0


def _convolution(given, result):
    weight = given["weight"]
    # A weight is used once for each position of the output; of a transposed convolution, of the input.
    positions = given["input"] if given.get("transposed") else result
    return positions.numel() * prod(weight.shape[1:])


def _product(left, right):
    """The rule of a matrix product whose two factors the schema calls by these names."""

    def rule(given, result):
        inner = given[left].shape[-1]
        return result.numel() * inner if given[right].dim() else 0

    return rule


def _attention(given, result):
    query, key, value = given["query"], given["key"], given["value"]
    return prod(query.shape[:-1]) * key.shape[-2] * (query.shape[-1] + value.shape[-1])


def _recurrent(given, result):
    """One layer, one direction of a fused recurrent layer: both matrices of weights, at each step of each sequence."""
    steps, batch = given["input"].shape[:2]
    weights = given["weight0"].numel() + given["weight1"].numel()
    return steps * batch * weights


def _bilinear(given, result):
    # x1 · W · x2: every weight times x2, then each sum times x1.
    first, second = given["i1"].shape[-1], given["i3"].shape[-1]
    return result.numel() * first * (second + 1)


_RULES = {
    "convolution": _convolution, "_convolution": _convolution, "convolution_overrideable": _convolution,
    "mkldnn_convolution": _convolution, "cudnn_convolution": _convolution, "miopen_convolution": _convolution,
    "mm": _product("self", "mat2"), "addmm": _product("mat1", "mat2"), "_addmm_activation": _product("mat1", "mat2"),
    "bmm": _product("self", "mat2"), "baddbmm": _product("batch1", "batch2"), "mv": _product("self", "vec"),
    "addmv": _product("mat", "vec"), "dot": _product("self", "tensor"), "vdot": _product("self", "other"),
    "addbmm": lambda given, result: prod(given["batch1"].shape) * given["batch2"].shape[-1],
    "linear": _product("input", "weight"), "mkldnn_linear": _product("self", "weight"),
    "_scaled_dot_product_flash_attention": _attention, "_scaled_dot_product_flash_attention_for_cpu": _attention,
    "_scaled_dot_product_efficient_attention": _attention, "_scaled_dot_product_cudnn_attention": _attention,
    "mkldnn_rnn_layer": _recurrent, "_trilinear": _bilinear,
}  # fmt: skip
