"""What the next page says, such as "Saved.", in a cookie with the flags and the prefix of the other two."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookieStorage(CookieStorage):
    """Browsers take the prefix over https alone, as with the session's cookie."""

    cookie_name = f"{'__Host-' if settings.SESSION_COOKIE_SECURE else ''}messages"


class MessageStorage(FallbackStorage):
    """A cookie, and the session for what is too long for one."""

    storage_classes = (HostCookieStorage, SessionStorage)
