"""The doors of CONTRIBUTING.md, each run as it stands there, in a folder outside the course."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lessonlib import sentences

ROOT = Path(__file__).resolve().parent.parent
DOORS = {"question": "**A question of", "language": "**A language**", "explorer": "**An explorer of"}
# What holds the name of its file in the first line: "# folder/name", "// folder/name", "/* folder/name */".
NAMED = re.compile(r"(?:#|//|/\*) (\S+/\S+|\S+\.py)(?: \*/)?\n")
DOCTEST = """
import doctest, sys
flags = doctest.ELLIPSIS
test = doctest.DocTestParser().get_doctest(sys.stdin.read(), {}, "CONTRIBUTING.md", None, 0)
ran = doctest.DocTestRunner(optionflags=flags).run(test)
sys.exit(0 if ran.attempted and not ran.failed else 1)
"""


def blocks(door):
    """Return (language, code) of every block under a door of CONTRIBUTING.md."""
    section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("\n## Doors\n")[2].partition("\n## ")[0]
    starts = sorted(section.index(mark) for mark in DOORS.values())
    begin = section.index(DOORS[door])
    end = next((start for start in starts if start > begin), len(section))
    return re.findall(r"^```(\w+)\n(.*?)^```", section[begin:end], re.MULTILINE | re.DOTALL)


def walk(door, folder):
    """Do what a door says, in ``folder``: write its files, run its commands, try its examples; return what commands print."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "LESSONLIB_PROGRESS": "off"}
    options = {"capture_output": True, "text": True, "encoding": "utf-8", "cwd": folder, "env": environment}
    printed = ""
    for kind, code in blocks(door):
        if kind == "sh":
            for line in code.splitlines():
                if line.startswith("export "):
                    name, _, value = line.removeprefix("export ").partition("=")
                    environment[name] = value
                    continue
                python, script, *arguments = line.split()
                assert python == "python"
                done = subprocess.run([sys.executable, ROOT / script, *arguments], **options)
                assert done.returncode == 0, done.stdout + done.stderr
                printed += done.stdout
        elif kind == "pycon":
            done = subprocess.run([sys.executable, "-c", DOCTEST], input=code, **options)
            assert done.returncode == 0, done.stdout + done.stderr
        else:
            path = folder / NAMED.match(code)[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(code, encoding="utf-8")
    return printed


def python(code, folder):
    """Run Python in ``folder``; return what it prints, or the last line of its error."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(("door", "kinds"), [("question", 2), ("language", 4), ("explorer", 5)])
def test_a_door_opens_as_it_says(door, kinds, tmp_path):
    assert len(blocks(door)) == kinds

    walk(door, tmp_path)


def test_the_language_counts_what_was_translated(tmp_path):
    assert "es: 1 of " in walk("language", tmp_path)


@pytest.fixture
def places(tmp_path):
    """The folder in which the explorer of CONTRIBUTING.md lies."""
    walk("explorer", tmp_path)
    return tmp_path


def test_an_explorer_of_ones_own_speaks_both_languages_and_has_its_picture(places):
    said = python(
        "import lessonlib; from kernel_places import KernelPlaces\n"
        "for lang in ('ko', 'en'):\n"
        "    lessonlib.language(lang); made = KernelPlaces(5)\n"
        "    print(made.sliders['pixels'].description, made.view.words['places'], sep=' | ')\n"
        "print(made._repr_mimebundle_()[0]['image/png'][:5], made.view.tables['limits'])",
        places,
    )

    assert said.splitlines()[:2] == [
        "픽셀 수 | 커널이 놓이는 자리: {places}",
        "pixels | places for the kernel: {places}",
    ]
    assert said.splitlines()[2] == "iVBOR {'pixels': (3, 12)}"


def test_words_that_stand_in_one_language_alone_are_shown_with_its_mark(places):
    (places / "kernel_places/words.toml").write_text('slider_pixels = { ko = "픽셀" }', encoding="utf-8")

    code = "from kernel_places import KernelPlaces; print(KernelPlaces().sliders['pixels'].description)"
    assert python(code, places) == "⟨ko⟩ 픽셀"


def test_a_sentence_that_is_missing_is_named_with_its_file(places):
    words = places / "kernel_places/words.toml"
    words.write_text('places = { en = "{places}" }', encoding="utf-8")

    said = python("from kernel_places import KernelPlaces; KernelPlaces()", places)
    assert "[slider_pixels]" in said
    assert words.name in said


def test_an_own_area_is_spoken_in_a_third_language_too(places):
    (places / "languages/es").mkdir(parents=True)
    (places / "languages/es/kernel_places.toml").write_text('slider_pixels = "píxeles"', encoding="utf-8")
    said = python(
        "import os; os.environ['LESSONLIB_LANGUAGES'] = 'languages'\n"
        "import lessonlib; from kernel_places import KernelPlaces\n"
        "lessonlib.language('es'); print(KernelPlaces().sliders['pixels'].description)",
        places,
    )

    assert said == "píxeles"


def test_a_change_of_the_words_counts_when_the_module_is_loaded_anew(places):
    said = python(
        "import importlib, pathlib, kernel_places\n"
        "words = pathlib.Path('kernel_places/words.toml')\n"
        "kernel_places.KernelPlaces()\n"
        "words.write_text(words.read_text(encoding='utf-8').replace('pixels\"', 'dots\"'), encoding='utf-8')\n"
        "importlib.reload(kernel_places); print(kernel_places.KernelPlaces().sliders['pixels'].description)",
        places,
    )

    assert said == "dots"


@pytest.mark.parametrize(("lang", "words"), [("ko", "이미 쓰고 있습니다"), ("en", "is taken")])
def test_a_folder_named_like_an_area_of_the_course_is_refused(lang, words, tmp_path):
    (tmp_path / "padding").mkdir()
    (tmp_path / "padding/words.toml").write_text("", encoding="utf-8")
    sentences.language(lang)
    with pytest.raises(ValueError, match=words) as refused:
        sentences.add_area(tmp_path / "padding/words.toml")

    assert str(tmp_path) in str(refused.value)
    assert sentences.areas()["padding"].is_relative_to(sentences.PACKAGE)


def test_words_that_are_not_there_are_told_by_their_path(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"words\.toml"):
        sentences.add_area(tmp_path / "words.toml")
