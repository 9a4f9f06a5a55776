"""Shift first or filter first: does the same come out?"""

import inspect

import numpy as np
import traitlets

from lessonlib import presets
from lessonlib.geometry import output_size
from lessonlib.kit.arguments import choice, finite_array, is_whole, whole, whole_property
from lessonlib.kit.explorer import Explorer, View, read_view, refuse_unknown
from lessonlib.layers.conv import PADDING_MODES, conv2d, pad
from lessonlib.sentences import say

# A small letter F on nothing: no mirror image, no shift of it looks like another.
SIGN = ("111", "100", "110", "100")
INPUTS = ("sign", "digit", "random")
SMALLEST, LARGEST = 5, 12
LIMITS = {"kernel_size": (1, 5), "padding": (0, 3), "stride": (1, 3)}
SMALL = 1e-9  # what floating point leaves of a difference of 0


class EquivarianceView(View):
    """The picture of an `Equivariance`: the shifted input, both outputs and their difference."""

    area = "equivariance"
    _esm = read_view(__file__, "js")
    _css = read_view(__file__, "css")

    input_preset = traitlets.Unicode("sign").tag(sync=True)
    input_values = traitlets.List(help="(H, W), for the preset 'custom'").tag(sync=True)
    input_h = traitlets.Int(8).tag(sync=True)
    input_w = traitlets.Int(8).tag(sync=True)
    kernel_preset = traitlets.Unicode("vertical_edge").tag(sync=True)
    weight_values = traitlets.List(help="(K, K), for the preset 'custom'").tag(sync=True)
    kernel_size = traitlets.Int(3).tag(sync=True)
    stride = traitlets.Int(1).tag(sync=True)
    padding = traitlets.Int(1).tag(sync=True)
    padding_mode = traitlets.Enum(tuple(PADDING_MODES), "zeros").tag(sync=True)
    shift_rows = traitlets.Int(0, help="Rows downwards.").tag(sync=True)
    shift_columns = traitlets.Int(0, help="Columns to the right.").tag(sync=True)
    wrap = traitlets.Bool(False, help="What leaves on one side comes in on the other.").tag(sync=True)
    origin = traitlets.Dict(help="The state that `reset` goes back to.").tag(sync=True)


