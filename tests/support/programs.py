"""Programs and modules as learners write them, for all function and module questions: right ones in many styles, wrong ones.

A wrong one carries what the check may say of it: a mistake's name; or "" where no cause is known, so that none may be named.
"""

# ruff: noqa: E501  a row is one program

from typing import NamedTuple

RIGHT, UNKNOWN = "right", ""


class Program(NamedTuple):
    """One program for a question: its verdict (`RIGHT`, a mistake's name, or `UNKNOWN`) and its text."""

    question: str
    verdict: str
    code: str

    def made(self):
        """Return the function that the program defines."""
        import decimal
        import fractions

        import numpy as np
        import torch

        names = {"np": np, "torch": torch, "F": torch.nn.functional, "Fraction": fractions.Fraction}
        names["Decimal"] = decimal.Decimal
        exec(self.code, names)
        return names["f"]


# Bodies of functions: {x} the input, {w} the weight. `sizes` and `loops` are put in front of most.
_FLAT = """
(H, W), (KH, KW) = input.shape, weight.shape
OH, OW = H - KH + 1, W - KW + 1
"""
_PLANES = """
C, H, W = input.shape
KH, KW = weight.shape[-2:]
OH, OW = H - KH + 1, W - KW + 1
"""
_FILTERS = """
C, H, W = input.shape
O, C, KH, KW = weight.shape
OH, OW = (H - KH) // stride + 1, (W - KW) // stride + 1
"""
_FULL = """
N, C, H, W = input.shape
O, C, KH, KW = weight.shape
OH, OW = (H + 2 * padding - KH) // stride + 1, (W + 2 * padding - KW) // stride + 1
padded = np.pad(input, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
"""
_FILL = """
output = np.zeros((OH, OW){dtype})
for i in range(OH):
    for j in range(OW):
        output[i, j] = {value}
return output
"""
_FILL_FULL = """
output = np.zeros((N, O, OH, OW))
for n in range(N):
    for o in range(O):
        for i in range(OH):
            for j in range(OW):
                window = padded[n, :, i * stride : i * stride + KH, j * stride : j * stride + KW]
                output[n, o, i, j] = (window * weight[o]).sum() + bias[o]
return {result}
"""
_WINDOW = "(input[..., i : i + KH, j : j + KW] * weight).sum()"

_ARGUMENTS = {
    "one_channel.my_conv": "input, weight",
    "many_channels.one_filter": "input, weight, bias",
    "conv_calculation.one_window": "input, weight",
    "conv_calculation.two_loops": "input, weight",
    "conv_calculation.with_bias": "input, weight, bias",
    "conv_calculation.with_channels": "input, weight, bias",
    "conv_calculation.with_filters": "input, weight, bias",
    "conv_calculation.with_stride": "input, weight, bias, stride",
    "conv_calculation.my_conv2d": "input, weight, bias, stride, padding",
}


def _program(question, verdict, body):
    lines = "\n".join("    " + line for line in body.strip("\n").splitlines())
    return Program(question, verdict, f"def f({_ARGUMENTS[question]}):\n{lines}\n")


def _fill(value, dtype="", more=""):
    return _FILL.format(value=value, dtype=dtype) if not more else _FILL.format(value=value, dtype=dtype) + more


