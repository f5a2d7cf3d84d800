"""Decide each runner's week: lock, read, let the engine decide, save."""

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from challenge.care.actions import start_phase
from challenge.care.models import PhaseChange, WeeklyTarget
from challenge.care.queries import target_of_week
from challenge.enrollment.cohort_actions import begin_cohorts
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import active_enrollments
from challenge.protocol.local_week import week_decided_at
from challenge.protocol.parameters import CLINIC
from challenge.protocol.validation import ProtocolError
from challenge.protocol.weekly import decide
from challenge.weekly.due import due
from challenge.weekly.engine_inputs import gather_snapshots
from challenge.weekly.save import DecidedWeek, save_weeks

log = logging.getLogger(__name__)


DEFERRED = (
    *("seat__held_at", "seat__hold_ends_at", "seat__confirmed_at", "seat__ended_at"),
    *("seat__user__password", "seat__user__last_login", "seat__user__joined_at"),
)
GROUP_SIZE = 400  # a group costs about thirty queries, whatever its size


class TooLate(Exception):
    """The week is decided, decided anew or over; `str()` says what to do instead."""


def decide_week(*, enrollment: Enrollment, week_starts_on: date, at: datetime) -> WeeklyTarget:
    """The runner's week, with snapshot, versions and email in one transaction; decided before, it is returned.

    Raises ProtocolError where the log says what cannot be.
    """
    begin_cohorts(at=at)
    with transaction.atomic():
        runner = lock_runner(enrollment)
        there = target_of_week(runner, week_starts_on=week_starts_on)
        if there is not None:
            return there
        return _decide_all([runner], week_starts_on=week_starts_on, at=at, strict=True)[0]


def decide_due(
    *, now: Callable[[], datetime], cohort: Cohort | None = None, until: datetime | None = None
) -> int:
    """Decides everybody who is due, in groups; returns how many. Stops at `until`, and the next pass goes on.

    Two passes at once share the work: each takes runners that the other does not hold.
    """
    begin_cohorts(at=now(), cohort=cohort)
    decided, tried = 0, set[int]()
    while until is None or now() < until:
        done, seen = _decide_group(at=now(), cohort=cohort, without=tried)
        decided += done
        tried |= seen
        if not seen:
            break
    return decided


def _decide_group(*, at: datetime, cohort: Cohort | None, without: set[int]) -> tuple[int, set[int]]:
    for week, runners in due(at=at, cohort=cohort):
        with transaction.atomic():
            chosen = _lock_free_runners(runners.exclude(pk__in=without))
            if not chosen:
                continue
            # Asked again under the lock: another pass may have decided some of them a moment ago.
            ids = {runner.pk for runner in chosen}
            there = set(
                WeeklyTarget.objects.filter(enrollment__in=ids, week_starts_on=week).values_list(
                    "enrollment_id", flat=True
                )
            )
            left = [runner for runner in chosen if runner.pk not in there]
            return len(_decide_all(left, week_starts_on=week, at=at, strict=False)), ids
    return 0, set()


def _lock_free_runners(runners: QuerySet[Enrollment]) -> list[Enrollment]:
    """Up to a group of those whom no other pass holds, locked. A cohort is read once, not with each of its runners."""
    alone = runners.select_related(None).select_related("seat__user").defer(*DEFERRED)
    chosen = list(alone.select_for_update(of=("self",), no_key=True, skip_locked=True)[:GROUP_SIZE])
    cohorts = Cohort.objects.in_bulk({runner.seat.cohort_id for runner in chosen})
    for runner in chosen:
        runner.seat.cohort = cohorts[runner.seat.cohort_id]
    return chosen


def lock_runner(enrollment: Enrollment) -> Enrollment:
    runner = lock_active_runner(enrollment)
    if runner is None:
        raise TooLate("This runner has left the challenge: there is no week to decide any more.")
    return runner


def lock_active_runner(enrollment: Enrollment) -> Enrollment | None:
    """The runner, locked; None where they have left, maybe a moment ago."""
    rows = active_enrollments().select_for_update(of=("self",), no_key=True)
    return rows.filter(pk=enrollment.pk).first()


def _decide_all(
    runners: Sequence[Enrollment], *, week_starts_on: date, at: datetime, strict: bool
) -> list[WeeklyTarget]:
    """First decisions of a week. One runner's impossible log keeps nobody else from theirs, unless `strict`."""
    _start_phases(runners, week_starts_on=week_starts_on, at=at)
    snapshots = gather_snapshots(runners, week_starts_on=week_starts_on, at=at)
    made = []
    for runner in runners:
        try:
            made.append(DecidedWeek(runner, snapshots[runner.pk], decide(snapshots[runner.pk], CLINIC)))
        except ProtocolError:
            if strict:
                raise
            log.exception("a week could not be decided", extra={"enrollment": runner.pk})
    because = {d.runner.pk: _first_reason(d.runner, week_starts_on) for d in made}
    return save_weeks(made, because=because, told=dict.fromkeys(because, False), at=at, by=None)


def _first_reason(runner: Enrollment, week_starts_on: date) -> WeeklyTarget.RevisionReason:
    user = runner.seat.user
    joined = user is not None and runner.created_at > week_decided_at(week_starts_on, user.zone)
    return WeeklyTarget.RevisionReason.JOINED if joined else WeeklyTarget.RevisionReason.MONDAY


def _start_phases(runners: Sequence[Enrollment], *, week_starts_on: date, at: datetime) -> None:
    """`phase.start`: whoever has no phase yet begins in phase 1, with the week and not with a late decision."""
    ids = [runner.pk for runner in runners]
    have = set(PhaseChange.objects.filter(enrollment__in=ids).values_list("enrollment_id", flat=True))
    for runner in runners:
        if runner.pk not in have and runner.seat.user is not None:
            begun = max(week_decided_at(week_starts_on, runner.seat.user.zone), runner.created_at)
            start_phase(enrollment=runner, at=min(begun, at))
