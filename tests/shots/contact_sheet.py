"""The best of `make shots` on one sheet, docs/contact-sheet.jpg: `python -m tests.shots.contact_sheet`."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser import find_browser

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "var" / "shots"
PHONES = (
    "home-open-390-light",
    "home-nearly_full-390-dark",
    "today-390-light",
    "log-run-390-light",
    "plan-390-light",
    "exercise-390-dark",
    "guide-pain-390-light",
    "sign-in-390-dark",
)
DESKS = ("home-open-1280-light", "guide-1280-light", "today-1280-light", "admin-cohort-1280-dark")
STYLE = """
body { margin: 24px; background: #d9d0ba; display: grid; gap: 24px; width: 1600px }
div { display: grid; gap: 16px } .phones { grid-template-columns: repeat(8, 1fr) }
.desks { grid-template-columns: repeat(4, 1fr) }
p { margin: 0; overflow: hidden; border-radius: 8px; background: #fff }
.phones p { aspect-ratio: 9 / 18 } .desks p { aspect-ratio: 4 / 3 }
img { display: block; width: 100% }
"""


def main() -> int:
    """Composes the pictures that are there; 1 where one is missing."""
    missing = [name for name in (*PHONES, *DESKS) if not (SHOTS / f"{name}.png").exists()]
    rows = "".join(
        f"<div class={kind}>"
        + "".join(f"<p><img src='{SHOTS}/{name}.png' alt=''></p>" for name in names)
        + "</div>"
        for kind, names in (("phones", PHONES), ("desks", DESKS))
    )
    page_file = SHOTS / "contact-sheet.html"
    page_file.write_text(f"<!doctype html><style>{STYLE}</style>{rows}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1648, "height": 900})
        page.goto(page_file.as_uri())
        page.screenshot(path=ROOT / "docs" / "contact-sheet.jpg", type="jpeg", quality=82, full_page=True)
        browser.close()
    print("missing:", *missing) if missing else print("docs/contact-sheet.jpg")  # noqa: T201
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
