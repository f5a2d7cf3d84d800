"""What an owner cannot do alone: become a clinician, or make another owner."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from challenge.accounts.models import AddressChange, IdentityEvent, User
from challenge.accounts.roles import CLINICIAN, FRONT_DESK, OWNER
from challenge.accounts.second_person import (
    WAIT,
    GrantRefused,
    apply_due_grants,
    ask_for_roles,
    confirm_roles,
)
from challenge.accounts.waiting_models import RoleGrant
from challenge.enrollment.address_changes import apply_due, ask_for_address
from challenge.enrollment.disputes import report_not_me
from challenge.mail.models import OutboxMessage
from challenge.operations.people import invite_colleague
from tests.conftest import NOW
from tests.factories.cohorts import enroll
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


def roles(user: User) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


def page(by: User, account: User) -> tuple[Client, str]:
    client = Client()
    sign_in_now(client, by)
    use_second_factor(client, by)
    return client, f"/admin/challenge/user/{account.pk}/change/"


def save(by: User, account: User, *wanted: str, **boxes: str) -> str:
    client, there = page(by, account)
    groups = list(Group.objects.filter(name__in=wanted).values_list("pk", flat=True))
    sent: dict[str, Any] = {"email": account.email, "name": account.name, "time_zone": account.time_zone}
    answer = client.post(there, sent | {"is_active": "on", "groups": groups} | boxes, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_an_owner_does_not_become_a_clinician_at_once() -> None:
    owner, second = make_owner(), make_owner(email="second@clinic.test")
    shown = save(owner, owner, OWNER, CLINICIAN)
    assert "Clinician from" in shown
    assert roles(owner) == {OWNER}
    client, _ = page(owner, owner)
    assert client.get("/admin/challenge/intake/").status_code == 403
    letter = OutboxMessage.objects.get(to_email=second.email)
    assert "clinician" in letter.text
    save(second, owner, OWNER, roles_confirmed="on")
    assert roles(owner) == {OWNER, CLINICIAN}
    assert [e.what for e in IdentityEvent.objects.order_by("pk")] == ["role_asked", "role_changed"]


def test_who_asked_and_who_gets_it_do_not_confirm() -> None:
    owner, friend = make_owner(), make_front_desk()
    save(owner, friend, FRONT_DESK, OWNER)
    assert roles(friend) == {FRONT_DESK}
    client, there = page(owner, friend)
    assert "roles_confirmed" not in client.get(there).content.decode()
    save(owner, friend, FRONT_DESK, roles_confirmed="on")
    with pytest.raises(GrantRefused, match="Another owner"):
        confirm_roles(user=friend, by=owner, at=NOW)
    with pytest.raises(GrantRefused, match="Only an owner"):
        confirm_roles(user=friend, by=make_clinician(), at=NOW)
    assert roles(friend) == {FRONT_DESK}


def test_time_gives_it_after_48_hours_and_once() -> None:
    owner, friend = make_owner(), make_front_desk()
    ask_for_roles([OWNER], user=friend, by=owner, at=NOW)
    ask_for_roles([OWNER], user=friend, by=owner, at=NOW + timedelta(hours=9))
    assert apply_due_grants(at=NOW + WAIT - timedelta(seconds=1)) == 0
    assert apply_due_grants(at=NOW + WAIT) == 1
    assert apply_due_grants(at=NOW + WAIT) == 0
    assert roles(friend) == {FRONT_DESK, OWNER}


def test_the_person_or_an_owner_stops_it() -> None:
    owner, friend = make_owner(), make_front_desk()
    ask_for_roles([OWNER], user=friend, by=owner, at=timezone.now())
    save(make_owner(), friend, FRONT_DESK, roles_stopped="on")
    ask_for_roles([CLINICIAN], user=owner, by=owner, at=timezone.now())
    report_not_me(event=IdentityEvent.objects.filter(what="role_asked").latest("pk"), at=timezone.now())
    assert apply_due_grants(at=timezone.now() + timedelta(days=9)) == 0
    assert roles(friend) == {FRONT_DESK}
    assert roles(owner) == {OWNER}
    assert not RoleGrant.objects.filter(canceled_at=None).exists()


def test_a_closed_account_gets_no_role() -> None:
    owner, friend = make_owner(), make_front_desk()
    ask_for_roles([OWNER], user=friend, by=owner, at=NOW)
    User.objects.filter(pk=friend.pk).update(is_active=False)
    assert apply_due_grants(at=NOW + WAIT) == 0


def test_a_superuser_gives_it_at_once_and_other_roles_never_wait() -> None:
    friend = make_front_desk()
    save(make_owner(), friend, FRONT_DESK, CLINICIAN)
    assert roles(friend) == {FRONT_DESK, CLINICIAN}
    save(make_superuser(), friend, FRONT_DESK, CLINICIAN, OWNER)
    assert OWNER in roles(friend)
    assert not RoleGrant.objects.exists()


def test_an_invited_owner_waits_too() -> None:
    owner = make_owner()
    person = invite_colleague(
        email="new@clinic.test", name="Ada", roles=[OWNER, FRONT_DESK], cohorts=[], by=owner, at=NOW
    )
    assert roles(person) == {FRONT_DESK}
    assert apply_due_grants(at=NOW + WAIT) == 1
    assert roles(person) == {FRONT_DESK, OWNER}


def test_the_other_owners_read_of_a_new_clinician() -> None:
    """A clinician's role is given immediately: another owner can stop it the same day."""
    owner, second = make_owner(), make_owner(email="second@clinic.test")
    ada = invite_colleague(
        email="ada@clinic.test", name="Ada", roles=[CLINICIAN], cohorts=[], by=owner, at=NOW
    )
    letter = OutboxMessage.objects.get(to_email=second.email)
    assert f"/admin/challenge/user/{ada.pk}/change/" in letter.text
    assert "clinician" in letter.text
    desk = invite_colleague(
        email="desk@clinic.test", name="Dee", roles=[FRONT_DESK], cohorts=[], by=owner, at=NOW
    )
    save(owner, desk, FRONT_DESK, CLINICIAN)
    written = OutboxMessage.objects.filter(dedupe_key__startswith="role_given:").order_by("pk")
    assert [message.to_email for message in written] == [second.email, second.email]


