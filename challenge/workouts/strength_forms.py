"""The forms of a strength session: written down in one form, or guided set by set with a finish."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from challenge.accounts.fields import FreeTextField
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.validation import LOAD_G
from challenge.protocol.vocabulary import ExerciseId, FormKind
from challenge.workouts.actions import SetValues
from challenge.workouts.fields import DayField, PainField, SetPainField, WholeField
from challenge.workouts.forms import FIRST_DAY, SessionForm
from challenge.workouts.models import StrengthSession, StrengthSet
from challenge.workouts.prescribed_sets import PrescribedSets, in_load_unit, load_unit, to_grams
from challenge.workouts.strength_session_actions import EASIER_FORM, HIGHEST_NUMBER, numbered
from challenge.workouts.strength_session_models import GuidedSession, GuidedSet, TrainedLeg

LOAD = re.compile(r"([0-9]{1,4})(?:[.,]([0-9]{1,2}))?\s*(lb|lbs|kg)?", re.IGNORECASE)


class StrengthForm(SessionForm):
    """The session: its day and the worst pain. The pain may be left out if a set has one."""

    model = StrengthSession

    local_on = DayField()
    pain = PainField(label="Worst pain in this session", required=False)

    # Set when "as prescribed" is asked back, because some sets were ticked and others not.
    ticked: int | None = None
    planned: int | None = None

    def __init__(self, *args: Any, exercises: Sequence["ExerciseForm"], **options: Any) -> None:
        super().__init__(*args, **options)
        self.exercises = exercises

    def clean_pain(self) -> int:
        """Return the worst pain of the session and its sets."""
        session_pain: int | None = self.cleaned_data["pain"]
        pains = [pain for exercise in self.exercises for pain in exercise.pains()]
        if session_pain is None and not pains:
            raise ValidationError(self.fields["pain"].error_messages["required"], code="required")
        worst = max(pains, default=0)
        if session_pain is not None and session_pain < worst:
            raise ValidationError(
                f"One of the sets says {worst}. Tap the worst of them all, or correct that set.",
                code="below_a_set",
            )
        return worst if session_pain is None else session_pain


class LoadField(forms.CharField):
    """A load in grams, from `20`, `20.5` or `20 kg`; `unit` is the default, the runner's own. Empty is body weight."""

    def __init__(self, *, unit: str, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.unit = unit
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        return in_load_unit(value, self.unit) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        text = (super().clean(value) or "").strip()
        if not text:
            return None
        match = LOAD.fullmatch(text)
        if match is None:
            raise ValidationError(f"Enter the weight in {self.unit} as a number, like 20.", code="load")
        unit = match[3].lower()[:2] if match[3] else self.unit
        grams = to_grams(Decimal(f"{match[1]}.{match[2] or 0}"), unit)
        if grams > LOAD_G[1]:
            raise ValidationError("That’s heavier than the log can take.", code="load")
        return grams or None


class ExerciseForm(forms.Form):
    """One exercise: for each set a tick, an amount, a load and an optional pain; or the substitute and its reason."""

    instead = forms.ChoiceField(label="I did something else", required=False)
    because = FreeTextField(
        label="Why",
        required=False,
        max_length=200,
        error_messages={"max_length": "Please shorten it to 200 characters."},
    )

    def __init__(self, *args: Any, planned: PrescribedSets, kilometers: bool, **options: Any) -> None:
        options.setdefault("label_suffix", "")
        options["prefix"] = planned.exercise.value
        super().__init__(*args, **options)
        self.planned, self.unit = planned, load_unit(kilometers)
        others = [(e.value, e.label) for e in CATALOG if e is not planned.exercise]
        self.fields["instead"].choices = [("", "No"), *others]  # type: ignore[attr-defined]
        for number in range(1, planned.sets + 1):
            self._add_set(number)

    def _add_set(self, number: int) -> None:
        timed = self.planned.reps is None
        unit = "seconds" if timed else "reps"
        self.fields[f"done_{number}"] = forms.BooleanField(required=False, label=f"Set {number}")
        self.fields[f"amount_{number}"] = WholeField(
            label=unit,
            required=False,
            span=(1, 3600) if timed else (1, 200),
            sentence="A whole number, like 45." if timed else "A whole number, like 8.",
            initial=self.planned.seconds if timed else self.planned.reps,
        )
        self.fields[f"load_{number}"] = LoadField(
            unit=self.unit, label=self.unit, initial=self.planned.load_g
        )
        self.fields[f"pain_{number}"] = SetPainField(label=f"Set {number}")
        # The row shows the unit alone; who hears one field needs the set with it.
        self.fields[f"amount_{number}"].widget.attrs["aria-label"] = f"Set {number}, {unit}"
        self.fields[f"load_{number}"].widget.attrs["aria-label"] = f"Set {number}, {self.unit}"

    @property
    def numbers(self) -> range:
        return range(1, self.planned.sets + 1)

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Return the bound fields of each set: tick, amount, load."""
        return [(self[f"done_{n}"], self[f"amount_{n}"], self[f"load_{n}"]) for n in self.numbers]

    def pain_fields(self) -> list[Any]:
        """Return the bound fields of each set's own pain."""
        return [self[f"pain_{n}"] for n in self.numbers]

    def is_pain_answered(self) -> bool:
        """Return whether the folded part has a value or an error to show."""
        return any(field.errors or field.value() not in (None, "") for field in self.pain_fields())

    def pains(self) -> list[int]:
        """Return the pains of single sets, as far as they were given."""
        pains = [self.cleaned_data.get(f"pain_{n}") for n in self.numbers] if self.is_valid() else []
        return [pain for pain in pains if pain is not None]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("instead") and not cleaned.get("because") and "because" not in self.errors:
            self.add_error("because", "Tell us why in a few words: no equipment, it hurt, no room…")
        # "As prescribed" ticks every set, so a pain of an unticked set is not a contradiction then.
        for n in [] if "as_prescribed" in self.data else self.numbers:
            if cleaned.get(f"pain_{n}") is not None and not cleaned.get(f"done_{n}"):
                self.add_error(f"pain_{n}", f"Check off set {n} as well, or clear its pain.")
        return cleaned

    def sets(self, *, as_prescribed: bool = False) -> list[SetValues]:
        """Return the sets that were done."""
        cleaned = self.cleaned_data
        instead = cleaned.get("instead") or ""
        done = [n for n in self.numbers if as_prescribed or cleaned[f"done_{n}"]]
        return [self._set(number, n, instead) for number, n in enumerate(done, start=1)]

    def _set(self, number: int, n: int, instead: str) -> SetValues:
        """Return the set of row `n`, the `number`th that was done."""
        timed = self.planned.reps is None
        because = self.cleaned_data.get("because", "")
        amount = self.cleaned_data[f"amount_{n}"] or (self.planned.seconds if timed else self.planned.reps)
        return {
            "exercise": instead or self.planned.exercise.value,
            "number": number,
            "reps": None if timed else amount,
            "seconds": amount if timed else None,
            "load_g": self.cleaned_data[f"load_{n}"],
            "pain": self.cleaned_data[f"pain_{n}"],
            "instead_of": self.planned.exercise.value if instead else "",
            "because": because if instead or because.startswith(EASIER_FORM) else "",
        }


def exercise_forms(
    data: Mapping[str, Any] | None,
    planned: list[PrescribedSets],
    *,
    kilometers: bool,
    session: StrengthSession | None = None,
    guided: GuidedSession | None = None,
) -> list[ExerciseForm]:
    """Return one form for each planned exercise, filled with the sets of a stored session or one under way."""
    initial = _initial_sets(session.sets.all()) if session is not None else {}
    typed: dict[str, list[str]] = {}
    if guided is not None:
        initial, typed = _initial_sets(guided.sets.all()), guided.typed
    return [
        ExerciseForm(
            data,
            planned=sets,
            kilometers=kilometers,
            initial=initial.get(sets.exercise.value, {}) | _typed_values(typed, sets.exercise),
        )
        for sets in planned
    ]


def _initial_sets(rows: Iterable[StrengthSet | GuidedSet]) -> dict[str, dict[str, Any]]:
    initial: dict[str, dict[str, Any]] = {}
    for done in rows:
        planned = done.planned if isinstance(done, GuidedSet) else done.instead_of or done.exercise
        values = initial.setdefault(planned, {})
        values[f"done_{done.number}"] = True
        values[f"amount_{done.number}"] = done.reps or done.seconds
        values[f"load_{done.number}"] = done.load_g
        values[f"pain_{done.number}"] = done.pain
        because = done.because
        if done.exercise != planned:
            values["instead"] = done.exercise
        elif because and not because.startswith(EASIER_FORM):
            because = EASIER_FORM + because
        if because:
            values["because"] = because
    return initial


def _typed_values(typed: Mapping[str, list[str]], exercise: ExerciseId) -> dict[str, Any]:
    """Return what was typed at one exercise of a form that was kept; a later set of a phone stays ticked."""
    prefix = f"{exercise.value}-"
    return {name.removeprefix(prefix): values[0] for name, values in typed.items() if name.startswith(prefix)}


def numbered_sets(exercises: list[ExerciseForm], *, as_prescribed: bool = False) -> list[SetValues]:
    """Return all sets of a session, numbered by exercise."""
    return numbered(values for form in exercises for values in form.sets(as_prescribed=as_prescribed))


def prescribed_of(session: StrengthSession) -> list[PrescribedSets]:
    """Return the exercises of a stored session, because the present plan may no longer contain them."""
    by_exercise: dict[str, list[StrengthSet]] = {}
    for stored in session.sets.all():
        by_exercise.setdefault(stored.instead_of or stored.exercise, []).append(stored)
    return [
        PrescribedSets(
            exercise=ExerciseId(exercise),
            name=ExerciseId(exercise).label,
            how="",
            sets=max(stored.number for stored in done),
            reps=done[0].reps,
            seconds=done[0].seconds,
            up_s=0,
            hold_s=0,
            down_s=0,
        )
        for exercise, done in by_exercise.items()
    ]


def _possible_day(day: date, today: date) -> date:
    """Return the day of a phone, or today where its clock is wrong or ahead of the runner's own time zone."""
    return day if FIRST_DAY <= day <= today else today


class FinishForm(SessionForm):
    """The end of a guided session. Its sets are stored already; a pain below theirs becomes theirs."""

    model = StrengthSession

    local_on = forms.DateField(widget=forms.HiddenInput)
    pain = PainField(label="Worst pain in this session", required=False)

    def __init__(self, *args: Any, set_pains: Sequence[int] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.set_pains = set_pains

    def clean_local_on(self) -> date:
        """Return the day on the phone, or today."""
        return _possible_day(self.cleaned_data["local_on"], self.today)

    def clean_pain(self) -> int:
        """Return the worst pain of the session and its sets."""
        answer: int | None = self.cleaned_data["pain"]
        pains = [*self.set_pains] if answer is None else [*self.set_pains, answer]
        if not pains:
            raise ValidationError(self.fields["pain"].error_messages["required"], code="required")
        return max(pains)


class GuidedSetForm(forms.Form):
    """One set as the session's page sends it; `session` is the page's key, the day that of the phone."""

    session = forms.UUIDField()
    local_on = forms.DateField()
    planned = forms.ChoiceField(choices=ExerciseId.choices)
    leg = forms.ChoiceField(choices=TrainedLeg.choices)
    number = forms.IntegerField(min_value=1, max_value=HIGHEST_NUMBER)
    exercise = forms.ChoiceField(choices=ExerciseId.choices)
    form = forms.ChoiceField(choices=FormKind.choices)
    reps = forms.IntegerField(min_value=1, max_value=200, required=False)
    seconds = forms.IntegerField(min_value=1, max_value=3600, required=False)
    pain = PainField(required=False)
    because = FreeTextField(max_length=200, required=False)

    def __init__(self, *args: Any, unit: str, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today
        self.fields["load_g"] = LoadField(unit=unit)

    def clean_local_on(self) -> date:
        return _possible_day(self.cleaned_data["local_on"], self.today)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (cleaned.get("reps") is None) == (cleaned.get("seconds") is None):
            raise ValidationError("A set has repetitions or seconds.", code="amount")
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what `save_set` takes."""
        return {"session_key": self.cleaned_data.pop("session"), **self.cleaned_data}
