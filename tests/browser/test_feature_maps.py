"""Draw a digit in the browser: what it shows is what PyTorch computes, by pointer and by keyboard; a frame is kept to."""

import json
import random

import numpy as np

from support.amount import times
from support.explorers import DIGITS, NET, show

STATES = times(40, 500)

# The drawing and the numbers that stand beside it, read in one go.
READ = """() => {
  const view = [...document.querySelectorAll('.cl-view')].at(-1);
  const texts = (selector) => [...view.querySelectorAll(selector)].map((one) => one.textContent);
  const paper = view.querySelector('.cl-draw-paper');
  const pixels = paper.getContext('2d').getImageData(0, 0, paper.width, paper.height).data;
  return { scores: texts('.cl-classes .cl-class-score'), percents: texts('.cl-percent'),
    reading: view.querySelector('.cl-reading').textContent, why: view.querySelector('.cl-why').textContent,
    // Ink is anything but white.
    bitmap: [...pixels].filter((_, i) => i % 4 === 1).map((green) => (green < 255 ? 1 : 0)).join('') };
}"""
ASK = """
import json
print(json.dumps({"scores": explorer.scores.tolist(), "probabilities": explorer.probabilities.tolist(), "prediction": explorer.prediction,
    "black": explorer.view.bitmap.count("1"), "unit": explorer.unit, "bitmap": explorer.view.bitmap}))
"""
# The net's answers to drawings, each as a number whose binary digits are the cells.
ANSWERS = """
import json
answers = []
for number in {numbers}:
    explorer.restore({{"bitmap": format(number, "01024b")}})
    scores, probabilities = explorer.scores.tolist(), explorer.probabilities.tolist()
    answers.append({{"scores": scores, "probabilities": probabilities, "prediction": explorer.prediction}})
print(json.dumps(answers))
"""
# Milliseconds from every pointer move of a stroke to the first task after the frame in which the maps were painted.
TIMED = """() => new Promise((resolve) => {
  const view = [...document.querySelectorAll('.cl-view')].at(-1);
  const times = [];
  view.querySelector('.cl-draw-paper').addEventListener('pointermove', (event) => {
    requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => times.push(performance.now() - event.timeStamp);
      after.port2.postMessage(null);
    });
  });
  window.strokeTimes = times;
  resolve();
})"""


def number(text):
    return float(text.replace("−", "-").replace("%", ""))


def difference(seen, known):
    """Return the largest difference between shown numbers and PyTorch's, beyond what rounding the shown ones makes."""
    scores = np.abs(np.array([number(one) for one in seen["scores"]]) - known["scores"]).max() - 0.0005
    percents = (
        np.abs(np.array([number(one) for one in seen["percents"]]) - 100 * np.array(known["probabilities"])).max()
        - 0.05
    )
    return max(scores, percents, 0.0)


def strokes(lab, rng, count):
    """Draw so many strokes by mouse."""
    box = lab.page.locator(".cl-draw-paper").last.bounding_box()
    mouse = lab.page.mouse
    for _ in range(count):
        points = [
            (box["x"] + rng.uniform(0.05, 0.95) * box["width"], box["y"] + rng.uniform(0.05, 0.95) * box["height"])
            for _ in range(3)
        ]
        mouse.move(*points[0])
        mouse.down()
        for point in points[1:]:
            mouse.move(*point, steps=6)
        mouse.up()


def test_drawn_digits_show_pytorchs_numbers(lab):
    lab.open("en/00_start")
    show(lab, f"FeatureMaps({NET}, {DIGITS}[:10])")
    page, rng = lab.page, random.Random(1)
    page.locator(".cl-draw-paper").last.scroll_into_view_if_needed()
    page.evaluate(TIMED)
    drawn = []
    for _ in range(STATES):
        page.get_by_role("button", name="clear").last.click()
        strokes(lab, rng, rng.randint(1, 3))
        drawn.append(page.evaluate(READ))
        assert "1" in drawn[-1]["bitmap"]
    lab.wait(lambda: json.loads(lab.ask(ASK))["bitmap"] == drawn[-1]["bitmap"], "the kernel has the drawing")
    answers = json.loads(lab.ask(ANSWERS.format(numbers=[int(seen["bitmap"], 2) for seen in drawn])))
    assert len({seen["bitmap"] for seen in drawn}) == STATES
    largest = max(difference(seen, known) for seen, known in zip(drawn, answers, strict=True))
    assert largest < 1e-9
    for seen, known in zip(drawn, answers, strict=True):
        assert f" {known['prediction']} (" in seen["reading"]
    times = sorted(page.evaluate("window.strokeTimes"))
    print(f"\n{STATES} drawings, largest difference {largest:.1e}; stroke to frame: median {times[len(times) // 2]:.1f} ms, "
          f"95th percentile {times[int(0.95 * len(times))]:.1f} ms of {len(times)}")  # fmt: skip


def test_keyboard_alone_draws_clears_and_chooses_a_unit(lab):
    lab.open("ko/00_start")
    show(lab, f"FeatureMaps({NET}, {DIGITS}[:10], unit=(1, 0, 0, 0))", "ko")
    page = lab.page
    page.get_by_role("button", name="지우기").last.press("Enter")
    lab.wait(lambda: json.loads(lab.ask(ASK))["black"] == 0, "the drawing is empty")
    assert "아직 아무것도" in page.evaluate(READ)["reading"]
    paper = page.locator(".cl-draw-paper").last
    paper.press("ArrowUp")
    paper.press("ArrowUp")
    assert json.loads(lab.ask(ASK))["black"] == 0
    paper.press("Space")
    for _ in range(5):
        paper.press("ArrowDown")
    drawn = page.evaluate(READ)["bitmap"]
    lab.wait(lambda: json.loads(lab.ask(ASK))["bitmap"] == drawn, "the kernel has the drawing")
    known = json.loads(lab.ask(ASK))
    assert known["black"] > 30
    rows = [known["bitmap"][r * 32 + 16] for r in range(32)]
    assert "".join(rows).strip("0").count("0") == 0
    assert difference(page.evaluate(READ), known) < 1e-9
    strip = page.locator(".cl-map-strip canvas").nth(3)
    for key in ("ArrowDown", "ArrowRight", "PageDown", "ArrowRight", "ArrowDown"):
        strip.press(key)
    lab.wait(lambda: json.loads(lab.ask(ASK))["unit"] == [3, 1, 1, 2], "the unit is chosen")
    value = float(lab.ask("print(explorer.maps[2][1, 1, 2])"))
    assert abs(number(page.evaluate(READ)["why"].rpartition("→")[2]) - value) < 0.00051
