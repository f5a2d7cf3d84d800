"""Which cohorts, runners and seats a member of staff may see."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from challenge.accounts.models import User
from challenge.accounts.queries import active_owners, is_clinician, is_front_desk, is_owner
from challenge.enrollment.emergency_models import EmergencyAccess
from challenge.enrollment.models import Cohort, Enrollment, Seat
from challenge.enrollment.queries import caring_clinicians

ASK_ANOTHER_OWNER = (
    "Ask another owner to add you to this cohort’s team, or use emergency access: it has runners, and no one lets "
    "themselves in."
)


def cohorts_visible_to(user: User) -> QuerySet[Cohort]:
    """Return the cohorts whose health data this person may see, the latest first.

    A clinician and a superuser see their own (`CohortClinician`), any other person none. Beyond these a record opens
    for an hour and with a reason: see `opened_records`.
    """
    cohorts = Cohort.objects.order_by("-starts_on", "name")
    return cohorts.filter(clinicians__user=user) if is_clinician(user) else cohorts.none()


def may_join_team(user: User, cohort: Cohort, *, leaving: User | None = None) -> bool:
    """Return whether this person may add themselves to the cohort's clinicians.

    Not once it has a runner, while anyone else is there to do it or to ask: it would be emergency access without a
    reason, an end, or word to the runner. A clinic of one person goes on. `leaving` is whose account is being closed.
    """
    if not Enrollment.objects.filter(seat__cohort=cohort).exists():
        return True
    gone = [user.pk, *([leaving.pk] if leaving is not None else [])]
    team = caring_clinicians(cohort.clinicians.values_list("user", flat=True))
    return not (team.exclude(pk__in=gone).exists() or active_owners().exclude(pk__in=gone).exists())


def runners_visible_to(user: User) -> QuerySet[Enrollment]:
    """Return every runner, also withdrawn ones, of the person's cohorts, and those open to them for an hour."""
    visible = Enrollment.objects.filter(seat__cohort__in=cohorts_visible_to(user).order_by()).values("pk")
    if is_clinician(user):
        # Two lists put together, each found by its index: with OR the database would read every runner there is.
        visible = visible.union(_open_accesses(user).values("enrollment"))
    runners = Enrollment.objects.filter(pk__in=visible)
    return runners.select_related("seat__cohort", "seat__user")


def runner_ids_visible_to(user: User) -> list[int]:
    """Return the ids of the same runners, in two queries that each find few rows among those of every cohort."""
    mine = Enrollment.objects.filter(seat__cohort__in=cohorts_visible_to(user).order_by())
    return [*mine.values_list("pk", flat=True), *opened_records(user)]


def _open_accesses(user: User) -> QuerySet[EmergencyAccess]:
    return EmergencyAccess.objects.filter(viewer=user, ends_at__gt=timezone.now())


def opened_records(user: User) -> list[int]:
    """Return the ids of the records that are open to this person by emergency access now, read once per user object."""
    if not is_clinician(user):
        return []
    if not hasattr(user, "_opened_records"):
        user._opened_records = list(_open_accesses(user).values_list("enrollment", flat=True))  # type: ignore[attr-defined]
    opened: list[int] = user._opened_records  # type: ignore[attr-defined]
    return opened


def opened_until(user: User, enrollment: Enrollment) -> datetime | None:
    """Return when a record opened by emergency access closes again, None for a runner of the person's own cohorts."""
    opened = _open_accesses(user).filter(enrollment=enrollment).order_by("-ends_at").first()
    if opened is None or cohorts_visible_to(user).filter(pk=enrollment.cohort.pk).exists():
        return None
    return opened.ends_at


def sees_every_seat(user: User) -> bool:
    """Return whether names and addresses of all cohorts are open to this person; no health data is among them."""
    return is_front_desk(user) or is_owner(user)


def seats_visible_to(user: User) -> QuerySet[Seat]:
    """Return the seats whose names this person may see: clinicians those of their cohorts."""
    if sees_every_seat(user):
        return Seat.objects.all()
    return Seat.objects.filter(cohort__in=cohorts_visible_to(user).order_by())
