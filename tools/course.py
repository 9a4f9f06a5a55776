"""The learner's own copy of the notebooks: made at the first start, brought up to date, and never a loss of an answer.

    python tools/course.py fresh en/03_padding     a fresh copy of one lesson; what you wrote is kept beside it

The copy stands in ``convolution-lessons`` in the home folder, or where ``LESSONLIB_COURSE`` says, in a folder for each
language. The file ``.course.json`` in it remembers what every lesson was copied from: a lesson whose cells are still
those is replaced by a newer version, and of any other the newer version is laid beside it. A lesson is known by what it
is about, the part of its file name after the number, or by the ids of its cells; so a number may change.

Runs on the standard library alone, before anything is installed.
"""

import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from environment import ROOT, check_python, sentences, stop

check_python()  # before a file of lessonlib is read, which an old one cannot
language, say = sentences().language, sentences().say

NOTEBOOKS = ROOT / "notebooks"
LANGUAGES = ("ko", "en")
MANIFEST = ".course.json"
VERSION = 1
# Two notebooks with at least this share of cell ids in common are versions of one lesson.
SAME_LESSON = 0.5


def folder():
    """Return the folder of the learner's copy; it need not exist.

    Raises
    ------
    SystemExit
        If there is no home folder, or the folder lies in the course itself, whose files are not the learner's.
    """
    try:
        chosen = os.environ.get("LESSONLIB_COURSE", "").strip()
        path = Path(chosen).expanduser() if chosen else Path.home() / "convolution-lessons"
    except RuntimeError:
        stop(say("course.no_home"))
    path = Path(os.path.abspath(path))
    if path.resolve().is_relative_to(ROOT.resolve()):
        stop(say("course.inside", folder=path))
    return path


def update(copy, course=NOTEBOOKS):
    """Bring the learner's copy up to date with the course, making it where there is none.

    Parameters
    ----------
    copy, course : Path
        Folders with a folder for each language.

    Returns
    -------
    written : list of Path
        The notebooks that were written.
    told : list of str
        What the learner should know, one sentence a lesson.

    Raises
    ------
    OSError
        If the copy cannot be written. What was written until then is remembered.
    """
    known = _Manifest(copy)
    written, told = [], []
    try:
        pristine = {path.relative_to(course).as_posix(): _pristine(path) for path in lessons(course)}
        _follow_renamed(copy, known, pristine)
        for name, notebook in pristine.items():
            _update_one(copy, known, name, notebook, written, told)
    finally:
        known.save()
    return written, told


def fresh(copy, name, course=NOTEBOOKS):
    """Lay a fresh copy of one lesson in the place of the learner's, which is kept beside it if it was changed.

    Returns
    -------
    written : list of Path
    kept : Path or None
        Where the learner's version is now.
    """
    known, path, kept = _Manifest(copy), copy / name, None
    notebook = _pristine(course / name)
    if path.exists() and _fingerprint_of(path) not in (known.lessons.get(name), fingerprint(notebook)):
        kept = _free(path, "mine")
        os.replace(path, kept)
    _write(path, notebook)
    known.lessons[name] = fingerprint(notebook)
    known.save()
    return [path], kept


def lessons(course):
    """Return the notebooks of the course."""
    return sorted(path for lang in LANGUAGES for path in (course / lang).glob("*.ipynb"))


def fingerprint(notebook):
    """Return what a notebook is known by: its cells, without outputs and whatever JupyterLab notes by the way."""
    cells = [[cell.get("id"), cell.get("cell_type"), _source(cell)] for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _update_one(copy, known, name, notebook, written, told):
    path, newest = copy / name, fingerprint(notebook)
    here = _fingerprint_of(path) if path.exists() else None
    if not path.exists() or (here == known.lessons.get(name) and here != newest):
        _write(path, notebook)
        written.append(path)
    elif here != newest and known.lessons.get(name) != newest:
        beside = next(
            (one for one in _beside(path) if known.beside.get(_name(one, copy)) == _fingerprint_of(one)), None
        )
        beside = beside or _free(path, "new")
        _write(beside, notebook)
        known.beside[_name(beside, copy)] = newest
        written.append(beside)
        told.append(say("course.new_beside", lesson=name, beside=beside.name))
    known.lessons[name] = newest


def _follow_renamed(copy, known, pristine):
    """Give the learner's lessons the names that the course has for them now; drop an untouched one that it has no more."""
    gone = [name for name in known.lessons if name not in pristine]
    free = [name for name in pristine if name not in known.lessons]
    for old in gone:
        path = copy / old
        new = _same_lesson(old, _read(path), {name: pristine[name] for name in free})
        if not path.exists() or (new and (copy / new).exists()):
            known.lessons.pop(old)
        elif new:
            (copy / new).parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, copy / new)
            known.lessons[new] = known.lessons.pop(old)
            free.remove(new)
        elif _fingerprint_of(path) == known.lessons.pop(old):
            path.unlink()


