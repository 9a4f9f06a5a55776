"""The arguments of an explorer, each declared once in the class body.

::

    class CoverageMap(Explorer, beside=__file__):
        input_size: Sides = Sides(6, 1, 12, "The size of the input.", trait="input")
        stride: Sides = Sides(1, 1, 4, "By how many cells the window moves.")

Everything else follows from that line: the signature, the check of what is given, the view's traits, the sliders, the property,
`Explorer.set`, and the class's list of parameters.

An `Argument` turns what a lesson passes into values of traits (`state`), and these back into what a lesson reads (`read`). ``None``
means "not given": then an earlier argument may have settled it, as an array settles the size of its kernel.

Every kind says what it gives and what it takes: ``Argument[int, SupportsIndex]`` reads as an int and is set to any whole number. Type
checkers and editors have the signature of an explorer, and the types of its attributes, from there.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Generic, Self, SupportsIndex, TypeAlias, TypeVar, overload

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from lessonlib import presets
from lessonlib.arrays import numbers_of
from lessonlib.geometry import Size, as_whole, flag, pair
from lessonlib.photos import CREDITS
from lessonlib.pictures import PictureLike, data_url, photograph_pixels, photograph_url, pixels_of
from lessonlib.sentences import say

_ANY = -(10**9)  # no lowest number
REQUIRED: Any = object()
"""The default of an argument that has to be given."""
Read = TypeVar("Read", covariant=True)
Set = TypeVar("Set", contravariant=True)
Cell: TypeAlias = Sequence[SupportsIndex] | NDArray[np.integer]
"""(row, column)."""
LATE = 9
"""The rank of what can only be checked when the other arguments stand, such as a position."""


class Argument(Generic[Read, Set]):
    """One argument of an explorer.

    Parameters
    ----------
    default : object
        What is taken where the argument is not given.
    doc : str
        What it means, for ``help()`` and for the class's list of parameters.
    trait : str, optional
        The trait of the view that holds it, where that is not called like the argument.
    optional : bool
        The signature says ``None``, since another argument may settle it.
    rank : int, optional
        When it is read, if not with the others of its kind.
    """

    kind: str = "object"
    rank = 0
    """Arguments are read from the lowest rank up: what another one settles comes after it; from `LATE` on, when the view stands."""
    fixed = False
    """It is settled when the explorer is made."""
    settles: tuple[str, ...] = ()
    """Arguments that go back to what they are if not given, whenever this one is set."""

    def __init__(
        self, default: Any, doc: str, *, trait: str | None = None, optional: bool = False, rank: int | None = None
    ) -> None:
        self.default, self.trait, self.optional = default, trait or "", optional
        self.rank = type(self).rank if rank is None else rank
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.trait = self.trait or name

    @overload
    def __get__(self, explorer: None, owner: Any = None) -> Self: ...

    @overload
    def __get__(self, explorer: object, owner: Any = None) -> Read: ...

    def __get__(self, explorer, owner=None):
        return self if explorer is None else self.read(explorer)

    def __set__(self, explorer: Any, value: Set) -> None:
        explorer.set(**{self.name: value})

    def traits(self) -> dict[str, traitlets.TraitType[Any, Any]]:
        """Return the traits of the view that hold this argument, by name."""
        raise NotImplementedError

    def sliders(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Return trait → (lowest, highest) or (lowest, highest, step) of this argument's sliders."""
        return {}

    def state(self, value: Any, explorer: Any, so_far: Mapping[str, Any]) -> dict[str, Any]:
        """Return the traits' values for what was given, checked. ``so_far`` is what earlier arguments have settled."""
        raise NotImplementedError

    def read(self, explorer: Any) -> Read:
        """Return what a lesson reads."""
        return getattr(explorer.view, self.trait)


