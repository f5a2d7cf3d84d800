"""The log in the admin, read-only: runners write and correct their own entries."""

from typing import TYPE_CHECKING

from django.contrib import admin

from challenge.enrollment.admin_base import CohortFilter, CohortScoped
from challenge.workouts.import_models import ImportJob
from challenge.workouts.models import (
    DailyLife,
    EntryRevision,
    Morning,
    RestWeek,
    Run,
    StrengthSession,
    StrengthSet,
)


class LogAdmin(CohortScoped):
    """Entries by local day."""

    list_display: tuple[str, ...] = ("local_on", "runner", "pain", "site", "side", "deleted_at")
    list_filter = (CohortFilter, "site", ("deleted_at", admin.EmptyFieldListFilter))
    date_hierarchy = "local_on"


@admin.register(Run)
class RunAdmin(LogAdmin):
    list_display = ("local_on", "runner", "distance_m", "duration_s", "cadence_spm", "pain", "deleted_at")


# Django's class takes type arguments in the stubs only.
if TYPE_CHECKING:
    StrengthSetInline = admin.TabularInline[StrengthSet, StrengthSession]
else:
    StrengthSetInline = admin.TabularInline


class SetInline(StrengthSetInline):
    model = StrengthSet
    extra = 0


@admin.register(StrengthSession)
class StrengthAdmin(LogAdmin):
    inlines = (SetInline,)


admin.site.register(Morning, LogAdmin)


@admin.register(DailyLife)
class DailyLifeAdmin(CohortScoped):
    list_display = ("week_starts_on", "runner", "pain", "deleted_at")
    list_filter = (CohortFilter,)


@admin.register(RestWeek)
class RestWeekAdmin(CohortScoped):
    list_display = ("week_starts_on", "runner", "deleted_at")
    list_filter = (CohortFilter,)


@admin.register(EntryRevision)
class RevisionAdmin(CohortScoped):
    list_display = ("at", "runner", "kind", "entry_id", "number", "change", "by")
    list_select_related = ("by",)
    list_filter = (CohortFilter, "kind", "change")
    date_hierarchy = "at"


@admin.register(ImportJob)
class ImportJobAdmin(CohortScoped):
    list_display = ("uploaded_at", "runner", "size_bytes", "state", "read_at")
    list_filter = (CohortFilter, "state")
    exclude = ("content",)
