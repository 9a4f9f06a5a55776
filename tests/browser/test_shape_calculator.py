"""`ShapeCalculator` in a real JupyterLab: live numbers, reasons where a slider changes nothing, questions asked backwards."""

from support.explorers import show


def test_numbers_follow_the_sliders_and_a_still_one_is_explained(lab):
    lab.open("en/00_start")
    show(lab, "ShapeCalculator(13, 5, padding=1)")
    page = lab.page
    stride = page.get_by_role("slider", name="stride S")
    change = page.locator(".cl-change")
    assert not page.get_by_role("slider", name="kernel K, width").is_visible()
    for wanted, text in (
        (6, "S 1 → 2: O 11 → 6"),
        (4, "S 2 → 3: O 6 → 4"),
        (3, "S 3 → 4: O 4 → 3"),
        (3, "S 4 → 5: before the floor 3.5 became 3, but both floor to 3. That is why O stays."),
    ):
        stride.press("ArrowRight")
        lab.wait(lambda text=text: change.text_content() == text, text)
        assert page.locator(".cl-axis").first.locator("[data-symbol='O'] b").text_content() == str(wanted)
    assert "cl-still" in change.get_attribute("class")
    assert lab.ask("print(explorer.output_size, explorer.stride, explorer.unreached)") == "3 5 []"
    rows = page.locator(".cl-settings tbody tr")
    assert [row.split()[-1] for row in rows.evaluate_all("rows => rows.map(row => row.innerText)")] == [
        "11", "6", "4", "3", "3"
    ]  # fmt: skip
    page.get_by_role("button", name="clear").click()
    assert rows.count() == 1


def test_what_is_left_over_stands_on_the_ruler_and_in_words(lab):
    lab.open("en/00_start")
    show(lab, "ShapeCalculator(13, 5, stride=4, padding=1)")
    page = lab.page
    ruler = page.get_by_role("img", name="Ruler: 3 windows")
    said = "Left over at the end, read by no window: 2 (cell 13, 14)."
    assert said in ruler.get_attribute("aria-label")
    assert said in page.locator(".cl-said").first.text_content()
    assert ruler.locator(".cl-r-missed-number").all_text_contents() == ["13", "14"]
    assert ruler.locator(".cl-r-window").all_text_contents() == ["O₀", "O₁", "O₂"]
    lab.run_cell("explorer.kernel_size = 16")
    message = page.get_by_role("alert")
    lab.wait(lambda: "there is no place for it" in message.text_content(), "a kernel that does not fit is explained")
    assert page.locator(".cl-shapes").text_content() == "(N, C, H, W): (1, 3, 13, 13) → – · weight (8, 3, 16, 16)"


def test_questions_are_asked_backwards_and_answers_put_in(lab):
    lab.open("en/00_start")
    show(lab, "ShapeCalculator(28, 5)")
    page = lab.page
    page.get_by_role("button", name="Set P = 2").click()
    lab.wait(lambda: lab.ask("print(explorer.padding, explorer.output_size)") == "2 28", "P = 2 keeps the size")
    ask = page.get_by_label("Ask backwards").locator("select")
    ask.select_option("stride")
    lab.wait(lambda: lab.ask("print(explorer.ask, explorer.answers)") == "stride [2]", "the question is another one")
    page.get_by_role("slider", name="input I").press("ArrowLeft")
    answers = page.locator(".cl-answers").first
    lab.wait(lambda: "its half, 13.5, is no size" in answers.text_content(), "27 has no half")
    ask.select_option("kernel_size")
    field = page.get_by_label("wanted output O")
    field.fill("9")
    field.press("Tab")
    lab.wait(lambda: lab.ask("print(explorer.wanted)") == "9", "the wanted output is read")
    assert lab.ask("print(explorer.answers)") == "[]"
    assert answers.text_content().startswith("None up to 16: O = 9 takes K = 23 or more.")


def test_height_and_width_are_set_apart(lab):
    lab.open("ko/00_start")
    show(lab, "ShapeCalculator(28, 3, stride=2)", "ko")
    page = lab.page
    page.get_by_label("높이와 너비 따로").check()
    page.get_by_role("slider", name="스트라이드 S 너비").press("ArrowLeft")
    lab.wait(lambda: lab.ask("print(explorer.stride, explorer.output_size)") == "(2, 1) (13, 26)", "one axis changes")
    code = "nn.Conv2d(3, 8, 3, stride=(2, 1))"
    assert page.locator(".cl-code code").text_content() == code
    assert page.locator(".cl-axis").nth(1).is_visible()
    assert page.locator(".cl-change").text_content() == "너비 W: S 2 → 1: O 13 → 26"
