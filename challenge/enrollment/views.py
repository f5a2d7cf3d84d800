"""`/early-access/`: join a list, confirm, leave it. Links of notices: an objection to a change, “this wasn’t me”.

Every address gets the same answer, so that the pages never reveal which ones are on a list. `/admin/emergency/` opens
a record from outside its team.
"""

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from challenge.accounts.queries import is_frozen, open_objection
from challenge.accounts.rate_limits import DAY_S, is_within_limit, network_is_within
from challenge.accounts.staff import StaffRequest, for_clinicians
from challenge.enrollment.address_changes import LinkNotValid, change_of, object_to
from challenge.enrollment.disputes import (
    NoticeLinkExpired,
    NoticeLinkInvalid,
    account_of,
    event_of,
    report_not_me,
    was_cleared,
    was_reported,
)
from challenge.enrollment.emergency_models import EmergencyAccess
from challenge.enrollment.forms import EmergencyForm, WaitingListForm
from challenge.enrollment.queries import public_cohort
from challenge.enrollment.staff_actions import NoSuchRunner, OpenAlready, open_record
from challenge.enrollment.waiting_list import (
    InvalidLink,
    came_too_late,
    confirm_entry,
    early_access_runs,
    entry_of_token,
    join_waiting_list,
    leave_waiting_list,
    move_to_launch_list,
    open_list,
)


@require_http_methods(["GET", "HEAD", "POST"])
def early_access(request: HttpRequest) -> HttpResponse:
    """Join the list that is open now: early access before opening, the public launch after."""
    at = timezone.now()
    cohort = public_cohort(at=at)
    form = WaitingListForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if not network_is_within(request, "list", an_hour=20, a_day=60):
            return render(request, "429.html", status=429)
        # Same redirect for bots and for addresses over their limit: the answer reveals nothing.
        human = not form.cleaned_data["website"]
        if human and is_within_limit("list-by-address", email, times=5, window_s=DAY_S):
            join_waiting_list(email=email, cohort=cohort, at=at)
        return redirect("early_access_asked")
    context = {"form": form, "which": open_list(cohort=cohort, at=at), "cohort": cohort, "now": at}
    return render(request, "enrollment/early_access.html", context, status=422 if form.errors else 200)


@require_safe
def check_your_email(request: HttpRequest) -> HttpResponse:
    """Ask to look into the mailbox; the same page for every address."""
    return render(request, "enrollment/check_your_email.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, token: str) -> HttpResponse:
    """Show the buttons to confirm or leave. GET changes nothing: mail scanners open links."""
    try:
        entry = entry_of_token(token)
    except InvalidLink as error:
        raise Http404(str(error)) from error
    done, at = "", timezone.now()
    if request.method == "POST" and request.POST.get("do") == "launch":
        entry = move_to_launch_list(place=entry, at=at)
        done = "launch"
    elif request.method == "POST" and request.POST.get("do") == "leave":
        leave_waiting_list(place=entry)
        done = "left"
    elif request.method == "POST":
        confirm_entry(place=entry, at=at)
        done = "confirmed"
    context = {
        "place": entry,
        "done": done,
        "cohort": entry.cohort,
        "late": came_too_late(entry, at=at),
        "invited": entry.cohort is not None and early_access_runs(entry.cohort, at=at),
    }
    return render(request, "enrollment/waiting_list_place.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def object_to_address(request: HttpRequest, token: str) -> HttpResponse:
    """Show the button to object, for the link mailed to the old address. GET changes nothing."""
    try:
        change = change_of(token)
    except LinkNotValid as error:
        raise Http404(str(error)) from error
    if request.method == "POST":
        change = object_to(change=change, at=timezone.now())
    return render(
        request,
        "enrollment/object_to_address.html",
        {"change": change, "needs_clinician": open_objection(change.user) is not None},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """Show what happened and the button, for the link of a notice. GET changes nothing: mail scanners open links."""
    try:
        event = event_of(token)
        account = account_of(event)
    except NoticeLinkInvalid as error:
        raise Http404(str(error)) from error
    except NoticeLinkExpired:
        return render(request, "account/not_me.html", {"expired": True}, status=410)
    if request.method == "POST":
        report_not_me(event=event, at=timezone.now())
    context = {
        "event": event,
        "cleared": was_cleared(event),
        "done": was_reported(event),
        "frozen": is_frozen(account),
    }
    with timezone.override(account.zone):
        return render(request, "account/not_me.html", context)


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
