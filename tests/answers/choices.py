"""Which option of every choice question is true, found by running PyTorch.

Each entry takes a dict of options (name → text, in either language) and returns the names of those that are true. An option is known by
words that stand in it, in Korean or English, or by the code between its code marks, which is run.
"""

import ast
import re
from fractions import Fraction
from functools import cache

import torch
from torch import nn
from torch.nn.functional import conv2d, cross_entropy


def saying(options, words):
    """The names of the options that say what is true: ``words`` maps (Korean, English) to whether it is."""
    found = {}
    for name, text in options.items():
        said = [true for pair, true in words.items() if any(part in text for part in pair)]
        assert len(said) == 1, f"{name} says {len(said)} of the things that were tried: {text}"
        found[name] = said[0]
    return [name for name, true in found.items() if true]


def edge(options):
    kernel = torch.tensor([[[[1.0, 1, 1], [0, 0, 0], [-1, -1, -1]]]])
    bright_left = (torch.arange(6) < 3).float().expand(1, 1, 6, 6)
    bright_above, bright_below, uniform = bright_left.mT, bright_left.mT.flip(-2), torch.ones(1, 1, 6, 6)
    return saying(
        options,
        {
            ("아래쪽보다 위쪽이 밝은 가로", "the top is brighter"): conv2d(bright_above, kernel).max() > 0,
            ("위쪽보다 아래쪽이 밝은 가로", "the bottom is brighter"): conv2d(bright_below, kernel).max() > 0,
            ("왼쪽이 밝은 세로", "the left is brighter"): conv2d(bright_left, kernel).max() > 0,
            ("그대로임", "stays as it is"): torch.equal(conv2d(uniform, kernel), uniform[..., 1:-1, 1:-1]),
            ("흐리게", "is only blurred"): kernel.min() > 0,
        },
    )


def same_with_stride(options):
    def halves(padding):
        return nn.Conv2d(1, 1, 7, stride=2, padding=padding)(torch.zeros(1, 1, 28, 28)).shape[-1] == 14

    return saying(
        options,
        {(f"padding={text}", f"padding={text}"): halves(ast.literal_eval(text)) for text in ("1", "3", "6", '"valid"')},
    )


def equivariance(options):
    row = torch.rand(1, 1, 12, 30, generator=torch.Generator().manual_seed(1))
    weight = torch.rand(1, 1, 3, 3, generator=torch.Generator().manual_seed(2))
    before, moved = (conv2d(image, weight, padding=1) for image in (row[..., 1:], row[..., :-1]))
    inside = torch.allclose(moved[..., 2:-1], before[..., 1:-2])
    everywhere = torch.allclose(moved[..., 1:], before[..., :-1])
    return saying(
        options,
        {
            ("가장자리를 뺀", "but at the borders"): inside and not everywhere,
            ("가장자리까지", "borders included"): everywhere,
            ("달라지지", "stays as it was"): torch.allclose(moved, before),
            ("다른 값", "other values"): not inside,
        },
    )


def too_large(options):
    try:
        side, error = conv2d(torch.zeros(1, 1, 3, 3), torch.zeros(1, 1, 5, 5)).shape[-1], ""
    except RuntimeError as problem:
        side, error = None, str(problem)
    return saying(
        options,
        {
            ("오류를 냅니다", "stops with an error"): "can't be greater than" in error,
            ("크기가 0인", "of size 0"): side == 0,
            ("−1", "−1"): side == -1,
            ("겹치는 부분", "that fits"): bool(side) and side > 0,
        },
    )


def digits_kept(options):
    """Nine cells by PyTorch in float32, by loops in float64, and by fractions without any rounding."""
    draw = torch.Generator().manual_seed(7)
    x, w = (torch.randn(side, side, dtype=torch.float64, generator=draw) for side in (5, 3))
    short = conv2d(x.float()[None, None], w.float()[None, None]).flatten().tolist()
    windows = [x[i : i + 3, j : j + 3] for i in range(3) for j in range(3)]
    long = [float((window * w).sum()) for window in windows]
    pairs = [zip(window.flatten().tolist(), w.flatten().tolist(), strict=True) for window in windows]
    exact = [float(sum(Fraction(a) * Fraction(b) for a, b in cell)) for cell in pairs]
    apart = max(abs(a - b) for a, b in zip(short, long, strict=True))
    wrong = max(abs(a - b) for found in (short, long) for a, b in zip(found, exact, strict=True))
    return saying(
        options,
        {
            ("정확히 0", "Exactly zero"): apart == 0,
            ("1e-6보다 작고", "below 1e-6"): 0 < apart < 1e-6 and wrong < 1e-6,
            ("잘못 계산", "must be wrong"): apart > 0 and wrong > 1e-6,
            ("0.01", "0.01"): apart > 0.001,
        },
    )


