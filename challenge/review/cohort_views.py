"""Pages about a whole cohort: the report, also as CSV, and the replay with other numbers, which may be signed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from challenge.accounts.actions import record_accesses
from challenge.accounts.queries import is_clinician, is_owner
from challenge.accounts.query_parameters import takes
from challenge.accounts.staff import StaffRequest, for_clinicians, for_staff
from challenge.enrollment.cohort_parameters import (
    CannotSign,
    next_monday,
    parameters_of,
    range_sentence,
    sign_parameters,
    signed_changes,
)
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.policies import cohorts_visible_to
from challenge.feedback.queries import cohort_feedback
from challenge.outcomes.results import cohort_outcomes
from challenge.protocol.parameters import Parameters
from challenge.protocol.validation import ProtocolError
from challenge.review.report import build_report, reminder_effects, report_csv
from challenge.review.response_times import message_times, response_times
from challenge.review.views import CONFLICT, cohort_or_404, render_in_admin
from challenge.review.what_if import SignForm, WhatIfForm, what_if

for_signers = for_staff(lambda user: is_clinician(user) or is_owner(user))


@for_clinicians
@require_safe
def cohort_report(request: StaffRequest, cohort: str) -> HttpResponse:
    """Show retention, adherence, pain and cadence with their spread, and the feedback; no names."""
    chosen, at = cohort_or_404(request, cohort), timezone.now()
    report = build_report(chosen, today=timezone.localdate())
    _record_accesses(request, [line.enrollment for line in report.lines], "cohort report")
    context = {
        "title": f"{chosen.name}: report",
        "cohort": chosen,
        "report": report,
        "feedback": cohort_feedback(chosen),
        "outcomes": cohort_outcomes(chosen),
        "responses": [*response_times(chosen, at=at), message_times(chosen, at=at)],
        "reminders": reminder_effects(chosen),
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


@for_signers
@takes(name=str, value=str)
@require_safe
def cohort_what_if(request: StaffRequest, cohort: str) -> HttpResponse:
    """Show every past decision recomputed with one number changed; nothing is stored."""
    chosen = _cohort_to_sign(request, cohort)
    form = WhatIfForm(
        request.GET if "name" in request.GET else None, parameters=_parameters_next(chosen), label_suffix=""
    )
    return _what_if_page(request, chosen, form)


@for_signers
@require_http_methods(["GET", "POST"])
def sign_numbers(request: StaffRequest, cohort: str) -> HttpResponse:
    """Change one number of the method for this cohort, from next Monday on; a GET leads to the What if page."""
    chosen = _cohort_to_sign(request, cohort)
    if request.method == "GET":
        return redirect("review:what_if", cohort=chosen.slug)
    form = SignForm(request.POST, parameters=_parameters_next(chosen), label_suffix="", auto_id="sign-%s")
    if form.is_valid():
        try:
            signed = sign_parameters(
                cohort=chosen,
                altered={form.cleaned_data["name"]: form.cleaned_data["value"]},
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
            )
        except CannotSign as refusal:
            form.add_error("value", str(refusal))
        else:
            day = f"{signed.from_week_on:%B} {signed.from_week_on.day}"
            messages.success(request, f"Signed: in force from Monday, {day}.")
            return redirect("review:what_if", cohort=chosen.slug)
    return _what_if_page(request, chosen, form, status=CONFLICT)


def _what_if_page(
    request: StaffRequest, cohort: Cohort, form: WhatIfForm, *, status: int = 200
) -> HttpResponse:
    """Show the form, what would have differed, and the form to sign; owners read counts, but no runner."""
    result = None
    if form.is_bound and form.is_valid():
        altered = {form.cleaned_data["name"]: form.cleaned_data["value"]}
        try:
            result = what_if(cohort=cohort, altered=altered)
        # Only the engine knows which combinations of parameters are possible.
        except ProtocolError as error:
            form.add_error("value", range_sentence(error))
    names = cohorts_visible_to(request.user).filter(pk=cohort.pk).exists()
    if result is not None and names:
        _record_accesses(request, [runner.enrollment for runner in result.runners], "cohort what-if")
    sign = form if isinstance(form, SignForm) else None
    if sign is None and result is not None:
        sign = SignForm(
            initial=form.cleaned_data,
            parameters=_parameters_next(cohort),
            label_suffix="",
            auto_id="sign-%s",
        )
    context = {
        "title": f"{cohort.name}: what if",
        "cohort": cohort,
        "form": form if sign is not form else None,
        "sign": sign,
        "result": result,
        "names": names,
        "signed": signed_changes(cohort),
        "monday": next_monday(cohort, at=timezone.now()),
    }
    return render_in_admin(request, "review/what_if.html", context, status=status)


def _cohort_to_sign(request: StaffRequest, slug: str) -> Cohort:
    """Return the cohort to its clinicians and to owners."""
    if is_owner(request.user):
        return get_object_or_404(Cohort, slug=slug)
    return cohort_or_404(request, slug)


def _parameters_next(cohort: Cohort) -> Parameters:
    """Return the numbers in force for the cohort next Monday, which a change builds on."""
    return parameters_of(cohort, week_starts_on=next_monday(cohort, at=timezone.now()))


def _record_accesses(request: HttpRequest, runners: list[Enrollment], what: str) -> None:
    ids = [runner.seat.user_id for runner in runners if runner.seat.user_id is not None]
    record_accesses(viewer=request.user, runners=ids, what=what, at=timezone.now())  # type: ignore[arg-type]
