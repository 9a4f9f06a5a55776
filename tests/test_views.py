"""What holds of every view: its styles are its own, its words and numbers are Python's, its code is one idea a function."""

import itertools
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import lessonlib
from lessonlib.kit.explorer import KIT, SCRIPTS, read_view
from lessonlib.palette import SIGN
from lessonlib.sentences import LANGUAGES, fill, words
from support.node import node, view_file

PACKAGE = Path(lessonlib.__file__).parent
VIEWS = sorted(path.parent.name for path in PACKAGE.rglob("view.css"))
CLASS = re.compile(r"(?<![\w-])cl-[a-z0-9-]+(?![\w$-])")


def styled(text):
    """Return the classes that a style sheet has rules for; custom properties are none."""
    rules = re.sub(r"/\*.*?\*/|\{[^{}]*\}|--cl-[\w-]+", " ", text, flags=re.DOTALL)
    return {one[1:] for one in re.findall(r"\.cl-[a-z0-9-]+", rules)}


def text_of(view, kind):
    return view_file(view).with_suffix(f".{kind}").read_text(encoding="utf-8")


BASE = styled((KIT / "base.css").read_text(encoding="utf-8"))


@pytest.mark.parametrize("view", VIEWS)
def test_styles_of_a_view_are_for_that_view_alone(view):
    sheet = text_of(view, "css")
    scope = f"cl-{view.replace('_', '-')}"
    # All of it is nested under the view's own class: one block from the first line to the last.
    assert sheet.startswith(f".{scope} {{\n")
    assert sheet.endswith("\n}\n")
    depth = list(itertools.accumulate({"{": 1, "}": -1}.get(letter, 0) for letter in sheet))
    assert depth.index(0, sheet.index("{")) == len(sheet) - 2
    own = styled(sheet) - BASE - {scope}
    script = text_of(view, "js")
    made = r"cl-(w\d|r-|cov-|mix-|bor-|photo-)"  # their last part stands in a variable
    used = {one for one in own if one in script or f'"{one[3:]}"' in script or re.match(made, one)}
    assert own == used, "a rule that this view has no use for"


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_uses_a_class_of_another_view(view):
    mine = styled(text_of(view, "css")) | set(CLASS.findall(text_of(view, "js")))
    for other in set(VIEWS) - {view}:
        theirs = styled(text_of(other, "css")) - BASE - {f"cl-{other.replace('_', '-')}"}
        assert not theirs & mine, f"{other} styles what {view} uses"


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_word_that_a_view_says_is_there(view, code):
    said = set(re.findall(r"\bsay\(\"(\w+)\"", read_view(view_file(view), "js").partition("class View ")[2]))
    assert said
    # What only some views have: a menu of padding modes, rows of widths.
    assert said <= words("kit", code).keys() | words(view, code).keys()


def test_scripts_are_joined_in_the_order_of_their_imports_and_no_import_is_left():
    for i, name in enumerate(SCRIPTS):
        imports = re.findall(r'from "\./(\w+)\.js"', (KIT / f"{name}.js").read_text(encoding="utf-8"))
        assert set(imports) <= set(SCRIPTS[:i]), name
    assert {path.stem for path in KIT.glob("*.js")} == set(SCRIPTS)
    for view in VIEWS:
        joined = read_view(view_file(view), "js")
        assert not re.search(r"^import\b", joined, re.MULTILINE)
        assert joined.count("export default") == 1


TEMPLATES = """
커널 {a}[은/는] 작습니다.
{a}[으로/로] 나눕니다.
{a}[이/가] {b}[을/를] 덮습니다.
값 ‘{a}’[은/는] 수가 아닙니다.
{a} {b}[과/와]
{a}[은/는]
{a} [row/rows] of {b} black [cell/cells]
`{a}` [column/columns]
`{a}`[은/는] **{b}**[이/가]
padding[이/가] {a}
[은/는] {a}
{a}[이라/라]는 말[을/를] {b}에서
no form: {a} and {b}
""".strip().split("\n")
NUMBERS = [0, 1, 11, 0.1, -1, 3, 7, 8, 10, 2.5, -4]
TYPED = """
−1|x[1]|(2, 1)|ng|padding|KxK|zeros|서울|값|물|[1/2]|[yes/no]|pick [yes/no]|[N/A]|a]b|[은/는]|{b}|x ||²
""".strip().split("|")
VALUES = [*NUMBERS, *TYPED]


def test_sentences_agree_in_the_browser_as_in_python_and_leave_what_is_filled_in_alone(tmp_path):
    rng = random.Random(5)
    cases = [[one, {"a": a, "b": rng.choice(VALUES)}] for one in TEMPLATES for a in VALUES]
    assert len(cases) >= 250
    shown = node("sliding_window", "return given.map(([template, values]) => fill(template, values));", cases, tmp_path)
    for (template, values), text in zip(cases, shown, strict=True):
        assert text == fill(template, **values), (template, values)
        for name, value in values.items():
            assert f"{{{name}}}" not in template or str(value) in text


def test_a_sign_has_the_colours_of_the_palette(tmp_path):
    program = "const color = signColors(given); return [-1, 0, 1, -0.5].map((value) => color(value).toString(16));"
    negative, zero, positive, half = node("feature_maps", program, SIGN, tmp_path)
    turned = lambda abgr: "#" + abgr[6:8] + abgr[4:6] + abgr[2:4]  # noqa: E731
    assert [turned(one) for one in (negative, zero, positive)] == [
        SIGN[name] for name in ("negative", "zero", "positive")
    ]
    assert half.startswith("ff")
    assert turned(half) not in SIGN.values()


def test_any_number_can_be_typed_on_a_phone():
    # The decimal pad of some phones has no minus.
    for path in PACKAGE.rglob("*.js"):
        assert "inputmode:" not in path.read_text(encoding="utf-8"), path


def test_linter_and_types_are_clean():
    root = PACKAGE.parent
    if not shutil.which("npx") or not (root / "node_modules").exists():
        pytest.skip("make lint-js installs the linter")
    done = subprocess.run(["npm", "run", "--silent", "lint"], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
