"""What a member of staff may do to accounts. `can_x` answers, `check_can_x` raises PermissionDenied."""

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from challenge.accounts.models import User
from challenge.accounts.queries import is_owner


def check_is_staff(user: User | AnonymousUser) -> User:
    """Return the active member of staff, whatever the role; raise PermissionDenied for others."""
    if user.is_anonymous or not (user.is_active and user.is_staff):
        raise PermissionDenied
    return user


def can_edit_account(user: User, *, by: User) -> bool:
    """Return whether `by` may edit, close, rename or re-address this account: only superusers edit superusers."""
    return by.is_superuser or not user.is_superuser


def can_change_address(user: User, *, by: User) -> bool:
    """Return whether `by` may give this account another address: staff a runner's, only the owner a colleague's."""
    return can_edit_account(user, by=by) and (not user.is_staff or is_owner(by))
