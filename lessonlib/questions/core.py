"""One question: its statement, its right answer, what is known to go wrong with it, and the talk with the learner about an answer."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np

from lessonlib import tries
from lessonlib.questions import own
from lessonlib.questions.answers import Unreadable, answers, exactly, plain_text, read, same, text_of, written
from lessonlib.questions.counter_example import counter_example
from lessonlib.questions.verdict import Unattempted, Verdict
from lessonlib.sentences import LANGUAGES, fill, language, say, words

_DRAWS = 1000
# Of how many variants in which all answers differ the clearest is taken.
_TRIED = 4


class Question:
    """A question with its known mistakes; see the head of ``lessonlib.questions`` for how one is written.

    Parameters
    ----------
    name : str
        "lesson.question".
    kind : {"number", "shape", "array", "choice"}
    right : callable
        Takes the question's numbers by keyword and returns the right answer.
    mistakes : dict of callable, or names alone for a choice
        Each gives what one mistake answers, or None where it answers nothing.
    first : dict
        The numbers that everybody meets first.
    draw : callable, optional
        Takes a `random.Random` and returns fresh numbers.
    hints : str, or a list of texts, optional
        The name in ``hints.toml`` whose hints and solution this question shares; the hints of a question of one's own.
    statement, solution : str or dict, optional
        The words of a question of one's own, which has them with it: see `own`. Its mistakes are `Mistake` then.
    fields : callable, optional
        More fields for the words, from the numbers.
    layer : callable, optional
        (input_size, kernel_size, stride, padding, dilation) of the axis asked about: a wrong size then gets its counter-example.
    decimals : int, optional
        To how many decimals the statement allows an answer to be rounded; without it, none.
    doubts : callable, optional
        More ways to go wrong: (the names of the mistakes in one of them, what it answers), as in ``slips.py``. An answer that
        such a way gives too is not put down to a mistake that is not in it.
    """

    def __init__(
        self,
        name: str,
        *,
        kind: str,
        right: Callable[..., Any] | own.Text | None = None,
        mistakes: Mapping[str, Any] | Sequence[str] = (),
        first: Mapping[str, Any] | None = None,
        draw: Callable[[random.Random], dict[str, Any]] | None = None,
        hints: str | Sequence[own.Text] | None = None,
        fields: Callable[..., dict[str, Any]] | None = None,
        layer: Callable[..., Any] | None = None,
        decimals: int | None = None,
        doubts: Callable[..., Any] | None = None,
        statement: own.Text | None = None,
        solution: own.Text = "",
    ) -> None:
        own.checked(name, kind, statement, mistakes, hints)
        self.name, self.kind, self.numbers = name, kind, dict(first or {})
        self.tries = 0
        self._words = None
        if statement is not None:
            named: dict[str, own.Mistake] = dict(mistakes)  # type: ignore[arg-type]  # `checked` has seen to it
            self._words = own.words_of(self._own, statement, right, named, hints or (), solution)
            mistakes, hints = {name: one.answer for name, one in named.items()}, None
            mistakes = tuple(mistakes) if kind == "choice" else mistakes
        self._right: Any = right
        self._mistakes, self._draw = mistakes, draw
        self._hints, self._fields, self._layer = hints, fields, layer
        self._decimals, self._doubts, self._worked_out = decimals, doubts, None
        self._hints_given = 0
        self._asked_for_solution = self._solved = False
        if self._words and kind not in ("function", "module") and not self.distinct():
            raise ValueError(say("questions.own_alike", name=name, numbers=self.numbers))

    # What is asked, and what is right

    @property
    def right(self) -> Any:
        """The right answer; of a choice, its letter."""
        return self._letter("right") if self.kind == "choice" else self._right(**self.numbers)

    @property
    def mistakes(self) -> dict[str, Any]:
        """What each known mistake answers to these numbers: name → answer."""
        if not isinstance(self._mistakes, Mapping):
            return {name: self._letter(name) for name in self._mistakes}
        answers = {name: wrong(**self.numbers) for name, wrong in self._mistakes.items()}
        return {name: answer for name, answer in answers.items() if answer is not None}

    def variant(self, seed: int) -> Self:
        """Return the same question with fresh numbers, in which the right answer and all mistakes differ from one another.

        Of some of them, the one is taken in which the fewest mistakes could be taken for something else.

        Raises
        ------
        RuntimeError
            If no draw is found in which they differ: a mistake of whoever wrote the question.

        Examples
        --------
        >>> from lessonlib.questions import question
        >>> question("one_channel.side").variant(1).numbers == question("one_channel.side").variant(1).numbers
        True
        """
        if self._draw is None:
            return self._with(self.numbers)
        rng = random.Random(f"{self.name} {seed}")
        best, fewest, found = None, None, 0
        for _ in range(_DRAWS):
            drawn = self._with(self._draw(rng))
            try:
                if not drawn.distinct():
                    continue
                doubtful = sum(drawn.is_doubtful(name) for name in drawn.mistakes)
            except ValueError:  # numbers that no layer can have: a kernel that does not fit
                continue
            found += 1
            if best is None or doubtful < fewest:
                best, fewest = drawn, doubtful
            if not fewest or found == _TRIED:
                return best
        if best is not None:
            return best
        raise RuntimeError(f"{self.name}: {_DRAWS} draws, none in which all answers differ")

    def distinct(self) -> bool:
        """Return whether the right answer and all mistakes differ from one another, and the mistakes from other single slips."""
        known = self.mistakes
        given = [self.right, *known.values()]
        if any(same(one, other) for i, one in enumerate(given) for other in given[:i]):
            return False
        single = [value for names, value in self._ways() if len(names) == 1 and not names & known.keys()]
        return not any(same(one, other) for one in single for other in known.values())

    def is_doubtful(self, mistake: str) -> bool:
        """Return whether another way to go wrong, without this mistake in it, gives the same answer."""
        if not self._doubts:
            return False
        answer = self.mistakes[mistake]
        return any(mistake not in names and same(value, answer) for names, value in self._ways())

    def _ways(self):
        """All ways to go wrong that the question does not know by name, worked out once."""
        if self._worked_out is None:
            self._worked_out = list(self._doubts(**self.numbers)) if self._doubts else []
        return self._worked_out

    def statement(self, lang: str | None = None) -> str:
        """Return what is asked, as Markdown; the options of a choice with their letters."""
        text = self._word(self._own, lang)
        if self.kind != "choice":
            return text
        options = [
            f"- **{letter}** {self._word(f'{self._own}_{option}', lang)}" for letter, option in self._letters().items()
        ]
        return "\n".join([text, "", *options])

    def choices(self, lang: str | None = None, most: int = 5) -> list[dict[str, Any]]:
        """Return answers to choose from, the right one and what mistakes give, in an order that is always the same.

        The wrong ones are those of the mistakes that the question lists first.

        Returns
        -------
        list of dict
            ``text``, ``right``, ``explanation`` and, for a wrong one, ``mistake``.
        """
        wrong = list(self.mistakes.items())[: most - 1]
        rng = random.Random(f"{self.name} {sorted(self.numbers.items())}")
        found = [
            {
                "text": self._text(self.right, lang),
                "right": True,
                "explanation": self.worked(lang),
                "mistake": None,
            }
        ]
        for name, answer in wrong:
            text, why = self._text(answer, lang), self.explain(name, answer, lang)
            found.append({"text": text, "right": False, "explanation": why, "mistake": name})
        rng.shuffle(found)
        return found

    def mistakes_in(self, answer: Any) -> list[str]:
        """Return the names of the mistakes that give this answer: empty if it is right, or wrong in a way that is not known.

        Examples
        --------
        >>> from lessonlib.questions import question
        >>> side = question("one_channel.side")
        >>> side.mistakes_in(side.mistakes["no_plus_one"])
        ['no_plus_one']
        """
        return list(self._judged(self._read(answer)).mistakes)

    def _named(self, given):
        # Of two mistakes whose answers are near, the one whose answer it is to more decimals.
        exact = [name for name, wrong in self.mistakes.items() if answers(given, wrong)]
        return exact or [name for name, wrong in self.mistakes.items() if answers(given, wrong, decimals=2)]

    def _is_right(self, given):
        return answers(given, self.right, self._decimals)

    # The talk with the learner

    def show(self) -> None:
        """Show what is asked."""
        _show(self.statement())

    def check(self, answer: Any = ...) -> Verdict:
        """Say whether ``answer`` is right and why, or which mistake gives it; return the `Verdict`."""
        verdict = self.judge(answer)
        _show(verdict.said)
        return verdict

    def reply(self, answer: Any) -> str:
        """Return what `check` shows, as Markdown, and remember the try."""
        return self.judge(answer).said

    def judge(self, answer: Any) -> Verdict:
        """Return the `Verdict` on an answer, put into words, and keep the try; show nothing.

        An answer goes one way: it is read once, judged, told in words, kept.
        """
        try:
            if answer is ...:
                flat = self.kind == "array" and np.ndim(self.right) == 1
                own_words = self._word(f"{self._own}_expects", optional=True)
                expected = own_words or say(f"questions.expects_{'list' if flat else self.kind}")
                raise Unattempted(say("questions.not_attempted", expected=expected))
            verdict = self._judged(self._read(answer))
        except Unattempted as said:
            return Verdict(self.name, "missing", said=str(said))
        except Unreadable as said:
            return Verdict(self.name, "unreadable", said=str(said))
        self._keep(verdict)
        return replace(verdict, said=self._praise(verdict) if verdict.solved else self._diagnosis(verdict))

    def _judged(self, given):
        """The verdict on an answer that was read, without words."""
        if self._is_right(given):
            return Verdict(self.name, "right", given=given)
        named = tuple(self._named(given))
        return Verdict(self.name, "wrong", named, len(named) == 1 and not self.is_doubtful(named[0]), given)

    def _keep(self, verdict):
        self.tries += 1
        self._solved = self._solved or verdict.solved
        tries.record(self.name, verdict.solved, verdict.mistake)

    def _diagnosis(self, verdict):
        """What is said of a wrong answer."""
        given, named = verdict.given, verdict.mistakes
        shown = exactly(given) if self.kind == "number" else self._text(given)
        if not named:
            return paragraphs(
                say("questions.wrong", given=shown), self._counter_example(given), self._other_kind(given)
            )
        if len(named) > 1:
            both = " · ".join(f"**{self.mistake_name(name)}**" for name in named)
            return paragraphs(say("questions.several", given=shown), both, say("questions.tell_apart"))
        key = "named_choice" if self.kind == "choice" else "named" if verdict.certain else "doubtful"
        return paragraphs(
            say(f"questions.{key}", given=shown, name=self.mistake_name(named[0])),
            self.explain(named[0], given),
            self._counter_example(given),
            "" if verdict.certain else say("questions.tell_apart"),
        )

    def hint(self) -> None:
        """Show the next hint; after the last one, say that it was the last and how to ask for the solution."""
        hints = self.hints()
        if self._hints_given < len(hints):
            self._hints_given += 1
            _show(say("questions.hint", hint=hints[self._hints_given - 1]))
        else:
            self._asked_for_solution = True
            _show(say("questions.last_hint"))

    def solution(self) -> None:
        """Show the worked solution; before a first try, only when asked a second time."""
        if not (self.tries or self._asked_for_solution):
            self._asked_for_solution = True
            _show(say("questions.try_first"))
            return
        another = self._word(f"{self._own}_another", optional=True)
        unread = self.hints()[self._hints_given :] if self._solved else []
        parts = [say("questions.solution", solution=self.worked())]
        parts += [say("questions.another", way=another)] if another else []
        parts += [say("questions.hint", hint=hint) for hint in unread]
        _show(paragraphs(*parts))

    # The words

    def hints(self, lang: str | None = None) -> list[str]:
        """Return all hints in their order: where to look, the rule with other numbers, a worked step."""
        found = [self._shared(f"hint_{i}", lang) for i in (1, 2, 3)]
        return [hint for hint in found if hint]

    def worked(self, lang: str | None = None) -> str:
        """Return the worked solution."""
        return self._shared("solution", lang)

    def mistake_name(self, name: str, lang: str | None = None) -> str:
        """Return a mistake in a few words."""
        return self._word(f"{name}_name", lang)

    def explain(self, name: str, given: Any = None, lang: str | None = None) -> str:
        """Return which step gives this mistake and why it fails."""
        return self._word(name, lang, given=self._text(self.mistakes[name] if given is None else given, lang))

    @property
    def _own(self):
        return self.name.partition(".")[2]

    def _shared(self, part, lang):
        if self._hints is None:
            return self._word(f"{self._own}_{part}", lang, optional=True)
        return self._word(f"{self._own}_{part}", lang, optional=True) or fill(
            words("hints", lang).get(f"{self._hints}_{part}", ""), **self._filled(lang)
        )

    def _word(self, key, lang=None, optional=False, **more):
        if self._words is not None:
            return fill(own.in_language(self._words.get(key, ""), lang), **self._filled(lang), **more)
        area = self.name.partition(".")[0]
        template = words(area, lang).get(key) or words("mistakes", lang).get(key)
        if template is None and optional:
            return ""
        if template is None:
            raise KeyError(f"{area}.{key}")
        return fill(template, **self._filled(lang), **more)

    def _filled(self, lang):
        fields = {name: text_of(value) for name, value in self.numbers.items()}
        if self._fields is not None:
            fields |= {name: text_of(value) for name, value in self._fields(**self.numbers).items()}
        return fields | {"right": self._text(self.right, lang) if callable(self._right) else ""}

    def _text(self, answer, lang=None):
        if self.kind != "choice":
            return text_of(answer)
        return self._word(f"{self._own}_{self._letters().get(answer, answer)}", lang)

    def _letters(self):
        options = ["right", *self._mistakes]
        random.Random(self.name).shuffle(options)
        return dict(zip("ABCDEFGH", options, strict=False))

    def _letter(self, option):
        return next(letter for letter, one in self._letters().items() if one == option)

    # Reading and remembering

    def _read(self, answer):
        return self._chosen(answer) if self.kind == "choice" else read(self.kind, answer)

    def _chosen(self, answer):
        """The letter of the option that was chosen, by its letter or by its words in any language."""
        letters = self._letters()
        if isinstance(answer, str):
            plain = plain_text(answer)
            if found := re.fullmatch(r"[(\[]?([A-Za-z])[)\].:]?", plain):
                plain = found[1].upper()
            texts = {letter: letter for letter in letters}
            texts |= {_bare(self._text(letter, lang)): letter for lang in LANGUAGES for letter in letters}
            if found := texts.get(plain) or texts.get(_bare(plain)):
                return found
        raise Unreadable(say("questions.unreadable_choice", given=written(answer), letters=", ".join(letters)))

    def _with(self, numbers):
        """The same question about other numbers, nothing tried yet."""
        other = type(self).__new__(type(self))
        other.__dict__ = {**self.__dict__, "numbers": dict(numbers), "tries": 0, "_hints_given": 0, "_worked_out": None}
        other._asked_for_solution = other._solved = False
        return other

    def _praise(self, verdict):
        return paragraphs(say("questions.right"), self.worked(), self._after())

    def _after(self):
        """Where to read on after success: unread hints, another way."""
        hints = self._hints_given < len(self.hints())
        another = bool(self._word(f"{self._own}_another", optional=True))
        key = {(True, True): "more_both", (True, False): "more_hints", (False, True): "more_another"}.get(
            (hints, another)
        )
        return say(f"questions.{key}", call="`.solution()`") if key else ""

    def _other_kind(self, given):
        """What can be said of a wrong answer whose cause is not known, from its form alone."""
        if self.kind == "shape" and len(given) != len(self.right):
            return say("questions.shape_length", given=len(given), wanted=len(self.right))
        if self.kind == "array" and given.size == np.size(self.right) and given.squeeze().shape == np.shape(self.right):
            return say("questions.array_axes", given=str(given.shape), wanted=str(np.shape(self.right)))
        if self.kind == "array" and np.shape(given) != np.shape(self.right):
            return say("questions.array_shape", given=str(np.shape(given)), wanted=str(np.shape(self.right)))
        if self.kind == "array":
            wrong = np.argwhere(~np.isclose(given, np.asarray(self.right, float), rtol=1e-6, atol=1e-6))
            return say("questions.array_first", count=len(wrong), where=str([int(i) for i in wrong[0]]))
        return say("questions.look_again")

    def _counter_example(self, given):
        if self._layer is None or isinstance(given, tuple):
            return ""
        drawn = counter_example(given, *self._layer(**self.numbers)) if isinstance(given, int) else ""
        # With stride 1 the window after the last begins at the cell whose number is the answer.
        told = re.search(rf"(?<!\d){self.right}(?!\d)", drawn.partition("```")[0])
        return "" if told else drawn

    def __repr__(self):
        return plain(self.statement())

    def _repr_markdown_(self):
        return self.statement()


def plain(markdown: str) -> str:
    """Return Markdown as plain text: without bold, code marks and fences.

    Examples
    --------
    >>> plain("**Right.** `S` is 2.")
    'Right. S is 2.'
    """
    return re.sub(r"\*\*|`|^```\w*\n", "", re.sub(r"^```\w*\n?", "", markdown, flags=re.MULTILINE))


def _bare(text):
    """A text without marks, spaces and a full stop: what two ways of writing an option have in common."""
    return re.sub(r"[\s`*.\"'“”‘’]", "", plain_text(text)).lower()


def paragraphs(*parts: str) -> str:
    """Join what is not empty as paragraphs."""
    return "\n\n".join(part for part in parts if part)


def _show(markdown):
    from IPython.display import display

    display({"text/markdown": markdown, "text/plain": plain(markdown)}, raw=True, metadata={"lang": language()})
