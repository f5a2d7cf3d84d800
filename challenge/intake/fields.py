"""Fields and the base form of the join pages."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

METERS = {"mi": Decimal("1609.344"), "km": Decimal(1000)}
_WITH_UNIT = re.compile(
    r"\s*([0-9]*[.,]?[0-9]+|[0-9]+[.,])\s*(mi|miles?|km|kilomet(?:er|re)s?|k)\.?\s*", re.IGNORECASE
)
_WITH_WORDS = re.compile(r"\s*([0-9]+)\s*[a-z /.]{1,30}", re.IGNORECASE)


class CommaField(forms.DecimalField):
    """A distance as a decimal number: 6.5 and 6,5 are the same, and so is "20 miles".

    `unit` is the unit that was typed with the number, `mi` or `km`, or empty.
    """

    widget = forms.TextInput
    unit = ""

    def __init__(self, *, most: int, what: str, **kwargs: Any) -> None:
        sentence = f"Enter {what} as a number from 0 to {most:,}, like 12 or 6.5."
        messages = dict.fromkeys(
            ("invalid", "min_value", "max_value", "max_digits", "max_decimal_places", "max_whole_digits"),
            sentence,
        )
        super().__init__(
            min_value=0, max_value=most, max_digits=8, decimal_places=2, error_messages=messages, **kwargs
        )
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def to_python(self, value: Any) -> Any:
        text = "" if value in self.empty_values else str(value)
        if (match := _WITH_UNIT.fullmatch(text)) is not None:
            text, self.unit = match[1], "mi" if match[2][0].lower() == "m" else "km"
        return super().to_python(text.replace(",", ".") or value)


class IntakeNumberField(forms.IntegerField):
    """A whole number between two bounds, typed on a phone's number pad; "164 spm" is 164."""

    # Not NumberInput: browsers drop what is not a number, and it must come back with its error message.
    widget = forms.TextInput

    def __init__(self, *, least: int, most: int, what: str, **kwargs: Any) -> None:
        sentence = f"Enter {what} as a whole number from {least} to {most}."
        messages = dict.fromkeys(("invalid", "min_value", "max_value"), sentence)
        super().__init__(min_value=least, max_value=most, error_messages=messages, **kwargs)
        self.widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}

    def to_python(self, value: Any) -> Any:
        match = _WITH_WORDS.fullmatch(value) if isinstance(value, str) else None
        return super().to_python(match[1] if match is not None else value)


class IntakePainField(forms.TypedChoiceField):
    """Pain from 0 to 10 as radio buttons, never preselected."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[(str(n), str(n)) for n in range(11)],
            coerce=int,
            empty_value=None,
            widget=forms.RadioSelect,
            required=False,
            error_messages={"invalid_choice": "Choose a number from 0 to 10."},
            **kwargs,
        )


NONE = "none"


class ScreeningField(forms.MultipleChoiceField):
    """Boxes to check, the last of them "None of these": a question about safety is never left without an answer.

    The cleaned value holds what is true, so it is empty for "None of these".
    """

    def __init__(self, *, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(
            choices=[*choices, (NONE, "None of these")],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Check what’s true, or “None of these”."},
            **kwargs,
        )

    def clean(self, value: Any) -> list[str]:
        checked: list[str] = super().clean(value)
        if NONE in checked and len(checked) > 1:
            raise forms.ValidationError("Check what’s true or “None of these”, not both.")
        return [one for one in checked if one != NONE]


class IntakeDayField(forms.DateField):
    """A day with the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": "Enter a day, like 4/25/2026."},
            **kwargs,
        )


def meters(value: Decimal | None, unit: str) -> int | None:
    """Return a distance in miles (`mi`) or kilometers (`km`) as whole meters."""
    return None if value is None else round(value * METERS[unit])


UNSURE = [("", "Not sure")]


class StepForm(forms.Form):
    """One page of the intake; `today` is the runner's local day."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    def typed(self) -> dict[str, list[str]]:
        """Return the raw values of this page's fields, each cut at 2,000 characters."""
        data = self.data if isinstance(self.data, MultiValueDict) else MultiValueDict()
        return {
            # PostgreSQL cannot store NUL.
            name: [value[:2000].replace("\x00", "") for value in data.getlist(name)]
            for name in self.fields
            if name in data
        }

    def not_in_future(self, name: str) -> date | None:
        """Return the day; raise ValidationError if it is to come or more than five years ago."""
        value: date | None = self.cleaned_data.get(name)
        if value is not None and value > self.today:
            raise forms.ValidationError("That day hasn’t come yet. When did it begin?")
        if value is not None and value.year < self.today.year - 5:
            raise forms.ValidationError("That’s more than five years ago. Please check the year.")
        return value
