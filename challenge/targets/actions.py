"""Deciding a week, and deciding it anew when something changed. The engine decides; here it is written and told."""

import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from challenge.accounts.models import User
from challenge.care.actions import start_phase
from challenge.care.models import PhaseChange, WeeklyTarget
from challenge.care.queries import target_of_week
from challenge.care.stop import TELLS_TO_RUN, stopped_among
from challenge.enrollment.actions import begin_cohorts
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import active_enrollments
from challenge.mail.actions import clear_refused, put_all_in_outbox, send_again, withdraw_unsent
from challenge.mail.batches import let_go_whole
from challenge.mail.models import Kind, OutboxMessage, State
from challenge.mail.queries import has_opted_out
from challenge.protocol.bounds import ProtocolError
from challenge.protocol.parameters import CLINIC
from challenge.protocol.terms import StrikeStep
from challenge.protocol.weekly import decide
from challenge.targets.emails import clinic_message
from challenge.targets.models import ComingChange
from challenge.targets.queries import due, never_written, out_of_date, overtaken, standing_changes
from challenge.targets.snapshots import gather
from challenge.targets.weeks import decided_at, week_decided
from challenge.targets.writing import Decided, write

log = logging.getLogger(__name__)

UNREAD = (
    *("seat__held_at", "seat__hold_ends_at", "seat__confirmed_at", "seat__ended_at"),
    *("seat__user__password", "seat__user__last_login", "seat__user__joined_at"),
)
WEEK_OVERTAKEN = "What it says is no longer so: the week was decided anew, or is over."
OPTED_OUT = "The reader of this address has unsubscribed from weekly emails, or complained of them. Call them instead."
CALL_OVERTAKEN = "What it says is no longer so: somebody has taken it, or a later notice was written."
RUNNING_IS_OFF = "It tells to run, and running is off for this runner. Call them instead."
OVERTAKEN = {Kind.STAFF_ALERT: CALL_OVERTAKEN} | dict.fromkeys(TELLS_TO_RUN, RUNNING_IS_OFF)
AT_ONCE = 400  # a group costs about thirty queries, whatever its size


class TooLate(Exception):
    """The week is decided, decided anew or over; `str()` says what to do instead."""


def decide_week(*, enrollment: Enrollment, week_starts_on: date, at: datetime) -> WeeklyTarget:
    """The runner's week, with snapshot, versions and email in one transaction; decided before, it is returned.

    Raises ProtocolError where the log says what cannot be.
    """
    begin_cohorts(at=at)
    with transaction.atomic():
        runner = _locked(enrollment)
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
        with let_go_whole():
            done, seen = _decide_group(at=now(), cohort=cohort, without=tried)
        decided += done
        tried |= seen
        if not seen:
            break
    return decided


def _decide_group(*, at: datetime, cohort: Cohort | None, without: set[int]) -> tuple[int, set[int]]:
    for week, runners in due(at=at, cohort=cohort):
        with transaction.atomic():
            chosen = _taken(runners.exclude(pk__any_of=without))
            if not chosen:
                continue
            # Asked again under the lock: another pass may have decided some of them a moment ago.
            ids = {runner.pk for runner in chosen}
            there = set(
                WeeklyTarget.objects.filter(enrollment__any_of=ids, week_starts_on=week).values_list(
                    "enrollment_id", flat=True
                )
            )
            left = [runner for runner in chosen if runner.pk not in there]
            return len(_decide_all(left, week_starts_on=week, at=at, strict=False)), ids
    return 0, set()


def _taken(runners: QuerySet[Enrollment]) -> list[Enrollment]:
    """Up to a group of those whom no other pass holds, locked. A cohort is read once, not with each of its runners."""
    alone = runners.select_related(None).select_related("seat__user").defer(*UNREAD)
    chosen = list(alone.select_for_update(of=("self",), no_key=True, skip_locked=True)[:AT_ONCE])
    cohorts = Cohort.objects.in_bulk({runner.seat.cohort_id for runner in chosen})
    for runner in chosen:
        runner.seat.cohort = cohorts[runner.seat.cohort_id]
    return chosen


def _locked(enrollment: Enrollment) -> Enrollment:
    runner = _locked_if_active(enrollment)
    if runner is None:
        raise TooLate("This runner has left the challenge: there is no week to decide any more.")
    return runner


