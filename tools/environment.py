"""Make the environment in .venv, or do nothing where it is up to date.

    python tools/environment.py lab     what lessons need
    python tools/environment.py test    and what tests need

On Linux, PyTorch comes from its own index of CPU builds where that answers: the usual index brings gigabytes for graphics
cards along, which the course never uses. ``LESSONLIB_TORCH_INDEX`` in the environment names another such index; empty, none
is asked.

Runs on Python 3.6 and later with nothing installed, so that what is missing can be said in one line.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOG = VENV / "install.log"
OLDEST = (3, 11)
NEEDED_GB = 2
# As https://pytorch.org/get-started/locally/ gives it.
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
TORCH_INDEX_SECONDS = 3

FAILURES = {
    r"No space left|Errno 28|not enough space": "The disk is full. Free a few gigabytes and run the command again.",
    r"name resolution|new connection|Connect\w*Error|Timeout|ProxyError|unreachable|SSLError|No matching dist": (
        "pip could not fetch the packages: is this machine online? Behind a proxy, set HTTPS_PROXY and run it again."
    ),
    r"Permission denied|Errno 13": "pip may not write here. Clone the course into a folder of your own.",
}


def prepare(extra):
    """Bring .venv up to date with pyproject.toml and constraints.txt.

    Parameters
    ----------
    extra : {"lab", "test"}
        ``test`` holds ``lab``.

    Raises
    ------
    SystemExit
        With one line that says what is missing and what to do.
    """
    if up_to_date(extra):
        return
    check_machine()
    try:
        if not _runs(PYTHON):
            print(f"Making an environment with Python {_version(sys.version_info)} in .venv …", flush=True)
            _make_venv()
        print("Installing what the course needs into .venv; the first time takes some minutes …", flush=True)
        _install(extra)
    except OSError as error:
        stop(_explain(str(error)) or f"The environment could not be made: {error}")
    _stamp(extra).write_text(_wanted(), encoding="utf-8")
    print("The environment is ready.", flush=True)


def up_to_date(extra):
    """Tell whether .venv holds what is wanted."""
    stamps = (_stamp(extra), _stamp("test"))
    return PYTHON.exists() and any(s.exists() and s.read_text(encoding="utf-8") == _wanted() for s in stamps)


def check_python():
    """Stop with one line where Python is too old for the course."""
    if sys.version_info < OLDEST:
        stop(
            f"The course needs Python {_version(OLDEST)} or later, and this is {_version(sys.version_info)}. "
            "Install a newer one and name it: make lab PYTHON=python3.12"
        )


def check_machine():
    """Stop with one line where the course cannot be installed."""
    check_python()
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        stop(
            f"This Python has no module {error.name!r}, which makes environments. On Debian and Ubuntu: "
            f"sudo apt install python{_version(sys.version_info)}-venv"
        )
    free = shutil.disk_usage(ROOT).free / 1e9
    if not PYTHON.exists() and free < NEEDED_GB:
        stop(f"The disk has {free:.1f} GB left, and the course needs {NEEDED_GB} GB. Free some space and run it again.")


def sentences():
    """Return ``lessonlib.sentences`` on its own: the package around it needs what the first start has yet to install."""
    name = "lessonlib.sentences"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, str(ROOT / "lessonlib" / "sentences.py"))
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def stop(line):
    """End with one line on the standard error."""
    sys.exit(line)


def _make_venv():
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True)
    if made.returncode:
        text = made.stdout + made.stderr
        said = text.strip().splitlines()[-1:] or [f"it ended with status {made.returncode} and said nothing"]
        stop(_explain(text) or f"python -m venv .venv failed: {said[0]}")


def _install(extra):
    index = torch_index()
    if index and not _has_torch():
        # Without its dependencies, which come from the usual index. Where it fails, PyTorch comes from there too.
        _pip("--no-deps", "--index-url", index, "torch")
    if _pip("-e", f".[{extra}]"):
        text = LOG.read_text(encoding="utf-8")
        errors = re.findall(r"^ERROR: (.*)", text, flags=re.MULTILINE)
        stop(
            _explain(text)
            or f"pip failed: {errors[-1] if errors else text[-200:]} All it said is in .venv/install.log."
        )


def torch_index():
    """Return the address of the index of PyTorch's CPU builds; None on other systems than Linux, or if it does not answer.

    It is asked once, for `TORCH_INDEX_SECONDS` at most.
    """
    address = os.environ.get("LESSONLIB_TORCH_INDEX", TORCH_INDEX).rstrip("/")
    if not sys.platform.startswith("linux") or not address:
        return None
    answers = []

    def ask():
        try:
            with urllib.request.urlopen(f"{address}/torch/", timeout=TORCH_INDEX_SECONDS) as page:
                answers.append(page.status == 200)
        except (OSError, ValueError):
            pass

    # Looking up a name knows no time-out, so a thread waits for it, and nobody for the thread.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(TORCH_INDEX_SECONDS)
    return address if answers == [True] else None


def _has_torch():
    code = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)"
    return subprocess.run([str(PYTHON), "-c", code]).returncode == 0


def _pip(*arguments):
    """Install into .venv within the constraints; return pip's exit code. All that it says goes into the log."""
    command = [
        str(PYTHON),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--progress-bar",
        "off",
        "-c",
        "constraints.txt",
        *arguments,
    ]
    with (
        LOG.open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as pip,
    ):
        for line in pip.stdout:
            log.write(line)
            log.flush()
            _tell(line)
    return pip.returncode


def _tell(line):
    """Show of what pip says the downloads worth waiting for."""
    match = re.match(r"\s*Downloading (\S+?)-(\d[^-]*)-\S+ \(([\d.]+) (MB|GB)\)", line)
    if match:
        name, version, size, unit = match.groups()
        if unit == "GB" or float(size) >= 5:
            print(f"  downloading {name.split('/')[-1]} {version}, {size} {unit} …", flush=True)
    elif line.startswith("Installing collected packages"):
        print(f"  installing {line.count(',') + 1} packages …", flush=True)


def _explain(text):
    return next((line for pattern, line in FAILURES.items() if re.search(pattern, text, flags=re.IGNORECASE)), None)


def _runs(python):
    try:
        return subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True).returncode == 0
    except OSError:
        return False


def _stamp(extra):
    return VENV / f"installed-{extra}"


def _wanted():
    texts = [(ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    # An editable installation names the folder, so a moved one is made anew.
    return hashlib.sha256(b"\0".join([str(ROOT).encode(), *texts])).hexdigest()


def _version(numbers):
    return f"{numbers[0]}.{numbers[1]}"


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ("lab", "test"):
        sys.exit(__doc__)
    prepare(sys.argv[1])
