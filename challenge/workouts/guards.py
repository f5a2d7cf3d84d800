"""Protection of a knee or hip that hurts, by the record of complaints and by the log, from the moment of the report.

Pages replace what loads such a joint before the week is decided again (`exercise.approval`, `strike.never`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, JSONObject, NullIf

from challenge.care.complaint_models import DismissedProposal, RunnerComplaint
from challenge.care.models import ClinicianOverride, WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.protocol.catalog.plan import CATALOG, Place
from challenge.protocol.heel_strike import never
from challenge.protocol.json_codec import revive
from challenge.protocol.pain_record import PainRecord, SiteAndSide
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Reason, reason_for
from challenge.protocol.runner_plan import Guards, allowed_form
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
from challenge.workouts.models import ALIVE, AnyEntry, EntryRevision, Morning, Run, StrengthSession

MODELS_WITH_A_SITE = (Run, StrengthSession, Morning)
SIDE = NullIf("side", Value(""))
RUNS_ON_HEEL = frozenset({HeelStrikeStep.ON_HEEL, HeelStrikeStep.REVIEW})


def pain_reports(enrollments: Collection[int], *, at: datetime, least: int) -> dict[int, list[JointReport]]:
    """Return what was logged by `at` of pain at a joint, and elsewhere from `least` up, by enrollment id; one query."""
    first, *others = [
        sore_entries(model, least=least)
        .filter(enrollment__in=enrollments, logged_at__lte=at)
        .values_list("enrollment_id", "site", "side", "local_on", "pain", "reported_at")
        for model in MODELS_WITH_A_SITE
    ]
    reports: dict[int, list[JointReport]] = defaultdict(list)
    for enrollment, where, side, on, pain, reported_at in first.union(*others, all=True):
        reports[enrollment].append(
            JointReport(Site(where), on, pain or 0, Side(side) if side else None, reported_at)
        )
    return reports


def sore_entries(model: type[Run | StrengthSession | Morning], *, least: int) -> QuerySet[Any]:
    """Return the entries with any pain at a knee or hip, or with at least this much at another place.

    `reported_at` is when the runner reported this pain at this place: by the last correction that changed either one.
    """
    sore = Q(site__in=GUARDED_JOINTS, pain__gt=0) | Q(pain__gte=least)
    entries = model._default_manager.filter(ALIVE, sore).exclude(site="")
    return entries.annotate(reported_at=Coalesce(_changed_at(model), "logged_at"))


def _changed_at(model: type[Run | StrengthSession | Morning]) -> Subquery:
    """Return when pain or place were last corrected, or null: an answer from before that does not cover them."""
    revisions = EntryRevision.objects.filter(kind=model.kind)
    same = {name: OuterRef(name) for name in ("values__pain", "values__site", "values__side")}
    before = revisions.filter(entry_id=OuterRef("entry_id"), number=OuterRef("number") - 1, **same)
    changed = revisions.filter(~Exists(before), entry_id=OuterRef("pk"), change=EntryRevision.Change.CHANGED)
    return Subquery(changed.order_by("-number").values("at")[:1])


def pain_columns(enrollment: Enrollment, parameters: Parameters) -> list[ArraySubquery]:
    """Return the columns that `pain_record_from` reads, for a query of one row."""
    mine = {"enrollment": enrollment.pk}
    complaint = JSONObject(
        key=Cast("pk", CharField()),
        site="site",
        side=SIDE,
        kind=NullIf("kind", Value("")),
        track_approved="track_approved",
        status="status",
        opened_on="opened_on",
        since_on="changed_on",
        changed_at="changed_at",
    )
    answer = JSONObject(site="site", side=SIDE, at="at")
    report = JSONObject(site="site", side=SIDE, on="local_on", pain="pain", logged_at="reported_at")
    return [
        ArraySubquery(RunnerComplaint.objects.filter(**mine, taken_back=False).values(row=complaint)),
        ArraySubquery(DismissedProposal.objects.filter(**mine).values(row=answer)),
        *(
            ArraySubquery(sore_entries(model, least=parameters.amber_from).filter(**mine).values(row=report))
            for model in MODELS_WITH_A_SITE
        ),
    ]


def pain_record_from(columns: Sequence[Any]) -> PainRecord:
    """Return the record that the columns of `pain_columns` hold."""
    complaints, dismissals, *reports = columns
    rows = [report for of_model in reports for report in of_model]
    data = {"complaints": complaints, "dismissals": dismissals, "reports": rows}
    return revive(PainRecord, data, "pain record")


def pain_record(enrollment: Enrollment, *, parameters: Parameters) -> PainRecord:
    """Return the runner's complaints, what they logged, and what a clinician declined, in one query."""
    row = Enrollment.objects.filter(pk=enrollment.pk).values_list(*pain_columns(enrollment, parameters))
    return pain_record_from(row.get())


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
        guarded["reason"] = _stored_reason(why)
    return guarded


def _spared_strike(stored: dict[str, Any] | None, sites: frozenset[Site]) -> dict[str, Any] | None:
    step = HeelStrikeStep(stored["step"]) if stored else HeelStrikeStep.NOT_RELEVANT
    if stored is None or not sites or step not in RUNS_ON_HEEL | {HeelStrikeStep.OFFER}:
        return stored
    why = never(sorted(sites)[0], logged=True, under_way=step in RUNS_ON_HEEL)
    return stored | {"step": HeelStrikeStep.NEVER.value, "reason": _stored_reason(why)}


def _stored_reason(reason: Reason) -> dict[str, Any]:
    return {"rule": reason.rule.value, "facts": [list(fact) for fact in reason.facts]}
