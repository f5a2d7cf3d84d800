"""Read what the clinicians' pages show, and which version of it a decision was based on."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from challenge.accounts.staff import StaffRequest
from challenge.care.models import HeelStrikePeriod, Pause, PhaseChange
from challenge.care.queries import current_overrides, current_targets, open_flags
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.policies import cohorts_visible_to, runners_visible_to
from challenge.review.models import ExerciseVideo, Message


def page_version(enrollment: Enrollment) -> str:
    """What a decision was looking at: the last revision and phase decision, what is open, and what holds by hand."""
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
    )


def page_version_of(*, target: int | None, change: int | None, **open_now: Iterable[int]) -> str:
    """The mark of a page that shows these rows."""
    rest = (".".join(map(str, sorted(pks))) for pks in open_now.values())
    return "-".join((str(target or 0), str(change or 0), *rest))


def messages_of(enrollment: Enrollment) -> QuerySet[Message]:
    """Oldest last: the runner's page shows the newest."""
    return Message.objects.filter(enrollment=enrollment).select_related("by", "notice").order_by("-at")


def video_of(exercise: str) -> str:
    """The address of the film that a clinician attached to this exercise; empty where there is none."""
    return ExerciseVideo.objects.filter(exercise=exercise).values_list("link", flat=True).first() or ""


def cohort_or_404(request: StaffRequest, slug: str) -> Cohort:
    """The cohort, where it is one of theirs."""
    return get_object_or_404(cohorts_visible_to(request.user), slug=slug)


def runner_or_404(request: StaffRequest, slug: str, pk: int) -> Enrollment:
    """The runner, where they may see the cohort."""
    return get_object_or_404(runners_visible_to(request.user), pk=pk, seat__cohort__slug=slug)
