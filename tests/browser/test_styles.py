"""Views without a kernel: each looks the same alone and beside all others, in any order, and reads what learners give it."""

import json
from functools import cache

import pytest

import lessonlib
from support.explorers import EXPLORERS

PAGE = "http://lesson.example/page.html"
# A model as anywidget hands it to a view, with no kernel behind it; its style sheet goes into the head, as anywidget puts it.
SHOW = """async (views) => {
  window.models = {};
  for (const { name, code, css, state } of views) {
    document.head.append(Object.assign(document.createElement('style'), { textContent: css }));
    const { default: view } = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
    const listeners = [];
    const model = window.models[name] = {
      get: (key) => state[key],
      set: (key, value) => { state[key] = value; for (const listener of listeners) listener(); },
      save_changes: () => {}, on: (_, listener) => listeners.push(listener), off: () => {},
    };
    const el = document.body.appendChild(document.createElement('div'));
    el.id = name;
    await view.render({ model, el, signal: new AbortController().signal });
  }
  await document.fonts.ready;
  // Photographs are decoded, and some parts follow once the sliders rest: wait until nothing changes any more.
  const blank = () => [...document.querySelectorAll('canvas')].some((one) => one.width === 300);
  await new Promise((done) => {
    let timer = null;
    const rest = () => {
      clearTimeout(timer);
      timer = setTimeout(() => (blank() ? rest() : (watch.disconnect(), done())), 300);
    };
    const watch = new MutationObserver(rest);
    watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    rest();
  });
}"""
# What every element of a view looks like; sizes depend on the page's scroll bar, and are tried elsewhere.
LOOKS = """(id) => [...document.querySelectorAll(`#${id}, #${id} *`)].map((element) => {
  const style = getComputedStyle(element);
  const names = ['display', 'flexDirection', 'boxShadow', 'backgroundColor', 'backgroundImage', 'borderTopColor', 'borderTopWidth',
    'borderRightWidth', 'borderBottomWidth', 'borderLeftWidth', 'borderLeftColor', 'color', 'cursor', 'touchAction', 'fontSize',
    'fontWeight', 'fontStyle', 'textAlign', 'opacity', 'minHeight', 'gap', 'outlineWidth', 'whiteSpace'];
  return [element.nodeName, element.getAttribute('class'), ...names.map((name) => `${name}: ${style[name]}`)].join(' | ');
})"""
NAMES = [name for name in EXPLORERS if not name.endswith("_large")]


@cache
def given(name, language="en"):
    """Return what the browser is given of an explorer."""
    lessonlib.language(language)
    with_names = vars(lessonlib) | {one: getattr(lessonlib, one) for one in lessonlib.__all__}
    view = eval(EXPLORERS[name], with_names).view
    state = {key: value for key, value in view.get_state().items() if not key.startswith("_")}
    return {"name": name, "code": view._esm, "css": view._css, "state": json.loads(json.dumps(state, default=str))}


@pytest.fixture
def shown(page):
    """Return a function that shows views on an empty page without a kernel."""

    def answer(route):
        route.fulfill(body="<!doctype html><html lang=en><title>page</title><body>", content_type="text/html")

    page.route("http://lesson.example/**", answer)

    def show(*names, language="en"):
        page.goto(PAGE)
        page.evaluate(SHOW, [given(name, language) for name in names])

    return show


def test_every_view_looks_the_same_alone_and_beside_all_others(shown, page):
    alone = {}
    for name in NAMES:
        shown(name)
        alone[name] = page.evaluate(LOOKS, name)
    for order in (NAMES, NAMES[::-1]):
        shown(*order)
        assert page.locator("#cl-base").count() == 1
        for name in NAMES:
            together = page.evaluate(LOOKS, name)
            assert len(together) == len(alone[name]) > 5, name
            different = [pair for pair in zip(alone[name], together, strict=True) if pair[0] != pair[1]]
            assert not different, (name, different[0])


# The words with Hangul that stand on more than one line.
BROKEN = """() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const broken = [];
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    for (const word of text.data.matchAll(/\\S*[가-힣]\\S*/g)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) broken.push(word[0]);
    }
  }
  return broken;
}"""


