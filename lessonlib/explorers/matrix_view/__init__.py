"""The convolution as a product of matrices: a sparse matrix times the flattened input, or windows times the flattened kernel."""

import inspect

import numpy as np
import traitlets

from lessonlib import presets
from lessonlib.geometry import output_size
from lessonlib.kit.arguments import choice, finite_array, is_whole, whole, whole_property
from lessonlib.kit.explorer import Explorer, View, read_view, refuse_unknown
from lessonlib.layers.conv import conv2d, conv_matrix, im2col, pad
from lessonlib.sentences import say

LIMITS = {"input_h": (2, 6), "input_w": (2, 6), "kernel_size": (1, 4), "stride": (1, 3), "padding": (0, 2)}
LARGEST = 8  # cells along a side of one's own input
FORMS = ("sparse", "im2col")
INPUTS = ("counting", "digit", "random")
KERNELS = ("counting", *presets.KERNELS)


class MatrixViewView(View):
    """The picture of a `MatrixView`: input, kernel and output above, the product of matrices below."""

    area = "matrix_view"
    _esm = read_view(__file__, "js")
    _css = read_view(__file__, "css")

    form = traitlets.Enum(FORMS, "sparse").tag(sync=True)
    input_preset = traitlets.Unicode("counting").tag(sync=True)
    input_values = traitlets.List(help="(H, W), for the preset 'custom'").tag(sync=True)
    input_h = traitlets.Int(4).tag(sync=True)
    input_w = traitlets.Int(4).tag(sync=True)
    kernel_preset = traitlets.Unicode("counting").tag(sync=True)
    weight_values = traitlets.List(help="(K, K), for the preset 'custom'").tag(sync=True)
    kernel_size = traitlets.Int(3).tag(sync=True)
    stride = traitlets.Int(1).tag(sync=True)
    padding = traitlets.Int(0).tag(sync=True)
    row = traitlets.Int(0, help="The row of the matrix on screen: the number of an output cell.").tag(sync=True)
    origin = traitlets.Dict(help="The state that `reset` goes back to.").tag(sync=True)


