"""What holds for every test: kernels run as in ``make notebooks``, and the language begins as English."""

import os

import pytest

from notebooks import KERNEL_ENV

# Kernels inherit the environment of the process that starts them.
os.environ.update(KERNEL_ENV)


@pytest.fixture(autouse=True)
def _english():
    from lessonlib.sentences import language

    language("en")
    yield
    language("en")
