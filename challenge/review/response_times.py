"""How long a flag waited for a person: from its raising to the first clinician who took or closed it. Numbers only."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Case, Count, DateTimeField, DurationField, ExpressionWrapper, F, Q
from django.db.models import When as IfSo
from django.db.models.functions import Least

from challenge.care.flag_kinds import FLAG_KINDS, When
from challenge.care.models import Flag
from challenge.enrollment.models import Cohort
from challenge.messages.queries import answer_waits
from challenge.protocol.vocabulary import FlagKind

# What ended by itself, or was replaced before anyone saw it, has no answer; information waits for none.
NO_QUESTION = [kind.value for kind, info in FLAG_KINDS.items() if info.when is When.GOING_WELL]
CLOSED_BY_SOMEONE = Case(IfSo(closed_by__isnull=False, then=F("closed_at")), output_field=DateTimeField())
ANSWERED_AT = Least(F("taken_at"), CLOSED_BY_SOMEONE)  # LEAST ignores NULL on PostgreSQL
WAITED = ExpressionWrapper(F("answered_at") - F("raised_at"), output_field=DurationField())


class MedianDuration(Aggregate):
    """The median of durations, which PostgreSQL counts."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass
class ResponseTimes:
    """The waits of one group of flags; `open_since` has the moments since when unanswered ones wait."""

    label: str
    at: datetime
    waits: list[timedelta] = field(default_factory=list)
    open_since: list[datetime] = field(default_factory=list)

    @property
    def answered(self) -> int:
        return len(self.waits)

    @property
    def median(self) -> str:
        if not self.waits:
            return "–"
        return duration_text(timedelta(seconds=statistics.median(one.total_seconds() for one in self.waits)))

    @property
    def nine_of_ten(self) -> str:
        """Return the time within which nine of ten were answered."""
        ordered = sorted(self.waits)
        return duration_text(ordered[max(0, -(-9 * len(ordered) // 10) - 1)]) if ordered else "–"

    @property
    def longest(self) -> str:
        return duration_text(max(self.waits)) if self.waits else "–"

    @property
    def waiting(self) -> str:
        """Return how many wait now, and for how long the first has waited."""
        if not self.open_since:
            return "none"
        return f"{len(self.open_since)}, for up to {duration_text(self.at - min(self.open_since))}"


def response_times(cohort: Cohort, *, at: datetime) -> list[ResponseTimes]:
    """Return the response times of a cohort: stops, the rest of the day's work, the rest of the week's. One query."""
    groups = {
        label: ResponseTimes(label, at)
        for label in ("Stop flags", "Flags for the same day", "Flags for the same week")
    }
    stop, day, week = groups.values()
    rows = _answered().filter(enrollment__seat__cohort=cohort)
    for kind, raised, answered, closed in rows.values_list("kind", "raised_at", "answered_at", "closed_at"):
        info = FLAG_KINDS[FlagKind(kind)]
        group = stop if kind == FlagKind.STOP else day if info.when is When.TODAY else week
        if answered is not None:
            group.waits.append(max(timedelta(0), answered - raised))
        elif closed is None:
            group.open_since.append(raised)
    return list(groups.values())


def message_times(cohort: Cohort, *, at: datetime) -> ResponseTimes:
    """Return how long the messages of a cohort's runners waited for an answer or a closing. Two queries."""
    waits, open_since = answer_waits(cohort)
    return ResponseTimes("Messages, from the first one to an answer", at, waits, open_since)


@dataclass(frozen=True)
class CohortAnswers:
    """What the owner reads of one cohort: how many flags wait for a person, and the median wait of the others."""

    waiting: int = 0
    median: str = "–"


def answers_by_cohort(cohorts: Iterable[int]) -> dict[int, CohortAnswers]:
    """Return the numbers of each cohort that ever had a flag, in one query."""
    rows: Any = (
        _answered()
        .filter(enrollment__seat__cohort__in=list(cohorts))
        .values("enrollment__seat__cohort")
        .annotate(
            waiting=Count("pk", filter=Q(answered_at__isnull=True, closed_at__isnull=True)),
            median=MedianDuration(WAITED, filter=Q(answered_at__isnull=False)),
        )
        .order_by()
    )
    return {
        row["enrollment__seat__cohort"]: CohortAnswers(
            row["waiting"], duration_text(row["median"]) if row["median"] is not None else "–"
        )
        for row in rows
    }


def _answered() -> Any:
    """Return the flags that ask a person, with the moment of the first answer; an erased runner has none open."""
    return (
        Flag.objects.exclude(kind__in=NO_QUESTION)
        .filter(Q(closed_at__isnull=False) | Q(enrollment__seat__user__isnull=False))
        .annotate(answered_at=ANSWERED_AT)
    )


def duration_text(wait: timedelta) -> str:
    """Return a wait in words: `40 min`, `3.5 h`, `2.5 days`."""
    hours = wait / timedelta(hours=1)
    if hours < 1:
        return f"{max(0, round(60 * hours))} min"
    if hours < 48:
        return f"{hours:.1f}".removesuffix(".0") + " h"
    return f"{hours / 24:.1f}".removesuffix(".0") + " days"