def _one_channel():
    def flat(verdict, body):
        return _program("one_channel.my_conv", verdict, body)

    two = "conv_calculation.two_loops"
    yield flat(RIGHT, _FLAT + _fill(_WINDOW))
    yield flat(
        RIGHT, _FLAT + "return [[float((input[i:i+KH, j:j+KW] * weight).sum()) for j in range(OW)] for i in range(OH)]"
    )
    yield flat(
        RIGHT,
        _FLAT
        + "return [[Fraction(float((input[i:i+KH, j:j+KW] * weight).sum())) for j in range(OW)] for i in range(OH)]",
    )
    yield flat(
        RIGHT,
        _FLAT
        + "return [[Decimal(float((input[i:i+KH, j:j+KW] * weight).sum())) for j in range(OW)] for i in range(OH)]",
    )
    yield flat(RIGHT, _FLAT + _fill(_WINDOW, dtype=", dtype=object"))
    yield flat(RIGHT, _FLAT + _fill(_WINDOW, dtype=", dtype=np.float32"))
    yield flat(
        RIGHT,
        _FLAT
        + "v = np.lib.stride_tricks.sliding_window_view(input, weight.shape)\nreturn np.einsum('...uv,uv->...', v, weight)",
    )
    yield flat(
        RIGHT,
        _FLAT
        + "s = input.strides\nv = np.lib.stride_tricks.as_strided(input, (OH, OW, KH, KW), s + s)\nreturn np.tensordot(v, weight, 2)",
    )
    yield flat(RIGHT, "return F.conv2d(torch.tensor(input)[None, None], torch.tensor(weight)[None, None])[0, 0]")
    yield flat(
        RIGHT,
        "x = input.unsqueeze(0).unsqueeze(0)\nreturn F.conv2d(x, weight.unsqueeze(0).unsqueeze(0)).squeeze(0).squeeze(0)",
    )
    yield flat(
        RIGHT, "return torch.conv2d(torch.Tensor(input)[None, None], torch.Tensor(weight)[None, None])[0, 0].numpy()"
    )
    yield flat(
        RIGHT,
        _FLAT
        + "from itertools import product\nout = {}\nfor i, j in product(range(OH), range(OW)):\n    out[i, j] = sum(input[i + u, j + v] * weight[u, v] for u in range(KH) for v in range(KW))\nreturn np.array([out[k] for k in out]).reshape(OH, OW)",
    )
    yield flat(
        RIGHT,
        _FLAT
        + "out = torch.zeros(OH, OW)\nfor i in range(OH):\n    for j in range(OW):\n        out[i, j] = (torch.as_tensor(input[i:i+KH, j:j+KW]) * torch.as_tensor(weight)).sum()\nreturn out",
    )
    yield flat(
        RIGHT,
        _FLAT
        + "rows = []\nfor i in range(OH):\n    rows.append([torch.tensor((input[i:i+KH, j:j+KW] * weight).sum()) for j in range(OW)])\nreturn rows",
    )
    yield flat("kernel_flipped", _FLAT + _fill("(input[i : i + KH, j : j + KW] * weight[::-1, ::-1]).sum()"))
    yield flat(
        "kernel_flipped", "k = np.rot90(weight, 2)\n" + _FLAT + _fill("(input[i : i + KH, j : j + KW] * k).sum()")
    )
    yield flat("kernel_transposed", _FLAT + _fill("(input[i : i + KH, j : j + KW] * weight.T).sum()"))
    yield flat("matrix_product", _FLAT + _fill("(input[i : i + KH, j : j + KW] @ weight).sum()"))
    yield flat("averaged_over_window", _FLAT + _fill("(input[i : i + KH, j : j + KW] * weight).mean()"))
    yield flat("fractions_cut_off", _FLAT + _fill(_WINDOW, dtype=", dtype=int"))
    yield flat("results_rounded", _FLAT + _fill(f"round({_WINDOW}, 2)"))
    yield flat("results_rounded", _FLAT + _fill(f"{_WINDOW} // 1"))
    yield flat("results_rounded", _FLAT + _fill(f"round({_WINDOW})"))
    yield flat("no_plus_one", _FLAT.replace(" + 1", "") + _fill(_WINDOW))
    yield flat("last_row_never_filled", _FLAT + _fill(_WINDOW).replace("i in range(OH)", "i in range(OH - 1)"))
    yield flat(
        "rows_and_columns_swapped",
        _FLAT + _fill(_WINDOW).replace("(OH, OW)", "(OW, OH)").replace("output[i, j]", "output[j, i]"),
    )
    yield flat("rest_left_zero", _FLAT + _fill(_WINDOW).replace("np.zeros((OH, OW))", "np.zeros((H, W))"))
    yield flat("only_first_row_filled", _FLAT + _fill(_WINDOW).replace("\nreturn", "\n    return"))
    yield flat("only_first_cell_filled", _FLAT + _fill(_WINDOW).replace("\nreturn", "\n        return"))
    yield flat("height_for_width", "H, KH = len(input), len(weight)\nOH = OW = H - KH + 1\nKW = KH\n" + _fill(_WINDOW))
    yield flat("height_for_width", _FLAT.replace("W - KW + 1", "H - KH + 1") + _fill(_WINDOW))
    yield flat("width_for_height", _FLAT.replace("H - KH + 1", "W - KW + 1") + _fill(_WINDOW))
    yield flat(
        "one_long_list", _FLAT + "return [(input[i:i+KH, j:j+KW] * weight).sum() for i in range(OH) for j in range(OW)]"
    )
    # no known cause
    yield flat(UNKNOWN, _FLAT + "OH, OW = 2, 2\n" + _fill(_WINDOW))
    yield flat(
        UNKNOWN, _FLAT + "OH, OW, KH, KW = 2, 3, 2, 2\n" + _fill("(input[i : i + 2, j : j + 2] * weight[:2, :2]).sum()")
    )
    yield flat(UNKNOWN, _FLAT + _fill(f"{_WINDOW} + 0.004"))
    yield flat(UNKNOWN, _FLAT + _fill(_WINDOW, dtype=", dtype=np.float16"))
    yield flat(UNKNOWN, _FLAT + _fill(_WINDOW).replace("return output", "return output.squeeze()"))
    yield flat(
        UNKNOWN,
        _FLAT
        + _fill(
            "(input[i : i + KH, j : j + KW].astype(np.uint8) * weight.astype(np.uint8)).sum()", dtype=", dtype=np.uint8"
        ),
    )
    yield flat(UNKNOWN, _FLAT + _fill(f"abs({_WINDOW})"))
    yield flat(UNKNOWN, _FLAT + _fill("(input[i : i + KH, j : j + KW] * weight).sum() * weight.sum()"))
    yield flat(UNKNOWN, _FLAT + _fill("(input[i : i + KH, j : j + KW] - weight).sum()"))
    yield flat(UNKNOWN, _FLAT + _fill("np.median(input[i : i + KH, j : j + KW] * weight)"))
    yield flat(UNKNOWN, _FLAT + "return [(input[i:i+KH, :KW] * weight).sum() for i in range(OH)]")
    yield flat(UNKNOWN, "return np.einsum('ij,ij->', input, weight)")
    yield flat(UNKNOWN, "return np.zeros((1,))")
    yield flat(UNKNOWN, "return np.convolve(input, weight)")
    yield flat(UNKNOWN, _FLAT + "return _fft(input, weight)[KH - 1 :, KW - 1 :]")
    yield _program(two, RIGHT, _FLAT + _fill("np.vdot(input[i : i + KH, j : j + KW], weight)"))
    yield _program(
        two,
        RIGHT,
        "x = torch.tensor(input)[None, None]\n"
        + _FLAT
        + "cols = F.unfold(x, weight.shape)\nreturn (torch.tensor(weight).reshape(1, -1) @ cols).reshape(OH, OW)",
    )
    yield _program(two, UNKNOWN, _FLAT + _fill("np.dot(input[i : i + KH, j : j + KW].ravel(), weight.T.ravel())"))
    yield _program(
        two,
        "only_last_product_kept",
        _FLAT
        + "output = np.zeros((OH, OW))\nfor i in range(OH):\n    for j in range(OW):\n        for u in range(KH):\n            for v in range(KW):\n                output[i, j] = input[i + u, j + v] * weight[u, v]\nreturn output",
    )
    one = "conv_calculation.one_window"
    yield _program(one, RIGHT, "return np.einsum('ij,ij->', input, weight)")
    yield _program(one, RIGHT, "return (input * weight).sum(keepdims=True)")
    yield _program(one, RIGHT, "return sum(a * b for r, s in zip(input, weight) for a, b in zip(r, s))")
    yield _program(one, RIGHT, "return Fraction(float((input * weight).sum()))")
    yield _program(one, RIGHT, "return input.ravel() @ weight.ravel()")
    yield _program(one, RIGHT, "return (input * weight).sum(dim=(0, 1)).item()")
    yield _program(one, RIGHT, "return np.trace(input @ weight.T)")
    yield _program(one, "summed_over_rows_only", "return sum(input * weight)")
    yield _program(one, "matrix_product_itself", "return input @ weight")
    yield _program(one, "averaged_over_window", "return np.mean(input * weight)")
    yield _program(one, UNKNOWN, "return int((input * weight).sum() * 100) / 100")
    yield _program(one, UNKNOWN, "return input[0, 0] * weight[0, 0]")


