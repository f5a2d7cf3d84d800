"""One measured piece of work in a process and a database of its own.

    python -m tests.bench.mail_work ours|post_office|bare RUNNERS [TRICK]

Prints JSON: seconds of processor time (a busy machine slows wall time unevenly), queries, and the growth of memory. The
figures are of one process each, without the database and the mail server. TRICK is left out, see `mail_tricks`.
"""

import json
import os
import resource
import smtplib
import sys
import time
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.mail_settings"
django.setup()

from django.conf import settings  # noqa: E402 - after setup
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from challenge.accounts.models import User  # noqa: E402
from challenge.enrollment.models import Cohort, Enrollment, Seat, SeatState  # noqa: E402
from challenge.intake.models import Intake  # noqa: E402
from challenge.mail.delivery import deliver_due  # noqa: E402
from challenge.mail.mime import as_bytes  # noqa: E402
from challenge.mail.models import MessageKind, MessageState, OutboxMessage  # noqa: E402
from challenge.mail.rendering import render  # noqa: E402
from challenge.mail.transports import open_transport  # noqa: E402
from challenge.protocol.weekly import decide  # noqa: E402
from challenge.weekly.decide import decide_due  # noqa: E402
from challenge.weekly.email import context as email_context  # noqa: E402
from challenge.weekly.engine_inputs import gather_snapshots  # noqa: E402
from challenge.workouts.models import Run, StrengthSession, StrengthSet  # noqa: E402
from tests.bench.mail_tricks import without  # noqa: E402

STARTS = date(2026, 1, 5)
FIRST = datetime(2026, 1, 5, 12, tzinfo=UTC)
SECOND = FIRST + timedelta(weeks=1)
CAPACITY, SEATS = 500, 450  # a full cohort closes itself
CADENCES = (152, 158, 160, 164, 168)


def make_runners(count: int) -> None:
    """Create confirmed runners with an intake, four runs and two strength sessions in week 1, without actions."""
    users = User.objects.bulk_create(
        (User(email=f"r{n}@runners.test", password="!", time_zone="America/Chicago") for n in range(count)),
        batch_size=1000,
    )
    seats = []
    for place in range(0, count, SEATS):
        cohort = Cohort.objects.create(
            name=f"C{place}",
            slug=f"c{place}",
            opens_at=FIRST - timedelta(days=9),
            starts_on=STARTS,
            capacity=CAPACITY,
        )
        when = {"held_at": cohort.opens_at, "hold_ends_at": FIRST, "confirmed_at": cohort.opens_at}
        seats += [
            Seat(
                cohort=cohort, capacity=CAPACITY, number=number, user=user, email=user.email,
                state=SeatState.CONFIRMED, **when,
            )
            for number, user in enumerate(users[place : place + SEATS], 1)
        ]  # fmt: skip
    Seat.objects.bulk_create(seats, batch_size=1000)
    runners = Enrollment.objects.bulk_create(
        (Enrollment(seat=seat, created_at=seat.held_at) for seat in seats), batch_size=1000
    )
    make_log(runners)


def make_log(runners: list[Enrollment]) -> None:
    Intake.objects.bulk_create(
        (
            Intake(
                enrollment=r, answered_at=r.created_at, answered_on=r.created_at.date(), is_adult=True,
                baseline_cadence_spm=CADENCES[n % 5], baseline_cadence_source="watch", longest_run_m=9000,
            )
            for n, r in enumerate(runners)
        ),
        batch_size=1000,
    )  # fmt: skip
    days = [STARTS + timedelta(days=day) for day in (1, 2, 4, 6)]
    Run.objects.bulk_create(
        (
            Run(
                enrollment=r, key=uuid.uuid4(), logged_at=FIRST + timedelta(days=6), local_on=day, cadence_spm=170,
                distance_m=5000 + 100 * (n % 9), duration_s=1800, cadence_source="watch", effort="easy",
            )
            for n, r in enumerate(runners)
            for day in days
        ),
        batch_size=1000,
    )  # fmt: skip
    sessions = StrengthSession.objects.bulk_create(
        (
            StrengthSession(enrollment=r, key=uuid.uuid4(), logged_at=FIRST + timedelta(days=6), local_on=day)
            for r in runners
            for day in days[:2]
        ),
        batch_size=1000,
    )
    StrengthSet.objects.bulk_create(
        (
            StrengthSet(session=s, exercise="isometric_calf_hold", number=n, seconds=45)
            for s in sessions
            for n in (1, 2)
        ),
        batch_size=1000,
    )


