"""Every word that an explorer, a check or an error shows, in Korean, in English, and in any language somebody adds.

The words themselves stand beside what says them, in ``<area>/words.toml`` or ``lessons/<area>.toml``, and what single modules say
in ``words/<area>.toml``: one table a sentence, its two languages side by side::

    [kernel_too_large]
    ko = "커널 {kernel}[은/는] 패딩된 입력 {padded}보다 큽니다."
    en = "The kernel of {kernel} is larger than the padded input of {padded}."

A further language is a folder of its own, ``words/<code>/``, with a file ``<area>.toml`` for each area and one line a sentence,
``kernel_too_large = "…"``; or the same folder anywhere else, if `LESSONLIB_LANGUAGES` names the folder it lies in. What is missing in it
is said in English, with a mark.

``{kernel}`` is filled in by `say`. ``[은/는]`` is a Korean particle: the form after a final consonant, a slash, the
form after a vowel; `say` picks the one that the text before it asks for, digits included ("커널 3은", "커널 5는"), as if
quotation marks and closing brackets were not there ("`(0, 1)`은"). ``[row/rows]`` is an English noun beside a number.
"""

import os
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, overload

PACKAGE = Path(__file__).parent
SIDE_BY_SIDE = ("ko", "en")
"""The languages in which every sentence stands."""
FALLBACK = "en"
MARK = "⟨en⟩ "
"""Stands before a sentence that the learner's language does not have yet."""


def _added():
    """Return code → folder of every further language: those in ``words/``, then those in the folders of `LESSONLIB_LANGUAGES`."""
    homes = [PACKAGE / "words", *map(Path, filter(None, os.environ.get("LESSONLIB_LANGUAGES", "").split(os.pathsep)))]
    return {path.name: path for home in homes if home.is_dir() for path in sorted(home.iterdir()) if _holds_words(path)}


def _holds_words(path):
    return path.is_dir() and any(path.glob("*.toml"))


_ADDED = _added()
LANGUAGES = (*SIDE_BY_SIDE, *_ADDED)
"""Every language there is: a folder of sentences makes one."""

_current = "en"


@overload
def language() -> str: ...


@overload
def language(code: str) -> None: ...


def language(code=None):
    """Set the language of everything that lessonlib shows, or, without an argument, return the one that is set.

    Parameters
    ----------
    code : str, optional
        One of `LANGUAGES`: "ko", "en", or one that was added.

    Raises
    ------
    ValueError
        For a language that the course does not have.

    Examples
    --------
    >>> language("ko")
    >>> language()
    'ko'
    >>> language("en")
    """
    global _current
    if code is None:
        return _current
    if not isinstance(code, str) or code not in LANGUAGES:
        raise ValueError(say("language.unknown", code=repr(code), codes=", ".join(LANGUAGES)))
    _current = code


def say(key: str, /, lang: str | None = None, **values: Any) -> str:
    """Return the sentence ``"area.name"`` in the learner's language, its ``{fields}`` filled in.

    Raises
    ------
    KeyError
        If there is no such sentence, naming its file: a mistake of ours, which a test finds, or of an explorer of somebody's own.

    Examples
    --------
    >>> say("errors.kernel_too_large", lang="ko", kernel=5, padded=4, smallest=1)[:16]
    '커널 5는 패딩된 입력 4보다'
    """
    area, name = key.split(".", 1)
    return fill(_in(_area(area)[name], lang or _current), **values)


def words(area: str, lang: str | None = None) -> dict[str, str]:
    """Return all sentences of one area in one language, unfilled, as a dict: what a view in the browser is given.

    Raises
    ------
    KeyError
        For an area that there is not.
    """
    return {name: _in(entry, lang or _current) for name, entry in _area(area).items()}


def _in(entry, lang):
    """Return a sentence in a language, or the English one, or the only one there is, with a mark."""
    if lang in entry:
        return entry[lang]
    return MARK + entry[FALLBACK] if FALLBACK in entry else f"⟨{next(iter(entry))}⟩ {next(iter(entry.values()))}"


