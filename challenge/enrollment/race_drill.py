"""A rehearsal of the rush: a throw-away cohort, many connections, and afterwards nothing left of it."""

import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from challenge.accounts.models import User
from challenge.enrollment.actions import SeatRefused, hold_seat
from challenge.enrollment.models import TAKEN, Cohort, LedgerEntry, Seat
from challenge.protocol.local_week import local_day

CONNECTIONS = 32


@dataclass(frozen=True)
class DrillResult:
    """What a drill saw. Latencies in milliseconds, one for each claim."""

    capacity: int
    taken: int
    refused: int
    errors: tuple[str, ...]
    latencies_ms: tuple[float, ...]

    @property
    def passed(self) -> bool:
        return self.taken == self.capacity and not self.errors

    def latency_ms(self, share: float) -> float:
        """The latency that this share of the claims stayed within."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def run_drill(*, claims: int, at: datetime) -> DrillResult:
    """Lets `claims` throw-away people claim at once; sweeps everything away, also after a failure."""
    with _stage(claims=claims, at=at) as (cohort, users):
        gate = Barrier(min(CONNECTIONS, claims))
        with ThreadPoolExecutor(gate.parties) as pool:
            list(pool.map(_open_barrier, [gate] * gate.parties))
            outcomes = list(pool.map(lambda user: _claim(cohort, user, at), users))
            list(pool.map(_claim_concurrently, [gate] * gate.parties))
        taken = Seat.objects.filter(TAKEN, cohort=cohort).count()
    said = [outcome for outcome, _ in outcomes]
    return DrillResult(
        capacity=cohort.capacity,
        taken=taken,
        refused=said.count("refused"),
        errors=tuple(word for word in said if word not in {"held", "refused"}),
        latencies_ms=tuple(ms for _, ms in outcomes),
    )


def _open_barrier(gate: Barrier) -> None:
    """Each thread waits here once, so that all of them run and hold a connection."""
    connection.ensure_connection()
    gate.wait()


def _claim_concurrently(gate: Barrier) -> None:
    gate.wait()
    connection.close()


def _claim(cohort: Cohort, user: User, at: datetime) -> tuple[str, float]:
    start = time.perf_counter()
    try:
        hold_seat(cohort=cohort, user=user, by=None, at=at)
        outcome = "held"
    except SeatRefused:
        outcome = "refused"
    except Exception as error:  # noqa: BLE001 - a drill reports whatever went wrong
        outcome = type(error).__name__
    return outcome, (time.perf_counter() - start) * 1000


@contextmanager
def _stage(*, claims: int, at: datetime) -> Iterator[tuple[Cohort, list[User]]]:
    name = f"drill-{secrets.token_hex(6)}"
    day = local_day(at, ZoneInfo(settings.CLINIC_TIME_ZONE))
    cohort = Cohort.objects.create(
        name=name,
        slug=name,
        is_drill=True,
        is_public=False,
        opens_at=at,
        starts_on=day + timedelta(days=7 - day.weekday()),
    )
    try:
        users = User.objects.bulk_create(
            User(email=f"{name}-{n}@drill.invalid", is_active=False) for n in range(claims)
        )
        yield cohort, users
    finally:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL challenge.erasing = 'on'")
            LedgerEntry.objects.filter(cohort=cohort)._raw_delete("default")
            Seat.objects.filter(cohort=cohort)._raw_delete("default")
            User.objects.filter(email__startswith=f"{name}-")._raw_delete("default")
            Cohort.objects.filter(pk=cohort.pk)._raw_delete("default")
