"""Cohorts, seats and the ledger in the admin. Seats are read-only there: they live through actions alone."""

from collections.abc import Sequence

from django.contrib import admin
from django.http import HttpRequest

from challenge.enrollment.models import Cohort, CohortClinician, EarlyAccess, Enrollment, LedgerEntry, Seat
from challenge.mail.admin import ReadOnly


class ClinicianInline(admin.TabularInline):
    model = CohortClinician
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Cohort)
class CohortAdmin(admin.ModelAdmin):
    list_display = ("name", "starts_on", "weeks", "capacity", "opens_at", "closed_at")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (ClinicianInline,)
    search_fields = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Cohort | None = None) -> tuple[str, ...]:
        return ("closed_at",) if obj is None else ("capacity", "closed_at")

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


@admin.register(Enrollment)
class EnrollmentAdmin(ReadOnly):
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
