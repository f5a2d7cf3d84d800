"""Colleagues are invited and closed by an owner; who looked at whose data is one row for one list."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client

from challenge.accounts.actions import record_accesses
from challenge.accounts.models import IdentityEvent, User
from challenge.calls.models import Booking
from challenge.care.actions import acknowledge_flag, raise_flag
from challenge.care.models import Flag
from challenge.enrollment.cohort_actions import begin_cohorts
from challenge.enrollment.models import Cohort, CohortClinician
from challenge.mail.models import OutboxMessage
from challenge.operations.people import CannotClosePerson, close_colleague
from challenge.protocol.vocabulary import FlagKind
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import (
    make_clinician,
    make_owner,
    make_runner_user,
    make_superuser,
    sign_in_now,
    use_second_factor,
)

pytestmark = pytest.mark.django_db
INVITE = "/admin/people/invite/"


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner(client: Client) -> Client:
    client.force_login(make_owner(name="Olive Brook"))
    user = User.objects.get(name="Olive Brook")
    sign_in_now(client, user)
    use_second_factor(client, user)
    return client


def typed(**changes: Any) -> dict[str, Any]:
    return {"name": "Dr. Ada Moor", "email": "Ada@Clinic.test", "roles": ["clinician"]} | changes


def test_a_colleague_is_invited_with_role_and_cohorts(owner: Client) -> None:
    cohort = make_cohort()
    assert owner.post(INVITE, typed(cohorts=[cohort.pk])).status_code == 302
    ada = User.objects.get(email="ada@clinic.test")
    assert ada.is_staff
    assert not ada.is_superuser
    assert not ada.has_usable_password()
    assert [group.name for group in ada.groups.all()] == ["clinician"]
    assert CohortClinician.objects.get().user == ada
    assert not EmailAddress.objects.get(user=ada).verified
    letter = OutboxMessage.objects.get(to_email="ada@clinic.test")
    assert "Olive Brook made you an account" in letter.text
    assert "/accounts/login/code/" in letter.text
    given = IdentityEvent.objects.get(account=ada, what="role_given")
    assert given.actor is not None
    assert (given.actor.name, given.means) == ("Olive Brook", "clinician")


def test_nothing_opens_for_them_before_their_second_factor(owner: Client, settings: Any) -> None:
    settings.REQUIRE_STAFF_MFA = True
    owner.post(INVITE, typed())
    ada = Client()
    sign_in_now(ada, User.objects.get(email="ada@clinic.test"))
    assert ada.get("/admin/")["Location"] == "/accounts/2fa/"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "ada"}, "email"),
        ({"email": "taken@runners.test"}, "email"),
        ({"name": ""}, "name"),
        ({"roles": []}, "roles"),
        ({"roles": ["superuser"]}, "roles"),
        ({"roles": ["owner"], "cohorts": ["1"]}, "cohorts"),
        ({"cohorts": ["999999"]}, "cohorts"),
    ],
)
def test_a_bad_invitation_is_refused_beside_the_field(owner: Client, changes: Any, field: str) -> None:
    make_runner_user(email="taken@runners.test")
    people = User.objects.count()
    page = owner.post(INVITE, typed(**changes))
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert User.objects.count() == people
    assert not OutboxMessage.objects.exists()


def test_pressing_twice_invites_once(owner: Client) -> None:
    owner.post(INVITE, typed())
    page = owner.post(INVITE, typed())
    assert "has an account already" in page.content.decode()
    assert OutboxMessage.objects.count() == 1


@pytest.fixture
def leaving() -> User:
    """A clinician of a running cohort, with a flag taken and a call ahead."""
    runner, person = enroll(), make_clinician(name="Ada Moor")
    CohortClinician.objects.create(cohort=runner.cohort, user=person)
    begin_cohorts(at=NOW)
    flag = raise_flag(enrollment=runner, kind=FlagKind.ASK, rule="pain.ask", source="x", facts={}, at=NOW)
    acknowledge_flag(flag=flag, by=person, at=NOW)
    at_ten = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)
    make_call(availability=make_availability(staff=person), starts_at=at_ten, at=NOW)
    return person


def close(owner: Client, person: User, **sent: Any) -> Any:
    return owner.post(f"/admin/people/{person.pk}/close/", sent)


def test_a_colleague_who_leaves_hands_everything_over(owner: Client, leaving: User) -> None:
    successor = make_clinician(name="Zoe Fenn")
    make_availability(staff=successor)
    page = owner.get(f"/admin/people/{leaving.pk}/close/").content.decode()
    assert "1 open flag taken by them" in page
    assert "1 call ahead" in page
    assert "would have no clinician" in page
    theirs = Client()
    sign_in_now(theirs, leaving)
    assert close(owner, leaving, successor=successor.pk).status_code == 302
    leaving.refresh_from_db()
    assert not leaving.is_active
    assert Booking.objects.get().staff == successor
    assert leaving.cohorts_cared_for.get().cohort.clinicians.filter(user=successor).exists()
    assert enrollment_flag_owner() == successor
    assert theirs.get("/admin/").status_code == 302


def enrollment_flag_owner() -> User | None:
    return Flag.objects.get().taken_by


def test_without_a_successor_nothing_is_closed(owner: Client, leaving: User) -> None:
    page = close(owner, leaving)
    assert page.status_code == 422
    assert "Someone must take over" in page.content.decode()
    leaving.refresh_from_db()
    assert leaving.is_active


def test_a_call_that_does_not_fit_rolls_all_of_it_back(owner: Client, leaving: User) -> None:
    successor = make_clinician()  # takes no calls
    page = close(owner, leaving, successor=successor.pk)
    assert page.status_code == 422
    assert "A call stays where it is" in page.content.decode()
    leaving.refresh_from_db()
    assert leaving.is_active
    assert Booking.objects.get().staff == leaving
    assert enrollment_flag_owner() == leaving
    assert not successor.cohorts_cared_for.exists()


def test_a_successor_who_was_closed_meanwhile_takes_nothing(leaving: User) -> None:
    successor = make_clinician()
    User.objects.filter(pk=successor.pk).update(is_active=False)  # after the form was checked
    with pytest.raises(CannotClosePerson, match="closed just now"):
        close_colleague(person=leaving, successor=successor, by=make_owner(), at=NOW)
    leaving.refresh_from_db()
    assert leaving.is_active
    assert enrollment_flag_owner() == leaving


def test_who_may_not_be_closed(owner: Client) -> None:
    root, me = make_superuser(), User.objects.get(name="Olive Brook")
    assert "Only a superuser" in close(owner, root).content.decode()
    assert "your own account" in close(owner, me).content.decode()
    assert User.objects.filter(pk__in=[root.pk, me.pk], is_active=True).count() == 2
    runner = make_runner_user()
    assert close(owner, runner).status_code == 404
    somebody = make_clinician()
    page = close(owner, somebody, successor=runner.pk)
    assert "Choose an active clinician" in page.content.decode()


def test_a_recent_sign_in_is_needed(client: Client, leaving: User) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        user = make_owner()
        client.force_login(user)
        use_second_factor(client, user)
        clock.shift(3600)
        for address in (INVITE, f"/admin/people/{leaving.pk}/close/"):
            assert client.get(address).status_code == 302


def test_the_list_of_people_says_who_has_no_second_factor(owner: Client, leaving: User) -> None:
    page = owner.get("/admin/people/").content.decode()
    assert "No second factor yet, never signed in." in page
    assert "cares for" in page


# Who looked


def test_a_list_of_forty_one_people_is_one_row(owner: Client) -> None:
    viewer = make_clinician(name="Ada Moor")
    runners = [make_runner_user(name=f"Runner {n:02}").pk for n in range(41)]
    record_accesses(viewer=viewer, runners=runners, what="board", at=NOW)
    record_accesses(viewer=viewer, runners=runners[:1], what="log", at=NOW)
    looks = list(owner.get("/admin/access/").context["looks"])
    assert sorted((look["what"], look["people"]) for look in looks) == [("board", 41), ("log", 1)]
    body = owner.get("/admin/access/").content.decode()
    assert "<summary>41 people in one list</summary>" in body
    assert "Runner 00, Runner 01" in body


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?day=2026-01-06", 200),
        ("?day=yesterday", 400),
        ("?day=2031-01-01", 400),
        ("?page=x", 400),
        ("?q=1", 400),
    ],
)
def test_a_day_is_chosen(owner: Client, query: str, status: int) -> None:
    assert owner.get(f"/admin/access/{query}").status_code == status


def test_cohorts_that_are_over_are_not_offered(owner: Client) -> None:
    make_cohort(name="Long over")
    begin_cohorts(at=NOW)
    Cohort.objects.update(over_at=NOW)
    assert "Long over" not in owner.get(INVITE).content.decode()
