"""The project as a whole: what it needs, what imports what, what the commands cover, what must not stand in it."""

import ast
import importlib
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

import lessonlib
import versions

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "lessonlib"
MODULES = {path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): path for path in PACKAGE.rglob("*.py")}


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def tracked():
    """Return the files of the project that are text, as (name, text)."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        path = ROOT / name
        if path.suffix not in (".png", ".gif", ".ico", ".jpg") and path.exists():
            yield name, path.read_text(encoding="utf-8")


def imports(path, top_level=False):
    """Yield what a file imports, as dotted names; only outside of functions, if ``top_level``."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if top_level and isinstance(node, ast.FunctionDef)]
    inside = {id(sub) for node in functions for sub in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


# What the package imports


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, lessonlib; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    heavy = {"torch", "matplotlib", "numpy", "sklearn", "PIL", "ipywidgets", "anywidget"}
    assert "lessonlib" in loaded
    assert heavy.isdisjoint(loaded)


def test_computing_a_convolution_loads_neither_torch_nor_matplotlib():
    code = """
import sys
from lessonlib import conv2d, language
language("ko")
conv2d([[[1, 2], [3, 4]]], [[[[1]]]])
print("torch" in sys.modules, "matplotlib" in sys.modules)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "False False\n"


@pytest.mark.parametrize("name", lessonlib.__all__)
def test_every_public_name_can_be_imported(name):
    assert getattr(lessonlib, name).__doc__ or not callable(getattr(lessonlib, name))


def test_public_names_are_listed_and_others_refused():
    assert set(lessonlib.__all__) <= set(dir(lessonlib))
    with pytest.raises(AttributeError, match="convolve"):
        _ = lessonlib.convolve


# The rooms behind `summarize` speak PyTorch's language; it opens them when it is called.
OF_TORCH = {f"lessonlib.summary.{room}" for room in ("fields", "moving", "operations", "run")}


def test_what_summarize_opens_it_opens_when_it_is_called():
    assert not set(imports(MODULES["lessonlib.summary.__init__"], top_level=True)) & OF_TORCH


@pytest.mark.parametrize("module", sorted(set(MODULES) - OF_TORCH))
def test_no_module_loads_torch_when_it_is_imported(module):
    assert not {name.partition(".")[0] for name in imports(MODULES[module], top_level=True)} & {"torch", "torchvision"}


def house():
    """Return what CONTRIBUTING.md says of the house: its plan, and the rooms in the order in which imports run."""
    text = read("CONTRIBUTING.md").partition("## The house")[2].partition("## ")[0]
    order = re.search(r"Imports run one way: (.*?)\.", text, re.DOTALL)[1]
    return text, [set(re.findall(r"\w+", group)) for group in order.split("←")]


def test_the_plan_of_the_house_is_one_screen_and_true():
    plan, _ = house()
    inside = plan.partition("lessonlib/\n")[2].partition("    notebooks/")[0]
    named = {name for line in inside.splitlines() for name in re.findall(r"[\w.]+(?:/| )", line[6:27] + " ")}
    named = {name.strip(" /") for name in named} - {".pyi"} | {"__init__.pyi"}
    there = {path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"}

    assert len(plan.splitlines()) <= 45
    assert named == there


@pytest.mark.parametrize("module", [name for name in MODULES if name.count(".")])
def test_imports_run_one_way(module):
    _, order = house()
    rank = {room: i for i, group in enumerate(order) for room in group}
    own = module.split(".")[1]
    if own == "__init__":
        return
    found = {name.split(".")[1] for name in imports(MODULES[module]) if name.startswith("lessonlib.")} - {own}
    found = {name for name in found if name in rank}  # the rest are names of lessonlib/__init__

    assert own in rank
    assert {name for name in found if rank[name] >= rank[own]} == set()


def test_no_two_modules_import_each_other():
    def neighbours(module):
        return {name for name in imports(MODULES[module], top_level=True) if name in MODULES and name != module}

    done, path = set(), []

    def visit(module):
        assert module not in path, " → ".join([*path, module])
        if module not in done:
            path.append(module)
            for other in neighbours(module):
                visit(other)
            done.add(path.pop())

    for module in MODULES:
        visit(module)
    assert done == set(MODULES)


# What the project needs


def pins():
    lines = [line for line in read("constraints.txt").splitlines() if not line.startswith("#")]
    return dict(line.split("==") for line in lines)


def test_constraints_pin_everything_that_pyproject_asks_for():
    for requirement in versions.asked():
        pinned = pins()[versions.normalized(requirement.name)]
        assert requirement.specifier.contains(pinned), f"{requirement} is pinned to {pinned}"


def test_constraints_name_releases_that_every_index_has():
    lines = [line for line in read("constraints.txt").splitlines() if not line.startswith("#")]

    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[\w.]+", line)] == []
    assert len(lines) == len(pins())
    assert list(pins()) == sorted(pins())


def test_environment_yml_is_what_pyproject_and_constraints_make():
    assert read("environment.yml") == versions.environment(pins())


def test_environment_yml_names_the_cpu_build_and_every_dependency():
    text = read("environment.yml")

    assert f"pytorch-cpu={pins()['torch']}" in text
    for name in versions.direct(["lab"]):
        assert f"- {versions.CONDA_NAMES.get(name, name)}=" in text


def test_every_dependency_is_used():
    module = {"pillow": "PIL", "pytest-xdist": "-n auto", "scikit-learn": "sklearn", "nbconvert": "jupyter nbconvert"}
    apart = {"ipykernel", "jupyterlab-language-pack-ko-kr", "ruff"}
    text = "\n".join(text for name, text in tracked() if name.endswith((".py", ".ipynb", "Makefile", "README.md")))
    for name in set(versions.direct()) - apart:
        assert module.get(name, name.replace("-", "_")) in text, f"nothing uses {name}"


def test_pyproject_gives_the_oldest_python_that_the_installer_checks():
    import environment

    assert versions.project()["requires-python"] == ">=" + ".".join(map(str, environment.OLDEST))
    assert sys.version_info >= environment.OLDEST


def test_the_package_brings_its_words_and_views():
    backend = tomllib.loads(read("pyproject.toml"))["build-system"]["build-backend"]

    # flit puts every file of the package folder into the wheel.
    assert backend == "flit_core.buildapi"
    assert list(PACKAGE.glob("words/*.toml"))
    assert list(PACKAGE.glob("explorers/*/view.js"))
    assert version("lessonlib") == lessonlib.__version__


def test_both_licences_are_given():
    text = read("LICENSE")

    assert "MIT License" in text
    assert "CC BY 4.0" in text


# What the commands cover


def targets():
    return re.findall(r"^([a-z-]+):.*## ", read("Makefile"), flags=re.MULTILINE)


def make(*arguments):
    # Without the marks of the make that runs the tests.
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=True, env=own).stdout


def test_a_bare_make_lists_the_targets():
    listed = re.findall(r"^  make ([a-z-]+) ", make(), flags=re.MULTILINE)

    assert listed == targets()
    assert {"lab", "test", "test-browser", "notebooks", "lint", "bench"} <= set(listed)


def collected(target):
    """Return how many tests of each file ``make target`` collects."""
    command = make("--dry-run", target, "TESTS=--collect-only -q -n0 -p no:cacheprovider").strip().splitlines()[-1]
    assert "pytest" in command
    result = subprocess.run(command, cwd=ROOT, shell=True, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    counts = {}
    for line in result.stdout.splitlines():
        if "::" in line:
            file = line.partition("::")[0]
            counts[file] = counts.get(file, 0) + 1
    return counts


def test_make_test_runs_every_test_file_every_notebook_and_every_doctest():
    counts = collected("test")

    files = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "tests").glob("test_*.py"))]
    assert [file for file in files if file not in counts] == []
    notebooks = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "notebooks").glob("*/*.ipynb"))]
    assert notebooks
    assert [file for file in notebooks if file not in counts] == []
    examples = [path.relative_to(ROOT).as_posix() for path in MODULES.values() if ">>> " in path.read_text("utf-8")]
    assert [file for file in examples if file not in counts] == []


def test_make_test_browser_runs_every_browser_test_file():
    counts = collected("test-browser")

    files = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "tests" / "browser").glob("test_*.py"))]
    assert files
    assert [file for file in files if file not in counts] == []


def test_no_test_is_left_out_by_its_name():
    """A function that asserts, in a test file, is a test, a fixture, or called by one."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("test_") and not node.decorator_list:
                assert node.name in used, f"{path.name}: {node.name} is never called"


def test_continuous_integration_calls_the_same_targets():
    scripts = {name: text for name, text in tracked() if name.startswith((".ci", ".github/workflows"))}

    assert {Path(name).name for name in scripts} == {"run", "test.yml"}
    for name, text in scripts.items():
        assert {"make test", "make test-browser"} <= set(text.splitlines()) or "run: .ci/run" in text, name


# What must not stand in the project


def test_no_file_names_a_folder_of_somebodys_machine():
    # The brackets keep the pattern from finding itself.
    folders = re.compile(r"(?<![\w.~)}\]*])[/](?:root|home|tmp|work|Users|opt)/|[A-Z]:\\{1,2}Users")

    assert [(name, folders.findall(text)) for name, text in tracked() if folders.search(text)] == []


@pytest.mark.parametrize("name", [name for name, _ in tracked() if name.endswith(".py")])
def test_text_files_are_read_and_written_as_utf_8(name):
    """Without it, Windows takes the code page of the country."""
    for node in ast.walk(ast.parse(read(name))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", None) in ("read_text", "write_text"):
            by_place = node.args[node.func.attr == "write_text" :]
            by_name = [key for key in node.keywords if key.arg == "encoding"]
            assert by_place or by_name, f"{name}, line {node.lineno}: give encoding='utf-8'"


def test_every_module_says_what_it_teaches():
    for module in MODULES:
        assert importlib.import_module(module).__doc__, f"{module} has no docstring"
