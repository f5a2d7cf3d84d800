"""`/admin/seats/`: the front desk and the owner enroll people, end seats, correct addresses and invite."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from challenge.accounts.actions import record_accesses
from challenge.accounts.queries import is_owner, latest_changes, open_objections
from challenge.accounts.query_parameters import NUMBER, takes
from challenge.accounts.sessions import (
    FRESH_TO_SEND,
    TYPED,
    is_fresh,
    keep_typed,
    redirect_to_confirm,
    typed_before,
)
from challenge.accounts.staff import StaffRequest, for_front_desk
from challenge.enrollment import staff_actions
from challenge.enrollment.actions import AddressWaits, AlreadyRunning, SeatRefused, withdraw
from challenge.enrollment.address_changes import AddressRefused, ask_for_address, describe_waiting
from challenge.enrollment.cohort_actions import HoldsRunning, close_cohort
from challenge.enrollment.csv_files import cohort_csv, import_invitations, read_invitations
from challenge.enrollment.forms import (
    AddressForm,
    CloseForm,
    EndSeatForm,
    InvitationsForm,
    InviteOneForm,
    LaunchForm,
    PersonForm,
)
from challenge.enrollment.models import Cohort, EndReason, Seat, SeatState
from challenge.enrollment.queries import cohort_state, likely_duplicates
from challenge.enrollment.waiting_list import (
    CannotAnnounce,
    CannotInvite,
    announce,
    can_invite,
    invitable,
    invite,
    invite_one,
    outcomes,
    queue_counts,
)
from thrive.bodies import takes_files


@for_front_desk
@takes(page=NUMBER)
@require_safe
def cohorts(request: StaffRequest) -> HttpResponse:
    """List every cohort, the newest first."""
    rows = Cohort.objects.order_by("-starts_on", "-pk")
    listed = Paginator(rows, 25).get_page(request.GET.get("page"))
    return render(request, "enrollment/staff/cohorts.html", {"cohorts": listed, **_admin_context(request)})


@for_front_desk
@require_safe
def seats(request: StaffRequest, slug: str) -> HttpResponse:
    """Show one cohort's seats with the forms of everything that can be done there."""
    return _page(request, _cohort(slug), at=timezone.now())


def _cohort(slug: str) -> Cohort:
    return get_object_or_404(Cohort, slug=slug)


def _admin_context(request: HttpRequest) -> dict[str, Any]:
    return admin.site.each_context(request)


def _page(
    request: HttpRequest,
    cohort: Cohort,
    *,
    at: datetime,
    status: int = 200,
    refused: tuple[int, forms.Form | None] = (0, None),
    **forms_by_name: Any,
) -> HttpResponse:
    """Render the page; `refused` is a seat's id and the invalid form that was sent for it."""
    seats = list(Seat.objects.filter(cohort=cohort).select_related("user").order_by("number", "-held_at"))
    _record_accesses(request, seats, "seats", at=at)
    context = {
        "cohort": cohort,
        "state": cohort_state(cohort=cohort, at=at),
        "rows": _rows(request, seats, refused),
        "sent": refused[1],
        "duplicates": likely_duplicates(cohort=cohort),
        "waiting": invitable(cohort=cohort).filter(confirmed_at__isnull=False).count(),
        "never_confirmed": invitable(cohort=cohort).filter(confirmed_at__isnull=True).count(),
        "may_invite": can_invite(cohort=cohort, at=at),
        "one_form": InviteOneForm(auto_id="one_%s"),
        "now": at,
        "person_form": PersonForm(),
        "file_form": InvitationsForm(),
        "close_form": CloseForm(slug=cohort.slug),
        **forms_by_name,
        **_admin_context(request),
    }
    return render(request, "enrollment/staff/seats.html", context, status=status)


def _record_accesses(request: HttpRequest, seats: Iterable[Seat], what: str, *, at: datetime) -> None:
    """Record a look at each person whose seat is shown."""
    viewer: Any = request.user
    people = [seat.user_id for seat in seats if seat.user_id is not None]
    record_accesses(viewer=viewer, runners=people, what=what, at=at)


