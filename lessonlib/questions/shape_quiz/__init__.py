"""An endless quiz on output sizes: find O, P, S or K, each wrong answer named."""

from typing import Any

import traitlets

from lessonlib import tries
from lessonlib.kit.explorer import Panel, View, read_view
from lessonlib.sentences import say, words

# The mistakes whose words the exercises have already.
_SHARED = (
    "no_plus_one", "padding_once", "padding_ignored", "padding_after_stride", "rounded_up", "size_stays",
    "kernel_added", "stride_ignored", "stride_divides_input", "dilation_ignored", "dilation_times_kernel",
    "height_width_swapped", "padding_in_total", "kernel_as_padding",
)  # fmt: skip


class ShapeQuizView(View):
    """The picture of a `ShapeQuiz`. It needs no kernel: seed and history are its whole state."""

    area = "shape_quiz"
    _esm = read_view(__file__, "js")
    _css = read_view(__file__, "css")

    seed = traitlets.Int(0).tag(sync=True)
    history = traitlets.List(traitlets.Dict(), help="kind, given, right and mistake of every answer").tag(sync=True)
    explaining = traitlets.Bool(False, help="The last answer is being explained.").tag(sync=True)
    recorded = traitlets.Int(0, help="How many answers the kernel has noted in the progress.").tag(sync=True)


class ShapeQuiz(Panel):
    """Ask for output sizes, paddings, strides and kernel sizes without end, harder with every two right answers.

    What went wrong is asked again first, with other numbers.

    Parameters
    ----------
    seed : int
        Another seed gives other questions; the same one the same.

    Examples
    --------
    >>> quiz = ShapeQuiz(seed=3)
    >>> quiz.history, quiz.streak
    ([], 0)
    """

    def __init__(self, seed: int = 0) -> None:
        view = ShapeQuizView(seed=seed)
        shared = words("mistakes")
        view.words = view.words | {key: shared[key] for name in _SHARED for key in (name, f"{name}_name")}
        super().__init__(view, {})
        view.observe(self._note, "history")

    @property
    def history(self) -> list[dict[str, Any]]:
        """Every answer so far, as a dict of kind, given, right and mistake."""
        return list(self.view.history)

    @property
    def streak(self) -> int:
        """How many answers in a row were right, counted from the last one back."""
        count = 0
        for one in reversed(self.view.history):
            if not one["right"]:
                break
            count += 1
        return count

    def _note(self, change):
        for one in change["new"][self.view.recorded :]:
            tries.record(f"shape_quiz.{one['kind']}", one["right"], one["mistake"])
        self.view.recorded = len(change["new"])

    def _still(self):
        return {"text/markdown": say("shape_quiz.still")}

    def __repr__(self):
        return f"ShapeQuiz(seed={self.view.seed})"
