"""What all pages of the intake share: they keep what was typed."""

from datetime import date
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

UNSURE = [("", "Not sure")]


class StepForm(forms.Form):
    """One page of the intake; `today` is the runner's local day."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    def typed(self) -> dict[str, list[str]]:
        """What was sent for this page's fields, as it was sent, cut at 2,000 characters a value."""
        data = self.data if isinstance(self.data, MultiValueDict) else MultiValueDict()
        return {
            name: [v[:2000].replace("\x00", "") for v in data.getlist(name)]
            for name in self.fields
            if name in data
        }

    def not_in_future(self, name: str) -> date | None:
        value: date | None = self.cleaned_data.get(name)
        if value is not None and value > self.today:
            raise forms.ValidationError("This day is still to come. When did it begin?")
        if value is not None and value.year < self.today.year - 5:
            raise forms.ValidationError("That is more than five years ago. Check the year.")
        return value
