"""The browser the tests drive: Debian's Chromium, or another Chrome that is there."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """The path of a Chromium, named in CHROMIUM or found on the PATH; for Playwright's `executable_path`."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
