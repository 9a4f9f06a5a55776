"""A real photograph under any kernel, live, with a loupe on the numbers."""

from dataclasses import KW_ONLY
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray

from lessonlib.geometry import output_size
from lessonlib.kit import explorer as kit
from lessonlib.kit.arguments import Choice, Flag, Kernel, Picture, Position, Whole
from lessonlib.layers.conv import PADDING_MODES, conv2d, pad
from lessonlib.photos import CREDITS
from lessonlib.pictures import grey
from lessonlib.sentences import say

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHADES = ("auto", "signed", "absolute")


class Photograph(Picture):
    """(1, H, W) or in colour (3, H, W), whole numbers 0 … 255; one that stays in the browser raises `ValueError`."""

    def state(self, value, explorer, so_far):
        return super().state(value, explorer, so_far) | {"own_picture": False}

    def read(self, explorer):
        if explorer.view.own_picture:
            raise ValueError(say("filter_bench.own_stays"))
        pixels = self.pixels(explorer)
        return pixels.astype(float) if explorer.view.color else grey(pixels)[None].astype(float)


class FilterBench(kit.Explorer, beside=__file__):
    """Lay a kernel over a photograph and see at once what comes out.

    Raises
    ------
    TypeError
        For an argument that does not exist.
    ValueError
        For a picture or a kernel of another shape or range, and values that are none of the choices.

    Notes
    -----
    Pixels are the 8-bit numbers 0 … 255, in Python as on screen. A picture that the learner opens in the browser stays
    there: Python never gets it.

    Examples
    --------
    >>> bench = FilterBench([[0, 0, 0, 0, 1, 1, 1, 1]] * 8, "vertical_edge", padding=0)
    >>> bench.output[0, 0]
    array([  0.,   0., 765., 765.,   0.,   0.])
    """

    image: Photograph = Photograph(
        "china",
        """"china" or "flower", or a picture of your own, each side from 8 to 512 pixels: an array or tensor (H, W) or
(3, H, W), from 0 (black) to 1 (white) or whole numbers of 8 bits (``dtype=uint8``), or an image of Pillow.""",
    )
    weight: Kernel = Kernel(
        "vertical_edge",
        """The name of a preset kernel (`presets.KERNELS`), or (K, K) with K from 1 to 7.
In colour every channel goes through the same kernel.""",
        largest=7,
    )
    _: KW_ONLY
    kernel_size: Whole = Whole(3, 1, 7, "For a preset; an array brings its own.", optional=True)
    stride: Whole = Whole(1, 1, 4, "As `torch.nn.Conv2d` takes it.")
    padding: Whole = Whole(1, 0, 4, "Per side, as `torch.nn.Conv2d` takes it.")
    padding_mode: Choice[str, str] = Choice("zeros", PADDING_MODES, "What the padding holds.")
    color: Flag = Flag(False, "Red, green and blue instead of grey.")
    position: Position = Position("Row and column of the output pixel under the loupe; the middle, if it is not given.")
    shades: Choice[str, str] = Choice(
        "auto",
        SHADES,
        """How the output is shown: "signed" has 0 in the middle grey, "absolute" shows sizes only, "auto" takes "signed"
for kernels whose weights sum to 0 and the brightness of the photograph for others.""",
    )
    tables: ClassVar = {"shades": SHADES}

    class View(kit.View):
        """What no argument stands for."""

        own_picture = traitlets.Bool(False, help="The browser shows a picture that it keeps to itself.").tag(
            sync=True, fixed=True
        )

    @property
    def padded_input(self) -> NDArray[np.floating]:
        """The picture with its padding, (C, H + 2P, W + 2P)."""
        return pad(self.image, self.padding, self.padding_mode)

    @property
    def output(self) -> NDArray[np.floating]:
        """What comes out, (C, OH, OW): each channel through the same kernel."""
        channels = 3 if self.color else 1
        weight = np.broadcast_to(self.weight, (channels, 1, *self.weight.shape))
        return conv2d(self.padded_input, weight, stride=self.stride, groups=channels)

    @property
    def output_size(self) -> tuple[int, int]:
        """(OH, OW)."""
        view = self.view
        return output_size(self._size, view.kernel_size, view.stride, view.padding)

    @property
    def window(self) -> NDArray[np.floating]:
        """The pixels under the loupe, (C, K, K)."""
        top, left = (index * self.stride for index in self.position)
        return self.padded_input[:, top : top + self.kernel_size, left : left + self.kernel_size]

    def figure(self) -> "Figure":
        """Return the picture, the kernel and the output as a `matplotlib.figure.Figure`, with the picture's credit."""
        from lessonlib.figures import KERNEL, draw_numbers, new_figure

        figure = new_figure(9, 4.2)
        before, middle, after = figure.subplots(1, 3, width_ratios=[4, 2, 4])
        output = self.output
        low, high = shade_range(self.weight, output, self.view.shades)
        shown = np.abs(output) if self.view.shades == "absolute" else output
        for ax, values in ((before, self.image / 255), (after, (shown - low) / (high - low))):
            values = values.clip(0, 1)
            ax.imshow(values[0] if len(values) == 1 else values.transpose(1, 2, 0), cmap="gray", vmin=0, vmax=1)
            ax.axis("off")
        draw_numbers(self.weight, KERNEL, "$K$", ax=middle)
        before.set_title("$I$")
        after.set_title("$O$")
        if self.view.picture in CREDITS:
            figure.supxlabel(CREDITS[self.view.picture], fontsize=8)
        return figure

    def __repr__(self):
        (height, width), view = self._size, self.view
        size = f"({3 if view.color else 1}, {height}, {width})"
        return f"FilterBench({size}, kernel_size={view.kernel_size}, stride={view.stride}, padding={view.padding})"

    @property
    def _size(self):
        return type(self).image.pixels(self).shape[1:]


def shade_range(weight, output, shades):
    """Return the values shown as black and as white; a few far larger than the rest do not dim it."""
    total = float(weight.sum())
    if shades == "auto" and total > 1e-9:
        return 0.0, 255 * total
    largest = np.ceil(min(np.abs(output).max(), 4 * np.sqrt((output**2).mean())) - 1e-6) or 1.0
    return (0.0 if shades == "absolute" else -largest), largest
