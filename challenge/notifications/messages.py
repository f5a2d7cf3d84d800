"""The smaller letters. Each function has its template's name and gives a letter without a health word in it."""

from datetime import date

from django.conf import settings

from challenge.care.models import Flag
from challenge.enrollment.models import Cohort, Enrollment
from challenge.mail.models import MessageKind
from challenge.mail.outgoing_message import OutgoingMessage


def before_start(*, runner: Enrollment, look_first: bool) -> OutgoingMessage:
    """A week before the first Monday: what to have ready; while running is off, only where to look first.

    Each form has its own key: a runner whose stop is closed in that week still gets what to have ready.
    """
    starts_on = runner.seat.cohort.starts_on
    return OutgoingMessage(
        kind=MessageKind.BEFORE_START,
        template="before_start",
        to=runner.address,
        context={
            "cohort": runner.seat.cohort.name,
            "number": runner.seat.number,
            "starts_on": f"{starts_on:%A, %B} {starts_on.day}",
            "look_first": look_first,
        },
        dedupe_key=f"before_start:{runner.pk}" + (":look_first" if look_first else ""),
        about=runner.about,
        reply_to=settings.CLINICAL_REPLY_EMAIL,
    )


def flag_waiting(*, flag: Flag, cohort: Cohort, to: str, level: int, daily: bool) -> OutgoingMessage:
    """To a clinician: somebody must be called. Which runner and why stands behind the sign-in."""
    return OutgoingMessage(
        kind=MessageKind.STAFF_ALERT,
        template="runner_waits",
        to=to,
        context={"cohort": cohort.name, "slug": cohort.slug, "again": level > 0, "daily": daily},
        dedupe_key=flag_waiting_key(flag=flag, to=to, level=level),
        about=flag.about,
    )


def flag_waiting_key(*, flag: Flag, to: str, level: int) -> str:
    """One notice for each flag, address and level of urgency."""
    return f"stop:{flag.pk}:{level}:{to}"[:200]


def morning_digest(*, to: str, on: date, cohorts: list[dict[str, object]]) -> OutgoingMessage:
    """To a clinician: how many runners wait for what, and where to look."""
    return OutgoingMessage(
        kind=MessageKind.DIGEST,
        template="morning_digest",
        to=to,
        context={"day": f"{on:%A, %B} {on.day}", "cohorts": cohorts},
        dedupe_key=f"digest:{on.isoformat()}:{to}"[:200],
    )


def quiet_days(*, runner: Enrollment, week_starts_on: date) -> OutgoingMessage:
    """To a runner who has logged nothing for longer than is usual for them."""
    return OutgoingMessage(
        kind=MessageKind.REMINDER,
        template="quiet_days",
        to=runner.address,
        context={},
        dedupe_key=f"reminder:{runner.pk}:{week_starts_on.isoformat()}",
        about=runner.about,
        reply_to=settings.CLINICAL_REPLY_EMAIL,
    )


def end_survey(*, runner: Enrollment) -> OutgoingMessage:
    """Some days after the last Monday: five minutes for the next twenty."""
    return OutgoingMessage(
        kind=MessageKind.SURVEY,
        template="end_survey",
        to=runner.address,
        context={"weeks": runner.seat.cohort.weeks},
        dedupe_key=f"survey:{runner.pk}",
        about=runner.about,
        reply_to=settings.CLINICAL_REPLY_EMAIL,
    )
