"""One form for each thing a clinician writes down: note, message, contact, function test, outcome score."""

from datetime import datetime
from typing import Any

from django import forms

from challenge.accounts.models import User
from challenge.care.models import FunctionTest
from challenge.review import actions
from challenge.review.models import Contact, OutcomeScore
from challenge.review.runner_form import RunnerForm


class NoteForm(RunnerForm):
    title, done, needs_fresh_page = "Private note", "Noted.", False
    text = forms.CharField(label="Note", max_length=5000, widget=forms.Textarea({"rows": 3}))

    def save(self, *, by: User, at: datetime) -> None:
        actions.write_note(enrollment=self.enrollment, text=self.cleaned_data["text"], by=by, at=at)


class MessageForm(RunnerForm):
    title, button, done, needs_fresh_page = (
        "Message to the runner",
        "Send",
        "Sent to the runner's page.",
        False,
    )
    text = forms.CharField(
        label="Message",
        max_length=5000,
        widget=forms.Textarea({"rows": 3}),
        help_text="The runner reads it after signing in; the email only says that it is there.",
    )

    def save(self, *, by: User, at: datetime) -> None:
        actions.send_message(enrollment=self.enrollment, text=self.cleaned_data["text"], by=by, at=at)


class ContactForm(RunnerForm):
    title, done, needs_fresh_page = "Contact", "Written down.", False
    how = forms.ChoiceField(label="How", choices=Contact.How.choices)
    text = forms.CharField(
        label="What came of it", max_length=2000, required=False, widget=forms.Textarea({"rows": 2})
    )

    def save(self, *, by: User, at: datetime) -> None:
        actions.log_contact(
            enrollment=self.enrollment,
            how=self.cleaned_data["how"],
            text=self.cleaned_data["text"],
            by=by,
            at=at,
        )


class TestForm(RunnerForm):
    __test__ = False
    title, done, needs_fresh_page = "Function test", "Recorded.", False
    kind = forms.ChoiceField(label="Test", choices=FunctionTest.Kind.choices)
    side = forms.ChoiceField(label="Side", choices=FunctionTest.Side.choices)
    repetitions = forms.IntegerField(label="Repetitions", min_value=0, max_value=200, required=False)
    pain = forms.IntegerField(label="Pain, 0 to 10", min_value=0, max_value=10, required=False)
    not_tested_because = forms.CharField(label="Not tested because", max_length=500, required=False)
    note = forms.CharField(label="Note", max_length=2000, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and (cleaned.get("repetitions") is None) == (
            not cleaned.get("not_tested_because")
        ):
            self.add_error("repetitions", "Write the repetitions, or why it was not tested: one of the two.")
        return cleaned

    def save(self, *, by: User, at: datetime) -> None:
        told: Any = self.cleaned_data
        actions.record_test(enrollment=self.enrollment, by=by, at=at, **told)


class ScoreForm(RunnerForm):
    title, done, needs_fresh_page = "Outcome score", "Recorded.", False
    instrument = forms.ChoiceField(label="Questionnaire", choices=OutcomeScore.Instrument.choices)
    score = forms.IntegerField(label="Score, 0 to 100", min_value=0, max_value=100)

    def save(self, *, by: User, at: datetime) -> None:
        actions.record_score(
            enrollment=self.enrollment, scored_on=self.today, by=by, at=at, **self.cleaned_data
        )


RECORDS: dict[str, type[RunnerForm]] = {
    "note": NoteForm,
    "message": MessageForm,
    "contact": ContactForm,
    "test": TestForm,
    "score": ScoreForm,
}
