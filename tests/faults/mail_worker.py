"""A mail worker as a process of its own, to be killed: `python -m tests.faults.mail_worker careful|naive|fill:N`.

`pushes` and `naive_pushes` are the same for pushes.

`careful` is the product's mailer, with a lease short enough for a test. `naive` reads, sends, then marks: what the
product would be without leases. The address of the database and of the mail server come by the environment.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thrive.settings")
django.setup()

from django.db import DatabaseError, InterfaceError, connection, transaction  # noqa: E402 - after setup
from django.utils import timezone  # noqa: E402

from challenge.mail import delivery  # noqa: E402
from challenge.mail.actions import put_in_outbox  # noqa: E402
from challenge.mail.models import MessageKind, MessageState, OutboxMessage  # noqa: E402
from challenge.mail.push_transport import PushTransport  # noqa: E402
from challenge.mail.transports import Transport, open_transport  # noqa: E402

HERE = 4711  # an advisory lock that waiting workers share
LEASE_S = float(os.environ.get("TEST_LEASE_S", "4"))


def careful(deliver: Callable[..., object] = delivery.deliver_due) -> None:
    """Until nothing is waiting; a database that is away is waited for."""
    while True:
        try:
            deliver(now=timezone.now)
            if not OutboxMessage.objects.filter(
                state__in=[MessageState.QUEUED, MessageState.CLAIMED]
            ).exists():
                return
        except (DatabaseError, InterfaceError):
            connection.close()
        time.sleep(0.1)


def naive(out: Transport) -> None:
    """Read, send, mark: two of them, which begin to send when both have read."""
    rows = list(OutboxMessage.objects.filter(state=MessageState.QUEUED).order_by("pk"))
    meet(2, begun=lambda: not OutboxMessage.objects.filter(pk=rows[0].pk, state=MessageState.QUEUED).exists())
    for row in rows:
        out.send_message(row, at=timezone.now())
        OutboxMessage.objects.filter(pk=row.pk).update(state=MessageState.SENT, sent_at=timezone.now())


def meet(workers: int, begun: Callable[[], bool]) -> None:
    """Wait until so many workers are here or one has begun, so that none is done before another has read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [HERE])
        here = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted"
        while cursor.execute(here, [HERE]).fetchone()[0] < workers and not begun():
            time.sleep(0.02)


def fill(count: int) -> None:
    with transaction.atomic():
        for number in range(count):
            put_in_outbox(
                kind=MessageKind.WEEKLY,
                template="weekly_link",
                to=f"runner{number}@runners.test",
                context={"week": 3, "weeks": 12, "unsubscribe_url": "http://testserver/x/"},
                dedupe_key=f"fault:{number}",
                at=timezone.now(),
            )


if __name__ == "__main__":
    delivery.LEASE, delivery.WAIT_FOR_SERVER = timedelta(seconds=LEASE_S), timedelta(seconds=1)
    what = sys.argv[1]
    if what.startswith("fill:"):
        fill(int(what.partition(":")[2]))
    else:
        actions: dict[str, Callable[[], None]] = {
            "careful": careful,
            "naive": lambda: naive(open_transport()),
            "pushes": lambda: careful(delivery.deliver_pushes),
            "naive_pushes": lambda: naive(PushTransport()),
        }
        actions[what]()
