"""The error pages. None of them queries the database."""

import sys
from typing import Any

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template

from challenge.accounts import kept_forms
from challenge.db.sealed import WrongDataKey

DOWN = (OperationalError, InterfaceError, redis.ConnectionError, redis.TimeoutError, WrongDataKey)
CANNOT_WRITE = ("MISCONF", "OOM")  # the prefixes of Redis and Valkey errors for a full disk or memory


def page(status: int, *, headers: dict[str, str] | None = None, **context: Any) -> HttpResponse:
    """Return the error page for `status`, one of 400, 403, 404, 409, 413, 429, 500, 503."""
    clinic = {"email": settings.CLINIC_EMAIL, "phone": settings.CLINIC_PHONE}
    # Without the request, whose context processors would query the database.
    html = get_template(f"{status}.html").render({"clinic": clinic, **context})
    return HttpResponse(html, status=status, headers=headers)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page for a malformed request."""
    return page(400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page for a refused request."""
    return page(403, is_staff=getattr(getattr(request, "user", None), "is_staff", False))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page for an unknown address."""
    return page(404)


def too_large(sentence: str) -> HttpResponse:
    """Return the page for a body beyond the limit; `sentence` names the limit."""
    return page(413, sentence=sentence)


def cut_off() -> HttpResponse:
    """Return the page for a form whose body was cut off or came too slowly."""
    # The words of a 400; with this status the browser may send the form again.
    return HttpResponse(page(400).content, status=408)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page for an exception; a service that is down gets the one that asks to come back.

    Django calls this while the exception is being handled.
    """
    return unavailable(request) if is_service_down(sys.exception()) else page(500)


def is_service_down(error: BaseException | None) -> bool:
    """Return whether the exception, or one that it chains, means that database, cache or data key is away."""
    # Chained exceptions can form a cycle.
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, DOWN):
            return True
        if isinstance(error, redis.ResponseError) and str(error).startswith(CANNOT_WRITE):
            return True
        error = error.__cause__ or error.__context__
    return False


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return the page for a service that is down."""
    return page(503, headers={"Retry-After": "120"})


def busy(sentence: str) -> HttpResponse:
    """Return the page for a request that has to wait for another one; `sentence` names that one."""
    return page(503, headers={"Retry-After": "60"}, sentence=sentence)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for a failed CSRF check: a form open too long, or a browser without cookies.

    What staff typed into a form of theirs is saved (`accounts.kept_forms`).
    """
    return page(403, stale_form=True, kept=kept_forms.keep_refused(request))
