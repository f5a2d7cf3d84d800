"""Everything that one runner's page shows, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, Model, OuterRef, QuerySet

from challenge.accounts.models import AddressChange
from challenge.calls.models import Booking
from challenge.calls.queries import calls_with
from challenge.care.complaint_models import ComplaintChange, RunnerComplaint
from challenge.care.complaints import complaint_changes_of, is_proposal
from challenge.care.models import ClinicianOverride, Flag, HeelStrikePeriod, Pause, PhaseChange
from challenge.care.queries import current_targets
from challenge.care.questions import question_name, weight_of
from challenge.enrollment.cohort_parameters import parameters_of
from challenge.enrollment.models import Enrollment
from challenge.intake.queries import intake_of
from challenge.mail.queries import readable_messages
from challenge.messages.queries import thread, waiting_in
from challenge.outcomes.results import charted_scores, results_of
from challenge.protocol.decision import Decision
from challenge.protocol.local_week import monday_of
from challenge.protocol.phases import STOP_IS_OPEN
from challenge.protocol.vocabulary import FlagKind
from challenge.review.answer_forms import FlagForm, form_of
from challenge.review.answers import OfferedAnswer, answers_to, has_left, may_be_given
from challenge.review.board import question_label, suggested_cadence
from challenge.review.charts import RunnerChart, read_recorded
from challenge.review.log_entries import log_lines
from challenge.review.queries import ClinicianNote, clinician_notes, page_version_of
from challenge.review.timeline import override_text, timeline_events, timeline_weeks
from challenge.review.undo import recent_decisions

SHOWN_DAYS = 100
EMAILS = 20
CALLS = 5
THREAD = 6


def runner_context(
    enrollment: Enrollment, *, today: date, at: datetime, closing: dict[int, FlagForm]
) -> dict[str, Any]:
    """Return the page's context; `closing` holds the forms that came back with an error."""
    there = _there(enrollment)
    care = _care(enrollment, there)
    recorded = read_recorded(enrollment, since=today - timedelta(days=SHOWN_DAYS))
    measured = suggested_cadence(recorded.cadence_now)
    for flag in care["flags"]:
        flag.enrollment = enrollment  # its answers depend on the seat, which is read already
    open_flags = [flag for flag in care["flags"] if flag.closed_at is None]
    notes, questionnaires = clinician_notes(enrollment), results_of(enrollment)
    numbers = parameters_of(enrollment.cohort, week_starts_on=monday_of(today))
    undoable = recent_decisions(care, since=at - timedelta(minutes=numbers.quiet_minutes))
    revisions, history = care.pop("targets"), timeline_events(**care)
    return {
        **_who(enrollment),
        **_contacts(enrollment, there),
        **_questions(care["flags"], closing, today=today, suggested_spm=measured),
        **(now := _now(care, revisions, open_flags, today=today)),
        **_phase_view(now, open_flags, notes["tests"]),
        "today": today,
        "weeks": timeline_weeks(revisions),
        "history": history,
        "log": log_lines(enrollment),
        "chart": RunnerChart(
            recorded=recorded,
            targets=revisions,
            decisions=history,
            scores=charted_scores(questionnaires),
            flags=care["flags"],
            complaint_changes=care["complaint_changes"],
            today=today,
            parameters=numbers,
        ),
        "undoable": undoable,
        "quiet_minutes": numbers.quiet_minutes,
        "entries": notes,
        "recorded": recorded,
        "questionnaires": questionnaires,
        "complaints": _complaints(care["complaint_changes"]),
    }


def _questions(
    flags: list[Flag], closing: dict[int, FlagForm], *, today: date, suggested_spm: int | None
) -> dict[str, Any]:
    """Return the flags that are shown, each with its words and form, and which of them are proposals or repeated."""
    open_flags = [flag for flag in flags if flag.closed_at is None]
    # A flag that a colleague closed stays while this clinician's form about it is shown.
    shown = [flag for flag in flags if flag.closed_at is None or flag.pk in closing]
    return {
        "flags": [
            (flag, flag.text, closing.get(flag.pk) or form_of(flag, today=today, suggested_spm=suggested_spm))
            for flag in sorted(shown, key=lambda flag: -weight_of(flag, today=today))
        ],
        "proposals": [flag for flag in open_flags if is_proposal(flag)],
        "several": _asked_more_than_once(open_flags),
    }


def _complaints(changes: Iterable[ComplaintChange]) -> list[RunnerComplaint]:
    opened = {change.complaint_id: change.complaint for change in changes if not change.complaint.taken_back}
    return list(opened.values())


