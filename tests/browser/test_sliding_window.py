"""The sliding window in a real JupyterLab: what the screen says is what PyTorch says, from both sides."""

import json
import math
import os
import random
import re

import pytest
import torch

from window_states import pytorch, random_state, sizes

STATES = int(os.environ.get("STATES", 40))
EVENTS = int(os.environ.get("EVENTS", 400))

# Every number that the explorer shows, and what a screen reader is told, read off the page.
READ = """() => {
  const view = document.querySelector('.cl-view');
  const grids = (selector) => [...view.querySelectorAll(selector)].map((grid) =>
    [...grid.querySelectorAll('.cl-row')].map((row) => [...row.children].map((cell) => cell.textContent)));
  const texts = (selector) => [...view.querySelectorAll(selector)].filter((one) => !one.hidden).map((one) => one.textContent);
  return {
    inputs: grids('.cl-grid.cl-input'), kernels: grids('.cl-grid.cl-kernel'), maps: grids('.cl-grid.cl-output'),
    used: [...view.querySelectorAll('.cl-plane')].flatMap((plane, c) => plane.querySelector('.cl-kernel') ? [c] : []),
    products: texts('.cl-product'), planes: texts('.cl-total'), results: texts('.cl-result'), value: texts('.cl-value'),
    both: texts('.cl-both'), now: texts('.cl-now'), live: view.querySelector('[aria-live]').textContent,
    message: texts('.cl-message').join(''), code: texts('.cl-code code')[0], shapes: texts('.cl-shapes')[0],
    parameters: view.querySelector('.cl-code').lastChild.textContent, before: texts('.cl-before'), after: texts('.cl-after'),
  };
}"""

MAKE = """
from lessonlib import SlidingWindow
import json
explorer = SlidingWindow("random", "random", bias=1, input_size=(6, 5), in_channels=2, out_channels=2, whole_map=True, show="all")
display(explorer)
"""


def numbers(text):
    """Return the numbers in a text of the page."""
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?", text.replace("−", "-"))]


def plane(rows):
    """Return a plane of cells as a tensor, NaN where a cell is empty."""
    return torch.tensor([[numbers(cell)[0] if cell else float("nan") for cell in row] for row in rows])


@pytest.fixture
def explorer(lab):
    lab.open("en/00_start")
    lab.run_cell(MAKE)
    lab.wait(lambda: lab.page.locator(".cl-explorer .noUi-handle[aria-label]").count() == 13, "all sliders are named")
    lab.page.locator(".cl-view").evaluate("view => view.scrollIntoView()")
    return lab


def close(shown, wanted):
    """Whether numbers on the page are PyTorch's, up to their three decimals and float32."""
    shown, wanted = torch.as_tensor(shown), torch.as_tensor(wanted, dtype=torch.float32)
    return shown.shape == wanted.shape and torch.allclose(shown, wanted, rtol=1e-5, atol=0.000501)


def padded_by_pytorch(state, input):
    (height, width), mode = sizes(state)["padding"], state["padding_mode"]
    mode = "constant" if mode == "zeros" else mode
    return torch.nn.functional.pad(input[None], (width, width, height, height), mode)[0]


