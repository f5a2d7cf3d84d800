"""Save drafts of the intake, enroll a runner with their answers, and change a runner's settings.

`IntakeAnswers` come from the join pages complete, validated, and in the units of the database.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group
from django.db import transaction

from challenge.accounts.models import User
from challenge.accounts.roles import RUNNER
from challenge.care import actions as care
from challenge.care.complaint_models import ComplaintChange
from challenge.care.complaints import BodyPlace, open_complaint
from challenge.care.stop import open_stops
from challenge.enrollment import actions as seats
from challenge.enrollment.ledger import record_refusal
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import enrollment_of, last_seat_of, seat_of
from challenge.intake.models import Complaint, Consent, Draft, Intake, TendonHistory
from challenge.protocol.local_week import local_day
from challenge.protocol.vocabulary import ASK_SYMPTOMS, STOP_SYMPTOMS, ComplaintStatus, FlagKind


@dataclass(frozen=True)
class ComplaintAnswer:
    """One body site and side; `present` is False if it hurt only in the past."""

    site: str
    side: str = ""
    kind: str = ""
    present: bool = True
    pain_now: int | None = None
    pain_morning: int | None = None


@dataclass(frozen=True)
class IntakeAnswers:
    """The intake of one runner. Distances in meters, cadence in steps per minute of both feet."""

    name: str
    phone: str
    time_zone: str
    email_content: str
    consent_version: str
    uses_kilometers: bool = False
    runs_per_week: int | None = None
    usual_week_m: int | None = None
    longest_run_m: int | None = None
    training_block_started_on: date | None = None
    used_to_hills: bool = False
    used_to_tempo: bool = False
    event: str = ""
    event_on: date | None = None
    baseline_cadence_spm: int | None = None
    baseline_cadence_source: str = ""
    strike: str = ""
    surface: str = ""
    arch: str = ""
    shoe: str = ""
    symptoms: tuple[str, ...] = ()
    complaints: tuple[ComplaintAnswer, ...] = ()
    tendon_history: tuple[str, ...] = ()
    knee_or_hip_history: str = ""
    goals: tuple[str, ...] = ()
    remarks: str = ""


# Fields that Intake and IntakeAnswers share.
COPIED = (
    "runs_per_week",
    "usual_week_m",
    "longest_run_m",
    "training_block_started_on",
    "used_to_hills",
    "used_to_tempo",
    "event",
    "event_on",
    "baseline_cadence_spm",
    "baseline_cadence_source",
    "strike",
    "surface",
    "arch",
    "shoe",
    "knee_or_hip_history",
    "remarks",
)


def save_draft(*, user: User, step: str, typed: dict[str, list[str]], at: datetime) -> None:
    """Keep what was typed on one page, valid or not, and leave the other pages unchanged."""
    with transaction.atomic():
        # Locked: the page's script and its button may save at the same moment.
        draft, created = Draft.objects.select_for_update().get_or_create(
            user=user, defaults={"answers": {step: typed}, "saved_at": at}
        )
        if not created:
            draft.answers = draft.answers | {step: typed}
            draft.saved_at = at
            draft.save(update_fields=["answers", "saved_at"])


def drop_draft(*, user: User) -> None:
    """Delete the draft, once the answers are stored."""
    Draft.objects.filter(user=user).delete()


def finish(*, cohort: Cohort, user: User, answers: IntakeAnswers, by: User, at: datetime) -> Enrollment:
    """Confirm the seat with these answers: seat, intake, consent, phase, flags and welcome in one transaction.

    After a lost hold they get a free seat of the same cohort if there is one, but never a later start that they did not
    choose. Idempotent: later answers do not replace the first. A stop answer does not cost the seat: it holds the
    targets and alerts the clinicians. Raises SeatRefused.
    """
    moved_on = _held_in_another_cohort(cohort, user)
    if not moved_on and seat_of(cohort=cohort, user=user) is None:
        seats.hold_seat(cohort=cohort, user=user, by=by, at=at)
    try:
        if moved_on:
            raise seats.HoldExpired("Your hold ran out and the seat went to someone else.")
        with transaction.atomic():
            enrollment = seats.confirm_seat(cohort=cohort, user=user, by=by, at=at)
            _become_runner(user, answers)
            if not Intake.objects.filter(enrollment=enrollment).exists():
                _save_intake(enrollment, answers, at=at)
            care.start_phase(enrollment=enrollment, at=at)
            _carry_stops(enrollment, user, at=at)
    except seats.SeatRefused as refusal:
        record_refusal(cohort=cohort, user=user, by=by, refusal=refusal, at=at)
        raise
    # Last, so that a refusal leaves the draft.
    drop_draft(user=user)
    return enrollment


def _carry_stops(enrollment: Enrollment, user: User, *, at: datetime) -> None:
    """Raise the open stop flags of earlier challenges here too: a new cohort must not hide that running is off."""
    earlier = Enrollment.objects.filter(seat__user=user).exclude(pk=enrollment.pk)
    for flag in open_stops().filter(enrollment__in=earlier):
        care.raise_flag(
            enrollment=enrollment,
            kind=FlagKind.STOP,
            rule=flag.rule,
            source=f"earlier:{flag.pk}",
            facts=flag.facts,
            at=at,
        )


def _held_in_another_cohort(cohort: Cohort, user: User) -> bool:
    """Return whether the seat they answered for was in another cohort, and they have none in this one."""
    last = last_seat_of(user)
    return last is not None and last.cohort_id != cohort.pk and seat_of(cohort=cohort, user=user) is None


def change_settings(
    *,
    user: User,
    name: str,
    phone: str,
    time_zone: str,
    uses_kilometers: bool,
    email_content: str | None,
    by: User,
    at: datetime,
) -> None:
    """Change a person's own settings; `email_content` is None without a seat."""
    with transaction.atomic():
        user.name, user.phone, user.time_zone = name, phone, time_zone
        user.uses_kilometers = uses_kilometers
        user.save(update_fields=["name", "phone", "time_zone", "uses_kilometers"])
        if email_content is not None and (enrollment := enrollment_of(user)) is not None:
            Enrollment.objects.filter(pk=enrollment.pk).update(email_content=email_content)


