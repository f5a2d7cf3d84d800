"""Cohorts, seats and the ledger in the admin. Seats are read-only there: only actions change them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from challenge.accounts.actions import record_accesses
from challenge.accounts.admin_base import AuditedAdmin
from challenge.accounts.queries import user_ids_with_address
from challenge.accounts.query_parameters import PRIMARY_KEY
from challenge.db.generic_classes import AnyTabularInline
from challenge.enrollment.admin_base import RecentCohortFilter
from challenge.enrollment.cohort_actions import (
    begin_cohorts,
    clinician_ids,
    record_clinicians,
    write_of_moved_dates,
)
from challenge.enrollment.cohort_forms import (
    ClinicianFormSet,
    CohortForm,
)
from challenge.enrollment.emergency_models import EmergencyAccess
from challenge.enrollment.models import Cohort, CohortClinician, EarlyAccess, LedgerEntry, Seat
from challenge.enrollment.policies import (
    runners_visible_to,
    seats_visible_to,
)
from challenge.enrollment.queries import has_seats, recipient_ids
from challenge.mail.admin import LargeTableAdmin, OutboxAdmin, ReadOnlyAdmin
from challenge.mail.models import OutboxMessage


@admin.register(OutboxMessage)
class ScopedOutboxAdmin(AuditedAdmin, OutboxAdmin):
    """The outbox, narrowed to messages about the viewer's runners and those to the viewer."""

    show_full_result_count = False  # counting every message would read the whole table

    def people_in(self, ids: Iterable[Any]) -> Iterable[int]:
        """Return the runners whom the messages are about or were sent to."""
        return recipient_ids(OutboxMessage.objects.filter(pk__in=list(ids)).only("about", "to_email"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        messages = super().get_queryset(request)
        viewer: Any = request.user
        runners = runners_visible_to(viewer).values_list("pk", flat=True)
        about = [
            f"enrollment:{pk}" for pk in runners
        ]  # listed by name, so that the index on `about` finds them
        visible = Q(about__in=about) | Q(to_email=viewer.email)
        if viewer.is_superuser:  # keeps the mail running: all but what is about a runner's weeks
            visible |= ~Q(about__startswith="enrollment:")
        return messages.filter(visible)

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        raise Http404


class NumbersOnlyAutocomplete(AutocompleteSelect):
    """Django's widget, which looks up whatever was sent when a refused form is shown again, and fails on text."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [key if PRIMARY_KEY(str(key)) else "" for key in value], attr)


class ClinicianInline(AnyTabularInline):
    model = CohortClinician
    formset = ClinicianFormSet
    extra = 0
    autocomplete_fields = ("user",)

    def get_formset(self, request: HttpRequest, obj: Cohort | None = None, **options: Any) -> Any:
        """Return the formset class for this request: its rows depend on who adds them."""
        made: Any = super().get_formset(request, obj, **options)
        made.by = request.user
        return made

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            options["widget"] = NumbersOnlyAutocomplete(db_field, self.admin_site, using=options.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **options)


def _may_be_deleted(cohort: Cohort) -> bool:
    return cohort.begun_at is None and cohort.closed_at is None and not has_seats(cohort)


@admin.register(Cohort)
class CohortAdmin(LargeTableAdmin):
    form = CohortForm
    list_display = ("name", "starts_on", "weeks", "capacity", "opens_at", "closed_at", "desk")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (ClinicianInline,)
    search_fields = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Cohort | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("closed_at",)
        return (*(("capacity",) if has_seats(obj) else ()), "begun_at", "over_at", "closed_at")

    def get_fields(self, request: HttpRequest, obj: Cohort | None = None) -> list[Any]:
        """Leave out the questions of a cohort that has begun, or that no one has joined."""
        fields = [*super().get_fields(request, obj)]
        if obj is None:
            return [name for name in fields if name not in {"touches_people", "flags_to_clinic", "as_shown"}]
        asks = obj.begun_at is None and has_seats(obj)
        return fields if asks else [name for name in fields if name != "touches_people"]

    def save_model(self, request: HttpRequest, obj: Cohort, form: Any, change: bool) -> None:
        """Write to everyone with a seat whose dates move."""
        before = Cohort.objects.filter(pk=obj.pk).values("starts_on", "weeks").first()
        super().save_model(request, obj, form, change)
        if before is not None:
            write_of_moved_dates(cohort=obj, **before, at=timezone.now())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Record who reads the cohort's health data from now on."""
        by: Any = request.user
        before = clinician_ids(form.instance)
        super().save_related(request, form, formsets, change)
        record_clinicians(cohort=form.instance, before=before, by=by, at=timezone.now())

    def has_delete_permission(self, request: HttpRequest, obj: Cohort | None = None) -> bool:
        """Only one by one, and before anyone has joined: the trigger `cohort_with_a_history_stays` holds the rest."""
        return obj is not None and _may_be_deleted(obj) and super().has_delete_permission(request, obj)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Set `begun_at` before a change is checked: the worker that does it may be late or down."""
        if request.method == "POST":
            begin_cohorts(at=timezone.now())
        response = super().changeform_view(request, object_id, form_url, extra_context)
        self._record_names(request, response)
        return response

    def _record_names(self, request: HttpRequest, response: HttpResponse) -> None:
        """Record the look at the people whom a refused change of the dates names."""
        shown = getattr(response, "context_data", None) or {}
        if "adminform" in shown and (touched := getattr(shown["adminform"].form, "touched", [])):
            viewer: Any = request.user
            people = [seat.user_id for seat in touched if seat.user_id is not None]
            what = "who would be moved with a cohort"
            record_accesses(viewer=viewer, runners=people, what=what, at=timezone.now())

    @admin.display(description="seats")
    def desk(self, cohort: Cohort) -> str:
        """Return a link to the cohort's seats, where the front desk works."""
        return format_html('<a href="{}">seats</a>', reverse("seats_admin:seats", args=[cohort.slug]))

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Cohort | None = None
    ) -> dict[str, Sequence[str]]:
        return {"slug": ("name",)} if obj is None else {}


@admin.register(Seat)
class SeatAdmin(AuditedAdmin, ReadOnlyAdmin):
    to_person = "user"
    list_display = ("cohort", "number", "email", "state", "held_at", "confirmed_at", "ended_at", "end_reason")
    list_select_related = ("cohort",)
    list_filter = (RecentCohortFilter, "state")
    search_fields = ("email", "user__name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Seat]:
        """Narrow the list for clinicians to the seats of their own cohorts."""
        viewer: Any = request.user
        return super().get_queryset(request) & seats_visible_to(viewer)


@admin.register(LedgerEntry)
class LedgerAdmin(AuditedAdmin, ReadOnlyAdmin):
    to_person = "user"
    list_display = ("at", "cohort", "seat", "user", "happened", "by", "reason")
    list_select_related = ("cohort", "seat", "user", "by")
    list_filter = (RecentCohortFilter, "happened")
    search_fields = ("user__email", "user__name", "seat__email", "reason")


@admin.register(EarlyAccess)
class EarlyAccessAdmin(AuditedAdmin, LargeTableAdmin):
    list_display = ("email", "which", "cohort", "asked_at", "confirmed_at", "invited_at")
    list_select_related = ("cohort",)
    list_filter = ("which", RecentCohortFilter)
    search_fields = ("email",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never here: an entry of the raw form could not be invited. The desk invites from the cohort's page."""
        return False

    def people_in(self, ids: Iterable[Any]) -> Iterable[int]:
        """Return the runners whose account has one of these addresses."""
        return user_ids_with_address(
            EarlyAccess.objects.filter(pk__in=list(ids)).values_list("email", flat=True)
        )


@admin.register(EmergencyAccess)
class EmergencyAccessAdmin(AuditedAdmin, ReadOnlyAdmin):
    """Who opened a record from outside its team, and why, for owners. It shows no health data."""

    to_person = "enrollment__seat__user"
    list_display = ("at", "viewer", "runner", "reason", "ends_at")
    list_select_related = ("viewer", "enrollment__seat__user")
    search_fields = ("viewer__name", "viewer__email")
    exclude = ("enrollment",)

    @admin.display(description="runner")
    def runner(self, access: EmergencyAccess) -> str:
        """Return the runner's name."""
        return str(access.enrollment.seat.user or "someone who left")
