"""A runner of two cohorts: nothing vanishes, nothing mixes, the intake asks what changed, the export holds both."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from challenge.care.actions import raise_flag
from challenge.care.stop import open_stop
from challenge.enrollment.actions import hold_seat, withdraw
from challenge.enrollment.models import Cohort, EndReason, Enrollment
from challenge.intake.models import Draft, Intake
from challenge.messages.actions import send_message
from challenge.messages.models import Message
from challenge.messages.queries import unread_by_person
from challenge.protocol.vocabulary import FlagKind
from tests.conftest import NOW, kept_for_a_module
from tests.factories.cohorts import make_cohort
from tests.factories.log import log_run
from tests.factories.outcomes import give_answer
from tests.factories.people import make_clinician, make_runner_user, sign_in_now
from tests.intake.pages import answer
from tests.privacy.test_export import fetch_zip

pytestmark = pytest.mark.django_db
SPRING_OPEN = datetime(2026, 4, 1, 15, 0, tzinfo=UTC)  # after Winter's last Sunday, March 29


@pytest.fixture(scope="module")
def kept_winter(django_db_setup: None, django_db_blocker: Any) -> Iterator[Enrollment]:
    with kept_for_a_module(django_db_blocker):
        with time_machine.travel(NOW, tick=False):
            user, phone = make_runner_user(name="Kim Vale"), Client()
            cohort = make_cohort(name="Winter", slug="winter")
            hold_seat(cohort=cohort, user=user, by=user, at=NOW)
            phone.force_login(user)
            answer(phone)
            enrollment = Enrollment.objects.get(seat__user=user)
            log_run(enrollment, distance_m=6437, on=date(2026, 1, 7))
        yield enrollment


@pytest.fixture
def winter(kept_winter: Enrollment, db: None) -> Enrollment:
    """The module's runner of the first cohort, as they were made."""
    return deepcopy(kept_winter)


@pytest.fixture
def spring(winter: Enrollment) -> Cohort:
    return make_cohort(name="Spring", slug="spring", opens_at=SPRING_OPEN, starts_on=date(2026, 4, 13))


@pytest.fixture
def phone(client: Client, winter: Enrollment, spring: Cohort) -> Any:
    user = person(winter)
    with time_machine.travel(SPRING_OPEN, tick=False):
        sign_in_now(client, user)
        assert client.post("/join/").headers["Location"] == "/join/intake/"
        yield client


def person(enrollment: Enrollment) -> Any:
    return enrollment.seat.user


def test_the_new_intake_begins_with_what_is_known(phone: Client) -> None:
    running = phone.get("/join/intake/running/")
    assert "what you told us for Winter on January 7, 2026" in running.content.decode()
    form = running.context["form"]
    assert form["runs_per_week"].value() == 4
    assert str(form["usual_week"].value()) == "20.5"
    body = phone.get("/join/intake/body/").context["form"]
    assert (body["site_1"].value(), body["side_1"].value()) == ("achilles", "left")
    assert body["past"].value() == ["knee"]
    assert body["arch"].value() == "collapsing"
    assert phone.get("/join/intake/agree/").context["form"]["goals"].value() == ["tendon_capacity"]


def test_pain_cadence_longest_run_and_consent_are_asked_again(phone: Client) -> None:
    running = phone.get("/join/intake/running/").context["form"]
    assert not any(running[name].value() for name in ("cadence_how", "cadence_spm", "longest_run"))
    body = phone.get("/join/intake/body/").context["form"]
    assert not any(body[name].value() for name in ("now_1", "morning_1", "symptoms"))
    assert not phone.get("/join/intake/agree/").context["form"]["consent"].value()


def test_what_was_typed_wins_over_what_was_known(phone: Client) -> None:
    phone.post("/join/intake/body/", {"arch": "steady"})
    body = phone.get("/join/intake/body/").context["form"]
    assert body["arch"].value() == "steady"
    assert not body["site_1"].value()
    assert not body["past"].value()


def test_a_draft_of_the_second_intake_is_kept(phone: Client, winter: Enrollment) -> None:
    phone.post("/join/intake/running/draft/", {"runs_per_week": "3"})
    draft = Draft.objects.get(user=person(winter))
    assert draft.answers["running"]["runs_per_week"] == ["3"]
    page = phone.post("/join/intake/agree/", {"email_content": "targets", "consent": "on"})
    assert page.status_code == 422  # the other pages are not answered yet
    assert Draft.objects.filter(user=person(winter)).exists()


@pytest.fixture
def returned(phone: Client, winter: Enrollment) -> Enrollment:
    answer(phone, running={"runs_per_week": "5"})
    enrollment = Enrollment.objects.get(seat__user=person(winter), seat__cohort__slug="spring")
    log_run(enrollment, distance_m=3219, on=date(2026, 3, 31))
    return enrollment


def test_each_challenge_has_its_own_answers(returned: Enrollment, winter: Enrollment) -> None:
    assert Intake.objects.get(enrollment=winter).runs_per_week == 4
    assert Intake.objects.get(enrollment=returned).runs_per_week == 5


