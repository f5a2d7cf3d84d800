"""What a member of staff may do to accounts. `can_x` answers, `check_can_x` raises PermissionDenied."""

from typing import TypeGuard

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from challenge.accounts.models import User
from challenge.accounts.queries import is_owner


def is_staff(user: User | AnonymousUser) -> TypeGuard[User]:
    """Return whether this is an active member of staff, whatever the role."""
    return user.is_active and user.is_staff


def check_is_staff(user: User | AnonymousUser) -> None:
    if not is_staff(user):
        raise PermissionDenied


def can_edit_account(user: User, *, by: User) -> bool:
    """Return whether `by` may edit, close, rename or re-address this account: only superusers edit superusers."""
    return by.is_superuser or not user.is_superuser


def can_change_address(user: User, *, by: User) -> bool:
    """Return whether `by` may give this account another address: staff a runner's, only the owner a colleague's."""
    return can_edit_account(user, by=by) and (not user.is_staff or is_owner(by))
