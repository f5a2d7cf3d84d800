"""A lost device: an owner asks, and 48 hours or a second person remove the factors; the person may say no."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from challenge.accounts.emails import not_me_token
from challenge.accounts.models import IdentityEvent, User
from challenge.accounts.second_person import (
    WAIT,
    ResetRefused,
    apply_due_resets,
    ask_for_reset,
    confirm_reset,
)
from challenge.accounts.waiting_models import FactorReset
from challenge.mail.models import OutboxMessage
from tests.conftest import NOW
from tests.factories.people import (
    make_clinician,
    make_front_desk,
    make_owner,
    make_superuser,
    sign_in_now,
    use_second_factor,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db: None) -> User:
    return make_owner()


@pytest.fixture
def clinician(db: None) -> User:
    user = make_clinician()
    for kind in ("totp", "webauthn", "recovery_codes"):
        Authenticator.objects.create(user=user, type=kind, data={})
    return user


def factors(user: User) -> int:
    return int(Authenticator.objects.filter(user=user).count())


def person_page(by: User, account: User) -> str:
    client = Client()
    sign_in_now(client, by)
    use_second_factor(client, by)
    return client.get(f"/admin/challenge/user/{account.pk}/change/").content.decode()


def send(by: User, account: User, box: str) -> Any:
    client = Client()
    sign_in_now(client, by)
    use_second_factor(client, by)
    page = f"/admin/challenge/user/{account.pk}/change/"
    sent = {"email": account.email, "name": account.name, "time_zone": account.time_zone, "is_active": "on"}
    groups = list(account.groups.values_list("pk", flat=True))
    return client.post(page, sent | {"groups": groups, box: "on"}, follow=True)


def test_the_page_asks_and_a_second_owner_confirms(owner: User, clinician: User) -> None:
    theirs = Client()
    sign_in_now(theirs, clinician)
    use_second_factor(theirs, clinician)
    assert theirs.get("/admin/").status_code == 200
    assert "remove the app, the passkeys" in person_page(owner, clinician)
    send(owner, clinician, "factors_reset")
    assert factors(clinician) == 3, "nothing is removed yet"
    assert "They are removed at" in person_page(owner, clinician)
    assert "remove the second factors now" not in person_page(owner, clinician), "who asked does not confirm"
    letter = OutboxMessage.objects.get(to_email=clinician.email)
    assert "The clinic was asked to remove your second factors." in letter.text
    assert "/accounts/not-me/" in letter.text
    send(owner, clinician, "reset_confirmed")
    assert factors(clinician) == 3, "who asked does not confirm"
    send(make_owner(), clinician, "reset_confirmed")
    assert factors(clinician) == 0
    assert theirs.get("/admin/").status_code == 302
    assert [e.what for e in IdentityEvent.objects.order_by("pk")] == ["factors_reset_asked", "factors_reset"]
    assert OutboxMessage.objects.filter(to_email=clinician.email).count() == 2


def test_time_removes_them_after_48_hours_and_once(owner: User, clinician: User) -> None:
    ask_for_reset(user=clinician, by=owner, at=NOW)
    assert ask_for_reset(user=clinician, by=owner, at=NOW + timedelta(hours=5)).asked_at == NOW
    assert apply_due_resets(at=NOW + WAIT - timedelta(seconds=1)) == 0
    assert apply_due_resets(at=NOW + WAIT) == 1
    assert apply_due_resets(at=NOW + WAIT) == 0
    assert factors(clinician) == 0


def test_the_person_says_no_and_it_never_happens(owner: User, clinician: User) -> None:
    ask_for_reset(user=clinician, by=owner, at=timezone.now())
    event = IdentityEvent.objects.get(what="factors_reset_asked")
    Client().post(f"/accounts/not-me/{not_me_token(event)}/")
    with pytest.raises(ResetRefused, match="reported a theft"):
        confirm_reset(user=clinician, by=make_owner(), at=timezone.now())
    assert apply_due_resets(at=timezone.now() + timedelta(days=9)) == 0
    assert factors(clinician) == 3
    assert FactorReset.objects.get().canceled_at is not None


@pytest.mark.parametrize("make", [make_front_desk, make_clinician])
def test_only_owners_ask(clinician: User, make: Any) -> None:
    with pytest.raises(ResetRefused, match="Only an owner"):
        ask_for_reset(user=clinician, by=make(), at=NOW)


def test_an_owner_removes_no_superusers_factors(owner: User) -> None:
    with pytest.raises(ResetRefused):
        ask_for_reset(user=make_superuser(), by=owner, at=NOW)


def test_no_list_of_the_admin_removes_a_factor(clinician: User) -> None:
    root = make_superuser()
    client = Client()
    sign_in_now(client, root)
    use_second_factor(client, root)
    factor = Authenticator.objects.filter(user=clinician).latest("pk")
    assert client.post(f"/admin/mfa/authenticator/{factor.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [factor.pk], "post": "yes"}
    client.post("/admin/mfa/authenticator/", chosen)
    assert factors(clinician) == 3


@pytest.mark.parametrize("confirms", ["asked_by", "user"])
def test_the_database_wants_two_persons(owner: User, clinician: User, confirms: str) -> None:
    reset = ask_for_reset(user=clinician, by=owner, at=NOW)
    rows = FactorReset.objects.filter(pk=reset.pk)
    with pytest.raises(IntegrityError, match="factor_reset_confirmed_by_another"), transaction.atomic():
        rows.update(confirmed_by=getattr(reset, confirms), applied_at=NOW)
    with pytest.raises(IntegrityError, match="factor_reset_waits_its_time"), transaction.atomic():
        rows.update(applied_at=NOW)
