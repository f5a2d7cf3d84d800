"""The weekly feedback questions, and the answers to them."""

from collections import defaultdict
from dataclasses import dataclass, field

from challenge.enrollment.models import Cohort, Enrollment
from challenge.feedback.models import Ease, EndFeedback, WeekFeedback


@dataclass(frozen=True, slots=True)
class FeedbackQuestion:
    """A question of the weekly feedback. `name` is stored with the answer, so that the wording may change."""

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
    """Return the question of a week, 0 before the start; later weeks have the last one."""
    # A program of more weeks than questions repeats the last one.
    return QUESTIONS[IN_ORDER[min(max(week, 0), len(IN_ORDER) - 1)]]


def week_answer(enrollment: Enrollment, *, week: int) -> WeekFeedback | None:
    """Return the answer that counts for a week, the last one, or None."""
    return WeekFeedback.objects.filter(enrollment=enrollment, week=week).order_by("-at", "-pk").first()


def end_answer(enrollment: Enrollment) -> EndFeedback | None:
    """Return the last answer to the end form, or None."""
    return EndFeedback.objects.filter(enrollment=enrollment).order_by("-at", "-pk").first()


@dataclass(frozen=True, slots=True)
class WeekSummary:
    """A cohort's answers to one week's question: the number of each mark, 1 to 4, and the texts."""

    week: int
    question: str
    marks: dict[int, int]
    texts: tuple[str, ...]

    @property
    def asks(self) -> str:
        """Return the question as runners read it; its name, where a release has dropped it."""
        known = QUESTIONS.get(self.question)
        return known.asks if known is not None else self.question

    @property
    def answers(self) -> int:
        return sum(self.marks.values())


@dataclass(frozen=True)
class FeedbackSummary:
    """A cohort's feedback: its weeks in order, and the end forms that count, one per runner."""

    weeks: list[WeekSummary] = field(default_factory=list)
    ends: list[EndFeedback] = field(default_factory=list)

    @property
    def mark_labels(self) -> list[str]:
        """Return the words of the marks, worst first."""
        return Ease.labels

    @property
    def recommend(self) -> float | None:
        """Return the mean of "would you recommend it", 0 to 10, or None without an answer."""
        return sum(end.recommend for end in self.ends) / len(self.ends) if self.ends else None


def cohort_feedback(cohort: Cohort) -> FeedbackSummary:
    """Return a cohort's feedback in two queries; withdrawn runners are included, erased ones are not."""
    of_cohort = {"enrollment__seat__cohort": cohort}
    rows = WeekFeedback.objects.filter(**of_cohort)
    asked: dict[tuple[int, str], list[WeekFeedback]] = defaultdict(list)
    for row in rows.order_by("enrollment", "week", "-at", "-pk").distinct("enrollment", "week"):
        asked[row.week, row.question].append(row)
    ends = EndFeedback.objects.filter(**of_cohort).order_by("enrollment", "-at", "-pk")
    return FeedbackSummary(
        [_week(week, question, asked[week, question]) for week, question in sorted(asked)],
        list(ends.distinct("enrollment")),
    )


def _week(week: int, question: str, rows: list[WeekFeedback]) -> WeekSummary:
    marks = {mark: sum(row.ease == mark for row in rows) for mark in Ease.values}
    return WeekSummary(week, question, marks, tuple(row.text for row in rows if row.text))
