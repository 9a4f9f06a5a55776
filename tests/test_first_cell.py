"""A cell run before the lesson's first one says which cell to run; any other error stays Python's own."""

import json
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from lessonlib.learner.first_cell import which_cell

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))


def cells(*sources):
    """Return a notebook of code cells with the ids 0, 1, 2 …, as its file holds it."""
    made = [{"id": str(i), "cell_type": "code", "source": source.splitlines(True)} for i, source in enumerate(sources)]
    return {"cells": [{"id": "title", "cell_type": "markdown", "source": ["# Padding"]}, *made]}


SETUP = 'import numpy as np\nfrom lessonlib import pad\n\nlanguage("{}")'


@pytest.mark.parametrize("name", ["np", "pad"])
@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ko", "첫 번째 코드 셀에서 준비합니다. 맨 위로 올라가 `import numpy as np`로 시작하는 셀을 먼저 실행하고"),
        ("en", "comes from the lesson's first code cell. Go up to the one that begins with `import numpy as np`"),
    ],
)
def test_a_name_of_the_first_cell_is_told_in_the_language_of_the_lesson(name, lang, words):
    told = which_cell(cells(SETUP.format(lang), "x = 1", f"{name}(x)"), name, "2")

    assert told.startswith(f"`{name}`")
    assert words in told


def test_a_name_of_another_cell_above_is_told_too():
    lesson = cells(SETUP.format("en"), "# the rows\nrows, (a, *b) = 1, (2, 3)\ndef f(): pass", "rows + a")

    for name in ("rows", "a", "b", "f"):
        assert which_cell(lesson, name, "2") == (
            f"`{name}` is made in a cell further up. Run the one that begins with `# the rows` first, then this cell again."
        )


@pytest.mark.parametrize("name", ["typo", "later", "inside", "i", "x", "own"])
def test_what_no_cell_above_makes_is_left_to_python(name):
    made = "def f(x):\n    inside = x\n[i for i in range(3)]\nlambda x: x"
    lesson = cells(SETUP.format("en"), made, "own = own + 1", "later = 1")

    assert which_cell(lesson, name, "2") is None


def test_a_cell_that_is_no_python_is_passed_over():
    assert which_cell(cells("%matplotlib inline\nx = (", "np = 1"), "np").startswith(
        "`np` is made in a cell further up"
    )


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_lesson_names_its_first_cell_for_all_that_it_brings(path):
    lesson = json.loads(path.read_text(encoding="utf-8"))
    first, second = [cell for cell in lesson["cells"] if cell["cell_type"] == "code"][:2]
    told = which_cell(lesson, "language", second["id"])

    assert first["id"] == "setup"
    assert f"`{first['source'][0].strip()}`" in told
    assert ("첫 번째" in told) == (path.parent.name == "ko")


@pytest.mark.parametrize("extension", [True, False])
def test_a_kernel_says_it_only_if_it_was_started_so(tmp_path, monkeypatch, extension):
    """In a kernel as ``make lab`` starts it, and in one as nbval does."""
    lesson = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in (SETUP.format("ko"), "pad(1)")]
    )
    path = tmp_path / "lesson.ipynb"
    nbformat.write(lesson, path)
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    del lesson.cells[0]
    client = NotebookClient(
        lesson, allow_errors=True, extra_arguments=["--ext=lessonlib.learner.first_cell"] * extension
    )
    client.execute()

    outputs = lesson.cells[0].outputs
    assert outputs[0].ename == "NameError"
    assert [output.output_type for output in outputs] == ["error", "stream"][: 1 + extension]
    if extension:
        assert "`pad`는 이 노트북의 첫 번째 코드 셀에서 준비합니다" in outputs[1].text


def test_without_a_notebook_nothing_is_added(monkeypatch, capsys):
    from lessonlib.learner import first_cell

    class Shell:
        shown = 0

        def showtraceback(self, *arguments, **options):
            self.shown += 1

    for path in (None, os.devnull, str(ROOT / "nowhere.ipynb")):
        monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
        if path:
            monkeypatch.setenv("JPY_SESSION_NAME", path)
        shell = Shell()
        first_cell._explain(shell, NameError, NameError("x", name="x"), None)
        assert shell.shown == 1
    assert capsys.readouterr().out == ""