def _locked_if_active(enrollment: Enrollment) -> Enrollment | None:
    """The runner, locked; None where they have left, maybe a moment ago."""
    rows = active_enrollments().select_for_update(of=("self",), no_key=True)
    return rows.filter(pk=enrollment.pk).first()


def _decide_all(
    runners: Sequence[Enrollment], *, week_starts_on: date, at: datetime, strict: bool
) -> list[WeeklyTarget]:
    """First decisions of a week. One runner's impossible log keeps nobody else from theirs, unless `strict`."""
    _start_phases(runners, week_starts_on=week_starts_on, at=at)
    snapshots = gather(runners, week_starts_on=week_starts_on, at=at)
    made = []
    for runner in runners:
        try:
            made.append(Decided(runner, snapshots[runner.pk], decide(snapshots[runner.pk], CLINIC)))
        except ProtocolError:
            if strict:
                raise
            log.exception("a week could not be decided", extra={"enrollment": runner.pk})
    because = {d.runner.pk: _first_because(d.runner, week_starts_on) for d in made}
    return write(made, because=because, told=dict.fromkeys(because, False), at=at, by=None)


def _first_because(runner: Enrollment, week_starts_on: date) -> WeeklyTarget.Because:
    user = runner.seat.user
    joined = user is not None and runner.created_at > decided_at(week_starts_on, user.zone)
    return WeeklyTarget.Because.JOINED if joined else WeeklyTarget.Because.MONDAY


def _start_phases(runners: Sequence[Enrollment], *, week_starts_on: date, at: datetime) -> None:
    """`phase.start`: whoever has no phase yet begins in phase 1, with the week and not with a late decision."""
    ids = [runner.pk for runner in runners]
    have = set(PhaseChange.objects.filter(enrollment__any_of=ids).values_list("enrollment_id", flat=True))
    for runner in runners:
        if runner.pk not in have and runner.seat.user is not None:
            begun = max(decided_at(week_starts_on, runner.seat.user.zone), runner.created_at)
            start_phase(enrollment=runner, at=min(begun, at))


def revise_week(
    *,
    enrollment: Enrollment,
    because: WeeklyTarget.Because,
    by: User | None,
    at: datetime,
    if_state_differs: bool = False,
) -> WeeklyTarget | None:
    """`decision.now`: the present week decided anew, as one more revision; None where it is not decided yet, and for
    a runner who has left.

    Call it inside the transaction of what changed. An email of the old revision that has not gone out is taken back;
    the runner is told where what they were told last is no longer so.
    """
    with transaction.atomic():
        runner = _locked_if_active(enrollment)
        user = runner.seat.user if runner is not None else None
        if runner is None or user is None:
            return None
        last = target_of_week(runner, week_starts_on=week_decided(at, user.zone))
        if last is None:
            return None
        snapshot = gather([runner], week_starts_on=last.week_starts_on, at=at)[runner.pk]
        made = Decided(runner, snapshot, decide(snapshot, CLINIC))
        same = (made.decision.state, made.decision.on_hold) == (last.decision["state"], last.on_hold)
        if if_state_differs and same:
            return last
        withdraw_unsent(about=runner.about, kind=Kind.WEEKLY, at=at)
        said = _last_told(runner, last.week_starts_on)
        tell = said is None or _essence(said.decision) != _essence(made.decision.to_data())
        told = {runner.pk: said is not None} if tell else {}
        return write([made], because={runner.pk: because}, told=told, at=at, by=by)[0]


def _last_told(runner: Enrollment, week_starts_on: date) -> WeeklyTarget | None:
    """The latest revision whose email went out, or is on its way beyond recall."""
    gone = WeeklyTarget.objects.filter(enrollment=runner, week_starts_on=week_starts_on).exclude(
        message__state__in=[State.WITHDRAWN, State.FAILED]
    )
    return gone.filter(message__isnull=False).order_by("-revision").first()


def _essence(decision: dict[str, Any]) -> tuple[Any, ...]:
    """What an email tells: two decisions alike in this need no second one."""
    cadence, longest = decision["cadence"], decision["longest_run"]
    doses = ("exercise", "form", "sets", "reps", "seconds", "sessions_per_week")
    return (
        decision["state"],
        cadence["target_spm"],
        [[line[name] for name in doses] for line in decision["exercises"]],
        longest and longest["limit_m"],
        decision["strike"]["step"] == StrikeStep.NEVER,
    )


