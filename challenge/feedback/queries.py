"""The weekly feedback questions, and the answers to them."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import QuerySet

from challenge.enrollment.models import Cohort, Enrollment
from challenge.feedback.models import EndFeedback, WeekFeedback


@dataclass(frozen=True, slots=True)
class FeedbackQuestion:
    """`name` is stored with the answer, so that the words may be changed without changing what was asked."""

    name: str
    asks: str


QUESTIONS = {
    question.name: question
    for question in (
        FeedbackQuestion("joining", "How was joining: the seat, the questions, the first email?"),
        FeedbackQuestion("first_number", "Your first cadence number: how was it to run with?"),
        FeedbackQuestion("logging", "How was logging this week?"),
        FeedbackQuestion("exercises", "The strength sessions: how did they fit into your week?"),
        FeedbackQuestion("email", "The Monday email: how easy was it to know what to do?"),
        FeedbackQuestion("reasons", "The reasons behind your number: how clear were they?"),
        FeedbackQuestion("metronome", "Metronome, watch or feeling: how was it to hold the cadence?"),
        FeedbackQuestion("clinician", "Reaching a clinician, or being reached: how was it?"),
        FeedbackQuestion("week", "How was this week with the program?"),
    )
}
IN_ORDER = tuple(QUESTIONS)


def question_of_week(week: int) -> FeedbackQuestion:
    """The question of a week, 0 before the start; later weeks are asked the last one."""
    return QUESTIONS[IN_ORDER[min(max(week, 0), len(IN_ORDER) - 1)]]


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
class WeekSummary:
    """A cohort's answers to one week's question: how many of each mark, 1 to 4, and the words."""

    week: int
    question: str
    marks: dict[int, int]
    texts: tuple[str, ...]

    @property
    def answers(self) -> int:
        return sum(self.marks.values())


@dataclass(frozen=True)
class FeedbackSummary:
    """What a cohort said: its weeks in order, and the long forms that count, one per runner."""

    weeks: list[WeekSummary] = field(default_factory=list)
    ends: list[EndFeedback] = field(default_factory=list)

    @property
    def recommend(self) -> float | None:
        """The mean of "would you recommend it", 0 to 10; None before anybody answered."""
        return sum(end.recommend for end in self.ends) / len(self.ends) if self.ends else None

    @property
    def quotable(self) -> list[EndFeedback]:
        """The forms whose words may be quoted without a name."""
        return [end for end in self.ends if end.may_quote]


def cohort_feedback(cohort: Cohort) -> FeedbackSummary:
    """Everything a cohort said, in two queries; withdrawn runners are in it, erased ones are not."""
    of_cohort = {"enrollment__seat__cohort": cohort}
    rows = WeekFeedback.objects.filter(**of_cohort)
    asked: dict[tuple[int, str], list[WeekFeedback]] = defaultdict(list)
    for row in rows.order_by("enrollment", "week", "-at", "-pk").distinct("enrollment", "week"):
        asked[row.week, row.question].append(row)
    ends = EndFeedback.objects.filter(**of_cohort).order_by("enrollment", "-at", "-pk")
    return FeedbackSummary(
        [_week(*asked_in, asked[asked_in]) for asked_in in sorted(asked)], list(ends.distinct("enrollment"))
    )


def _week(week: int, question: str, rows: list[WeekFeedback]) -> WeekSummary:
    marks = {mark: sum(row.ease == mark for row in rows) for mark in (1, 2, 3, 4)}
    return WeekSummary(week, question, marks, tuple(row.text for row in rows if row.text))
