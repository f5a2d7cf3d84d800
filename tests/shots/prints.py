"""The print-outs as PDF, A4 and Letter: the week and each phase on one sheet, the plan, the report."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

PRINTS = (
    ("print-week", "/plan/8/", "runner"),
    ("print-week-knee", "/plan/8/", "knee"),
    ("print-plan", "/plan/", "runner"),
    ("print-progress", "/progress/", "runner"),
    ("print-sheet-1", "/guide/sheet/1/", "visitor"),
    ("print-sheet-2", "/guide/sheet/2/", "visitor"),
    ("print-sheet-3", "/guide/sheet/3/", "visitor"),
    ("print-exercise", "/guide/heavy_calf_raise/", "visitor"),
    ("print-report", "/admin/review/first/report/", "clinician"),
    ("print-board", "/admin/review/first/", "clinician"),
    ("print-one-runner", "/admin/review/first/runners/{maren}/", "clinician"),
)


def print_out(browser: Browser, *, here: str, name: str, path: str, cookies: list[Any], folder: Path) -> None:
    """One address on both papers, as a browser prints it: without backgrounds."""
    context = browser.new_context(base_url=here)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(path)
    for paper in ("A4", "Letter"):
        page.pdf(
            path=folder / f"{name}-{paper.lower()}.pdf",
            format=paper,
            print_background=False,
            prefer_css_page_size=True,
        )
    context.close()
