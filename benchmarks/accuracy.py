"""How near conv2d comes to `torch.nn.functional.conv2d`: cases of a grid, random cases, largest differences.

    python benchmarks/accuracy.py [--random 5000] [--loops-every 7]

Loops in Python are slow, so `conv2d_loops` takes only one case of every seven. The last column is the largest difference as a share of
what n roundings can cost a sum of n products; both sides round, so 2 is the most that it may be.
"""

import argparse
import random
import sys
import time
from collections import Counter

import tools.importable  # noqa: F401
from lessonlib.layers.conv import conv2d_loops, conv2d_matmul, conv2d_windows
from support.cases import differences, grid, random_case


def measure(cases, loops_every, counts, largest):
    """Count the cases that PyTorch answers, and note the largest differences of every way and type."""
    for i, case in enumerate(cases):
        ways = [conv2d_windows, conv2d_matmul] + ([conv2d_loops] if i % loops_every == 0 else [])
        found = differences(case, ways) if case.batch != 0 else None
        if found is None:
            continue
        for way, (apart, share) in zip(ways, found, strict=True):
            key = way.__name__, case.dtype
            counts[key] += 1
            before = largest.get(key, (0, 0))
            largest[key] = max(before[0], apart), max(before[1], share)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--random", type=int, default=5000, help="number of random cases (default: 5000)")
    parser.add_argument(
        "--loops-every", type=int, default=7, help="conv2d_loops takes one case of this many (default: 7)"
    )
    options = parser.parse_args()
    rng = random.Random(0)
    kinds = {"grid": grid(), "random": [random_case(rng) for _ in range(options.random)]}
    counts, largest = {kind: Counter() for kind in kinds}, {}
    started = time.perf_counter()
    for kind, cases in kinds.items():
        measure(cases, options.loops_every, counts[kind], largest)
        refused = len(cases) - counts[kind]["conv2d_matmul", "float32"] - counts[kind]["conv2d_matmul", "float64"]
        print(
            f"{kind}: {len(cases)} cases, of which {refused} have no output (no window fits, 'same' with a stride, empty batch)"
        )
    print(f"\n{'':16}{'':9}{'grid':>7}{'random':>8}{'largest difference':>20}{'of the allowed':>16}")
    for (way, dtype), (apart, share) in sorted(largest.items()):
        numbers = [counts[kind][way, dtype] for kind in kinds]
        print(f"{way:16}{dtype:9}{numbers[0]:7}{numbers[1]:8}{apart:20.1e}{share:16.2f}")
    print(f"\n{time.perf_counter() - started:.0f} s")
    return max(share for _, share in largest.values()) > 2


if __name__ == "__main__":
    sys.exit(main())
