"""Activity files: sent, read by the worker, looked at, saved."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from challenge.workouts import import_actions
from challenge.workouts.access import RunnerRequest, runner_page
from challenge.workouts.actions import LoggedEntry
from challenge.workouts.distances import unit_of
from challenge.workouts.import_forms import SKIP, UploadForm, import_previews
from challenge.workouts.models import ImportJob, Run
from challenge.workouts.queries import import_jobs
from challenge.workouts.views.responses import logged_response
from thrive.bodies import IMPORT_BYTES, takes_files


@takes_files(most_bytes=IMPORT_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def upload(request: RunnerRequest) -> HttpResponse:
    if request.method != "POST":
        form = UploadForm(initial={"batch": uuid.uuid4()}, label_suffix="")
        return render(request, "workouts/import.html", {"form": form})
    form = UploadForm(request.POST, request.FILES, label_suffix="")
    if form.is_valid():
        batch = form.cleaned_data["batch"]
        files = [(one.name or "", one.read()) for one in form.cleaned_data["activities"]]
        try:
            import_actions.start_import(
                enrollment=request.enrollment, batch=batch, files=files, at=request.at
            )
        except import_actions.TooManyFiles as refusal:
            form.add_error("activities", str(refusal))
        else:
            return redirect("log_import_preview", batch)
    return render(request, "workouts/import.html", {"form": form}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def preview(request: RunnerRequest, batch: uuid.UUID) -> HttpResponse:
    """What was read, run by run, to correct and to save; until then how far the reading is."""
    jobs = list(import_jobs(request.enrollment, batch=batch))
    if not jobs:
        raise Http404
    read = [job for job in jobs if job.state == ImportJob.ImportState.READ]
    if len(read) < len(jobs):
        context = {"jobs": jobs, "read": len(read)}
        return render(request, "workouts/import_reading.html", context)
    posted = request.POST if request.method == "POST" else None
    found = import_previews(request, jobs, posted)
    kept = [one for one in found if one.decision != SKIP]
    fine = [one.form.is_valid() for one in kept] if posted is not None else [False]
    if all(fine):
        logged = import_actions.save_imported(
            enrollment=request.enrollment,
            batch=batch,
            choices=[choice for one in kept if (choice := one.choice()) is not None],
            by=request.user,
            at=request.at,
        )
        return _save_runs(request, logged)
    context = {
        "jobs": jobs,
        "previews": found,
        "unit": unit_of(request.user.uses_kilometers),
        "errors": posted is not None,
    }
    return render(request, "workouts/import_preview.html", context, status=200 if posted is None else 422)


def _save_runs(request: RunnerRequest, logged: list[LoggedEntry[Run]]) -> HttpResponse:
    """As after any entry; of several runs, the one that needs an answer most has it."""
    if not logged:
        messages.info(request, "Nothing was saved.")
        return redirect("log")
    sentence = f"{len(logged)} {'run' if len(logged) == 1 else 'runs'} saved."
    return logged_response(request, max(logged, key=_urgency), sentence)


def _urgency(logged: LoggedEntry[Run]) -> tuple[bool, bool, int]:
    return logged.stop is not None, logged.ask is not None, logged.entry.pain or 0
