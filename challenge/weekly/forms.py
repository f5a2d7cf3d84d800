"""What clinicians type about the coming week."""

import secrets
from typing import Any

from django import forms

from challenge.protocol.validation import HAND_CADENCE_SPM
from challenge.weekly.previews import ComingWeek

OLD_PAGE = (
    "The week has turned, or a colleague changed it, since you opened this page. Look at the week above, then set it "
    "again; what you wrote is kept."
)


class PlannedCadenceForm(forms.Form):
    """A cadence for the coming week; empty holds the present one. `seen` is what the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    cadence_spm = forms.IntegerField(
        label="Cadence for the coming week",
        required=False,
        min_value=HAND_CADENCE_SPM[0],
        max_value=HAND_CADENCE_SPM[1],
        help_text="Steps a minute, 120 to 180, for that week only. Leave it empty to hold the present target.",
    )
    reason = forms.CharField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text="Kept with the decision.",
        error_messages={"required": "Write why, in a few words: it is kept with the decision."},
    )

    def __init__(self, *args: Any, coming: ComingWeek, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.coming = coming
        self.fields["seen"].initial = coming.mark

    def clean_cadence_spm(self) -> int:
        typed: int | None = self.cleaned_data["cadence_spm"]
        if typed is not None:
            return typed
        present = self.coming.present_spm
        if present is None:
            raise forms.ValidationError("There is no present target to hold. Type a cadence.")
        least, most = HAND_CADENCE_SPM
        if not least <= present <= most:
            raise forms.ValidationError(
                f"The present target, {present}, is not from 120 to 180. Type a cadence."
            )
        return present

    def clean(self) -> dict[str, Any] | None:
        """A page from before Monday 06:00 means another week; one from before a colleague's change, another value."""
        cleaned = super().clean()
        if self.data.get("seen") != self.coming.mark:
            raise forms.ValidationError(OLD_PAGE)
        return cleaned


class CohortMessageForm(forms.Form):
    """A message to everybody: nothing about one runner belongs here."""

    subject = forms.CharField(
        max_length=120,
        help_text="No health word: it shows on lock screens.",
        error_messages={"required": "Write a subject: an email without one looks like spam."},
    )
    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 12}),
        max_length=8000,
        label="Message",
        error_messages={"required": "Write what you want to tell them."},
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=40, initial=lambda: secrets.token_hex(8))
