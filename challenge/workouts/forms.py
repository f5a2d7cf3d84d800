"""The forms of the log. `values()` returns what the actions take; the key makes a form sent twice one entry."""

import uuid
from datetime import date, timedelta
from typing import Any, cast

from django import forms

from challenge.accounts.fields import FreeTextField
from challenge.accounts.models import User
from challenge.care.complaint_models import SITES_WITHOUT_SIDE
from challenge.enrollment.models import Enrollment
from challenge.protocol import measured_cadence
from challenge.protocol.pain import pain_color
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.validation import CADENCE_SPM, STIFFNESS_MIN
from challenge.protocol.vocabulary import CadenceSource, Effort, FootStrike, PainColor, PauseReason, Surface
from challenge.workouts.distances import unit_of
from challenge.workouts.fields import (
    DayField,
    DistanceField,
    NoteField,
    PainField,
    TermField,
    TimeField,
    WholeField,
    side_field,
    site_field,
    symptoms_field,
)
from challenge.workouts.models import DailyLife, LogEntry, Morning, RestWeek, Run, entry_fields
from challenge.workouts.queries import MORNINGS_REMEMBERED

FIRST_DAY = date(2000, 1, 1)  # old watch files are welcome; a year before this is a slip
# No rule looks back further than some weeks, so what is typed for a day before is a slip too.
TYPED_BACK = timedelta(days=365)
FASTEST_S_PER_KM = 120

SOURCES = [
    (CadenceSource.WATCH, "Watch"),
    (CadenceSource.COUNTED, "Counted"),
    (CadenceSource.TAPPED, "Tapped"),
    (CadenceSource.METRONOME, "Metronome, most of the run"),
]


class EntryForm(forms.Form):
    """The base of the log's forms: the key, the runner's days, and the values for the fields of `model`."""

    model: type[LogEntry]

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        enrollment: Enrollment,
        today: date,
        parameters: Parameters = CLINIC,
        **options: Any,
    ) -> None:
        """`parameters` are the numbers of the runner's cohort, by which the form judges pain and cadence."""
        options.setdefault("label_suffix", "")
        # A new key for each rendering: the same key again is the same form sent again.
        options["initial"] = {"key": uuid.uuid4(), **(options.get("initial") or {})}
        super().__init__(*args, **options)
        self.user: User | None = enrollment.seat.user
        self.today, self.parameters = today, parameters
        if isinstance(day := self.fields.get("local_on"), DayField):
            day.between(self._first_day(enrollment), today)

    def _first_day(self, enrollment: Enrollment) -> date:
        """Return the first day to type: a year before the challenge, or the day of an older entry that is corrected."""
        first, known = enrollment.cohort.starts_on - TYPED_BACK, self.initial.get("local_on")
        return min(first, known) if isinstance(known, date) else first

    def entry_key(self) -> uuid.UUID:
        """Return the form's key, or a new one for a form that came without."""
        return self.cleaned_data.get("key") or uuid.uuid4()

    def values(self) -> dict[str, Any]:
        """Return the cleaned values of the entry's fields that this form has."""
        return {name: self.cleaned_data[name] for name in entry_fields(self.model) if name in self.fields}


class PainForm(EntryForm):
    """The worst pain, where it was, and the symptoms that need a clinician."""

    pain = PainField(label="Worst pain")
    site = site_field()
    side = side_field()
    symptoms = symptoms_field()
    note = NoteField()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        pain = cleaned.get("pain")
        hurts = pain is not None and pain_color(pain, self.parameters) is not PainColor.GREEN
        if hurts and not cleaned.get("site") and "site" not in self.errors:
            self.add_error("site", "Where was it worst?")
        # Ignored rather than refused: an entry kept without a network must not come back for a tick too many.
        if cleaned.get("site") in SITES_WITHOUT_SIDE:
            cleaned["side"] = ""
        return cleaned


