"""Shift first or filter first: does the same come out?"""

from dataclasses import KW_ONLY
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray

from lessonlib.geometry import output_size
from lessonlib.kit.arguments import Argument, Cell, Choice, Flag, Kernel, Plane, PlaneSize, Whole, is_pair, is_whole
from lessonlib.kit.explorer import Explorer
from lessonlib.layers.conv import PADDING_MODES, conv2d, pad
from lessonlib.sentences import say

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# A small letter F on nothing: no mirror image, no shift of it looks like another.
LETTER = ("111", "100", "110", "100")
INPUTS = ("sign", "digit", "random")
SMALLEST, LARGEST = 5, 12
SMALL = 1e-9  # what floating point leaves of a difference of 0


class Shift(Argument[tuple[int, int], Cell]):
    """(rows downwards, columns to the right), each less than the input's side."""

    kind = "(int, int)"

    def traits(self):
        rows = traitlets.Int(self.default[0], help="Rows downwards.").tag(sync=True)
        columns = traitlets.Int(self.default[1], help="Columns to the right.").tag(sync=True)
        return {"shift_rows": rows, "shift_columns": columns}

    def sliders(self, state):
        sides = {"shift_rows": state.get("input_h", LARGEST) - 1, "shift_columns": state.get("input_w", LARGEST) - 1}
        return {name: (-most, most) for name, most in sides.items()}

    def state(self, value, explorer, so_far):
        height, width = explorer.input_size if explorer.view else (so_far["input_h"], so_far["input_w"])
        fits = is_pair(value) and len(value) == 2 and all(map(is_whole, value))
        if not fits or abs(value[0]) >= height or abs(value[1]) >= width:
            raise ValueError(say("equivariance.bad_shift", given=repr(value), rows=height - 1, columns=width - 1))
        return {"shift_rows": int(value[0]), "shift_columns": int(value[1])}

    def read(self, explorer):
        return explorer.view.shift_rows, explorer.view.shift_columns


class Shown(Plane):
    """A plane that knows the sign, and keeps the shift inside it."""

    def state(self, value, explorer, so_far):
        state = super().state(value, explorer, so_far)
        if explorer.view and "input_h" in state:
            for name, side in (("shift_rows", state["input_h"]), ("shift_columns", state["input_w"])):
                state[name] = max(1 - side, min(side - 1, getattr(explorer.view, name)))
        return state

    def read(self, explorer):
        if explorer.view.input_preset != "sign":
            return super().read(explorer)
        size = explorer.input_size
        values = np.zeros(size)
        top, left = (size[0] - len(LETTER)) // 2, (size[1] - len(LETTER[0])) // 2
        values[top : top + len(LETTER), left : left + len(LETTER[0])] = [
            [9 * int(cell) for cell in row] for row in LETTER
        ]
        return values


