"""The one guard of staff pages in the admin: who may enter, by role."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from challenge.accounts.models import User
from challenge.accounts.queries import is_clinician, is_front_desk, is_owner

View = Callable[..., HttpResponse]


class StaffRequest(HttpRequest):
    """A request that `for_staff` has let through."""

    user: User


def for_staff(allowed: Callable[[User], bool]) -> Callable[[View], View]:
    """Open an admin page to staff whom `allowed` accepts; other staff get 403, visitors the sign-in page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not allowed(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return admin.site.admin_view(checked)

    return decorate


def for_clinicians(view: View) -> View:
    """Open an admin page to clinicians."""
    return for_staff(is_clinician)(view)


def for_front_desk(view: View) -> View:
    """Open an admin page to the front desk and the owner."""
    return for_staff(lambda user: is_front_desk(user) or is_owner(user))(view)
