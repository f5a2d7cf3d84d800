"""The page about running, with four ways to give a cadence."""

from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

from django import forms

from challenge.accounts.fields import FreeTextField
from challenge.intake.fields import METERS, UNSURE, CommaField, IntakeDayField, IntakeNumberField, StepForm
from challenge.protocol.validation import CADENCE_SPM
from challenge.protocol.vocabulary import FootStrike, Surface
from challenge.workouts.activity_files.sandbox import SandboxLimits, read_isolated

NO_CADENCE = "There’s no cadence in this file. Choose another way."
DOUBTFUL = "The cadence in this file doesn’t fit its pace or its sport. Choose another way."
MAX_FILE_BYTES = 2_000_000  # a request may have 2 MB
FILE_LIMITS = SandboxLimits(cpu_s=8, wall_s=12.0)


class RunningForm(StepForm):
    CADENCE = (
        ("watch", "I know it from my watch or app"),
        ("counted", "I counted one foot for 30 seconds"),
        ("tapped", "I tapped along"),
        ("file", "From a file from my watch or app"),
        ("later", "Later"),
    )

    unit = forms.ChoiceField(
        label="Distances in",
        choices=[("mi", "Miles"), ("km", "Kilometers")],
        widget=forms.RadioSelect,
    )
    runs_per_week = IntakeNumberField(
        least=0, most=21, what="the runs of a usual week", label="Runs in a usual week", required=False
    )
    usual_week = CommaField(
        most=600, what="your usual week", label="Distance of a usual week", required=False
    )
    longest_run = CommaField(
        most=180,
        what="your longest run",
        label="Longest run of the last 30 days",
        required=False,
        help_text="We build up from this distance.",
    )
    training_block_started_on = IntakeDayField(
        label="Your current training block began on",
        required=False,
        help_text="The day you started to build up again. Weeks 4 to 8 of a block are where most things go wrong.",
    )
    used_to_hills = forms.BooleanField(label="I run hills most weeks", required=False)
    used_to_tempo = forms.BooleanField(label="I run tempo or intervals most weeks", required=False)
    event = FreeTextField(max_length=120, label="A race or goal coming up", required=False)
    event_on = IntakeDayField(label="The day of that race or goal", required=False)
    cadence_how = forms.ChoiceField(
        label="Your cadence when you run easy",
        help_text="Steps a minute, both feet. Not sure? Choose “later”: your seat is yours either way.",
        choices=CADENCE,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one; “later” is fine."},
    )
    cadence_spm = IntakeNumberField(
        least=CADENCE_SPM[0],
        most=CADENCE_SPM[1],
        what="steps a minute",
        label="Steps a minute",
        required=False,
    )
    counted_30s = IntakeNumberField(
        least=15,
        most=62,
        what="the count of one foot",
        label="Landings of one foot in 30 seconds",
        required=False,
    )
    cadence_file = forms.FileField(
        label="Activity file (FIT, TCX, GPX or a zip of them)",
        help_text="An easy run from the last few weeks, up to 2 MB. We read its cadence and keep nothing else.",
        required=False,
        allow_empty_file=True,
    )
    cadence_is_right = forms.BooleanField(label="The number is right as it is", required=False)
    strike = forms.ChoiceField(
        label="You land on", choices=UNSURE + FootStrike.choices(), required=False, widget=forms.RadioSelect
    )
    surface = forms.ChoiceField(
        label="You mostly run on",
        choices=UNSURE + Surface.choices(),
        required=False,
        widget=forms.RadioSelect,
    )

    def clean_training_block_started_on(self) -> date | None:
        return self.not_in_future("training_block_started_on")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("usual_week", "longest_run"):
            self._convert(cleaned, name)
        how = cleaned.get("cadence_how")
        if how in {"watch", "tapped"} and "cadence_spm" in cleaned:
            self._check_cadence("cadence_spm", cleaned.get("cadence_spm"))
        elif how == "file":
            self._read_file(cleaned)
        elif how == "counted" and "counted_30s" in cleaned:
            count = cleaned.get("counted_30s")
            self._check_cadence("counted_30s", None if count is None else 4 * count)
        return cleaned

    def _convert(self, cleaned: dict[str, Any], name: str) -> None:
        """Turn a distance that was typed with a unit of its own into the unit of the page."""
        field, value = self.fields[name], cleaned.get(name)
        unit, page = getattr(field, "unit", ""), cleaned.get("unit")
        if value is not None and unit and page and unit != page:
            cleaned[name] = (value * METERS[unit] / METERS[page]).quantize(Decimal("0.01"))

    def _check_cadence(self, name: str, spm: int | None) -> None:
        if spm is None:
            self.add_error(name, "Enter the number, or choose “later”.")
        # Below 120 a watch probably counts the steps of one foot.
        elif spm < 120 and not self.cleaned_data.get("cadence_is_right"):
            self.add_error(
                name,
                f"{spm}? Did you mean {2 * spm}? Some watches count one foot. If {spm} is right, say so below.",
            )

    def _read_file(self, cleaned: dict[str, Any]) -> None:
        """Set the cadence to the median of the file's runs. Without a file keep a number that was read before."""
        upload = cleaned.get("cadence_file")
        if upload is None:
            if cleaned.get("cadence_spm") is None:
                self.add_error("cadence_file", "Choose a file, or choose “later”.")
            return
        if upload.size > MAX_FILE_BYTES:
            self.add_error("cadence_file", "This file is larger than 2 MB. One run in a zip is enough.")
            return
        recording = read_isolated(upload.read(), upload.name, FILE_LIMITS)
        measured = [run for run in recording.runs if run.cadence_spm is not None]
        cadences = [run.cadence_spm for run in measured if run.cadence_spm and not run.cadence_is_doubtful]
        if cadences:
            cleaned["cadence_spm"] = round(median(cadences))
        else:
            self.add_error("cadence_file", recording.refusal or (DOUBTFUL if measured else NO_CADENCE))

    def typed(self) -> dict[str, list[str]]:
        """Return the raw values, with the number read from the file in place of the file.

        Browsers do not let a page fill a file field.
        """
        typed = super().typed()
        typed.pop("cadence_file", None)
        read = getattr(self, "cleaned_data", {}).get("cadence_spm")
        if read is not None and typed.get("cadence_how") == ["file"]:
            typed["cadence_spm"] = [str(read)]
        return typed

    def cadence(self) -> tuple[int | None, str]:
        """Return steps per minute of both feet and their source; (None, "") for later."""
        how = self.cleaned_data["cadence_how"]
        if how == "later":
            return None, ""
        if how == "counted":
            return 4 * self.cleaned_data["counted_30s"], how
        return self.cleaned_data["cadence_spm"], how
