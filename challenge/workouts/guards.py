"""Protection of a knee or hip that hurts according to the log, from the moment of the report.

Pages replace what loads such a joint before the week is decided again (`exercise.approval`, `strike.never`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

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

MODELS_WITH_A_SITE = (Run, StrengthSession, Morning)
RUNS_ON_HEEL = frozenset({HeelStrikeStep.ON_HEEL, HeelStrikeStep.REVIEW})


def joint_reports(enrollments: Collection[int], *, at: datetime) -> dict[int, list[JointReport]]:
    """Return the reports of pain at a knee or hip logged by `at`, by enrollment id, in one query."""
    first, *others = [
        joint_pains(model)
        .filter(enrollment__in=enrollments, logged_at__lte=at)
        .values_list("enrollment_id", "site", "local_on", "pain")
        for model in MODELS_WITH_A_SITE
    ]
    reports: dict[int, list[JointReport]] = defaultdict(list)
    for enrollment, site, on, pain in first.union(*others, all=True):
        reports[enrollment].append(JointReport(Site(site), on, pain or 0))
    return reports


def joint_pains(model: type[Run | StrengthSession | Morning]) -> QuerySet[Any]:
    """Return the entries with any pain at a knee or hip; `guarded_sites` decides which of them count."""
    return model._default_manager.filter(ALIVE, site__in=GUARDED_JOINTS, pain__gt=0)


def guarded_by_log(enrollment: Enrollment, *, at: datetime) -> frozenset[Site]:
    """Return the joints to spare according to entries logged by `at`."""
    reports = joint_reports([enrollment.pk], at=at)[enrollment.pk]
    return guarded_sites((report.site, report.pain) for report in reports)


def begins_a_guard(entry: AnyEntry) -> bool:
    """Return whether this entry is the first report of a hurting knee or hip that the intake does not name."""
    if not isinstance(entry, MODELS_WITH_A_SITE) or not entry.site:
        return False
    site = Site(entry.site)
    if not guarded_sites([(site, entry.pain)]) or site in _complaint_sites(entry.enrollment):
        return False
    others = (
        model.objects.filter(ALIVE, enrollment=entry.enrollment_id, site=site)
        # The entry itself is stored by now. Ids are unique per table, so exclude it only from its own.
        .exclude(**({"pk": entry.pk} if model is type(entry) else {"pk": None}))
        .values_list("pain", flat=True)
        for model in MODELS_WITH_A_SITE
    )
    return not guarded_sites((site, pain) for pains in others for pain in pains)


def _complaint_sites(enrollment: Enrollment) -> frozenset[Site]:
    return frozenset(Site(complaint.site) for complaint in complaints_of(enrollment) if complaint.present)


def spare(target: WeeklyTarget | None, enrollment: Enrollment, sites: frozenset[Site]) -> WeeklyTarget | None:
    """Return the target with the exercises that load these joints in their easier form, or left out.

    The stored row keeps its decision: only this instance changes, and no page saves it.
    """
    if target is not None and sites:
        approved = _approved_exercises(enrollment)
        lines = [_spared_line(line, sites, approved) for line in target.decision.get("exercises", [])]
        target.decision = target.decision | {
            "exercises": [line for line in lines if line is not None],
            "strike": _spared_strike(target.decision.get("strike"), sites),
        }
    return target


def form_now(enrollment: Enrollment, places: Iterable[Place], *, at: datetime) -> dict[ExerciseId, FormKind]:
    """Return the form of each exercise that spares what hurts; an exercise without such a form is left out."""
    sites, approved = (
        guarded_by_log(enrollment, at=at) | _complaint_sites(enrollment),
        _approved_exercises(enrollment),
    )
    kinds = {place.exercise: allowed_form(place, sites, place.exercise in approved) for place in places}
    return {exercise: kind for exercise, kind in kinds.items() if kind is not None}


def _approved_exercises(enrollment: Enrollment) -> frozenset[str]:
    rows = ClinicianOverride.objects.filter(
        enrollment=enrollment, what=ClinicianOverride.OverrideKind.APPROVAL, ended_at__isnull=True
    ).values_list("exercise", flat=True)
    return frozenset(rows)


def _spared_line(
    line: dict[str, Any], sites: frozenset[Site], approved: frozenset[str]
) -> dict[str, Any] | None:
    exercise, form = CATALOG[ExerciseId(line["exercise"])], FormKind(line["form"])
    # A clinician who approved the exercise knew of the joint, so the approval wins.
    if line["exercise"] in approved or not sites & {*form_of(exercise, form).loads}:
        return line
    if sites & {*exercise.easier.loads}:
        return None
    why = reason_for(Rule.EXERCISE_APPROVAL, exercises=exercise.name, easier=True)
    return line | {"form": FormKind.EASIER.value, "name": exercise.easier.name, "reason": _stored_reason(why)}


def _spared_strike(stored: dict[str, Any] | None, sites: frozenset[Site]) -> dict[str, Any] | None:
    step = HeelStrikeStep(stored["step"]) if stored else HeelStrikeStep.NOT_RELEVANT
    if stored is None or step not in RUNS_ON_HEEL | {HeelStrikeStep.OFFER}:
        return stored
    why = never(sorted(sites)[0], logged=True, under_way=step in RUNS_ON_HEEL)
    return stored | {"step": HeelStrikeStep.NEVER.value, "reason": _stored_reason(why)}


def _stored_reason(reason: Reason) -> dict[str, Any]:
    return {"rule": reason.rule.value, "facts": [list(fact) for fact in reason.facts]}
