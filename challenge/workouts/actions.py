"""Writes to the log. Each entry is stored once per form, keeps its history, and is checked for stop and ask.

A decision that was sent does not change: what is logged, changed or deleted later counts in the next one.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Generic, TypedDict, TypeVar, Unpack

from django.db import IntegrityError, transaction

from challenge.accounts.models import User
from challenge.care.models import Flag
from challenge.enrollment.models import Enrollment
from challenge.protocol.local_week import on_day
from challenge.workouts.entry_revisions import (
    Change,
    as_json,
    repeats_first_version,
    revision_values,
    save_revision,
)
from challenge.workouts.models import (
    ALIVE,
    AnyEntry,
    DailyLife,
    Morning,
    RestWeek,
    Run,
    StrengthSession,
    StrengthSet,
)
from challenge.workouts.triage import close_unreported, flags_of, source_of, symptoms_of, triage_entry

E = TypeVar("E", Run, StrengthSession, Morning, DailyLife, RestWeek)


class AlreadyAnswered(Exception):
    """The day or week has its answer already; `entry` is that answer."""

    def __init__(self, entry: AnyEntry) -> None:
        super().__init__("You have answered this already.")
        self.entry = entry


class EntryGone(Exception):
    """The entry was deleted after the form was opened."""


class PainValues(TypedDict, total=False):
    """Worst pain 0 to 10 and where, in the terms of `challenge.protocol.vocabulary`."""

    pain: int | None
    site: str
    side: str
    symptoms: list[str]
    note: str


class RunValues(PainValues, total=False):
    """A run as the runner or a file reports it: meters, seconds, steps a minute of both feet."""

    local_on: date
    distance_m: int
    duration_s: int
    started_at: datetime | None
    running_s: int | None
    cadence_spm: int | None
    cadence_source: str
    surface: str
    walk_breaks: bool
    hills: bool
    effort: str
    strike: str


class SetValues(TypedDict, total=False):
    """One set: reps or seconds, load in grams (None: body weight), and optionally its own pain 0 to 10."""

    exercise: str
    number: int
    reps: int | None
    seconds: int | None
    load_g: int | None
    pain: int | None
    instead_of: str
    because: str


@dataclass(frozen=True)
class LoggedEntry(Generic[E]):
    """The result of a form: its entry, whether it is new, and the flags it raised.

    `another` is true when the form had been sent before with other values, so that these became a second entry.
    """

    entry: E
    created: bool
    stop: Flag | None = None
    ask: Flag | None = None
    another: bool = False


def log_run(
    *, enrollment: Enrollment, key: uuid.UUID, by: User | None, at: datetime, **values: Unpack[RunValues]
) -> LoggedEntry[Run]:
    """Log a run, once per key. A stop or ask symptom raises its flag in the same transaction."""
    return _log(Run, enrollment=enrollment, key=key, values=dict(values), by=by, at=at)


def log_strength(
    *,
    enrollment: Enrollment,
    key: uuid.UUID,
    local_on: date,
    sets: list[SetValues],
    by: User | None,
    at: datetime,
    as_prescribed: bool = False,
    **pain: Unpack[PainValues],
) -> LoggedEntry[StrengthSession]:
    """Log a strength session with its sets, once per key. Its pain is at least that of its worst set."""
    pain["pain"] = worst_pain(pain.get("pain"), sets)
    values = {"local_on": local_on, "as_prescribed": as_prescribed, **pain}
    return _log(StrengthSession, enrollment=enrollment, key=key, values=values, by=by, at=at, sets=sets)


def worst_pain(session_pain: int | None, sets: Iterable[SetValues]) -> int | None:
    """Return the highest pain of the session and its sets, or None if none was given."""
    pains = [session_pain, *(values.get("pain") for values in sets)]
    return max((pain for pain in pains if pain is not None), default=None)


def log_morning(
    *,
    enrollment: Enrollment,
    key: uuid.UUID,
    local_on: date,
    by: User | None,
    at: datetime,
    stiffness_min: int | None = None,
    **pain: Unpack[PainValues],
) -> LoggedEntry[Morning]:
    """Log a morning, once per key and once per day. Raise AlreadyAnswered."""
    values = {"local_on": local_on, "stiffness_min": stiffness_min, **pain}
    return _log(Morning, enrollment=enrollment, key=key, values=values, by=by, at=at)


def log_daily_life(
    *,
    enrollment: Enrollment,
    key: uuid.UUID,
    week_starts_on: date,
    local_on: date,
    pain: int,
    by: User | None,
    at: datetime,
) -> LoggedEntry[DailyLife]:
    """Log the week's worst pain in daily life, 0 to 10. Raise AlreadyAnswered."""
    values = {"week_starts_on": week_starts_on, "local_on": local_on, "pain": pain}
    return _log(DailyLife, enrollment=enrollment, key=key, values=values, by=by, at=at)


