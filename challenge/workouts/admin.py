"""The log in the admin, to read: entries are made and corrected by their runner."""

from django.contrib import admin

from challenge.enrollment.admin import CohortScoped
from challenge.workouts.models import (
    DailyLife,
    EntryRevision,
    ImportJob,
    Morning,
    NothingThisWeek,
    Run,
    StrengthSession,
    StrengthSet,
)


class LogAdmin(CohortScoped):
    """Entries by local day."""

    list_display: tuple[str, ...] = ("local_on", "enrollment", "pain", "site", "side", "deleted_at")
    list_select_related = ("enrollment",)
    date_hierarchy = "local_on"


@admin.register(Run)
class RunAdmin(LogAdmin):
    list_display = ("local_on", "enrollment", "distance_m", "duration_s", "cadence_spm", "pain", "deleted_at")


class SetInline(admin.TabularInline):
    model = StrengthSet
    extra = 0


@admin.register(StrengthSession)
class StrengthAdmin(LogAdmin):
    inlines = (SetInline,)


admin.site.register(Morning, LogAdmin)


@admin.register(DailyLife)
class DailyLifeAdmin(CohortScoped):
    list_display = ("week_starts_on", "enrollment", "pain", "deleted_at")
    list_select_related = ("enrollment",)


@admin.register(NothingThisWeek)
class NothingAdmin(CohortScoped):
    list_display = ("week_starts_on", "enrollment", "deleted_at")
    list_select_related = ("enrollment",)


@admin.register(EntryRevision)
class RevisionAdmin(CohortScoped):
    list_display = ("at", "enrollment", "kind", "entry_id", "number", "change", "by")
    list_select_related = ("enrollment", "by")
    list_filter = ("kind", "change")


@admin.register(ImportJob)
class ImportJobAdmin(CohortScoped):
    list_display = ("uploaded_at", "enrollment", "size_bytes", "state", "read_at")
    list_select_related = ("enrollment",)
    list_filter = ("state",)
    exclude = ("content",)