def compare(page, state, input, weight):
    """Compare every number on the page with PyTorch at float32; return how many there are.

    Parameters
    ----------
    page : dict
        What `READ` returned.
    state : dict
        The traits that Python holds.
    input, weight : list
        Python's tensors, (C, H, W) and (O, C / groups, KH, KW).
    """
    bias = (
        [*state["bias_values"], 0, 0, 0, 0][: state["out_channels"]]
        if state["use_bias"]
        else [0] * state["out_channels"]
    )
    output = pytorch(state, input, weight, bias, torch.float32)
    if output is None:
        assert page["message"], f"PyTorch refuses {state}, the page does not"
        assert page["maps"] == page["products"] == page["value"] == []
        return 0
    assert not page["message"], f"the page refuses {state}: {page['message']}"
    output, input, weight = torch.as_tensor(output), torch.tensor(input), torch.tensor(weight)
    count = 0

    def same(shown, wanted, what):
        nonlocal count
        assert close(shown, wanted), f"{what}: the page shows {shown}, PyTorch says {wanted} in {state}"
        count += torch.as_tensor(wanted).numel()

    # The planes.
    o = min(state["filter"], state["out_channels"] - 1)
    row, column = (min(at, size - 1) for at, size in zip(state["position"], output.shape[1:], strict=True))
    padded, slid = padded_by_pytorch(state, input), weight.flip(-2, -1) if state["flipped"] else weight
    first = o // (state["out_channels"] // state["groups"]) * weight.shape[1]
    assert page["used"] == list(range(first, first + weight.shape[1]))
    for shown, wanted in [*zip(page["inputs"], padded, strict=True), *zip(page["kernels"], slid[o], strict=True)]:
        same(plane(shown), wanted, "a plane")
    for shown, wanted in zip(map(plane, page["maps"]), output, strict=True):
        index = torch.arange(wanted.numel()).reshape(wanted.shape)
        filled = state["whole_map"] | (index <= row * wanted.shape[1] + column)
        assert (shown.isnan() == ~filled).all()
        same(shown[filled], wanted[filled], "a map")
    # The arithmetic of the window.
    (kh, kw), _, (sh, sw), (dh, dw) = sizes(state).values()
    window = padded[first : first + len(slid[o]), row * sh :: dh, column * sw :: dw][:, :kh, :kw]
    factors = torch.tensor([numbers(term.removeprefix("+ ")) for term in page["products"]])
    same(factors, torch.stack([window.flatten(), slid[o].flatten()], -1), "products")
    sums, several = (window * slid[o]).sum((1, 2)), len(slid[o]) > 1
    same([numbers(text)[0] for text in page["planes"]], sums if several else [], "sums beside the kernels")
    same([numbers(text)[0] for text in page["results"]], sums if several or state["use_bias"] else [], "sums")
    same([numbers(text)[0] for text in [*page["value"], *page["now"]]], output[o, row, column].repeat(2), "the value")
    assert numbers(page["live"])[-1] == numbers(page["value"][0])[0]
    if page["both"]:
        both = [(window * turned).sum() + bias[o] for turned in (weight[o], weight[o].flip(-2, -1))]
        same(numbers(page["both"][0]), both, "both ways round")
    # Sizes.
    height, width = output.shape[1:]
    square = not state["apart"] and state["input_h"] == state["input_w"]
    same([numbers(text)[0] for text in page["after"]], [height] if square else [height, width], "the sizes")
    assert [math.floor(numbers(text)[0]) for text in page["before"]] == [int(text) for text in page["after"]]
    layer = eval(page["code"], {"nn": torch.nn})
    shapes = f"{(1, *input.shape)} → {tuple(layer(torch.zeros(1, *input.shape)).shape)}"
    assert page["shapes"] == shapes
    same(numbers(page["parameters"])[-1:], [sum(one.numel() for one in layer.parameters())], "the parameters")
    return count


TELL = """import json
print(json.dumps([{name: getattr(explorer.view, name) for name in explorer.view.keys if not name.startswith('_') and name not in
    ('words', 'layout', 'tooltip', 'origin')}, explorer.input.tolist(), explorer.weight.tolist()]))"""


def agree(lab, timeout=10):
    """Wait until the page shows what PyTorch makes of the state that Python holds; return (numbers compared, state)."""
    result = {}

    def same():
        state, torch_input, torch_weight = json.loads(lab.ask(TELL))
        try:
            result["count"] = compare(lab.page.evaluate(READ), state, torch_input, torch_weight)
        except AssertionError as difference:
            result["difference"] = difference
            return False
        result["state"] = state
        return True

    try:
        lab.wait(same, "page, Python and PyTorch agree", timeout)
    except AssertionError as late:
        raise AssertionError(f"{late}\n{result.get('difference')}") from None
    return result["count"], result["state"]


