"""The right answer of every number, shape and array question, told by PyTorch or by plain counting: never by the code that asks.

Each entry takes the question's numbers by keyword. Layers are made on the device "meta": they know their shapes and compute nothing.
"""

from itertools import count, pairwise

import torch
from torch import nn
from torch.nn.functional import conv1d, conv2d, relu


def after(shape, *layers):
    """The shape of what comes out of the layers."""
    return tuple(nn.Sequential(*layers).to("meta")(torch.empty(shape, device="meta")).shape)


def side(n, k, p=0, s=1, d=1):
    """One side of what PyTorch makes of an n × n input."""
    return after((1, 1, n, n), nn.Conv2d(1, 1, k, s, p, d))[-1]


def parameters(*layers):
    return sum(one.numel() for layer in layers for one in layer.parameters())


def conv(x, w, b=0, **options):
    """The map of one filter; x and w are (H, W) or (C, H, W)."""
    x, w = (torch.tensor(one, dtype=torch.float64) for one in (x, w))
    x, w = (one[None] if one.ndim == 2 else one for one in (x, w))
    return conv2d(x[None], w[None], torch.tensor([float(b)]).double(), **options)[0, 0]


def window(x, w, b=0):
    return conv(x, w, b).item()


def reads(n, k):
    """How many windows read each pixel: with a kernel of ones, the slope of the output's sum."""
    x = torch.zeros(1, 1, n, n, requires_grad=True)
    conv2d(x, torch.ones(1, 1, k, k)).sum().backward()
    return x.grad[0, 0].int()


def padding_that_keeps(n, k):
    return next(p for p in range(n) if side(n, k, p) == n)


