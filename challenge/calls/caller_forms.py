"""The forms about one caller: correct the details, hand the call over, squeeze a call in."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from challenge.accounts.fields import FreeTextField, PhoneField, show_phone
from challenge.accounts.time_zones import HOW_TO_SEARCH, TimeZoneField
from challenge.calls.caller_actions import CallerDetails, details_of, version_of
from challenge.calls.forms import StaffBookingForm
from challenge.calls.hours_forms import date_field
from challenge.calls.models import Booking
from challenge.calls.queries import cohort_staff_of
from challenge.calls.schedule_models import Availability, CallKind

ONE_OF_TWO = "Enter a phone number or an email address: we need one of the two."


class CorrectForm(forms.Form):
    """Who calls, and how to reach them."""

    name = FreeTextField(
        max_length=120, label="Name", error_messages={"required": "Enter the name of the caller."}
    )
    phone = PhoneField(required=False)
    email = forms.EmailField(
        max_length=254,
        required=False,
        label="Email",
        help_text="A new address gets the confirmation and the link.",
        error_messages={"invalid": "Enter the whole address, like name@example.com."},
    )
    zone = TimeZoneField()
    as_shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    @classmethod
    def about(cls, booking: Booking) -> "CorrectForm":
        """Return the form filled with the caller's details."""
        details = {
            "name": booking.name,
            "phone": booking.phone,
            "email": booking.email,
            "zone": booking.time_zone,
            "as_shown": version_of(details_of(booking)),
        }
        return cls(initial=details, auto_id="correct_%s")

    def clean(self) -> dict[str, Any]:
        """Require a phone number or an email address."""
        clean = super().clean() or self.cleaned_data
        if not clean.get("email") and not clean.get("phone") and not self.errors:
            self.add_error("phone", ONE_OF_TWO)
        return clean

    def show_stored(self, booking: Booking) -> None:
        """Show what a colleague stored while this page was open; the next press saves what is typed here."""
        typed: Any = self.data
        self.data = typed = typed.copy()
        typed["as_shown"] = version_of(details_of(booking))
        stored = ", ".join(filter(None, (booking.name, booking.email, show_phone(booking.phone))))
        self.add_error(
            "name",
            f"A colleague changed this in the meantime. What’s saved now: {stored}. Look at it, then press again.",
        )

    def details(self) -> CallerDetails:
        """Return the validated details."""
        clean = self.cleaned_data
        return CallerDetails(clean["name"], clean["email"], clean["phone"], clean["zone"])


def _takers(*, but: int = 0) -> list[tuple[str, str]]:
    """Return the active staff with hours as choices."""
    rows = Availability.objects.filter(staff__is_active=True).exclude(staff=but).select_related("staff")
    return [(str(row.staff_id), row.staff.get_full_name()) for row in rows.order_by("staff__name", "pk")]


class HandOverForm(forms.Form):
    """Which colleague takes the call, and why; the caller reads both."""

    staff = forms.ChoiceField(label="Who takes it?", error_messages={"required": "Choose a colleague."})
    reason = FreeTextField(
        max_length=200,
        label="Why",
        help_text="The caller reads it. Nothing about their health.",
        error_messages={"required": "Say why; the caller will read it."},
    )

    def __init__(self, *args: Any, booking: Booking, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        takers = _takers(but=booking.staff_id)
        if booking.kind == CallKind.CHECK_IN:
            theirs = cohort_staff_of(booking.email)
            takers = [(key, name) for key, name in takers if int(key) in theirs]
        self.fields["staff"].choices = takers  # type: ignore[attr-defined]


class SqueezeForm(StaffBookingForm):
    """A call outside the hours: day and time are typed, with a reason."""

    staff = forms.ChoiceField(label="With", error_messages={"required": "Choose a clinician."})
    on = date_field("Day", required="Choose a day.")
    time = forms.TimeField(
        label="Time",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="In the caller’s time zone, which you choose below.",
        error_messages={"required": "Enter a time, like 5:30 PM.", "invalid": "Enter a time, like 5:30 PM."},
    )
    zone = TimeZoneField(help_text=f"The caller’s time zone. {HOW_TO_SEARCH}")
    reason = FreeTextField(
        max_length=200,
        label="Why outside the hours",
        help_text="For us: the call’s history keeps it.",
        error_messages={"required": "Say why; the call’s history keeps it."},
    )
    slot = None  # type: ignore[assignment]
    another = None  # type: ignore[assignment]
    whom = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"].choices = _takers()  # type: ignore[attr-defined]

    def starts_at(self) -> datetime:
        """Return the typed moment in UTC; where clocks change twice, the first one."""
        clean = self.cleaned_data
        zone = ZoneInfo(clean["zone"])
        return datetime.combine(clean["on"], clean["time"], tzinfo=zone).astimezone(UTC)
