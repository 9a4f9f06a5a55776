"""From a key or a drag to the painted frame, in a real JupyterLab; Play's dropped frames; memory after random events.

    python benchmarks/latency.py [--events 10000] [--seconds 10]

The clock starts with the event, stops in the first task after the frame in which the picture changed, and runs in the page, which is at
rest before each event. In the same run and notebook: the same figure drawn by `interact` and matplotlib, and a slider with nothing but
its number beside it, the least that JupyterLab takes. A pointer waits for the next frame where a key does not.
"""

import argparse
import random
import statistics
import tempfile
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import sync_playwright

import tools.importable  # noqa: F401
from support.driver import Lab, Server, collect_errors, find_chromium
from support.window_on_screen import RAINED_ON, calm, rain

# What is measured: the explorer, and the trait whose slider is moved.
CASES = {
    "5×5 with numbers": ('SlidingWindow("counting", "vertical_edge", whole_map=True)', "stride_h"),
    "16×16": ('SlidingWindow("random", "sharpen", input_size=16, whole_map=True)', "stride_h"),
    "3 channels × 2 filters": (
        'SlidingWindow("random", "sharpen", in_channels=3, out_channels=2, whole_map=True)',
        "stride_h",
    ),
    "FilterBench 3×256×256, K 5": ('FilterBench("china", "sharpen", kernel_size=5, color=True)', "padding"),
    "ChannelMixer 3×256×256, K 5": ('ChannelMixer("china", "unlike", kernel_size=5)', "out_channels"),
    "CoverageMap": ("CoverageMap(8, 3)", "padding_h"),
    "BorderEffect": ("BorderEffect()", "kernel_size"),
    "MatrixView": ("MatrixView()", "kernel_size"),
    "Equivariance": ("Equivariance()", "shift_columns"),
    "ReceptiveField": ('ReceptiveField("vgg", 28, layer=6, unit=0)', "input_size"),
    "ShapeCalculator": ("ShapeCalculator(14, 4, stride=3, padding=1)", "padding_h"),
}
PLAIN = '''
import anywidget, traitlets
from ipywidgets import IntSlider, VBox, jslink
class Number(anywidget.AnyWidget):
    _esm = """export default { render({ model, el }) {
      model.on('change:value', () => { el.textContent = model.get('value'); });
      el.addEventListener('pointermove', (event) => { el.textContent = event.clientX; });
    } }"""
    value = traitlets.Int(1).tag(sync=True)
slider, number = IntSlider(1, 1, 4), Number().add_class("plain-number")
jslink((slider, "value"), (number, "value"))
display(VBox([slider, number]).add_class("plain"))
'''
INTERACT = """
import numpy as np, matplotlib.pyplot as plt
from ipywidgets import interact, IntSlider
from lessonlib.figures import sliding_window
from lessonlib import SlidingWindow
from IPython.display import display
def frame(stride=1):
    explorer = SlidingWindow("counting", "vertical_edge", stride=stride, whole_map=True)
    display(sliding_window(explorer))
_ = interact(frame, stride=IntSlider(1, 1, 4))
"""
# Resolves with the milliseconds from the next event to the first task after the frame in which something under `target` changed;
# where a kernel draws (`picture`), in which its picture is another one.
NEXT = """(target, picture, event) => new Promise((resolve, reject) => {
  let start = null;
  const drawn = () => picture ? target.querySelector('img')?.src : null;
  const before = drawn();
  setTimeout(() => reject(new Error('nothing changed in ten seconds')), 10000);
  addEventListener(event, ({ timeStamp }) => { start = timeStamp; }, { capture: true, once: true });
  const seen = new MutationObserver(() => {
    if (start === null || (picture && (!drawn() || drawn() === before))) return;
    seen.disconnect();
    requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => resolve(performance.now() - start);
      after.port2.postMessage(null);
    });
  });
  seen.observe(target, { childList: true, subtree: true, characterData: true, attributes: true });
})"""
FRAMES = """(seconds) => new Promise((resolve) => {
  const times = [];
  const tick = (now) => {
    times.push(now);
    if (now - times[0] < 1000 * seconds) requestAnimationFrame(tick);
    else resolve(times);
  };
  requestAnimationFrame(tick);
})"""


def summary(times):
    ordered = sorted(times)
    return f"median {statistics.median(ordered):6.1f} ms   95th percentile {ordered[int(0.95 * (len(ordered) - 1))]:6.1f} ms"


def show(lab, code):
    lab.run_cell(f"from lessonlib import *\nexplorer = {code}\ndisplay(explorer)")
    lab.wait(lambda: lab.page.locator(".cl-explorer .noUi-handle[aria-label]").count() > 0, "the sliders are named")


