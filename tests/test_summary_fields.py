"""Receptive fields that `summarize` claims, against every pixel moved by hand; multiply-adds against PyTorch's own counter."""

import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import prune  # noqa: F401, nn.utils.prune is loaded by it
from torch.utils.flop_counter import FlopCounterMode

from lessonlib import summarize
from support.architectures import ARCHITECTURES, SIZE

# They know that a batch is one picture, or mix the pictures of a batch.
ONE_BY_ONE = {
    "channel shuffle by hand", "softmax over space", "attention", "a kernel from the input", "decided by a value", "remembering",
    "normed by the map", "whitened by all", "dropout that stays", "stacked",
}  # fmt: skip


def alive(model):
    """A copy in `eval` with small positive weights, so that no activation is dead."""
    stream = torch.Generator().manual_seed(7)
    for one in model.parameters():
        fan = one[0].numel() if one.dim() > 1 else 1
        one.data = (0.2 + torch.rand(one.shape, generator=stream)) / fan
    return model.eval()


def seen(model, size, values, together):
    """Return, for each module, the height and width of all pixels that move one of its units, at most.

    Every pixel is changed alone, to each of ``values``, and what came out before is compared with what comes out after. ``together``:
    all these pictures are one batch, for models that look at one picture at a time anyway.
    """
    outputs, ends = {}, {}

    def note(name, made):
        if isinstance(made, torch.Tensor):
            outputs[name] = made.double()  # a copy, which nothing written in place reaches

    for name, module in model.named_modules():
        if not isinstance(module, torch.jit.ScriptModule):
            module.register_forward_hook(lambda module, given, made, name=name: note(name, made))

    def run(input):
        torch.manual_seed(0)
        with torch.no_grad():
            model(input.clone())
        return dict(outputs)

    still = torch.rand(size, generator=torch.Generator().manual_seed(3))
    run(still)  # what remembers has something to remember
    before = run(still)
    places = list(np.ndindex(size[2:]))
    for value in values:
        moved = still.repeat(len(places), 1, 1, 1)
        for k, (row, column) in enumerate(places):
            moved[k, :, row, column] = value
        if together:
            after = run(moved)
        else:
            each = [run(one[None]) for one in moved]
            after = {name: torch.cat([one[name] for one in each]) for name in before}
        for name, made in after.items():
            if made.dim() != 4 or len(made) != len(places) or made.shape[1:] != before[name].shape[1:]:
                continue
            moves = ((made - before[name]).abs() > 1e-6).reshape(*size[2:], *made.shape[1:])
            ends.setdefault(name, torch.zeros_like(moves)).logical_or_(moves)
    return {name: tuple(int(_extent(moves.any(1 - side))) for side in (0, 1)) for name, moves in ends.items()}


def _extent(moves):
    """From the first to the last pixel that moves a unit, of the unit for which that is most; (pixels, …units)."""
    pixels = torch.arange(len(moves)).reshape(-1, *[1] * (moves.dim() - 1))
    first = torch.where(moves, pixels, len(moves)).amin(0)
    last = torch.where(moves, pixels, -1).amax(0)
    return (last - first + 1).clamp(min=0).max()


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_field_of_every_architecture_is_claimed_or_said_to_be_unknown(name):
    model, expected = ARCHITECTURES[name]
    end = summarize(model, SIZE)["end"]
    assert end.receptive_field == expected, end.why
    assert (end.why is None) == (expected is not None)


# Every pixel of every architecture takes minutes: one of four in the short run, all in the long one.
PIXEL_BY_PIXEL = [
    pytest.param(name, marks=[] if number % 4 == 0 else pytest.mark.long) for number, name in enumerate(ARCHITECTURES)
]


@pytest.mark.parametrize("name", PIXEL_BY_PIXEL)
def test_no_pixel_outside_of_a_claimed_field_moves_a_unit(name):
    model, expected = ARCHITECTURES[name]
    table = summarize(model, SIZE)
    with torch.no_grad(), warnings.catch_warnings():
        model.eval()(torch.rand(SIZE))  # lazy ones learn their shapes
    found = seen(alive(model), SIZE, (0.0, 1.5, -2.0, 9.0), name not in ONE_BY_ONE)
    for row in table:
        if row.receptive_field is None or row.name not in found or name in ("reflected", "circular"):
            continue
        pairs = zip(found[row.name], row.receptive_field, strict=True)
        assert all(moved <= claimed for moved, claimed in pairs), (row, found[row.name])
    if expected and name not in ("reflected", "circular"):
        assert found["end"] == expected


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent, self.out = nn.GRU(4, 6, num_layers=2, bidirectional=True, batch_first=True), nn.Linear(12, 3)

    def forward(self, input):
        return self.out(self.recurrent(input)[0][:, -1])


