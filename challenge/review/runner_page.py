"""Everything that one runner's page shows, in a constant number of queries."""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from challenge.calls.queries import calls_with
from challenge.care.complaints import complaint_changes_of, is_proposal
from challenge.care.flag_kinds import flag_weight
from challenge.care.models import ClinicianOverride, Flag, HeelStrikePeriod, Pause, PhaseChange, WeeklyTarget
from challenge.care.queries import current_targets
from challenge.enrollment.cohort_parameters import parameters_of
from challenge.enrollment.models import Enrollment, SeatState
from challenge.intake.queries import intake_of
from challenge.mail.queries import readable_messages
from challenge.outcomes.results import ScoredAnswer, charted_scores, results_of
from challenge.protocol.decision import Decision
from challenge.protocol.local_week import monday_of
from challenge.review.charts import RunnerChart
from challenge.review.clinician_notes import clinician_notes
from challenge.review.decision_forms import CloseFlagForm
from challenge.review.log_entries import log_lines
from challenge.review.queries import page_version_of
from challenge.review.timeline import TimelineEvent, override_text, timeline_events, timeline_weeks
from challenge.workouts.models import ALIVE, Morning, Run

SHOWN_DAYS = 100
EMAILS = 20
CALLS = 5


def runner_context(
    enrollment: Enrollment, *, today: date, closing: dict[int, CloseFlagForm]
) -> dict[str, Any]:
    """Return the page's context; `closing` holds the forms that came back with an error."""
    care = _care(enrollment)
    open_flags = [flag for flag in care["flags"] if flag.closed_at is None]
    # A flag that a colleague closed stays while this clinician's form about it is shown.
    shown_flags = [flag for flag in care["flags"] if flag.closed_at is None or flag.pk in closing]
    questionnaires = results_of(enrollment)
    changes = care["complaint_changes"]
    complaints = list({change.complaint_id: change.complaint for change in changes}.values())
    revisions, history = care.pop("targets"), timeline_events(**care)
    return {
        "enrollment": enrollment,
        "cohort": enrollment.cohort,
        "user_seen": enrollment.seat.user,
        "has_left": enrollment.seat.state != SeatState.CONFIRMED,
        "today": today,
        "flags": [
            (flag, flag.text, closing.get(flag.pk) or _closing(flag))
            for flag in sorted(shown_flags, key=lambda flag: -flag_weight(flag.kind))
        ],
        "weeks": timeline_weeks(revisions),
        "history": history,
        "log": log_lines(enrollment),
        "chart": _chart(enrollment, revisions, history, charted_scores(questionnaires), today=today),
        "intake": intake_of(enrollment),
        "entries": clinician_notes(enrollment),
        "questionnaires": questionnaires,
        "calls": list(calls_with(enrollment.address)[:CALLS]),
        "emails": list(readable_messages().filter(about=enrollment.about).order_by("-created_at")[:EMAILS]),
        "complaints": complaints,
        "proposals": [flag for flag in open_flags if is_proposal(flag)],
        **_now(care, revisions, open_flags, today=today),
    }


def _chart(
    enrollment: Enrollment,
    targets: list[WeeklyTarget],
    decisions: list[TimelineEvent],
    scores: list[ScoredAnswer],
    *,
    today: date,
) -> RunnerChart:
    since = today - timedelta(days=SHOWN_DAYS)
    return RunnerChart(
        runs=list(_since(Run, enrollment, since)),
        mornings=list(_since(Morning, enrollment, since)),
        targets=targets,
        decisions=decisions,
        scores=scores,
        today=today,
        parameters=parameters_of(enrollment.cohort, week_starts_on=monday_of(today)),
    )


def _care(enrollment: Enrollment) -> dict[str, list[Any]]:
    """Return every row of `care` about the runner, with one query for each table."""

    def mine(model: Any, *people: str) -> QuerySet[Any]:
        rows: QuerySet[Any] = model.objects.filter(enrollment=enrollment)
        return rows.select_related(*people)

    return {
        "targets": list(
            # Both are large JSON that the page does not show.
            current_targets(enrollment).select_related("message", "by").defer("snapshot", "parameters")
        ),
        "changes": list(mine(PhaseChange, "by").order_by("-at", "-pk")),
        "flags": list(mine(Flag, "taken_by", "closed_by").order_by("raised_at")),
        "overrides": list(mine(ClinicianOverride, "by", "ended_by").order_by("at")),
        "spells": list(mine(HeelStrikePeriod, "by", "ended_by").order_by("at")),
        "pauses": list(mine(Pause, "by").order_by("at")),
        "complaint_changes": list(complaint_changes_of(enrollment)),
    }


def _now(
    care: dict[str, list[Any]],
    targets: list[Any],
    flags: list[Flag],
    *,
    today: date,
) -> dict[str, Any]:
    """Return the runner's present state, and the version of what the page shows (`queries.page_version`)."""
    change = care["changes"][0] if care["changes"] else None
    target = targets[0] if targets else None
    override = [row for row in care["overrides"] if row.ended_at is None]
    spells = [row for row in care["spells"] if row.ended_on is None]
    pauses = [row for row in care["pauses"] if row.ended_at is None]
    return {
        "phase": change.to_phase if change else 1,
        "target": target,
        "decision": Decision.from_json(target.decision) if target and target.decision else None,
        "override": [(row, override_text(row)) for row in override],
        "spell": spells[0] if spells else None,
        "pause": next((row for row in care["pauses"] if row.covers(today)), None),
        "seen": page_version_of(
            target=target.pk if target else None,
            change=change.pk if change else None,
            flags=[flag.pk for flag in flags],
            override=[row.pk for row in override],
            spells=[row.pk for row in spells],
            pauses=[row.pk for row in pauses],
            complaints=[change.pk for change in care["complaint_changes"]],
        ),
    }


def _since(model: Any, enrollment: Enrollment, day: date) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.filter(ALIVE, enrollment=enrollment, local_on__gte=day)
    return rows.order_by("-local_on", "-pk")


def _closing(flag: Flag) -> CloseFlagForm:
    return CloseFlagForm(auto_id=f"flag-{flag.pk}-%s", label_suffix="")