def measure(lab, target, act, event="keydown", picture=False, count=200):
    """Let ``act(i)`` cause one event after another; return the time from each to the frame in which ``target`` changed."""
    times = []
    for i in range(count + 5):
        lab.wait_idle()
        lab.page.evaluate("() => new Promise((rest) => requestIdleCallback(rest))")
        promise = lab.page.evaluate_handle(
            f"([target, picture, event]) => ({{ done: ({NEXT})(target, picture, event) }})", [target, picture, event]
        )
        act(i)
        times.append(lab.page.evaluate("(held) => held.done", promise))
    return times[5:]


def keys(lab, handle, target, picture=False, count=200):
    """Press right and left in turn on a slider's handle; return the times."""
    handle.scroll_into_view_if_needed()
    handle.focus()
    return measure(
        lab,
        target,
        lambda i: lab.page.keyboard.press("ArrowLeft" if i % 2 else "ArrowRight"),
        "keydown",
        picture,
        count,
    )


def drags(lab, view):
    """Drag the window to and fro over the input; return the times."""
    cells = [view.locator(f".cl-input .cl-cell[data-r='1'][data-c='{column}']").first for column in (1, 2)]
    places = [middle(cell.bounding_box()) for cell in cells]
    lab.page.mouse.move(*places[0])
    lab.page.mouse.down()
    times = moves(lab, view.element_handle(), places)
    lab.page.mouse.up()
    return times


def moves(lab, target, places):
    """Move the pointer to and fro between two places; return the times."""
    return measure(lab, target, lambda i: lab.page.mouse.move(*places[(i + 1) % 2]), "pointermove")


def middle(box):
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def play(lab, seconds):
    """Return (frames, dropped) while the film plays: dropped are the screen's frames that passed without a callback."""
    show(lab, 'SlidingWindow("random", "sharpen", input_size=12, padding=1)')
    page = lab.page
    view = page.locator(".cl-explorer").last
    view.locator(".cl-film select").select_option("16")
    idle = page.evaluate(FRAMES, 2)
    gap = statistics.median(b - a for a, b in pairwise(idle))
    view.get_by_role("button", name="Play").click()
    times = page.evaluate(FRAMES, seconds)
    dropped = sum(round((b - a) / gap) - 1 for a, b in pairwise(times))
    return len(times), dropped, gap


def events(lab, count):
    """Let ``count`` random pointer and keyboard events loose on one explorer; return the page's memory before and after, in MB,
    and how many numbers on it are PyTorch's in the end."""
    show(lab, RAINED_ON)
    client, rng = lab.page.context.new_cdp_session(lab.page), random.Random(0)

    def memory():
        client.send("HeapProfiler.collectGarbage")
        return client.send("Runtime.getHeapUsage")["usedSize"] / 1e6

    rain(lab.page, rng, count // 10)
    before = memory()
    rain(lab.page, rng, count - count // 10)
    numbers = calm(lab)
    return before, memory(), numbers


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=10000)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.errors = collect_errors(page)
        lab = Lab(server, page)
        lab.open("en/00_start")
        for name, (code, trait) in CASES.items():
            show(lab, code)
            box = page.locator(".cl-explorer").last
            view = box.locator(".cl-view")
            print(
                f"{name:26}", summary(keys(lab, box.locator(f".cl-slider-{trait} .noUi-handle"), view.element_handle()))
            )
            if code.startswith("SlidingWindow"):
                print(f"{'    the window dragged':26}", summary(drags(lab, view)), flush=True)
        lab.run_cell(PLAIN)
        handle = page.locator(".plain .noUi-handle")
        handle.wait_for()
        number = page.locator(".plain-number").element_handle()
        print(f"{'a slider and its number':26}", summary(keys(lab, handle, number)), flush=True)
        x, y = middle(number.bounding_box())
        print(f"{'    moved over the number':26}", summary(moves(lab, number, [(x, y), (x + 9, y)])), flush=True)
        lab.run_cell(INTERACT)
        area = page.locator(".widget-interact").last
        lab.wait(lambda: area.locator("img").count() == 1, "the first figure is drawn")
        handle = page.locator(".widget-interact .noUi-handle").last
        print(
            f"{'interact + matplotlib':26}",
            summary(keys(lab, handle, area.element_handle(), picture=True, count=50)),
            flush=True,
        )
        frames, dropped, gap = play(lab, options.seconds)
        print(
            f"{'Play':26} {frames} frames, {dropped} dropped ({100 * dropped / frames:.1f} %), a frame every {gap:.1f} ms",
            flush=True,
        )
        lab.open("en/00_start")
        before, after, numbers = events(lab, options.events)
        change = 100 * (after / before - 1)
        print(
            f"{'random events':26} {options.events}: {before:.1f} MB → {after:.1f} MB ({change:+.1f} %), errors: {len(page.errors)},"
        )
        print(f"{'':26} at the end page, Python and PyTorch agree in {numbers} numbers")
        for error in page.errors[:5]:
            print("   ", error[:300])
        browser.close()


if __name__ == "__main__":
    main()
