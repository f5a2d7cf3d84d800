"""The emails about seats and lists. No health data, and no link signs a person in."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format
from icalendar import Calendar, Event

from challenge.accounts.models import User
from challenge.accounts.queries import owner_addresses
from challenge.enrollment.emergency_models import EmergencyAccess
from challenge.enrollment.models import Cohort, EarlyAccess, Enrollment, Seat
from challenge.mail.actions import put_in_outbox
from challenge.mail.models import MessageKind
from challenge.mail.rendering import RenderedMessage, render


def start_calendar(enrollment: Enrollment, *, moved_at: datetime | None = None) -> str:
    """Return a calendar file with an all-day event on the Monday of week 1.

    The UID never changes and the sequence rises, so that a second import moves the event (RFC 5545).
    """
    cohort, seat = enrollment.cohort, enrollment.seat
    event = Event()
    event.add("uid", f"start-{enrollment.pk}@{settings.SITE_HOST}")
    event.add("dtstamp", moved_at or seat.confirmed_at)
    if moved_at is not None and seat.confirmed_at is not None:
        event.add("sequence", max(1, int((moved_at - seat.confirmed_at).total_seconds() // 60)))
    event.add("dtstart", cohort.starts_on)
    event.add("dtend", cohort.starts_on + timedelta(days=1))
    event.add("summary", "Pain-Free Runner Challenge: week 1")
    event.add("description", f"Bib {seat.number}. Your week is on {settings.SITE_URL}/today/")
    event.add("transp", "TRANSPARENT")
    calendar = Calendar()
    calendar.add("prodid", "-//Pain-Free Runner Challenge//EN")
    calendar.add("version", "2.0")
    # PUBLISH needs the organizer in its event (RFC 5546, 3.2.1).
    event.add("organizer", f"mailto:{settings.CLINIC_EMAIL}")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return str(calendar.to_ical().decode())


def welcome(*, enrollment: Enrollment, at: datetime) -> None:
    """Send the welcome after the seat is confirmed: number, start, next steps, calendar file."""
    seat = enrollment.seat
    put_in_outbox(
        kind=MessageKind.WELCOME,
        template="welcome",
        to=seat.address,
        about=enrollment.about,
        # With the address: a corrected one gets the welcome again.
        dedupe_key=f"welcome:{enrollment.pk}:{seat.address}",
        context=_welcome_context(seat.cohort, number=seat.number),
        attachments=[
            {"name": "start.ics", "content_type": "text/calendar", "content": start_calendar(enrollment)}
        ],
        at=at,
    )


def start_moved(*, seat: Seat, before: date, at: datetime) -> None:
    """Write that the dates of the cohort moved: the seat stays, and the file moves the event in the calendar."""
    cohort = seat.cohort
    enrollment = getattr(seat, "enrollment", None)
    file = start_calendar(enrollment, moved_at=at) if enrollment is not None else None
    put_in_outbox(
        kind=MessageKind.SEAT,
        template="start_moved",
        to=seat.address,
        about=enrollment.about if enrollment is not None else f"seat:{seat.pk}",
        dedupe_key=f"start_moved:{seat.pk}:{cohort.starts_on}:{cohort.weeks}:{at:%Y%m%d%H%M%S}",
        context={
            "number": seat.number,
            "cohort": cohort.name,
            "before": _day(before),
            "starts_on": _day(cohort.starts_on),
            "weeks": cohort.weeks,
            "has_file": file is not None,
        },
        reply_to=settings.CLINIC_EMAIL,
        attachments=[{"name": "start.ics", "content_type": "text/calendar", "content": file}] if file else [],
        at=at,
    )


def _day(on: date) -> str:
    return f"{on:%A, %B} {on.day}"


def clinician_named(
    *, cohort: Cohort, person: User, by: User, event: int, leaving: User | None, at: datetime
) -> None:
    """Write to the owners and the clinicians that someone else reads the cohort's runners from now on."""
    people = cohort.clinicians.filter(user__is_active=True)
    to = {*owner_addresses(), *people.values_list("user__email", flat=True)}
    if leaving is not None:
        to.discard(leaving.email)
    for number, address in enumerate(sorted(to)):
        put_in_outbox(
            kind=MessageKind.STAFF_ALERT,
            template="clinician_named",
            to=address,
            about=f"cohort:{cohort.pk}",
            dedupe_key=f"clinician_named:{event}:{number}",
            context={
                "who": person.get_full_name(),
                "cohort": cohort.name,
                "named_by": by.get_full_name(),
                "when": clinic_moment(at),
            },
            at=at,
        )


