"""Every lesson is one lesson in two languages, as ``make notebooks`` wrote it, and the same on every machine."""

import ast
import re

import nbformat
import numpy as np
import pytest

import notebooks
from lessonlib import questions
from lessonlib.sentences import words
from support.terms import HANGUL, ONE_TERM

LESSONS = notebooks.lessons()
FILES = {f"{lang}/{name}": path for name, pair in LESSONS.items() for lang, path in pair.items()}
# Lessons 00 to 05 teach the concept; PyTorch comes in only to verify.
CONCEPT = [name for name in FILES if re.match(r"../0[0-5]", name)]
VOLATILE = {
    "an address": r"\b0x[0-9a-f]{6,}\b",
    "a path": r"(?<![\w.~)}\]*])[/](?:root|home|tmp|usr|opt|work|Users|var)/|site-packages|[A-Z]:\\\\",
    "a process's temporary name": r"ipykernel_\d+|<ipython-input",
    "a time": r"\b\d+(?:\.\d+)? ?(?:ms|µs|it/s|s/it)\b|\b\d\d:\d\d<",
}


def read(name):
    return nbformat.read(FILES[name], as_version=4)


def code_cells(name):
    return [cell for cell in read(name).cells if cell.cell_type == "code"]


def texts(output):
    """Return what an output shows as text."""
    if output.output_type == "stream":
        return [output.text]
    return [str(data) for kind, data in output.get("data", {}).items() if not kind.startswith("image/")]


def test_there_are_lessons():
    assert "00_start" in LESSONS
    assert [int(name[:2]) for name in LESSONS] == list(range(len(LESSONS)))


@pytest.mark.parametrize("name", LESSONS)
def test_both_languages_are_one_lesson(name):
    pair = LESSONS[name]

    assert pair["ko"].exists()
    assert pair["en"].exists()
    assert notebooks.differences(*(nbformat.read(pair[lang], as_version=4) for lang in ("ko", "en"))) == []


@pytest.mark.parametrize("name", FILES)
def test_file_is_what_make_notebooks_writes(name):
    """Execution counts 1 to n, no stderr, no errors, no widget state, no volatile metadata, always the same bytes."""
    notebook = read(name)
    nbformat.validate(notebook)
    errors = [cell.id for cell in code_cells(name) for output in cell.outputs if output.output_type == "error"]

    assert errors == []
    assert [cell.execution_count for cell in code_cells(name)] == list(range(1, len(code_cells(name)) + 1))
    written = nbformat.writes(notebooks.clean(notebook), version=4) + "\n"
    assert written == FILES[name].read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_outputs_hold_nothing_that_another_machine_would_change(name):
    for cell in code_cells(name):
        for output in cell.outputs:
            for text in texts(output):
                for what, pattern in VOLATILE.items():
                    found = re.search(pattern, text)
                    assert not found, f"cell {cell.id} shows {what}: {found[0]!r}"


@pytest.mark.parametrize("name", FILES)
def test_cells_have_names_and_slides(name):
    cells = read(name).cells

    assert len({cell.id for cell in cells}) == len(cells)
    for cell in cells:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cell.id)
        slide = cell.metadata.slideshow.slide_type
        assert slide in ("slide", "subslide", "fragment", "skip", "notes")
        assert slide != "notes" or cell.cell_type == "markdown"
        assert cell.source.strip(), f"cell {cell.id} is empty"
        assert cell.source == cell.source.rstrip()


@pytest.mark.parametrize("name", FILES)
def test_one_setup_cell_sets_the_language_and_prints_nothing(name):
    first, *others = code_cells(name)

    assert first.id == "setup"
    assert first.metadata.tags == ["lang"]
    assert first.source.endswith(f'language("{name[:2]}")')
    assert first.outputs == []
    assert [cell.id for cell in others if "lang" in cell.metadata.get("tags", [])] == []


@pytest.mark.parametrize("name", CONCEPT)
def test_concept_lessons_import_torch_only_to_verify(name):
    for cell in code_cells(name):
        names = {
            module.partition(".")[0]
            for node in ast.walk(ast.parse(cell.source))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for module in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
        }
        assert "torch" not in names or "verify" in cell.id, f"cell {cell.id} imports torch"


