"""The sliding window in a real JupyterLab: what the screen says is what PyTorch says, from both sides."""

import json
import os
import random

import pytest
import torch

STATES = int(os.environ.get("STATES", 40))

# Every number that the explorer shows, and what a screen reader is told, read off the page.
READ = """() => {
  const view = document.querySelector('.cl-view');
  const texts = (selector) => [...view.querySelectorAll(selector)].map((grid) =>
    [...grid.querySelectorAll('.cl-row')].map((row) => [...row.children].map((cell) => cell.textContent)));
  return {
    inputs: texts('.cl-grid.cl-input'), kernels: texts('.cl-grid.cl-kernel'), maps: texts('.cl-grid.cl-output'),
    used: [...view.querySelectorAll('.cl-plane')].map((plane) => plane.querySelector('.cl-kernel') !== null),
    products: [...view.querySelectorAll('.cl-product')].map((term) => term.textContent.replace('+ ', '')),
    value: view.querySelector('.cl-value')?.textContent ?? null,
    now: [...view.querySelectorAll('.cl-now')].map((cell) => cell.textContent),
    message: view.querySelector('.cl-message').hidden ? '' : view.querySelector('.cl-message').textContent,
    code: view.querySelector('.cl-code code').textContent, shapes: view.querySelector('.cl-shapes').textContent,
    after: [...view.querySelectorAll('.cl-after')].map((cell) => cell.textContent),
  };
}"""

MAKE = """
from lessonlib import SlidingWindow
import json
explorer = SlidingWindow("random", "random", bias=1, input_size=(6, 5), in_channels=2, out_channels=2, whole_map=True, show="all")
display(explorer)
"""


def number(text):
    return float(text.replace("−", "-").lstrip("=≈ "))


def random_state(rng):
    """Return the traits of a state, possible or not, as a dict."""
    state = {f"{name}_{side}": rng.randint(low, high) for side in "hw" for name, low, high in LIMITS}
    state["apart"] = rng.random() < 0.5
    state["padding_mode"] = rng.choice(["zeros", "reflect", "replicate", "circular"])
    state |= {name: rng.randint(1, 3) for name in ("in_channels", "out_channels")}
    state["groups"] = rng.choice([1, 1, 1, 2, 3])
    state["use_bias"] = rng.random() < 0.5
    state["bias_values"] = [rng.randint(-3, 3) for _ in range(3)]
    state["seed"] = rng.randint(0, 99)
    state["filter"] = rng.randint(0, 2)
    state["position"] = [rng.randint(0, 5), rng.randint(0, 5)]
    state["kernel_presets"] = [rng.choice(["random", "sharpen", "vertical_edge", "gaussian_blur"]) for _ in range(3)]
    return state


LIMITS = [("input", 3, 7), ("kernel", 1, 4), ("padding", 0, 2), ("stride", 1, 3), ("dilation", 1, 2)]


def biases(state):
    values = [*state["bias_values"], 0, 0, 0, 0] if state["use_bias"] else [0] * 4
    return [float(value) for value in values[: state["out_channels"]]]


def expected(state, planes, kernels):
    """What PyTorch makes, at float32, of the numbers on the page and the state's sizes; None where it refuses."""
    pair = {
        n: (state[f"{n}_h"], state[f"{n}_w"] if state["apart"] else state[f"{n}_h"])
        for n in dict.fromkeys(["kernel", "padding", "stride", "dilation"])
    }
    layer = torch.nn.Conv2d(
        state["in_channels"], state["out_channels"], pair["kernel"], pair["stride"], pair["padding"], pair["dilation"], state["groups"],
        padding_mode=state["padding_mode"],
    )  # fmt: skip
    with torch.no_grad():
        weight = torch.tensor(kernels)
        layer.weight.copy_(weight.flip(-2, -1) if state["flipped"] else weight)
        layer.bias.copy_(torch.tensor(biases(state)))
        return layer(torch.tensor(planes))


@pytest.fixture
def explorer(lab):
    lab.open("en/00_start")
    lab.run_cell(MAKE)
    lab.wait(lambda: lab.page.locator(".cl-explorer .noUi-handle[aria-label]").count() == 13, "all sliders are named")
    lab.page.locator(".cl-view").evaluate("view => view.scrollIntoView()")
    return lab


