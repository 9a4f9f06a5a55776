"""Walking a `CoverageMap` and a `BorderEffect` by keyboard in a real JupyterLab: the screen's numbers are those of the next cell."""

import json

from support.explorers import show


def test_pixels_of_the_coverage_map_are_walked_and_counted(lab):
    lab.open("en/00_start")
    show(lab, "CoverageMap(6, 3, position=(0, 0))")
    page = lab.page
    cells = page.locator(".cl-cov-table .cl-input .cl-cell")
    shown = [int(text) for text in cells.all_text_contents()]
    assert shown == json.loads(lab.ask("print(explorer.counts.ravel().tolist())"))
    page.locator(".cl-cov-table .cl-input [tabindex='0']").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    lab.wait(lambda: lab.ask("print(explorer.position)") == "(1, 2)", "the pixel is (1, 2)")
    assert page.locator(".cl-output .cl-now").count() == int(lab.ask("print(explorer.counts[1, 2])")) == 6
    page.locator(".cl-explorer .cl-slider-padding_h .noUi-handle").press("ArrowRight")
    lab.wait(lambda: lab.ask("print(explorer.padding, explorer.output_size)") == "1 6", "the padding has arrived")
    lab.wait(lambda: page.locator(".cl-output .cl-now").count() == 9, "nine windows read the pixel now")


def test_corner_of_the_border_effect_is_walked_and_its_values_read(lab):
    lab.open("en/00_start")
    show(lab, "BorderEffect(kernel_size=3)")
    page = lab.page
    page.locator(".cl-bor-output canvas").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    lab.wait(lambda: lab.ask("print(explorer.position)") == "(1, 1)", "the pixel is (1, 1)")
    values = json.loads(lab.ask("import json; print(json.dumps(list(explorer.values.values())))"))
    on_screen = [
        float(text.split("=")[1].strip().replace("−", "-"))
        for text in page.locator(".cl-bor-total").all_text_contents()
    ]
    assert len(values) == len(on_screen) == 4
    assert max(abs(a - b) for a, b in zip(values, on_screen, strict=True)) < 0.001
    assert max(values) - min(values) < 1e-9  # with a 3 × 3 kernel, (1, 1) reads no padding
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    lab.wait(lambda: lab.ask("print(explorer.position)") == "(0, 0)", "the pixel is the corner")
    zeros, *others = json.loads(lab.ask("print(json.dumps(list(explorer.values.values())))"))
    assert zeros < min(others)
