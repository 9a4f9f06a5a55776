"""A kernel extension: a cell run too early says which cell comes first.

``make lab`` starts its kernels with ``--ext=lessonlib.learner.first_cell``. A `NameError` is shown as Python shows it; if a cell
further up in the notebook makes that name, a sentence below says which. Anywhere else Python's own error stands alone.
"""

import ast
import json
import os
import re
from pathlib import Path

from lessonlib.sentences import say

# What is made inside of these stays inside.
_OWN_NAMES = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def load_ipython_extension(shell):
    """Let ``shell`` name the cell that was left out."""
    shell.set_custom_exc((NameError,), _explain)


def which_cell(notebook, name, cell_id=None):
    """Return the sentence that names the cell in which ``name`` is made, in the notebook's language.

    Parameters
    ----------
    notebook : dict
        As its file holds it.
    name : str
        What Python does not know.
    cell_id : str, optional
        The cell that was run; only those above it are looked at.

    Returns
    -------
    str or None
        None if no cell above makes it.

    Examples
    --------
    >>> cells = [{"id": "a", "cell_type": "code", "source": ["import numpy as np"]}]
    >>> which_cell({"cells": cells}, "np")[:40]
    "`np` comes from the lesson's first code "
    """
    cells = [(cell.get("id"), "".join(cell["source"])) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    ids = [one for one, _ in cells]
    above = cells[: ids.index(cell_id)] if cell_id in ids else cells
    spoken = re.search(r'^language\("(ko|en)"\)', "\n".join(source for _, source in cells), re.MULTILINE)
    for position, (_, source) in enumerate(above):
        if name in _made_in(source):
            key = "errors.first_cell_first" if position == 0 else "errors.earlier_cell_first"
            return say(key, lang=spoken and spoken[1], name=name, line=source.strip().splitlines()[0])
    return None


def _made_in(source):
    """Return the names that a cell leaves behind: imported, assigned, defined."""
    try:
        waiting = [ast.parse(source)]
    except (SyntaxError, ValueError, RecursionError):
        return set()
    made = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.alias):
            made.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            made.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            made.add(node.name)
        if not isinstance(node, _OWN_NAMES):
            waiting += ast.iter_child_nodes(node)
    return made


def _explain(shell, kind, error, traceback, tb_offset=None):
    shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)
    try:
        metadata = getattr(shell, "parent_header", {}).get("metadata", {})
        # Where the server puts the path of the notebook.
        notebook = json.loads(Path(os.environ["JPY_SESSION_NAME"]).read_text(encoding="utf-8"))
        sentence = which_cell(notebook, error.name, metadata.get("cellId"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return  # the error itself has been shown
    if sentence:
        print(sentence)
