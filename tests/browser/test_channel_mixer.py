"""The channel mixer in a real JupyterLab: what is switched, edited and pointed at is what the next cell reads, and what is painted."""

import json

from support.explorers import show

# The grey of one pixel of a canvas, by the caption of its picture.
PIXEL = """([caption, row, column]) => {
  const named = (panel) => panel.querySelector('.cl-caption').textContent.startsWith(caption);
  const one = [...document.querySelectorAll('.cl-mix-picture')].find(named);
  return [...one.querySelector('canvas').getContext('2d').getImageData(column, row, 1, 1).data];
}"""


def sentence(page):
    return page.locator(".cl-mix-sentence").text_content()


def shown(lab, text):
    lab.wait(lambda: text in sentence(lab.page), f"the arithmetic says {text!r}, not {sentence(lab.page)!r}")


def test_keys_checkboxes_and_edits_reach_python(lab):
    lab.open("en/00_start")
    show(lab, "ChannelMixer(position=(100, 100))")
    page = lab.page
    shown(lab, "red")
    whole = page.locator("canvas").first
    whole.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    lab.wait(lambda: lab.ask("print(explorer.position)") == "(90, 101)", "the arrow keys move the pixel")
    value = float(lab.ask("print(explorer.output[0, 90, 101])"))
    shown(lab, f"= {value:.3f}".rstrip("0").rstrip("."))
    page.get_by_role("checkbox", name="use the green channel").uncheck()
    shown(lab, "green 0")
    assert lab.ask("print(explorer.channels)") == "(True, False, True)"
    page.get_by_role("gridcell").last.focus()
    page.keyboard.press("7")
    page.keyboard.press("Enter")
    shown(lab, "bias 7")
    assert lab.ask("print(explorer.bias)") == "[7.]"
    kernel = page.get_by_role("grid", name="blue kernel").get_by_role("gridcell")
    kernel.focus()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    lab.wait(lambda: lab.ask("print(explorer.weight[0, :, 0, 0])") == "[0.299 0.587 2.   ]", "the weight is edited")
    page.get_by_role("button", name="reset").click()
    lab.wait(lambda: lab.ask("print(explorer.bias, explorer.position)") == "[0.] (100, 100)", "all is as it was")


def test_presets_bring_their_sizes_and_every_map_is_painted_with_pytorchs_numbers(lab):
    lab.open("en/00_start")
    show(lab, "ChannelMixer('flower', 'grey')")
    page = lab.page
    page.get_by_label("weights").select_option("sepia")
    lab.wait(lambda: lab.ask("print(explorer.out_channels, explorer.kernel_size)") == "3 1", "three filters of 1 × 1")
    page.get_by_label("weights").select_option("blur")
    page.get_by_role("checkbox", name="compare with groups=3").check()
    lab.wait(lambda: lab.ask("print(explorer.kernel_size, explorer.depthwise)") == "5 True", "5 × 5, and groups=3")
    code = "print([int(round(one)) for one in explorer.output[:, 40, 60]])"
    lab.wait(
        lambda: page.evaluate(PIXEL, ["three maps", 40, 60])[:3] == json.loads(lab.ask(code)),
        "the colours are the maps",
    )
    page.get_by_label("filter shown").select_option("2")
    lab.wait(lambda: lab.ask("print(explorer.filter)") == "2", "the third filter is open")
    assert page.locator(".cl-mix-open .cl-caption").text_content() == "feature map 2"
    assert "groups=3" in page.locator("code").last.text_content()
