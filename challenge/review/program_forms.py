"""The forms with which a clinician shapes one runner's program: exercises, doses, loads, tempo, approvals."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms

from challenge.accounts.models import User
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.plan_refusals import dose_errors
from challenge.protocol.vocabulary import ExerciseId, PlanChangeKind
from challenge.review import program_actions
from challenge.review.forms import RunnerForm, reason_field
from challenge.workouts.prescribed_sets import to_grams

EFFECT = (
    "It starts now and stays until a clinician ends it. The runner gets one email, a few minutes after your last "
    "change."
)
KINDS = [
    (PlanChangeKind.ADD.value, "Add it to the plan"),
    (PlanChangeKind.LEAVE_OUT.value, "Leave it out"),
    (PlanChangeKind.SWAP.value, "Swap it for another"),
]
DOSE = ("sets", "reps", "seconds", "sessions_per_week", "up_s", "hold_s", "down_s")


def exercise_choices() -> list[tuple[str, str]]:
    """Return the exercises of the catalog as choices."""
    return [(str(key), entry.name) for key, entry in CATALOG.items()]


class PlanChangeForm(RunnerForm):
    """Add, leave out or swap one exercise."""

    title, button = "Change the exercises", "Change them"
    done = "Changed; it stays until a clinician ends it."
    effect = EFFECT
    kind = forms.ChoiceField(
        label="What to change",
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one: add, leave out or swap."},
    )
    exercise = forms.ChoiceField(label="Exercise", choices=exercise_choices)
    replacement = forms.ChoiceField(
        label="For a swap: the new exercise",
        choices=lambda: [("", "Nothing"), *exercise_choices()],
        required=False,
    )
    reason = reason_field()

    def clean(self) -> dict[str, Any]:
        """Require another exercise for a swap, and none for anything else."""
        cleaned = super().clean() or self.cleaned_data
        swap, instead = cleaned.get("kind") == PlanChangeKind.SWAP, cleaned.get("replacement")
        if swap and not instead:
            self.add_error("replacement", "Which exercise comes instead?")
        if swap and instead and instead == cleaned.get("exercise"):
            self.add_error("replacement", "That is the same exercise: choose another one.")
        if cleaned.get("kind") and not swap and instead:
            self.add_error("replacement", "Only a swap needs a second exercise: choose “Nothing” here.")
        return cleaned

    def save(self, *, by: User, at: datetime) -> None:
        typed = self.cleaned_data
        program_actions.change_plan(
            enrollment=self.enrollment,
            kind=PlanChangeKind(typed["kind"]),
            exercise=typed["exercise"],
            replacement=typed["replacement"],
            reason=typed["reason"],
            by=by,
            at=at,
        )


class DoseForm(RunnerForm):
    """Set an exercise's dose, load and tempo by hand, within the catalog's range."""

    title, done = "Dose by hand", "Set; it stays until a clinician ends it."
    effect = EFFECT
    exercise = forms.ChoiceField(label="Exercise", choices=exercise_choices)
    sets = forms.IntegerField(label="Sets", min_value=1, max_value=6)
    reps = forms.IntegerField(label="Repetitions", min_value=1, max_value=30, required=False)
    seconds = forms.IntegerField(label="Or, for a hold: seconds", min_value=5, max_value=120, required=False)
    sessions_per_week = forms.IntegerField(label="Sessions a week", min_value=1, max_value=7)
    load_lb = forms.IntegerField(
        label="Load in pounds",
        min_value=0,
        max_value=1000,
        required=False,
        help_text="Load and tempo: leave a field empty to keep what the catalog says.",
    )
    up_s = forms.IntegerField(label="Tempo: seconds up", min_value=0, max_value=60, required=False)
    hold_s = forms.IntegerField(label="Tempo: seconds of pause", min_value=0, max_value=60, required=False)
    down_s = forms.IntegerField(label="Tempo: seconds down", min_value=0, max_value=60, required=False)
    reason = reason_field()

    def clean(self) -> dict[str, Any]:
        """Require repetitions or seconds, not both, and every number inside the catalog's range."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        if bool(cleaned.get("reps")) == bool(cleaned.get("seconds")):
            self.add_error("reps", "Enter repetitions or seconds, one of the two.")
            return cleaned
        for name, sentence in dose_errors(ExerciseId(cleaned["exercise"]), self._dose()).items():
            self.add_error("load_lb" if name == "load_g" else name, sentence)
        return cleaned

    def _dose(self) -> dict[str, Any]:
        """Return the dose as it is stored, in grams and seconds; what was left empty is left out."""
        dose = {name: self.cleaned_data.get(name) for name in DOSE}
        pounds = self.cleaned_data.get("load_lb")
        dose["load_g"] = None if pounds is None else to_grams(Decimal(pounds), "lb")
        return {name: value for name, value in dose.items() if value is not None}

    def save(self, *, by: User, at: datetime) -> None:
        program_actions.set_dose(
            enrollment=self.enrollment,
            exercise=self.cleaned_data["exercise"],
            dose=self._dose(),
            reason=self.cleaned_data["reason"],
            by=by,
            at=at,
        )


class ApprovalForm(RunnerForm):
    """Approve the full form of an exercise that loads an injured joint."""

    title, button = "Approve an exercise", "Approve"
    done = "Approved; it comes in its full form."
    effect = EFFECT
    exercise = forms.ChoiceField(label="Exercise", choices=exercise_choices)
    reason = reason_field()

    def save(self, *, by: User, at: datetime) -> None:
        program_actions.approve_exercise(
            enrollment=self.enrollment,
            exercise=self.cleaned_data["exercise"],
            reason=self.cleaned_data["reason"],
            by=by,
            at=at,
        )