def _become_runner(user: User, answers: IntakeAnswers) -> None:
    user.name, user.phone, user.time_zone = answers.name, answers.phone, answers.time_zone
    user.uses_kilometers = answers.uses_kilometers
    user.save(update_fields=["name", "phone", "time_zone", "uses_kilometers"])
    user.groups.add(Group.objects.get(name=RUNNER))


def _save_intake(enrollment: Enrollment, answers: IntakeAnswers, *, at: datetime) -> None:
    Enrollment.objects.filter(pk=enrollment.pk).update(email_content=answers.email_content)
    Consent.objects.get_or_create(enrollment=enrollment, version=answers.consent_version, defaults={"at": at})
    answered_on = local_day(at, ZoneInfo(answers.time_zone))
    copied = {name: getattr(answers, name) for name in COPIED}
    began = answers.training_block_started_on
    # A page validated in another time zone may be a day ahead of `answered_on`, and a constraint forbids that.
    copied["training_block_started_on"] = min(began, answered_on) if began is not None else None
    intake = Intake.objects.create(
        enrollment=enrollment,
        answered_at=at,
        answered_on=answered_on,
        is_adult=True,
        **copied,
        symptoms=list(answers.symptoms),
        tendon_history=list(answers.tendon_history),
        goals=list(answers.goals),
    )
    _save_complaints(intake, answers, on=answered_on, at=at)
    _raise_flags(enrollment, intake, at=at)


def _save_complaints(intake: Intake, answers: IntakeAnswers, *, on: date, at: datetime) -> None:
    """Store what the runner answered about each place, and open the complaints that follow from it."""
    Complaint.objects.bulk_create(
        Complaint(
            intake=intake,
            site=place.site,
            side=place.side,
            kind=place.kind,
            present=place.present,
            pain_now=place.pain_now,
            pain_morning=place.pain_morning,
        )
        for place in answers.complaints
    )
    for place in answers.complaints:
        open_complaint(
            enrollment=intake.enrollment,
            place=BodyPlace(place.site, place.side, place.kind),
            status=ComplaintStatus.PRESENT if place.present else ComplaintStatus.PAST,
            source=ComplaintChange.ChangeSource.INTAKE,
            reason="",
            on=on,
            by=None,
            at=at,
        )


def _raise_flags(enrollment: Enrollment, intake: Intake, *, at: datetime) -> None:
    """Raise the flags `pain.stop` and `pain.ask`, at most once each, with the symptoms as facts.

    What weakens a tendon (an earlier rupture, an injection, some medicines) is a question of its own, the same day.
    """
    if intake.tendon_history:
        care.raise_flag(
            enrollment=enrollment,
            kind=FlagKind.ASK,
            rule="pain.ask",
            source=f"intake:{intake.pk}:tendon",
            facts={"tendon_history": [TendonHistory(one).value for one in intake.tendon_history]},
            at=at,
        )
    for kind, rule, flagged in (
        (FlagKind.STOP, "pain.stop", STOP_SYMPTOMS),
        (FlagKind.ASK, "pain.ask", ASK_SYMPTOMS),
    ):
        symptoms: list[Any] = [symptom for symptom in intake.symptoms if symptom in flagged]
        if symptoms:
            care.raise_flag(
                enrollment=enrollment,
                kind=kind,
                rule=rule,
                source=f"intake:{intake.pk}",
                facts={"symptoms": symptoms},
                at=at,
            )
