"""A decision becomes rows: the target with its input, the email, the questions to clinicians."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from challenge.accounts.models import User
from challenge.care.models import Flag, WeeklyTarget
from challenge.db.bulk import insert
from challenge.enrollment.models import Enrollment
from challenge.mail.actions import addresses_of, put_all_in_outbox
from challenge.mail.models import OutboxMessage
from challenge.mail.outgoing_message import OutgoingMessage
from challenge.mail.queries import unsubscribe_urls, wants_weekly
from challenge.protocol.decision import Decision
from challenge.protocol.log_view import LogView
from challenge.protocol.pain import pain_summary
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.reasons import Question
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.vocabulary import FlagKind, PainColor, Rule
from challenge.weekly.email.messages import WeeklyEmail, weekly_message_of

FLAG_OF_RULE = {
    Rule.CADENCE_STUCK: FlagKind.STUCK,
    Rule.CADENCE_REVIEW: FlagKind.REVIEW,
    Rule.PAIN_ASK: FlagKind.ASK,
    Rule.PAIN_SCALE: FlagKind.ASK,
}


@dataclass(frozen=True)
class DecidedWeek:
    """One runner's week before it is written."""

    runner: Enrollment
    snapshot: Snapshot
    decision: Decision


def save_weeks(
    made: Sequence[DecidedWeek],
    *,
    because: dict[int, WeeklyTarget.RevisionReason],
    told: dict[int, bool],
    at: datetime,
    by: User | None,
) -> list[WeeklyTarget]:
    """Email, decision and questions. `told`: whether an earlier email of this week went out to the runner."""
    letters = _messages(made, told=told)
    rows = (
        dict(zip(letters, put_all_in_outbox(list(letters.values()), at=at), strict=True)) if letters else {}
    )
    targets = insert(
        [_target(d, because=because[d.runner.pk], message=rows.get(d.runner.pk), at=at, by=by) for d in made],
        key="enrollment_id",
    )
    # Each is raised once: the same rule and source again changes nothing.
    flags = _without_open_question([flag for d in made for flag in _questions(d, at=at)])
    insert(flags, key=None, known_too=True)
    return targets


def _without_open_question(flags: list[Flag]) -> list[Flag]:
    """Leaves out what is asked in the same words already and waits for its answer: one question, one flag."""
    if not flags:
        return []
    there = Flag.objects.filter(enrollment__in={flag.enrollment_id for flag in flags}, closed_at__isnull=True)
    waiting: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for runner, rule, facts in there.values_list("enrollment_id", "rule", "facts"):
        waiting[runner, rule].append(facts)
    return [flag for flag in flags if flag.facts not in waiting[flag.enrollment_id, flag.rule]]


def _messages(made: Sequence[DecidedWeek], *, told: dict[int, bool]) -> dict[int, OutgoingMessage]:
    people = {d.runner.pk: d.runner.seat.user for d in made if d.runner.pk in told}
    addresses = addresses_of(user.email for user in people.values() if user is not None)
    links = unsubscribe_urls(addresses.values())
    found: dict[int, OutgoingMessage] = {}
    for d in made:
        user = people.get(d.runner.pk)
        address = addresses.get(user.email) if user is not None else None
        if address is None or not wants_weekly(address):
            continue
        week = WeeklyEmail(d.runner, d.decision, d.snapshot, links[address.pk], told[d.runner.pk])
        letter = weekly_message_of(week)
        if letter is not None:
            found[d.runner.pk] = letter
    return found


def _target(
    d: DecidedWeek,
    *,
    because: WeeklyTarget.RevisionReason,
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
        snapshot=d.snapshot,
        decision=decision,
        parameters=_target_row(parameters),
        engine_version=decision.engine_version,
        parameters_version=decision.parameters_version,
        message=message,
        by=by,
        at=at,
    )


def _questions(d: DecidedWeek, *, at: datetime) -> list[Flag]:
    """The engine's questions and warnings, where clinicians look for them."""
    asked = [
        Flag(
            enrollment=d.runner,
            kind=_flag_kind(question),
            rule=question.reason.rule.value,
            source=question.key,
            facts=dict(question.reason.facts),
            raised_at=at,
        )
        for question in d.decision.questions
    ]
    warned = [
        Flag(
            enrollment=d.runner,
            kind=FlagKind.LOAD,
            rule=warning.reason.rule.value,
            source=f"week:{d.decision.week_on.isoformat()}",
            facts=dict(warning.reason.facts) | {"serious": warning.serious},
            raised_at=at,
        )
        for warning in d.decision.warnings
        if not warning.information
    ]
    worse = [
        Flag(
            enrollment=d.runner,
            kind=FlagKind.WORSE_WEEK,
            rule=Rule.PAIN_MORNING.value,
            source=f"worse_week:{monday.isoformat()}",
            facts={"week": monday.isoformat()},
            raised_at=at,
        )
        for monday in sorted(_newly_worse(d.snapshot))
    ]
    return asked + warned + worse


def _newly_worse(snapshot: Snapshot) -> frozenset[date]:
    return pain_summary(LogView(snapshot), CLINIC).newly_worse if snapshot.mornings else frozenset()


def _flag_kind(question: Question) -> FlagKind:
    """Red pain in daily life is red pain; what else the method asks goes by its rule."""
    reason = question.reason
    if reason.rule is Rule.PAIN_SCALE and reason.fact("color") == PainColor.RED.value:
        return FlagKind.RED
    return FLAG_OF_RULE.get(reason.rule, FlagKind.QUESTION)


@cache
def _target_row(parameters: Parameters) -> dict[str, Any]:
    """The parameters as they are kept with every decision: the same for thousands of them."""
    return parameters.to_data()