def _who(enrollment: Enrollment) -> dict[str, Any]:
    return {
        "enrollment": enrollment,
        "cohort": enrollment.cohort,
        "user_seen": enrollment.seat.user,
        "has_left": has_left(enrollment),
        "intake": intake_of(enrollment),
    }


def _contacts(enrollment: Enrollment, there: dict[type[Model], bool]) -> dict[str, Any]:
    """Return the newest messages, calls and emails, and whether the address was ever changed."""
    messages = thread(enrollment)
    return {
        "thread": messages[:THREAD],
        "message_waits": waiting_in(enrollment, messages),
        "calls": list(calls_with(enrollment.address)[:CALLS]) if there[Booking] else [],
        "emails": list(readable_messages().filter(about=enrollment.about).order_by("-created_at")[:EMAILS]),
        "address_changed": there[AddressChange],
    }


class AlikeQuestions(NamedTuple):
    """Open questions of one kind about one runner, which one answer with one reason may close."""

    label: str
    flags: list[Flag]
    answers: list[OfferedAnswer]


def _asked_more_than_once(flags: list[Flag]) -> list[AlikeQuestions]:
    """Return the questions that the runner has twice or more, whatever they are about; never a stop."""
    alike: dict[tuple[str, tuple[OfferedAnswer, ...]], list[Flag]] = defaultdict(list)
    for flag in flags:
        left = has_left(flag.enrollment)
        offered = tuple(one for one in answers_to(flag) if may_be_given(one, left=left))
        alike[question_name(flag), offered].append(flag)
    found = []
    for (_, offered), same in alike.items():
        answers = [answer for answer in offered if not answer.takes_cadence]
        if len(same) > 1 and answers:
            found.append(AlikeQuestions(question_label(same[0]), same, answers))
    return found


def _phase_view(now: dict[str, Any], flags: list[Flag], tests: list[ClinicianNote]) -> dict[str, Any]:
    """Return what is proposed and what the phase waits for, as of now.

    The stored decision may be older than the last decision of a person or the last test, where the week is not decided
    again: then its words about the phase are out of date and left out.
    """
    decision, target = now["decision"], now["target"]
    stale = decision is None or decision.phase.present != now["phase"]
    if stale:
        return {"stale": True, "proposed": None, "waits_for": ()}
    proposed = decision.phase.proposed if decision.phase.proposed != decision.phase.present else None
    stopped = any(flag.kind == FlagKind.STOP for flag in flags)
    tested = {test.what.split(",")[0].lower() for test in tests if test.at > target.at}
    waits_for = tuple(
        one
        for one in decision.phase.missing
        if (stopped or one.what != STOP_IS_OPEN) and not any(one.what.startswith(kind) for kind in tested)
    )
    return {
        "stale": False,
        "proposed": proposed,
        "waits_for": waits_for,
        "counted_at": decision.log_as_of,
    }


def _there(enrollment: Enrollment) -> dict[type[Model], bool]:
    """Return for each of the rarer tables whether it has a row about this runner, in one query."""
    about: dict[type[Model], QuerySet[Any]] = {
        model: model._default_manager.filter(enrollment=OuterRef("pk"))
        for model in (PhaseChange, ClinicianOverride, HeelStrikePeriod, Pause)
    }
    about |= {
        Booking: calls_with(enrollment.address).order_by(),
        AddressChange: AddressChange.objects.filter(user=OuterRef("seat__user")),
    }
    row = Enrollment.objects.filter(pk=enrollment.pk).values_list(*map(Exists, about.values()))
    return dict(zip(about, row.get(), strict=True))


def _care(enrollment: Enrollment, there: dict[type[Model], bool]) -> dict[str, list[Any]]:
    """Return every row of `care` about the runner, with one query for each table that has any."""

    def mine(model: Any, *people: str) -> QuerySet[Any]:
        rows: QuerySet[Any] = model.objects.filter(enrollment=enrollment)
        return rows.select_related(*people) if there.get(model, True) else rows.none()

    return {
        "targets": list(
            # Both are large JSON that the page does not show.
            current_targets(enrollment).select_related("message", "by").defer("snapshot", "parameters")
        ),
        "changes": list(mine(PhaseChange, "by").order_by("-at", "-pk")),
        "flags": list(mine(Flag, "taken_by", "closed_by").order_by("raised_at", "pk")),
        "overrides": list(mine(ClinicianOverride, "by", "ended_by").order_by("at", "pk")),
        "spells": list(mine(HeelStrikePeriod, "by", "ended_by").order_by("at", "pk")),
        "pauses": list(mine(Pause, "by").order_by("at", "pk")),
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
