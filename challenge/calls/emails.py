"""What a call sends out: emails with their calendar invitations, and the signed links.

Each email function has its template's name. No message holds anything about health.
"""

import re
import unicodedata
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from challenge.accounts.fields import show_phone
from challenge.accounts.models import User
from challenge.calls.calendar_files import (
    CANCEL,
    REQUEST,
    call_with_clinic,
    invitation,
    name_for_staff,
    number_for_staff,
    short_name,
)
from challenge.calls.models import Booking, CheckInOffer, UnconfirmedCall
from challenge.calls.queries import standing_calls
from challenge.calls.schedule_models import Availability, DeskFeed
from challenge.calls.time_text import call_time
from challenge.clinic.queries import clinic_words
from challenge.mail.actions import put_in_outbox, withdraw_unsent
from challenge.mail.models import MessageKind, OutboxMessage

MISSED_AFTER = timedelta(minutes=10)
# What an email program makes a link of: a scheme, www., an address, a domain, or a number of the network.
LINK = re.compile(r"[a-z0-9]:|://|www\.|@|[\w-]\.[^\W\d_]{2,}|\d\.\d", re.IGNORECASE)
# Full stops that browsers read as the dot of a domain, or that look like it, and that NFKC leaves as they are.
OTHER_DOTS = str.maketrans(dict.fromkeys("\u3002\u06d4\u0701\u0702\u2e3c\ua4f8", "."))
CALL_SALT, FEED_SALT, CONFIRM_SALT = "calls.booking", "calls.feed", "calls.confirm"


def call_booked(*, booking: Booking, at: datetime) -> None:
    """Confirm the call to the prospect: the time in both zones, with whom, how to change it, the invitation."""
    # Only the mailbox learns of other calls: the page would show them to anyone who types the address.
    others = [
        {
            "when": call_time(other.starts_at, here=booking.time_zone, there=booking.time_zone),
            "link": call_link(other),
        }
        for other in standing_calls(email=booking.email, phone="", at=at)
        if other.pk != booking.pk
    ]
    waits = UnconfirmedCall.objects.filter(booking=booking).exists()
    extra = {"others": others, "confirm_link": confirm_link(booking) if waits else ""}
    _to_prospect(booking, template="call_booked", method=REQUEST, at=at, extra=extra)


def call_moved(*, booking: Booking, at: datetime) -> None:
    """Send the prospect the new time; the same UID with a higher sequence moves the event in their calendar."""
    _to_prospect(booking, template="call_moved", method=REQUEST, at=at)


def call_canceled(*, booking: Booking, reason: str, at: datetime) -> None:
    """Send the cancellation to the prospect, with the reason that the clinic wrote, if any."""
    _to_prospect(booking, template="call_canceled", method=CANCEL, at=at, extra={"reason": reason})


def call_handed_over(*, booking: Booking, reason: str, at: datetime) -> None:
    """Write to the prospect that a colleague takes the call, and why; the time stays."""
    _to_prospect(booking, template="call_handed_over", method=REQUEST, at=at, extra={"reason": reason})


def call_link_again(*, booking: Booking, at: datetime) -> None:
    """Send the prospect their link again, with the invitation; two presses within a minute send one."""
    _to_prospect(booking, template="call_link_again", method=REQUEST, at=at, again=f":{at:%Y%m%d%H%M}")


def check_in_offered(*, offer: CheckInOffer, at: datetime) -> None:
    """Write to the runner that their clinician would like to talk, with the way to the free times."""
    seat = offer.enrollment.seat
    put_in_outbox(
        kind=MessageKind.CALL,
        template="check_in_offered",
        to=seat.address,
        about=offer.enrollment.about,
        dedupe_key=f"check-in-offer:{offer.pk}",
        context={
            "first_name": seat.user.get_short_name() if seat.user else "",
            "with_whom": offer.staff.get_full_name(),
            "link": offer_link(offer),
        },
        reply_to=settings.CLINIC_EMAIL,
        at=at,
    )


