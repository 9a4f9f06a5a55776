"""Packages that the course needs and the explorers do not: what misses one is told which command brings it."""

from importlib import import_module
from typing import Any

from lessonlib.sentences import say

# Import name → the name under which it is installed.
COURSE = {"torch": "PyTorch"}


def needs(module: str) -> Any:
    """Import and return a module of the extra ``course``.

    Raises
    ------
    ModuleNotFoundError
        If it is not installed, with the command that brings it.

    Examples
    --------
    >>> needs("torch").__name__
    'torch'
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name != package:  # it is there, and something that it needs is not
            raise
        raise ModuleNotFoundError(say("errors.needs_course", package=COURSE[package]), name=package) from None
