"""Which cohorts, runners and seats a member of staff may see."""

from django.db.models import QuerySet

from challenge.accounts.models import User
from challenge.accounts.queries import is_clinician, is_front_desk, is_owner
from challenge.enrollment.models import Cohort, Enrollment, Seat


def cohorts_visible_to(user: User) -> QuerySet[Cohort]:
    """Return the cohorts whose health data this person may see, the latest first.

    A superuser sees every cohort, a clinician their own (`CohortClinician`), any other person none.
    """
    cohorts = Cohort.objects.order_by("-starts_on", "name")
    if user.is_superuser and user.is_active:
        return cohorts
    return cohorts.filter(clinicians__user=user) if is_clinician(user) else cohorts.none()


def runners_visible_to(user: User) -> QuerySet[Enrollment]:
    """Return every runner, also withdrawn ones, of the cohorts that this person may see."""
    runners = Enrollment.objects.filter(seat__cohort__in=cohorts_visible_to(user).order_by())
    return runners.select_related("seat__cohort", "seat__user")


def sees_every_seat(user: User) -> bool:
    """Return whether names and addresses of all cohorts are open to this person; no health data is among them."""
    return is_front_desk(user) or is_owner(user)


def seats_visible_to(user: User) -> QuerySet[Seat]:
    """Return the seats whose names this person may see: clinicians those of their cohorts."""
    if sees_every_seat(user):
        return Seat.objects.all()
    return Seat.objects.filter(cohort__in=cohorts_visible_to(user).order_by())