def _rows(
    request: HttpRequest, seats: list[Seat], refused: tuple[int, forms.Form | None]
) -> list[dict[str, Any]]:
    """Return each seat with its two forms; the refused form keeps what was typed."""
    rows = []
    people = [seat.user_id for seat in seats if seat.user_id is not None]
    changes, objections = latest_changes(people), open_objections(people)
    for seat in seats:
        sent = refused[1] if seat.pk == refused[0] else None
        ids = f"seat-{seat.pk}-%s"
        person = seat.user_id or 0
        row: dict[str, Any] = {
            "seat": seat,
            "change": changes.get(person),
            "objection": objections.get(person),
        }
        if seat.state != SeatState.ENDED and seat.user is not None:
            typed = typed_before(request, f"address of seat {seat.pk}")
            blank = AddressForm(auto_id=f"address-{ids}", initial=typed)
            row["address"] = sent if isinstance(sent, AddressForm) else blank
            row["end"] = sent if isinstance(sent, EndSeatForm) else EndSeatForm(auto_id=f"end-{ids}")
        rows.append(row)
    return rows


@for_front_desk
@require_POST
def person(request: StaffRequest, slug: str) -> HttpResponse:
    """Enroll a person, or hold a seat for two days."""
    at, cohort, form = timezone.now(), _cohort(slug), PersonForm(request.POST)
    if not form.is_valid():
        return _page(request, cohort, at=at, status=422, person_form=form)
    act = staff_actions.enroll_person if request.POST.get("do") == "enroll" else staff_actions.hold_for_caller
    try:
        act(cohort=cohort, by=request.user, at=at, **form.cleaned_data)
    except (AddressWaits, AlreadyRunning) as refusal:
        form.add_error("email", str(refusal))
        return _page(request, cohort, at=at, status=422, person_form=form)
    except SeatRefused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, cohort, at=at, person_form=form)
    messages.success(request, "Done. We’ve emailed them.")
    return redirect("seats_admin:seats", slug=slug)


@for_front_desk
@require_POST
def seat(request: StaffRequest, slug: str, pk: int) -> HttpResponse:
    """End one seat, or change its person's address, which needs a recent sign-in."""
    at, cohort = timezone.now(), _cohort(slug)
    shown = get_object_or_404(Seat.objects.select_related("user"), pk=pk, cohort=cohort)
    form: forms.Form
    done = f"Seat {shown.number} is as you entered it."
    if request.POST.get("do") == "end":
        form = EndSeatForm(request.POST, auto_id=f"end-seat-{pk}-%s")
        if form.is_valid():
            typed = form.cleaned_data
            withdraw(
                seat=shown, reason=EndReason(typed["why"]), remark=typed["reason"], by=request.user, at=at
            )
    else:
        form = AddressForm(request.POST, auto_id=f"address-seat-{pk}-%s")
        if not is_fresh(request, within=FRESH_TO_SEND):
            keep_typed(request, f"address of seat {pk}", {name: form[name].value() for name in form.fields})
            return redirect_to_confirm(request, back=reverse("seats_admin:seats", args=[slug]))
        if form.is_valid():
            done = _change_address(request, shown, form, at=at) or done
    if form.errors:
        return _page(request, cohort, at=at, status=422, refused=(pk, form))
    messages.success(request, done)
    return redirect("seats_admin:seats", slug=slug)


def _change_address(request: StaffRequest, seat: Seat, form: forms.Form, *, at: datetime) -> str:
    """Request the change; return the sentences about a waiting one, else "". Add a refusal to the field."""
    # What was kept while they confirmed the session is now in the form.
    request.session.pop(TYPED, None)
    if seat.user is None:
        return ""
    try:
        change = ask_for_address(user=seat.user, by=request.user, at=at, **form.cleaned_data)
    except AddressRefused as refusal:
        form.add_error("email", str(refusal))
        return ""
    return describe_waiting(change) if change is not None and change.is_waiting else ""


