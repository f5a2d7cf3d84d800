"""A cohort as a whole: the report, also as CSV, and what other parameters would have decided."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from challenge.accounts.actions import record_accesses
from challenge.accounts.query_parameters import takes
from challenge.accounts.staff import StaffRequest, for_clinicians
from challenge.enrollment.models import Enrollment
from challenge.feedback.queries import cohort_feedback
from challenge.protocol.parameters import CLINIC, parameter_infos
from challenge.protocol.validation import ProtocolError
from challenge.review.admin_frame import render_in_admin
from challenge.review.queries import cohort_or_404
from challenge.review.report import CohortReport, build_report, report_csv
from challenge.review.what_if import what_if


@for_clinicians
@require_safe
def cohort_report(request: StaffRequest, cohort: str) -> HttpResponse:
    """Retention, adherence, pain and cadence with their spread, and what runners said. No runner is named."""
    chosen = cohort_or_404(request, cohort)
    found = build_report(chosen, today=timezone.localdate())
    _record_accesses(request, [line.enrollment for line in found.lines], "cohort report")
    context = {
        "title": f"{chosen.name}: report",
        "cohort": chosen,
        "report": found,
        "said": cohort_feedback(chosen),
    }
    return render_in_admin(request, "review/report.html", context)


@for_clinicians
@require_safe
def cohort_report_csv(request: StaffRequest, cohort: str) -> HttpResponse:
    """One line a runner; the export is written down for each of them."""
    chosen = cohort_or_404(request, cohort)
    found: CohortReport = build_report(chosen, today=timezone.localdate())
    _record_accesses(request, [line.enrollment for line in found.lines], "cohort report as CSV")
    response = HttpResponse(report_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{chosen.slug}-report.csv"'
    return response


class WhatIfForm(forms.Form):
    """One number of the method, and another value for it."""

    name = forms.ChoiceField(
        label="Number of the method",
        choices=[
            (name, f"{meaning.says}, now {getattr(CLINIC, name)}\u00a0{meaning.unit}")
            for name, meaning in parameter_infos().items()
        ],
    )
    value = forms.IntegerField(
        label="Instead",
        widget=forms.TextInput({"inputmode": "numeric", "size": 6}),
        error_messages={"invalid": "Write a whole number.", "required": "Write the number to try instead."},
    )


@for_clinicians
@takes(name=str, value=str)
@require_safe
def cohort_what_if(request: StaffRequest, cohort: str) -> HttpResponse:
    """Every past decision recomputed with one number altered; nothing is changed by it."""
    chosen = cohort_or_404(request, cohort)
    form = WhatIfForm(request.GET if "name" in request.GET else None, label_suffix="")
    found = None
    if form.is_bound and form.is_valid():
        altered = {form.cleaned_data["name"]: form.cleaned_data["value"]}
        try:
            found = what_if(cohort=chosen, altered=altered)
        except ProtocolError as error:
            form.add_error("value", f"This number cannot be: {error}.")
        else:
            _record_accesses(request, [runner.enrollment for runner in found.runners], "cohort what-if")
    context = {"title": f"{chosen.name}: what if", "cohort": chosen, "form": form, "found": found}
    return render_in_admin(request, "review/what_if.html", context)


def _record_accesses(request: HttpRequest, runners: list[Enrollment], what: str) -> None:
    ids = [runner.seat.user_id for runner in runners if runner.seat.user_id is not None]
    record_accesses(viewer=request.user, runners=ids, what=what, at=timezone.now())  # type: ignore[arg-type]
