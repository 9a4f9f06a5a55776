"""One corner of a photograph under the same kernel, with each of the four padding modes."""

from dataclasses import KW_ONLY
from functools import cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray

from lessonlib import presets
from lessonlib.kit.arguments import Argument, Cell, Choice, Picture, Steps, chosen, row_and_column
from lessonlib.kit.explorer import Explorer
from lessonlib.layers.conv import PADDING_MODES, conv2d, pad
from lessonlib.photos import CREDITS, photograph
from lessonlib.pictures import data_url, eight_bit
from lessonlib.sentences import say

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIDE = 16  # pixels of the output that are shown of a corner
CORNERS = ("top_left", "top_right", "bottom_left", "bottom_right")
SIZES = (3, 5, 7)


class GreyPhotograph(Picture):
    """A photograph of the course in grey, (H, W), whole numbers 0 … 255."""

    kind = "{" + ", ".join(map(repr, CREDITS)) + "}"

    def state(self, value, explorer, so_far):
        return super().state(chosen(self.name, value, CREDITS), explorer, so_far)

    def urls(self, explorer):
        return {name: data_url(np.broadcast_to(grey(name), (3, *grey(name).shape))) for name in CREDITS}

    def read(self, explorer):
        return grey(explorer.view.picture).astype(float)


@cache
def grey(name):
    """Return a photograph of the course as 8-bit grey, (H, W)."""
    return eight_bit(photograph(name))


class PresetKernel(Choice[NDArray[np.float64], str]):
    """A preset kernel, read as (K, K) numbers."""

    def read(self, explorer):
        return presets.kernel(super().read(explorer), (explorer.kernel_size,) * 2)


class Corner(Choice[str, str]):
    """A corner of the picture; a new one is pointed at where it is outermost."""

    settles = ("position",)


class InCorner(Argument[tuple[int, int], Cell | None]):
    """(row, column) of an output pixel, within the corner."""

    kind = "(int, int)"
    rank = 1

    def traits(self):
        return {
            self.trait: traitlets.List(traitlets.Int(), [0, 0], help="Row and column within the corner.").tag(sync=True)
        }

    def state(self, value, explorer, so_far):
        if value is None:
            corner = so_far.get("corner") or explorer.corner
            return {self.trait: [SIDE - 1 if "bottom" in corner else 0, SIDE - 1 if "right" in corner else 0]}
        try:
            row, column = row_and_column(self.name, value)
        except ValueError:
            row = column = -1
        if not (0 <= row < SIDE and 0 <= column < SIDE):
            raise ValueError(say("border_effect.bad_position", given=repr(value), last=SIDE - 1))
        return {self.trait: [row, column]}

    def read(self, explorer):
        return tuple(super().read(explorer))


class BorderEffect(Explorer, beside=__file__):
    """Compare what zeros, reflect, replicate and circular padding make of the border of a photograph.

    The padding is the one that keeps the size, P = (K − 1) / 2.

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

    image: GreyPhotograph = GreyPhotograph("china", "The photograph.")
    weight: PresetKernel = PresetKernel(
        "box_blur", presets.KERNELS, "The name of a preset kernel.", trait="kernel_preset"
    )
    _: KW_ONLY
    kernel_size: Steps = Steps(5, SIZES, "K.")
    corner: Corner = Corner("top_left", CORNERS, "Which 16 × 16 pixels of the output are shown.")
    position: InCorner = InCorner(
        None,
        "Row and column, within the corner, of the output pixel whose window is shown; the outermost, if it is not given.",
        optional=True,
    )
    tables: ClassVar = {"side": SIDE, "corners": CORNERS}

    @property
    def padding(self) -> int:
        """(K − 1) / 2, which keeps the size."""
        return (self.kernel_size - 1) // 2

    @property
    def outputs(self) -> dict[str, NDArray[np.floating]]:
        """Padding mode → the whole output, (H, W)."""
        weight = self.weight[None, None]
        return {mode: conv2d(pad(self.image, self.padding, mode)[None], weight)[0] for mode in PADDING_MODES}

    @property
    def corners(self) -> dict[str, NDArray[np.floating]]:
        """Padding mode → the corner of the output that is shown, (16, 16)."""
        top, left = self._start()
        return {mode: output[top : top + SIDE, left : left + SIDE] for mode, output in self.outputs.items()}

    @property
    def windows(self) -> dict[str, NDArray[np.floating]]:
        """Padding mode → the window of the pixel that is pointed at, (K, K)."""
        top, left = (start + at for start, at in zip(self._start(), self.position, strict=True))
        size = self.kernel_size
        return {
            mode: pad(self.image, self.padding, mode)[top : top + size, left : left + size] for mode in PADDING_MODES
        }

    @property
    def values(self) -> dict[str, float]:
        """Padding mode → the output pixel that is pointed at."""
        return {mode: float((window * self.weight).sum()) for mode, window in self.windows.items()}

    def _start(self):
        height, width = self.image.shape
        return (
            height - SIDE if self.corner.startswith("bottom") else 0,
            width - SIDE if self.corner.endswith("right") else 0,
        )

    def figure(self) -> "Figure":
        """Return the photograph and its four corners as a `matplotlib.figure.Figure`, with the picture's credit."""
        from lessonlib.figures import WINDOW, new_figure, outline

        figure = new_figure(12, 2.9)
        photo, *panels = figure.subplots(1, 5)
        photo.imshow(self.image, cmap="gray", vmin=0, vmax=255)
        top, left = self._start()
        outline(photo, top, left, SIDE, SIDE)
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
