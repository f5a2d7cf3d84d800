"""Which runners a staff member may see, the version of a page, and a flag in words."""

from collections.abc import Iterable

from django.db.models import QuerySet

from challenge.care.complaint_models import ComplaintChange
from challenge.care.models import Flag, HeelStrikePeriod, Pause, PhaseChange
from challenge.care.queries import current_overrides, current_targets, open_flags
from challenge.enrollment.models import Enrollment
from challenge.review.models import ExerciseVideo, Message


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


def messages_of(enrollment: Enrollment) -> QuerySet[Message]:
    """Return the runner's messages, newest first."""
    return Message.objects.filter(enrollment=enrollment).select_related("by", "notice").order_by("-at")


def video_of(exercise: str) -> str:
    """Return the address of the exercise's video, or an empty string."""
    return ExerciseVideo.objects.filter(exercise=exercise).values_list("link", flat=True).first() or ""
