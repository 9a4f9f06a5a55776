"""Predictions and the shape quiz, answered by keyboard alone, with a kernel and without one."""

import json
from importlib.resources import files

import pytest

from lessonlib import Predict, ShapeQuiz, language
from lessonlib.kit.explorer import read_view
from support.node import view_file

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
PAGE = "http://lesson.example/page.html"
# A model as anywidget hands it to a view, with no kernel behind it.
RENDER = """async ({ code, state }) => {
  const { default: view } = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
  const listeners = [];
  const model = {
    get: (name) => state[name],
    set: (name, value) => { state[name] = value; for (const listener of listeners) listener(); },
    save_changes: () => {},
    on: (_, listener) => listeners.push(listener),
    off: () => {},
  };
  const el = document.body.appendChild(document.createElement('div'));
  window.state = state;
  await view.render({ model, el, signal: new AbortController().signal });
}"""


@pytest.fixture
def alone(page):
    """Return a function that shows an explorer's view on an empty page without a kernel."""

    def answer(route):
        route.fulfill(body="<!doctype html><html lang=en><title>page</title><body>", content_type="text/html")

    page.route("http://lesson.example/**", answer)

    def show(explorer, name):
        state = {key: value for key, value in explorer.view.get_state().items() if not key.startswith("_")}
        page.goto(PAGE)
        page.add_style_tag(content=read_view(view_file(name), "css"))
        page.evaluate(
            RENDER, {"code": read_view(view_file(name), "js"), "state": json.loads(json.dumps(state, default=str))}
        )

    return show


def right_and_wrong(prediction):
    """Return the places of the right choice and of a wrong one."""
    places = [choice["right"] for choice in prediction._choices]
    return places.index(True), places.index(False)


@pytest.mark.parametrize("code", ["ko", "en"])
def test_prediction_without_a_kernel_is_committed_by_keyboard_and_remembered(alone, page, code):
    language(code)
    prediction = Predict("one_channel.predict_2")
    _, wrong = right_and_wrong(prediction)
    alone(prediction, "predict")
    explanation = prediction._choices[wrong]["explanation"]
    assert page.locator(".cl-because").count() == 0
    assert page.locator("button[type=submit]").is_disabled()

    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(wrong):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("state.answer") == prediction.view.options[wrong]
    assert page.locator(".cl-because").count() == 2
    assert page.evaluate("document.activeElement.className") == "cl-explained"
    plain = explanation.replace("`", "").replace("**", "").split("\n")[0]
    assert plain in page.locator(".cl-because").first.text_content()
    assert page.locator(".cl-option.cl-is-right").count() == page.locator(".cl-option.cl-is-wrong").count() == 1

    alone(prediction, "predict")  # the page is opened again
    assert page.evaluate("state.answer") == prediction.view.options[wrong]
    page.get_by_role("button").last.press("Enter")
    assert page.evaluate("state.answer") == ""
    assert page.locator(".cl-because").count() == 0
    alone(prediction, "predict")
    assert page.evaluate("state.answer") == ""


def test_typed_prediction_refuses_words_and_explains_numbers(alone, page):
    prediction = Predict("one_channel.predict_2", typed=True)
    alone(prediction, "predict")
    field = page.get_by_role("textbox")
    field.fill("many")
    field.press("Enter")
    assert page.evaluate("state.answer") == ""
    assert "‘many’ is not a number" in field.evaluate("(field) => field.validationMessage")

    field.fill(str(prediction.question.right))
    field.press("Enter")
    assert page.locator(".cl-because").count() == 1
    assert page.locator(".cl-because.cl-is-right").count() == 1


