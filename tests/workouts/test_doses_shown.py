"""A dose is written alike wherever a runner reads it, and after the last raise what still moves leads."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from challenge.care.models import PhaseChange, WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.intake.models import Intake
from challenge.mail.models import MessageKind, OutboxMessage
from challenge.protocol.decision import Prescription
from challenge.protocol.json_codec import revive
from challenge.protocol.vocabulary import ExerciseId
from challenge.weekly.email.context import dose_line
from challenge.workouts.tags import dose, leads_with_the_rest, moving, session_length
from tests.factories.cohorts import enroll
from tests.factories.weekly import decide_week
from tests.weekly.conftest import MONDAY, SIX

pytestmark = pytest.mark.django_db
RAISE = "3 × 8 each leg, the sore one first"
ARCH = "3 s up, 2 s held, 4 s down"


def runner_with(baseline_spm: int) -> Enrollment:
    """Return a runner in phase 2 with this week decided."""
    enrolled = enroll()
    Intake.objects.create(
        enrollment=enrolled,
        answered_at=enrolled.created_at,
        answered_on=enrolled.created_at.date(),
        is_adult=True,
        usual_week_m=40_000,
        longest_run_m=12_000,
        baseline_cadence_spm=baseline_spm,
        baseline_cadence_source="counted",
    )
    PhaseChange.objects.create(
        enrollment=enrolled,
        kind=PhaseChange.PhaseChangeKind.START,
        to_phase=2,
        at=SIX - timedelta(days=1),
        reason="test",
    )
    decide_week(enrollment=enrolled, week_starts_on=MONDAY, at=SIX)
    return enrolled


@pytest.fixture
def wednesday() -> Iterator[None]:
    with time_machine.travel(SIX + timedelta(days=2, hours=6), tick=False):
        yield


@pytest.fixture
def phone(wednesday: None, client: Client) -> Client:
    user = runner_with(160).seat.user
    assert user is not None
    client.force_login(user)
    return client


@pytest.fixture
def fast_phone(wednesday: None, client: Client) -> Client:
    user = runner_with(186).seat.user
    assert user is not None
    client.force_login(user)
    return client


def text(client: Client, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def email() -> OutboxMessage:
    return OutboxMessage.objects.filter(kind=MessageKind.WEEKLY).latest("pk")


@pytest.mark.parametrize("address", ["/plan/1/", "/log/strength/"])
def test_a_dose_says_each_leg_and_keeps_the_hold(phone: Client, address: str) -> None:
    page = text(phone, address)
    assert RAISE in page
    assert ARCH in page


@pytest.mark.parametrize("address", ["/plan/1/", "/log/strength/", "/today/"])
def test_a_session_says_how_long_it_takes(phone: Client, address: str) -> None:
    assert "about 35 minutes" in text(phone, address)


def test_the_email_writes_the_same_dose_without_a_sore_leg(phone: Client) -> None:
    sent = email()
    for body in (" ".join(sent.text.split()), " ".join(sent.html.replace("&nbsp;", " ").split())):
        assert "3 × 8 each leg · three times a week · 3 s up, 4 s down" in body
        assert ARCH in body
        assert "sore" not in body
        assert "about 35 minutes a session" in body.replace("About", "about")


def test_a_track_in_an_email_has_neutral_words_and_the_plan_for_a_link(phone: Client) -> None:
    stored = WeeklyTarget.objects.get().decision["exercises"][0]
    for exercise in ("hip_hike", "hip_thrust", "step_down", "wall_sit"):
        given = revive(
            Prescription, stored | {"exercise": exercise, "name": "One foot, the other hip up"}, ""
        )
        line = dose_line(given, "http://clinic.test/plan/1/")
        assert line.url == "http://clinic.test/plan/1/"
        assert not re.search(r"hip|knee|sore", f"{line.name} {line.dose} {line.how}".lower())
        assert ExerciseId(exercise).label  # the page keeps the physiotherapist's name


def test_a_dose_by_hand_shows_its_load_in_the_runners_unit(phone: Client) -> None:
    stored = WeeklyTarget.objects.get().decision["exercises"][0] | {"load_g": 20_412}
    assert dose(stored).endswith(" · 45 lb")
    assert dose(stored, "km").endswith(" · 20.4 kg")
    assert session_length([]) == ""


def test_before_the_cap_the_number_leads(phone: Client) -> None:
    page = text(phone, "/today/")
    assert "168" in page
    assert "what’s changing now" not in page
    plan = text(phone, "/plan/1/")
    assert plan.index("Cadence: 168") < plan.index("Strength")
    assert "What’s changing now" not in email().text


def test_after_the_last_raise_what_still_moves_leads(fast_phone: Client) -> None:
    page = text(fast_phone, "/today/")
    assert "Week 1 of 12: what’s changing now" in page
    assert "Heavy slow calf raise is on step 1 of 3" in page
    assert "Phase 2 of 3: heavy and slow." in page
    assert "Up to" in page
    assert page.index("on step 1 of 3") < page.index("You already run at 186")
    plan = text(fast_phone, "/plan/1/")
    assert plan.index("about 35 minutes") < plan.index("You already run at 186")
    body = email().text
    assert (
        body.index("What’s changing now")
        < body.index("on step 1 of 3")
        < body.index("You already run at 186")
    )
    assert "where it should be" not in body
    assert body.count("Longest run this week") == 1
    assert "pain" not in body.lower()


def test_at_the_cap_the_cadence_is_held_in_one_line(fast_phone: Client) -> None:
    stored = WeeklyTarget.objects.get().decision
    at_cap = stored | {"cadence": stored["cadence"] | {"target_spm": 180, "in_force_spm": 180}}
    assert leads_with_the_rest(at_cap)
    assert moving(at_cap)["hold"] == "Cadence: hold 180."
    assert moving(stored)["hold"] == ""
    assert not leads_with_the_rest({})
    hold = at_cap["cadence"] | {
        "reason": {"rule": "cadence.hold.pain", "facts": []},
        "effective_on": "2025-12-29",
    }
    by_engine = at_cap | {"cadence": hold, "cadence_done": True}
    assert leads_with_the_rest(by_engine)
    assert not leads_with_the_rest(by_engine | {"cadence_done": False})
    new = by_engine | {"cadence": hold | {"effective_on": MONDAY.isoformat()}}
    assert not leads_with_the_rest(new), "the week of the last raise leads with its number"
