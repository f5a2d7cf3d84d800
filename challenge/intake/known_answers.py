"""The earlier answers of a returning runner: the first values of their new intake, which asks what has changed.

Never pain, a symptom, a cadence, the longest run or a consent: these are asked again each time.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from challenge.accounts.models import User
from challenge.care.complaints import complaints_of
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import enrollments_of
from challenge.intake.fields import METERS
from challenge.intake.forms import PLACES
from challenge.intake.models import Intake, TendonHistory
from challenge.intake.queries import intake_of
from challenge.protocol.vocabulary import ComplaintStatus, Site

# What happened to a tendon stays true; a medicine "in the last six months" does not.
LASTING = {TendonHistory.RUPTURE, TendonHistory.INJECTION}


@dataclass(frozen=True)
class KnownAnswers:
    """The earlier challenge's name, the day of its answers, and the first values of each step."""

    cohort: str
    answered_on: date
    steps: dict[str, dict[str, Any]]


def known_answers(user: User, *, cohort: Cohort) -> KnownAnswers | None:
    """Return the person's answers for their latest earlier cohort, or None for someone new."""
    for enrollment in enrollments_of(user):
        intake = intake_of(enrollment) if enrollment.cohort.pk != cohort.pk else None
        if intake is not None:
            steps = {
                "running": _running(intake, user),
                "body": _body(intake, enrollment),
                "agree": {"goals": intake.goals, "email_content": enrollment.email_content},
            }
            return KnownAnswers(enrollment.cohort.name, intake.answered_on, steps)
    return None


def _running(intake: Intake, user: User) -> dict[str, Any]:
    # Not the longest run: the question is about the last 30 days.
    unit = "km" if user.uses_kilometers else "mi"
    return {
        "unit": unit,
        "runs_per_week": intake.runs_per_week,
        "usual_week": _distance(intake.usual_week_m, unit),
        "used_to_hills": intake.used_to_hills,
        "used_to_tempo": intake.used_to_tempo,
        "strike": intake.strike,
        "surface": intake.surface,
    }


def _distance(distance_m: int | None, unit: str) -> Decimal | None:
    return None if distance_m is None else (distance_m / METERS[unit]).quantize(Decimal("0.1"))


def _body(intake: Intake, enrollment: Enrollment) -> dict[str, Any]:
    places = list(complaints_of(enrollment))
    hurting = [place for place in places if place.status == ComplaintStatus.PRESENT]
    values: dict[str, Any] = {
        "arch": intake.arch,
        "shoe": intake.shoe,
        "knee_or_hip_history": intake.knee_or_hip_history,
        "tendon_history": [one for one in intake.tendon_history if one in LASTING],
        "past": sorted({place.site for place in places} & {Site.KNEE, Site.HIP}),
    }
    for n, place in zip(PLACES, hurting, strict=False):
        values |= {f"site_{n}": place.site, f"side_{n}": place.side, f"kind_{n}": place.kind}
    return values
