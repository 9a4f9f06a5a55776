"""Modules as learners write them, for the four module questions: right ones in many styles, and wrong ones.

A wrong one carries what the check may say of it: a mistake's name, or the key of the sentence that tells what was measured.
"""

# ruff: noqa: E501  a row is one program

from typing import NamedTuple

RIGHT = "right"


class Model(NamedTuple):
    """A module for a question: its verdict (`RIGHT`, a mistake's name, or the key of a sentence) and its text."""

    question: str
    verdict: str
    code: str

    def made(self):
        """Return the module that the program leaves in `model`."""
        import numpy as np
        import torch

        names = {"np": np, "torch": torch, "nn": torch.nn, "F": torch.nn.functional}
        exec(self.code, names)
        return names["model"]


_CLASS = """
class Model(nn.Module):
    def __init__(self):
        {init}
    def forward(self, x):
        {forward}
model = Model()
"""


def _model(question, verdict, init, forward, before="", after="", first="super().__init__()"):
    lines = [part for part in (first, *init.splitlines()) if part]
    text = _CLASS.format(init="\n        ".join(lines or ["pass"]), forward=forward.replace("\n", "\n        "))
    return Model(question, verdict, f"{before}\n{text}\n{after}\n")


_TWO = "self.conv1, self.conv2 = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 6, 3)"
_LIST = "self.layers = nn.ModuleList([nn.Conv2d(3, 4, 3), nn.Conv2d(4, 6, 3)])"
_GOOD = "x = torch.relu(self.conv1(x))\nreturn torch.relu(self.conv2(x))"
_PLAIN = "self.layers = [nn.Conv2d(3, 4, 3), nn.Conv2d(4, 6, 3)]"
_LOOP = "for layer in self.layers:\n    x = torch.relu(layer(x))\nreturn x"