class Whole(Argument[int, SupportsIndex | None]):
    """A whole number from ``lowest`` to ``highest``.

    Parameters
    ----------
    lowest, highest : int
    slider : bool or (int, int) or (int, int, int)
        Whether it has a slider, or that slider's own ends, and its step.
    """

    kind = "int"

    def __init__(
        self, default: int, lowest: int, highest: int, doc: str, *, slider: bool | tuple[int, ...] = True, **more: Any
    ) -> None:
        super().__init__(default, doc, **more)
        self.limits = (lowest, highest)
        self._slider = self.limits if slider is True else slider

    def traits(self):
        return {self.trait: traitlets.Int(self.default).tag(sync=True)}

    def sliders(self, state):
        return {self.trait: self._slider} if self._slider else {}

    def state(self, value, explorer, so_far):
        if value is None:
            return {} if self.trait in so_far else {self.trait: self.default}
        whole = whole_number(self.name, value, *self.limits)
        refuse_other(self.name, whole, so_far.get(self.trait, whole))
        return {self.trait: whole}


class Choice(Argument[Read, Set]):
    """One of a few names or numbers."""

    def __init__(self, default: Any, choices: Iterable[Any], doc: str, **more: Any) -> None:
        super().__init__(default, doc, **more)
        self.choices = tuple(choices)
        self.kind = "{" + ", ".join(map(repr, self.choices)) + "}"

    def traits(self):
        return {self.trait: traitlets.Enum(self.choices, self.default).tag(sync=True)}

    def state(self, value, explorer, so_far):
        return {self.trait: chosen(self.name, value, self.choices)}


class Steps(Choice[int, SupportsIndex | None]):
    """One of a few whole numbers an equal step apart, with a slider."""

    def traits(self):
        return {self.trait: traitlets.Int(self.default).tag(sync=True)}

    def sliders(self, state):
        return {self.trait: (self.choices[0], self.choices[-1], self.choices[1] - self.choices[0])}

    def state(self, value, explorer, so_far):
        if value is None:
            return {} if self.trait in so_far else {self.trait: self.default}
        if not is_whole(value):
            raise ValueError(_bad_choice(self.name, self.choices, value))
        value = int(chosen(self.name, value, self.choices))
        refuse_other(self.name, value, so_far.get(self.trait, value))
        return {self.trait: value}


class Flag(Argument[bool, bool]):
    """True or False."""

    kind = "bool"

    def traits(self):
        return {self.trait: traitlets.Bool(self.default).tag(sync=True)}

    def state(self, value, explorer, so_far):
        return {self.trait: flag(value, self.name)}


class Sides(Argument[int | tuple[int, int], Size]):
    """A size for height and width: an int for both, or a pair.

    Heights and widths are traits of their own, so that a slider can be joined to each; the trait ``apart`` says whether the widths
    go their own way. One pair among the arguments sets them apart.

    Parameters
    ----------
    lowest, highest : int
    most : int, optional
        Where the slider ends, if not at ``highest``.
    """

    kind = "int or (int, int)"

    def __init__(
        self, default: int, lowest: int, highest: int, doc: str, *, most: int | None = None, **more: Any
    ) -> None:
        super().__init__(default, doc, **more)
        self.limits, self._most = (lowest, highest), most or highest

    @property
    def sides(self) -> tuple[str, str]:
        """The traits of height and width."""
        return f"{self.trait}_h", f"{self.trait}_w"

    def traits(self):
        apart = traitlets.Bool(False, help="Widths are set apart from heights; otherwise they follow them.")
        return {side: traitlets.Int(self.default).tag(sync=True) for side in self.sides} | {
            "apart": apart.tag(sync=True)
        }

    def sliders(self, state):
        return dict.fromkeys(self.sides, (self.limits[0], self._most))

    def state(self, value, explorer, so_far):
        both = pair_of_whole(self.name, value, *self.limits)
        state = dict(zip(self.sides, both, strict=True))
        if explorer.view is None:
            return state | {"apart": so_far.get("apart", False) or is_pair(value)}
        return state | (self.set_apart(explorer, so_far) if is_pair(value) else {})

    def set_apart(self, explorer: Any, so_far: Mapping[str, Any]) -> dict[str, Any]:
        """Return what sets widths apart from heights: so far they have followed them."""
        if explorer.view.apart:
            return {}
        others = [one.sides for one in explorer.arguments.values() if isinstance(one, Sides) and one is not self]
        return {w: so_far.get(h, getattr(explorer.view, h)) for h, w in others} | {"apart": True}

    def pair(self, explorer: Any) -> tuple[int, int]:
        """Return (height, width) as they count: where they are not apart, the width is the height."""
        height, width = (getattr(explorer.view, side) for side in self.sides)
        return height, width if explorer.view.apart else height

    def read(self, explorer):
        both = self.pair(explorer)
        return both if explorer.view.apart else both[0]


