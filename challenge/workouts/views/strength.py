"""The strength session: guided set by set, finished, or written down by hand in one form."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from challenge.intake.queries import intake_of
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.local_week import monday_of
from challenge.protocol.pain import LEFT_OUT_WHEN_RED, pain_today
from challenge.protocol.vocabulary import STOP_SYMPTOMS
from challenge.workouts import strength_session_actions as actions
from challenge.workouts.access import RunnerRequest, runner_page
from challenge.workouts.actions import LoggedEntry
from challenge.workouts.current_week import CurrentWeek, current_week
from challenge.workouts.day_notices import DayNotices, red_notice
from challenge.workouts.distances import unit_of
from challenge.workouts.models import StrengthSession
from challenge.workouts.prescribed_sets import PrescribedSets, dose_progress, load_unit, prescribed_sets
from challenge.workouts.queries import morning_to_ask, strength_sessions
from challenge.workouts.strength_forms import FinishForm, GuidedSetForm
from challenge.workouts.strength_session import (
    finished_at,
    length_text,
    needs,
    session_exercises,
    session_left_open,
    session_under_way,
    sets_for_script,
)
from challenge.workouts.strength_session_models import GuidedSession
from challenge.workouts.views.responses import logged_response, save_missed_morning
from challenge.workouts.views.strength_by_hand import by_hand_response

NOTHING_TO_SAVE = "There’s no set to save yet. Do one first, or log the session by hand."


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def strength(request: RunnerRequest) -> HttpResponse:
    """Lead through the week's exercises. Log a session that was written down by hand."""
    week = current_week(
        request.enrollment, today=request.today, stop=request.stop, parameters=request.parameters
    )
    if request.method != "POST" and (planned := _led_through(request, week)):
        return _session_page(request, week, planned)
    return by_hand_response(request, week)


def _led_through(request: RunnerRequest, week: CurrentWeek) -> list[PrescribedSets]:
    """Return what the page leads through: the week's exercises, or before the start the first ones, to try.

    Without a decision for this week (paused, on hold, after the end) it prescribes nothing; before the start nothing to
    runners who have not written to the clinic what hurts.
    """
    is_free = not (week.held or week.paused)
    to_try = week.before_start and is_free and intake_of(request.enrollment) is not None
    if not to_try and not (week.goes_on and week.exercises):
        return []
    return prescribed_sets(request.enrollment, week.target, parameters=request.parameters)


@require_safe
@runner_page
def by_hand(request: RunnerRequest) -> HttpResponse:
    """Show the form that takes a whole session immediately."""
    return by_hand_response(
        request,
        current_week(
            request.enrollment, today=request.today, stop=request.stop, parameters=request.parameters
        ),
    )


def _left_out(planned: list[PrescribedSets], under_way: GuidedSession | None) -> list[PrescribedSets]:
    """Return what a red report leaves out (`pain.today`); an exercise of which a set is stored stays."""
    begun = {row.planned for row in under_way.sets.all()} if under_way else set()
    return [
        one
        for one in planned
        if CATALOG[one.exercise].kind in LEFT_OUT_WHEN_RED and one.exercise.value not in begun
    ]


def _session_page(request: RunnerRequest, week: CurrentWeek, planned: list[PrescribedSets]) -> HttpResponse:
    unit = load_unit(request.user.uses_kilometers)
    under_way = session_under_way(request.enrollment, on=request.today)
    red = red_notice(week.recent, request.parameters, today=request.today)
    left_out = _left_out(planned, under_way) if red else []
    if len(left_out) == len(planned):
        return by_hand_response(request, week)
    exercises = session_exercises(request.enrollment, [one for one in planned if one not in left_out])
    with_weight = not week.before_start
    key = under_way.key if under_way else uuid.uuid4()
    context = {
        "exercises": exercises,
        "minutes": length_text(exercises),
        "needs": needs(exercises, with_weight=with_weight),
        "starts_on": request.enrollment.cohort.starts_on if week.before_start else None,
        "notices": DayNotices(request.today, red=red),
        "left_out": left_out,
        "left_open": session_left_open(request.enrollment, today=request.today),
        "form": _finish_form(request, key=key),
        "unit": unit,
        "distance_unit": unit_of(request.user.uses_kilometers),
        # Without a network the page itself answers a stop and a red report.
        "stops": " ".join(sorted(symptom.value for symptom in STOP_SYMPTOMS)),
        "red": pain_today(10, request.parameters),
        "session": {
            "key": key,
            "at": _milliseconds(request.at),
            "finished_at": _milliseconds(finished_at(request.enrollment, on=request.today)),
            "day": request.today,
            "week": monday_of(request.today),
            "unit": unit,
            "exercises": [exercise.for_script(unit, with_weight=with_weight) for exercise in exercises],
            "sets": sets_for_script(under_way, unit),
        },
    }
    return render(request, "workouts/strength/session.html", context)


