"""What a runner writes about a complaint: "this has settled" or "something new". Both are questions to a clinician."""

import uuid
from typing import Any

from django import forms

from challenge.care.complaint_models import NO_SIDE, SITES_WITHOUT_SIDE
from challenge.workouts.fields import NoteField, PainField, side_field, site_field


class QuestionForm(forms.Form):
    """The base of both: a key makes a form that is sent twice one question."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    note = NoteField(label="Anything to add?")

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("label_suffix", "")
        options["initial"] = {"key": uuid.uuid4(), **(options.get("initial") or {})}
        super().__init__(*args, **options)

    def question_key(self) -> str:
        """Return the form's key, or a new one for a form that came without."""
        return str(self.cleaned_data.get("key") or uuid.uuid4())


class SettledForm(QuestionForm):
    """One of the runner's complaints has settled."""

    complaint = forms.IntegerField(widget=forms.HiddenInput)


class SomethingNewForm(QuestionForm):
    """A place that began to hurt: where, which side, and how much now."""

    site = site_field()
    side = side_field()
    pain = PainField(label="Pain there now")

    field_order = ("key", "site", "side", "pain", "note")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["site"].required = True
        self.fields["site"].error_messages["required"] = "Where does it hurt?"

    def clean(self) -> dict[str, Any]:
        """Refuse a side for a place that has none."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("side") and cleaned.get("site") in SITES_WITHOUT_SIDE:
            self.add_error("side", NO_SIDE)
        return cleaned
