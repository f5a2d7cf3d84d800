"""A knee that begins to hurt in the log is spared from the very next page on."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from challenge.accounts.models import User
from challenge.care.actions import close_flag
from challenge.care.complaints import approve_track, ask_about_complaint, open_proposals
from challenge.care.models import Flag, PhaseChange, WeeklyTarget
from challenge.care.overrides import approve_exercise, start_heel_strike_period
from challenge.enrollment.models import Enrollment
from challenge.intake.models import Complaint, Intake
from challenge.mail.models import MessageKind, OutboxMessage
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.decision import Decision
from challenge.protocol.vocabulary import ComplaintStatus, ExerciseId, FormKind, HeelStrikeStep, Rule
from challenge.review.complaint_actions import change_complaint, dismiss_proposal
from challenge.weekly.decide import revise_out_of_date, revise_week
from challenge.weekly.due import out_of_date
from challenge.workouts.actions import change_entry, delete_entry
from challenge.workouts.triage import REPORT_CORRECTED, REPORT_DELETED
from tests.factories.complaints import open_complaint
from tests.factories.log import log_morning, log_run, log_strength
from tests.factories.weekly import decide_week
from tests.weekly.conftest import MONDAY, SIX

pytestmark = pytest.mark.django_db
WEDNESDAY = SIX + timedelta(days=2, hours=6)
FULL, EASIER = "In a split squat, front heel rising", "Upright in a short split stance"
KNEE = {"pain": 5, "site": "knee", "side": "left"}


@pytest.fixture
def runner(enrolled: Enrollment, clinician: User) -> Enrollment:
    """In phase 2 with an Achilles complaint, on heel strike since Monday."""
    intake = Intake.objects.create(
        enrollment=enrolled,
        answered_at=enrolled.created_at,
        answered_on=enrolled.created_at.date(),
        is_adult=True,
        usual_week_m=40_000,
        longest_run_m=12_000,
    )
    Complaint.objects.create(intake=intake, site="achilles", side="left", present=True)
    open_complaint(enrolled, at=enrolled.created_at)
    PhaseChange.objects.create(
        enrollment=enrolled,
        kind=PhaseChange.PhaseChangeKind.START,
        to_phase=2,
        at=SIX - timedelta(days=1),
        reason="test",
    )
    start_heel_strike_period(
        enrollment=enrolled, starts_on=MONDAY, reason="for a while", by=clinician, at=SIX - timedelta(days=1)
    )
    decide_week(enrollment=enrolled, week_starts_on=MONDAY, at=SIX)
    return enrolled


@pytest.fixture
def wednesday() -> Iterator[datetime]:
    with time_machine.travel(WEDNESDAY, tick=False):
        yield WEDNESDAY


@pytest.fixture
def phone(wednesday: datetime, client: Client, runner: Enrollment) -> Client:
    assert runner.seat.user is not None
    client.force_login(runner.seat.user)
    return client


def a_run(**changed: str) -> dict[str, str]:
    values = {"local_on": "2026-01-07", "distance_m": "3.1", "duration_s_m": "30", "surface": "road"}
    return values | {"effort": "easy", "pain": "5", "site": "knee", "side": "left"} | changed


def newest() -> Decision:
    return Decision.from_json(
        WeeklyTarget.objects.order_by("week_starts_on", "revision").reverse()[0].decision
    )


def split_squat(decision: Decision) -> FormKind:
    return next(p.form for p in decision.exercises if p.exercise is ExerciseId.SPLIT_SQUAT_CALF_RAISE)


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_the_very_next_pages_spare_the_knee_and_ask_the_heel_strike_back(phone: Client) -> None:
    assert FULL in text(phone, "/plan/1/")
    saved = phone.post("/log/run/", a_run(), follow=True).content.decode()
    assert "exercises that load your knee come in an easier form" in saved
    for address in ("/plan/1/", "/log/strength/"):
        page = text(phone, address)
        assert EASIER in page
        assert FULL not in page
        assert "/guide/split_squat_calf_raise/easier/" in page
        assert '"/guide/split_squat_calf_raise/"' not in page
    plan = text(phone, "/plan/1/")
    assert "Low in a long step, front foot flat" not in plan
    assert "Tall in a short step" in plan
    assert "your log says your knee hurts: please go back toward midfoot" in plan


def test_the_sheet_and_the_guide_spare_the_knee_for_this_runner_alone(
    phone: Client, runner: Enrollment
) -> None:
    there = ("/guide/sheet/2/", "/guide/split_squat_calf_raise/")
    assert EASIER not in text(phone, there[0])
    log_morning(runner, WEDNESDAY.date(), pain=4, site="knee", side="left", at=WEDNESDAY)
    squat = CATALOG[ExerciseId.SPLIT_SQUAT_CALF_RAISE]
    for address in there:
        page = phone.get(address)
        assert EASIER in page.content.decode()
        assert squat.never not in page.content.decode()
        assert page["Cache-Control"] == "private, no-store"
        visitors = Client().get(address)
        assert squat.never in visitors.content.decode()
        assert "Cookie" in visitors["Vary"]
    assert "/guide/split_squat_calf_raise/easier/" in text(phone, there[0])


def test_the_week_is_decided_again_and_asked_once(phone: Client, runner: Enrollment) -> None:
    phone.post("/log/run/", a_run())
    assert revise_out_of_date(at=WEDNESDAY + timedelta(minutes=1)) == 1
    assert not out_of_date(at=WEDNESDAY + timedelta(minutes=2))
    row = WeeklyTarget.objects.get(revision=2)
    assert row.because == WeeklyTarget.RevisionReason.COMPLAINT
    decided = newest()
    assert split_squat(decided) is FormKind.EASIER
    assert decided.strike.step is HeelStrikeStep.NEVER
    assert decided.strike.weekly_limit_m == 28_000
    rules = [question.reason.rule for question in decided.questions]
    assert rules.count(Rule.EXERCISE_APPROVAL) == rules.count(Rule.STRIKE_NEVER) == 1
    assert Flag.objects.filter(rule="exercise.approval").count() == 1
    asked = Flag.objects.get(rule="complaint.open")
    assert asked.kind == "complaint"
    assert asked.text == "Pain 5 of 10, left knee, Jan 7. No complaint is open there."
    email = OutboxMessage.objects.filter(kind=MessageKind.WEEKLY).latest("pk")
    assert EASIER in email.text
    assert "guide/split_squat_calf_raise/easier/" in email.text
    assert "go back toward your old way of landing" in email.text
    assert "knee" not in email.text.lower()
    phone.post("/log/run/", a_run(local_on="2026-01-06"))
    assert not out_of_date(at=WEDNESDAY + timedelta(minutes=3))
    decide_week(enrollment=runner, week_starts_on=MONDAY + timedelta(weeks=1), at=SIX + timedelta(weeks=1))
    decided = newest()
    assert split_squat(decided) is FormKind.EASIER
    assert not [q for q in decided.questions if q.reason.rule is Rule.EXERCISE_APPROVAL]


@pytest.mark.parametrize(
    ("log", "values", "guarded"),
    [
        (log_run, KNEE, True),
        (log_strength, KNEE | {"site": "hip"}, True),
        (log_morning, KNEE, True),
        (log_run, KNEE | {"pain": 3}, False),
        (log_run, KNEE | {"site": "achilles"}, False),
        (log_run, {"pain": 5}, False),
    ],
)
def test_which_reports_guard(phone: Client, runner: Enrollment, log: Any, values: Any, guarded: bool) -> None:
    log(runner, MONDAY + timedelta(days=1), **values)
    assert (EASIER in text(phone, "/plan/1/")) is guarded
    assert bool(out_of_date(at=WEDNESDAY)) is guarded


def test_a_correction_guards_and_takes_back_what_was_a_slip(phone: Client, runner: Enrollment) -> None:
    run = log_run(runner, MONDAY + timedelta(days=1), pain=1)
    change_entry(entry=run, values=dict(KNEE), by=None, at=WEDNESDAY)
    assert EASIER in text(phone, "/plan/1/")
    assert [because for _, because in out_of_date(at=WEDNESDAY)] == [WeeklyTarget.RevisionReason.COMPLAINT]
    delete_entry(entry=run, by=None, at=WEDNESDAY)
    assert FULL in text(phone, "/plan/1/")


@pytest.mark.parametrize("change", [{"pain": 2}, {"site": "", "side": ""}, {"site": "calf"}, None])
def test_a_correction_takes_the_questions_of_its_report_along(
    phone: Client, runner: Enrollment, change: dict[str, Any] | None
) -> None:
    run = log_run(runner, MONDAY + timedelta(days=1), **KNEE)
    revise_out_of_date(at=WEDNESDAY)
    logged = Flag.objects.filter(rule__in=["complaint.open", "exercise.approval", "strike.never"])
    assert logged.filter(closed_at__isnull=True).count() == 3
    later = WEDNESDAY + timedelta(hours=1)
    if change is None:
        delete_entry(entry=run, by=None, at=later)
    else:
        change_entry(entry=run, values=change, by=None, at=later)
    assert not logged.filter(closed_at__isnull=True)
    for flag in logged:
        assert (flag.closed_at, flag.closed_by, flag.answered_with) == (
            later,
            None,
            f"corrected:run:{run.pk}",
        )
        assert flag.closing_note == (REPORT_DELETED if change is None else REPORT_CORRECTED)
    # What hurts again is asked again.
    log_run(runner, MONDAY + timedelta(days=2), **KNEE)
    assert open_proposals(runner).count() == 1


def test_a_correction_leaves_what_is_reported_elsewhere(phone: Client, runner: Enrollment) -> None:
    first = log_run(runner, MONDAY + timedelta(days=1), **KNEE)
    morning = log_morning(runner, MONDAY + timedelta(days=2), **KNEE | {"side": "right"})
    ask_about_complaint(
        enrollment=runner, key="new", facts={"site": "knee", "side": "left", "says": "new"}, at=WEDNESDAY
    )
    revise_out_of_date(at=WEDNESDAY)
    change_entry(entry=first, values={"pain": 1}, by=None, at=WEDNESDAY + timedelta(hours=1))
    places = {(flag.facts["side"], flag.source.partition(":")[0]) for flag in open_proposals(runner)}
    assert places == {("left", "runner"), ("right", "complaint")}
    assert Flag.objects.filter(rule="exercise.approval", closed_at__isnull=True).exists()
    delete_entry(entry=morning, by=None, at=WEDNESDAY + timedelta(hours=2))
    assert [flag.source for flag in open_proposals(runner)] == ["runner:new"]
    assert not Flag.objects.filter(rule="exercise.approval", closed_at__isnull=True).exists()


def red_flags() -> list[tuple[str, bool]]:
    flags = Flag.objects.filter(kind="red").order_by("pk")
    return [(flag.source, flag.closed_at is None) for flag in flags]


def test_red_pain_that_was_a_slip_leaves_the_board_and_comes_back_with_a_second_correction(
    phone: Client, runner: Enrollment, clinician: User
) -> None:
    run = log_run(runner, MONDAY + timedelta(days=1), **KNEE | {"pain": 7})
    first, at = f"run:{run.pk}", WEDNESDAY
    for pain, flags in (
        (8, [(first, True)]),
        (5, [(first, False)]),
        (7, [(first, False), (f"{first}:4", True)]),
        (9, [(first, False), (f"{first}:4", True)]),
        (0, [(first, False), (f"{first}:4", False)]),
    ):
        at += timedelta(minutes=1)
        change_entry(entry=run, values={"pain": pain}, by=None, at=at)
        assert red_flags() == flags
    other = log_run(runner, MONDAY + timedelta(days=2), pain=8, site="calf")
    close_flag(flag=Flag.objects.get(source=f"run:{other.pk}"), note="Seen.", by=clinician, at=at)
    change_entry(entry=other, values={"pain": 9}, by=None, at=at)
    assert red_flags()[2:] == [(f"run:{other.pk}", False)]
    third = log_run(runner, MONDAY + timedelta(days=2), pain=8, site="calf", distance_m=4000)
    delete_entry(entry=third, by=None, at=at)
    assert red_flags()[3:] == [(f"run:{third.pk}", False)]


def test_a_correction_after_the_answer_no_complaint_is_a_new_report(
    phone: Client, runner: Enrollment, clinician: User
) -> None:
    run = log_run(runner, MONDAY + timedelta(days=1), **KNEE)
    asked = Flag.objects.get(rule="complaint.open")
    dismiss_proposal(flag=asked, reason="A bruise.", by=clinician, at=WEDNESDAY)
    assert FULL in text(phone, "/plan/1/")
    change_entry(entry=run, values={"note": "Windy."}, by=None, at=WEDNESDAY + timedelta(minutes=1))
    assert FULL in text(phone, "/plan/1/")
    assert not open_proposals(runner)
    change_entry(entry=run, values={"pain": 8}, by=None, at=WEDNESDAY + timedelta(minutes=2))
    assert EASIER in text(phone, "/plan/1/")
    assert [flag.facts["pain"] for flag in open_proposals(runner)] == [8]
    revise_out_of_date(at=WEDNESDAY + timedelta(minutes=3))
    assert split_squat(newest()) is FormKind.EASIER


def test_what_is_logged_after_a_complaint_was_closed_guards_also_for_a_day_before(
    phone: Client, runner: Enrollment, clinician: User
) -> None:
    knee = open_complaint(runner, "knee", side="left", at=SIX)
    change_complaint(
        complaint=knee,
        status=ComplaintStatus.PAST,
        on=WEDNESDAY.date(),
        reason="Calm.",
        by=clinician,
        at=WEDNESDAY,
    )
    assert FULL in text(phone, "/plan/1/")
    log_run(runner, MONDAY + timedelta(days=1), at=WEDNESDAY + timedelta(minutes=1), **KNEE)
    assert EASIER in text(phone, "/plan/1/")
    assert len(open_proposals(runner)) == 1


def test_what_a_clinician_approved_stays(phone: Client, runner: Enrollment, clinician: User) -> None:
    log_run(runner, MONDAY + timedelta(days=1), **KNEE)
    approve_exercise(
        enrollment=runner, exercise="split_squat_calf_raise", reason="Seen.", by=clinician, at=WEDNESDAY
    )
    assert FULL in text(phone, "/plan/1/")
    revise_out_of_date(at=WEDNESDAY)
    assert split_squat(newest()) is FormKind.STANDARD


LEGS = ("Slow split squat", "Step down")


def approve_knee_track(runner: Enrollment, clinician: User, *, approved: bool = True) -> None:
    knee = runner.complaints.filter(site="knee").first() or open_complaint(runner, "knee", at=SIX)
    approve_track(
        complaint=knee, approved=approved, reason="Seen.", on=WEDNESDAY.date(), by=clinician, at=WEDNESDAY
    )


def test_a_report_leaves_an_approved_track_as_it_is(
    phone: Client, runner: Enrollment, clinician: User
) -> None:
    approve_knee_track(runner, clinician)
    revise_week(enrollment=runner, because=WeeklyTarget.RevisionReason.COMPLAINT, by=clinician, at=WEDNESDAY)
    before = [p.exercise for p in newest().exercises]
    assert "exercises that load your knee come in an easier form" not in text(phone, "/today/")
    phone.post("/log/run/", a_run())
    for address in ("/plan/1/", "/log/strength/", "/log/strength/by-hand/"):
        page = text(phone, address)
        assert all(name in page for name in LEGS), address
    assert all(p.form is FormKind.STANDARD for p in newest().exercises if p.track)
    shown = phone.get("/log/strength/").content.decode()
    assert all(f"/guide/{name.value}/" in shown for name in before)


def test_a_track_that_is_approved_no_more_leaves_the_pages_at_once(
    phone: Client, runner: Enrollment, clinician: User
) -> None:
    approve_knee_track(runner, clinician)
    revise_week(enrollment=runner, because=WeeklyTarget.RevisionReason.COMPLAINT, by=clinician, at=WEDNESDAY)
    assert CATALOG[ExerciseId.SLOW_SPLIT_SQUAT].standard.name in text(phone, "/plan/1/")
    approve_knee_track(runner, clinician, approved=False)
    assert CATALOG[ExerciseId.SLOW_SPLIT_SQUAT].standard.name not in text(phone, "/plan/1/")


def test_pain_at_the_heel_bone_keeps_the_heel_above_the_floor_from_the_very_next_page_on(
    phone: Client, runner: Enrollment
) -> None:
    flat = CATALOG[ExerciseId.HEAVY_CALF_RAISE].flat
    assert flat is not None
    assert flat.name not in text(phone, "/plan/1/")
    runner.complaints.update(kind="insertional")
    for address in ("/plan/1/", "/log/strength/", "/guide/sheet/2/"):
        assert flat.name in text(phone, address), address
    assert "/guide/heavy_calf_raise/flat/" in text(phone, "/plan/1/")


def test_without_a_decision_an_approved_track_is_there_as_well(
    phone: Client, runner: Enrollment, clinician: User
) -> None:
    approve_knee_track(runner, clinician)
    with time_machine.travel(SIX + timedelta(weeks=1, hours=6), tick=False):
        page = text(phone, "/log/strength/")
    assert all(name in page for name in LEGS)


def test_a_knee_that_the_intake_names_is_asked_about_as_before(phone: Client, runner: Enrollment) -> None:
    open_complaint(runner, "knee", at=SIX)
    log_run(runner, MONDAY + timedelta(days=1), **KNEE)
    assert not Flag.objects.filter(rule="complaint.open").exists()


def test_an_earlier_week_is_shown_as_it_was_decided(phone: Client, runner: Enrollment) -> None:
    later = SIX + timedelta(weeks=1)
    log_run(runner, MONDAY + timedelta(days=1), **KNEE)
    decide_week(enrollment=runner, week_starts_on=MONDAY + timedelta(weeks=1), at=later)
    with time_machine.travel(later + timedelta(hours=6), tick=False):
        assert FULL in text(phone, "/plan/1/")
        assert EASIER in text(phone, "/plan/2/")


def test_without_a_decision_the_form_to_log_shows_what_spares_the_knee(
    phone: Client, runner: Enrollment
) -> None:
    log_run(runner, MONDAY + timedelta(days=1), **KNEE)
    with time_machine.travel(SIX + timedelta(weeks=1, hours=6), tick=False):
        page = text(phone, "/log/strength/")
    assert EASIER in page
    assert FULL not in page