def answer_daily_life(
    *,
    enrollment: Enrollment,
    key: uuid.UUID,
    week_starts_on: date,
    local_on: date,
    pain: int,
    by: User | None,
    at: datetime,
) -> LoggedEntry[DailyLife]:
    """Log the week's worst pain in daily life, or correct the answer. Of two at the same time the later counts.

    The question is asked in two places, which may be answered at the same time: both lock the runner.
    """
    with transaction.atomic():
        Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment.pk)
        of_week = DailyLife.objects.filter(ALIVE, enrollment=enrollment, week_starts_on=week_starts_on)
        # Locked, so that an answer is not deleted between the look and its correction.
        answer = of_week.select_for_update().first()
        if answer is not None:
            return change_entry(entry=answer, values={"pain": pain}, by=by, at=at)
        return log_daily_life(
            enrollment=enrollment,
            key=key,
            week_starts_on=week_starts_on,
            local_on=local_on,
            pain=pain,
            by=by,
            at=at,
        )


def log_rest_week(
    *,
    enrollment: Enrollment,
    key: uuid.UUID,
    week_starts_on: date,
    by: User | None,
    at: datetime,
    note: str = "",
) -> LoggedEntry[RestWeek]:
    """Log "nothing this week". Raise AlreadyAnswered."""
    values = {"week_starts_on": week_starts_on, "note": note}
    return _log(RestWeek, enrollment=enrollment, key=key, values=values, by=by, at=at)


def change_entry(
    *,
    entry: E,
    values: dict[str, Any],
    by: User | None,
    at: datetime,
    sets: list[SetValues] | None = None,
) -> LoggedEntry[E]:
    """Correct an entry and store its new revision. New symptoms raise flags as if they were logged now.

    Raise EntryGone if it was deleted since the form was opened, AlreadyAnswered if its day or week has another answer.
    """
    model = type(entry)
    with transaction.atomic():
        # The lock makes two corrections of one entry take consecutive revision numbers.
        locked = model.objects.select_for_update().filter(pk=entry.pk, deleted_at__isnull=True).first()
        if locked is None:
            raise EntryGone
        before, old_symptoms = revision_values(locked), set(symptoms_of(locked))
        if sets is not None and "pain" in values:
            values = values | {"pain": worst_pain(values["pain"], sets)}
        if isinstance(locked, Run):
            values = values | _file_values_after(locked, values)
        for name, value in values.items():
            setattr(locked, name, value)
        _save(locked, values)
        if sets is not None and isinstance(locked, StrengthSession):
            # Sets have no key of their own in the form, so a correction replaces all of them.
            locked.sets.all().delete()
            _write_sets(locked, sets)
        if revision_values(locked) == before:
            return LoggedEntry(locked, created=False)
        number = save_revision(locked, Change.CHANGED, by=by, at=at)
        # A symptom that was there before has its flag; a clinician may have closed it, so it is not raised again.
        new_symptoms = set(symptoms_of(locked)) - old_symptoms
        stop, ask = triage_entry(locked, new_symptoms=new_symptoms, source=source_of(locked, number), at=at)
        close_unreported(locked, at=at)
        return LoggedEntry(locked, created=False, stop=stop, ask=ask)


