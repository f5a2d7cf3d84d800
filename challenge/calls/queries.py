"""Read calls and callers, and decide who may see and do what.

`can_x` answers, `check_can_x` raises PermissionDenied.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from challenge.accounts.models import AccessEntry, User
from challenge.accounts.queries import (
    is_clinician,
    is_front_desk,
    is_owner,
    reported_since,
    user_ids_with_address,
)
from challenge.accounts.roles import CLINICIAN
from challenge.calls.models import Booking, BookingState, CallEvent, CheckInOffer
from challenge.calls.schedule_models import Availability, CallKind, CheckInTerms, DeskFeed
from challenge.enrollment.models import Enrollment
from challenge.enrollment.queries import enrollment_of


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


def calls_not_canceled() -> QuerySet[Booking]:
    """Return the calls that occupy time: every state except canceled."""
    return Booking.objects.exclude(state=BookingState.CANCELED)


def booked_calls() -> QuerySet[Booking]:
    """Return the calls still to be held."""
    return Booking.objects.filter(state=BookingState.BOOKED).select_related("staff__availability")


def upcoming_calls(*, emails: Iterable[str], at: datetime) -> QuerySet[Booking]:
    """Return the calls booked with one of these addresses that have not begun."""
    return booked_calls().filter(email__in=list(emails), starts_at__gt=at).order_by("starts_at")


def next_call_at(email: OuterRef, *, at: datetime) -> Subquery:
    """Return when the next call booked with the address of the outer row begins, or null, for a query of many rows."""
    booked = Booking.objects.filter(state=BookingState.BOOKED, email=email, starts_at__gt=at)
    return Subquery(booked.order_by("starts_at").values("starts_at")[:1])


def calls_ahead(user: User, *, at: datetime) -> QuerySet[Booking]:
    """Return a runner's own booked calls that are not over, by the address of their account."""
    return booked_calls().filter(email=user.email, ends_at__gt=at)


def calls_shown_to(user: User, *, at: datetime) -> list[Booking]:
    """Return a runner's own booked calls that are not over, the next one first."""
    return list(calls_ahead(user, at=at).order_by("starts_at"))


def offering_check_ins(cohort_id: int) -> QuerySet[Availability]:
    """Return the terms of the cohort's clinicians who offer check-ins now."""
    return Availability.objects.filter(
        staff__is_active=True,
        takes_calls=True,
        check_in__is_offered=True,
        staff__cohorts_cared_for__cohort=cohort_id,
    )


def check_in_staff(cohort_id: int) -> frozenset[int]:
    """Return the ids of the cohort's clinicians who offer check-ins now."""
    return frozenset(offering_check_ins(cohort_id).values_list("staff_id", flat=True))


def holders_of(booking: Booking) -> frozenset[int] | None:
    """Return who may hold a call when it is moved: for a check-in its clinician and those of the runner's cohort.

    None for a discovery call: any of the staff.
    """
    if booking.kind != CallKind.CHECK_IN:
        return None
    enrollment = _enrollment_at(booking.email)
    theirs = check_in_staff(enrollment.cohort.pk) if enrollment is not None else frozenset()
    return theirs | {booking.staff_id}


def _enrollment_at(email: str) -> Enrollment | None:
    """Return the enrollment of the runner with this address, or None."""
    runner = User.objects.filter(email=email, is_staff=False).first() if email else None
    return enrollment_of(runner) if runner is not None else None


def cohort_staff_of(email: str) -> frozenset[int]:
    """Return the clinicians of a runner's cohort by the runner's address; they need not offer check-ins."""
    enrollment = _enrollment_at(email)
    if enrollment is None:
        return frozenset()
    return frozenset(enrollment.cohort.clinicians.values_list("user_id", flat=True))


OFFER_STANDS = timedelta(days=30)


def open_offer(enrollment: Enrollment, *, among: Iterable[int], at: datetime) -> CheckInOffer | None:
    """Return the latest offer of a check-in that the runner has not taken, by one of these clinicians."""
    taken = Booking.objects.filter(
        kind=CallKind.CHECK_IN, email=enrollment.address, booked_at__gte=OuterRef("at")
    ).exclude(state=BookingState.CANCELED)
    offers = CheckInOffer.objects.filter(
        enrollment=enrollment, at__gt=at - OFFER_STANDS, staff__in=list(among)
    )
    return offers.filter(~Exists(taken)).select_related("staff").order_by("-at").first()


TEST_WAITS = "test, or why it was not done"


def waits_for_test(decision: dict[str, Any]) -> bool:
    """Return whether a stored decision names a function test among what the next phase still needs."""
    missing = decision.get("phase", {}).get("missing", ())
    return any(TEST_WAITS in str(item.get("what", "")) for item in missing)


def terms_of(staff_id: int, kind: str) -> Availability | CheckInTerms | None:
    """Return what holds place, link and question of one kind of call with this clinician, or None."""
    if kind == CallKind.CHECK_IN:
        return CheckInTerms.objects.filter(availability__staff=staff_id).first()
    return Availability.objects.filter(staff=staff_id).first()


