"""The browser that the tests drive: Debian's Chromium, or another Chrome on the PATH."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """Return the path of a Chromium from CHROMIUM or the PATH, or None; for Playwright's `executable_path`."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
