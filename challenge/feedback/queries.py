"""What was said of the beta: one runner's own answers, and a cohort's together."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import QuerySet

from challenge.enrollment.models import Cohort, Enrollment
from challenge.feedback.models import EndFeedback, WeekFeedback


def week_answer(enrollment: Enrollment, *, week: int) -> WeekFeedback | None:
    """The answer that counts for a week: the last one."""
    return WeekFeedback.objects.filter(enrollment=enrollment, week=week).order_by("-at", "-pk").first()


def end_answer(enrollment: Enrollment) -> EndFeedback | None:
    """The long form as it was filled in last."""
    return EndFeedback.objects.filter(enrollment=enrollment).order_by("-at", "-pk").first()


def week_answers(enrollment: Enrollment) -> QuerySet[WeekFeedback]:
    """One row per week, the answer that counts, oldest week first."""
    rows = WeekFeedback.objects.filter(enrollment=enrollment)
    return rows.order_by("week", "-at", "-pk").distinct("week")


@dataclass(frozen=True, slots=True)
class WeekSaid:
    """A cohort's answers to one week's question: how many of each mark, 1 to 4, and the words."""

    week: int
    question: str
    marks: dict[int, int]
    texts: tuple[str, ...]

    @property
    def answers(self) -> int:
        return sum(self.marks.values())


@dataclass(frozen=True)
class Said:
    """What a cohort said: its weeks in order, and the long forms that count, one per runner."""

    weeks: list[WeekSaid] = field(default_factory=list)
    ends: list[EndFeedback] = field(default_factory=list)

    @property
    def recommend(self) -> float | None:
        """The mean of "would you recommend it", 0 to 10; None before anybody answered."""
        return sum(end.recommend for end in self.ends) / len(self.ends) if self.ends else None

    @property
    def quotable(self) -> list[EndFeedback]:
        """The forms whose words may be quoted without a name."""
        return [end for end in self.ends if end.may_quote]


def cohort_feedback(cohort: Cohort) -> Said:
    """Everything a cohort said, in two queries; withdrawn runners are in it, erased ones are not."""
    of_cohort = {"enrollment__seat__cohort": cohort}
    rows = WeekFeedback.objects.filter(**of_cohort)
    asked: dict[tuple[int, str], list[WeekFeedback]] = defaultdict(list)
    for row in rows.order_by("enrollment", "week", "-at", "-pk").distinct("enrollment", "week"):
        asked[row.week, row.question].append(row)
    ends = EndFeedback.objects.filter(**of_cohort).order_by("enrollment", "-at", "-pk")
    return Said(
        [_week(*asked_in, asked[asked_in]) for asked_in in sorted(asked)], list(ends.distinct("enrollment"))
    )


def _week(week: int, question: str, rows: list[WeekFeedback]) -> WeekSaid:
    marks = {mark: sum(row.ease == mark for row in rows) for mark in (1, 2, 3, 4)}
    return WeekSaid(week, question, marks, tuple(row.text for row in rows if row.text))
