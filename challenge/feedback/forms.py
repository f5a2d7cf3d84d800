"""The forms of the weekly question and of the end of the challenge."""

import uuid
from typing import Any

from django import forms

from challenge.accounts.fields import FreeTextField
from challenge.feedback.models import Ease

LONGEST = 2000
TOO_LONG = f"Please shorten it to {LONGEST:,} characters."


class CommentField(FreeTextField):
    """Optional free text. Text that is too long is refused, never cut."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 3})
        super().__init__(required=False, widget=widget, **options)

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > LONGEST:
            raise forms.ValidationError(TOO_LONG, code="too_long")


class RatingField(forms.TypedChoiceField):
    """A mark from 1, hard work, to 4, easy."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=Ease.choices,
            coerce=int,
            empty_value=None,
            widget=forms.RadioSelect,
            error_messages={
                "required": "Tap the one that fits best.",
                "invalid_choice": "Tap one of the four.",
            },
            **options,
        )


class KeyedForm(forms.Form):
    """A form with a key, so that sending it twice stores it once; pre-filled with the last answer."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, last: Any = None, **options: Any) -> None:
        options["initial"] = {"key": uuid.uuid4()} | self.initial_of(last)
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)

    def initial_of(self, last: Any) -> dict[str, Any]:
        """Return the values of the last answer, or nothing before the first."""
        names = [name for name in self.base_fields if name != "key"]
        return {name: getattr(last, name) for name in names} if last is not None else {}

    def form_key(self) -> uuid.UUID:
        """Return the form's key, or a new one for a form that came without."""
        return self.cleaned_data["key"] or uuid.uuid4()

    def values(self) -> dict[str, Any]:
        """Return the cleaned answers without the key."""
        return {name: value for name, value in self.cleaned_data.items() if name != "key"}


class WeekFeedbackForm(KeyedForm):
    """The week's question: one mark, and optional text."""

    ease = RatingField(label="How it was")
    text = CommentField(label="In your words")


class EndFeedbackForm(KeyedForm):
    """The end form: what worked, what to change, whether to recommend it."""

    recommend = forms.TypedChoiceField(
        label="Would you recommend it to a running friend? 0 not at all, 10 absolutely",
        choices=[(str(mark), str(mark)) for mark in range(11)],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Tap a number from 0 to 10.",
            "invalid_choice": "Tap a number from 0 to 10.",
        },
    )
    cadence = RatingField(label="Running at your cadence was", required=False)
    strength = RatingField(label="The strength sessions were", required=False)
    log = RatingField(label="Keeping the log was", required=False)
    worked = CommentField(label="What worked for you")
    did_not = CommentField(label="What didn’t")
    change_first = CommentField(label="What should we change first")
    may_quote = forms.BooleanField(label="You may quote my words, without my name", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("auto_id", "end_%s")  # the week's form is on the same page
        super().__init__(*args, **options)
