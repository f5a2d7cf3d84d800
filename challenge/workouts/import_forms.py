"""The forms of an import: the upload of activity files, and the preview of the runs that were read in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from challenge.protocol.local_week import WEEK, local_day, monday_of, on_day
from challenge.protocol.vocabulary import CadenceSource, Surface
from challenge.workouts.access import RunnerRequest
from challenge.workouts.activity_files import FileRun, health_export
from challenge.workouts.activity_files.archive import MOST_BYTES
from challenge.workouts.activity_files.consistency import day_doubt, week_count_day
from challenge.workouts.activity_files.doubts import OF_DAY, Answer, Doubt
from challenge.workouts.forms import RunForm
from challenge.workouts.import_actions import MOST_FILES, ImportChoice
from challenge.workouts.import_models import ImportJob
from challenge.workouts.import_queries import Duplicate, Likeness, duplicate_of, runs_to_compare
from challenge.workouts.models import Run

NEW, INTO, LATER, SKIP = "new", "into", "later", "skip"
UNDECIDED = ""
MOST_TOGETHER = 100_000_000
# What an iPhone can do by itself about a larger export: routes and recordings of the heart are left out.
TOO_LARGE_EXPORT = (
    f"“{{name}}” is larger than {health_export.MOST_BYTES // 1_000_000} MB. If it is an Apple Health export: tap it in "
    "the Files app, open the folder, press and hold export.xml, choose Compress, and send that zip."
)


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or many, each and all together inside the limits."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if not given:
            raise ValidationError("Choose a file first: .fit, .tcx, .gpx or a .zip of them.", code="required")
        if len(given) > MOST_FILES:
            raise ValidationError(f"Please send at most {MOST_FILES} files at once.", code="many")
        for one in given:
            is_zip = (one.name or "").lower().endswith(".zip")
            if is_zip and one.size > health_export.MOST_BYTES:
                raise ValidationError(TOO_LARGE_EXPORT.format(name=one.name[:80]), code="big")
            if not is_zip and one.size > MOST_BYTES:
                raise ValidationError(
                    f"“{one.name[:80]}” is larger than {MOST_BYTES // 1_000_000} MB.", code="big"
                )
        if sum(one.size for one in given) > MOST_TOGETHER:
            raise ValidationError("That’s a lot at once. Please send fewer files.", code="big")
        return given


class UploadForm(forms.Form):
    use_required_attribute = False  # a browser calls an empty file field invalid before anything was chosen

    activities = FilesField(
        label="Files from your watch or app",
        help_text="FIT, TCX or GPX, a zip of them, or Apple Health’s export.zip. Several at once is fine.",
        widget=ManyFiles(attrs={"accept": ".fit,.tcx,.gpx,.zip,.gz", "multiple": True}),
    )
    batch = forms.UUIDField(widget=forms.HiddenInput)


@dataclass
class ImportPreview:
    """One run of a file, as it would be saved, and what the runner decides about it.

    `later_on` is its day if the receiver had lost 1,024 weeks. `asks_pain`: a run of this or last week is asked about
    pain like a typed one; a day that the runner corrects counts.
    """

    job: ImportJob
    index: int
    file_run: FileRun
    form: RunForm
    duplicate: Duplicate | None
    decision: str
    zone: ZoneInfo
    doubts: tuple[Doubt, ...] = ()
    later_on: date | None = None
    asks_pain: bool = False

    @property
    def name(self) -> str:
        return f"keep-{self.form.prefix}"

    @property
    def shown_duplicate(self) -> str:
        """Return what the card sends back to say which duplicate it has shown."""
        return _key_of(self.duplicate)

    @property
    def seconds(self) -> int:
        return round(self.file_run.duration_s)

    @property
    def is_undecided(self) -> bool:
        return self.decision == UNDECIDED

    @property
    def asks_day(self) -> bool:
        return any(doubt.kind in OF_DAY for doubt in self.doubts)

    @property
    def opens_day(self) -> bool:
        """Return whether the folded part with the day is open: where the day is asked about or something is wrong."""
        return self.asks_day or bool(self.form.errors)

    def choice(self) -> ImportChoice | None:
        """Return what to save, or None for a run that is skipped."""
        if self.decision == SKIP:
            return None
        into = self.duplicate.run if self.duplicate and self.decision == INTO else None
        values = self.form.values()
        # The runner left the number of the file as it is, so the file stays its source.
        same = values["cadence_spm"] is not None and values["cadence_spm"] == self.file_run.cadence_spm
        if same:
            values["cadence_source"] = CadenceSource.FILE
        file_day = local_day(self.file_run.started_at, self.zone)
        if self.decision == LATER and values["local_on"] == file_day:
            values["local_on"] = self.later_on
        day = into.local_on if into else values["local_on"]
        started_at = on_day(self.file_run.started_at, day, self.zone)
        file_run = replace(self.file_run, doubts=self.doubts)
        return ImportChoice(self.job.number, self.index, file_run, started_at, values, into)


def import_previews(
    request: RunnerRequest, jobs: list[ImportJob], posted: Mapping[str, Any] | None
) -> list[ImportPreview]:
    """Return every run of the upload, oldest first.

    Duplicates and what is probably no run are left out unless the runner chose otherwise; of a run with a doubt nothing
    is chosen.
    """
    found = _runs_in_files(request, jobs, posted)
    days = {day for one in found for day in one.days.all if day is not None}
    candidates = runs_to_compare(request.enrollment, days)
    previews: list[ImportPreview] = []
    for one in found:
        previews.append(_preview(request, one, candidates, posted))
        candidates.append(_as_logged(one.run))
    return previews


@dataclass(frozen=True, slots=True)
class _RunDays:
    """The day in the file, the one 1,024 weeks later if that may be meant, and the one that was typed instead."""

    in_file: date
    later: date | None
    corrected: date | None

    @property
    def all(self) -> tuple[date | None, ...]:
        """Return the days on which the log may have the same run, the corrected one first."""
        return self.corrected, self.in_file, self.later

    def chosen(self, decision: str) -> date:
        """Return the day on which the run is saved."""
        later = self.later if decision == LATER else None
        return self.corrected or later or self.in_file


@dataclass(frozen=True, slots=True)
class _FoundRun:
    """One run of an upload: the file and place that it comes from, its form and its days."""

    job: ImportJob
    index: int
    run: FileRun
    form: RunForm
    days: _RunDays


def _runs_in_files(
    request: RunnerRequest, jobs: list[ImportJob], posted: Mapping[str, Any] | None
) -> list[_FoundRun]:
    """Return the runs that were read in the files of the upload, oldest first."""
    read = [
        (job, index, FileRun.from_json(values))
        for job in jobs
        for index, values in enumerate((job.reading or {}).get("runs", []))
    ]
    read.sort(key=lambda item: item[2].started_at)
    starts_on = request.enrollment.cohort.starts_on
    found: list[_FoundRun] = []
    for job, index, run in read:
        form = _form(request, run, f"{job.number}-{index}", posted)
        file_day = local_day(run.started_at, request.user.zone)
        later_on = week_count_day(file_day, starts_on=starts_on, today=request.today)
        days = _RunDays(file_day, later_on, _corrected(form, file_day))
        found.append(_FoundRun(job, index, run, form, days))
    return found


def _preview(
    request: RunnerRequest, one: _FoundRun, candidates: list[Run], posted: Mapping[str, Any] | None
) -> ImportPreview:
    """Return the preview of one run: what it repeats, what is doubtful, and what is chosen. It may require pain."""
    zone, days = request.user.zone, one.days
    duplicate = _duplicate(one.run, days, candidates, zone)
    day = day_doubt(days.in_file, starts_on=request.enrollment.cohort.starts_on, today=request.today)
    doubts = (*((day,) if day else ()), *one.run.doubts)
    decision = _decision(one.form, duplicate, doubts, days, posted)
    # A run merged into a typed one keeps the pain of the typed one; older runs are beyond memory.
    recent_from = monday_of(request.today) - WEEK
    recent = days.chosen(decision) >= recent_from
    one.form.fields["pain"].required = recent and decision in {NEW, LATER}
    return ImportPreview(
        one.job,
        one.index,
        one.run,
        one.form,
        duplicate,
        decision,
        zone=zone,
        doubts=doubts,
        later_on=days.later,
        asks_pain=recent or bool(days.later and days.later >= recent_from),
    )


def _corrected(form: RunForm, file_day: date) -> date | None:
    """Return the day that was typed in place of the file's, None without one that can be read."""
    if not form.is_bound:
        return None
    try:
        typed = form.fields["local_on"].clean(form["local_on"].data)
    except ValidationError:
        return None
    return typed if typed != file_day else None