def cells_seen(layers, n=240):
    """How many cells of a row one unit of the last layer depends on."""
    x = torch.zeros(1, 1, n, requires_grad=True)
    y = x
    for kernel, stride in layers:
        y = conv1d(y, torch.ones(1, 1, kernel), stride=stride)
    y[0, 0, y.shape[2] // 2].backward()
    return x.grad.count_nonzero().item()


def slopes(output, x):
    """How much one number of the output grows with each cell of the input."""
    (found,) = torch.autograd.grad(output, x)
    return found.flatten().tolist()


def matrix_row(h, n, w, row):
    x = torch.zeros(1, 1, h, n, requires_grad=True)
    return slopes(conv2d(x, torch.tensor([[w]]).float()).flatten()[row], x)


def shift_of_the_output(shift, s):
    """Move a row of random numbers and look how far its map has moved."""
    row = torch.rand(400, generator=torch.Generator().manual_seed(1))
    before, moved = (conv1d(one[None, None], torch.ones(1, 1, 3), stride=s)[0, 0] for one in (row, row.roll(shift)))
    middle = range(70, 80)
    return next(t for t in range(shift * s + 1) if all(torch.isclose(moved[i], before[i - t]) for i in middle))


def cells_left_over(n, k, s):
    """How many cells at the end of a row no window reads."""
    x = torch.zeros(1, 1, n, requires_grad=True)
    conv1d(x, torch.ones(1, 1, k), stride=s).sum().backward()
    return n - 1 - x.grad[0, 0].nonzero().max().item()


def strided_values(x, k, s):
    return conv1d(torch.tensor([[x]]).double(), torch.ones(1, 1, k).double(), stride=s)[0, 0].tolist()


def output(n, c, h, w, o, kh, kw):
    return after((n, c, h, w), nn.Conv2d(c, o, (kh, kw)))


def weight(c, o, kh, kw, g=1):
    return tuple(nn.Conv2d(c, o, (kh, kw), groups=g).weight.shape)


def layer_between(n, c, h, w, o, k):
    """Try kernels until one turns the input's shape into the output's."""
    return (
        c,
        o,
        next(size for size in count(1) if after((n, c, h, w), nn.Conv2d(c, o, size))[2:] == (h - k + 1, w - k + 1)),
    )


def runs(shape, layer):
    try:
        after(shape, layer)
    except RuntimeError:
        return False
    return True


def relu_of_window(x, w, b):
    return relu(conv(x, w, b)).item()


def slope_of_sigmoid(s):
    z = torch.tensor(s, dtype=torch.float64).logit().requires_grad_()
    return slopes(z.sigmoid(), z)[0]


def merged_row(p, q):
    """What each cell weighs that two convolutions, one after the other, make one number of."""
    x = torch.zeros(1, 1, len(p) + len(q) - 1, requires_grad=True)
    first = conv1d(x, torch.tensor([[p]]).float())
    return slopes(conv1d(first, torch.tensor([[q]]).float())[0, 0, 0], x)


def convolutions(widths, k=3):
    """A stack of convolutions with a ReLU after each, as a list of layers."""
    return [layer for c, o in pairwise(widths) for layer in (nn.Conv2d(c, o, k), nn.ReLU())]


class InAList(nn.Module):
    """Layers kept in what is given: a list or an `nn.ModuleList`."""

    def __init__(self, keep, widths):
        super().__init__()
        self.layers = keep(nn.Conv2d(c, o, 3) for c, o in pairwise(widths))


def step(x, w, t, rate):
    """One step of PyTorch's own gradient descent."""
    weight = torch.tensor(float(w), dtype=torch.float64, requires_grad=True)
    descent = torch.optim.SGD([weight], lr=rate)
    ((weight * x - t) ** 2).backward()
    descent.step()
    return weight.item()


def taken_for(counts, true, taken):
    """Lay all pictures out, each with what it is and what was said, and count those that were asked for."""
    pictures = [(row, column) for row in range(3) for column in range(3) for _ in range(counts[row][column])]
    return sum(is_ == true and said == taken for is_, said in pictures)


ORACLES = {
    # 00 start
    "start.slice": lambda rows, columns: torch.arange(20).reshape(4, 5)[slice(*rows), slice(*columns)].tolist(),
    "start.product": lambda x, w: (torch.tensor(x) * torch.tensor(w)).sum().item(),
    "start.batch": lambda n, h, w: (n, 3, h, w),
    "start.filter": lambda c, o, k: nn.Conv2d(c, o, k).weight[0].numel(),
    # 01 one channel
    "one_channel.predict_1": window,
    "one_channel.predict_2": side,
    "one_channel.window": window,
    "one_channel.side": side,
    "one_channel.map": lambda x, w: conv(x, w).tolist(),
    "one_channel.flip": lambda w: torch.tensor(w).rot90(2).tolist(),
    # 02 many channels
    "many_channels.predict_1": window,
    "many_channels.predict_2": lambda c, o, k: after((1, c, 16, 16), nn.Conv2d(c, o, k))[1],
    "many_channels.value": window,
    "many_channels.weight": weight,
    "many_channels.parameters": lambda c, o, k, n: parameters(nn.Conv2d(c, o, k)),
    # 03 padding
    "padding.predict_1": lambda x: conv(x, [[1] * 3] * 3, padding=1)[0, 0].item(),
    "padding.predict_2": side,
    "padding.keep_size": padding_that_keeps,
    "padding.even_kernel": side,
    "padding.corner_reads": lambda n, k: reads(n, k)[0, 0].item(),
    "padding.pixel_reads": lambda n, k, r, c: reads(n, k)[r, c].item(),
    # 04 properties
    "properties.predict_1": cells_seen,
    "properties.predict_2": lambda n, k: parameters(nn.Conv2d(1, 1, k)),
    "properties.receptive_field": cells_seen,
    "properties.fully_connected": lambda i, k: parameters(nn.Linear(i * i, side(i, k) ** 2, device="meta")),
    "properties.matrix_row": matrix_row,
    "properties.shift": shift_of_the_output,
    # 05 shape
    "shape.predict_1": side,
    "shape.predict_2": cells_left_over,
    "shape.side": side,
    "shape.output": output,
    "shape.dilation": side,
    "shape.strided_values": strided_values,
    "shape.which_padding": padding_that_keeps,
    # 06 the shapes of a convolution layer
    "conv_layer_shapes.predict_1": output,
    "conv_layer_shapes.predict_2": weight,
    "conv_layer_shapes.bias": lambda c, o, k: tuple(nn.Conv2d(c, o, k).bias.shape),
    "conv_layer_shapes.output": output,
    "conv_layer_shapes.layer": layer_between,
    # 07 conv2d step by step
    "conv_calculation.predict_1": window,
    "conv_calculation.bytes": lambda a, b: ((torch.tensor(a).byte() + torch.tensor(b).byte()) // 2).item(),
    # 08 filters and errors
    "filter_shapes.predict_1": output,
    "filter_shapes.predict_2": lambda c, o, k, n: parameters(nn.Conv2d(c, o, k)),
    "filter_shapes.groups": weight,
    "filter_shapes.kernel_too_large_error": lambda h, k, w: next(
        p for p in count() if runs((1, 3, h, w), nn.Conv2d(3, 5, k, padding=p))
    ),
    # 09 activation
    "activation.predict_1": lambda n, c, h, w, o, k: after((n, c, h, w), nn.Conv2d(c, o, k), nn.Sigmoid()),
    "activation.predict_2": relu_of_window,
    "activation.order": relu_of_window,
    "activation.slope": slope_of_sigmoid,
    "activation.merged_size": lambda a, b: cells_seen([(a, 1), (b, 1)]),
    "activation.merged_row": merged_row,
    # 10 stacks
    "sequential.predict_1": lambda n, h, w, widths, k: after((n, widths[0], h, w), *convolutions(widths, k)),
    "sequential.predict_2": lambda image, c, o, k: parameters(nn.Conv2d(c, o, k)),
    "sequential.weight": lambda image, c, o, kh, kw: weight(c, o, kh, kw),
    "sequential.slice": lambda widths, stop: after((1, widths[0], 20, 20), *convolutions(widths)[:stop])[1],
    # 11 models by sub-classing
    "subclassing.predict_1": lambda widths: sum(one.numel() for one in InAList(list, widths).parameters()),
    "subclassing.predict_2": lambda widths: len(list(InAList(nn.ModuleList, widths).parameters())),
    "subclassing.output": lambda n, h, w, widths, k: after((n, widths[0], h, w), *convolutions(widths, k)),
    # 12 training
    "train_a_cnn.predict_2": lambda n, b, c, p: after(
        (1, 1, n, n),
        *(nn.Conv2d(1, b, 3, padding=1), nn.ReLU(), nn.Conv2d(b, c, 3, padding=1), nn.ReLU()),
        *(nn.MaxPool2d(p), nn.Flatten()),
    )[1],
    "train_a_cnn.step": step,
    "train_a_cnn.parameters": lambda b, c, f: parameters(nn.Conv2d(1, b, 3), nn.Conv2d(b, c, 3), nn.Linear(f, 10)),
    "train_a_cnn.confusion": taken_for,
}
