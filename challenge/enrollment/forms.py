"""Forms of the waiting lists and of the front desk."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from challenge.accounts.fields import FreeTextField, PhoneField
from challenge.enrollment.models import Cohort, EndReason

BY_STAFF = [EndReason.WITHDREW, EndReason.MEDICAL, EndReason.NEVER_STARTED, EndReason.OTHER]


class WaitingListForm(forms.Form):
    """An address for a list. `website` is a honeypot: a filled one gets the normal answer and changes nothing."""

    email = forms.EmailField(
        label="Email",
        max_length=254,
        error_messages={
            "required": "Enter your email address, like robin@example.org.",
            "invalid": "Enter the whole address, like robin@example.org.",
        },
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    website = FreeTextField(
        label="Leave this empty",
        required=False,
        max_length=200,
        widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}),
    )


ADDRESS = "Enter their whole address, like robin@example.org."


class ReasonForm(forms.Form):
    """The reason for the ledger. No health data: the front desk reads the ledger."""

    reason = FreeTextField(
        label="Reason",
        max_length=180,
        help_text="We keep it with the history of the seat. No health details.",
        error_messages={"required": "Say why in a few words; we keep it with the history of the seat."},
    )


class PersonForm(ReasonForm):
    """A person on the phone or at the front desk."""

    email = forms.EmailField(
        label="Email", max_length=254, error_messages={"required": ADDRESS, "invalid": ADDRESS}
    )
    name = FreeTextField(
        label="Name",
        max_length=120,
        error_messages={"required": "Enter their name: our emails greet them with it."},
    )
    phone = PhoneField(required=False)
    field_order = ("name", "email", "phone", "reason")


class EmergencyForm(forms.Form):
    """Whose record, and why. The owners read the reason, so it holds no health data."""

    email = forms.EmailField(
        label="The runner’s email address",
        max_length=254,
        error_messages={"required": ADDRESS, "invalid": ADDRESS},
    )
    reason = FreeTextField(
        label="Reason",
        min_length=10,
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        help_text="The owners read it: who asked you, and why it can’t wait. No health details.",
        error_messages={
            "required": "Say why; the owners will read it.",
            "min_length": "Say why in a whole sentence; the owners will read it.",
        },
    )


class EndSeatForm(ReasonForm):
    why = forms.ChoiceField(label="Why", choices=[(why.value, why.label) for why in BY_STAFF])
    field_order = ("why", "reason")


class AddressForm(ReasonForm):
    email = forms.EmailField(
        label="The right address",
        max_length=254,
        help_text="We write to both addresses. If this person has a health record, the new address can open it only "
        "after 48 hours.",
        error_messages={"required": ADDRESS, "invalid": ADDRESS},
    )
    field_order = ("email", "reason")


class CloseForm(forms.Form):
    """Close enrollment, confirmed by typing the cohort's slug, because it cannot be undone."""

    sure = FreeTextField(max_length=60, widget=forms.TextInput({"autocomplete": "off"}))

    def __init__(self, *args: Any, slug: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slug = slug
        self.not_yet = f"Enrollment is still open. Closing it can’t be undone, so type “{slug}” first."
        self.fields["sure"].label = f"Type “{slug}” to be sure"
        self.fields["sure"].error_messages["required"] = self.not_yet

    def clean_sure(self) -> str:
        if self.cleaned_data["sure"] != self.slug:
            raise forms.ValidationError(self.not_yet)
        return self.slug


class InvitationsForm(forms.Form):
    """A CSV file of addresses to invite."""

    file = forms.FileField(
        label="CSV file",
        required=False,
        help_text="One address a line. Commas, semicolons or tabs between cells. At most 1 MB.",
        allow_empty_file=True,
    )
    # The new addresses of a dry run, so that the file need not be chosen again.
    kept = forms.CharField(required=False, max_length=1_500_000, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Require a file, or the addresses that a dry run kept."""
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("file") and not cleaned.get("kept") and not self.errors:
            self.add_error("file", "Choose the file first.")
        return cleaned

    def text(self) -> str:
        """Return the text to read. Raises ValidationError if the file is too large or not text."""
        data = self.cleaned_data["file"]
        if not data:
            return str(self.cleaned_data["kept"]).replace("\x00", "")
        if data.size > 1_000_000:
            raise forms.ValidationError("This file is larger than 1 MB.")
        try:
            return str(data.read().decode("utf-8-sig")).replace("\x00", "")
        except UnicodeDecodeError as error:
            raise forms.ValidationError("This isn’t a text file. Save it as CSV, UTF-8.") from error


class InviteOneForm(forms.Form):
    """One address to invite to early access."""

    email = forms.EmailField(
        label="Their email", max_length=254, error_messages={"required": ADDRESS, "invalid": ADDRESS}
    )


class LaunchForm(forms.Form):
    """When the launch list is written to, and how many people in each wave."""

    cohort = forms.ModelChoiceField(
        queryset=Cohort.objects.none(),
        label="Into which cohort",
        empty_label=None,
        error_messages={
            "required": "Choose a cohort.",
            "invalid_choice": "Choose a cohort that is still open.",
        },
    )
    size = forms.IntegerField(
        label="People in each wave",
        min_value=1,
        max_value=5000,
        initial=50,
        error_messages={
            "required": "Enter how many.", "invalid": "Enter a whole number.",
            "min_value": "Enter 1 or more.", "max_value": "Enter 5000 or fewer.",
        },
    )  # fmt: skip
    first_at = forms.SplitDateTimeField(
        label="The first wave",
        help_text="In the clinic’s time zone.",
        widget=forms.SplitDateTimeWidget(
            date_attrs={"type": "date", "aria-label": "Day of the first wave"},
            time_attrs={"type": "time", "aria-label": "Time of the first wave"},
            date_format="%Y-%m-%d", time_format="%H:%M",
        ),
        error_messages={
            "required": "Enter the day and the time.", "invalid": "Enter the day and the time.",
            "invalid_date": "Enter the day, like 3/9/2026.", "invalid_time": "Enter the time, like 9:00 AM.",
        },
    )  # fmt: skip
    every_hours = forms.IntegerField(
        label="Hours between waves",
        min_value=1,
        max_value=336,
        initial=24,
        error_messages={
            "required": "Enter how many hours.", "invalid": "Enter a whole number.",
            "min_value": "Enter 1 or more.", "max_value": "Enter 336 or fewer: two weeks.",
        },
    )  # fmt: skip

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at
        since = timezone.localdate(at) - timedelta(days=7)
        joinable = Cohort.objects.filter(is_public=True, closed_at__isnull=True, starts_on__gt=since)
        self.fields["cohort"].queryset = joinable.order_by("opens_at")  # type: ignore[attr-defined]

    def clean_first_at(self) -> datetime:
        """Refuse a moment that is over, and one in a year that no calendar of ours reaches."""
        moment: datetime = self.cleaned_data["first_at"]
        if moment < self.at - timedelta(minutes=1):
            raise forms.ValidationError("That time has passed. Choose a later one.")
        if moment > self.at + timedelta(days=730):
            raise forms.ValidationError("Choose a day within two years.")
        return moment
