"""Write the ledger: one append-only row for each event of a cohort's seats."""

from datetime import datetime

from django.db import connection

from challenge.accounts.models import User
from challenge.enrollment.models import Cohort, LedgerEntry, LedgerEvent, Seat

# Raw SQL, because in a rush almost every claim ends with this row and the ORM takes longer than the database.
INSERT_REFUSAL = """
INSERT INTO challenge_ledgerentry (cohort_id, user_id, by_id, happened, reason, at) VALUES (%s, %s, %s, %s, %s, %s)
"""


def record_event(
    *,
    cohort: Cohort,
    user: User | None,
    by: User | None,
    happened: LedgerEvent,
    at: datetime,
    seat: Seat | None = None,
    reason: str = "",
) -> None:
    LedgerEntry.objects.create(
        cohort=cohort, seat=seat, user=user, by=by, happened=happened, at=at, reason=reason
    )


def record_refusal(
    *,
    cohort: Cohort,
    user: User | None,
    by: User | None,
    refusal: Exception,
    at: datetime,
    reason: str = "",
) -> None:
    """Record a refused claim under the name of its exception.

    Call it outside the transaction that the refusal rolls back, or the row goes with it.
    """
    user_id, by_id = (person.pk if person is not None else None for person in (user, by))
    name = type(refusal).__name__
    text = f"{name}: {reason}"[:200] if reason else name
    with connection.cursor() as cursor:
        cursor.execute(INSERT_REFUSAL, [cohort.pk, user_id, by_id, LedgerEvent.REFUSED, text, at])
