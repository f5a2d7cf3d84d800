"""What answers show: one runner's scores by week and what changed since the first, and whether it helped a cohort.

Of a cohort: improved by more than noise, with injuries and time lost next to it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from challenge.enrollment.models import Cohort, Enrollment
from challenge.outcomes.definition import Questionnaire, ScoreVerdict, week_label
from challenge.outcomes.models import QuestionnaireAnswer
from challenge.outcomes.queries import WEEKLY, Definitions, counted_answers, definitions

FULL_SCALE = 100
VERDICT_TEXT = {
    ScoreVerdict.BETTER: "Clearly better",
    ScoreVerdict.UNCLEAR: "No clear change",
    ScoreVerdict.WORSE: "Clearly worse",
}


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """One answer as a list shows it; `compares` is true if its score lies on the scale of the version in force."""

    title: str
    label: str
    on: date
    days_lost: int
    score: Decimal | None
    text: str
    on_paper: bool
    by: str
    is_correction: bool
    compares: bool


@dataclass(frozen=True, slots=True)
class QuestionnaireResult:
    """The answers of one runner to one questionnaire, oldest first.

    `verdict` compares the last score with the first; it is None for one score, or where no smallest change is known.
    """

    questionnaire: Questionnaire
    answers: tuple[ScoredAnswer, ...]
    verdict: ScoreVerdict | None

    @property
    def scores(self) -> list[ScoredAnswer]:
        """Return the answers whose scores may be compared."""
        return [one for one in self.answers if one.score is not None and one.compares]

    @property
    def last(self) -> ScoredAnswer:
        return self.answers[-1]

    @property
    def change(self) -> Decimal | None:
        """Return how many points the last score is above the first."""
        scores = [one.score for one in self.scores if one.score is not None]
        return scores[-1] - scores[0] if len(scores) > 1 else None

    @property
    def verdict_text(self) -> str:
        return VERDICT_TEXT[self.verdict] if self.verdict is not None else ""

    @property
    def days_lost(self) -> int:
        """Return on how many days pain cost a run, by the weekly answers."""
        return sum(one.days_lost for one in self.answers)

    @property
    def is_weekly(self) -> bool:
        return self.questionnaire.schedule.every_week


def results_of(enrollment: Enrollment) -> list[QuestionnaireResult]:
    """Return the runner's results in two queries, in the order in which a runner meets the questionnaires.

    One query for a runner without an answer yet.
    """
    answers = list(counted_answers([enrollment.pk]))
    return results_from(answers, definitions()) if answers else []


def results_from(rows: Sequence[QuestionnaireAnswer], every: Definitions) -> list[QuestionnaireResult]:
    """Return the results of one runner's answers that count, which come oldest first."""
    by_code: dict[str, list[QuestionnaireAnswer]] = defaultdict(list)
    for row in rows:
        by_code[row.code].append(row)
    return [_result(versions, by_code[code]) for code, versions in every.items() if code in by_code]


def charted_scores(results: Sequence[QuestionnaireResult]) -> list[ScoredAnswer]:
    """Return the scores for a chart from 0, the worst, to 100: those of the questionnaire that has most of them."""
    fits = [
        one
        for one in results
        if one.questionnaire.scoring.higher_is_better
        and one.questionnaire.scoring.lowest == 0
        and one.questionnaire.scoring.highest == FULL_SCALE
    ]
    return max((one.scores for one in fits), key=len, default=[])


def _result(versions: dict[int, Questionnaire], rows: list[QuestionnaireAnswer]) -> QuestionnaireResult:
    newest = versions[max(versions)]
    answers = tuple(_scored(row, versions.get(row.version, newest), newest) for row in rows)
    scores = [one.score for one in answers if one.score is not None and one.compares]
    verdict = newest.verdict(scores[0], scores[-1]) if len(scores) > 1 else None
    return QuestionnaireResult(newest, answers, verdict)


def _scored(row: QuestionnaireAnswer, asked: Questionnaire, newest: Questionnaire) -> ScoredAnswer:
    return ScoredAnswer(
        title=asked.title,
        label=week_label(row.week),
        on=row.answered_on,
        days_lost=row.values.get("days") or 0,
        score=row.score,
        text=_text(row, asked),
        on_paper=row.on_paper,
        by=row.by.get_full_name() if row.by is not None else "",
        is_correction=row.corrects_id is not None,
        compares=asked.compares_with(newest),
    )


