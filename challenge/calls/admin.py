"""Calls in the admin, for lookup, and the account page's question about calls of a departing colleague.

Calls are changed on their own pages under /admin/calls/.
"""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from challenge.accounts.admin_base import AuditedAdmin
from challenge.accounts.fields import show_phone
from challenge.accounts.models import User
from challenge.calls.models import Booking
from challenge.calls.queries import booked_calls, callers_of
from challenge.calls.schedule_models import Availability
from challenge.calls.time_text import call_time
from challenge.enrollment.account_admin import AccountForm, PersonAdmin
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
    exclude = ("site", "notes", "question", "answer", "form_key", "busy")

    def people_in(self, ids: Iterable[Any]) -> Iterable[int]:
        """Return the ids of the callers on a page of the list, for the access log."""
        return callers_of(Booking.objects.filter(pk__in=list(ids)).only("email"))


@admin.register(Availability)
class AvailabilityAdmin(ReadOnlyAdmin):
    """A read-only list of who takes calls."""

    list_display = ("staff", "takes_calls", "time_zone", "length_min", "calls_a_day")
    list_select_related = ("staff",)


class CallTakerAccountForm(AccountForm):
    """An account; closing it asks about the calls that are booked with its person."""

    calls_wait = forms.BooleanField(
        required=False,
        label="Close it although calls are booked",
        help_text="The calls stay, and wait on the day page until someone hands them over or cancels them.",
    )

    def clean(self) -> dict[str, Any]:
        """Refuse to close an account with calls ahead until the box is ticked, and list the calls."""
        cleaned = super().clean()
        if not cleaned.get("is_active", True) and not cleaned.get("calls_wait"):
            calls = list(calls_ahead_of(self.instance))
            if calls:
                listed = "; ".join(_in_words(call, reader_zone=self.instance.time_zone) for call in calls)
                self.add_error(
                    "is_active",
                    f"Calls are booked with this person: {listed}. Hand them over or cancel them under Calls, "
                    "or check the box below.",
                )
        return cleaned


def calls_ahead_of(user: User) -> QuerySet[Booking]:
    """Return the booked calls of a staff member that are not over."""
    return booked_calls().filter(staff=user.pk, ends_at__gt=timezone.now()).order_by("starts_at")


def _in_words(call: Booking, *, reader_zone: str) -> str:
    when = call_time(call.starts_at, here=reader_zone, there=reader_zone).full
    reach = "" if call.email else f", no email: phone {show_phone(call.phone)}"
    return f"{call.name or 'Erased'} on {when}{reach}"


# The account page is enrollment's, which knows nothing of calls.
admin.site.unregister(User)


@admin.register(User)
class CallTakerAccountAdmin(PersonAdmin):
    """Accounts, with the question about calls where there are some."""

    form = CallTakerAccountForm

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        """Offer the box only where calls are booked."""
        fields = super().get_fields(request, obj)
        has_calls = obj is not None and obj.is_staff and calls_ahead_of(obj).exists()
        return fields if has_calls else [name for name in fields if name != "calls_wait"]
