"""Backends that settings name: the cache that replaces an absent one, and where "Saved." waits for the next page.

So that people sign in and out, and limits count, while Valkey or Redis is away, allauth's counts are kept in the
process then. Sessions are in the database too. The message waits in a cookie with the flags and the prefix of the
other two.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions.backends.cached_db import KEY_PREFIX
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

LIMITS = "allauth"


class LimitCache(RedisCache):
    """Redis; while it is away, allauth's keys are in this process, and it has no session."""

    def add(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        return self._or_here(super().add, "add", key, *args, **kwargs)

    def get(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        return self._or_here(super().get, "get", key, *args, **kwargs)

    def set(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        return self._or_here(super().set, "set", key, *args, **kwargs)

    def delete(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        return self._or_here(super().delete, "delete", key, *args, **kwargs)

    def has_key(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        return self._or_here(super().has_key, "has_key", key, *args, **kwargs)

    def _or_here(self, there: Callable[..., Any], name: str, key: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return there(key, *args, **kwargs)
        except (RedisError, OSError):
            if str(key).startswith(KEY_PREFIX):
                return None  # not here: the row in the database decides
            if not str(key).startswith(LIMITS):
                raise
            return getattr(caches["process"], name)(key, *args, **kwargs)


class HostCookieStorage(CookieStorage):
    """Browsers take the prefix over https alone, as with the session's cookie."""

    cookie_name = f"{'__Host-' if settings.SESSION_COOKIE_SECURE else ''}messages"


class MessageStorage(FallbackStorage):
    """A cookie, and the session for what is too long for one."""

    storage_classes = (HostCookieStorage, SessionStorage)
