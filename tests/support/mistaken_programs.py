"""Wrong programs for my_conv2d: right ones in six styles, each with one mistake put in, by hand or by machine.

A mistake put in by hand is a piece of text and what stands in its place; it is put into every style that has the text, and carries
the name under which a check should find it. The machine changes operators, constants and names in the syntax tree; which mistake
that makes, if any, is not known beforehand.
"""

# ruff: noqa: E501  a row of the table is one mistake

import ast
import copy
from typing import NamedTuple

import numpy as np

_SIZES = """    N, C, H, W = input.shape
    O, C, KH, KW = weight.shape
    OH = (H + 2 * padding - KH) // stride + 1
    OW = (W + 2 * padding - KW) // stride + 1
    output = np.zeros((N, O, OH, OW))
"""
_FRAME = """    padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    padded[:, :, padding : padding + H, padding : padding + W] = input
"""
_PAD = """    padded = np.pad(input, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
"""
_HEAD = "def my_conv2d(input, weight, bias, stride, padding):\n"

STYLES = {
    "seven loops": _HEAD
    + _SIZES
    + _FRAME
    + """    for n in range(N):
        for o in range(O):
            for i in range(OH):
                for j in range(OW):
                    total = 0.0
                    for c in range(C):
                        for u in range(KH):
                            for v in range(KW):
                                total += padded[n, c, i * stride + u, j * stride + v] * weight[o, c, u, v]
                    output[n, o, i, j] = total + bias[o]
    return output
""",
    "windows": _HEAD
    + _SIZES
    + _PAD
    + """    for n in range(N):
        for o in range(O):
            for i in range(OH):
                for j in range(OW):
                    window = padded[n, :, i * stride : i * stride + KH, j * stride : j * stride + KW]
                    output[n, o, i, j] = (window * weight[o]).sum() + bias[o]
    return output
""",
    "channel by channel": _HEAD
    + _SIZES
    + _FRAME
    + """    for n in range(N):
        for o in range(O):
            for i in range(OH):
                for j in range(OW):
                    for c in range(C):
                        window = padded[n, c, i * stride : i * stride + KH, j * stride : j * stride + KW]
                        output[n, o, i, j] += (window * weight[o, c]).sum()
                    output[n, o, i, j] += bias[o]
    return output
""",
    "einsum": _HEAD
    + _SIZES
    + _PAD
    + """    windows = np.lib.stride_tricks.sliding_window_view(padded, (KH, KW), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    output += np.einsum("nchwuv,ocuv->nohw", windows, weight)
    output += bias[:, None, None]
    return output
""",
    "kernel cells": _HEAD
    + _SIZES
    + _PAD
    + """    for u in range(KH):
        for v in range(KW):
            rows, columns = slice(u, u + OH * stride, stride), slice(v, v + OW * stride, stride)
            output += np.einsum("nchw,oc->nohw", padded[:, :, rows, columns], weight[:, :, u, v])
    output += bias[:, None, None]
    return output
""",
    "unfold": """def my_conv2d(input, weight, bias, stride, padding):
    N, C, H, W = input.shape
    O, C, KH, KW = weight.shape
    OH = (H + 2 * padding - KH) // stride + 1
    OW = (W + 2 * padding - KW) // stride + 1
    columns = torch.nn.functional.unfold(torch.as_tensor(input), (KH, KW), stride=stride, padding=padding)
    output = torch.as_tensor(weight).reshape(O, -1) @ columns + torch.as_tensor(bias)[:, None]
    return output.reshape(N, O, OH, OW)
""",
}

_INSIDE_PAD = "(padding, padding), (padding, padding)"
_SET = "padded[:, :, padding : padding + H, padding : padding + W] = input"
_READ = "padded[n, c, i * stride + u, j * stride + v]"
_CUT = "i * stride : i * stride + KH, j * stride : j * stride + KW"
_SLICES = "slice(u, u + OH * stride, stride), slice(v, v + OW * stride, stride)"
_HEIGHT, _WIDTH = "OH = (H + 2 * padding - KH) // stride + 1", "OW = (W + 2 * padding - KW) // stride + 1"
_ZEROS = "output = np.zeros((N, O, OH, OW))"
_ADDED = "output += bias[:, None, None]"
_VIEW = "windows[:, :, ::stride, ::stride]"
_UNFOLD = "torch.as_tensor(input), (KH, KW), stride=stride, padding=padding)"
_BY_CELL = "padded[:, :, rows, columns], weight[:, :, u, v])"
_RETURN = "return output\n"

