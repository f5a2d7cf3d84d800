"""Error reports to Sentry, if configured: place and class of an error, never a person or a value."""

from typing import Any

import sentry_sdk
import structlog

# The parts of an event that may leave; users, requests, breadcrumbs, variables and extras are dropped.
SENT_FIELDS = {
    "contexts", "environment", "event_id", "exception", "fingerprint", "level", "logentry", "logger", "platform",
    "release", "sdk", "tags", "timestamp", "transaction", "transaction_info", "type",
}  # fmt: skip
SENT_FRAME_FIELDS = {"abs_path", "filename", "function", "in_app", "lineno", "module"}
SENT_CONTEXTS = {"runtime", "trace"}


def start_sentry(dsn: str, *, transport: Any = None) -> None:
    """Start reporting if there is a `dsn`; `transport` is for tests."""
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
    """Reduce an event to place, class, route and request id."""
    scrubbed = {name: value for name, value in event.items() if name in SENT_FIELDS}
    for error in scrubbed.get("exception", {}).get("values", []):
        error["value"] = ""
        frames = error.get("stacktrace", {}).get("frames", [])
        frames[:] = [{k: v for k, v in frame.items() if k in SENT_FRAME_FIELDS} for frame in frames]
    if "logentry" in scrubbed:
        scrubbed["logentry"] = {"message": str(scrubbed["logentry"].get("message", ""))}
    scrubbed["contexts"] = {k: v for k, v in scrubbed.get("contexts", {}).items() if k in SENT_CONTEXTS}
    if scrubbed["contexts"].get("trace"):
        scrubbed["contexts"]["trace"].pop("data", None)
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    scrubbed["tags"] = {"request_id": request_id} if request_id else {}
    return scrubbed
