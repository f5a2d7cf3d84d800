"""Messages in the admin, for reading only: they are written on /messages/ and the conversation's page."""

from django.contrib import admin

from challenge.enrollment.admin_base import CohortFilter, CohortScoped
from challenge.messages.models import Message


@admin.register(Message)
class MessageAdmin(CohortScoped):
    """Messages of runners and clinicians, with the state of their notice."""

    list_display = ("at", "runner", "from_runner", "text", "by", "email")
    list_filter = (CohortFilter, "from_runner")
    list_select_related = ("by", "notice")
    date_hierarchy = "at"
    exclude = ("key",)

    def email(self, row: Message) -> str:
        """Return the state of the email that announced the message."""
        return str(row.notice.get_state_display()) if row.notice is not None else "none"
