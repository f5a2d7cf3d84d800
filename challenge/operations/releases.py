"""What is out: a newer version of this program, and security fixes of the parts that it pins.

The worker reads one file of the newest release, `deploy/release.json`, from RELEASE_URL; unless that is set, no one is
asked. The file is kept in the cache, since it is public and read again every six hours.
"""

import json
import logging
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import metadata

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from packaging.version import InvalidVersion, Version

from challenge.mail.public_host import CannotFetch, PublicFetcher
from challenge.operations.models import Heartbeat
from thrive import VERSION

log = logging.getLogger(__name__)

RELEASES = "releases"  # the heartbeat of the last good reading
KEPT_S = int(timedelta(days=30).total_seconds())
UNREAD_IS_LATE_AFTER = timedelta(days=3)
NEWS, PROBLEM = "release-news", "release-problem"
MOST_PARTS = 100
PART_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


class InvalidRelease(Exception):
    """The file is not one of ours; the text is a sentence."""


@dataclass(frozen=True)
class Release:
    """The newest release: its version, whether it repairs a weakness, and the least safe version of pinned parts."""

    version: str
    has_security_fix: bool
    safe_parts: dict[str, str]


def parse_release(content: bytes) -> Release:
    """Return the release that a file describes. Raises InvalidRelease for whatever is not one."""
    try:
        found = json.loads(content)
        version, fix, parts = found["version"], found["has_security_fix"], found["safe_parts"]
        for text in (version, *parts.values()):
            Version(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, InvalidVersion) as error:
        raise InvalidRelease("The file of the newest release cannot be read.") from error
    if not isinstance(fix, bool) or len(parts) > MOST_PARTS or not all(map(PART_NAME.fullmatch, parts)):
        raise InvalidRelease("The file of the newest release holds what does not belong there.")
    return Release(version, fix, parts)


def read_release(*, at: datetime, fetcher: PublicFetcher) -> None:
    """Read the file at RELEASE_URL and keep it. What cannot be read leaves what was known, and is kept as a problem."""
    if not settings.RELEASE_URL:
        return
    try:
        content = fetcher.fetch(settings.RELEASE_URL).content or b""
        parse_release(content)
    except (CannotFetch, InvalidRelease) as problem:
        log.warning("the newest release could not be read", extra={"why": str(problem)})
        cache.set(PROBLEM, str(problem), KEPT_S)
        return
    cache.set(NEWS, content.decode(), KEPT_S)
    cache.delete(PROBLEM)
    Heartbeat.objects.update_or_create(name=RELEASES, defaults={"at": at})


def release_sentences(*, at: datetime) -> Iterator[str]:
    """Yield what the person who runs the server should know: new version, security fixes, nothing read for days."""
    if not settings.RELEASE_URL:
        return
    news, problem = _known()
    if news is not None:
        yield from _of_version(news)
        yield from _of_parts(news)
    last = Heartbeat.objects.filter(name=RELEASES).values_list("at", flat=True).first()
    if problem and (last is None or at - last > UNREAD_IS_LATE_AFTER):
        since = f"since {last:%B} {last.day}" if last else "yet"
        yield f"The newest release could not be looked up {since}. {problem}"


def _known() -> tuple[Release | None, str]:
    """Return the newest release as last read, and why the last reading failed."""
    try:
        content, problem = cache.get(NEWS), cache.get(PROBLEM, "")
        return (parse_release(content.encode()) if content else None), problem
    except (redis.RedisError, OSError, InvalidRelease):  # a cache that is away is a trouble of its own
        return None, ""


def _of_version(news: Release) -> Iterator[str]:
    if Version(news.version) > Version(VERSION):
        fix = ", with a security fix" if news.has_security_fix else ""
        yield f"Version {news.version} is out{fix}; {VERSION} runs here."


def _of_parts(news: Release) -> Iterator[str]:
    for part, safe in sorted(news.safe_parts.items()):
        here = version_of(part)
        if here and Version(here) < Version(safe):
            yield f"A security fix of {part} is out: {safe}; {here} runs here."


def version_of(part: str) -> str:
    """Return the version of a Python package, of Python or of PostgreSQL as it runs here; "" if it does not."""
    if part == "python":
        return platform.python_version()
    if part == "postgresql":
        number: int = connection.pg_version  # type: ignore[attr-defined]
        return f"{number // 10000}.{number % 10000}"
    try:
        return metadata.version(part)
    except metadata.PackageNotFoundError:
        return ""
