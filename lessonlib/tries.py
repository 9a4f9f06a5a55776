"""What a learner has tried and solved, kept in a small file of their own; nothing leaves the machine.

Every try is one line of JSON, appended under a lock to ``progress.jsonl`` in the user's data folder. So two kernels
lose none of each other's lines, and a file torn in the middle of one loses at most that one. What cannot be read
(torn, foreign, written by a newer course) is set aside in a file next to it, and `notices` says so. Nothing here ever
raises into a lesson: what cannot be written is remembered until the kernel ends.

A lesson is known by its subject ("padding.corner"), never by its number, and a line says in which version of the format
it was written: files of all versions go on counting (`_FORMATS`), under today's names of their questions (`RENAMED`).

``LESSONLIB_PROGRESS=off`` in the environment turns it off; another value is the folder to use.
"""

import contextlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from lessonlib.sentences import say

VERSION = 1
# A question's name when a try was written → its name now. What a learner solved stays solved.
RENAMED: dict[str, str] = {}
_FILE = "progress.jsonl"
_MISTAKE = "misconception"
"""What a line calls the mistake that was named: the word stays as it was, so that older and newer courses read one file."""

# Tries that could not be written, and what there is to say about the file.
_unwritten: list[dict[str, Any]] = []
_notices: list[tuple[str, dict[str, Any]]] = []
_off = False


def folder() -> Path:
    """Return the folder that holds the file; it need not exist."""
    chosen = os.environ.get("LESSONLIB_PROGRESS", "")
    if chosen and chosen != "off":
        return Path(chosen).expanduser()
    return _user_data() / "convolution-course"


def _user_data():
    """Return the folder of the user's data: as XDG's base directory specification, Apple and Microsoft have it."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    chosen = os.environ.get("XDG_DATA_HOME", "").strip()
    return Path(chosen) if chosen else Path.home() / ".local" / "share"


def record(question: str, solved: bool, mistake: str | None = None) -> None:
    """Remember one try at a question.

    Parameters
    ----------
    question : str
        "lesson.question".
    solved : bool
    mistake : str, optional
        The name of the mistake, where one was named.
    """
    if not is_on():
        return
    try_ = {"version": VERSION, "question": str(question), "solved": bool(solved)}
    if mistake:
        try_[_MISTAKE] = str(mistake)
    try:
        _append(try_)
    except (OSError, RuntimeError):
        _unwritten.append(try_)


def summary() -> dict[str, dict[str, Any]]:
    """Return what was done, question by question, in the order of the first tries.

    Returns
    -------
    dict
        question → {"tries": int, "solved": bool, "mistakes": {name: count}}.
    """
    found: dict[str, dict[str, Any]] = {}
    for try_ in [*_read(), *_unwritten]:
        one = found.setdefault(try_["question"], {"tries": 0, "solved": False, "mistakes": {}})
        one["tries"] += 1
        one["solved"] |= try_["solved"]
        if name := try_.get(_MISTAKE):
            one["mistakes"][name] = one["mistakes"].get(name, 0) + 1
    return found


def notices() -> list[str]:
    """Return what there is to say about the file, one sentence each, in the learner's language."""
    found = [say(key, **fields) for key, fields in _notices]
    if _unwritten:
        found.append(say("progress.not_written"))
    if not is_on() and os.environ.get("LESSONLIB_PROGRESS") != "off":
        found.append(say("progress.is_off"))
    return found


def clear() -> None:
    """Forget everything, and say so."""
    _unwritten.clear()
    _notices.clear()
    try:
        with _locked():
            for path in [folder() / _FILE, *folder().glob("progress.aside-*.jsonl")]:
                path.unlink(missing_ok=True)
    except (OSError, RuntimeError) as problem:
        print(say("progress.not_cleared", reason=type(problem).__name__))
    else:
        print(say("progress.cleared"))


def off() -> None:
    """Keep no progress from now on, in any lesson, until `on`; what is there stays."""
    global _off
    _off = True
    with contextlib.suppress(OSError, RuntimeError):
        folder().mkdir(parents=True, exist_ok=True)
        (folder() / "off").touch()
    print(say("progress.is_off"))


def on() -> None:
    """Keep progress again."""
    global _off
    _off = False
    with contextlib.suppress(OSError, RuntimeError):
        (folder() / "off").unlink(missing_ok=True)
    print(say("progress.is_on"))


def is_on() -> bool:
    """Return whether progress is kept."""
    if _off or os.environ.get("LESSONLIB_PROGRESS") == "off":
        return False
    try:
        return not (folder() / "off").exists()
    except (OSError, RuntimeError):
        return True


# The file


def _append(try_):
    folder().mkdir(parents=True, exist_ok=True)
    line = json.dumps(try_, ensure_ascii=False).encode() + b"\n"
    with _locked(), open(folder() / _FILE, "ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # torn: keep the rest of that line apart from this one
                line = b"\n" + line
        file.write(line)


def _read():
    """Return all tries in the file. What cannot be read is set aside first."""
    if os.environ.get("LESSONLIB_PROGRESS") == "off":
        return []
    try:
        with _locked():
            path = folder() / _FILE
            lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
            read = [(line, _parsed(line)) for line in lines if line.strip()]
            if any(try_ is None for _, try_ in read):
                _set_aside(path, [line for line, try_ in read if try_ is not None])
    except (OSError, RuntimeError) as problem:
        _notice("progress.unreadable", reason=type(problem).__name__)
        return []
    return [try_ for _, try_ in read if try_ is not None]


def _parsed(line):
    """One line as a try of today's form; None if it is none, or one of a version that is newer than ours."""
    try:
        try_ = json.loads(line)
        return _FORMATS[try_["version"]](try_)
    except (ValueError, RecursionError, TypeError, KeyError):
        return None


def _format_1(try_):
    named = try_.get(_MISTAKE)
    ours = isinstance(try_["question"], str) and isinstance(try_["solved"], bool)
    if not ours or not (named is None or isinstance(named, str)):
        raise ValueError("not a line of this format")
    return {**try_, "question": RENAMED.get(try_["question"], try_["question"])}


# How each version of a line is read. A new version gets its row; no row is ever dropped.
_FORMATS = {1: _format_1}


def _set_aside(path, good_lines):
    """Keep the file under another name, whole, and put one with the good lines in its place, in one step."""
    try:
        number = 1
        while (aside := path.with_name(f"progress.aside-{number}.jsonl")).exists():
            number += 1
        shutil.copyfile(path, aside)
        handle, fresh = tempfile.mkstemp(dir=path.parent, prefix="progress.", suffix=".new")
        with open(handle, "wb") as file:
            file.writelines(line if line.endswith(b"\n") else line + b"\n" for line in good_lines)
        os.replace(fresh, path)
    except OSError as problem:
        _notice("progress.unreadable", reason=type(problem).__name__)
    else:
        _notice("progress.set_aside", name=aside.name)


def _notice(key, **fields):
    if (key, fields) not in _notices:
        _notices.append((key, fields))


@contextlib.contextmanager
def _locked():
    """Hold the lock that all kernels share, on a file of its own: the other may be replaced. Without locks, go on."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError, RuntimeError):
            file = stack.enter_context(open(folder() / "lock", "ab"))
            _lock(file)
        yield


def _lock(file):
    """Lock a file until it is closed."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
