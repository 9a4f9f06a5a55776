"""Dragging the input of `Equivariance` and walking a `ReceptiveField`, in a real JupyterLab: the next cell reads what was done."""

from support.explorers import show


def test_input_is_dragged_and_moved_by_keys(lab):
    lab.open("en/00_start")
    show(lab, 'Equivariance("sign", shift=(0, 0))')
    page = lab.page
    cell = page.locator(".cl-draggable .cl-cell").first
    cell.scroll_into_view_if_needed()
    box = cell.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 2 * box["width"], y + box["height"], steps=4)
    page.mouse.up()
    lab.wait(lambda: lab.ask("print(explorer.shift)") == "(1, 2)", "the input is dragged by (1, 2)")
    assert page.locator(".cl-agreement").text_content().startswith("All 64 cells agree")
    cell.focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    lab.wait(lambda: lab.ask("print(explorer.shift)") == "(1, 4)", "the arrow keys move it on")
    count, largest = lab.ask("print(explorer.differing, explorer.largest_difference)").split()
    assert int(count) > 0
    assert (
        page.locator(".cl-agreement")
        .text_content()
        .startswith(f"{count} of 64 cells differ, by at most {float(largest):g}.")
    )
    assert page.locator(".cl-apart .cl-differs").count() == int(count)
    page.locator(".cl-explorer").get_by_role("slider", name="stride S").press("ArrowRight")
    page.locator(".cl-explorer").get_by_role("slider", name="shift down").press("ArrowRight")
    page.locator(".cl-explorer").get_by_role("slider", name="shift right").press("ArrowRight")
    lab.wait(lambda: lab.ask("print(explorer.shift, explorer.stride)") == "(2, 5) 2", "sliders move it too")
    assert "no multiple of the stride 2" in page.locator(".cl-agreement").text_content()
    assert page.locator(".cl-trace tbody tr").count() == 4


def test_stack_is_built_and_walked_by_keyboard(lab):
    lab.open("en/00_start")
    show(lab, "ReceptiveField([(3, 1, 1), (3, 2, 1)])")
    page = lab.page
    page.locator(".cl-unit[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    lab.wait(lambda: lab.ask("print(explorer.layer, explorer.unit, explorer.field)") == "2 4 (6, 10)", "the next unit")
    assert "sees pixels 6 to 10 of the input, 5 in total" in page.locator(".cl-sentence").text_content()
    assert page.locator(".cl-pixels .cl-seen-unit").all_text_contents() == ["1", "2", "3", "2", "1"]
    page.keyboard.press("ArrowDown")
    lab.wait(lambda: lab.ask("print(explorer.layer, explorer.unit)") == "1 8", "the unit below")
    page.get_by_role("button", name="+ pool").click()
    lab.wait(
        lambda: lab.ask("print(explorer.kinds, explorer.size)") == "['conv', 'conv', 'pool'] 7", "a pooling layer more"
    )
    kernel = page.get_by_label("Layer 1: kernel K")
    kernel.fill("5")
    kernel.press("Tab")
    lab.wait(lambda: lab.ask("print(explorer.layers[0][0], explorer.size)") == "5 9", "a larger kernel")
    assert page.locator(".cl-working").first.text_content() == "1 + (5 − 1)·1 = 5"
    kernel.fill("9")
    kernel.press("Tab")
    lab.wait(lambda: "from 1 to 7" in page.locator(".cl-message").text_content(), "9 is refused")
    assert kernel.input_value() == "5"
    page.get_by_role("button", name="Remove layer 1").click()
    lab.wait(lambda: lab.ask("print(len(explorer.layers), explorer.layer)") == "2 2", "a layer less")
