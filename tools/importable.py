"""Makes lessonlib, tools and the tests' support importable for a script, wherever it is started from.

``import importable`` in ``tools/``, ``import tools.importable`` in ``benchmarks/``; pytest has the same list in ``pyproject.toml``.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools"), str(ROOT / "tests")]
