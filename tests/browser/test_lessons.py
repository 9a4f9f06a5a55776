"""Every lesson in a real JupyterLab, run from its menu command; lesson 01 walked through by keyboard."""

import numpy as np
import pytest
import torch

from support.driver import ROOT

LESSONS = sorted(f"{path.parent.name}/{path.stem}" for path in (ROOT / "notebooks").glob("*/*.ipynb"))


@pytest.mark.parametrize("lesson", LESSONS)
def test_lesson_runs_and_all_its_views_are_drawn(lab, lesson):
    lab.open(lesson)
    lab.run_all()
    shown = lab.page.evaluate("""() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
      .filter(cell => cell.type === 'code' && cell.outputs.toJSON().some(one => one.data?.['application/vnd.jupyter.widget-view+json']))
      .map(cell => cell.id)""")
    for cell_id in shown:
        cell = lab.cell(cell_id)
        lab.wait(
            lambda cell=cell: cell.locator(".jp-OutputArea-output :is(.cl-view > *, .widget-hprogress)").count() > 0,
            f"the widget of cell {cell_id} is drawn",
        )
    assert shown


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_sliders_of_lesson_01_by_keyboard_and_the_numbers_in_the_next_cell(lab, lang):
    lab.open(f"{lang}/01_one_channel")
    lab.run_all()
    cell = lab.cell("explorer")
    lab.wait(lambda: cell.locator(".noUi-handle[aria-label]").count() == 6, "the sliders are named")
    for trait, key, value in [
        ("kernel_h", "ArrowRight", 3),
        ("padding_h", "ArrowRight", 1),
        ("stride_h", "ArrowRight", 2),
    ]:
        handle = cell.locator(f".cl-slider-{trait} .noUi-handle")
        handle.focus()
        handle.press(key)
        lab.wait(
            lambda trait=trait, value=value: lab.ask(f"print(explorer.view.{trait})") == str(value),
            f"{trait} is {value}",
        )
    cell.locator(".cl-output .cl-cell").first.focus()
    lab.page.keyboard.press("ArrowRight")
    lab.wait(lambda: lab.ask("print(explorer.position)") == "(0, 1)", "the window has moved")

    image, weight = eval(lab.ask("print(explorer.input.tolist(), ',', explorer.weight.tolist())"))
    output = torch.nn.functional.conv2d(torch.tensor([image]), torch.tensor(weight), padding=1, stride=2)
    on_screen = cell.locator(".cl-value").text_content().strip("= ").replace("−", "-")
    products = [part.strip("+ ").replace("−", "-") for part in cell.locator(".cl-product").all_text_contents()]
    by_hand = sum(float(x.strip("()")) * float(w.strip("()")) for x, w in (part.split("×") for part in products))

    assert len(products) == 9
    assert float(on_screen) == by_hand == output[0, 0, 0, 1]
    assert np.array_equal(eval(lab.run_cell("print(explorer.output.tolist())")), output[0])
