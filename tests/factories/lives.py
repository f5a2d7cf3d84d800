"""A runner with something of everything: for exporting, erasing and looking for leaks."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import models

from challenge.accounts.actions import record_access
from challenge.accounts.identity import record_identity
from challenge.accounts.models import AddressChange, User
from challenge.calls.models import Booking, CallEvent
from challenge.care import actions as care
from challenge.care.complaint_models import ComplaintChange, DismissedProposal, RunnerComplaint
from challenge.care.complaints import ask_about_complaint, change_complaint
from challenge.care.models import ClinicianOverride, Flag, FunctionTest, HeelStrikePeriod, Pause, PhaseChange
from challenge.clinic.queries import WORDS
from challenge.enrollment.emergency_models import OPEN_FOR, EmergencyAccess
from challenge.enrollment.models import CohortClinician, EarlyAccess, Enrollment, LedgerEntry
from challenge.feedback import actions as feedback
from challenge.intake.models import Complaint, Consent, Draft, Intake
from challenge.mail import actions as mail
from challenge.mail.models import AddressState, MessageKind
from challenge.mail.push_addresses import save_address
from challenge.messages.actions import write_message
from challenge.messages.models import CohortNote, Conversation, Message, MessageMark
from challenge.messages.picture_child import RedrawnPicture
from challenge.messages.together import join_wall
from challenge.notifications.models import ReminderChoice
from challenge.notifications.plan_calendar import make_feed
from challenge.outcomes.actions import save_draft
from challenge.protocol.vocabulary import ComplaintStatus, ExerciseId, FlagKind
from challenge.review.models import Contact, Note, OutcomeScore
from challenge.weekly.models import PlannedCadence
from challenge.workouts.import_models import ActivityFile, ImportJob
from challenge.workouts.models import DailyLife, EntryRevision, RestWeek
from challenge.workouts.strength_session_actions import keep_typed, save_set
from tests.conftest import NOW
from tests.factories.cohorts import enroll
from tests.factories.complaints import open_complaint
from tests.factories.log import DAY, log_morning, log_run, log_strength, sets_of
from tests.factories.outcomes import give_answer
from tests.factories.people import make_clinician

MARKER = "Zanzibar-marker"
PUSH_POINT = (
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"  # of RFC 8291
)
# Texts that no person types: names of rules, keys, versions, zones, and what the engine computes from numbers.
NO_WORDS = {
    "AccessEntry.what", "ActivityFile.cadence_unit", "ActivityFile.file_format", "ActivityFile.sha256",
    "Availability.question", "Availability.time_zone", "Availability.video_link", "Booking.question",
    "Booking.time_zone", "Booking.video_link", "BusyCalendar.etag", "BusyCalendar.name",
    "BusyCalendar.problem", "BusyCalendar.sealed_address", "CheckInTerms.question", "CheckInTerms.video_link",
    "ActivityFile.doubts", "Cohort.name", "Cohort.slug", "Consent.version",
    "RoleGrant.role", "UnconfirmedCall.network",
    "TeamMember.name", "TeamMember.role", "TeamMember.sentence", "TeamPicture.digest",
    *(f"ClinicVersion.{name}" for name in (*WORDS, "author", "reason")),
    "ExerciseVideo.link", "Flag.answered_with", "Flag.rule", "Flag.source",
    "ClinicianOverride.dose", "ClinicianOverride.exercise", "ClinicianOverride.replacement",
    "CohortParameters.altered", "CohortParameters.numbers", "CohortParameters.reason", "CohortParameters.version",
    "HistoryNight.head", "HistoryNight.previous", "HistoryNight.tables", "HistoryOpening.why",
    "AnswerDraft.code", "LoadedQuestionnaire.code", "LoadedQuestionnaire.definition", "QuestionnaireAnswer.code",
    "QuestionnaireAnswer.values",
    "CohortNote.text", "MessagePicture.sealed_key", "MessageTemplate.text", "MessageTemplate.title",
    "Heartbeat.name", "IdentityEvent.device", "IdentityEvent.means", "IdentityEvent.network", "IdentityEvent.what",
    "InboundAddress.sealed_secret", "InboundAddress.secret_sha256", "PlanFeed.key_sha256", "PlanFeed.sealed_key",
    "PushAddress.device", "PushAddress.endpoint_sha256", "PushAddress.owner", "PushAddress.sealed",
    "User.password", "User.time_zone",
    "WeekFeedback.question", "WeeklyTarget.decision",
    "WeeklyTarget.engine_version", "WeeklyTarget.parameters", "WeeklyTarget.parameters_version",
    "WeeklyTarget.snapshot",
}  # fmt: skip


def places_for_words() -> Iterator[tuple[type[models.Model], str]]:
    """Return every model and field that holds a person's words; the outbox holds the program's own."""
    for model in apps.get_app_config("challenge").get_models():
        for field in model._meta.concrete_fields:
            is_text = isinstance(field, (models.CharField, models.TextField, models.JSONField))
            chosen = field.choices or isinstance(field, models.EmailField)
            name = f"{model.__name__}.{field.name}"
            if is_text and not chosen and name not in NO_WORDS and model.__name__ != "OutboxMessage":
                yield model, field.name


def make_life(user: User | None = None, *, marker: str = MARKER) -> Enrollment:
    """An enrolled runner whose every free text holds `marker`."""
    enrollment = enroll(user=user)
    clinician = make_clinician()
    CohortClinician.objects.create(cohort=enrollment.cohort, user=clinician)
    fill_life(enrollment, clinician, marker=marker)
    mail.put_in_outbox(
        kind=MessageKind.STAFF_ALERT,
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
    _log_before(enrollment, user, marker)
    _logged(enrollment, marker)
    _give_feedback(enrollment, marker)
    _cared_for(enrollment, clinician, marker)
    _written_by_the_clinic(enrollment, clinician, marker)
    EarlyAccess.objects.create(which="launch", email=user.email, asked_at=NOW)
    make_feed(enrollment=enrollment, shows_number=True, by=user, at=NOW)
    ReminderChoice.objects.create(user=user)
    save_address(
        owner=user.about, endpoint=f"https://fcm.googleapis.com/fcm/send/{user.pk}", p256dh=PUSH_POINT,
        auth="BTBZMqHH6r4Tts7J_aSIgg", device="Chrome on Android", at=NOW,
    )  # fmt: skip
    AddressState.objects.create(email=user.email, weekly_unsubscribed_at=NOW)
    record_access(viewer=clinician, runner=user, what="runner page", at=NOW)
    record_identity(what="signed_in", account=user, by=user, at=NOW)
    EmergencyAccess.objects.create(
        viewer=clinician, enrollment=enrollment, reason=marker, at=NOW, ends_at=NOW + OPEN_FOR
    )


def _log_before(enrollment: Enrollment, user: User, marker: str) -> None:
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
    open_complaint(enrollment, at=NOW)
    Consent.objects.create(enrollment=enrollment, version="1", at=NOW)
    Draft.objects.create(user=user, answers={"remarks": marker}, saved_at=NOW)


def _logged(enrollment: Enrollment, marker: str) -> None:
    run = log_run(enrollment, pain=4, site="achilles", side="left", note=marker)
    sets = sets_of(ExerciseId.HEAVY_CALF_RAISE)
    sets[0] |= {"instead_of": ExerciseId.SPLIT_SQUAT_CALF_RAISE, "because": marker}
    log_strength(enrollment, sets=sets, note=marker)
    _session_under_way(enrollment, marker)
    log_morning(enrollment, DAY + timedelta(days=1), pain=2, note=marker)
    week = DAY - timedelta(days=DAY.weekday())
    about = {"enrollment": enrollment, "logged_at": NOW, "week_starts_on": week}
    DailyLife.objects.create(**about, key=uuid.uuid4(), local_on=DAY, pain=2)
    RestWeek.objects.create(**about, key=uuid.uuid4(), note=marker)
    ActivityFile.objects.create(
        run=run,
        sha256=uuid.uuid4().hex,
        name=marker,
        file_format="fit",
        device=marker,
        elapsed_s=1800,
        warnings=[marker],
    )
    ImportJob.objects.create(
        enrollment=enrollment,
        batch=uuid.uuid4(),
        number=1,
        name=marker,
        size_bytes=1,
        state=ImportJob.ImportState.READ,
        reading={"refusal": marker},
        uploaded_at=NOW,
        read_at=NOW,
    )
    assert EntryRevision.objects.filter(enrollment=enrollment, entry_id=run.pk).exists()


def _session_under_way(enrollment: Enrollment, marker: str) -> None:
    about: dict[str, Any] = {
        "enrollment": enrollment,
        "session_key": uuid.uuid4(),
        "local_on": DAY,
        "at": NOW,
    }
    save_set(
        **about,
        planned=ExerciseId.HEAVY_CALF_RAISE,
        leg="left",
        number=1,
        form="standard",
        exercise=ExerciseId.ARCH_RAISE,
        reps=8,
        seconds=None,
        load_g=20000,
        pain=2,
        because=marker,
        by=enrollment.seat.user,
    )
    keep_typed(**about, typed={"note": [marker]})


def _give_feedback(enrollment: Enrollment, marker: str) -> None:
    feedback.answer_week(enrollment=enrollment, key=uuid.uuid4(), week=1, ease=3, text=marker, at=NOW)
    feedback.answer_end(
        enrollment=enrollment,
        key=uuid.uuid4(),
        recommend=9,
        at=NOW,
        worked=marker,
        did_not=marker,
        change_first=marker,
    )


def _cared_for(enrollment: Enrollment, clinician: User, marker: str) -> None:
    care.raise_flag(
        enrollment=enrollment,
        kind=FlagKind.STOP,
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
    HeelStrikePeriod.objects.create(**who, starts_on=DAY, reason=marker)
    FunctionTest.objects.create(**who, kind="hop", side="left", not_tested_because=marker, note=marker)
    ClinicianOverride.objects.create(**who, what="cadence", cadence_spm=170, reason=marker)
    change_complaint(
        complaint=RunnerComplaint.objects.get(enrollment=enrollment),
        status=ComplaintStatus.SETTLING,
        source=ComplaintChange.ChangeSource.CLINICIAN,
        reason=marker,
        on=NOW.date(),
        by=clinician,
        at=NOW,
    )
    DismissedProposal.objects.create(**who, site="hip", side="left", reason=marker)
    ask_about_complaint(
        enrollment=enrollment,
        key="1",
        facts={"says": "new", "site": "foot", "side": "left", "pain": 3, "note": marker},
        at=NOW,
    )
    closed = {"closed_by": clinician, "closed_at": NOW, "closing_note": marker}
    Flag.objects.create(
        enrollment=enrollment, kind="ask", rule="pain.ask", source="run:2", raised_at=NOW, **closed
    )
    HeelStrikePeriod.objects.create(
        **who,
        starts_on=DAY - timedelta(days=30),
        reason=marker,
        ended_on=DAY,
        ended_by=clinician,
        end_reason=marker,
    )
    ClinicianOverride.objects.create(
        **who,
        what="approval",
        exercise=ExerciseId.HEAVY_CALF_RAISE,
        reason=marker,
        ended_at=NOW,
        ended_by=clinician,
        end_reason=marker,
    )


def _written_by_the_clinic(enrollment: Enrollment, clinician: User, marker: str) -> None:
    """Notes, messages, scores, a coming week, a call and what the desk wrote of the seat."""
    user, who = enrollment.seat.user, {"enrollment": enrollment, "by": clinician, "at": NOW}
    assert user is not None
    Note.objects.create(**who, text=marker)
    Message.objects.create(**who, text=marker)
    asked = write_message(
        enrollment=enrollment,
        key=uuid.uuid4(),
        text=marker,
        pictures=[RedrawnPicture(marker.encode(), 1, 1)],
        by=user,
        at=NOW,
    ).message
    MessageMark.objects.create(message=asked, kind="closed", by=clinician, at=NOW)
    CohortNote.objects.get_or_create(
        cohort=enrollment.cohort,
        week_starts_on=DAY,
        defaults={"text": "Icy paths this week.", "by": clinician, "at": NOW},
    )
    join_wall(enrollment=enrollment, shows_name=True, at=NOW)
    Conversation.objects.filter(enrollment=enrollment).update(draft=marker, draft_at=NOW)
    Contact.objects.create(**who, how="called", text=marker)
    OutcomeScore.objects.create(**who, instrument="visa_a", score=70, scored_on=DAY)
    give_answer(enrollment, "activities", 0, {"first": 3}, names={"first": marker}, on=DAY)
    typed = {"answer_first": "4", "name_first": marker}
    save_draft(enrollment=enrollment, code="activities", version=1, week=4, typed=typed, at=NOW)
    coming = DAY + timedelta(days=14 - DAY.weekday())
    PlannedCadence.objects.create(**who, week_starts_on=coming, cadence_spm=170, reason=marker)
    starts, ends = NOW - timedelta(days=3), NOW - timedelta(days=3) + timedelta(minutes=20)
    call = Booking.objects.create(
        staff=clinician,
        starts_at=starts,
        ends_at=ends,
        busy=(starts, ends),
        state="held",
        name=marker,
        email=user.email,
        phone=marker[:40],
        notes=marker,
        answer=marker,
        time_zone="America/Chicago",
        booked_at=starts,
        changed_at=starts,
        ended_at=ends,
    )
    CallEvent.objects.create(
        booking=call, happened="moved", staff=clinician, starts_at=starts, at=NOW, reason=marker
    )
    AddressChange.objects.create(
        user=user,
        old_email="before@runners.test",
        new_email=user.email,
        old_is_proven=True,
        reason=marker,
        asked_by=clinician,
        asked_at=NOW,
        effective_at=NOW,
        applied_at=NOW,
    )
    LedgerEntry.objects.create(
        cohort=enrollment.cohort,
        user=user,
        by=clinician,
        happened="refused",
        at=NOW,
        reason=marker,
    )