class Equivariance(Explorer, beside=__file__):
    """Shift the input and compare two ways: the output of the shifted input, and the output shifted.

    Raises
    ------
    TypeError
        For an argument that does not exist.
    ValueError
        For numbers of another shape, and for values that are none of the choices.

    Notes
    -----
    With stride S the output moves by shift / S. Where that is no whole number of cells there is nothing to compare:
    `shifted_output` and `difference` raise a `ValueError` that says so.

    Examples
    --------
    >>> explorer = Equivariance(shift=(2, 1))
    >>> explorer.differing, explorer.largest_difference
    (0, 0.0)
    >>> explorer.shift = (4, 1)  # the F is pushed over the edge
    >>> explorer.differing > 0
    True
    """

    input: Shown = Shown(
        "sign",
        '"sign" (a small F on zeros), "digit", "random", or numbers.',
        names=INPUTS,
        lowest=SMALLEST,
        highest=LARGEST,
    )
    weight: Kernel = Kernel("vertical_edge", "A preset kernel, or numbers of your own.", largest=5)
    _: KW_ONLY
    input_size: PlaneSize = PlaneSize(8, SMALLEST, LARGEST, "For a preset; 8, if it is not given.")
    shift: Shift = Shift((1, 2), "Rows downwards and columns to the right; negative ones go up and to the left.")
    kernel_size: Whole = Whole(3, 1, 5, "For a preset; 3, if it is not given.", optional=True)
    stride: Whole = Whole(1, 1, 3, "As `torch.nn.Conv2d` takes it.")
    padding: Whole = Whole(1, 0, 3, "Per side, as `torch.nn.Conv2d` takes it.")
    padding_mode: Choice[str, str] = Choice("zeros", PADDING_MODES, "What the padding holds.")
    wrap: Flag = Flag(
        False, "Whether what leaves on one side comes in on the other (a circular shift); otherwise zeros come in."
    )
    tables: ClassVar = {"letter": LETTER, "inputs": INPUTS}

    @property
    def shifted_input(self) -> NDArray[np.floating]:
        """The input after the shift, (H, W)."""
        return shifted(self.input, *self.shift, self.wrap)

    @property
    def output(self) -> NDArray[np.floating]:
        """The output of the input as it was, (OH, OW)."""
        return self._filtered(self.input)

    @property
    def output_of_shifted(self) -> NDArray[np.floating]:
        """Shift first, then filter, (OH, OW)."""
        return self._filtered(self.shifted_input)

    @property
    def output_shift(self) -> tuple[int, int]:
        """By how many cells the output has to move, (rows, columns). Raises `ValueError` where it is no whole number."""
        if any(cells % self.stride for cells in self.shift):
            raise ValueError(say("equivariance.between_cells", shift=self.shift, stride=self.stride))
        return self.shift[0] // self.stride, self.shift[1] // self.stride

    @property
    def shifted_output(self) -> NDArray[np.floating]:
        """Filter first, then shift, (OH, OW). Raises `ValueError` where the shift is no multiple of the stride."""
        return shifted(self.output, *self.output_shift, self.wrap)

    @property
    def difference(self) -> NDArray[np.floating]:
        """`output_of_shifted` − `shifted_output`, (OH, OW). Raises `ValueError` where there is nothing to compare."""
        difference = self.output_of_shifted - self.shifted_output
        return np.where(np.abs(difference) < SMALL, 0.0, difference)

    @property
    def differing(self) -> int:
        """How many cells differ."""
        return int(np.count_nonzero(self.difference))

    @property
    def largest_difference(self) -> float:
        """The largest difference, whatever its sign."""
        return float(np.abs(self.difference).max())

    @property
    def output_size(self) -> tuple[int, int]:
        """(OH, OW)."""
        view = self.view
        return output_size((view.input_h, view.input_w), view.kernel_size, view.stride, view.padding)

    def _filtered(self, plane):
        padded = pad(plane, self.view.padding, self.view.padding_mode)
        return conv2d(padded[None], self.weight[None, None], stride=self.view.stride)[0]

    def figure(self) -> "Figure":
        """Return the four planes on screen as a `matplotlib.figure.Figure`."""
        from lessonlib.figures import INPUT, OUTPUT, WINDOW, draw_numbers, new_figure

        figure = new_figure(12, 3.5)
        panels = figure.subplots(1, 4)
        padding = (self.view.padding,) * 2
        draw_numbers(pad(self.shifted_input, padding, self.padding_mode), INPUT, "$T I$", padding, panels[0])
        draw_numbers(self.output_of_shifted, OUTPUT, "$T I ⊛ K$", ax=panels[1])
        try:
            draw_numbers(self.shifted_output, OUTPUT, "$T (I ⊛ K)$", ax=panels[2])
            draw_numbers(self.difference, WINDOW, "$T I ⊛ K - T (I ⊛ K)$", ax=panels[3])
        except ValueError:
            panels[2].axis("off")
            panels[3].axis("off")
        return figure

    def __repr__(self):
        view = self.view
        sizes = f"kernel_size={view.kernel_size}, stride={view.stride}, padding={view.padding}"
        return f"Equivariance(({view.input_h}, {view.input_w}), {sizes}, shift={self.shift}, wrap={view.wrap})"


def shifted(plane, rows, columns, wrap=False):
    """Return a plane moved by rows downwards and columns to the right; zeros come in, or with ``wrap`` what has left.

    Examples
    --------
    >>> shifted(np.array([[1, 2, 3]]), 0, 1), shifted(np.array([[1, 2, 3]]), 0, 1, wrap=True)
    (array([[0, 1, 2]]), array([[3, 1, 2]]))
    """
    moved = np.roll(plane, (rows, columns), (0, 1))
    if not wrap:
        for axis, by in ((0, rows), (1, columns)):
            # Whatever came round is wiped out: the first `by` rows, or the last ones where it went up.
            come = slice(0, by) if by >= 0 else slice(by, None)
            moved[(slice(None),) * axis + (come,)] = 0
    return moved
