"""A container's health check: `python -m thrive.healthcheck` asks the web server, `... queue` the broker."""

import contextlib
import http.client
import os
import sys

import redis
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thrive.settings")


def web_answers(port: int = 8000) -> bool:
    """Return whether /health/live/ answers a request such as a proxy sends."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    headers = {"Host": settings.SITE_HOST, "X-Forwarded-Proto": "https"}
    with contextlib.closing(connection):
        connection.request("GET", "/health/live/", headers=headers)
        return connection.getresponse().status == http.HTTPStatus.OK


def queue_answers() -> bool:
    """Return whether the broker takes commands."""
    return bool(redis.Redis.from_url(settings.REDIS_URL, socket_timeout=4).ping())


def main(arguments: list[str]) -> int:
    """Return 0 if healthy, else 1 with the reason on standard error."""
    try:
        return 0 if (queue_answers() if arguments == ["queue"] else web_answers()) else 1
    except (OSError, http.client.HTTPException, redis.RedisError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
