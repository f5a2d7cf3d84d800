"""Writes of a guided session: a set as it is done, the finish, and what arrives late from another phone.

A set is stored once: the page's key names it, and its place in the session takes one set. All writes of one runner
wait for each other, because two phones may begin the same day's session at the same moment.
"""

import uuid
from collections.abc import Container, Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction

from challenge.accounts.models import User
from challenge.enrollment.models import Enrollment
from challenge.workouts.actions import (
    EntryGone,
    LoggedEntry,
    PainValues,
    SetValues,
    change_entry,
    log_strength,
    worst_pain,
)
from challenge.workouts.models import StrengthSession, entry_values
from challenge.workouts.strength_session_models import UNFINISHED, GuidedSession, GuidedSet
from challenge.workouts.triage import flags_of

HIGHEST_NUMBER = 20  # of a set, in the database
EASIER_FORM = "Easier form: "  # begins the reason of a set whose exercise stayed and whose form changed


class NothingDone(Exception):
    """The session has no set that could be saved."""


class GuidedSetValues(TypedDict):
    """One set of one leg: its place (`planned`, `leg`, `number`) and what was done there."""

    planned: str
    leg: str
    number: int
    exercise: str
    form: str
    reps: int | None
    seconds: int | None
    load_g: int | None
    pain: int | None
    because: str


def save_set(
    *,
    enrollment: Enrollment,
    session_key: uuid.UUID,
    local_on: date,
    by: User | None,
    at: datetime,
    **values: Unpack[GuidedSetValues],
) -> GuidedSession:
    """Store a set once and return its session; the same set again changes its amount, load and pain.

    If another phone filled the place first, that set counts. A set that comes after the finish is added to the entry.
    """
    place = {name: values[name] for name in ("planned", "leg", "number")}
    key = uuid.uuid5(session_key, "{planned}:{leg}:{number}".format(**place))
    with transaction.atomic():
        _lock(enrollment)
        stored = GuidedSet.objects.filter(enrollment=enrollment, key=key).select_related("session").first()
        session = stored.session if stored else _session_for(enrollment, session_key, local_on, at)
        before = [*session.sets.all()]
        if stored is not None:
            for name, value in values.items():
                setattr(stored, name, value)
            stored.save(update_fields=[*values])
        elif not session.sets.filter(**place).exists():
            GuidedSet.objects.create(enrollment=enrollment, session=session, key=key, done_at=at, **values)
        if session.finished is not None:
            _correct(session.finished, before, [*session.sets.all()], by=by, at=at)
    return session


def finish(
    *,
    enrollment: Enrollment,
    session_key: uuid.UUID,
    local_on: date,
    by: User | None,
    at: datetime,
    **pain: Unpack[PainValues],
) -> LoggedEntry[StrengthSession]:
    """Write the session's sets to the log as one entry. Raise NothingDone without a set, unless something is wrong.

    A second finish, from another phone, keeps the worst pain and adds its symptoms: a stop must never be lost.
    """
    with transaction.atomic():
        _lock(enrollment)
        session = _find(enrollment, session_key) or _latest_of(enrollment, local_on)
        if session is None or not session.sets.exists():
            # What went wrong in the first set has to reach the clinic, although no set was done.
            if not pain.get("symptoms"):
                raise NothingDone
            session = session or _session_for(enrollment, session_key, local_on, at)
        if session.finished is not None:
            return _finish_again(session.finished, pain, by=by, at=at)
        logged = log_strength(
            enrollment=enrollment,
            key=session.key,
            local_on=session.local_on,
            sets=sets_for_entry(session.sets.all()),
            by=by,
            at=at,
            **pain,
        )
        GuidedSession.objects.filter(pk=session.pk).update(finished=logged.entry)
    return logged


def discard(*, enrollment: Enrollment, session_key: uuid.UUID, at: datetime) -> None:
    """Let go of an unfinished session. Its rows stay, but are asked about no more."""
    GuidedSession.objects.filter(UNFINISHED, enrollment=enrollment, key=session_key).update(discarded_at=at)


def keep_typed(
    *,
    enrollment: Enrollment,
    session_key: uuid.UUID,
    local_on: date,
    typed: dict[str, list[str]],
    at: datetime,
) -> None:
    """Keep an unfinished form of the day as it was typed."""
    with transaction.atomic():
        _lock(enrollment)
        session = _session_for(enrollment, session_key, local_on, at)
        GuidedSession.objects.filter(UNFINISHED, pk=session.pk).update(typed=typed)


def finish_by_form(
    *,
    enrollment: Enrollment,
    key: uuid.UUID,
    shown: Container[tuple[str, int]],
    seen: int,
    sets: list[SetValues],
    by: User | None,
    at: datetime,
    **values: Any,
) -> LoggedEntry[StrengthSession]:
    """Log the form of a session. If it continues a guided one, that is finished with it, or corrected.

    `shown` are the exercises and numbers that the form has, `seen` is the last set it knew: sets done on a phone since
    then, or left out of the plan since then, are added and not lost.
    """
    with transaction.atomic():
        _lock(enrollment)
        session = _find(enrollment, key)
        rows = session.sets.all() if session is not None else ()
        missing = [row for row in rows if row.pk > seen or (row.planned, row.number) not in shown]
        sets = numbered([*sets, *sets_for_entry(missing)])
        if session is not None and session.finished is not None and session.finished.deleted_at is None:
            logged = change_entry(entry=session.finished, values=values, sets=sets, by=by, at=at)
            return _with_flags(logged)
        logged = log_strength(enrollment=enrollment, key=key, sets=sets, by=by, at=at, **values)
        GuidedSession.objects.filter(UNFINISHED, enrollment=enrollment, key=key).update(finished=logged.entry)
    return logged