def test_states_set_from_python_show_what_pytorch_computes(explorer):
    rng = random.Random(0)
    counts = []
    for _ in range(STATES):
        state = random_state(rng)
        explorer.ask(f"explorer.restore(json.loads({json.dumps(state)!r}))")
        count, held = agree(explorer)
        assert {name: held[name] for name in state} == state
        counts.append(count)
    assert sum(count > 0 for count in counts) > STATES // 8
    print(f"\n{STATES} states from Python, {sum(c > 0 for c in counts)} possible, {sum(counts)} numbers compared")


def test_states_set_on_screen_show_what_pytorch_computes(explorer):
    rng = random.Random(1)
    page = explorer.page
    sliders = page.locator(".cl-explorer .noUi-handle")
    counts = []
    for _ in range(STATES):
        act(rng, page, sliders)
        # Under the pointer the page would show another window than the state's.
        page.mouse.move(0, 0)
        counts.append(agree(explorer)[0])
    assert sum(count > 0 for count in counts) > STATES // 8
    print(f"\n{STATES} states set on screen, {sum(c > 0 for c in counts)} possible, {sum(counts)} numbers compared")


def act(rng, page, sliders):
    """Do one random thing that a person can do to the explorer."""
    view = page.locator(".cl-view")
    if view.locator(".cl-message").is_visible() and rng.random() < 0.3:
        view.get_by_role("button", name="reset").click()
        return
    kind = rng.choice(["slider"] * 4 + ["select", "check", "cell", "edit", "film", "bias"])
    if kind == "slider":
        handle = rng.choice([one for one in sliders.all() if one.is_visible()])
        handle.press(rng.choice(["ArrowRight", "ArrowLeft", "Home", "PageUp"]))
    elif kind == "select":
        menu = rng.choice(view.locator(".cl-bar:not(.cl-film) select").all())
        menu.select_option(index=rng.randrange(menu.locator("option").count()))
    elif kind == "check":
        rng.choice(view.locator(".cl-check input").all()).click()
    elif kind == "cell" and view.locator(".cl-output .cl-cell").count():
        rng.choice(view.locator(".cl-output .cl-cell").all()).click()
    elif kind == "edit":
        cell = rng.choice(view.locator(".cl-grid:is(.cl-input, .cl-kernel) .cl-cell:not(.cl-pad)").all())
        cell.click()
        value = rng.choice([-2, 0.5, 7, -1.25, 3])
        view.locator(".cl-field").fill(str(value))
        view.locator(".cl-field").press("Enter")
        assert numbers(cell.text_content()) == [value]
    elif kind == "film" and view.locator(".cl-film button").nth(1).is_enabled():
        rng.choice([view.locator(".cl-film button").nth(i) for i in (0, 1, 3, 4)]).click()
    elif kind == "bias" and view.locator(".cl-bias").count():
        view.locator(".cl-bias").fill(str(rng.randint(-5, 5)))
        view.locator(".cl-bias").press("Enter")


RAINED_ON = 'SlidingWindow("random", "sharpen", bias=1, in_channels=2, out_channels=2, show="all")'
KEYS = ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Tab", "Enter", "Escape", "3", "-", " ")


def rain(page, rng, times):
    """Let random events of pointer and keyboard fall on the last explorer of a page."""
    explorer = page.locator(".cl-explorer").last
    for _ in range(times):
        if page.locator(".cl-explorer").count() == 0:
            # A key moved JupyterLab to another cell, and what is far from the screen is not drawn.
            page.evaluate(
                "(({ content }) => content.scrollToItem(content.widgets.length - 1, 'smart'))(window.jupyterapp.shell.currentWidget)"
            )
            explorer.wait_for()
        box, height = explorer.bounding_box(), page.viewport_size["height"]
        # Within the explorer and on screen: elsewhere are JupyterLab's own editors.
        top, bottom = max(box["y"], 110), min(box["y"] + box["height"], height - 40)
        if bottom - top < 100:
            explorer.evaluate("one => one.scrollIntoView()")
            continue
        what = rng.random()
        if what < 0.4:
            page.mouse.move(box["x"] + rng.random() * box["width"], top + rng.random() * (bottom - top))
        elif what < 0.55:
            page.mouse.down()
        elif what < 0.7:
            page.mouse.up()
        elif page.evaluate("document.activeElement.closest('.cl-explorer') !== null"):
            page.keyboard.press(rng.choice(KEYS))
        else:
            explorer.locator("[tabindex='0'], button, select").first.focus()


