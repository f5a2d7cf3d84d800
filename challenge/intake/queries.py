"""Read the intake through its enrollment, decide what the join pages show, and hold the text that runners agree to.

Never edit a version of the text: a new wording is a new version. An owner's text (`clinic.queries.consent_in_force`)
replaces the program's own; each change of it is a version too.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from challenge.accounts.models import User
from challenge.care.stop import StopNotice, stop_symptoms, texts_of
from challenge.clinic.queries import consent_in_force
from challenge.enrollment.models import Cohort, Enrollment, Seat, SeatState
from challenge.enrollment.queries import CohortState, can_claim_from, cohort_state, running_elsewhere, seat_of
from challenge.intake.models import Complaint, Consent, Draft, Intake
from challenge.protocol import snapshot
from challenge.protocol.vocabulary import Arch, CadenceSource, FootStrike, Shoe, Side, Site, Surface
from challenge.protocol.wording import wait_in_words


def intake_of(enrollment: Enrollment) -> Intake | None:
    """Return the answers with their complaints; None for a runner whom staff enrolled and who answers later."""
    return Intake.objects.filter(enrollment=enrollment).prefetch_related("complaints").first()


def intake_inputs_of(enrollments: Iterable[Enrollment]) -> dict[int, snapshot.IntakeInput]:
    """Return enrollment id -> answers as the engine's input, for many runners in two queries.

    The baseline of pain is the worst of the present complaints.
    Complaints are grouped by hand: a prefetch builds a queryset for every intake.
    """
    ids = [runner.pk for runner in enrollments]
    intakes = list(Intake.objects.filter(enrollment__in=ids))
    complaints: dict[int, list[Complaint]] = defaultdict(list)
    for row in Complaint.objects.filter(intake__in=[intake.pk for intake in intakes]).order_by("pk"):
        complaints[row.intake_id].append(row)
    return {intake.enrollment_id: _intake_input(intake, complaints[intake.pk]) for intake in intakes}


def complaints_of(enrollment: Enrollment) -> QuerySet[Complaint]:
    """Return the complaints, present ones first."""
    return Complaint.objects.filter(intake__enrollment=enrollment).order_by("-present", "pk")


def stated_cadence(enrollment: Enrollment) -> int | None:
    """Return the cadence that the runner stated before the start, in steps a minute; None for "later"."""
    rows = Intake.objects.filter(enrollment=enrollment)
    return rows.values_list("baseline_cadence_spm", flat=True).first()


def consents_of(enrollment: Enrollment) -> QuerySet[Consent]:
    return Consent.objects.filter(enrollment=enrollment).order_by("at")


def draft_of(user: User) -> dict[str, Any]:
    """Return step name -> field name -> typed values; empty without a draft."""
    draft = Draft.objects.filter(user=user).first()
    return dict(draft.answers) if draft is not None else {}


def stop_in_draft(user: User) -> StopNotice | None:
    """Return what to do now if a stop symptom is ticked in a draft, else None."""
    body = draft_of(user).get("body", {})
    ticked = stop_symptoms(body.get("symptoms", ()))
    return StopNotice(texts_of(ticked)) if ticked else None


def _intake_input(intake: Intake, complaints: Sequence[Complaint]) -> snapshot.IntakeInput:
    return snapshot.IntakeInput(
        answered_on=intake.answered_on,
        baseline_spm=intake.baseline_cadence_spm,
        baseline_source=CadenceSource(intake.baseline_cadence_source)
        if intake.baseline_cadence_source
        else None,
        longest_run_m=intake.longest_run_m,
        usual_week_m=intake.usual_week_m,
        usual_week_runs=intake.runs_per_week,
        used_to_hills=intake.used_to_hills,
        used_to_tempo=intake.used_to_tempo,
        block_started_on=intake.training_block_started_on,
        complaints=tuple(_complaint(row) for row in complaints),
        pain_now=_pain_now(complaints),
        pain_morning=_worst(row.pain_morning for row in complaints if row.present),
        arch=Arch(intake.arch) if intake.arch else None,
        shoe=Shoe(intake.shoe) if intake.shoe else None,
        strike=FootStrike(intake.strike) if intake.strike else None,
        surface=Surface(intake.surface) if intake.surface else None,
    )


def _complaint(row: Complaint) -> snapshot.ComplaintInput:
    return snapshot.ComplaintInput(
        site=Site(row.site), side=Side(row.side) if row.side else None, present=row.present
    )


def _pain_now(complaints: Sequence[Complaint]) -> int | None:
    """Return the worst pain of the present complaints; 0 without complaints, the form's answer "Nowhere"."""
    present = [row.pain_now for row in complaints if row.present]
    return _worst(present) if present else 0


