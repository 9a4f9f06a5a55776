"""The sliding window on a page held against PyTorch: every number read and compared, and random events let loose on it."""

import json
import math
import re

import torch

from support.window_states import pytorch, sizes

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

TELL = """import json
print(json.dumps([{name: getattr(explorer.view, name) for name in explorer.view.keys if not name.startswith('_') and name not in
    ('words', 'layout', 'tooltip', 'origin')}, explorer.input.tolist(), explorer.weight.tolist()]))"""


def numbers(text):
    """Return the numbers in a text of the page."""
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?", text.replace("−", "-"))]


def plane(rows):
    """Return a plane of cells as a tensor, NaN where a cell is empty."""
    return torch.tensor([[numbers(cell)[0] if cell else float("nan") for cell in row] for row in rows])


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
