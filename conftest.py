"""What holds for every test: kernels run as in ``make notebooks``, the language begins as English, no file is left out."""

import os
from pathlib import Path

import pytest

from notebooks import KERNEL_ENV
from support.amount import LONG
from support.whole import left_out

ROOT = Path(__file__).resolve().parent

# Kernels inherit the environment of the process that starts them.
os.environ.update(KERNEL_ENV)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session, config, items):
    """Refuse a run that leaves out a file of a folder it was asked for, and skip what only a long run does."""
    asked = [(config.invocation_params.dir / name).resolve() for name in config.args]
    folders = [path.relative_to(ROOT).as_posix() for path in asked if path.is_relative_to(ROOT)]
    missed = left_out(ROOT, folders, {item.path for item in items}, config.getoption("nbval", False))
    if missed and not session.testsfailed and not config.getoption("ignore") and not config.getoption("ignore_glob"):
        raise pytest.UsageError(f"No test was taken from {', '.join(missed)}.")
    if not LONG:
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="a long run: make test-long"))


@pytest.fixture(autouse=True)
def _english():
    from lessonlib.sentences import language

    language("en")
    yield
    language("en")
