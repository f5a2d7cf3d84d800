"""A knee or hip that the log says hurts: what a page shows spares it at once, before the week is decided again."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from challenge.care.models import ClinicianOverride, WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.intake.queries import complaints_of
from challenge.protocol.catalog.plan import CATALOG, Place
from challenge.protocol.exercises import allowed_form, form_of
from challenge.protocol.heel_strike import never
from challenge.protocol.log_view import guarded_sites
from challenge.protocol.reasons import Reason, reason_for
from challenge.protocol.snapshot import JointReport
from challenge.protocol.vocabulary import GUARDED_JOINTS, ExerciseId, FormKind, HeelStrikeStep, Rule, Site
from challenge.workouts.models import ALIVE, AnyEntry, Morning, Run, StrengthSession

WITH_A_SITE = (Run, StrengthSession, Morning)
ON_THE_HEEL = frozenset({HeelStrikeStep.ON_HEEL, HeelStrikeStep.REVIEW})


def joint_reports(enrollments: Collection[int], *, at: datetime) -> dict[int, list[JointReport]]:
    """Every living report of pain at a knee or hip logged by `at`, by enrollment id, in one query."""
    first, *others = [
        model.objects.filter(ALIVE, enrollment__in=enrollments, site__in=GUARDED_JOINTS, pain__gt=0)
        .filter(logged_at__lte=at)
        .values_list("enrollment_id", "site", "local_on", "pain")
        for model in WITH_A_SITE
    ]
    found: dict[int, list[JointReport]] = defaultdict(list)
    for enrollment, site, on, pain in first.union(*others, all=True):
        found[enrollment].append(JointReport(Site(site), on, pain or 0))
    return found


def guarded_by_log(enrollment: Enrollment, *, at: datetime) -> frozenset[Site]:
    """The joints that the log guards, as of now."""
    reports = joint_reports([enrollment.pk], at=at)[enrollment.pk]
    return guarded_sites((report.site, report.pain) for report in reports)


def begins_a_guard(entry: AnyEntry) -> bool:
    """Whether this entry is the first to say that a knee or hip hurts which the intake does not name."""
    if not isinstance(entry, WITH_A_SITE) or not entry.site:
        return False
    site = Site(entry.site)
    if not guarded_sites([(site, entry.pain)]) or site in _complained(entry.enrollment):
        return False
    others = (
        model.objects.filter(ALIVE, enrollment=entry.enrollment_id, site=site)
        .exclude(**({"pk": entry.pk} if model is type(entry) else {"pk": None}))
        .values_list("pain", flat=True)
        for model in WITH_A_SITE
    )
    return not guarded_sites((site, pain) for pains in others for pain in pains)


def _complained(enrollment: Enrollment) -> frozenset[Site]:
    return frozenset(Site(one.site) for one in complaints_of(enrollment) if one.present)


def spare(target: WeeklyTarget | None, enrollment: Enrollment, sites: frozenset[Site]) -> WeeklyTarget | None:
    """The week's decision as a page shows it: what loads these joints in its easier form, or left out."""
    if target is not None and sites:
        approved = _approved(enrollment)
        lines = [_spared(line, sites, approved) for line in target.decision.get("exercises", [])]
        target.decision = target.decision | {
            "exercises": [line for line in lines if line is not None],
            "strike": _strike(target.decision.get("strike"), sites),
        }
    return target


def form_now(enrollment: Enrollment, places: Iterable[Place], *, at: datetime) -> dict[ExerciseId, FormKind]:
    """Which form of each exercise spares what hurts; one that has none is left out."""
    sites, approved = guarded_by_log(enrollment, at=at) | _complained(enrollment), _approved(enrollment)
    kinds = {place.exercise: allowed_form(place, sites, place.exercise in approved) for place in places}
    return {exercise: kind for exercise, kind in kinds.items() if kind is not None}


def _approved(enrollment: Enrollment) -> frozenset[str]:
    rows = ClinicianOverride.objects.filter(
        enrollment=enrollment, what=ClinicianOverride.OverrideKind.APPROVAL, ended_at__isnull=True
    ).values_list("exercise", flat=True)
    return frozenset(rows)


def _spared(line: dict[str, Any], sites: frozenset[Site], approved: frozenset[str]) -> dict[str, Any] | None:
    exercise, form = CATALOG[ExerciseId(line["exercise"])], FormKind(line["form"])
    if line["exercise"] in approved or not sites & {*form_of(exercise, form).loads}:
        return line
    if sites & {*exercise.easier.loads}:
        return None
    why = reason_for(Rule.EXERCISE_APPROVAL, exercises=exercise.name, easier=True)
    return line | {"form": FormKind.EASIER.value, "name": exercise.easier.name, "reason": _stored(why)}


def _strike(stored: dict[str, Any] | None, sites: frozenset[Site]) -> dict[str, Any] | None:
    step = HeelStrikeStep(stored["step"]) if stored else HeelStrikeStep.NOT_RELEVANT
    if stored is None or step not in ON_THE_HEEL | {HeelStrikeStep.OFFER}:
        return stored
    why = never(sorted(sites)[0], logged=True, under_way=step in ON_THE_HEEL)
    return stored | {"step": HeelStrikeStep.NEVER.value, "reason": _stored(why)}


def _stored(reason: Reason) -> dict[str, Any]:
    return {"rule": reason.rule.value, "facts": [list(fact) for fact in reason.facts]}
