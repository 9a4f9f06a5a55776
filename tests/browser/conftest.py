"""Fixtures of the browser tests: one JupyterLab server and one Chromium a worker, one page a test.

The fixture `lab` is a `Lab` (see ``tests/support/driver.py``) with a page and folders of its own::

    def test_slider(lab):
        lab.open("ko/01_one_channel", theme="dark")      # a copy of the notebook: nothing that a test does stays
        lab.run_all()                                    # returns when the kernel is idle and every cell has its number
        slider = lab.page.get_by_role("slider").first
        slider.press("ArrowRight")
        lab.wait(lambda: slider.get_attribute("aria-valuenow") == "4", "the slider is at 4")
        assert lab.run_cell("print(explorer.stride)") == "4"
        lab.screenshot("slider-dark")

Errors of the page and of its console are collected in ``lab.errors``; a test that leaves any there fails. So does one
that leaves an error in a cell's output after `run_all`. There are no sleeps: everything waits for a condition, and a
condition that does not come true says what the page knew and leaves a screenshot.

A test that needs no JupyterLab (a saved HTML page, a view alone) takes the fixture `page`; its errors count as well.

Screenshots go to ``build/screenshots``.

Where there is no Chromium, the tests are skipped with a line that says what to install; where ``CI=true``, they fail.
"""

import os

import pytest
from playwright.sync_api import sync_playwright

from support.driver import Lab, Server, collect_errors, find_chromium

MISSING = (
    "There is no Chromium here. On Debian and Ubuntu: sudo apt install chromium fonts-nanum; "
    "elsewhere: .venv/bin/playwright install chromium"
)


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests of a session."""
    with sync_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(MISSING)
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--force-color-profile=srgb"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One JupyterLab for all tests of a session, set up as ``make lab`` sets it up."""
    with Server(tmp_path_factory.mktemp("jupyterlab")) as server:
        yield server


@pytest.fixture
def page(browser):
    """A page of its own for a test; errors on it or its console fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US", reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.errors = collect_errors(page)
    yield page
    context.close()
    assert not page.errors, "errors on the page:\n" + "\n".join(page.errors)


@pytest.fixture
def lab(server, page):
    """A `Lab`: JupyterLab in a page of its own."""
    yield Lab(server, page)
    page.close()
    server.end_kernels()
