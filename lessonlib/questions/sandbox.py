"""Calling a learner's function so that whatever it does, the notebook goes on."""

import contextlib
import ctypes
import io
import os
import random
import signal
import sys
import threading
import time
from typing import NamedTuple

import numpy as np

from lessonlib.sentences import say

_SECONDS = 5
_PRINTED = 500
# How much more memory a call may ask for, where the system lets us say so; each thread that PyTorch starts sets some aside.
_MEMORY = (2 << 30) + (os.cpu_count() or 1) * (160 << 20)


class Outcome(NamedTuple):
    """What came of one call.

    A value, or a sentence that says why there is none; what it printed; whether it had to be stopped; and the type of the
    exception that it ended with, where it was one of its own.
    """

    value: object = None
    problem: str = ""
    printed: str = ""
    stopped: bool = False
    error: str = ""


class _TimeUp(BaseException):
    """Raised inside the learner's function; no `except Exception` of theirs catches it."""


def call(function, *arguments, seconds=None):
    """Call a function and return its `Outcome`, however it ends; only the learner's own interrupt passes through.

    It may take ``seconds``, 5 if not given. What cannot be stopped is one long step in C, such as a huge matrix product.
    Random streams and PyTorch's settings are put back (`settings_kept`); what other threads print goes where it always goes.

    Examples
    --------
    >>> call(abs, -1).value
    1
    >>> call(int, "x").problem
    "On this input it stopped with `ValueError: invalid literal for int() with base 10: 'x'`."
    """
    printed, stopped, kind = _Printed(), False, ""
    seconds = _SECONDS if seconds is None else seconds
    watch = _Watch(seconds)
    try:
        with settings_kept(), _printing_into(printed), _memory_limit():
            try:
                watch.start()
                value = function(*arguments)
            finally:
                watch.stop()
    except _TimeUp:
        problem, stopped = say("questions.too_slow", seconds=seconds), True
    except KeyboardInterrupt:
        raise
    except MemoryError:
        problem, stopped = say("questions.out_of_memory"), True
    except SystemExit:
        problem = say("questions.exited")
    except BaseException as error:
        problem, kind = say("questions.raised", error=last_line(error)), type(error).__name__
    else:
        return Outcome(value, "", printed.getvalue())
    finally:
        watch.clear()
    return Outcome(None, problem, printed.getvalue(), stopped, kind)


def last_line(error):
    """Return the last line of a traceback: what went wrong, without where.

    Examples
    --------
    >>> last_line(ValueError("no"))
    'ValueError: no'
    """
    try:
        said = " ".join(str(error).split())
    except Exception:  # an exception of the learner's own whose __str__ fails
        said = ""
    line = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return (line if len(line) <= 300 else line[:299] + "…").replace("`", "'")


class _Watch:
    """Stops the thread that started it after a time: by a signal, which ends a `sleep` too, or else between two steps of Python."""

    def __init__(self, seconds):
        self._seconds, self._lock, self._done = seconds, threading.Lock(), threading.Event()
        self._thread = threading.get_ident()
        self._old = None
        self._end = time.monotonic() + seconds

    def start(self):
        if hasattr(signal, "pthread_kill") and threading.current_thread() is threading.main_thread():
            # None: a handler that C has set, which Python could not put back. Then no signal is used.
            self._old = signal.getsignal(signal.SIGALRM)
            if self._old is not None:
                signal.signal(signal.SIGALRM, self._ring)
        threading.Thread(target=self._wait, daemon=True).start()

    def stop(self):
        self._done.set()

    def clear(self):
        """Take back an exception that was sent but has not arrived."""
        with self._lock:
            self._done.set()
            if self._old is None:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), None)
            else:
                signal.signal(signal.SIGALRM, self._old)

    def _ring(self, *signal_and_frame):
        if time.monotonic() < self._end:  # an alarm of the learner's own
            if callable(self._old):
                self._old(*signal_and_frame)
        elif not self._done.is_set():
            raise _TimeUp

    def _wait(self):
        pause = self._seconds
        # Again and again: a bare `except:` in the learner's loop swallows some.
        while not self._done.wait(pause):
            with self._lock:
                if not self._done.is_set():
                    self._send()
            pause = 0.05

    def _send(self):
        if self._old is None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(_TimeUp))
        else:
            signal.pthread_kill(self._thread, signal.SIGALRM)


class _Printed(io.StringIO):
    """Keeps the beginning of what is printed and drops the rest."""

    def write(self, text):
        room = _PRINTED - self.tell()
        super().write(text[: max(room, 0)])
        return len(text)


class _Switch:
    """A stream that keeps what one thread prints, as long as it is on, and hands the rest to the stream it stands for."""

    def __init__(self, stream, kept):
        self._stream, self._kept, self._thread, self._on = stream, kept, threading.get_ident(), True

    def _now(self):
        return self._kept if self._on and threading.get_ident() == self._thread else self._stream

    def write(self, text):
        return self._now().write(text)

    def flush(self):
        self._now().flush()

    def __getattr__(self, name):
        return getattr(self._now(), name)


@contextlib.contextmanager
def _printing_into(kept):
    """Keep what this thread prints; what the others print is not held back."""
    switches = [_Switch(stream, kept) for stream in (sys.stdout, sys.stderr)]
    try:
        with contextlib.redirect_stdout(switches[0]), contextlib.redirect_stderr(switches[1]):
            yield
    finally:
        for switch in switches:
            switch._on = False


@contextlib.contextmanager
def settings_kept():
    """Put back what a call may leave behind for the whole process.

    Python's, NumPy's and PyTorch's random streams; PyTorch's default dtype, its number of threads, and whether
    it keeps track of gradients.
    """
    torch = sys.modules.get("torch")
    kept = [(random.setstate, random.getstate()), (np.random.set_state, np.random.get_state())]
    if torch is not None:
        kept += [
            (torch.set_rng_state, torch.get_rng_state()),
            (torch.set_grad_enabled, torch.is_grad_enabled()),
            (torch.set_default_dtype, torch.get_default_dtype()),
            (torch.set_num_threads, torch.get_num_threads()),
        ]
    try:
        yield
    finally:
        for put_back, state in kept:
            put_back(state)


@contextlib.contextmanager
def _memory_limit():
    """Let huge allocations fail at once instead of starving the machine; Linux only, elsewhere the system decides."""
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource

    with open("/proc/self/statm", encoding="ascii") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = used + _MEMORY
    if any(other != resource.RLIM_INFINITY and other < limit for other in (soft, hard)):
        yield
        return
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError, OSError):  # the learner's code lowered the hard limit
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