# The mistake's name, then pairs of text and replacement, all of which a style must have.
BY_HAND = [
    # the kernel
    ("kernel_flipped", "* weight[o, c, u, v]", "* weight[o, c, KH - 1 - u, KW - 1 - v]"),
    ("kernel_flipped", "* weight[o])", "* weight[o, :, ::-1, ::-1])"),
    ("kernel_flipped", "* weight[o, c])", "* weight[o, c, ::-1, ::-1])"),
    ("kernel_flipped", "windows, weight)", "windows, np.flip(weight, (2, 3)))"),
    ("kernel_flipped", "weight[:, :, u, v])", "weight[:, :, -1 - u, -1 - v])"),
    ("kernel_flipped", "torch.as_tensor(weight)", "torch.as_tensor(weight).flip(2, 3)"),
    ("kernel_flipped_up_down", "* weight[o, c, u, v]", "* weight[o, c, KH - 1 - u, v]"),
    ("kernel_flipped_up_down", "* weight[o])", "* weight[o, :, ::-1])"),
    ("kernel_flipped_up_down", "windows, weight)", "windows, weight[:, :, ::-1])"),
    ("kernel_flipped_left_right", "* weight[o, c, u, v]", "* weight[o, c, u, KW - 1 - v]"),
    ("kernel_flipped_left_right", "* weight[o])", "* weight[o, :, :, ::-1])"),
    ("kernel_flipped_left_right", "weight[:, :, u, v])", "weight[:, :, u, -1 - v])"),
    ("last_kernel_row_left_out", "for u in range(KH)", "for u in range(KH - 1)"),
    ("last_kernel_column_left_out", "for v in range(KW)", "for v in range(KW - 1)"),
    ("last_kernel_row_and_column_left_out", "for u in range(KH)", "for u in range(KH - 1)", "for v in range(KW)", "for v in range(KW - 1)"),
    ("window_only", " * weight[o, c, u, v]", ""),
    ("window_only", "(window * weight[o])", "window"),
    ("window_only", "(window * weight[o, c])", "window"),
    ("window_only", "weight[:, :, u, v])", "np.ones((O, C)))"),
    ("averaged_over_window", "(window * weight[o, c]).sum()", "(window * weight[o, c]).mean()"),
    ("averaged_over_window", "total + bias[o]", "total / (KH * KW) + bias[o]"),
    ("averaged_over_everything", "(window * weight[o]).sum()", "(window * weight[o]).mean()"),
    ("averaged_over_everything", "total + bias[o]", "total / (C * KH * KW) + bias[o]"),
    ("averaged_over_everything", "windows, weight)", "windows, weight) / weight[0].size"),
    ("largest_instead_of_sum", "(window * weight[o]).sum()", "(window * weight[o]).max()"),
    ("only_last_product_kept", "total += padded", "total = padded"),
    ("added_instead_of_multiplied", "window * weight[o])", "window + weight[o])"),
    ("added_instead_of_multiplied", "window * weight[o, c])", "window + weight[o, c])"),
    ("added_instead_of_multiplied", "+ v] * weight", "+ v] + weight"),
    # rows and columns
    ("rows_and_columns_swapped", _RETURN, "return output.transpose(0, 1, 3, 2)\n"),
    ("map_upside_down", _RETURN, "return output[:, :, ::-1]\n"),
    ("rows_and_columns_swapped", "reshape(N, O, OH, OW)", "reshape(N, O, OH, OW).swapaxes(2, 3)"),
    ("no_plus_one_in_rows", _HEIGHT, "OH = (H + 2 * padding - KH) // stride"),
    ("no_plus_one_in_columns", _WIDTH, "OW = (W + 2 * padding - KW) // stride"),
    ("no_plus_one", _HEIGHT, "OH = (H + 2 * padding - KH) // stride", _WIDTH, "OW = (W + 2 * padding - KW) // stride"),
    ("last_row_never_filled", "for i in range(OH)", "for i in range(OH - 1)"),
    ("last_column_never_filled", "for j in range(OW)", "for j in range(OW - 1)"),
    ("last_row_and_column_never_filled", "for i in range(OH)", "for i in range(OH - 1)", "for j in range(OW)", "for j in range(OW - 1)"),
    ("windows_side_by_side", _HEIGHT, "OH = (H + 2 * padding - KH) // KH + 1", _WIDTH, "OW = (W + 2 * padding - KW) // KW + 1", "i * stride + u, j * stride + v", "i * KH + u, j * KW + v"),
    ("windows_side_by_side", _HEIGHT, "OH = (H + 2 * padding - KH) // KH + 1", _WIDTH, "OW = (W + 2 * padding - KW) // KW + 1", _CUT, "i * KH : i * KH + KH, j * KW : j * KW + KW"),
    ("windows_side_by_side", _HEIGHT, "OH = (H + 2 * padding) // KH", _WIDTH, "OW = (W + 2 * padding) // KW", _CUT, "i * KH : i * KH + KH, j * KW : j * KW + KW"),
    # channels
    ("first_channel_only", "for c in range(C)", "for c in range(1)"),
    ("first_channel_only", "(window * weight[o])", "(window[0] * weight[o, 0])"),
    ("first_channel_only", "windows, weight)", "windows[:, :1], weight[:, :1])"),
    ("first_channel_only", _BY_CELL, "padded[:, :1, rows, columns], weight[:, :1, u, v])"),
    ("last_channel_only", "for c in range(C)", "for c in [C - 1]"),
    ("last_channel_only", "(window * weight[o])", "(window[-1] * weight[o, -1])"),
    ("last_channel_only", "output[n, o, i, j] += (window", "output[n, o, i, j] = (window"),
    ("last_channel_left_out", "for c in range(C)", "for c in range(C - 1)"),
    ("last_channel_left_out", "windows, weight)", "windows[:, :-1], weight[:, :-1])"),
    ("channels_averaged", "(window * weight[o]).sum()", "(window * weight[o]).sum(axis=(1, 2)).mean()"),
    ("channels_averaged", "total + bias[o]", "total / C + bias[o]"),
    ("channels_averaged", "windows, weight)", "windows, weight) / C"),
    ("one_kernel_for_all_channels", "* weight[o, c, u, v]", "* weight[o, 0, u, v]"),
    ("one_kernel_for_all_channels", "* weight[o])", "* weight[o, 0])"),
    ("one_kernel_for_all_channels", "* weight[o, c])", "* weight[o, 0])"),
    ("one_channel_for_all_kernels", "padded[n, c, ", "padded[n, 0, "),
    ("one_channel_for_all_kernels", "padded[n, :, ", "padded[n, 0, "),
    ("channels_in_reverse", "padded[n, :, ", "padded[n, ::-1, "),
    ("channels_in_reverse", "padded[n, c, ", "padded[n, C - 1 - c, "),
    ("channels_not_summed", _ZEROS, "output = np.zeros((N, O, C, OH, OW))", "(window * weight[o, c]).sum()", "(window * weight[o, c]).sum()", "output[n, o, i, j] += (", "output[n, o, c, i, j] += (", "output[n, o, i, j] += bias[o]", "output[n, o, :, i, j] += bias[o]", _RETURN, "return output.reshape(N, O * C, OH, OW)\n"),
    # filters and images
    ("first_filter_for_all_maps", "* weight[o, c, u, v]", "* weight[0, c, u, v]"),
    ("first_filter_for_all_maps", "* weight[o])", "* weight[0])"),
    ("first_filter_for_all_maps", "* weight[o, c])", "* weight[0, c])"),
    ("first_filter_only", _ZEROS, "O = 1; output = np.zeros((N, O, OH, OW))"),
    ("filters_summed", _RETURN, "return output.sum(axis=1, keepdims=True)\n"),
    ("filters_added_up", _RETURN, "return output.cumsum(axis=1)\n"),
    ("first_image_for_all", "padded[n, ", "padded[0, "),
    ("only_first_image", _ZEROS, "N = 1; output = np.zeros((N, O, OH, OW))", "for n in range(N)", "for n in range(1)"),
    ("only_first_image", "return output\n", "return output[:1]\n"),
    ("batch_and_maps_swapped", _RETURN, "return output.swapaxes(0, 1)\n"),
    ("batch_and_maps_swapped", "->nohw", "->onhw", _ZEROS, "output = np.zeros((O, N, OH, OW))", _ADDED, "output += bias[:, None, None, None]"),
    ("maps_last", _RETURN, "return output.transpose(0, 2, 3, 1)\n"),
    ("maps_last", _ZEROS, "output = np.zeros((N, OH, OW, O))", "output[n, o, i, j] = ", "output[n, i, j, o] = "),
    # bias
    ("bias_forgotten", " + bias[o]", ""),
    ("bias_forgotten", "    output[n, o, i, j] += bias[o]", "    pass"),
    ("bias_forgotten", "    output += bias[:, None, None]\n", ""),
    ("bias_forgotten", " + torch.as_tensor(bias)[:, None]", ""),
    ("bias_subtracted", " + bias[o]", " - bias[o]"),
    ("bias_subtracted", "+= bias", "-= bias"),
    ("bias_per_channel", "                    output[n, o, i, j] += bias[o]", "                        output[n, o, i, j] += bias[o]"),
    ("bias_per_channel", "(window * weight[o]).sum() + bias[o]", "((window * weight[o]).sum(axis=(1, 2)) + bias[o]).sum()"),
    ("bias_per_channel", "total + bias[o]", "total", "for u in range(KH)", "total += bias[o]\n                        for u in range(KH)"),
    ("bias_per_weight", "* weight[o]).sum() + bias[o]", "* weight[o] + bias[o]).sum()"),
    ("bias_per_weight", "* weight[o, c, u, v]", "* weight[o, c, u, v] + bias[o]", "total + bias[o]", "total"),
    ("bias_per_kernel_cell", "            output += np.einsum", "            output += bias[:, None, None]\n            output += np.einsum", "    output += bias[:, None, None]\n    return", "    return"),
    ("first_bias_for_all", "+ bias[o]", "+ bias[0]"),
    ("first_bias_for_all", "+= bias[o]", "+= bias[0]"),
    ("first_bias_for_all", "bias[:, None, None]", "bias[0]"),
    ("first_bias_for_all", "torch.as_tensor(bias)[:, None]", "float(bias[0])"),
    ("biases_summed", "+ bias[o]", "+ bias.sum()"),
    ("biases_summed", "+= bias[o]", "+= bias.sum()"),
    ("bias_multiplied", "sum() + bias[o]", "sum() * bias[o]"),
    ("bias_multiplied", "total + bias[o]", "total * bias[o]"),
    ("bias_multiplied", "output += bias", "output *= bias"),
    ("bias_along_columns", _ADDED, "output += bias"),
    # stride
    ("stride_not_in_index", "i * stride + u, j * stride + v", "i + u, j + v"),
    ("stride_not_in_index", _CUT, "i : i + KH, j : j + KW"),
    ("stride_not_in_index", _SLICES, "slice(u, u + OH), slice(v, v + OW)"),
    ("stride_not_in_index", _VIEW, "windows[:, :, :OH, :OW]"),
    ("stride_not_in_row_index", "i * stride + u", "i + u"),
    ("stride_not_in_row_index", "i * stride : i * stride + KH", "i : i + KH"),
    ("stride_not_in_row_index", _SLICES, "slice(u, u + OH), slice(v, v + OW * stride, stride)"),
    ("stride_not_in_column_index", "j * stride + v", "j + v"),
    ("stride_not_in_column_index", "j * stride : j * stride + KW", "j : j + KW"),
    ("stride_ignored", _HEIGHT, "stride = 1; OH = H + 2 * padding - KH + 1", _WIDTH, "OW = W + 2 * padding - KW + 1"),
    ("stride_ignored", _HEIGHT, "OH = H + 2 * padding - KH + 1", _WIDTH, "OW = W + 2 * padding - KW + 1", _VIEW, "windows"),
    ("stride_in_rows_only", _WIDTH, "OW = W + 2 * padding - KW + 1", "j * stride + v", "j + v"),
    ("stride_in_rows_only", _WIDTH, "OW = W + 2 * padding - KW + 1", "j * stride : j * stride + KW", "j : j + KW"),
    ("stride_in_rows_only", _WIDTH, "OW = W + 2 * padding - KW + 1", _VIEW, "windows[:, :, ::stride]"),
    ("stride_in_columns_only", _HEIGHT, "OH = H + 2 * padding - KH + 1", "i * stride + u", "i + u"),
    ("stride_in_columns_only", _HEIGHT, "OH = H + 2 * padding - KH + 1", "i * stride : i * stride + KH", "i : i + KH"),
    ("stride_in_columns_only", _HEIGHT, "OH = H + 2 * padding - KH + 1", _VIEW, "windows[:, :, :, ::stride]"),
    ("stride_plus_one", _HEIGHT, "stride = stride + 1; " + _HEIGHT),
    ("stride_as_dilation", _HEIGHT, "OH = H + 2 * padding - stride * (KH - 1)", _WIDTH, "OW = W + 2 * padding - stride * (KW - 1)", "i * stride + u, j * stride + v", "i + u * stride, j + v * stride"),
    ("stride_as_dilation", _HEIGHT, "OH = H + 2 * padding - stride * (KH - 1)", _WIDTH, "OW = W + 2 * padding - stride * (KW - 1)", "stride=stride, padding", "dilation=stride, padding"),
    ("stride_before_windows", _PAD, _PAD + "    padded = padded[:, :, ::stride, ::stride]\n    stride, OH, OW = 1, padded.shape[2] - KH + 1, padded.shape[3] - KW + 1\n    output = np.zeros((N, O, OH, OW))\n"),
    # padding
    ("padding_at_top_left_only", _INSIDE_PAD, "(padding, 0), (padding, 0)", "H + 2 * padding", "H + padding", "W + 2 * padding", "W + padding"),
    ("padding_at_bottom_right_only", _INSIDE_PAD, "(0, padding), (0, padding)", "H + 2 * padding", "H + padding", "W + 2 * padding", "W + padding"),
    ("padding_at_top_left_only", "H + 2 * padding", "H + padding", "W + 2 * padding", "W + padding", _SET, _SET),
    ("padding_at_bottom_right_only", "H + 2 * padding", "H + padding", "W + 2 * padding", "W + padding", _SET, "padded[:, :, :H, :W] = input"),
    ("padding_above_and_below_only", _INSIDE_PAD, "(padding, padding), (0, 0)", "W + 2 * padding", "W"),
    ("padding_left_and_right_only", _INSIDE_PAD, "(0, 0), (padding, padding)", "H + 2 * padding", "H"),
    ("padding_above_and_below_only", "W + 2 * padding", "W", "padding : padding + W", ":"),
    ("padding_left_and_right_only", "H + 2 * padding", "H", "padding : padding + H", ":"),
    ("padding_above_and_below_only", "padding=padding)", "padding=(padding, 0))", "W + 2 * padding", "W"),
    ("padding_left_and_right_only", "padding=padding)", "padding=(0, padding))", "H + 2 * padding", "H"),
    ("padding_twice", _SIZES, "    padding = 2 * padding\n" + _SIZES),
    ("padding_twice", "2 * padding", "4 * padding", "padding=padding", "padding=2 * padding"),
    ("padding_always_one", _SIZES, "    padding = 1\n" + _SIZES),
    ("padding_at_most_one", _SIZES, "    padding = min(padding, 1)\n" + _SIZES),
    ("padding_of_ones", "np.zeros((N, C,", "np.ones((N, C,"),
    ("padding_of_ones", _INSIDE_PAD + ")", _INSIDE_PAD + "), constant_values=1"),
    ("padding_repeats_edge", _INSIDE_PAD + ")", _INSIDE_PAD + '), mode="edge"'),
    ("padding_mirrors", _INSIDE_PAD + ")", _INSIDE_PAD + '), mode="reflect"'),
    ("padding_wraps_around", _INSIDE_PAD + ")", _INSIDE_PAD + '), mode="wrap"'),
    ("padding_ignored", _SIZES, "    padding = 0\n" + _SIZES),
    ("padding_ignored", "2 * padding - ", "0 * padding - ", "padding=padding", "padding=0"),
    ("output_padded", _SIZES, "    frame, padding = padding, 0\n" + _SIZES, _RETURN, "return np.pad(output, ((0, 0), (0, 0), (frame, frame), (frame, frame)))\n"),
    ("image_shifted_in_padding", _SET, "padded[:, :, :H, :W] = input"),
    ("image_shifted_up_left_in_padding", _SET, "padded[:, :, 2 * padding :, 2 * padding :] = input"),
    ("image_shifted_in_padding", _INSIDE_PAD, "(0, 2 * padding), (0, 2 * padding)"),
    ("image_shifted_up_left_in_padding", _INSIDE_PAD, "(2 * padding, 0), (2 * padding, 0)"),
    # more, or less
    ("relu_added", _RETURN, "return np.maximum(output, 0)\n"),
    ("relu_added", "return output.reshape", "return output.relu().reshape"),
    ("fractions_cut_off", _ZEROS, "output = np.zeros((N, O, OH, OW), int)", "output[n, o, i, j] = ", "output[n, o, i, j] = "),
    ("fractions_cut_off", _RETURN, "return output.astype(int)\n"),
]  # fmt: skip


