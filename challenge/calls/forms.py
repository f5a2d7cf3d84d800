"""The forms to book a call, and the staff's forms to cancel it and record its outcome."""

import uuid
from datetime import datetime
from typing import Any, Self

from django import forms

from challenge.accounts.fields import FreeTextField, PhoneField
from challenge.calls.actions import Prospect
from challenge.calls.models import Booking, BookingState, HeardFrom
from challenge.calls.slot_picker import slot_from
from challenge.calls.time_text import known_zone
from challenge.protocol.vocabulary import Site

ANYONE = "any"


class BookingForm(forms.Form):
    """The caller's details and the time. The page offers the nearest free times if the time was taken."""

    slot = forms.CharField(widget=forms.HiddenInput, max_length=20, label="Time")
    whom = forms.CharField(widget=forms.HiddenInput, max_length=12, initial=ANYONE)
    zone = forms.CharField(widget=forms.HiddenInput, max_length=64)
    key = forms.UUIDField(widget=forms.HiddenInput)
    name = FreeTextField(
        max_length=120,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter your name, so we know what to call you."},
    )
    email = forms.EmailField(
        max_length=254,
        label="Email",
        help_text="For the invitation, and a reminder the day before.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Enter your email address: the invitation goes there.",
            "invalid": "That doesn’t look like an email address. Write it like name@example.com.",
        },
    )
    phone = PhoneField(
        required=False,
        help_text="We’ll call you there. If you don’t leave a number, please call us at that time.",
    )
    site = forms.ChoiceField(
        required=False,
        label="What hurts most?",
        choices=[("", "Nothing, or I’ll tell you on the call"), *Site.choices()],
    )
    heard = forms.ChoiceField(
        required=False, label="How did you hear of us?", choices=[("", "—"), *HeardFrom.choices]
    )
    # A honeypot: hidden from people, and robots fill in every field.
    website = FreeTextField(
        required=False,
        label="Leave this empty",
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    # Whose question the caller answered: another may get the call if this one’s time is taken first.
    asked = forms.CharField(required=False, widget=forms.HiddenInput, max_length=12)
    answer = FreeTextField(required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, question: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A new key for each form shown: submitting the same form twice books once.
        self.fields["key"].initial = uuid.uuid4
        self.question = question
        if question:
            self.fields["answer"].label = question
        else:
            del self.fields["answer"]

    def clean_name(self) -> str:
        """Return the name with single spaces."""
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean_slot(self) -> datetime:
        """Return the chosen start, a datetime in UTC."""
        moment = slot_from(self.cleaned_data["slot"])
        if moment is None:
            raise forms.ValidationError("Choose a time.")
        return moment

    def clean_whom(self) -> int | None:
        """Return the staff member's id, or None for anyone."""
        # isdigit() alone also accepts superscripts and the like, which int() refuses.
        whom = self.cleaned_data["whom"]
        return int(whom) if whom.isascii() and whom.isdigit() else None

    def clean_zone(self) -> str:
        """Return the current name of the caller's time zone."""
        zone = known_zone(self.cleaned_data["zone"])
        if zone is None:
            raise forms.ValidationError("Choose your time zone again.")
        return zone

    def clean_website(self) -> str:
        """Refuse a filled honeypot field."""
        if self.cleaned_data["website"]:
            raise forms.ValidationError("Leave the field called “Leave this empty” empty; it catches robots.")
        return ""

    def prospect(self) -> Prospect:
        """Return the validated caller."""
        clean = self.cleaned_data
        return Prospect(
            name=clean["name"],
            email=clean["email"],
            time_zone=clean["zone"],
            phone=clean["phone"],
            site=clean["site"],
            heard=clean["heard"],
            question=self.question,
            answer=clean.get("answer", ""),
        )


class StaffBookingForm(BookingForm):
    """The booking form of the front desk for a caller on the phone; an email address is optional."""

    another = forms.BooleanField(required=False, label="Book another call anyway")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Name"
        self.fields["name"].error_messages["required"] = "Enter the caller’s name."
        self.fields["site"].choices = [("", "Nothing, or not said"), *Site.choices()]  # type: ignore[attr-defined]
        self.fields["email"].required = False
        self.fields["email"].help_text = "Invitation and reminders go there."
        self.fields["phone"].help_text = "The clinician calls this number."
        self.fields["website"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Require a phone number or an email address."""
        clean = super().clean() or self.cleaned_data
        if not clean.get("email") and not clean.get("phone") and not self.errors:
            self.add_error("phone", "Enter a phone number or an email address: we need one of the two.")
        return clean


class CheckInBookingForm(forms.Form):
    """A runner's check-in: the time, where to phone, and the answer to the clinician's question, if there is one."""

    slot = forms.CharField(widget=forms.HiddenInput, max_length=20)
    asked = forms.CharField(required=False, widget=forms.HiddenInput, max_length=12)
    key = forms.UUIDField(widget=forms.HiddenInput)
    phone = PhoneField(required=False, help_text="We’ll call you there, unless you meet on video.")
    answer = FreeTextField(required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, question: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid.uuid4
        self.question = question
        if question:
            self.fields["answer"].label = question
        else:
            del self.fields["answer"]

    def clean_slot(self) -> datetime:
        """Return the chosen start, a datetime in UTC."""
        moment = slot_from(self.cleaned_data["slot"])
        if moment is None:
            raise forms.ValidationError("Choose a time.")
        return moment


class LinkAgainForm(forms.Form):
    """The address to which the links of a caller's calls are mailed again."""

    email = forms.EmailField(
        max_length=254,
        label="Email",
        help_text="The address you booked with.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Enter the email address that you booked with.",
            "invalid": "That doesn’t look like an email address. Write it like name@example.com.",
        },
    )


class CancelForm(forms.Form):
    """The reason of a cancellation, which the caller reads."""

    reason = FreeTextField(
        max_length=200,
        label="Reason",
        help_text="The caller reads it in the email. Nothing about their health.",
        error_messages={"required": "Enter a reason; the caller will read it."},
    )


class OutcomeForm(forms.Form):
    """The outcome of a call: held or no-show."""

    outcome = forms.ChoiceField(
        choices=[(BookingState.HELD, "Took place"), (BookingState.NO_SHOW, "No-show")]
    )


class NotesForm(forms.Form):
    """The follow-up day and, for the clinician who holds the call, notes."""

    notes = FreeTextField(required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))
    follow_up_on = forms.DateField(
        required=False,
        label="Follow-up date",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter the day, like 3/9/2026."},
    )

    @classmethod
    def about(cls, booking: Booking, *, health: bool, data: Any = None) -> Self:
        """Return the form for a call, without notes unless the reader may see health data."""
        form = cls(data, initial={"notes": booking.notes, "follow_up_on": booking.follow_up_on})
        if not health:
            del form.fields["notes"]
        return form
