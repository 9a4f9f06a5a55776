"""How a program uses lessonlib, for ``make types``: nothing here is ever called.

What is right passes, and has the type that an editor shows. What is wrong has to be refused: a comment that names the error is itself
an error where there is none (``warn_unused_ignores``).
"""

from fractions import Fraction
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import lessonlib
from lessonlib import (
    BorderEffect,
    CoverageMap,
    FeatureMaps,
    FilterBench,
    Layer,
    MatrixView,
    Mistake,
    Predict,
    Question,
    ReceptiveField,
    ShapeQuiz,
    SlidingWindow,
    Verdict,
    conv2d,
    draw_numbers,
    output_size,
    parameter_count,
    question,
    receptive_field,
    size_before_floor,
    summarize,
    window_starts,
)
from lessonlib.geometry import ReceptiveField as Field


def sizes() -> None:
    # One number for single numbers, a pair for pairs.
    assert_type(output_size(28, 3), int)
    assert_type(output_size((28, 26), 3, stride=2, padding="same"), tuple[int, int])
    assert_type(output_size(np.int64(28), 3), int)
    assert_type(size_before_floor(6, 3, stride=2), Fraction)
    assert_type(window_starts((5, 6), [3, 3]), tuple[list[int], list[int]])
    assert_type(receptive_field([(5, 2), Layer(3), {"kernel_size": 3}]), Field)
    assert_type(parameter_count(3, 8, 5), int)
    output_size(28, 3, padding="smae")  # type: ignore[arg-type]
    output_size(28, 3, strides=2)  # type: ignore[call-overload]
    output_size(28.0, 3)  # type: ignore[call-overload]
    parameter_count(3, 8, "5")  # type: ignore[arg-type]


def arrays() -> None:
    assert_type(conv2d([[[1, 2], [3, 4]]], np.ones((1, 1, 2, 2)), padding=(1, 0)), NDArray[np.floating])
    conv2d([[[1, 2], [3, 4]]], np.ones((1, 1, 2, 2)), padding_mode="zeros")  # type: ignore[call-arg]
    conv2d([[[1, 2], [3, 4]]], np.ones((1, 1, 2, 2)), groups="2")  # type: ignore[arg-type]
    draw_numbers([[1, 2]], colour="red")  # type: ignore[call-arg]


def explorers() -> None:
    # The constructor is made from the arguments that the class body declares.
    window = SlidingWindow(
        "counting", np.ones((2, 2)), stride=2, padding="same", kernel_size=(3, 2), position=(0, 1), bias=None
    )
    assert_type(window.stride, int | tuple[int, int])
    assert_type(window.input, NDArray[np.float64])
    assert_type(window.bias, NDArray[np.float64] | None)
    assert_type(window.position, tuple[int, int])
    assert_type(window.padding_mode, str)
    assert_type(window.flipped, bool)
    assert_type(window.large, bool)
    assert_type(window.output, NDArray[np.floating])
    assert_type(window.output_size, tuple[int, int])
    window.stride = (2, 1)
    window.padding = "valid"
    window.set(stride=2, padding=1)
    window.close()
    window.strid = 2  # type: ignore[attr-defined]
    window.stride = "2"  # type: ignore[assignment]
    window.stride = 1.5  # type: ignore[assignment]
    window.padding = "smae"  # type: ignore[assignment]
    window.flipped = "yes"  # type: ignore[assignment]
    window.output = np.ones((1, 1, 1))  # type: ignore[misc]
    SlidingWindow(strides=2)  # type: ignore[call-arg]
    SlidingWindow(stride="2")  # type: ignore[arg-type]
    SlidingWindow("counting", "ones", 0)  # type: ignore[call-arg, arg-type]

    CoverageMap(6, 3, stride=2, large=True)
    CoverageMap(6, 3, 2)  # type: ignore[call-arg, arg-type]
    MatrixView(weight=[[1, 2], [3, 4]], row=0)
    BorderEffect("china", kernel_size=5)
    FilterBench(np.zeros((8, 8)), color=True)
    FeatureMaps()  # type: ignore[call-arg]
    stack = ReceptiveField([(3, 1, 1, 1)], layer=1)
    assert_type(stack.layers, list[Layer])
    assert_type(stack.layer, int)
    assert_type(stack.field, tuple[int, int])


def questions() -> None:
    side = question("one_channel.side")
    assert_type(side, Question)
    verdict = side.check(26)
    assert_type(verdict, Verdict)
    assert_type(verdict.solved, bool)
    assert_type(verdict.mistake, str | None)
    assert_type(side.choices(), list[dict[str, Any]])
    question(3)  # type: ignore[arg-type]
    side.check(26, 27)  # type: ignore[call-arg]
    own = Question(
        "my_class.side",
        kind="number",
        statement={"ko": "{n}?", "en": "{n}?"},
        first={"n": 9},
        right=lambda n: n - 2,
        mistakes={"minus_one": Mistake(lambda n: n - 1, "one too many", "…")},
    )
    assert_type(own.variant(3), Question)
    Mistake(lambda n: n)  # type: ignore[call-arg]
    assert_type(Predict("one_channel.predict_2", typed=True).answer, str | None)
    assert_type(ShapeQuiz(seed=3).streak, int)


def rest() -> None:
    assert_type(lessonlib.language(), str)
    lessonlib.language("ko")
    lessonlib.language(3)  # type: ignore[call-overload]
    print(lessonlib.no_such_name)  # type: ignore[attr-defined]
    assert_type(lessonlib.__version__, str)
    summarize("model", (1, 3, 8, 8))  # type: ignore[arg-type]