class Program(NamedTuple):
    """A wrong program: its style, the name of its mistake ("" where a machine made it), its text, and what was changed."""

    style: str
    cause: str
    code: str
    change: str = ""

    def function(self):
        """Return the function that the program defines."""
        import torch

        names = {"np": np, "torch": torch}
        exec(self.code, names)
        return names["my_conv2d"]


def by_hand():
    """Return every style with every mistake that has its place in it."""
    found = []
    for cause, *pairs in BY_HAND:
        for style, code in STYLES.items():
            changed = code
            for old, new in zip(pairs[::2], pairs[1::2], strict=True):
                changed = changed.replace(old, new) if old in code else ""
                if not changed:
                    break
            if changed and changed != code and changed not in [one.code for one in found]:
                found.append(Program(style, cause, changed, " ; ".join(pairs[1::2])))
    return found


def by_machine():
    """Return every style with one operator, constant or name of its syntax tree changed."""
    found, seen = [], set()
    for style, code in STYLES.items():
        tree = ast.parse(code)
        places = [
            node for node in ast.walk(tree) if isinstance(node, ast.BinOp | ast.Constant | ast.Name | ast.AugAssign)
        ]
        for at in range(len(places)):
            for kind in range(4):
                changed = copy.deepcopy(tree)
                node = [
                    one
                    for one in ast.walk(changed)
                    if isinstance(one, ast.BinOp | ast.Constant | ast.Name | ast.AugAssign)
                ][at]
                if _change(node, kind):
                    text = ast.unparse(ast.fix_missing_locations(changed))
                    if text not in seen and text != ast.unparse(tree):
                        seen.add(text)
                        found.append(
                            Program(style, "", text, f"line {getattr(node, 'lineno', 0)}: {ast.unparse(node)}")
                        )
    return found


_OTHER = {
    "H": "W",
    "W": "H",
    "KH": "KW",
    "KW": "KH",
    "OH": "OW",
    "OW": "OH",
    "i": "j",
    "j": "i",
    "u": "v",
    "v": "u",
    "n": "o",
    "o": "n",
    "c": "o",
}
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv)


def _change(node, kind):
    """Change one node in the ``kind``-th way; False where there is none."""
    if isinstance(node, ast.BinOp | ast.AugAssign):
        others = [one for one in _OPERATORS if not isinstance(node.op, one)]
        if kind >= len(others) or not isinstance(node.op, _OPERATORS):
            return False
        node.op = others[kind]()
        return True
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and kind < 2:
        node.value += (1, -1)[kind]
        return True
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in _OTHER and kind == 0:
        node.id = _OTHER[node.id]
        return True
    return False