def calm(lab):
    """Let go of what `rain` may have left pressed or open, and hold both sides to PyTorch; return how many numbers agree.

    Where there is no output in the end, a kernel of 1×1 gives one of the values that are left.
    """
    lab.page.mouse.up()
    lab.page.keyboard.press("Escape")
    lab.page.mouse.move(0, 0)
    count, _ = agree(lab)
    if count == 0:
        lab.ask("explorer.restore({'kernel_h': 1, 'kernel_w': 1, 'groups': 1, 'padding_mode': 'zeros'})")
        count, _ = agree(lab)
    return count


def test_random_events_leave_no_error_and_both_sides_equal(lab):
    lab.open("en/00_start")
    lab.run_cell(f"from lessonlib import *\nexplorer = {RAINED_ON}\ndisplay(explorer)")
    lab.wait(lambda: lab.page.locator(".cl-explorer .noUi-handle[aria-label]").count() == 13, "all sliders are named")
    rain(lab.page, random.Random(0), EVENTS)
    assert calm(lab) > 0
    assert not lab.errors


def test_film_fills_the_map_and_stops_at_its_end(explorer):
    page, view = explorer.page, explorer.page.locator(".cl-view")
    explorer.ask("explorer.restore({'whole_map': False, 'kernel_h': 5, 'apart': False, 'position': [0, 0]})")
    filled = "[...document.querySelectorAll('.cl-output')].map((map) => map.querySelectorAll('.cl-cell:not(.cl-empty)').length)"
    explorer.wait(lambda: page.evaluate(filled) == [1, 1], "the maps are empty but for their first cells")
    view.get_by_role("button", name="One step forward").click()
    assert page.evaluate(filled) == [2, 2]  # (6 - 5 + 1) × (5 - 5 + 1): one column
    explorer.ask("explorer.restore({'kernel_h': 3, 'position': [0, 0]})")
    explorer.wait(lambda: page.evaluate(filled) == [1, 1], "larger maps begin empty too")
    for i in range(2, 5):
        view.get_by_role("button", name="One step forward").click()
        assert page.evaluate(filled) == [i, i]
    view.get_by_role("button", name="One step back").click()
    assert page.evaluate(filled) == [3, 3]
    view.get_by_label("speed").select_option("60")
    view.get_by_role("button", name="Play").click()
    explorer.wait(lambda: page.evaluate(filled) == [12, 12], "the film has filled the maps")
    explorer.wait(lambda: view.get_by_role("button", name="Play").count() == 1, "the film has stopped")
    explorer.wait(lambda: explorer.ask("print(explorer.position)") == "(3, 2)", "Python has the last position")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_film_glides_unless_motion_is_to_be_reduced(explorer, motion):
    page, view = explorer.page, explorer.page.locator(".cl-view")
    page.emulate_media(reduced_motion=motion)
    explorer.ask(
        "explorer.restore({'whole_map': False, 'input_h': 12, 'input_w': 12, 'apart': False, 'in_channels': 1, 'position': [0, 0]})"
    )
    view.get_by_label("speed").select_option("16")
    view.get_by_role("button", name="Play").click()
    # Where the outline stands, in cells, frame by frame, until the film has come to the third row.
    places = view.evaluate("""view => new Promise((resolve) => {
      const outline = view.querySelector('.cl-input .cl-outline');
      const seen = [];
      const look = () => {
        seen.push([...outline.style.transform.matchAll(/calc\\((?:([\\d.]+) \\* )?/g)].map(([, cells]) => Number(cells)));
        seen.at(-1)[1] >= 2 ? resolve(seen) : requestAnimationFrame(look);
      };
      look();
    })""")
    between = [place for place in places if any(cells % 1 for cells in place)]
    assert len(places) > 20
    assert bool(between) == (motion == "no-preference")


