"""One person for each different view of the pages, and what the pages show; by the real clock."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from challenge.accounts.models import User
from challenge.calls.emails import call_token
from challenge.calls.schedule_models import Availability
from challenge.calls.slot_picker import slot_text
from challenge.care import actions as care
from challenge.care.models import FunctionTest, HeelStrikePeriod
from challenge.clinic.pictures import redrawn
from challenge.enrollment.actions import hold_seat
from challenge.enrollment.models import Cohort, CohortClinician, Enrollment
from challenge.intake.models import Complaint, Intake
from challenge.mail.actions import addresses_of
from challenge.mail.models import OutboxMessage
from challenge.mail.queries import unsubscribe_url
from challenge.messages.actions import send_message, write_message
from challenge.messages.models import Message
from challenge.messages.picture_child import RedrawnPicture
from challenge.messages.together import join_wall
from challenge.protocol.vocabulary import PauseReason
from challenge.review import actions as review
from challenge.review import entry_actions
from challenge.review.models import ExerciseVideo
from challenge.weekly.decide import revise_out_of_date
from challenge.workouts.import_actions import read_next, start_import
from challenge.workouts.models import Run, StrengthSession
from challenge.workouts.strength_session_actions import save_set
from tests.factories.activity_files import Stretch, fit_run
from tests.factories.calls import make_availability, make_call, to_confirm
from tests.factories.clinic import photo
from tests.factories.cohorts import (
    change_an_address,
    enroll,
    make_cohort,
    make_open_cohort,
    note_a_sign_in,
    place_on_a_list,
)
from tests.factories.complaints import open_complaint
from tests.factories.log import log_morning, log_run, log_strength
from tests.factories.outcomes import give_answer
from tests.factories.people import (
    make_clinician,
    make_front_desk,
    make_owner,
    make_runner_user,
    make_superuser,
)
from tests.factories.weekly import decide_week
from tests.journeys import doors

WEEKS_AGO = (2, 1, 0)


@dataclass
class World:
    """The signed-in clients by name, and the values of the addresses, for `str.format`."""

    clients: dict[str, Client]
    values: dict[str, str]


def monday(weeks_ago: int = 0) -> date:
    today = timezone.localdate()
    return today - timedelta(days=today.weekday() + 7 * weeks_ago)


def moment(day: date, hour: int = 18) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def deciding(monday: date) -> datetime:
    """Return the morning of that Monday, or now where a test runs earlier than it."""
    return min(moment(monday, 13), timezone.now())


def make_world() -> World:
    """Make one cohort in week 3 with its staff, one that is over, one that is open. All people are invented."""
    at = timezone.now()
    cohort = make_cohort(name="Autumn", slug="autumn", starts_on=monday(2), opens_at=moment(monday(5)))
    clinician = make_clinician(name="Ada Moor")
    CohortClinician.objects.create(cohort=cohort, user=clinician)
    open_cohort = make_open_cohort(name="Winter", slug="winter")
    runner = make_week_three(cohort, clinician, at)
    people = make_runners(cohort, open_cohort, at) | {"runner": person(runner)}
    staff = {"desk": make_front_desk(), "owner": make_owner(), "superuser": make_superuser()}
    CohortClinician.objects.create(cohort=cohort, user=staff["superuser"])
    clients = {who: doors.signed_in(user) for who, user in (people | staff).items()}
    clients["clinician"] = doors.sure(doors.signed_in(doors.with_every_factor(clinician)))
    values = values_of(runner, clinician, at) | {"open": open_cohort.slug, "clinician": str(clinician.pk)}
    clients |= doors.on_the_way_in()
    kept = {who: doors.kept_open(client) for who, client in clients.items()}
    return World({"visitor": Client()} | kept, values)


def person(enrollment: Enrollment) -> User:
    user = enrollment.seat.user
    assert user is not None, "no one is erased here"
    return user


def make_runners(cohort: Cohort, open_cohort: Cohort, at: datetime) -> dict[str, User]:
    """Make a runner for each state of /today/ and /join/."""
    past = make_cohort(is_public=False, starts_on=monday(14), opens_at=moment(monday(20)))
    bare, stopped, paused = (
        enroll(cohort=cohort, user=make_runner_user(name=name))
        for name in ("Zora Quill", "Odalys Finch", "Aaron Abel")
    )
    for runner in (bare, stopped, paused):
        decide_week(enrollment=runner, week_starts_on=monday(), at=deciding(monday()))
    log_run(stopped, timezone.localdate(), pain=4, site="achilles", side="left", symptoms=["pop"], at=at)
    care.pause(
        enrollment=paused,
        reason=PauseReason.TRAVEL,
        starts_on=timezone.localdate(),
        ends_on=timezone.localdate() + timedelta(days=6),
        by=person(paused),
        at=at,
    )
    revise_out_of_date(at=at)
    joining = make_runner_user(name="Juno Pell")
    hold_seat(cohort=open_cohort, user=joining, by=joining, at=at)
    runners = {"bare": bare, "stopped": stopped, "paused": paused, "over": enroll(cohort=past)}
    runners["waiting"] = enroll(cohort=open_cohort, at=at)
    return {who: person(runner) for who, runner in runners.items()} | {
        "new": make_runner_user(),
        "joining": joining,
    }


def make_week_three(cohort: Cohort, clinician: User, at: datetime) -> Enrollment:
    """Three weeks of runs with pain of every color, strength, mornings, and words from the clinic."""
    runner = enroll(cohort=cohort, user=make_runner_user(name="Robin Vale"))
    intake = Intake.objects.create(
        enrollment=runner,
        answered_at=moment(monday(4)),
        answered_on=monday(4),
        is_adult=True,
        baseline_cadence_spm=160,
        baseline_cadence_source="watch",
        longest_run_m=9000,
    )
    Complaint.objects.create(intake=intake, site="achilles", side="left", pain_now=3, pain_morning=4)
    open_complaint(runner, at=moment(monday(4)))
    for weeks_ago, pain in zip(WEEKS_AGO, (2, 5, 7), strict=True):
        decide_week(enrollment=runner, week_starts_on=monday(weeks_ago), at=deciding(monday(weeks_ago)))
        day = monday(weeks_ago) + timedelta(days=1 if weeks_ago else 0)
        where = {"site": "achilles", "side": "left"} if pain > 3 else {}
        log_run(runner, day, pain=pain, at=min(at, moment(day, 23)), **where)
        log_strength(runner, day, at=min(at, moment(day, 23)))
    _leave_a_session_open(runner, at)
    log_morning(runner, monday(1) + timedelta(days=2), pain=4, at=moment(monday(1) + timedelta(days=2)))
    care_for(runner, clinician, at)
    ExerciseVideo.objects.create(exercise="heavy_calf_raise", link="https://films.example.org/calf-raise")
    return runner


def _leave_a_session_open(runner: Enrollment, at: datetime) -> None:
    """One set of yesterday's session, which was never finished."""
    save_set(
        enrollment=runner,
        session_key=uuid.uuid4(),
        local_on=timezone.localdate() - timedelta(days=1),
        planned="heavy_calf_raise",
        exercise="heavy_calf_raise",
        form="standard",
        leg="left",
        number=1,
        reps=8,
        seconds=None,
        load_g=20000,
        pain=None,
        because="",
        by=runner.seat.user,
        at=at,
    )