def revise_out_of_date(*, at: datetime) -> int:
    """Catches what no page revised: stop flags and sore joints of the log, pauses that the calendar began or ended."""
    revised = 0
    for runner, because in out_of_date(at=at):
        try:
            differs = because != WeeklyTarget.Because.JOINT
            revise_week(enrollment=runner, because=because, by=None, at=at, if_state_differs=differs)
            revised += 1
        except ProtocolError:
            log.exception("a week could not be decided anew", extra={"enrollment": runner.pk})
    return revised


def write_unwritten(*, at: datetime) -> int:
    """Write this week's email to whoever has none and can be written to again: a mark was cleared, or a reader who
    wanted none changed their mind. The week is decided once more, as its next revision."""
    written = 0
    for runners in never_written(at=at):
        for runner in runners:
            because = runner.weekly_targets.order_by("-week_starts_on", "-revision")[0].because
            try:
                revise_week(enrollment=runner, because=WeeklyTarget.Because(because), by=None, at=at)
                written += 1
            except ProtocolError:
                log.exception("a week could not be decided anew", extra={"enrollment": runner.pk})
    return written


def write_again(*, email: str, at: datetime) -> None:
    """An address that was marked as gone takes mail: clear the mark, and send again what had failed for this week.

    A week without any email is written by the next `write_unwritten`.
    """
    with transaction.atomic():
        clear_refused(emails=[email])
        failed = OutboxMessage.objects.filter(to_email=email, kind=Kind.WEEKLY, state=State.FAILED)
        for message in failed.filter(expires_at__gt=at, unsure=False):
            with contextlib.suppress(TooLate):
                resend(message=message, at=at)


def change_coming_week(
    *, enrollment: Enrollment, week_starts_on: date, cadence_spm: int, reason: str, by: User, at: datetime
) -> ComingChange:
    """Sets the cadence of a week that has not come, or holds the present one; replaces an earlier change.

    Raises TooLate from Monday 06:00 on, or once the week is decided.
    """
    with transaction.atomic():
        runner = _locked(enrollment)
        user = runner.seat.user
        begun = user is None or at >= decided_at(week_starts_on, user.zone)
        if begun or target_of_week(runner, week_starts_on=week_starts_on) is not None:
            raise TooLate("This week is decided. Set the value by hand on the runner's page instead.")
        take_back_change(enrollment=runner, week_starts_on=week_starts_on, at=at)
        return ComingChange.objects.create(
            enrollment=runner,
            week_starts_on=week_starts_on,
            cadence_spm=cadence_spm,
            reason=reason,
            by=by,
            at=at,
        )


def take_back_change(*, enrollment: Enrollment, week_starts_on: date, at: datetime) -> bool:
    """Leaves the week to the rules again; False where nothing was set."""
    standing = standing_changes(week_starts_on=week_starts_on).filter(enrollment=enrollment)
    return bool(standing.update(taken_back_at=at))


def resend(*, message: OutboxMessage, at: datetime) -> bool:
    """A failed message once more; False where it is not failed. Raises TooLate for a week that was decided anew or is
    over, for a call that somebody took, for a letter that tells a stopped runner to run, and for a weekly email that
    its reader no longer wants: no stale raise is ever sent. The runner is locked meanwhile, so that a stop flag comes
    before or after.
    """
    with transaction.atomic():
        told = Enrollment.objects.filter(weekly_targets__message=message)
        list(told.select_for_update(no_key=True, of=("self",)))
        if message.kind == Kind.WEEKLY and has_opted_out(message.to_email):
            raise TooLate(OPTED_OUT)
        if overtaken(message, at=at):
            raise TooLate(OVERTAKEN.get(Kind(message.kind), WEEK_OVERTAKEN))
        return send_again(message=message, at=at)


def write_to_cohort(*, cohort: Cohort, subject: str, text: str, key: str, by: User, at: datetime) -> int:
    """One message to every runner of the cohort; `key` and words again send nothing twice. Returns how many."""
    runners = list(active_enrollments().filter(seat__cohort=cohort))
    stopped = stopped_among(runners)
    key = sha256("\n".join((key, subject, text)).encode()).hexdigest()[:40]
    with transaction.atomic():
        put_all_in_outbox(
            [
                clinic_message(
                    runner=runner, subject=subject, text=text, key=key, look_first=runner.pk in stopped
                )
                for runner in runners
            ],
            at=at,
        )
    return len(runners)
