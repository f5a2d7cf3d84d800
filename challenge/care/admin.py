"""Read-only lists of the clinical record; decisions are made on the review pages."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from challenge.care.complaint_models import ComplaintChange, DismissedProposal, RunnerComplaint
from challenge.care.flag_kinds import FLAG_KIND_CHOICES
from challenge.care.models import (
    ClinicianOverride,
    Flag,
    FunctionTest,
    HeelStrikePeriod,
    Pause,
    PhaseChange,
    WeeklyTarget,
)
from challenge.enrollment.admin_base import CohortFilter, CohortScoped
from challenge.enrollment.models import Enrollment


class OpenFlagFilter(admin.SimpleListFilter):
    """Filter runners by their open flags, and flags by whether they are open."""

    title = "open flag"
    parameter_name = "flag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("any", "any"), *FLAG_KIND_CHOICES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        flags = Flag.objects.filter(closed_at__isnull=True)
        if self.value() != "any":
            flags = flags.filter(kind=self.value())
        return queryset.filter(pk__in=flags.values("enrollment" if queryset.model is Enrollment else "pk"))


@admin.register(Enrollment)
class EnrollmentAdmin(CohortScoped):
    """Every runner with phase, cadence and open flags; the board gives the reasons."""

    to_enrollment = ""
    list_display = ("runner", "page", "bib", "cohort", "phase", "cadence", "open_flags", "seat_state")
    list_select_related = ("seat__cohort",)
    list_filter = (CohortFilter, OpenFlagFilter, "seat__state")
    ordering = ("seat__cohort", "seat__number")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        mine = {"enrollment": OuterRef("pk")}
        phase = PhaseChange.objects.filter(**mine).order_by("-at", "-pk")
        target = WeeklyTarget.objects.filter(**mine).order_by("-week_starts_on", "-revision")
        rows: QuerySet[Any] = super().get_queryset(request)
        annotated: QuerySet[Any] = rows.annotate(
            current_phase=Subquery(phase.values("to_phase")[:1]),
            target_spm=Subquery(target.values("cadence_spm")[:1]),
            held=Subquery(target.values("on_hold")[:1]),
            flags_open=Count("flags", filter=Q(flags__closed_at__isnull=True)),
        )
        return annotated

    @admin.display(ordering="seat__number")
    def bib(self, row: Enrollment) -> int:
        return row.seat.number

    @admin.display(ordering="seat__cohort")
    def cohort(self, row: Enrollment) -> str:
        return row.seat.cohort.name

    @admin.display(ordering="current_phase")
    def phase(self, row: Any) -> int:
        return row.current_phase or 1

    @admin.display(ordering="target_spm")
    def cadence(self, row: Any) -> int | str | None:
        target_spm: int | None = row.target_spm
        return "on hold" if row.held else target_spm

    @admin.display(ordering="flags_open")
    def open_flags(self, row: Any) -> int:
        count: int = row.flags_open
        return count

    @admin.display(description="seat", ordering="seat__state")
    def seat_state(self, row: Enrollment) -> str:
        return row.seat.get_state_display()

    @admin.display(description="page")
    def page(self, row: Enrollment) -> str:
        """Return a link to the runner's own page."""
        address = reverse("review:runner", args=[row.seat.cohort.slug, row.pk])
        return format_html('<a href="{}">open</a>', address)


@admin.register(PhaseChange)
class PhaseChangeAdmin(CohortScoped):
    list_display = ("at", "runner", "kind", "from_phase", "to_phase", "by", "reason")
    list_select_related = ("by",)
    list_filter = (CohortFilter, "kind", "to_phase")
    date_hierarchy = "at"


@admin.register(Flag)
class FlagAdmin(CohortScoped):
    list_display = (
        "raised_at",
        "runner",
        "kind",
        "rule",
        "taken_by",
        "closed_at",
        "closed_by",
        "closing_note",
    )
    list_select_related = ("taken_by", "closed_by")
    list_filter = (CohortFilter, OpenFlagFilter, "kind")
    date_hierarchy = "raised_at"


@admin.register(WeeklyTarget)
class WeeklyTargetAdmin(CohortScoped):
    list_display = (
        "week_starts_on",
        "runner",
        "week",
        "revision",
        "because",
        "cadence_spm",
        "phase",
        "on_hold",
        "by",
    )
    list_select_related = ("by",)
    list_filter = (CohortFilter, "because", "phase", "on_hold")
    date_hierarchy = "week_starts_on"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the stored documents out of the list: they are most of a row's size."""
        rows: QuerySet[Any] = super().get_queryset(request)
        match = request.resolver_match
        in_list = match is not None and match.url_name == "challenge_weeklytarget_changelist"
        return rows.defer("snapshot", "decision", "parameters") if in_list else rows


@admin.register(Pause)
class PauseAdmin(CohortScoped):
    list_display = ("starts_on", "ends_on", "runner", "reason", "by", "ended_at")
    list_select_related = ("by",)
    list_filter = (CohortFilter, "reason")
    date_hierarchy = "starts_on"


@admin.register(HeelStrikePeriod)
class HeelStrikePeriodAdmin(CohortScoped):
    list_display = ("starts_on", "runner", "by", "reason", "ended_on", "ended_by", "end_reason")
    list_select_related = ("by", "ended_by")


@admin.register(FunctionTest)
class FunctionTestAdmin(CohortScoped):
    list_display = ("at", "runner", "kind", "side", "repetitions", "pain", "not_tested_because", "by")
    list_select_related = ("by",)
    list_filter = (CohortFilter, "kind", "side")
    date_hierarchy = "at"


@admin.register(ClinicianOverride)
class ClinicianOverrideAdmin(CohortScoped):
    list_display = ("at", "runner", "what", "cadence_spm", "exercise", "reason", "by", "ended_at", "ended_by")
    list_select_related = ("by", "ended_by")
    list_filter = (CohortFilter, "what")
    date_hierarchy = "at"


@admin.register(RunnerComplaint)
class RunnerComplaintAdmin(CohortScoped):
    list_display = ("opened_on", "runner", "site", "side", "kind", "status", "track_approved", "changed_on")
    list_filter = (CohortFilter, "status", "site")
    date_hierarchy = "opened_on"


@admin.register(ComplaintChange)
class ComplaintChangeAdmin(CohortScoped):
    to_enrollment = "complaint__enrollment"
    list_display = ("at", "runner", "complaint", "status", "track_approved", "source", "by", "reason")
    list_select_related = ("by", "complaint")
    list_filter = (CohortFilter, "status", "source")
    date_hierarchy = "at"


@admin.register(DismissedProposal)
class DismissedProposalAdmin(CohortScoped):
    list_display = ("at", "runner", "site", "side", "by", "reason")
    list_select_related = ("by",)
    list_filter = (CohortFilter, "site")
    date_hierarchy = "at"
