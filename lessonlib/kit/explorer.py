"""What all explorers share: the view drawn in the browser, its sliders, its words and its still picture.

A `View` is an anywidget. Its traits are its only state; the JavaScript of this folder and the explorer's own ``view.js``, joined,
draw it, so that a slider move never waits for the kernel. A `Panel` is the ipywidgets box that holds sliders and view. `jslink` joins
them in the browser, and the values still sync: what the learner chose is what the next cell reads. An `Explorer` is a panel whose
arguments are declared in its class body (`arguments`).
"""

import base64
import difflib
import inspect
import io
import json
import re
from collections.abc import Sequence
from dataclasses import KW_ONLY
from inspect import getattr_static
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, dataclass_transform

import anywidget
import ipywidgets
import traitlets

from lessonlib.kit import arguments as kinds
from lessonlib.kit.arguments import REQUIRED, Argument, Flag
from lessonlib.layers.conv import PADDING_MODES
from lessonlib.palette import SIGN
from lessonlib.sentences import add_area, language, say, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    class VBox:
        """What of ipywidgets' box is of use: the package has no types, and a base without types takes any keyword and any attribute."""

        layout: Any
        children: tuple[Any, ...]

        def __init__(self, children: Sequence[Any]) -> None: ...
        def add_class(self, className: str) -> None: ...  # noqa: N803
        def close(self) -> None: ...
        def _repr_mimebundle_(self, **kwargs: Any) -> Any: ...

else:
    from ipywidgets import VBox

KIT = Path(__file__).parent
SCRIPTS = ("words", "geometry", "convolution", "page", "grid", "canvas", "sliders", "view")
"""The JavaScript that all views share, each file after those that it imports."""
_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
BY_POSITION = 2
"""How many arguments may be given without their names: with more, a reader would have to know the order by heart."""


