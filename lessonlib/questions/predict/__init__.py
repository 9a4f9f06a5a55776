"""A question to commit to before anything is run: the explanation comes only after the answer."""

import base64
import json

import traitlets

from lessonlib import tries
from lessonlib.kit.explorer import Panel, View, read_view
from lessonlib.questions import question
from lessonlib.questions.core import Question
from lessonlib.sentences import say

# An answer that is not whole may be given to two decimals, as in a check.
_ROUNDING = 0.0051


class PredictView(View):
    """The picture of a `Predict`. It needs no kernel: choices and explanations are all there, sealed."""

    area = "predict"
    _esm = read_view(__file__, "js")
    _css = read_view(__file__, "css")

    question = traitlets.Unicode().tag(sync=True)
    statement = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    sealed = traitlets.Unicode(help="The choices with their explanations: JSON in Base64.").tag(sync=True)
    typed = traitlets.Bool(False).tag(sync=True)
    answer = traitlets.Unicode("", help="What the learner committed to; empty: nothing yet.").tag(sync=True)
    recorded = traitlets.Unicode("", help="The answer that the kernel has noted in the progress.").tag(sync=True)


class Predict(Panel):
    """Ask for a prediction; once it is committed to, explain it and what is right.

    Parameters
    ----------
    name : str
        The question, "lesson.question". Its known mistakes are the wrong choices.
    typed : bool
        Ask for the number itself, without choices.
    seed : int, optional
        Ask with fresh numbers.

    Raises
    ------
    KeyError
        For a question that the course does not have.
    ValueError
        For a question that has no such answer: one for a function, or ``typed`` where no number is asked for.

    Examples
    --------
    >>> prediction = Predict("one_channel.predict_2")
    >>> prediction.answer is None
    True
    """

    question: Question

    def __init__(self, name: str, typed: bool = False, seed: int | None = None) -> None:
        self.question = question(name) if seed is None else question(name).variant(seed)
        if self.question.kind in ("function", "module"):
            raise ValueError(say("predict.no_choices", name=name))
        if typed and self.question.kind != "number":
            raise ValueError(say("predict.typed_needs_number", name=name))
        self._choices = [
            choice | {"name": choice["mistake"] and self.question.mistake_name(choice["mistake"])}
            for choice in self.question.choices(most=100 if typed else 5)
        ]
        view = PredictView(
            question=name,
            statement=self._statement(),
            options=[] if typed else [choice["text"] for choice in self._choices],
            sealed=base64.b64encode(json.dumps(self._choices).encode()).decode(),
            typed=typed,
        )
        super().__init__(view, {})
        view.observe(self._note, "answer")

    @property
    def answer(self) -> str | None:
        """What the learner committed to, as text; None before that."""
        return self.view.answer or None

    @property
    def solved(self) -> bool:
        """Whether what the learner committed to is right."""
        chosen = self._chosen(self.view.answer)
        return chosen is not None and chosen["right"]

    def _statement(self):
        text = self.question.statement()
        # The options of a choice stand in its statement with letters; here they are the buttons.
        return text.partition("\n\n- **")[0] if self.question.kind == "choice" else text

    def _chosen(self, answer):
        return next((choice for choice in self._choices if _is_same(choice["text"], answer)), None)

    def _note(self, change):
        if change["new"]:
            chosen = self._chosen(change["new"]) or {"right": False, "mistake": None}
            tries.record(self.question.name, chosen["right"], chosen["mistake"])
        self.view.recorded = change["new"]

    def _still(self):
        options = "\n".join(f"- {option}" for option in self.view.options)
        text = f"**{say('predict.badge')}** {self.view.statement}" + (f"\n\n{options}" if options else "")
        return {"text/markdown": text}

    def __repr__(self):
        return f"Predict({self.question.name!r})"


def _is_same(text, answer):
    """Whether an answer is this choice: its text, or a number equal to it up to two decimals."""
    if text == answer:
        return True
    try:
        one, other = float(text), float(answer.replace(",", ".").replace("−", "-"))
    except ValueError:
        return False
    return abs(one - other) <= (1e-6 if one.is_integer() and other.is_integer() else _ROUNDING)
