"""Which runners a staff member may see, the version of a page, a flag in words, and what clinicians wrote of a runner.

Notes, contacts and tests are read in one query.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import JSONObject

from challenge.care.complaint_models import ComplaintChange
from challenge.care.models import Flag, FunctionTest, HeelStrikePeriod, Pause, PhaseChange
from challenge.care.queries import current_overrides, current_targets, open_flags
from challenge.enrollment.models import Enrollment
from challenge.protocol.local_week import WEEK
from challenge.protocol.vocabulary import Side, TestKind
from challenge.review.models import Contact, ExerciseVideo, Note
from challenge.workouts.day_notices import counts_already
from challenge.workouts.models import Run
from challenge.workouts.queries import runs

MOST_ALIKE = 10  # each costs some queries, and a question is about a run of the last days


def page_version(enrollment: Enrollment) -> str:
    """Return the version of what a decision is based on.

    It is made of the last revision and phase change, of everything open (flags, overrides, periods, pauses), and of
    the changes of complaints.
    """
    # Whatever a decision could be based on; one more kind of open row has to be added to `runner_page._now` too.
    last = current_targets(enrollment).values_list("pk", flat=True).first()
    changes = PhaseChange.objects.filter(enrollment=enrollment).order_by("-at", "-pk")
    spells = HeelStrikePeriod.objects.filter(enrollment=enrollment, ended_on__isnull=True)
    pauses = Pause.objects.filter(enrollment=enrollment, ended_at__isnull=True)
    return page_version_of(
        target=last,
        change=changes.values_list("pk", flat=True).first(),
        flags=open_flags(enrollment).values_list("pk", flat=True),
        override=current_overrides(enrollment).values_list("pk", flat=True),
        spells=spells.values_list("pk", flat=True),
        pauses=pauses.values_list("pk", flat=True),
        complaints=ComplaintChange.objects.filter(complaint__enrollment=enrollment).values_list(
            "pk", flat=True
        ),
    )


def page_version_of(*, target: int | None, change: int | None, **open_now: Iterable[int]) -> str:
    """Return the version of a page that shows these rows."""
    rest = (".".join(map(str, sorted(pks))) for pks in open_now.values())
    return "-".join((str(target or 0), str(change or 0), *rest))


def flags_of(enrollments: QuerySet[Enrollment]) -> QuerySet[Flag]:
    """Return the flags of these runners, open and closed, with what an answer needs."""
    flags = Flag.objects.filter(enrollment__in=enrollments)
    return flags.select_related("enrollment__seat__cohort", "enrollment__seat__user")


def video_of(exercise: str) -> str:
    """Return the address of the exercise's video, or an empty string."""
    return ExerciseVideo.objects.filter(exercise=exercise).values_list("link", flat=True).first() or ""


def runs_asked_about(flag: Flag, *, on: date, at: datetime) -> list[Run]:
    """Return the runs that a question about a long run can mean, newest first: one, but for a runner who repeats it.

    They have the question's distance, were logged before it was asked, and do not count yet on the local day `on`.
    Those of the week that the decision looked back on come before any others.
    """
    counted = {row.exercise for row in current_overrides(flag.enrollment)}
    known = runs(flag.enrollment).filter(
        distance_m=flag.facts.get("distance_m"), logged_at__lte=flag.raised_at
    )
    found = [
        run
        for run in known[:MOST_ALIKE]
        if f"run:{run.pk}" not in counted and not counts_already(flag.enrollment, run, on=on, at=at)
    ]
    decided = re.match(r"week:([0-9]{4}-[0-9]{2}-[0-9]{2})", flag.source)
    monday = date.fromisoformat(decided[1]) if decided else None
    return [run for run in found if monday and monday - WEEK <= run.local_on < monday] or found


FACTS = {
    Note: ("text",),
    Contact: ("how", "text"),
    FunctionTest: ("kind", "side", "repetitions", "pain", "not_tested_because", "note"),
}
LISTS = {
    "Note": "notes",
    "Contact": "contacts",
    "FunctionTest": "tests",
}


@dataclass(frozen=True)
class ClinicianNote:
    """One entry as a list shows it."""

    kind: str
    what: str
    text: str
    by: str
    at: datetime


def clinician_notes(enrollment: Enrollment) -> dict[str, list[ClinicianNote]]:
    """Return each kind's entries, newest first, by the names in `LISTS`."""
    # A union needs equal columns: what differs between the models travels as one JSON object.
    first, *others = (
        model.objects.filter(enrollment=enrollment)  # type: ignore[attr-defined]
        .annotate(
            which=Value(model.__name__), facts=JSONObject(**{name: name for name in names}), who=F("by__name")
        )
        .values_list("which", "facts", "who", "at")
        .order_by()
        for model, names in FACTS.items()
    )
    by_kind: dict[str, list[ClinicianNote]] = {name: [] for name in LISTS.values()}
    for entry in sorted(
        (_clinician_note(*row) for row in first.union(*others, all=True)),
        key=lambda entry: entry.at,
        reverse=True,
    ):
        by_kind[entry.kind].append(entry)
    return by_kind


def _clinician_note(which: str, facts: dict[str, Any], who: str, at: datetime) -> ClinicianNote:
    """Return a row of the union as an entry."""
    kind = LISTS[which]
    if which == "Contact":
        return ClinicianNote(kind, Contact.How(facts["how"]).label, facts["text"], who, at)
    if which == "FunctionTest":
        what = f"{TestKind(facts['kind']).label}, {Side(facts['side']).label.lower()}"
        return ClinicianNote(kind, what, _test_result(facts), who, at)
    return ClinicianNote(kind, "", facts["text"], who, at)


def _test_result(facts: dict[str, Any]) -> str:
    """Return a function test's result in words."""
    if facts["repetitions"] is None:
        result = f"not tested: {facts['not_tested_because']}"
    else:
        pain = f", pain {facts['pain']}" if facts["pain"] is not None else ""
        result = f"{facts['repetitions']} repetitions{pain}"
    return f"{result}. {facts['note']}" if facts["note"] else result
