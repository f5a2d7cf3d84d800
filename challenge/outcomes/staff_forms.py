"""The clinic's forms: a questionnaire from a file, and an answer from paper."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from challenge.accounts.free_text import shows_nothing
from challenge.outcomes.actions import check_is_next
from challenge.outcomes.definition import Questionnaire
from challenge.outcomes.definition_file import LARGEST_BYTES, WrongFile, read_file
from challenge.outcomes.forms import AnswerForm
from challenge.outcomes.occasions import occasions_of, week_label

FIRST_DAY = date(2000, 1, 1)


class QuestionnaireFileForm(forms.Form):
    """A questionnaire as a file, or its text once it was looked at; `questionnaire` is what was read."""

    file = forms.FileField(label="File (JSON)", required=False, allow_empty_file=True)
    text = forms.CharField(
        label="Or its text",
        required=False,
        strip=False,
        max_length=LARGEST_BYTES,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )
    questionnaire: Questionnaire | None = None
    content = ""

    def clean(self) -> dict[str, Any]:
        """Read the file, or else the text; each problem becomes a sentence next to the field it came from."""
        cleaned = super().clean() or {}
        upload, text = cleaned.get("file"), cleaned.get("text") or ""
        source = "file" if upload is not None else "text"
        if self.errors:
            return cleaned
        if upload is None and shows_nothing(text):
            raise ValidationError("Choose a file, or paste its text.", code="required")
        content = upload.read(LARGEST_BYTES + 1) if upload is not None else text.encode(errors="replace")
        # What came in stays in the text field, so that it can be repaired there.
        self.content = content.decode("utf-8-sig", errors="replace").replace("\0", "")
        try:
            self.questionnaire = read_file(content)
            check_is_next(self.questionnaire)
        except WrongFile as wrong:
            self.add_error(source, [ValidationError(one, code="file") for one in wrong.problems[:12]])
        return cleaned


class PaperForm(AnswerForm):
    """A questionnaire that was filled in on paper: the day, the occasion, and the answers."""

    answered_on = forms.DateField(
        label="Filled in on",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": "Which day is on the paper?",
            "invalid": "Enter the day, like 5/30/2026.",
        },
    )
    week = forms.TypedChoiceField(label="For", coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, starts_on: date, weeks: int, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["week"]
        found = occasions_of(self.questionnaire, starts_on=starts_on, weeks=weeks)
        # Not the weeks to come: their answers would count before anyone could give them.
        begun = [one for one in found if one.opens_on is None or one.opens_on <= self.today]
        field.choices = [("", week_label(None)), *((str(one.week), one.label) for one in begun)]

    def clean_answered_on(self) -> date:
        """Refuse a day that has not come, or that is too long ago to be meant."""
        day: date = self.cleaned_data["answered_on"]
        if not FIRST_DAY <= day <= self.today:
            raise ValidationError("Enter a day up to today.", code="day")
        return day