class SessionForm(PainForm):
    """A run or a strength session. It also asks for the morning that was missed, if any."""

    morning_on = forms.DateField(required=False, widget=forms.HiddenInput)
    morning_pain = PainField(required=False)

    def __init__(self, *args: Any, morning_to_ask: date | None = None, **options: Any) -> None:
        options["initial"] = {"morning_on": morning_to_ask, **(options.get("initial") or {})}
        super().__init__(*args, **options)
        if morning_to_ask is not None:
            name = "this" if morning_to_ask == self.today else f"{morning_to_ask:%A}"
            self.fields["morning_pain"].label = f"And how much did it hurt getting up {name} morning?"

    def morning(self) -> dict[str, Any] | None:
        """Return the day and pain of the missed morning if it was answered here, else None."""
        on, pain = self.cleaned_data.get("morning_on"), self.cleaned_data.get("morning_pain")
        first = self.today - timedelta(days=MORNINGS_REMEMBERED)
        if on is None or pain is None or not first <= on <= self.today:
            return None
        return {"local_on": on, "pain": pain}


class RunForm(SessionForm):
    """One run. The usual distance and the last surface and effort are pre-filled; pain and cadence never are."""

    model = Run
    # As on the page: the summary of errors lists them in this order.
    field_order = (
        *("key", "distance_m", "duration_s", "cadence_spm", "cadence_source", "walk_breaks"),
        *("pain", "site", "side", "symptoms", "morning_pain"),
        *("local_on", "surface", "hills", "effort", "strike", "note"),
    )

    local_on = DayField()
    distance_m = DistanceField(error_messages={"required": "How far was it?"})
    duration_s = TimeField()
    cadence_spm = WholeField(
        label="Cadence",
        required=False,
        span=CADENCE_SPM,
        sentence=f"Steps a minute, both feet: a number from {CADENCE_SPM[0]} to {CADENCE_SPM[1]}, like 164.",
        # The style sheet asks about walking breaks once there is a number, and needs a placeholder to see that.
        widget=forms.TextInput(attrs={"placeholder": " "}),
    )
    cadence_meant = forms.CharField(required=False, widget=forms.HiddenInput)
    cadence_source = forms.ChoiceField(
        label="Where from", choices=SOURCES, required=False, widget=forms.RadioSelect
    )
    walk_breaks = forms.BooleanField(
        label="With walking breaks",
        required=False,
        help_text="Then leave out the watch’s average: walking makes it too low.",
    )
    surface = TermField(Surface, label="Surface")
    hills = forms.BooleanField(label="Hills", required=False)
    effort = TermField(Effort, label="Effort")
    strike = TermField(FootStrike, label="How your foot landed")

    doubt: measured_cadence.CadenceDoubt | None = None

    def __init__(
        self,
        *args: Any,
        last: Run | None = None,
        usual_m: int | None = None,
        from_file: bool = False,
        **options: Any,
    ) -> None:
        defaults: dict[str, Any] = {"local_on": options["today"]}
        if last is not None:
            # Not the last distance: after a long run, a press of the button would store a second one.
            distance_m = usual_m if usual_m is not None else last.distance_m
            defaults |= {"distance_m": distance_m, "surface": last.surface, "effort": last.effort}
        options["initial"] = defaults | (options.get("initial") or {})
        super().__init__(*args, **options)
        distance = cast(DistanceField, self.fields["distance_m"])
        distance.unit = unit_of(bool(self.user and self.user.uses_kilometers))
        if from_file:
            cast(DayField, self.fields["local_on"]).between(FIRST_DAY, self.today)
            source = cast(forms.ChoiceField, self.fields["cadence_source"])
            # Only an imported run may keep the file as the source of its cadence.
            source.choices = [(CadenceSource.FILE, "The file"), *SOURCES]

    def usual(self) -> str:
        """Return the values of the folded part in words: `Today · Road · Easy`."""
        day = self["local_on"].value()
        words = ["Today"] if str(day) == self.today.isoformat() else [str(day)]
        for name, terms in (("surface", Surface), ("effort", Effort)):
            value = self[name].value()
            words += [terms(value).label] if value in terms.__members__.values() else []
        return " · ".join(words)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._clean_cadence(cleaned)
        meters, seconds = cleaned.get("distance_m"), cleaned.get("duration_s")
        if meters and seconds and seconds * 1000 < FASTEST_S_PER_KM * meters:
            self.add_error("duration_s", "That’s faster than anyone has run. Are the hours in the first box?")
        return cleaned

    def _clean_cadence(self, cleaned: dict[str, Any]) -> None:
        """Ask back once about a typed cadence that looks like one foot (`cadence.on_target`).

        The answer comes in `cadence_meant`: the doubled value, or the typed one again.
        """
        spm = cleaned.get("cadence_spm")
        if spm is None:
            # A run with the metronome needs no number (`cadence.on_target`); any other source does.
            if cleaned.get("cadence_source") != CadenceSource.METRONOME:
                cleaned["cadence_source"] = ""
            return
        cleaned["cadence_source"] = cleaned.get("cadence_source") or CadenceSource.WATCH
        doubt = measured_cadence.cadence_doubt(spm, self.parameters)
        if doubt is None or cleaned["cadence_source"] == CadenceSource.FILE:
            return
        meant = cleaned.get("cadence_meant")
        if doubt.suggested_spm is not None and meant == str(doubt.suggested_spm):
            cleaned["cadence_spm"] = doubt.suggested_spm
        elif meant != str(spm):
            self.doubt = doubt
            self.add_error("cadence_spm", doubt.question)


