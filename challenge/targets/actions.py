"""Deciding a week, and deciding it anew when something changed. The engine decides; here it is written and told."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from challenge.accounts.models import User
from challenge.care.actions import raise_flag, start_phase
from challenge.care.models import Flag, PhaseChange, WeeklyTarget
from challenge.care.queries import target_of_week
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import active_enrollments
from challenge.mail.actions import addresses_of, put_all_in_outbox, withdraw_unsent
from challenge.mail.letters import Letter
from challenge.mail.models import Kind, OutboxMessage, State
from challenge.mail.queries import unsubscribe_url, wants_weekly
from challenge.protocol.bounds import ProtocolError
from challenge.protocol.decision import Decision
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.reasons import Question
from challenge.protocol.rules import Rule
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.weekly import decide
from challenge.targets.emails import Week, letter_of
from challenge.targets.queries import due, out_of_date
from challenge.targets.snapshots import gather
from challenge.targets.weeks import decided_at, week_decided

log = logging.getLogger(__name__)

AT_ONCE = 50
FLAG_OF_RULE = {
    Rule.CADENCE_STUCK: Flag.Kind.STUCK,
    Rule.CADENCE_REVIEW: Flag.Kind.REVIEW,
    Rule.PAIN_ASK: Flag.Kind.ASK,
    Rule.PAIN_SCALE: Flag.Kind.ASK,
    Rule.PAIN_MORNING: Flag.Kind.WORSE_WEEK,
}


@dataclass(frozen=True)
class Decided:
    """One runner's week before it is written."""

    runner: Enrollment
    snapshot: Snapshot
    decision: Decision


def decide_week(*, enrollment: Enrollment, week_starts_on: date, at: datetime) -> WeeklyTarget:
    """The runner's week, with snapshot, versions and email in one transaction; decided before, it is returned.

    Raises ProtocolError where the log says what cannot be.
    """
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
            chosen = list(
                runners.exclude(pk__in=without).select_for_update(
                    of=("self",), no_key=True, skip_locked=True
                )[:AT_ONCE]
            )
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


def _locked(enrollment: Enrollment) -> Enrollment:
    rows = active_enrollments().select_for_update(of=("self",), no_key=True)
    return rows.get(pk=enrollment.pk)


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
    return _write(made, because=because, told=dict.fromkeys(because, False), at=at, by=None)


def _first_because(runner: Enrollment, week_starts_on: date) -> WeeklyTarget.Because:
    user = runner.seat.user
    joined = user is not None and runner.created_at > decided_at(week_starts_on, user.zone)
    return WeeklyTarget.Because.JOINED if joined else WeeklyTarget.Because.MONDAY


def _start_phases(runners: Sequence[Enrollment], *, week_starts_on: date, at: datetime) -> None:
    """`phase.start`: whoever has no phase yet begins in phase 1, with the week and not with a late decision."""
    have = set(PhaseChange.objects.filter(enrollment__in=runners).values_list("enrollment_id", flat=True))
    for runner in runners:
        if runner.pk not in have and runner.seat.user is not None:
            begun = max(decided_at(week_starts_on, runner.seat.user.zone), runner.created_at)
            start_phase(enrollment=runner, at=min(begun, at))


def _write(
    made: Sequence[Decided],
    *,
    because: dict[int, WeeklyTarget.Because],
    told: dict[int, bool],
    at: datetime,
    by: User | None,
) -> list[WeeklyTarget]:
    """Email, decision and questions. `told`: whether an earlier email of this week went out to the runner."""
    letters = _letters(made, told=told)
    rows = (
        dict(zip(letters, put_all_in_outbox(list(letters.values()), at=at), strict=True)) if letters else {}
    )
    targets = WeeklyTarget.objects.bulk_create(
        _target(d, because=because[d.runner.pk], message=rows.get(d.runner.pk), at=at, by=by) for d in made
    )
    for d in made:
        _ask(d, at=at)
    return targets


