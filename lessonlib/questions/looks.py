"""What is seen of a learner's module by running it: on a copy, in `train` and in `eval`, on several batches, with weights set.

Weights are set to numbers that depend on their shapes alone, so that it does not matter in which order a learner makes the layers.
Those that a forward pass uses without their being registered are found by watching `conv2d` and `linear`, and set too.
"""

import copy
import inspect
import time
from contextlib import contextmanager, suppress
from typing import NamedTuple

import numpy as np

from lessonlib.questions.sandbox import call, seed, settings_kept
from lessonlib.sentences import say

_CLOSE = 1e-5


class Probe(NamedTuple):
    """One input: how many images, how large its numbers are, and the module's mode."""

    name: str
    images: int
    size: float
    training: bool


# The first is the usual one; each of the others differs from it in what its name says.
PROBES = (
    Probe("usual", 2, 1, False),
    Probe("train", 2, 1, True),
    Probe("batch", 3, 1, False),
    Probe("batch", 1, 1, False),
    Probe("large", 2, 4000, False),
    # So many values that some lie within a thousandth of 0, on both sides.
    Probe("many", 96, 1, False),
)
# A whole check may take so many seconds.
_WHOLE = 8
# How often the usual input is put in again, in each mode, with other random numbers to draw, and for how many seconds at most.
_AGAIN, _AGAIN_SECONDS = 60, 0.5


class Call(NamedTuple):
    """One use of a layer during a forward pass: the shape of its weight (() for a ReLU) and what it was given."""

    weight: tuple
    input: np.ndarray

    def like(self, other):
        return self.weight == other.weight and _close(self.input, other.input)


class Run(NamedTuple):
    """What came of one probe: an output, or a problem and the type of its exception; and the layers that were used."""

    output: object
    problem: str
    error: str
    calls: tuple

    def like(self, other):
        """Return whether two runs are the same: layers used, what they were given, and the output or the exception."""
        same = len(self.calls) == len(other.calls) and all(map(Call.like, self.calls, other.calls))
        return same and self.error == other.error and self.gives(other)

    def gives(self, other):
        """Return whether two runs end alike, whatever was on the way."""
        if self.problem or other.problem:
            return bool(self.problem and other.problem)
        return _close(self.output, other.output)

    def unused_relu(self):
        """Return whether a ReLU was called and what it was given went on, not what it gave."""
        for at, one in enumerate(self.calls):
            if one.weight == () and (one.input < 0).any():
                after = next((later.input for later in self.calls[at + 1 :] if later.weight), self.output)
                if after is not None and _close(one.input.ravel(), after.ravel()):
                    return True
        return False


class Look(NamedTuple):
    """What is seen of a module.

    ``registered`` are the shapes of its parameters; ``elsewhere`` pairs of a shape and where that weight is kept, for those
    that are used but not registered; ``frozen``, ``unreached`` and ``idle`` the shapes of parameters that do not learn, that
    `backward` gives no gradient, and that make no difference to the output; ``overwritten`` of those that a call changed;
    ``changing`` is the mode ("eval" or "train") in which one input gives several outputs.
    """

    registered: tuple
    elsewhere: tuple
    runs: tuple
    frozen: tuple = ()
    unreached: tuple = ()
    idle: tuple = ()
    overwritten: tuple = ()
    changing: str = ""

    def like(self, other):
        """Return whether two modules are the same as far as is seen."""
        if self[:2] != other[:2] or self.frozen != other.frozen or self.unreached != other.unreached:
            return False
        if self.overwritten != other.overwritten or self.changing != other.changing:
            return False
        return len(self.runs) == len(other.runs) and all(map(Run.like, self.runs, other.runs))

    def as_good_as(self, right):
        """Return whether this does what the right module does, by whatever way."""
        if self.registered != right.registered or self.elsewhere or self.frozen or self.unreached:
            return False
        if self.overwritten or self.changing:
            return False
        return all(not mine.problem and mine.gives(other) for mine, other in zip(self.runs, right.runs, strict=True))


def is_initialized(module):
    """Return whether `nn.Module.__init__` was called: without it nothing can be registered."""
    import torch

    # What `torch.jit` makes keeps its parameters elsewhere.
    return isinstance(module, torch.jit.ScriptModule) or "_parameters" in vars(module)