def _milliseconds(at: datetime | None) -> int:
    return 0 if at is None else int(at.timestamp() * 1000)


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def sets(request: RunnerRequest) -> HttpResponse:
    """Store one set as it is done. Return the session's key and all of its sets, also those of another phone."""
    unit = load_unit(request.user.uses_kilometers)
    if request.method != "POST":
        session = session_under_way(request.enrollment, on=request.today)
        return _state(session, unit, stopped=request.stop is not None)
    form = GuidedSetForm(request.POST, unit=unit, today=request.today)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422)
    session = actions.save_set(enrollment=request.enrollment, by=request.user, at=request.at, **form.values())
    return _state(session, unit, stopped=request.stop is not None)


def _state(session: GuidedSession | None, unit: str, *, stopped: bool) -> JsonResponse:
    key = session.key if session is not None else None
    answer = JsonResponse({"key": key, "sets": sets_for_script(session, unit), "stopped": stopped})
    answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def finish(request: RunnerRequest) -> HttpResponse:
    """Finish a session: today's from its page, or one that was left open on an earlier day."""
    left = session_left_open(request.enrollment, today=request.today)
    session = left or session_under_way(request.enrollment, on=request.today)
    if request.method == "POST":
        return _finish(request)
    if session is None or not session.sets.exists():
        messages.info(request, NOTHING_TO_SAVE)
        return redirect("log_strength")
    form = _finish_form(request, key=session.key, day=session.local_on)
    return render(request, "workouts/strength/finish.html", _finish_context(session, form))


def _finish_form(request: RunnerRequest, *, key: uuid.UUID, day: Any = None, pains: Any = ()) -> FinishForm:
    return FinishForm(
        request.POST if request.method == "POST" else None,
        enrollment=request.enrollment,
        today=request.today,
        parameters=request.parameters,
        morning_to_ask=morning_to_ask(request.enrollment, today=request.today),
        set_pains=pains,
        initial={"key": key, "local_on": day or request.today},
    )


def _finish_context(session: GuidedSession | None, form: FinishForm) -> dict[str, Any]:
    rows = [*session.sets.all()] if session is not None else []
    return {"form": form, "left": session, "count": len(actions.sets_for_entry(rows))}


def _finish(request: RunnerRequest) -> HttpResponse:
    key = _key_of(request)
    session = GuidedSession.objects.filter(enrollment=request.enrollment, key=key).first()
    if "discard" in request.POST:
        actions.discard(enrollment=request.enrollment, session_key=key, at=request.at)
        messages.info(request, "Left out of your log.")
        return redirect("log_strength")
    rows = session.sets.exclude(pain=None) if session is not None else ()
    form = _finish_form(request, key=key, pains=[row.pain for row in rows])
    if form.is_valid():
        try:
            logged = actions.finish(
                enrollment=request.enrollment,
                session_key=key,
                by=request.user,
                at=request.at,
                **form.values(),
            )
        except actions.NothingDone:
            form.add_error(None, NOTHING_TO_SAVE)
        else:
            save_missed_morning(request, form, key)
            return _finished_response(request, logged)
    return render(request, "workouts/strength/finish.html", _finish_context(session, form), status=422)


def _key_of(request: RunnerRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid.uuid4()


def _finished_response(request: RunnerRequest, logged: LoggedEntry[StrengthSession]) -> HttpResponse:
    count = logged.entry.sets.count()
    sentence = f"Strength session saved: {count} {'set' if count == 1 else 'sets'}."
    return logged_response(
        request, logged, sentence, back=reverse("log_strength_done", args=[logged.entry.pk])
    )


@require_safe
@runner_page
def done(request: RunnerRequest, pk: int) -> HttpResponse:
    """Show what a finished session did for the next dose, or what red pain of today asks for instead."""
    entry = get_object_or_404(strength_sessions(request.enrollment), pk=pk)
    week = current_week(
        request.enrollment, today=request.today, stop=request.stop, parameters=request.parameters
    )
    red = None if request.stop else red_notice(week.recent, request.parameters, today=request.today)
    lines = dose_progress(
        request.enrollment, week.exercises, today=request.today, at=request.at, parameters=request.parameters
    )
    context = {
        "entry": entry,
        "week": week,
        "notices": DayNotices(request.today, red=red),
        "unit": unit_of(request.user.uses_kilometers),
        "climbing": [line for line in lines if line.following],
        "at_the_top": [line.name for line in lines if not line.following],
    }
    return render(request, "workouts/strength/done.html", context)
