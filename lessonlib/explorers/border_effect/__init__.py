"""One corner of a photograph under the same kernel, with each of the four padding modes."""

import inspect

import numpy as np
import traitlets

from lessonlib import presets
from lessonlib.explorers.filter_bench import data_url, eight_bit
from lessonlib.kit.arguments import choice
from lessonlib.kit.explorer import Explorer, View, read_view, refuse_unknown
from lessonlib.layers.conv import PADDING_MODES, conv2d, pad
from lessonlib.photos import CREDITS, photograph
from lessonlib.sentences import say

SIDE = 16  # pixels of the output that are shown of a corner
CORNERS = ("top_left", "top_right", "bottom_left", "bottom_right")
SIZES = (3, 5, 7)


class BorderEffectView(View):
    """The picture of a `BorderEffect`. The browser decodes the photographs and computes every pixel."""

    area = "border_effect"
    _esm = read_view(__file__, "js")
    _css = read_view(__file__, "css")

    pictures = traitlets.Dict(help="Name → PNG of 8-bit grey, as a data URL.").tag(sync=True)
    credits = traitlets.Dict().tag(sync=True)
    picture = traitlets.Unicode("china").tag(sync=True)
    kernel_preset = traitlets.Unicode("box_blur").tag(sync=True)
    kernel_size = traitlets.Int(5).tag(sync=True)
    corner = traitlets.Enum(CORNERS, "top_left").tag(sync=True)
    position = traitlets.List(traitlets.Int(), [0, 0], help="Row and column within the corner.").tag(sync=True)
    origin = traitlets.Dict(help="The state that `reset` goes back to.").tag(sync=True)