def test_the_log_shows_both_and_mixes_nothing(returned: Enrollment, phone: Client) -> None:
    here = phone.get("/log/").content.decode()
    assert "Run, 2.0 mi" in here
    assert "Run, 4.0 mi" not in here
    assert 'href="/log/?challenge=winter"' in here
    before = phone.get("/log/?challenge=winter").content.decode()
    assert "Run, 4.0 mi" in before
    assert "Run, 2.0 mi" not in before
    assert 'href="/log/run/' not in before.split("<main")[1].split("</main")[0]
    assert 'href="/log/?challenge=spring"' in before


def test_an_answer_that_comes_after_the_next_challenge_began_is_found_and_read(
    returned: Enrollment, winter: Enrollment, phone: Client
) -> None:
    at = datetime(2026, 4, 1, 15, tzinfo=UTC)
    send_message(enrollment=winter, text="Your shin is fine now.", by=make_clinician(), at=at)
    assert "A message from your clinician" in unescape(phone.get("/today/").content.decode())
    here = phone.get("/messages/").content.decode()
    assert "<strong>1 new</strong> from your clinician in" in here
    assert 'href="/messages/?challenge=winter"' in here
    assert "Your shin is fine now." not in here
    before = phone.get("/messages/?challenge=winter").content.decode()
    assert "Your shin is fine now." in before
    main = before.split("<main")[1].split("</main")[0]
    assert "<textarea" not in main, "only read: no one answers there"
    last = Message.objects.get().pk
    phone.post("/messages/read/", {"last": last})
    assert unread_by_person(person(winter)).count() == 1, "not of the challenge that the page showed"
    phone.post("/messages/read/?challenge=winter", {"last": last})
    assert not unread_by_person(person(winter)).exists()
    assert "A message from your clinician" not in phone.get("/today/").content.decode()
    assert phone.get("/messages/?challenge=of-others").status_code == 404


def test_progress_shows_both(returned: Enrollment, winter: Enrollment, phone: Client) -> None:
    here, before = phone.get("/progress/"), phone.get("/progress/?challenge=winter")
    assert here.context["progress"].starts_on == date(2026, 4, 13)
    assert before.context["progress"].starts_on == winter.cohort.starts_on
    assert [run.distance_m for run in before.context["progress"].runs] == [6437]
    assert "/progress/?challenge=winter" in here.content.decode()


def test_progress_shows_the_answers_of_the_challenge_it_shows(
    returned: Enrollment, winter: Enrollment, phone: Client
) -> None:
    give_answer(winter, "activities", 0, {"first": 3}, names={"first": "The old hill"})
    give_answer(returned, "activities", 0, {"first": 3}, names={"first": "The new stairs"})
    here, before = (
        phone.get(page).content.decode() for page in ("/progress/", "/progress/?challenge=winter")
    )
    assert ("The new stairs" in here, "The old hill" in here) == (True, False)
    assert ("The new stairs" in before, "The old hill" in before) == (False, True)


@pytest.mark.parametrize("slug", ["nothing", "", "winter%00", "autumn"])
@pytest.mark.parametrize("page", ["/log/", "/progress/"])
def test_no_other_challenge_opens(returned: Enrollment, phone: Client, page: str, slug: str) -> None:
    make_cohort(slug="autumn")
    assert phone.get(f"{page}?challenge={slug}").status_code in {400, 404}


def test_the_export_holds_both(returned: Enrollment, phone: Client) -> None:
    files = fetch_zip(phone, returned)
    seats = json.loads(files["enrollment/enrollments.json"])
    assert {row["seat__cohort__name"] for row in seats} == {"Winter", "Spring"}
    assert {row["distance_m"] for row in json.loads(files["workouts/run.json"])} == {6437, 3219}
    assert len(json.loads(files["intake/intake.json"])) == 2


def test_who_left_the_first_challenge_still_reads_it(winter: Enrollment, client: Client) -> None:
    withdraw(seat=winter.seat, reason=EndReason.WITHDREW, by=None, at=NOW)
    early = make_cohort(name="Second", slug="second", starts_on=date(2026, 1, 12))
    with time_machine.travel(NOW, tick=False):
        hold_seat(cohort=early, user=person(winter), by=person(winter), at=NOW)
        client.force_login(person(winter))
        answer(client)
        assert "Run, 4.0 mi" in client.get("/log/?challenge=winter").content.decode()


def test_an_open_stop_goes_with_the_runner(winter: Enrollment, phone: Client) -> None:
    raise_flag(
        enrollment=winter,
        kind=FlagKind.STOP,
        rule="pain.stop",
        source="run:1",
        facts={"symptoms": ["pop"]},
        at=SPRING_OPEN,
    )
    answer(phone)
    spring = Enrollment.objects.get(seat__user=person(winter), seat__cohort__slug="spring")
    assert open_stop(spring) is not None
