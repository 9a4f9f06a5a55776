"""Random states of the sliding window, and what PyTorch makes of them: for the tests in Node and those in the browser."""

import numpy as np
import torch

from lessonlib import SlidingWindow
from lessonlib.layers.conv import PADDING_MODES
from lessonlib.presets import INPUTS, KERNELS

# Trait → the ends of its slider.
LIMITS = {trait: ends for one in SlidingWindow.arguments.values() for trait, ends in one.sliders({}).items()}

# Name of a size in the view's traits → PyTorch's name.
PAIRS = {"kernel": "kernel_size", "padding": "padding", "stride": "stride", "dilation": "dilation"}


def random_state(rng):
    """Return the traits of a state anywhere within the sliders' limits, possible or not."""
    state = {name: rng.randint(*limits) for name, limits in LIMITS.items()}
    if rng.random() < 0.6:
        state["groups"] = 1
    state |= {name: rng.random() < 0.5 for name in ("apart", "use_bias", "flipped")}
    state["padding_mode"] = rng.choice([*PADDING_MODES])
    state["input_preset"] = rng.choice([*INPUTS, "custom"])
    state["kernel_presets"] = [rng.choice([*KERNELS, "custom"]) for _ in range(rng.randint(0, 4))]
    state["seed"] = rng.randrange(1000)

    def values(*shape):
        return (np.array([rng.randint(-36, 36) for _ in range(int(np.prod(shape)))]) / 4).reshape(shape).tolist()

    state["input_values"] = values(rng.randint(1, 4), rng.randint(1, 12), rng.randint(1, 12))
    state["weight_values"] = values(rng.randint(1, 4), rng.randint(1, 4), rng.randint(1, 7), rng.randint(1, 7))
    state["bias_values"] = values(rng.randint(0, 4))
    state["position"] = [rng.randint(0, 11), rng.randint(0, 11)]
    state["filter"], state["whole_map"] = rng.randint(0, 3), rng.random() < 0.5
    return state


def sizes(state):
    """Return kernel size, padding, stride and dilation under PyTorch's names."""
    return {
        torch_name: (state[f"{name}_h"], state[f"{name}_w"] if state["apart"] else state[f"{name}_h"])
        for name, torch_name in PAIRS.items()
    }


def pytorch(state, input, weight, bias, dtype=torch.float64):
    """Return what `torch.nn.Conv2d` makes of it, an array, or None where it refuses."""
    try:
        layer = torch.nn.Conv2d(
            state["in_channels"], state["out_channels"], groups=state["groups"], padding_mode=state["padding_mode"],
            dtype=dtype, **sizes(state),
        )  # fmt: skip
        input, weight, bias = (torch.tensor(values, dtype=dtype) for values in (input, weight, bias))
        with torch.no_grad():
            layer.weight.copy_(weight.flip(-2, -1) if state["flipped"] else weight)
            layer.bias.copy_(bias)
            return layer(input).numpy()
    except (RuntimeError, ValueError):
        return None
