"""The learner's own copy of the lessons: made, brought up to date and renewed without the loss of an answer."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary

import course
import environment
import lab
import trust

ROOT = Path(__file__).resolve().parent.parent


def cell(cell_id, source, **more):
    """Return a code cell as a file holds it."""
    made = {"cell_type": "code", "id": cell_id, "metadata": {}, "source": source, "outputs": [], "execution_count": 4}
    return {**made, **more}


def notebook(*sources, ids="abcdefgh"):
    """Return a notebook with one code cell for each source."""
    cells = [cell(cell_id, source) for cell_id, source in zip(ids, sources, strict=False)]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def put(path, content):
    """Write a notebook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def sources(path):
    """Return the sources of a notebook's cells."""
    return ["".join(one["source"]) for one in json.loads(path.read_text(encoding="utf-8"))["cells"]]


def answer(path, text, at=-1):
    """Write an answer into a cell of a notebook, as JupyterLab saves it: with a kernel's name, and counts."""
    content = json.loads(path.read_text(encoding="utf-8"))
    content["cells"][at]["source"] = text
    content["metadata"]["kernelspec"] = {"name": "python3"}
    put(path, content)


def files(folder):
    """Return the names of all notebooks in a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.ipynb"))


@pytest.fixture
def new(tmp_path):
    """A small course of two lessons in both languages."""
    for lang in ("ko", "en"):
        put(tmp_path / f"course/{lang}/00_start.ipynb", notebook("import numpy", f"'{lang}'", "check(...)"))
        put(tmp_path / f"course/{lang}/01_padding.ipynb", notebook("import numpy", "pad()", "check(...)", ids="ijk"))
    return tmp_path / "course"


@pytest.fixture
def mine(tmp_path):
    """The learner's folder."""
    return tmp_path / "mine"


def test_the_first_start_copies_every_lesson_not_yet_run(new, mine):
    output = {"output_type": "execute_result", "execution_count": 4, "data": {"text/plain": "3"}, "metadata": {}}
    put(new / "en/00_start.ipynb", {**notebook(), "cells": [cell("a", "1 + 2", outputs=[output])]})
    before = {path: path.read_bytes() for path in new.rglob("*.ipynb")}
    written, told = course.update(mine, new)

    assert files(mine) == files(new)
    assert sorted(written) == sorted(mine.rglob("*.ipynb"))
    assert told == []
    made = json.loads((mine / "en/00_start.ipynb").read_text(encoding="utf-8"))["cells"][0]
    assert made["execution_count"] is None
    assert made["outputs"] == [{**output, "execution_count": None}]
    assert {path: path.read_bytes() for path in new.rglob("*.ipynb")} == before


def test_a_second_start_writes_nothing(new, mine):
    course.update(mine, new)
    answer(mine / "en/01_padding.ipynb", "check(7)")
    before = {path: path.stat().st_mtime_ns for path in mine.rglob("*.ipynb")}

    assert course.update(mine, new) == ([], [])
    assert {path: path.stat().st_mtime_ns for path in mine.rglob("*.ipynb")} == before


