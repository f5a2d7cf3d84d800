"""The emails besides the weekly one. Each function returns a message without a health word."""

from datetime import date

from django.conf import settings

from challenge.care.models import Flag
from challenge.enrollment.models import Cohort, Enrollment
from challenge.mail.models import MessageKind
from challenge.mail.rendering import OutgoingMessage


def before_start(*, runner: Enrollment, look_first: bool) -> OutgoingMessage:
    """Write what to have ready for the first Monday; `look_first` sends a runner with a stop flag to their page."""
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
        # A key for each form: a runner whose stop is closed in that week still gets what to have ready.
        dedupe_key=f"before_start:{runner.pk}" + (":look_first" if look_first else ""),
        about=runner.about,
        reply_to=settings.CLINICAL_REPLY_EMAIL,
    )


def flag_waiting(*, flag: Flag, cohort: Cohort, to: str, level: int, daily: bool) -> OutgoingMessage:
    """Write to a clinician that a runner must be called; who and why is shown after the sign-in."""
    return OutgoingMessage(
        kind=MessageKind.STAFF_ALERT,
        template="runner_waits",
        to=to,
        context={"cohort": cohort.name, "slug": cohort.slug, "again": level > 0, "daily": daily},
        dedupe_key=flag_waiting_key(flag=flag, to=to, level=level),
        about=flag.about,
    )


def flag_waiting_key(*, flag: Flag, to: str, level: int) -> str:
    """Return the key of an alert: one per flag, address and level of escalation."""
    # The column holds 200 characters; an email address alone may have 254.
    return f"stop:{flag.pk}:{level}:{to}"[:200]


def morning_digest(*, to: str, on: date, cohorts: list[dict[str, object]]) -> OutgoingMessage:
    """Write to a clinician how many flags and messages wait in each cohort, with a link to its board."""
    return OutgoingMessage(
        kind=MessageKind.DIGEST,
        template="morning_digest",
        to=to,
        context={"day": f"{on:%A, %B} {on.day}", "cohorts": cohorts},
        dedupe_key=f"digest:{on.isoformat()}:{to}"[:200],
    )


def quiet_days(*, runner: Enrollment, week_starts_on: date) -> OutgoingMessage:
    """Write to a runner who logged nothing for longer than is usual for them."""
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
    """Write the request for the survey at the end of the challenge."""
    return OutgoingMessage(
        kind=MessageKind.SURVEY,
        template="end_survey",
        to=runner.address,
        context={"weeks": runner.seat.cohort.weeks},
        dedupe_key=f"survey:{runner.pk}",
        about=runner.about,
        reply_to=settings.CLINICAL_REPLY_EMAIL,
    )


def questions_wait(*, runner: Enrollment, week: int, again: bool) -> OutgoingMessage:
    """Write that questions of this week after the start are open; `again`: they still wait a week later."""
    return OutgoingMessage(
        kind=MessageKind.SURVEY,
        template="questions_wait",
        to=runner.address,
        context={"week": week, "again": again},
        dedupe_key=f"questions:{runner.pk}:{week}" + (":again" if again else ""),
        about=runner.about,
        reply_to=settings.CLINICAL_REPLY_EMAIL,
    )
