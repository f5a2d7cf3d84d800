"""Escalate stop flags to clinicians until one of them takes the flag."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from challenge.care.models import Flag
from challenge.care.stop import open_stops
from challenge.mail.actions import withdraw_superseded
from challenge.mail.rendering import OutgoingMessage
from challenge.notifications import messages as emails
from challenge.notifications.notices import write_new
from challenge.notifications.on_call import stop_readers
from challenge.protocol.local_week import DAY

ESCALATE_AFTER = (timedelta(0), timedelta(hours=2), timedelta(hours=6), timedelta(hours=24))


def alert_clinicians(*, at: datetime) -> int:
    """Write alerts about stop flags that no clinician has taken, and return how many.

    Each level goes to more addresses; after the last level, alerts are daily. Of levels that became due together only
    the last is written. It withdraws earlier alerts that still wait, in one transaction, so that each address always
    has one alert sent or waiting.
    """
    with transaction.atomic():
        waiting = list(
            open_stops()
            # An erased person cannot be called.
            .filter(taken_at__isnull=True, raised_at__lte=at, enrollment__seat__user__isnull=False)
            .select_related("enrollment__seat__cohort")
            # Lock the flags: a clinician who takes one in this moment waits, and then withdraws what is written here.
            .select_for_update(of=("self",), no_key=True)
            .order_by("pk")
        )
        readers = stop_readers({flag.enrollment.seat.cohort_id for flag in waiting}, at=at)
        messages: list[OutgoingMessage] = []
        superseded: dict[str, list[str]] = {}
        for flag in waiting:
            level = _escalation_level(at - flag.raised_at)
            for message in _alerts(flag, level, readers[flag.enrollment.seat.cohort_id].addresses):
                messages.append(message)
                superseded[message.dedupe_key] = [
                    emails.flag_waiting_key(flag=flag, to=message.to, level=n) for n in range(level)
                ]
        written = write_new(messages, at)
        withdraw_superseded(dedupe_keys=[key for new in written for key in superseded[new]], at=at)
    return len(written)


def _alerts(flag: Flag, level: int, readers: set[str]) -> list[OutgoingMessage]:
    cohort = flag.enrollment.seat.cohort
    daily = level >= len(ESCALATE_AFTER) - 1
    return [
        emails.flag_waiting(flag=flag, cohort=cohort, to=email, level=level, daily=daily)
        for email in sorted(_recipients(level, readers))
    ]


def _escalation_level(waited: timedelta) -> int:
    """Return the level of a flag that has waited so long: 0 at first, then one more per step, and at last per day."""
    steps = sum(waited >= after for after in ESCALATE_AFTER) - 1
    return steps + max(timedelta(0), waited - ESCALATE_AFTER[-1]) // DAY


def _recipients(level: int, readers: set[str]) -> set[str]:
    """Return those who read stop flags now; from level 1 the clinicians' shared address too, from level 2 the clinic's.

    Clinicians in their quiet hours are written to when these end, if no one has taken the flag by then.
    """
    wider = [settings.CLINICAL_REPLY_EMAIL, settings.CLINIC_EMAIL][: max(0, level)]
    return {email.lower() for email in [*readers, *wider]}
