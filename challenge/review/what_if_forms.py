"""The forms of the What if page: one number of the method and another value for it, and the signature under it."""

from typing import Any

from django import forms

from challenge.protocol.parameters import Parameters, parameter_infos
from challenge.review.forms import reason_field


class WhatIfForm(forms.Form):
    """One number of the method, and another value for it."""

    name = forms.ChoiceField(label="The number to change")
    value = forms.IntegerField(
        label="Try this instead",
        widget=forms.TextInput({"inputmode": "numeric", "size": 6}),
        error_messages={"invalid": "Enter a whole number.", "required": "Enter the number to try instead."},
    )

    def __init__(self, *args: Any, parameters: Parameters, **kwargs: Any) -> None:
        """`parameters` are the cohort's, which the list names as the numbers of now."""
        super().__init__(*args, **kwargs)
        self.fields["name"].choices = [  # type: ignore[attr-defined]
            (name, f"{info.says}, now {getattr(parameters, name)}\u00a0{info.unit}")
            for name, info in parameter_infos().items()
        ]


class SignForm(WhatIfForm):
    """The same number, with the reason: signing it puts it in force."""

    reason = reason_field()
