"""Words and mistakes of a question that somebody writes outside the course.

::

    from lessonlib import Mistake, Question

    side = Question(
        "my_class.side",
        kind="number",
        statement="An image has side {n}, a kernel side {k}. How long is a side of the map?",
        first={"n": 9, "k": 3},
        draw=lambda rng: {"n": rng.randint(6, 30), "k": rng.choice([3, 5])},
        right=lambda n, k: n - k + 1,
        mistakes={
            "no_plus_one": Mistake(lambda n, k: n - k, "The last +1 is missing", "The first position counts too: {n} − {k} + 1."),
        },
        hints=["At how many places can the kernel begin?"],
        solution="{n} − {k} + 1 = {right}",
    )
    side.check(6)

A text is one string for every language, or a dict: ``{"ko": "…", "en": "…"}``. ``{n}`` is filled in from the question's numbers,
``{right}`` with the right answer, ``{given}`` with the learner's. Its tries are kept and counted like those of the course.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lessonlib.sentences import FALLBACK, areas, language, say

Text = str | Mapping[str, str]
KINDS = ("number", "shape", "array", "choice", "function", "module")


@dataclass(frozen=True)
class Mistake:
    """A known mistake of a question of one's own, with its words.

    Parameters
    ----------
    answer : callable, or the text of an option
        What the mistake answers, from the question's numbers by keyword; of a choice, the words of that option.
    name : str or dict
        The mistake in a few words.
    why : str or dict
        Which step gives it, and why that step fails.
    """

    answer: Callable[..., Any] | Text
    name: Text
    why: Text


def words_of(
    own: str, statement: Text, right: Any, mistakes: Mapping[str, Mistake], hints: Iterable[Text], solution: Text
) -> dict[str, Text]:
    """Return the texts of a question under the keys that the course's own words have."""
    found: dict[str, Text] = {own: statement, f"{own}_solution": solution}
    found |= {f"{own}_hint_{i}": hint for i, hint in enumerate(hints, 1)}
    if not callable(right) and right is not None:
        found[f"{own}_right"] = right
    for name, one in mistakes.items():
        found |= {f"{name}_name": one.name, name: one.why}
        if not callable(one.answer):
            found[f"{own}_{name}"] = one.answer
    return found


def in_language(text: Text, lang: str | None) -> str:
    """Return a text in a language; in English, or any it has, where that one is missing."""
    if isinstance(text, str):
        return text
    return text.get(lang or language()) or text.get(FALLBACK) or next(iter(text.values()), "")


def checked(name: str, kind: str, statement: Text | None, mistakes: Any, hints: Any) -> None:
    """Raise `ValueError` or `TypeError` where a question of one's own lacks something, saying what."""
    lesson, dot, own = str(name).partition(".")
    if not (lesson.isidentifier() and dot and own.isidentifier()):
        raise ValueError(say("questions.own_name", given=repr(name)))
    if kind not in KINDS:
        raise ValueError(say("questions.own_kind", given=repr(kind), kinds=", ".join(KINDS)))
    if statement is None:
        if lesson not in areas():
            raise ValueError(say("questions.own_statement", name=name))
        return
    wrong = [key for key, one in dict(mistakes).items() if not isinstance(one, Mistake)]
    if wrong:
        raise TypeError(say("questions.own_mistake", name=wrong[0]))
    if isinstance(hints, str):
        raise TypeError(say("questions.own_hints", given=repr(hints)))
