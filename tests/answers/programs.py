"""What the functions and modules asked for have to give: by PyTorch, with windows laid out as columns as a second way.

`FUNCTIONS`: the axes of input and weight, and the arguments in their order. `MODULES`: the module asked for, and the expression that makes
it once the program of the solution has run; None where the solution is one expression.
"""

import torch
from torch import nn
from torch.nn.functional import conv2d, unfold

FUNCTIONS = {
    "one_channel.my_conv": (2, 2, "input weight"),
    "many_channels.one_filter": (3, 3, "input weight bias"),
    "conv_calculation.one_window": (2, 2, "input weight"),
    "conv_calculation.two_loops": (2, 2, "input weight"),
    "conv_calculation.with_bias": (2, 2, "input weight bias"),
    "conv_calculation.with_channels": (3, 3, "input weight bias"),
    "conv_calculation.with_filters": (3, 4, "input weight bias"),
    "conv_calculation.with_stride": (3, 4, "input weight bias stride"),
    "conv_calculation.my_conv2d": (4, 4, "input weight bias stride padding"),
}


def case(name, seed):
    """Draw the arguments of a function, as the learner's function takes them."""
    image, weight, takes = FUNCTIONS[name]
    draw = torch.Generator().manual_seed(seed)

    def upto(most, least=1):
        return int(torch.randint(least, most + 1, (), generator=draw))

    channels, kernel = upto(3), (upto(3), upto(4))
    size = kernel if name == "conv_calculation.one_window" else (upto(8, 3), upto(9, 4))
    filters = upto(4)
    values = {
        "input": torch.randn(*(upto(3), channels, *size)[4 - image :], dtype=torch.float64, generator=draw),
        "weight": torch.randn(*(filters, channels, *kernel)[4 - weight :], dtype=torch.float64, generator=draw),
        "bias": torch.randn(filters if weight == 4 else (), dtype=torch.float64, generator=draw),
        "stride": upto(3),
        "padding": upto(2, 0),
    }
    return {argument: values[argument] for argument in takes.split()}


def in_form(name, output):
    """Take off the axes (N, O, OH, OW) that a function's result does not have."""
    image, weight, _ = FUNCTIONS[name]
    output = output if image == 4 else output[0]
    output = output if weight == 4 else output[0]
    return output.reshape(()) if name == "conv_calculation.one_window" else output


def result(name, input, weight, bias=None, stride=1, padding=0):
    """PyTorch's conv2d."""
    input, weight = (one.reshape(*[1] * (4 - one.ndim), *one.shape) for one in (input, weight))
    bias = None if bias is None else bias.reshape(-1)
    return in_form(name, conv2d(input, weight, bias, stride, padding))


def result_by_columns(name, input, weight, bias, stride, padding):
    """The same as one matrix product, from full forms: every window is a column."""
    columns = unfold(input, weight.shape[2:], stride=stride, padding=padding)
    rows = (input.shape[2] + 2 * padding - weight.shape[2]) // stride + 1
    output = weight.flatten(1) @ columns + bias[:, None]
    return in_form(name, output.unflatten(2, (rows, -1)))


MODULES = {
    "sequential.stack": (
        "model",
        lambda: nn.Sequential(
            *(nn.Conv2d(3, 6, (3, 3), padding="same"), nn.ReLU()), *(nn.Conv2d(6, 4, (3, 3), padding="same"), nn.ReLU())
        ),
        (3, 8, 9),
    ),
    "subclassing.stack": (
        "Stack([3, 4, 6])",
        lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 6, 3), nn.ReLU()),
        (3, 8, 9),
    ),
    "subclassing.cnn": (
        "CNN()",
        lambda: nn.Sequential(
            *(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(120, 10))
        ),
        (3, 8, 9),
    ),
    "train_a_cnn.whole_map": (
        None,
        lambda: nn.Sequential(
            *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU()),
            *(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(16, 10)),
        ),
        (1, 8, 8),
    ),
}
