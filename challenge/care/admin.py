"""Where runners stand, to read; decisions are made on the review pages."""

from django.contrib import admin

from challenge.care.models import Flag, FunctionTest, HandSet, Pause, PhaseChange, StrikeSpell, WeeklyTarget
from challenge.enrollment.admin import CohortScoped


@admin.register(PhaseChange)
class PhaseChangeAdmin(CohortScoped):
    list_display = ("at", "enrollment", "kind", "from_phase", "to_phase", "by")
    list_select_related = ("enrollment", "by")
    list_filter = ("kind", "to_phase")


@admin.register(Flag)
class FlagAdmin(CohortScoped):
    list_display = ("raised_at", "enrollment", "kind", "rule", "taken_by", "closed_at")
    list_select_related = ("enrollment", "taken_by")
    list_filter = ("kind",)


@admin.register(WeeklyTarget)
class WeeklyTargetAdmin(CohortScoped):
    list_display = (
        "week_starts_on",
        "enrollment",
        "week",
        "revision",
        "because",
        "cadence_spm",
        "phase",
        "on_hold",
    )
    list_select_related = ("enrollment",)
    list_filter = ("because", "phase", "on_hold")


for model in (FunctionTest, HandSet, Pause, StrikeSpell):
    admin.site.register(model, CohortScoped)
