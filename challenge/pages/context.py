"""What the frame around every page needs to know of the person."""

from typing import Any

from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.functional import SimpleLazyObject

from challenge.enrollment.queries import enrollment_of


def frame(request: HttpRequest) -> dict[str, Any]:
    """`is_runner`: whether the four places of a runner are shown. Asked of the database only by who is signed in."""
    return {
        "is_runner": SimpleLazyObject(lambda: _is_runner(request)),
        "phone_owner": SimpleLazyObject(lambda: _phone_owner(request)),
    }


def _phone_owner(request: HttpRequest) -> str:
    """A name for the signed-in person that says nothing of them: whose entries wait on a phone."""
    return salted_hmac("phone owner", str(request.user.pk)).hexdigest()[:20]


def _is_runner(request: HttpRequest) -> bool:
    if getattr(request, "enrollment", None) is not None:
        return True
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.is_staff:
        return False
    return enrollment_of(user) is not None
