"""The best of `make shots` on one sheet, and the README's picture: `python -m tests.shots.contact_sheet`."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import find_browser

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "var" / "shots"
PHONES = (
    "home-open-390-light",
    "today-390-light",
    "today-390-dark",
    "log-run-390-light",
    "log-strength-390-dark",
    "plan-week-390-light",
    "progress-390-light",
    "exercise-390-dark",
)
DESKS = (
    "home-nearly_full-1280-light",
    "board-1280-light",
    "one-runner-stop-1280-dark",
    "call-move-1280-light",
)
STYLE = """
body { margin: 24px; background: #d9d0ba; display: grid; gap: 24px; width: 1600px }
div { display: grid; gap: 16px } .phones { grid-template-columns: repeat(8, 1fr) }
.desks { grid-template-columns: repeat(4, 1fr) }
p { margin: 0; overflow: hidden; border-radius: 8px; background: #fff }
.phones p { aspect-ratio: 9 / 18 } .desks p { aspect-ratio: 4 / 3 }
img { display: block; width: 100% }
"""


FIRST = ("home-nearly_full-1280-light", "today-390-light", "today-390-dark")
FIRST_STYLE = """
body { margin: 0; padding: 28px; background: #d9d0ba; width: 1344px }
div { display: grid; grid-template-columns: 820px 1fr 1fr; gap: 28px }
p { margin: 0; height: 560px; overflow: hidden; border-radius: 10px; background: #fff }
img { display: block; width: 100% }
"""


def main() -> int:
    """Composes the pictures that are there; 1 where one is missing."""
    missing = [name for name in (*PHONES, *DESKS, *FIRST) if not (SHOTS / f"{name}.png").exists()]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(whole=True), args=["--no-sandbox"])
        sheet = _composed(browser, STYLE, (("phones", PHONES), ("desks", DESKS)))
        sheet.screenshot(path=ROOT / "docs" / "contact-sheet.jpg", type="jpeg", quality=80, full_page=True)
        first = _composed(browser, FIRST_STYLE, (("first", FIRST),))
        first.set_viewport_size({"width": 1400, "height": 616})
        first.screenshot(path=ROOT / "docs" / "screenshot.png")
        browser.close()
    print("missing:", *missing) if missing else print("docs/contact-sheet.jpg, docs/screenshot.png")  # noqa: T201
    return 1 if missing else 0


def _composed(browser: Browser, style: str, rows: tuple[tuple[str, tuple[str, ...]], ...]) -> Page:
    html = "".join(
        f"<div class={kind}>"
        + "".join(f"<p><img src='{SHOTS}/{name}.png' alt=''></p>" for name in names)
        + "</div>"
        for kind, names in rows
    )
    page_file = SHOTS / "contact-sheet.html"
    page_file.write_text(f"<!doctype html><style>{style}</style>{html}")
    page = browser.new_page(viewport={"width": 1648, "height": 100})
    page.goto(page_file.as_uri())
    return page


if __name__ == "__main__":
    sys.exit(main())
