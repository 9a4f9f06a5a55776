"""Sentences with numbers in them: a or an, one row or two rows, and the Korean particle, over all sentences and all draws."""

import json
import re
import string
import tomllib
from pathlib import Path

import pytest

from lessonlib.questions import LESSONS, names, question
from lessonlib.sentences import LANGUAGES, areas, fill

WORDS = {
    f"{area}.{name}": sentence
    for area, path in areas().items()
    for name, sentence in tomllib.loads(path.read_text(encoding="utf-8")).items()
}
NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*/*.ipynb"))
DRAWS = 40

# Eight, eleven, eighteen and what begins with them are read with a vowel first.
_VOWEL_FIRST = r"(?:8\d*|11|18)(?!\d)"
WRONG_ARTICLE = re.compile(rf"\b(?:[Aa]\s+[`*“(]*{_VOWEL_FIRST}|[Aa]n\s+[`*“(]*(?!{_VOWEL_FIRST})\d+)")
NOUNS = (
    "rows columns cells windows kernels filters channels maps layers numbers entries weights biases pixels units "
    "parameters images pictures places inputs outputs groups axes labels classes titles seconds values cases paths "
    "convolutions planes steps moves copies"
).replace(" ", "|")
# "1 rows", "`1` black cells"; not "11 rows", "3 × 1 cells", "0.1 seconds".
WRONG_PLURAL = re.compile(rf"(?<![\d.,×·−=-])(?<![×·−+=] )1[`*]* (?:(?!the)[a-z]+(?<!s) )?(?:{NOUNS})\b")

# How Koreans read the digits: whether a final consonant ends them, and whether it is ㄹ.
CONSONANT = dict(zip("0123456789", (True, True, False, True, False, False, True, True, True, False), strict=True))
# "칸(예: 15)과": the particle belongs to the word before the brackets.
ASIDE = re.compile(r"(?<=[가-힣])\([^()]*\)")
KOREAN_PARTICLE = re.compile(r"(\d)[`*’”)\]]*(으로|은|는|이|가|을|를|과|와|로)(?=[\s,.?!:;)]|$)")


def wrong_articles(text):
    return WRONG_ARTICLE.findall(text)


def wrong_plurals(text):
    return WRONG_PLURAL.findall(text)


def wrong_particles(text):
    found = []
    text = ASIDE.sub("", text)
    for match in KOREAN_PARTICLE.finditer(text):
        digit, particle = match.groups()
        closed = CONSONANT[digit] and not (particle in ("으로", "로") and digit in "178")
        if (particle in ("은", "이", "을", "과", "으로")) != closed:
            found.append(text[max(0, match.start() - 12) : match.end()])
    return found


def faults(text, lang):
    return wrong_particles(text) if lang == "ko" else wrong_articles(text) + wrong_plurals(text)


def sentences(name, lang):
    """Yield everything that a question can say about its numbers, over all draws."""
    first = question(name)
    for one in [first, *map(first.variant, range(DRAWS))] if first.kind not in ("function", "module") else [first]:
        yield one.statement(lang)
        yield from one.hints(lang)
        yield one.worked(lang)
        if one.kind not in ("function", "module"):
            for mistake in one.mistakes:
                yield one.mistake_name(mistake, lang)
                yield one.explain(mistake, lang=lang)


@pytest.mark.parametrize("text", ["a 8 × 8 input", "A 8×8 kernel", "an 3", "a `11`", "a 18 × 18", "a 80", "an 110"])
def test_a_wrong_article_is_seen(text):
    assert wrong_articles(text)


@pytest.mark.parametrize("text", ["an 8 × 8", "a 3 × 3", "an 11", "a 110", "a 180", "an 18", "a 1×1", "beta 8"])
def test_a_right_article_is_let_be(text):
    assert not wrong_articles(text)


@pytest.mark.parametrize("text", ["with 1 rows", "1 filters with 5 kernels", "It has 1 black cells.", "the 1 windows"])
def test_a_wrong_plural_is_seen(text):
    assert wrong_plurals(text)


@pytest.mark.parametrize(
    "text", ["1 row", "3 × 1 cells", "row 1 sees", "Channel 1 holds", "11 rows", "K = 1 keeps", "1 is"]
)
def test_a_right_number_is_let_be(text):
    assert not wrong_plurals(text)


@pytest.mark.parametrize("text", ["39이 된다", "(3, 5, 13)를 쓰니", "`4`은", "2으로", "7으로", "`[[1, 3]]`가"])
def test_a_wrong_particle_is_seen(text):
    assert wrong_particles(text)


@pytest.mark.parametrize(
    "text", ["39가 된다", "(3, 5, 13)을 쓰니", "`4`는", "2로", "7로", "6으로", "1이상", "3이면", "칸(예: 15)과"]
)
def test_a_right_particle_is_let_be(text):
    assert not wrong_particles(text)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", names())
def test_what_a_question_says_agrees_with_its_numbers(name, lang):
    found = {fault: text for text in sentences(name, lang) for fault in faults(text, lang)}

    assert found == {}


# A question's words meet only the numbers that are drawn for it.
@pytest.mark.parametrize("key", [key for key in WORDS if key.partition(".")[0] not in (*LESSONS, "mistakes")])
def test_a_sentence_agrees_with_any_number_in_it(key):
    found = []
    for lang in LANGUAGES:
        template = WORDS[key][lang]
        fields = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
        for number in ("0", "1", "2", "3", "8", "10", "11", "18", "26") if fields else ("",):
            found += faults(fill(template, **dict.fromkeys(fields, number)), lang)

    assert found == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_lesson_agrees_with_its_numbers(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")

    assert faults(text, path.parent.name) == []
