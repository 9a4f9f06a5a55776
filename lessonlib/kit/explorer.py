"""What all explorers share: the view drawn in the browser, its sliders, its words and its still picture.

A `View` is an anywidget. Its traits are its only state; ``kit/base.js`` and the explorer's own ``view.js``, joined, draw it, so that a
slider move never waits for the kernel. An `Explorer` is the ipywidgets box that holds the sliders and the view. `jslink` joins them in the
browser, and the values still sync: what the learner chose is what the next cell reads.
"""

import base64
import difflib
import io
from inspect import getattr_static
from pathlib import Path

import anywidget
import ipywidgets
import traitlets

from lessonlib.sentences import language, say, words


def read_view(beside, kind):
    """Return the text of ``kit/base.<kind>`` followed by that of the ``view.<kind>`` beside a file: one, as anywidget loads one."""
    parts = (Path(__file__).parent / f"base.{kind}", Path(beside).parent / f"view.{kind}")
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


class View(anywidget.AnyWidget):
    """The part of an explorer that draws in the browser.

    A subclass sets ``_esm = read_view(__file__, "js")`` and ``_css = read_view(__file__, "css")`` and names its area of words:
    ``View.__init__`` hands the view that area's sentences in the learner's language.
    """

    area = None
    words = traitlets.Dict().tag(sync=True)
    lang = traitlets.Unicode().tag(sync=True)
    large = traitlets.Bool(False).tag(sync=True)
    slider_count = traitlets.Int(
        help="How many sliders stand above the view: it waits for all of them to name them."
    ).tag(sync=True)

    def __init__(self, **state):
        super().__init__(words=words("views") | words(self.area), lang=language(), **state)

    def __repr__(self):
        return f"{type(self).__name__}()"


class Explorer(ipywidgets.VBox):
    """Sliders above a view, as one box.

    Parameters
    ----------
    view : View
    sliders : dict
        Trait of the view → ``(lowest, highest)``, or ``(lowest, highest, step)``. One `IntSlider` each, joined to the trait by `jslink`.
    shown : sequence of str, optional
        The traits whose sliders are shown, in this order; all, if it is not given.

    Notes
    -----
    A subclass provides ``figure()``: the same frame as a matplotlib figure. Its PNG goes along in the MIME bundle, for places that
    show no widgets.
    """

    def __init__(self, view, sliders, shown=None):
        self.view = view
        self.sliders = {name: self._slider(name, *limits) for name, limits in sliders.items()}
        panel = ipywidgets.Box([self.sliders[name] for name in (sliders if shown is None else shown)])
        panel.add_class("cl-controls")
        view.slider_count = len(panel.children)
        super().__init__([panel, view])
        self.add_class("cl-explorer")

    # Set on each explorer; named here, so that __setattr__ knows them.
    view = sliders = None

    def __setattr__(self, name, value):
        # ipywidgets would keep a misspelt name as it is, and nothing on screen would follow.
        if not name.startswith("_") and not hasattr(type(self), name):
            settable = [one for one in dir(type(self)) if getattr(getattr_static(type(self), one), "fset", None)]
            raise AttributeError(_unknown("views.unknown_attribute", type(self).__name__, name, settable))
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

    @property
    def large(self):
        """Whether everything is shown larger, for a classroom."""
        return self.view.large

    @large.setter
    def large(self, large):
        self.view.large = bool(large)

    def set(self, **state):
        """Set several traits of the view at once, widening a slider's range where a value lies outside it.

        Raises
        ------
        TypeError
            For a name that the view does not have.
        """
        refuse_unknown(
            f"{type(self).__name__}.set", [name for name in state if not self.view.has_trait(name)], self.view.keys
        )
        joined = [(self.sliders[name], state[name]) for name in state if name in self.sliders]
        # First the ranges: a slider in the browser would cut the value down to its old one, and hand that back to the view.
        for slider, value in joined:
            slider.min, slider.max = min(slider.min, value), max(slider.max, value)
        with self.view.hold_sync():
            for name, value in state.items():
                setattr(self.view, name, value)
        for slider, value in joined:
            slider.value = value

    def figure(self):
        """Return the frame on screen as a `matplotlib.figure.Figure`."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/plain": repr(self), "image/png": png(self.figure())}, metadata


def png(figure):
    """Return a matplotlib figure as base64-encoded PNG, alike byte for byte from one run to the next."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=80, metadata={"Software": None}, facecolor="white")
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def refuse_unknown(what, unknown, known):
    """Raise a `TypeError` for keywords that ``what`` does not take, naming the nearest one that it does."""
    for name in unknown:
        raise TypeError(_unknown("views.unknown_keyword", what, name, known))


def _unknown(sentence, what, name, known):
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = say("views.nearest", name=near[0]) if near else say("views.known", names=", ".join(known))
    return say(sentence, what=what, name=name, hint=hint)
