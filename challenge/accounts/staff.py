"""The one guard of staff pages, and the request that it lets through."""

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