def _text(row: QuestionnaireAnswer, asked: Questionnaire) -> str:
    """Return an answer in words: the label of a single choice, what the runner named, else the score."""
    if row.names:
        named = [f"{name} {row.values.get(item, '–')}" for item, name in row.names.items()]
        return ", ".join(named)
    if len(asked.items) == 1 and asked.items[0].choices:
        labels = {choice.value: choice.label for choice in asked.items[0].choices}
        return labels.get(row.values.get(asked.items[0].id), "left blank")
    if row.score is None:
        return "too many left blank for a score"
    scoring = asked.scoring
    best = scoring.highest if scoring.higher_is_better else scoring.lowest
    return f"{row.score.normalize():f} of {scoring.highest.normalize():f} ({best.normalize():f} is best)"


CHANGE = "change"  # the questionnaire whose answer is a change itself


@dataclass(frozen=True, slots=True)
class CohortChange:
    """How many runners changed from their first score to their last; `once` have one score so far."""

    questionnaire: Questionnaire
    better: int
    unclear: int
    worse: int
    once: int

    @property
    def compared(self) -> int:
        return self.better + self.unclear + self.worse


@dataclass(frozen=True, slots=True)
class TimeLost:
    """What weekly answers count. A new problem is a week with a day lost after an answered week without one."""

    runners: int = 0
    weeks: int = 0
    days: int = 0
    new_problems: int = 0
    with_new_problem: int = 0


@dataclass(frozen=True, slots=True)
class CohortOutcomes:
    """The changes by questionnaire, the change ratings from worst to best, and the time lost."""

    changes: list[CohortChange]
    ratings: list[tuple[str, int]]
    lost: TimeLost

    @property
    def rated(self) -> int:
        return sum(count for _, count in self.ratings)


def cohort_outcomes(cohort: Cohort) -> CohortOutcomes:
    """Return a cohort's outcomes in three queries; runners who left keep what they answered."""
    runners = list(Enrollment.objects.filter(seat__cohort=cohort).values_list("pk", flat=True))
    rows: dict[int, list[QuestionnaireAnswer]] = defaultdict(list)
    for row in counted_answers(runners):
        rows[row.enrollment_id].append(row)
    every = definitions()
    by_code: dict[str, list[QuestionnaireResult]] = defaultdict(list)
    for answers in rows.values():
        for result in results_from(answers, every):
            by_code[result.questionnaire.code].append(result)
    changes = [_change(by_code[code]) for code in every if code in by_code]
    return CohortOutcomes(
        [one for one in changes if one.questionnaire.scoring.smallest_change is not None],
        _ratings([row for answers in rows.values() for row in answers], every.get(CHANGE, {})),
        time_lost(rows.values()),
    )


def _change(results: list[QuestionnaireResult]) -> CohortChange:
    verdicts = Counter(result.verdict for result in results)
    scored_once = sum(len(result.scores) == 1 for result in results)
    return CohortChange(
        results[0].questionnaire,
        better=verdicts[ScoreVerdict.BETTER],
        unclear=verdicts[ScoreVerdict.UNCLEAR],
        worse=verdicts[ScoreVerdict.WORSE],
        once=scored_once,
    )


def _ratings(
    rows: Sequence[QuestionnaireAnswer], versions: dict[int, Questionnaire]
) -> list[tuple[str, int]]:
    """Return each answer of the change rating with how many gave it, best first; empty before the first."""
    given = Counter(row.values.get(CHANGE) for row in rows if row.code == CHANGE)
    if not given or not versions:
        return []
    return [
        (choice.label, given[choice.value]) for choice in reversed(versions[max(versions)].items[0].choices)
    ]


def time_lost(runners: Iterable[Sequence[QuestionnaireAnswer]]) -> TimeLost:
    """Return the days lost and the new problems of weekly answers; each sequence is one runner's, in any order."""
    found = [_days_by_week(rows) for rows in runners]
    new = [_new_problems(days) for days in found]
    return TimeLost(
        runners=sum(bool(days) for days in found),
        weeks=sum(len(days) for days in found),
        days=sum(sum(days.values()) for days in found),
        new_problems=sum(new),
        with_new_problem=sum(bool(count) for count in new),
    )


def _days_by_week(rows: Sequence[QuestionnaireAnswer]) -> dict[int, int]:
    weekly = [row for row in rows if row.code == WEEKLY and row.week is not None]
    return {row.week or 0: row.values["days"] for row in weekly if row.values.get("days") is not None}


def _new_problems(days: dict[int, int]) -> int:
    return sum(1 for before, now in pairwise(sorted(days)) if days[now] and not days[before])
