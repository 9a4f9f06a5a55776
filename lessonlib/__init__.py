"""What the lessons of this course import.

Every name is loaded when it is first used, so that ``import lessonlib`` costs nothing: a lesson that never trains a
network never loads PyTorch, and one that draws nothing never loads matplotlib.
"""

from importlib import import_module

# Loaded at once, or the module of the same name would stand in its place. It needs only the standard library.
from lessonlib.language import language

# Public name → the module it lives in.
_HOME = {
    "kernel": "presets",
    "picture": "presets",
}

__all__ = ["language", *_HOME]


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'lessonlib' has no attribute {name!r}")
    value = getattr(import_module(f"lessonlib.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *_HOME})
