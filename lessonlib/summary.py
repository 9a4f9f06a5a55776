"""A table of a model's layers: output shapes, parameters, multiply-adds and receptive fields.

PyTorch is imported when `summarize` is called, not before.
"""

import unicodedata
from math import prod
from typing import NamedTuple

from lessonlib.geometry import ReceptiveField, count, receptive_field
from lessonlib.sentences import say

COLUMNS = ("layer", "output_shape", "parameters", "mult_adds", "receptive_field")
# Layers that change no unit's place: a unit sees what the one below it sees.
_POINTWISE = (
    "Identity", "ReLU", "ReLU6", "LeakyReLU", "PReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "Sigmoid", "Tanh", "Softplus",
    "Softsign", "Hardtanh", "Hardsigmoid", "Hardswish", "LogSigmoid", "Threshold", "Dropout", "Dropout2d", "AlphaDropout", "BatchNorm2d",
)  # fmt: skip
_WINDOWED = ("Conv2d", "MaxPool2d", "AvgPool2d")
# What a forward may do between its layers, by the names that PyTorch's gradient gives to it.
_GLUE = (
    "Relu", "LeakyRelu", "Elu", "Gelu", "Silu", "Mish", "Sigmoid", "Tanh", "Softplus", "Hardtanh", "Threshold",
    "Clamp", "ClampMin", "Exp", "Abs", "Neg", "Pow", "Add", "Sub", "Rsub", "Mul", "Div", "Cat", "Clone", "Alias",
)  # fmt: skip


class Row(NamedTuple):
    """One layer of a `Summary`."""

    name: str
    kind: str
    output_shape: tuple | None
    parameters: int
    mult_adds: int
    receptive_field: tuple | None

    @property
    def cells(self):
        """The row as texts, one for each of `COLUMNS`."""
        shape = "–" if self.output_shape is None else str(self.output_shape)
        field = "–" if self.receptive_field is None else "×".join(map(str, self.receptive_field))
        return [f"{self.name} ({self.kind})", shape, f"{self.parameters:,}", f"{self.mult_adds:,}", field]


class Summary:
    """What `summarize` returns: ``rows``, one `Row` for each time a layer was run, and their totals."""

    def __init__(self, rows, input_size):
        self.rows = list(rows)
        self.input_size = input_size

    @property
    def parameters(self):
        """The number of parameters of all layers, each parameter counted once."""
        return sum(row.parameters for row in self.rows)

    @property
    def mult_adds(self):
        """The number of multiply-adds of all layers, for the whole batch."""
        return sum(row.mult_adds for row in self.rows)

    def __len__(self):
        return len(self.rows)

    def __iter__(self):
        return iter(self.rows)

    def __getitem__(self, key):
        """Return the row of that number, or the first one of a layer's name."""
        if not isinstance(key, str):
            return self.rows[key]
        for row in self.rows:
            if row.name == key:
                return row
        raise KeyError(say("summary.no_row", name=repr(key), names=", ".join(row.name for row in self.rows)))

    def _table(self):
        head = [say(f"summary.{column}") for column in COLUMNS]
        total = [say("summary.total"), "", f"{self.parameters:,}", f"{self.mult_adds:,}", ""]
        return head, [row.cells for row in self.rows], total

    def __repr__(self):
        head, rows, total = self._table()
        lines = [head, *rows, total]
        widths = [max(_width(line[i]) for line in lines) for i in range(len(COLUMNS))]
        rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
        texts = ["  ".join(_fit(*place) for place in zip(line, widths, (0, 0, 1, 1, 1), strict=True)) for line in lines]
        texts = [text.rstrip() for text in texts]
        return "\n".join([say("summary.input", shape=self.input_size), texts[0], rule, *texts[1:-1], rule, texts[-1]])

    def _repr_markdown_(self):
        head, rows, total = self._table()
        total = [f"**{text}**" if text else "" for text in total]
        lines = [head, ["---", "---", "---:", "---:", "---:"], *rows, total]
        table = "\n".join(f"| {' | '.join(text.replace('|', chr(92) + '|') for text in line)} |" for line in lines)
        return f"{say('summary.input', shape=self.input_size)}\n\n{table}"


