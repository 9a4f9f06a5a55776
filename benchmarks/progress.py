"""What the progress file survives: torn at every byte, every byte flipped, foreign and newer files, two kernels writing at once.

    python benchmarks/progress.py [--tries 1000]

Nothing may raise, every whole line of ours has to be read, and whatever could not be read has to be kept in a file set aside.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]


from lessonlib.learner import tries  # noqa: E402

NAME = "progress.jsonl"
WRITER = """
import sys
from lessonlib.learner import tries
for i in range(int(sys.argv[2])):
    tries.record(f"one_channel.{sys.argv[1]}{i}", i % 2 == 0, "kernel_flipped" if i % 3 == 0 else None)
"""
FOREIGN = {
    "from the future": b'{"version": 2, "question": "one_channel.side", "grade": "A"}\n',
    "older": b'{"version": 0, "solved": ["one_channel.side"]}\n',
    "other JSON": b'{"cells": [], "nbformat": 4}\n',
    "not JSON": b"\x89PNG\r\n\x1a\n\x00\xff",
    "deep": b"[" * 100_000,
    "wrong types": b'{"version": 1, "question": 3, "solved": "yes"}\n',
    "empty": b"",
    "zeros": b"\0" * 5000,
    "utf-16": "".join(['{"version": 1}']).encode("utf-16"),
}


def folder():
    """Use a fresh folder from now on, nothing remembered."""
    chosen = Path(tempfile.mkdtemp())
    os.environ["LESSONLIB_PROGRESS"] = str(chosen)
    tries._unwritten.clear()
    tries._notices.clear()
    return chosen


def sample():
    """Return a file of eight tries as bytes."""
    chosen = folder()
    for i in range(8):
        tries.record(f"one_channel.질문{i}", i % 2 == 0, "kernel_flipped" if i % 3 == 0 else None)
    return (chosen / NAME).read_bytes()


def whole_lines(content):
    """Return the names in the lines of ``content`` that are ours, read by plain means."""
    found = []
    for line in content.splitlines():
        try:
            entry = json.loads(line)
            kinds = isinstance(entry["question"], str), isinstance(entry["solved"], bool), entry["version"] == 1
            named = entry.get("misconception")
            if all(kinds) and (named is None or isinstance(named, str)):
                found.append(entry["question"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
    return list(dict.fromkeys(found))


def survives(content):
    """Return whether a file of that content loses nothing that is ours and nothing else either."""
    chosen = folder()
    (chosen / NAME).write_bytes(content)
    expected = whole_lines(content)
    tries.record("one_channel.after", True)
    found = list(tries.summary())
    kept = b"".join(path.read_bytes() for path in chosen.glob("progress*.jsonl"))
    fine = found == [*expected, "one_channel.after"] and all(line in kept for line in content.split(b"\n"))
    return fine and list(tries.summary()) == found and "one_channel.after" not in (tries.clear() or tries.summary())


def at_once(tries):
    """Return how many of two kernels' tries are there in the end, this process reading all the while."""
    folder()
    kernels = [subprocess.Popen([sys.executable, "-c", WRITER, name, str(tries)]) for name in "ab"]
    while any(kernel.poll() is None for kernel in kernels):
        tries.summary()
    return sum(one["tries"] for one in tries.summary().values()), [kernel.returncode for kernel in kernels]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tries", type=int, default=1000, help="tries of each of two kernels (default: 1000)")
    options = parser.parse_args()
    content = sample()
    torn = [survives(content[:cut]) for cut in range(len(content) + 1)]
    flipped = [
        survives(content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :])
        for at in range(len(content))
        for bit in (1, 128)
    ]
    cut_out = [survives(content[:at] + content[at + 7 :]) for at in range(len(content))]
    foreign = {name: survives(other) for name, other in FOREIGN.items()}
    print(f"torn at every byte: {sum(torn)} of {len(torn)} lose nothing")
    print(f"a bit of every byte flipped: {sum(flipped)} of {len(flipped)}")
    print(f"seven bytes cut out at every place: {sum(cut_out)} of {len(cut_out)}")
    print("foreign: " + ", ".join(f"{name} {'kept' if fine else 'LOST'}" for name, fine in foreign.items()))
    there, codes = at_once(options.tries)
    print(
        f"two kernels, {options.tries} tries each, a third reading: {there} of {2 * options.tries} are there, exit codes {codes}"
    )
    fine = all([*torn, *flipped, *cut_out, *foreign.values()]) and there == 2 * options.tries and not any(codes)
    return not fine


if __name__ == "__main__":
    sys.exit(main())