def _duplicate(run: FileRun, days: _RunDays, candidates: list[Run], zone: ZoneInfo) -> Duplicate | None:
    """Return the run of the log that it repeats on any of its days, the corrected one first."""
    for day in days.all:
        if day is None:
            continue
        moved = replace(run, started_at=on_day(run.started_at, day, zone))
        if duplicate := duplicate_of(moved, day, candidates):
            return duplicate
    return None


def _key_of(duplicate: Duplicate | None) -> str:
    return f"{duplicate.likeness}-{duplicate.run.pk or ''}" if duplicate else ""


def _decision(
    form: RunForm,
    duplicate: Duplicate | None,
    doubts: Sequence[Doubt],
    days: _RunDays,
    posted: Mapping[str, Any] | None,
) -> str:
    asked = str((posted or {}).get(f"keep-{form.prefix}", ""))
    if asked not in _choices(duplicate, days.later):
        return _preset(duplicate, doubts)
    shown = (posted or {}).get(f"shown-{form.prefix}", "")
    # A corrected day may be that of a run which the card could not show: it is asked about before it counts twice.
    is_news = days.corrected is not None and duplicate is not None and shown != _key_of(duplicate)
    return UNDECIDED if is_news and asked in {NEW, LATER} else asked


def _choices(duplicate: Duplicate | None, later_on: date | None) -> set[str]:
    into = {INTO} if duplicate is not None and duplicate.run.pk else set()
    return {NEW, SKIP} | into | ({LATER} if later_on is not None else set())


