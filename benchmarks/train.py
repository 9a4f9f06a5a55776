"""Lesson 12 over several seeds: accuracy of both nets on digits that stand straight and that have moved, and training time.

    python benchmarks/train.py [--seeds 5]

What runs are the cells of the lesson itself. A seed sets the first weights and the order of the digits; the digits put aside for the
test are always the same.
"""

import argparse
import contextlib
import io
import statistics
import time
from pathlib import Path

import nbformat

LESSON = Path(__file__).resolve().parent.parent / "notebooks" / "en" / "12_train_a_cnn.ipynb"
CELLS = ("setup", "digits-load", "digits-split", "nets-make", "train-function", "shift-function")


def lesson():
    """Run the cells that the measurements need and return their names."""
    sources = {cell.id: cell.source for cell in nbformat.read(LESSON, as_version=4).cells}
    names = {"display": lambda _: None}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in CELLS:
            exec(sources[cell], names)
    return names


def measure(names, make, seed):
    """Train a fresh net; return its accuracies on straight and on moved digits, in percent, and the seconds it took."""
    net = names[make](seed)
    start = time.perf_counter()
    names["train"](net, seed=seed)
    seconds = time.perf_counter() - start
    images = names["test_images"]
    moved = [names["accuracy"](net, names["shifted"](images, *move)) for move in names["moves"].values()]
    return names["accuracy"](net, images), statistics.mean(moved), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    names = lesson()
    print(
        f"{'seed':>4}  {'CNN straight':>12} {'moved':>6} {'time':>7}   {'connected straight':>18} {'moved':>6} {'time':>7}"
    )
    rows = []
    for seed in range(parser.parse_args().seeds):
        cnn, connected = (measure(names, make, seed) for make in ("make_cnn", "make_connected"))
        rows.append((*cnn, *connected))
        print(row(seed, rows[-1]))
    print(row("mean", [statistics.mean(column) for column in zip(*rows, strict=True)]))


def row(name, numbers):
    straight, moved, seconds, other_straight, other_moved, other_seconds = numbers
    first = f"{straight:10.1f} % {moved:4.1f} % {seconds:5.1f} s"
    return f"{name:>4}  {first}   {other_straight:16.1f} % {other_moved:4.1f} % {other_seconds:5.1f} s"


if __name__ == "__main__":
    main()