@pytest.mark.parametrize("code", ["ko", "en"])
def test_quiz_without_a_kernel_goes_on_by_keyboard_and_remembers(alone, page, code):
    language(code)
    quiz = ShapeQuiz(seed=5)
    alone(quiz, "shape_quiz")
    page.locator(".cl-answer").first.focus()
    for number in range(1, 13):
        question = page.locator(".cl-givens").text_content()
        page.keyboard.press("12"[number % 2])
        assert page.evaluate("state.history.length") == number
        assert page.locator(".cl-formula").count() >= 1
        assert page.evaluate("document.activeElement.className") == "cl-button cl-forward"
        page.keyboard.press("3")  # too late for this question
        assert page.evaluate("state.history.length") == number
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.className") == "cl-question"
        assert page.locator(".cl-givens").text_content() != question
    history = page.evaluate("state.history")
    assert {one["right"] for one in history} == {True, False}
    asked = page.locator(".cl-givens").text_content()

    alone(quiz, "shape_quiz")
    assert page.evaluate("state.history") == history
    assert page.locator(".cl-givens").text_content() == asked


def test_storage_that_is_refused_breaks_nothing(alone, page):
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } });")
    alone(ShapeQuiz(), "shape_quiz")
    page.locator(".cl-answer").first.click()
    assert page.evaluate("state.history.length") == 1
    alone(Predict("one_channel.predict_1"), "predict")
    page.get_by_role("radio").first.check()
    page.locator("button[type=submit]").click()
    assert page.locator(".cl-because").count() >= 1


def test_narrow_page_needs_no_sideways_scrolling(alone, page):
    page.set_viewport_size({"width": 360, "height": 800})
    for explorer, name in [(Predict("one_channel.map"), "predict"), (ShapeQuiz(seed=1), "shape_quiz")]:
        alone(explorer, name)
        if name == "predict":
            page.get_by_role("radio").first.check()
            page.locator("button[type=submit]").click()
        else:
            page.locator(".cl-answer").first.click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_answers_reach_the_kernel_and_its_progress(lab, tmp_path):
    lab.open("en/00_start")
    lab.run_cell(
        f"import os; os.environ['LESSONLIB_PROGRESS'] = {str(tmp_path)!r}\n"
        "from lessonlib import Predict, ShapeQuiz, progress\n"
        "prediction, quiz = Predict('one_channel.predict_2'), ShapeQuiz()\n"
        "display(prediction); display(quiz)"
    )
    page = lab.page
    asked = Predict("one_channel.predict_2")
    right, _ = right_and_wrong(asked)
    noted = f"True {asked.view.options[right]}"
    page.get_by_role("radio").nth(right).check()
    page.keyboard.press("Enter")
    lab.wait(lambda: lab.ask("print(prediction.solved, prediction.view.recorded)") == noted, "the kernel has noted it")
    page.locator(".cl-answer").first.focus()
    page.keyboard.press("1")
    lab.wait(lambda: lab.ask("print(len(quiz.history), quiz.view.recorded)") == "1 1", "the kernel has noted it")
    assert lab.ask("print(*progress.summary())") == "one_channel.predict_2 shape_quiz.output"
    # What the kernel has, the page need not keep.
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('convolution-course'))") == []
    # The notebook itself was left alone by the keys.
    assert lab.state()["cells"] == lab.state()["run"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("code", ["ko", "en"])
def test_axe_finds_no_violation_after_an_answer(lab, theme, code):
    lab.open(f"{code}/00_start", theme=theme)
    lab.run_cell(
        f"from lessonlib import Predict, ShapeQuiz, language; language({code!r})\n"
        "display(Predict('one_channel.predict_1')); display(ShapeQuiz(seed=1))"
    )
    page = lab.page
    page.evaluate(AXE)
    for answered in (False, True):
        if answered:
            page.get_by_role("radio").first.check()
            page.keyboard.press("Enter")
            page.locator(".cl-answer").first.click()
            lab.wait(lambda: page.locator(".cl-formula").count() > 0, "the answer is explained")
        found = page.evaluate(
            """async () => (await axe.run({ include: [['.cl-explorer']] })).violations
              .map(({ id, nodes }) => [id, nodes[0].html.slice(0, 200), nodes[0].failureSummary])"""
        )
        assert found == []
