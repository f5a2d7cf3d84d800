"""`/admin/emergency/`: open a record from outside its team."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from challenge.accounts.staff import StaffRequest, for_clinicians
from challenge.enrollment.emergency_access import NoSuchRunner, OpenAlready, open_record
from challenge.enrollment.emergency_models import EmergencyAccess
from challenge.enrollment.forms import EmergencyForm


@for_clinicians
@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request: StaffRequest) -> HttpResponse:
    """Show the form and what is open now; on POST open one record and go to it."""
    at = timezone.now()
    form = EmergencyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            access = open_record(email=typed["email"], reason=typed["reason"], by=request.user, at=at)
        except (NoSuchRunner, OpenAlready) as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.warning(request, "Open for one hour. We’ve emailed the runner and the owners.")
            enrollment = access.enrollment
            return redirect("review:runner", cohort=enrollment.cohort.slug, pk=enrollment.pk)
    return _page(request, form)


def _page(request: HttpRequest, form: forms.Form) -> HttpResponse:
    mine = EmergencyAccess.objects.filter(viewer=request.user.pk, ends_at__gt=timezone.now())
    context = {
        "form": form,
        "open": mine.select_related("enrollment__seat__cohort", "enrollment__seat__user").order_by("ends_at"),
        "title": "Emergency access",
        **admin.site.each_context(request),
    }
    return render(request, "enrollment/staff/emergency.html", context, status=422 if form.errors else 200)
