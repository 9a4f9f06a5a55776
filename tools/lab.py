"""Open a lesson in JupyterLab; make the environment first where there is none.

    python tools/lab.py                     the Korean course from its first page
    python tools/lab.py en/01_one_channel   another lesson; en/01 is enough

Options after the lesson: ``--port 8890``; ``--no-browser`` only prints the address.

JupyterLab starts without its question about news, in the lesson's language. That goes into .venv, not into your own
settings, which keep the last word.
"""

import argparse
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

from environment import PYTHON, ROOT, VENV, prepare, stop

NOTEBOOKS = ROOT / "notebooks"
LOCALES = {"ko": "ko_KR", "en": "en"}
FIRST_PORT = 8888


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


def write_settings(lang, folder):
    """Write into ``folder`` what JupyterLab starts with: the language of its menus, and no news."""
    folder.mkdir(parents=True, exist_ok=True)
    overrides = {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
        "@jupyterlab/translation-extension:plugin": {"locale": LOCALES[lang]},
    }
    (folder / "overrides.json").write_text(json.dumps(overrides, indent=2) + "\n", encoding="utf-8")


def command(lesson, port, root=NOTEBOOKS, folder=None):
    """Return the command that serves ``lesson``, a path under ``root``, with its settings in ``folder``."""
    lang = lesson.partition("/")[0]
    folder = folder or VENV / "share" / "lessonlib" / lang
    write_settings(lang, folder)
    return [
        str(PYTHON),
        "-m",
        "jupyterlab",
        "--Application.log_level=ERROR",
        "--ServerApp.answer_yes=True",
        # In a container everybody is root. The server listens to this machine only, and asks for a token.
        f"--ServerApp.allow_root={_is_root()}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/{lesson}",
        f"--LabApp.app_settings_dir={folder}",
        f"--LabApp.workspaces_dir={folder / 'workspaces'}",
        "--KernelManager.transport_encryption=auto",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]


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


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lesson", nargs="?", default="ko/00_start")
    parser.add_argument("--port", type=int)
    parser.add_argument("--no-browser", action="store_true")
    asked = parser.parse_args()
    lesson = find_lesson(asked.lesson or "ko/00_start")
    prepare("lab")

    port = asked.port or free_port(FIRST_PORT)
    token = os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(16)
    print("Starting JupyterLab …", flush=True)
    options = [f"--ServerApp.open_browser={not asked.no_browser}"]
    server = subprocess.Popen([*command(lesson, port), *options], cwd=ROOT, env=dict(os.environ, JUPYTER_TOKEN=token))
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
