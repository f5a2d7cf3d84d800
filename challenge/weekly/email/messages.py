"""The emails of a week. Each function has its template's name and returns a message; actions put it in the outbox."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from challenge.enrollment.models import EmailContent, Enrollment
from challenge.mail.models import MessageKind
from challenge.mail.rendering import OutgoingMessage
from challenge.protocol.decision import Decision
from challenge.protocol.local_week import week_ends_at
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.vocabulary import WeekState
from challenge.weekly.email import context


@dataclass(frozen=True)
class WeeklyEmail:
    """What a weekly email is written from.

    `replaces` is true where an earlier email of this week was sent, `questions` where a questionnaire waits.
    """

    runner: Enrollment
    decision: Decision
    snapshot: Snapshot
    unsubscribe_url: str
    replaces: bool = False
    parameters: Parameters = CLINIC
    questions: bool = False

    @property
    def kilometers(self) -> bool:
        """Return whether the runner reads kilometers; miles otherwise."""
        user = self.runner.seat.user
        return user is not None and user.uses_kilometers

    @property
    def link_only(self) -> bool:
        """Return whether the runner wants nothing of the plan in an inbox."""
        return self.runner.email_content == EmailContent.LINK


def weekly_message_of(week: WeeklyEmail) -> OutgoingMessage | None:
    """Return the email for the week's state and the runner's choice; None for a week without one."""
    state = week.decision.state
    if state in (WeekState.PAUSED, WeekState.WITHDRAWN):
        return None
    if state is WeekState.FINISHED:
        return challenge_finish(week)
    if state is WeekState.ON_HOLD:
        return weekly_hold(week)
    return weekly_link(week) if week.link_only else weekly_target(week)


def weekly_target(week: WeeklyEmail) -> OutgoingMessage:
    """Write the cadence, the exercises, the longest run and last week."""
    words = context.runner_values(
        week.decision,
        week.snapshot,
        kilometers=week.kilometers,
        replaces=week.replaces,
        parameters=week.parameters,
    )
    return _message(week, "weekly_target", context.shared_values(week.decision, week.snapshot), words)


def weekly_hold(week: WeeklyEmail) -> OutgoingMessage:
    """Write that a stop flag is open: no number, no exercise, a way to reach us. Runners who want a link get it too."""
    return _message(week, "weekly_hold", _numbered_lines(week))


def weekly_link(week: WeeklyEmail) -> OutgoingMessage:
    """Write a link, for runners who want nothing of their plan in an inbox."""
    return _message(week, "weekly_link", _numbered_lines(week))


def challenge_finish(week: WeeklyEmail) -> OutgoingMessage:
    """Write from start to now (left out for runners who want only a link), how to go on, the survey, a call."""
    shared = {"weeks": week.snapshot.weeks, "on_hold": week.decision.on_hold}
    words = context.finish_context(
        week.decision, week.snapshot, kilometers=week.kilometers, parameters=week.parameters
    )
    return _message(week, "challenge_finish", shared, {} if week.link_only else words)


def clinic_message(
    *, runner: Enrollment, subject: str, text: str, key: str, look_first: bool
) -> OutgoingMessage:
    """Write the clinic's message to a cohort; `look_first` asks a runner with a stop flag to open their page first."""
    return OutgoingMessage(
        kind=MessageKind.MESSAGE,
        template="clinic_message",
        to=runner.address,
        context={
            "subject": subject,
            "text": text,
            "paragraphs": text.split("\n\n"),
            "look_first": look_first,
        },
        dedupe_key=f"message:{key}:{runner.pk}",
        about=runner.about,
        reply_to=settings.CLINICAL_REPLY_EMAIL,
    )


def _numbered_lines(week: WeeklyEmail) -> dict[str, Any]:
    return {"week": week.decision.week_number, "weeks": week.snapshot.weeks}


def _questions(week: WeeklyEmail) -> str:
    """Return the one sentence about questionnaires: that there are some, and nothing of what they ask."""
    return "A few short questions wait for you" if week.questions else ""


def _message(
    week: WeeklyEmail, template: str, shared: dict[str, Any], words: dict[str, Any] | None = None
) -> OutgoingMessage:
    runner, decision, user = week.runner, week.decision, week.runner.seat.user
    if user is None:
        raise ValueError("An erased person gets no email.")
    return OutgoingMessage(
        kind=MessageKind.WEEKLY,
        template=template,
        to=user.email,
        context=shared,
        personal=(words or {}) | {"unsubscribe_url": week.unsubscribe_url, "questions": _questions(week)},
        # One email per revision: a second pass over the same week finds the key taken and writes nothing.
        dedupe_key=f"weekly:{runner.pk}:{decision.week_on.isoformat()}:{decision.revision}",
        about=runner.about,
        # A weekly email that could not be sent in its week is dropped: next week's replaces it.
        expires_at=week_ends_at(decision.week_on, user.zone),
        reply_to=settings.CLINICAL_REPLY_EMAIL,
        # RFC 8058: mail programs show their own button, which posts to the same URL.
        headers={
            "List-Unsubscribe": f"<{week.unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
