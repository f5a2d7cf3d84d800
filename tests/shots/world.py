"""More invented people besides the demo's, and what happened to them, for the pictures."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

from challenge.accounts.models import User
from challenge.calls.actions import cancel
from challenge.calls.emails import call_token
from challenge.calls.schedule_models import Availability
from challenge.calls.slot_picker import slot_text
from challenge.calls.slots import diaries, free_slots_by_staff
from challenge.care.actions import pause
from challenge.care.models import WeeklyTarget
from challenge.enrollment.actions import CohortFull, hold_seat
from challenge.enrollment.models import Cohort, CohortClinician, EarlyAccess, Enrollment, Seat
from challenge.enrollment.queries import enrollment_of
from challenge.intake.models import Complaint, Intake
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.messages.actions import send_message
from challenge.protocol.vocabulary import CadenceSource, PauseReason, Site
from challenge.review.entry_actions import write_note
from challenge.workouts.models import Morning, Run, StrengthSession
from tests.factories.activity_files import Stretch, fit_run, gpx, tcx
from tests.factories.calls import make_availability, make_call
from tests.factories.cohorts import enroll, place_on_a_list
from tests.factories.complaints import open_complaint
from tests.factories.log import log_run, log_strength
from tests.factories.people import make_runner_user
from tests.factories.weekly import decide_week
from tests.intake.pages import PAGES
from tests.journeys.world import import_of, moment, monday


def at_noon(day: date) -> datetime:
    return min(moment(day, 17), timezone.now())


def with_more_people() -> dict[str, Any]:
    """Make the people that the demo's twenty do not cover, once per database."""
    values: dict[str, Any] | None = cache.get("pictures")
    if values is None:
        values = _more_people()
        cache.set("pictures", values, timeout=None)
    return values


@transaction.atomic
def _more_people() -> dict[str, Any]:
    now = timezone.now()
    maren = User.objects.get(email="runner@demo.test")
    return _runners(maren, now) | _joiners(now) | _weeks(now) | _mail(maren, now) | _calls(now)


def _enrollment(email: str) -> Enrollment:
    found = enrollment_of(User.objects.get(email=email))
    assert found is not None
    return found


def _runners(maren: User, now: datetime) -> dict[str, Any]:
    runner = _enrollment(maren.email)
    run = Run.objects.filter(enrollment=runner).order_by("-local_on").first()
    assert run is not None
    again = moment(run.local_on, 13)
    read = [
        ("Morning_Run.fit", fit_run([Stretch(1560, 2.9, 87)], start=now - timedelta(days=1, hours=4))),
        ("evening.gpx", gpx([Stretch(900, 2.8, None)], start=now - timedelta(days=2)).encode()),
        (
            "again.tcx",
            tcx([Stretch(run.duration_s, run.distance_m / run.duration_s, 86)], start=again).encode(),
        ),
    ]
    batches = {
        "read": import_of(runner, now, read=True, files=read),
        "unreadable": import_of(
            runner, now, read=True, files=[("holiday.jpg", b"\xff\xd8\xff\xe0not a run")]
        ),
    }
    strength = StrengthSession.objects.filter(enrollment=runner).latest("local_on")
    told = set(Morning.objects.filter(enrollment=runner).values_list("local_on", flat=True))
    days = (timezone.localdate() - timedelta(days=n) for n in range(60))
    return batches | {
        "run": run.pk,
        "strength": strength.pk,
        "weeks_ago": monday(4).isoformat(),
        "free_day": next(day for day in days if day not in told).isoformat(),
    }


def _joiners(now: datetime) -> dict[str, Any]:
    open_now = Cohort.objects.get(slug="next")
    joining, late = (
        make_runner_user(email=f"{name}@join.test", name=name.title()) for name in ("wren", "idris")
    )
    hold_seat(cohort=open_now, user=joining, by=joining, at=now)
    phone = Client()
    phone.force_login(joining)
    for step, fields in PAGES.items():
        phone.post(f"/join/intake/{step}/draft/", fields)
    quick = make_runner_user(email="sol@join.test", name="Sol Draper")
    phone.force_login(quick)
    phone.post("/join/")
    for step, fields in PAGES.items():
        phone.post(f"/join/intake/{step}/", fields | ({"symptoms": ["limp"]} if step == "body" else {}))
    hold_seat(cohort=open_now, user=late, by=late, at=now - timedelta(minutes=30))
    place_on_a_list()
    return {
        "joining": joining,
        "ran-out": late,
        "joined-stopped": quick,
        "place_id": EarlyAccess.objects.latest("pk").pk,
    }


