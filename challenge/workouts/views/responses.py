"""The response after an entry was saved: the page of a stop, or a redirect with messages."""

import contextlib
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from challenge.protocol.log_view import guarded_sites
from challenge.protocol.pain import PainReport, judge_pain, pain_color
from challenge.protocol.reading_hours import READS
from challenge.protocol.sentences import say
from challenge.protocol.vocabulary import PainColor, ReportKind, Side, Site
from challenge.workouts import actions
from challenge.workouts.access import RunnerRequest
from challenge.workouts.actions import LoggedEntry
from challenge.workouts.forms import SessionForm
from challenge.workouts.models import AnyEntry, DailyLife, Morning, RestWeek

ANOTHER = (
    "You saved this form before with other values, so this is an entry of its own. Did you mean to correct the "
    "first? Then take one of the two out of your log."
)
SPARED = "What loads your {site} comes in its easier form, or not at all, until a clinician has approved it."
ASKED = f"Thank you for telling us. {READS} They write or call if something should change."
GOES_ON = "Until then your targets go on."


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
    elif request.stop is None and (line := pain_sentence(logged.entry)):
        messages.warning(request, line)
    return redirect(back)


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


def pain_sentence(entry: AnyEntry) -> str:
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
        )
    )
    # Green needs no sentence, except at a joint: that is a question to the clinic from the first point of pain.
    if pain_color(entry.pain) is PainColor.GREEN and not any(
        reason.fact("joint") for reason in judgment.reasons
    ):
        return ""
    sentences = [say(reason.rule, reason.facts).runner for reason in judgment.reasons]
    sentences += [SPARED.format(site=site.label.lower()) for site in guarded_sites([(site, entry.pain)])]
    return " ".join(sentences)
