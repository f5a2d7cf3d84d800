"""Save decided weeks: the target with its input, the email, the questions to clinicians."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from challenge.accounts.models import User
from challenge.care.flag_kinds import KIND_OF_RULE
from challenge.care.models import Flag, WeeklyTarget
from challenge.care.questions import replace_older
from challenge.db.bulk import insert
from challenge.enrollment.models import Enrollment
from challenge.mail.actions import addresses_of, put_all_in_outbox
from challenge.mail.models import OutboxMessage
from challenge.mail.queries import unsubscribe_urls, wants_weekly
from challenge.mail.rendering import OutgoingMessage
from challenge.outcomes.queries import runners_with_due
from challenge.protocol.decision import Decision
from challenge.protocol.log_view import LogView
from challenge.protocol.pain import pain_summary
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Question
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.vocabulary import FlagKind, PainColor, Rule
from challenge.weekly.email.messages import WeeklyEmail, weekly_message_of


@dataclass(frozen=True)
class DecidedWeek:
    """One runner's week before it is saved.

    `emailed` is false where the runner's last email of this week is still right; `replaces` is true where an earlier
    email of this week was sent. The email waits until `send_at`; None sends it immediately.
    """

    runner: Enrollment
    snapshot: Snapshot
    decision: Decision
    parameters: Parameters
    because: WeeklyTarget.RevisionReason
    emailed: bool = True
    replaces: bool = False
    send_at: datetime | None = None


def save_weeks(weeks: Sequence[DecidedWeek], *, at: datetime, by: User | None) -> list[WeeklyTarget]:
    """Save targets, emails and questions, and return the targets. Call it inside the transaction of the decision."""
    messages = _messages(weeks)
    rows = dict(zip(messages, put_all_in_outbox([*messages.values()], at=at), strict=True))
    targets = insert(
        [_target(week, message=rows.get(week.runner.pk), at=at, by=by) for week in weeks],
        key="enrollment_id",
    )
    flags = _without_open_question([flag for week in weeks for flag in _flags(week, at=at)])
    # The same rule and source is one flag (`flag_once_per_source`): a revision raises it no second time.
    insert(flags, key=None, known_too=True)
    if flags:
        replace_older(enrollments={flag.enrollment_id for flag in flags}, at=at)
    return targets


def _messages(weeks: Sequence[DecidedWeek]) -> dict[int, OutgoingMessage]:
    """Return the emails to write, by enrollment id; runners who want none are left out."""
    users = {week.runner.pk: week.runner.seat.user for week in weeks if week.emailed}
    addresses = addresses_of(user.email for user in users.values() if user is not None)
    links = unsubscribe_urls(addresses.values())
    asked = _asked_runners(weeks)
    messages: dict[int, OutgoingMessage] = {}
    for week in weeks:
        user = users.get(week.runner.pk)
        address = addresses.get(user.email) if user is not None else None
        if address is None or not wants_weekly(address):
            continue
        message = weekly_message_of(
            WeeklyEmail(
                week.runner,
                week.decision,
                week.snapshot,
                links[address.pk],
                replaces=week.replaces,
                parameters=week.parameters,
                questions=week.runner.pk in asked,
            )
        )
        if message is not None:
            messages[week.runner.pk] = replace(message, send_at=week.send_at) if week.send_at else message
    return messages


def _asked_runners(weeks: Sequence[DecidedWeek]) -> set[int]:
    """Return the ids of the runners for whom a questionnaire waits on the Monday of their week."""
    by_day: dict[date, list[Enrollment]] = defaultdict(list)
    for week in weeks:
        if week.emailed:
            by_day[week.decision.week_on].append(week.runner)
    return {pk for day, runners in by_day.items() for pk in runners_with_due(runners, on=day)}


def _target(
    week: DecidedWeek, *, message: OutboxMessage | None, at: datetime, by: User | None
) -> WeeklyTarget:
    decision = week.decision
    return WeeklyTarget(
        enrollment=week.runner,
        week_starts_on=decision.week_on,
        week=decision.week_number,
        revision=decision.revision,
        because=week.because,
        phase=decision.phase.present.value,
        cadence_spm=decision.cadence.target_spm,
        on_hold=decision.on_hold,
        snapshot=week.snapshot,
        decision=decision,
        parameters=_parameters_data(week.parameters),
        engine_version=decision.engine_version,
        parameters_version=decision.parameters_version,
        message=message,
        by=by,
        at=at,
    )


@cache
def _parameters_data(parameters: Parameters) -> dict[str, Any]:
    """Return the stored form of the parameters; cached, because every target of a Monday holds the same ones."""
    return parameters.to_data()


def _flags(week: DecidedWeek, *, at: datetime) -> Iterator[Flag]:
    """Yield what clinicians must look at: the engine's questions, load warnings, weeks with worse mornings."""
    for question in week.decision.questions:
        yield Flag(
            enrollment=week.runner,
            kind=_flag_kind(question),
            rule=question.reason.rule.value,
            source=question.key,
            facts=dict(question.reason.facts),
            raised_at=at,
        )
    for warning in week.decision.warnings:
        if not warning.information:
            yield Flag(
                enrollment=week.runner,
                kind=FlagKind.LOAD,
                rule=warning.reason.rule.value,
                source=f"week:{week.decision.week_on.isoformat()}",
                facts=dict(warning.reason.facts) | {"serious": warning.serious},
                raised_at=at,
            )
    for monday in sorted(_newly_worse_weeks(week)):
        yield Flag(
            enrollment=week.runner,
            kind=FlagKind.WORSE_WEEK,
            rule=Rule.PAIN_MORNING.value,
            source=f"worse_week:{monday.isoformat()}",
            facts={"week": monday.isoformat()},
            raised_at=at,
        )


def _flag_kind(question: Question) -> FlagKind:
    """Return the kind of a question: red pain in daily life is red pain, the rest goes by its rule."""
    reason = question.reason
    if reason.rule is Rule.PAIN_SCALE and reason.fact("color") == PainColor.RED.value:
        return FlagKind.RED
    return KIND_OF_RULE.get(reason.rule, FlagKind.QUESTION)


def _newly_worse_weeks(week: DecidedWeek) -> frozenset[date]:
    if not week.snapshot.mornings:
        return frozenset()
    return pain_summary(LogView(week.snapshot, week.parameters), week.parameters).newly_worse


def _without_open_question(flags: list[Flag]) -> list[Flag]:
    """Leave out flags whose rule and facts an open flag of the runner has already: one question, one flag."""
    if not flags:
        return []
    open_flags = Flag.objects.filter(
        enrollment__in={flag.enrollment_id for flag in flags}, closed_at__isnull=True
    )
    waiting: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for runner, rule, facts in open_flags.values_list("enrollment_id", "rule", "facts"):
        waiting[runner, rule].append(_asked(rule, facts))
    return [
        flag for flag in flags if _asked(flag.rule, flag.facts) not in waiting[flag.enrollment_id, flag.rule]
    ]


def _asked(rule: str, facts: dict[str, Any]) -> object:
    """Return what a question asks: about a complaint the place, whichever report led to it; else all its facts."""
    if rule == Rule.COMPLAINT_OPEN:
        return facts.get("site"), facts.get("side") or ""
    return facts
