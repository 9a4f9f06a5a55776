"""JupyterLab as the tests drive it: a `Server`, and a `Lab` that opens notebooks, runs cells and reads the screen."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from itertools import count
from pathlib import Path

from playwright.sync_api import TimeoutError as PlaywrightTimeout

import course
import lab as launcher

ROOT = Path(__file__).resolve().parent.parent.parent
SCREENSHOTS = ROOT / "build" / "screenshots"
TOKEN = "lessons"

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# What Chromium or JupyterLab itself says on the console and no lesson can help.
HARMLESS = re.compile(
    r"favicon|ResizeObserver loop|WebSocket connection to .* failed|Failed to load resource.*(api/kernels|api/sessions)"
)

# State of the notebook in front, read from the page as JupyterLab keeps it.
_STATE = """() => {
  const panel = window.jupyterapp?.shell.currentWidget;
  const model = panel?.content?.model;
  if (!model || !panel.context.isReady) return { open: false };
  const cells = [...model.cells].filter(c => c.type === 'code' && c.sharedModel.source.trim());
  const kernel = panel.sessionContext.session?.kernel;
  return {
    open: true,
    cells: cells.length,
    run: cells.filter(c => c.executionCount !== null && c.executionState !== 'running').length,
    last: cells.at(-1)?.executionCount ?? null,
    kernel: kernel?.status ?? 'none',
    connected: kernel?.connectionStatus ?? 'none',
    pending: panel.sessionContext.pendingInput,
  };
}"""


def find_chromium(playwright):
    """Return the path of a Chromium, the system's or Playwright's own, or None."""
    for name in CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    own = playwright.chromium.executable_path
    return own if os.path.exists(own) else None


class Server:
    """A JupyterLab server on a free port, with settings, workspaces and notebooks in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.notebooks = folder / "notebooks"
        self.settings = folder / "settings"
        self.notebooks.mkdir()
        self.numbers = count(1)

    def __enter__(self):
        with socket.socket() as any_free:
            any_free.bind(("127.0.0.1", 0))
            self.port = any_free.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.own = {
            name: str(self.folder / name.lower())
            for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        }
        self.log = (self.folder / "server.log").open("w", encoding="utf-8")
        self.process = subprocess.Popen(
            [
                *launcher.command("en/00_start.ipynb", self.port, self.notebooks, self.settings, Path(sys.executable)),
                "--ServerApp.open_browser=False",
                "--LabApp.expose_app_in_browser=True",
            ],
            env={**launcher.variables(self.settings, TOKEN), **self.own},
            stdout=self.log,
            stderr=self.log,
        )
        try:
            launcher.wait_until_served(self.process, f"{self.url}/api")
        except SystemExit:
            self.log.close()
            raise RuntimeError(Path(self.log.name).read_text(encoding="utf-8")[-2000:]) from None
        return self

    def __exit__(self, *exception):
        self.process.terminate()
        self.process.wait()
        self.log.close()

    def set(self, plugin, **values):
        """Change a JupyterLab setting, as a user's own settings do."""
        self._request("PUT", f"lab/api/settings/{plugin}", {"raw": json.dumps(values)})

    def end_kernels(self):
        """End every kernel that runs."""
        for session in json.loads(self._request("GET", "api/sessions")):
            self._request("DELETE", f"api/sessions/{session['id']}")

    def _request(self, method, address, body=None):
        request = urllib.request.Request(f"{self.url}/{address}", method=method)
        request.add_header("Authorization", f"token {TOKEN}")
        if body is not None:
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def learners_copy(self):
        """Make a learner's copy of all lessons as ``make lab`` makes it; return its name under the server's root."""
        copy = self.notebooks / f"learner-{next(self.numbers)}"
        written, _ = course.update(copy)
        command = [sys.executable, ROOT / "tools" / "trust.py", *written]
        subprocess.run(command, check=True, env={**os.environ, **self.own})
        return copy.name

    def copy(self, lesson):
        """Copy a lesson into a folder of its own; return its path under the server's root."""
        folder = self.notebooks / f"copy-{next(self.numbers)}" / lesson.partition("/")[0]
        folder.mkdir(parents=True)
        shutil.copy(ROOT / "notebooks" / f"{lesson}.ipynb", folder)
        return (folder / f"{lesson.rpartition('/')[2]}.ipynb").relative_to(self.notebooks).as_posix()


