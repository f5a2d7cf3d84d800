"""Twenty together: what the page shows of the others, and the few things a runner or a clinician does there.

Of a runner there is a bib, a first name if they like, and whether they were given a nod by the reader. Nothing else of
anyone's log leaves it: the cohort has one number, of all its active runners.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from challenge.accounts.models import User
from challenge.enrollment.models import Cohort, Enrollment, SeatState
from challenge.enrollment.queries import active_enrollments
from challenge.messages.models import CohortNote, Nod, WallPlace
from challenge.workouts.models import ALIVE, DailyLife, Morning, RestWeek, Run, StrengthSession


class NoteWritten(Exception):
    """The week has its note; it is written once."""


class NotOnTheWall(Exception):
    """One of the two is not on the wall of this cohort."""


@dataclass(frozen=True, slots=True)
class WallBib:
    """One place on the wall. `nodded` is the reader's own nod of this week."""

    number: int
    name: str
    is_own: bool
    nodded: bool


@dataclass(frozen=True, slots=True)
class Wall:
    """A cohort's week: how many of its active runners logged something, the bibs, and the reader's own nods."""

    logged: int
    active: int
    bibs: list[WallBib]
    nods: int
    note: CohortNote | None


def wall_of(enrollment: Enrollment, *, week_starts_on: date) -> Wall:
    """Return what a runner on the wall sees of a week, in a constant number of queries. Bibs are in their own order."""
    cohort = enrollment.cohort
    active = set(active_enrollments().filter(seat__cohort=cohort).values_list("pk", flat=True))
    given = set(
        Nod.objects.filter(giver=enrollment, week_starts_on=week_starts_on).values_list(
            "receiver_id", flat=True
        )
    )
    places = _on_wall(cohort).select_related("enrollment__seat__user").order_by("enrollment__seat__number")
    return Wall(
        logged=len(_logged(active, since=week_starts_on)),
        active=len(active),
        bibs=[_bib(place, enrollment, given) for place in places],
        nods=Nod.objects.filter(receiver=enrollment, week_starts_on=week_starts_on).count(),
        note=note_of(cohort, week_starts_on=week_starts_on),
    )


def _on_wall(cohort: Cohort) -> QuerySet[WallPlace]:
    return WallPlace.objects.filter(
        enrollment__seat__cohort=cohort, enrollment__seat__state=SeatState.CONFIRMED
    )


def _bib(place: WallPlace, reader: Enrollment, given: set[int]) -> WallBib:
    seat = place.enrollment.seat
    name = seat.user.get_short_name() if place.shows_name and seat.user is not None and seat.user.name else ""
    return WallBib(seat.number or 0, name, place.enrollment_id == reader.pk, place.enrollment_id in given)


def _logged(runners: set[int], *, since: date) -> set[int]:
    """Return who of these logged anything dated in the week that begins on `since`; "nothing this week" counts."""
    mine, dated = Q(enrollment__in=runners), Q(local_on__gte=since)
    rows = Run.objects.filter(ALIVE, mine, dated).values_list("enrollment_id", flat=True)
    others = (
        StrengthSession.objects.filter(ALIVE, mine, dated),
        Morning.objects.filter(ALIVE, mine, dated),
        DailyLife.objects.filter(ALIVE, mine, dated),
        RestWeek.objects.filter(ALIVE, mine, week_starts_on=since),
    )
    return set(rows.union(*(other.values_list("enrollment_id", flat=True) for other in others)))


def place_of_runner(enrollment: Enrollment) -> WallPlace | None:
    """Return the runner's place on the wall, or None."""
    return WallPlace.objects.filter(enrollment=enrollment).first()


def note_of(cohort: Cohort, *, week_starts_on: date) -> CohortNote | None:
    """Return the clinic's note of a week, or None."""
    notes = CohortNote.objects.filter(cohort=cohort, week_starts_on=week_starts_on)
    return notes.select_related("by").first()


def join_wall(*, enrollment: Enrollment, shows_name: bool, at: datetime) -> None:
    """Put a runner on the wall, or change whether the first name shows."""
    WallPlace.objects.update_or_create(
        enrollment=enrollment,
        defaults={"shows_name": shows_name},
        create_defaults={"shows_name": shows_name, "at": at},
    )


@transaction.atomic
def leave_wall(*, enrollment: Enrollment) -> None:
    """Take a runner off the wall, and their nods with them."""
    Nod.objects.filter(Q(giver=enrollment) | Q(receiver=enrollment)).delete()
    WallPlace.objects.filter(enrollment=enrollment).delete()


def give_nod(*, giver: Enrollment, number: int, week_starts_on: date, at: datetime) -> None:
    """Give a nod to the runner with this bib; the same nod again changes nothing. Raises NotOnTheWall."""
    wall = _on_wall(giver.cohort)
    receiver = wall.filter(enrollment__seat__number=number).exclude(enrollment=giver).first()
    if receiver is None or not wall.filter(enrollment=giver).exists():
        raise NotOnTheWall
    Nod.objects.get_or_create(
        giver=giver,
        receiver=receiver.enrollment,
        week_starts_on=week_starts_on,
        defaults={"at": at},
    )


def write_note_of_week(
    *, cohort: Cohort, week_starts_on: date, text: str, by: User, at: datetime
) -> CohortNote:
    """Store the clinic's note of a week to all runners of a cohort. Raises NoteWritten."""
    try:
        with transaction.atomic():
            return CohortNote.objects.create(
                cohort=cohort, week_starts_on=week_starts_on, text=text, by=by, at=at
            )
    except IntegrityError as error:
        raise NoteWritten from error
