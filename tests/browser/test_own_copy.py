"""The learner's own copy in a real JupyterLab: no tracked file changes, explorers come back, a cell run too early is told.

A long run takes every lesson of both languages through it, not just two.
"""

import subprocess

import nbformat
import pytest

from support.driver import ROOT

FEW = ["en/00_start", "ko/03_padding"]
ALL = sorted(f"{path.parent.name}/{path.stem}" for path in (ROOT / "notebooks").glob("*/*.ipynb"))


def tracked_state():
    """Return what git says of the project's files, and a hash of each notebook."""
    names = sorted(str(path) for path in (ROOT / "notebooks").rglob("*.ipynb"))
    commands = (["git", "status", "--porcelain", "--", "notebooks"], ["git", "hash-object", *names])
    return [subprocess.run(one, cwd=ROOT, capture_output=True, text=True, check=True).stdout for one in commands]


def save(lab):
    """Save the notebook in front; return when the file is written."""
    lab.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")


def run_first_explorer(lab):
    """Run a lesson as far as its first explorer and save it; the cells further down are not run."""
    for cell_id in ("setup", "explorer"):
        lab.cell(cell_id)
        lab.command("notebook:run-cell")
        lab.wait(lambda cell_id=cell_id: _count(lab, cell_id), f"{cell_id} has run")
    lab.wait_idle()
    save(lab)


def open_mine(lab, lesson):
    """Open a lesson of the learner's copy; return the path of its file."""
    path = f"{lab.server.learners_copy()}/{lesson}.ipynb"
    lab.open(lesson, path=path)
    return lab.server.notebooks / path


@pytest.mark.parametrize("lesson", [pytest.param(one, marks=[] if one in FEW else pytest.mark.long) for one in ALL])
def test_opening_running_answering_and_saving_touch_no_tracked_file(lab, lesson):
    before = tracked_state()
    file = open_mine(lab, lesson)
    lab.run_all()
    answered = lab.page.evaluate("""() => {
      const cells = [...window.jupyterapp.shell.currentWidget.content.model.cells];
      const open = cells.find(cell => cell.type === 'code' && cell.sharedModel.source.includes('.check(...)'));
      open.sharedModel.setSource(open.sharedModel.source.replace('.check(...)', '.check(12345)'));
      return open.id;
    }""")
    lab.cell(answered)
    before_answer = _count(lab, answered)
    lab.command("notebook:run-cell")
    # The kernel is idle until the cell reaches it: only a new number says that it has run.
    lab.wait(lambda: (_count(lab, answered) or before_answer) != before_answer, "the answer has run")
    lab.wait_idle()
    save(lab)

    assert tracked_state() == before
    saved = {cell.id: cell for cell in nbformat.read(file, as_version=4).cells}
    assert ".check(12345)" in saved[answered].source
    assert saved[answered].outputs


def test_a_reload_brings_the_explorer_back(lab):
    file = open_mine(lab, "en/01_one_channel")
    # Run in part, as a lesson is that is under way: what is not trusted from the start is not trusted now.
    run_first_explorer(lab)
    assert "widget-view+json" in file.read_text(encoding="utf-8")
    lab.page.reload()
    lab.wait_idle()

    cell = lab.cell("explorer")
    lab.wait(lambda: cell.locator(".cl-view > *").count() > 0, "the explorer is drawn again")
    handle = cell.locator(".cl-slider-padding_h .noUi-handle")
    lab.wait(lambda: handle.get_attribute("aria-label"), "its sliders are named")
    handle.focus()
    handle.press("ArrowRight")
    lab.wait(lambda: lab.ask("print(explorer.view.padding_h)") == "1", "Python follows the slider")


def _count(lab, cell_id):
    return lab.page.evaluate(
        """id => {
      const cells = [...window.jupyterapp.shell.currentWidget.content.model.cells];
      const cell = cells.find(cell => cell.id === id);
      return cell.executionState !== 'running' && cell.executionCount;
    }""",
        cell_id,
    )


@pytest.mark.parametrize(("lang", "words"), [("ko", "첫 번째 코드 셀"), ("en", "first code cell")])
def test_a_cell_run_before_the_first_says_which_comes_first(lab, lang, words):
    open_mine(lab, f"{lang}/03_padding")
    cell = lab.cell("predict-1")
    lab.command("notebook:run-cell")
    output = cell.locator(".jp-OutputArea")
    lab.wait(lambda: words in output.inner_text(), "the first cell is named")

    text = output.inner_text()
    assert "NameError" in text
    assert "import numpy as np" in text
    assert "Predict" in text


def test_where_the_kernel_has_ended_the_picture_stands_again(lab):
    open_mine(lab, "ko/01_one_channel")
    run_first_explorer(lab)
    lab.server.end_kernels()
    lab.page.reload()
    lab.wait_idle()

    output = lab.cell("explorer").locator(".jp-OutputArea-output")
    lab.wait(lambda: output.locator("img").count() == 1, "the picture is shown")
    assert "Error" not in output.inner_text()