def clinic_moment(moment: datetime) -> str:
    """Return `Monday, March 2, 9:00 AM CST` on the clinic's clock."""
    local = moment.astimezone(ZoneInfo(settings.CLINIC_TIME_ZONE))
    half = "AM" if local.hour < 12 else "PM"
    return f"{local:%A, %B} {local.day}, {local.hour % 12 or 12}:{local:%M} {half} {local.tzname()}"


def list_link(token: str) -> str:
    """Return the absolute address of an entry's page."""
    return f"{settings.SITE_URL}/early-access/{token}/"


def list_confirm(*, place: EarlyAccess, token: str, off: str, at: datetime) -> None:
    """Ask the owner of the mailbox to confirm a place on a list; at most one email per place and day."""
    put_in_outbox(
        kind=MessageKind.EARLY_ACCESS,
        template="list_confirm",
        to=place.email,
        about=f"list:{place.pk}",
        dedupe_key=f"list:{place.pk}:{at:%Y-%m-%d}",
        context={"link": list_link(token), "off": list_link(off), "early": place.which == "early"},
        reply_to=settings.CLINIC_EMAIL,
        at=at,
    )


def early_access_invitation(*, place: EarlyAccess, cohort: Cohort, off: str, at: datetime) -> None:
    """Invite a person on the list, with the moments when early access and the public opening begin."""
    put_in_outbox(
        kind=MessageKind.INVITATION,
        template="early_access_invitation",
        to=place.email,
        about=f"list:{place.pk}",
        dedupe_key=f"invitation:{place.pk}",
        context=_early_access_context(cohort, at=at) | {"off": list_link(off)},
        reply_to=settings.CLINIC_EMAIL,
        at=at,
    )


def launch_invitation(*, place: EarlyAccess, cohort: Cohort, off: str, at: datetime) -> None:
    """Write once to a person on the launch list, in the wave that is theirs."""
    put_in_outbox(
        kind=MessageKind.INVITATION,
        template="launch_invitation",
        to=place.email,
        about=f"list:{place.pk}",
        dedupe_key=f"launch:{place.pk}",
        context=_launch_context(cohort, at=at) | {"off": list_link(off)},
        reply_to=settings.CLINIC_EMAIL,
        at=at,
    )


def seat_held(*, seat: Seat, at: datetime, spoke: bool = False) -> None:
    """Tell a person until when their seat is held and where to finish; `spoke` is whether it follows a call.

    The link does not sign in.
    """
    zone = seat.user.zone if seat.user is not None else ZoneInfo(settings.CLINIC_TIME_ZONE)
    until = seat.hold_ends_at.astimezone(zone)
    put_in_outbox(
        kind=MessageKind.SEAT,
        template="seat_held",
        to=seat.address,
        about=f"seat:{seat.pk}",
        # With the end: a hold that is renewed by phone is another message.
        dedupe_key=f"seat_held:{seat.pk}:{seat.hold_ends_at:%Y%m%d%H%M}",
        context={
            "number": seat.number,
            "cohort": seat.cohort.name,
            "until": f"{until:%A, %B} {until.day}, {until.hour % 12 or 12}:{until:%M} "
            f"{'AM' if until.hour < 12 else 'PM'} {until.tzname()}",
            "spoke": spoke,
            "link": f"{settings.SITE_URL}/accounts/login/?next=/join/intake/",
        },
        reply_to=settings.CLINIC_EMAIL,
        at=at,
    )