def fill(template: str, **values: Any) -> str:
    """Fill in the ``{fields}`` of a sentence, and let every ``[은/는]``, ``[row/rows]`` agree with what stands before it.

    Only the sentence's own brackets are chosen from: whatever is filled in stays as it is.

    Examples
    --------
    >>> fill("커널 {k}[은/는] 홀수입니다.", k=3)
    '커널 3은 홀수입니다.'
    >>> fill("{given}[은/는] 없습니다.", given="pick [yes/no] `(2, 1)`")
    'pick [yes/no] `(2, 1)`은 없습니다.'
    >>> fill("{n} [row/rows], {m} [column/columns]", n=1, m=11)
    '1 row, 11 columns'
    """
    # re.split gives text, form, form, text, form, form, text, …
    first, *rest = _FORMS.split(template)
    filled = first.format_map(values)
    for one, other, text in zip(rest[0::3], rest[1::3], rest[2::3], strict=True):
        chosen = _particle(filled, one, other) if "가" <= one[0] <= "힣" else one if _ONE.search(filled) else other
        filled += chosen + text.format_map(values)
    return filled


_FORMS = re.compile(r"\[([가-힣]+|[a-z ]+)/([가-힣]+|[a-z ]+)\]")
# "1", "`1`" or "1 black" at the end, not 11, 0.1 or −1.
_ONE = re.compile(r"(?<![\d.,−-])1[`*]* (?:[a-z]+ )?$")


def _particle(before, after_consonant, after_vowel):
    final = _final_consonant(before)
    # 으로/로 takes the vowel's form after ㄹ as well.
    return after_vowel if final == 0 or (final == _RIEUL and after_vowel == "로") else after_consonant


_RIEUL = 8
# The final consonant of each digit as Koreans read it aloud: 영 일 이 삼 사 오 육 칠 팔 구 (0: none).
_DIGIT_FINALS = (21, _RIEUL, 0, 16, 0, 0, 1, _RIEUL, _RIEUL, 0)
# Latin letters by their Korean names end in a consonant for L, M, N, R (엘 엠 엔 알).
_LETTER_FINALS = {"l": _RIEUL, "m": 16, "n": 4, "r": _RIEUL}
# What is not read aloud: quotation marks, code marks, bold, and brackets that close.
_SILENT = "`*'\"’”)]}"


def _final_consonant(text):
    """Return the number of the final consonant (종성) with which ``text`` is read in Korean; 0: it ends in a vowel."""
    spoken = text.rstrip(_SILENT)
    if spoken.endswith("ng"):  # padding, as 패딩
        return 21
    character = spoken[-1:]
    if "가" <= character <= "힣":
        return (ord(character) - ord("가")) % 28
    if character.isascii() and character.isdigit():
        return _DIGIT_FINALS[int(character)]
    return _LETTER_FINALS.get(character.lower(), 0)


_outside: dict[str, Path] = {}


@cache
def areas() -> dict[str, Path]:
    """Return the file of every area of the course's words: its own name, or that of the folder whose ``words.toml`` it is."""
    found = sorted(path for path in PACKAGE.rglob("*.toml") if path.parent.parent != PACKAGE / "words")
    return {path.parent.name if path.stem == "words" else path.stem: path for path in found}


def add_area(path: Path) -> str:
    """Read the words of an explorer that lies outside the course, and return the name of their area: that of its folder.

    Parameters
    ----------
    path : Path
        A ``words.toml``; a change of it counts when it is added again.

    Raises
    ------
    ValueError
        If the course has an area of that name, or another folder of that name was added.
    FileNotFoundError
        If there is no such file.
    """
    name = path.parent.name
    known = _outside.get(name) or areas().get(name)
    if known and known.resolve() != path.resolve():
        raise ValueError(say("language.area_taken", name=name, folder=path.parent))
    if name not in areas():
        _read(path)
        _outside[name] = path
        _area.cache_clear()
    return name


class _Sentences(dict[str, dict[str, str]]):
    """The sentences of one file, which is named where one is missing."""

    def __init__(self, path: Path, found: dict[str, dict[str, str]]) -> None:
        super().__init__(found)
        self.path = path

    def __missing__(self, name: str) -> dict[str, str]:
        raise KeyError(f"[{name}] in {self.path}")


def _read(path: Path) -> _Sentences:
    return _Sentences(path, tomllib.loads(path.read_text(encoding="utf-8")))


@cache
def _area(name):
    sentences = _read(_outside[name] if name in _outside else areas()[name])
    for code, folder in _ADDED.items():
        path = folder / f"{name}.toml"
        added = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        for key in sentences.keys() & added.keys():
            sentences[key][code] = added[key]
    return sentences
