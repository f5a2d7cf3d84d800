"""The one rate limiter of the program, counted in the cache. Without a cache no request is refused."""

import hashlib
import logging

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

HOUR_S, DAY_S = 3600, 86_400


def client_address(request: HttpRequest) -> str:
    """Return the visitor's network address, as the trusted proxies report it."""
    return str(get_adapter().get_client_ip(request))


def is_within_limit(action: str, key: str, *, times: int, window_s: int) -> bool:
    """Count one more `action` of `key`; return whether there were at most `times` since the window opened.

    `key` is a network address or an email address; only its hash is stored.
    """
    counter = f"limit:{action}:{hashlib.sha256(key.lower().encode()).hexdigest()}"
    try:
        # `add` opens the window and leaves a running one; `incr` is atomic and keeps its end.
        cache.add(counter, 0, window_s)
        return int(cache.incr(counter)) <= times
    except ValueError:  # the counter expired between the two calls
        return True
    except (RedisError, OSError):
        log.warning("limits are not counted: the cache is down")
        return True
