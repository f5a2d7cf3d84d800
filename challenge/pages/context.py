"""What the frame around every page needs to know of the person."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from challenge.enrollment.queries import enrollment_of


def frame(request: HttpRequest) -> dict[str, Any]:
    """`is_runner`: whether the four places of a runner are shown. Asked of the database only by who is signed in."""
    return {"is_runner": SimpleLazyObject(lambda: _is_runner(request))}


def _is_runner(request: HttpRequest) -> bool:
    if getattr(request, "enrollment", None) is not None:
        return True
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.is_staff:
        return False
    return enrollment_of(user) is not None
