"""The product's Celery app on a clock that runs through a week in a minute: `celery -A tests.faults.week_celery`.

The environment sets the clock, in this module alone: its first moment, how many seconds it counts for one,
and the file whose time is its start. What is long enough in real seconds is as long here.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
from celery.signals import before_task_publish, task_prerun
from django.utils import timezone

STANDS_AT = datetime.fromisoformat(os.environ["TEST_CLOCK_AT"])
SPEED = int(os.environ["TEST_CLOCK_SPEED"])
RUNS_SINCE = Path(os.environ["TEST_CLOCK_SINCE"])


def now() -> datetime:
    try:
        since = datetime.fromtimestamp(RUNS_SINCE.stat().st_mtime, tz=UTC)
    except FileNotFoundError:
        return STANDS_AT
    return STANDS_AT + SPEED * (datetime.now(tz=UTC) - since)


timezone.now = now

from thrive.celery import app  # noqa: E402 - after the clock

django.setup()

from challenge.mail import delivery  # noqa: E402
from challenge.mail import periodic as mailer  # noqa: E402
from challenge.weekly import periodic as targets  # noqa: E402

delivery.LEASE = timedelta(seconds=20 * SPEED)
mailer.PASS_DURATION = targets.PASS_DURATION = timedelta(seconds=5 * SPEED)
app.conf.beat_schedule = {
    name: {"task": f"challenge.{name}", "schedule": timedelta(seconds=0.5)}
    for name in ("set_weekly_targets", "deliver_mail", "send_notices")
}


def note(what: str, task: str) -> None:
    """Which process did what, for the test to see that all of them took part."""
    with (Path(os.environ["TEST_NOTES"]) / f"{what}-{os.getpid()}").open("a") as notes:
        notes.write(f"{task}\n")


@task_prerun.connect
def note_work(task: Any = None, **kwargs: Any) -> None:
    note("worker", task.name)


@before_task_publish.connect
def note_beat(sender: str = "", **kwargs: Any) -> None:
    if "beat" in sys.argv:
        note("beat", sender)
