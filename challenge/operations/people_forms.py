"""The owner's forms about colleagues."""

from typing import Any

from django import forms

from challenge.accounts.free_text import FreeTextField
from challenge.accounts.models import User
from challenge.accounts.roles import CLINICIAN, STAFF_ROLES
from challenge.enrollment.models import Cohort
from challenge.pages.plan_forms import staff_who_may_care

WHOLE_ADDRESS = "Enter their whole address, like ada@example.org."


class ColleagueForm(forms.Form):
    """A new colleague: address, name, roles and, for a clinician, cohorts."""

    name = FreeTextField(
        label="Their name", max_length=120, error_messages={"required": "Enter their name: runners read it."}
    )
    email = forms.EmailField(
        label="Their email",
        max_length=254,
        error_messages={"required": WHOLE_ADDRESS, "invalid": WHOLE_ADDRESS},
    )
    roles = forms.MultipleChoiceField(
        label="What they do here",
        choices=[(role, role.capitalize()) for role in STAFF_ROLES],
        widget=forms.CheckboxSelectMultiple,
        help_text="Only clinicians read health data. Owners run the clinic and don’t see any.",
        error_messages={"required": "Choose at least one."},
    )
    cohorts = forms.ModelMultipleChoiceField(
        queryset=Cohort.objects.none(),
        label="Cohorts they care for",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cohorts: Any = self.fields["cohorts"]
        cohorts.queryset = Cohort.objects.filter(over_at=None).order_by("-starts_on", "-pk")

    def clean(self) -> dict[str, Any]:
        """Refuse cohorts for someone who is no clinician: they could not open them."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("cohorts") and CLINICIAN not in cleaned.get("roles", [CLINICIAN]):
            self.add_error("cohorts", "Only a clinician cares for cohorts. Choose that role, or no cohort.")
        return cleaned


class CloseColleagueForm(forms.Form):
    """Who takes over the flags, calls and cohorts of a colleague who leaves."""

    successor = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        label="Who takes over",
        empty_label="No one",
        error_messages={"invalid_choice": "Choose an active clinician."},
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["successor"]
        people.queryset = staff_who_may_care().exclude(pk=person.pk)
