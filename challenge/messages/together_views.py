"""`/together/`: the wall of a cohort, for those who want to be on it; and the clinic's note of the week."""

from datetime import date

from django.contrib import admin, messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from challenge.accounts.staff import StaffRequest, for_clinicians
from challenge.enrollment.policies import cohorts_visible_to
from challenge.messages import together
from challenge.messages.forms import NoteOfWeekForm
from challenge.protocol.local_week import monday_of
from challenge.workouts.access import RunnerRequest, runner_page

CONFLICT, UNPROCESSABLE = 409, 422


def _week(request: RunnerRequest) -> date:
    return monday_of(request.today)


@require_safe
@runner_page
def wall(request: RunnerRequest) -> HttpResponse:
    """Show the wall to those who are on it; everyone else reads what it is, and the clinic's note."""
    place = together.place_of_runner(request.enrollment)
    week, cohort = _week(request), request.enrollment.cohort
    context = {
        "place": place,
        "cohort": cohort,
        "bib": request.enrollment.seat.number,
        "wall": together.wall_of(request.enrollment, week_starts_on=week) if place is not None else None,
        "note": together.note_of(cohort, week_starts_on=week),
    }
    return render(request, "messages/together.html", context)


@require_POST
@runner_page
def join(request: RunnerRequest) -> HttpResponse:
    """Put the runner on the wall, with or without the first name."""
    shows_name = request.POST.get("name") == "on"
    together.join_wall(enrollment=request.enrollment, shows_name=shows_name, at=request.at)
    messages.success(request, "You’re on the wall. You can leave it whenever you like.")
    return redirect("together")


@require_POST
@runner_page
def leave(request: RunnerRequest) -> HttpResponse:
    """Take the runner off the wall."""
    together.leave_wall(enrollment=request.enrollment)
    messages.success(request, "You’re off the wall, and so are your nods.")
    return redirect("together")


@require_POST
@runner_page
def nod(request: RunnerRequest, number: int) -> HttpResponse:
    """Give a nod to a bib on the wall; 404 for one that is not on it."""
    try:
        together.give_nod(
            giver=request.enrollment, number=number, week_starts_on=_week(request), at=request.at
        )
    except together.NotOnTheWall as error:
        raise Http404 from error
    return redirect("together")


@for_clinicians
@require_http_methods(["GET", "HEAD", "POST"])
def note_of_week(request: StaffRequest, cohort: str) -> HttpResponse:
    """Write the clinic's one note of this week to all runners of a cohort, or show the one there is."""
    chosen = get_object_or_404(cohorts_visible_to(request.user), slug=cohort)
    at = timezone.now()
    week = monday_of(timezone.localdate(at))
    form = NoteOfWeekForm(request.POST if request.method == "POST" else None)
    status = UNPROCESSABLE if form.is_bound else 200
    if form.is_valid():
        try:
            together.write_note_of_week(
                cohort=chosen, week_starts_on=week, text=form.cleaned_data["text"], by=request.user, at=at
            )
        except together.NoteWritten:
            form.add_error(None, "This week already has its note; we kept what you wrote below.")
            status = CONFLICT
        else:
            messages.success(request, "It’s on everyone’s page now.")
            return redirect("messages_admin:note_of_week", chosen.slug)
    context = {
        "title": f"Note of the week: {chosen.name}",
        "cohort": chosen,
        "form": form,
        "note": together.note_of(chosen, week_starts_on=week),
    }
    frame = admin.site.each_context(request)
    return render(request, "messages/staff/note_of_week.html", frame | context, status=status)
