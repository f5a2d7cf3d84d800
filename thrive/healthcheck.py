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


def web_answers(port: int = 8000) -> bool:
    """Return whether /health/live/ answers a request such as a proxy sends."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    host = urlsplit(os.environ.get("SITE_URL", "")).hostname or "localhost"
    headers = {"Host": host, "X-Forwarded-Proto": "https"}
    with contextlib.closing(connection):
        connection.request("GET", "/health/live/", headers=headers)
        return connection.getresponse().status == http.HTTPStatus.OK


def shows_life(part: str) -> bool:
    """Return whether the worker or beat in this container has finished a task, or ticked, within three minutes."""
    return time.time() - sign_of_life(part).stat().st_mtime < NO_PROGRESS_S


def main(arguments: list[str]) -> int:
    """Return 0 if healthy, else 1 with the reason on standard error."""
    part = arguments[0] if arguments else "web"
    try:
        healthy = web_answers() if part == "web" else shows_life(part)
    except (OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not healthy:
        sys.stderr.write(
            f"{part}: no sign of life for three minutes\n" if part != "web" else "no good answer\n"
        )
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
