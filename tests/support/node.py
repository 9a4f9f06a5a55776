"""Run the pure functions of a view in Node, where the tests compare them with Python's."""

import importlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import lessonlib
from lessonlib.kit.explorer import View, read_view

PACKAGE = Path(lessonlib.__file__).parent
ROOMS = ("explorers", "questions")


def view_file(view):
    """Return the ``view.js`` of an explorer, a prediction or a quiz, by the name of its folder."""
    (found,) = (path for room in ROOMS for path in PACKAGE.glob(f"{room}/{view}/view.js"))
    return found


def _descendants(kind):
    """Yield a class's subclasses, theirs too."""
    for one in kind.__subclasses__():
        yield one
        yield from _descendants(one)


def node(view, program, given, folder):
    """Return what the JavaScript ``program`` returns for ``given``, with the code of a view above it.

    Parameters
    ----------
    view : str
        The folder whose ``view.js`` is run, with the kit in front; ``tables`` is what the view is sent of what Python knows.
    program : str
        The body of a function of ``given``.
    given : object
        Goes to Node as JSON; the answer comes back as JSON.
    folder : pathlib.Path
        Where the script may lie while it runs.
    """
    found = shutil.which("node")
    if found is None:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("Node is not installed: the views are not checked.")
    script = folder / "view.mjs"
    importlib.import_module(".".join(view_file(view).relative_to(PACKAGE.parent).parent.parts))
    # The class comes before those that anywidget derives from it, one for every view that was made.
    sent = next(one for one in _descendants(View) if one.area == view)
    tables = json.dumps(sent().tables)
    frame = f"\nconst tables = {tables};\n"
    frame += "const given = JSON.parse(await new Response(process.stdin).text());\n"
    write = f"console.log(JSON.stringify(((given) => {{ {program} }})(given)));"
    script.write_text(read_view(view_file(view), "js") + frame + write, encoding="utf-8")
    done = subprocess.run(
        [found, script], input=json.dumps(given), capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