def test_a_lesson_that_was_only_run_is_replaced_by_the_newer_one(new, mine):
    course.update(mine, new)
    content = json.loads((mine / "en/00_start.ipynb").read_text(encoding="utf-8"))
    content["cells"][0] |= {"execution_count": 1, "outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}]}
    put(mine / "en/00_start.ipynb", content)
    put(new / "en/00_start.ipynb", notebook("import numpy", "'newer'"))
    written, told = course.update(mine, new)

    assert written == [mine / "en/00_start.ipynb"]
    assert told == []
    assert sources(mine / "en/00_start.ipynb") == ["import numpy", "'newer'"]


def test_beside_a_lesson_with_answers_the_newer_one_is_laid_in_one_line(new, mine):
    course.update(mine, new)
    answer(mine / "en/01_padding.ipynb", "check(7)")
    put(new / "en/01_padding.ipynb", notebook("import numpy", "newer()", "check(...)", ids="ijk"))
    written, told = course.update(mine, new)

    assert sources(mine / "en/01_padding.ipynb")[-1] == "check(7)"
    assert sources(mine / "en/01_padding-new.ipynb") == ["import numpy", "newer()", "check(...)"]
    assert written == [mine / "en/01_padding-new.ipynb"]
    assert len(told) == 1
    assert "\n" not in told[0]
    assert "en/01_padding.ipynb" in told[0]
    assert "01_padding-new.ipynb" in told[0]
    assert course.update(mine, new) == ([], [])


def test_a_third_version_replaces_the_second_beside_it_unless_that_holds_answers_too(new, mine):
    course.update(mine, new)
    answer(mine / "en/01_padding.ipynb", "check(7)")
    for version in ("second", "third"):
        put(new / "en/01_padding.ipynb", notebook(version))
        course.update(mine, new)
    assert sources(mine / "en/01_padding-new.ipynb") == ["third"]
    answer(mine / "en/01_padding-new.ipynb", "check(8)")
    put(new / "en/01_padding.ipynb", notebook("fourth"))
    course.update(mine, new)

    assert sources(mine / "en/01_padding.ipynb")[-1] == "check(7)"
    assert sources(mine / "en/01_padding-new.ipynb") == ["check(8)"]
    assert sources(mine / "en/01_padding-new-2.ipynb") == ["fourth"]


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("name", ["02_padding", "02_border"])
def test_a_renamed_lesson_is_known_by_its_subject_or_by_its_cells(new, mine, name, answered):
    course.update(mine, new)
    if answered:
        answer(mine / "en/01_padding.ipynb", "check(7)")
    os.replace(new / "en/01_padding.ipynb", new / f"en/{name}.ipynb")
    put(new / "en/01_pooling.ipynb", notebook("pool()", ids="xyz"))
    _, told = course.update(mine, new)

    assert files(mine / "en") == ["00_start.ipynb", "01_pooling.ipynb", f"{name}.ipynb"]
    assert sources(mine / f"en/{name}.ipynb")[-1] == ("check(7)" if answered else "check(...)")
    assert told == []


def test_a_lesson_renamed_and_changed_keeps_its_answers(new, mine):
    course.update(mine, new)
    for lang in ("ko", "en"):
        answer(mine / f"{lang}/01_padding.ipynb", f"check('{lang}')")
        os.unlink(new / f"{lang}/01_padding.ipynb")
        put(new / f"{lang}/02_padding.ipynb", notebook("import numpy", "newer()", ids="ijk"))
        put(new / f"{lang}/01_start.ipynb", notebook("another lesson", ids="x"))
        os.unlink(new / f"{lang}/00_start.ipynb")
    _, told = course.update(mine, new)

    for lang in ("ko", "en"):
        assert sources(mine / f"{lang}/02_padding.ipynb")[-1] == f"check('{lang}')"
        assert sources(mine / f"{lang}/02_padding-new.ipynb") == ["import numpy", "newer()"]
        assert sources(mine / f"{lang}/01_start.ipynb") == ["another lesson"]
        assert not (mine / f"{lang}/00_start.ipynb").exists()
    assert len(told) == 2


def test_two_lessons_that_change_places_keep_their_answers(new, mine):
    course.update(mine, new)
    answer(mine / "en/00_start.ipynb", "check('start')")
    answer(mine / "en/01_padding.ipynb", "check('padding')")
    os.replace(new / "en/00_start.ipynb", new / "en/01_start.ipynb")
    os.replace(new / "en/01_padding.ipynb", new / "en/00_padding.ipynb")
    course.update(mine, new)

    assert files(mine / "en") == ["00_padding.ipynb", "01_start.ipynb"]
    assert sources(mine / "en/01_start.ipynb")[-1] == "check('start')"
    assert sources(mine / "en/00_padding.ipynb")[-1] == "check('padding')"


@pytest.mark.parametrize("answered", [False, True])
def test_of_a_lesson_that_is_no_more_only_answers_stay(new, mine, answered):
    course.update(mine, new)
    if answered:
        answer(mine / "en/01_padding.ipynb", "check(7)")
    os.unlink(new / "en/01_padding.ipynb")
    course.update(mine, new)

    assert (mine / "en/01_padding.ipynb").exists() == answered


def test_files_of_the_learners_own_are_left_alone(new, mine):
    course.update(mine, new)
    put(mine / "en/notes.ipynb", notebook("mine"))
    put(mine / "en/02_pooling.ipynb", notebook("my own try at pooling"))
    put(new / "en/02_pooling.ipynb", notebook("pool()"))
    course.update(mine, new)

    assert sources(mine / "en/notes.ipynb") == ["mine"]
    assert sources(mine / "en/02_pooling.ipynb") == ["my own try at pooling"]
    assert sources(mine / "en/02_pooling-new.ipynb") == ["pool()"]


@pytest.mark.parametrize("content", [None, b"", b"\xff\x00", b"[]", b'{"lessons": 3}', b'{"lessons": {}}'])
def test_a_manifest_that_is_lost_or_broken_loses_no_answer(new, mine, content):
    course.update(mine, new)
    answer(mine / "en/01_padding.ipynb", "check(7)")
    put(new / "en/01_padding.ipynb", notebook("newer"))
    (mine / course.MANIFEST).unlink()
    if content is not None:
        (mine / course.MANIFEST).write_bytes(content)
    course.update(mine, new)

    assert sources(mine / "en/01_padding.ipynb")[-1] == "check(7)"
    assert sources(mine / "en/01_padding-new.ipynb") == ["newer"]
    assert files(mine / "ko") == ["00_start.ipynb", "01_padding.ipynb"]


@pytest.mark.parametrize("content", [b"", b"half a note", b"[]", b'{"cells": [3]}'])
def test_a_file_that_is_no_notebook_is_kept(new, mine, content):
    course.update(mine, new)
    (mine / "en/01_padding.ipynb").write_bytes(content)
    put(new / "en/01_padding.ipynb", notebook("newer"))
    course.update(mine, new)

    assert (mine / "en/01_padding.ipynb").read_bytes() == content
    assert sources(mine / "en/01_padding-new.ipynb") == ["newer"]


@pytest.mark.parametrize("room", range(5))
def test_stopped_at_any_write_it_goes_on_without_loss(new, mine, monkeypatch, room):
    """The disk is full after 0, 1, … 4 of five writes; then there is room again."""
    course.update(mine, new)
    answer(mine / "en/01_padding.ipynb", "check(7)")
    for lang in ("ko", "en"):
        put(new / f"{lang}/00_start.ipynb", notebook("newer start"))
        os.unlink(new / f"{lang}/01_padding.ipynb")
        put(new / f"{lang}/02_padding.ipynb", notebook("newer padding", ids="ijk"))
    really, written = course._replace, []

    def replace(path, text):
        if len(written) == room:
            raise OSError(28, "No space left on device")
        written.append(path)
        really(path, text)

    monkeypatch.setattr(course, "_replace", replace)
    with pytest.raises(OSError, match="No space"):
        course.update(mine, new)
    monkeypatch.setattr(course, "_replace", really)
    assert "check(7)" in [sources(path)[-1] for path in mine.rglob("*.ipynb")]
    course.update(mine, new)

    assert sources(mine / "en/02_padding.ipynb")[-1] == "check(7)"
    assert sources(mine / "en/02_padding-new.ipynb") == ["newer padding"]
    assert sources(mine / "ko/00_start.ipynb") == ["newer start"]
    assert list(mine.rglob("*.new")) == []


# A fresh copy


def test_a_fresh_copy_keeps_the_answers_beside_it(new, mine):
    course.update(mine, new)
    for number in (1, 2):
        answer(mine / "en/01_padding.ipynb", f"check({number})")
        _, kept = course.fresh(mine, "en/01_padding.ipynb", new)
        assert sources(kept)[-1] == f"check({number})"

    assert sources(mine / "en/01_padding.ipynb")[-1] == "check(...)"
    assert files(mine / "en")[1:] == ["01_padding-mine-2.ipynb", "01_padding-mine.ipynb", "01_padding.ipynb"]
    assert course.update(mine, new) == ([], [])


def test_a_fresh_copy_of_an_untouched_lesson_keeps_nothing_beside_it(new, mine):
    course.update(mine, new)

    assert course.fresh(mine, "en/01_padding.ipynb", new) == ([mine / "en/01_padding.ipynb"], None)
    assert files(mine / "en") == ["00_start.ipynb", "01_padding.ipynb"]


def test_make_fresh_renews_a_lesson_of_the_course(mine):
    own = {**os.environ, "LESSONLIB_COURSE": str(mine), "JUPYTER_DATA_DIR": str(mine / "jupyter")}
    course.update(mine)
    answer(mine / "en/03_padding.ipynb", "my answer")
    command = ["make", "-s", "fresh", "LESSON=en/03", f"PYTHON={sys.executable}"]
    said = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=True).stdout

    assert said.splitlines() == [
        "en/03_padding.ipynb is fresh again. If it is open in JupyterLab, close it and open it anew.",
        "The one with your answers is kept beside it, as 03_padding-mine.ipynb.",
    ]
    assert sources(mine / "en/03_padding-mine.ipynb")[-1] == "my answer"
    nameless = subprocess.run(["make", "fresh"], cwd=ROOT, env=own, capture_output=True, text=True)
    assert nameless.returncode
    assert "Name a lesson: make fresh LESSON=en/03_padding" in nameless.stderr


