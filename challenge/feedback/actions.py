"""Writes of feedback on the beta. A form sent twice is stored once; a changed answer is a row of its own."""

import uuid
from datetime import datetime
from typing import Any, TypedDict, TypeVar, Unpack

from django.db import IntegrityError, transaction

from challenge.enrollment.models import Enrollment
from challenge.feedback.models import EndFeedback, WeekFeedback
from challenge.feedback.queries import question_of_week

A = TypeVar("A", WeekFeedback, EndFeedback)


class EndValues(TypedDict, total=False):
    """The end form: `recommend` 0 to 10, marks 1 to 4 or None, free text."""

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
    """Store the answer to a week's question, week 0 before the start; `ease` from 1 to 4."""
    values = {"week": week, "question": question_of_week(week).name, "ease": ease, "text": text}
    return _save_once(WeekFeedback, enrollment=enrollment, key=key, at=at, values=values)


def answer_end(
    *, enrollment: Enrollment, key: uuid.UUID, at: datetime, **values: Unpack[EndValues]
) -> EndFeedback:
    """Store the answers of the end form."""
    return _save_once(EndFeedback, enrollment=enrollment, key=key, at=at, values=dict(values))


def _save_once(
    model: type[A], *, enrollment: Enrollment, key: uuid.UUID, at: datetime, values: dict[str, Any]
) -> A:
    """Insert the row, or return the row of an earlier copy of the same form."""
    row = model(enrollment=enrollment, key=key, at=at, **values)
    # Insert first and ask afterwards: a look beforehand would race with the same form sent twice.
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        same = model.objects.filter(enrollment=enrollment, key=key).first()
        if same is None:
            raise
        return same
    return row
