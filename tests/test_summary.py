"""summarize: torchinfo's counts and PyTorch's own, receptive fields by moving pixels, complaints that name the layer."""

import io
import random
import sys
import warnings
from itertools import pairwise
from math import prod

import numpy as np
import pytest
import torch
import torchinfo
from torch import nn
from torch.nn.utils import prune

from lessonlib import language, output_size, summarize


def cnn(*layers):
    return nn.Sequential(*layers)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(4, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 4, 5, padding=2, bias=False)

    def forward(self, input):
        return torch.relu(input + self.second(torch.tanh(self.first(input))))


class Branches(nn.Module):
    def __init__(self, axis=1):
        super().__init__()
        self.axis = axis
        self.narrow = nn.Conv2d(3, 2, 1)
        self.wide = nn.Conv2d(3, 2, (3, 7), padding=(1, 3))

    def forward(self, input):
        return torch.cat([self.narrow(input), self.wide(input)], self.axis)


class Shared(nn.Module):
    """One layer, run twice."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, 3, 3)

    def forward(self, input):
        return self.layer(self.layer(input).relu())


class Subclass(nn.Module):
    def __init__(self, widths=(3, 10, 20, 30)):
        super().__init__()
        pairs = pairwise(widths)
        self.layers = nn.ModuleList(nn.Conv2d(below, above, 3) for below, above in pairs)

    def forward(self, input):
        for layer in self.layers:
            input = torch.relu(layer(input))
        return input


MODELS = {
    "one": (cnn(nn.Conv2d(5, 1, 3)), (1, 5, 28, 28)),
    "bare": (nn.Conv2d(3, 5, 3, bias=False), (2, 3, 12, 10)),
    "rectangles": (cnn(nn.Conv2d(3, 5, (3, 2), stride=(2, 1), padding=(1, 0))), (2, 3, 13, 9)),
    "dilated": (cnn(nn.Conv2d(2, 3, 3, dilation=2), nn.Tanh(), nn.Conv2d(3, 2, 3, dilation=(1, 3))), (1, 2, 20, 24)),
    "grouped": (cnn(nn.Conv2d(6, 4, 3, groups=2), nn.Conv2d(4, 4, 3, groups=4)), (3, 6, 12, 12)),
    "mixing": (cnn(nn.Conv2d(3, 8, 1), nn.Conv2d(8, 2, 1)), (1, 3, 9, 9)),
    "same": (cnn(nn.Conv2d(3, 4, (5, 3), padding="same"), nn.Conv2d(4, 4, 5, padding="valid")), (1, 3, 14, 14)),
    "reflecting": (cnn(nn.Conv2d(3, 4, 3, padding=1, padding_mode="reflect"), nn.ReLU()), (1, 3, 8, 9)),
    "three": (
        cnn(nn.Conv2d(3, 10, 3), nn.ReLU(), nn.Conv2d(10, 20, 3), nn.ReLU(), nn.Conv2d(20, 30, 3), nn.ReLU()),
        (2, 3, 28, 32),
    ),
    "pooled": (cnn(nn.Conv2d(1, 4, 3), nn.MaxPool2d(2), nn.Conv2d(4, 4, 3), nn.AvgPool2d(3, 2, 1)), (1, 1, 30, 28)),
    "strided": (cnn(*[nn.Conv2d(2, 2, 3, stride=2, padding=1)] * 1, nn.Conv2d(2, 2, 3, stride=3)), (1, 2, 33, 32)),
    "normed": (cnn(nn.Conv2d(3, 6, 3, bias=False), nn.BatchNorm2d(6), nn.GELU(), nn.Dropout(0.5)), (2, 3, 10, 10)),
    "in place": (cnn(nn.Conv2d(3, 6, 3), nn.ReLU(inplace=True), nn.Conv2d(6, 2, 3)), (2, 3, 10, 10)),
    "nested": (cnn(cnn(nn.Conv2d(3, 4, 3), nn.ReLU()), cnn(nn.Conv2d(4, 4, 3), nn.Sigmoid())), (1, 3, 12, 12)),
    "linear": (cnn(nn.Flatten(), nn.Linear(48, 10), nn.ReLU(), nn.Linear(10, 2, bias=False)), (4, 3, 4, 4)),
    "digits": (
        cnn(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 10)),
        (5, 1, 8, 8),
    ),
    "residual": (Residual(), (2, 4, 12, 12)),
    "branches": (Branches(), (2, 3, 12, 12)),
    "shared": (Shared(), (1, 3, 12, 12)),
    "subclass": (Subclass(), (2, 3, 28, 28)),
    "averaged": (cnn(nn.Conv2d(3, 6, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4)), (2, 3, 16, 16)),
    "unbatched": (cnn(nn.Conv2d(3, 6, 3)), (3, 16, 16)),
}
# torchinfo multiplies by the first axis as if it were the batch.
COUNTED_ALIKE = [name for name in MODELS if name != "unbatched"]
# The field of the last unit, as it is known from the layers alone.
UNKNOWN = {"linear", "digits", "averaged"}


@pytest.mark.parametrize("name", COUNTED_ALIKE)
def test_counts_and_shapes_are_torchinfos(name):
    model, size = MODELS[name]
    table, other = summarize(model, size), torchinfo.summary(model, size, verbose=0)
    assert table.parameters == other.total_params
    assert table.parameters == sum(one.numel() for one in model.parameters())
    layers = [layer for layer in other.summary_list if layer.is_leaf_layer]
    assert [row.kind for row in table] == [layer.class_name for layer in layers]
    assert [list(row.output_shape) for row in table] == [layer.output_size for layer in layers]
    # torchinfo counts a bias for each position of the output, and normalization once for each of its numbers.
    for row, layer in zip(table, layers, strict=True):
        bias = getattr(layer.module, "bias", None)
        biases = 0 if bias is None else bias.numel() * prod(row.output_shape) // row.output_shape[1]
        assert row.mult_adds == (0 if row.kind == "BatchNorm2d" else layer.macs - biases)


def gradients_field(model, size):
    """Return how many rows and columns of the input move one unit in the middle of the output, by the gradient of positive weights."""
    for one in model.parameters():
        nn.init.uniform_(one, 0.01, 0.02)
    input = torch.rand(size, requires_grad=True)
    output = model.eval()(input)
    output[(0,) * (output.dim() - 3)][..., output.shape[-2] // 2, output.shape[-1] // 2].sum().backward()
    rows = input.grad.abs().flatten(0, -3).sum(0)
    seen = [torch.nonzero(rows.sum(axis)).flatten() for axis in (1, 0)]
    return tuple(int(cells[-1] - cells[0]) + 1 for cells in seen)


def widened(model, size):
    """The same input, larger, so that the field of the middle unit lies inside it."""
    return (*size[:-2], size[-2] + 20, size[-1] + 20)


@pytest.mark.parametrize("name", [name for name in MODELS if name not in UNKNOWN | {"pooled"}])
def test_receptive_field_is_where_the_gradient_reaches(name):
    model, size = MODELS[name]
    size = widened(model, size)
    # The last row to run is that of the output, unless the model adds or joins what its layers made.
    found = summarize(cnn(model, nn.Identity()), size).rows[-1]
    assert found.kind == "Identity"
    assert found.receptive_field == gradients_field(model, size)


def test_receptive_field_of_pooling_by_its_average():
    # A maximum's gradient reaches one cell only; an average of the same window reaches all.
    model, size = MODELS["pooled"]
    averaged = cnn(*[nn.AvgPool2d(2) if isinstance(layer, nn.MaxPool2d) else layer for layer in model])
    assert summarize(model, size).rows[-1].receptive_field == gradients_field(averaged, widened(model, size))


def test_where_a_unit_sees_all_or_nobody_knows_there_is_no_field():
    for name in UNKNOWN:
        model, size = MODELS[name]
        assert summarize(model, size).rows[-1].receptive_field is None
    stacked = summarize(cnn(Branches(axis=2), nn.Identity()), (1, 3, 8, 8)).rows
    assert stacked[0].receptive_field == (1, 1)
    assert stacked[-1].receptive_field is None


def test_transposed_convolution_counts_where_its_weights_are_used():
    model = nn.ConvTranspose2d(2, 3, 4, stride=2)
    (row,) = summarize(model, (2, 2, 5, 6)).rows
    assert row.output_shape == (2, 3, 12, 14)
    assert row.mult_adds == 2 * model.weight.numel() * 5 * 6


def test_experiment_5_of_the_lecture_note():
    table = summarize(MODELS["three"][0], (32, 3, 28, 298))
    assert [row.output_shape[1:] for row in table][::2] == [(10, 26, 296), (20, 24, 294), (30, 22, 292)]
    assert [row.parameters for row in table][::2] == [280, 1820, 5430]
    assert [row.receptive_field for row in table][::2] == [(3, 3), (5, 5), (7, 7)]
    assert table.rows[-1].output_shape[2:] == output_size(output_size(output_size((28, 298), 3), 3), 3)


def test_the_columns_add_up_to_the_printed_total():
    table = summarize(*MODELS["digits"])
    for text in (repr(table), table._repr_markdown_()):
        (total,) = [line for line in text.splitlines() if "total" in line]
        assert f"{sum(row.parameters for row in table):,}" in total
        assert f"{sum(row.mult_adds for row in table):,}" in total


def test_rows_are_data():
    table = summarize(*MODELS["nested"])
    assert len(table) == 4
    assert [row.name for row in table] == ["0.0", "0.1", "1.0", "1.1"]
    assert table["1.0"] == table[2]
    assert table["1.0"].parameters == 148
    with pytest.raises(KeyError, match=r"0\.1"):
        table["conv1"]


def test_shared_and_idle_layers_are_counted_once():
    table = summarize(*MODELS["shared"])
    assert [row.parameters for row in table] == [84, 0]
    assert [row.receptive_field for row in table] == [(3, 3), (5, 5)]

    class Idle(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.idle = nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 5)
            self.scale = nn.Parameter(torch.ones(1))

        def forward(self, input):
            return self.used(input) * self.scale

    table = summarize(Idle(), (1, 1, 8, 8))
    assert [(row.name, row.output_shape, row.parameters) for row in table] == [
        ("used", (1, 1, 6, 6), 10),
        ("Idle", (1, 1, 6, 6), 1),
        ("idle", None, 26),
    ]
    assert table.parameters == 37


def test_layers_in_a_plain_list_are_not_found():
    class Plain(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = [nn.Conv2d(1, 1, 3)]

        def forward(self, input):
            return self.layers[0](input)

    table = summarize(Plain(), (1, 1, 8, 8))
    assert table.parameters == 0


def test_the_model_is_left_as_it_was():
    model, size = MODELS["normed"]
    model.train().zero_grad()
    model[1].eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    summarize(model, size)
    assert [module.training for module in model] == [True, False, True, True]
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(one.grad is None for one in model.parameters())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_tables_are_the_same_twice_and_speak_both_languages():
    model, size = MODELS["digits"]
    assert repr(summarize(model, size)) == repr(summarize(model, size))
    assert "receptive field" in repr(summarize(model, size))
    language("ko")
    table = summarize(model, size)
    assert "수용 영역" in repr(table)
    assert "| **합계** |" in table._repr_markdown_()


@pytest.mark.parametrize(("lang", "part"), [("ko", "계층 1"), ("en", "layer 1")])
def test_the_layer_that_refuses_is_named(lang, part):
    language(lang)
    model = cnn(nn.Conv2d(3, 10, 3), nn.Conv2d(20, 30, 3))
    with pytest.raises(ValueError, match=part) as refused:
        summarize(model, (32, 3, 28, 298))
    assert "(32, 10, 26, 296)" in str(refused.value)
    assert not model[0]._forward_hooks


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("arguments", "error", "part"),
    [
        ((nn.Conv2d, (1, 3, 8, 8)), TypeError, "Conv2d"),
        (("model", (1, 3, 8, 8)), TypeError, "str"),
        ((MODELS["one"][0], 28), TypeError, "28"),
        ((MODELS["one"][0], (1, 5, 28.0, 28)), TypeError, "28.0"),
        ((MODELS["one"][0], (1, 5, 0, 28)), ValueError, "0"),
        ((MODELS["one"][0], (1, 3, 28, 28)), ValueError, "Conv2d"),
        ((cnn(nn.Flatten(), nn.Linear(10, 2)), (1, 3, 4, 4)), ValueError, "Linear"),
    ],
)
def test_what_does_not_fit_is_refused_in_the_learners_language(lang, arguments, error, part):
    language(lang)
    with pytest.raises(error, match=part):
        summarize(*arguments)


def test_a_model_whose_own_code_fails_is_told_too():
    class Broken(nn.Module):
        def forward(self, input):
            raise RuntimeError

    with pytest.raises(ValueError, match="RuntimeError"):
        summarize(Broken(), (1, 1))


class Loud(nn.Module):
    """Draws, prints, counts and switches things while it runs."""

    def __init__(self):
        super().__init__()
        self.layer, self.norm, self.runs = nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), 0
        self.register_buffer("seen", torch.zeros(2))

    def forward(self, input):
        self.runs += 1
        self.seen += 1
        print("running")
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float64)
        self.layer.weight.data.mul_(2)
        return (
            nn.functional.dropout(self.norm(self.layer(input)), 0.5, training=True) + random.random() + np.random.rand()
        )


def test_nothing_of_the_model_or_of_the_session_is_changed(capsys):
    model = Loud().train()
    model.norm.eval()
    model.layer.weight.requires_grad_(False)
    handle = model.layer.register_forward_hook(lambda *_: None)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    streams = torch.get_rng_state(), random.getstate(), repr(np.random.get_state())
    summarize(model, (1, 1, 8, 8))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert (model.runs, model.training, model.norm.training) == (0, True, False)
    assert [one.requires_grad for one in model.layer.parameters()] == [False, True]
    assert list(model.layer._forward_hooks) == [handle.id]
    assert torch.equal(torch.get_rng_state(), streams[0])
    assert (random.getstate(), repr(np.random.get_state())) == streams[1:]
    assert torch.is_grad_enabled()
    assert torch.get_default_dtype() == torch.float32
    assert capsys.readouterr().out == "running\n"


def test_a_model_that_cannot_be_copied_comes_back_as_it_was():
    class Stuck(Loud):
        def __deepcopy__(self, memo):
            raise RuntimeError

    model = Stuck().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert summarize(model, (1, 1, 8, 8)).mult_adds == 2 * 9 * 36
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert model.training
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_lazy_layers_stay_lazy_and_pruned_ones_pruned():
    lazy = cnn(nn.LazyConv2d(2, 3), nn.LazyBatchNorm2d())
    assert [row.parameters for row in summarize(lazy, (1, 3, 8, 8))] == [56, 4]
    assert nn.parameter.is_lazy(lazy[0].weight)
    pruned = prune.l1_unstructured(nn.Conv2d(1, 4, 3), "weight", 0.5)
    assert summarize(pruned, (1, 1, 12, 12)).mult_adds == 3600
    assert prune.is_pruned(pruned)


def test_a_recurrent_model_of_500_steps_and_scripted_layers_have_a_table():
    class Steps(nn.Module):
        def __init__(self):
            super().__init__()
            self.step, self.out = nn.Linear(6, 4), nn.Linear(4, 2)

        def forward(self, input):
            state = torch.zeros(len(input), 4)
            for one in input.unbind(1):
                state = torch.tanh(self.step(torch.cat([one, state], 1)))
            return self.out(state)

    table = summarize(Steps(), (1, 500, 2))
    assert (len(table), table.mult_adds) == (501, 500 * 24 + 8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scripted = torch.jit.script(nn.Conv2d(2, 2, 3))
    table = summarize(cnn(nn.Conv2d(1, 2, 3), scripted), (1, 1, 8, 8))
    assert [(row.kind, row.parameters, row.receptive_field) for row in table] == [
        ("Conv2d", 20, (3, 3)),
        ("Conv2d", 38, (5, 5)),
    ]
    assert table.mult_adds == 18 * 36 + 36 * 16


@pytest.mark.parametrize(("lang", "part"), [("ko", "번호"), ("en", "indices")])
def test_a_model_on_indices_is_told_which_inputs_are_taken(lang, part):
    language(lang)
    with pytest.raises(ValueError, match=part):
        summarize(cnn(nn.Embedding(10, 4), nn.Linear(4, 2)), (1, 5))


def test_an_error_between_layers_is_not_blamed_on_one_of_them():
    class Between(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Conv2d(1, 2, 3)

        def forward(self, input):
            return self.layer(input).view(7, -1)

    with pytest.raises(ValueError, match="forward of Between"):
        summarize(Between(), (1, 1, 8, 8))


@pytest.mark.parametrize("encoding", ["cp949", "ascii", "cp1252"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_table_can_be_printed_into_any_encoding(encoding, lang, monkeypatch):
    language(lang)
    table = summarize(*MODELS["digits"])
    assert "–" in repr(table)
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", out)
    print(table)
    out.flush()
    assert f"{table.parameters:,}" in out.buffer.getvalue().decode(encoding)