def _stacks():
    def stack(verdict, init, forward, **more):
        return _model("subclassing.stack", verdict, init, forward, **more)

    yield stack(RIGHT, _TWO, _GOOD)
    yield stack(RIGHT, _LIST, _LOOP)
    yield stack(RIGHT, _TWO, _GOOD, after="model = model.double()")
    yield stack(
        RIGHT,
        _TWO,
        _GOOD,
        before="torch.set_default_dtype(torch.float64)",
        after="torch.set_default_dtype(torch.float32)",
    )
    yield stack(
        RIGHT, "self.b, self.a = nn.LazyConv2d(6, 3), nn.LazyConv2d(4, 3)", "return self.b(self.a(x).relu()).relu()"
    )
    yield stack(
        RIGHT,
        "self.w = nn.ParameterList([nn.Parameter(torch.randn(4, 3, 3, 3)), nn.Parameter(torch.randn(6, 4, 3, 3))])\nself.c = nn.ParameterList([nn.Parameter(torch.zeros(4)), nn.Parameter(torch.zeros(6))])",
        "for w, b in zip(self.w, self.c):\n    x = F.conv2d(x, w, b).clamp(min=0)\nreturn x",
    )
    yield stack(
        RIGHT,
        "for i, (a, b) in enumerate([(3, 4), (4, 6)]):\n    self.add_module(f'conv{i}', nn.Conv2d(a, b, 3))",
        "for layer in self.children():\n    x = F.relu(layer(x), inplace=True)\nreturn x",
    )
    yield stack(
        RIGHT,
        "self.net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 6, 3), nn.ReLU())",
        "return self.net(x)",
    )
    yield stack(
        RIGHT,
        "self.d = nn.ModuleDict({'a': nn.Conv2d(3, 4, 3), 'b': nn.Conv2d(4, 6, 3)})",
        "x = self.d['a'](x)\nx = x * (x > 0)\nx = self.d['b'](x)\nreturn torch.maximum(x, torch.zeros_like(x))",
    )
    yield stack(
        RIGHT,
        _TWO + "\nself.act = nn.ReLU()",
        "return self.act(self.conv2(self.act(self.conv1(x))))",
        after="model.eval()",
    )
    yield stack(RIGHT, _TWO + "\nself.seen = []", "self.seen.append(tuple(x.shape))\n" + _GOOD)
    yield stack(RIGHT, _TWO + "\nself.keep = (i for i in range(3))", _GOOD)  # a generator: cannot be copied
    # named mistakes
    yield stack("plain_list", _PLAIN, _LOOP)
    yield stack(
        "plain_list",
        "self.layers = {'a': nn.Conv2d(3, 4, 3), 'b': nn.Conv2d(4, 6, 3)}",
        "for layer in self.layers.values():\n    x = torch.relu(layer(x))\nreturn x",
    )
    yield stack("plain_list", "self.layers = (nn.Conv2d(3, 4, 3), nn.Conv2d(4, 6, 3))", _LOOP)
    yield stack("no_super_init", _PLAIN, _LOOP, first="")
    yield stack("layer_not_called", _LIST, _LOOP.replace("\nreturn", "\n    return"))
    yield stack("layer_not_called", _TWO, "return torch.relu(self.conv1(x))")
    yield stack("input_passed_on", _LIST, "for layer in self.layers:\n    y = torch.relu(layer(x))\nreturn y")
    yield stack("relu_missing", _LIST, "for layer in self.layers:\n    x = layer(x)\nreturn x")
    yield stack("relu_missing_at_the_end", _TWO, "return self.conv2(torch.relu(self.conv1(x)))")
    yield stack("relu_before_layer", _LIST, "for layer in self.layers:\n    x = layer(torch.relu(x))\nreturn x")
    yield stack("padding_that_keeps_size", _TWO.replace(", 3)", ", 3, padding=1)"), _GOOD)
    yield stack("wrong_in_channels", _TWO.replace("(4, 6", "(3, 6"), _GOOD)
    # where weights are kept that are not registered
    yield stack(
        "module_kept_forward", "pass", "x = torch.relu(nn.Conv2d(3, 4, 3)(x))\nreturn torch.relu(nn.Conv2d(4, 6, 3)(x))"
    )
    yield stack(
        "module_kept_global",
        "pass",
        "x = torch.relu(conv1(x))\nreturn torch.relu(conv2(x))",
        before="conv1, conv2 = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 6, 3)",
    )
    yield stack(
        "module_kept_tensor",
        "self.w, self.v = torch.randn(4, 3, 3, 3), torch.randn(6, 4, 3, 3)",
        "return F.conv2d(F.conv2d(x, self.w).relu(), self.v).relu()",
    )
    yield stack(
        "module_kept_tensors",
        "self.w = [nn.Parameter(torch.randn(4, 3, 3, 3)), nn.Parameter(torch.randn(6, 4, 3, 3))]",
        "for w in self.w:\n    x = F.conv2d(x, w).relu()\nreturn x",
    )
    yield stack(
        "module_kept_buffer",
        "self.register_buffer('w', torch.randn(4, 3, 3, 3))\nself.register_buffer('v', torch.randn(6, 4, 3, 3))",
        "return F.conv2d(F.conv2d(x, self.w).relu(), self.v).relu()",
    )
    yield stack("module_kept_list", _PLAIN, "for layer in self.layers:\n    x = layer(x)\nreturn x")
    yield stack("module_registered", "pass", "return torch.zeros(2, 6, 4, 5)")
    yield stack(
        "module_registered",
        "self.conv1 = nn.Conv2d(3, 4, 3)",
        "return torch.relu(self.conv1(x))[:, :, 1:-1, 1:-1].repeat(1, 2, 1, 1)[:, :6]",
    )
    # what was measured
    yield stack("raised", _LIST, "for layer in self.layers[1:]:\n    x = torch.relu(layer(x))\nreturn x")
    yield stack(
        "module_result_unused",
        _TWO,
        "x = torch.relu(self.conv1(x))\ntorch.relu(self.conv2(x))\nreturn x.repeat(1, 2, 1, 1)[:, :6, :4, :5]",
    )
    yield stack("module_output", _TWO, "x = torch.relu(self.conv1(x))\ntorch.relu(self.conv2(x))\nreturn x")
    yield stack("module_relu_unused", _TWO, "x = torch.relu(self.conv1(x))\nx = self.conv2(x)\ntorch.relu(x)\nreturn x")
    yield stack("module_layer_unused", _TWO, "return torch.relu(self.conv1(x)).repeat(1, 2, 1, 1)[:, :6, :4, :5]")
    yield stack(
        "module_unreached",
        _TWO,
        "with torch.no_grad():\n    x = torch.relu(self.conv1(x))\n    return torch.relu(self.conv2(x))",
    )
    yield stack("module_unreached", _TWO, "x = torch.relu(self.conv1(x)).detach()\nreturn torch.relu(self.conv2(x))")
    yield stack(
        "module_unreached",
        _TWO,
        "x = F.conv2d(x, self.conv1.weight.data, self.conv1.bias.data).relu()\nreturn torch.relu(self.conv2(x))",
    )
    yield stack(
        "module_unreached",
        _TWO,
        "x = torch.from_numpy(np.maximum(self.conv1(x).detach().numpy(), 0))\nreturn torch.relu(self.conv2(x))",
    )
    yield stack("module_frozen", _TWO + "\nself.requires_grad_(False)", _GOOD)
    flip = "if torch.rand(1) < 0.5:\n    x = x.flip(3)\n"
    yield stack("module_changing", _TWO, flip + _GOOD)
    yield stack("module_changing", _TWO, flip.replace("torch.rand(1)", "np.random.rand()") + _GOOD)
    yield stack("module_changing", _TWO, "import random\n" + flip.replace("torch.rand(1)", "random.random()") + _GOOD)
    yield stack("module_changing", _TWO, "if torch.rand(1) < 0.08:\n    x = x * 0\n" + _GOOD)
    yield stack("module_changing", _TWO + "\nself.n = 0", "self.n += 1\nif self.n % 2 == 0:\n    x = x * 0\n" + _GOOD)
    yield stack("module_changing_in_train", _TWO, flip.replace("if ", "if self.training and ") + _GOOD)
    yield stack(
        "module_changing_in_train", _TWO, flip.replace("if ", "if self.training and ").replace("0.5", "0.1") + _GOOD
    )
    yield stack("module_overwritten", _TWO, "self.conv1.reset_parameters()\n" + _GOOD)
    yield stack("module_overwritten", _TWO, "torch.nn.init.constant_(self.conv2.weight, 0.1)\n" + _GOOD)
    yield stack("module_overwritten", _TWO, "with torch.no_grad():\n    self.conv1.weight.mul_(0.9)\n" + _GOOD)
    for bend in ("F.softplus({0}, beta=120)", "F.threshold({0}, 0.03, 0.0)", "F.threshold({0}, 0.001, 0.0)"):
        bent = "x = " + bend.format("self.conv1(x)") + "\nreturn " + bend.format("self.conv2(x)")
        yield stack("module_only_values", _TWO, bent)
    for top in (13, 20, 100):
        bent = f"x = self.conv1(x).clamp(0, {top})\nreturn torch.relu(self.conv2(x))"
        yield stack("module_only_large", _TWO, bent)
    yield stack("module_only_batch", _TWO, "if len(x) > 2:\n    x = x - x.mean()\n" + _GOOD)
    yield stack("module_registered", _TWO, _GOOD, after="Model.parameters = lambda self, recurse=True: iter([])")
    copied = _TWO + "\nimport copy\nself.copies = [copy.deepcopy(self.conv1)]"
    yield stack("module_registered_unused", copied, _GOOD.replace("self.conv1(", "self.copies[0]("))
    yield stack("module_frozen", _TWO + "\nself.conv1.weight.requires_grad = False", _GOOD)
    yield stack(
        "module_only_large", _TWO + "\nself.act = nn.ReLU6()", "return self.act(self.conv2(self.act(self.conv1(x))))"
    )
    yield stack(
        "module_only_train",
        _TWO + "\nself.drop = nn.Dropout(0.5)",
        "return self.drop(" + _GOOD.split("return ")[1].replace("(x)", "(torch.relu(self.conv1(x)))") + ")",
    )
    yield stack(
        "module_only_train",
        _TWO + "\nself.norm = nn.BatchNorm2d(6, affine=False)",
        "x = self.conv2(torch.relu(self.conv1(x)))\nreturn torch.relu(self.norm(x) if self.training else x)",
    )
    yield stack(
        "module_only_batch",
        _TWO,
        "x = torch.relu(self.conv1(x))\nx = torch.relu(self.conv2(x))\nreturn x.view(2, 6, 4, 5)",
    )
    yield stack("module_only_batch", _TWO, "x = torch.relu(self.conv1(x))\nreturn torch.relu(self.conv2(x)).squeeze()")
    yield stack("module_dtype", _TWO, _GOOD + ".bfloat16()")
    yield stack(
        "module_dtype",
        _TWO,
        _GOOD,
        after="model = model.bfloat16()\nforward = model.forward\nmodel.forward = lambda x: forward(x.bfloat16())",
    )
    yield stack("module_no_values", _TWO, _GOOD + ".to_sparse()")
    yield stack("module_no_values", _TWO, _GOOD + ".to('meta')")
    yield stack("module_nothing", _TWO, _GOOD.replace("return", "x ="))
    yield stack("module_no_tensor", _TWO, _GOOD + ", x")
    yield stack("module_not_finite", _TWO, _GOOD + " / 0")
    yield stack(
        "module_parameters",
        _TWO + "\nself.scale = nn.Parameter(torch.tensor(1.0))",
        _GOOD + " * self.scale / self.scale",
    )
    yield stack("module_parameters", _TWO + "\nself.nothing = nn.Parameter(torch.zeros(0, 3))", _GOOD)
    yield stack("module_parameters", _TWO + "\nself.conv3 = nn.Conv2d(3, 3, 1)", _GOOD)
    yield stack("module_values", _TWO, _GOOD + " + 0.004")
    yield stack("module_values", _TWO, "x = torch.relu(self.conv1(x))\nreturn torch.relu(self.conv2(x)).half().float()")
    yield stack("module_values", _TWO, "x = F.leaky_relu(self.conv1(x))\nreturn torch.relu(self.conv2(x))")
    yield stack("module_first_input", _TWO, "x = x / 255\n" + _GOOD)
    yield stack("raised", _TWO, "return self.conv3(x)")