def _many_channels():
    bias = "conv_calculation.with_bias"
    yield _program(bias, RIGHT, _FLAT + _fill(f"{_WINDOW} + bias"))
    yield _program(
        bias,
        RIGHT,
        "return F.conv2d(torch.tensor(input)[None, None], torch.tensor(weight)[None, None], torch.tensor([bias]))[0, 0]",
    )
    yield _program(bias, "bias_cut_off", _FLAT + _fill(f"{_WINDOW} + int(bias)"))
    yield _program(bias, "bias_per_weight", _FLAT + _fill("(input[i : i + KH, j : j + KW] * weight + bias).sum()"))
    yield _program(bias, UNKNOWN, _FLAT + _fill(f"{_WINDOW} + bias * 1.01"))
    for name in ("many_channels.one_filter", "conv_calculation.with_channels"):
        yield _program(name, RIGHT, _PLANES + _fill(f"{_WINDOW} + bias"))
        yield _program(
            name,
            RIGHT,
            _PLANES
            + "x = input.transpose(0, 1).transpose(0, 1)\n"
            + _fill("(x[:, i : i + KH, j : j + KW] * weight).sum() + bias"),
        )
        yield _program(
            name,
            RIGHT,
            "x = input.view(1, *input.shape)\nreturn F.conv2d(x, weight.unsqueeze(0)).squeeze(0).squeeze(0) + bias",
        )
        yield _program(
            name,
            RIGHT,
            _PLANES
            + "total = np.full((OH, OW), bias)\nfor c in range(C):\n    for u in range(KH):\n        for v in range(KW):\n            total += input[c, u : u + OH, v : v + OW] * weight[c, u, v]\nreturn total",
        )
        yield _program(
            name,
            RIGHT,
            "return F.conv2d(torch.tensor(input, dtype=torch.float32)[None], torch.tensor(weight, dtype=torch.float32)[None], torch.tensor([bias]))[0, 0]",
        )
        yield _program(name, "bias_cut_off", _PLANES + _fill(f"{_WINDOW} + int(bias)"))
        yield _program(name, "bias_cut_off", _PLANES + _fill(f"{_WINDOW} + round(bias)"))
        yield _program(name, "bias_forgotten", _PLANES + _fill(_WINDOW))
        yield _program(
            name,
            "bias_per_channel",
            _PLANES + _fill("sum((input[c, i : i + KH, j : j + KW] * weight[c]).sum() + bias for c in range(C))"),
        )
        yield _program(
            name, "first_channel_only", _PLANES + _fill("(input[0, i : i + KH, j : j + KW] * weight[0]).sum() + bias")
        )
        yield _program(
            name, "last_channel_only", _PLANES + _fill("(input[-1, i : i + KH, j : j + KW] * weight[-1]).sum() + bias")
        )
        yield _program(
            name,
            "last_channel_left_out",
            _PLANES + _fill("sum((input[c, i : i + KH, j : j + KW] * weight[c]).sum() for c in range(C - 1)) + bias"),
        )
        yield _program(
            name,
            "one_kernel_for_all_channels",
            _PLANES + _fill("(input[:, i : i + KH, j : j + KW] * weight[0]).sum() + bias"),
        )
        yield _program(
            name, "channels_averaged", _PLANES + _fill("(input[:, i : i + KH, j : j + KW] * weight).sum() / C + bias")
        )
        yield _program(
            name,
            "channels_not_summed",
            _PLANES
            + "output = np.zeros((C, OH, OW))\nfor c, i, j in np.ndindex(C, OH, OW):\n    output[c, i, j] = (input[c, i : i + KH, j : j + KW] * weight[c]).sum() + bias\nreturn output",
        )
        yield _program(
            name, UNKNOWN, _PLANES + _fill(f"{_WINDOW} + bias").replace("return output", "return output.squeeze()")
        )
        yield _program(
            name, UNKNOWN, _PLANES + _fill("(input[1:2, i : i + KH, j : j + KW] * weight[1:2]).sum() + bias")
        )
        yield _program(
            name,
            UNKNOWN,
            "H, W, C = input.shape\nKH, KW, C = weight.shape\nOH, OW = H - KH + 1, W - KW + 1\n"
            + _fill("(input[i : i + KH, j : j + KW] * weight).sum() + bias"),
        )
        yield _program(
            name, UNKNOWN, _PLANES + _fill(f"{_WINDOW} + bias").replace("np.zeros((OH, OW))", "np.zeros((2, 3))")
        )
        yield _program(name, UNKNOWN, "return np.einsum('ij,ij->', input, weight) + bias")


