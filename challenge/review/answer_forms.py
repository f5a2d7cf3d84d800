"""The forms that stand on a question: its answers with a reason, and for a stop what was found and what holds now."""

from datetime import date, datetime
from typing import Any

from django import forms

from challenge.accounts.fields import FreeTextField
from challenge.accounts.models import User
from challenge.care import actions as care
from challenge.care.models import Flag
from challenge.protocol.validation import HAND_CADENCE_SPM
from challenge.protocol.vocabulary import AfterStop, FlagKind, StopFinding
from challenge.review.answers import (
    ANSWER_IT,
    NOTED,
    CannotAnswer,
    GivenAnswer,
    OfferedAnswer,
    answers_to,
    give_answer,
    has_left,
    may_be_given,
    needs_an_answer,
)
from challenge.review.complaint_actions import StopAnswer, close_stop
from challenge.review.decision_forms import LONGEST_PAUSE
from challenge.review.forms import REFUSALS

LOWEST_SPM, HIGHEST_SPM = HAND_CADENCE_SPM
NOT_ITS_ANSWER = "That’s not an answer to this question. Choose one of the answers below it."
RANGE = f"Enter a whole number from {LOWEST_SPM} to {HIGHEST_SPM}."


PHASES = ("1", "2", "3")


def phase_name(flag: Flag) -> str:
    """Return the name of the hidden input next to a question with the phase that its page showed."""
    return f"phase-{flag.pk}"


class FlagAnswerForm(forms.Form):
    """The answers to one question. The button that was pressed decides which; a reason may be asked for."""

    done = "Answered."
    cadence_spm = forms.IntegerField(
        label="Steps a minute",
        required=False,
        min_value=LOWEST_SPM,
        max_value=HIGHEST_SPM,
        widget=forms.TextInput({"inputmode": "numeric", "size": 4}),
        error_messages={"min_value": RANGE, "max_value": RANGE, "invalid": RANGE},
    )
    note = FreeTextField(label="Why", max_length=2000, required=False, widget=forms.Textarea({"rows": 2}))

    def __init__(
        self, *args: Any, flag: Flag, today: date, suggested_spm: int | None = None, **kwargs: Any
    ) -> None:
        """`suggested_spm` is what the runner's measured runs suggest, where that is known."""
        kwargs |= {"auto_id": f"flag-{flag.pk}-%s", "label_suffix": ""}
        super().__init__(*args, **kwargs)
        self.flag, self.today = flag, today
        self.asked, left = answers_to(flag), has_left(flag.enrollment)
        self.answers = tuple(answer for answer in self.asked if may_be_given(answer, left=left))
        if any(answer.takes_cadence for answer in self.answers):
            self.fields["cadence_spm"].initial = suggested_spm
        else:
            del self.fields["cadence_spm"]

    def chosen(self) -> OfferedAnswer:
        """Return the answer whose button was pressed; without one, what was written is the answer.

        `clean` refuses a button that this question does not have.
        """
        pressed = self.data.get("answer")
        return next((answer for answer in self.asked if answer.value == pressed), NOTED)

    def shown_phase(self) -> int:
        """Return the phase that the page showed, 0 where it named none."""
        shown = self.data.get(phase_name(self.flag), "")
        return int(shown) if shown in PHASES else 0

    def clean(self) -> dict[str, Any]:
        """Require a reason where the answer brings none, and a number where it sets one."""
        cleaned, chosen = super().clean() or self.cleaned_data, self.chosen()
        if chosen is NOTED and self.data.get("answer"):
            self.add_error(None, NOT_ITS_ANSWER)
        elif chosen is NOTED and needs_an_answer(self.flag):
            self.add_error(None, ANSWER_IT)
        elif not cleaned.get("note") and not chosen.reason and "note" not in self.errors:
            self.add_error("note", "Say why in a few words; we keep it with the answer.")
        missing = cleaned.get("cadence_spm") is None and "cadence_spm" not in self.errors
        if chosen.takes_cadence and "cadence_spm" in self.fields and missing:
            self.add_error("cadence_spm", RANGE)
        return cleaned

    def run(self, *, by: User, at: datetime) -> bool:
        """Return whether the question was answered; the sentence of a refusal is among the form's errors."""
        if not self.is_valid():
            return False
        chosen = self.chosen()
        given = GivenAnswer(
            flag=self.flag,
            reason=self.cleaned_data["note"] or chosen.reason,
            today=self.today,
            by=by,
            at=at,
            cadence_spm=self.cleaned_data.get("cadence_spm"),
            phase=self.shown_phase(),
        )
        try:
            give_answer(given, chosen)
        except (CannotAnswer, *REFUSALS) as refusal:
            self.flag.refresh_from_db()
            self.add_error(None, str(refusal))
            return False
        return True


class StopForm(forms.Form):
    """What was found when a stop flag was looked at, and what holds now."""

    done = "Closed."
    answers = ()
    found = forms.ChoiceField(
        label="What was found",
        choices=StopFinding.choices(),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what was found."},
    )
    holds_now = forms.ChoiceField(
        label="What happens now",
        choices=AfterStop.choices(),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what happens now: the runner’s page goes by it."},
    )
    paused_until = forms.DateField(
        label="Last paused day, if there’s no running yet",
        required=False,
        widget=forms.DateInput({"type": "date"}),
        error_messages={"invalid": "Enter a day, like 1/31/2026."},
    )
    note = FreeTextField(
        label="Who looked, and what was agreed",
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        error_messages={
            "required": "Say who looked and what you agreed on: a stop can’t be closed without a note."
        },
    )

    def __init__(
        self, *args: Any, flag: Flag, today: date, suggested_spm: int | None = None, **kwargs: Any
    ) -> None:
        """A stop suggests no number; the form is made like that of any other question."""
        kwargs |= {"auto_id": f"flag-{flag.pk}-%s", "label_suffix": ""}
        super().__init__(*args, **kwargs)
        self.flag, self.today = flag, today

    def clean(self) -> dict[str, Any]:
        """Take a last paused day with "no running yet" only, from today to a year ahead."""
        cleaned = super().clean() or self.cleaned_data
        day, paused = cleaned.get("paused_until"), cleaned.get("holds_now") == AfterStop.NOT_YET
        if day is not None and "holds_now" in cleaned and not paused:
            self.add_error(
                "paused_until",
                "A last paused day goes only with “No running yet”. Leave it empty, or choose that.",
            )
        elif day is not None and not self.today <= day <= self.today + LONGEST_PAUSE:
            self.add_error(
                "paused_until", "Choose a day from today to a year ahead, or leave it empty for no end."
            )
        return cleaned

    def run(self, *, by: User, at: datetime) -> bool:
        """Return whether the stop was closed; the sentence of a refusal is among the form's errors."""
        if not self.is_valid():
            return False
        typed = self.cleaned_data
        answer = StopAnswer(
            StopFinding(typed["found"]), AfterStop(typed["holds_now"]), typed["note"], typed["paused_until"]
        )
        try:
            close_stop(flag=self.flag, answer=answer, today=self.today, by=by, at=at)
        except care.AlreadyClosed as refusal:
            self.add_error(None, str(refusal))
            return False
        return True


FlagForm = FlagAnswerForm | StopForm


def form_of(flag: Flag, data: Any = None, *, today: date, suggested_spm: int | None = None) -> FlagForm:
    """Return the form that closes this flag: a stop has one of its own."""
    kind = StopForm if flag.kind == FlagKind.STOP else FlagAnswerForm
    return kind(data, flag=flag, today=today, suggested_spm=suggested_spm)
