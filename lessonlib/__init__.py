"""What the lessons of this course import.

Every name is loaded when it is first used, so that ``import lessonlib`` costs nothing: a lesson that never trains a
network never loads PyTorch, and one that draws nothing never loads matplotlib. The names themselves stand in
``__init__.pyi``, where editors and type checkers read them too.
"""

import lazy_loader

__version__ = "1.1"

_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

# Names that were too general for this list → where they stand now. They go on for one version, with a word on the new place.
_MOVED = {
    "coverage": "geometry.coverage",
    "curves": "figures.activations.draw_activations",
    "kernel": "presets.kernel",
    "numbers": "figures.draw_numbers",
    "picture": "presets.picture",
    "remainder": "geometry.remainder",
    "unreached": "geometry.unreached",
    "window": "geometry.window",
}


def __getattr__(name):
    if name not in _MOVED:
        return _load(name)
    from importlib import import_module
    from warnings import warn

    home, _, now = _MOVED[name].rpartition(".")
    shorter = now if now in __all__ else f"{home}.{now}"
    warn(f"lessonlib.{name} is now lessonlib.{shorter}", DeprecationWarning, stacklevel=2)
    return getattr(import_module(f"lessonlib.{home}"), now)
