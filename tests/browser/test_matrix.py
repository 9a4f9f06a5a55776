"""Walking a `MatrixView` by keyboard and pointer, in a real JupyterLab: rows, windows and outputs light up together."""

from support.explorers import show


def test_rows_are_walked_and_everything_follows(lab):
    lab.open("en/00_start")
    show(lab, "MatrixView()")
    page = lab.page
    row = page.locator(".cl-mv-row[tabindex='0']")
    row.focus()
    page.keyboard.press("ArrowDown")
    lab.wait(lambda: lab.ask("print(explorer.row)") == "1", "the next row")
    assert row.get_attribute("aria-label") == "Row 1 of the matrix, output row 0, column 1: 393"
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == row.get_attribute("aria-label")
    assert page.locator(".cl-input .cl-tap").all_text_contents()[:9] == ["2", "3", "4", "6", "7", "8", "10", "11", "12"]
    assert page.locator(".cl-mv-matrix .cl-tap").all_text_contents() == [str(i) for i in range(1, 10)]
    assert page.locator(".cl-mv-sum .cl-value").text_content() == "393"
    page.keyboard.press("ArrowRight")
    lab.wait(lambda: page.locator(".cl-mv-stripe").is_visible(), "the column of the first weight is framed")
    assert page.locator(".cl-mv-lit").text_content() == "1·2"
    assert page.locator(".cl-input.cl-grid .cl-lit").all_text_contents() == ["2", "2"]  # in the picture and flattened
    page.keyboard.press("End")
    lab.wait(lambda: lab.ask("print(explorer.row)") == "3", "the last row")


def test_a_weight_shows_where_it_is_shared_and_a_switch_shows_the_windows(lab):
    lab.open("en/00_start")
    show(lab, "MatrixView(padding=1)")
    page = lab.page
    page.locator(".cl-mv-picture .cl-kernel .cl-cell").first.hover()
    lab.wait(
        lambda: "weight 1 is in this many places of the matrix: 9" in page.locator(".cl-hint").text_content(),
        "the weight is told of",
    )
    assert page.locator(".cl-mv-matrix .cl-lit").all_text_contents() == ["1"] * 9
    page.locator(".cl-mv-picture .cl-input .cl-cell:not(.cl-pad)").first.hover()
    lab.wait(
        lambda: "read by this many outputs: 4" in page.locator(".cl-hint").text_content(), "a corner has 4 readers"
    )
    assert page.locator(".cl-mv-picture .cl-output .cl-lit").count() == 4
    page.get_by_label("written as").select_option("im2col")
    lab.wait(lambda: lab.ask("print(explorer.form)") == "im2col", "the windows are shown")
    assert page.locator(".cl-mv-matrix .cl-cell").count() == 16 * 9
    assert page.locator(".cl-mv-matrix .cl-pad").count() == int(lab.ask("print(16 * 9 - explorer.connections)"))
    page.locator(".cl-explorer").get_by_role("slider", name="padding P").press("ArrowLeft")
    lab.wait(lambda: lab.ask("print(explorer.windows.shape)") == "(4, 9)", "without padding")
    assert page.locator(".cl-mv-row").count() == 4
    counted = page.locator(".cl-mv-counts tbody td").all_text_contents()
    assert counted == ["K·K + 1 = 9 + 1 = 10", "(H·W + 1)·OH·OW = (16 + 1)·4 = 68", "36 of 64", "64 of 64", "4", "1"]
