"""Cases of a convolution and PyTorch's answer to them: shared by the tests and ``benchmarks/accuracy.py``."""

import itertools
import warnings
from typing import NamedTuple

import numpy as np
import torch


class Case(NamedTuple):
    """One call of conv2d, its numbers drawn from a seed."""

    batch: int | None  # None: unbatched
    in_channels: int
    out_channels: int
    groups: int
    size: tuple
    kernel_size: tuple
    stride: int | tuple
    padding: int | tuple | str
    dilation: int | tuple
    use_bias: bool
    dtype: str
    seed: int = 0

    def arrays(self):
        """Return (input, weight, bias)."""
        rng = np.random.default_rng(self.seed)
        batch = () if self.batch is None else (self.batch,)
        input = rng.standard_normal((*batch, self.in_channels, *self.size))
        weight = rng.standard_normal((self.out_channels, self.in_channels // self.groups, *self.kernel_size))
        bias = rng.standard_normal(self.out_channels) if self.use_bias else None
        return tuple(None if array is None else array.astype(self.dtype) for array in (input, weight, bias))

    @property
    def options(self):
        return {"stride": self.stride, "padding": self.padding, "dilation": self.dilation, "groups": self.groups}


def torch_conv2d(input, weight, bias=None, **options):
    """Return `torch.nn.functional.conv2d` of arrays, as an array, or None where PyTorch refuses."""
    tensors = [
        None if array is None else torch.from_numpy(np.ascontiguousarray(array)) for array in (input, weight, bias)
    ]
    with warnings.catch_warnings():
        # PyTorch tells of the copy that an uneven "same" costs it.
        warnings.filterwarnings("ignore", "Using padding='same'", UserWarning)
        try:
            return torch.nn.functional.conv2d(*tensors, **options).numpy()
        except RuntimeError:
            return None


def differences(case, ways):
    """Return for every way the largest difference from PyTorch: (absolute, as a share of what rounding may cost).

    n products summed in any order may be off by n roundings of the sum of their sizes (Higham, "Accuracy and Stability
    of Numerical Algorithms", section 3.1); both sides are, so a share above 2 is a mistake. None where PyTorch refuses.
    """
    input, weight, bias = case.arrays()
    wanted = torch_conv2d(input, weight, bias, **case.options)
    if wanted is None:
        return None
    sizes = [None if array is None else np.abs(array).astype(float) for array in (input, weight, bias)]
    allowed = (weight[0].size + 1) * np.finfo(case.dtype).eps * torch_conv2d(*sizes, **case.options)
    found = []
    for way in ways:
        output = way(input, weight, bias, **case.options)
        assert output.shape == wanted.shape, f"{way.__name__}: {output.shape}, PyTorch {wanted.shape}, {case}"
        assert output.dtype == wanted.dtype, f"{way.__name__}: {output.dtype}, PyTorch {wanted.dtype}, {case}"
        apart = np.abs(output.astype(float) - wanted)
        # A window that lies in the padding altogether leaves nothing to round.
        shares = np.divide(apart, allowed, out=np.where(apart > 0, np.inf, 0), where=allowed > 0)
        found.append((apart.max(), shares.max()))
    return found


def grid():
    """Return a grid over every argument; some of its cases no window fits."""
    values = itertools.product(
        (None, 1, 3),
        ((1, 1, 1), (3, 2, 1), (4, 6, 2), (3, 6, 3)),
        ((5, 5), (4, 9), (9, 4)),
        ((1, 1), (3, 3), (2, 3), (5, 2)),
        (1, 2, (2, 3)),
        (0, (2, 1), "same", "valid"),
        (1, (2, 1)),
        (False, True),
        ("float32", "float64"),
    )
    return [Case(batch, *channels, *rest, seed=i) for i, (batch, channels, *rest) in enumerate(values)]


def random_case(rng):
    """Return a case drawn from ``rng``, a `random.Random`."""
    groups = rng.choice((1, 1, 2, 3))

    def pair(lowest, highest):
        both = rng.randint(lowest, highest), rng.randint(lowest, highest)
        return both if rng.random() < 0.7 else both[0]

    def sizes(lowest, highest):
        return rng.randint(lowest, highest), rng.randint(lowest, highest)

    stride = rng.choice((1, pair(1, 4)))
    return Case(
        batch=rng.choice((None, 0, 1, 2)),
        in_channels=groups * rng.randint(1, 3),
        out_channels=groups * rng.randint(1, 3),
        groups=groups,
        size=sizes(1, 9),
        kernel_size=sizes(1, 5),
        stride=stride,
        padding=rng.choice(("same", "valid", pair(0, 3), pair(0, 3))),
        dilation=pair(1, 3),
        use_bias=rng.random() < 0.5,
        dtype=rng.choice(("float32", "float64")),
        seed=rng.getrandbits(32),
    )
