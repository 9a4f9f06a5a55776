"""Calling a learner's function so that whatever it does, the notebook goes on."""

import contextlib
import ctypes
import io
import os
import signal
import sys
import threading
from typing import NamedTuple

from lessonlib.sentences import say

_SECONDS = 5
_PRINTED = 500
# How much more memory a call may ask for, where the system lets us say so; each thread that PyTorch starts sets some aside.
_MEMORY = (2 << 30) + (os.cpu_count() or 1) * (160 << 20)


class Outcome(NamedTuple):
    """What came of one call: a value, or a sentence that says why there is none; what it printed; whether it had to be stopped."""

    value: object = None
    problem: str = ""
    printed: str = ""
    stopped: bool = False


class _TimeUp(BaseException):
    """Raised inside the learner's function; no `except Exception` of theirs catches it."""


def call(function, *arguments, seconds=None):
    """Call a function and return its `Outcome`, however it ends; only the learner's own interrupt passes through.

    It may take ``seconds``, 5 if not given. What cannot be stopped is one long step in C, such as a huge matrix product.

    Examples
    --------
    >>> call(abs, -1).value
    1
    >>> call(int, "x").problem
    "On this input it stopped with `ValueError: invalid literal for int() with base 10: 'x'`."
    """
    printed, stopped = _Printed(), False
    seconds = _SECONDS if seconds is None else seconds
    watch = _Watch(seconds)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), _memory_limit():
            try:
                watch.start()
                value = function(*arguments)
            finally:
                watch.stop()
    except _TimeUp:
        problem, stopped = say("exercises.too_slow", seconds=seconds), True
    except KeyboardInterrupt:
        raise
    except MemoryError:
        problem, stopped = say("exercises.out_of_memory"), True
    except SystemExit:
        problem = say("exercises.exited")
    except BaseException as error:
        problem = say("exercises.raised", error=last_line(error))
    else:
        return Outcome(value, "", printed.getvalue())
    finally:
        watch.clear()
    return Outcome(None, problem, printed.getvalue(), stopped)


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

    def start(self):
        if hasattr(signal, "pthread_kill") and threading.current_thread() is threading.main_thread():
            self._old = signal.signal(signal.SIGALRM, self._ring)
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

    def _ring(self, *_):
        if not self._done.is_set():
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
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