def test_film_stops_when_it_leaves_the_screen(explorer):
    page, view = explorer.page, explorer.page.locator(".cl-view")
    explorer.ask("explorer.restore({'whole_map': False, 'input_h': 12, 'input_w': 12, 'position': [0, 0]})")
    view.get_by_label("speed").select_option("0.5")
    view.get_by_role("button", name="Play").click()
    assert view.get_by_role("button", name="Pause").count() == 1
    view.evaluate("view => { view.closest('.jp-Cell').style.marginTop = '5000px'; }")
    explorer.wait(lambda: page.locator(".cl-view button[title='Play']").count() == 1, "the film has stopped")


def test_pointing_tells_what_a_cell_feeds_and_a_weight_sweeps(explorer):
    page = explorer.page
    explorer.ask("explorer.restore({'in_channels': 1, 'out_channels': 1, 'use_bias': False})")
    explorer.wait(lambda: page.locator(".cl-input").count() == 1, "one channel is left")
    page.locator(".cl-input .cl-cell[data-r='2'][data-c='2']").hover()
    assert page.locator(".cl-hint").text_content() == "The cell pointed at is used by this many output cells: 9."
    assert page.locator(".cl-output .cl-lit").count() == 9
    page.locator(".cl-input .cl-cell[data-r='0'][data-c='0']").hover()
    assert page.locator(".cl-output .cl-lit").count() == 1
    page.locator(".cl-kernel .cl-cell[data-r='1'][data-c='1']").hover()
    assert page.locator(".cl-input .cl-swept").count() == 12  # the 4 × 3 windows' middles
    assert page.locator(".cl-product.cl-lit").count() == 1
    page.locator(".cl-product").nth(8).hover()
    assert page.locator(".cl-input .cl-lit").get_attribute("aria-label").startswith("row 2, column 2")
    page.locator(".cl-output .cl-cell[data-r='3'][data-c='2']").hover()
    assert page.locator(".cl-input .cl-tap").first.get_attribute("data-r") == "3"


@pytest.mark.parametrize("pointer", ["mouse", "pen", "touch"])
def test_window_is_dragged_over_the_input_and_the_map(explorer, pointer):
    page = explorer.page
    explorer.ask("explorer.restore({'in_channels': 1, 'out_channels': 1, 'position': [0, 0]})")
    explorer.wait(lambda: page.locator(".cl-input").count() == 1, "one channel is left")
    drag(page, pointer, ".cl-input .cl-cell[data-r='1'][data-c='1']", ".cl-input .cl-cell[data-r='3'][data-c='2']")
    explorer.wait(lambda: explorer.ask("print(explorer.position)") == "(2, 1)", "the window has followed")
    assert page.locator(".cl-hint").text_content() == ""  # what the pressed pointer passes over is not pointed at
    drag(page, pointer, ".cl-output .cl-cell[data-r='2'][data-c='1']", ".cl-output .cl-cell[data-r='0'][data-c='2']")
    explorer.wait(lambda: explorer.ask("print(explorer.position)") == "(0, 2)", "the window has followed on the map")
    assert page.locator(".cl-field").count() == 0


def drag(page, pointer, start, end):
    """Press on one cell and let go on another."""
    session = page.context.new_cdp_session(page)
    centres = [page.locator(cell).bounding_box() for cell in (start, end)]
    (x0, y0), (x1, y1) = ((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in centres)
    path = [(x0 + (x1 - x0) * part / 4, y0 + (y1 - y0) * part / 4) for part in range(5)]
    for i, (x, y) in enumerate([*path, path[-1]]):
        kind = 0 if i == 0 else 2 if i == len(path) else 1
        if pointer == "touch":
            points = [] if kind == 2 else [{"x": x, "y": y}]
            name = ("touchStart", "touchMove", "touchEnd")[kind]
            session.send("Input.dispatchTouchEvent", {"type": name, "touchPoints": points})
        else:
            name = ("mousePressed", "mouseMoved", "mouseReleased")[kind]
            event = {"type": name, "x": x, "y": y, "button": "left", "buttons": int(kind < 2), "clickCount": 1}
            session.send("Input.dispatchMouseEvent", event | {"pointerType": pointer})
    session.detach()