def care_for(runner: Enrollment, clinician: User, at: datetime) -> None:
    """What the runner's page keeps: a note, a message, a contact, tests, scores, a spell, values set by hand."""
    who: dict[str, Any] = {"enrollment": runner, "by": clinician, "at": at}
    entry_actions.write_note(**who, text="Calm weeks; asks about hills.")
    send_message(**who, text="Well done with the steady runs.")
    assert runner.seat.user is not None
    join_wall(enrollment=runner, shows_name=True, at=at)
    foot = RedrawnPicture(redrawn(photo()), 64, 48)
    write_message(
        enrollment=runner,
        key=uuid.uuid4(),
        text="Thanks! Are these shoes fine for the hill home?",
        pictures=[foot],
        by=runner.seat.user,
        at=at,
    )
    entry_actions.log_contact(**who, how="called", text="Called about the amber run.")
    give_answer(runner, "visa-a-total", None, {"total": 71}, on=monday(2), by=clinician, on_paper=True)
    give_answer(runner, "activities", 0, {"first": 3}, names={"first": "The hill home"}, on=monday(2))
    give_answer(runner, "running", 0, {"normal": 40}, on=monday(2))
    give_answer(
        runner, "weekly", 1, {"participation": 2, "days": 2, "performance": 1, "pain": 4}, on=monday(1)
    )
    review.set_cadence(**who, cadence_spm=166, reason="Half a step for now.")
    FunctionTest.objects.create(**who, kind="hop", side="left", not_tested_because="too early")
    HeelStrikePeriod.objects.create(**who, starts_on=monday(1), reason="Achilles")