def question_of(staff_id: int, kind: str) -> str:
    """Return what this clinician asks before a call of this kind."""
    terms = terms_of(staff_id, kind)
    return terms.question if terms is not None else ""


def calls_with(email: str) -> QuerySet[Booking]:
    """Return every call booked with this address, the latest first."""
    if not email:
        return Booking.objects.none()
    return Booking.objects.filter(email=email).select_related("staff").order_by("-starts_at")


def standing_calls(*, email: str, phone: str, at: datetime) -> list[Booking]:
    """Return the booked calls ahead of a caller, by address or number."""
    same = Q()
    if email:
        same |= Q(email=email.strip().lower())
    if phone:
        same |= Q(phone=phone)
    if not same:
        return []
    return list(booked_calls().filter(same, starts_at__gt=at).order_by("starts_at")[:5])


def call_by_uid(uid: str) -> Booking | None:
    """Return the call with this UID, or None."""
    return Booking.objects.select_related("staff__availability").filter(uid=uid).first()


def calls_of(user: User) -> QuerySet[Booking]:
    """Return the calls this staff member may see: all for those who manage calls, else their own."""
    calls = Booking.objects.select_related("staff__availability")
    return calls if can_manage_calls(user) else calls.filter(staff=user)


def taken_over_by(pk: int, *, was: User) -> User | None:
    """Return the colleague who took over a call that `was` held and no longer sees, or None."""
    if can_manage_calls(was):
        return None
    held = CallEvent.objects.filter(booking=pk, staff=was)
    call = Booking.objects.filter(Exists(held), pk=pk).exclude(staff=was).select_related("staff").first()
    return call.staff if call is not None else None


def availabilities(user: User) -> QuerySet[Availability]:
    """Return the hours this staff member may see: all for those who manage calls, else their own."""
    rows = (
        Availability.objects.filter(staff__is_active=True)
        .select_related("staff", "check_in")
        .order_by("staff__name", "pk")
    )
    return rows if can_manage_calls(user) else rows.filter(staff=user)


def clinicians_without_availability(user: User) -> QuerySet[User]:
    """Return the clinicians without hours whom this staff member may set up."""
    free = User.objects.filter(
        is_active=True, is_staff=True, groups__name=CLINICIAN, availability__isnull=True
    ).order_by("name", "pk")
    return free if can_manage_calls(user) else free.filter(pk=user.pk)


def staff_of_feed(key: str) -> User | None:
    """Return the owner of a private calendar address, or None if it was revoked."""
    reported = reported_since(account="pk", made_at="availability__feed_made_at")
    return User.objects.filter(~reported, availability__feed_key=key, is_active=True, is_staff=True).first()


def desk_of_feed(key: str) -> User | None:
    """Return the owner of a private calendar address of all calls, or None if it was revoked."""
    reported = reported_since(account="pk", made_at="desk_feed__made_at")
    return User.objects.filter(~reported, desk_feed__feed_key=key, is_active=True, is_staff=True).first()


def desk_feed_of(user: User) -> DeskFeed | None:
    """Return a person's private calendar address of all calls, or None without one that they may trust."""
    reported = reported_since(account="staff", made_at="made_at")
    return DeskFeed.objects.filter(~reported, staff=user).first()


def calls_in_feed(staff: User, *, at: datetime, of_all: bool = False) -> QuerySet[Booking]:
    """Return the calls for a calendar program, from two months back; with `of_all` every colleague's."""
    calls = calls_not_canceled().filter(starts_at__gt=at - timedelta(days=60)).select_related("staff")
    return (calls if of_all else calls.filter(staff=staff)).order_by("starts_at")


def with_callers(calls: QuerySet[Booking], *, unless: QuerySet[AccessEntry]) -> QuerySet[Any]:
    """Annotate each call with `caller_id`, as `callers_of` finds it, in the same query.

    It is None for visitors without an account and for callers already in `unless`.
    """
    # A subquery, not a join: most callers have no account, and their calls must stay in the list.
    account = User.objects.filter(email=OuterRef("email"), is_staff=False)
    seen = unless.filter(runner=OuterRef("pk"))
    return calls.annotate(caller_id=Subquery(account.filter(~Exists(seen)).values("pk")[:1]))


def callers_not_yet_in_feed(calls: QuerySet[Booking], *, looks: QuerySet[AccessEntry]) -> QuerySet[User, int]:
    """Return the callers of calls booked or moved since the feed last gave them out.

    A calendar program fetches every half hour; an access entry for each fetch would bury the log.
    """
    given_out = looks.filter(runner__email=OuterRef("email"), at__gte=OuterRef("changed_at"))
    return callers_of(calls.filter(~Exists(given_out)))


def callers_of(calls: Iterable[Booking]) -> QuerySet[User, int]:
    """Return the ids of the users who called with the address of their account, without staff."""
    return user_ids_with_address({call.email for call in calls})