def _same_lesson(old, notebook, candidates):
    lang, subject = _subject(old)
    candidates = {name: one for name, one in candidates.items() if _subject(name)[0] == lang}
    found = [name for name in candidates if _subject(name)[1] == subject]
    if found or notebook is None:
        return next(iter(found), None)
    shares = {name: _shared_ids(notebook, one) for name, one in candidates.items()}
    best = max(shares, key=shares.get, default=None)
    return best if best and shares[best] >= SAME_LESSON else None


def _subject(name):
    """``en/03_padding.ipynb`` → ``("en", "padding")``."""
    lang, _, file = name.rpartition("/")
    return lang, re.sub(r"^\d+_|\.ipynb$", "", file)


def _shared_ids(one, other):
    ids, others = ({cell.get("id") for cell in notebook["cells"]} for notebook in (one, other))
    return len(ids & others) / max(len(ids | others), 1)


def _pristine(path):
    """Read a notebook of the course, no cell of it run yet."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["execution_count"] = None
            for output in cell["outputs"]:
                if "execution_count" in output:
                    output["execution_count"] = None
    return notebook


def _read(path):
    """Read a notebook of the learner's; None if it is none, whatever it is."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        fingerprint(notebook)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return notebook


def _fingerprint_of(path):
    notebook = _read(path)
    return "not a notebook" if notebook is None else fingerprint(notebook)


def _source(cell):
    return "".join(cell.get("source", ""))


def _write(path, notebook):
    _replace(path, json.dumps(notebook, ensure_ascii=False, indent=1) + "\n")


def _replace(path, text):
    """Write a file in one step: whoever reads it finds the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _beside(path):
    return sorted(path.parent.glob(f"{path.stem}-new*.ipynb"))


def _free(path, word):
    """``03_padding.ipynb`` → ``03_padding-new.ipynb``, or ``-new-2`` where that is taken."""
    names = (path.with_name(f"{path.stem}-{word}{f'-{number}' * (number > 1)}.ipynb") for number in range(1, 10_000))
    return next(name for name in names if not name.exists())


def _name(path, copy):
    return path.relative_to(copy).as_posix()


class _Manifest:
    """What the learner's files were copied from: name → fingerprint, of the lessons and of new versions beside them."""

    def __init__(self, copy):
        self.path = copy / MANIFEST
        try:
            read = json.loads(self.path.read_text(encoding="utf-8"))
            self.lessons, self.beside = (
                {str(name): str(mark) for name, mark in read[part].items()} for part in ("lessons", "beside")
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            # Then every lesson that is there counts as changed.
            self.lessons, self.beside = {}, {}

    def save(self):
        text = json.dumps({"version": VERSION, "lessons": self.lessons, "beside": self.beside}, indent=1)
        _replace(self.path, text + "\n")


@contextlib.contextmanager
def held(copy):
    """Hold the copy while JupyterLab is open on it; yield whether nobody else does."""
    copy.mkdir(parents=True, exist_ok=True)
    with open(copy / ".lock", "ab") as file:
        yield _lock(file)


def _lock(file):
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # no locks on this disk; on Windows, held by another
        return os.name != "nt"
    return True


def trust(python, paths):
    """Sign notebooks as the learner's own, so that JupyterLab draws their explorers again when the page is loaded anew."""
    if paths:
        subprocess.run([str(python), str(ROOT / "tools" / "trust.py"), *map(str, paths)], check=True)


def main(arguments):
    """Run the command line."""
    from lab import find_lesson, interpreter

    if len(arguments) != 2 or arguments[0] != "fresh":
        stop(__doc__)
    name = find_lesson(arguments[1])
    language(name[:2])
    try:
        written, kept = fresh(folder(), name)
    except OSError as problem:
        stop(say("course.not_written", folder=folder(), reason=problem.strerror or type(problem).__name__))
    trust(interpreter(), written)
    print(say("course.fresh", lesson=name))
    if kept:
        print(say("course.kept", beside=kept.name))


if __name__ == "__main__":
    main(sys.argv[1:])
