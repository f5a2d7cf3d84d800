"""Pages about a whole cohort: the report, also as CSV, and the replay with other parameters."""

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
from challenge.review.report import build_report, report_csv
from challenge.review.views import cohort_or_404, render_in_admin
from challenge.review.what_if import what_if


@for_clinicians
@require_safe
def cohort_report(request: StaffRequest, cohort: str) -> HttpResponse:
    """Show retention, adherence, pain and cadence with their spread, and the feedback; no names."""
    chosen = cohort_or_404(request, cohort)
    report = build_report(chosen, today=timezone.localdate())
    _record_accesses(request, [line.enrollment for line in report.lines], "cohort report")
    context = {
        "title": f"{chosen.name}: report",
        "cohort": chosen,
        "report": report,
        "feedback": cohort_feedback(chosen),
    }
    return render_in_admin(request, "review/report.html", context)


@for_clinicians
@require_safe
def cohort_report_csv(request: StaffRequest, cohort: str) -> HttpResponse:
    """Return one line a runner; the export is recorded for each of them."""
    chosen = cohort_or_404(request, cohort)
    report = build_report(chosen, today=timezone.localdate())
    _record_accesses(request, [line.enrollment for line in report.lines], "cohort report as CSV")
    response = HttpResponse(report_csv(report), content_type="text/csv; charset=utf-8")
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
    """Show every past decision recomputed with one number changed; nothing is stored."""
    chosen = cohort_or_404(request, cohort)
    form = WhatIfForm(request.GET if "name" in request.GET else None, label_suffix="")
    result = None
    if form.is_bound and form.is_valid():
        altered = {form.cleaned_data["name"]: form.cleaned_data["value"]}
        try:
            result = what_if(cohort=chosen, altered=altered)
        # Only the engine knows which combinations of parameters are possible.
        except ProtocolError as error:
            form.add_error("value", f"This number cannot be: {error}.")
        else:
            _record_accesses(request, [runner.enrollment for runner in result.runners], "cohort what-if")
    context = {"title": f"{chosen.name}: what if", "cohort": chosen, "form": form, "result": result}
    return render_in_admin(request, "review/what_if.html", context)


def _record_accesses(request: HttpRequest, runners: list[Enrollment], what: str) -> None:
    ids = [runner.seat.user_id for runner in runners if runner.seat.user_id is not None]
    record_accesses(viewer=request.user, runners=ids, what=what, at=timezone.now())  # type: ignore[arg-type]
