"""How much a test does: a bounded part in ``make test``, all of it in ``make test-long``, which sets ``LONG=1``.

A test whose whole worth lies in a long run is marked ``@pytest.mark.long`` and skipped in the short one; every other one draws
its cases from one seed, so that the short run's cases are the first of the long one's.
"""

import os

LONG = os.environ.get("LONG") == "1"


def times(quick, full):
    """Return how often to repeat something: ``quick`` in ``make test``, ``full`` in ``make test-long``."""
    assert 0 < quick <= full, f"a long run does at least what the short one does: {quick}, {full}"
    return full if LONG else quick
