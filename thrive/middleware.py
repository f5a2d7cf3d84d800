"""Middleware for the logs' request id, for browser policies, and for the counters of requests for Prometheus.

The counters are added up over the processes of one gunicorn. The program's own numbers (mail, weeks, heartbeats) are
in `challenge.operations.metrics`. No label comes from a visitor: routes are URL patterns without their values, and
the method, which may be any word, is left out.
"""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector

from thrive.logging import route

BUCKETS_S = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

disable_created_metrics()  # type: ignore[no-untyped-call]
REQUESTS = Counter("thrive_requests", "Requests by route and status.", ["route", "status"], registry=None)
REQUEST_SECONDS = Histogram(
    "thrive_request_seconds", "Time to the answer by route.", ["route"], buckets=BUCKETS_S, registry=None
)


def count_request(*, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(route, str(status)).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)


def request_registry() -> CollectorRegistry:
    """Return a registry with the requests of all processes of this gunicorn, or of this process without one."""
    registry = CollectorRegistry()
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    except ValueError:  # no folder of gunicorn_conf
        registry.register(REQUESTS)
        registry.register(REQUEST_SECONDS)
    return registry


log = structlog.get_logger(__name__)
Respond = Callable[[HttpRequest], HttpResponse]
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestIdMiddleware:
    """Bind a request id to every log line, a proxy's if it is well-formed, log the request and count it."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        proxy_id = request.headers.get("X-Request-Id", "")
        # A free-form id could bring addresses or line breaks into the logs.
        request_id = proxy_id if REQUEST_ID.fullmatch(proxy_id) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.monotonic()
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        seconds = time.monotonic() - started
        if getattr(request, "resolver_match", None) is not None:  # static files have none
            log.info(
                "request",
                method=request.method,
                route=route(request),
                status=response.status_code,
                ms=round(1000 * seconds),
            )
        if settings.METRICS_TOKEN:
            count_request(route=route(request), status=response.status_code, seconds=seconds)
        return response


class BrowserPolicyMiddleware:
    """Set policies that Django does not set, and keep pages of a session out of shared caches.

    It looks at the session's cookie rather than the user, so that it works while the database is down.
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
        response.setdefault("X-Permitted-Cross-Domain-Policies", "none")
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            response.setdefault("Cache-Control", "private, no-store")
        return response
