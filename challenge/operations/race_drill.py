"""A rehearsal of the rush for seats, in a throw-away database of the configured server."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from challenge.accounts.models import User
from challenge.enrollment.actions import SeatRefused, hold_seat
from challenge.enrollment.models import TAKEN, Cohort, Seat
from challenge.operations.recovery import throwaway_database
from challenge.protocol.local_week import local_day

CONNECTIONS = 32
CONNECT_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Claim:
    """What one claim came to: `held`, `refused`, or the name of the error; how long it took."""

    outcome: str
    latency_ms: float


@dataclass(frozen=True)
class DrillResult:
    """The capacity of the cohort, the seats taken at the end, and every claim."""

    capacity: int
    taken: int
    claims: tuple[Claim, ...]

    @property
    def refused(self) -> int:
        return sum(claim.outcome == "refused" for claim in self.claims)

    @property
    def errors(self) -> list[str]:
        return [claim.outcome for claim in self.claims if claim.outcome not in {"held", "refused"}]

    @property
    def passed(self) -> bool:
        return self.taken == self.capacity and not self.errors

    def latency_ms(self, share: float) -> float:
        """Return the latency within which this share of the claims ended."""
        ordered = sorted(claim.latency_ms for claim in self.claims)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def run_drill(*, claims: int, at: datetime) -> DrillResult:
    """Let `claims` invented people claim the seats of one cohort at the same time.

    The database is dropped afterwards, also after an error or Ctrl-C. Raises ProgrammingError where the role of the
    configured server may not create databases.
    """
    with throwaway_database("race_drill"):
        call_command("migrate", verbosity=0, interactive=False)
        cohort = _create_cohort(at)
        users = User.objects.bulk_create(
            User(email=f"runner-{n}@drill.invalid", is_active=False) for n in range(claims)
        )
        outcomes = _claim_together(cohort, users, at=at)
        taken = Seat.objects.filter(TAKEN, cohort=cohort).count()
    return DrillResult(capacity=cohort.capacity, taken=taken, claims=tuple(outcomes))


def _create_cohort(at: datetime) -> Cohort:
    day = local_day(at, ZoneInfo(settings.CLINIC_TIME_ZONE))
    return Cohort.objects.create(
        name="Race drill", slug="race-drill", opens_at=at, starts_on=day + timedelta(days=7 - day.weekday())
    )


def _claim_together(cohort: Cohort, users: list[User], *, at: datetime) -> list[Claim]:
    """Deal the users to as many connections as there are, up to CONNECTIONS, and let all begin at the same moment."""
    hands = [users[n::CONNECTIONS] for n in range(min(CONNECTIONS, len(users)))]
    gate = Barrier(len(hands))

    def claim_for(hand: list[User]) -> list[Claim]:
        try:
            connection.ensure_connection()
            gate.wait(CONNECT_TIMEOUT_S)
            return [_claim(cohort, user, at) for user in hand]
        except BaseException:
            gate.abort()  # or the others would wait for a connection that never opens
            raise
        finally:
            connection.close()

    with ThreadPoolExecutor(len(hands)) as pool:
        return [claim for claims in pool.map(claim_for, hands) for claim in claims]


def _claim(cohort: Cohort, user: User, at: datetime) -> Claim:
    start = time.perf_counter()
    try:
        hold_seat(cohort=cohort, user=user, by=None, at=at)
        outcome = "held"
    except SeatRefused:
        outcome = "refused"
    except Exception as error:  # noqa: BLE001 - a drill reports whatever went wrong
        outcome = type(error).__name__
    return Claim(outcome, (time.perf_counter() - start) * 1000)