def _file_values_after(run: Run, values: dict[str, Any]) -> dict[str, Any]:
    """Return what a correction changes of the values that only a file has.

    The start moves with its day, and the running lasts no longer than the run.
    """
    after: dict[str, Any] = {}
    day, duration_s = values.get("local_on", run.local_on), values.get("duration_s", run.duration_s)
    if day != run.local_on and run.started_at is not None and "started_at" not in values:
        user = run.enrollment.seat.user
        after["started_at"] = on_day(run.started_at, day, user.zone) if user else None
    if run.running_s is not None and "running_s" not in values and run.running_s > duration_s:
        after["running_s"] = duration_s
    return after


def delete_entry(*, entry: AnyEntry, by: User | None, at: datetime) -> None:
    """Take an entry out of the log, once. Its history stays, and so does a flag it raised."""
    with transaction.atomic():
        # The conditional update makes two presses of the button one deletion with one revision.
        changed = type(entry).objects.filter(pk=entry.pk, deleted_at__isnull=True).update(deleted_at=at)
        if changed:
            entry.refresh_from_db()
            save_revision(entry, Change.DELETED, by=by, at=at)
            close_unreported(entry, deleted=True, at=at)


def _log(
    model: type[E],
    *,
    enrollment: Enrollment,
    key: uuid.UUID,
    values: dict[str, Any],
    by: User | None,
    at: datetime,
    sets: list[SetValues] | None = None,
) -> LoggedEntry[E]:
    """Insert the entry of a form, or return the entry of an earlier copy of the same form.

    A runner who goes back a page and types something else sends the old key with new values. These become an entry of
    their own, under a key derived from the values, so that sending them again does not store them twice.
    """
    entry = model(enrollment=enrollment, key=key, logged_at=at, **values)
    with transaction.atomic():
        # Insert first and ask afterwards: a look beforehand would race with the same form sent twice.
        try:
            with transaction.atomic():
                entry.save(force_insert=True)
        except IntegrityError:
            same = model.objects.filter(enrollment=enrollment, key=key).first()
            if same is not None and repeats_first_version(same, entry, sets):
                return LoggedEntry(same, False, *flags_of(same))
            if same is not None:
                derived = uuid.uuid5(key, as_json([values, sets]))
                again = _log(
                    model, enrollment=enrollment, key=derived, values=values, by=by, at=at, sets=sets
                )
                return replace(again, another=True)
            if (answer := _existing_answer(entry)) is not None:
                raise AlreadyAnswered(answer) from None
            raise
        return _complete(entry, sets or [], by=by, at=at)


def _complete(entry: E, sets: list[SetValues], *, by: User | None, at: datetime) -> LoggedEntry[E]:
    """Store the sets and the first revision of a new entry, and raise its flags."""
    if isinstance(entry, StrengthSession):
        _write_sets(entry, sets)
    save_revision(entry, Change.LOGGED, by=by, at=at)
    symptoms = set(symptoms_of(entry))
    stop, ask = triage_entry(entry, new_symptoms=symptoms, source=source_of(entry, 1), at=at)
    return LoggedEntry(entry, created=True, stop=stop, ask=ask)


def _save(entry: AnyEntry, values: dict[str, Any]) -> None:
    try:
        # A savepoint, because PostgreSQL refuses every further query after a failed constraint.
        with transaction.atomic():
            entry.save(update_fields=[*values])
    except IntegrityError:
        if (answer := _existing_answer(entry)) is not None:
            raise AlreadyAnswered(answer) from None
        raise


def _existing_answer(entry: AnyEntry) -> AnyEntry | None:
    """Return another undeleted answer of the same day (mornings) or week (weekly answers), or None."""
    if isinstance(entry, Run | StrengthSession):
        return None
    name = "local_on" if isinstance(entry, Morning) else "week_starts_on"
    same = {"enrollment_id": entry.enrollment_id, name: getattr(entry, name), "deleted_at__isnull": True}
    answer: AnyEntry | None = type(entry).objects.filter(**same).exclude(pk=entry.pk).first()
    return answer


def _write_sets(session: StrengthSession, sets: list[SetValues]) -> None:
    StrengthSet.objects.bulk_create(StrengthSet(session=session, **values) for values in sets)
