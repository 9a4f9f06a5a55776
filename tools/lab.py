"""Open a lesson in JupyterLab, in a copy of your own; make the environment first where there is none.

    python tools/lab.py                     the Korean course from its first page
    python tools/lab.py en/01_one_channel   another lesson; en/01 is enough

Options after the lesson: ``--port 8890``; ``--no-browser`` only prints the address; ``--here`` takes the Python that
runs this, with what is installed in it (conda), instead of ``.venv``.

The lessons that you open, answer and save are copies in a folder of your own (`course`). JupyterLab starts without its
question about news, in the lesson's language. That goes into the folder ``.lab`` beside the copies, not into your own
settings, which keep the last word.
"""

import argparse
import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import course
from course import NOTEBOOKS, language, say
from environment import PYTHON, prepare, stop

LOCALES = {"ko": "ko_KR", "en": "en"}
FIRST_PORT = 8888
# What names the cell that a cell run too early needs.
KERNEL_OPTION = "--ext=lessonlib.learner.first_cell"


def find_lesson(name):
    """Return the notebook that ``name`` means, as ``ko/00_start.ipynb``.

    Raises
    ------
    SystemExit
        If there is none, naming those there are.
    """
    name = re.sub(r"^(\./)?(notebooks/)?|(\.ipynb)?$", "", name.replace("\\", "/"))
    lang, _, lesson = name.rpartition("/")
    found = sorted((NOTEBOOKS / (lang or "ko")).glob(f"{lesson}*.ipynb")) if lesson else []
    exact = [path for path in found if path.stem == lesson] or found
    if len(exact) != 1 or (lang or "ko") not in LOCALES:
        there = ", ".join(sorted(path.stem for path in (NOTEBOOKS / "en").glob("*.ipynb")))
        stop(f"There is no lesson {name!r}. Name one as en/01_one_channel or ko/01_one_channel. There are: {there}.")
    return exact[0].relative_to(NOTEBOOKS).as_posix()


def interpreter():
    """Return the Python that runs JupyterLab: that of .venv, or this one where there is no .venv."""
    return PYTHON if PYTHON.exists() else sys.executable


def write_settings(lang, folder):
    """Write into ``folder`` what JupyterLab starts with: the language of its menus, and no news."""
    folder.mkdir(parents=True, exist_ok=True)
    overrides = {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
        "@jupyterlab/translation-extension:plugin": {"locale": LOCALES[lang]},
    }
    _write_json(folder / "overrides.json", overrides)


def write_kernel(folder, python):
    """Write into ``folder`` the Python kernel of ``python`` with `KERNEL_OPTION`; without one there, Jupyter's own stands."""
    prefixes = (python.parent.parent, python.parent)  # the second is conda's on Windows
    specs = [prefix / "share" / "jupyter" / "kernels" / "python3" / "kernel.json" for prefix in prefixes]
    for spec in filter(os.path.exists, specs):
        kernel = json.loads(spec.read_text(encoding="utf-8"))
        kernel["argv"] = [*kernel["argv"], KERNEL_OPTION]
        _write_json(folder / "jupyter" / "kernels" / "python3" / "kernel.json", kernel)
        return


def _write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def command(lesson, port, root, folder, python=PYTHON):
    """Return the command that serves ``lesson``, a path under ``root``, with its settings in ``folder``."""
    write_settings(lesson.partition("/")[0], folder)
    write_kernel(folder, Path(python))
    return [
        str(python),
        "-m",
        "jupyterlab",
        "--Application.log_level=ERROR",
        "--ServerApp.answer_yes=True",
        # In a container everybody is root. The server listens to this machine only, and asks for a token.
        f"--ServerApp.allow_root={_is_root()}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={root}",
        "--ServerApp.contents_manager_class=lessonlib.learner.contents.LessonContents",
        f"--LabApp.default_url=/lab/tree/{lesson}",
        f"--LabApp.app_settings_dir={folder}",
        f"--LabApp.workspaces_dir={folder / 'workspaces'}",
        "--KernelManager.transport_encryption=auto",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]


def variables(folder, token):
    """Return the environment of the command whose settings are in ``folder``."""
    paths = [str(folder / "jupyter"), os.environ.get("JUPYTER_PATH", "")]
    return dict(os.environ, JUPYTER_TOKEN=token, JUPYTER_PATH=os.pathsep.join(filter(None, paths)))


def _is_root():
    return hasattr(os, "geteuid") and os.geteuid() == 0


def free_port(first):
    """Return the first port from ``first`` on that nothing listens to."""
    for port in range(first, first + 100):
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return stop(f"No port from {first} to {first + 99} is free. Choose another: --port 9000")


def wait_until_served(server, address):
    """Return when JupyterLab answers; stop if it ends first."""
    while server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    stop("JupyterLab ended at once; what it said stands above.")


def bring_up_to_date(copy, alone, python):
    """Make the learner's copy, or bring it up to date, and say what changed."""
    if not alone:
        print(say("course.open", folder=copy), flush=True)
        return
    first = not (copy / course.MANIFEST).exists()
    written, told = course.update(copy)
    if first:
        print(say("course.made", folder=copy))
    for line in told:
        print(line)
    course.trust(python, written)


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lesson", nargs="?", default="ko/00_start")
    parser.add_argument("--port", type=int)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--here", action="store_true")
    asked = parser.parse_args()
    lesson = find_lesson(asked.lesson or "ko/00_start")
    language(lesson[:2])
    copy = course.folder()
    if not asked.here:
        prepare("lab")
    python = sys.executable if asked.here else PYTHON
    with contextlib.ExitStack() as stack:
        try:
            bring_up_to_date(copy, stack.enter_context(course.held(copy)), python)
        except OSError as problem:
            stop(say("course.not_written", folder=copy, reason=problem.strerror or type(problem).__name__))
        serve(lesson, copy, python, asked)


def serve(lesson, copy, python, asked):
    """Serve the learner's copy until it is stopped."""
    settings = copy / ".lab" / lesson.partition("/")[0]
    port = asked.port or free_port(FIRST_PORT)
    token = os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(16)
    print("Starting JupyterLab …", flush=True)
    options = [f"--ServerApp.open_browser={not asked.no_browser}"]
    server = subprocess.Popen(
        [*command(lesson, port, copy, settings, python), *options], cwd=copy, env=variables(settings, token)
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        wait_until_served(server, f"http://localhost:{port}/api")
        print(f"The lesson is at  http://localhost:{port}/lab/tree/{lesson}?token={token}")
        print("Stop JupyterLab with Ctrl+C.", flush=True)
        server.wait()
    except KeyboardInterrupt:
        pass
    finally:
        server.terminate()
        server.wait()
    print("JupyterLab has ended.")


if __name__ == "__main__":
    main()
