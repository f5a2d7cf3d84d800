"""What hurts, by the record of complaints and by the log, and the exercises that spare it from the report on.

Pages replace what loads such a joint before the week is decided again (`exercise.approval`, `strike.never`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from challenge.care.complaint_models import DismissedProposal, RunnerComplaint
from challenge.care.models import ClinicianOverride, WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.protocol.catalog.plan import CATALOG, Place
from challenge.protocol.heel_strike import never
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Reason, reason_for
from challenge.protocol.runner_plan import Guards, PainRecord, SiteAndSide, allowed_form
from challenge.protocol.snapshot import JointReport
from challenge.protocol.vocabulary import (
    GUARDED_JOINTS,
    ExerciseId,
    FormKind,
    HeelStrikeStep,
    Rule,
    Side,
    Site,
)
from challenge.workouts.models import AnyEntry, Morning, Run, StrengthSession
from challenge.workouts.queries import LogDay, log_days, log_days_of
from challenge.workouts.runner_log import changed_entries

MODELS_WITH_A_SITE = (Run, StrengthSession, Morning)
RUNS_ON_HEEL = frozenset({HeelStrikeStep.ON_HEEL, HeelStrikeStep.REVIEW})


def pain_reports(enrollments: Collection[int], *, at: datetime, least: int) -> dict[int, list[JointReport]]:
    """Return what was logged by `at` of pain at a joint, and elsewhere from `least` up, by enrollment id; one query.

    Where anything was, one more query reads the corrections.
    """
    found = log_days_of(enrollments, sore(least) & Q(logged_at__lte=at))
    changed = _changed_at({enrollment for enrollment, _ in found})
    reports: dict[int, list[JointReport]] = defaultdict(list)
    for enrollment, day in found:
        reports[enrollment].append(_report(day, changed))
    return reports


def sore(least: int) -> Q:
    """Choose the entries with any pain at a knee or hip, or with at least this much at another place."""
    return (Q(site__in=GUARDED_JOINTS, pain__gt=0) | Q(pain__gte=least)) & ~Q(site="")


def is_sore(day: LogDay, least: int) -> bool:
    """Return whether `sore` chooses this entry."""
    pain = day.pain or 0
    return bool(day.site) and (pain >= least or (pain > 0 and day.site in GUARDED_JOINTS))


def _changed_at(enrollments: Collection[int]) -> dict[tuple[str, int], datetime]:
    """Return when pain or place of an entry were last corrected: an answer from before that does not cover them."""
    if not enrollments:
        return {}
    rows = changed_entries(enrollments).order_by("number")
    return {
        (kind, entry): at
        for kind, entry, at, old, new in rows.values_list("kind", "entry_id", "at", "before", "values")
        if any(old.get(name) != new.get(name) for name in ("pain", "site", "side"))
    }


def _report(day: LogDay, changed: Mapping[tuple[str, int], datetime]) -> JointReport:
    """Return an entry as a report of pain; it was made when its pain or place were last corrected."""
    side = Side(day.side) if day.side else None
    reported_at = changed.get((day.kind, day.pk), day.logged_at)
    return JointReport(Site(day.site), day.local_on, day.pain or 0, side, reported_at)


def pain_record(
    enrollment: Enrollment,
    *,
    parameters: Parameters,
    logged: Iterable[LogDay] | None = None,
    complaints: Iterable[RunnerComplaint] | None = None,
) -> PainRecord:
    """Return the runner's complaints, what they logged, and what a clinician declined.

    `logged` and `complaints` are what a page has read already, with all `sore` entries. Where anything hurt, two more
    queries read the corrections and what was declined.
    """
    least = parameters.amber_from
    if logged is None:
        logged = log_days(enrollment, sore(least))
    if complaints is None:
        complaints = complaints_read(enrollment)
    days = [day for day in logged if is_sore(day, least)]
    changed = _changed_at([enrollment.pk] if days else [])
    # Only a report can have been declined.
    dismissals = DismissedProposal.objects.filter(enrollment=enrollment.pk) if days else ()
    return PainRecord(
        complaints=tuple(complaint.as_record() for complaint in complaints),
        reports=tuple(_report(day, changed) for day in days),
        dismissals=tuple(answer.as_answer() for answer in dismissals),
    )


def complaints_read(enrollment: Enrollment) -> QuerySet[RunnerComplaint]:
    """Return the complaints that the method reads: all but those that were opened by mistake."""
    return RunnerComplaint.objects.filter(enrollment=enrollment.pk, taken_back=False)


def has_sore_joint(request: Any) -> bool:
    """Return whether the reader is a runner with a joint that hurts; read once for a page."""
    enrollment, parameters = getattr(request, "enrollment", None), getattr(request, "parameters", None)
    if enrollment is None or parameters is None:
        return False
    if not hasattr(request, "sore_joint"):
        request.sore_joint = bool(pain_record(enrollment, parameters=parameters).sore_joints(parameters))
    return bool(request.sore_joint)


def guards_now(enrollment: Enrollment, *, parameters: Parameters, record: PainRecord | None = None) -> Guards:
    """Return what guards the runner's exercises now; `record` is theirs where the page has read it already."""
    record = record or pain_record(enrollment, parameters=parameters)
    # Without a joint that hurts nothing waits for an approval.
    approved = _approved_exercises(enrollment) if record.spared_joints(parameters) else ()
    return record.guards(approved, parameters)


