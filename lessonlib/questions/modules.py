"""A module that the learner builds, compared with the right one by shapes, by parameters, and by values under the same weights.

::

    ModuleQuestion(
        "sequential.three_layers",
        input=(2, 3, 8, 9),                  # the shape of what is put in
        build=lambda: …,                     # the right module; PyTorch is imported inside
        mistakes={"relu_missing": lambda: …},   # known wrong modules
    )

Weights are set to numbers that depend on their shapes alone, so that it does not matter in which order a learner makes the layers.
"""

from typing import NamedTuple

import numpy as np

from lessonlib.questions.answers import text_of, written
from lessonlib.questions.core import Question, paragraphs
from lessonlib.questions.sandbox import call
from lessonlib.sentences import say


class Seen(NamedTuple):
    """What can be seen of a module from outside."""

    output_shape: tuple
    parameter_shapes: tuple
    values: object
    problem: str = ""

    def like(self, other):
        """Return whether two modules look the same; without parameters of its own, a module's values are chance."""
        if not self.same_form(other) or self.problem or not self.parameter_shapes:
            return self.same_form(other)
        return np.allclose(self.values, other.values, rtol=1e-3, atol=1e-5)

    def same_form(self, other):
        """Return whether shapes, parameters and the error, if there is one, are the same, whatever the values."""
        return self[:2] == other[:2] and self.problem == other.problem


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
        Each makes the module of one misconception.
    """

    def __init__(self, name, *, input, build, mistakes, hints=None):
        super().__init__(name, kind="module", hints=hints)
        self._input, self._build, self._wrong = input, build, mistakes

    @property
    def mistakes(self):
        """The known wrong modules: name → a module of that kind."""
        return {name: build() for name, build in self._wrong.items()}

    @property
    def right(self):
        """A right module."""
        return self._build()

    def reply(self, answer):
        """Return what `check` shows, as Markdown, and remember the try."""
        if answer is ...:
            return say("exercises.not_attempted", expected=say("exercises.expects_module"))
        from torch import nn

        if isinstance(answer, type):
            return say("exercises.module_class", name=answer.__name__)
        if not isinstance(answer, nn.Module):
            return say("exercises.unreadable_module", given=written(answer), type=type(answer).__name__)
        self.tries += 1
        seen, wanted = self._look(answer), self._look(self.right)
        solved = not seen.problem and seen.like(wanted)
        named = [] if solved else self._like(seen)
        self._solved = self._solved or solved
        self._record(solved, named[0] if len(named) == 1 else None)
        if solved:
            count = sum(int(np.prod(shape)) for shape in seen.parameter_shapes)
            return paragraphs(say("exercises.module_right", shape=seen.output_shape, parameters=count), self._after())
        return self._verdict(seen, wanted, named)

    def mistakes_in(self, answer):
        """Return the names of the known mistakes that look like this module."""
        seen = self._look(answer)
        return [] if not seen.problem and seen.like(self._look(self.right)) else self._like(seen)

    def _like(self, seen):
        looks = {name: self._look(wrong) for name, wrong in self.mistakes.items()}
        alike = [name for name, look in looks.items() if seen.like(look)]
        if alike or seen.parameter_shapes == self._look(self.right).parameter_shapes:
            return alike
        # Layers that are not registered keep the weights they were born with: there the form alone has to do.
        return [name for name, look in looks.items() if seen.same_form(look)]

    def _verdict(self, seen, wanted, named):
        if len(named) == 1:
            why = say("exercises.module_named", name=self.mistake_name(named[0]), why=self.explain(named[0], ""))
            return paragraphs(why, seen.problem)
        if named:
            return say("exercises.module_several", names=", ".join(self.mistake_name(name) for name in named))
        if seen.problem:
            return say("exercises.module_raised", shape=self._input, problem=seen.problem)
        if seen.output_shape != wanted.output_shape:
            return say("exercises.module_output", wanted=wanted.output_shape, given=seen.output_shape)
        if seen.parameter_shapes != wanted.parameter_shapes:
            return say("exercises.module_parameters", given=text_of(list(seen.parameter_shapes)))
        return say("exercises.module_values")

    def _look(self, module):
        """Run a module on a fixed input with weights that depend on their shapes alone; its own are put back."""
        import torch

        numbers = np.cos(np.arange(np.prod(self._input)) * 0.7).reshape(self._input)
        kept = [(one, one.detach().clone()) for one in module.parameters()]
        with torch.no_grad():
            for one, _ in kept:
                steps = torch.arange(one.numel(), dtype=one.dtype) * 2.4 + sum(one.shape)
                one.copy_((torch.sin(steps) / one[0].numel() ** 0.5).reshape(one.shape))
            outcome = call(module, torch.from_numpy(numbers).float())
            for one, before in kept:
                one.copy_(before)
        shapes = tuple(sorted(tuple(one.shape) for one, _ in kept))
        if not outcome.problem and not hasattr(outcome.value, "detach"):
            outcome = outcome._replace(problem=say("exercises.module_no_tensor", type=type(outcome.value).__name__))
        if outcome.problem:
            return Seen((), shapes, None, outcome.problem)
        return Seen(tuple(outcome.value.shape), shapes, outcome.value.detach().numpy())
