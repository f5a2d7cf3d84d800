"""Definitions in force, what is due, and the answers that count."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet
from django.db.models.functions import JSONObject

from challenge.enrollment.models import Cohort, Enrollment
from challenge.outcomes.definition import Occasion, Questionnaire, occasions_of
from challenge.outcomes.definition_file import read_data, read_file
from challenge.outcomes.models import AnswerDraft, LoadedQuestionnaire, QuestionnaireAnswer

BUILT_IN = Path(__file__).parent / "built_in"
WEEKLY = "weekly"
# The order in which a runner meets them; loaded ones follow by their code.
FIRST = ("weekly", "activities", "running", "change")

Definitions = dict[str, dict[int, Questionnaire]]


@cache
def built_in() -> tuple[Questionnaire, ...]:
    """Return every version of the built-in questionnaires."""
    return tuple(read_file(path.read_bytes()) for path in sorted(BUILT_IN.glob("*.json")))


def definitions() -> Definitions:
    """Return every version of every questionnaire by code and version, in one query."""
    return _with_built_in(_loaded().values_list("definition", flat=True))


def _loaded() -> QuerySet[LoadedQuestionnaire]:
    return LoadedQuestionnaire.objects.order_by("code", "version")


def _with_built_in(loaded_data: Iterable[Any]) -> Definitions:
    found: Definitions = defaultdict(dict)
    for one in built_in():
        found[one.code][one.version] = one
    for data in loaded_data:
        loaded = read_data(data)
        found[loaded.code][loaded.version] = loaded
    return {code: found[code] for code in sorted(found, key=_place)}


def _place(code: str) -> tuple[int, str]:
    return (FIRST.index(code) if code in FIRST else len(FIRST), code)


def in_force(every: Definitions) -> list[Questionnaire]:
    """Return the highest version of each questionnaire."""
    return [versions[max(versions)] for versions in every.values()]


def open_occasions(cohort: Cohort, questionnaires: Iterable[Questionnaire], *, on: date) -> list[Occasion]:
    """Return what may be answered on this day, in the order in which a runner meets it."""
    return [
        occasion
        for one in questionnaires
        for occasion in occasions_of(one, starts_on=cohort.starts_on, weeks=cohort.weeks)
        if occasion.is_open(on)
    ]


def due_occasions(enrollment: Enrollment, *, on: date) -> list[Occasion]:
    """Return what waits for the runner's answer on this day, in one query: /today/ asks on every visit."""
    answers = first_answers([enrollment.pk]).values(row=JSONObject(code="code", week="week"))
    row = Enrollment.objects.filter(pk=enrollment.pk).values_list(
        ArraySubquery(_loaded().values("definition")), ArraySubquery(answers)
    )
    loaded, given = row.get()
    opened = open_occasions(enrollment.cohort, in_force(_with_built_in(loaded)), on=on)
    answered = {(one["code"], one["week"]) for one in given}
    return [one for one in opened if (one.questionnaire.code, one.week) not in answered]


def runners_with_due(enrollments: Collection[Enrollment], *, on: date) -> set[int]:
    """Return the ids of those for whom a questionnaire waits on this day, in two queries for all of them."""
    if not enrollments:
        return set()
    questionnaires = in_force(definitions())
    answered: dict[int, set[tuple[str, int | None]]] = defaultdict(set)
    rows = first_answers([one.pk for one in enrollments]).values_list("enrollment_id", "code", "week")
    for pk, code, week in rows:
        answered[pk].add((code, week))
    opened: dict[int, set[tuple[str, int]]] = {}
    for one in enrollments:
        cohort = one.cohort
        if cohort.pk not in opened:
            now = open_occasions(cohort, questionnaires, on=on)
            opened[cohort.pk] = {(occasion.questionnaire.code, occasion.week) for occasion in now}
    return {one.pk for one in enrollments if opened[one.cohort.pk] - answered[one.pk]}


def first_answers(enrollments: Collection[int]) -> QuerySet[QuestionnaireAnswer]:
    """Return the rows that are no corrections: one for each week that was answered."""
    return QuestionnaireAnswer.objects.filter(enrollment__in=enrollments, corrects__isnull=True)


def counted_answers(enrollments: Collection[int]) -> QuerySet[QuestionnaireAnswer]:
    """Return the answers that count, each the last of its corrections, by the day they were given."""
    rows = QuestionnaireAnswer.objects.filter(enrollment__in=enrollments, corrected_by__isnull=True)
    return rows.select_related("by").order_by("answered_on", "at", "pk")


def counted_answer(enrollment: Enrollment, code: str, week: int | None) -> QuestionnaireAnswer | None:
    """Return the answer that counts for a week, or None."""
    return counted_answers([enrollment.pk]).filter(code=code, week=week).last()


def draft_of(enrollment: Enrollment, code: str, week: int) -> AnswerDraft | None:
    """Return what was typed and not sent, or None."""
    return AnswerDraft.objects.filter(enrollment=enrollment, code=code, week=week).first()


def names_of(enrollment: Enrollment, code: str, *, but_week: int | None) -> dict[str, str]:
    """Return what the runner named the first time, by item; empty while there is no answer but that of `but_week`.

    `but_week` is the week that is answered now, or None to look at every answer.

    The names of the first answer stay, because a change is one of the same things.
    """
    answers = counted_answers([enrollment.pk]).filter(code=code)
    for answer in answers if but_week is None else answers.exclude(week=but_week):
        if answer.names:
            names: dict[str, str] = answer.names
            return names
    return {}
