"""Every explorer for everyone: axe finds nothing, the keyboard reaches everything, two of a kind leave each other alone."""

from importlib.resources import files

import pytest

from support.explorers import EXPLORERS, show

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_axe_finds_no_violation(lab, theme, language):
    lab.open(f"{language}/00_start", theme=theme)
    found = {}
    for name, code in EXPLORERS.items():
        show(lab, code, language)
        lab.page.evaluate(AXE)
        violations = lab.page.evaluate(
            """async () => (await axe.run([...document.querySelectorAll('.cl-explorer')].at(-1))).violations
              .map(({ id, impact, nodes }) => [id, impact, nodes.length, nodes[0].html.slice(0, 200), nodes[0].failureSummary])"""
        )
        if violations:
            found[name] = violations
        lab.command("notebook:delete-cell")  # a page with one explorer is faster than with all
    assert not found


def test_keyboard_alone_reaches_every_control(lab):
    lab.open("en/00_start")
    show(lab, EXPLORERS["sliding_window"])
    page = lab.page
    wanted = page.evaluate("""() => [...document.querySelector('.cl-explorer').querySelectorAll(
        '.noUi-handle, select, button:not(:disabled), input, .cl-grid, code')].filter(one => one.checkVisibility()).length""")
    page.locator(".cl-explorer .noUi-handle").first.focus()
    reached = page.evaluate_handle("new Set()")
    for _ in range(3 * wanted):
        inside = page.evaluate(
            """(reached) => {
          const at = document.activeElement;
          if (!at.closest('.cl-explorer')) return false;
          if (!at.matches('.widget-readout')) reached.add(at.closest('.cl-grid') ?? at);
          return true;
        }""",
            reached,
        )
        if not inside:
            break
        page.keyboard.press("Tab")
    assert page.evaluate("reached => reached.size", reached) == wanted


def test_arrow_keys_move_the_window_and_edit_cells(lab):
    lab.open("en/00_start")
    show(lab, 'SlidingWindow("counting", "ones", whole_map=True)')
    page = lab.page
    page.locator(".cl-output .cl-cell[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    lab.wait(lambda: lab.ask("print(explorer.position)") == "(1, 1)", "the window is at (1, 1)")
    assert page.locator(".cl-value").text_content() == "= 117"  # the sum of the middle nine of 1 … 25
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "row 1, column 1: 117"
    page.locator(".cl-input .cl-cell[data-r='2'][data-c='2']").focus()
    page.keyboard.press("-")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    lab.wait(lambda: page.locator(".cl-value").text_content() == "= 101", "the new value counts")
    assert lab.ask("print(explorer.input[0, 2, 2], explorer.output[0, 1, 1])") == "-3.0 101.0"
    page.keyboard.press("Enter")
    page.locator(".cl-field").fill("many")
    page.keyboard.press("Enter")
    assert page.locator(".cl-field").get_attribute("aria-invalid") == "true"
    page.keyboard.press("Escape")
    assert lab.ask("print(explorer.input[0, 2, 2])") == "-3.0"


def test_two_explorers_and_one_shown_twice_do_not_disturb_each_other(lab):
    lab.open("en/00_start")
    show(lab, 'SlidingWindow("counting", "ones")')
    lab.run_cell("other = SlidingWindow('cross', 'sharpen', padding=2); display(other); display(explorer)")
    page = lab.page
    lab.wait(lambda: page.locator(".cl-explorer .cl-value").count() == 3, "three are shown")
    page.locator(".cl-explorer").nth(0).get_by_role("slider", name="stride S").press("ArrowRight")
    shapes = [page.locator(".cl-shapes").nth(i) for i in range(3)]
    lab.wait(lambda: shapes[2].text_content() == "(1, 1, 5, 5) → (1, 1, 2, 2)", "the second showing follows")
    assert shapes[0].text_content() == shapes[2].text_content()
    assert shapes[1].text_content() == "(1, 1, 5, 5) → (1, 1, 7, 7)"
    assert lab.ask("print(explorer.stride, other.stride)") == "2 1"
