"""What a runner logs in one short form: a run, a morning, daily life, nothing this week, a pause.

The page of an open stop is here too. The log without a network is a page without user data, and the service worker
that stores it.
"""

import contextlib
import hashlib
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from challenge.care import actions as care
from challenge.care.models import Pause
from challenge.care.queries import pause_on
from challenge.clinic.queries import clinic_words
from challenge.protocol.local_week import monday_of
from challenge.protocol.reading_hours import READS
from challenge.protocol.sentences.stop import BY_SYMPTOM, EMERGENCY, TODAY
from challenge.protocol.vocabulary import STOP_SYMPTOMS, PauseReason, Site, Symptom
from challenge.workouts import actions, queries
from challenge.workouts.access import RunnerRequest, runner_page
from challenge.workouts.actions import AlreadyAnswered
from challenge.workouts.distances import distance_text, unit_of
from challenge.workouts.forms import DailyLifeForm, EntryForm, MorningForm, PauseForm, RestWeekForm, RunForm
from challenge.workouts.models import Run, entry_fields
from challenge.workouts.queries import last_run, morning_to_ask, usual_distance_m
from challenge.workouts.strength_forms import StrengthForm
from challenge.workouts.views.responses import logged_response, save_missed_morning


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def run(request: RunnerRequest) -> HttpResponse:
    """Show the form of a run, or log the run and the missed morning if it was answered with it."""
    form = RunForm(
        request.POST if request.method == "POST" else None,
        enrollment=request.enrollment,
        today=request.today,
        parameters=request.parameters,
        last=last_run(request.enrollment),
        usual_m=usual_distance_m(request.enrollment),
        morning_to_ask=morning_to_ask(request.enrollment, today=request.today),
    )
    if not form.is_valid():
        context = {"form": form, "unit": unit_of(request.user.uses_kilometers)}
        return render(request, "workouts/run.html", context, status=422 if form.is_bound else 200)
    key = form.entry_key()
    logged = actions.log_run(
        enrollment=request.enrollment, key=key, by=request.user, at=request.at, **form.values()
    )
    save_missed_morning(request, form, key)
    return logged_response(request, logged, _run_saved(logged.entry, unit_of(request.user.uses_kilometers)))


def _run_saved(entry: Run, unit: str) -> str:
    cadence = f" at {entry.cadence_spm}" if entry.cadence_spm else ""
    return f"Run saved: {distance_text(entry.distance_m, unit)}{cadence}."


CLINICIANS_BREAK = "A clinician paused you, so a clinician will end the pause. Feel ready? Write or call us."


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def morning(request: RunnerRequest) -> HttpResponse:
    """Ask for the missed morning, else for today's. A morning that has its answer is opened to correct it."""
    posted = request.POST if request.method == "POST" else None
    on = (
        _asked_day(request)
        or queries.morning_to_ask(request.enrollment, today=request.today)
        or request.today
    )
    if posted is None and (answer := queries.mornings(request.enrollment).filter(local_on=on).first()):
        return redirect("log_entry", "morning", answer.pk)
    form = MorningForm(
        posted,
        enrollment=request.enrollment,
        today=request.today,
        parameters=request.parameters,
        initial={"local_on": on},
    )
    if form.is_valid():
        try:
            logged = actions.log_morning(
                enrollment=request.enrollment,
                key=form.entry_key(),
                by=request.user,
                at=request.at,
                **form.values(),
            )
        except AlreadyAnswered as answered:
            messages.info(
                request, "You already told us about that morning. Here it is, so you can correct it."
            )
            return redirect("log_entry", "morning", answered.entry.pk)
        return logged_response(request, logged, "Morning saved.")
    context = {"form": form, "on": on}
    return render(request, "workouts/morning.html", context, status=422 if form.is_bound else 200)