class MatrixView(Explorer):
    """See a convolution as a product of matrices, and count its weights beside those of a fully connected layer.

    Parameters
    ----------
    input : str or array_like, (H, W)
        "counting", "digit", "random", or numbers of your own, each side from 1 to 8.
    weight : str or array_like, (K, K)
        "counting" (1 … K·K), the name of a preset kernel (`presets.KERNELS`), or numbers of your own, K from 1 to 4.
    stride, padding : int
    input_size : int or (int, int), optional
        For a preset; 4, if it is not given.
    kernel_size : int, optional
        For a preset; 3, if it is not given.
    form : {"sparse", "im2col"}
        "sparse": one row for each output cell, one column for each input cell, times the flattened input. "im2col":
        one row for each window, times the flattened kernel.
    row : int
        Which row is lit up: the number of an output cell, counted row after row.
    large : bool
        Everything larger, for a classroom.

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

    def __init__(
        self, input="counting", weight="counting", stride=1, padding=0, *, input_size=None, kernel_size=None,
        form="sparse", row=0, large=False, **unknown,
    ):  # fmt: skip
        known = [name for name in inspect.signature(MatrixView).parameters if name != "unknown"]
        refuse_unknown("MatrixView", unknown, known)
        state = _input_state(input, input_size) | _weight_state(weight, kernel_size)
        state |= (
            whole("stride", stride, LIMITS["stride"])
            | whole("padding", padding, LIMITS["padding"])
            | choice("form", form, FORMS)
        )
        view = MatrixViewView(**state, large=bool(large))
        super().__init__(view, LIMITS)
        self.row = row
        view.origin = state | {"row": view.row, "large": bool(large)}

    @property
    def input(self):
        """The input, (H, W)."""
        view, size = self.view, self.input_size
        if view.input_preset == "custom":
            return _fit(view.input_values, size)
        return presets.picture(view.input_preset, size).astype(float)

    @input.setter
    def input(self, input):
        self.set(**_input_state(input, self.input_size if isinstance(input, str) else None))

    @property
    def input_size(self):
        """(H, W) of the input."""
        return self.view.input_h, self.view.input_w

    @input_size.setter
    def input_size(self, size):
        self.set(**_size_state(size))

    @property
    def weight(self):
        """The kernel, (K, K)."""
        size = self.view.kernel_size
        if self.view.kernel_preset == "custom":
            return _fit(self.view.weight_values, (size, size))
        if self.view.kernel_preset == "counting":
            return np.arange(1.0, size * size + 1).reshape(size, size)
        return presets.kernel(self.view.kernel_preset, (size, size))

    @weight.setter
    def weight(self, weight):
        self.set(**_weight_state(weight, self.view.kernel_size if isinstance(weight, str) else None))

    @property
    def form(self):
        """ "sparse" or "im2col"."""
        return self.view.form

    @form.setter
    def form(self, form):
        self.set(**choice("form", form, FORMS))

    @property
    def output_size(self):
        """(OH, OW). Raises `ValueError` where no window fits."""
        return output_size(self.input_size, self.kernel_size, self.stride, self.padding)

    @property
    def output(self):
        """The output, (OH, OW)."""
        return conv2d(self.input[None], self.weight[None, None], stride=self.stride, padding=self.padding)[0]

    @property
    def matrix(self):
        """The sparse matrix, (OH · OW, H · W): times the flattened input it gives the flattened output."""
        return conv_matrix(self.input_size, self.weight[None, None], self.stride, self.padding)

    @property
    def windows(self):
        """The windows, one a row, (OH · OW, K · K): times the flattened kernel they give the flattened output."""
        return im2col(self.input[None], self.kernel_size, self.stride, self.padding).T

    @property
    def row(self):
        """The row that is lit up: the number of its output cell."""
        height, width = self.output_size
        return min(max(self.view.row, 0), height * width - 1)

    @row.setter
    def row(self, row):
        try:
            rows = int(np.prod(self.output_size))
        except ValueError:
            rows = 1  # no window fits: there is one row to go back to
        if not is_whole(row) or not 0 <= row < rows:
            raise ValueError(say("matrix_view.bad_row", given=repr(row), last=rows - 1))
        self.set(row=int(row))

    @property
    def connections(self):
        """How many entries of the sparse matrix hold a weight of the kernel, even one that is 0."""
        ones = np.ones((1, 1, self.kernel_size, self.kernel_size))
        return int(conv_matrix(self.input_size, ones, self.stride, self.padding).sum())

    @property
    def parameters(self):
        """What the convolution learns: K · K weights and a bias."""
        return self.kernel_size**2 + 1

    @property
    def fully_connected_parameters(self):
        """What a fully connected layer of the same sizes learns: a weight for every entry of the matrix, a bias a row."""
        (height, width), (rows, columns) = self.input_size, self.output_size
        return (height * width + 1) * rows * columns

    def figure(self):
        """Return input, kernel and output, and the product below them, as a `matplotlib.figure.Figure`."""
        from lessonlib.figures import INPUT, KERNEL, OUTPUT, new_figure, numbers, outline

        figure = new_figure(11, 6)
        padding = (self.padding, self.padding)
        above, below = figure.subfigures(2, 1, height_ratios=[1, 1.5])
        panels = above.subplots(1, 3)
        numbers(pad(self.input, padding), INPUT, "$I$", padding, panels[0])
        numbers(self.weight, KERNEL, "$K$", ax=panels[1])
        panels[2].axis("off")
        try:
            output, width = self.output, self.output_size[1]
        except ValueError:
            return figure
        numbers(output, OUTPUT, "$O$", ax=panels[2])
        top, left = divmod(self.row, width)
        outline(panels[0], top * self.stride, left * self.stride, self.kernel_size, self.kernel_size)
        outline(panels[2], top, left, 1, 1)
        sparse = self.form == "sparse"
        matrix, vector = (self.matrix, self.input) if sparse else (self.windows, self.weight)
        panels = below.subplots(
            2, 2, width_ratios=[matrix.shape[1], 1], height_ratios=[1, len(matrix)], gridspec_kw={"hspace": 0.02}
        )
        numbers(vector.reshape(1, -1), INPUT if sparse else KERNEL, ax=panels[0, 0])
        panels[0, 1].axis("off")
        shown = np.where(matrix == 0, np.nan, matrix) if sparse else matrix
        numbers(shown, KERNEL if sparse else INPUT, ax=panels[1, 0])
        outline(panels[1, 0], self.row, 0, 1, matrix.shape[1])
        numbers(output.reshape(-1, 1), OUTPUT, ax=panels[1, 1])
        outline(panels[1, 1], self.row, 0, 1, 1)
        return figure

    def __repr__(self):
        view = self.view
        sizes = f"kernel_size={view.kernel_size}, stride={view.stride}, padding={view.padding}"
        return f"MatrixView(({view.input_h}, {view.input_w}), {sizes}, form={view.form!r})"


for _name in ("kernel_size", "stride", "padding"):
    setattr(MatrixView, _name, whole_property(_name, LIMITS[_name]))


def _fit(stored, size):
    """Cut stored values to size from the top left corner; what is missing is 0."""
    values, stored = np.zeros(size), np.array(stored, float)[: size[0], : size[1]]
    values[: len(stored), : stored.shape[1]] = stored
    return values


def _input_state(input, size):
    if isinstance(input, str):
        return choice("input_preset", input, INPUTS, "input") | _size_state(4 if size is None else size)
    array = finite_array(input)
    if array is None or array.ndim != 2 or not all(1 <= side <= LARGEST for side in array.shape):
        given = type(input).__name__ if array is None else array.shape
        raise ValueError(say("matrix_view.bad_input", given=given, names=", ".join(INPUTS), largest=LARGEST))
    height, width = array.shape
    return {"input_preset": "custom", "input_values": array.tolist(), "input_h": height, "input_w": width}


def _size_state(size):
    pair = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    if len(pair) != 2 or not all(is_whole(side) and 1 <= side <= LARGEST for side in pair):
        raise ValueError(say("matrix_view.bad_input_size", given=repr(size), largest=LARGEST))
    return {"input_h": int(pair[0]), "input_w": int(pair[1])}


def _weight_state(weight, size):
    if isinstance(weight, str):
        size = 3 if size is None else size
        return choice("kernel_preset", weight, KERNELS, "weight") | whole("kernel_size", size, LIMITS["kernel_size"])
    array = finite_array(weight)
    most = LIMITS["kernel_size"][1]
    if array is None or array.ndim != 2 or not 1 <= array.shape[0] == array.shape[1] <= most:
        given = type(weight).__name__ if array is None else array.shape
        raise ValueError(say("matrix_view.bad_weight", given=given, most=most))
    return {"kernel_preset": "custom", "weight_values": array.tolist(), "kernel_size": len(array)}
