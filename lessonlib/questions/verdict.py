"""What a check finds out about an answer, as a value that a program can read."""

from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["missing", "unreadable", "wrong", "right"]


@dataclass(frozen=True)
class Verdict:
    """What a check found out about an answer.

    Attributes
    ----------
    question : str
        "lesson.question".
    outcome : {"missing", "unreadable", "wrong", "right"}
        The first two are no tries: nothing was answered yet, or it could not be read as an answer of this kind.
    mistakes : tuple of str
        The known mistakes that give this answer. With more than one, no more was established than that it is one of them.
    certain : bool
        Whether the one mistake is the cause: no other one that is known gives this answer.
    given : object
        The answer as it was read.
    said : str
        What the learner is told, as Markdown.

    Examples
    --------
    >>> verdict = Verdict("padding.keep_size", "wrong", mistakes=("kernel_as_padding",), certain=True)
    >>> verdict.solved, verdict.mistake
    (False, 'kernel_as_padding')
    """

    question: str
    outcome: Outcome
    mistakes: tuple[str, ...] = ()
    certain: bool = False
    given: Any = field(default=None, repr=False)
    evidence: Any = field(default=None, repr=False, compare=False)
    said: str = field(default="", repr=False)

    @property
    def solved(self) -> bool:
        """Whether the answer is right."""
        return self.outcome == "right"

    @property
    def counts(self) -> bool:
        """Whether it was a try."""
        return self.outcome in ("wrong", "right")

    @property
    def mistake(self) -> str | None:
        """The mistake behind a wrong answer, where it is established."""
        return self.mistakes[0] if self.certain and len(self.mistakes) == 1 else None

    def __bool__(self) -> bool:
        return self.solved

    def _ipython_display_(self) -> None:
        """Show nothing: `check` has shown what is to be said."""


class Unattempted(Exception):  # noqa: N818  nothing went wrong
    """Nothing was answered yet; the message says what is expected."""
