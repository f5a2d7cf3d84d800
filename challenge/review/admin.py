"""What clinicians wrote, to read. The review pages are where it is written."""

from typing import ClassVar

from django.contrib import admin

from challenge.enrollment.admin import CohortScoped, OfTheCohort
from challenge.review.models import Contact, Message, Note, OutcomeScore


class WrittenAdmin(CohortScoped):
    list_display: tuple[str, ...] = ("at", "runner", "text", "by")
    list_select_related: ClassVar[tuple[str, ...]] = ("by",)
    date_hierarchy = "at"


admin.site.register(Note, WrittenAdmin)


@admin.register(Message)
class MessageAdmin(WrittenAdmin):
    list_display = ("at", "runner", "text", "by", "email")
    list_select_related = ("by", "notice")

    def email(self, row: Message) -> str:
        """What became of the email that says that there are words."""
        return str(row.notice.get_state_display()) if row.notice is not None else "none"


@admin.register(Contact)
class ContactAdmin(WrittenAdmin):
    list_display = ("at", "runner", "how", "text", "by")
    list_filter = (OfTheCohort, "how")


@admin.register(OutcomeScore)
class OutcomeScoreAdmin(WrittenAdmin):
    list_display = ("scored_on", "runner", "instrument", "score", "by")
    list_filter = (OfTheCohort, "instrument")
    date_hierarchy = "scored_on"
