"""Is a receptive field true? Pixels outside of it are moved, and the unit must stand still."""

import torch

from lessonlib.summary.fields import Field, Unknown
from lessonlib.summary.run import quietly


def checked(run, has_row, fields, size, like):
    """Return ``fields``, one for each row, those that moving pixels refutes replaced by `Unknown`.

    For each different field the pixels outside of that of a unit in the middle are moved, all at once, twice: with the weights that the
    model has, and with small positive ones on small positive pixels, where no activation is dead. The model's copy is changed.
    """
    todo = {}  # (rows, columns) inside which nothing moves → the rows of the table, each with its unit
    for k, field in enumerate(fields):
        if isinstance(field, Field):
            unit, inside = _middle(field, size[-2:])
            if inside != ((0, size[-2]), (0, size[-1])):
                todo.setdefault(inside, []).append((k, unit))
    fields = list(fields)
    for alive in (False, True):
        if alive:
            _enliven(run.model)
        still = _picture(size, like, alive, 0)
        before = _outputs(run, has_row, still, fields) if todo else None
        for inside, units in todo.items():
            after = None
            if before is not None:
                moved = _picture(size, like, alive, 1)
                (top, bottom), (left, right) = inside
                moved[..., top:bottom, left:right] = still[..., top:bottom, left:right]
                after = _outputs(run, has_row, moved, fields)
            for k, unit in units:
                if isinstance(fields[k], Unknown):
                    continue
                if before is None or after is None:
                    fields[k] = Unknown("untried")
                elif _moves(before[k], after[k], fields[k], unit):
                    fields[k] = Unknown("refuted")
    return fields


def _middle(field, sides):
    """A unit in the middle whose field lies inside the picture, and that field; along a side where there is none, all of the side."""
    unit, inside = [], []
    for side, pixels in enumerate(sides):
        window, units = field.windows[side], field.layout[field.axis(side)][0][0]
        first = max(0, -(window.start // window.jump))
        last = min(units - 1, (pixels - window.size - window.start) // window.jump)
        at = (first + last) // 2
        unit.append(at if first <= last else units // 2)
        start = window.start + at * window.jump
        inside.append((start, start + window.size) if first <= last else (0, pixels))
    return unit, tuple(inside)


def _picture(size, like, alive, seed):
    stream = torch.Generator().manual_seed(seed)
    values = torch.rand(size, generator=stream) if alive else 2 * torch.randn(size, generator=stream)
    return values.to(like)


def _enliven(model):
    stream = torch.Generator().manual_seed(2)
    for one in model.parameters():
        if one.is_floating_point():
            fan = one[0].numel() if one.dim() > 1 else 1
            one.copy_((0.5 + 0.5 * torch.rand(one.shape, generator=stream)) / fan)
    for module in model.modules():
        if getattr(module, "running_var", None) is not None:
            module.running_mean.zero_()
            module.running_var.fill_(1)


def _outputs(run, has_row, input, fields):
    """What each row's module makes, or None where the model runs otherwise than before or not at all."""
    made = []

    def done(module, output, work):
        if has_row(module, work):
            made.append(None if output is None else output.clone())

    torch.manual_seed(0)
    try:
        quietly(run, input, done)
    except Exception:
        return None
    return made if len(made) == len(fields) else None


def _moves(before, after, field, unit):
    if before is None or after is None or before.shape != after.shape:
        return True
    for side in (0, 1):
        axis = field.axis(side)
        before, after = (one.narrow(axis, unit[side], 1) for one in (before, after))
    if not before.is_floating_point():
        return not torch.equal(before, after)
    both = torch.isnan(before) & torch.isnan(after)
    eps = torch.finfo(
        before.dtype
    ).eps  # a few roundings of the single numbers, many of those that are summed up in them
    near = (1000 if eps < 1e-5 else 4) * eps * (1e-6 + torch.nan_to_num(before).abs().max())
    return not bool((both | (before == after) | ((before - after).abs() <= near)).all())