def _asked_day(request: RunnerRequest) -> date | None:
    try:
        asked = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None
    return asked if request.today - timedelta(days=60) <= asked <= request.today else None


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def daily_life(request: RunnerRequest) -> HttpResponse:
    """Ask about daily life once a week; a second answer in the same week corrects the first."""
    form = DailyLifeForm(
        request.POST if request.method == "POST" else None,
        enrollment=request.enrollment,
        today=request.today,
        parameters=request.parameters,
    )
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "workouts/daily_life.html", {"form": form}, status=status)
    actions.answer_daily_life(
        enrollment=request.enrollment,
        key=form.entry_key(),
        week_starts_on=monday_of(request.today),
        local_on=request.today,
        pain=form.cleaned_data["pain"],
        by=request.user,
        at=request.at,
    )
    messages.success(request, "Thank you. That’s all we ask about daily life this week.")
    return redirect("today")


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def rest_week(request: RunnerRequest) -> HttpResponse:
    """Log "nothing this week": no reproach, no question why."""
    form = RestWeekForm(
        request.POST if request.method == "POST" else None,
        enrollment=request.enrollment,
        today=request.today,
    )
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "workouts/nothing.html", {"form": form}, status=status)
    # Pressing the button again means the same as pressing it once.
    with contextlib.suppress(AlreadyAnswered):
        actions.log_rest_week(
            enrollment=request.enrollment,
            key=form.entry_key(),
            week_starts_on=monday_of(request.today),
            note=form.cleaned_data["note"],
            by=request.user,
            at=request.at,
        )
    waits = "" if request.stop is not None else "; your target waits for you"
    messages.success(request, f"Noted. Weeks like this are part of it{waits}.")
    return redirect("today")


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def pause(request: RunnerRequest) -> HttpResponse:
    """Begin a pause, or end the running one; a pause that a clinician set is ended by a clinician."""
    running = pause_on(request.enrollment, on=request.today)
    # A pause that was ended on its first day still covers that day.
    if running is not None and running.ended_at is not None:
        running = None
    if request.method == "POST" and "back" in request.POST:
        return _end_pause(request, running)
    cohort = request.enrollment.cohort
    form = PauseForm(
        request.POST if request.method == "POST" else None,
        today=request.today,
        last=cohort.starts_on + timedelta(weeks=cohort.weeks),
    )
    if running is None and form.is_valid():
        try:
            care.pause(
                enrollment=request.enrollment,
                reason=PauseReason(form.cleaned_data["reason"]),
                starts_on=form.cleaned_data["starts_on"],
                ends_on=form.cleaned_data["ends_on"],
                by=request.user,
                at=request.at,
            )
        except care.AlreadyPaused:
            messages.info(request, "You’re paused already.")
        else:
            messages.success(request, "You’re paused. Get well, or enjoy the time off. We’ll be here.")
        return redirect("today")
    context = {"form": form, "running": running}
    return render(request, "workouts/pause.html", context, status=422 if form.is_bound else 200)


def _end_pause(request: RunnerRequest, running: Pause | None) -> HttpResponse:
    if running is not None and running.by_clinician:
        messages.info(request, CLINICIANS_BREAK)
        return redirect("log_pause")
    if running is not None:
        # Today counts again, so the pause ended yesterday.
        care.end_pause(pause=running, last_day=request.today - timedelta(days=1), at=request.at)
        start = "Start easy; your next number comes on Monday."
        if request.stop is not None:
            start = "Please don’t run yet: this page says what to do."
        messages.success(request, f"Welcome back. {start}")
    return redirect("today")


@require_safe
@runner_page
def stop(request: RunnerRequest) -> HttpResponse:
    """Show the open stop on a page of its own, for links and as the answer to a form."""
    if request.stop is None:
        return redirect("today")
    return render(request, "workouts/stop.html")


FILES = (
    "css/tokens.css",
    "css/base.css",
    "css/figures.css",
    "css/workouts.css",
    "css/session.css",
    "fonts/besley-var.woff2",
    "img/favicon.svg",
    "img/icons.svg",
    "js/waiting.js",
    "js/offline.js",
    "js/held-pages.js",
    "js/offline-log.js",
    "js/session-count.js",
    "js/session.js",
)


# The fields that the page lays out by hand; it folds all others of the same forms away below them.
OPEN_FIELDS = {"local_on", "distance_m", "duration_s", "cadence_spm", "pain", "site", "symptoms"}


def _folded(form: type[EntryForm], prefix: str) -> forms.Form:
    """Return the remaining fields of a log form, so that a new field reaches the page without a change here.

    The form itself cannot be used: it wants a runner and a day, and the page knows neither.
    """
    folded = forms.Form(auto_id=f"{prefix}-%s", label_suffix="")
    names = [name for name in entry_fields(form.model) if name in form.base_fields]
    folded.fields = {name: deepcopy(form.base_fields[name]) for name in names if name not in OPEN_FIELDS}
    return folded


def _offline_page() -> str:
    """Return the page, rendered without a request so that it cannot contain user data."""
    context: dict[str, Any] = {
        "numbers": range(11),
        "folded_run": _folded(RunForm, "run"),
        "folded_strength": _folded(StrengthForm, "strength"),
        "folded_morning": _folded(MorningForm, "morning"),
        "sites": Site.choices(),
        "symptoms": Symptom.choices(),
        "stops": " ".join(sorted(symptom.value for symptom in STOP_SYMPTOMS)),
        "stop_texts": [(symptom.value, text) for symptom, text in BY_SYMPTOM.items()],
        "no_running": TODAY,
        "emergency": EMERGENCY,
        "clinic": {"phone": clinic_words()["phone"], "email": settings.CLINIC_EMAIL, "reads": READS},
    }
    return render_to_string("workouts/offline/page.html", context)


@require_safe
@cache_control(no_cache=True)
def offline_page(request: HttpRequest) -> HttpResponse:
    """Return the page that the service worker shows for the log's URLs without a network."""
    return HttpResponse(_offline_page())


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """Return the service worker. It is at the root, because its path limits the URLs it may answer for."""
    # The browser compares bytes: a change of the page or of any file must change the script.
    version = hashlib.sha256("".join([_offline_page(), *map(static, FILES)]).encode()).hexdigest()[:12]
    text = render_to_string("workouts/offline/sw.js", {"files": FILES, "version": f"log-{version}"})
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")
