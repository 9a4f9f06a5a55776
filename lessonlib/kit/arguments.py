"""From what a lesson passes to an explorer to the values of its view's traits, or a sentence on what is wrong."""

import numpy as np

from lessonlib.arrays import numbers_of
from lessonlib.geometry import as_whole
from lessonlib.sentences import say


def is_whole(value):
    """Return whether a value is a whole number; True and False are none.

    Examples
    --------
    >>> is_whole(3), is_whole(3.0), is_whole(True)
    (True, False, False)
    """
    return as_whole(value) is not None


def whole(name, value, limits):
    """Return {name: value} for a whole number within ``limits``, both included; else raise `ValueError`."""
    lowest, highest = limits
    if not is_whole(value) or not lowest <= value <= highest:
        raise ValueError(say("views.bad_size", name=name, lowest=lowest, highest=highest, given=repr(value)))
    return {name: int(value)}


def choice(trait, value, choices, name=None):
    """Return {trait: value} for one of ``choices``; else raise `ValueError`, which calls the argument ``name``."""
    if isinstance(value, (list, np.ndarray)) or value not in choices:
        names = ", ".join(map(str, choices))
        raise ValueError(say("views.bad_choice", name=name or trait, choices=names, given=repr(value)))
    return {trait: value}


def whole_property(name, limits):
    """Return a property of an explorer that reads a trait of its view and sets it within ``limits``."""
    return property(lambda self: getattr(self.view, name), lambda self, value: self.set(**whole(name, value, limits)))


def finite_array(values):
    """Return ``values``, also a tensor that learns or one of 16 bits, as an array of finite numbers, or None."""
    try:
        array = numbers_of(values, "values")
    except (TypeError, ValueError, RuntimeError):
        return None
    return array if np.isfinite(array).all() else None
