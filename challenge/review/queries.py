"""Which runners a staff member may see, the version of a page, and a flag in words."""

import re
from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import QuerySet

from challenge.care.complaint_models import ComplaintChange
from challenge.care.models import Flag, HeelStrikePeriod, Pause, PhaseChange
from challenge.care.queries import current_overrides, current_targets, open_flags
from challenge.enrollment.models import Enrollment
from challenge.protocol.local_week import WEEK
from challenge.review.models import ExerciseVideo
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
