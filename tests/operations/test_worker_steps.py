"""A worker that no longer takes tasks ends itself, and only then; so does a beat that no longer sends any."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from celery.worker import state
from kombu.transport import redis as kombu_redis
from kombu.transport import virtual

from thrive import worker_steps
from thrive.beat import watch_ticks
from thrive.healthcheck import sign_of_life
from thrive.worker_steps import ProgressWatch, RedisCredit, Stillness


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[threading.Event]:
    """Set when the watch ends the process; the watch looks often and is not patient."""
    event = threading.Event()
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(worker_steps, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(worker_steps, "STUCK_AFTER_S", 0.2)
    monkeypatch.setattr(worker_steps, "NO_PROGRESS_S", 5.0)
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


def test_a_change_begins_the_time_again_and_so_does_nothing_to_expect() -> None:
    still = Stillness(0)
    assert [still.lasts_s(seen, at) for seen, at in ((1, 10), (1, 30), (2, 40), (2, 41))] == [0, 20, 0, 1]
    assert [still.lasts_s(seen, at) for seen, at in ((None, 90), (2, 95), (2, 96))] == [0, 0, 1]


def test_a_queue_that_is_away_does_not_end_the_worker(settings: Any, ended: threading.Event) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert not ended.wait(1)


@pytest.mark.long
def test_a_worker_with_all_processes_busy_has_longer(
    queue: redis.Redis, ended: threading.Event, settings: Any
) -> None:
    class Busy:
        """A task under way, as Celery keeps it."""

    tasks = [Busy() for _ in range(settings.CELERY_WORKER_CONCURRENCY)]
    for task in tasks:
        state.active_requests.add(task)
    queue.lpush("celery", "a task")
    assert not ended.wait(1)
    assert ended.wait(60)


@pytest.mark.long
def test_the_time_counts_from_the_queues_return(
    queue: redis.Redis, ended: threading.Event, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    back, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    monkeypatch.setattr(worker_steps, "STUCK_AFTER_S", 3.0)
    queue.lpush("celery", "a task")
    assert not ended.wait(3.5)
    settings.REDIS_URL = back
    assert not ended.wait(1)
    assert ended.wait(60)


class BeatEnded(Exception):
    """What stands for the end of the process."""


@pytest.fixture
def beat_watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Set when the watch of beat ends the process."""
    event = threading.Event()

    def leave(code: int) -> None:
        event.set()
        raise BeatEnded

    def watch() -> None:
        with contextlib.suppress(BeatEnded):
            watch_ticks()

    monkeypatch.setattr(worker_steps, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(worker_steps, "STUCK_AFTER_S", 0.2)
    monkeypatch.setattr("os._exit", leave)
    thread = threading.Thread(target=watch)
    thread.start()
    yield event
    monkeypatch.setattr(worker_steps, "STUCK_AFTER_S", -1.0)
    thread.join(30)


def test_a_beat_that_does_not_tick_ends(beat_watch: threading.Event) -> None:
    assert beat_watch.wait(30)


def test_a_queue_that_is_away_does_not_end_beat(settings: Any, beat_watch: threading.Event) -> None:
    there, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    assert not beat_watch.wait(1)
    settings.REDIS_URL = there


class QueueAway:
    """A channel whose queue does not answer."""

    do_restore = False

    def conn_or_acquire(self, client: Any = None) -> Any:
        raise redis.ConnectionError("away")


@pytest.mark.parametrize(("credit", "goes_on"), [(RedisCredit, True), (kombu_redis.QoS, False)])
def test_an_acknowledgment_that_fails_gives_its_place_back_and_kombus_own_does_not(
    credit: type[kombu_redis.QoS], goes_on: bool
) -> None:
    places = credit(QueueAway(), prefetch_count=1)
    virtual.QoS.append(places, "its message", "a task")
    assert not places.can_consume()
    with pytest.raises(redis.ConnectionError):
        places.ack("a task")
    assert places.can_consume() is goes_on


def test_the_worker_counts_with_it() -> None:
    assert kombu_redis.Channel.QoS is RedisCredit