@pytest.mark.parametrize("name", FILES)
def test_cells_keep_clear_of_what_strict_comparison_cannot_see(name):
    for cell in code_cells(name):
        assert not re.search(r"\binteract(ive)?\(|\bOutput\(|^%%?\w", cell.source, flags=re.MULTILINE), cell.id
        tags = set(cell.metadata.get("tags", []))
        assert not tags & {"nbval-skip", "nbval-raises-exception"}, cell.id
        # What may differ between machines is checked by the cell itself.
        assert "nbval-ignore-output" not in tags or "assert " in cell.source, cell.id


@pytest.mark.parametrize("name", FILES)
def test_links_lead_to_lessons_that_exist(name):
    folder = FILES[name].parent
    for cell in read(name).cells:
        for target in re.findall(r"\]\(([^)#]+\.ipynb)[^)]*\)", cell.source) if cell.cell_type == "markdown" else []:
            assert (folder / target).resolve().exists(), f"cell {cell.id}: {target}"


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("ko")])
def test_korean_keeps_to_one_term_for_one_thing(name):
    for cell in read(name).cells:
        # A glossary says how else a thing is called.
        if cell.cell_type == "markdown" and "glossary" not in cell.id:
            for term, others in ONE_TERM.items():
                found = re.search(others, cell.source)
                assert not found, f"cell {cell.id}: the course says {term}, not {found[0]}"


@pytest.mark.parametrize("name", FILES)
def test_every_markdown_cell_is_in_the_language_of_its_notebook(name):
    for cell in read(name).cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"`[^`]*`|\$[^$]*\$|\]\([^)]*\)|<[^>]*>|```.*?```", "", cell.source, flags=re.DOTALL)
            if name.startswith("ko"):
                assert HANGUL.search(prose) or len(re.findall("[A-Za-z]{3,}", prose)) < 3, cell.id
            else:
                assert not HANGUL.search(re.sub("한국어|[(（][^)）]*[)）]|\\[[^\\]]*\\]", "", prose)), cell.id


@pytest.mark.parametrize("name", FILES)
def test_links_call_lessons_by_their_titles(name):
    def title(path):
        return nbformat.read(path, as_version=4).cells[0].source.partition("\n")[0].removeprefix("# ")

    numbered = [
        (text.strip("←→ "), target)
        for cell in read(name).cells
        if cell.cell_type == "markdown"
        for text, target in re.findall(r"\[([← ]*\d\d\. [^\]]*)\]\((\d\d_\w+\.ipynb)\)", cell.source)
    ]
    assert numbered
    assert [text for text, target in numbered if text != title(FILES[name].parent / target)] == []


@pytest.mark.parametrize("name", FILES)
def test_map_of_progress_calls_lessons_by_their_titles(name):
    number, lang = int(name[3:5]), name[:2]
    title = read(name).cells[0].source.partition("\n")[0].removeprefix("# ")

    assert title == f"{number:02}. {words('progress', lang)[questions.LESSONS[number]]}"


# Cells where the numbers of an exercise and its answer meet by chance, in arrays.
BY_CHANCE = {
    "padding.keep_size": {"predict-1"},
    "padding.pixel_reads": {"predict-1", "build-pad", "explorer"},
    "padding.even_kernel": {"predict-1", "build-pad"},
    "properties.shift": {"explore-tasks", "build-row", "build-product", "build-im2col", "build-filters"},
    "shape.side": {"verify-table"},
    "activation.merged_size": {"mistaken-fails", "final-1", "final-7"},
}


def numbers_in(text):
    """Return the numbers of a text, as they are written."""
    return set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?!\w|\.\d)", text))


def written_numbers(value):
    """Return the numbers in nested lists, as they are written."""
    return set().union(*map(written_numbers, value)) if isinstance(value, list | tuple) else {f"{value:g}"}


@pytest.mark.parametrize("name", FILES)
def test_no_cell_works_out_what_an_exercise_asks(name):
    """No other cell holds all numbers of an exercise together with its answer; predictions are checked in their lesson."""
    cells = [cell for cell in read(name).cells if cell.metadata.slideshow.slide_type != "notes"]
    held = {
        cell.id: numbers_in("\n".join([cell.source, *(text for out in cell.get("outputs", []) for text in texts(out))]))
        for cell in cells
    }
    for cell in cells:
        for asked, seed in re.findall(r'question\("([\w.]+)"\)(?:\.variant\((\d+)\))?', cell.source):
            one = questions.question(asked)
            one = one.variant(int(seed)) if seed else one
            if one.kind == "number":
                wanted = written_numbers([*one.numbers.values(), one.right])
                others = {other for other in held if other != cell.id and wanted <= held[other]}
                assert others - BY_CHANCE.get(asked, set()) == set(), asked


