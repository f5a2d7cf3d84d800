"""The forms of a guided session: one set as it is done, and the finish."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from challenge.accounts.free_text import FreeTextField
from challenge.protocol.vocabulary import ExerciseId, FormKind
from challenge.workouts.fields import PainField
from challenge.workouts.forms import FIRST_DAY, SessionForm
from challenge.workouts.models import StrengthSession
from challenge.workouts.strength_forms import LoadField
from challenge.workouts.strength_session_actions import HIGHEST_NUMBER
from challenge.workouts.strength_session_models import TrainedLeg


def _possible_day(day: date, today: date) -> date:
    """Return the day of a phone, or today where its clock is wrong or ahead of the runner's own time zone."""
    return day if FIRST_DAY <= day <= today else today


class FinishForm(SessionForm):
    """The end of a guided session. Its sets are stored already; a pain below theirs becomes theirs."""

    model = StrengthSession

    local_on = forms.DateField(widget=forms.HiddenInput)
    pain = PainField(label="Worst pain in this session", required=False)

    def __init__(self, *args: Any, set_pains: Sequence[int] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.set_pains = set_pains

    def clean_local_on(self) -> date:
        """Return the day on the phone, or today."""
        return _possible_day(self.cleaned_data["local_on"], self.today)

    def clean_pain(self) -> int:
        """Return the worst pain of the session and its sets."""
        answer: int | None = self.cleaned_data["pain"]
        pains = [*self.set_pains] if answer is None else [*self.set_pains, answer]
        if not pains:
            raise ValidationError(self.fields["pain"].error_messages["required"], code="required")
        return max(pains)


class GuidedSetForm(forms.Form):
    """One set as the session's page sends it; `session` is the page's key, the day that of the phone."""

    session = forms.UUIDField()
    local_on = forms.DateField()
    planned = forms.ChoiceField(choices=ExerciseId.choices)
    leg = forms.ChoiceField(choices=TrainedLeg.choices)
    number = forms.IntegerField(min_value=1, max_value=HIGHEST_NUMBER)
    exercise = forms.ChoiceField(choices=ExerciseId.choices)
    form = forms.ChoiceField(choices=FormKind.choices)
    reps = forms.IntegerField(min_value=1, max_value=200, required=False)
    seconds = forms.IntegerField(min_value=1, max_value=3600, required=False)
    pain = PainField(required=False)
    because = FreeTextField(max_length=200, required=False)

    def __init__(self, *args: Any, unit: str, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today
        self.fields["load_g"] = LoadField(unit=unit)

    def clean_local_on(self) -> date:
        return _possible_day(self.cleaned_data["local_on"], self.today)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (cleaned.get("reps") is None) == (cleaned.get("seconds") is None):
            raise ValidationError("A set has repetitions or seconds.", code="amount")
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what `save_set` takes."""
        return {"session_key": self.cleaned_data.pop("session"), **self.cleaned_data}
