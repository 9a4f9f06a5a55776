"""Questions of lesson 11: models made by sub-classing."""

from itertools import pairwise

from lessonlib.questions.core import Question
from lessonlib.questions.modules import ModuleQuestion


def _count(widths, k, bias=True):
    return sum(below * above * k * k + (above if bias else 0) for below, above in pairwise(widths))


def _fields(widths, **_):
    pairs = [f"nn.Conv2d({below}, {above}, 3)" for below, above in pairwise(widths)]
    return {"layers": "[" + ", ".join(pairs) + "]", "count": len(pairs), "first": f"({widths[1]}, {widths[0]}, 3, 3)"}


def _draw_widths(rng):
    return [rng.choice([1, 3]), *rng.sample(range(4, 20), rng.randint(2, 5))]


def _output(n, h, w, widths, k, shrink=None, channels=None):
    lost = (len(widths) - 1) * (k - 1) if shrink is None else shrink
    return n, widths[-1] if channels is None else channels, h - lost, w - lost


def _output_fields(n, h, w, widths, k):
    each, layers = k - 1, len(widths) - 1
    return {"c": widths[0], "each": each, "layers": layers, "lost": each * layers, "last": widths[-1]}


# A stack with a ReLU after each layer. PyTorch is imported inside: a lesson's questions are read without it.


def _stack(keep=None, forward=None, pairs=((3, 4), (4, 6)), padding=0, init=True):
    """Make a stack whose layers are kept by ``keep`` and run by ``forward``; both are the right ones if not given."""
    import torch
    from torch import nn

    class Stack(nn.Module):
        def __init__(self):
            if init:
                super().__init__()
            layers = [nn.Conv2d(below, above, 3, padding=padding) for below, above in pairs]
            self.layers = (keep or nn.ModuleList)(layers)

        def forward(self, input):
            if forward is not None:
                return forward(torch, self.layers, input)
            for layer in self.layers:
                input = torch.relu(layer(input))
            return input

    return Stack()


def _without_last(torch, layers, input):
    return torch.relu(layers[0](input))


def _always_the_input(torch, layers, input):
    for layer in layers:
        output = torch.relu(layer(input))
    return output


def _without_relu(torch, layers, input):
    for layer in layers:
        input = layer(input)
    return input


def _relu_between(torch, layers, input):
    for layer in layers[:-1]:
        input = torch.relu(layer(input))
    return layers[-1](input)


def _relu_first(torch, layers, input):
    for layer in layers:
        input = layer(torch.relu(input))
    return input


def _cnn(
    features=120,
    second_in=4,
    keep=True,
    register_head=True,
    call_second=True,
    relu=(True, True),
    flatten=1,
    after=None,
    init=True,
):
    """Make the small classifier of the exercise, with one thing different from the right one."""
    import torch
    from torch import nn

    class CNN(nn.Module):
        def __init__(self):
            if init:
                super().__init__()
            layers = [nn.Conv2d(3, 4, 3), nn.Conv2d(second_in, 6, 3)]
            self.features = nn.ModuleList(layers) if keep else layers
            head = nn.Linear(features, 10)
            self.head = head if register_head else [head]

        def forward(self, input):
            called = self.features if call_second else self.features[:1]
            for layer, bend in zip(called, relu, strict=False):
                input = torch.relu(layer(input)) if bend else layer(input)
            input = input if flatten is None else torch.flatten(input, flatten)
            output = self.head(input) if register_head else self.head[0](input)
            return output if after is None else after(output)

    return CNN()


