"""“This wasn’t me”: signs out every device, freezes the account and tells the owners; by a POST alone, and once."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from challenge.accounts.emails import not_me_token
from challenge.accounts.identity import record_identity
from challenge.accounts.models import IdentityEvent, User
from challenge.accounts.queries import is_frozen
from challenge.accounts.second_person import WAIT, apply_due_resets, ask_for_reset
from challenge.calls.emails import feed_token
from challenge.calls.queries import desk_feed_of
from challenge.calls.schedule_models import DeskFeed
from challenge.enrollment.address_changes import apply_due, ask_for_address, object_to
from challenge.enrollment.disputes import CannotThaw, report_not_me, thaw
from challenge.enrollment.models import LedgerEntry
from challenge.mail.models import OutboxMessage, PushAddress
from challenge.mail.push_addresses import save_address
from challenge.notifications.plan_calendar import address_of_feed, feed_of, make_feed
from challenge.privacy.actions import erase_account
from challenge.workouts.inbound_mail import address_of, make_address
from tests.accounts.conftest import Door
from tests.authenticator import code_now
from tests.factories.calls import make_availability
from tests.factories.cohorts import enroll
from tests.factories.lives import PUSH_POINT
from tests.factories.log import log_run
from tests.factories.people import (
    make_clinician,
    make_front_desk,
    make_owner,
    make_runner_user,
    make_superuser,
    sign_in_now,
    use_second_factor,
)

pytestmark = pytest.mark.django_db
PUSH_SECRET = "BTBZMqHH6r4Tts7J_aSIgg"
PASSWORD = "a-long-and-invented-one"


@pytest.fixture
def owner(db: None) -> User:
    return make_owner()


@pytest.fixture
def runner(db: None) -> User:
    return make_runner_user(password=PASSWORD)


def happened(account: User, *, by: User | None = None, what: str = "password_changed") -> IdentityEvent:
    return record_identity(what=what, account=account, by=by or account, at=timezone.now())


def link_in_mail(to: str) -> str:
    text = OutboxMessage.objects.filter(to_email=to).latest("pk").text
    found = re.search(r"http://[^/]+(/accounts/not-me/\S+)", text)
    assert found, text
    return found[1]


def thief(account: User) -> Client:
    client = Client()
    sign_in_now(client, account)
    assert client.get("/accounts/email/").status_code == 200
    return client


def test_the_mailed_link_ends_sessions_freezes_and_tells_the_owners(owner: User, runner: User) -> None:
    happened(runner)
    path, stranger = link_in_mail(runner.email), thief(runner)
    page = Client().post(path)
    assert "Every device is signed out, and no one can open the account" in page.content.decode()
    assert stranger.get("/accounts/email/").status_code == 302
    alert = OutboxMessage.objects.get(to_email=owner.email)
    assert alert.subject == "Someone reported: this wasn’t me"
    assert f"/admin/challenge/user/{runner.pk}/change/" in alert.text
    for door in (Door(Client()), Door(Client())):
        answer = door.sign_in(runner)
        assert answer.status_code == 403
        assert "Let’s talk first" in answer.content.decode()
        assert "_auth_user_id" not in door.client.session
    wrong = Client().post("/accounts/login/", {"login": runner.email, "password": PASSWORD})
    assert wrong.status_code == 200, "the password is gone"


def test_a_mail_scanner_that_opens_the_link_changes_nothing(owner: User, runner: User) -> None:
    happened(runner)
    path, mine = link_in_mail(runner.email), thief(runner)
    for ask in (Client().get, Client().head):
        assert ask(path).status_code == 200
    assert mine.get("/accounts/email/").status_code == 200
    assert not is_frozen(runner)
    assert not IdentityEvent.objects.filter(what="not_me").exists()


def test_pressing_twice_is_one_report(owner: User, runner: User) -> None:
    happened(runner)
    path = link_in_mail(runner.email)
    first, second = Client().post(path), Client().post(path)
    assert first.content == second.content
    assert IdentityEvent.objects.filter(what="not_me").count() == 1
    assert OutboxMessage.objects.filter(to_email=owner.email).count() == 1


def test_an_old_link_says_so_and_does_nothing(owner: User, runner: User) -> None:
    happened(runner)
    path = link_in_mail(runner.email)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        answer = Client().post(path)
    assert answer.status_code == 410
    assert "This link is too old" in answer.content.decode()
    assert not is_frozen(runner)


def test_the_link_of_an_erased_account_leads_nowhere(runner: User) -> None:
    path = f"/accounts/not-me/{not_me_token(happened(runner))}/"
    erase_account(user=runner, by=runner, at=timezone.now())
    assert Client().get(path).status_code == Client().post(path).status_code == 404


@pytest.mark.parametrize("make", [make_owner, make_superuser])
def test_who_could_not_be_thawed_is_signed_out_but_not_frozen(make: Any) -> None:
    account = make()
    event = happened(account)
    mine = thief_of_staff(account)
    page = Client().post(f"/accounts/not-me/{not_me_token(event)}/").content.decode()
    assert "Sign in with a code" in page
    assert mine.get("/admin/").status_code == 302
    assert not is_frozen(account)


def thief_of_staff(account: User) -> Client:
    client = Client()
    client.force_login(account)
    use_second_factor(client, account)
    assert client.get("/admin/").status_code == 200
    return client


def thaw_by(by: User, account: User) -> Any:
    client = Client()
    sign_in_now(client, by)
    use_second_factor(client, by)
    page = f"/admin/challenge/user/{account.pk}/change/"
    assert "let them sign in again" in client.get(page).content.decode()
    sent = {"email": account.email, "name": account.name, "time_zone": account.time_zone, "is_active": "on"}
    groups = list(account.groups.values_list("pk", flat=True))
    return client.post(page, sent | {"thawed": "on", "groups": groups}, follow=True)


def test_an_owner_opens_it_again_after_a_talk(owner: User, runner: User) -> None:
    Client().post(f"/accounts/not-me/{not_me_token(happened(runner))}/")
    assert is_frozen(runner)
    assert thaw_by(owner, runner).status_code == 200
    assert not is_frozen(runner)
    assert IdentityEvent.objects.filter(account=runner).latest("pk").actor == owner
    assert Door(Client()).sign_in(runner).status_code == 302


def test_the_owner_reads_which_ways_in_were_added_before(owner: User, runner: User) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=60), tick=False):
        happened(runner, what="totp_activated")
    event = happened(runner, what="webauthn_added")
    staff, there = thief_of_staff(owner), f"/admin/challenge/user/{runner.pk}/change/"
    sentences = ("A passkey was added to your account.", "An authenticator app was added to your account.")
    assert [one in staff.get(there).content.decode() for one in sentences] == [False, False]
    report_not_me(event=event, at=timezone.now())
    page = staff.get(there).content.decode()
    assert "ask about each of these changes" in page
    assert [one in page for one in sentences] == [True, False]
    thaw(user=runner, by=owner, at=timezone.now())
    assert sentences[0] not in staff.get(there).content.decode()


def test_the_owner_who_made_the_reported_change_does_not(owner: User) -> None:
    clinician, other = make_clinician(), make_owner()
    event = happened(clinician, by=owner, what="role_changed")
    assert "Someone at the clinic did it." in OutboxMessage.objects.get(to_email=clinician.email).text
    Client().post(f"/accounts/not-me/{not_me_token(event)}/")
    assert "You changed this account in the 30 days before" in thaw_by(owner, clinician).content.decode()
    assert is_frozen(clinician)
    thaw_by(other, clinician)
    assert not is_frozen(clinician)


def test_no_change_of_address_takes_effect_by_time_while_frozen(owner: User, runner: User) -> None:
    Client().post(f"/accounts/not-me/{not_me_token(happened(runner))}/")
    at = timezone.now()
    change = ask_for_address(user=runner, email="new@runners.test", reason="", by=make_front_desk(), at=at)
    assert change is not None
    assert change.is_waiting
    assert apply_due(at=at + timedelta(days=9)) == 0
    thaw_by(owner, runner)
    assert apply_due(at=at + timedelta(days=9)) == 1


def test_a_change_of_address_that_waited_is_stopped_with_its_row_in_the_ledger(owner: User) -> None:
    at, life = timezone.now(), enroll()
    person = life.seat.user
    assert person is not None
    log_run(life)
    change = ask_for_address(user=person, email="new@runners.test", reason="", by=make_front_desk(), at=at)
    assert change is not None
    assert change.is_waiting
    for _ in range(2):  # pressing twice is one row
        report_not_me(event=happened(person), at=at)
    change.refresh_from_db()
    assert change.canceled_at == at
    kept = LedgerEntry.objects.get(happened="kept")
    assert (kept.seat, kept.user, kept.by) == (life.seat, person, None)
    assert kept.reason == "the account was reported: not me"
    assert IdentityEvent.objects.filter(account=person, what="address_kept").count() == 1
    assert apply_due(at=at + timedelta(days=9)) == 0


def test_no_other_notice_lets_the_owner_who_made_a_change_clear_the_report(owner: User) -> None:
    clinician, at = make_clinician(), timezone.now()
    report_not_me(event=happened(clinician, by=owner, what="role_changed"), at=at)
    report_not_me(event=happened(clinician, what="signed_in"), at=at)
    with pytest.raises(CannotThaw):
        thaw(user=clinician, by=owner, at=at)
    assert is_frozen(clinician)


def test_the_owner_who_asked_for_what_took_effect_by_time_does_not_clear_it(owner: User) -> None:
    clinician, at = make_clinician(), timezone.now()
    ask_for_reset(user=clinician, by=owner, at=at)
    assert apply_due_resets(at=at + WAIT) == 1
    done = IdentityEvent.objects.get(what="factors_reset")
    report_not_me(event=done, at=at + WAIT)
    with pytest.raises(CannotThaw):
        thaw(user=clinician, by=owner, at=at + WAIT)
    thaw(user=clinician, by=make_owner(), at=at + WAIT)
    assert not is_frozen(clinician)


def test_who_asked_for_the_address_that_was_objected_to_does_not_open_the_account(
    owner: User, runner: User
) -> None:
    log_run(enroll(user=runner))
    at = timezone.now()
    change = ask_for_address(user=runner, email="new@runners.test", reason="", by=owner, at=at)
    assert change is not None
    assert apply_due(at=at + WAIT) == 1
    object_to(change=change, at=at + WAIT)
    runner.refresh_from_db()
    assert not runner.is_active
    for by, opens in ((owner, False), (make_owner(), True)):
        client = thief_of_staff(by)
        sign_in_now(client, by)
        use_second_factor(client, by)
        sent = {"email": runner.email, "name": runner.name, "time_zone": runner.time_zone, "is_active": "on"}
        answer = client.post(f"/admin/challenge/user/{runner.pk}/change/", sent, follow=True)
        assert ("A colleague opens it" in answer.content.decode()) != opens
        runner.refresh_from_db()
        assert runner.is_active == opens
        assert IdentityEvent.objects.filter(what="account_opened").exists() == opens


def test_a_notice_from_before_the_talk_shuts_the_account_no_more(owner: User, runner: User) -> None:
    first, second = happened(runner), happened(runner)
    Client().post(f"/accounts/not-me/{not_me_token(first)}/")
    thaw(user=runner, by=owner, at=timezone.now())
    for event in (first, second):
        page = Client().post(f"/accounts/not-me/{not_me_token(event)}/").content.decode()
        assert "We’ve talked about this" in page
    assert not is_frozen(runner)
    Client().post(f"/accounts/not-me/{not_me_token(happened(runner))}/")
    assert is_frozen(runner)


def test_two_reported_owners_do_not_shut_the_clinic_out(owner: User) -> None:
    other = make_owner()
    report_not_me(event=happened(owner), at=timezone.now())
    report_not_me(event=happened(other), at=timezone.now())
    assert is_frozen(owner)
    assert not is_frozen(other)


def test_a_sign_in_that_waits_for_its_second_step_does_not_pass_a_report(owner: User, runner: User) -> None:
    home = Door(Client())
    home.sign_in(runner)
    home.client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret, waiting = home.set_up_app(), Door(Client())
    assert waiting.sign_in(runner)["Location"].startswith("/accounts/2fa/authenticate/")
    report_not_me(event=happened(runner), at=timezone.now())
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        answer = waiting.client.post("/accounts/2fa/authenticate/", {"code": code_now(secret)})
    assert answer.status_code == 403
    assert "_auth_user_id" not in waiting.client.session


def test_it_ends_what_outlives_a_session(owner: User, client: Client, settings: Any) -> None:
    settings.INBOUND_MAIL_DOMAIN, at, life = "in.clinic.test", timezone.now(), enroll()
    person = life.seat.user
    assert person is not None

    def plan() -> str:
        make_feed(enrollment=life, shows_number=True, by=person, at=timezone.now())
        feed = feed_of(life)
        assert feed is not None
        return str(address_of_feed(feed)).removeprefix(settings.SITE_URL)

    first = plan()
    make_address(enrollment=life, by=person, at=at)
    device = {"endpoint": "https://fcm.googleapis.com/fcm/send/1", "p256dh": PUSH_POINT, "auth": PUSH_SECRET}
    save_address(owner=person.about, device="Chrome", at=at, **device)
    assert client.get(first).status_code == 200
    report_not_me(event=happened(person), at=timezone.now())
    assert client.get(first).status_code == 404
    assert feed_of(life) is None
    assert address_of(life) is None
    assert not PushAddress.objects.exists()
    thaw(user=person, by=owner, at=timezone.now())
    assert client.get(first).status_code == 404
    second = plan()
    make_address(enrollment=life, by=person, at=timezone.now())
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)
    assert address_of(life)


def test_it_ends_the_secret_calendars_of_staff(owner: User, client: Client) -> None:
    desk = make_front_desk()
    mine = make_availability(staff=desk, feed_key=uuid.uuid4(), feed_made_at=timezone.now())
    every = DeskFeed.objects.create(staff=desk, feed_key=uuid.uuid4())  # from before its moment was kept
    links = [reverse("calls:feed", args=[feed_token(feed)]) for feed in (mine, every)]
    assert [client.get(link).status_code for link in links] == [200, 200]
    report_not_me(event=happened(desk), at=timezone.now())
    thaw(user=desk, by=owner, at=timezone.now())
    assert [client.get(link).status_code for link in links] == [404, 404]
    assert desk_feed_of(desk) is None
    desk.refresh_from_db()  # the report changed what their sessions hang on
    thief_of_staff(desk).post(reverse("calls_admin:desk_feed"))
    every = DeskFeed.objects.get()
    assert client.get(reverse("calls:feed", args=[feed_token(every)])).status_code == 200
