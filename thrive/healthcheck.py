"""A container's health check: `python -m thrive.healthcheck` for the web server, `... worker`, `... beat`.

It runs every few seconds, so it loads neither Django nor the settings, which would cost five times as much.
"""

import contextlib
import http.client
import os
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

NO_PROGRESS_S = 180.0


def sign_of_life(part: str) -> Path:
    """Return the file that the worker or beat touches while it works; its age is its health."""
    return Path(tempfile.gettempdir()) / f"thrive-{part}-{os.getuid()}"


def web_trouble(port: int = 8000) -> str:
    """Return why /health/live/ gives no good answer to a request such as a proxy sends, or an empty text."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    host = urlsplit(os.environ.get("SITE_URL", "")).hostname or "localhost"
    headers = {"Host": host, "X-Forwarded-Proto": "https"}
    with contextlib.closing(connection):
        connection.request("GET", "/health/live/", headers=headers)
        status = connection.getresponse().status
    if status == http.HTTPStatus.OK:
        return ""
    hint = f"; is {host} in ALLOWED_HOSTS?" if status == http.HTTPStatus.BAD_REQUEST else ""
    return f"web: /health/live/ answered {status}{hint}"


def silence(part: str) -> str:
    """Return how long the worker or beat here has finished no task, or not ticked; empty within three minutes."""
    quiet_s = time.time() - sign_of_life(part).stat().st_mtime
    return "" if quiet_s < NO_PROGRESS_S else f"{part}: no sign of life for {quiet_s / 60:.0f} minutes"


def main(arguments: list[str]) -> int:
    """Return 0 if healthy, else 1 with the reason on standard error."""
    part = arguments[0] if arguments else "web"
    try:
        trouble = web_trouble() if part == "web" else silence(part)
    except FileNotFoundError:
        trouble = f"{part}: no sign of life yet"
    except (OSError, http.client.HTTPException) as error:
        trouble = f"{part}: {error}"
    if trouble:
        sys.stderr.write(f"{trouble}\n")
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
