"""One short question a week, and the longer form at the end."""

import uuid
from typing import Any

from django import forms

from challenge.feedback.models import Ease, EndFeedback, WeekFeedback

LONGEST = 2000
TOO_LONG = f"Please shorten it to {LONGEST:,} characters."


class CommentField(forms.CharField):
    """Free words; what is too long stays as typed."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 3})
        super().__init__(required=False, widget=widget, **options)

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > LONGEST:
            raise forms.ValidationError(TOO_LONG, code="too_long")


class RatingField(forms.TypedChoiceField):
    """From 1, hard work, to 4, easy."""

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
    """The key makes a form that is sent twice one answer."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, said: Any = None, **options: Any) -> None:
        options["initial"] = {"key": uuid.uuid4()} | self.before(said)
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)

    def before(self, said: Any) -> dict[str, Any]:
        """What was answered before, to think again about."""
        names = [name for name in self.base_fields if name != "key"]
        return {name: getattr(said, name) for name in names} if said is not None else {}

    def form_key(self) -> uuid.UUID:
        return self.cleaned_data["key"] or uuid.uuid4()

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "key"}


class WeekFeedbackForm(KeyedForm):
    """One mark, and words if there are any."""

    ease = RatingField()
    text = CommentField(label="In your words")

    def __init__(self, *args: Any, said: WeekFeedback | None = None, **options: Any) -> None:
        super().__init__(*args, said=said, **options)


class EndFeedbackForm(KeyedForm):
    """What to keep, what to change, whether to recommend it."""

    recommend = forms.TypedChoiceField(
        label="Would you recommend it to a running friend? 0 not at all, 10 at once",
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
    did_not = CommentField(label="What did not")
    change_first = CommentField(label="What should we change first")
    may_quote = forms.BooleanField(label="You may quote my words, without my name", required=False)

    def __init__(self, *args: Any, said: EndFeedback | None = None, **options: Any) -> None:
        options.setdefault("auto_id", "end_%s")  # it stands on one page with the week's form
        super().__init__(*args, said=said, **options)