def emergency_opened(*, access: EmergencyAccess, at: datetime) -> None:
    """Write to the owners and to the runner that someone outside the team opened the record. No reason in a mail."""
    runner, viewer = access.enrollment.seat.user, access.viewer
    zone = runner.zone if runner is not None else ZoneInfo(settings.CLINIC_TIME_ZONE)
    if runner is not None:
        put_in_outbox(
            kind=MessageKind.SECURITY,
            template="emergency_runner",
            to=runner.email,
            about=runner.about,
            context={
                "viewer": viewer.get_full_name(),
                "when": date_format(at.astimezone(zone), "l, F j, g:i A (T)"),
                "link": f"{settings.SITE_URL}/me/",
            },
            dedupe_key=f"emergency_runner:{access.pk}",
            at=at,
        )
    for number, address in enumerate(owner_addresses()):
        put_in_outbox(
            kind=MessageKind.STAFF_ALERT,
            template="emergency_opened",
            to=address,
            about=access.enrollment.about,
            context={
                "viewer": viewer.get_full_name(),
                "when": clinic_moment(at),
                "link": f"{settings.SITE_URL}/admin/challenge/emergencyaccess/{access.pk}/change/",
            },
            dedupe_key=f"emergency:{access.pk}:{number}",
            at=at,
        )


def seat_withdrawn(*, seat: Seat, at: datetime) -> None:
    """Notify the person that their seat was given up, so that no one is withdrawn without knowing."""
    put_in_outbox(
        kind=MessageKind.SEAT,
        template="seat_withdrawn",
        to=seat.address,
        about=f"seat:{seat.pk}",
        dedupe_key=f"seat_withdrawn:{seat.pk}",
        context={"number": seat.number, "cohort": seat.cohort.name},
        at=at,
    )


def seat_questions(*, enrollment: Enrollment, at: datetime) -> None:
    """Send a person whom staff enrolled the link to the questions of the intake."""
    put_in_outbox(
        kind=MessageKind.SEAT,
        template="seat_questions",
        to=enrollment.address,
        about=enrollment.about,
        dedupe_key=f"seat_questions:{enrollment.pk}",
        context={"link": f"{settings.SITE_URL}/accounts/login/?next=/join/intake/"},
        at=at,
    )


def _early_access_context(cohort: Cohort, *, at: datetime) -> dict[str, Any]:
    begins_at = cohort.early_access_at or cohort.opens_at
    return {
        "capacity": cohort.capacity,
        "cohort": cohort.name,
        "opens": "now" if begins_at <= at else clinic_moment(begins_at),
        "public": clinic_moment(cohort.opens_at),
        "link": f"{settings.SITE_URL}/join/{cohort.slug}/",
    }


def _launch_context(cohort: Cohort, *, at: datetime) -> dict[str, Any]:
    return {
        "cohort": cohort.name,
        "capacity": cohort.capacity,
        "opens": "now" if cohort.opens_at <= at else clinic_moment(cohort.opens_at),
        "starts_on": _day(cohort.starts_on),
        "link": f"{settings.SITE_URL}/join/{cohort.slug}/",
    }


def _welcome_context(cohort: Cohort, *, number: int) -> dict[str, Any]:
    return {
        "number": number,
        "capacity": cohort.capacity,
        "cohort": cohort.name,
        "starts_on": _day(cohort.starts_on),
    }


def preview_emails(*, cohort: Cohort, at: datetime) -> list[RenderedMessage]:
    """Return the invitations and the welcome of a cohort as they would be written now; their way off leads nowhere."""
    off = {"off": list_link("your-own-link")}
    return [
        render("early_access_invitation", _early_access_context(cohort, at=at) | off),
        render("launch_invitation", _launch_context(cohort, at=at) | off),
        render("welcome", _welcome_context(cohort, number=1)),
    ]
