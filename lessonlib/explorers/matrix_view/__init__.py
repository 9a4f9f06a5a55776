"""The convolution as a product of matrices: a sparse matrix times the flattened input, or windows times the flattened kernel."""

from dataclasses import KW_ONLY
from typing import TYPE_CHECKING, ClassVar, SupportsIndex

import numpy as np
import traitlets
from numpy.typing import NDArray

from lessonlib import presets
from lessonlib.geometry import output_size
from lessonlib.kit.arguments import LATE, Argument, Choice, Kernel, Plane, PlaneSize, Whole, is_whole
from lessonlib.kit.explorer import Explorer
from lessonlib.layers.conv import conv2d, conv_matrix, im2col, pad
from lessonlib.sentences import say

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMS = ("sparse", "im2col")
INPUTS = ("counting", "digit", "random")
KERNELS = ("counting", *presets.KERNELS)


class Row(Argument[int, SupportsIndex]):
    """A row of the matrix on screen: the number of an output cell, counted row after row."""

    kind = "int"
    rank = LATE

    def traits(self):
        return {
            self.trait: traitlets.Int(0, help="The row of the matrix on screen: the number of an output cell.").tag(
                sync=True
            )
        }

    def state(self, value, explorer, so_far):
        try:
            rows = int(np.prod(explorer.output_size))
        except ValueError:
            rows = 1  # no window fits: there is one row to go back to
        if not is_whole(value) or not 0 <= value < rows:
            raise ValueError(say("matrix_view.bad_row", given=repr(value), last=rows - 1))
        return {self.trait: int(value)}

    def read(self, explorer):
        height, width = explorer.output_size
        return min(max(explorer.view.row, 0), height * width - 1)


class MatrixView(Explorer, beside=__file__):
    """See a convolution as a product of matrices, and count its weights beside those of a fully connected layer.

    Raises
    ------
    TypeError
        For an argument that does not exist.
    ValueError
        For numbers of another shape, and for values that are none of the choices.

    Notes
    -----
    A kernel larger than the padded input has no matrix: `matrix`, `windows` and `output` raise a `ValueError` that says so.

    Examples
    --------
    >>> explorer = MatrixView([[1, 2, 3], [4, 5, 6]], [[1, 2], [3, 4]])
    >>> explorer.matrix
    array([[1., 2., 0., 3., 4., 0.],
           [0., 1., 2., 0., 3., 4.]])
    >>> explorer.matrix @ explorer.input.ravel()
    array([37., 47.])
    >>> explorer.windows @ explorer.weight.ravel()
    array([37., 47.])
    >>> explorer.parameters, explorer.fully_connected_parameters
    (5, 14)
    """

    input: Plane = Plane("counting", "A preset, or numbers of your own.", names=INPUTS, highest=8)
    weight: Kernel = Kernel(
        "counting", '"counting" (1 … K·K), a preset kernel, or numbers of your own.', names=KERNELS, largest=4
    )
    _: KW_ONLY
    input_size: PlaneSize = PlaneSize(4, 1, 8, "For a preset; 4, if it is not given.", slider=(2, 6))
    kernel_size: Whole = Whole(3, 1, 4, "For a preset; 3, if it is not given.", optional=True)
    stride: Whole = Whole(1, 1, 3, "As `torch.nn.Conv2d` takes it.")
    padding: Whole = Whole(0, 0, 2, "Per side, as `torch.nn.Conv2d` takes it.")
    form: Choice[str, str] = Choice(
        "sparse",
        FORMS,
        """"sparse": one row for each output cell, one column for each input cell, times the flattened input. "im2col":
one row for each window, times the flattened kernel.""",
    )
    row: Row = Row(0, "Which row is lit up: the number of an output cell, counted row after row.")
    tables: ClassVar = {"forms": FORMS, "inputs": INPUTS, "kernels": KERNELS}

    @property
    def output_size(self) -> tuple[int, int]:
        """(OH, OW). Raises `ValueError` where no window fits."""
        return output_size(self.input_size, self.kernel_size, self.stride, self.padding)

    @property
    def output(self) -> NDArray[np.floating]:
        """The output, (OH, OW)."""
        return conv2d(self.input[None], self.weight[None, None], stride=self.stride, padding=self.padding)[0]

    @property
    def matrix(self) -> NDArray[np.floating]:
        """The sparse matrix, (OH · OW, H · W): times the flattened input it gives the flattened output."""
        return conv_matrix(self.input_size, self.weight[None, None], self.stride, self.padding)

    @property
    def windows(self) -> NDArray[np.floating]:
        """The windows, one a row, (OH · OW, K · K): times the flattened kernel they give the flattened output."""
        return im2col(self.input[None], self.kernel_size, self.stride, self.padding).T

    @property
    def connections(self) -> int:
        """How many entries of the sparse matrix hold a weight of the kernel, even one that is 0."""
        ones = np.ones((1, 1, self.kernel_size, self.kernel_size))
        return int(conv_matrix(self.input_size, ones, self.stride, self.padding).sum())

    @property
    def parameters(self) -> int:
        """What the convolution learns: K · K weights and a bias."""
        return self.kernel_size**2 + 1

    @property
    def fully_connected_parameters(self) -> int:
        """What a fully connected layer of the same sizes learns: a weight for every entry of the matrix, a bias a row."""
        (height, width), (rows, columns) = self.input_size, self.output_size
        return (height * width + 1) * rows * columns

    def figure(self) -> "Figure":
        """Return input, kernel and output, and the product below them, as a `matplotlib.figure.Figure`."""
        from lessonlib.figures import INPUT, KERNEL, OUTPUT, draw_numbers, new_figure, outline

        figure = new_figure(11, 6)
        padding = (self.padding, self.padding)
        above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=[1, 1.5])[:, 0]
        panels = above.subplots(1, 3)
        draw_numbers(pad(self.input, padding), INPUT, "$I$", padding, panels[0])
        draw_numbers(self.weight, KERNEL, "$K$", ax=panels[1])
        panels[2].axis("off")
        try:
            output, width = self.output, self.output_size[1]
        except ValueError:
            return figure
        draw_numbers(output, OUTPUT, "$O$", ax=panels[2])
        top, left = divmod(self.row, width)
        outline(panels[0], top * self.stride, left * self.stride, self.kernel_size, self.kernel_size)
        outline(panels[2], top, left, 1, 1)
        sparse = self.form == "sparse"
        matrix, vector = (self.matrix, self.input) if sparse else (self.windows, self.weight)
        panels = below.subplots(
            2, 2, width_ratios=[matrix.shape[1], 1], height_ratios=[1, len(matrix)], gridspec_kw={"hspace": 0.02}
        )
        draw_numbers(vector.reshape(1, -1), INPUT if sparse else KERNEL, ax=panels[0, 0])
        panels[0, 1].axis("off")
        shown = np.where(matrix == 0, np.nan, matrix) if sparse else matrix
        draw_numbers(shown, KERNEL if sparse else INPUT, ax=panels[1, 0])
        outline(panels[1, 0], self.row, 0, 1, matrix.shape[1])
        draw_numbers(output.reshape(-1, 1), OUTPUT, ax=panels[1, 1])
        outline(panels[1, 1], self.row, 0, 1, 1)
        return figure

    def __repr__(self):
        view = self.view
        sizes = f"kernel_size={view.kernel_size}, stride={view.stride}, padding={view.padding}"
        return f"MatrixView(({view.input_h}, {view.input_w}), {sizes}, form={view.form!r})"