def test_an_account_made_in_the_admin_waits_too() -> None:
    client, _ = page(make_owner(), make_runner_user())
    group = Group.objects.get(name=OWNER).pk
    sent = {"email": "new@clinic.test", "time_zone": "America/Chicago", "is_active": "on", "groups": [group]}
    assert client.post("/admin/challenge/user/add/", sent).status_code == 302
    made = User.objects.get(email="new@clinic.test")
    assert roles(made) == set()
    assert not made.is_staff
    assert RoleGrant.objects.get().user == made


@pytest.mark.parametrize("confirms", ["asked_by", "user"])
def test_the_database_wants_two_persons(confirms: str) -> None:
    ask_for_roles([OWNER], user=make_front_desk(), by=make_owner(), at=NOW)
    rows, grant = RoleGrant.objects.all(), RoleGrant.objects.get()
    with pytest.raises(IntegrityError, match="role_grant_confirmed_by_another"), transaction.atomic():
        rows.update(confirmed_by=getattr(grant, confirms), applied_at=NOW)
    with pytest.raises(IntegrityError, match="role_grant_waits_its_time"), transaction.atomic():
        rows.update(applied_at=NOW)


def test_this_was_not_me_stops_a_waiting_address_too() -> None:
    runner = make_runner_user()
    log_run(enroll(user=runner))
    now = timezone.now()
    ask_for_address(user=runner, email="thief@elsewhere.test", reason="", by=make_front_desk(), at=now)
    report_not_me(event=IdentityEvent.objects.get(what="address_asked"), at=now)
    assert AddressChange.objects.get().canceled_at is not None
    assert apply_due(at=now + timedelta(days=9)) == 0
    assert [e.what for e in IdentityEvent.objects.order_by("pk")][-1] == "address_kept"
