"""Structured logs: one event a line, with the request's id, and no address, name, token or health word in it.

Two things would carry such words in: the text of an exception (PostgreSQL's names whole rows) and the path of a
request (a call's link is its key). Tracebacks are therefore told by place and kind, requests by their route.
"""

import logging.config
import traceback
from collections.abc import Iterator
from typing import Any

import structlog

# What a line may carry besides its sentence: numbers of things, never what they say.
EXTRAS = ("account", "outbox", "enrollment", "code", "task", "number")


def configuration(log_format: str) -> None:
    """Configures structlog and the standard library's loggers; `log_format` is `json` or `console`."""
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
        "foreign_pre_chain": [*PROCESSORS, structlog.stdlib.ExtraAdder(allow=EXTRAS)],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"structured": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["stderr"], "level": "INFO"},
            # fido2 would name the passkey of everybody who signs in with one.
            "loggers": {
                name: {"level": "WARNING"} for name in ("django.server", "fontTools", "fido2.server")
            },
        }
    )


def strip_content(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Rewrites what others log: requests by route, failed tasks by name, exceptions by place and kind."""
    record: logging.LogRecord | None = event.get("_record")
    error = event.pop("exc_info", None)
    if error is True or error == 1:
        error = record.exc_info if record is not None else None
    found = error[1] if isinstance(error, tuple) else error
    if isinstance(found, BaseException):
        event["exception"] = "\n".join(places(found))
    if record is None:
        return event
    if request := getattr(record, "request", None):
        event["event"] = f"{getattr(record, 'status_code', 'refused')} {request.method} {route(request)}"
    elif isinstance(task := getattr(record, "data", None), dict) and "exc" in task:
        event["event"] = f"task {task.get('name')} {task.get('description', 'failed')}"
    return event


def route(request: Any) -> str:
    """The pattern of the request's address, without the values in it."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match is not None else "an unknown address"


def places(error: BaseException) -> Iterator[str]:
    """Where an exception and its causes came from and of what kind they are; never their text."""
    current: BaseException | None = error
    seen: set[int] = set()
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield kind(current)
        for frame in traceback.extract_tb(current.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        current = current.__cause__ or current.__context__


def kind(error: BaseException) -> str:
    """The exception's class, and for the database's its code and constraint."""
    diagnosis = getattr(error, "diag", None)
    details = [getattr(error, "sqlstate", None), getattr(diagnosis, "constraint_name", None)]
    return " ".join([f"{type(error).__module__}.{type(error).__qualname__}", *(d for d in details if d)])


PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
