"""The first start: PyTorch's CPU build where its index answers, the usual one where not, and what runs without PyTorch."""

import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time
import zipfile
from functools import partial
from pathlib import Path

import pytest

import environment

ROOT = Path(__file__).resolve().parent.parent
PINNED = next(
    line.strip().partition("==")[2]
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line.startswith("torch==")
)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that says nothing."""

    def log_message(self, *arguments):
        pass


def wheel(folder, version):
    """Write the wheel of a torch that says where it came from, and that needs what no index has."""
    file = folder / f"torch-{version}-py3-none-any.whl"
    info = f"torch-{version}.dist-info"
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("torch/__init__.py", "came_from = 'the index of CPU builds'\n")
        head = f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\nRequires-Dist: only-in-the-usual-index\n"
        made.writestr(f"{info}/METADATA", head)
        made.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        made.writestr(f"{info}/RECORD", "")
    return file.name


@pytest.fixture
def index(tmp_path, request):
    """The address of a small index of CPU builds on this machine; by default it has the version that is pinned."""
    folder = tmp_path / "index" / "torch"
    folder.mkdir(parents=True)
    name = wheel(folder, f"{getattr(request, 'param', PINNED)}+cpu")
    (folder / "index.html").write_text(f'<a href="{name.replace("+", "%2B")}">{name}</a>', encoding="utf-8")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder.parent)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """An environment with nothing but pip, and a project that needs nothing but torch; pip knows no other index."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    # Borrowed, since installing pip takes longer than all the rest.
    packages = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    own = Path(next(path for path in sys.path if (Path(path) / "pip").is_dir()))
    os.symlink(own / "pip", Path(packages) / "pip")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "0")
    monkeypatch.setattr(environment, "PYTHON", python)
    monkeypatch.setattr(environment, "LOG", tmp_path / "install.log")
    monkeypatch.setattr(environment.sys, "platform", "linux")
    return python


@pytest.fixture
def asked(monkeypatch):
    """What pip is asked for; only what comes from an index of CPU builds is really installed."""
    calls, really = [], environment._pip

    def pip(*arguments):
        calls.append(arguments)
        return really(*arguments) if "--index-url" in arguments else 0

    monkeypatch.setattr(environment, "_pip", pip)
    return calls


def torch_of(python):
    """Return where the torch of an environment came from and its version, or None."""
    code = "import torch, importlib.metadata as m, json; print(json.dumps([torch.came_from, m.version('torch')]))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def test_torch_comes_from_the_index_of_cpu_builds(index, empty, asked, monkeypatch):
    monkeypatch.setenv("LESSONLIB_TORCH_INDEX", index + "/")
    environment._install("lab")

    assert torch_of(empty) == ["the index of CPU builds", f"{PINNED}+cpu"]
    assert asked == [("--no-deps", "--index-url", index, "torch"), ("-e", ".[lab]")]
    # The rest of the installation is content with it: the constraint holds for a local version.
    again = [empty, "-m", "pip", "install", "--no-index", "--no-deps", "-c", ROOT / "constraints.txt", "torch>=2.4"]
    done = subprocess.run(again, capture_output=True, text=True)
    assert "already satisfied" in done.stdout, done.stdout + done.stderr
    # A second time nothing is fetched anew.
    asked.clear()
    environment._install("lab")
    assert asked == [("-e", ".[lab]")]


@pytest.mark.parametrize("index", ["1.0"], indirect=True)
def test_an_index_without_the_pinned_version_changes_nothing(index, empty, asked, monkeypatch):
    monkeypatch.setenv("LESSONLIB_TORCH_INDEX", index)
    environment._install("lab")

    assert torch_of(empty) is None
    assert asked[-1] == ("-e", ".[lab]")


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:9", "http://nowhere.invalid/whl", "no address"])
def test_where_no_index_answers_torch_comes_as_before(address, monkeypatch):
    calls = []
    monkeypatch.setattr(environment.sys, "platform", "linux")
    monkeypatch.setattr(environment, "_pip", lambda *arguments: calls.append(arguments) or 0)
    monkeypatch.setenv("LESSONLIB_TORCH_INDEX", address)
    environment._install("lab")

    assert calls == [("-e", ".[lab]")]


def test_an_index_that_never_answers_is_waited_for_once_and_not_long(monkeypatch):
    monkeypatch.setattr(environment.sys, "platform", "linux")
    monkeypatch.setattr(environment, "TORCH_INDEX_SECONDS", 0.3)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        monkeypatch.setenv("LESSONLIB_TORCH_INDEX", f"http://127.0.0.1:{mute.getsockname()[1]}")
        begun = time.monotonic()
        assert environment.torch_index() is None
        assert 0.2 < time.monotonic() - begun < 2


def test_a_name_that_is_looked_up_without_end_is_not_waited_for(monkeypatch):
    ended = threading.Event()

    def urlopen(address, timeout):
        ended.wait()  # looking up a name knows no time-out
        raise OSError

    monkeypatch.setattr(environment.sys, "platform", "linux")
    monkeypatch.setattr(environment, "TORCH_INDEX_SECONDS", 0.3)
    monkeypatch.setattr(environment.urllib.request, "urlopen", urlopen)
    begun = time.monotonic()
    try:
        assert environment.torch_index() is None
        assert time.monotonic() - begun < 5
    finally:
        ended.set()


@pytest.mark.parametrize(
    ("tool", "argument", "said"),
    [("lab", "nowhere", "no lesson 'nowhere'"), ("course", "", "fresh en/03_padding"), ("environment", "", "lab")],
)
def test_a_tool_starts_where_nothing_is_installed(tool, argument, said):
    # -S: a Python without its packages.
    done = subprocess.run(
        [sys.executable, "-S", ROOT / "tools" / f"{tool}.py", argument], capture_output=True, text=True
    )

    assert said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def test_an_index_without_torch_is_none(index, tmp_path, monkeypatch):
    monkeypatch.setattr(environment.sys, "platform", "linux")
    monkeypatch.setenv("LESSONLIB_TORCH_INDEX", f"{index}/elsewhere")

    assert environment.torch_index() is None


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_other_systems_need_no_such_index(index, system, monkeypatch):
    monkeypatch.setattr(environment.sys, "platform", system)
    monkeypatch.setenv("LESSONLIB_TORCH_INDEX", index)

    assert environment.torch_index() is None


def test_the_index_is_pytorchs_own_and_asked_for_three_seconds(monkeypatch):
    asked = []

    def urlopen(address, timeout):
        asked.append((address, timeout))
        raise OSError

    monkeypatch.setattr(environment.sys, "platform", "linux")
    monkeypatch.delenv("LESSONLIB_TORCH_INDEX", raising=False)
    monkeypatch.setattr(environment.urllib.request, "urlopen", urlopen)

    assert environment.torch_index() is None
    assert asked == [("https://download.pytorch.org/whl/cpu/torch/", 3)]