def _worst(values: Iterable[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)


@dataclass(frozen=True)
class JoinState:
    """What the join page shows.

    `name` selects the text: none, confirmed, elsewhere, yours, ran_out, staff, closed, early, open, held, full. For
    `elsewhere`, `seat` is the confirmed seat of another cohort that is not over.
    """

    name: str
    cohort: Cohort | None = None
    seats: CohortState | None = None
    seat: Seat | None = None
    opens_at: datetime | None = None
    free_in_minutes: int = 0

    @property
    def free_in(self) -> str:
        """Return how long until a held seat may come free, in words."""
        return wait_in_words(self.free_in_minutes)


def join_state(*, cohort: Cohort | None, user: User | None, at: datetime) -> JoinState:
    """Return the state of the join page for this person, or for a visitor (None)."""
    if cohort is None:
        return JoinState("none")
    seats = cohort_state(cohort=cohort, at=at)
    if user is not None and user.is_staff:
        return JoinState("staff", cohort, seats)
    seat = seat_of(cohort=cohort, user=user) if user is not None else None
    if seat is not None and seat.state == SeatState.CONFIRMED:
        return JoinState("confirmed", cohort, seats, seat)
    if user is not None and (other := running_elsewhere(cohort=cohort, user=user, at=at)) is not None:
        return JoinState("elsewhere", cohort, seats, other)
    if not cohort.is_joinable(at):
        return JoinState("closed", cohort, seats)
    if seat is not None:
        return JoinState("yours" if seat.hold_ends_at > at else "ran_out", cohort, seats, seat)
    opens_at = can_claim_from(cohort=cohort, email=user.email) if user is not None else cohort.opens_at
    if at < opens_at:
        return JoinState("early", cohort, seats, opens_at=opens_at)
    if seats.free:
        return JoinState("open", cohort, seats)
    if seats.next_free_at is not None:
        return JoinState("held", cohort, seats, free_in_minutes=minutes_until(seats.next_free_at, at))
    return JoinState("full", cohort, seats)


def minutes_until(moment: datetime, at: datetime) -> int:
    """Return whole minutes, rounded up, at least 1."""
    return max(1, math.ceil((moment - at).total_seconds() / 60))


CURRENT_VERSION = "2026-2"

TEXTS: dict[str, tuple[str, ...]] = {
    "2026-1": (
        (
            "The challenge gives general training advice that a computer works out from my log by the clinic's rules. "
            "It is not a diagnosis and does not replace a visit to a clinician."
        ),
        (
            "The clinic keeps what I write here and in my log, pain included, to run the challenge. Its clinicians "
            "read it, and every look of theirs is recorded and shown to me. The front desk does not see it."
        ),
        (
            "Strength work and running can hurt. I stop and tell the clinic when something pops, swells, hurts on one "
            "spot of bone or makes me limp, and I see a doctor when it cannot wait."
        ),
        "It is a beta. I can pause, withdraw, take my data with me or have it erased at any time, on my own page.",
    ),
    "2026-2": (
        (
            "The challenge gives general training advice that a computer works out from my log by the clinic’s rules. "
            "It isn’t a diagnosis, and it doesn’t replace a visit to a clinician."
        ),
        (
            "The clinic keeps what I write here and in my log, including pain, to run the challenge. Its clinicians "
            "read it, and each time they do is recorded and shown to me. The front desk can’t see it."
        ),
        (
            "Strength work and running can cause pain or injury. I’ll stop and tell the clinic if something pops, "
            "swells, hurts on one spot of bone or makes me limp, and I’ll see a doctor if it can’t wait."
        ),
        "It’s a beta. I can pause, withdraw, take my data with me or have it erased at any time, on my own page.",
    ),
}


def current() -> tuple[str, tuple[str, ...]]:
    """Return the name and the paragraphs of the version in force."""
    return consent_in_force() or (CURRENT_VERSION, TEXTS[CURRENT_VERSION])