def _weeks(now: datetime) -> dict[str, Any]:
    """Runners paused, in the first week, without a number, done, and two whose run of today was too much."""
    clinician = User.objects.get(email="clinician@demo.test")
    made: dict[str, Any] = {}
    for who, weeks_ago, weeks, baseline in (
        ("first-week", 0, 12, 162),
        ("uncounted-first", 0, 12, None),
        ("paused", 3, 12, 158),
        ("finished", 4, 4, 164),
        ("far-run", 2, 12, 160),
        ("red-run", 2, 12, 160),
    ):
        first = monday(weeks_ago)
        opened = at_noon(first - timedelta(days=14))
        cohort = Cohort.objects.create(
            name=f"Beta {who}",
            slug=f"beta-{who}",
            is_public=False,
            weeks=weeks,
            starts_on=first,
            opens_at=opened,
        )
        CohortClinician.objects.create(cohort=cohort, user=clinician)
        user = make_runner_user(email=f"{who}@week.test", name="Teodora Blyth")
        runner = enroll(cohort=cohort, user=user, at=opened + timedelta(hours=1))
        _answer(runner, baseline, opened)
        for week in range(weeks_ago + 1):
            start = monday(weeks_ago - week)
            decide_week(enrollment=runner, week_starts_on=start, at=at_noon(start))
            if week < weeks_ago:
                for day in (1, 3, 5):
                    log_run(
                        runner,
                        start + timedelta(days=day),
                        cadence_spm=169 + 2 * week,
                        pain=1,
                        site="achilles",
                    )
                log_strength(runner, start + timedelta(days=2))
        made[who] = user
    today = timezone.localdate()
    log_run(_enrollment(made["far-run"].email), today, distance_m=64000, duration_s=23000, at=now)
    log_run(_enrollment(made["red-run"].email), today, pain=7, site="achilles", side="left", at=now)
    pause(
        enrollment=_enrollment(made["paused"].email),
        reason=PauseReason.TRAVEL,
        starts_on=timezone.localdate() - timedelta(days=1),
        ends_on=timezone.localdate() + timedelta(days=5),
        by=made["paused"],
        at=now,
    )
    return made


def _answer(runner: Enrollment, baseline: int | None, at: datetime) -> None:
    answers = Intake.objects.create(
        enrollment=runner,
        is_adult=True,
        answered_at=at,
        answered_on=at.date(),
        runs_per_week=3,
        usual_week_m=24000,
        longest_run_m=11000,
        baseline_cadence_spm=baseline,
        baseline_cadence_source=CadenceSource.WATCH if baseline else "",
        strike="midfoot",
        surface="road",
        arch="steady",
        shoe="even",
    )
    Complaint.objects.create(intake=answers, site=Site.ACHILLES, side="left", pain_now=3, pain_morning=4)
    open_complaint(answers.enrollment, at=answers.answered_at)


def _mail(maren: User, now: datetime) -> dict[str, Any]:
    runner = _enrollment(maren.email)
    clinician = User.objects.get(email="clinician@demo.test")
    send_message(
        enrollment=runner,
        text="Your last two weeks look steady. Keep the long run where it is until Sunday, then add half a mile.",
        by=clinician,
        at=now - timedelta(hours=30),
    )
    write_note(enrollment=runner, text="Pushes off well; left heel still drops late.", by=clinician, at=now)
    weekly = OutboxMessage.objects.filter(kind=MessageKind.WEEKLY, about=runner.about).latest("pk")
    failed = OutboxMessage.objects.filter(kind=MessageKind.WEEKLY).exclude(about=runner.about).latest("pk")
    OutboxMessage.objects.filter(pk=failed.pk).update(
        state=MessageState.FAILED, sent_at=None, last_error="550 mailbox unavailable", attempts=3
    )
    found = {name: _enrollment(f"{name}@runners.demo.test").pk for name in ("beatrix", "priya")}
    return found | {
        "maren": runner.pk,
        "weekly": weekly.pk,
        "failed": failed.pk,
        "cohort": Cohort.objects.get(slug="first").pk,
        "user": maren.pk,
        "target": WeeklyTarget.objects.filter(enrollment=runner).latest("at").pk,
    }


def _calls(now: datetime) -> dict[str, Any]:
    clinician = User.objects.get(email="clinician@demo.test")
    hours = Availability.objects.filter(staff=clinician).first() or make_availability(staff=clinician)
    before = now - timedelta(days=8)
    free = _free(now)
    stands, ended = (free[place].starts_at for place in (3, 9))
    make_call(availability=hours, starts_at=stands, at=now, phone="+1 612 555 0177")
    gone = make_call(
        availability=hours, starts_at=ended, at=now, name="Juniper Hale", email="juniper@callers.test"
    )
    cancel(booking=gone, by=None, at=now)
    past = make_call(
        availability=hours,
        starts_at=_free(before)[3].starts_at,
        at=before,
        name="Ewan Sato",
        email="ewan@callers.test",
    )
    return {
        "taken": slot_text(stands),
        "canceled": call_token(gone),
        "canceled_id": gone.pk,
        "past_id": past.pk,
    }


def with_every_seat_held() -> dict[str, Any]:
    cohort, now = Cohort.objects.get(slug="next"), timezone.now()
    with suppress(CohortFull):
        while True:
            user = make_runner_user(name="Somebody Quick")
            hold_seat(cohort=cohort, user=user, by=user, at=now)
    Seat.objects.filter(cohort=cohort, state="held").update(hold_ends_at=now + timedelta(minutes=17))
    return {}


def with_enrollment_closed() -> dict[str, Any]:
    Cohort.objects.filter(slug="next").update(closed_at=timezone.now())
    return {}


def before_opening() -> dict[str, Any]:
    now = timezone.now()
    Cohort.objects.filter(slug="next").update(is_public=False)
    Cohort.objects.create(
        name="Spring beta",
        slug="spring",
        starts_on=monday(-5),
        early_access_at=now + timedelta(days=1),
        opens_at=now + timedelta(days=4),
    )
    return {}


def with_nothing_announced() -> dict[str, Any]:
    Cohort.objects.update(is_public=False)
    return {}


def _free(at: datetime) -> Any:
    until = at + timedelta(days=28)
    return free_slots_by_staff(diaries(since=at, until=until), since=at, until=until, at=at)
