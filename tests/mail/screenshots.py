"""Pictures of the weekly email for docs/mail.md: `DEBUG=1 python -m tests.mail.screenshots`. Invented numbers."""

import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thrive.settings")
django.setup()

from playwright.sync_api import sync_playwright  # noqa: E402 - after setup

from challenge.mail.rendering import render  # noqa: E402
from challenge.weekly.email.context import DoseLine  # noqa: E402

OUT = Path(__file__).resolve().parents[2] / "docs" / "emails"
LINES = (
    DoseLine(
        "Heavy slow calf raise",
        "3 × 8 · three times a week · 3 s up, 4 s down",
        "Both feet, weight in hand.",
        "#",
    ),
    DoseLine(
        "Split squat calf raise",
        "3 × 8 each leg · three times a week · 3 s up, 4 s down",
        "Hands on the wall.",
        "#",
    ),
    DoseLine(
        "Arch raise, front to back",
        "3 × 10 · three times a week · 3 s up, 2 s held, 4 s down",
        "Standing, toes long.",
        "#",
    ),
)
CONTEXT = {
    "week": 4,
    "weeks": 12,
    "number": 176,
    "headline": "176 steps a minute",
    "compared": "8 more than last week",
    "why": "A consistent week behind you: your cadence goes from 168 to 176.",
    "more": "168 plus 5% is 176, rounded down.",
    "metronome": "Hear the beat",
    "exercises": LINES,
    "session_length": "about 20 minutes a session",
    "longest": "Longest run this week: up to 7.7 mi (about a tenth more than 7.0 mi, your longest of 30 days).",
    "volume": "",
    "caution": "",
    "last_week": "4 runs and 17.2 mi, 3 of them on target. 3 strength sessions done.",
    "recovery": "An easy day means easy: you could talk in whole sentences the whole way.",
    "plan_url": "#",
    "replaces": "",
    "unsubscribe_url": "#",
}


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    html = render("weekly_target", CONTEXT).html
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
        for width in (360, 600):
            for scheme in ("light", "dark"):
                page = browser.new_page(viewport={"width": width, "height": 800})
                page.emulate_media(color_scheme=scheme)
                page.set_content(html)
                page.screenshot(path=OUT / f"weekly-{width}-{scheme}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