class Counted:
    """A wrapper that counts queries."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.queries += 1
        return execute(sql, params, many, context)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def ours(count: int) -> dict[str, float]:
    """Measure the second Monday: decide, render, store, deliver."""
    make_runners(count)
    decide_due(now=lambda: FIRST)
    OutboxMessage.objects.all().update(state=MessageState.WITHDRAWN)
    connection.cursor().execute("VACUUM ANALYZE")
    before = peak_mb()
    counted = Counted()
    with connection.execute_wrapper(counted):
        started = time.process_time()
        decided = decide_due(now=lambda: SECOND)
        between = time.process_time()
        sent = deliver_due(now=lambda: SECOND).sent
        ended = time.process_time()
    if not decided == sent == count:
        raise SystemExit(f"{decided} decided, {sent} sent of {count}")
    return {
        "seconds": ended - started,
        "deciding": between - started,
        "delivering": ended - between,
        "queries": counted.queries,
        "grown_mb": peak_mb() - before,
    }


def bare(count: int) -> dict[str, float]:
    """Measure a loop that sends ready-made messages over one connection: what the mail server can take."""
    row = OutboxMessage(
        subject="Your week 2 of 12 is ready", to_email="r1@runners.test", message_id="<1@bench>", text="x" * 2500,
        html="<p>x</p>\n" * 900, kind=MessageKind.WEEKLY,
    )  # fmt: skip
    data = as_bytes(row, at=SECOND)
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as server:
        started = time.process_time()
        for _ in range(count):
            server.sendmail("clinic@bench.test", ["r1@runners.test"], data)
        return {"seconds": time.process_time() - started}


def post_office(count: int) -> dict[str, float]:
    """Measure the same emails without deciding: rendered from the same templates, queued and sent as in its manual.

    `send_many` queues them in one insert. They are rendered with our loaded templates, because its own are compiled
    again for every message. One batch, one connection, no log rows; threads do not save processor time.
    """
    from post_office import mail

    make_runners(count)
    decide_due(now=lambda: FIRST)
    runners = list(Enrollment.objects.select_related("seat__cohort", "seat__user"))
    snapshots = gather_snapshots(runners, week_starts_on=STARTS + timedelta(weeks=1), at=SECOND)
    contexts = [
        email_context.shared_values(decision, snapshot)
        | email_context.runner_values(decision, snapshot, kilometers=False)
        | {"unsubscribe_url": "http://bench.test/u/"}
        for snapshot in snapshots.values()
        for decision in [decide(snapshot)]
    ]
    started = time.process_time()
    mail.send_many(
        {
            "sender": settings.DEFAULT_FROM_EMAIL,
            "recipients": ["r1@runners.test"],
            "subject": letter.subject,
            "message": letter.text,
            "html_message": letter.html,
            "headers": {"Reply-To": "clinicians@bench.test", "List-Unsubscribe": "<http://bench.test/u/>"},
            "priority": "medium",
        }
        for letter in (render("weekly_target", context) for context in contexts[:count])
    )
    call_command("send_queued_mail", processes=1, verbosity=0)
    return {"seconds": time.process_time() - started}


if __name__ == "__main__":
    what, runners_wanted = sys.argv[1], int(sys.argv[2])
    without("".join(sys.argv[3:]))
    if what != "bare":
        call_command("migrate", run_syncdb=True, verbosity=0)
    open_transport().close()
    print(json.dumps({"ours": ours, "bare": bare, "post_office": post_office}[what](runners_wanted)))  # noqa: T201