def _preset(duplicate: Duplicate | None, doubts: Sequence[Doubt]) -> str:
    """Return what is chosen before the runner has answered."""
    # A typed run gains from its file; an imported one already has everything the file could add.
    if duplicate is not None and duplicate.likeness is not Likeness.BY_HAND:
        return SKIP
    answers = {doubt.answer for doubt in doubts}
    if Answer.LEAVE_OUT in answers:
        return SKIP
    if Answer.ASK in answers:
        return UNDECIDED
    return NEW if duplicate is None else INTO


def _as_logged(run: FileRun) -> Run:
    """Return an unsaved run, so that later runs of the same upload are compared with it."""
    return Run(
        started_at=run.started_at,
        local_on=run.started_at.date(),
        distance_m=run.distance_m or 0,
        duration_s=round(run.duration_s),
    )


def _form(request: RunnerRequest, run: FileRun, prefix: str, posted: Mapping[str, Any] | None) -> RunForm:
    initial = {
        "local_on": local_day(run.started_at, request.user.zone),
        "distance_m": run.distance_m,
        "duration_s": round(run.duration_s),
        "cadence_spm": run.cadence_spm,
        "cadence_source": CadenceSource.FILE if run.cadence_spm else "",
        "surface": Surface.TREADMILL if run.indoor else "",
    }
    return RunForm(
        posted,
        enrollment=request.enrollment,
        today=request.today,
        parameters=request.parameters,
        from_file=True,
        initial=initial,
        prefix=prefix,
    )