class Kernel(Argument[NDArray[np.float64], ArrayLike]):
    """One kernel: the name of a preset, or (K, K) numbers. Its size is the explorer's argument ``kernel_size``."""

    kind = "str or array_like, (K, K)"

    def __init__(
        self, default: str, doc: str, *, largest: int, names: Iterable[str] = tuple(presets.KERNELS), **more: Any
    ) -> None:
        super().__init__(default, doc, **more)
        self.largest, self.names = largest, tuple(names)

    def traits(self):
        values = traitlets.List(help="(K, K), for the preset 'custom'")
        return {"kernel_preset": traitlets.Unicode(self.default).tag(sync=True), "weight_values": values.tag(sync=True)}

    def state(self, value, explorer, so_far):
        if isinstance(value, str):
            return {"kernel_preset": chosen(self.name, value, self.names)}
        array = finite_array(value)
        if array is None or array.ndim != 2 or not 1 <= array.shape[0] == array.shape[1] <= self.largest:
            raise ValueError(say("kit.bad_kernel", name=self.name, given=described(value), most=self.largest))
        return {"kernel_preset": "custom", "weight_values": array.tolist(), "kernel_size": len(array)}

    def read(self, explorer):
        size = (explorer.view.kernel_size,) * 2
        if explorer.view.kernel_preset == "custom":
            return fitted(explorer.view.weight_values, size)
        if explorer.view.kernel_preset == "counting":
            return np.arange(1.0, size[0] * size[1] + 1).reshape(size)
        return presets.kernel(explorer.view.kernel_preset, size)


class Plane(Argument[NDArray[np.float64], ArrayLike]):
    """One plane of numbers to look at: the name of a preset, or (H, W) numbers. Its size is the explorer's argument ``input_size``."""

    kind = "str or array_like, (H, W)"

    def __init__(
        self, default: str, doc: str, *, names: Iterable[str], lowest: int = 1, highest: int, **more: Any
    ) -> None:
        super().__init__(default, doc, **more)
        self.names, self.limits = tuple(names), (lowest, highest)

    def traits(self):
        values = traitlets.List(help="(H, W), for the preset 'custom'")
        return {"input_preset": traitlets.Unicode(self.default).tag(sync=True), "input_values": values.tag(sync=True)}

    def state(self, value, explorer, so_far):
        if isinstance(value, str):
            return {"input_preset": chosen(self.name, value, self.names)}
        array, (lowest, highest) = finite_array(value), self.limits
        if array is None or array.ndim != 2 or not all(lowest <= side <= highest for side in array.shape):
            given = type(value).__name__ if array is None else array.shape
            ends = {"names": ", ".join(self.names), "lowest": lowest, "highest": highest}
            raise ValueError(say("kit.bad_plane", name=self.name, given=given, **ends))
        height, width = array.shape
        return {"input_preset": "custom", "input_values": array.tolist(), "input_h": height, "input_w": width}

    def read(self, explorer):
        view, size = explorer.view, explorer.input_size
        if view.input_preset == "custom":
            return fitted(view.input_values, size)
        return presets.picture(view.input_preset, size).astype(float)


class PlaneSize(Argument[tuple[int, int], Size | None]):
    """The size of a `Plane`, (H, W) whatever is set: an int or a pair; an array brings its own."""

    kind = "int or (int, int)"

    def __init__(
        self, default: int, lowest: int, highest: int, doc: str, *, slider: tuple[int, ...] | None = None, **more: Any
    ) -> None:
        super().__init__(default, doc, optional=True, trait="input", **more)
        self.limits, self._slider = (lowest, highest), slider

    def traits(self):
        return {f"input_{side}": traitlets.Int(self.default).tag(sync=True) for side in "hw"}

    def sliders(self, state):
        return {f"input_{side}": self._slider for side in "hw"} if self._slider else {}

    def state(self, value, explorer, so_far):
        own = so_far.get("input_h"), so_far.get("input_w")
        if value is None:
            return {} if None not in own else {"input_h": self.default, "input_w": self.default}
        height, width = pair_of_whole(self.name, value, *self.limits)
        refuse_other(self.name, (height, width), (height, width) if None in own else own)
        return {"input_h": height, "input_w": width}

    def read(self, explorer):
        return explorer.view.input_h, explorer.view.input_w


