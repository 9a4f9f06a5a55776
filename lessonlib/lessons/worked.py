"""The numbers that hints and solutions show: products, sums, room to move, growth of a receptive field."""

import numpy as np

from lessonlib.geometry import effective_kernel_size
from lessonlib.questions.answers import text_of


def size_steps(n, k, p=0, s=1, d=1, **_):
    """Return the steps of the shape formula along one axis.

    Examples
    --------
    >>> size_steps(10, 4, p=1, s=2)["room"]
    8
    """
    span = effective_kernel_size(k, d)
    return {"input": n, "padding": p, "stride": s, "span": span, "room": n + 2 * p - span}


def window_steps(x, w, b=0, **_):
    """Return the products of a window and a kernel, and their sum written out.

    Examples
    --------
    >>> window_steps([[1, 2]], [[3, -1]])
    {'products': '3, -2', 'sum': '3 + (−2)'}
    """
    products = (np.asarray(x) * np.asarray(w)).ravel()
    return {"products": ", ".join(text_of(one) for one in products), "sum": added(products)}


def channel_steps(x, w, **_):
    """Return the sum of each channel."""
    return {
        "sums": ", ".join(text_of((np.asarray(one) * np.asarray(plane)).sum()) for one, plane in zip(x, w, strict=True))
    }


def field_steps(layers, **_):
    """Return what each layer of (kernel, stride) adds to the receptive field.

    Examples
    --------
    >>> field_steps([(3, 2), (3, 1)])
    {'grows': '2 + 4'}
    """
    grows, jump = [], 1
    for kernel, stride in layers:
        grows.append((kernel - 1) * jump)
        jump *= stride
    return {"grows": added(grows)}


def added(values):
    """Return numbers written out as a sum, negative ones in brackets."""
    texts = [text_of(one).replace("-", "−") for one in values]
    return " + ".join(text if i == 0 or not text.startswith("−") else f"({text})" for i, text in enumerate(texts))
