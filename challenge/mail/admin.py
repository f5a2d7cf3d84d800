"""The outbox's state as staff see it, without bodies: those are read at /admin/targets/, by who cares for the runner.

Sign-in codes are never listed; what stands on the way is read, never changed.
"""

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

from challenge.mail.models import MessageKind, OutboxMessage

MOST_LISTED = 1000


class CappedPaginator(Paginator):
    """Counts no further than a thousand rows: to count a big table is to read it. Older ones are found by search."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        # All of them by their key, which needs no look at the table; some of them however they are found soonest.
        rows = rows.order_by() if rows.query.where else rows.order_by("pk")
        return int(rows[:MOST_LISTED].count())


class LargeTableAdmin(admin.ModelAdmin):
    """A list of a table that grows for years, a screen at a time: it costs the same after a thousand cohorts."""

    list_per_page = 25
    paginator = CappedPaginator
    show_full_result_count = False


class ReadOnlyAdmin(LargeTableAdmin):
    """A page that shows and never changes: histories are made by actions."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OutboxAdmin(ReadOnlyAdmin):
    """Registered where people are known (`enrollment.admin`), which narrows it to a clinician's own runners."""

    list_display = ("created_at", "kind", "to_email", "subject", "state", "unsure", "sent_at", "last_error")
    list_filter = ("state", "kind", "unsure")
    search_fields = ("to_email",)
    date_hierarchy = "created_at"
    exclude = ("text", "html", "attachments", "headers", "lease_token")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        return super().get_queryset(request).exclude(kind=MessageKind.SECURITY)


class AddressAdmin(ReadOnlyAdmin):
    """Registered where people are known, as the outbox."""

    list_display = ("email", "weekly_unsubscribed_at", "refused_at", "complained_at")
    search_fields = ("email",)
