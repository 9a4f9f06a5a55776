"""Questions whose checks name the mistake behind a wrong answer.

In a lesson::

    side = question("one_channel.side")
    side.show()                 # the statement, in the learner's language
    side.check(...)             # `...` is what a lesson holds: "not answered yet"
    side.hint()                 # the next hint;  side.solution() is the worked one;  side.variant(7) asks with fresh numbers

**To add a question**, put it into ``lessons/<lesson>.py`` and its words into ``lessons/<lesson>.toml``. Everything that is known
wrong is a computation, run on the numbers of the question, and so is the right answer::

    Question(
        "padding.keep_size",                                   # lesson.name
        kind="number",                                         # number, shape, array, choice, function or module
        first={"n": 28, "k": 5},                               # the numbers that everybody meets first
        draw=lambda rng: {"n": rng.randint(8, 40), "k": rng.choice([3, 5, 7])},   # fresh ones; rng is a random.Random
        right=lambda n, k: (k - 1) // 2,
        mistakes={"kernel_size_as_padding": lambda n, k: k, "padding_both_sides": lambda n, k: k - 1},
    )

    [keep_size]                                                # the statement; {n} and {k} are filled in
    ko = "…크기 {n}…커널 {k}…"
    en = "…"
    [keep_size_hint_1]                                         # where to look; _hint_2: the rule, other numbers; _hint_3: a worked step
    [keep_size_solution]                                       # {right} is the right answer;  [keep_size_another]: another way
    [kernel_size_as_padding_name]                              # the mistake in a few words
    [kernel_size_as_padding]                                   # the step that gives it, and why it fails. {given} is what the learner said

Words of a mistake that are not in the lesson's file are taken from ``lessons/mistakes.toml``, shared by all lessons; so are the
functions in ``lessons/mistakes.py``. ``hints="size"`` takes hints and solution from ``hints.toml``. ``fields=`` computes more ``{fields}``.
A test draws hundreds of variants of every question and wants right answer and mistakes to differ; `Question.variant` draws until they do.
A ``choice`` has ``mistakes=("a", "b")``, with the words ``[name_right]``, ``[name_a]``, ``[name_b]`` for the options.
``function`` and ``module``: see ``functions.py`` and ``modules.py``.
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lessonlib.questions.core import Question

LESSONS = (
    "start",
    "one_channel",
    "many_channels",
    "padding",
    "properties",
    "shape",
    "conv_layer_shapes",
    "conv_calculation",
    "filter_shapes",
    "activation",
    "sequential",
    "subclassing",
    "train_a_cnn",
)


def question(name: str) -> "Question":
    """Return the question of that name, "lesson.question"; asked twice, it is the same one with its tries and hints.

    Raises
    ------
    UnknownQuestion
        A `KeyError`, for a question that the course does not have.

    Examples
    --------
    >>> question("one_channel.side").name
    'one_channel.side'
    """
    lesson = name.partition(".")[0] if isinstance(name, str) else ""
    found = _questions(lesson) if lesson in LESSONS else {}
    if not isinstance(name, str) or name not in found:
        raise UnknownQuestion(_unknown(name))
    return found[name]


class UnknownQuestion(KeyError):  # noqa: N818  it is shown to learners
    """A question that the course does not have; its message is a sentence, not the repr of one."""

    def __str__(self) -> str:
        return str(self.args[0])


def _unknown(name):
    """What to say of a name that no question has: the nearest one."""
    from difflib import get_close_matches

    from lessonlib.questions.answers import written
    from lessonlib.sentences import say

    if not isinstance(name, str):
        return say("questions.name_is_text", given=written(name))
    plain, known = name.strip().lower().replace(" ", "_"), names()
    own = {one.partition(".")[2]: one for one in known}
    near = get_close_matches(plain, known, 1, 0.6) or [own[one] for one in get_close_matches(plain, own, 1, 0.7)]
    if near:
        return say("questions.unknown_near", name=repr(name), near=f'"{near[0]}"')
    lesson = name.partition(".")[0]
    return say(
        "questions.unknown", name=repr(name), names=", ".join(_questions(lesson) if lesson in LESSONS else LESSONS)
    )


def names() -> list[str]:
    """Return the names of all questions of the course, lesson by lesson."""
    return [name for lesson in LESSONS for name in _questions(lesson)]


@cache
def _questions(lesson):
    module = import_module(f"lessonlib.lessons.{lesson}")
    return {one.name: one for one in module.QUESTIONS}
