"""Running a model and being told what each of its modules makes, without leaving a trace in it."""

import contextlib
import copy
import io
import random
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import UninitializedBuffer, is_lazy
from torch.nn.utils import parametrize

from lessonlib.summary.fields import Field, LostError, Unknown, slid
from lessonlib.summary.operations import Listener, mult_adds, name_of


class Scripted(nn.Module):
    """A scripted module, which takes no hooks, inside one that does."""

    def __init__(self, inner):
        super().__init__()
        self.__dict__["inner"] = inner

    def __getattr__(self, name):
        return getattr(self.__dict__["inner"], name)

    def forward(self, *args, **kwargs):
        return self.inner(*args, **kwargs)

    is_scripted = True


@contextlib.contextmanager
def borrowed(model):
    """Give a copy of a model; of one that cannot be copied give the model, and put back afterwards what was in it."""
    model = getattr(model, "_orig_mod", model)  # what torch.compile was given
    try:
        copied = _copy(model)
    except Exception:
        copied = None
    if copied is not None:
        yield copied
        return
    training = {module: module.training for module in model.modules()}
    values = [(one, one.detach().clone()) for one in (*model.parameters(), *model.buffers()) if not is_lazy(one)]
    try:
        yield model
    finally:
        for one, value in values:
            one.detach().copy_(value)
        for module, was in training.items():
            module.training = was


def _copy(model):
    """Return a copy of a model that may be run, changed and thrown away."""
    memo = {}
    # What `deepcopy` refuses: buffers that are still lazy, and what pruned and old weight-normed layers keep beside their parameters.
    for module in model.modules():
        for value in (*vars(module).values(), *module._buffers.values()):
            if isinstance(value, UninitializedBuffer):
                memo[id(value)] = UninitializedBuffer(device=value.device, dtype=value.dtype)
                vars(memo[id(value)]).update(vars(value))
            elif isinstance(value, torch.Tensor) and not is_lazy(value) and not value.is_leaf:
                memo[id(value)] = value.detach().clone()
    made = copy.deepcopy(model, memo)
    if isinstance(made, torch.jit.ScriptModule):
        return Scripted(made)
    for module in list(made.modules()):
        if isinstance(module, torch.jit.ScriptModule):
            continue
        for name, child in list(module._modules.items()):
            if isinstance(child, torch.jit.ScriptModule):
                module._modules[name] = Scripted(child)
    return made


@contextlib.contextmanager
def undisturbed():
    """Inside, all may be drawn and switched; afterwards random streams, grad mode and default dtype are as they were."""
    streams = random.getstate(), np.random.get_state(), torch.get_rng_state()
    dtype, quick = torch.get_default_dtype(), torch.backends.mha.get_fastpath_enabled()
    try:
        # The quick path of attention is one operation that cannot be looked into.
        torch.backends.mha.set_fastpath_enabled(False)
        with torch.no_grad():
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(quick)
        torch.set_default_dtype(dtype)
        torch.set_rng_state(streams[2])
        np.random.set_state(streams[1])
        random.setstate(streams[0])


class Run:
    """One run of a copy: ``done(module, output, work)`` is called for each module that ends, inner ones first.

    ``work`` counts the multiply-adds of what the module's own forward did, not those of modules inside it, of hooks, or of what
    makes its weights (parametrizations).
    """

    def __init__(self, model):
        self.model = model
        self.modules = list(model.modules())
        self.owners = {}  # what makes weights → the layer whose weights they are
        for module in self.modules:
            if parametrize.is_parametrized(module):
                self.owners |= dict.fromkeys(module.parametrizations.modules(), module)
        self.stack = []
        self.hooks = []

    def __call__(self, input, done, follower=None):
        """Return the output. Whatever happens, no hook is left."""
        self.stack = [_Frame(None, True)]

        def heard(func, given, result):
            try:
                if self.stack[-1].counts:
                    self.stack[-1].work += mult_adds(func, given, result)
                if follower:
                    follower.heard(func, given, result)
            except Exception:  # ours, not the model's: it must not stop it
                if follower:
                    follower.decided = Unknown("operation", name_of(func))

        def enter(module, args, kwargs):
            self.stack.append(_Frame(module, False, next(_tensors_in((args, kwargs)), None)))

        def begin(module, args, kwargs):
            self.stack[-1].counts = module not in self.owners

        def end(module, args, kwargs, output):
            # An inner forward that failed and was caught left its frame.
            while self.stack[-1].module is not module:
                self.stack.pop()
            frame = self.stack.pop()
            made = next(_tensors_in(output), None)
            if module not in self.owners:
                if follower and made is not None and frame.given is not None:
                    _circular(module, frame.given, made, follower)
                done(module, made, frame.work)

        try:
            for module in self.modules:
                if isinstance(module, torch.jit.ScriptModule):
                    continue
                self.hooks += [
                    module.register_forward_pre_hook(enter, prepend=True, with_kwargs=True),
                    module.register_forward_pre_hook(begin, with_kwargs=True),
                    module.register_forward_hook(end, prepend=True, with_kwargs=True),
                ]
            with Listener(heard):
                return self.model(input)
        finally:
            while self.hooks:
                self.hooks.pop().remove()

    def running(self):
        """Return the module at work when a run broke off, and the shape that it was given."""
        frames = [frame for frame in self.stack if frame.module is not None and frame.module not in self.owners]
        if not frames:
            return None, None
        return frames[-1].module, None if frames[-1].given is None else tuple(frames[-1].given.shape)


class _Frame:
    """A module that runs."""

    def __init__(self, module, counts, given=None):
        self.module, self.counts, self.given, self.work = module, counts, given, 0


def quietly(run, *args):
    """Run once more without showing again what the model prints or warns of."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        return run(*args)


def _circular(module, given, made, follower):
    """Circular padding is written piece by piece; of PyTorch's own layer it is known what its windows are."""
    plain = isinstance(module, nn.Conv2d) and type(module).forward is nn.Conv2d.forward
    below = follower.field(given)
    if not plain or module.padding_mode != "circular" or not isinstance(below, Field) or made.dim() != given.dim():
        return
    left, _, top, _ = (
        module._reversed_padding_repeated_twice
    )  # from the last axis on, as `torch.nn.functional.pad` takes it
    sizes = module.kernel_size, module.stride, (top, left), module.dilation
    with contextlib.suppress(LostError):
        follower.set(
            made, slid(below, made.dim() - 2, *sizes, made.shape)._replace(mixed=below.mixed and module.groups > 1)
        )


def _tensors_in(value):
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        yield from _tensors_in(tuple(value.values()))
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _tensors_in(one)
    elif hasattr(value, "__dataclass_fields__"):
        yield from _tensors_in(tuple(vars(value).values()))
