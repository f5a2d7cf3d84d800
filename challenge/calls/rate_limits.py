"""How often one visitor and one address may book. Counted in the cache; without a cache nobody is refused."""

import hashlib
import logging

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

HOUR, DAY = 3600, 86_400
PER_VISITOR = (10, HOUR)
PER_ADDRESS = (4, DAY)


def is_over_limit(request: HttpRequest, *, email: str) -> bool:
    """Counts this booking; True where the visitor or the address has had enough for now."""
    visitor = get_adapter().get_client_ip(request)
    return not (_allowed("visitor", visitor, *PER_VISITOR) and _allowed("address", email, *PER_ADDRESS))


def _allowed(what: str, who: str, limit: int, seconds: int) -> bool:
    key = f"calls:{what}:{hashlib.sha256(who.lower().encode()).hexdigest()}"
    try:
        cache.add(key, 0, seconds)
        return int(cache.incr(key)) <= limit
    except ValueError:  # it ran out between the two
        return True
    except (RedisError, OSError):
        log.warning("bookings are not counted: the cache is down")
        return True
