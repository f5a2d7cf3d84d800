"""The log itself: what stands in it, correcting an entry, taking one out."""

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from challenge.protocol.local_week import monday_of
from challenge.workouts import actions, queries
from challenge.workouts.access import RunnerRequest, runner_page
from challenge.workouts.corrections import CORRECTIONS, Correction
from challenge.workouts.distances import unit_of
from challenge.workouts.forms import SessionForm
from challenge.workouts.models import EntryKind
from challenge.workouts.views.responses import logged_response, save_missed_morning

WEEKS_A_PAGE = 6
GONE = "This entry was taken out of the log meanwhile."
CORRECTED = "Corrected. Targets that were sent stay; the next one knows."


@require_safe
@runner_page
def log(request: RunnerRequest) -> HttpResponse:
    """Six weeks of entries, newest first; older ones are a link away."""
    until = _until(request)
    first = monday_of(until) - timedelta(weeks=WEEKS_A_PAGE - 1)
    days = queries.days_between(request.enrollment, first=first, last=until)
    days.reverse()
    weeks = [(monday, list(found)) for monday, found in groupby(days, key=lambda d: monday_of(d.local_on))]
    start = request.enrollment.cohort.starts_on - timedelta(days=60)
    context = {
        "weeks": weeks,
        "unit": unit_of(request.user.uses_kilometers),
        "this_monday": monday_of(request.today),
        "earlier": first - timedelta(days=1) if first > start else None,
        "later": until < request.today,
    }
    return render(request, "workouts/log.html", context)


def _until(request: RunnerRequest) -> date:
    try:
        asked = date.fromisoformat(request.GET.get("until", ""))
    except ValueError:
        return request.today
    return min(max(asked, date(2000, 1, 1)), request.today)


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def entry(request: RunnerRequest, kind: str, pk: int) -> HttpResponse:
    """One entry, to look at and to correct; what it said before is kept."""
    correction, found = _entry_or_404(request, kind, pk)
    posted = request.POST if request.method == "POST" else None
    forms = correction.forms(found, posted, request)
    if posted is not None and forms.are_valid():
        try:
            logged = actions.change_entry(
                entry=found, values=forms.values(), sets=forms.sets(), by=request.user, at=request.at
            )
        except actions.EntryGone:
            messages.info(request, GONE)
            return redirect("log")
        except actions.AlreadyAnswered:
            forms.form.add_error(None, "There is an answer for that day already. Correct that one, please.")
        else:
            if isinstance(forms.form, SessionForm):
                save_missed_morning(request, forms.form, forms.form.entry_key())
            return logged_response(request, logged, CORRECTED, back="log")
    context = _context(request, found, forms) | {"correction": correction}
    return render(request, "workouts/entry.html", context, status=200 if posted is None else 422)


def _context(request: RunnerRequest, found: Any, forms: Any) -> dict[str, Any]:
    return {
        "entry": found,
        "form": forms.form,
        "exercises": forms.exercises,
        "morning": forms.morning,
        "unit": unit_of(request.user.uses_kilometers),
        "open_more": True,
        "history": queries.revisions(request.enrollment, kind=found.kind, entry_id=found.pk),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def delete(request: RunnerRequest, kind: str, pk: int) -> HttpResponse:
    """Asks once, then takes the entry out."""
    correction, found = _entry_or_404(request, kind, pk)
    if request.method == "POST":
        actions.delete_entry(entry=found, by=request.user, at=request.at)
        messages.success(request, "Taken out of your log.")
        return redirect("log")
    context = {"entry": found, "correction": correction, "unit": unit_of(request.user.uses_kilometers)}
    return render(request, "workouts/delete.html", context)


def _entry_or_404(request: RunnerRequest, kind: str, pk: int) -> tuple[Correction, Any]:
    """The runner's own living entry. Raises Http404 for anything else."""
    if kind not in EntryKind.values:
        raise Http404
    correction = CORRECTIONS[EntryKind(kind)]
    found = correction.entries(request.enrollment).filter(pk=pk).first()
    if found is None:
        raise Http404
    return correction, found
