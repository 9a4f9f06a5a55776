"""The public face: every name annotated and documented, and no name that misleads. ``make types`` checks the types themselves."""

import ast
import importlib
import inspect
import pkgutil
import re
import textwrap
import typing
from pathlib import Path

import pytest

import lessonlib
import lessonlib.summary
from lessonlib.kit.arguments import REQUIRED, Argument, Given
from lessonlib.kit.explorer import BY_POSITION, Explorer

ROOT = Path(__file__).parent.parent
MODULES = (
    "arrays", "extras", "figures", "figures.activations", "figures.learning", "figures.shapes", "geometry", "layers.conv",
    "learner.progress", "photos", "pictures", "presets", "questions", "sentences", "summary", "tries",
)  # fmt: skip
CLASSES = [one for name in lessonlib.__all__ if inspect.isclass(one := getattr(lessonlib, name))]
CLASSES += [lessonlib.summary.Summary, lessonlib.summary.Row]
EXPLORERS = [one for one in CLASSES if issubclass(one, Explorer)]


def members(owner):
    """Yield (name, member as it lies in its class) of all that a class offers in public, its own or inherited from ours."""
    for name in dir(owner):
        home = next((one for one in owner.__mro__ if name in vars(one)), None)
        if not name.startswith("_") and home is not None and home.__module__.startswith("lessonlib."):
            yield name, vars(home)[name]


def functions():
    """Yield (label, function) of all functions, methods and properties that are public."""
    for module in MODULES:
        home = importlib.import_module(f"lessonlib.{module}")
        for name, one in vars(home).items():
            if inspect.isfunction(one) and one.__module__ == home.__name__ and not name.startswith("_"):
                yield f"{module}.{name}", inspect.unwrap(one)
    for owner in CLASSES:
        for name, one in members(owner):
            plain = one.fget if isinstance(one, property) else getattr(one, "__func__", one)
            if inspect.isfunction(plain):
                yield f"{owner.__name__}.{name}", inspect.unwrap(plain)


PUBLIC = dict(functions())


def unannotated(function):
    """Return the names in a signature (of each overload, where there are some) that have no type; "return" for the result."""
    missing = []
    for one in typing.get_overloads(function) or [function]:
        signature = inspect.signature(one)
        missing += [
            name
            for name, parameter in signature.parameters.items()
            if parameter.annotation is parameter.empty and name not in ("self", "cls")
        ]
        missing += ["return"] if signature.return_annotation is signature.empty else []
    return missing


def test_there_are_public_functions_to_look_at():
    assert {"geometry.output_size", "layers.conv.conv2d", "Question.check", "SlidingWindow.from_layer"} <= PUBLIC.keys()
    assert len(EXPLORERS) == 10


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_public_is_annotated_and_documented(name):
    assert unannotated(PUBLIC[name]) == []
    assert PUBLIC[name].__doc__


def test_an_annotation_that_is_missing_is_found():
    def half(a: int, b, *, c=1): ...

    assert unannotated(half) == ["b", "c", "return"]


@pytest.mark.parametrize("name", PUBLIC)
def test_help_says_what_is_raised(name):
    source = ast.parse(textwrap.dedent(inspect.getsource(PUBLIC[name])))
    own = {ast.unparse(one.exc).partition("(")[0] for one in ast.walk(source) if isinstance(one, ast.Raise) and one.exc}
    # `error` is passed on; `judge` catches what it raises.
    own -= {"error", "Unattempted", "UnknownQuestion"}
    assert not own or re.search(r"[Rr]aise", PUBLIC[name].__doc__)
    assert [kind for kind in own if kind not in PUBLIC[name].__doc__] == []


TAKING = [name for name in lessonlib.__all__ if inspect.isfunction(getattr(lessonlib, name))]
TAKING += [f"geometry.{name}" for name in ("window", "unreached", "remainder", "coverage")]


@pytest.mark.parametrize("name", TAKING)
def test_help_says_what_something_else_entirely_gets(name):
    function = getattr(lessonlib, name) if "." not in name else PUBLIC[name]
    needed = [one for one in inspect.signature(function).parameters.values() if one.default is one.empty]
    given = [object() for one in needed if one.kind is one.POSITIONAL_OR_KEYWORD]
    if not given:
        return
    with pytest.raises((TypeError, ValueError, KeyError)) as raised:
        function(*given)
    assert raised.type.__name__ in function.__doc__


@pytest.mark.parametrize("explorer", EXPLORERS, ids=lambda one: one.__name__)
def test_type_checkers_read_the_signature_that_there_is(explorer):
    # `_: KW_ONLY` stands where arguments begin to need their names, and what has no default is a `Given`, which checkers know of.
    declared = list(inspect.get_annotations(explorer))
    assert declared.index("_") == BY_POSITION
    arguments = {name: one for name, one in vars(explorer).items() if isinstance(one, Argument)}
    assert [name for name in declared if name in arguments] == list(arguments)
    by_name = [one for one in inspect.signature(explorer).parameters.values() if one.kind is one.KEYWORD_ONLY]
    assert [one.name for one in by_name] == [*list(arguments)[BY_POSITION:], "large"]
    assert all(isinstance(one, Given) for one in arguments.values() if one.default is REQUIRED)
    assert all(one.__doc__ for one in arguments.values())


@pytest.mark.parametrize("explorer", EXPLORERS, ids=lambda one: one.__name__)
def test_every_argument_says_what_it_reads_as_and_what_it_takes(explorer):
    for name, one in explorer.arguments.items():
        kinds = [base for kind in type(one).__mro__ for base in vars(kind).get("__orig_bases__", ())]
        said = [typing.get_args(base) for base in kinds if len(typing.get_args(base)) == 2]
        declared = typing.get_args(inspect.get_annotations(explorer).get(name))
        assert len(declared) == 2 or any(not isinstance(part, typing.TypeVar) for pair in said for part in pair), name


# Names


def test_no_module_hides_behind_a_public_name():
    rooms = {one.name for one in pkgutil.iter_modules(lessonlib.__path__)}
    assert rooms & set(lessonlib.__all__) == set()
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("lessonlib.language")
    assert lessonlib.language() in lessonlib.sentences.LANGUAGES


def test_the_stub_lists_what_there_is():
    tree = ast.parse((ROOT / "lessonlib" / "__init__.pyi").read_text(encoding="utf-8"))
    listed = [alias.asname for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(listed) == sorted(lessonlib.__all__)
    assert (ROOT / "lessonlib" / "py.typed").exists()
    for name in listed:
        assert getattr(lessonlib, name) is not None


@pytest.mark.parametrize("old", lessonlib._MOVED)
def test_an_old_name_goes_on_and_names_the_new_place(old):
    home, _, now = lessonlib._MOVED[old].rpartition(".")
    with pytest.warns(DeprecationWarning, match=rf"lessonlib\.{old} is now lessonlib\.\S*{now}$") as warned:
        one = getattr(lessonlib, old)
    assert one is getattr(importlib.import_module(f"lessonlib.{home}"), now)
    assert Path(warned[0].filename) == Path(__file__)
    # The place that it names is one where it can be had.
    place, _, last = str(warned[0].message).partition(" is now ")[2].rpartition(".")
    assert getattr(importlib.import_module(place), last) is one


def test_types_are_checked_in_continuous_integration():
    assert re.search(r"^make types$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
