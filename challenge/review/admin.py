"""Clinicians' entries in the admin, for reading only (they are written on the review pages), and exercise videos."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db import models

from challenge.enrollment.admin_base import CohortFilter, CohortScoped
from challenge.review.models import Contact, ExerciseVideo, Note, OutcomeScore

# Django's class is generic for the type checker only.
if TYPE_CHECKING:
    VideoModelAdmin = admin.ModelAdmin[ExerciseVideo]
else:
    VideoModelAdmin = admin.ModelAdmin


class ClinicianEntryAdmin(CohortScoped):
    """A list of entries, scoped to the cohorts of the reader."""

    list_display: tuple[str, ...] = ("at", "runner", "text", "by")
    list_select_related: ClassVar[tuple[str, ...]] = ("by",)
    date_hierarchy = "at"


admin.site.register(Note, ClinicianEntryAdmin)


@admin.register(Contact)
class ContactAdmin(ClinicianEntryAdmin):
    """Calls, letters and visits."""

    list_display = ("at", "runner", "how", "text", "by")
    list_filter = (CohortFilter, "how")


@admin.register(OutcomeScore)
class OutcomeScoreAdmin(ClinicianEntryAdmin):
    """Scores from before questionnaires had answers of their own."""

    list_display = ("scored_on", "runner", "instrument", "score", "by")
    list_filter = (CohortFilter, "instrument")
    date_hierarchy = "scored_on"


@admin.register(ExerciseVideo)
class ExerciseVideoAdmin(VideoModelAdmin):
    """The videos that the guide's exercise pages link to."""

    list_display = ("exercise", "link")
    formfield_overrides: ClassVar[dict[Any, dict[str, Any]]] = {
        models.URLField: {
            "assume_scheme": "https",
            "error_messages": {"invalid": "Enter the whole address, beginning with https://."},
        }
    }