def summarize(model, input_size):
    """Run a model once on zeros and return a table of what its layers make.

    Parameters
    ----------
    model : torch.nn.Module
    input_size : tuple of int
        The shape of the input, batch included: (N, C, H, W).

    Returns
    -------
    Summary
        For every layer without layers of its own, in the order in which they ran: its name, the shape of its output, its parameters, its
        multiply-adds for the whole batch, and the receptive field (height, width) of a unit of its output. Layers that did not run come
        last, without a shape.

    Raises
    ------
    TypeError
        If ``model`` is no module, or ``input_size`` no tuple of whole numbers.
    ValueError
        If the model does not take an input of that shape: the message names the layer that refused, what it was given, and why.

    Notes
    -----
    Every weight and every bias counts as one multiply-add for each position of the output, as `torchinfo` counts them; of a transposed
    convolution the weights count for each position of the input, where they are used. Receptive fields include padding. They are known
    where convolutions, pooling and pointwise layers lead from the input to the unit, branches, sums and concatenated channels included;
    elsewhere (after flattening, for instance) the field is None.

    Examples
    --------
    >>> from torch import nn
    >>> summarize(nn.Sequential(nn.Conv2d(3, 8, 5, stride=2), nn.ReLU()), (1, 3, 32, 32))
    input: (1, 3, 32, 32)
    layer       output shape    parameters  multiply-adds  receptive field
    ──────────────────────────────────────────────────────────────────────
    0 (Conv2d)  (1, 8, 14, 14)         608        119,168              5×5
    1 (ReLU)    (1, 8, 14, 14)           0              0              5×5
    ──────────────────────────────────────────────────────────────────────
    total                              608        119,168
    """
    import torch
    from torch import nn

    if isinstance(model, type) or not isinstance(model, nn.Module):
        given = f"{model.__name__} (class)" if isinstance(model, type) else type(model).__name__
        raise TypeError(say("summary.no_module", given=given))
    size = _shape(input_size)
    like = next(model.parameters(), torch.zeros(()))
    input = torch.zeros(size, dtype=like.dtype, device=like.device, requires_grad=True)
    watch = _Watch(model, input)
    training = {module: module.training for module in model.modules()}
    try:
        model.eval()
        with torch.enable_grad():
            model(input)
    except Exception as error:
        raise ValueError(watch.complaint(size, error)) from error
    finally:
        for hook in watch.hooks:
            hook.remove()
        for module, was in training.items():
            module.training = was
    return Summary(watch.rows + watch.left_out(), size)


class _Watch:
    """Hooks on every layer of a model: they note what goes in and what comes out."""

    def __init__(self, model, input):
        self.input = input
        self.names = {module: name or type(module).__name__ for name, module in model.named_modules()}
        self.counted = set()  # parameters that a row holds already
        self.rows = []
        self.ran = set()
        self.at = None  # the layer that runs now, and the shape that it was given
        # The gradient's nodes behind the outputs of layers → receptive field, with the nodes themselves, so that none is made anew.
        self.fields = {}
        self.hooks = []
        for module in self.names:
            if not any(module.children()) or any(True for _ in module.parameters(recurse=False)):
                self.hooks += [module.register_forward_pre_hook(self.before), module.register_forward_hook(self.after)]

    def before(self, module, inputs):
        if not any(module.children()):
            self.at = module, next((tuple(one.shape) for one in inputs if hasattr(one, "shape")), None)

    def after(self, module, inputs, output):
        output = output[0] if isinstance(output, (tuple, list)) and output else output
        given = next((one for one in inputs if hasattr(one, "grad_fn")), None)
        shape = tuple(output.shape) if hasattr(output, "shape") else None
        field = None
        if not any(module.children()) and given is not None and getattr(output, "grad_fn", None) is not None:
            field = _through(module, self.field(given), given.dim())
            self.fields[output.grad_fn] = field
        work = _mult_adds(module, tuple(given.shape), shape) if given is not None and shape else 0
        self.ran.add(module)
        self.rows.append(self.row(module, shape, work, field and field.size))

    def row(self, module, shape=None, work=0, field=None):
        own = {id(one): one.numel() for one in module.parameters(recurse=False)}
        fresh = sum(number for key, number in own.items() if key not in self.counted)
        self.counted |= own.keys()
        return Row(self.names[module], type(module).__name__, shape, fresh, work, field)

    def left_out(self):
        """The rows of layers with parameters that did not run."""
        idle = [self.row(module) for module in self.names if module not in self.ran]
        return [row for row in idle if row.parameters]

    def field(self, tensor):
        """The receptive field of a tensor's units: from the layer that made it, through sums and the like; None where unknown."""
        if tensor is self.input:
            return receptive_field([])
        return self._behind(tensor.grad_fn)

    def _behind(self, node):
        if node is None:
            return None
        if node in self.fields:
            return self.fields[node]
        below = [one for one, _ in node.next_functions if one is not None]
        variables = [getattr(one, "variable", None) for one in below]
        fields = [
            receptive_field([]) if variable is self.input else self._behind(one)
            for one, variable in zip(below, variables, strict=True)
            if variable is None or variable is self.input  # parameters see nothing
        ]
        name = type(node).__name__.rstrip("0123456789").removesuffix("Backward")
        sideways = name == "Cat" and getattr(node, "_saved_dim", 1) not in (1, 2**64 - 3)
        self.fields[node] = None if name not in _GLUE or sideways else _union(fields)
        return self.fields[node]

    def complaint(self, size, error):
        problem = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        if self.at is None:
            return say("summary.failed", shape=size, problem=problem)
        module, given = self.at
        kind = type(module).__name__
        return say("summary.failed_at", name=self.names[module], kind=kind, given=given, shape=size, problem=problem)