def _letters(made: Sequence[Decided], *, told: dict[int, bool]) -> dict[int, Letter]:
    people = {d.runner.pk: d.runner.seat.user for d in made if d.runner.pk in told}
    addresses = addresses_of(user.email for user in people.values() if user is not None)
    found: dict[int, Letter] = {}
    for d in made:
        user = people.get(d.runner.pk)
        address = addresses.get(user.email) if user is not None else None
        if address is None or not wants_weekly(address):
            continue
        week = Week(d.runner, d.decision, d.snapshot, unsubscribe_url(address), told[d.runner.pk])
        letter = letter_of(week)
        if letter is not None:
            found[d.runner.pk] = letter
    return found


def _target(
    d: Decided,
    *,
    because: WeeklyTarget.Because,
    message: OutboxMessage | None,
    at: datetime,
    by: User | None,
    parameters: Parameters = CLINIC,
) -> WeeklyTarget:
    decision = d.decision
    return WeeklyTarget(
        enrollment=d.runner,
        week_starts_on=decision.week_on,
        week=decision.week_number,
        revision=decision.revision,
        because=because,
        phase=decision.phase.present.value,
        cadence_spm=decision.cadence.target_spm,
        on_hold=decision.on_hold,
        snapshot=d.snapshot.to_data(),
        decision=decision.to_data(),
        parameters=parameters.to_data(),
        engine_version=decision.engine_version,
        parameters_version=decision.parameters_version,
        message=message,
        by=by,
        at=at,
    )


def _ask(d: Decided, *, at: datetime) -> None:
    """The engine's questions and warnings, where clinicians look for them; each is raised once."""
    for question in d.decision.questions:
        kind = FLAG_OF_RULE.get(question.reason.rule, Flag.Kind.QUESTION)
        raise_flag(
            enrollment=d.runner,
            kind=kind,
            rule=question.reason.rule.value,
            source=question.key,
            facts=_facts(question),
            at=at,
        )
    for warning in d.decision.warnings:
        if not warning.information:
            raise_flag(
                enrollment=d.runner,
                kind=Flag.Kind.LOAD,
                rule=warning.reason.rule.value,
                source=f"week:{d.decision.week_on.isoformat()}",
                facts=dict(warning.reason.facts) | {"serious": warning.serious},
                at=at,
            )


def _facts(question: Question) -> dict[str, object]:
    return dict(question.reason.facts)


def revise_week(
    *,
    enrollment: Enrollment,
    because: WeeklyTarget.Because,
    by: User | None,
    at: datetime,
    if_state_differs: bool = False,
) -> WeeklyTarget | None:
    """`decision.now`: the present week decided anew, as one more revision; None where it is not decided yet.

    Call it inside the transaction of what changed. An email of the old revision that has not gone out is taken back;
    the runner is told where what they were told last is no longer so.
    """
    with transaction.atomic():
        runner = _locked(enrollment)
        user = runner.seat.user
        last = target_of_week(runner, week_starts_on=week_decided(at, user.zone)) if user else None
        if last is None or user is None:
            return None
        snapshot = gather([runner], week_starts_on=last.week_starts_on, at=at)[runner.pk]
        made = Decided(runner, snapshot, decide(snapshot, CLINIC))
        if if_state_differs and made.decision.state == last.decision["state"]:
            return last
        withdraw_unsent(about=runner.about, kind=Kind.WEEKLY, at=at)
        said = _last_told(runner, last.week_starts_on)
        tell = said is None or _essence(said.decision) != _essence(made.decision.to_data())
        told = {runner.pk: said is not None} if tell else {}
        return _write([made], because={runner.pk: because}, told=told, at=at, by=by)[0]


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
    )


def revise_out_of_date(*, at: datetime) -> int:
    """Catches what no page revised: stop flags raised from the log, pauses that began or ended with the calendar."""
    revised = 0
    for runner, because in out_of_date(at=at):
        try:
            revise_week(enrollment=runner, because=because, by=None, at=at, if_state_differs=True)
            revised += 1
        except ProtocolError:
            log.exception("a week could not be decided anew", extra={"enrollment": runner.pk})
    return revised
