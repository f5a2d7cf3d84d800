"""What the logs contain, and what they never contain."""

import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from celery import shared_task
from celery.utils.log import get_multiprocessing_logger
from django.db import IntegrityError, OperationalError, transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory

from challenge.enrollment.models import Enrollment
from challenge.pages.errors import server_error
from challenge.workouts.models import Run
from tests.factories.cohorts import enroll
from tests.factories.log import log_run
from tests.factories.people import sign_in_now
from tests.prepared import PRODUCTION
from tests.program import ROOT, eventually, free_port
from thrive import celery as app
from thrive.logging import configuration

SECRET = "secret-in-a-note"


@pytest.fixture
def lines() -> Iterator[Any]:
    """Return a function that reads what was logged since, one JSON object per line."""
    configuration("json")
    handler = next(h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler)
    written, handler.stream = io.StringIO(), handler.stream
    stream, handler.stream = handler.stream, written
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    handler.stream = stream


@pytest.mark.django_db
def test_a_request_is_one_line_with_its_route_and_without_its_values(client: Client, lines: Any) -> None:
    client.get("/call/a-very-secret-token/", headers={"x-request-id": "given-by-proxy-1"})
    line = next(entry for entry in lines() if entry["event"] == "request")
    assert line["route"] == "/call/<str:token>/"
    assert line["request_id"] == "given-by-proxy-1"
    assert line["status"] == 404
    assert "a-very-secret-token" not in json.dumps(lines())


@pytest.mark.django_db
def test_a_broken_constraint_is_logged_by_name_without_the_row(lines: Any) -> None:
    run = log_run(enroll(), note=SECRET, pain=3)
    with pytest.raises(IntegrityError, match=SECRET) as told, transaction.atomic():
        Run.objects.filter(pk=run.pk).update(pain=11)
    logging.getLogger("anything").error("it broke", exc_info=told.value)
    said = json.dumps(lines())
    assert "run_pain_range" in said
    assert "django.db.utils.IntegrityError" in said
    assert SECRET not in said


def test_a_failed_task_is_logged_by_name_without_its_text(lines: Any) -> None:
    @shared_task(name="tests.fails")
    def fails() -> None:
        raise ValueError(SECRET)

    app.app.tasks["tests.fails"].apply()
    line = next(entry for entry in lines() if "tests.fails" in entry["event"])
    assert line["event"].startswith("task tests.fails")
    assert "ValueError" in line["exception"]
    assert SECRET not in json.dumps(lines())


def test_a_tasks_lines_carry_the_id_of_the_request_that_asked_for_it() -> None:
    seen = {}

    @shared_task(name="tests.looks", bind=True)
    def looks(self: Any) -> None:
        seen.update(structlog.contextvars.get_contextvars())

    structlog.contextvars.bind_contextvars(request_id="asked-by-this")
    headers: dict[str, Any] = {}
    app.pass_request_id(headers=headers)
    app.app.tasks["tests.looks"].apply(headers=headers)
    assert (seen["request_id"], seen["task"]) == ("asked-by-this", "tests.looks")
    assert "task" not in structlog.contextvars.get_contextvars()


def test_a_malformed_request_id_is_replaced(client: Client) -> None:
    response = client.get("/health/live/", headers={"x-request-id": "no\tid <script>"})
    assert len(response["X-Request-Id"]) == 32


@pytest.mark.parametrize("error", [OperationalError("gone"), ValueError("a bug")])
def test_a_database_that_is_down_is_named_and_a_bug_is_not(error: Exception) -> None:
    request: HttpRequest = RequestFactory().get("/")
    try:
        try:
            raise error
        except Exception as first:
            raise RuntimeError("a template could not be rendered") from first
    except RuntimeError:
        response = server_error(request)
    assert response.status_code == (503 if isinstance(error, OperationalError) else 500)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/today/", "/admin/", "/accounts/login/"])
def test_every_page_is_a_friendly_503_while_the_database_is_down(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    enrollment: Enrollment = enroll()
    sign_in_now(client, enrollment.seat.user)  # type: ignore[arg-type]

    def gone(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("the connection is gone")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", gone)
    response = client.get(path)
    if path == "/accounts/login/" and response.status_code == 302:
        return
    assert response.status_code == 503
    assert response["Retry-After"]
    assert "Content-Security-Policy" in response
    assert response["Permissions-Policy"]


def as_lines(log: Path) -> list[dict[str, Any]]:
    """Return what a part wrote; fails on a line that is not one JSON object with a time in UTC."""
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    assert all(entry["timestamp"].endswith("Z") and entry["level"] for entry in entries)
    return entries


def test_every_line_of_gunicorn_is_json_and_without_what_a_visitor_sent(
    tmp_path: Path, settings: Any
) -> None:
    port, log = free_port(), tmp_path / "web.log"
    addresses = {
        "DATABASE_URL": "postgresql://nobody:none@127.0.0.1:1/none",
        "REDIS_URL": settings.REDIS_URL,
        "CACHE_URL": settings.CACHE_URL,
    }
    command = ["gunicorn", "thrive.wsgi", "-c", "python:thrive.gunicorn_conf", "--bind", f"127.0.0.1:{port}"]
    with log.open("wb") as output:
        web = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=os.environ | PRODUCTION | addresses | {"PYTHONWARNINGS": "ignore"},
            stderr=output,
        )
    try:
        eventually(lambda: "Booting worker" in log.read_text(), within_s=120, what="gunicorn runs")
        with socket.create_connection(("127.0.0.1", port), timeout=60) as visitor:
            visitor.sendall(f"{SECRET} with: no sense\r\n\r\n".encode())
            assert b"400" in visitor.recv(1000)
        eventually(lambda: "cannot be read" in log.read_text(), what="the refusal is logged")
    finally:
        web.send_signal(signal.SIGTERM)
        web.wait(60)
    events = [entry["event"] for entry in as_lines(log)]
    assert any(event.startswith("Starting gunicorn") for event in events)
    assert SECRET not in log.read_text()
    assert "127.0.0.1" not in log.read_text().split("cannot be read")[1]


def test_a_lost_process_of_the_worker_is_a_json_line(lines: Any) -> None:
    app.keep_logging()
    pool_log = get_multiprocessing_logger()
    assert pool_log
    pool_log.error("Process %r exited", "ForkPoolWorker-1")
    logging.getLogger().setLevel(logging.INFO)
    assert lines()[-1]["event"] == "Process 'ForkPoolWorker-1' exited"
