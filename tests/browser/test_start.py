"""Lesson 00 in a real JupyterLab: it runs, in both languages, and nobody is asked about news."""

import urllib.request

import pytest

from support.driver import TOKEN


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_lesson_runs_from_the_first_to_the_last_cell(lab, lang):
    lab.open(f"{lang}/00_start")
    lab.run_all()

    state = lab.state()
    assert state["cells"] > 0
    assert lab.run_cell("from lessonlib import language; print(language())") == lang


@pytest.mark.parametrize(("lang", "file_menu"), [("ko", "파일"), ("en", "File")])
def test_menus_speak_the_language_of_the_lesson(lab, lang, file_menu):
    lab.open(f"{lang}/00_start")

    assert lab.page.locator(".lm-MenuBar-itemLabel").first.inner_text() == file_menu


def test_nobody_is_asked_about_news(lab):
    lab.open("en/00_start")
    lab.run_all()

    assert lab.page.locator(".Toastify__toast").count() == 0


def test_browser_is_sent_to_the_lesson(server):
    with urllib.request.urlopen(f"{server.url}/?token={TOKEN}") as page:
        assert page.geturl().startswith(f"{server.url}/lab/tree/en/00_start.ipynb")