def compare(page, state, torch_input, torch_weight):
    """Compare all that is on the page with PyTorch; return how many numbers were compared."""
    try:
        output = expected(state, torch_input, torch_weight)
    except (RuntimeError, ValueError):
        output = None
    if output is None:
        assert page["message"], f"PyTorch refuses {state}, the page does not"
        assert page["maps"] == []
        return 0
    assert not page["message"], f"the page refuses {state}: {page['message']}"
    shown = torch.tensor([[[number(cell) for cell in row] for row in plane] for plane in page["maps"]])
    assert shown.shape == output.shape
    assert (shown - output).abs().max() <= 0.00051
    filter = min(state["filter"], state["out_channels"] - 1)
    row, column = (min(at, size - 1) for at, size in zip(state["position"], output.shape[1:], strict=True))
    assert abs(number(page["value"]) - output[filter, row, column].item()) <= 0.00051
    assert len(page["now"]) == 1
    products = [[number(part.strip("()")) for part in term.split("×")] for term in page["products"]]
    bias = biases(state)[filter]
    # Weights with more than three decimals are rounded on the page.
    assert sum(x * w for x, w in products) + bias == pytest.approx(
        output[filter, row, column].item(), abs=0.0005 * 9 * len(products) + 1e-6
    )
    layer = eval(page["code"], {"nn": torch.nn})
    assert str(tuple(layer(torch.zeros(1, *torch.tensor(torch_input).shape)).shape)) == page["shapes"].split(" → ")[1]
    return shown.numel() + 2 * len(products) + 1


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
        explorer.ask(f"explorer.set(**json.loads({json.dumps(state)!r}))")
        count, held = agree(explorer)
        assert {name: held[name] for name in state} == state
        counts.append(count)
    assert sum(count > 0 for count in counts) > STATES // 4
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
    assert sum(count > 0 for count in counts) > STATES // 4
    print(f"\n{STATES} states set on screen, {sum(c > 0 for c in counts)} possible, {sum(counts)} numbers compared")


def act(rng, page, sliders):
    """Do one random thing that a person can do to the explorer."""
    view = page.locator(".cl-view")
    kind = rng.choice(["slider"] * 4 + ["select", "check", "cell", "edit", "film", "bias"])
    if kind == "slider":
        handle = rng.choice([one for one in sliders.all() if one.is_visible()])
        handle.press(rng.choice(["ArrowRight", "ArrowLeft", "Home", "PageUp"]))
    elif kind == "select":
        menu = rng.choice(view.locator(".cl-bar:not(.cl-film) select").all())
        menu.select_option(index=rng.randrange(menu.locator("option").count()))
    elif kind == "check":
        rng.choice(view.locator(".cl-check input").all()[:3]).click()
    elif kind == "cell" and view.locator(".cl-output .cl-cell").count():
        rng.choice(view.locator(".cl-output .cl-cell").all()).click()
    elif kind == "edit":
        cell = rng.choice(view.locator(".cl-grid:is(.cl-input, .cl-kernel) .cl-cell:not(.cl-pad)").all())
        cell.click()
        view.locator(".cl-field").fill(str(rng.choice([-2, 0.5, 7, -1.25, 3])))
        view.locator(".cl-field").press("Enter")
    elif kind == "film" and view.locator(".cl-film button").nth(1).is_enabled():
        rng.choice([view.locator(".cl-film button").nth(i) for i in (0, 1, 3, 4)]).click()
    elif kind == "bias" and view.locator(".cl-bias").count():
        view.locator(".cl-bias").fill(str(rng.randint(-5, 5)))
        view.locator(".cl-bias").press("Enter")


def test_film_fills_the_map_and_stops_at_its_end(explorer):
    page, view = explorer.page, explorer.page.locator(".cl-view")
    explorer.ask("explorer.set(whole_map=False, kernel_h=5, apart=False, position=[0, 0])")
    filled = "[...document.querySelectorAll('.cl-output')].map((map) => map.querySelectorAll('.cl-cell:not(.cl-empty)').length)"
    explorer.wait(lambda: page.evaluate(filled) == [1, 1], "the maps are empty but for their first cells")
    view.get_by_role("button", name="One step forward").click()
    assert page.evaluate(filled) == [2, 2]  # (6 - 5 + 1) × (5 - 5 + 1): one column
    explorer.ask("explorer.set(kernel_h=3, position=[0, 0])")
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


def test_film_stops_when_it_leaves_the_screen(explorer):
    page, view = explorer.page, explorer.page.locator(".cl-view")
    explorer.ask("explorer.set(whole_map=False, input_h=12, input_w=12, position=[0, 0])")
    view.get_by_label("speed").select_option("0.5")
    view.get_by_role("button", name="Play").click()
    assert view.get_by_role("button", name="Pause").count() == 1
    view.evaluate("view => { view.closest('.jp-Cell').style.marginTop = '5000px'; }")
    explorer.wait(lambda: page.locator(".cl-view button[title='Play']").count() == 1, "the film has stopped")


def test_pointing_tells_what_a_cell_feeds_and_a_weight_sweeps(explorer):
    page = explorer.page
    explorer.ask("explorer.set(in_channels=1, out_channels=1, use_bias=False)")
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


def test_window_is_dragged_over_the_input(explorer):
    page = explorer.page
    explorer.ask("explorer.set(in_channels=1, out_channels=1, position=[0, 0])")
    explorer.wait(lambda: page.locator(".cl-input").count() == 1, "one channel is left")
    page.locator(".cl-input .cl-cell[data-r='1'][data-c='1']").hover()
    page.mouse.down()
    page.locator(".cl-input .cl-cell[data-r='3'][data-c='2']").hover()
    page.mouse.up()
    explorer.wait(lambda: explorer.ask("print(explorer.position)") == "(2, 1)", "the window has followed")
    assert page.locator(".cl-field").count() == 0
