"""A runner with something of everything: for exporting, erasing and looking for leaks."""

import uuid
from datetime import timedelta

from challenge.accounts.actions import note_access
from challenge.accounts.models import User
from challenge.care import actions as care
from challenge.care.models import Flag, FunctionTest, HandSet, Pause, PhaseChange, StrikeSpell
from challenge.enrollment.models import CohortClinician, EarlyAccess, Enrollment
from challenge.feedback import actions as feedback
from challenge.intake.models import Complaint, Consent, Draft, Intake
from challenge.mail import actions as mail
from challenge.mail.models import AddressState, Kind
from challenge.workouts.models import DailyLife, EntryRevision, NothingThisWeek
from tests.conftest import NOW
from tests.factories.cohorts import enroll
from tests.factories.log import DAY, log_morning, log_run, log_strength
from tests.factories.people import make_clinician

MARKER = "Zanzibar-marker"


def make_life(user: User | None = None, *, marker: str = MARKER) -> Enrollment:
    """An enrolled runner whose every free text holds `marker`."""
    enrollment = enroll(user=user)
    clinician = make_clinician()
    CohortClinician.objects.create(cohort=enrollment.cohort, user=clinician)
    fill_life(enrollment, clinician, marker=marker)
    mail.put_in_outbox(
        kind=Kind.STAFF_ALERT,
        template="account_changed",
        to=clinician.email,
        context={"happened": f"About {marker}."},
        dedupe_key=f"alert:{enrollment.pk}",
        about=enrollment.about,
        at=NOW,
    )
    return enrollment


def fill_life(enrollment: Enrollment, clinician: User, *, marker: str) -> None:
    """Fills what an enrolled runner may have, from the intake to the clinician's notes."""
    user = enrollment.seat.user
    assert user is not None
    User.objects.filter(pk=user.pk).update(name=f"Runner {marker}", phone=marker[:40])
    _told_before(enrollment, user, marker)
    _logged(enrollment, marker)
    _said_of_the_beta(enrollment, marker)
    _cared_for(enrollment, clinician, marker)
    EarlyAccess.objects.create(which="launch", email=user.email, asked_at=NOW)
    AddressState.objects.create(email=user.email, weekly_unsubscribed_at=NOW)
    note_access(viewer=clinician, runner=user, what="runner page", at=NOW)


def _told_before(enrollment: Enrollment, user: User, marker: str) -> None:
    intake = Intake.objects.create(
        enrollment=enrollment,
        answered_at=NOW,
        answered_on=DAY,
        is_adult=True,
        event=marker,
        knee_or_hip_history=marker,
        remarks=f"=1+1 {marker}",
    )
    Complaint.objects.create(intake=intake, site="achilles", side="left", pain_now=3, pain_morning=4)
    Consent.objects.create(enrollment=enrollment, version="1", at=NOW)
    Draft.objects.create(user=user, answers={"remarks": marker}, saved_at=NOW)


def _logged(enrollment: Enrollment, marker: str) -> None:
    run = log_run(enrollment, pain=4, site="achilles", side="left", note=marker)
    log_strength(enrollment)
    log_morning(enrollment, DAY + timedelta(days=1), pain=2)
    week = DAY - timedelta(days=DAY.weekday())
    about = {"enrollment": enrollment, "logged_at": NOW, "week_starts_on": week}
    DailyLife.objects.create(**about, key=uuid.uuid4(), local_on=DAY, pain=2)
    NothingThisWeek.objects.create(**about, key=uuid.uuid4())
    assert EntryRevision.objects.filter(enrollment=enrollment, entry_id=run.pk).exists()


def _said_of_the_beta(enrollment: Enrollment, marker: str) -> None:
    feedback.answer_week(enrollment=enrollment, key=uuid.uuid4(), week=1, ease=3, text=marker, at=NOW)
    feedback.answer_end(enrollment=enrollment, key=uuid.uuid4(), recommend=9, worked=marker, at=NOW)


def _cared_for(enrollment: Enrollment, clinician: User, marker: str) -> None:
    care.raise_flag(
        enrollment=enrollment,
        kind=Flag.Kind.STOP,
        rule="pain.stop",
        source="run:1",
        facts={"said": marker},
        at=NOW,
    )
    who = {"enrollment": enrollment, "by": clinician, "at": NOW}
    PhaseChange.objects.create(
        **who, kind="advance", from_phase=1, to_phase=2, reason=marker, shown={"why": marker}
    )
    Pause.objects.create(**who, reason="illness", note=marker, starts_on=DAY, ends_on=DAY)
    StrikeSpell.objects.create(**who, starts_on=DAY, reason=marker)
    FunctionTest.objects.create(**who, kind="hop", side="left", not_tested_because=marker, note=marker)
    HandSet.objects.create(**who, what="cadence", cadence_spm=170, reason=marker)
