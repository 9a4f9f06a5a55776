"""How many windows read each pixel: a map of counts, padding and all."""

from dataclasses import KW_ONLY
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lessonlib import geometry
from lessonlib.kit.arguments import Position, Sides, row_and_column
from lessonlib.kit.explorer import Explorer
from lessonlib.sentences import say

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Pixel(Position):
    """A pixel of the padded input; below 0 or beyond the input lies the padding."""

    def state(self, value, explorer, so_far):
        position = (0, 0) if value is None else row_and_column(self.name, value)
        (height, width), (above, left) = explorer.pairs["input_size"], explorer.pairs["padding"]
        if not (-above <= position[0] < height + above and -left <= position[1] < width + left):
            ends = {"height": height, "width": width, "padding": explorer.padding}
            raise ValueError(say("coverage_map.bad_position", given=position, **ends))
        return {self.trait: list(position)}

    def read(self, explorer):
        ends = zip(explorer.view.position, explorer.pairs["input_size"], explorer.pairs["padding"], strict=True)
        return tuple(min(max(at, -padding), size + padding - 1) for at, size, padding in ends)


class CoverageMap(Explorer, beside=__file__):
    """Count, for every pixel, the windows that read it.

    Raises
    ------
    TypeError
        For an argument that does not exist, or a size that is no whole number.
    ValueError
        For a number out of range, or a position outside the padded input.

    Examples
    --------
    >>> explorer = CoverageMap(4, 3, position=(1, 1))
    >>> explorer.counts
    array([[1, 2, 2, 1],
           [2, 4, 4, 2],
           [2, 4, 4, 2],
           [1, 2, 2, 1]])
    >>> explorer.count, explorer.windows
    (4, ([0, 1], [0, 1]))
    >>> explorer.padding = 1
    >>> explorer.output_size, int(explorer.counts[0, 0])
    (4, 4)
    """

    input_size: Sides = Sides(6, 1, 12, "The size of the input.", trait="input")
    kernel_size: Sides = Sides(3, 1, 7, "As `torch.nn.Conv2d` takes it.", trait="kernel")
    _: KW_ONLY
    stride: Sides = Sides(1, 1, 4, "As `torch.nn.Conv2d` takes it.")
    padding: Sides = Sides(0, 0, 4, "Per side, as `torch.nn.Conv2d` takes it.")
    dilation: Sides = Sides(1, 1, 3, "As `torch.nn.Conv2d` takes it.")
    position: Pixel = Pixel("The pixel whose windows are shown: row and column in the input, (0, 0) if not given.")

    @property
    def output_size(self) -> int | tuple[int, int]:
        """The size of the feature map, an int or (OH, OW). Raises `ValueError` where no window fits."""
        both = geometry.output_size(*self.pairs.values())
        return both if self.view.apart else both[0]

    @property
    def counts(self) -> NDArray[np.integer]:
        """How many windows read each pixel, (H, W). Raises `ValueError` where no window fits."""
        return self._counts(padded=False)

    @property
    def padded_counts(self) -> NDArray[np.integer]:
        """As `counts`, for the padded input, (H + 2P, W + 2P)."""
        return self._counts(padded=True)

    @property
    def count(self) -> int:
        """How many windows read the pixel at `position`."""
        rows, columns = self.windows
        return len(rows) * len(columns)

    @property
    def windows(self) -> tuple[list[int], list[int]]:
        """(rows, columns) of the output cells whose windows read the pixel at `position`."""
        at = tuple(i + p for i, p in zip(self.position, self.pairs["padding"], strict=True))
        return geometry.windows_reading(at, *self.pairs.values())

    @property
    def unread(self) -> int:
        """How many pixels no window reads."""
        return int((self.counts == 0).sum())

    def figure(self) -> "Figure":
        """Return the map of counts as a `matplotlib.figure.Figure`, the padding around it in its own shade."""
        from lessonlib.figures import INPUT, draw_numbers, new_figure, outline

        (rows, columns), padding = self.pairs["input_size"], self.pairs["padding"]
        height, width = rows + 2 * padding[0], columns + 2 * padding[1]
        figure = new_figure(0.45 * width + 0.6, 0.45 * height + 0.9)
        try:
            counts = self.padded_counts
        except ValueError:  # no window fits
            counts = np.full((height, width), np.nan)
        # The row's count times the column's count, as a table of products.
        ax = draw_numbers(counts, INPUT, None, padding, figure.subplots())
        ax.set_title(self._title(), fontsize=11)
        if not np.isnan(counts).any():
            outline(ax, self.position[0] + padding[0], self.position[1] + padding[1], 1, 1)
        return figure

    def _counts(self, padded):
        rows, columns = geometry.coverage(**self.pairs, padded=padded)
        return np.outer(rows, columns)

    def _title(self):
        letters = {"K": self.kernel_size, "P": self.padding, "S": self.stride, "D": self.dilation}
        return ", ".join(f"${letter}$ = {value}" for letter, value in letters.items())

    def __repr__(self):
        names = ("input_size", "kernel_size", "padding", "stride", "dilation")
        return f"CoverageMap({', '.join(f'{name}={getattr(self, name)}' for name in names)})"
