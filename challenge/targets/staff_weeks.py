"""The coming week before it goes out, changed or held per runner until Monday 06:00; a message to a whole cohort."""

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from challenge.accounts.actions import note_access, note_accesses
from challenge.enrollment.models import Enrollment
from challenge.mail.preview import sandboxed
from challenge.targets import actions
from challenge.targets.forms import ChangeForm, CohortMessageForm
from challenge.targets.previews import Coming, coming_of, coming_week
from challenge.targets.staff import StaffRequest, cohort_or_404, for_clinicians, page, runner_or_404

WRONG = 422


@for_clinicians
@require_safe
def coming(request: StaffRequest, cohort: str) -> HttpResponse:
    """Every runner's next week as the engine would decide it now."""
    found = cohort_or_404(request.user, cohort)
    at = timezone.now()
    rows = list(coming_week(cohort=found, at=at))
    people = [row.runner.seat.user_id for row in rows if row.runner.seat.user_id is not None]
    note_accesses(viewer=request.user, runners=people, what="coming week", at=at)
    return render(request, "targets/coming.html", page(request, "The coming week", cohort=found, rows=rows))


def _coming_or_404(runner: Enrollment) -> Coming:
    found = coming_of(runner, at=timezone.now())
    if found is None:
        raise Http404
    return found


@for_clinicians
@require_http_methods(["GET", "HEAD", "POST"])
def coming_runner(request: StaffRequest, pk: int) -> HttpResponse:
    """One runner's coming week: the email as it stands, and a cadence to set or hold, with a reason."""
    runner = runner_or_404(request.user, pk)
    found = _coming_or_404(runner)
    form = ChangeForm(request.POST if request.method == "POST" else None, coming=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_coming_week(
                enrollment=runner,
                week_starts_on=found.week_starts_on,
                cadence_spm=form.cleaned_data["cadence_spm"],
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
            )
        except actions.TooLate as late:
            form.add_error(None, str(late))
        else:
            messages.success(request, "Set for the coming week. The preview below shows it.")
            return redirect("targets_admin:coming_runner", pk=pk)
    if runner.seat.user is not None:
        note_access(viewer=request.user, runner=runner.seat.user, what="coming week", at=timezone.now())
    context = page(request, "The coming week", runner=runner, coming=found, form=form, email=found.email())
    return render(request, "targets/coming_runner.html", context, status=_status(form))


@for_clinicians
@require_POST
def take_back(request: StaffRequest, pk: int) -> HttpResponse:
    """Back to what the rules say; not what the page did not show."""
    runner = runner_or_404(request.user, pk)
    found = _coming_or_404(runner)
    if request.POST.get("seen") != found.mark:
        messages.error(
            request, "It was changed, or the week has turned, since you opened the page. Look again."
        )
        return redirect("targets_admin:coming_runner", pk=pk)
    actions.take_back_change(enrollment=runner, week_starts_on=found.week_starts_on, at=timezone.now())
    messages.success(request, "Taken back. The rules decide the coming week.")
    return redirect("targets_admin:coming_runner", pk=pk)


@for_clinicians
@require_safe
def coming_html(request: StaffRequest, pk: int) -> HttpResponse:
    """What the preview's frame shows."""
    runner = runner_or_404(request.user, pk)
    email = _coming_or_404(runner).email()
    if email is None:
        raise Http404
    people = [runner.seat.user_id] if runner.seat.user_id is not None else []
    note_accesses(viewer=request.user, runners=people, what="coming week", at=timezone.now())
    return sandboxed(email.html)


@for_clinicians
@require_http_methods(["GET", "HEAD", "POST"])
def write_to_cohort(request: StaffRequest, cohort: str) -> HttpResponse:
    """One message to every runner of a cohort, in the clinic's letter paper."""
    found = cohort_or_404(request.user, cohort)
    form = CohortMessageForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        count = actions.write_to_cohort(cohort=found, at=timezone.now(), by=request.user, **form.cleaned_data)
        messages.success(request, f"On its way to {count} runners.")
        return redirect("targets_admin:messages")
    context = page(request, "Write to the cohort", cohort=found, form=form)
    return render(request, "targets/write.html", context, status=_status(form))


def _status(form: Form) -> int:
    return WRONG if form.errors else 200
