"""The response after an entry was saved: the page of a stop, or a redirect with messages."""

import contextlib
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from challenge.protocol.local_week import WEEK
from challenge.protocol.log_view import guarded_sites
from challenge.protocol.pain import PainReport, judge_pain, pain_color
from challenge.protocol.parameters import Parameters
from challenge.protocol.reading_hours import READS
from challenge.protocol.sentences import say
from challenge.protocol.vocabulary import PainColor, ReportKind, Side, Site
from challenge.workouts import actions
from challenge.workouts.access import RunnerRequest
from challenge.workouts.actions import LoggedEntry
from challenge.workouts.day_notices import load_notice
from challenge.workouts.forms import SessionForm
from challenge.workouts.models import AnyEntry, DailyLife, Morning, RestWeek, Run, StrengthSession

ANOTHER = (
    "You saved this form before with other values, so this is a separate entry. Did you mean to correct the "
    "first one? Then take one of the two out of your log."
)
SPARED = "Until a clinician has approved them, exercises that load your {site} come in an easier form or are left out."
ASKED = f"Thank you for telling us. {READS} They write or call if something should change."
GOES_ON = "Until then your targets continue."


def logged_response(
    request: RunnerRequest, logged: LoggedEntry[Any], sentence: str, *, back: str = "today"
) -> HttpResponse:
    """Redirect to the stop page for a stop symptom, else to `back` with a message of what was saved.

    While an earlier stop is open, the sentences on pain are left out: "go on as planned" is not for this runner.
    """
    if logged.stop is not None:
        return redirect("log_stop")
    messages.success(request, sentence)
    if logged.another:
        messages.info(request, ANOTHER)
    if logged.ask is not None:
        messages.warning(request, ASKED if request.stop is not None else f"{ASKED} {GOES_ON}")
    elif request.stop is None and (line := _pain_line(request, logged.entry, back)):
        messages.warning(request, line)
    if request.stop is None and isinstance(logged.entry, Run):
        _warn_of_load(request, [logged.entry], back)
    return redirect(back)


def logged_runs_response(
    request: RunnerRequest, logged: list[LoggedEntry[Run]], sentence: str
) -> HttpResponse:
    """Answer for several runs saved together: the most urgent one as any entry, the others with what they warn of."""
    first = max(logged, key=_urgency)
    response = logged_response(request, first, sentence)
    if first.stop is None and request.stop is None:
        _warn_of_load(request, [one.entry for one in logged if one is not first], "today")
    return response


def _urgency(logged: LoggedEntry[Run]) -> tuple[bool, bool, int]:
    return logged.stop is not None, logged.ask is not None, logged.entry.pain or 0


def _pain_line(request: RunnerRequest, entry: AnyEntry, back: str) -> str:
    """Return what to say of the pain. A red report of today is answered by a notice on the page that follows."""
    if isinstance(entry, DailyLife | RestWeek):
        return ""
    red = entry.pain is not None and pain_color(entry.pain, request.parameters) is PainColor.RED
    if red and back != "log" and entry.local_on == request.today:
        return spared_sentence(entry, request.parameters)
    return pain_sentence(entry, request.parameters)


def _warn_of_load(request: RunnerRequest, runs: list[Run], back: str) -> None:
    """State what runs warn of (`load.now`), unless /today/ follows with a notice of its own."""
    said: list[str] = []
    for run in runs:
        if (back == "today" and run.local_on == request.today) or run.local_on <= request.today - WEEK:
            continue
        notice = load_notice(
            request.enrollment, {run.pk}, on=run.local_on, at=request.at, parameters=request.parameters
        )
        kilometers = request.user.uses_kilometers
        reasons = notice.reasons if notice is not None else ()
        said += [reason.say(kilometers=kilometers).runner for reason in reasons]
    # Runs of the same days often warn of the same.
    for sentence in dict.fromkeys(said):
        messages.warning(request, sentence)


def save_missed_morning(request: RunnerRequest, form: SessionForm, key: uuid.UUID) -> None:
    """Log the missed morning that was answered with a session, unless that morning has its answer by now."""
    if (morning := form.morning()) is None:
        return
    with contextlib.suppress(actions.AlreadyAnswered):
        actions.log_morning(
            enrollment=request.enrollment,
            # Derived from the form's key, so that the form sent twice logs the morning once.
            key=uuid.uuid5(key, "morning"),
            by=request.user,
            at=request.at,
            **morning,
        )


def pain_sentence(entry: AnyEntry, parameters: Parameters) -> str:
    """Return the method's sentences for amber, red and joints (`pain.scale`); an empty text for green."""
    if isinstance(entry, DailyLife | RestWeek) or not entry.pain:
        return ""
    site = Site(entry.site) if entry.site else None
    judgment = judge_pain(
        PainReport(
            kind=ReportKind.MORNING if isinstance(entry, Morning) else ReportKind.SESSION,
            pain=entry.pain,
            site=site,
            side=Side(entry.side) if entry.side else None,
        ),
        parameters,
    )
    # Green needs no sentence, except at a joint: that is a question to the clinic from the first point of pain.
    if pain_color(entry.pain, parameters) is PainColor.GREEN and not any(
        reason.fact("joint") for reason in judgment.reasons
    ):
        return ""
    sentences = [say(reason.rule, reason.facts).runner for reason in judgment.reasons]
    return " ".join([*sentences, spared_sentence(entry, parameters)]).strip()


def spared_sentence(entry: Run | StrengthSession | Morning, parameters: Parameters) -> str:
    """Return what changes in the exercises because of a hurting knee or hip, or an empty text."""
    site = Site(entry.site) if entry.site else None
    guarded = guarded_sites([(site, entry.pain)], parameters)
    return " ".join(SPARED.format(site=site.label.lower()) for site in guarded)
