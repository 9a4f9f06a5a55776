"""Take a picture of every explorer, state × language × theme × width, in a real JupyterLab, and lay them out on sheets.

    python tools/contact_sheet.py [NAME …]
    python tools/contact_sheet.py --readme

One PNG for each explorer (tests/support/explorers.py lists them) goes to ``build/contact_sheets``, to be looked at one by one.
``--readme`` takes the picture that README.md shows, ``docs/sliding_window.png``.
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from importable import ROOT
from lessonlib.sentences import LANGUAGES
from support.driver import Lab, Server, collect_errors, find_chromium
from support.explorers import EXPLORERS, show

WIDTHS = (1280, 360)
HEIGHT = 5000  # of the page, so that nothing scrolls
LOOKS = [(lang, theme) for theme in ("light", "dark") for lang in LANGUAGES]
README = 'SlidingWindow("digit", "vertical_edge", bias=1, padding=1, stride=2, input_size=8, position=(1, 2))'


def pictures(explorers, looks=LOOKS, widths=WIDTHS):
    """Return explorer → list of pictures, in the order of languages, themes and widths; ``explorers`` is name → code."""
    found = {name: [] for name in explorers}
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for language, theme in looks:
            page = browser.new_page(viewport={"width": WIDTHS[0], "height": HEIGHT})
            page.errors = collect_errors(page)
            lab = Lab(server, page)
            lab.open(f"{language}/00_start", theme=theme)
            lab.command("application:toggle-left-area")
            for name, code in explorers.items():
                show(lab, code, language)
                for width in widths:
                    page.set_viewport_size({"width": width, "height": HEIGHT})
                    box = page.locator(".cl-explorer").last
                    box.scroll_into_view_if_needed()
                    found[name].append(Image.open(io.BytesIO(box.screenshot())).convert("RGB"))
                page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
            if page.errors:
                sys.exit("\n".join(page.errors))
            page.close()
            server.end_kernels()
        browser.close()
    return found


def sheet(images, gap=16):
    """Return pictures side by side on grey."""
    width, height = sum(image.width + gap for image in images) + gap, max(image.height for image in images) + 2 * gap
    whole, left = Image.new("RGB", (width, height), "#888"), gap
    for image in images:
        whole.paste(image, (left, gap))
        left += image.width + gap
    return whole


def main():
    if sys.argv[1:] == ["--readme"]:
        [picture] = pictures({"readme": README}, [("en", "light")], [1000])["readme"]
        (ROOT / "docs").mkdir(exist_ok=True)
        picture.save(ROOT / "docs" / "sliding_window.png", optimize=True)
        return
    names = sys.argv[1:] or list(EXPLORERS)
    folder = ROOT / "build" / "contact_sheets"
    folder.mkdir(parents=True, exist_ok=True)
    for name, images in pictures({name: EXPLORERS[name] for name in names}).items():
        sheet(images).save(folder / f"{name}.png")
        print(f"build/contact_sheets/{name}.png  {len(images)} pictures")


if __name__ == "__main__":
    main()
