"""Every lesson in a fresh kernel: how long it runs, how much memory its kernel holds before and after PyTorch, how much there is to read.

    python benchmarks/lessons.py [NAME …]

NAME is a lesson's name or number. The memory is the kernel's resident set, before the first cell whose id holds ``verify`` (in a
lesson without one, before the first cell) and after the last cell.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from jupyter_client.manager import start_new_kernel

ROOT = Path(__file__).resolve().parent.parent
MEMORY = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmRSS')))"


def execute(client, code):
    """Run code in the kernel and return what it prints; an error in it ends the benchmark."""
    printed = []

    def keep(message):
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    answer = client.execute_interactive(code, output_hook=keep, timeout=120)
    if answer["content"]["status"] != "ok":
        sys.exit(f"{answer['content']['ename']}: {answer['content']['evalue']}\n{code}")
    return "".join(printed)


def measure(path):
    """Return (seconds, MB before PyTorch, MB at the end, code cells, words of Markdown) of a notebook."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    prose = [
        c.source for c in notebook.cells if c.cell_type == "markdown" and c.metadata.slideshow.slide_type != "notes"
    ]
    quiet = {**os.environ, "LESSONLIB_PROGRESS": "off"}
    manager, client = start_new_kernel(cwd=str(path.parent), env=quiet, stderr=subprocess.DEVNULL)
    try:
        before, started = None, time.perf_counter()
        for cell in code:
            if before is None and "verify" in cell.id:
                before = int(execute(client, MEMORY)) / 1024
            execute(client, cell.source)
        seconds = time.perf_counter() - started
        after = int(execute(client, MEMORY)) / 1024
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    words = sum(len(re.findall(r"[\w'’]+", text)) for text in prose)
    return seconds, after if before is None else before, after, len(code), words


def main():
    wanted = sys.argv[1:] or [""]
    print(f"{'':26}{'time':>8}{'before verify':>15}{'at the end':>12}{'code cells':>12}{'words':>7}")
    for path in sorted((ROOT / "notebooks").glob("*/*.ipynb"), key=lambda path: (path.stem, path.parent.name)):
        if any(path.stem.startswith(one) for one in wanted):
            seconds, before, after, cells, words = measure(path)
            name = f"{path.parent.name}/{path.stem}"
            print(f"{name:26}{seconds:6.1f} s{before:12.0f} MB{after:9.0f} MB{cells:12}{words:7}", flush=True)


if __name__ == "__main__":
    main()
