"""Admin of the outbox, without the bodies: the runner's clinicians read those at /admin/targets/.

Sign-in codes are never listed, and nothing can be changed here.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

from challenge.mail.models import MessageKind, OutboxMessage

MOST_LISTED = 1000

# Django's own classes take no type argument at run time; the stubs ask for one.
if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
    AnyModelAdmin = admin.ModelAdmin[Any]
else:
    AnyPaginator, AnyModelAdmin = Paginator, admin.ModelAdmin


class CappedPaginator(AnyPaginator):
    """A paginator that counts at most MOST_LISTED rows: counting a big table means reading it."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        # Without a filter the primary key's index alone answers; with one, any order is as good.
        rows = rows.order_by() if rows.query.where else rows.order_by("pk")
        return int(rows[:MOST_LISTED].count())


class LargeTableAdmin(AnyModelAdmin):
    """Admin of a table that grows for years: a list costs the same after a thousand cohorts."""

    list_per_page = 25
    paginator = CappedPaginator
    show_full_result_count = False


class ReadOnlyAdmin(LargeTableAdmin):
    """Admin that shows rows and never changes them: histories are written by actions."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OutboxAdmin(ReadOnlyAdmin):
    """Admin of the outbox; `enrollment.admin` registers it and narrows it to a clinician's own runners."""

    list_display = ("created_at", "kind", "to_email", "subject", "state", "unsure", "sent_at", "last_error")
    list_filter = ("state", "kind", "unsure")
    search_fields = ("to_email",)
    date_hierarchy = "created_at"
    exclude = ("text", "html", "attachments", "headers", "lease_token")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        return super().get_queryset(request).exclude(kind=MessageKind.SECURITY)


class AddressAdmin(ReadOnlyAdmin):
    """Admin of the addresses, registered like OutboxAdmin."""

    list_display = ("email", "weekly_unsubscribed_at", "refused_at", "complained_at")
    search_fields = ("email",)