class LowRank(nn.Module):
    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Parameter(torch.rand(6, 2)), nn.Parameter(torch.rand(2, 5))

    def forward(self, input):
        return torch.einsum("ni,ri,or->no", input, self.right, self.left)


S = nn.Sequential
COUNTED = {
    "convolution": (nn.Conv2d(3, 8, 3), (2, 3, 9, 9)),
    "no bias": (nn.Conv2d(3, 8, 3, bias=False), (2, 3, 9, 9)),
    "grouped": (nn.Conv2d(4, 8, 3, groups=2, padding=1), (1, 4, 9, 9)),
    "depthwise": (nn.Conv2d(4, 4, 3, groups=4), (1, 4, 9, 9)),
    "dilated": (nn.Conv2d(2, 3, (3, 2), dilation=2, stride=(1, 2)), (1, 2, 12, 9)),
    "even same": (nn.Conv2d(2, 3, 3, padding="same"), (1, 2, 12, 9)),
    "circular": (nn.Conv2d(2, 3, 3, padding=1, padding_mode="circular"), (1, 2, 12, 9)),
    "unbatched": (nn.Conv2d(2, 3, 3), (2, 12, 9)),
    "one axis": (nn.Conv1d(2, 3, 3), (4, 2, 12)),
    "three axes": (nn.Conv3d(2, 3, 3), (1, 2, 5, 6, 7)),
    "transposed": (nn.ConvTranspose2d(2, 3, 4, stride=2), (2, 2, 5, 6)),
    "transposed in groups": (nn.ConvTranspose2d(4, 6, 3, groups=2), (2, 4, 5, 6)),
    "lazy": (S(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)), (1, 1, 12, 12)),
    "linear": (nn.Linear(7, 5), (3, 7)),
    "linear on axes": (nn.Linear(7, 5, bias=False), (2, 3, 4, 7)),
    "digits": (S(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 10)), (5, 1, 8, 8)),
    "bidirectional GRU": (Net(), (2, 7, 4)),
    "low rank": (LowRank(), (3, 5)),
    "plain recurrent": (nn.RNN(5, 6, batch_first=True), (2, 7, 5)),
    "LSTM cell": (nn.LSTMCell(5, 6), (3, 5)),
}  # fmt: skip


@pytest.mark.parametrize("name", COUNTED)
def test_multiply_adds_are_half_of_pytorchs_counter(name):
    model, size = COUNTED[name]
    counter = FlopCounterMode(display=False)
    model.eval()
    quick = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # one operation, which PyTorch's counter does not know
    try:
        with counter, torch.no_grad():
            model(torch.zeros(size))
    finally:
        torch.backends.mha.set_fastpath_enabled(quick)
    assert 2 * summarize(model, size).mult_adds == counter.get_total_flops() > 0


@pytest.mark.parametrize(
    ("model", "size", "expected"),
    [
        # 4 gates × 6 units × (5 inputs + 6 states), 7 steps, 2 sequences. PyTorch's counter does not know the fused layer.
        (nn.LSTM(5, 6, batch_first=True), (2, 7, 5), 4 * 6 * 11 * 14),
        (nn.LSTM(5, 6, num_layers=2, bidirectional=True), (7, 2, 5), 2 * 4 * 6 * (11 + 18) * 14),
        (nn.GRU(5, 6, batch_first=True), (2, 7, 5), 3 * 6 * 11 * 14),
        # What makes the weights is not counted: 36 weights, 100 positions.
        (nn.utils.parametrizations.weight_norm(nn.Conv2d(1, 4, 3)), (1, 1, 12, 12), 3600),
        (nn.utils.parametrizations.spectral_norm(nn.Conv2d(1, 4, 3)), (1, 1, 12, 12), 3600),
        (nn.utils.parametrizations.orthogonal(nn.Linear(6, 6)), (2, 6), 72),
        (nn.utils.prune.l1_unstructured(nn.Conv2d(1, 4, 3), "weight", 0.5), (1, 1, 12, 12), 3600),
        # 10 tokens of 8 numbers: projections 8 × 32, feed-forward 2 × 8 × 16; each sequence 5 × 5 scores and 5 × 5 mixes of 8 numbers.
        # PyTorch's counter leaves out the last two where attention is one operation.
        (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (2, 5, 8), 10 * (256 + 256) + 2 * 2 * 25 * 8),
        # Vectors, which PyTorch's counter leaves out: 6 × 5 products.
        (nn.Linear(5, 6), (5,), 30),
        (nn.MaxPool2d(2), (1, 1, 8, 8), 0),
        (nn.BatchNorm2d(3), (1, 3, 8, 8), 0),
    ],
    ids=str,
)  # fmt: skip
def test_multiply_adds_by_hand_where_pytorchs_counter_knows_less_or_more(model, size, expected):
    table = summarize(model, size)
    assert table.mult_adds == expected
