"""Activity files: the upload, and the preview of what the worker read in them."""

import uuid
from typing import Any

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
from challenge.workouts.old_imports import doubtful_imports, mark_imports_seen
from challenge.workouts.queries import import_jobs
from challenge.workouts.views.responses import logged_response
from thrive.bodies import IMPORT_BYTES, takes_files


@takes_files(most_bytes=IMPORT_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def upload(request: RunnerRequest) -> HttpResponse:
    """Show the upload form, or store the files for the worker, or hide the list of doubtful imports."""
    if request.method != "POST":
        form = UploadForm(initial={"batch": uuid.uuid4()}, label_suffix="")
        return render(request, "workouts/import.html", _upload_context(request, form))
    if "seen" in request.POST:
        mark_imports_seen(enrollment=request.enrollment, at=request.at)
        return redirect("log")
    form = UploadForm(request.POST, request.FILES, label_suffix="")
    if form.is_valid():
        batch = form.cleaned_data["batch"]
        files = [(file.name or "", file.read()) for file in form.cleaned_data["activities"]]
        try:
            import_actions.start_import(
                enrollment=request.enrollment, batch=batch, files=files, at=request.at
            )
        except import_actions.TooManyFiles as refusal:
            form.add_error("activities", str(refusal))
        else:
            return redirect("log_import_preview", batch)
    return render(request, "workouts/import.html", _upload_context(request, form), status=422)


def _upload_context(request: RunnerRequest, form: UploadForm) -> dict[str, Any]:
    return {
        "form": form,
        "unit": unit_of(request.user.uses_kilometers),
        "doubtful_imports": doubtful_imports(request.enrollment, today=request.today),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def preview(request: RunnerRequest, batch: uuid.UUID) -> HttpResponse:
    """Show the runs of the upload to correct and to save, or the progress while files are being read."""
    jobs = list(import_jobs(request.enrollment, batch=batch))
    if not jobs:
        raise Http404
    read = [job for job in jobs if job.state == ImportJob.ImportState.READ]
    if len(read) < len(jobs):
        percent = sum(100 if job in read else job.percent for job in jobs) // len(jobs)
        context = {"jobs": jobs, "read": len(read), "percent": percent}
        return render(request, "workouts/import_reading.html", context)
    posted = request.POST if request.method == "POST" else None
    previews = import_previews(request, jobs, posted)
    chosen = [preview for preview in previews if preview.decision != SKIP]
    # Check every form before `all`, which would stop at the first invalid one: the page shows every error together.
    valid = [preview.form.is_valid() and not preview.is_undecided for preview in chosen]
    if posted is not None and all(valid):
        logged = import_actions.save_imported(
            enrollment=request.enrollment,
            batch=batch,
            choices=[choice for preview in chosen if (choice := preview.choice()) is not None],
            by=request.user,
            at=request.at,
        )
        return _save_runs(request, logged)
    context = {
        "jobs": jobs,
        "previews": previews,
        "unit": unit_of(request.user.uses_kilometers),
        "errors": posted is not None,
    }
    return render(request, "workouts/import_preview.html", context, status=200 if posted is None else 422)


def _save_runs(request: RunnerRequest, logged: list[LoggedEntry[Run]]) -> HttpResponse:
    """Answer as after any entry; of several runs, the one that needs an answer most decides."""
    if not logged:
        messages.info(request, "Nothing was saved.")
        return redirect("log")
    sentence = f"{len(logged)} {'run' if len(logged) == 1 else 'runs'} saved."
    return logged_response(request, max(logged, key=_urgency), sentence)


def _urgency(logged: LoggedEntry[Run]) -> tuple[bool, bool, int]:
    return logged.stop is not None, logged.ask is not None, logged.entry.pain or 0
