"""What a visitor reads when something is refused or broken. None of these pages asks the database anything."""

import sys
from typing import Any

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template

from challenge.accounts import kept_forms

CANNOT_WRITE = ("MISCONF", "OOM")  # how Redis and Valkey begin to say that their disk or memory is full


def page(status: int, *, headers: dict[str, str] | None = None, **context: Any) -> HttpResponse:
    """The error page for `status`, one of 400, 403, 404, 409, 413, 429, 500, 503."""
    clinic = {"email": settings.CLINIC_EMAIL, "phone": settings.CLINIC_PHONE}
    html = get_template(f"{status}.html").render({"clinic": clinic, **context})
    return HttpResponse(html, status=status, headers=headers)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(404)


def conflict(request: HttpRequest, sentence: str = "") -> HttpResponse:
    """Somebody else changed the same thing first; `sentence` says what."""
    return page(409, sentence=sentence)


def too_large(sentence: str) -> HttpResponse:
    """More was sent than the page takes; `sentence` says how much that is."""
    return page(413, sentence=sentence)


def cut_off() -> HttpResponse:
    """The rest of a form did not come, or came too slowly."""
    return HttpResponse(page(400).content, status=408)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(429, headers={"Retry-After": "60"})


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls this while the exception is being handled: what is only away for a while is told so."""
    return unavailable(request) if is_service_down(sys.exception()) else page(500)


def is_service_down(error: BaseException | None) -> bool:
    """Whether an exception, or one behind it, says that the database or the cache does not answer."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, (OperationalError, InterfaceError, redis.ConnectionError, redis.TimeoutError)):
            return True
        if isinstance(error, redis.ResponseError) and str(error).startswith(CANNOT_WRITE):
            return True
        error = error.__cause__ or error.__context__
    return False


def unavailable(request: HttpRequest) -> HttpResponse:
    return page(503, headers={"Retry-After": "120"})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long, or a browser without cookies: nothing was stored.

    What staff typed into it is kept for them (see `accounts.kept_forms`), where the form was given to them.
    """
    return page(403, stale_form=True, kept=kept_forms.keep_refused(request))
