"""Middleware without rules: a request's id for the logs, and what the browser may do."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from thrive.logging import route

log = structlog.get_logger(__name__)
Respond = Callable[[HttpRequest], HttpResponse]
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestIdMiddleware:
    """Binds a request id to every log line; takes over a proxy's id where it has the form of one."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.monotonic()
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        if getattr(request, "resolver_match", None) is not None:  # static files have none
            log.info(
                "request",
                method=request.method,
                route=route(request),
                status=response.status_code,
                ms=round(1000 * (time.monotonic() - started)),
            )
        return response


class BrowserPolicyMiddleware:
    """Policies that Django does not set itself; pages of somebody with a session stay out of shared caches.

    Asks for the session's cookie, not for the person: this must also work while the database is away.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault(
            "Permissions-Policy",
            "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
        )
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            response.setdefault("Cache-Control", "private, no-store")
        return response
