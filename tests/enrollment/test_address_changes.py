"""Staff give an account another address: the runner hears of it and can object, and no health record changes hands."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from challenge.accounts.models import AccessEntry, AddressChange, User
from challenge.accounts.queries import open_objection
from challenge.enrollment.address_changes import ask_for_address
from challenge.enrollment.models import CohortClinician, Enrollment, LedgerEntry, Seat
from challenge.enrollment.periodic import apply_address_changes
from challenge.mail.models import OutboxMessage
from challenge.notifications.plan_calendar import feed_of, make_feed
from challenge.privacy.actions import erase_account
from challenge.privacy.queries import everything_about
from tests.accounts.conftest import Door
from tests.accounts.test_fresh_sign_in import age_sign_in
from tests.conftest import NOW
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_run
from tests.factories.people import (
    make_clinician,
    make_front_desk,
    make_owner,
    make_runner_user,
    sign_in_now,
    use_second_factor,
)

pytestmark = pytest.mark.django_db
OLD, NEW = "robin@runners.test", "desk-friend@runners.test"


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def running() -> Enrollment:
    """A runner of a running cohort with a log, a clinician and an owner."""
    make_owner(email="owner@clinic.test")
    life = enroll(cohort=make_cohort(slug="winter"), user=make_runner_user(email=OLD))
    CohortClinician.objects.create(cohort=life.cohort, user=make_clinician())
    log_run(life)
    return life


def staff(user: User) -> Client:
    client = Client()
    client.force_login(user)
    use_second_factor(client, user)
    return client


def at_the_desk(life: Enrollment, email: str = NEW, client: Client | None = None) -> Any:
    """The front desk sends the form of the seat."""
    sent = {"do": "address", "email": email, "reason": "rang us"}
    return (client or staff(make_front_desk())).post(f"/admin/seats/winter/{life.seat_id}/", sent)


def by_the_owner(life: Enrollment, email: str = NEW) -> Any:
    user = life.seat.user
    assert user is not None
    sent = {"email": email, "name": user.name, "time_zone": user.time_zone, "is_active": "on"}
    owner = User.objects.get(email="owner@clinic.test")
    return staff(owner).post(f"/admin/challenge/user/{user.pk}/change/", sent)


def text_to(address: str, template: str = "address") -> str:
    key = f"{template}_"
    return OutboxMessage.objects.filter(to_email=address, dedupe_key__startswith=key).latest("pk").text


def objection() -> str:
    """The path of the link in the letter to the old address."""
    found = re.search(r"http://[^/]+(/address/\S+/)", text_to(OLD))
    assert found
    return found[1]


def opens(email: str) -> bool:
    """Return whether the owner of this mailbox gets in by a code; without one, no password reset comes either."""
    cache.clear()  # the limits on asking
    door = Door(Client())
    earlier = list(OutboxMessage.objects.values_list("pk", flat=True))
    for ask in (Client().post("/accounts/password/reset/", {"email": email}), door.ask_for_code(email)):
        assert ask.status_code == 302
    mailed = OutboxMessage.objects.filter(to_email=email).exclude(pk__in=earlier)
    with_codes = {"code:" in message.text for message in mailed}
    assert len(with_codes) == 1
    if False in with_codes:
        return False
    door.client.post("/accounts/login/code/confirm/", {"code": door.code(email)})
    return door.client.get("/log/").status_code == 200


@pytest.mark.parametrize("asking", [at_the_desk, by_the_owner])
def test_a_runners_new_address_opens_nothing_for_48_hours_and_the_old_one_goes_on(
    running: Enrollment, wednesday: Any, asking: Any
) -> None:
    theirs = Client()
    sign_in_now(theirs, running.seat.user)  # type: ignore[arg-type]
    assert asking(running).status_code == 302
    assert not opens(NEW)
    assert opens(OLD)
    assert theirs.get("/log/").status_code == 200
    assert Enrollment.objects.get().address == OLD, "targets go on to the old address"
    wednesday.move_to(NOW + timedelta(hours=47, minutes=59))
    apply_address_changes()
    assert not opens(NEW)
    wednesday.move_to(NOW + timedelta(hours=48))
    sign_in_now(theirs, running.seat.user)  # type: ignore[arg-type]
    assert theirs.get("/log/").status_code == 200
    apply_address_changes()
    assert theirs.get("/log/").status_code == 302, "devices of the old address are signed out"
    assert opens(NEW)
    assert not opens(OLD)
    assert (Seat.objects.get().email, Enrollment.objects.get().address) == (NEW, NEW)


@pytest.mark.parametrize("asking", [at_the_desk, by_the_owner])
def test_both_addresses_are_written_to_and_neither_letter_names_the_other(
    running: Enrollment, asking: Any
) -> None:
    asking(running)
    old, new = text_to(OLD), text_to(NEW)
    for text in (old, new):
        assert "Friday, January 9, 9:00 AM (CST)" in text
    assert "/address/" in old
    assert "/address/" not in new
    assert NEW not in old
    assert OLD not in new


@pytest.mark.parametrize("asking", [at_the_desk, by_the_owner])
def test_a_change_is_an_access_and_a_row_of_the_ledger(running: Enrollment, asking: Any) -> None:
    asking(running)
    assert AccessEntry.objects.filter(runner=running.seat.user, what="change of address").count() == 1
    asked = LedgerEntry.objects.get(happened="asked")
    assert asked.by is not None
    assert (asked.seat, asked.user) == (running.seat, running.seat.user)
    with time_machine.travel(NOW + timedelta(hours=48), tick=False):
        apply_address_changes()
    assert LedgerEntry.objects.filter(happened="corrected").count() == 1
    assert not any(NEW in entry.reason or OLD in entry.reason for entry in LedgerEntry.objects.all())


def test_the_link_shows_first_and_stops_the_change_when_pressed(running: Enrollment, wednesday: Any) -> None:
    at_the_desk(running)
    theirs, path = Client(), objection()
    sign_in_now(theirs, running.seat.user)  # type: ignore[arg-type]
    theirs.get("/log/")
    for method in (Client().get, Client().head):
        assert method(path).status_code == 200
    assert AddressChange.objects.get().is_waiting
    page = Client().post(path)
    assert "The address stays as it is" in page.content.decode()
    assert theirs.get("/log/").status_code == 302, "every device is signed out"
    told = OutboxMessage.objects.get(to_email="owner@clinic.test")
    assert f"/admin/challenge/user/{running.seat.user_id}/change/" in told.text
    assert not any(word in told.text + told.subject for word in (OLD, NEW, running.seat.user.name))  # type: ignore[union-attr]
    assert LedgerEntry.objects.filter(happened="kept", by=None).count() == 1
    wednesday.move_to(NOW + timedelta(days=3))
    apply_address_changes()
    assert not opens(NEW)
    assert opens(OLD)
    Client().post(path)
    assert OutboxMessage.objects.filter(to_email="owner@clinic.test").count() == 1


def test_an_objection_after_the_change_closes_the_account_until_the_owner_opens_it(
    running: Enrollment, wednesday: Any
) -> None:
    at_the_desk(running)
    path = objection()
    wednesday.move_to(NOW + timedelta(days=3))
    apply_address_changes()
    assert opens(NEW)
    holder = running.seat.user  # whoever has the account now
    assert holder is not None
    make_feed(enrollment=running, shows_number=True, by=holder, at=timezone.now())
    Client().post(path)
    wednesday.move_to(NOW + timedelta(days=3, hours=1))
    assert not opens(NEW)
    by_the_owner(running)
    assert opens(NEW)
    assert feed_of(running) is None


def test_asking_twice_replaces_the_first_and_its_link_stops_the_second(running: Enrollment) -> None:
    desk = staff(make_front_desk())
    at_the_desk(running, "first@runners.test", desk)
    path = objection()
    at_the_desk(running, NEW, desk)
    assert AddressChange.objects.filter(canceled_at__isnull=True).get().new_email == NEW
    Client().post(path)
    assert not AddressChange.objects.filter(canceled_at__isnull=True).exists()


def test_the_desk_takes_a_change_back_by_writing_the_old_address(running: Enrollment) -> None:
    desk = staff(make_front_desk())
    at_the_desk(running, NEW, desk)
    at_the_desk(running, OLD, desk)
    assert AddressChange.objects.get().canceled_at is not None
    assert OLD in desk.get("/admin/seats/winter/").content.decode()


def confirm(life: Enrollment, client: Client) -> Any:
    sent = {"change": AddressChange.objects.latest("pk").pk}
    return client.post(f"/admin/review/winter/runners/{life.pk}/address/", sent)


def test_a_clinician_of_the_cohort_confirms_before_the_time(running: Enrollment) -> None:
    at_the_desk(running)
    clinician = CohortClinician.objects.get().user
    client = staff(clinician)
    page = client.get(f"/admin/review/winter/runners/{running.pk}/").content.decode()
    assert "It’s right: let this address sign in now" in page
    confirm(running, client)
    change = AddressChange.objects.get()
    assert (change.confirmed_by, change.applied_at) == (clinician, NOW)
    assert opens(NEW)
    assert AccessEntry.objects.filter(viewer=clinician, what="address confirmed").exists()
    assert LedgerEntry.objects.get(happened="corrected").by == clinician
    confirm(running, client)
    assert AddressChange.objects.get().applied_at == NOW


@pytest.mark.parametrize("make", [make_front_desk, make_owner, make_clinician])
def test_other_staff_confirm_nothing(running: Enrollment, make: Any) -> None:
    at_the_desk(running)
    assert confirm(running, staff(make())).status_code in {403, 404}
    assert AddressChange.objects.get().is_waiting


def test_a_confirmation_asks_for_a_fresh_sign_in(running: Enrollment) -> None:
    at_the_desk(running)
    client = staff(CohortClinician.objects.get().user)
    age_sign_in(client, timedelta(minutes=16))
    assert "/reauthenticate/" in confirm(running, client)["Location"]
    assert AddressChange.objects.get().is_waiting


def test_who_asked_does_not_confirm_nor_does_the_database_let_them(running: Enrollment) -> None:
    clinician, user = CohortClinician.objects.get().user, running.seat.user
    assert user is not None
    change = ask_for_address(user=user, email=NEW, reason="said so", by=clinician, at=NOW)
    assert change is not None
    page = staff(clinician).get(f"/admin/review/winter/runners/{running.pk}/").content.decode()
    assert "a colleague has to confirm it" in page
    confirm(running, staff(clinician))
    assert AddressChange.objects.get().is_waiting
    for early in ({"confirmed_by": clinician}, {"applied_at": NOW + timedelta(hours=1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AddressChange.objects.update(**early)


def test_the_desk_confirms_a_stale_sign_in_and_finds_what_it_typed(running: Enrollment) -> None:
    client = staff(make_front_desk())
    age_sign_in(client, timedelta(minutes=16))
    there = at_the_desk(running, client=client)["Location"]
    assert there == "/accounts/2fa/reauthenticate/?next=%2Fadmin%2Fseats%2Fwinter%2F"
    assert not AddressChange.objects.exists()
    page = client.get("/admin/seats/winter/").content.decode()
    assert f'value="{NEW}"' in page
    assert 'value="rang us"' in page
    use_second_factor(client, User.objects.get(pk=client.session["_auth_user_id"]))
    at_the_desk(running, client=client)
    assert f'value="{NEW}"' not in client.get("/admin/seats/winter/").content.decode()


def test_without_a_health_record_a_typing_mistake_is_corrected_at_once(wednesday: Any) -> None:
    life = enroll(cohort=make_cohort(slug="winter"), user=make_runner_user(email=OLD))
    EmailAddress.objects.update(verified=False)
    at_the_desk(life)
    assert (Seat.objects.get().email, Enrollment.objects.get().address) == (NEW, NEW)
    assert opens(NEW)
    assert "/address/" not in text_to(OLD), "a stranger gets no button"
    assert "/accounts/login/" in text_to(NEW)


def test_a_mistyped_address_that_never_signed_in_opens_nothing_while_the_right_one_waits(
    running: Enrollment, wednesday: Any
) -> None:
    EmailAddress.objects.filter(email=OLD).update(verified=False)
    at_the_desk(running)
    assert "goes on working" not in text_to(OLD) + text_to(NEW)
    assert not opens(NEW)
    assert not opens(OLD)
    wednesday.move_to(NOW + timedelta(hours=48))
    apply_address_changes()
    assert opens(NEW)
    assert not opens(OLD)


def test_an_address_that_was_taken_meanwhile_is_not_taken_over(running: Enrollment, wednesday: Any) -> None:
    at_the_desk(running)
    other = make_runner_user(email=NEW)
    wednesday.move_to(NOW + timedelta(hours=48))
    apply_address_changes()
    assert AddressChange.objects.get().canceled_at is not None
    assert (Seat.objects.get().email, User.objects.get(email=NEW)) == (OLD, other)


def test_a_runner_who_changed_it_themselves_keeps_their_own_choice(
    running: Enrollment, wednesday: Any
) -> None:
    at_the_desk(running)
    User.objects.filter(email=OLD).update(email="chosen@runners.test")
    wednesday.move_to(NOW + timedelta(hours=48))
    apply_address_changes()
    assert Enrollment.objects.get().address == "chosen@runners.test"


def test_two_runners_do_not_wait_for_one_address(running: Enrollment) -> None:
    desk, other = staff(make_front_desk()), enroll(cohort=running.cohort)
    log_run(other)
    at_the_desk(running, client=desk)
    page = at_the_desk(other, client=desk)
    assert page.status_code == 422
    assert "Another account has this address already." in page.content.decode()


def test_the_desk_gives_no_colleague_another_address(running: Enrollment) -> None:
    """The seat of a person who has become staff would be the way to their permissions."""
    User.objects.filter(email=OLD).update(is_staff=True)
    page = at_the_desk(running)
    assert page.status_code == 422
    assert "This is a colleague" in page.content.decode()
    assert not AddressChange.objects.exists()
    assert f'value="{NEW}"' in page.content.decode()


def test_an_account_keeps_its_record_of_changes_until_it_is_erased(running: Enrollment) -> None:
    at_the_desk(running)
    user = running.seat.user
    assert user is not None
    assert everything_about(user)["accounts/address_changes"][0]["new_email"] == NEW
    erase_account(user=user, by=user, at=timezone.now())
    assert not AddressChange.objects.exists()
    assert not OutboxMessage.objects.filter(to_email__in=[OLD, NEW]).exists()


@pytest.fixture
def objected(running: Enrollment, wednesday: Any) -> Enrollment:
    """The runner objected, and the desk asked for the address again at once; four days went by."""
    at_the_desk(running)
    Client().post(objection())
    wednesday.move_to(NOW + timedelta(hours=1))
    at_the_desk(running, "again@runners.test", staff(User.objects.get(groups__name="front desk")))
    wednesday.move_to(NOW + timedelta(days=4))
    apply_address_changes()
    return running


def test_after_an_objection_time_alone_applies_no_later_change(objected: Enrollment) -> None:
    change = AddressChange.objects.latest("pk")
    assert (change.new_email, change.is_waiting) == ("again@runners.test", True)
    assert not opens("again@runners.test")
    assert "until a clinician has confirmed it" in text_to(OLD)
    assert "once a clinician has confirmed it" in text_to("again@runners.test")
    clinician = staff(CohortClinician.objects.get().user)
    confirm(objected, clinician)
    change.refresh_from_db()
    assert change.applied_at is not None


@pytest.mark.parametrize("who", ["clinician", "owner"])
def test_a_clinician_or_an_owner_clears_the_objection(objected: Enrollment, who: str) -> None:
    if who == "clinician":
        client = staff(CohortClinician.objects.get().user)
        there = f"/admin/review/winter/runners/{objected.pk}/"
        assert "clear the objection" in client.get(there).content.decode()
        client.post(f"{there}address/", {"clear": "1"})
    else:
        owner, user = staff(User.objects.get(email="owner@clinic.test")), objected.seat.user
        assert user is not None
        there = f"/admin/challenge/user/{user.pk}/change/"
        assert "clear the objection" in owner.get(there).content.decode()
        sent = {"email": OLD, "name": user.name, "time_zone": user.time_zone, "is_active": "on"}
        assert owner.post(there, sent | {"objection_cleared": "on"}).status_code == 302
        assert "clear the objection" not in owner.get(there).content.decode()
    apply_address_changes()
    assert AddressChange.objects.get(new_email="again@runners.test").applied_at is not None


def test_who_asked_for_the_change_does_not_clear_the_objection(running: Enrollment) -> None:
    clinician, user = CohortClinician.objects.get().user, running.seat.user
    assert user is not None
    ask_for_address(user=user, email=NEW, reason="said so", by=clinician, at=NOW)
    Client().post(objection())
    there = f"/admin/review/winter/runners/{running.pk}/"
    client = staff(clinician)
    assert "a colleague has to clear the objection" in client.get(there).content.decode()
    client.post(f"{there}address/", {"clear": "1"})
    assert open_objection(user) is not None


@pytest.mark.parametrize("do", ["enroll", "hold"])
def test_the_desk_enrolls_no_one_under_an_address_that_waits_for_a_runner(
    running: Enrollment, do: str
) -> None:
    desk = staff(make_front_desk())
    at_the_desk(running, client=desk)
    make_cohort(slug="spring", is_public=False)
    sent = {"do": do, "email": NEW, "name": "Robin Reed", "phone": "", "reason": "rang us"}
    page = desk.post("/admin/seats/spring/person/", sent)
    assert page.status_code == 422
    assert "This address waits for another runner" in page.content.decode()
    assert not User.objects.filter(email=NEW).exists()


@pytest.mark.parametrize("path", ["/admin/account/emailaddress/", "/admin/mfa/authenticator/add/"])
def test_no_page_adds_a_way_to_sign_in_for_another_person(superuser: User, path: str) -> None:
    assert staff(superuser).get(path).status_code in {403, 404}