class Picture(Argument[NDArray[np.float64], PictureLike]):
    """A photograph of the course by its name, or a picture of one's own; the view gets all of them as PNG.

    What is kept of it in Python, 8-bit red, green and blue, is `pixels`.
    """

    kind = "str or array_like or PIL.Image.Image"

    def traits(self):
        urls = traitlets.Dict(help="Name → PNG of 8-bit red, green and blue, as a data URL.")
        return {
            "pictures": urls.tag(sync=True, fixed=True),
            "credits": traitlets.Dict().tag(sync=True, fixed=True),
            "picture": traitlets.Unicode(self.default).tag(sync=True),
        }

    def state(self, value, explorer, so_far):
        names = tuple(CREDITS)
        if isinstance(value, str):
            state = {"picture": chosen(self.name, value, names)}
        else:
            explorer._own_picture = self.read_own(value)
            state = {"picture": "custom", "pictures": self.urls(explorer)}
        return state if explorer.view else {"pictures": self.urls(explorer), "credits": CREDITS, **state}

    def read_own(self, value: Any) -> NDArray[np.uint8]:
        """Return a picture of one's own as 8-bit red, green and blue, or raise `ValueError`."""
        return pixels_of(value)

    def urls(self, explorer: Any) -> dict[str, str]:
        """Return name → PNG of all pictures there are."""
        own = getattr(explorer, "_own_picture", None)
        return {name: photograph_url(name) for name in CREDITS} | ({} if own is None else {"custom": data_url(own)})

    def pixels(self, explorer: Any) -> NDArray[np.uint8]:
        """Return the picture on screen, (3, H, W), whole numbers of 8 bits."""
        name = explorer.view.picture
        return explorer._own_picture if name == "custom" else photograph_pixels(name)


class Given(Argument[Any, Any]):
    """What an explorer is made from and keeps as it was given; the explorer reads it itself (`Explorer._completed`)."""

    fixed = True

    def __init__(self, *, doc: str, kind: str, default: Any = REQUIRED, **more: Any) -> None:
        super().__init__(default, doc, **more)
        self.kind = kind

    def traits(self):
        return {}

    def state(self, value, explorer, so_far):
        return {}

    def read(self, explorer):
        return explorer._given[self.name]


class Index(Argument[int, SupportsIndex]):
    """One of several things that the explorer has, counted from 0.

    Parameters
    ----------
    of : str
        The explorer's property that says how many there are.
    """

    kind = "int"
    rank = LATE

    def __init__(self, default: int, doc: str, *, of: str, **more: Any) -> None:
        super().__init__(default, doc, **more)
        self.of = of

    def traits(self):
        return {self.trait: traitlets.Int(self.default).tag(sync=True)}

    def state(self, value, explorer, so_far):
        return {self.trait: whole_number(self.name, value, 0, getattr(explorer, self.of) - 1)}

    def read(self, explorer):
        return min(super().read(explorer), getattr(explorer, self.of) - 1)