@pytest.mark.parametrize("width", [900, 1280])
@pytest.mark.parametrize("name", ["filter_bench", "border_effect", "coverage_map", "channel_mixer"])
def test_korean_words_stay_whole(shown, page, name, width):
    page.set_viewport_size({"width": width, "height": 900})
    shown(name, language="ko")
    assert page.evaluate(BROKEN) == []


def test_cells_that_a_kernel_cell_sweeps_are_outlined_beside_any_other_view(shown, page):
    shown("sliding_window", "filter_bench", "predict", "coverage_map")
    page.locator("#sliding_window .cl-kernel .cl-cell").first.hover()
    swept = page.locator("#sliding_window .cl-input .cl-swept:not(.cl-lit)")
    assert swept.count() > 10
    shadows = swept.evaluate_all("(cells) => cells.map((cell) => getComputedStyle(cell).boxShadow)")
    assert all("inset" in one and "2px" in one for one in shadows)


def test_lines_between_cells_are_borders_of_a_whole_pixel(shown, page):
    shown("sliding_window", "matrix_view")
    for cell in (page.locator(f"#{name} .cl-cell").nth(1) for name in ("sliding_window", "matrix_view")):
        names = ["borderRightWidth", "borderBottomWidth", "borderRightStyle"]
        style = cell.evaluate("(cell, names) => names.map((name) => getComputedStyle(cell)[name])", names)
        assert style == ["1px", "1px", "solid"]


def test_the_flipped_kernels_answer_stands_there_only_once_it_is_ticked(shown, page):
    shown("sliding_window_layer")
    assert page.locator(".cl-both").count() == 0
    flip = page.get_by_label("flip the kernel")
    flip.check()
    assert "kernel flipped" in page.locator(".cl-both").text_content()
    flip.uncheck()
    assert page.locator(".cl-both").count() == 0


def test_a_minus_can_be_typed_into_every_field(shown, page):
    shown("sliding_window")
    page.locator(".cl-kernel .cl-cell").first.click()
    field = page.locator(".cl-field")
    assert field.get_attribute("inputmode") is None
    field.fill("-1")
    field.press("Enter")
    assert page.locator(".cl-kernel .cl-cell").first.text_content() == "−1"


# A black stroke on a clear ground, as drawing programs save line art.
CLEAR = """async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 64 });
  canvas.getContext('2d').fillRect(0, 28, 64, 8);
  const blob = await new Promise((done) => canvas.toBlob(done, 'image/png'));
  return [...new Uint8Array(await blob.arrayBuffer())];
}"""


def test_line_art_on_clear_ground_lies_over_white(shown, page):
    shown("filter_bench")
    data = bytes(page.evaluate(CLEAR))
    page.locator("#filter_bench input[type=file]").set_input_files(
        {"name": "art.png", "mimeType": "image/png", "buffer": data}
    )
    page.wait_for_function("models.filter_bench.get('own_picture')")
    shades = (
        "(canvas) => [[10, 10], [128, 128]].map(([x, y]) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data])"
    )
    page.wait_for_function(
        f"String(({shades})(document.querySelector('.cl-photo-input canvas'))[0]) === '255,255,255,255'"
    )
    assert page.locator(".cl-photo-input canvas").evaluate(shades) == [[255, 255, 255, 255], [0, 0, 0, 255]]


def test_a_typed_bracket_is_read_back_as_it_was_typed(shown, page):
    shown("sliding_window")
    page.locator(".cl-kernel .cl-cell").first.click()
    page.locator(".cl-field").fill("[1/2]")
    page.locator(".cl-field").press("Enter")
    assert "[1/2]" in page.locator(".cl-field").evaluate("(field) => field.validationMessage")


def test_maps_are_violet_where_positive_and_red_where_negative(shown, page):
    shown("feature_maps")
    pixels = """(canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const found = { violet: 0, red: 0, other: 0 };
      for (let i = 0; i < data.length; i += 4) {
        const [r, g, b, a] = data.slice(i, i + 4);
        if (a === 255 && g < 250) found[b > r ? 'violet' : r > b ? 'red' : 'other'] += 1;
      }
      return found;
    }"""
    conv, relu = (page.locator(".cl-map-strip canvas").nth(i).evaluate(pixels) for i in (1, 2))
    assert conv["violet"] > 20
    assert conv["red"] > 20
    assert relu["violet"] > 20
    assert relu["red"] == conv["other"] == relu["other"] == 0