def offer_link(offer: CheckInOffer) -> str:
    """Return the absolute address of the clinician's free times for check-ins."""
    return f"{settings.SITE_URL}{reverse('calls:check_in')}?whom={offer.staff_id}"


def call_tomorrow(*, booking: Booking, at: datetime) -> None:
    """Remind the prospect 24 hours before the call."""
    _reminder(booking, template="call_tomorrow", at=at)


def call_soon(*, booking: Booking, at: datetime) -> None:
    """Remind the prospect one hour before the call."""
    _reminder(booking, template="call_soon", at=at)


def call_missed(*, booking: Booking, at: datetime) -> None:
    """Write one kind message after a no-show, to be sent ten minutes later so that a misclick can be undone."""
    if not booking.email:
        return
    put_in_outbox(
        kind=MessageKind.CALL,
        template="call_missed",
        to=booking.email,
        about=_missed_call_key(booking),
        # Without the sequence: a no-show recorded twice writes once.
        dedupe_key=f"call:{booking.pk}:missed",
        context={"first_name": _first_name(booking), "link": settings.SITE_URL + reverse("calls:book")},
        reply_to=settings.CLINIC_EMAIL,
        send_at=at + MISSED_AFTER,
        at=at,
    )


def call_for_staff(*, booking: Booking, staff: User, happened: str, at: datetime) -> None:
    """Send the staff member what happened to their call, with the event for their calendar.

    `happened` is booked, moved, canceled or handed_over; the last two take the event out of the calendar. Nothing is
    sent about a call that its caller has not confirmed.
    """
    if UnconfirmedCall.objects.filter(booking=booking).exists():
        return
    link = settings.SITE_URL + reverse("calls_admin:call", args=[booking.pk])
    when = call_time(booking.starts_at, here=staff.availability.time_zone, there=booking.time_zone)
    put_in_outbox(
        kind=MessageKind.CALL,
        template="call_for_staff",
        to=staff.email,
        about=booking.about,
        dedupe_key=f"{booking.about}:staff:{staff.pk}:{happened}:{booking.sequence}",
        context={
            "happened": happened,
            "when": when,
            "minutes": booking.minutes,
            "link": link,
            # A cancellation names no one: it goes out for an erased caller too.
            "who": "" if happened == "canceled" else short_name(booking.name),
            "kind": booking.get_kind_display(),
            "phone": show_phone(booking.phone),
            "video_link": booking.video_link,
        },
        attachments=invitation(
            booking,
            method=REQUEST if happened in {"booked", "moved"} else CANCEL,
            to=staff.email,
            name=staff.get_full_name(),
            summary="Call canceled" if happened == "canceled" else name_for_staff(booking),
            description=link if happened == "canceled" else f"{number_for_staff(booking)} {link}",
            at=at,
        ),
        at=at,
    )


def withdraw_reminders(*, booking: Booking, at: datetime) -> None:
    """Withdraw the call's unsent reminders."""
    withdraw_unsent(about=booking.about, kind=MessageKind.REMINDER, at=at)


def withdraw_missed(*, booking: Booking, at: datetime) -> None:
    """Withdraw the unsent message about a no-show; the call was held after all."""
    withdraw_unsent(about=_missed_call_key(booking), kind=MessageKind.CALL, at=at)


def was_reminded(*, booking: Booking, reminder: Callable[..., None]) -> bool:
    """Return whether this reminder was already written for the call's present time."""
    return OutboxMessage.objects.filter(dedupe_key=_reminder_key(booking, reminder.__name__)).exists()


def _first_name(booking: Booking) -> str:
    """Return the greeting's name. A visitor may write it about a stranger's mailbox: it is never a link."""
    first = booking.name.split(" ")[0]
    return "there" if LINK.search(_as_read(first)) else first


def _as_read(text: str) -> str:
    """Return the text as a browser reads a domain: wide and small forms plain, every dot a dot, nothing unseen."""
    plain = unicodedata.normalize("NFKC", text).translate(OTHER_DOTS)
    return "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")


def _missed_call_key(booking: Booking) -> str:
    return f"{booking.about}:missed"


def _reminder_key(booking: Booking, template: str) -> str:
    return f"{booking.about}:{template}:{booking.starts_at:%Y%m%dT%H%MZ}"