class Position(Argument[tuple[int, int], Cell | None]):
    """A cell of something that the explorer shows: (row, column), from 0.

    Parameters
    ----------
    of : str
        The explorer's property with the size (height, width) of what it points into. The middle, where nothing is given.
    """

    kind = "(int, int)"
    rank = LATE

    def __init__(
        self, doc: str, *, default: tuple[int, int] | None = None, of: str = "output_size", **more: Any
    ) -> None:
        super().__init__(default, doc, optional=default is None, **more)
        self.of = of

    def traits(self):
        return {self.trait: traitlets.List(traitlets.Int(), [0, 0]).tag(sync=True)}

    def state(self, value, explorer, so_far):
        try:
            height, width = getattr(explorer, self.of)
        except ValueError:
            if value in (None, self.default):
                return {self.trait: [0, 0]}  # no window fits: there is nothing to point at, and nothing wrong
            raise
        row, column = (height // 2, width // 2) if value is None else row_and_column(self.name, value)
        if not (0 <= row < height and 0 <= column < width):
            raise ValueError(say("kit.bad_position", name=self.name, given=(row, column), height=height, width=width))
        return {self.trait: [row, column]}

    def read(self, explorer):
        sizes = getattr(explorer, self.of)
        return tuple(min(max(at, 0), size - 1) for at, size in zip(super().read(explorer), sizes, strict=True))


# --- The checks that they share


def is_whole(value: object) -> bool:
    """Return whether a value is a whole number; True and False are none.

    Examples
    --------
    >>> is_whole(3), is_whole(3.0), is_whole(True)
    (True, False, False)
    """
    return as_whole(value) is not None


def is_pair(value: object) -> bool:
    """Return whether a value stands for height and width apart."""
    return isinstance(value, (tuple, list)) or getattr(value, "ndim", 0) == 1


def whole_number(name: str, value: Any, lowest: int, highest: int) -> int:
    """Return a whole number within its limits, both included; else raise `ValueError`."""
    if not is_whole(value) or not lowest <= value <= highest:
        raise ValueError(say("kit.bad_size", name=name, lowest=lowest, highest=highest, given=repr(value)))
    return int(value)


def pair_of_whole(name: str, value: Any, lowest: int | None = None, highest: int | None = None) -> tuple[int, int]:
    """Return (height, width) of a pair of whole numbers, or of one for both; else raise `TypeError` or `ValueError`.

    Examples
    --------
    >>> pair_of_whole("stride", 2, 1, 4), pair_of_whole("stride", (2, 1), 1, 4)
    ((2, 2), (2, 1))
    """
    both = pair(value, name, _ANY if lowest is None else lowest)
    if highest is not None and max(both) > highest:
        raise ValueError(say("kit.too_high", name=name, given=value, highest=highest))
    return both


def row_and_column(name: str, value: Any) -> tuple[int, int]:
    """Return (row, column) of two whole numbers; else raise `ValueError`."""
    try:
        both = None if is_whole(value) else pair(value, name, _ANY)
    except TypeError:
        both = None
    if both is None:
        raise ValueError(say("kit.bad_pair", name=name, given=repr(value)))
    return both


def chosen(name: str, value: Any, choices: Collection[Any]) -> Any:
    """Return one of ``choices``; else raise `ValueError`."""
    if not isinstance(value, (str, int, np.integer)) or value not in choices:
        raise ValueError(_bad_choice(name, choices, value))
    return value


def _bad_choice(name, choices, value):
    return say("kit.bad_choice", name=name, choices=", ".join(map(str, choices)), given=repr(value))


def refuse_other(name: str, given: object, own: object) -> None:
    """Raise `ValueError` where a size given beside an array is not the array's own."""
    if given != own:
        raise ValueError(say("kit.other_size", name=name, given=given, own=own))


def finite_array(values: Any) -> NDArray[np.float64] | None:
    """Return ``values``, also a tensor that learns or one of 16 bits, as an array of finite numbers, or None."""
    try:
        array = numbers_of(values, "values")
    except (TypeError, ValueError, RuntimeError):
        return None
    return array if np.isfinite(array).all() else None


def described(value: Any) -> str:
    """Return in a few words what was given in place of numbers: a shape, with what in it is no number, or a type.

    Examples
    --------
    >>> described([[1, 2]]), described([[float("nan")]]), described("text")
    ('(1, 2)', 'list (1, 1) with nan / inf', 'str')
    """
    try:
        array = numbers_of(value, "values")
    except (TypeError, ValueError, RuntimeError):
        return type(value).__name__
    return str(array.shape) if np.isfinite(array).all() else f"{type(value).__name__} {array.shape} with nan / inf"


def fitted(stored: Any, size: tuple[int, int]) -> NDArray[np.float64]:
    """Return stored rows cut to (H, W) from the top left corner; what is missing is 0, as in the view."""
    values = np.zeros(size)
    for row, numbers in zip(values, stored, strict=False):
        row[: len(numbers)] = numbers[: size[1]]
    return values
