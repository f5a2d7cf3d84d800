"""Calls in the admin, to look up; they are changed on their own pages under /admin/calls/."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin

from challenge.accounts.watched import Watched
from challenge.calls.models import Availability, Booking
from challenge.calls.queries import callers_of
from challenge.mail.admin import ReadOnly


@admin.register(Booking)
class BookingAdmin(Watched, ReadOnly):
    list_display = ("starts_at", "staff", "name", "state", "booked_at")
    list_select_related = ("staff",)
    list_filter = ("state", "staff")
    search_fields = ("name", "email")
    date_hierarchy = "starts_at"
    exclude = ("site", "notes", "form_key", "busy")

    def people_in(self, ids: Iterable[Any]) -> Iterable[int]:
        return callers_of(Booking.objects.filter(pk__in=list(ids)))


@admin.register(Availability)
class AvailabilityAdmin(ReadOnly):
    list_display = ("staff", "takes_calls", "time_zone", "length_min", "calls_a_day")
    list_select_related = ("staff",)
