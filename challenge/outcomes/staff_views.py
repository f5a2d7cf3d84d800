"""`/admin/questionnaires/`: the owner loads one from a file; a clinician reads a runner's answers and types paper."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from challenge.accounts.actions import record_access
from challenge.accounts.queries import is_owner
from challenge.accounts.staff import StaffRequest, for_clinicians, for_staff
from challenge.enrollment.models import Enrollment
from challenge.enrollment.policies import runners_visible_to
from challenge.outcomes import actions
from challenge.outcomes.actions import Replaced
from challenge.outcomes.definition_file import WrongFile
from challenge.outcomes.forms import FITS, REPLACED, PaperForm, QuestionnaireFileForm
from challenge.outcomes.queries import built_in, definitions, in_force, names_of
from challenge.outcomes.results import results_of
from challenge.protocol.local_week import local_day
from thrive.bodies import takes_files

for_owner = for_staff(is_owner)
UNPROCESSABLE = 422
WHAT = "questionnaires"  # in the access log


@for_owner
@takes_files()
@require_http_methods(["GET", "HEAD", "POST"])
def questionnaires(request: StaffRequest) -> HttpResponse:
    """List the questionnaires; check a file, show what it would ask, and load it when its owner confirms."""
    form = QuestionnaireFileForm(request.POST or None, request.FILES or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.questionnaire is not None
        and "load" in request.POST
    ):
        try:
            loaded = actions.load(data=json.loads(form.content), by=request.user, at=timezone.now())
        except WrongFile as wrong:
            form.add_error("text", wrong.problems)
        else:
            messages.success(
                request, f"Version {loaded.version} of “{form.questionnaire.title}” is in force."
            )
            return redirect("outcomes:questionnaires")
    preview = form.questionnaire if form.is_bound and form.is_valid() else None
    context = {
        "title": "Questionnaires",
        "form": form if not form.is_bound else _with_text(form),
        "preview": preview,
        "listed": in_force(definitions()),
        "built_in": {one.code for one in built_in()},
    }
    return _render(request, "outcomes/staff/questionnaires.html", context, ok=not form.errors)


def _with_text(form: QuestionnaireFileForm) -> QuestionnaireFileForm:
    """Return the form with the file's text in its text field, where it can be repaired and loaded."""
    form.data = {**form.data.dict(), "text": form.content or form.data.get("text", "")}  # type: ignore[attr-defined]
    return form


@for_clinicians
@require_safe
def runner_answers(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one runner's answers, and lead to the forms that take paper."""
    enrollment = _runner(request, pk)
    context = {
        "title": f"Answers of {enrollment.seat.user or enrollment}",
        "enrollment": enrollment,
        "results": results_of(enrollment),
        "questionnaires": in_force(definitions()),
    }
    return _render(request, "outcomes/staff/runner.html", context)


@for_clinicians
@require_http_methods(["GET", "HEAD", "POST"])
def from_paper(request: StaffRequest, pk: int, code: str) -> HttpResponse:
    """Type an answer that a runner gave on paper; the same occasion again is a correction."""
    enrollment = _runner(request, pk)
    versions = definitions().get(code)
    if not versions:
        raise Http404
    one, at = versions[max(versions)], timezone.now()
    user, cohort = enrollment.seat.user, enrollment.cohort
    form = PaperForm(
        _typed(request),
        questionnaire=one,
        names=names_of(enrollment, code, but_week=None),
        today=local_day(at, user.zone) if user is not None else at.date(),
        starts_on=cohort.starts_on,
        weeks=cohort.weeks,
    )
    refused = ""
    if form.is_bound and form.data.get("version") not in (None, "", str(one.version)):
        refused = REPLACED.format(rest=FITS)
    elif form.is_valid():
        try:
            actions.answer(
                enrollment=enrollment,
                questionnaire=one,
                week=form.cleaned_data["week"],
                key=form.cleaned_data["key"] or uuid.uuid4(),
                values=form.values(),
                names=form.names(),
                answered_on=form.cleaned_data["answered_on"],
                on_paper=True,
                by=request.user,
                at=at,
            )
        except Replaced:
            refused = REPLACED.format(rest=FITS)
        else:
            messages.success(request, "Recorded.")
            return redirect("outcomes:runner", enrollment.pk)
    context = {"title": one.title, "enrollment": enrollment, "one": one, "form": form, "refused": refused}
    return _render(request, "outcomes/staff/paper.html", context, ok=not form.is_bound)


def _typed(request: StaffRequest) -> Mapping[str, str] | None:
    return request.POST if request.method == "POST" else None


def _runner(request: StaffRequest, pk: int) -> Enrollment:
    """Return the runner if this clinician may see the cohort, and record the look."""
    enrollment = get_object_or_404(runners_visible_to(request.user), pk=pk)
    if enrollment.seat.user is not None:
        record_access(viewer=request.user, runner=enrollment.seat.user, what=WHAT, at=timezone.now())
    return enrollment


def _render(
    request: StaffRequest, template: str, context: dict[str, Any], *, ok: bool = True
) -> HttpResponse:
    frame = admin.site.each_context(request)
    return render(request, template, frame | context, status=200 if ok else UNPROCESSABLE)
