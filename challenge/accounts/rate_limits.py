"""How often somebody may do something. Counted in the cache; without a cache nobody is refused."""

import hashlib
import logging

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def client_address(request: HttpRequest) -> str:
    """The visitor's network address, as the trusted proxies report it."""
    return str(get_adapter().get_client_ip(request))


def is_within_limit(what: str, who: str, *, times: int, in_s: int) -> bool:
    """Counts this time; whether `who` has done `what` at most `times` in the running window."""
    key = f"limit:{what}:{hashlib.sha256(who.lower().encode()).hexdigest()}"
    try:
        cache.add(key, 0, in_s)
        return int(cache.incr(key)) <= times
    except ValueError:  # it ran out between the two
        return True
    except (RedisError, OSError):
        log.warning("limits are not counted: the cache is down")
        return True
