"""What holds for every test: kernels run as in ``make notebooks``, and the language begins as English."""

import os
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent / folder) for folder in ("tools", "tests")]

from notebooks import KERNEL_ENV  # noqa: E402

# Kernels inherit the environment of the process that starts them.
os.environ.update(KERNEL_ENV)


@pytest.fixture(autouse=True)
def _english():
    from lessonlib.sentences import language

    language("en")
    yield
    language("en")
