"""One form for each kind of decision: phase, values by hand, heel strike, pause, the end of a flag."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms

from challenge.accounts.models import User
from challenge.care.models import ClinicianOverride
from challenge.care.queries import current_heel_strike_period, current_overrides, current_phase, pause_on
from challenge.protocol.sentences.facts import distance
from challenge.protocol.validation import HAND_CADENCE_SPM
from challenge.review import actions
from challenge.review.complaint_forms import (
    ChangeComplaintForm,
    DismissForm,
    OpenComplaintForm,
    TrackForm,
)
from challenge.review.forms import RunnerForm, reason_field
from challenge.review.program_forms import ApprovalForm, DoseForm, PlanChangeForm
from challenge.workouts.models import EntryKind, Run
from challenge.workouts.queries import runs

LOWEST_SPM, HIGHEST_SPM = HAND_CADENCE_SPM


class PhaseForm(RunnerForm):
    """Advance, hold or step back."""

    title, button, done = "Phase", "Decide", "Decided; the runner’s page is up to date."
    to_phase = forms.TypedChoiceField(
        label="Decision",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one: advance, stay or step back."},
    )
    reason = reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.present = self.phase or current_phase(self.enrollment)
        words = {1: "Advance to phase", 0: "Stay in phase", -1: "Step back to phase"}
        # One phase up or down: the method knows no jumps.
        near = [n for n in (self.present + 1, self.present, self.present - 1) if 1 <= n <= 3]
        choices = [(n, f"{words[n - self.present]} {n}") for n in near]
        self.fields["to_phase"].choices = choices  # type: ignore[attr-defined]

    def save(self, *, by: User, at: datetime) -> None:
        """Decide the phase; the phase that the page showed is checked again."""
        actions.decide_phase(
            enrollment=self.enrollment,
            expected_phase=self.present,
            to_phase=self.cleaned_data["to_phase"],
            reason=self.cleaned_data["reason"],
            by=by,
            at=at,
        )


class CadenceForm(RunnerForm):
    """Set the cadence by hand."""

    title, done = "Cadence by hand", "Set; it stays until a clinician ends it."
    cadence_spm = forms.IntegerField(
        label="Steps a minute",
        min_value=LOWEST_SPM,
        max_value=HIGHEST_SPM,
        help_text=f"{LOWEST_SPM} to {HIGHEST_SPM}, both feet. It stays until a clinician ends it.",
        error_messages={
            "min_value": f"A cadence set by hand is from {LOWEST_SPM} to {HIGHEST_SPM}.",
            "max_value": f"A cadence set by hand is from {LOWEST_SPM} to {HIGHEST_SPM}.",
            "invalid": f"Enter a whole number from {LOWEST_SPM} to {HIGHEST_SPM}.",
            "required": f"Enter a number from {LOWEST_SPM} to {HIGHEST_SPM}.",
        },
    )
    reason = reason_field()

    def save(self, *, by: User, at: datetime) -> None:
        actions.set_cadence(
            enrollment=self.enrollment,
            cadence_spm=self.cleaned_data["cadence_spm"],
            reason=self.cleaned_data["reason"],
            by=by,
            at=at,
        )


class LongRunForm(RunnerForm):
    """Let a long run raise the next limit."""

    title, button = "Let a long run raise the limit", "Let it raise the limit"
    done = "It counts; the longest run allowed is now based on it."
    which = forms.ModelChoiceField(label="Which run", queryset=Run.objects.none(), empty_label=None)
    reason = reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["which"]
        field.queryset = runs(self.enrollment).order_by("-local_on", "-pk")  # type: ignore[attr-defined]
        field.label_from_instance = lambda run: _run_label(run.distance_m, run.local_on)  # type: ignore[attr-defined]
        if self.recorded is not None:
            logged = reversed(self.recorded.of(EntryKind.RUN))
            field.choices = [(run.pk, _run_label(run.amount or 0, run.local_on)) for run in logged]  # type: ignore[attr-defined]

    def save(self, *, by: User, at: datetime) -> None:
        actions.count_long_run(
            enrollment=self.enrollment,
            run=self.cleaned_data["which"],
            on=self.today,
            reason=self.cleaned_data["reason"],
            by=by,
            at=at,
        )


def _run_label(meters: int, on: date) -> str:
    return f"{distance(meters)} on {on:%B} {on.day}"


class EndOverrideForm(RunnerForm):
    """End a value set by hand."""

    title, button, done = "End a value set by hand", "End it", "Ended; the method decides again."
    override = forms.ModelChoiceField(
        label="Which value", queryset=ClinicianOverride.objects.none(), empty_label=None
    )
    reason = reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["override"]
        field.queryset = current_overrides(self.enrollment)  # type: ignore[attr-defined]
        if self.overrides is not None:
            field.choices = [(row.pk, f"{row.get_what_display()}: {words}") for row, words in self.overrides]  # type: ignore[attr-defined]

    @property
    def is_offered(self) -> bool:
        return bool(self.overrides)

    def save(self, *, by: User, at: datetime) -> None:
        actions.end_override(
            override=self.cleaned_data["override"], reason=self.cleaned_data["reason"], by=by, at=at
        )


class HeelStrikeForm(RunnerForm):
    """Approve a heel-strike period, or end the present one."""

    title, button, done = "Heel strike for a while", "Decide", "Decided; the runner’s page is up to date."
    reason = reason_field()

    def save(self, *, by: User, at: datetime) -> None:
        spell, reason = current_heel_strike_period(self.enrollment), self.cleaned_data["reason"]
        if spell is None:
            actions.approve_heel_strike(
                enrollment=self.enrollment, starts_on=self.today, reason=reason, by=by, at=at
            )
        else:
            actions.end_heel_strike(spell=spell, ended_on=self.today, reason=reason, by=by, at=at)


LONGEST_PAUSE = timedelta(days=366)


class ClinicianPauseForm(RunnerForm):
    """Pause the runner, or end today's pause."""

    title, button, done = "Pause", "Decide", "Decided; the runner’s page is up to date."
    ends_on = forms.DateField(
        label="Last paused day",
        required=False,
        help_text="Leave it empty for a pause without an end.",
        widget=forms.DateInput({"type": "date"}),
    )
    reason = reason_field()

    def clean_ends_on(self) -> date | None:
        """Return the last paused day, from today to a year ahead, or None."""
        value: date | None = self.cleaned_data["ends_on"]
        if value is not None and value < self.today:
            raise forms.ValidationError("That day is over. Choose today or a later day.")
        if value is not None and value > self.today + LONGEST_PAUSE:
            raise forms.ValidationError(
                "Choose a day within a year, or leave it empty for a pause without an end."
            )
        return value

    def save(self, *, by: User, at: datetime) -> None:
        running = pause_on(self.enrollment, on=self.today)
        if running is not None:
            reason = self.cleaned_data["reason"]
            actions.end_pause(pause=running, last_day=self.today, reason=reason, by=by, at=at)
            return
        actions.pause_runner(
            enrollment=self.enrollment,
            starts_on=self.today,
            ends_on=self.cleaned_data["ends_on"],
            note=self.cleaned_data["reason"],
            by=by,
            at=at,
        )


DECISIONS: dict[str, type[RunnerForm]] = {
    "phase": PhaseForm,
    "complaint": OpenComplaintForm,
    "complaint_change": ChangeComplaintForm,
    "no_complaint": DismissForm,
    "track": TrackForm,
    "cadence": CadenceForm,
    "plan": PlanChangeForm,
    "dose": DoseForm,
    "approval": ApprovalForm,
    "long_run": LongRunForm,
    "end": EndOverrideForm,
    "strike": HeelStrikeForm,
    "pause": ClinicianPauseForm,
}