def question_of(name):
    """Return the question that a lesson opens with."""
    return re.search(r"^> \*\*(.*)\*\*$", read(name).cells[0].source, flags=re.MULTILINE)[1]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_maps_ask_what_the_lessons_ask(lang):
    (map_of_lessons,) = [cell.source for cell in read(f"{lang}/00_start").cells if cell.id == "map"]
    readme = (notebooks.ROOT / "README.md").read_text(encoding="utf-8")
    row = re.compile(
        r"^\| \d\d \| \[[^\]]*\]\((?:notebooks/(?:ko|en)/)?(\d\d_\w+)\.ipynb\) \| (.*) \|$", flags=re.MULTILINE
    )
    rows = row.findall(map_of_lessons) + row.findall("\n".join(re.findall(rf".*notebooks/{lang}/.*", readme)))

    assert len(rows) == 2 * len(LESSONS) - 1
    assert [(name, asked) for name, asked in rows if asked != question_of(f"{lang}/{name}")] == []


@pytest.mark.parametrize("name", FILES)
def test_teachers_cells_are_folded(name):
    for cell in read(name).cells:
        if cell.metadata.slideshow.slide_type == "notes":
            assert cell.source.startswith("<details><summary>"), cell.id
            assert cell.source.endswith("</details>"), cell.id


ASKED = re.compile(r'(question|Predict)\("([\w.]+)"\)(?:\.variant\((\d+)\))?')


@pytest.mark.parametrize("number", range(len(questions.LESSONS)))
def test_every_question_is_asked_in_its_own_lesson(number):
    """A goal on the map of progress that no notebook asks for would never be reached."""
    (name,) = [name for name in LESSONS if int(name[:2]) == number]
    own = [question for question in questions.names() if question.partition(".")[0] == questions.LESSONS[number]]
    asked = {found[1] for cell in code_cells(f"en/{name}") for found in ASKED.findall(cell.source)}

    assert own
    assert [question for question in own if question not in asked] == []


def gives_away(one, lang):
    """Return the texts that say a question's answer: a shape, a row of numbers, the code in the right choice."""
    if one.kind == "choice":
        (right,) = [choice["text"] for choice in one.choices(lang) if choice["right"]]
        return re.findall(r"`([^`]+)`", right)
    if one.kind in ("shape", "array") and np.ndim(one.right) == 1 and len(one.right) > 2:
        numbers = ", ".join(f"{number:g}" for number in one.right)
        return [f"({numbers})", f"[{numbers}]"]
    return []  # a single number stands in many places, and a lesson leads up to a program


@pytest.mark.parametrize("name", FILES)
def test_no_exercise_is_answered_elsewhere_in_its_lesson(name):
    """Teacher's cells, folded, hold answers; a prediction is checked in its lesson."""
    shown = {
        cell.id: "\n".join([cell.source, *(text for output in cell.get("outputs", []) for text in texts(output))])
        for cell in read(name).cells
        if cell.metadata.slideshow.slide_type != "notes"
    }
    for cell in code_cells(name):
        for kind, asked, seed in ASKED.findall(cell.source):
            one = questions.question(asked)
            for answer in gives_away(one.variant(int(seed)) if seed else one, name[:2]) if kind == "question" else []:
                assert [other for other in shown if other != cell.id and answer in shown[other]] == [], (asked, answer)


def printed_words(source):
    """Return the texts written out in a cell's calls of print."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    prints = [call for call in calls if getattr(call.func, "id", None) == "print"]
    parts = [node for call in prints for node in ast.walk(call) if isinstance(node, ast.Constant)]
    return [part.value for part in parts if isinstance(part.value, str)]


def test_words_of_a_print_are_found():
    assert printed_words('print(f"{x}: the same in {y}", len("a"))') == [": the same in ", "a"]


@pytest.mark.parametrize("name", LESSONS)
def test_what_cells_print_is_notation_and_not_english(name):
    """A Korean learner reads the same outputs: names of the code, formulas and numbers, but no English phrase."""
    for cell in code_cells(f"en/{name}"):
        for text in printed_words(cell.source):
            phrase = re.search(r"\b[a-z]{2,} [a-z]{2,}\b", text.replace(" is ", " == "))
            assert not phrase, f"cell {cell.id} prints {text!r}"
