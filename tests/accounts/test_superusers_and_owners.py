"""A superuser's account answers to superusers alone; the last active owner stays active and owner."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test import Client

from challenge.accounts.models import AddressChange, User
from challenge.accounts.roles import CLINICIAN, OWNER
from challenge.enrollment.address_changes import NotYours, ask_for_address
from tests.conftest import NOW
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_front_desk, make_owner, make_superuser, use_second_factor

pytestmark = pytest.mark.django_db
LAST = "This is the last active owner. Give a colleague the role first."


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    use_second_factor(client, user)
    return client


def page_of(user: User) -> str:
    return f"/admin/challenge/user/{user.pk}/change/"


def as_it_is(user: User, **other: Any) -> dict[str, Any]:
    """What the form of this account sends, with other values in it; `is_active` empty is a box without its tick."""
    groups = list(user.groups.values_list("pk", flat=True))
    sent = {"email": user.email, "name": user.name, "time_zone": user.time_zone, "is_active": "on"}
    return {name: value for name, value in (sent | {"groups": groups} | other).items() if value != ""}


@pytest.mark.parametrize(
    "other", [{"email": "mine@clinic.test"}, {"name": "Somebody"}, {"is_active": ""}, {"phone": "1"}]
)
def test_an_owner_reads_a_superusers_page_and_changes_nothing(other: dict[str, str]) -> None:
    root, client = make_superuser(email="root@clinic.test"), signed_in(make_owner())
    shown = client.get(page_of(root))
    assert shown.status_code == 200
    assert 'name="email"' not in shown.content.decode()
    before = User.objects.filter(pk=root.pk).values().get()
    assert client.post(page_of(root), as_it_is(root, **other)).status_code == 403
    assert User.objects.filter(pk=root.pk).values().get() == before
    assert EmailAddress.objects.get(user=root).email == "root@clinic.test"
    assert not AddressChange.objects.exists()


def test_the_desk_readdresses_no_superuser_who_has_a_seat() -> None:
    root = make_superuser()
    User.objects.filter(pk=root.pk).update(is_staff=False)  # staff take no seat
    root.refresh_from_db()
    seat = enroll(cohort=make_cohort(slug="winter"), user=root).seat
    sent = {"do": "address", "email": "mine@clinic.test", "reason": "rang us"}
    for user in (make_front_desk(), make_owner()):
        page = signed_in(user).post(f"/admin/seats/winter/{seat.pk}/", sent)
        assert page.status_code == 422
        with pytest.raises(NotYours):
            ask_for_address(user=root, email="mine@clinic.test", reason="", by=user, at=NOW)
    root.refresh_from_db()
    assert root.email != "mine@clinic.test"


def test_a_superuser_edits_a_superuser() -> None:
    root = make_superuser()
    assert signed_in(make_superuser()).post(page_of(root), as_it_is(root, name="Renamed")).status_code == 302
    root.refresh_from_db()
    assert root.name == "Renamed"


@pytest.mark.parametrize("page", ["add", "change"])
def test_an_owner_cannot_grant_that_power(page: str) -> None:
    owner = make_owner()
    path = page_of(owner) if page == "change" else "/admin/challenge/user/add/"
    email = {} if page == "change" else {"email": "new@clinic.test"}
    power = {"is_superuser": "on", "is_staff": "on", "user_permissions": ["1"], "password": "x"}
    assert signed_in(owner).post(path, as_it_is(owner, **email, **power)).status_code == 302
    assert not User.objects.filter(is_superuser=True).exists()
    assert not User.objects.filter(user_permissions__isnull=False).exists()


@pytest.mark.parametrize("make", [make_owner, make_superuser])
def test_no_action_of_the_list_deletes_or_closes_accounts(make: Any) -> None:
    root, owner, client = make_superuser(), make_owner(), signed_in(make())
    chosen = {"_selected_action": [root.pk, owner.pk], "post": "yes", "select_across": "1"}
    for action in ("delete_selected", "close", "make_superuser"):
        client.post("/admin/challenge/user/", chosen | {"action": action})
    assert client.post(f"/admin/challenge/user/{root.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk__in=[root.pk, owner.pk], is_active=True).count() == 2


@pytest.mark.parametrize(("field", "value"), [("is_active", ""), ("groups", "clinician")])
@pytest.mark.parametrize("make", [make_owner, make_superuser])
def test_the_last_owner_stays_with_a_sentence_beside_the_field(make: Any, field: str, value: str) -> None:
    owner = make_owner()
    client = signed_in(owner if make is make_owner else make_superuser())
    other: Any = [Group.objects.get(name=CLINICIAN).pk] if value else ""
    page = client.post(page_of(owner), as_it_is(owner, **{field: other, "name": "Typed before"}))
    assert page.status_code == 200
    assert page.context["adminform"].form.errors == {field: [LAST]}
    assert LAST in page.content.decode()
    assert 'value="Typed before"' in page.content.decode()
    owner.refresh_from_db()
    assert owner.is_active
    assert owner.groups.filter(name=OWNER).exists()


def test_one_of_two_owners_goes() -> None:
    owner, other = make_owner(), make_owner()
    assert signed_in(other).post(page_of(owner), as_it_is(owner, is_active="")).status_code == 302
    owner.refresh_from_db()
    assert not owner.is_active


@pytest.mark.parametrize("inactive", [True, False])
def test_an_owner_who_is_closed_or_no_staff_counts_for_nothing(inactive: bool) -> None:
    owner, other = make_owner(), make_owner()
    User.objects.filter(pk=other.pk).update(**{"is_active" if inactive else "is_staff": False})
    with pytest.raises(IntegrityError):
        User.objects.filter(pk=owner.pk).update(is_active=False)


MEMBERS = "challenge_user_groups WHERE user_id = %(user)s"
WAYS = {
    "close": "UPDATE challenge_user SET is_active = false WHERE id = %(user)s",
    "close everybody": "UPDATE challenge_user SET is_active = false",
    "no staff": "UPDATE challenge_user SET is_staff = false WHERE id = %(user)s",
    "take the role": f"DELETE FROM {MEMBERS}",
    "take it from everybody": "DELETE FROM challenge_user_groups",
    "another role": "UPDATE challenge_user_groups SET group_id = %(other)s WHERE user_id = %(user)s",
    "rename the role": "UPDATE auth_group SET name = 'boss' WHERE name = 'owner'",
    "delete": "DELETE FROM challenge_user WHERE id = %(user)s",
}


@pytest.mark.parametrize("way", WAYS)
def test_the_database_keeps_the_last_owner(way: str) -> None:
    owner = make_owner()
    asked = {"user": owner.pk, "other": Group.objects.get(name=CLINICIAN).pk}
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WAYS[way], asked)
    diag = refused.value.__cause__.diag  # type: ignore[union-attr]
    assert (diag.sqlstate, diag.constraint_name) == ("23514", "last_owner_stays")
    owner.refresh_from_db()
    assert owner.is_active
    assert owner.groups.filter(name=OWNER).exists()


@pytest.mark.parametrize("change", ["update", "delete", "clear", "remove"])
def test_no_bulk_change_of_the_program_takes_the_last_owner(change: str) -> None:
    owner = make_owner()
    ways: dict[str, Any] = {
        "update": lambda: User.objects.update(is_active=False),
        "delete": lambda: User.objects.filter(groups__name=OWNER).delete(),
        "clear": owner.groups.clear,
        "remove": lambda: Group.objects.get(name=OWNER).delete(),
    }
    with pytest.raises(IntegrityError, match="last active owner"), transaction.atomic():
        ways[change]()


def test_a_clinic_without_owners_is_free_to_change_the_rest() -> None:
    desk = make_front_desk()
    User.objects.filter(pk=desk.pk).update(is_active=False)
    desk.groups.clear()
    desk.delete()
