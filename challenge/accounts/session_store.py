"""Sessions whose key only the browser has: the database and the cache know its digest.

Everything in the program, allauth's list of devices too, sees `session_key`, which is the digest. Only
`SessionCookieMiddleware` reads and writes the cookie. So a copy of the database, or a backup, signs in as no one.
"""

import hashlib
from typing import Self

from django.conf import settings
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.cached_db import SessionStore as ClearKeyStore
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string

COOKIE_LENGTH = 32
KEY_LENGTH = 40  # characters of Django's and allauth's columns: 160 bits of the digest


def key_of(cookie: str) -> str:
    """Return the key under which the session of this cookie is stored.

    A plain digest is enough: the cookie is random, 165 bits, so that no list of guesses reaches it.
    """
    return hashlib.sha256(cookie.encode()).hexdigest()[:KEY_LENGTH]


class SessionStore(ClearKeyStore):
    """Django's sessions in the database with its cache, stored under the digest of the cookie."""

    cookie = ""

    @classmethod
    def from_cookie(cls, cookie: str | None) -> Self:
        """Return the session of a browser that sent this cookie; a stored key that is sent opens nothing."""
        session = cls(key_of(cookie) if cookie else None)
        session.cookie = cookie or ""
        return session

    def _get_new_session_key(self) -> str:
        self.cookie = get_random_string(COOKIE_LENGTH, VALID_KEY_CHARS)
        return key_of(self.cookie)


class SessionCookieMiddleware(SessionMiddleware):
    """Django's middleware of sessions, with the cookie in place of the stored key."""

    def process_request(self, request: HttpRequest) -> None:
        """Give the request the session of its cookie."""
        request.session = SessionStore.from_cookie(request.COOKIES.get(settings.SESSION_COOKIE_NAME))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session as Django does, and hand the browser its cookie."""
        response = super().process_response(request, response)
        morsel = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if morsel is not None and morsel.value:  # empty: the cookie is deleted
            cookie = request.session.cookie  # type: ignore[attr-defined]
            morsel.set(morsel.key, cookie, cookie)
        return response
