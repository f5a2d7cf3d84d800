"""Activity files: the upload, and the preview of what the worker read in them."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from challenge.workouts import import_actions, inbound_mail
from challenge.workouts.access import RunnerRequest, runner_page
from challenge.workouts.actions import LoggedEntry
from challenge.workouts.distances import unit_of
from challenge.workouts.import_forms import SKIP, UploadForm, import_previews
from challenge.workouts.import_models import ImportJob
from challenge.workouts.import_queries import doubtful_imports, mark_imports_seen, waiting_imports
from challenge.workouts.models import Run
from challenge.workouts.queries import import_jobs
from challenge.workouts.views.responses import logged_runs_response
from thrive.bodies import IMPORT_BYTES, takes_files


@takes_files(most_bytes=IMPORT_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def upload(request: RunnerRequest) -> HttpResponse:
    """Show the upload form, or store the files for the worker, or hide the list of doubtful imports."""
    if request.method != "POST":
        return _upload_page(request)
    if "seen" in request.POST:
        mark_imports_seen(enrollment=request.enrollment, at=request.at)
        return redirect("log")
    shared = request.POST.get("source") == ImportJob.ImportSource.SHARE
    return _take(
        request, request.POST, ImportJob.ImportSource.SHARE if shared else ImportJob.ImportSource.UPLOAD
    )


@takes_files()
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def share(request: RunnerRequest) -> HttpResponse:
    """Take what the phone's share sheet sent past the service worker; without a file, say so.

    A share carries no token. Only the browser itself may send one: what another site sends is not taken.
    """
    from_the_phone = request.headers.get("Sec-Fetch-Site") in ("none", "same-origin")
    if request.method == "POST" and from_the_phone and request.FILES:
        return _take(request, {"batch": uuid.uuid4()}, ImportJob.ImportSource.SHARE)
    return _upload_page(request, nothing_shared=True)


@require_POST
@runner_page
def address(request: RunnerRequest) -> HttpResponse:
    """Give the runner a new address for files, or turn it off."""
    if not settings.INBOUND_MAIL_DOMAIN:
        raise Http404
    if request.POST.get("turn") == "off":
        inbound_mail.turn_off_address(enrollment=request.enrollment)
        messages.success(request, "Your address for files is off. We’ll drop anything mailed to it.")
    else:
        inbound_mail.make_address(enrollment=request.enrollment, by=request.user, at=request.at)
        messages.success(request, "Your new address for files is below. An earlier one is off.")
    return redirect("log_import")


def _upload_page(request: RunnerRequest, form: UploadForm | None = None, **more: Any) -> HttpResponse:
    waiting = waiting_imports(request.enrollment)
    context = {
        "form": form or UploadForm(initial={"batch": uuid.uuid4()}, label_suffix=""),
        "waiting": waiting,
        "mail_is_full": sum(one.by_mail for one in waiting) >= inbound_mail.MOST_MAILS,
        "most_files": import_actions.MOST_FILES,
        "unit": unit_of(request.user.uses_kilometers),
        "doubtful_imports": doubtful_imports(request.enrollment, today=request.today),
        "takes_mail": bool(settings.INBOUND_MAIL_DOMAIN),
        "mail_address": inbound_mail.address_of(request.enrollment),
    }
    return render(request, "workouts/import.html", context | more, status=422 if form else 200)


def _take(request: RunnerRequest, values: Mapping[str, Any], source: ImportJob.ImportSource) -> HttpResponse:
    form = UploadForm(values, request.FILES, label_suffix="")
    if form.is_valid():
        batch = form.cleaned_data["batch"]
        files = [(file.name or "", file.read()) for file in form.cleaned_data["activities"]]
        try:
            import_actions.start_import(
                enrollment=request.enrollment, batch=batch, files=files, source=source, at=request.at
            )
        except import_actions.TooManyFiles as refusal:
            form.add_error("activities", str(refusal))
        else:
            return redirect("log_import_preview", batch)
    return _upload_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def preview(request: RunnerRequest, batch: uuid.UUID) -> HttpResponse:
    """Show the runs of the upload to correct and to save, or the progress while files are being read."""
    jobs = list(import_jobs(request.enrollment, batch=batch))
    if not jobs:
        raise Http404
    read = [job for job in jobs if job.state == ImportJob.ImportState.READ]
    if len(read) < len(jobs):
        done = sum(100 if job in read else job.share_read for job in jobs) // len(jobs)
        context = {"jobs": jobs, "read": len(read), "done": done}
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
        "came_by_itself": jobs[0].source != ImportJob.ImportSource.UPLOAD and jobs[0].closed_at is None,
    }
    return render(request, "workouts/import_preview.html", context, status=200 if posted is None else 422)


def _save_runs(request: RunnerRequest, logged: list[LoggedEntry[Run]]) -> HttpResponse:
    """Answer as after any entry."""
    if not logged:
        messages.info(request, "Nothing was saved.")
        return redirect("log")
    sentence = f"{len(logged)} {'run' if len(logged) == 1 else 'runs'} saved."
    return logged_runs_response(request, logged, sentence)
