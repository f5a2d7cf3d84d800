"""The forms of the What if page: one number of the method and another value for it, and the signature under it."""

from typing import Any

from django import forms

from challenge.protocol.parameters import Parameters, parameter_infos
from challenge.review.forms import reason_field


def _amount(value: int, unit: str) -> str:
    """Return a number with its unit as people write it: 5%, week 4, 28 days; a pain without one."""
    if unit == "%":
        return f"{value}%"
    if unit == "week":
        return f"week {value}"
    return str(value) if unit.startswith("pain") else f"{value}\u00a0{unit}"


class WhatIfForm(forms.Form):
    """One number of the method, and another value for it."""

    name = forms.ChoiceField(
        label="The number to change",
        error_messages={"invalid_choice": "Choose one of the numbers in the list."},
    )
    value = forms.IntegerField(
        label="Try this instead",
        widget=forms.TextInput({"inputmode": "numeric", "size": 6}),
        error_messages={"invalid": "Enter a whole number.", "required": "Enter the number to try instead."},
    )

    def __init__(self, *args: Any, parameters: Parameters, **kwargs: Any) -> None:
        """`parameters` are the cohort's, which the list names as the numbers of now."""
        super().__init__(*args, **kwargs)
        self.fields["name"].choices = [  # type: ignore[attr-defined]
            (name, f"{info.says}, now {_amount(getattr(parameters, name), info.unit)}")
            for name, info in parameter_infos().items()
        ]


class SignForm(WhatIfForm):
    """The same number, with the reason: signing it puts it in force."""

    reason = reason_field()
