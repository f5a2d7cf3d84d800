"""Counters of requests for Prometheus, added up over the processes of one gunicorn.

The program's own numbers (mail, weeks, heartbeats) are in `challenge.operations.metrics`. No label comes from a
visitor: routes are URL patterns without their values, and the method, which may be any word, is left out.
"""

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector

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
