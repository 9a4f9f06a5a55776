"""Progress files that are torn, flipped or foreign, and whether anything of theirs is lost."""

import json
import os
import tempfile
from pathlib import Path

from lessonlib import tries

NAME = "progress.jsonl"
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
