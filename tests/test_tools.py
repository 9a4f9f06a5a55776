"""The commands behind make: texts with both languages, the writing of outputs, the lines for what is missing."""

import subprocess
import sys

import nbformat
import pytest
import yaml

import environment
import lab
import notebooks
import sidebyside
import versions
from support import amount

TEXT = """\
=== title | markdown | slide
--- ko
# 채널 하나
--- en
# One channel
=== setup | code | skip | lang
--- ko
language("ko")
--- en
language("en")
=== first-sum | code | fragment | exercise long
print(1 + 1)

print(3)
"""


def test_side_by_side_text_makes_a_pair_and_comes_back():
    cells = sidebyside.parse(TEXT)
    ko, en = (sidebyside.build(cells, lang) for lang in ("ko", "en"))

    assert [cell.id for cell in ko.cells] == ["title", "setup", "first-sum"]
    assert ko.cells[0].source == "# 채널 하나"
    assert en.cells[1].source == 'language("en")'
    assert en.cells[2].source == "print(1 + 1)\n\nprint(3)"
    assert en.cells[2].metadata == {"slideshow": {"slide_type": "fragment"}, "tags": ["exercise", "long"]}
    assert not notebooks.differences(ko, en)
    assert sidebyside.show({"ko": ko, "en": en}) == TEXT


@pytest.mark.parametrize("name", notebooks.lessons())
def test_every_lesson_survives_the_way_to_text_and_back(name):
    books = {lang: nbformat.read(path, as_version=4) for lang, path in sidebyside.paths(name).items()}

    cells = sidebyside.parse(sidebyside.show(books))

    assert {lang: sidebyside.build(cells, lang, before) for lang, before in books.items()} == books


def test_unchanged_cells_keep_their_outputs_and_changed_ones_lose_them():
    before = sidebyside.build(sidebyside.parse(TEXT), "en")
    for cell in before.cells[1:]:
        cell.outputs, cell.execution_count = [nbformat.v4.new_output("stream", text="2\n")], 1

    after = sidebyside.build(sidebyside.parse(TEXT.replace("print(3)", "print(4)")), "en", before)

    assert [len(cell.outputs) for cell in after.cells[1:]] == [1, 0]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("# no cell\n", "must begin with"),
        ("=== A b | code | slide\n", "lower case"),
        ("=== a | raw | slide\n", "'markdown' or 'code'"),
        ("=== a | code | page\n", "slide type 'page'"),
        ("=== a | code\n", "slide type ''"),
        ("=== a | code | slide\n=== a | code | slide\n", "stands twice"),
        ("=== a | markdown | slide\n--- ko\n가\n", "both '--- ko' and '--- en'"),
        ("=== a | code | slide\n--- ko\n1\n--- en\n2\n", "same in all languages"),
    ],
)
def test_a_bad_text_is_refused_with_its_reason(text, complaint):
    with pytest.raises(SystemExit, match=complaint):
        sidebyside.parse(text)


def test_differences_between_the_languages_are_named():
    def pair():
        return [sidebyside.build(sidebyside.parse(TEXT), lang) for lang in ("ko", "en")]

    ko, en = pair()
    en.cells[2].source = "print(2)"
    assert notebooks.differences(ko, en) == ["cell first-sum: the code differs, and the cell is not tagged 'lang'"]
    ko, en = pair()
    del en.cells[0]
    assert notebooks.differences(ko, en) == ["cells only in ko: ['title']; only in en: []"]
    ko, en = pair()
    en.cells.reverse()
    assert notebooks.differences(ko, en) == ["the cells stand in another order"]
    ko, en = pair()
    en.cells[2].metadata.tags.pop()
    assert "first-sum: metadata" in notebooks.differences(ko, en)[0]


def run_code(*sources):
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources)]
    return nbformat.v4.new_notebook(cells=cells)


def test_cleaning_keeps_only_what_every_run_shares():
    notebook = run_code("a", "", "b")
    notebook.metadata["widgets"] = {"state": 1}
    first, _, last = notebook.cells
    first.metadata = nbformat.from_dict({"execution": {"iopub.execute_input": "10:00"}, "collapsed": True})
    first.outputs = [nbformat.v4.new_output("stream", text="one\n"), nbformat.v4.new_output("stream", text="two\n")]
    data = {notebooks.WIDGET_VIEW: {"model_id": "f00"}, "image/png": "iVBORw0=", "text/plain": "View()"}
    last.outputs = [
        nbformat.v4.new_output("display_data", data=data, metadata={"isolated": True}),
        nbformat.v4.new_output("display_data", data={notebooks.WIDGET_VIEW: {"model_id": "f01"}}),
        nbformat.v4.new_output("execute_result", data={"text/plain": "3"}, execution_count=41),
    ]

    notebooks.clean(notebook)

    assert notebook.metadata == sidebyside.METADATA
    assert first.metadata == {}
    assert [output.text for output in first.outputs] == ["one\ntwo\n"]
    assert [cell.execution_count for cell in notebook.cells] == [1, None, 2]
    assert [output.data for output in last.outputs] == [
        {"image/png": "iVBORw0=", "text/plain": "View()"},
        {"text/plain": "3"},
    ]
    assert last.outputs[0].metadata == {}
    assert last.outputs[1].execution_count == 2


def spoil_metadata(notebook):
    notebook.metadata["widgets"] = {"state": 1}


def spoil_cell(notebook):
    notebook.cells[0].metadata["collapsed"] = True


def spoil_number(notebook):
    notebook.cells[1].execution_count = 7


def spoil_output(notebook):
    notebook.cells[1].outputs[0].data[notebooks.WIDGET_VIEW] = {"model_id": "f00"}


