"""A module that the learner builds, compared with the right one by shapes, by parameters, and by values under the same weights.

::

    ModuleQuestion(
        "sequential.three_layers",
        input=(2, 3, 8, 9),                  # the shape of what is put in
        build=lambda: …,                     # the right module; PyTorch is imported inside
        mistakes={"relu_missing": lambda: …},   # known wrong modules
    )

`looks` says what is seen of a module. A known mistake is named only if all of it is the same: parameters, where they are kept,
the layers that were used and what each was given, and the outputs of every probe. Otherwise what was measured is told.
"""

import numpy as np

from lessonlib.extras import needs
from lessonlib.questions.answers import Unreadable, text_of, written
from lessonlib.questions.core import Question, paragraphs
from lessonlib.questions.looks import PROBES, Look, is_initialized, look
from lessonlib.questions.sandbox import last_line, settings_kept
from lessonlib.questions.unfinished import gap_in
from lessonlib.questions.verdict import Unattempted, Verdict
from lessonlib.sentences import say

_NO_INIT = "no_super_init"


class ModuleQuestion(Question):
    """A question whose answer is an `nn.Module`.

    Parameters
    ----------
    name : str
        "lesson.question".
    input : tuple of int
        The shape of what is put in.
    build : callable
        Makes the right module.
    mistakes : dict of callable
        Each makes the module of one mistake.
    """

    def __init__(self, name, *, input, build, mistakes, **words):
        super().__init__(name, kind="module", **words)
        self._input, self._build, self._wrong = input, build, mistakes
        self._looks = {}

    @property
    def mistakes(self):
        """The known wrong modules: name → a module of that kind."""
        return {name: _built(build) for name, build in self._wrong.items()}

    @property
    def right(self):
        """A right module."""
        return _built(self._build)

    def _read(self, answer):
        nn = needs("torch").nn

        if isinstance(answer, type):
            raise Unreadable(say("questions.module_class", name=answer.__name__))
        if not isinstance(answer, nn.Module):
            raise Unreadable(say("questions.unreadable_module", given=written(answer), type=type(answer).__name__))
        return answer

    def _judged(self, given):
        seen, wanted = self._look(given), self._known("")
        if isinstance(seen, Look) and seen.as_good_as(wanted):
            return Verdict(self.name, "right", given=given, evidence=seen)
        if isinstance(seen, Look) and self._is_unfinished(given, seen):
            raise Unattempted(say("questions.module_unfinished", name=type(given).__name__))
        named = tuple(self._named(given, seen))
        return Verdict(self.name, "wrong", named, len(named) == 1, given, seen)

    def _praise(self, verdict):
        count = sum(int(np.prod(shape)) for shape in verdict.evidence.registered)
        shape = verdict.evidence.runs[0].output.shape
        return paragraphs(say("questions.module_right", shape=shape, parameters=count), self._after())

    def _diagnosis(self, verdict):
        """The mistake that looks the same, or what was measured."""
        seen, named = verdict.evidence, verdict.mistakes
        if len(named) == 1:
            why = say("questions.module_named", name=self.mistake_name(named[0]), why=self.explain(named[0], ""))
            return paragraphs(why, seen.runs[0].problem if isinstance(seen, Look) else "")
        if named:
            return say("questions.module_several", names=", ".join(self.mistake_name(name) for name in named))
        return paragraphs(say("questions.module_wrong"), *self._symptoms(seen, self._known("")))

    def _look(self, module):
        """What is seen of a module, or a sentence where even looking failed."""
        if not is_initialized(module):
            return say("questions.module_no_init", name=type(module).__name__)
        try:
            return look(module, self._input)
        except Exception as error:  # attributes that are no longer what `nn.Module` made them
            return say("questions.raised", error=last_line(error))

    def _named(self, module, seen):
        if not is_initialized(module):
            return [_NO_INIT] if _NO_INIT in self._wrong else []
        if not isinstance(seen, Look):
            return []
        known = {name: self._known(name) for name in self._wrong}
        return [name for name, other in known.items() if isinstance(other, Look) and seen.like(other)]

    def _known(self, name):
        """What is seen of the module of a known mistake, or of the right one for ""; looked at once."""
        if name not in self._looks:
            self._looks[name] = self._look(_built(self._wrong[name]) if name else self.right)
        return self._looks[name]

    def _is_unfinished(self, module, seen):
        """Whether the `...` of the lesson is still in a class whose module gives nothing."""
        nn = needs("torch").nn

        if not seen.runs[0].problem:
            return False
        kind = type(module)
        if kind.forward is nn.Module.forward:
            return kind is nn.Module or "body" in (gap_in(kind.__init__), gap_in(kind.forward))
        return bool(gap_in(kind.forward)) or (kind.__init__ is not nn.Module.__init__ and bool(gap_in(kind.__init__)))

    def _symptoms(self, seen, wanted):
        """What was measured, and what was established from it, the first thing to mend first."""
        if not isinstance(seen, Look):
            return [seen]
        usual, right = seen.runs[0], wanted.runs[0]
        problem = say("questions.module_raised", shape=self._input, problem=usual.problem) if usual.problem else ""
        if seen.elsewhere or len(seen.registered) < len(wanted.registered):
            return [*self._unregistered(seen, wanted), problem]
        if problem:
            return [problem]
        if usual.output.shape != right.output.shape:
            return [say("questions.module_output", wanted=right.output.shape, given=usual.output.shape)]
        if seen.registered != wanted.registered:
            given, all_right = (text_of(list(one.registered)) for one in (seen, wanted))
            return [say("questions.module_parameters", given=given, wanted=all_right)]
        if not usual.gives(right):
            return self._values(seen, usual, right)
        for probe, run, other in zip(PROBES, seen.runs, wanted.runs, strict=True):
            if not run.gives(other):
                return [say(f"questions.module_only_{probe.name}", images=probe.images), run.problem]
        if seen.frozen:
            return [say("questions.module_frozen", shapes=text_of(list(seen.frozen)))]
        return [say("questions.module_unreached", count=len(seen.unreached), all=len(seen.registered))]

    def _unregistered(self, seen, wanted):
        """How many parameters are registered, and where the others were found."""
        said = [say("questions.module_registered", count=len(seen.registered), all=len(wanted.registered))]
        places = [where for where in dict.fromkeys(where for _, where in seen.elsewhere) if where]
        return [*said, *(say(f"questions.module_kept_{where}") for where in places)]

    def _values(self, seen, usual, right):
        """Where values differ, and what the layers that were used say of it."""
        apart = np.argwhere(np.abs(usual.output - right.output) > 1e-5 * np.maximum(np.abs(right.output), 1))
        first = tuple(int(i) for i in apart[0])
        got, want = (f"{one.output[first]:.4g}" for one in (usual, right))
        said = say(
            "questions.module_values",
            count=len(apart),
            all=right.output.size,
            where=text_of(list(first)),
            given=got,
            wanted=want,
        )
        return [said, self._where_values_part(seen, usual, right)]

    def _where_values_part(self, seen, usual, right):
        mine, theirs = ([call for call in run.calls if call.weight] for run in (usual, right))
        used = [call.weight for call in mine]
        idle = [shape for shape in seen.idle if len(shape) > 1]
        if idle and idle[0] in used:
            return say("questions.module_result_unused", shape=idle[0])
        if idle:
            return say("questions.module_layer_unused", shape=idle[0])
        if usual.unused_relu():
            return say("questions.module_relu_unused")
        if used != [call.weight for call in theirs]:
            return ""
        for at, (one, other) in enumerate(zip(mine, theirs, strict=True)):
            if one.input.shape != other.input.shape:  # padded by other means, perhaps
                return ""
            if not one.like(other):
                return say(
                    "questions.module_first_input" if at == 0 else "questions.module_layer_input", shape=one.weight
                )
        return say("questions.module_after_last")


def _built(build):
    """A module of ours, in single precision whatever the learner has set, and without a trace in the random streams."""
    torch = needs("torch")

    with settings_kept():
        torch.set_default_dtype(torch.float32)
        return build()
