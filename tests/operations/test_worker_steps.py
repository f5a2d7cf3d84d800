"""A worker that no longer takes tasks ends itself, and only then."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from celery.worker import state

from thrive import worker_steps
from thrive.healthcheck import sign_of_life
from thrive.worker_steps import ProgressWatch


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[threading.Event]:
    """Set when the watch ends the process; the watch looks ten times as often as it is patient."""
    event = threading.Event()
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(worker_steps, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(worker_steps, "NO_PROGRESS_S", 0.2)
    monkeypatch.setattr("os._exit", lambda code: event.set())
    state.reset_state()
    watch = ProgressWatch(None)
    watch.start(None)
    yield event
    watch.stop(None)
    state.reset_state()


@pytest.fixture
def queue(settings: Any) -> Iterator[redis.Redis]:
    with redis.from_url(settings.REDIS_URL) as client:
        client.delete("celery")
        yield client
        client.delete("celery")


def test_tasks_that_wait_without_progress_end_the_worker(queue: redis.Redis, ended: threading.Event) -> None:
    queue.lpush("celery", "a task")
    assert ended.wait(30)


def test_an_idle_worker_lives_on_and_shows_itself(queue: redis.Redis, ended: threading.Event) -> None:
    assert not ended.wait(1)
    assert sign_of_life("worker").exists()


def test_a_worker_with_progress_lives_on(queue: redis.Redis, ended: threading.Event) -> None:
    queue.lpush("celery", "a task")
    for _ in range(50):
        state.total_count["a task"] += 1
        assert not ended.wait(0.02)


def test_a_queue_that_is_away_does_not_end_the_worker(settings: Any, ended: threading.Event) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert not ended.wait(1)