def _filters():
    fill = """
output = np.zeros((O, OH, OW))
for o in range(O):
    for i in range(OH):
        for j in range(OW):
            output[o, i, j] = {value}
return output
"""
    window = "(input[:, i * stride : i * stride + KH, j * stride : j * stride + KW] * weight[o]).sum()"
    filters, stride = "conv_calculation.with_filters", "conv_calculation.with_stride"
    for name, start in ((filters, "stride = 1\n"), (stride, "")):
        yield _program(name, RIGHT, start + _FILTERS + fill.format(value=window + " + bias[o]"))
        yield _program(
            name,
            RIGHT,
            start
            + "return F.conv2d(torch.as_tensor(input)[None], torch.as_tensor(weight), torch.as_tensor(bias), stride=stride)[0]",
        )
        yield _program(
            name,
            RIGHT,
            start
            + _FILTERS
            + "v = torch.as_tensor(input).unfold(1, KH, stride).unfold(2, KW, stride)\nreturn torch.einsum('chwuv,ocuv->ohw', v, torch.as_tensor(weight)) + torch.as_tensor(bias)[:, None, None]",
        )
        yield _program(
            name,
            RIGHT,
            start
            + _FILTERS
            + "return [[[float("
            + window
            + " + bias[o]) for j in range(OW)] for i in range(OH)] for o in range(O)]",
        )
        yield _program(name, "bias_cut_off", start + _FILTERS + fill.format(value=window + " + int(bias[o])"))
        yield _program(name, "first_bias_for_all", start + _FILTERS + fill.format(value=window + " + bias[0]"))
        yield _program(
            name,
            "last_map_only",
            start + _FILTERS + fill.format(value=window + " + bias[o]").replace("return output", "return output[-1]"),
        )
        yield _program(
            name,
            "filters_summed",
            start
            + _FILTERS
            + fill.format(value=window + " + bias[o]").replace("return output", "return output.sum(0)"),
        )
        yield _program(
            name,
            "maps_last",
            start
            + _FILTERS
            + fill.format(value=window + " + bias[o]")
            .replace("(O, OH, OW)", "(OH, OW, O)")
            .replace("[o, i, j]", "[i, j, o]"),
        )
        yield _program(
            name,
            UNKNOWN,
            start
            + _FILTERS
            + fill.format(value=window + " + bias[o]").replace("return output", "return output.squeeze()"),
        )
        yield _program(
            name,
            UNKNOWN,
            start
            + _FILTERS
            + fill.format(value=window + " + bias[o]").replace("return output", "return output.round(3)"),
        )
        yield _program(name, UNKNOWN, start + _FILTERS + fill.format(value=window + " + bias[-1 - o]"))
    yield _program(
        stride,
        UNKNOWN,
        _FILTERS.replace("OH, OW = (H - KH) // stride + 1", "OH, OW = H // stride")
        + fill.format(value=window + " + bias[o]"),
    )
    yield _program(
        stride,
        "stride_divides_input",
        "C, H, W = input.shape\nO, C, KH, KW = weight.shape\nOH, OW = H // stride, W // stride\n"
        + fill.format(value=window + " + bias[o]"),
    )
    yield _program(
        stride,
        "stride_not_in_index",
        _FILTERS + fill.format(value=window.replace("i * stride", "i").replace("j * stride", "j") + " + bias[o]"),
    )
    yield _program(stride, UNKNOWN, _FILTERS + "stride = 2\n" + fill.format(value=window + " + bias[o]"))


