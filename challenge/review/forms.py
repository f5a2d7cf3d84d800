"""The base form of a decision about a runner, and the forms of notes, messages, contacts and tests."""

from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.db import transaction

from challenge.accounts.fields import FreeTextField
from challenge.accounts.models import User
from challenge.accounts.query_parameters import PRIMARY_KEY
from challenge.care import actions as care
from challenge.care import overrides
from challenge.care.complaint_models import RunnerComplaint
from challenge.care.complaints import ComplaintRefused
from challenge.care.models import ClinicianOverride, Flag
from challenge.enrollment.models import Enrollment
from challenge.messages.actions import ConversationMoved, send_message
from challenge.protocol.vocabulary import Side, TestKind
from challenge.review import actions, entry_actions, program_actions
from challenge.review.charts import RecordedEntries
from challenge.review.models import Contact

REFUSALS = (
    care.PhaseNotReady,
    care.AlreadyPaused,
    care.AlreadyClosed,
    overrides.OutOfRange,
    overrides.AlreadySet,
    actions.StalePage,
    actions.HeelStrikeRuledOut,
    program_actions.CannotTakeEffect,
    ComplaintRefused,
    ConversationMoved,
)


class RunnerForm(forms.Form):
    """A form about one runner. With `needs_fresh_page` it is refused once the page has changed.

    `effect` is when a decision takes effect.
    """

    title: ClassVar[str] = ""
    effect: ClassVar[str] = ""
    button: ClassVar[str] = "Save"
    done: ClassVar[str] = "Saved."
    needs_fresh_page: ClassVar[bool] = True

    def __init__(
        self,
        *args: Any,
        enrollment: Enrollment,
        today: date,
        phase: int | None = None,
        overrides: list[tuple[ClinicianOverride, str]] | None = None,
        complaints: list[RunnerComplaint] | None = None,
        proposals: list[Flag] | None = None,
        recorded: RecordedEntries | None = None,
        **kwargs: Any,
    ) -> None:
        """`phase`, the lists and `recorded` are the present ones, where the page has read them already."""
        kwargs["label_suffix"] = ""
        super().__init__(*args, **kwargs)
        self.enrollment = enrollment
        self.today = today
        self.phase, self.overrides = phase, overrides
        self.complaints, self.proposals, self.recorded = complaints, proposals, recorded
        for field in self.fields.values():
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                chooses = isinstance(field, (forms.ChoiceField, forms.ModelChoiceField))
                field.error_messages["required"] = "Choose one." if chooses else "Fill this in."
            if "invalid_choice" in field.error_messages:
                field.error_messages["invalid_choice"] = "That isn’t one of the choices now: choose again."
            # Browsers drop non-numbers from a number input; a text input brings them back with their error.
            if isinstance(field, forms.IntegerField):
                field.widget = forms.TextInput({"inputmode": "numeric", "size": 6, **_required(field)})

    @property
    def is_offered(self) -> bool:
        """Return whether there is anything to decide with this form now."""
        return True

    def save(self, *, by: User, at: datetime) -> None:
        """Do what the form is for."""
        raise NotImplementedError

    def run(self, *, seen: str, by: User, at: datetime) -> bool:
        """Return whether the action succeeded; the sentence of a refusal is among the form's errors."""
        if not self.is_valid():
            return False
        try:
            # Check and decision share one lock: otherwise two clinicians could both pass the check.
            with transaction.atomic():
                if self.needs_fresh_page:
                    actions.check_page_is_fresh(enrollment=self.enrollment, seen=seen)
                self.save(by=by, at=at)
        except REFUSALS as refusal:
            field = getattr(refusal, "field", None)
            self.add_error(field if field in self.fields else None, str(refusal))
            return False
        return True


def _required(field: forms.Field) -> dict[str, str]:
    return {"aria-required": "true"} if field.required else {}


def reason_field(label: str = "Why") -> forms.CharField:
    """Return the field for the reason of a decision."""
    return FreeTextField(
        label=label,
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": "Say why in a few words; we keep it with the decision."},
    )


class NoteForm(RunnerForm):
    """A private note."""

    title, done, needs_fresh_page = "Private note", "Noted.", False
    text = FreeTextField(label="Note", max_length=5000, widget=forms.Textarea({"rows": 3}))

    def save(self, *, by: User, at: datetime) -> None:
        entry_actions.write_note(enrollment=self.enrollment, text=self.cleaned_data["text"], by=by, at=at)


class MessageForm(RunnerForm):
    """A message to the runner."""

    title, button, done, needs_fresh_page = (
        "Message to the runner",
        "Send",
        "Sent to the runner’s page.",
        False,
    )
    text = FreeTextField(
        label="Message",
        max_length=5000,
        widget=forms.Textarea({"rows": 3}),
        help_text="The runner reads it after signing in; the email only says it’s there.",
    )

    def save(self, *, by: User, at: datetime) -> None:
        last = self.data.get(self.add_prefix("last"), "")
        seen = int(last) if PRIMARY_KEY(last) else None
        send_message(enrollment=self.enrollment, text=self.cleaned_data["text"], by=by, at=at, seen=seen)


class ContactForm(RunnerForm):
    """A call, letter or meeting."""

    title, done, needs_fresh_page = "Contact", "Saved.", False
    how = forms.ChoiceField(label="How", choices=Contact.How.choices)
    text = FreeTextField(
        label="What came of it", max_length=2000, required=False, widget=forms.Textarea({"rows": 2})
    )

    def save(self, *, by: User, at: datetime) -> None:
        entry_actions.log_contact(
            enrollment=self.enrollment,
            how=self.cleaned_data["how"],
            text=self.cleaned_data["text"],
            by=by,
            at=at,
        )


class TestForm(RunnerForm):
    """A heel-raise or hop test, or why it was not done."""

    __test__ = False
    title, done, needs_fresh_page = "Functional test", "Recorded.", False
    kind = forms.ChoiceField(label="Test", choices=TestKind.choices())
    side = forms.ChoiceField(label="Side", choices=Side.choices())
    repetitions = forms.IntegerField(label="Repetitions", min_value=0, max_value=200, required=False)
    pain = forms.IntegerField(label="Pain, 0 to 10", min_value=0, max_value=10, required=False)
    not_tested_because = FreeTextField(label="Not tested because", max_length=500, required=False)
    note = FreeTextField(label="Note", max_length=2000, required=False)

    def clean(self) -> dict[str, Any]:
        """Require repetitions or a reason, not both."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and (cleaned.get("repetitions") is None) == (
            not cleaned.get("not_tested_because")
        ):
            self.add_error("repetitions", "Enter the repetitions, or why it was not tested: one of the two.")
        return cleaned

    def save(self, *, by: User, at: datetime) -> None:
        values: Any = self.cleaned_data
        entry_actions.record_test(enrollment=self.enrollment, by=by, at=at, **values)


RECORDS: dict[str, type[RunnerForm]] = {
    "note": NoteForm,
    "message": MessageForm,
    "contact": ContactForm,
    "test": TestForm,
}
