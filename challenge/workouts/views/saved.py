"""What a runner is told after an entry was saved: a stop at once and on its own page, everything else in a line."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from challenge.protocol.pain import PainReport, ReportKind, judge
from challenge.protocol.sentences import say
from challenge.protocol.terms import Colour, Side, Site
from challenge.workouts.access import RunnerRequest
from challenge.workouts.actions import Logged
from challenge.workouts.models import Morning, Run, StrengthSession

ANOTHER = (
    "You saved this form before with other values, so this is an entry of its own. Did you mean to correct the "
    "first? Then take one of the two out of your log."
)
ASKED = (
    "Thank you for telling us. A clinician reads it on the next working day and writes or calls if something "
    "should change. Until then your targets go on."
)


def answer(
    request: RunnerRequest, logged: Logged[Run] | Logged[StrengthSession] | Logged[Morning], sentence: str
) -> HttpResponse:
    """To the stop page where a stop symptom was told, else back to today with what was saved."""
    if logged.stop is not None:
        return redirect("log_stop")
    messages.success(request, sentence)
    if logged.another:
        messages.info(request, ANOTHER)
    if logged.ask is not None:
        messages.warning(request, ASKED)
    elif line := about_pain(logged.entry):
        messages.warning(request, line)
    return redirect("today")


def about_pain(entry: Run | StrengthSession | Morning) -> str:
    """The method's sentence for amber, red and joints; nothing for green."""
    if not entry.pain:
        return ""
    judgement = judge(
        PainReport(
            kind=ReportKind.MORNING if isinstance(entry, Morning) else ReportKind.SESSION,
            pain=entry.pain,
            site=Site(entry.site) if entry.site else None,
            side=Side(entry.side) if entry.side else None,
        )
    )
    if judgement.colour is Colour.GREEN and not any(reason.fact("joint") for reason in judgement.reasons):
        return ""
    return " ".join(say(reason.rule, reason.facts).runner for reason in judgement.reasons)
