"""Did it help? What a cohort's answers show: improved by more than noise, with injuries and time lost next to it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from challenge.enrollment.models import Cohort, Enrollment
from challenge.outcomes.definition import Questionnaire, ScoreVerdict
from challenge.outcomes.models import QuestionnaireAnswer
from challenge.outcomes.queries import WEEKLY, counted_answers, definitions
from challenge.outcomes.results import QuestionnaireResult, results_from

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
