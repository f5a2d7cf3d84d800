"""The one rate limiter of the program, counted in the cache; while that is away each process counts, and lower."""

import hashlib
import logging

from django.core.cache import cache, caches
from django.core.cache.backends.base import BaseCache
from django.http import HttpRequest
from redis.exceptions import RedisError

from challenge.accounts.identity import network_of

log = logging.getLogger(__name__)

HOUR_S, DAY_S = 3600, 86_400
AWAY_DIVISOR = 4  # several processes serve, and each counts alone while the cache is away
ONE_MAILBOX = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}  # dots in these names mean nothing


def mailbox_of(email: str) -> str:
    """Return one spelling for all aliases of a mailbox: robin+1@ and robin@ are one person's."""
    local, _, domain = email.strip().lower().rpartition("@")
    local = local.split("+", 1)[0] or local
    if domain in ONE_MAILBOX:
        return f"{local.replace('.', '')}@{ONE_MAILBOX[domain]}"
    return f"{local}@{domain}"


def is_within_limit(action: str, key: str, *, times: int, window_s: int) -> bool:
    """Count one more `action` of `key`; return whether there were at most `times` since the window opened.

    `key` is a network address or an email address; only its hash is stored. Aliases of a mailbox count as one.
    """
    key = mailbox_of(key) if "@" in key else key.lower()
    counter = f"limit:{action}:{hashlib.sha256(key.encode()).hexdigest()}"
    try:
        return _count(cache, counter, window_s) <= times
    except (RedisError, OSError):
        log.warning("limits are counted in this process: the cache is down")
        return _count(caches["process"], counter, window_s) <= max(1, times // AWAY_DIVISOR)


def network_is_within(request: HttpRequest, action: str, *, an_hour: int, a_day: int) -> bool:
    """Count one more `action` of the visitor's network (/24 or /48), for an hour and for a day."""
    network = network_of(request)
    hourly = is_within_limit(f"{action}-hour", network, times=an_hour, window_s=HOUR_S)
    return is_within_limit(f"{action}-day", network, times=a_day, window_s=DAY_S) and hourly


def _count(counts: BaseCache, counter: str, window_s: int) -> int:
    """Return how often it was counted since its window opened, this time included."""
    # `add` opens the window and leaves a running one; `incr` keeps its end, and is atomic in Valkey.
    counts.add(counter, 0, window_s)
    try:
        return int(counts.incr(counter))
    except ValueError:  # the counter expired between the two calls
        return 1