class Equivariance(Explorer):
    """Shift the input and compare two ways: the output of the shifted input, and the output shifted.

    Parameters
    ----------
    input : str or array_like, (H, W)
        "sign" (a small F on zeros), "digit", "random", or numbers of your own, each side from 5 to 12.
    weight : str or array_like, (K, K)
        The name of a preset kernel (`presets.KERNELS`), or numbers of your own, K from 1 to 5.
    stride, padding : int
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
    shift : (int, int)
        Rows downwards and columns to the right; negative ones go up and to the left.
    wrap : bool
        Whether what leaves on one side comes in on the other (a circular shift); otherwise zeros come in.
    kernel_size : int, optional
        For a preset; an array brings its own.
    input_size : int or (int, int), optional
        For a preset; 8, if it is not given.
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

    def __init__(
        self, input="sign", weight="vertical_edge", stride=1, padding=1, *, padding_mode="zeros", shift=(1, 2), wrap=False,
        kernel_size=None, input_size=None, large=False, **unknown,
    ):  # fmt: skip
        known = [name for name in inspect.signature(Equivariance).parameters if name != "unknown"]
        refuse_unknown("Equivariance", unknown, known)
        state = _input_state(input, input_size) | _weight_state(weight, kernel_size)
        state |= whole("stride", stride, LIMITS["stride"]) | whole("padding", padding, LIMITS["padding"])
        state |= choice("padding_mode", padding_mode, PADDING_MODES) | {"wrap": bool(wrap), "large": bool(large)}
        state |= _shift_state(shift, state["input_h"], state["input_w"])
        view = EquivarianceView(**state, origin=state)
        reach = {"shift_rows": state["input_h"] - 1, "shift_columns": state["input_w"] - 1}
        super().__init__(view, {name: (-most, most) for name, most in reach.items()} | LIMITS)

    @property
    def input(self):
        """The input before the shift, (H, W)."""
        view = self.view
        size = (view.input_h, view.input_w)
        if view.input_preset == "custom":
            return np.array(view.input_values, float)
        if view.input_preset != "sign":
            return presets.picture(view.input_preset, size).astype(float)
        values = np.zeros(size)
        top, left = (size[0] - len(SIGN)) // 2, (size[1] - len(SIGN[0])) // 2
        values[top : top + len(SIGN), left : left + len(SIGN[0])] = [[9 * int(cell) for cell in row] for row in SIGN]
        return values

    @input.setter
    def input(self, input):
        self.set(**_input_state(input, (self.view.input_h, self.view.input_w) if isinstance(input, str) else None))
        for name, side in (("shift_rows", self.view.input_h), ("shift_columns", self.view.input_w)):
            value = max(1 - side, min(side - 1, getattr(self.view, name)))
            self.set(**{name: value})
            self.sliders[name].min, self.sliders[name].max = 1 - side, side - 1

    @property
    def weight(self):
        """The kernel, (K, K)."""
        size = self.view.kernel_size
        if self.view.kernel_preset != "custom":
            return presets.kernel(self.view.kernel_preset, (size, size))
        weight, stored = np.zeros((size, size)), np.array(self.view.weight_values, float)[:size, :size]
        weight[: len(stored), : stored.shape[1]] = stored
        return weight

    @weight.setter
    def weight(self, weight):
        self.set(**_weight_state(weight, self.view.kernel_size if isinstance(weight, str) else None))

    @property
    def shift(self):
        """(rows downwards, columns to the right)."""
        return self.view.shift_rows, self.view.shift_columns

    @shift.setter
    def shift(self, shift):
        self.set(**_shift_state(shift, self.view.input_h, self.view.input_w))

    @property
    def padding_mode(self):
        return self.view.padding_mode

    @padding_mode.setter
    def padding_mode(self, mode):
        self.set(**choice("padding_mode", mode, PADDING_MODES))

    @property
    def wrap(self):
        """Whether what leaves on one side comes in on the other."""
        return self.view.wrap

    @wrap.setter
    def wrap(self, wrap):
        self.set(wrap=bool(wrap))

    @property
    def shifted_input(self):
        """The input after the shift, (H, W)."""
        return shifted(self.input, *self.shift, self.wrap)

    @property
    def output(self):
        """The output of the input as it was, (OH, OW)."""
        return self._filtered(self.input)

    @property
    def output_of_shifted(self):
        """Shift first, then filter, (OH, OW)."""
        return self._filtered(self.shifted_input)

    @property
    def output_shift(self):
        """By how many cells the output has to move, (rows, columns). Raises `ValueError` where it is no whole number."""
        if any(cells % self.stride for cells in self.shift):
            raise ValueError(say("equivariance.between_cells", shift=self.shift, stride=self.stride))
        return tuple(cells // self.stride for cells in self.shift)

    @property
    def shifted_output(self):
        """Filter first, then shift, (OH, OW). Raises `ValueError` where the shift is no multiple of the stride."""
        return shifted(self.output, *self.output_shift, self.wrap)

    @property
    def difference(self):
        """`output_of_shifted` − `shifted_output`, (OH, OW). Raises `ValueError` where there is nothing to compare."""
        difference = self.output_of_shifted - self.shifted_output
        return np.where(np.abs(difference) < SMALL, 0.0, difference)

    @property
    def differing(self):
        """How many cells differ."""
        return int(np.count_nonzero(self.difference))

    @property
    def largest_difference(self):
        """The largest difference, whatever its sign."""
        return float(np.abs(self.difference).max())

    @property
    def output_size(self):
        """(OH, OW)."""
        view = self.view
        return output_size((view.input_h, view.input_w), view.kernel_size, view.stride, view.padding)

    def _filtered(self, plane):
        padded = pad(plane, self.view.padding, self.view.padding_mode)
        return conv2d(padded[None], self.weight[None, None], stride=self.view.stride)[0]

    def figure(self):
        """Return the four planes on screen as a `matplotlib.figure.Figure`."""
        from lessonlib.figures import INPUT, OUTPUT, WINDOW, new_figure, numbers

        figure = new_figure(12, 3.5)
        panels = figure.subplots(1, 4)
        padding = (self.view.padding,) * 2
        numbers(pad(self.shifted_input, padding, self.padding_mode), INPUT, "$T I$", padding, panels[0])
        numbers(self.output_of_shifted, OUTPUT, "$T I ⊛ K$", ax=panels[1])
        try:
            numbers(self.shifted_output, OUTPUT, "$T (I ⊛ K)$", ax=panels[2])
            numbers(self.difference, WINDOW, "$T I ⊛ K - T (I ⊛ K)$", ax=panels[3])
        except ValueError:
            panels[2].axis("off")
            panels[3].axis("off")
        return figure

    def __repr__(self):
        view = self.view
        sizes = f"kernel_size={view.kernel_size}, stride={view.stride}, padding={view.padding}"
        return f"Equivariance(({view.input_h}, {view.input_w}), {sizes}, shift={self.shift}, wrap={view.wrap})"


for _name in LIMITS:
    setattr(Equivariance, _name, whole_property(_name, LIMITS[_name]))


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


def _input_state(input, size):
    if isinstance(input, str):
        pair = (8, 8) if size is None else tuple(size) if isinstance(size, (tuple, list)) else (size, size)
        if len(pair) != 2 or not all(is_whole(side) and SMALLEST <= side <= LARGEST for side in pair):
            raise ValueError(say("equivariance.bad_input", given=repr(size), smallest=SMALLEST, largest=LARGEST))
        return choice("input_preset", input, INPUTS, "input") | {"input_h": int(pair[0]), "input_w": int(pair[1])}
    array = finite_array(input)
    if array is None or array.ndim != 2 or not all(SMALLEST <= side <= LARGEST for side in array.shape):
        given = type(input).__name__ if array is None else array.shape
        raise ValueError(say("equivariance.bad_input", given=given, smallest=SMALLEST, largest=LARGEST))
    height, width = array.shape
    return {"input_preset": "custom", "input_values": array.tolist(), "input_h": height, "input_w": width}


def _weight_state(weight, size):
    if isinstance(weight, str):
        size = 3 if size is None else size
        return choice("kernel_preset", weight, presets.KERNELS, "weight") | whole(
            "kernel_size", size, LIMITS["kernel_size"]
        )
    array = finite_array(weight)
    most = LIMITS["kernel_size"][1]
    if array is None or array.ndim != 2 or not 1 <= array.shape[0] == array.shape[1] <= most:
        given = type(weight).__name__ if array is None else array.shape
        raise ValueError(say("equivariance.bad_weight", given=given, most=most))
    return {"kernel_preset": "custom", "weight_values": array.tolist(), "kernel_size": len(array)}


def _shift_state(shift, height, width):
    pair = tuple(shift) if isinstance(shift, (tuple, list)) else ()
    if len(pair) != 2 or not all(map(is_whole, pair)) or abs(pair[0]) >= height or abs(pair[1]) >= width:
        raise ValueError(say("equivariance.bad_shift", given=repr(shift), rows=height - 1, columns=width - 1))
    return {"shift_rows": int(pair[0]), "shift_columns": int(pair[1])}
