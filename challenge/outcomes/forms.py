"""The form of one questionnaire, made from its definition, and the forms of the clinic."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField

from challenge.accounts.free_text import FreeTextField
from challenge.outcomes.definition import QuestionItem, Questionnaire
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
