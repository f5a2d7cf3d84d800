"""Writing the log. Each entry is logged once per form, keeps its history, and is judged for stop and ask at once.

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
from challenge.workouts.entry_revisions import (
    Change,
    as_json,
    repeats_first_version,
    revision_values,
    save_revision,
)
from challenge.workouts.models import (
    AnyEntry,
    DailyLife,
    Morning,
    RestWeek,
    Run,
    StrengthSession,
    StrengthSet,
)
from challenge.workouts.triage import flags_of, source_of, symptoms_of, triage_entry

E = TypeVar("E", Run, StrengthSession, Morning, DailyLife, RestWeek)


class AlreadyAnswered(Exception):
    """This day or week has its answer already; `entry` is that answer."""

    def __init__(self, entry: AnyEntry) -> None:
        super().__init__("You have answered this already.")
        self.entry = entry


class EntryGone(Exception):
    """The entry was deleted meanwhile."""


class PainValues(TypedDict, total=False):
    """Worst pain 0 to 10 and where; the terms of `challenge.protocol.vocabulary`."""

    pain: int | None
    site: str
    side: str
    symptoms: list[str]
    note: str


class RunValues(PainValues, total=False):
    """A run as the runner or a file tells it: meters, seconds, steps a minute of both feet."""

    local_on: date
    distance_m: int
    duration_s: int
    started_at: datetime | None
    running_s: int | None
    cadence_spm: int | None
    cadence_source: str
    surface: str
    hills: bool
    effort: str
    strike: str


class SetValues(TypedDict, total=False):
    """One set: reps or seconds, load in grams (None: body weight), its own pain 0 to 10 where it was told."""

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
    """What became of a form: its entry, whether it is new, and the flags it raised.

    `another`: the form had been sent before with other values, so these are an entry of their own.
    """

    entry: E
    created: bool
    stop: Flag | None = None
    ask: Flag | None = None
    another: bool = False


def log_run(
    *, enrollment: Enrollment, key: uuid.UUID, by: User | None, at: datetime, **values: Unpack[RunValues]
) -> LoggedEntry[Run]:
    """Logs a run, once per key. A stop or ask symptom raises its flag in the same transaction."""
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
    """Logs a strength session with its sets, once per key. Its pain is at least that of its worst set."""
    pain["pain"] = worst_pain(pain.get("pain"), sets)
    values = {"local_on": local_on, "as_prescribed": as_prescribed, **pain}
    with transaction.atomic():
        return _log(StrengthSession, enrollment=enrollment, key=key, values=values, by=by, at=at, sets=sets)


def worst_pain(told: int | None, sets: Iterable[SetValues]) -> int | None:
    """The highest of what was told of the session and of its sets; None where nothing was."""
    pains = [told, *(one.get("pain") for one in sets)]
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
    """Logs a morning, once per key and once per day. Raises AlreadyAnswered."""
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
    """Logs the week's worst pain in daily life, 0 to 10. Raises AlreadyAnswered."""
    values = {"week_starts_on": week_starts_on, "local_on": local_on, "pain": pain}
    return _log(DailyLife, enrollment=enrollment, key=key, values=values, by=by, at=at)


def log_rest_week(
    *,
    enrollment: Enrollment,
    key: uuid.UUID,
    week_starts_on: date,
    by: User | None,
    at: datetime,
    note: str = "",
) -> LoggedEntry[RestWeek]:
    """ "Nothing this week" is an answer. Raises AlreadyAnswered."""
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
    """Corrects an entry; its history keeps what it said. Symptoms that are new are judged as if logged now.

    Raises EntryGone where it was deleted meanwhile, AlreadyAnswered where its day or week has another answer.
    """
    model = type(entry)
    with transaction.atomic():
        found = model.objects.select_for_update().filter(pk=entry.pk, deleted_at__isnull=True).first()
        if found is None:
            raise EntryGone
        before, old = revision_values(found), set(symptoms_of(found))
        if sets is not None and "pain" in values:
            values = values | {"pain": worst_pain(values["pain"], sets)}
        for name, value in values.items():
            setattr(found, name, value)
        _save(found, values)
        if sets is not None and isinstance(found, StrengthSession):
            found.sets.all().delete()
            _write_sets(found, sets)
        if revision_values(found) == before:
            return LoggedEntry(found, created=False)
        number = save_revision(found, Change.CHANGED, by=by, at=at)
        stop, ask = triage_entry(
            found, fresh=set(symptoms_of(found)) - old, source=source_of(found, number), at=at
        )
        return LoggedEntry(found, created=False, stop=stop, ask=ask)


def delete_entry(*, entry: AnyEntry, by: User | None, at: datetime) -> None:
    """Takes an entry out of the log; its history stays, and so does a flag it raised. Twice is once."""
    with transaction.atomic():
        changed = type(entry).objects.filter(pk=entry.pk, deleted_at__isnull=True).update(deleted_at=at)
        if changed:
            entry.refresh_from_db()
            save_revision(entry, Change.DELETED, by=by, at=at)


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
    """Inserts, and lets the database say whether this form came before: a look beforehand would race.

    Who goes back a page and types something else sends the old key with new values: these are kept too.
    """
    entry = model(enrollment=enrollment, key=key, logged_at=at, **values)
    with transaction.atomic():
        try:
            with transaction.atomic():
                entry.save(force_insert=True)
        except IntegrityError:
            same = model.objects.filter(enrollment=enrollment, key=key).first()
            if same is not None and repeats_first_version(same, entry, sets):
                return LoggedEntry(same, False, *flags_of(same))
            if same is not None:
                other = uuid.uuid5(key, as_json([values, sets]))
                again = _log(model, enrollment=enrollment, key=other, values=values, by=by, at=at, sets=sets)
                return replace(again, another=True)
            if (answer := _existing_answer(entry)) is not None:
                raise AlreadyAnswered(answer) from None
            raise
        if isinstance(entry, StrengthSession):
            _write_sets(entry, sets or [])
        save_revision(entry, Change.LOGGED, by=by, at=at)
        stop, ask = triage_entry(entry, fresh=set(symptoms_of(entry)), source=source_of(entry, 1), at=at)
        return LoggedEntry(entry, created=True, stop=stop, ask=ask)


def _save(entry: AnyEntry, values: dict[str, Any]) -> None:
    try:
        with transaction.atomic():
            entry.save(update_fields=[*values])
    except IntegrityError:
        if (answer := _existing_answer(entry)) is not None:
            raise AlreadyAnswered(answer) from None
        raise


def _existing_answer(entry: AnyEntry) -> AnyEntry | None:
    """The living answer of the same day (mornings) or week (weekly answers), other than this one."""
    if isinstance(entry, Run | StrengthSession):
        return None
    name = "local_on" if isinstance(entry, Morning) else "week_starts_on"
    same = {"enrollment_id": entry.enrollment_id, name: getattr(entry, name), "deleted_at__isnull": True}
    found: AnyEntry | None = type(entry).objects.filter(**same).exclude(pk=entry.pk).first()
    return found


def _write_sets(session: StrengthSession, sets: list[SetValues]) -> None:
    StrengthSet.objects.bulk_create(StrengthSet(session=session, **values) for values in sets)