QUESTIONS = [
    Question(
        "subclassing.predict_1",
        kind="number",
        first={"widths": [3, 10, 20, 30]},
        draw=lambda rng: {"widths": _draw_widths(rng)},
        right=lambda widths: 0,
        mistakes={
            "counted_as_registered": lambda widths: _count(widths, 3),
            "weights_alone_counted": lambda widths: _count(widths, 3, bias=False),
            "tensors_counted": lambda widths: 2 * (len(widths) - 1),
            "layers_counted": lambda widths: len(widths) - 1,
        },
        fields=_fields,
    ),
    Question(
        "subclassing.predict_2",
        kind="number",
        first={"widths": [3, 10, 20, 30]},
        draw=lambda rng: {"widths": _draw_widths(rng)},
        right=lambda widths: 2 * (len(widths) - 1),
        mistakes={
            "biases_not_listed": lambda widths: len(widths) - 1,
            "still_unregistered": lambda widths: 0,
            "relus_listed": lambda widths: 3 * (len(widths) - 1),
            "numbers_listed": lambda widths: _count(widths, 3),
        },
        fields=_fields,
    ),
    Question(
        "subclassing.output",
        kind="shape",
        first={"n": 8, "h": 20, "w": 31, "widths": [3, 6, 12, 9], "k": 3},
        draw=lambda rng: {
            "n": rng.randint(2, 16),
            "h": rng.randint(32, 48),
            "w": rng.randint(49, 64),
            "widths": [rng.choice([1, 3]), *rng.sample(range(4, 20), rng.randint(3, 5))],
            "k": rng.choice([3, 5]),
        },
        right=_output,
        mistakes={
            "one_layer_only": lambda n, h, w, widths, k: _output(n, h, w, widths, k, shrink=k - 1),
            "size_stays": lambda n, h, w, widths, k: _output(n, h, w, widths, k, shrink=0),
            "kernel_lost_each": lambda n, h, w, widths, k: _output(n, h, w, widths, k, shrink=(len(widths) - 1) * k),
            "input_counted_as_layer": lambda n, h, w, widths, k: _output(
                n, h, w, widths, k, shrink=len(widths) * (k - 1)
            ),
            "first_width_kept": lambda n, h, w, widths, k: _output(n, h, w, widths, k, channels=widths[1]),
            "channels_stay": lambda n, h, w, widths, k: _output(n, h, w, widths, k, channels=widths[0]),
            "widths_added": lambda n, h, w, widths, k: _output(n, h, w, widths, k, channels=sum(widths[1:])),
            "batch_forgotten": lambda n, h, w, widths, k: _output(n, h, w, widths, k)[1:],
            "height_width_swapped": lambda n, h, w, widths, k: _output(n, w, h, widths, k),
            "channels_last": lambda n, h, w, widths, k: (n, *_output(n, h, w, widths, k)[2:], widths[-1]),
        },
        fields=_output_fields,
    ),
    ModuleQuestion(
        "subclassing.stack",
        input=(2, 3, 8, 9),
        build=_stack,
        mistakes={
            "plain_list": lambda: _stack(keep=list),
            "no_super_init": lambda: _stack(keep=list, init=False),
            "layer_not_called": lambda: _stack(forward=_without_last),
            "input_passed_on": lambda: _stack(forward=_always_the_input),
            "relu_missing": lambda: _stack(forward=_without_relu),
            "relu_missing_at_the_end": lambda: _stack(forward=_relu_between),
            "relu_before_layer": lambda: _stack(forward=_relu_first),
            "wrong_in_channels": lambda: _stack(pairs=((3, 4), (3, 6))),
            "last_width_missing": lambda: _stack(pairs=((3, 4),)),
            "padding_that_keeps_size": lambda: _stack(padding=1),
        },
    ),
    ModuleQuestion(
        "subclassing.cnn",
        input=(2, 3, 8, 9),
        build=_cnn,
        mistakes={
            "plain_list": lambda: _cnn(keep=False, register_head=False),
            "no_super_init": lambda: _cnn(keep=False, register_head=False, init=False),
            "plain_list_in_part": lambda: _cnn(keep=False),
            "layer_not_called": lambda: _cnn(call_second=False),
            "layer_not_called_fitted": lambda: _cnn(call_second=False, features=168),
            "wrong_in_channels": lambda: _cnn(second_in=3),
            "relu_missing": lambda: _cnn(relu=(False, False)),
            "second_relu_missing": lambda: _cnn(relu=(True, False)),
            "relu_on_output": lambda: _cnn(after=lambda output: output.relu()),
            "softmax_on_output": lambda: _cnn(after=lambda output: output.softmax(1)),
            "flatten_missing": lambda: _cnn(flatten=None),
            "linear_on_width": lambda: _cnn(flatten=None, features=5),
            "flatten_takes_batch": lambda: _cnn(flatten=0),
            "flatten_takes_batch_fitted": lambda: _cnn(flatten=0, features=240),
            "features_without_channels": lambda: _cnn(features=20),
            "features_of_unchanged_size": lambda: _cnn(features=432),
            "features_of_first_layer": lambda: _cnn(features=168),
            "features_of_raw_input": lambda: _cnn(features=216),
        },
    ),
]
