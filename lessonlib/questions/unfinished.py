"""Whether a learner's function still has the `...` of the lesson in it: seen in its own source, never in an error's text."""

import ast
import dis
import inspect
import textwrap


def gap_in(function):
    """Return how a `...` to be filled in stands in a function: "body", "value", or "" where there is none.

    "body" is a `...` in place of statements: the whole function, or what a loop or a branch should do. "value" is one in
    place of a value, such as `np.zeros(...)` or `height = ...`. An index such as `array[..., 0]` is neither.

    Examples
    --------
    >>> gap_in(lambda: ...)
    'body'
    >>> gap_in(lambda a: a[..., 0])
    ''
    """
    function = inspect.unwrap(function)
    function = getattr(function, "__func__", function)
    if getattr(function, "__code__", None) is None:
        return ""
    if _is_empty(function):
        return "body"
    found = _definition(function)
    return _in_code(function.__code__) if found is None else _in_tree(found)


def _definition(function):
    """The function in its source, or None where the source is not to be had."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    named = (node for node in ast.walk(tree) if isinstance(node, kinds) and node.name == function.__name__)
    return next(named, None)


def _in_tree(tree):
    for node in ast.walk(tree):
        # What catches an error may well be a `...`: it means pass.
        blocks = [] if isinstance(node, ast.ExceptHandler) else [getattr(node, name, []) for name in ("body", "orelse")]
        if any(_is_open(block) for block in blocks if isinstance(block, list)):
            return "body"
    indices = {id(one) for node in ast.walk(tree) if isinstance(node, ast.Subscript) for one in ast.walk(node.slice)}
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return "value" if any(_is_dots(one) and id(one) not in indices | statements for one in ast.walk(tree)) else ""


def _is_open(block):
    """Whether the statements end in `...`, and not after a `return`."""
    ends = isinstance(block[-1], ast.Expr) and _is_dots(block[-1].value) if block else False
    return ends and not any(isinstance(one, ast.Return | ast.Raise) for one in block)


def _is_dots(node):
    return isinstance(node, ast.Constant) and node.value is ...


def _in_code(code):
    """Look at the compiled code: a `...` that is handed over, kept under a name or handed back is no index."""
    steps = [one for one in dis.get_instructions(code) if one.opname not in ("CACHE", "PRECALL", "KW_NAMES", "NOP")]
    for one, after in zip(steps, [*steps[1:], None], strict=True):
        dots = one.opname.startswith("LOAD_CONST") and one.argval is ...
        if dots and after is not None and after.opname.startswith(("CALL", "STORE_FAST", "STORE_NAME", "RETURN")):
            return "value"
        if one.opname == "RETURN_CONST" and one.argval is ...:
            return "value"
    return ""


def _empty(): ...


def _empty_with_docstring():
    """A function of which nothing but the head is written."""


_EMPTY = {(one.__code__.co_code, ()) for one in (_empty, _empty_with_docstring, lambda: ...)}


def _is_empty(function):
    code = function.__code__
    if (code.co_code, code.co_names) not in _EMPTY:
        return False
    return all(one is None or one is ... or one == function.__doc__ for one in code.co_consts)