# Where it is


def test_the_folder_is_the_learners_own(monkeypatch, tmp_path):
    monkeypatch.delenv("LESSONLIB_COURSE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "ada"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "ada"))

    assert course.folder() == tmp_path / "ada" / "convolution-lessons"


def test_the_environment_names_another(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("LESSONLIB_COURSE", "~/class/lessons")

    assert course.folder() == tmp_path / "class" / "lessons"


@pytest.mark.parametrize("inside", [".", "notebooks", "some/where"])
def test_a_folder_in_the_course_itself_is_refused(monkeypatch, inside):
    monkeypatch.setenv("LESSONLIB_COURSE", str(ROOT / inside))

    with pytest.raises(SystemExit, match="lies inside the course itself"):
        course.folder()


def test_without_a_home_a_folder_is_asked_for(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("LESSONLIB_COURSE", raising=False)
    monkeypatch.setattr(course.Path, "home", homeless)
    with pytest.raises(SystemExit, match="LESSONLIB_COURSE"):
        course.folder()


def test_a_course_that_may_only_be_read_is_copied_all_the_same(new, mine):
    """An administrator is not held back by file modes: then it is somebody else who copies."""
    mine.mkdir()
    mine.chmod(0o777)
    for path in [new, *new.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    code = f"""
import os, sys
sys.path[:0] = [{str(ROOT / "tools")!r}]
import course
from pathlib import Path
if os.name == "posix" and os.geteuid() == 0:
    os.umask(0o022)
    os.setuid(65534)
course.update(Path("mine"), Path("course"))
path = Path("mine/en/01_padding.ipynb")
path.write_text(path.read_text().replace("check(...)", "check(7)"))
print(course.update(Path("mine"), Path("course")))
"""
    for parent in [mine.parent, *mine.parent.parents]:
        if parent.stat().st_uid == os.getuid() and parent.name.startswith(("pytest-", "test_")):
            parent.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", code], cwd=mine.parent, capture_output=True, text=True)
    for path in [new, *new.rglob("*")]:
        path.chmod(0o755)

    assert done.stderr == ""
    assert done.stdout == "([], [])\n"
    assert sources(mine / "en/01_padding.ipynb")[-1] == "check(7)"


@pytest.mark.skipif(os.name == "nt", reason="the lock is another there")
def test_only_one_holds_the_copy(mine):
    with course.held(mine) as first, course.held(mine) as second:
        assert (first, second) == (True, False)
    with course.held(mine) as again:
        assert again


# What make lab makes of it


def test_while_jupyterlab_is_open_the_copy_is_left_alone(new, mine, monkeypatch, capsys):
    monkeypatch.setattr(course, "NOTEBOOKS", new)
    lab.bring_up_to_date(mine, False, sys.executable)

    assert not mine.exists()
    assert "already open" in capsys.readouterr().out


@pytest.mark.parametrize(("lang", "words"), [("ko", "복사했습니다"), ("en", "Your own copy")])
def test_the_first_start_says_where_the_copy_is_and_later_ones_do_not(lang, words, mine, monkeypatch, capsys):
    trusted = []
    monkeypatch.setattr(course, "trust", lambda python, paths: trusted.append(list(paths)))
    lab.language(lang)
    lab.bring_up_to_date(mine, True, sys.executable)
    said = capsys.readouterr().out
    lab.bring_up_to_date(mine, True, sys.executable)

    assert words in said
    assert str(mine) in said
    assert capsys.readouterr().out == ""
    assert [sorted(paths) for paths in trusted] == [sorted(mine.rglob("*.ipynb")), []]


def test_what_is_signed_is_trusted_and_nothing_else(mine, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    course.update(mine)
    paths = [mine / "en/00_start.ipynb", mine / "ko/03_padding.ipynb"]
    trust.sign([paths[0], tmp_path / "none.ipynb"])
    notary = NotebookNotary()

    assert [notary.check_signature(nbformat.read(path, as_version=4)) for path in paths] == [True, False]
    assert "none.ipynb: FileNotFoundError" in capsys.readouterr().err
    notary.store.close()


def test_the_kernel_of_make_lab_is_this_one_with_the_extension(tmp_path):
    lab.write_kernel(tmp_path, Path(sys.executable))
    kernel = json.loads((tmp_path / "jupyter/kernels/python3/kernel.json").read_text(encoding="utf-8"))

    assert kernel["argv"][-1] == "--ext=lessonlib.learner.first_cell"
    assert "{connection_file}" in kernel["argv"]
    assert lab.variables(tmp_path, "t")["JUPYTER_PATH"].split(os.pathsep)[0] == str(tmp_path / "jupyter")
    lab.write_kernel(tmp_path / "none", tmp_path / "bin" / "python")
    assert not (tmp_path / "none").exists()


def test_settings_lie_beside_the_copy_not_in_the_course(mine):
    command = lab.command("ko/00_start.ipynb", 8888, mine, mine / ".lab" / "ko")

    assert f"--ServerApp.root_dir={mine}" in command
    assert [part for part in command[1:] if str(ROOT) in part] == []
    assert (mine / ".lab/ko/overrides.json").exists()
    assert Path(command[0]) == environment.PYTHON


@pytest.mark.parametrize("tool", ["lab.py", "course.py"])
def test_an_old_python_is_told_so_before_anything_it_cannot_read_is_imported(tool):
    code = f"""
import runpy, sys
sys.version_info = (3, 9, 2)
sys.modules["tomllib"] = None
sys.argv = [{tool!r}, "en/00"]
sys.path[:0] = ["tools"]
runpy.run_path("tools/{tool}", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert done.stderr.startswith("The course needs Python 3.11 or later, and this is 3.9.")
    assert done.stderr.count("\n") == 1


def test_a_copy_that_cannot_be_written_is_told_in_one_line(tmp_path):
    """A file where the folder should be refuses everyone, an administrator too."""
    (tmp_path / "file").write_bytes(b"")
    own = {**os.environ, "LESSONLIB_COURSE": str(tmp_path / "file" / "lessons")}
    command = [sys.executable, ROOT / "tools" / "lab.py", "en/00", "--here", "--no-browser"]
    done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "LESSONLIB_COURSE" in done.stderr
