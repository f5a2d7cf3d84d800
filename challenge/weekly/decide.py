"""Decide weeks: lock the runners, read what the engine must know, let it decide, save. One runner is the unit.

Follow a decision here, in `engine_inputs`, in `protocol.weekly`, in `save` and in `email.messages`. When something
changes within the week, it is decided again as a new revision. `replay` recomputes past decisions from their stored
input, to prove that the method decided what was sent.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from challenge.accounts.models import User
from challenge.care.actions import start_phase
from challenge.care.models import PhaseChange, WeeklyTarget
from challenge.care.queries import decision_of, target_of_week
from challenge.enrollment.cohort_actions import begin_cohorts
from challenge.enrollment.cohort_parameters import parameters_in_force, parameters_of
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import active_enrollments
from challenge.mail.actions import withdraw_unsent
from challenge.mail.models import MessageKind, MessageState
from challenge.protocol.decision import Decision
from challenge.protocol.local_week import current_week_start, week_decided_at
from challenge.protocol.parameters import Parameters
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.validation import ProtocolError
from challenge.protocol.vocabulary import HeelStrikeStep
from challenge.protocol.weekly import decide
from challenge.weekly.due import due, out_of_date
from challenge.weekly.engine_inputs import gather_snapshots
from challenge.weekly.save import DecidedWeek, save_weeks

log = logging.getLogger(__name__)

GROUP_SIZE = 400  # a group costs about thirty queries, whatever its size


class TooLate(Exception):
    """The week is decided already, was decided again, or is over; `str()` is what to do instead."""


@dataclass(frozen=True)
class Group:
    """The runners of one group by enrollment id: those who were tried, and those whose week was decided."""

    tried: set[int]
    decided: set[int]


def decide_due(
    *, now: Callable[[], datetime], cohort: Cohort | None = None, until: datetime | None = None
) -> int:
    """Decide every week that is due, in groups, and return how many. Stop after `until`; the next pass goes on.

    Two passes that run together share the work: each takes runners that the other has not locked.
    """
    begin_cohorts(at=now(), cohort=cohort)
    decided, undecided = 0, set[int]()
    while until is None or now() < until:
        group = _decide_group(at=now(), cohort=cohort, without=undecided)
        if not group.tried:
            break
        decided += len(group.decided)
        # A runner whose log is impossible stays due: without this, the loop would never end.
        undecided |= group.tried - group.decided
    return decided


def _decide_group(*, at: datetime, cohort: Cohort | None, without: set[int]) -> Group:
    """Decide up to one group of the runners who are due; the group is empty once none is left."""
    for week, runners in due(at=at, cohort=cohort):
        with transaction.atomic():
            free = runners.exclude(pk__in=without).select_for_update(
                of=("self",), no_key=True, skip_locked=True
            )
            chosen = list(free[:GROUP_SIZE])
            if not chosen:
                continue
            # Ask again under the lock: another pass may have decided some of them a moment ago.
            decided = WeeklyTarget.objects.filter(
                enrollment__in=[runner.pk for runner in chosen], week_starts_on=week
            )
            known = set(decided.values_list("enrollment_id", flat=True))
            undecided = [runner for runner in chosen if runner.pk not in known]
            saved = _decide_all(undecided, week_starts_on=week, at=at)
            return Group({runner.pk for runner in chosen}, {target.enrollment_id for target in saved})
    return Group(set(), set())


def lock_runner(enrollment: Enrollment) -> Enrollment:
    """Return the runner, locked. Raise TooLate if they have left."""
    runner = lock_active_runner(enrollment)
    if runner is None:
        raise TooLate("This runner has left the challenge, so there’s no week left to decide.")
    return runner


def lock_active_runner(enrollment: Enrollment) -> Enrollment | None:
    """Return the runner, locked; None if they have left, maybe a moment ago."""
    rows: QuerySet[Enrollment] = active_enrollments().select_for_update(of=("self",), no_key=True)
    return rows.filter(pk=enrollment.pk).first()


def _decide_all(runners: Sequence[Enrollment], *, week_starts_on: date, at: datetime) -> list[WeeklyTarget]:
    """Decide and save the first revision of the week. One impossible log must not block the group."""
    _start_phases(runners, week_starts_on=week_starts_on, at=at)
    cohorts = {runner.seat.cohort_id for runner in runners}
    parameters = parameters_in_force(cohorts, week_starts_on=week_starts_on)
    least_pain = min((numbers.amber_from for numbers in parameters.values()), default=0)
    snapshots = gather_snapshots(runners, week_starts_on=week_starts_on, at=at, least_pain=least_pain)
    weeks = []
    for runner in runners:
        snapshot, numbers = snapshots[runner.pk], parameters[runner.seat.cohort_id]
        try:
            decision = decide(snapshot, numbers)
        except ProtocolError:
            log.exception("a week could not be decided", extra={"enrollment": runner.pk})
        else:
            because = _first_reason(runner, week_starts_on)
            weeks.append(DecidedWeek(runner, snapshot, decision, numbers, because))
    return save_weeks(weeks, at=at, by=None)


def _first_reason(runner: Enrollment, week_starts_on: date) -> WeeklyTarget.RevisionReason:
    user = runner.seat.user
    joined = user is not None and runner.created_at > week_decided_at(week_starts_on, user.zone)
    return WeeklyTarget.RevisionReason.JOINED if joined else WeeklyTarget.RevisionReason.MONDAY


def _start_phases(runners: Sequence[Enrollment], *, week_starts_on: date, at: datetime) -> None:
    """Put runners without a phase into phase 1 (`phase.start`), from Monday 06:00 or from their joining on."""
    ids = [runner.pk for runner in runners]
    started = set(PhaseChange.objects.filter(enrollment__in=ids).values_list("enrollment_id", flat=True))
    for runner in runners:
        if runner.pk not in started and runner.seat.user is not None:
            begun = max(week_decided_at(week_starts_on, runner.seat.user.zone), runner.created_at)
            start_phase(enrollment=runner, at=min(begun, at))


def revise_week(
    *,
    enrollment: Enrollment,
    because: WeeklyTarget.RevisionReason,
    by: User | None,
    at: datetime,
    if_state_differs: bool = False,
) -> WeeklyTarget | None:
    """Decide the present week again (`decision.now`) and return the new revision.

    Return None if the week is not decided yet, or the runner has left. With `if_state_differs`, return the last
    revision if it has the same state and hold. Call it inside the transaction of what changed. The unsent email of the
    old revision is withdrawn; the runner gets a new one if the last one sent is no longer right.
    """
    with transaction.atomic():
        runner = lock_active_runner(enrollment)
        last = _present_week(runner, at=at) if runner is not None else None
        if runner is None or last is None:
            return None
        monday = last.week_starts_on
        parameters = parameters_of(runner.seat.cohort, week_starts_on=monday)
        snapshot = _snapshot_now(runner, parameters, monday=monday, at=at)
        decision = decide(snapshot, parameters)
        if if_state_differs and (decision.state, decision.on_hold) == (decision_of(last).state, last.on_hold):
            return last
        # Withdraw before looking for the last sent email: what can still be recalled was never sent.
        withdraw_unsent(about=runner.about, kind=MessageKind.WEEKLY, at=at)
        sent = _last_sent(runner, monday)
        week = DecidedWeek(
            runner,
            snapshot,
            decision,
            parameters,
            because,
            emailed=sent is None or _email_facts(decision_of(sent)) != _email_facts(decision),
            replaces=sent is not None,
            # The engine's own revisions, a stop above all, are sent immediately.
            send_at=quiet_until(parameters, at=at) if by is not None else None,
        )
        return save_weeks([week], at=at, by=by)[0]


def _snapshot_now(runner: Enrollment, parameters: Parameters, *, monday: date, at: datetime) -> Snapshot:
    least_pain = parameters.amber_from
    return gather_snapshots([runner], week_starts_on=monday, at=at, least_pain=least_pain)[runner.pk]


def quiet_until(parameters: Parameters, *, at: datetime) -> datetime:
    """Return the moment until which the email of a person's decision waits for their next one (`decision.quiet`)."""
    return at + timedelta(minutes=parameters.quiet_minutes)