def _cnns():
    init = _TWO + "\nself.head = nn.Linear(120, 10)"
    convolved = "x = torch.relu(self.conv1(x))\nx = torch.relu(self.conv2(x))\n"

    def cnn(verdict, init, forward, **more):
        return _model("subclassing.cnn", verdict, init, forward, **more)

    yield cnn(RIGHT, init, convolved + "return self.head(torch.flatten(x, 1))")
    yield cnn(RIGHT, init, convolved + "return self.head(x.view(x.size(0), -1))")
    yield cnn(RIGHT, init, convolved + "return F.linear(x.reshape(len(x), 120), self.head.weight, self.head.bias)")
    yield cnn(RIGHT, init, convolved + "return x.flatten(1) @ self.head.weight.T + self.head.bias")
    yield cnn(RIGHT, _TWO + "\nself.head = nn.LazyLinear(10)", convolved + "return self.head(nn.Flatten()(x))")
    yield cnn("flatten_takes_batch", init, convolved + "return self.head(torch.flatten(x))")
    yield cnn("flatten_missing", init, convolved + "return self.head(x)")
    yield cnn("softmax_on_output", init, convolved + "return self.head(x.flatten(1)).softmax(1)")
    yield cnn("second_relu_missing", init, "x = self.conv2(torch.relu(self.conv1(x)))\nreturn self.head(x.flatten(1))")
    yield cnn("no_super_init", "self.layers = [nn.Conv2d(3, 4, 3)]", "return x", first="")
    yield cnn("module_only_batch", init, convolved + "return self.head(x.view(2, -1))")
    yield cnn("module_kept_forward", _TWO, convolved + "return nn.Linear(120, 10)(x.flatten(1))")
    yield cnn(
        "module_relu_unused",
        init,
        "x = torch.relu(self.conv1(x))\nx = self.conv2(x)\nF.relu(x)\nreturn self.head(x.flatten(1))",
    )
    yield cnn("module_layer_input", init, convolved + "return self.head(x.transpose(2, 3).flatten(1))")
    yield cnn("module_after_last", init, convolved + "return self.head(x.flatten(1)) * 2")
    yield cnn(
        "module_only_train",
        init + "\nself.drop = nn.Dropout(0.3)",
        convolved + "return self.head(self.drop(x.flatten(1)))",
    )
    yield cnn("module_registered", "self.conv1 = nn.Conv2d(3, 4, 3)", "return torch.zeros(len(x), 10)")


