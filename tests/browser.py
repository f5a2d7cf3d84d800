"""The browser that the tests drive: Debian's headless Chromium, else a whole Chromium or another Chrome on the PATH.

The headless one draws and runs pages by the same engine, but opens no window with its own pages around each of them,
which costs a whole Chromium more processor time than the pages.
"""

import os
import shutil

LIGHT = "chromium-headless-shell"
WHOLE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser(*, whole: bool = False) -> str | None:
    """Return the path of a Chromium from CHROMIUM or the PATH, or None; for Playwright's `executable_path`.

    With `whole`, one as people use it: for pictures, measurements, and what the headless one lacks.
    """
    names = WHOLE if whole else (LIGHT, *WHOLE)
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
