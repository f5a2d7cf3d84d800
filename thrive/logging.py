"""Structured logs and error reports: one event per line, without addresses, names, tokens or health data.

Two things could carry such words: the text of an exception (PostgreSQL's names whole rows) and the path of a request
(a call's link holds its key). So exceptions are logged by place and class, requests by route. Sentry, if configured,
gets place and class of an error too, never a person or a value.
"""

import logging.config
import traceback
from collections.abc import Iterator
from typing import Any

import sentry_sdk
import structlog

# What a line may carry besides its event: ids and counts, never content.
ALLOWED_EXTRAS = ("account", "outbox", "enrollment", "code", "task", "number")


def configuration(log_format: str) -> None:
    """Configure structlog and the standard library's loggers; `log_format` is `json` or `console`."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            strip_content,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            renderer,
        ],
        "foreign_pre_chain": [*PROCESSORS, structlog.stdlib.ExtraAdder(allow=ALLOWED_EXTRAS)],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"structured": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["stderr"], "level": "INFO"},
            # At INFO, fido2 logs the passkey of each sign-in.
            "loggers": {
                name: {"level": "WARNING"} for name in ("django.server", "fontTools", "fido2.server")
            },
        }
    )


def strip_content(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Rewrite events of libraries: requests by route, failed tasks by name, exceptions by place and class."""
    record: logging.LogRecord | None = event.get("_record")
    error = event.pop("exc_info", None)
    if error is True or error == 1:
        error = record.exc_info if record is not None else None
    exception = error[1] if isinstance(error, tuple) else error
    if isinstance(exception, BaseException):
        event["exception"] = "\n".join(describe_exception(exception))
    if record is None:
        return event
    if request := getattr(record, "request", None):
        event["event"] = f"{getattr(record, 'status_code', 'refused')} {request.method} {route(request)}"
    elif isinstance(task := getattr(record, "data", None), dict) and "exc" in task:
        event["event"] = f"task {task.get('name')} {task.get('description', 'failed')}"
    return event


def route(request: Any) -> str:
    """Return the pattern of the request's URL, without the values in it."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match is not None else "an unknown address"


def describe_exception(error: BaseException) -> Iterator[str]:
    """Yield class and place of an exception and its causes, never their text."""
    current: BaseException | None = error
    seen: set[int] = set()
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield exception_class(current)
        for frame in traceback.extract_tb(current.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        current = current.__cause__ or current.__context__


def exception_class(error: BaseException) -> str:
    """Return the exception's class, and for a database error its code and constraint."""
    diagnosis = getattr(error, "diag", None)
    details = [getattr(error, "sqlstate", None), getattr(diagnosis, "constraint_name", None)]
    return " ".join([f"{type(error).__module__}.{type(error).__qualname__}", *(d for d in details if d)])


PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


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