def look(module, shape, again=False):
    """Run a module on inputs of this shape, with other batch sizes as well, and return what is seen.

    With ``again``, the same input is put in many times, to see whether the output is always the same.

    The module is left as it was, whatever happens: a copy is run, and where it cannot be copied, it is put back.
    """
    import torch

    with settings_kept(), torch.enable_grad(), _worked_on(module) as (working, keep):
        torch.set_num_threads(1)  # for layers this small, several threads only wait for one another
        return _Bench(working, shape, keep).look(again)


@contextmanager
def _worked_on(module):
    """A copy of a module to work on, and a function that notes a tensor or a module of elsewhere, to be put back."""
    notes, noted = [], set()

    def keep(one):
        if id(one) in noted:
            return
        noted.add(id(one))
        with suppress(Exception):  # a weight that is not there yet has nothing to keep
            notes.append((one, _state(one)))

    copied = call(copy.deepcopy, module)
    working = module if copied.problem or copied.value is None else copied.value
    if working is module:
        for part in module.modules():
            keep(part)
    try:
        yield working, keep
    finally:
        for one, state in reversed(notes):
            _put_back(one, state)


def _state(one):
    """What a tensor or a module holds: of a module its attributes, and what its own tensors hold."""
    import torch

    if isinstance(one, torch.Tensor):
        return one.detach().clone(), one.requires_grad
    named = {name: dict(held) if isinstance(held, dict) else held for name, held in vars(one).items()}
    own = [held for held in [*one._parameters.values(), *one._buffers.values()] if held is not None]
    tensors = []
    for held in own:
        with suppress(Exception):
            tensors.append((held, _state(held)))
    return named, tensors


def _put_back(one, state):
    import torch

    if isinstance(one, torch.Tensor):
        with torch.no_grad(), suppress(RuntimeError):
            one.copy_(state[0])
        if one.is_leaf:
            one.requires_grad_(state[1])
        return
    named, tensors = state
    for name, held in named.items():
        mine = vars(one).get(name)
        if isinstance(held, dict) and isinstance(mine, dict):
            mine.clear()
            mine.update(held)
        else:
            vars(one)[name] = held
    for name in set(vars(one)) - set(named):
        del vars(one)[name]
    for held, kept in tensors:
        _put_back(held, kept)