class MorningForm(PainForm):
    """The morning after: one number, and optionally minutes of stiffness."""

    model = Morning
    field_order = ("key", "pain", "site", "side", "symptoms", "stiffness_min", "local_on", "note")

    local_on = DayField(label="Which morning")
    stiffness_min = WholeField(
        label="How many minutes were you stiff?",
        required=False,
        span=STIFFNESS_MIN,
        sentence=f"A whole number of minutes, up to {STIFFNESS_MIN[1]}.",
    )


class DailyLifeForm(EntryForm):
    """The weekly question on daily life: stairs, standing, first steps."""

    model = DailyLife

    pain = PainField(label="Worst pain in daily life this week")


class RestWeekForm(EntryForm):
    """The answer "Nothing this week", with an optional line of reason."""

    model = RestWeek

    note = FreeTextField(
        label="Anything we should know",
        required=False,
        max_length=200,
        error_messages={"max_length": "Please shorten it to 200 characters."},
    )


class PauseForm(forms.Form):
    """A pause: the reason, the first day, and the last day if it is known."""

    reason = forms.ChoiceField(
        label="Why",
        choices=[
            (PauseReason.ILLNESS, "I’m sick"),
            (PauseReason.TRAVEL, "Vacation or travel"),
            (PauseReason.OTHER, "Something else"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Tap the reason that fits best."},
    )
    starts_on = forms.DateField(
        label="From",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": "Which day does it start?", "invalid": "Enter a day, like 1/31/2026."},
    )
    ends_on = forms.DateField(
        label="Last day, if you know it",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "Enter a day, like 1/31/2026."},
    )

    def __init__(self, *args: Any, today: date, last: date, **options: Any) -> None:
        options.setdefault("label_suffix", "")
        options["initial"] = {"starts_on": today}
        super().__init__(*args, **options)
        self.today, self.last = today, last

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        # An illness is often reported after its first days, so the first day may be past.
        if starts_on and not self.today - timedelta(days=14) <= starts_on <= self.last:
            self.add_error("starts_on", "Choose a day from two weeks ago to the end of the challenge.")
        if ends_on and starts_on and not starts_on <= ends_on <= self.last + timedelta(days=60):
            self.add_error("ends_on", "Choose a day after the first one, or leave it empty.")
        return cleaned
