"""What clinicians wrote, to read: the review pages are where it is written. Films of exercises are attached here."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models

from challenge.enrollment.admin import CohortFilter, CohortScoped
from challenge.review.models import Contact, ExerciseVideo, Message, Note, OutcomeScore


class ClinicianEntryAdmin(CohortScoped):
    list_display: tuple[str, ...] = ("at", "runner", "text", "by")
    list_select_related: ClassVar[tuple[str, ...]] = ("by",)
    date_hierarchy = "at"


admin.site.register(Note, ClinicianEntryAdmin)


@admin.register(Message)
class MessageAdmin(ClinicianEntryAdmin):
    list_display = ("at", "runner", "text", "by", "email")
    list_select_related = ("by", "notice")

    def email(self, row: Message) -> str:
        """What became of the email that says that there are words."""
        return str(row.notice.get_state_display()) if row.notice is not None else "none"


@admin.register(Contact)
class ContactAdmin(ClinicianEntryAdmin):
    list_display = ("at", "runner", "how", "text", "by")
    list_filter = (CohortFilter, "how")


@admin.register(OutcomeScore)
class OutcomeScoreAdmin(ClinicianEntryAdmin):
    list_display = ("scored_on", "runner", "instrument", "score", "by")
    list_filter = (CohortFilter, "instrument")
    date_hierarchy = "scored_on"


@admin.register(ExerciseVideo)
class ExerciseVideoAdmin(admin.ModelAdmin):
    list_display = ("exercise", "link")
    formfield_overrides: ClassVar[dict[Any, dict[str, Any]]] = {
        models.URLField: {
            "assume_scheme": "https",
            "error_messages": {"invalid": "Write the whole address, beginning with https://."},
        }
    }
