"""Every public name of lessonlib with arguments that nobody expects: an answer, or a sentence of ours; never a raw error."""

import traceback
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import lessonlib
from lessonlib import geometry, language, presets

# What stands in a module of its own, not in the flat list.
HOMES = dict.fromkeys(["coverage", "remainder", "unreached", "window"], geometry) | dict.fromkeys(
    ["kernel", "picture"], presets
)
HOSTILE = {
    "None": None, "True": True, "zero": 0, "negative": -3, "half": 2.5, "nan": float("nan"), "text": "blur", "empty text": "",
    "bytes": b"3", "empty list": [], "empty tuple": (), "empty dict": {}, "dict": {"k": 3}, "list of dicts": [{"k": 3}],
    "three": (1, 2, 3), "words": ["a", "b"], "ragged": [[1, 2], [3]], "vector": [1, 2], "set": {1, 2}, "object": object(),
    "function": len, "class": nn.Conv2d, "layer": nn.Conv2d(3, 2, 3), "array of two": np.array([6, 5]), "0-d": np.array(3),
    "one": np.array([3]), "empty array": np.zeros((0, 3)), "complex": np.ones((2, 2), complex), "bools": np.ones((3, 3), bool),
    "texts": np.array([["a"]]), "nan plane": np.full((3, 3), np.nan), "learned": nn.Conv2d(3, 2, 3).weight,
    "bfloat16": torch.ones(3, 3, dtype=torch.bfloat16), "meta": torch.empty(3, 3, device="meta"), "torch int": torch.tensor(3),
    "sparse": torch.eye(3).to_sparse(), "lazy": nn.LazyConv2d(2, 3).weight,
}  # fmt: skip
# Public names with as many good arguments as a call needs; each is replaced by every hostile one in turn.
IMAGE, WEIGHT = np.ones((1, 6, 6)), np.ones((1, 1, 3, 3))
CALLS = {
    "conv2d": (IMAGE, WEIGHT, None, 1, 0, 1, 1), "conv2d_loops": (IMAGE, WEIGHT, None, 1, 0, 1, 1),
    "conv2d_windows": (IMAGE, WEIGHT, None, 1, 0, 1, 1), "conv2d_matmul": (IMAGE, WEIGHT, None, 1, 0, 1, 1),
    "conv_matrix": ((4, 4), WEIGHT, 1, 0, 1), "flip": (WEIGHT,), "im2col": (IMAGE, 3, 1, 0, 1), "pad": (IMAGE, 1, "zeros"),
    "coverage": (6, 3, 1, 0, 1), "effective_kernel_size": (3, 1), "kernels_for": (4, 6, 1, 0, 1, 16), "output_size": (6, 3, 1, 0, 1),
    "paddings_for": (6, 6, 3, 1, 1, 16), "parameter_count": (3, 2, 3, True, 1), "receptive_field": ([(3, 1)],),
    "receptive_field_of": ((0, 0), [(3, 1)]), "remainder": (6, 3, 1, 0, 1), "resolve_padding": (1, 3, 1, 1),
    "size_before_floor": (6, 3, 1, 0, 1), "strides_for": (4, 6, 3, 0, 1, 16), "unreached": (6, 3, 1, 0, 1),
    "window": ((0, 0), 3, 1, 1), "window_starts": (6, 3, 1, 0, 1), "windows_reading": ((0, 0), 6, 3, 1, 0, 1),
    "kernel": ("box_blur", 3, 0), "picture": ("digit", (5, 5), 0, 0), "photograph": ("china", 16, False),
    "summarize": (nn.ReLU(), (1, 1, 4, 4)),
    "layer_shapes": ((1, 2, 3, 3), (1, 2, 3, 3), (1,), (1, 1, 1, 1)), "draw_activations": ({"z": abs}, False, -6, 6),
    "draw_maps": ({"z": [[1, 2]]}, None, None), "filter_planes": (WEIGHT,), "draw_numbers": ([[1, 2]],),
    "draw_confusion": ([[1, 2], [3, 4]],),
    "draw_curves": ({"loss": {"a": [1, 2]}}, "epoch", 1), "draw_images": (np.ones((2, 3, 3)), (), 8, False),
    "draw_kernels": (np.ones((1, 3, 3)), ()),
    "FilterBench": ("china", "vertical_edge"), "ChannelMixer": ("flower", "grey"), "language": ("en",),
    "FeatureMaps": (nn.Sequential(nn.Flatten(), nn.Linear(64, 2)), np.zeros((1, 8, 8))),
}  # fmt: skip
# Explorers, questions and what takes anything; the first have tests of their own.
ELSEWHERE = {
    "CREDITS", "Layer", "question", "Question", "Mistake", "Verdict", "progress", "Predict", "ShapeQuiz",
    "Equivariance", "BorderEffect", "CoverageMap", "MatrixView", "ReceptiveField", "ShapeCalculator", "SlidingWindow",
}  # fmt: skip


def test_every_public_name_is_tried():
    assert set(CALLS) - set(HOMES) | ELSEWHERE == set(lessonlib.__all__)
    assert not set(CALLS) & ELSEWHERE


@pytest.mark.parametrize("name", CALLS)
def test_hostile_arguments_get_an_answer_or_a_sentence(name):
    call, raw = getattr(HOMES.get(name, lessonlib), name), []
    for place in range(len(CALLS[name])):
        for kind, hostile in HOSTILE.items():
            arguments = [*CALLS[name][:place], hostile, *CALLS[name][place + 1 :]]
            try:
                made = call(*arguments)
                if hasattr(made, "_repr_png_") and place == 0:
                    made._repr_png_()
            except (TypeError, ValueError, KeyError) as error:
                last = traceback.extract_tb(error.__traceback__)[-1]
                # Raised by a `raise` of ours that says something; not by Python, NumPy or PyTorch inside of a call.
                if not last.line.startswith(("raise", "say(", ")")) or "lessonlib" not in Path(last.filename).parts:
                    raw.append(
                        (
                            place,
                            kind,
                            f"{type(error).__name__}: {str(error)[:90]}",
                            f"{last.filename[-40:]}:{last.lineno}",
                        )
                    )
            except Exception as error:
                raw.append((place, kind, f"{type(error).__name__}: {str(error)[:90]}", ""))
            finally:
                language("en")
    assert not raw, "\n".join(map(str, raw))


EXPLORERS = ["BorderEffect", "ChannelMixer", "CoverageMap", "Equivariance", "FilterBench", "MatrixView", "ReceptiveField",
             "ShapeCalculator", "SlidingWindow"]  # fmt: skip


@pytest.mark.parametrize("name", EXPLORERS)
def test_hostile_values_set_on_an_explorer_are_taken_or_refused_in_a_sentence(name):
    explorer, raw = getattr(lessonlib, name)(), []
    for argument in explorer.arguments:
        for kind, hostile in HOSTILE.items():
            try:
                explorer.set(**{argument: hostile})
            except (TypeError, ValueError, AttributeError) as error:
                last = traceback.extract_tb(error.__traceback__)[-1]
                if not last.line.startswith("raise "):
                    raw.append(
                        f"{argument} = {kind}: {type(error).__name__}: {error} at {Path(last.filename).name}:{last.lineno}"
                    )
            except Exception as error:
                raw.append(f"{argument} = {kind}: {type(error).__name__}: {error}")
            explorer.reset()
    assert raw == []
