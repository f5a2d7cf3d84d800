"""From an address to a bib: sign up by emailed code, hold, answer, confirm."""

import re

import pytest
import time_machine
from django.test import Client

from challenge.accounts.models import User
from challenge.care.models import Flag, PhaseChange
from challenge.enrollment.models import Cohort, Enrollment, Seat, SeatState
from challenge.intake.models import Complaint, Consent, Draft, Intake
from challenge.intake.queries import as_protocol, intake_of
from challenge.mail.models import Kind, OutboxMessage
from challenge.protocol.terms import CadenceSource, Side, Site
from tests.conftest import NOW
from tests.factories.cohorts import enroll
from tests.intake.pages import answer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def wednesday_morning() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def test_a_visitor_signs_up_holds_a_seat_answers_and_is_in(client: Client, cohort: Cohort) -> None:
    assert "3 of 3 seats left" in client.get("/join/").content.decode()
    client.post("/accounts/signup/?next=/join/", {"email": "Robin@Runners.test", "next": "/join/"})
    message = OutboxMessage.objects.get(kind=Kind.SECURITY)
    code = re.search(
        r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b|\b[A-Z0-9]{3}-?[A-Z0-9]{3}\b|\b[A-Z0-9]{4,8}\b", message.text
    )
    assert code is not None, message.text
    response = client.post("/accounts/confirm-email/", {"code": code.group()})
    assert response["Location"] == "/join/"

    assert client.post("/join/")["Location"] == "/join/intake/"
    page = client.get("/join/intake/").content.decode()
    assert "Bib 1 is held for you" in page
    assert answer(client)["Location"] == "/join/done/"

    enrollment = Enrollment.objects.get()
    assert enrollment.seat.state == SeatState.CONFIRMED
    assert enrollment.seat.email == "robin@runners.test"
    user = User.objects.get()
    assert user.name == "Robin Marsh"
    assert user.groups.filter(name="runner").exists()
    assert PhaseChange.objects.get().to_phase == 1
    assert Consent.objects.get().version == "2026-1"
    welcome = OutboxMessage.objects.get(kind=Kind.WELCOME)
    assert welcome.to_email == "robin@runners.test"
    assert "BEGIN:VCALENDAR" in welcome.attachments[0]["content"]
    done = client.get("/join/done/").content.decode()
    assert "Monday, January 12" in done
    assert client.get("/join/done/start.ics")["Content-Type"].startswith("text/calendar")


def test_the_answers_reach_the_engine_in_its_own_units(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    answer(runner_client)
    intake = intake_of(Enrollment.objects.get())
    assert intake is not None
    said = as_protocol(intake)
    assert (said.baseline_spm, said.baseline_source) == (160, CadenceSource.WATCH)
    assert said.longest_run_m == 16093
    assert said.usual_week_m == 32992
    assert said.present_sites() == {Site.ACHILLES}
    assert said.past_sites() == {Site.KNEE}
    assert (said.pain_now, said.pain_morning) == (4, 5)
    assert said.complaints[0].side == Side.LEFT


def test_answering_twice_is_once(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    answer(runner_client)
    again = answer(runner_client, running={"cadence_spm": "170"})
    assert again["Location"] == "/join/done/"
    assert Intake.objects.get().baseline_cadence_spm == 160
    assert Complaint.objects.count() == 2
    assert OutboxMessage.objects.filter(kind=Kind.WELCOME).count() == 1
    assert Seat.objects.count() == 1


def test_a_stop_answer_keeps_the_seat_and_raises_the_flag(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    answer(runner_client, body={"symptoms": ["pop", "night_pain"]})
    kinds = {flag.kind: flag.facts for flag in Flag.objects.all()}
    assert kinds == {"stop": {"symptoms": ["pop"]}, "ask": {"symptoms": ["night_pain"]}}
    assert Seat.objects.get().state == SeatState.CONFIRMED
    assert "Please do not run until we have spoken" in runner_client.get("/join/done/").content.decode()


def test_cadence_later_never_costs_the_seat(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    answer(runner_client, running={"cadence_how": "later", "cadence_spm": ""})
    assert Intake.objects.get().baseline_cadence_spm is None
    assert Intake.objects.get().baseline_cadence_source == ""


def test_a_count_of_one_foot_over_thirty_seconds_is_four_times_it(
    runner_client: Client, cohort: Cohort
) -> None:
    runner_client.post("/join/")
    answer(runner_client, running={"cadence_how": "counted", "counted_30s": "41", "cadence_spm": ""})
    assert Intake.objects.get().baseline_cadence_spm == 164


def test_half_a_cadence_is_asked_about_and_may_be_insisted_on(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    page = answer(runner_client, running={"cadence_spm": "82"})
    assert "82? Did you mean 164?" in page.content.decode()
    answer(runner_client, running={"cadence_spm": "82", "cadence_is_right": "on"})
    assert Intake.objects.get().baseline_cadence_spm == 82


def test_who_loses_the_race_keeps_every_answer(runner_client: Client, cohort: Cohort) -> None:
    runner_client.post("/join/")
    runner_client.post("/join/intake/you/", {"name": "Robin", "phone": "12"})
    with time_machine.travel("2026-01-07T16:00:00Z", tick=False):
        fill(cohort)
        last = answer(runner_client)
        assert last.status_code == 409
        assert "You just missed it" in last.content.decode()
        assert Draft.objects.get().answers["body"]["site_1"] == ["achilles"]
        assert Draft.objects.get().answers["you"]["phone"] == ["+1 612 555 0100"]


def fill(cohort: Cohort) -> None:
    for _ in range(cohort.capacity):
        enroll(cohort=cohort, at=NOW.replace(hour=16))
