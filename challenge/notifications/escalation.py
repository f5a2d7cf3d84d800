"""Escalate stop flags to clinicians until somebody takes them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from challenge.care.models import Flag
from challenge.enrollment.models import CohortClinician
from challenge.mail.actions import withdraw_superseded
from challenge.mail.outgoing_message import OutgoingMessage
from challenge.notifications import messages as emails
from challenge.notifications.notices import DAY, write_new
from challenge.protocol.vocabulary import FlagKind

ESCALATE_AFTER = (timedelta(0), timedelta(hours=2), timedelta(hours=6), timedelta(hours=24))


def alert_clinicians(*, at: datetime) -> int:
    """Stop flags that nobody has taken: the clinicians at once, again and wider, then daily until somebody does.

    Each address gets what is the case now: of levels that came due together only the last is written, and it takes
    back the earlier ones that still wait to go out, in one transaction. So at least one notice is always on its way.
    """
    with transaction.atomic():
        waiting = Flag.objects.filter(
            kind=FlagKind.STOP,
            taken_at__isnull=True,
            closed_at__isnull=True,
            raised_at__lte=at,
            enrollment__seat__user__isnull=False,  # whose account is erased can be called by nobody
        ).select_related("enrollment__seat__cohort")
        letters: list[OutgoingMessage] = []
        overtaken: dict[str, list[str]] = {}
        # Locked: who takes a flag meanwhile waits, and then takes back what was written here.
        for flag in waiting.select_for_update(of=("self",), no_key=True).order_by("pk"):
            level = _escalation_level(at - flag.raised_at)
            for letter in _call_messages(flag, level):
                letters.append(letter)
                overtaken[letter.dedupe_key] = [
                    emails.flag_waiting_key(flag=flag, to=letter.to, level=n) for n in range(level)
                ]
        fresh = write_new(letters, at)
        withdraw_superseded(dedupe_keys=[key for new in fresh for key in overtaken[new]], at=at)
    return len(fresh)


def _call_messages(flag: Flag, level: int) -> list[OutgoingMessage]:
    cohort = flag.enrollment.seat.cohort
    clinicians = CohortClinician.objects.filter(cohort=cohort, user__is_active=True)
    to = _recipients(level, list(clinicians.values_list("user__email", flat=True)))
    daily = level >= len(ESCALATE_AFTER) - 1
    return [
        emails.flag_waiting(flag=flag, cohort=cohort, to=email, level=level, daily=daily)
        for email in sorted(to)
    ]


def _escalation_level(waited: timedelta) -> int:
    """How often a flag that has waited so long was due to be told of before: after the last step once a day."""
    steps = sum(waited >= after for after in ESCALATE_AFTER) - 1
    return steps + max(timedelta(0), waited - ESCALATE_AFTER[-1]) // DAY


def _recipients(level: int, clinicians: list[str]) -> set[str]:
    """First the cohort's clinicians; then the clinicians' shared address as well; then the clinic's."""
    wider = [settings.CLINICAL_REPLY_EMAIL, settings.CLINIC_EMAIL][: max(0, level)]
    return {email.lower() for email in [*clinicians, *wider]} or {settings.CLINICAL_REPLY_EMAIL.lower()}
