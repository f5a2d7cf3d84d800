"""Forms of clinicians: a cadence for the coming week, a message to a cohort."""

import secrets
from typing import Any

from django import forms

from challenge.accounts.fields import FreeTextField
from challenge.protocol.validation import HAND_CADENCE_SPM
from challenge.weekly.previews import ComingWeek

HAND_CADENCE_RANGE = f"{HAND_CADENCE_SPM[0]} to {HAND_CADENCE_SPM[1]}"
OLD_PAGE = (
    "A new week has begun, or a colleague changed it, since you opened this page. Look at the week above, then set it "
    "again; what you wrote is kept."
)


class PlannedCadenceForm(forms.Form):
    """A cadence for the coming week; empty holds the present one. `seen` is the mark of what the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    cadence_spm = forms.IntegerField(
        label="Cadence for the coming week",
        required=False,
        min_value=HAND_CADENCE_SPM[0],
        max_value=HAND_CADENCE_SPM[1],
        help_text=f"Steps a minute, {HAND_CADENCE_RANGE}, for that week only. "
        "Leave it empty to hold the current target for that week.",
    )
    reason = FreeTextField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text="Kept with the decision.",
        error_messages={"required": "Say why in a few words; we keep it with the decision."},
    )

    def __init__(self, *args: Any, coming: ComingWeek, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.coming = coming
        self.fields["seen"].initial = coming.mark

    def clean_cadence_spm(self) -> int:
        """Return the cadence, or the present target where the field is empty. Its bounds hold for both."""
        cadence_spm: int | None = self.cleaned_data["cadence_spm"]
        if cadence_spm is not None:
            return cadence_spm
        present = self.coming.present_spm
        if present is None:
            raise forms.ValidationError("There’s no current target to keep. Type a cadence.")
        least, most = HAND_CADENCE_SPM
        if not least <= present <= most:
            raise forms.ValidationError(
                f"The current target, {present}, is not from {HAND_CADENCE_RANGE}. Type a cadence."
            )
        return present

    def clean(self) -> dict[str, Any] | None:
        """Refuse a page from before Monday 06:00, or from before a colleague's change."""
        cleaned = super().clean()
        if self.data.get("seen") != self.coming.mark:
            raise forms.ValidationError(OLD_PAGE)
        return cleaned


class CohortMessageForm(forms.Form):
    """A message to all runners of a cohort; nothing about a single runner belongs in it."""

    subject = FreeTextField(
        max_length=120,
        help_text="No health words: it shows on lock screens.",
        error_messages={"required": "Enter a subject: an email without one looks like spam."},
    )
    text = FreeTextField(
        widget=forms.Textarea(attrs={"rows": 12}),
        max_length=8000,
        label="Message",
        error_messages={"required": "Write what you want to tell them."},
    )
    # Made with the form: pressing "Send" twice posts the same key, and `write_to_cohort` sends it once.
    key = forms.CharField(widget=forms.HiddenInput, max_length=40, initial=lambda: secrets.token_hex(8))
