"""Calls in the admin, for lookup; they are changed on their own pages under /admin/calls/."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest

from challenge.accounts.admin_base import AuditedAdmin
from challenge.calls.models import Availability, Booking
from challenge.calls.queries import callers_of
from challenge.mail.admin import ReadOnlyAdmin


class CallTakerFilter(admin.SimpleListFilter):
    """Filter by the staff members who have hours, not by every account."""

    title = "staff"
    parameter_name = "staff"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices: id and name of each staff member with hours."""
        hours = Availability.objects.select_related("staff").order_by("staff__name", "staff__email")
        return [(str(row.staff_id), str(row.staff)) for row in hours]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the chosen staff member's calls; refuse an id that is not among the choices."""
        chosen = self.value()
        if chosen is None:
            return queryset
        if chosen not in dict(self.lookup_choices):
            raise IncorrectLookupParameters
        return queryset.filter(staff=chosen)


@admin.register(Booking)
class BookingAdmin(AuditedAdmin, ReadOnlyAdmin):
    """A read-only list of calls; health fields and notes are left out."""

    list_display = ("starts_at", "staff", "name", "state", "booked_at")
    list_select_related = ("staff",)
    list_filter = ("state", CallTakerFilter)
    search_fields = ("name", "email")
    exclude = ("site", "notes", "form_key", "busy")

    def people_in(self, ids: Iterable[Any]) -> Iterable[int]:
        """Return the ids of the callers on a page of the list, for the access log."""
        return callers_of(Booking.objects.filter(pk__in=list(ids)).only("email"))


@admin.register(Availability)
class AvailabilityAdmin(ReadOnlyAdmin):
    """A read-only list of who takes calls."""

    list_display = ("staff", "takes_calls", "time_zone", "length_min", "calls_a_day")
    list_select_related = ("staff",)