def _present_week(runner: Enrollment, *, at: datetime) -> WeeklyTarget | None:
    """Return the latest revision of the runner's present week; None if it is not decided."""
    user = runner.seat.user
    if user is None:
        return None
    return target_of_week(runner, week_starts_on=current_week_start(at, user.zone))


def _last_sent(runner: Enrollment, week_starts_on: date) -> WeeklyTarget | None:
    """Return the latest revision whose email was sent, or is being sent and cannot be recalled."""
    emailed = WeeklyTarget.objects.filter(
        enrollment=runner, week_starts_on=week_starts_on, message__isnull=False
    )
    gone = emailed.exclude(message__state__in=[MessageState.WITHDRAWN, MessageState.FAILED])
    return gone.order_by("-revision").first()


def _email_facts(decision: Decision) -> tuple[object, ...]:
    """Return the facts of the week's email: a second decision with the same facts needs no second email."""
    return (
        decision.state,
        decision.cadence.target_spm,
        [
            # The step of the ladder and the reason may change without a word of the email changing.
            replace(dose, step=0, since_on=decision.week_on, reason=decision.cadence.reason)
            for dose in decision.exercises
        ],
        decision.longest_run and decision.longest_run.limit_m,
        decision.strike.step is HeelStrikeStep.NEVER,
    )


