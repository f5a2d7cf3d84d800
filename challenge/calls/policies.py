"""What a member of staff may do with calls. `can_x` answers, `check_can_x` raises PermissionDenied."""

from django.core.exceptions import PermissionDenied

from challenge.accounts.models import User
from challenge.accounts.queries import is_clinician, is_front_desk, is_owner
from challenge.calls.models import Booking
from challenge.calls.schedule_models import Availability


def can_manage_calls(user: User) -> bool:
    """Return whether the calls of all colleagues are open to this person: the front desk and the owner."""
    return is_front_desk(user) or is_owner(user)


def can_see_calls(user: User) -> bool:
    return can_manage_calls(user) or is_clinician(user)


def can_read_health(user: User, call: Booking) -> bool:
    """Return whether this person may read complaint and notes: only the clinician who holds the call."""
    return is_clinician(user) and call.staff_id == user.pk


def check_is_own(user: User, availability: Availability) -> None:
    """Raise PermissionDenied unless hours, and with them feed and calendars, are the person's own."""
    if availability.staff_id != user.pk:
        raise PermissionDenied
