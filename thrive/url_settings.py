"""The addresses of the servers and services a clinic names, taken apart; each raises ValueError for what is none.

EMAIL_URL has more forms and a module of its own, `mailing`.
"""

import warnings
from typing import Any
from urllib.parse import parse_qs, urlsplit

import environ
from sentry_sdk.utils import Dsn


def database_settings(url: str) -> dict[str, Any]:
    """Django's settings for a PostgreSQL database that has a name."""
    with warnings.catch_warnings():  # an engine that it does not know is refused below
        warnings.simplefilter("ignore")
        found: dict[str, Any] = environ.Env.db_url_config(url)
    if "postgresql" not in found.get("ENGINE", "") or not found.get("NAME"):
        raise ValueError("no PostgreSQL database is named")
    return found


def redis_url(url: str) -> str:
    """The address as it is, when redis-py and Celery can both reach something by it."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        number, place = parse_qs(parts.query).get("db", ["0"])[0], parts.path
    else:
        number, place = parts.path.strip("/") or "0", parts.hostname or ""
    if parts.scheme not in {"redis", "rediss", "unix"} or not place:
        raise ValueError("no server is named")
    if parts.port == 0 or not (number.isascii() and number.isdigit()):
        raise ValueError("no such port or database")
    return url


def sentry_dsn(dsn: str) -> str:
    """The address as it is, or empty for no reports."""
    return str(Dsn(dsn)) if dsn else ""