class BorderEffect(Explorer):
    """Compare what zeros, reflect, replicate and circular padding make of the border of a photograph.

    The padding is the one that keeps the size, P = (K − 1) / 2.

    Parameters
    ----------
    image : {"china", "flower"}
    weight : str
        The name of a preset kernel (`presets.KERNELS`).
    kernel_size : {3, 5, 7}
    corner : {"top_left", "top_right", "bottom_left", "bottom_right"}
        Which 16 × 16 pixels of the output are shown.
    position : (int, int), optional
        Row and column, within the corner, of the output pixel whose window is shown; the outermost, if it is not given.
    large : bool
        Everything larger, for a classroom.

    Raises
    ------
    TypeError
        For an argument that does not exist.
    ValueError
        For values that are none of the choices, and a position outside the corner.

    Examples
    --------
    >>> explorer = BorderEffect(kernel_size=3)
    >>> {mode: window.astype(int).tolist()[0] for mode, window in explorer.windows.items()}["zeros"]
    [0, 0, 0]
    >>> explorer.position = (8, 8)  # far from the border all modes agree
    >>> len(set(explorer.values.values()))
    1
    """

    def __init__(
        self, image="china", weight="box_blur", kernel_size=5, *, corner="top_left", position=None, large=False, **unknown
    ):  # fmt: skip
        known = [name for name in inspect.signature(BorderEffect).parameters if name != "unknown"]
        refuse_unknown("BorderEffect", unknown, known)
        state = choice("picture", image, CREDITS, "image") | choice("kernel_preset", weight, presets.KERNELS, "weight")
        state |= choice("kernel_size", kernel_size, SIZES) | choice("corner", corner, CORNERS)
        state |= {"position": _outermost(corner) if position is None else _inside(position), "large": bool(large)}
        self._pixels = {name: eight_bit(photograph(name)) for name in CREDITS}
        urls = {name: data_url(np.broadcast_to(pixels, (3, *pixels.shape))) for name, pixels in self._pixels.items()}
        view = BorderEffectView(pictures=urls, credits=CREDITS, **state, origin=state)
        super().__init__(view, {"kernel_size": (SIZES[0], SIZES[-1], 2)})

    @property
    def image(self):
        """The photograph, (H, W), whole numbers 0 … 255."""
        return self._pixels[self.view.picture].astype(float)

    @image.setter
    def image(self, image):
        self.set(**choice("picture", image, CREDITS, "image"))

    @property
    def weight(self):
        """The kernel, (K, K)."""
        return presets.kernel(self.view.kernel_preset, (self.kernel_size,) * 2)

    @weight.setter
    def weight(self, weight):
        self.set(**choice("kernel_preset", weight, presets.KERNELS, "weight"))

    @property
    def kernel_size(self):
        return self.view.kernel_size

    @kernel_size.setter
    def kernel_size(self, size):
        self.set(**choice("kernel_size", size, SIZES))

    @property
    def padding(self):
        """(K − 1) / 2, which keeps the size."""
        return (self.kernel_size - 1) // 2

    @property
    def corner(self):
        return self.view.corner

    @corner.setter
    def corner(self, corner):
        self.set(**choice("corner", corner, CORNERS), position=_outermost(corner))

    @property
    def position(self):
        """(row, column), within the corner, of the output pixel whose window is shown."""
        return tuple(self.view.position)

    @position.setter
    def position(self, position):
        self.set(position=_inside(position))

    @property
    def outputs(self):
        """Padding mode → the whole output, (H, W)."""
        weight = self.weight[None, None]
        return {mode: conv2d(pad(self.image, self.padding, mode)[None], weight)[0] for mode in PADDING_MODES}

    @property
    def corners(self):
        """Padding mode → the corner of the output that is shown, (16, 16)."""
        top, left = self._start()
        return {mode: output[top : top + SIDE, left : left + SIDE] for mode, output in self.outputs.items()}

    @property
    def windows(self):
        """Padding mode → the window of the pixel that is pointed at, (K, K)."""
        top, left = (start + at for start, at in zip(self._start(), self.position, strict=True))
        size = self.kernel_size
        return {
            mode: pad(self.image, self.padding, mode)[top : top + size, left : left + size] for mode in PADDING_MODES
        }

    @property
    def values(self):
        """Padding mode → the output pixel that is pointed at."""
        return {mode: float((window * self.weight).sum()) for mode, window in self.windows.items()}

    def _start(self):
        height, width = self.image.shape
        return (
            height - SIDE if self.corner.startswith("bottom") else 0,
            width - SIDE if self.corner.endswith("right") else 0,
        )

    def figure(self):
        """Return the photograph and its four corners as a `matplotlib.figure.Figure`, with the picture's credit."""
        from lessonlib.figures import WINDOW, new_figure, outline

        figure = new_figure(12, 2.9)
        photo, *panels = figure.subplots(1, 5)
        photo.imshow(self.image, cmap="gray", vmin=0, vmax=255)
        outline(photo, *self._start(), SIDE, SIDE)
        photo.set_title("$I$")
        corners = self.corners
        low, high = shade_range(self.weight, corners)
        for ax, (mode, corner) in zip(panels, corners.items(), strict=True):
            ax.imshow(corner, cmap="gray", vmin=low, vmax=high)
            ax.set_title(mode)
            row, column = self.position
            ax.plot(column, row, "s", mfc="none", mec=WINDOW, mew=2.5, ms=9)
        for ax in (photo, *panels):
            ax.axis("off")
        figure.supxlabel(CREDITS[self.view.picture], fontsize=8)
        return figure

    def __repr__(self):
        view = self.view
        return f"BorderEffect({view.picture!r}, {view.kernel_preset!r}, {self.kernel_size}, corner={self.corner!r})"


def shade_range(weight, corners):
    """Return the values shown as black and as white, the same for all modes; 0 is grey where the weights sum to 0."""
    total = float(weight.sum())
    if total > 1e-9:
        return 0.0, 255 * total
    largest = max(1.0, *(float(np.abs(corner).max()) for corner in corners.values()))
    return -largest, largest


def _outermost(corner):
    return [SIDE - 1 if corner.startswith("bottom") else 0, SIDE - 1 if corner.endswith("right") else 0]


def _inside(position):
    try:
        row, column = (int(at) for at in position)
    except (TypeError, ValueError):
        row = column = -1
    if not (0 <= row < SIDE and 0 <= column < SIDE):
        raise ValueError(say("border_effect.bad_position", given=repr(position), last=SIDE - 1))
    return [row, column]
