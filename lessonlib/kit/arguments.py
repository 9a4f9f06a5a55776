"""From what a lesson passes to an explorer to the values of its view's traits, or a sentence on what is wrong."""

import numpy as np

from lessonlib.sentences import say


def is_whole(value):
    """Return whether a value is a whole number; True and False are none.

    Examples
    --------
    >>> is_whole(3), is_whole(3.0), is_whole(True)
    (True, False, False)
    """
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


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
    """Return ``values``, also a tensor with a gradient, as an array of finite numbers, or None."""
    values = values.detach() if hasattr(values, "detach") else values
    try:
        array = np.asarray(values, float)
    except (TypeError, ValueError):
        return None
    return array if np.isfinite(array).all() else None
