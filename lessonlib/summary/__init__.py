"""A table of a model's layers: output shapes, parameters, multiply-adds and receptive fields.

`summarize` runs a copy of the model. `operations` tells what PyTorch does meanwhile and how many multiply-adds that is, `fields` follows
what each unit sees, `moving` tries to refute it, `run` knows which module is at work. PyTorch is imported when `summarize` is called.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, SupportsIndex, overload

from lessonlib.extras import needs
from lessonlib.geometry import count
from lessonlib.sentences import say

if TYPE_CHECKING:
    from torch.nn import Module

COLUMNS = ("layer", "output_shape", "parameters", "mult_adds", "receptive_field")
# What a console of an older code page may lack, and what stands for it.
_PLAIN = str.maketrans({"–": "-", "×": "x", "─": "-", "−": "-", "·": "/", "“": '"', "”": '"'})


class Row(NamedTuple):
    """One layer of a `Summary`."""

    name: str
    kind: str
    output_shape: tuple[int, ...] | None
    parameters: int
    mult_adds: int
    receptive_field: tuple[int, int] | None
    unknown: tuple[str, str] | None = None

    @property
    def why(self) -> str | None:
        """Why there is no receptive field, in a sentence; None where there is one."""
        return say(f"summary.{self.unknown[0]}", operation=self.unknown[1]) if self.unknown else None

    @property
    def cells(self) -> list[str]:
        """The row as texts, one for each of `COLUMNS`."""
        shape = "–" if self.output_shape is None else str(self.output_shape)
        field = "–" if self.receptive_field is None else "×".join(map(str, self.receptive_field))
        return [f"{self.name} ({self.kind})", shape, f"{self.parameters:,}", f"{self.mult_adds:,}", field]


class Summary:
    """What `summarize` returns: ``rows``, one `Row` for each time a layer was run, and their totals."""

    def __init__(self, rows: Iterable[Row], input_size: tuple[int, ...]) -> None:
        self.rows = list(rows)
        self.input_size = input_size

    @property
    def parameters(self) -> int:
        """The number of parameters of all layers, each parameter counted once."""
        return sum(row.parameters for row in self.rows)

    @property
    def mult_adds(self) -> int:
        """The number of multiply-adds of all layers, for the whole batch."""
        return sum(row.mult_adds for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @overload
    def __getitem__(self, key: SupportsIndex | str) -> Row: ...

    @overload
    def __getitem__(self, key: slice) -> list[Row]: ...

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

    def _notes(self):
        """Why a field is not known: a line for each reason, at the first layer that it holds for."""
        first = {}
        for row in self.rows:
            if row.unknown and row.output_shape is not None:
                first.setdefault(row.unknown, row)
        return [say("summary.note", name=row.name, kind=row.kind, why=row.why) for row in first.values()]

    def __str__(self):
        text, encoding = repr(self), getattr(sys.stdout, "encoding", None) or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
        return text

    def __repr__(self):
        head, rows, total = self._table()
        lines = [head, *rows, total]
        widths = [max(_width(line[i]) for line in lines) for i in range(len(COLUMNS))]
        rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
        texts = ["  ".join(_fit(*place) for place in zip(line, widths, (0, 0, 1, 1, 1), strict=True)) for line in lines]
        texts = [text.rstrip() for text in texts]
        table = [say("summary.input", shape=self.input_size), texts[0], rule, *texts[1:-1], rule, texts[-1]]
        return "\n".join([*table, *self._notes()])

    def _repr_markdown_(self):
        head, rows, total = self._table()
        total = [f"**{text}**" if text else "" for text in total]
        lines = [head, ["---", "---", "---:", "---:", "---:"], *rows, total]
        table = "\n".join(f"| {' | '.join(text.replace('|', chr(92) + '|') for text in line)} |" for line in lines)
        notes = "".join(f"\n\n{note}" for note in self._notes())
        return f"{say('summary.input', shape=self.input_size)}\n\n{table}{notes}"


def summarize(model: "Module", input_size: Sequence[int]) -> Summary:
    """Run a copy of a model on zeros and return a table of what its layers make.

    Parameters
    ----------
    model : torch.nn.Module
        Whatever it does, it is left as it was. Layers that are still lazy stay so: it is the copy that learns its shapes.
    input_size : tuple of int
        The shape of the input, batch included: (N, C, H, W).

    Returns
    -------
    Summary
        For every layer without layers of its own, and every other module that has parameters or multiplies by itself, in the order in
        which they ended: its name, the shape of its output, its parameters, its multiply-adds for the whole batch, and the receptive
        field (height, width) of a unit of its output. Layers that did not run come last, without a shape.

    Raises
    ------
    TypeError
        If ``model`` is no module, or ``input_size`` no tuple of whole numbers.
    ValueError
        If the model does not take an input of that shape: the message names the layer that refused, what it was given, and why.

    Notes
    -----
    The model runs in `eval`, without gradients, on numbers of the type of its parameters.

    *Multiply-adds* are the multiplications of a weight or a value with what is then summed up, over the whole batch; biases are not
    counted. They follow from the operations that PyTorch carries out, so that layers, subclasses, functions and products of matrices
    count alike: convolutions of every kind (a transposed one uses its weights once for each position of the input), products of
    matrices, attention, and recurrent layers. Elementwise operations, normalization (BatchNorm too) and pooling count 0, and so do what
    makes a layer's weights (`torch.nn.utils.parametrizations`, pruning) and what other hooks do. It is half of what
    `torch.utils.flop_counter` says of the operations that it knows.

    *Receptive fields* include padding, and hold for units whose field lies inside the picture; where channels see different windows,
    it is the largest, and weights that happen to be 0 make it no smaller. They are followed through convolutions, pooling, elementwise
    operations, sums, concatenated channels, slices and padding, with and without gradients; then the pixels outside of each field are
    moved, and a field that this refutes is not claimed. Where it is not known (after flattening, for instance, or where a unit sees
    the whole map) the field is None, and ``row.why`` says why.

    Examples
    --------
    >>> from torch import nn
    >>> summarize(nn.Sequential(nn.Conv2d(3, 8, 5, stride=2), nn.ReLU()), (1, 3, 32, 32))
    input: (1, 3, 32, 32)
    layer       output shape    parameters  multiply-adds  receptive field
    ──────────────────────────────────────────────────────────────────────
    0 (Conv2d)  (1, 8, 14, 14)         608        117,600              5×5
    1 (ReLU)    (1, 8, 14, 14)           0              0              5×5
    ──────────────────────────────────────────────────────────────────────
    total                              608        117,600
    """
    nn = needs("torch").nn

    if isinstance(model, type) or not isinstance(model, nn.Module):
        given = f"{model.__name__} (class)" if isinstance(model, type) else type(model).__name__
        raise TypeError(say("summary.no_module", given=given))
    size = _shape(input_size)

    from lessonlib.summary.run import borrowed, undisturbed

    with undisturbed(), borrowed(model) as copy:
        return Summary(_rows(copy, size), size)


def _rows(model, size):
    import torch

    from lessonlib.summary.fields import Field, Follower, Unknown
    from lessonlib.summary.moving import checked
    from lessonlib.summary.run import Run

    run, table = Run(model), _Table(model)
    like = next((one for one in model.parameters() if one.is_floating_point()), torch.zeros(()))
    input = torch.zeros(size, dtype=like.dtype, device=like.device)
    follower = Follower(input)
    seen = []

    def done(module, output, work):
        if table.has_row(module, work):
            field = follower.field(output) if output is not None else Unknown("no_tensor")
            if isinstance(field, Field) and not field.known():
                field = Unknown("flat")
            seen.append((module, None if output is None else tuple(output.shape), work, field or Unknown("unfollowed")))

    try:
        model.eval()
        run(input, done, follower)
    except Exception as error:
        raise ValueError(_complaint(run, table, size, error)) from error
    fields = [field for *_, field in seen]
    if like.device.type != "meta":
        fields = checked(run, table.has_row, fields, size, like)
    rows = [table.row(*one, field) for (*one, _), field in zip(seen, fields, strict=True)]
    ran = {module for module, *_ in seen}
    idle = [table.row(module) for module in table.names if module not in ran and module not in run.owners]
    return rows + [row for row in idle if row.parameters]


class _Table:
    """Which modules get a row, and what is in it; every parameter is counted once."""

    def __init__(self, model):
        self.names = {module: name or _kind(module) for name, module in model.named_modules()}
        self.counted = set()

    def has_row(self, module, work):
        return bool(work or not _inner(module) or any(True for _ in _own(module)))

    def row(self, module, shape=None, work=0, field=None):
        own = {id(one): one.numel() for one in _own(module)}
        fresh = sum(number for key, number in own.items() if key not in self.counted)
        self.counted |= own.keys()
        known = hasattr(field, "windows")
        size = tuple(window.size for window in field.windows) if known else None
        unknown = None if known or field is None else tuple(field)
        return Row(self.names[module], _kind(module), shape, fresh, work, size, unknown)


def _inner(module):
    """The modules inside a module, without those that make its weights."""
    return [child for name, child in module.named_children() if name != "parametrizations"]


def _own(module):
    from torch.nn.parameter import UninitializedParameter

    made_of = [module.parametrizations] if hasattr(module, "parametrizations") else []
    of_inner = [module.inner] if hasattr(module, "is_scripted") else []
    yield from (one for one in module.parameters(recurse=False) if not isinstance(one, UninitializedParameter))
    for part in made_of + of_inner:
        yield from part.parameters()


def _kind(module):
    if hasattr(module, "is_scripted"):
        return module.inner.original_name
    kind = type(module)
    # `parametrize` gives a layer a class of its own, made from that of the layer.
    return (kind.__mro__[1] if kind.__name__.startswith("Parametrized") else kind).__name__


def _complaint(run, table, size, error):
    lines = str(error).strip().splitlines()
    problem = lines[-1].strip() if lines else type(error).__name__
    module, given = run.running()
    if module is None:
        return say("summary.failed", shape=size, problem=problem)
    place = {"name": table.names[module], "kind": _kind(module), "shape": size}
    if type(module).__name__.startswith("Embedding") or re.search(r"\b(indices|index|Long)\b", problem):
        return say("summary.takes_numbers", **place, problem=problem)
    if _inner(module):
        return say("summary.failed_in", **place, problem=problem)
    return say("summary.failed_at", **place, given=given, problem=problem)


def _shape(input_size):
    if not isinstance(input_size, (tuple, list)) or not input_size:
        raise TypeError(say("summary.no_shape", given=repr(input_size)))
    return tuple(count(side, "input_size") for side in input_size)


def _width(text):
    """How many columns a text takes: Hangul takes two each."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def _fit(text, width, right):
    room = " " * (width - _width(text))
    return room + text if right else text + room