class _Bench:
    """Where one module is tried out."""

    def __init__(self, module, shape, keep):
        self._module, self._shape, self._keep = module, shape, keep
        self._dtype = None
        self._end, self._stopped = time.monotonic() + _WHOLE, False

    def look(self, again):
        import torch

        first = self._first_run()
        torch.manual_seed(1)  # layers made anew in each forward pass are born with other numbers
        _, used_again = self._run(PROBES[0], values=False)
        parameters = list(torch.nn.Module.parameters(self._module))
        registered = _shapes(self._module.parameters())
        kept = {_place(one) for one in parameters}
        used = {_place(one): one for one in first[1]}
        outside = [one for place, one in used.items() if one.grad_fn is None and place not in kept]
        elsewhere = tuple(sorted((tuple(one.shape), self._where(one, used_again)) for one in outside))
        for one in outside:
            self._keep(one)
        for one in [*parameters, *outside]:
            _set(one)
        before = [one.detach().clone() for one in parameters]
        runs = [self._run(PROBES[0])[0]]
        written = [one for one, old in zip(parameters, before, strict=True) if not _equal(one, old)]
        for one in written:
            _set(one)
        runs = (*runs, *(self._run(probe)[0] for probe in PROBES[1:]))
        frozen = _shapes(one for one in parameters if not one.requires_grad)
        if runs[0].problem:
            return Look(registered, elsewhere, runs, frozen)
        if written:
            return Look(registered, elsewhere, runs, frozen, overwritten=_shapes(written))
        if again and (mode := self._changing(runs)):
            return Look(registered, elsewhere, runs, frozen, changing=mode)
        unreached = self._unreached([one for one in parameters if one.requires_grad])
        return Look(registered, elsewhere, runs, frozen, unreached, self._idle(parameters, runs[0]))

    def _changing(self, runs):
        """The mode in which the usual input does not always give the same, or "".

        What it gave before the other probes does not count: batch normalization has learned from them since.
        """
        import torch

        for mode, probe, first in zip(("eval", "train"), PROBES, runs, strict=False):
            if first.problem:
                continue
            end = time.monotonic() + _AGAIN_SECONDS
            given = self._input(probe)
            with suppress(Exception):  # a `train` of the learner's own
                torch.nn.Module.train(self._module, probe.training)

            def again(given=given, end=end):
                usual = None
                for at in range(_AGAIN):
                    if time.monotonic() > end:
                        break
                    seed(at)
                    output = self._module(given.clone()).detach().double().numpy()
                    usual = output if usual is None else usual
                    if not _close(output, usual):
                        return True
                return False

            outcome = call(again)
            if outcome.error or outcome.value:
                return mode
        return ""

    def _first_run(self):
        """Run once with the weights as they are: lazy layers are made, and the dtype that the module takes is found."""
        import torch

        own = [one.dtype for one in self._module.parameters() if one.dtype.is_floating_point]
        ran = None
        for dtype in dict.fromkeys([*own[:1], torch.get_default_dtype(), torch.float32, torch.float64]):
            self._dtype = dtype
            again = self._run(PROBES[0], values=False)
            if not again[0].problem:
                return again
            ran = ran or (*again, dtype)
        self._dtype = ran[2]
        return ran[:2]

    def _input(self, probe):
        import torch

        shape = (probe.images, *self._shape[1:])
        numbers = np.cos(np.arange(np.prod(shape)) * 0.7).reshape(shape) * probe.size
        # Beyond the first three, images that are no waves: what a layer makes of a wave may stay away from 0.
        numbers[3:] = np.random.default_rng(1).normal(0, 2 * probe.size, numbers[3:].shape)
        return torch.from_numpy(numbers).to(self._dtype)

    def _run(self, probe, values=True, grad=False):
        """Return the run and the weights that it used; with ``grad``, the output itself in place of its values."""
        import torch

        with suppress(Exception):  # a `train` of the learner's own
            torch.nn.Module.train(self._module, probe.training)
        if self._stopped:
            return Run(None, say("questions.too_slow", seconds=_WHOLE), "", ()), []
        watch = _watch(self._keep, set(map(id, self._module.modules())))
        with torch.enable_grad(), watch as (calls, weights):
            outcome = call(self._module, self._input(probe), seconds=max(self._end - time.monotonic(), 0.1))
        if outcome.stopped and time.monotonic() > self._end:
            self._stopped = True
            outcome = outcome._replace(problem=say("questions.too_slow", seconds=_WHOLE))
        problem, output = outcome.problem, None
        if not problem:
            problem = self._out_of_reach() or _unusable(outcome.value)
            if not problem and not grad:
                output = outcome.value.detach().double().numpy().copy()
            elif not problem:
                output = outcome.value
        if not problem and not grad and not np.isfinite(output).all():
            problem = say("questions.module_not_finite")
        return Run(output, problem, outcome.error, tuple(calls) if values else ()), weights

    def _out_of_reach(self):
        """Why weights cannot be set: they are not in the computer's own memory."""
        devices = [one.device.type for one in self._module.parameters() if one.device.type != "cpu"]
        return say("questions.module_no_values", kind=f"device={devices[0]}") if devices else ""

    def _unreached(self, parameters):
        """The parameters that `backward` does not reach from the output."""
        import torch

        run, _ = self._run(PROBES[1], grad=True)
        if run.problem or not parameters:
            return ()
        try:
            gradients = torch.autograd.grad(run.output.sum(), parameters, allow_unused=True)
        except RuntimeError:
            gradients = [None] * len(parameters)
        return _shapes(one for one, gradient in zip(parameters, gradients, strict=True) if gradient is None)

    def _idle(self, parameters, usual):
        """The parameters that can be changed without the output being another."""
        import torch

        idle = []
        for one in parameters:
            before = one.detach().clone()
            with torch.no_grad(), suppress(RuntimeError):
                one.add_(torch.cos(torch.arange(one.numel(), dtype=one.dtype)).reshape(one.shape))
            if self._run(PROBES[0])[0].gives(usual):
                idle.append(one)
            with torch.no_grad(), suppress(RuntimeError):
                one.copy_(before)
        return _shapes(idle)

    def _where(self, weight, used_again):
        """Where a weight that is used but not registered is kept."""
        place = _place(weight)
        for part in self._module.modules():
            for name, held in vars(part).items():
                where = _found(held, place)
                if where:
                    return "buffer" if name == "_buffers" else where
            for kind in type(part).__mro__:
                if any(_found(held, place) for held in vars(kind).values() if not inspect.isroutine(held)):
                    return "class"
            if any(_found(held, place) for held in _seen_by(type(part).forward)):
                return "global"
        if place not in map(_place, used_again) and not any(_same(weight, other) for other in used_again):
            return "forward"
        return ""


