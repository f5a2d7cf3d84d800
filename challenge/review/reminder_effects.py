"""What each kind of reminder was followed by: an entry within two days, or none. Numbers only.

It shows what followed, not what a reminder caused: a runner may have logged without it.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from challenge.enrollment.models import Cohort, Enrollment
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.workouts.models import ALIVE, Morning, Run, StrengthSession

FOLLOWS_WITHIN = timedelta(days=2)
PUSHES = {
    "strength": "On the phone: strength is due",
    "morning": "On the phone: how is the morning?",
}
LABELS = {MessageKind.REMINDER.value: "Email after quiet days", **PUSHES}


@dataclass(frozen=True, slots=True)
class ReminderEffect:
    """One kind of reminder: how many were sent, and how many were followed by an entry within two days."""

    label: str
    sent: int
    followed: int


def reminder_effects(cohort: Cohort) -> list[ReminderEffect]:
    """Return each kind of reminder that the cohort's runners were sent, in five queries."""
    runners = {one.about: one.pk for one in Enrollment.objects.filter(seat__cohort=cohort).only("pk")}
    logged = _logged(list(runners.values()))
    # Several devices of one runner get the same reminder on the same day.
    sent = {
        (kind, runners[about], at.date()): at for kind, about, at in _sent(list(runners)) if kind in LABELS
    }
    counts: dict[str, list[bool]] = defaultdict(list)
    for (kind, runner, _), at in sent.items():
        moments = logged[runner]
        place = bisect_right(moments, at)
        counts[kind].append(place < len(moments) and moments[place] <= at + FOLLOWS_WITHIN)
    return [
        ReminderEffect(label, len(counts[kind]), sum(counts[kind]))
        for kind, label in LABELS.items()
        if counts[kind]
    ]


def _sent(about: list[str]) -> Iterator[tuple[str, str, datetime]]:
    rows = OutboxMessage.objects.filter(
        about__in=about, kind__in=[MessageKind.REMINDER, MessageKind.PUSH], state=MessageState.SENT
    )
    for kind, name, headers, at in rows.values_list("kind", "about", "headers", "sent_at"):
        if at is not None:
            yield (headers.get("tag", "") if kind == MessageKind.PUSH else kind), name, at


def _logged(runners: list[int]) -> dict[int, list[datetime]]:
    """Return the moments at which each runner logged something, in their order."""
    found: dict[int, list[datetime]] = defaultdict(list)
    for model in (Run, StrengthSession, Morning):
        rows = model.objects.filter(ALIVE, enrollment__in=runners)
        for runner, at in rows.values_list("enrollment_id", "logged_at"):
            found[runner].append(at)
    for moments in found.values():
        moments.sort()
    return found