def _context(booking: Booking) -> dict[str, Any]:
    return {
        "first_name": _first_name(booking),
        "with_whom": booking.staff.get_full_name() if booking.staff.name else "one of our clinicians",
        "when": call_time(booking.starts_at, here=booking.time_zone, there=settings.CLINIC_TIME_ZONE),
        "minutes": booking.minutes,
        "we_call": bool(booking.phone),
        "video_link": booking.video_link,
        "link": call_link(booking),
    }


def _to_prospect(
    booking: Booking,
    *,
    template: str,
    method: str,
    at: datetime,
    extra: dict[str, Any] | None = None,
    again: str = "",
) -> None:
    if not booking.email:
        return
    context = _context(booking)
    put_in_outbox(
        kind=MessageKind.CALL,
        template=template,
        to=booking.email,
        about=booking.about,
        dedupe_key=f"{booking.about}:{template}:{booking.sequence}{again}",
        context=context | (extra or {}),
        reply_to=settings.CLINIC_EMAIL,
        attachments=invitation(
            booking,
            method=method,
            to=booking.email,
            name=booking.name,
            summary=call_with_clinic(),
            description=event_description(booking),
            at=at,
        ),
        at=at,
    )


def _reminder(booking: Booking, *, template: str, at: datetime) -> None:
    """Write a reminder once for each time the call was set to: the dedupe key holds the start."""
    if not booking.email:
        return
    put_in_outbox(
        kind=MessageKind.REMINDER,
        template=template,
        to=booking.email,
        about=booking.about,
        dedupe_key=_reminder_key(booking, template),
        context=_context(booking),
        reply_to=settings.CLINIC_EMAIL,
        expires_at=booking.starts_at,
        at=at,
    )


def event_description(booking: Booking) -> str:
    """Return the text of the caller's calendar event: who phones whom, and the link."""
    how = "We’ll call you." if booking.phone else f"Call us: {clinic_words()['phone']}."
    if booking.video_link:
        how = f"You’ll meet on video: {booking.video_link}"
    return f"{how} Move or cancel: {call_link(booking)}"


def call_token(booking: Booking) -> str:
    """Return the signed token that opens the call's page; it is the prospect's only key."""
    return _signer(CALL_SALT).sign(booking.uid.hex)


def call_link(booking: Booking) -> str:
    """Return the absolute address of the call's page."""
    return settings.SITE_URL + reverse("calls:call", args=[call_token(booking)])


def confirm_link(booking: Booking) -> str:
    """Return the absolute address that confirms the call; only the mailbox has it."""
    token = _signer(CONFIRM_SALT).sign(booking.uid.hex)
    return settings.SITE_URL + reverse("calls:confirm", args=[token])


def uid_to_confirm(token: str) -> str | None:
    """Return the call's UID of a link to confirm, or None for a token that we did not sign."""
    return _unsigned(CONFIRM_SALT, token)


def uid_from(token: str) -> str | None:
    """Return the call's UID, or None for a token that we did not sign."""
    return _unsigned(CALL_SALT, token)


def feed_token(feed: Availability | DeskFeed) -> str:
    """Return the signed token of a calendar feed."""
    return _signer(FEED_SALT).sign(feed.feed_key.hex if feed.feed_key else "")


def feed_link(feed: Availability | DeskFeed | None) -> str | None:
    """Return the absolute address of the feed, or None without a key."""
    if feed is None or feed.feed_key is None:
        return None
    return settings.SITE_URL + reverse("calls:feed", args=[feed_token(feed)])


def feed_key_from(token: str) -> str | None:
    """Return the feed's key, or None for a token that we did not sign."""
    return _unsigned(FEED_SALT, token)


def _signer(salt: str) -> Signer:
    # A period, not Django's colon: the token stays one plain word in an address.
    return Signer(salt=salt, sep=".")


def _unsigned(salt: str, token: str) -> str | None:
    try:
        return str(uuid.UUID(_signer(salt).unsign(token)))
    except (BadSignature, ValueError):
        return None