def _full():
    name = "conv_calculation.my_conv2d"
    good = _FULL + _FILL_FULL.format(result="output")
    yield _program(name, RIGHT, good)
    yield _program(
        name,
        RIGHT,
        "return F.conv2d(torch.as_tensor(input), torch.as_tensor(weight), torch.as_tensor(bias), stride, padding)",
    )
    yield _program(
        name,
        RIGHT,
        "return F.conv2d(torch.tensor(input), torch.tensor(weight), torch.tensor(bias), stride, padding).detach().cpu().numpy().tolist()",
    )
    yield _program(
        name,
        RIGHT,
        "conv = torch.nn.Conv2d(input.shape[1], weight.shape[0], weight.shape[2:], stride, padding)\nconv.weight.data, conv.bias.data = torch.Tensor(weight), torch.Tensor(bias)\nreturn conv(torch.Tensor(input))",
    )
    yield _program(
        name,
        RIGHT,
        _FULL
        + "s = padded.strides\nv = np.lib.stride_tricks.as_strided(padded, (N, C, OH, OW, KH, KW), (*s[:2], s[2] * stride, s[3] * stride, *s[2:]))\nreturn np.tensordot(v, weight, ((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2) + bias.reshape(1, -1, 1, 1)",
    )
    yield _program(
        name,
        RIGHT,
        "x = F.pad(input, (padding,) * 4)\nv = x.unfold(2, weight.size(2), stride).unfold(3, weight.size(3), stride)\nreturn torch.einsum('nchwuv,ocuv->nohw', v, weight) + bias.view(1, -1, 1, 1)",
    )
    yield _program(
        name,
        RIGHT,
        good.replace(
            "padded = np.pad(input, ((0, 0), (0, 0), (padding, padding), (padding, padding)))",
            "padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))\npadded[..., padding : padding + H, padding : padding + W] = input",
        ),
    )
    once = good.replace("(H + 2 * padding - KH)", "(H + padding - KH)").replace(
        "(W + 2 * padding - KW)", "(W + padding - KW)"
    )
    yield _program(name, "padding_at_top_left_only", once)
    yield _program(
        name,
        "padding_at_top_left_only",
        once.replace("(padding, padding), (padding, padding)", "(padding, 0), (padding, 0)"),
    )
    yield _program(name, "padding_ignored", good.replace("N, C, H, W", "padding = 0\nN, C, H, W", 1))
    yield _program(
        name,
        "output_padded",
        good.replace("N, C, H, W", "p, padding = padding, 0\nN, C, H, W", 1).replace(
            "return output", "return np.pad(output, ((0, 0), (0, 0), (p, p), (p, p)))"
        ),
    )
    yield _program(name, "stride_ignored", good.replace("N, C, H, W", "stride = 1\nN, C, H, W", 1))
    yield _program(name, "bias_cut_off", good.replace("bias[o]", "int(bias[o])"))
    yield _program(
        name,
        "stride_divides_input",
        good.replace(
            "(H + 2 * padding - KH) // stride + 1, (W + 2 * padding - KW) // stride + 1",
            "(H + 2 * padding) // stride, (W + 2 * padding) // stride",
        ),
    )
    yield _program(name, "results_rounded", good.replace("return output", "return output.round(2)"))
    yield _program(name, "batch_and_maps_swapped", good.replace("return output", "return output.transpose(1, 0, 2, 3)"))
    yield _program(
        name, "negative_sums_cut_off", good.replace("(window * weight[o]).sum()", "max((window * weight[o]).sum(), 0)")
    )
    yield _program(name, UNKNOWN, good.replace("return output", "return output.squeeze()"))
    yield _program(name, UNKNOWN, good.replace("return output", "return output.astype(np.float16)"))
    yield _program(name, UNKNOWN, good.replace("return output", "return output + 0.004"))
    yield _program(name, UNKNOWN, good.replace("(H + 2 * padding - KH)", "(H + padding - KH)"))
    yield _program(name, UNKNOWN, good.replace("weight[o])", "weight[o, ::-1, ::-1])"))
    yield _program(name, UNKNOWN, good.replace("for n in range(N)", "for n in range(1)"))
    yield _program(
        name, UNKNOWN, good.replace("window * weight[o]", "window.astype(np.uint8) * weight[o].astype(np.uint8)")
    )
    yield _program(name, UNKNOWN, good.replace("padded = np.pad(", "padded = -np.pad("))
    yield _program(name, UNKNOWN, good.replace("stride + 1, (W", "stride + 2, (W"))
    yield _program(name, UNKNOWN, good.replace("return output", "return output[:, :2]"))
    yield _program(name, UNKNOWN, "if stride > 3:\n    stride = 3\n" + good)


PROGRAMS = [*_one_channel(), *_many_channels(), *_filters(), *_full()]