def _seen_by(function):
    """What a function can use that is neither handed to it nor its own: global names, and those around it."""
    cells = []
    for cell in getattr(function, "__closure__", None) or ():
        with suppress(ValueError):
            cells.append(cell.cell_contents)
    named = getattr(function, "__globals__", {}).items()
    return [held for name, held in named if not name.startswith("__")] + cells


def _found(held, place, deep=4):
    """How something holds a weight: "tensor", "list" of modules, "tensors" in a list; "" where it does not."""
    import torch

    if isinstance(held, torch.Tensor):
        return "tensor" if _place(held) == place else ""
    if isinstance(held, torch.nn.Module):
        return "list" if is_initialized(held) and place in map(_place, held.parameters()) else ""
    if isinstance(held, dict):
        held = list(held.values())
    if isinstance(held, list | tuple | set) and deep:
        inner = {_found(one, place, deep - 1) for one in held} - {""}
        return "" if not inner else "tensors" if inner <= {"tensor", "tensors"} else "list"
    return ""


@contextmanager
def _watch(keep, own):
    """Note what `conv2d`, `linear` and ReLUs are given, and the weights; what modules of elsewhere hold is kept first."""
    import torch
    from torch.nn import functional

    calls, weights = [], []
    weighing = (torch.conv2d, functional.linear)
    bending = (torch.relu, functional.relu, torch.Tensor.relu, torch.relu_, torch.Tensor.relu_)

    class Watch(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            kwargs = kwargs or {}
            if func in weighing:
                given = dict(zip(("input", "weight", "bias"), args, strict=False)) | kwargs
                for name in ("weight", "bias"):
                    if isinstance(given.get(name), torch.Tensor):
                        weights.append(given[name])
                note(given.get("weight"), given.get("input"))
            elif func in bending:
                note(None, args[0] if args else kwargs.get("input"))
            return func(*args, **kwargs)

    def note(weight, given):
        with suppress(Exception):  # nothing that is noted may stop the learner's module
            calls.append(Call(() if weight is None else tuple(weight.shape), given.detach().double().numpy().copy()))

    def met(module, inputs):
        if id(module) not in own:
            keep(module)

    handle = torch.nn.modules.module.register_module_forward_pre_hook(met)
    try:
        with Watch():
            yield calls, weights
    finally:
        handle.remove()


def _unusable(value):
    """Why what `forward` returned cannot be compared, or ""."""
    import torch

    if value is None:
        return say("questions.module_nothing")
    if not isinstance(value, torch.Tensor):
        return say("questions.module_no_tensor", type=type(value).__name__)
    if value.layout != torch.strided or value.is_quantized or value.device.type != "cpu":
        kind = f"{value.layout}".removeprefix("torch.") if value.device.type == "cpu" else f"device={value.device.type}"
        return say("questions.module_no_values", kind=kind)
    if value.dtype not in (torch.float32, torch.float64):
        return say("questions.module_dtype", dtype=str(value.dtype))
    return ""


def _set(one):
    """Give a weight numbers that depend on its shape alone."""
    import torch

    with torch.no_grad(), suppress(RuntimeError, TypeError, ValueError):
        steps = torch.arange(one.numel(), dtype=torch.float64) * 2.4 + sum(one.shape) + 0.5
        taken = one.numel() // one.shape[0] if one.ndim and one.numel() else 1
        one.copy_((torch.sin(steps) / taken**0.5).reshape(one.shape))


def _place(one):
    """What tells a weight from others: where its numbers are kept."""
    try:
        return one.data_ptr() or id(one)
    except (RuntimeError, ValueError):
        return id(one)


def _same(one, other):
    import torch

    return one.shape == other.shape and torch.equal(one, other)


def _shapes(tensors):
    shapes = []
    for one in tensors:
        with suppress(RuntimeError):  # a lazy layer that no input has met
            shapes.append(tuple(one.shape))
    return tuple(sorted(shapes))


def apart(one, other):
    """Return where two outputs of the same shape differ, up to what single precision leaves of the largest of their values."""
    # Large sums cancel: what is left of them is as exact as they were.
    large = max(1.0, 0.1 * float(np.abs(other).max(initial=0)))
    return ~(np.abs(one - other) <= _CLOSE * np.maximum(np.abs(other), large))


def _equal(one, other):
    import torch

    try:
        return one.shape == other.shape and torch.equal(one.detach(), other)
    except (RuntimeError, NotImplementedError):  # a tensor without values
        return True


def _close(one, other):
    return one.shape == other.shape and not apart(one, other).any()
