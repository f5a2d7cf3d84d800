"""The personal data in calls. An erased call keeps its time, without a name."""

from collections.abc import Iterator

from challenge.accounts.models import User
from challenge.accounts.queries import email_addresses_of
from challenge.calls.models import Booking, CallEvent, CheckInOffer, UnconfirmedCall
from challenge.calls.schedule_models import (
    Availability,
    BusyCalendar,
    BusyTime,
    CheckInTerms,
    DeskFeed,
    Hours,
    Leave,
)
from challenge.db.export import Table
from challenge.mail.privacy import erase_about

COVERS = (
    Availability, CheckInTerms, CheckInOffer, Hours, Leave, BusyCalendar, BusyTime, DeskFeed, Booking, CallEvent,
    UnconfirmedCall,
)  # fmt: skip


def export(user: User) -> Iterator[Table]:
    """Yield the calls booked with the person's addresses, and their history."""
    mine = Booking.objects.filter(email__in=email_addresses_of(user)).order_by("starts_at")
    fields = (
        "starts_at",
        "ends_at",
        "state",
        "name",
        "phone",
        "site",
        "heard",
        "time_zone",
        "booked_at",
        "notes",
        "kind",
        "question",
        "answer",
    )
    yield "calls", mine.values(*fields, "staff__name", "follow_up_on")
    events = CallEvent.objects.filter(booking__in=mine).order_by("at")
    offers = CheckInOffer.objects.filter(enrollment__seat__user=user).order_by("at")
    yield "check_in_offers", offers.values("at", "staff__name")
    yield "call_history", events.values("booking__starts_at", "happened", "at", "reason")


def erase(user: User) -> None:
    """Blank name, address, phone, complaint and notes; `privacy.actions` cancels future calls before."""
    mine = Booking.objects.filter(email__in=email_addresses_of(user))
    # What went to clinicians names the caller, but for the cancellation, which may still be on its way.
    erase_about([call.about for call in mine.only("pk")], keep=":canceled:")
    # Events first: once the addresses are blank, `mine` finds nothing.
    CallEvent.objects.filter(booking__in=mine).update(reason="")
    CallEvent.objects.filter(by=user).update(by=None)
    CheckInOffer.objects.filter(enrollment__seat__user=user).delete()
    mine.update(
        name="", email="", phone="", site="", heard="", notes="", question="", answer="", form_key=None
    )