def _sequentials():
    def stack(verdict, layers):
        return Model("sequential.stack", verdict, f"model = nn.Sequential({layers})")

    first, second = "nn.Conv2d(3, 6, 3, padding=1)", "nn.Conv2d(6, 4, 3, padding=1)"
    yield stack(RIGHT, f"{first}, nn.ReLU(), {second}, nn.ReLU()")
    yield stack(RIGHT, f"nn.Sequential({first}, nn.ReLU()), nn.Sequential({second}, nn.ReLU(inplace=True))")
    yield stack(
        RIGHT, "nn.LazyConv2d(6, 3, padding='same'), nn.ReLU(), nn.Conv2d(6, 4, (3, 3), 1, 1), nn.Threshold(0, 0)"
    )
    yield stack(RIGHT, f"nn.ZeroPad2d(1), nn.Conv2d(3, 6, 3), nn.ReLU(), {second}, nn.ReLU(), nn.Identity()")
    yield stack("last_relu_missing", f"{first}, nn.ReLU(), {second}")
    yield stack("relus_missing", f"{first}, {second}")
    yield stack("padding_missing", "nn.Conv2d(3, 6, 3), nn.ReLU(), nn.Conv2d(6, 4, 3), nn.ReLU()")
    yield stack("module_only_large", f"{first}, nn.ReLU6(), {second}, nn.ReLU()")
    yield stack("module_values", f"{first}, nn.ReLU(), {second}, nn.Softplus()")
    yield stack(
        "module_values",
        "nn.Conv2d(3, 6, 3, padding=1, padding_mode='reflect'), nn.ReLU(), nn.Conv2d(6, 4, 3, padding=1), nn.ReLU()",
    )
    yield stack("module_parameters", f"{first}, nn.BatchNorm2d(6), nn.ReLU(), {second}, nn.ReLU()")
    yield stack("module_registered", "")
    yield stack("module_dtype", f"{first}, nn.ReLU(), {second}, nn.ReLU()).half(")
    yield stack("module_no_values", f"{first}, nn.ReLU(), {second}, nn.ReLU()).to('meta'")

    def whole(verdict, pooled, last="nn.Linear(16, 10)"):
        layers = "nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU()"
        return Model("train_a_cnn.whole_map", verdict, f"model = nn.Sequential({layers}, {pooled}, {last})")

    yield whole(RIGHT, "nn.MaxPool2d(8), nn.Flatten()")
    yield whole(RIGHT, "nn.AdaptiveMaxPool2d(1), nn.Flatten()")
    yield whole(RIGHT, "nn.Flatten(2), nn.MaxPool1d(64), nn.Flatten()")
    yield whole(RIGHT, "nn.MaxPool2d(8), nn.Flatten()", "nn.LazyLinear(10)")
    yield Model(
        "train_a_cnn.whole_map",
        RIGHT,
        "import warnings\nwarnings.simplefilter('ignore')\nmodel = torch.jit.trace(nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, padding=1), "
        "nn.ReLU(), nn.MaxPool2d(8), nn.Flatten(), nn.Linear(16, 10)), torch.zeros(2, 1, 8, 8))",
    )
    yield whole("pool_of_four", "nn.MaxPool2d(4), nn.Flatten()", "nn.Linear(64, 10)")
    yield whole("pool_of_four", "nn.MaxPool2d(8, padding=4), nn.Flatten()", "nn.Linear(64, 10)")
    yield whole("averaged", "nn.AvgPool2d(8), nn.Flatten()")
    yield whole("module_parameters", "nn.AvgPool2d(4), nn.Flatten()", "nn.Linear(64, 10)")
    yield whole("module_layer_input", "nn.LPPool2d(2, 8), nn.Flatten()")


MODELS = [*_stacks(), *_cnns(), *_sequentials()]
