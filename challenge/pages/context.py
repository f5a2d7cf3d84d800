"""What the frame around every page needs to know of the person: whether they run here, and whether running is off."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import SimpleLazyObject

from challenge.accounts import sessions
from challenge.accounts.models import User
from challenge.care.stop import StopNotice, notice_of, open_stop
from challenge.enrollment.models import Enrollment
from challenge.enrollment.queries import enrollment_of
from challenge.intake.queries import stop_in_draft
from challenge.protocol.local_week import local_day


def frame(request: HttpRequest) -> dict[str, Any]:
    """`is_runner`: whether the four places of a runner are shown; `stop`: what stands first on every page while running
    is off. The database is asked only for a signed-in person, once a request.
    """
    return {
        "is_runner": SimpleLazyObject(lambda: _enrollment(request) is not None),
        "stop": SimpleLazyObject(lambda: _stop(request)),
        "idle": SimpleLazyObject(lambda: sessions.idle_times(request)),
        "phone_owner": SimpleLazyObject(lambda: _phone_owner(request)),
    }


def _phone_owner(request: HttpRequest) -> str:
    """A name for the signed-in person that says nothing of them: whose entries wait on a phone."""
    return salted_hmac("phone owner", str(request.user.pk)).hexdigest()[:20]


def _runner(request: HttpRequest) -> User | None:
    """Return who is signed in, staff left out."""
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated and not user.is_staff else None


def _enrollment(request: Any) -> Enrollment | None:
    """Return the signed-in runner's enrollment, read once a request."""
    if not hasattr(request, "enrollment"):
        user = _runner(request)
        request.enrollment = enrollment_of(user) if user is not None else None
    enrollment: Enrollment | None = request.enrollment
    return enrollment


def _stop(request: Any) -> StopNotice | None:
    """Return the open stop as a notice, or that of an intake which is not confirmed yet."""
    user, enrollment = _runner(request), _enrollment(request)
    if user is None or enrollment is None:
        return stop_in_draft(user) if user is not None else None
    stop = request.stop if hasattr(request, "stop") else open_stop(enrollment)
    if stop is None:
        return None
    return notice_of(stop, enrollment=enrollment, today=local_day(timezone.now(), user.zone))
