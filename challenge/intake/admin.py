"""Answers of the intake and consents in the admin, read-only."""

from django.contrib import admin

from challenge.db.generic_classes import AnyTabularInline
from challenge.enrollment.admin_base import CohortFilter, CohortScoped
from challenge.intake.models import Complaint, Consent, Intake


class ComplaintInline(AnyTabularInline):
    model = Complaint
    extra = 0


@admin.register(Intake)
class IntakeAdmin(CohortScoped):
    list_display = (
        "answered_on",
        "runner",
        "baseline_cadence_spm",
        "runs_per_week",
        "strike",
        "arch",
        "shoe",
    )
    list_filter = (CohortFilter, "strike", "arch")
    inlines = (ComplaintInline,)


@admin.register(Consent)
class ConsentAdmin(CohortScoped):
    list_display = ("at", "runner", "version")
    list_filter = (CohortFilter, "version")
    date_hierarchy = "at"