def values_of(runner: Enrollment, clinician: User, at: datetime) -> dict[str, str]:
    """Keys, links and names for the addresses of the places."""
    hours = Availability.objects.filter(staff=clinician).first() or make_availability(
        staff=clinician, feed_key=uuid.uuid4()
    )
    day = next(d for n in (2, 3, 4) if (d := timezone.localdate() + timedelta(days=n)).weekday() < 5)
    ten = datetime.combine(day, time(10), ZoneInfo(hours.time_zone))
    call = make_call(availability=hours, starts_at=ten, at=at)
    address = addresses_of(["somebody@runners.test"])["somebody@runners.test"]
    found = {
        "cohort": runner.cohort.slug,
        "asked": str(Message.objects.filter(enrollment=runner, from_runner=True).latest("pk").pk),
        "week_asked": 3 if timezone.localdate().weekday() >= 4 else 2,
        "cohort_pk": runner.cohort.pk,
        "runner": runner.pk,
        "seat": runner.seat_id,
        "message": OutboxMessage.objects.filter(about=runner.about, kind="weekly").latest("pk").pk,
        "strength": StrengthSession.objects.filter(enrollment=runner).latest("pk").pk,
        "run": Run.objects.filter(enrollment=runner).latest("pk").pk,
        "call": call.pk,
        "call_token": call_token(call),
        "confirm_token": to_confirm(call_token(call)),
        "slot": slot_text(ten + timedelta(hours=1)),
        "hours": hours.pk,
        "listed": place_on_a_list(),
        "objection": change_an_address(),
        "not_me": note_a_sign_in(),
        "unsubscribe": unsubscribe_url(address).rstrip("/").rsplit("/", 1)[1],
        "key": Authenticator.objects.get(user=clinician, type=Authenticator.Type.WEBAUTHN).pk,
        "doubtful": import_of(runner, at, read=True, files=[("old.fit", doubtful_file())]),
        "read": import_of(runner, at, read=True),
        "reading": import_of(runner, at, read=False),
    }
    return {name: str(value) for name, value in found.items()}


def two_files() -> list[tuple[str, bytes]]:
    """A run of two days ago, and a letter."""
    started_at = moment(timezone.localdate() - timedelta(days=2), 13)
    return [("morning.fit", fit_run([Stretch(1200)], start=started_at)), ("letter.gpx", b"not a track")]


def doubtful_file() -> bytes:
    """A run of two days ago whose receiver lost 1,024 weeks, with a total that stops early."""
    started_at = moment(timezone.localdate() - timedelta(days=2), 13) - timedelta(weeks=1024)
    return fit_run([Stretch(1200)], start=started_at, total_distance=2000.0)


def import_of(
    runner: Enrollment, at: datetime, *, read: bool, files: list[tuple[str, bytes]] | None = None
) -> uuid.UUID:
    """A batch of files: read by the worker's action, or still waiting for it."""
    batch = uuid.uuid4()
    start_import(enrollment=runner, batch=batch, files=files or two_files(), at=at)
    while read and read_next(at=at):
        pass
    return batch
