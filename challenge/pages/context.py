"""The context of every page: how to reach the clinic, whether the user is a runner, and whether running is off."""

from typing import Any

from django.conf import settings
from django.db.models import Exists, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import SimpleLazyObject

from challenge.accounts import sessions
from challenge.accounts.models import User
from challenge.calls.emails import call_link
from challenge.calls.models import CheckInOffer
from challenge.calls.queries import (
    calls_ahead,
    calls_shown_to,
    check_in_staff,
    offering_check_ins,
    open_offer,
    waits_for_test,
)
from challenge.calls.time_text import CallTime, call_time
from challenge.care.queries import latest_targets
from challenge.care.stop import StopNotice, notice_of, open_stop
from challenge.clinic.queries import clinic_words, question_pairs
from challenge.enrollment.models import Enrollment
from challenge.enrollment.queries import enrollment_of
from challenge.intake.queries import stop_in_draft
from challenge.messages.queries import unread_by_person
from challenge.protocol.local_week import local_day
from challenge.protocol.reading_hours import READS
from challenge.workouts.import_queries import imports_to_look_at


def clinic(request: HttpRequest) -> dict[str, Any]:
    """Return how to reach the clinic."""
    return {
        # Lazy: a page without words about the clinic asks neither cache nor database.
        "clinic": SimpleLazyObject(_clinic),
        "site_url": settings.SITE_URL,
        "debug": settings.DEBUG,
    }


def _clinic() -> dict[str, Any]:
    words: dict[str, Any] = dict(clinic_words())
    return words | {
        "question_pairs": question_pairs(words["questions"]),
        "email": settings.CLINIC_EMAIL,
        "reply_email": settings.CLINICAL_REPLY_EMAIL,
        "reads": READS,
    }


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return what every page's frame shows of the reader, all lazy.

    `is_runner` shows a runner's four tabs; `stop` comes first on every page while running is off. The
    database is queried only for a signed-in user, once per request.
    """
    return {
        # Lazy: error pages and the guide use the frame and must work without a database.
        "is_runner": SimpleLazyObject(lambda: enrollment_of_reader(request) is not None),
        "stop": SimpleLazyObject(lambda: _stop(request)),
        "idle": SimpleLazyObject(lambda: sessions.idle_times(request)),
        # Asked only by the page that shows them.
        "waits": SimpleLazyObject(lambda: _waits(request)),
        "own_calls": SimpleLazyObject(lambda: _own_calls(request)),
        "check_in_offer": SimpleLazyObject(lambda: _check_in_offer(request)),
        "check_in_offered": SimpleLazyObject(lambda: _check_in_offered(request)),
        "phone_owner": SimpleLazyObject(lambda: _phone_owner(request)),
    }


def _waits(request: Any) -> dict[str, bool]:
    """Return which of the things that most days have none of there are for the reader, in one query per request.

    Anyone who shows one of them asks for it only where it is.
    """
    enrollment = enrollment_of_reader(request)
    if enrollment is None:
        return {}
    if not hasattr(request, "waits"):
        rare: dict[str, QuerySet[Any]] = {
            "calls": calls_ahead(request.user, at=timezone.now()),
            "check_ins": offering_check_ins(enrollment.cohort.pk),
            "messages": unread_by_person(request.user),
            "imports": imports_to_look_at(enrollment),
        }
        row = Enrollment.objects.filter(pk=enrollment.pk).values_list(*map(Exists, rare.values()))
        request.waits = dict(zip(rare, row.get(), strict=True))
    found: dict[str, bool] = request.waits
    return found


def _own_calls(request: HttpRequest) -> list[tuple[Any, CallTime, str]]:
    """Return the signed-in runner's calls that are not over: the call, its time on their clock, and its link."""
    user = _runner(request)
    if user is None or not _waits(request).get("calls"):
        return []
    zone, at = user.time_zone, timezone.now()
    return [
        (call, call_time(call.starts_at, here=zone, there=settings.CLINIC_TIME_ZONE), call_link(call))
        for call in calls_shown_to(user, at=at)
    ]


def _check_in_staff(request: Any) -> frozenset[int]:
    """Return who takes check-ins of the reader's cohort, read once per request; most clinics have no one."""
    if not hasattr(request, "check_in_staff"):
        enrollment = enrollment_of_reader(request)
        request.check_in_staff = (
            check_in_staff(enrollment.cohort.pk)
            if enrollment is not None and _waits(request)["check_ins"]
            else frozenset()
        )
    found: frozenset[int] = request.check_in_staff
    return found


def _check_in_offer(request: HttpRequest) -> CheckInOffer | None:
    """Return the check-in that a clinician offered and the runner has not booked, or None."""
    enrollment, among = enrollment_of_reader(request), _check_in_staff(request)
    if enrollment is None or not among:
        return None
    return open_offer(enrollment, among=among, at=timezone.now())


def _check_in_offered(request: HttpRequest) -> bool:
    """Return whether the runner's clinicians take check-ins and the latest decision waits for a function test."""
    enrollment = enrollment_of_reader(request)
    if enrollment is None or not _check_in_staff(request):
        return False
    target = latest_targets(enrollment).defer("snapshot").first()
    return target is not None and waits_for_test(target.decision)


def _phone_owner(request: HttpRequest) -> str:
    """Return an opaque key of the signed-in user, under which a phone stores unsent entries."""
    # SHA-1 was the default when phones stored it: another one would make their waiting entries a stranger's.
    return salted_hmac("phone owner", str(request.user.pk), algorithm="sha1").hexdigest()[:20]


def _runner(request: HttpRequest) -> User | None:
    """Return the signed-in user, or None for staff and visitors."""
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated and not user.is_staff else None


def enrollment_of_reader(request: Any) -> Enrollment | None:
    """Return the signed-in runner's enrollment, read once per request."""
    # The runner's views set it already; the frame must not ask again.
    if not hasattr(request, "enrollment"):
        user = _runner(request)
        request.enrollment = enrollment_of(user) if user is not None else None
    enrollment: Enrollment | None = request.enrollment
    return enrollment


def _stop(request: Any) -> StopNotice | None:
    """Return the open stop as a notice, or that of an intake that is not confirmed yet."""
    user, enrollment = _runner(request), enrollment_of_reader(request)
    if user is None or enrollment is None:
        return stop_in_draft(user) if user is not None else None
    stop = request.stop if hasattr(request, "stop") else open_stop(enrollment)
    if stop is None:
        return None
    return notice_of(stop, enrollment=enrollment, today=local_day(timezone.now(), user.zone))