def revise_out_of_date(*, at: datetime) -> int:
    """Revise the weeks that no page revised, and return how many: see `due.out_of_date`."""
    revised = 0
    for runner, because in out_of_date(at=at):
        try:
            # A sore place changes exercises, not the state: revise without comparing.
            differs = because != WeeklyTarget.RevisionReason.COMPLAINT
            revise_week(enrollment=runner, because=because, by=None, at=at, if_state_differs=differs)
            revised += 1
        except ProtocolError:
            log.exception("a week could not be revised", extra={"enrollment": runner.pk})
    return revised


@dataclass(frozen=True)
class ReplayOutcome:
    """One recomputed decision, with a line for each value that differs."""

    enrollment_id: int
    week: int
    revision: int
    differences: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return a name of the decision for people, without the runner's name."""
        return f"week {self.week}, runner {self.enrollment_id}, revision {self.revision}"


def replay(*, cohort: Cohort, altered: dict[str, int]) -> Iterator[ReplayOutcome]:
    """Yield every decision of the cohort, oldest first, recomputed from its own stored input.

    `altered` replaces parameters by name. Each week is recomputed by itself: the weeks before it stay as they were.
    Erased rows have no input and are left out. Raise ProtocolError for a parameter that does not exist or is out of
    range.
    """
    rows = WeeklyTarget.objects.filter(enrollment__seat__cohort=cohort).exclude(snapshot={})
    # Stream the rows: each holds three JSON documents.
    for row in rows.order_by("week_starts_on", "enrollment_id", "revision").iterator(chunk_size=200):
        parameters, snapshot = Parameters.from_json(row.parameters), Snapshot.from_json(row.snapshot)
        # Through its type: an older schema is brought up to date before the two are compared.
        before = Decision.from_json(row.decision).to_data()
        again = decide(snapshot, parameters.altered(**altered) if altered else parameters).to_data()
        # With an older engine's decision, compare what this engine decides with the stored parameters: the difference
        # must show the altered parameter, not the change of the engine.
        if altered and again["engine_version"] != row.engine_version:
            before = decide(snapshot, parameters).to_data()
        lines = differences(before, again, ignore="parameters_version" if altered else "")
        yield ReplayOutcome(row.enrollment_id, row.week, row.revision, tuple(lines))


def differences(before: Any, after: Any, *, where: str = "", ignore: str = "") -> Iterator[str]:
    """Yield a line for each value that differs, by its path: `cadence.target_spm: 168 -> 165`."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            if name != ignore:
                path = f"{where}.{name}" if where else name
                yield from differences(before.get(name), after.get(name), where=path)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from differences(old, new, where=f"{where}[{place}]")
    elif before != after:
        yield f"{where}: {before} -> {after}"