class Lab:
    """JupyterLab in one page.

    Attributes
    ----------
    page : playwright.sync_api.Page
    errors : list of str
        What went wrong on the page or its console so far.
    """

    def __init__(self, server, page):
        self.server, self.page, self.errors = server, page, page.errors
        self.path = None

    def open(self, lesson, theme="light", lang=None, path=None):
        """Open a copy of a lesson, ``"ko/01_one_channel"``, and return when its kernel is ready.

        ``path``, under the server's root, opens that file instead of making a copy.
        ``lang``, ``"ko"`` or ``"en"``, is the language of the menus; the lesson's, if it is not given.
        """
        self.path = path or self.server.copy(lesson)
        themes = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
        self.server.set("@jupyterlab/apputils-extension:themes", theme=themes[theme])
        self.server.set("@jupyterlab/translation-extension:plugin", locale=launcher.LOCALES[lang or lesson[:2]])
        address = "/".join((self.server.url, "lab", "workspaces", self.path.partition("/")[0], "tree", self.path))
        self.page.goto(f"{address}?token={TOKEN}")
        self.wait_idle()
        self.wait(
            lambda: self.page.evaluate("document.body.dataset.jpThemeLight") == str(theme == "light").lower(),
            f"the theme is {theme}",
        )

    def state(self):
        """Return what JupyterLab knows of the notebook: how many cells, how many of them run, what the kernel does."""
        return self.page.evaluate(_STATE)

    def wait_idle(self, timeout=60):
        """Return when the notebook is open and its kernel waits for work."""
        self._wait_state(
            "s => s.open && s.kernel === 'idle' && s.connected === 'connected'", "the kernel is idle", timeout
        )

    def run_all(self, timeout=180):
        """Run every cell and return when all have their numbers; an error in a cell fails the test."""
        self.wait_idle()
        # The numbers of the committed outputs would count as run.
        self.command("notebook:clear-all-cell-outputs")
        self._wait_state("s => s.run === 0", "the outputs are cleared", timeout)
        self.command("notebook:run-all-cells")
        self._wait_state("s => s.kernel === 'idle' && s.run === s.cells", "every cell has run", timeout)
        assert not self.cell_errors(), self.cell_errors()

    def cell_errors(self):
        """Return the error outputs and the standard error of all cells, as ``cell id: text``."""
        return self.page.evaluate("""() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
          .filter(cell => cell.type === 'code')
          .flatMap(cell => cell.outputs.toJSON().map(output => [cell.id, output]))
          .filter(([, output]) => output.output_type === 'error' || output.name === 'stderr')
          .map(([id, output]) => id + ': ' + (output.evalue ?? output.text))""")

    def command(self, name, **arguments):
        """Run one of JupyterLab's commands without waiting for its end."""
        self.page.evaluate("([name, args]) => { window.jupyterapp.commands.execute(name, args); }", [name, arguments])

    def run_cell(self, code, timeout=60):
        """Add a cell with ``code`` at the end, run it, and return its text output without the last line break."""
        self.settle()
        self.page.evaluate(
            """code => {
          const { content } = window.jupyterapp.shell.currentWidget;
          content.model.sharedModel.addCell({ cell_type: 'code', source: code });
          content.activeCellIndex = content.widgets.length - 1;
        }""",
            code,
        )
        self.command("notebook:run-cell")
        self._wait_state("s => s.kernel === 'idle' && s.last !== null", "the added cell has run", timeout)
        outputs = self.page.evaluate("""() => {
          const { cells } = window.jupyterapp.shell.currentWidget.content.model;
          return cells.get(cells.length - 1).outputs.toJSON();
        }""")
        failed = [output["evalue"] for output in outputs if output["output_type"] == "error"]
        assert not failed, f"the cell raised: {failed[0]}\n{code}"
        return "".join(_text(output) for output in outputs).rstrip("\n")

    def settle(self):
        """Return when the kernel has all that the page has set.

        While a widget's message is under way, ipywidgets holds the next one back and sends it after the kernel's answer;
        so the kernel is asked for nothing until no widget sends anything meanwhile.
        """
        self.page.evaluate("""async () => {
          const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
          let sent;
          const note = (_, { msg, direction }) => { sent ||= direction === 'send' && msg.header.msg_type === 'comm_msg'; };
          kernel.anyMessage.connect(note);
          do {
            sent = false;
            await kernel.requestExecute({ code: '', silent: true }).done;
          } while (sent);
          kernel.anyMessage.disconnect(note);
        }""")

    def ask(self, code):
        """Run code in the notebook's kernel without a cell, and return what it prints; what the page has set is there."""
        self.settle()
        return self.page.evaluate(
            """async (code) => {
          const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
          const future = kernel.requestExecute({ code });
          let [text, failed] = ['', null];
          future.onIOPub = ({ header, content }) => {
            if (header.msg_type === 'stream') text += content.text;
            if (header.msg_type === 'error') failed = content.evalue;
          };
          await future.done;
          if (failed) throw new Error(failed);
          return text.trim();
        }""",
            code,
        )

    def cell(self, cell_id):
        """Return the locator of a cell by its id, scrolled into view: JupyterLab only draws what is near the screen."""
        index = self.page.evaluate(
            """id => {
          const { content } = window.jupyterapp.shell.currentWidget;
          const index = [...content.model.cells].findIndex(cell => cell.id === id);
          if (index >= 0) { content.activeCellIndex = index; content.scrollToItem(index, 'smart'); }
          return index;
        }""",
            cell_id,
        )
        assert index >= 0, f"there is no cell {cell_id!r}"
        cell = self.page.locator(f".jp-Notebook .jp-Cell[data-windowed-list-index='{index}']")
        cell.wait_for()
        cell.scroll_into_view_if_needed()
        return cell

    def wait(self, predicate, what, timeout=30):
        """Return when ``predicate()`` is true; else fail with ``what``, the notebook's state and a screenshot."""
        for _ in range(timeout * 20):
            if predicate():
                return
            # Lets the page go on for 50 ms.
            self.page.wait_for_timeout(50)
        self._fail(what, timeout)

    def _wait_state(self, condition, what, timeout):
        try:
            self.page.wait_for_function(f"() => ({condition})(({_STATE})())", timeout=timeout * 1000, polling=50)
        except PlaywrightTimeout:
            self._fail(what, timeout)

    def _fail(self, what, timeout):
        picture = self.screenshot(f"failed-{re.sub(r'[^a-z0-9]+', '-', (self.path or 'page').lower())}")
        errors = "\n".join(self.errors)
        raise AssertionError(f"Not within {timeout} s: {what}. State: {self.state()}. Screenshot: {picture}\n{errors}")

    def screenshot(self, name, locator=None, **options):
        """Save what the page, or one locator, shows as ``build/screenshots/NAME.png``; return the path."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        (locator or self.page).screenshot(path=path, **options)
        return path


def collect_errors(page):
    """Return a list that fills with the errors of a page and its console."""
    errors = []

    def console(message):
        if message.type == "error" and not HARMLESS.search(message.text + str(message.location.get("url", ""))):
            errors.append(f"console: {message.text} ({message.location.get('url', '')})")

    page.on("console", console)
    page.on("pageerror", lambda error: errors.append(f"page: {error}"))
    page.on("crash", lambda: errors.append("the page crashed"))
    return errors


def _text(output):
    text = output["text"] if output["output_type"] == "stream" else output["data"].get("text/plain", "")
    return "".join(text)
