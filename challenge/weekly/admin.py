"""Read-only list of planned cadences; they are changed under /admin/targets/."""

from django.contrib import admin

from challenge.enrollment.admin_base import CohortScoped
from challenge.weekly.models import PlannedCadence


@admin.register(PlannedCadence)
class PlannedCadenceAdmin(CohortScoped):
    list_display = ("week_starts_on", "runner", "cadence_spm", "reason", "by", "taken_back_at")
    list_select_related = ("by",)
    date_hierarchy = "week_starts_on"
