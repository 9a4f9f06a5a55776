"""Every sentence in both languages, every key in the code existing, and Korean particles that agree."""

import ast
import re
import string
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessonlib.sentences import areas, fill, language, say, words
from support.terms import HANGUL, ONE_TERM

PACKAGE = Path(__file__).parent.parent / "lessonlib"
SENTENCES = {
    f"{area}.{name}": sentence
    for area, path in areas().items()
    for name, sentence in tomllib.loads(path.read_text(encoding="utf-8")).items()
}
# Someone who mistypes the language may not read the one that is set.
IN_BOTH_LANGUAGES = {"language.unknown", "progress.shape"}
# "= 3" or "≈ 3", which Korean says by other means.
ENGLISH_GRAMMAR = {"equals"}


def fields(template):
    """Return the names in braces of a sentence."""
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def of_area(area):
    """Return key → sentence of one file of sentences."""
    return {key: sentence for key, sentence in SENTENCES.items() if key.partition(".")[0] == area}


def complaints(key, sentence):
    """Yield what is wrong with a sentence of two languages."""
    if set(sentence) != {"ko", "en"} or not all(text.strip() for text in sentence.values()):
        yield "does not stand in both languages"
        return
    if not fields(sentence["ko"]) ^ fields(sentence["en"]) <= ENGLISH_GRAMMAR:
        yield "fills in one field in one language and another in the other"
    if key not in IN_BOTH_LANGUAGES:
        if HANGUL.search(sentence["en"]):
            yield "has Korean in its English"
        prose = re.sub(r"`[^`]*`|\{[^}]*\}", "", sentence["en"])
        if not HANGUL.search(sentence["ko"]) and re.search("[a-z]{4}", prose):
            yield "has no Korean in its Korean"


@pytest.mark.parametrize("area", areas())
def test_sentences_stand_in_both_languages(area):
    assert of_area(area)
    assert [f"{key} {said}" for key, sentence in of_area(area).items() for said in complaints(key, sentence)] == []


@pytest.mark.parametrize(
    ("ko", "en", "said"),
    [
        ("너비 {n}", "width {n}", []),
        ("너비 {n}", " ", ["does not stand in both languages"]),
        ("너비 {n}", "width {k}", ["fills in one field in one language and another in the other"]),
        ("너비", "너비, width", ["has Korean in its English"]),
        ("width", "width", ["has no Korean in its Korean"]),
        ("`width`", "`width`", []),
    ],
)
def test_each_complaint_about_a_sentence_is_made(ko, en, said):
    assert list(complaints("area.key", {"ko": ko, "en": en})) == said


@pytest.mark.parametrize("area", areas())
def test_korean_keeps_to_one_term_for_one_thing(area):
    others = [
        f"{key}: the course says {term}"
        for key, sentence in of_area(area).items()
        for term, others in ONE_TERM.items()
        if re.search(others, sentence["ko"])
    ]
    assert others == []


def spoken_keys():
    """Yield the keys that the package's Python asks for in so many words, with the file that asks."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "say" and node.args:
                key = node.args[0]
                if isinstance(key, ast.Constant):
                    yield key.value, path.name


def test_every_key_that_the_code_names_has_its_sentence():
    keys = list(spoken_keys())

    assert keys
    assert [(key, file) for key, file in keys if key not in SENTENCES] == []


def test_language_is_set_and_read():
    assert language() == "en"
    language("ko")
    assert language() == "ko"
    assert say("errors.padding_word", given="x") == say("errors.padding_word", lang="ko", given="x")


@pytest.mark.parametrize("code", ["fr", "KO", "", 1])
def test_a_language_that_is_not_there_is_refused_in_both(code):
    with pytest.raises(ValueError, match=r"이 강의에 없는 언어") as refused:
        language(code)
    assert "not a language of this course" in str(refused.value)
    assert repr(code) in str(refused.value)
    assert language() == "en"


def test_words_hand_a_view_every_sentence_of_its_area():
    for area in areas():
        names = {key.partition(".")[2] for key in SENTENCES if key.startswith(f"{area}.")}
        assert set(words(area, "ko")) == set(words(area, "en")) == names


@pytest.mark.parametrize(
    ("before", "particles", "after"),
    [
        ("입력", "은/는", "은"),
        ("커널", "은/는", "은"),
        ("보폭", "이/가", "이"),
        ("padding", "을/를", "을"),
        ("padding_mode", "을/를", "를"),
        ("패딩", "을/를", "을"),
        ("너비", "와", None),
        ("너비", "과/와", "와"),
        ("커널", "으로/로", "로"),  # ㄹ takes the vowel's form
        ("윈도", "으로/로", "로"),
        ("패딩", "으로/로", "으로"),
        ("0", "은/는", "은"),  # 영
        ("1", "으로/로", "로"),  # 일
        ("2", "은/는", "는"),  # 이
        ("3", "이/가", "이"),  # 삼
        ("4", "이/가", "가"),
        ("5", "을/를", "를"),
        ("6", "으로/로", "으로"),  # 육
        ("7", "으로/로", "로"),
        ("8", "은/는", "은"),
        ("9", "은/는", "는"),
        ("10", "은/는", "은"),
        ("K", "은/는", "는"),  # 케이
        ("L", "은/는", "은"),  # 엘
        ("N", "으로/로", "으로"),  # 엔
        ("`(0, 1)`", "은/는", "은"),  # marks and brackets are not read: 일
        ("`[[1, 0], [2, 5]]`", "을/를", "를"),  # 오
        ("**커널**", "이/가", "이"),
        ("‘패딩’", "으로/로", "으로"),
        ("(너비)", "은/는", "는"),
        ("", "은/는", "는"),
    ],
)
def test_particle_agrees_with_what_stands_before_it(before, particles, after):
    text = fill(f"{{it}}[{particles}] 맞습니다", it=before)

    assert text == (f"{before}{after} 맞습니다" if after else f"{before}[{particles}] 맞습니다")


@pytest.mark.parametrize("given", ["pick [yes/no]", "[N/A]", "[은/는]", "{x} [을/를] {0}"])
def test_what_is_filled_in_stays_as_it_is(given):
    assert fill("{it}: {it}", it=given) == f"{given}: {given}"
    assert fill("한 {it}, 너비[은/는] {it}", it=given) == f"한 {given}, 너비는 {given}"


@given(st.text("가각갈강나낙날낭", min_size=1))
def test_particle_follows_the_final_consonant_of_any_syllable(word):
    closed = (ord(word[-1]) - ord("가")) % 28 != 0

    assert fill("{it}[을/를]", it=word) == word + ("을" if closed else "를")
