"""Form fields of the log. Unreadable input is refused with a sentence, and the form shows it again as typed."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from challenge.accounts.fields import FreeTextField
from challenge.protocol.validation import DISTANCE_M, DURATION_S
from challenge.protocol.vocabulary import Side, Site, Symptom, Term
from challenge.workouts.distances import METERS, in_unit, to_meters, unit_of

# A decimal comma is accepted because many phone keyboards offer no point.
NUMBER = re.compile(r"([0-9]{1,4})(?:[.,]([0-9]{1,3}))?\s*(mi|miles?|km|k)?\.?", re.IGNORECASE)
NOTE_LENGTH = 2000


class DistanceField(forms.CharField):
    """A distance in meters, from `5.2`, `5,2`, `5.2 mi` or `8 km`; `unit` is the default, the runner's own."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "Distance")
        super().__init__(**options)
        # Text, not a number input: browsers drop what they cannot parse, and the runner would lose it.
        self.unit = unit_of(False)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "class": "short"}

    def prepare_value(self, value: Any) -> Any:
        return in_unit(value, self.unit) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        match = NUMBER.fullmatch(text.strip())
        if match is None:
            raise ValidationError("Enter the distance as a number, like 5.2.", code="distance")
        unit = {"m": "mi", "k": "km"}[match[3][0].lower()] if match[3] else self.unit
        meters = to_meters(Decimal(f"{match[1]}.{match[2] or 0}"), unit)
        # The database accepts less, but a typed distance under 50 m is a slip of the unit.
        if meters < max(DISTANCE_M[0], 50):
            raise ValidationError(
                "That’s too short to be a run. Enter the distance like 5.2.", code="distance"
            )
        if meters > DISTANCE_M[1]:
            most = int(DISTANCE_M[1] / METERS[unit])
            raise ValidationError(f"One run can be up to {most} {unit}.", code="distance")
        return meters


class TimeWidget(forms.MultiWidget):
    """Three inputs for hours, minutes and seconds; only the minutes are required."""

    template_name = "workouts/time_widget.html"
    use_fieldset = True

    def __init__(self) -> None:
        box = {"inputmode": "numeric", "autocomplete": "off", "maxlength": "5"}
        parts = {"h": "hours", "m": "minutes", "s": "seconds"}
        super().__init__({part: forms.TextInput(box | {"aria-label": name}) for part, name in parts.items()})

    def decompress(self, value: Any) -> list[Any]:
        if not isinstance(value, int):
            return [None, None, None]
        hours, rest = divmod(value, 3600)
        return [hours or None, rest // 60, rest % 60 or None]


class TimeField(forms.MultiValueField):
    """A duration in seconds, from three inputs."""

    widget = TimeWidget

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "Time")
        boxes = tuple(forms.CharField(required=False) for _ in range(3))
        super().__init__(fields=boxes, require_all_fields=False, **options)

    def compress(self, data_list: list[str]) -> int | None:
        texts = [(text or "").strip() for text in (data_list or ["", "", ""])]
        if not any(texts):
            return None
        if not all(re.fullmatch(r"[0-9]{0,4}", text) for text in texts):
            raise ValidationError("Enter the time in whole numbers: 45 minutes, 30 seconds.", code="time")
        hours, minutes, seconds = (int(text or 0) for text in texts)
        total = hours * 3600 + minutes * 60 + seconds
        if total < DURATION_S[0]:
            raise ValidationError("How many minutes did you run?", code="time")
        if total > DURATION_S[1]:
            raise ValidationError("One run can be up to 48 hours.", code="time")
        return total

    def clean(self, value: Any) -> Any:
        # Django would complain about the first empty input; an empty hour is fine.
        if self.required and not any(value or ()):
            raise ValidationError("How many minutes did you run?", code="required")
        return super().clean(value)


class PainField(forms.TypedChoiceField):
    """Pain from 0 to 10 as eleven buttons, never pre-filled."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "Worst pain")
        options.setdefault("widget", forms.RadioSelect)
        errors = {"required": "Tap a number. 0 is no pain.", "invalid_choice": "Tap a number from 0 to 10."}
        # No default: a pre-filled zero would be sent out of habit.
        numbers = [(str(n), str(n)) for n in range(11)]
        super().__init__(choices=numbers, coerce=int, empty_value=None, error_messages=errors, **options)


class SetPainField(PainField):
    """The optional pain of one set. A select, not buttons: it can be cleared, and three of them fit in a row."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.Select, **options)
        self.choices = [("", "–"), *((str(n), str(n)) for n in range(11))]


class WholeField(forms.CharField):
    """A whole number inside a span; `sentence` is the error message for anything else."""

    def __init__(self, *, span: tuple[int, int], sentence: str, **options: Any) -> None:
        super().__init__(**options)
        self.span, self.sentence = span, sentence
        self.widget.attrs |= {"inputmode": "numeric", "autocomplete": "off", "class": "short"}

    def clean(self, value: Any) -> Any:
        text = (super().clean(value) or "").strip()
        if not text:
            return None
        # "166 spm" and "20 min" mean their number.
        match = re.fullmatch(r"([0-9]{1,6})(?:\s*[A-Za-z /.]{1,30})?", text)
        if match is None or not self.span[0] <= int(match[1]) <= self.span[1]:
            raise ValidationError(self.sentence, code="whole")
        return int(match[1])


class TermField(forms.ChoiceField):
    """One optional term of the method's vocabulary, as a row of chips."""

    def __init__(self, terms: type[Term], **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault("widget", forms.RadioSelect)
        super().__init__(choices=terms.choices(), **options)


class DayField(forms.DateField):
    """A local day from `first` to `last`, both set by the form; days after today are refused."""

    first: date
    last: date

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "Day")
        errors = {"invalid": "Enter a day, like 1/31/2026.", "required": "Which day was it?"}
        super().__init__(
            # `type="date"` accepts ISO dates only, whatever the locale.
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            error_messages=errors,
            **options,
        )

    def between(self, first: date, last: date) -> None:
        """Set the first and the last day that are accepted."""
        self.first, self.last = first, last
        self.widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is None:
            return
        if value > self.last:
            raise ValidationError("That day hasn’t come yet. Choose today or an earlier day.", code="future")
        if value < self.first:
            first = f"{self.first:%B} {self.first.day}, {self.first.year}"
            raise ValidationError(
                f"The log goes back to {first}. Choose that day or a later one.", code="too_early"
            )


class NoteField(FreeTextField):
    """Free text. The limit is checked on the server alone, because `maxlength` would cut pasted text silently."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "Note")
        options.setdefault("required", False)
        super().__init__(widget=forms.Textarea(attrs={"rows": 3}), **options)

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > NOTE_LENGTH:
            raise ValidationError(
                f"That’s {len(value):,} characters. Please shorten it to {NOTE_LENGTH:,}.", code="too_long"
            )


def site_field() -> TermField:
    """Return the field for the place of the pain."""
    return TermField(Site, label="Where")


def side_field() -> TermField:
    """Return the field for the side of the body."""
    return TermField(Side, label="Which side")


def symptoms_field() -> forms.MultipleChoiceField:
    """Return the field for the symptoms of `pain.stop` and `pain.ask`."""
    return forms.MultipleChoiceField(
        label="Any of these?",
        choices=Symptom.choices(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
