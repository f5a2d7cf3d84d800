"""Export and erase a person's seats and list entries. The history of the seats stays, without a name."""

from collections.abc import Iterator

from django.db.models import Q

from challenge.accounts.models import User
from challenge.accounts.privacy import ERASED
from challenge.accounts.queries import email_addresses_of
from challenge.db.export import Table
from challenge.enrollment.emergency_models import EmergencyAccess
from challenge.enrollment.models import (
    CohortClinician,
    EarlyAccess,
    Enrollment,
    LaunchWave,
    LedgerEntry,
    Seat,
)

COVERS = (Seat, Enrollment, LedgerEntry, EarlyAccess, LaunchWave, CohortClinician, EmergencyAccess)


def export(user: User) -> Iterator[Table]:
    """Yield seats, their history, enrollments with the choice of emails, and entries of the waiting lists."""
    fields = ("cohort__name", "number", "state", "held_at", "confirmed_at", "ended_at", "end_reason")
    yield "seats", Seat.objects.filter(user=user).order_by("held_at").values(*fields)
    history = LedgerEntry.objects.filter(user=user).order_by("at")
    yield "seat_history", history.values("happened", "at", "reason", "cohort__name")
    enrollments = Enrollment.objects.filter(seat__user=user).order_by("created_at")
    yield "enrollments", enrollments.values("seat__cohort__name", "created_at", "email_content")
    opened = EmergencyAccess.objects.filter(enrollment__seat__user=user).order_by("at")
    yield "emergency_accesses", opened.values("viewer__name", "reason", "at", "ends_at")
    listed = EarlyAccess.objects.filter(email__in=email_addresses_of(user)).order_by("asked_at")
    yield "lists", listed.values("which", "email", "asked_at", "confirmed_at", "invited_at")


def erase(user: User) -> None:
    """Blank person and address on the seats; keep numbers, moments and reasons of ending."""
    # Reasons are free text of staff and may name the person.
    LedgerEntry.objects.filter(Q(user=user) | Q(by=user)).update(user=None, by=None, reason="")
    EmergencyAccess.objects.filter(enrollment__seat__user=user).update(reason=ERASED)
    Seat.objects.filter(user=user).update(user=None, email="")
    EarlyAccess.objects.filter(email__in=email_addresses_of(user)).delete()
