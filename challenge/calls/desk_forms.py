"""What staff type about a call."""

from typing import Any, Self

from django import forms

from challenge.calls.models import Booking, State


class CancelForm(forms.Form):
    reason = forms.CharField(
        max_length=200,
        label="Reason",
        help_text="The caller reads it in the email. Nothing about their health.",
        error_messages={"required": "Write a reason; the caller reads it."},
    )


class OutcomeForm(forms.Form):
    outcome = forms.ChoiceField(choices=[(State.HELD, "Held"), (State.NO_SHOW, "No-show")])


class NotesForm(forms.Form):
    """The day to follow up and, for the clinician who holds the call, notes."""

    notes = forms.CharField(required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))
    follow_up_on = forms.DateField(
        required=False,
        label="Follow up on",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Write the day like 2026-03-09."},
    )

    @classmethod
    def about(cls, booking: Booking, *, health: bool, data: Any = None) -> Self:
        form = cls(data, initial={"notes": booking.notes, "follow_up_on": booking.follow_up_on})
        if not health:
            del form.fields["notes"]
        return form