def read_view(beside: str | Path, kind: str) -> str:
    """Return what anywidget loads for the view beside a file: ``view.css`` as it is, ``view.js`` with the kit in front.

    The files are modules that import one another. anywidget loads one file, so they are joined and their ``import`` lines dropped; what
    all views look like, ``base.css``, goes along as a text that the first view puts into the page.
    """
    own = (Path(beside).parent / f"view.{kind}").read_text(encoding="utf-8")
    if kind == "css":
        return own
    style = (KIT / "base.css").read_text(encoding="utf-8")
    kit = [(KIT / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    return f"const STYLE = {json.dumps(style)};\n" + "\n".join(_IMPORT.sub("", text) for text in (*kit, own))


def sent(**tables: Any) -> traitlets.Dict:
    """Return the trait ``tables`` of a view: what Python knows is sent, so that JavaScript need not have it a second time."""
    return traitlets.Dict({"padding_modes": [*PADDING_MODES], **tables}).tag(sync=True, fixed=True)


class View(anywidget.AnyWidget):
    """The part of an explorer that draws in the browser.

    A subclass sets ``_esm = read_view(__file__, "js")`` and ``_css = read_view(__file__, "css")`` and names its area of words:
    ``View.__init__`` hands the view that area's sentences in the learner's language. What Python knows and the view needs
    (limits, presets, choices), it is given in ``tables``; see `sent`.
    """

    area: ClassVar[str] = ""
    palette = traitlets.Dict(SIGN).tag(sync=True)
    tables = sent()
    words = traitlets.Dict().tag(sync=True)
    lang = traitlets.Unicode().tag(sync=True)
    large = traitlets.Bool(False).tag(sync=True)
    origin = traitlets.Dict(help="The state that `reset` goes back to.").tag(sync=True)
    slider_count = traitlets.Int(
        help="How many sliders stand above the view: it waits for all of them to name them."
    ).tag(sync=True)

    def __init__(self, **state: Any) -> None:
        super().__init__(words=words("kit") | words(self.area), lang=language(), **state)

    def remember(self) -> None:
        """Take the state as it is for the one that `reset` goes back to: every trait of its own that can change."""
        self.origin = self.state()

    def state(self) -> dict[str, Any]:
        """Return the values of all traits of its own that can change."""
        own = set(self.traits(sync=True)) - set(View.class_traits(sync=True)) - set(self.traits(fixed=True))
        return {name: getattr(self, name) for name in sorted(own | {"large"}) if not name.startswith("_")}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Panel(VBox):
    """Sliders above a view, as one box.

    Parameters
    ----------
    view : View
    sliders : dict
        Trait of the view → ``(lowest, highest)``, or ``(lowest, highest, step)``. One `IntSlider` each, joined to the trait by `jslink`.
    shown : sequence of str, optional
        The traits whose sliders are shown, in this order; all, if it is not given.
    """

    def __init__(self, view: View, sliders: dict, shown: Sequence[str] | None = None) -> None:
        self.view = view
        self.sliders = {name: self._slider(name, *limits) for name, limits in sliders.items()}
        panel = ipywidgets.Box([self.sliders[name] for name in (sliders if shown is None else shown)])
        panel.add_class("cl-controls")
        view.slider_count = len(panel.children)
        super().__init__([panel, view])
        self.add_class("cl-explorer")

    # Set on each panel; named here, so that __setattr__ knows them.
    view: Any = None
    sliders: Any = None

    if not TYPE_CHECKING:  # a type checker refuses misspelt names by itself, as long as it sees no __setattr__

        def __setattr__(self, name, value):
            # ipywidgets would keep a misspelt name as it is, and nothing on screen would follow.
            if not name.startswith("_") and not hasattr(type(self), name):
                settable = [one for one in dir(type(self)) if _is_settable(getattr_static(type(self), one))]
                raise AttributeError(_unknown("kit.unknown_attribute", type(self).__name__, name, settable))
            super().__setattr__(name, value)

    def _slider(self, trait, lowest, highest, step=1):
        value = getattr(self.view, trait)
        slider = ipywidgets.IntSlider(
            value,
            min=min(lowest, value),
            max=max(highest, value),
            step=step,
            description=say(f"{self.view.area}.slider_{trait}"),
        )
        # The view finds the slider of a trait by this class: to name its handle and to hide it when it does not apply.
        slider.add_class(f"cl-slider-{trait}")
        ipywidgets.jslink((slider, "value"), (self.view, trait))
        return slider

    def _still(self) -> dict:
        """Return what stands for the panel where no widget is shown, by MIME type."""
        return {}

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/plain": repr(self), **self._still()}, metadata

    def _show(self, state: dict) -> None:
        """Set traits of the view, widening a slider's range where a value lies outside it."""
        joined = [(self.sliders[name], state[name]) for name in state if name in self.sliders]
        # First the ranges: a slider in the browser would cut the value down to its old one, and hand that back to the view.
        for slider, value in joined:
            slider.min, slider.max = min(slider.min, value), max(slider.max, value)
        with self.view.hold_sync():
            for name, value in state.items():
                setattr(self.view, name, value)
        for slider, value in joined:
            slider.value = value


@dataclass_transform(field_specifiers=(kinds.Given,))
class Declared:
    """Says to type checkers that the arguments declared in a class body are those of its constructor.

    What stands below ``_: KW_ONLY`` is given by its name. Only `Given` may be without a default.
    """


class Explorer(Declared, Panel):
    """A panel whose arguments are declared in its class body, and everything that follows from them.

    ::

        class CoverageMap(Explorer, beside=__file__):
            input_size: Sides = Sides(6, 1, 12, "The size of the input.", trait="input")

    ``beside`` is the file beside which ``view.js``, ``view.css`` and ``words.toml`` lie, in the course or in a folder of one's own.
    ``tables`` is what the view is sent once (`sent`), besides the ends of the sliders. Further traits of the view, those that no
    argument stands for, are named in a nested ``class View(View)``; one that never changes is tagged ``fixed=True``.

    Notes
    -----
    A subclass provides ``figure()``: the same frame as a matplotlib figure. Its PNG goes along in the MIME bundle, for places that
    show no widgets.
    """

    View: ClassVar[type[View]] = View
    arguments: ClassVar[dict[str, Argument[Any, Any]]] = {}
    tables: ClassVar[dict[str, Any]] = {}
    _: KW_ONLY
    large: Flag = Flag(False, "Everything larger, for a classroom.")

    def __init_subclass__(cls, beside: str | Path | None = None, **more: Any) -> None:
        super().__init_subclass__(**more)
        if beside is None:
            return
        own = {name: one for name, one in vars(cls).items() if isinstance(one, Argument)}
        cls.arguments = own | {"large": Explorer.large}
        cls.View = _view(cls, Path(beside))
        cls.__signature__ = _signature(cls.arguments)  # type: ignore[attr-defined]
        cls.__doc__ = _documented(cls)

    def __init__(self, *given: Any, **named: Any) -> None:
        arguments = self._bound(given, named)
        self._given = {name: arguments[name] for name, one in self.arguments.items() if isinstance(one, kinds.Given)}
        state: dict = {}
        early = sorted((one for one in self.arguments.values() if one.rank < kinds.LATE), key=lambda one: one.rank)
        for one in early:
            state |= one.state(arguments[one.name], self, state)
        sliders = {trait: ends for one in self.arguments.values() for trait, ends in one.sliders(state).items()}
        shown = self._shown_sliders(state)
        shown = list(sliders) if shown is None else shown
        view = self.View(**self._completed(state))
        super().__init__(view, {name: ends for name, ends in sliders.items() if name in shown}, shown)
        for name, one in self.arguments.items():
            if one.rank == kinds.LATE:
                self._show(one.state(arguments[name], self, {}))
        self.view.remember()

    def _bound(self, given, named):
        """Return name → value of all arguments, or raise a `TypeError` that names the nearest one."""
        names = list(self.arguments)
        refuse_unknown(type(self).__name__, [name for name in named if name not in self.arguments], names)
        if len(given) > BY_POSITION:
            left = ", ".join(names[BY_POSITION : len(given)])
            raise TypeError(say("kit.by_position", what=type(self).__name__, first=", ".join(names[:2]), names=left))
        twice = [name for name in names[: len(given)] if name in named]
        if twice:
            raise TypeError(say("kit.given_twice", what=type(self).__name__, name=twice[0]))
        missing = [
            name for name in names[len(given) :] if name not in named and self.arguments[name].default is REQUIRED
        ]
        if missing:
            raise TypeError(say("kit.missing", what=type(self).__name__, name=missing[0]))
        by_default = {name: None if one.optional else one.default for name, one in self.arguments.items()}
        return by_default | dict(zip(names, given, strict=False)) | named

    def _completed(self, state: dict) -> dict:
        """Return the state of the view when all arguments but the late ones are read: a place for what holds between them."""
        return state

    def _shown_sliders(self, state: dict) -> list[str] | None:
        """Return the traits whose sliders are shown; None: all."""
        return None

    def set(self, **state: Any) -> None:
        """Set several arguments at once, or traits of the view, widening a slider's range where a value lies outside it.

        Raises
        ------
        TypeError
            For a name that is neither.
        AttributeError
            For an argument that is settled when the explorer is made.
        ValueError
            For a value that the argument does not take; then nothing is set.
        """
        known = self.arguments.keys() | set(self.view.keys)
        refuse_unknown(f"{type(self).__name__}.set", [name for name in state if name not in known], sorted(known))
        asked = [other for name in state if name in self.arguments for other in self.arguments[name].settles]
        state |= {name: None for name in asked if name not in state}
        fixed = [name for name in state if name in self.arguments and self.arguments[name].fixed]
        if fixed:
            raise AttributeError(say("kit.fixed", what=type(self).__name__, name=fixed[0]))
        traits: dict = {}
        late = {}
        for name, value in state.items():
            one = self.arguments.get(name)
            if one is not None and one.rank == kinds.LATE:
                late[name] = value
            else:
                traits |= {name: value} if one is None else one.state(value, self, traits)
        before = self.view.state()
        self._show(traits)
        try:
            for name, value in late.items():
                self._show(self.arguments[name].state(value, self, {}))
        except (TypeError, ValueError):
            self._show(before)
            raise

    @property
    def pairs(self) -> dict[str, tuple[int, int]]:
        """Name → (height, width) of every argument that is for both sides, in the order in which they are declared."""
        return {name: one.pair(self) for name, one in self.arguments.items() if isinstance(one, kinds.Sides)}

    def reset(self) -> None:
        """Go back to the state in which the explorer was made."""
        self.restore(self.view.origin)

    def restore(self, state: dict[str, Any]) -> None:
        """Show a state of the view as it is: values of its traits by name, unchecked, as `view.state()` gives them."""
        self._show(dict(state))

    def figure(self) -> "Figure":
        """Return the frame on screen as a `matplotlib.figure.Figure`."""
        raise NotImplementedError

    def _still(self) -> dict:
        return {"image/png": png(self.figure())}


# --- What follows from the class body


def _view(explorer: type[Explorer], beside: Path) -> type[View]:
    """Return the class of an explorer's view: its own traits, and those of its arguments."""
    beside = beside.absolute()
    traits = {name: trait for one in explorer.arguments.values() for name, trait in one.traits().items()}
    area = add_area(beside.with_name("words.toml"))
    files: dict[str, Any] = {"area": area, "_esm": read_view(beside, "js"), "_css": read_view(beside, "css")}
    limits = {side: ends for one in explorer.arguments.values() for side, ends in one.sliders({}).items()}
    files["tables"] = sent(limits=limits, **explorer.tables)
    return type(f"{explorer.__name__}View", (explorer.View,), {"__module__": explorer.__module__, **files, **traits})


def _signature(arguments: dict[str, Argument]) -> inspect.Signature:
    parameter = inspect.Parameter
    return inspect.Signature(
        [
            parameter(
                name,
                parameter.POSITIONAL_OR_KEYWORD if i < BY_POSITION else parameter.KEYWORD_ONLY,
                default=parameter.empty if one.default is REQUIRED else None if one.optional else one.default,
            )
            for i, (name, one) in enumerate(arguments.items())
        ]
    )


def _documented(explorer: type[Explorer]) -> str:
    """Return the docstring of an explorer with its list of parameters, in front of its first section."""
    lines = ["Parameters", "----------"]
    for name, one in explorer.arguments.items():
        lines.append(f"{name} : {one.kind}{', optional' if one.optional else ''}")
        lines += [f"    {line}" for line in inspect.cleandoc(one.__doc__ or "").splitlines()]
    text = inspect.cleandoc(explorer.__doc__ or "")
    head, rule, rest = text.partition("\n\nRaises\n------")
    return "\n".join([head, "", *lines]) + rule + rest


def _is_settable(member: object) -> bool:
    return isinstance(member, Argument) or getattr(member, "fset", None) is not None


def png(figure: "Figure") -> str:
    """Return a matplotlib figure as base64-encoded PNG, alike byte for byte from one run to the next."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=80, metadata={"Software": None}, facecolor="white")
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def refuse_unknown(what: str, unknown: Sequence[str], known: Sequence[str]) -> None:
    """Raise a `TypeError` for keywords that ``what`` does not take, naming the nearest one that it does."""
    for name in unknown:
        raise TypeError(_unknown("kit.unknown_keyword", what, name, known))


def _unknown(sentence, what, name, known):
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = say("kit.nearest", name=near[0]) if near else say("kit.known", names=", ".join(known))
    return say(sentence, what=what, name=name, hint=hint)
