"""The one guard of staff pages, the request that it lets through, and what staff may do to accounts.

`can_x` answers, `check_can_x` raises PermissionDenied.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from challenge.accounts.models import User
from challenge.accounts.queries import is_clinician, is_front_desk, is_owner

View = Callable[..., HttpResponse]


class StaffRequest(HttpRequest):
    """A request that `for_staff` has let through."""

    user: User


def for_staff(allowed: Callable[[User], bool]) -> Callable[[View], View]:
    """Open a staff page to those whom `allowed` accepts; other staff get 403, visitors the admin's sign-in page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not allowed(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return admin.site.admin_view(checked)

    return decorate


for_clinicians = for_staff(is_clinician)
for_front_desk = for_staff(lambda user: is_front_desk(user) or is_owner(user))


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
