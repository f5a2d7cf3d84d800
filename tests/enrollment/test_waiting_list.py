"""The early-access list and the list for the public launch."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from challenge.enrollment.actions import NotYetOpen, hold_seat
from challenge.enrollment.models import Cohort, EarlyAccess
from challenge.enrollment.waiting_list import invite, token_of
from challenge.mail.models import MessageKind, OutboxMessage
from tests.conftest import NOW
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_runner_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def soon() -> Cohort:
    """Early access tomorrow, the public two days later."""
    return make_cohort(
        capacity=2,
        early_access_at=NOW + timedelta(days=1),
        opens_at=NOW + timedelta(days=3),
        starts_on=date(2026, 1, 19),
    )


@pytest.fixture(autouse=True)
def wednesday() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def ask(client: Client, email: str, **more: str) -> tuple[int, str]:
    response = client.post("/early-access/", {"email": email, **more})
    return response.status_code, response.headers.get("Location", "")


def test_a_place_is_asked_for_and_confirmed_by_a_button_behind_the_emailed_link(
    client: Client, soon: Cohort
) -> None:
    assert ask(client, "Kim@Runners.test") == (302, "/early-access/asked/")
    place = EarlyAccess.objects.get()
    assert (place.email, place.which, place.cohort) == ("kim@runners.test", "early", soon)
    message = OutboxMessage.objects.get(kind=MessageKind.EARLY_ACCESS)
    path = message.text.split("http://testserver")[1].split()[0]
    assert "One more button" in client.get(path).content.decode()
    place.refresh_from_db()
    assert place.confirmed_at is None
    client.post(path, {"do": "confirm"})
    place.refresh_from_db()
    assert place.confirmed_at == NOW


def test_any_address_gets_the_same_answer_and_one_email_a_day(client: Client, soon: Cohort) -> None:
    known = make_runner_user().email
    answers = {ask(client, email) for email in ("new@runners.test", "new@runners.test", known)}
    assert answers == {(302, "/early-access/asked/")}
    assert OutboxMessage.objects.filter(to_email="new@runners.test").count() == 1


def test_the_trap_for_programs_is_answered_kindly_and_keeps_nothing(client: Client, soon: Cohort) -> None:
    assert ask(client, "bot@runners.test", website="https://spam.test") == (302, "/early-access/asked/")
    assert not EarlyAccess.objects.exists()


def test_one_visitor_cannot_fill_the_list(client: Client, soon: Cohort) -> None:
    answers = [ask(client, f"many{n}@runners.test")[0] for n in range(22)]
    assert answers == [302] * 20 + [429] * 2


def test_a_wrong_address_is_named_beside_its_field(client: Client, soon: Cohort) -> None:
    page = client.post("/early-access/", {"email": "robin@"})
    assert page.status_code == 422
    assert "Enter the whole address" in page.content.decode()


@pytest.mark.parametrize("token", ["1", "altered:token:x", "x" * 200])
def test_an_altered_link_leads_nowhere(client: Client, soon: Cohort, token: str) -> None:
    assert client.get(f"/early-access/{token}/").status_code == 404


def test_a_link_grows_old_and_a_place_can_be_left(client: Client, soon: Cohort) -> None:
    ask(client, "kim@runners.test")
    token = token_of(EarlyAccess.objects.get())
    with time_machine.travel(NOW + timedelta(days=31), tick=False):
        assert client.get(f"/early-access/{token}/").status_code == 404
    client.post(f"/early-access/{token}/", {"do": "leave"})
    assert not EarlyAccess.objects.exists()
    assert client.get(f"/early-access/{token}/").status_code == 404


def test_invited_people_claim_early_and_everyone_else_with_the_public(soon: Cohort) -> None:
    early, other = make_runner_user(), make_runner_user()
    for user, confirmed_at in ((early, NOW), (other, None)):
        EarlyAccess.objects.create(
            which="early", cohort=soon, email=user.email, asked_at=NOW, confirmed_at=confirmed_at
        )
    assert invite(cohort=soon, at=NOW) == 1
    assert invite(cohort=soon, at=NOW) == 0
    assert OutboxMessage.objects.get(kind=MessageKind.INVITATION).to_email == early.email
    with pytest.raises(NotYetOpen):
        hold_seat(cohort=soon, user=early, by=early, at=NOW)
    tomorrow = NOW + timedelta(days=1)
    assert hold_seat(cohort=soon, user=early, by=early, at=tomorrow).number == 1
    with pytest.raises(NotYetOpen) as refused:
        hold_seat(cohort=soon, user=other, by=other, at=tomorrow)
    assert refused.value.opens_at == soon.opens_at
    assert hold_seat(cohort=soon, user=other, by=other, at=soon.opens_at).user == other


def test_an_invited_person_finds_the_way_in_and_the_page_reveals_no_one(client: Client, soon: Cohort) -> None:
    way_in = "/accounts/signup/?next=/join/"
    assert way_in not in client.get("/join/").content.decode()
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        assert way_in in client.get("/join/").content.decode()
        other = make_runner_user(email="other@runners.test")
        client.force_login(other)
        assert "you’re signed in as other@runners.test" in client.get("/join/").content.decode()
        assert client.post("/join/")["Location"] == "/join/?missed"


def test_after_closing_the_list_is_the_public_launch_apart_from_the_first(client: Client) -> None:
    full = make_cohort(capacity=1)
    enroll(cohort=full)
    assert "The public launch" in client.get("/early-access/").content.decode()
    ask(client, "late@runners.test")
    place = EarlyAccess.objects.get()
    assert (place.which, place.cohort) == ("launch", None)