def proposed_place(entry: AnyEntry, *, parameters: Parameters) -> SiteAndSide | None:
    """Return the place of this entry if a complaint is to be asked about there now (`complaint.open`), else None."""
    if not isinstance(entry, MODELS_WITH_A_SITE) or not entry.site:
        return None
    place = Site(entry.site), Side(entry.side) if entry.side else None
    # Green pain proposes nothing: spare the log of most entries the queries.
    if (entry.pain or 0) < parameters.amber_from:
        return None
    record = pain_record(entry.enrollment, parameters=parameters)
    return place if place in record.proposed(parameters) else None


def spare(target: WeeklyTarget | None, guards: Guards) -> WeeklyTarget | None:
    """Return the target with its exercises in the forms that spare what hurts now, or left out.

    The stored row keeps its decision: only this instance changes, and no page saves it.
    """
    if target is not None and (guards.joints or guards.heel_bone):
        lines = [_guarded_line(line, guards) for line in target.decision.get("exercises", [])]
        target.decision = target.decision | {
            "exercises": [line for line in lines if line is not None],
            "strike": _spared_strike(target.decision.get("strike"), guards.joints),
        }
    return target


def form_now(places: Iterable[Place], guards: Guards) -> dict[ExerciseId, FormKind]:
    """Return the form of each exercise that spares what hurts; an exercise without such a form is left out."""
    kinds = {place.exercise: allowed_form(place, guards) for place in places}
    return {exercise: kind for exercise, kind in kinds.items() if kind is not None}


def _approved_exercises(enrollment: Enrollment) -> frozenset[str]:
    rows = ClinicianOverride.objects.filter(
        enrollment=enrollment, what=ClinicianOverride.OverrideKind.APPROVAL, ended_at__isnull=True
    ).values_list("exercise", flat=True)
    return frozenset(rows)


def _guarded_line(line: dict[str, Any], guards: Guards) -> dict[str, Any] | None:
    exercise, form = CATALOG[ExerciseId(line["exercise"])], FormKind(line["form"])
    kind = allowed_form(Place(exercise.id, line["sessions_per_week"], form), guards)
    if kind is None or kind is form:
        return line if kind is form else None
    shown = exercise.form(kind)
    guarded = line | {"form": kind.value, "name": shown.name, "each_leg": shown.one_sided}
    if kind is FormKind.EASIER:
        why = reason_for(Rule.EXERCISE_APPROVAL, exercises=exercise.name, easier=True)
        guarded["reason"] = stored_reason(why)
    return guarded


def _spared_strike(stored: dict[str, Any] | None, sites: frozenset[Site]) -> dict[str, Any] | None:
    step = HeelStrikeStep(stored["step"]) if stored else HeelStrikeStep.NOT_RELEVANT
    if stored is None or not sites or step not in RUNS_ON_HEEL | {HeelStrikeStep.OFFER}:
        return stored
    why = never(sorted(sites)[0], logged=True, under_way=step in RUNS_ON_HEEL)
    return stored | {"step": HeelStrikeStep.NEVER.value, "reason": stored_reason(why)}


def stored_reason(reason: Reason) -> dict[str, Any]:
    """Return a reason in the form in which decisions are stored."""
    return {"rule": reason.rule.value, "facts": [list(fact) for fact in reason.facts]}
