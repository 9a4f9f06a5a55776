"""The sliding window in a real JupyterLab: what the screen says is what PyTorch says, from both sides."""

import json
import random

import pytest

from support.amount import times
from support.window_on_screen import RAINED_ON, agree, calm, numbers, rain
from support.window_states import random_state

STATES = times(20, 500)
EVENTS = times(300, 10_000)

MAKE = """
from lessonlib import SlidingWindow
import json
explorer = SlidingWindow("random", "random", bias=1, input_size=(6, 5), in_channels=2, out_channels=2, whole_map=True, show="all")
display(explorer)
"""


@pytest.fixture
def explorer(lab):
    lab.open("en/00_start")
    lab.run_cell(MAKE)
    lab.wait(lambda: lab.page.locator(".cl-explorer .noUi-handle[aria-label]").count() == 13, "all sliders are named")
    lab.page.locator(".cl-view").evaluate("view => view.scrollIntoView()")
    return lab


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