def _shape(input_size):
    if not isinstance(input_size, (tuple, list)) or not input_size:
        raise TypeError(say("summary.no_shape", given=repr(input_size)))
    return tuple(count(side, "input_size") for side in input_size)


def _through(module, field, axes):
    """The field of a layer's units, from that of its input's; None where it is not known."""
    kind = type(module).__name__
    if field is None or axes not in (3, 4) or kind in _POINTWISE:
        return field if kind in _POINTWISE else None
    if kind not in _WINDOWED:
        return None
    stride = module.kernel_size if module.stride is None else module.stride
    sizes = (module.kernel_size, stride, module.padding, getattr(module, "dilation", 1))
    return _stacked(field, receptive_field([tuple(size if isinstance(size, str) else _both(size) for size in sizes)]))


def _both(size):
    return tuple(size) if isinstance(size, (tuple, list)) else (size, size)


def _stacked(below, above):
    """The field through two layers, one on the other."""
    whole = []
    for i in range(2):
        size = below.size[i] + (above.size[i] - 1) * below.jump[i]
        start = below.start[i] + above.start[i] * below.jump[i]
        whole.append((size, below.jump[i] * above.jump[i], start))
    return ReceptiveField(*zip(*whole, strict=True))


def _union(fields):
    """The field of a unit that several branches reach: from the first start to the last end."""
    if not fields or None in fields or len({field.jump for field in fields}) > 1:
        return None
    starts = [min(field.start[i] for field in fields) for i in range(2)]
    ends = [max(field.start[i] + field.size[i] for field in fields) for i in range(2)]
    sizes = tuple(end - start for start, end in zip(starts, ends, strict=True))
    return ReceptiveField(sizes, fields[0].jump, tuple(starts))


def _mult_adds(module, given, shape):
    """Every weight and bias once for each position of the output, over the whole batch."""
    own = {name: one.numel() for name, one in module.named_parameters(recurse=False)}
    if any(module.children()) or not own:
        return 0
    kind = type(module).__name__
    if "Conv" in kind:
        spatial = len(module.kernel_size)
        batch = prod(shape[: -spatial - 1])
        weights = given if "Transpose" in kind else shape
        return batch * (own["weight"] * prod(weights[-spatial:]) + own.get("bias", 0) * prod(shape[-spatial:]))
    if kind == "Linear":
        return prod(shape[:-1]) * sum(own.values())
    return shape[0] * sum(own.values())


def _width(text):
    """How many columns a text takes: Hangul takes two each."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def _fit(text, width, right):
    room = " " * (width - _width(text))
    return room + text if right else text + room
