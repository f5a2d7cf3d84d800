"""Writes of questionnaires: a draft while it is typed, an answer, its correction, and a version that is loaded."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction

from challenge.accounts.models import User
from challenge.enrollment.models import Enrollment
from challenge.outcomes.definition import Questionnaire
from challenge.outcomes.definition_file import WrongFile, read_data
from challenge.outcomes.models import AnswerDraft, LoadedQuestionnaire, QuestionnaireAnswer
from challenge.outcomes.queries import WEEKLY, built_in, counted_answer, definitions, in_force
from challenge.protocol.local_week import WEEK
from challenge.workouts import actions as log
from challenge.workouts.entry_revisions import as_json
from challenge.workouts.queries import daily_life

DAILY_LIFE_ITEM = "pain"  # of the weekly questionnaire: it is the log's pain in daily life too
SUNDAY = timedelta(days=6)


class Replaced(Exception):
    """Another version of the questionnaire is in force now."""


class AnswerValues(TypedDict):
    """What an answer holds: points by item (None is left open), and the names of items that the runner names."""

    values: dict[str, int | None]
    names: dict[str, str]


@transaction.atomic
def save_draft(
    *, enrollment: Enrollment, code: str, version: int, week: int, typed: Mapping[str, str], at: datetime
) -> None:
    """Keep what was typed so far, one draft for each week; a draft that comes after the answer is dropped."""
    _lock(enrollment)
    if counted_answer(enrollment, code, week) is None:
        AnswerDraft.objects.update_or_create(
            enrollment=enrollment,
            code=code,
            week=week,
            defaults={"version": version, "typed": dict(typed), "at": at},
        )


@transaction.atomic
def answer(
    *,
    enrollment: Enrollment,
    questionnaire: Questionnaire,
    week: int | None,
    key: uuid.UUID,
    answered_on: date,
    by: User | None,
    at: datetime,
    on_paper: bool = False,
    **given: Unpack[AnswerValues],
) -> QuestionnaireAnswer:
    """Store an answer, or a correction of the one that counts; the same form again is the same row. Raise Replaced.

    The weekly pain in daily life goes into the log too, where the method reads it.
    """
    _lock(enrollment)
    key, known = _same_form(enrollment, key, week, answered_on, given)
    if known is not None:
        return known
    _check_in_force(questionnaire)
    before = _end_draft(enrollment, questionnaire.code, week) if week is not None else None
    if before is not None and _says_the_same(before, week, answered_on, given):
        return before
    row = QuestionnaireAnswer.objects.create(
        enrollment=enrollment,
        key=key,
        code=questionnaire.code,
        version=questionnaire.version,
        week=week,
        score=questionnaire.score(given["values"]),
        answered_on=answered_on,
        on_paper=on_paper,
        corrects=before,
        by=by,
        at=at,
        **given,
    )
    _log_daily_life(row)
    return row


def _end_draft(enrollment: Enrollment, code: str, week: int) -> QuestionnaireAnswer | None:
    """Delete the draft of this week, and return the answer that counts until now."""
    AnswerDraft.objects.filter(enrollment=enrollment, code=code, week=week).delete()
    return counted_answer(enrollment, code, week)


def _same_form(
    enrollment: Enrollment, key: uuid.UUID, week: int | None, answered_on: date, given: AnswerValues
) -> tuple[uuid.UUID, QuestionnaireAnswer | None]:
    """Return the key to store the answer under, and the row that the same form with the same answer left before."""
    mine = QuestionnaireAnswer.objects.filter(enrollment=enrollment)
    known = mine.filter(key=key).first()
    if known is not None and not _says_the_same(known, week, answered_on, given):
        # Someone went back a page and changed the answer: the old key comes with new values.
        key = uuid.uuid5(key, as_json([week, answered_on.isoformat(), given]))
        known = mine.filter(key=key).first()
    return key, known


def _check_in_force(questionnaire: Questionnaire) -> None:
    """Raise Replaced unless this version of the questionnaire is the one that is asked now."""
    current = {one.code: one.version for one in in_force(definitions())}
    if current.get(questionnaire.code) != questionnaire.version:
        raise Replaced


def _says_the_same(
    row: QuestionnaireAnswer, week: int | None, answered_on: date, given: AnswerValues
) -> bool:
    """Return whether an answer adds nothing to the row. The day counts on paper alone, where it is typed."""
    same_day = not row.on_paper or row.answered_on == answered_on
    return same_day and (row.week, row.values, row.names) == (week, given["values"], given["names"])


def _log_daily_life(row: QuestionnaireAnswer) -> None:
    """Write the pain of a weekly answer into the log, as the week's entry or as its correction.

    A correction of something else leaves the entry alone: its pain may have been corrected in the log in the meantime.
    """
    pain = row.values.get(DAILY_LIFE_ITEM)
    if row.code != WEEKLY or row.week is None or pain is None:
        return
    monday = row.enrollment.cohort.starts_on + (row.week - 1) * WEEK
    entry = daily_life(row.enrollment).filter(week_starts_on=monday).first()
    if entry is not None and row.corrects is not None and row.corrects.values.get(DAILY_LIFE_ITEM) == pain:
        return
    log.answer_daily_life(
        enrollment=row.enrollment,
        key=uuid.uuid5(row.key, "daily life"),
        week_starts_on=monday,
        # An answer of the days after is about the week that ended; the day on a paper may be any.
        local_on=min(max(row.answered_on, monday), monday + SUNDAY),
        pain=pain,
        by=row.by,
        at=row.at,
    )


def load(*, data: Any, by: User, at: datetime) -> LoadedQuestionnaire:
    """Store a version of a questionnaire from the data of its file. Raise WrongFile."""
    one = read_data(data)
    check_is_next(one)
    try:
        with transaction.atomic():
            return LoadedQuestionnaire.objects.create(
                code=one.code, version=one.version, definition=data, by=by, at=at
            )
    except IntegrityError as error:  # the same file, loaded twice at the same moment
        raise WrongFile([f"Version {one.version} of “{one.code}” is loaded already."]) from error


def check_is_next(one: Questionnaire) -> None:
    """Raise WrongFile if the code is a built-in one, or the version is not above the one in force."""
    if one.code in {mine.code for mine in built_in()}:
        raise WrongFile([f"“{one.code}” is built in. Give your questionnaire another code."])
    versions = definitions().get(one.code, {})
    if versions and one.version <= max(versions):
        raise WrongFile(
            [f"Version {max(versions)} of “{one.code}” is in force. Raise the version to load other words."]
        )


def _lock(enrollment: Enrollment) -> None:
    # Two phones of one runner, or a runner and a clinician, answer the same week one after the other.
    Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment.pk)
