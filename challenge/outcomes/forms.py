"""The form of one questionnaire, made from its definition, and the clinic's: one from a file, an answer from paper."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from challenge.accounts.fields import FreeTextField, shows_nothing
from challenge.outcomes.actions import check_is_next
from challenge.outcomes.definition import QuestionItem, Questionnaire, occasions_of, week_label
from challenge.outcomes.definition_file import LARGEST_BYTES, WrongFile, read_file
from challenge.workouts.fields import WholeField

ANSWER, NAME = "answer_", "name_"
LONGEST_NAME = 80
MOST_BUTTONS = 11
REPLACED = "These questions have changed since you opened the page, so nothing was saved yet. {rest}"
FITS = "What still fits is filled in. Please look it over and send it again."


@dataclass(frozen=True, slots=True)
class QuestionScreen:
    """One question as the page shows it; `name` is the field for what the runner names, or None."""

    item: QuestionItem
    answer: BoundField
    name: BoundField | None

    @property
    def is_choice(self) -> bool:
        return bool(self.item.choices)

    @property
    def is_number(self) -> bool:
        """Return whether the scale is too long for buttons."""
        return not self.item.choices and len(self.item.values) > MOST_BUTTONS


class AnswerForm(forms.Form):
    """The questions of one questionnaire.

    `names` are those of the first answer; where there are any, only the named items are asked, by their names.
    """

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    answered_on = forms.DateField(widget=forms.HiddenInput, required=False)
    leave_open = forms.BooleanField(label="Leave unanswered questions blank", required=False)

    def __init__(
        self, *args: Any, questionnaire: Questionnaire, names: Mapping[str, str], today: date, **options: Any
    ) -> None:
        options.setdefault("label_suffix", "")
        here = {"key": uuid.uuid4(), "version": questionnaire.version, "answered_on": today}
        options["initial"] = here | (options.get("initial") or {})
        super().__init__(*args, **options)
        self.questionnaire, self.fixed_names, self.today = questionnaire, names, today
        self.items = [one for one in questionnaire.items if not (names and one.names) or one.id in names]
        for item in self.items:
            if item.names and not names:
                self.fields[f"{NAME}{item.id}"] = _name_field(item)
            self.fields[f"{ANSWER}{item.id}"] = _answer_field(item, names.get(item.id, ""))

    def screens(self) -> Iterator[QuestionScreen]:
        """Yield the questions in their order."""
        for item in self.items:
            name = f"{NAME}{item.id}"
            yield QuestionScreen(
                item, self[f"{ANSWER}{item.id}"], self[name] if name in self.fields else None
            )

    def clean(self) -> dict[str, Any]:
        """Ask once for what is open, and always for the name of what was rated."""
        cleaned = super().clean() or {}
        values = [cleaned.get(f"{ANSWER}{item.id}") for item in self.items]
        for item, value in zip(self.items, values, strict=True):
            name = f"{NAME}{item.id}"
            if (
                name in self.fields
                and value is not None
                and not cleaned.get(name)
                and name not in self.errors
            ):
                self.add_error(name, "Write what it is, in a few words.")
        if self.errors:
            return cleaned
        missing = len(self.questionnaire.items) - sum(value is not None for value in values)
        if all(value is None for value in values):
            self.add_error(f"{ANSWER}{self.items[0].id}", "Please answer at least one question.")
        elif missing > self.questionnaire.scoring.missing_allowed and not cleaned.get("leave_open"):
            for item, value in zip(self.items, values, strict=True):
                if value is None:
                    self.add_error(f"{ANSWER}{item.id}", "Answer this one too, or leave the rest open below.")
        return cleaned

    def values(self) -> dict[str, int | None]:
        """Return the answer to every item, None where it was left open."""
        return {one.id: self.cleaned_data.get(f"{ANSWER}{one.id}") for one in self.questionnaire.items}

    def names(self) -> dict[str, str]:
        """Return what the runner named, now or the first time."""
        typed = {item.id: self.cleaned_data.get(f"{NAME}{item.id}") or "" for item in self.items}
        return dict(self.fixed_names) or {item: name for item, name in typed.items() if name}

    def day(self) -> date:
        """Return the day on the phone that kept the form, or today if that day cannot be."""
        day: date | None = self.cleaned_data.get("answered_on")
        return day if day is not None and day <= self.today else self.today


def _name_field(item: QuestionItem) -> forms.Field:
    return FreeTextField(
        label=item.names,
        required=False,
        max_length=LONGEST_NAME,
        error_messages={"max_length": f"Please shorten it to {LONGEST_NAME} characters."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def _answer_field(item: QuestionItem, name: str) -> forms.Field:
    label = f"{name}: {item.asks[:1].lower()}{item.asks[1:]}" if name else item.asks
    if not item.choices and len(item.values) > MOST_BUTTONS:
        sentence = f"Enter a whole number from {item.lowest} to {item.highest}."
        return WholeField(label=label, required=False, span=(item.lowest, item.highest), sentence=sentence)
    labels = {choice.value: choice.label for choice in item.choices}
    return forms.TypedChoiceField(
        label=label,
        required=False,
        choices=[(str(value), labels.get(value, str(value))) for value in item.values],
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Tap one of the answers."},
    )


def typed_fields(data: Mapping[str, Any]) -> dict[str, str]:
    """Return what was typed of a questionnaire, as a draft keeps it: short texts, and no other field."""
    typed = {name: str(value) for name, value in data.items() if name.startswith((ANSWER, NAME))}
    return {name[:60]: value.replace("\0", "")[:200] for name, value in list(typed.items())[:200]}


def carry_over(
    old: Questionnaire | None, new: Questionnaire | None, typed: Mapping[str, str]
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return what of an old version still fits the new one, and the rest as questions with their answers in words.

    A question with other words is another question: its answer is shown and not filled in.
    """
    fits: dict[str, str] = {}
    rest: list[tuple[str, str]] = []
    for name, text in typed.items():
        item_id = name.removeprefix(ANSWER).removeprefix(NAME)
        before = old.item(item_id) if old is not None else None
        after = new.item(item_id) if new is not None else None
        if before is not None and before == after:
            fits[name] = text
        elif text:
            rest.append((_asked(before, name), _in_words(before, text)))
    return fits, rest


def _asked(item: QuestionItem | None, name: str) -> str:
    if item is None:
        return "A question that is asked no more"
    return item.names if name.startswith(NAME) else item.asks


def _in_words(item: QuestionItem | None, text: str) -> str:
    labels = {str(choice.value): choice.label for choice in item.choices} if item is not None else {}
    return labels.get(text, text)


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
