"""Saying something of the beta. A form sent twice is one answer; thinking again adds one."""

import uuid
from datetime import datetime
from typing import Any, TypedDict, TypeVar, Unpack

from django.db import IntegrityError, transaction

from challenge.enrollment.models import Enrollment
from challenge.feedback.models import EndFeedback, WeekFeedback
from challenge.feedback.queries import question_of_week

A = TypeVar("A", WeekFeedback, EndFeedback)


class EndValues(TypedDict, total=False):
    """The long form: `recommend` 0 to 10, marks 1 to 4 or None, words."""

    recommend: int
    cadence: int | None
    strength: int | None
    log: int | None
    worked: str
    did_not: str
    change_first: str
    may_quote: bool


def answer_week(
    *, enrollment: Enrollment, key: uuid.UUID, week: int, ease: int, text: str, at: datetime
) -> WeekFeedback:
    """Answers the question of a week, 0 before the start; `ease` from 1 to 4."""
    values = {"week": week, "question": question_of_week(week).name, "ease": ease, "text": text}
    return _save_once(WeekFeedback, enrollment=enrollment, key=key, at=at, values=values)


def answer_end(
    *, enrollment: Enrollment, key: uuid.UUID, at: datetime, **values: Unpack[EndValues]
) -> EndFeedback:
    """Fills in the long form at the end."""
    return _save_once(EndFeedback, enrollment=enrollment, key=key, at=at, values=dict(values))


def _save_once(
    model: type[A], *, enrollment: Enrollment, key: uuid.UUID, at: datetime, values: dict[str, Any]
) -> A:
    """Inserts, and lets the database say whether this form came before."""
    row = model(enrollment=enrollment, key=key, at=at, **values)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        same = model.objects.filter(enrollment=enrollment, key=key).first()
        if same is None:
            raise
        return same
    return row