def sets_for_entry(rows: Iterable[GuidedSet]) -> list[SetValues]:
    """Return the sets of the log: both legs of one set are one, with the fewer repetitions and the worse pain."""
    places: dict[tuple[str, str, str, int], list[GuidedSet]] = {}
    for row in rows:
        places.setdefault((row.planned, row.exercise, row.form, row.number), []).append(row)
    return numbered(_one_set(legs) for legs in places.values())


def numbered(sets: Iterable[SetValues]) -> list[SetValues]:
    """Return the sets numbered by exercise.

    An exercise may come twice, as planned and as the substitute of another; its sets then share one numbering.
    """
    counted: dict[str, int] = {}
    result: list[SetValues] = []
    for values in sets:
        counted[values["exercise"]] = counted.get(values["exercise"], 0) + 1
        result.append({**values, "number": min(counted[values["exercise"]], HIGHEST_NUMBER)})
    return result


def _one_set(legs: list[GuidedSet]) -> SetValues:
    first = legs[0]
    swapped = first.exercise != first.planned
    because = first.because if swapped or not first.because else f"{EASIER_FORM}{first.because}"[:200]
    return {
        "exercise": first.exercise,
        "number": first.number,
        "reps": min((leg.reps for leg in legs if leg.reps is not None), default=None),
        "seconds": min((leg.seconds for leg in legs if leg.seconds is not None), default=None),
        "load_g": max((leg.load_g for leg in legs if leg.load_g is not None), default=None),
        "pain": max((leg.pain for leg in legs if leg.pain is not None), default=None),
        "instead_of": first.planned if swapped else "",
        "because": because,
    }


def _lock(enrollment: Enrollment) -> None:
    Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment.pk)


def _find(enrollment: Enrollment, key: uuid.UUID) -> GuidedSession | None:
    return GuidedSession.objects.filter(enrollment=enrollment, key=key).select_related("finished").first()


def _latest_of(enrollment: Enrollment, local_on: date) -> GuidedSession | None:
    """Return the day's session, an unfinished one first: another phone gave it another key."""
    of_day = GuidedSession.objects.filter(enrollment=enrollment, local_on=local_on, discarded_at__isnull=True)
    unfinished = of_day.filter(UNFINISHED).first()
    return unfinished or of_day.select_related("finished").order_by("-started_at").first()


def _session_for(enrollment: Enrollment, key: uuid.UUID, local_on: date, at: datetime) -> GuidedSession:
    """Return the page's session, else the day's unfinished one, else a new one."""
    unfinished = GuidedSession.objects.filter(UNFINISHED, enrollment=enrollment, local_on=local_on)
    session = _find(enrollment, key) or unfinished.first()
    return session or GuidedSession.objects.create(
        enrollment=enrollment, key=key, local_on=local_on, started_at=at
    )


def _correct(
    entry: StrengthSession, before: list[GuidedSet], after: list[GuidedSet], *, by: User | None, at: datetime
) -> None:
    """Bring a late set into the finished entry; keep what the runner corrected by hand since."""
    known = {row.pk for row in before}
    current: list[Any] = [entry_values(row) for row in entry.sets.order_by("pk")]
    if current == sets_for_entry(before):
        sets = sets_for_entry(after)
    else:
        sets = numbered([*current, *sets_for_entry(row for row in after if row.pk not in known)])
    try:
        change_entry(entry=entry, values={"pain": entry.pain}, sets=sets, by=by, at=at)
    except EntryGone:
        return  # taken out of the log by its runner; the row of the set stays


def _finish_again(
    entry: StrengthSession, pain: PainValues, *, by: User | None, at: datetime
) -> LoggedEntry[StrengthSession]:
    note = pain.get("note", "")
    values: dict[str, Any] = {
        "pain": worst_pain(entry.pain, [{"pain": pain.get("pain")}]),
        "symptoms": [*entry.symptoms, *(s for s in pain.get("symptoms", []) if s not in entry.symptoms)],
        "note": entry.note if note in entry.note else f"{entry.note}\n{note}".strip(),
        "site": entry.site or pain.get("site", ""),
        "side": entry.side or pain.get("side", ""),
    }
    try:
        logged = change_entry(entry=entry, values=values, by=by, at=at)
    except EntryGone:
        return LoggedEntry(entry, created=False)
    return _with_flags(logged)


def _with_flags(logged: LoggedEntry[StrengthSession]) -> LoggedEntry[StrengthSession]:
    """Return the result with the flags of its first version too, so that a stop is shown again."""
    stop, ask = flags_of(logged.entry)
    return replace(logged, stop=logged.stop or stop, ask=logged.ask or ask)
