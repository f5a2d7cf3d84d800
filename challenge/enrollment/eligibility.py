"""Which cohort a person is shown, and whether they may claim a seat there, before anything is locked.

Raw SQL: in a rush these statements answer most of the crowd, and building them with the ORM took longer than running
them. `docs/seats.md` explains their place in the locking rule.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from challenge.accounts.models import User
from challenge.enrollment.models import Cohort, Seat
from challenge.enrollment.queries import clinic_today, latest_zone_day, public_cohort


@dataclass(frozen=True)
class SeatEligibility:
    """What decides, at one moment, whether one person may claim a seat of one cohort.

    `seat` is their held or confirmed seat, `taken` counts all confirmed seats and running holds, `next_free_at` is when
    the first hold expires.
    """

    cohort: Cohort
    seat: Seat | None
    taken: int
    next_free_at: datetime | None
    may_claim_from: datetime

    def holds_at(self, at: datetime) -> bool:
        """Return whether the person's hold runs at this moment."""
        return self.seat is not None and self.seat.hold_ends_at > at


# The id of the cohort a person is shown: where they are a runner, else where they hold a seat, else the public one.
SHOWN_TO = """
SELECT c.id FROM challenge_cohort c
LEFT JOIN challenge_seat s
       ON s.cohort_id = c.id AND s.user_id = %(user)s
          AND (s.state = 'held' AND c.closed_at IS NULL AND c.starts_on + 7 > %(today)s::date
               OR s.state = 'confirmed' AND s.over_on > %(last_day)s::date)
WHERE c.is_public OR s.id IS NOT NULL
ORDER BY s.state = 'confirmed' DESC NULLS LAST, s.held_at DESC NULLS LAST,
         coalesce(c.closed_at, CASE WHEN c.starts_on + 7 <= %(today)s::date THEN c.starts_on + 7 END)
         DESC NULLS FIRST, c.opens_at, c.id LIMIT 1
"""
# An expired hold does not count as taken. Early access needs an invited and confirmed address.
ELIGIBILITY = """
SELECT {fields},
       count(s.id) FILTER (WHERE s.state = 'confirmed' OR s.hold_ends_at > %(at)s),
       min(s.hold_ends_at) FILTER (WHERE s.state = 'held' AND s.hold_ends_at > %(at)s),
       max(s.id) FILTER (WHERE s.user_id = %(user)s),
       c.early_access_at IS NOT NULL
       AND EXISTS (SELECT 1 FROM challenge_earlyaccess e WHERE e.cohort_id = c.id AND e.which = 'early'
                   AND e.email = %(email)s AND e.confirmed_at IS NOT NULL AND e.invited_at IS NOT NULL)
FROM challenge_cohort c
LEFT JOIN challenge_seat s ON s.cohort_id = c.id AND s.state IN ('held', 'confirmed')
WHERE c.id = {cohort} GROUP BY c.id
"""
FIELDS = [field.attname for field in Cohort._meta.concrete_fields]
COLUMNS = ", ".join(f"c.{name}" for name in FIELDS)
COHORT = "SELECT c.* FROM challenge_cohort c WHERE c.id = {cohort}"
COHORT_SHOWN = COHORT.format(cohort=f"({SHOWN_TO})")
ELIGIBILITY_IN = ELIGIBILITY.format(fields=COLUMNS, cohort="%(cohort)s")
ELIGIBILITY_SHOWN = ELIGIBILITY.format(fields=COLUMNS, cohort=f"({SHOWN_TO})")


def cohort_for(user: User | None, *, at: datetime) -> Cohort | None:
    """Return the cohort where the person is a runner, else where they hold a seat, else the public one. One query."""
    if user is None:
        return public_cohort(at=at)
    return next(iter(Cohort.objects.raw(COHORT_SHOWN, {"user": user.pk, **_days(at)})), None)


def _days(at: datetime) -> dict[str, date]:
    return {"today": clinic_today(at), "last_day": latest_zone_day(at)}


def eligibility_of(*, cohort: Cohort, user: User, at: datetime) -> SeatEligibility:
    """Return the person's eligibility for this cohort. One query, and a second one if they have a seat."""
    eligibility = _eligibility(ELIGIBILITY_IN, {"cohort": cohort.pk}, user=user, at=at)
    if eligibility is None:
        raise Cohort.DoesNotExist
    return eligibility


def visitor_eligibility(*, user: User, at: datetime) -> SeatEligibility | None:
    """Return the person's eligibility for the cohort of `cohort_for`; None where no cohort is announced.

    The cohort is chosen in the same query.
    """
    return _eligibility(ELIGIBILITY_SHOWN, _days(at), user=user, at=at)


def _eligibility(sql: str, parameters: dict[str, Any], *, user: User, at: datetime) -> SeatEligibility | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters | {"user": user.pk, "email": user.email, "at": at})
        row = cursor.fetchone()
    if row is None:
        return None
    cohort = Cohort.from_db(connection.alias, FIELDS, row[: len(FIELDS)])
    taken, next_free_at, seat_id, is_early = row[len(FIELDS) :]
    return SeatEligibility(
        cohort=cohort,
        seat=Seat.objects.select_related("cohort").get(pk=seat_id) if seat_id is not None else None,
        taken=taken,
        next_free_at=next_free_at,
        may_claim_from=cohort.early_access_at if is_early and cohort.early_access_at else cohort.opens_at,
    )
