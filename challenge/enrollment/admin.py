"""Cohorts, seats and the ledger in the admin. Seats are read-only there: they live through actions alone."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from challenge.accounts.actions import note_access
from challenge.accounts.models import User
from challenge.accounts.queries import is_clinician, is_front_desk, is_owner
from challenge.enrollment.models import Cohort, CohortClinician, EarlyAccess, Enrollment, LedgerEntry, Seat
from challenge.mail.admin import OutboxAdmin, ReadOnly
from challenge.mail.models import OutboxMessage


class CohortScoped(ReadOnly):
    """Rows of runners whose cohort the clinician cares for; those of others do not exist. Each look is noted.

    `to_enrollment` leads from the model to its enrollment, as a lookup; empty where the model is the enrollment.
    """

    to_enrollment = "enrollment"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        to_seat = f"{self.to_enrollment}__seat" if self.to_enrollment else "seat"
        return rows.filter(**{f"{to_seat}__cohort__clinicians__user": request.user})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        self._note_looks(request, [object_id])
        return response

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        response = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", {}).get("cl")
        if shown is not None:
            self._note_looks(request, [row.pk for row in shown.result_list])
        return response

    def _note_looks(self, request: HttpRequest, ids: list[Any]) -> None:
        """One entry per runner whose rows this page shows."""
        field = f"{self.to_enrollment}__seat__user" if self.to_enrollment else "seat__user"
        people = self.model._default_manager.filter(pk__in=ids).values(field)
        viewer: Any = request.user
        for runner in User.objects.filter(pk__in=people):
            note_access(
                viewer=viewer, runner=runner, what=f"admin: {self.opts.verbose_name}", at=timezone.now()
            )

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        raise Http404


@admin.register(OutboxMessage)
class ScopedOutboxAdmin(OutboxAdmin):
    """A clinician sees what went to the runners of their cohorts, and to themselves."""

    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        messages = super().get_queryset(request)
        viewer: Any = request.user
        if viewer.is_superuser:
            return messages
        mine = Enrollment.objects.filter(seat__cohort__clinicians__user=viewer)
        about = mine.annotate(named=Concat(Value("enrollment:"), Cast("pk", CharField()))).values("named")
        return messages.filter(about__in=about) | messages.filter(to_email=viewer.email)

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        raise Http404


class ClinicianInline(admin.TabularInline):
    model = CohortClinician
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Cohort)
class CohortAdmin(admin.ModelAdmin):
    list_display = ("name", "starts_on", "weeks", "capacity", "opens_at", "closed_at", "desk")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (ClinicianInline,)
    search_fields = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Cohort | None = None) -> tuple[str, ...]:
        return ("closed_at",) if obj is None else ("capacity", "closed_at")

    @admin.display(description="seats")
    def desk(self, cohort: Cohort) -> str:
        """The way to the desk, where people are enrolled, held, mended and ended."""
        return format_html('<a href="{}">seats</a>', reverse("seats_admin:seats", args=[cohort.slug]))

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Cohort | None = None
    ) -> dict[str, Sequence[str]]:
        return {"slug": ("name",)} if obj is None else {}


@admin.register(Seat)
class SeatAdmin(ReadOnly):
    list_display = ("cohort", "number", "email", "state", "held_at", "confirmed_at", "ended_at", "end_reason")
    list_select_related = ("cohort",)
    list_filter = ("cohort", "state")
    search_fields = ("email", "user__name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Seat]:
        """Who is a clinician and nothing else sees the names of their own cohorts."""
        seats = super().get_queryset(request)
        user: Any = request.user
        if not is_clinician(user) or is_front_desk(user) or is_owner(user):
            return seats
        return seats.filter(cohort__clinicians__user=user)


@admin.register(Enrollment)
class EnrollmentAdmin(CohortScoped):
    to_enrollment = ""
    list_display = ("__str__", "seat", "created_at")
    list_select_related = ("seat",)


@admin.register(LedgerEntry)
class LedgerAdmin(ReadOnly):
    list_display = ("at", "cohort", "seat", "happened", "by", "reason")
    list_select_related = ("cohort", "seat", "by")
    list_filter = ("cohort", "happened")


@admin.register(EarlyAccess)
class EarlyAccessAdmin(admin.ModelAdmin):
    list_display = ("email", "which", "cohort", "asked_at", "confirmed_at", "invited_at")
    list_select_related = ("cohort",)
    list_filter = ("which", "cohort")
    search_fields = ("email",)