def spoil_by_an_error(notebook):
    notebook.cells[0].outputs = [nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])]


def spoil_by_a_warning(notebook):
    notebook.cells[0].outputs[0].name = "stderr"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_metadata, "the notebook's metadata"),
        (spoil_cell, "cell cell-0: metadata"),
        (spoil_number, "cell cell-1: its number is 7 where one run gives 2"),
        (spoil_output, "cell cell-1: its outputs"),
        (spoil_by_an_error, "cell cell-0: it ends with an error"),
        (spoil_by_a_warning, "cell cell-0 writes to the standard error"),
    ],
)
def test_a_notebook_that_is_not_clean_is_told_without_running_it(tmp_path, spoil, said):
    notebook = run_code("print(1)", "2")
    notebook.metadata = nbformat.from_dict(sidebyside.METADATA)
    for number, cell in enumerate(notebook.cells, 1):
        cell.metadata, cell.execution_count = nbformat.from_dict({"slideshow": {"slide_type": "slide"}}), number
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="1\n")]
    notebook.cells[1].outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "2"}, execution_count=2)]
    path = tmp_path / "one.ipynb"

    nbformat.write(notebook, path)
    assert notebooks.unclean(path) == []
    spoil(notebook)
    nbformat.write(notebook, path)
    (found,) = notebooks.unclean(path)
    assert said in found


def test_what_is_checked_before_a_commit_is_there():
    """Every hook is a program of the project: a tool, a make target, or a module that pyproject.toml asks for."""
    config = yaml.safe_load((notebooks.ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entries = [hook["entry"].split() for repo in config["repos"] for hook in repo["hooks"]]

    assert {repo["repo"] for repo in config["repos"]} == {"local"}
    assert len(entries) >= 4
    makefile = (notebooks.ROOT / "Makefile").read_text(encoding="utf-8")
    for program, *rest in entries:
        if program == "make":
            assert f"\n{rest[0]}:" in makefile
        elif rest[0] == "-m":
            assert rest[1] in versions.direct()
        else:
            assert (program, (notebooks.ROOT / rest[0]).is_file()) == ("python", True)


def test_a_long_run_does_more_than_a_short_one(monkeypatch):
    for long, expected in ((False, 3), (True, 50)):
        monkeypatch.setattr(amount, "LONG", long)
        assert amount.times(3, 50) == expected
    with pytest.raises(AssertionError, match="at least"):
        amount.times(50, 3)


def test_a_notebook_that_fails_is_not_written(tmp_path):
    for source, complaint in (
        ("1 / 0", "ZeroDivisionError"),
        ("import warnings; warnings.warn('old')", "standard error"),
    ):
        path = tmp_path / "bad.ipynb"
        nbformat.write(run_code("print(1)", source), path)

        with pytest.raises(RuntimeError, match=complaint):
            notebooks.execute(path)


def test_nbval_sees_an_output_that_is_not_the_committed_one(tmp_path):
    notebook = run_code("print(1)", "2")
    notebook.metadata = sidebyside.METADATA
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="1\n")]
    notebook.cells[1].outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "3"}, execution_count=2)]
    notebook.cells[0].execution_count, notebook.cells[1].execution_count = 1, 2
    nbformat.write(notebook, tmp_path / "wrong.ipynb")

    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--nbval",
        "--nbval-current-env",
        "-p",
        "no:cacheprovider",
        tmp_path,
    ]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert "1 failed, 1 passed" in result.stdout


@pytest.mark.parametrize("name", ["en/00_start", "en/00", "notebooks/en/00_start.ipynb", "en\\00_start.ipynb"])
def test_a_lesson_is_found_by_any_of_its_names(name):
    assert lab.find_lesson(name) == "en/00_start.ipynb"


def test_a_bare_number_is_the_korean_lesson():
    assert lab.find_lesson("00") == "ko/00_start.ipynb"


@pytest.mark.parametrize("name", ["en/99_nothing", "fr/00_start", "en/", ""])
def test_a_lesson_that_is_not_there_is_answered_with_those_that_are(name):
    with pytest.raises(SystemExit, match="00_start"):
        lab.find_lesson(name)


def test_an_old_python_gets_one_line(monkeypatch):
    monkeypatch.setattr(environment.sys, "version_info", (3, 9, 2))

    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or later, and this is 3\.9") as stopped:
        environment.check_machine()
    assert "\n" not in str(stopped.value)


def test_a_python_without_venv_gets_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)

    with pytest.raises(SystemExit, match=r"apt install python3\.\d+-venv"):
        environment.check_machine()


def test_a_full_disk_gets_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "PYTHON", tmp_path / "none")
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda path: environment.shutil._ntuple_diskusage(9, 8, 1))

    with pytest.raises(SystemExit, match=r"has 0\.0 GB left"):
        environment.check_machine()


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", "online"),
        ("ERROR: No matching distribution found for anywidget>=0.11", "online"),
        ("[Errno 13] Permission denied: '.venv/lib'", "may not write"),
        ("something else", None),
    ],
)
def test_what_pip_says_becomes_one_line(said, line):
    found = environment._explain(said)

    assert found is None if line is None else line in found


def test_downloads_worth_waiting_for_are_told(capsys):
    environment._tell("  Downloading torch-2.13.0-cp311-none-any.whl (200.5 MB)\n")
    environment._tell("  Downloading six-1.17.0-py2.py3-none-any.whl (11 kB)\n")
    environment._tell("Installing collected packages: six, torch, numpy\n")

    assert capsys.readouterr().out == "  downloading torch 2.13.0, 200.5 MB …\n  installing 3 packages …\n"
