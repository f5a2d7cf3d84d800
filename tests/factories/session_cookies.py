"""Django's test client with the program's session cookie, which is not the key under which a session is stored."""

from typing import Any

from django.conf import settings
from django.test.client import ClientMixin

from challenge.accounts.session_store import SessionStore


def _session(client: Any) -> SessionStore:
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    if cookie:
        return SessionStore.from_cookie(cookie.value)
    session = SessionStore()
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.cookie
    return session


def _set_login_cookies(client: Any, request: Any) -> None:
    _set_stored_key(client, request)
    client.cookies[settings.SESSION_COOKIE_NAME].set(
        settings.SESSION_COOKIE_NAME, request.session.cookie, request.session.cookie
    )


_set_stored_key = ClientMixin._set_login_cookies  # type: ignore[attr-defined]
ClientMixin.session = property(_session)  # type: ignore[assignment]
ClientMixin._set_login_cookies = _set_login_cookies  # type: ignore[attr-defined]
