"""A third language without touching Python: a folder of sentences is one, and everything speaks it."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import sidebyside
import translate
from lessonlib import sentences

ROOT = Path(__file__).parent.parent
# Every sentence of the pseudo-language ends on its sign.
SIGN = "⌁"
WALK = """
import sys
import lessonlib, numpy as np
from lessonlib import learner, questions
from lessonlib.explorers import {explorers}
from lessonlib.sentences import FALLBACK, LANGUAGES, MARK

lessonlib.language("xx")
said = []
for make in ({made}):
    explorer = make()
    said += explorer.view.words.values()
    assert explorer.view.lang == "xx"
    for slider in explorer.sliders.values():
        said.append(slider.description)
for name in questions.names():
    one = lessonlib.question(name)
    said += [one.statement(), one.worked(), *one.hints()]
    for mistake in one.mistakes if one.kind != "choice" else one._mistakes:
        said += [one.mistake_name(mistake), one.explain(mistake, None if one.kind == "choice" else "?")]
    said += [one.reply(...), one.reply(object())]
said += lessonlib.ShapeQuiz().view.words.values()
said += lessonlib.Predict("padding.predict_2").view.words.values()
try:
    lessonlib.output_size(3, 5)
except ValueError as error:
    said.append(str(error))
said = [text for text in said if text.strip()]
print(LANGUAGES, len(said), sum("{sign}" in text for text in said), sum(MARK in text for text in said))
print(*(text for text in said if "{sign}" not in text and MARK not in text), sep="\\n", file=sys.stderr)
"""


@pytest.fixture
def folder(tmp_path):
    """The pseudo-language xx, all but one sentence."""
    home = tmp_path / "languages"
    (home / "xx").mkdir(parents=True)
    for area, found in translate.english().items():
        lines = [
            f"{name} = {translate._quoted(text + SIGN)}\n"
            for name, text in found.items()
            if (area, name) != ("errors", "kernel_too_large")
        ]
        (home / "xx" / f"{area}.toml").write_text("".join(lines), encoding="utf-8")
    return home


def run(code, folder):
    environment = {**os.environ, "LESSONLIB_LANGUAGES": str(folder), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        check=False,
    )


def test_everything_speaks_a_language_that_is_only_files(folder):
    rooms = sorted(path.parent.name for path in (sentences.PACKAGE / "explorers").glob("*/__init__.py"))
    without_net = [name for name in rooms if name != "feature_maps"]
    made = ", ".join(f"lessonlib.{name.title().replace('_', '')}" for name in without_net)
    done = run(WALK.format(explorers=", ".join(rooms), made=made, sign=SIGN), folder)

    assert done.returncode == 0, done.stderr[-2000:]
    languages, counts = done.stdout.strip().rsplit(") ", 1)
    count, signed, marked = map(int, counts.split())
    assert "xx" in languages
    assert len(without_net) >= 9
    assert count > 1000
    assert marked == 1  # the one sentence that is missing, said in English with a mark
    assert signed + marked == count, done.stderr[-2000:]


def test_a_language_is_checked_by_its_tool(folder, tmp_path):
    whole = sum(map(len, translate.english().values()))
    assert translate.check(folder / "xx") == (whole - 1, whole, [])

    with (folder / "xx" / "errors.toml").open("a", encoding="utf-8") as file:
        file.write('kernle = "x"\ntoo_low_ = "{lowest}"\n')
    (folder / "xx" / "nowhere.toml").write_text('a = "b"', encoding="utf-8")
    translated, _, wrong = translate.check(folder / "xx")
    assert translated == whole - 1
    assert [said.split(":")[0] for said in wrong] == ["errors.toml", "errors.toml", "nowhere.toml"]


def test_a_language_begins_as_comments_and_is_complete_when_they_are_taken_away(tmp_path):
    begun = translate.begin("xx", tmp_path)
    assert translate.check(begun)[0] == 0

    for path in begun.glob("*.toml"):
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join(line.removeprefix("# ") for line in lines[2:]), encoding="utf-8")
    translated, count, wrong = translate.check(begun)
    assert translated == count
    assert wrong == []


def test_a_lesson_has_a_third_language_where_its_text_says_so():
    text = "=== title | markdown | slide\n--- ko\n하나\n--- en\nOne\n--- xx\nUno\n"
    text += "=== more | markdown | slide\n--- ko\n둘\n--- en\nTwo\n"
    text += '=== setup | code | skip | lang\n--- ko\nlanguage("ko")\n--- en\nlanguage("en")\n'
    cells = sidebyside.parse(text)

    assert sidebyside.written_in(cells) == ("ko", "en", "xx")
    made = sidebyside.build(cells, "xx")
    nbformat.validate(made)
    assert [cell.source for cell in made.cells] == ["Uno", "Two", 'language("xx")']
    with pytest.raises(SystemExit, match="stands twice"):
        sidebyside.parse(text.replace("--- xx", "--- en"))