def fixes(name, given, layer, wanted):
    """The options whose code, an input or a layer, makes ``layer(given)`` give what is wanted; the input is called ``name``."""

    def mended(options):
        found = []
        for option, text in options.items():
            code = re.search(r"`(.+?)`", text)[1]
            code = f"{name}.{code}" if code.startswith("reshape") else code
            try:
                made = eval(code, {"nn": nn, name: given})
                into, through = (given, made) if isinstance(made, nn.Module) else (made, layer)
                if wanted(into, through(into)):
                    found.append(option)
            except RuntimeError:
                continue
        return found

    return mended


PICTURES, IMAGES, STACK = (
    torch.rand(shape, generator=torch.Generator().manual_seed(3))
    for shape in [(32, 28, 26, 3), (32, 1, 28, 26), (32, 28, 26)]
)
COLOURS = torch.stack([PICTURES[..., colour] for colour in range(3)], dim=1)


@cache
def accuracy_lost():
    """What a CNN and a fully connected net of nearly as many weights lose when the digits they read are moved by one pixel."""
    from sklearn.datasets import load_digits

    torch.manual_seed(0)
    digits = load_digits()
    x, y = torch.tensor(digits.images / 16).float()[:, None], torch.tensor(digits.target)
    convolutions = nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU()),
        *(nn.MaxPool2d(4), nn.Flatten(), nn.Linear(64, 10)),
    )
    connected = nn.Sequential(nn.Flatten(), nn.Linear(64, 25), nn.ReLU(), nn.Linear(25, 10))
    lost = []
    for net in (convolutions, connected):
        descent = torch.optim.Adam(net.parameters(), lr=0.01)
        for batch in torch.cat([torch.randperm(1200) for _ in range(5)]).split(64):
            descent.zero_grad()
            cross_entropy(net(x[batch]), y[batch]).backward()
            descent.step()
        moved = [x[1200:].roll(by, axis) for axis in (2, 3) for by in (-1, 1)]
        still, *others = ((net(one).argmax(1) == y[1200:]).float().mean().item() for one in (x[1200:], *moved))
        assert still > 0.85
        lost.append(still - sum(others) / 4)
    return lost


def of_moved_digits(options):
    cnn, fully = accuracy_lost()
    return saying(
        options,
        {
            ("둘 다 거의 그대로", "stay about the same"): max(cnn, fully) < 0.05,
            ("훨씬 많이", "much more so"): cnn > 0.05 and fully > 1.3 * cnn,
            ("똑같이", "by the same amount"): abs(fully - cnn) < 0.05,
            ("CNN은 그대로", "The CNN stays as it is"): cnn < 0.05 < fully,
        },
    )


CHOICES = {
    "one_channel.edge": edge,
    "padding.same_with_stride": same_with_stride,
    "properties.equivariance": equivariance,
    "shape.too_large": too_large,
    "conv_calculation.predict_2": digits_kept,
    "filter_shapes.channels_last_error": fixes(
        *("pictures", PICTURES, nn.Conv2d(3, 5, 3)), lambda into, _: torch.equal(into, COLOURS)
    ),
    "filter_shapes.channel_count_error": fixes(
        *("images", IMAGES, nn.Conv2d(3, 5, 3)), lambda _, output: output.shape == (32, 5, 26, 24)
    ),
    "filter_shapes.missing_axis_error": fixes(
        *("stack", STACK, nn.Conv2d(1, 5, 3)), lambda _, output: output.shape == (32, 5, 26, 24)
    ),
    "train_a_cnn.predict_1": of_moved_digits,
}
