"""Error reports to Sentry, when configured: where and of what kind, never whose and what."""

from typing import Any

import sentry_sdk
import structlog

# What of an event may leave: the rest (people, requests, breadcrumbs, variables, extras) is dropped unseen.
KEPT = {
    "contexts", "environment", "event_id", "exception", "fingerprint", "level", "logentry", "logger", "platform",
    "release", "sdk", "tags", "timestamp", "transaction", "transaction_info", "type",
}  # fmt: skip
KEPT_OF_FRAME = {"abs_path", "filename", "function", "in_app", "lineno", "module"}
KEPT_CONTEXTS = {"runtime", "trace"}


def start_sentry(dsn: str, *, transport: Any = None) -> None:
    """Begins reporting where `dsn` is given; `transport` is for tests."""
    if not dsn:
        return
    sentry_sdk.init(
        dsn=dsn,
        transport=transport,
        before_send=scrub_event,
        before_breadcrumb=lambda crumb, hint: None,
        max_request_body_size="never",
        include_local_variables=False,
        include_source_context=False,
        max_breadcrumbs=0,
        server_name="",
        send_client_reports=False,
        auto_session_tracking=False,
    )


def scrub_event(event: Any, hint: Any) -> Any:
    """Keeps place, kind, route and request id."""
    kept = {name: value for name, value in event.items() if name in KEPT}
    for error in kept.get("exception", {}).get("values", []):
        error["value"] = ""
        frames = error.get("stacktrace", {}).get("frames", [])
        frames[:] = [{k: v for k, v in frame.items() if k in KEPT_OF_FRAME} for frame in frames]
    if "logentry" in kept:
        kept["logentry"] = {"message": str(kept["logentry"].get("message", ""))}
    kept["contexts"] = {k: v for k, v in kept.get("contexts", {}).items() if k in KEPT_CONTEXTS}
    if kept["contexts"].get("trace"):
        kept["contexts"]["trace"].pop("data", None)
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    kept["tags"] = {"request_id": request_id} if request_id else {}
    return kept
