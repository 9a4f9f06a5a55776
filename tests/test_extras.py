"""Where only the package itself is installed: explorers run, and what needs more says which command brings it."""

import json
import os
import re
import subprocess
import sys

import pytest

import lessonlib
from lessonlib.extras import COURSE, needs
from support.explorers import EXPLORERS

COMMAND = 'pip install "lessonlib[course]"'
# What each public name that is no explorer is asked for; explorers are made in all their states.
CALLS = {
    "summarize": "summarize(object(), (1, 1, 8, 8))",
    "photograph": "photograph(size=16)",
    "question(function)": "question('conv_calculation.two_loops').check(lambda *arguments: arguments)",
    "question(module)": "question('sequential.stack').check(object())",
    "FeatureMaps": "FeatureMaps(object())",
    "kernel": "lessonlib.presets.kernel('sharpen', (3, 3))",
    "picture": "lessonlib.presets.picture('digit', (8, 8))",
    "conv2d": "conv2d([[[1, 2], [3, 4]]], [[[[1]]]])",
    "filter_planes": "filter_planes([[[[1]]]])",
    "output_size": "output_size(5, 3)",
    "question(number)": "question('one_channel.side').check(3)",
    "progress": "__import__('lessonlib.learner').learner.progress.show()",
    "save_gif": "SlidingWindow('counting', 'ones', input_size=3).save_gif(__import__('os').devnull)",
}
NEEDS_COURSE = {"summarize", "question(function)", "question(module)", "FeatureMaps"}
PROGRAM = """
import json, sys
calls, missing, lang = json.loads(sys.stdin.read())

for name in missing:
    sys.modules[name] = None
import lessonlib.presets
from lessonlib import *
lessonlib.language(lang)
for name, code in calls.items():
    try:
        made = eval(code)
        if hasattr(made, "_repr_mimebundle_"):
            made._repr_mimebundle_()
        calls[name] = "runs"
    except Exception as error:
        calls[name] = f"{type(error).__name__}: {error}"
sys.stdout.write("\\n" + json.dumps(calls))
"""


def outcomes(calls, lang="en", missing=("torch", "sklearn", "scipy", "jupyterlab", "platformdirs", "tqdm")):
    """Return what becomes of each call where these packages are not installed."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([calls, missing, lang]),
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "LESSONLIB_PROGRESS": "off", "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def explorers():
    # FeatureMaps is given a net, which cannot be made without PyTorch; it is asked above.
    return outcomes({name: code for name, code in EXPLORERS.items() if not name.startswith("feature_maps")})


@pytest.mark.parametrize("name", [name for name in EXPLORERS if not name.startswith("feature_maps")])
def test_explorers_run_without_the_course(explorers, name):
    assert explorers[name] == "runs"


@pytest.mark.parametrize(("lang", "words"), [("ko", "설치"), ("en", "This command brings|which this command brings")])
def test_what_needs_the_course_says_the_command_in_the_learners_language(lang, words):
    found = outcomes(CALLS, lang)

    for name, outcome in found.items():
        if name in NEEDS_COURSE:
            assert COMMAND in outcome, name
            assert re.search(words, outcome), outcome
        else:
            assert outcome == "runs", name


def test_every_question_runs_without_the_course_or_says_what_brings_it():
    from lessonlib.questions import names

    found = outcomes({name: f"question({name!r}).check(3)" for name in names()})

    assert {outcome for outcome in found.values() if outcome != "runs" and COMMAND not in outcome} == set()
    assert list(found.values()).count("runs") > 50


def test_a_package_that_is_broken_is_not_called_missing(tmp_path, monkeypatch):
    (tmp_path / "torch.py").write_text("import what_torch_needs\n", encoding="utf-8")
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="what_torch_needs") as told:
        needs("torch")

    assert COMMAND not in str(told.value)


def test_the_extra_course_holds_what_is_asked_for():
    import versions

    extra = versions.project()["optional-dependencies"]["course"]
    assert {line.partition(">")[0] for line in extra} == {"scikit-learn", "torch"}
    assert set(COURSE) == {"torch"}  # scikit-learn is imported by a lesson alone
    base = {line.partition(">")[0] for line in versions.project()["dependencies"]}
    assert base == {"anywidget", "ipywidgets", "lazy-loader", "matplotlib", "numpy", "pillow"}
    assert set(lessonlib.__all__) >= {"summarize", "photograph", "FeatureMaps", "question"}