@for_front_desk
@require_POST
def close(request: StaffRequest, slug: str) -> HttpResponse:
    """Close enrollment, for good."""
    at, cohort = timezone.now(), _cohort(slug)
    form = CloseForm(request.POST, slug=slug)
    if form.is_valid():
        try:
            close_cohort(cohort=cohort, by=request.user, at=at)
        except HoldsRunning as error:
            until = date_format(timezone.localtime(error.until), r"g:i A \o\n F j")
            form.add_error("sure", f"{error} The last hold ends at {until}. Close after that.")
        else:
            messages.success(request, "Enrollment is closed.")
            return redirect("seats_admin:seats", slug=slug)
    return _page(request, cohort, at=at, status=422, close_form=form)


@takes_files()
@for_front_desk
@require_POST
def invitations(request: StaffRequest, slug: str) -> HttpResponse:
    """Invite all who are on the list, or read addresses from a file: first as a dry run, then for good."""
    at, cohort = timezone.now(), _cohort(slug)
    if (do := request.POST.get("do")) in {"invite", "invite_unconfirmed"}:
        try:
            number = invite(cohort=cohort, at=at, never_confirmed=do == "invite_unconfirmed")
            messages.success(request, f"{number} invited.")
        except CannotInvite as error:
            messages.error(request, str(error))
        return redirect("seats_admin:seats", slug=slug)
    if do == "one":
        return _invite_one(request, cohort, at=at)
    form, invitations = InvitationsForm(request.POST, request.FILES), None
    try:
        if form.is_valid() and request.POST.get("do") == "import":
            invitations = import_invitations(cohort=cohort, text=form.text(), at=at)
        elif form.is_valid():
            invitations = read_invitations(cohort=cohort, text=form.text())
    except forms.ValidationError as error:
        form.add_error("file", error)
    if form.errors:
        return _page(request, cohort, at=at, status=422, file_form=form)
    return _page(request, cohort, at=at, file_form=form, invitations=invitations)


def _invite_one(request: StaffRequest, cohort: Cohort, *, at: datetime) -> HttpResponse:
    """Invite one address from the form."""
    form = InviteOneForm(request.POST, auto_id="one_%s")
    if form.is_valid():
        try:
            entry = invite_one(cohort=cohort, email=form.cleaned_data["email"], at=at)
        except CannotInvite as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, f"{entry.email} is invited.")
            return redirect("seats_admin:seats", slug=cohort.slug)
    return _page(request, cohort, at=at, status=422, one_form=form)


@for_front_desk
@require_http_methods(["GET", "HEAD", "POST"])
def launch(request: StaffRequest) -> HttpResponse:
    """Show the launch list, its order and the waves; the owner announces the launch."""
    at, may_announce = timezone.now(), is_owner(request.user)
    form = LaunchForm(request.POST if request.method == "POST" else None, at=at)
    if request.method == "POST" and not may_announce:
        raise PermissionDenied
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        every = timedelta(hours=typed["every_hours"])
        try:
            waves = announce(
                cohort=typed["cohort"], size=typed["size"], first_at=typed["first_at"], every=every,
                by=request.user, at=at,
            )  # fmt: skip
        except CannotAnnounce as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Announced: {len(waves)} wave{'s' if len(waves) > 1 else ''}.")
            return redirect("seats_admin:launch")
    announced = Cohort.objects.filter(launch_waves__isnull=False).distinct().order_by("-starts_on")[:5]
    context = {
        "form": form,
        "counts": queue_counts(),
        "may_announce": may_announce,
        "announced": [(cohort, outcomes(cohort=cohort)) for cohort in announced],
        **_admin_context(request),
    }
    return render(request, "enrollment/staff/launch.html", context, status=422 if form.errors else 200)


@for_front_desk
@require_POST
def export(request: StaffRequest, slug: str) -> HttpResponse:
    """Return the cohort as CSV, without health data. The export is recorded as a look at each person."""
    cohort = _cohort(slug)
    _record_accesses(request, Seat.objects.filter(cohort=cohort), "seats as CSV", at=timezone.now())
    response = HttpResponse(cohort_csv(cohort=cohort), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}.csv"'
    return response
