"""Every address, walked as every role."""

import uuid
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from challenge.accounts.models import User
from challenge.calls.emails import call_token, feed_token
from challenge.enrollment.models import CohortClinician
from challenge.mail.models import MessageState, OutboxMessage
from challenge.operations.periodic import record_heartbeat
from challenge.operations.queries import BEAT
from tests.conftest import NOW, kept_for_a_module
from tests.factories.calls import make_availability, make_call, shift_call
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import (
    make_clinician,
    make_front_desk,
    make_owner,
    make_runner_user,
    use_second_factor,
)
from tests.repository import access_matrix as matrix

CALL_AT = datetime.now(UTC) - timedelta(days=1)
SIGN_IN = ("/login/", "/accounts/again/", "/reauthenticate/")
MODEL_PAGES = ("changelist", "add", "change", "delete", "history")


def addresses(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every named pattern with its full name; a pattern without a name shows as its route."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            namespace = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from addresses(pattern, namespace)
        else:
            yield prefix + (pattern.name or f"route {pattern.pattern}"), pattern


NAMES = sorted({name for name, _ in addresses(get_resolver())})


def admin_model_pages() -> set[str]:
    models = [m for m in admin.site._registry if m._meta.app_label == "challenge"]
    return {f"admin:challenge_{m._meta.model_name}_{page}" for m in models for page in MODEL_PAGES}


def test_every_address_has_a_row() -> None:
    known = set(matrix.ROWS) | matrix.SIGN_IN_STEPS | matrix.ADMIN_STEPS | admin_model_pages()
    rest = {"admin:route (?P<url>.*)$", "admin:route <path:object_id>/"}
    others = {n for n in NAMES if n.startswith("admin:") and not n.startswith("admin:challenge_")} - known
    library_models = {
        n for n in others if n.split(":")[1].split("_")[0] in {"account", "mfa", "usersessions"}
    }
    assert sorted(set(NAMES) - known - rest - library_models) == []


def test_no_row_is_left_over() -> None:
    assert sorted(set(matrix.ROWS) - set(NAMES)) == []


def test_every_admin_model_has_a_row() -> None:
    models = {m._meta.model_name for m in admin.site._registry if m._meta.app_label == "challenge"}
    assert models == set(matrix.ADMIN_LISTS)


@pytest.fixture(scope="module")
def kept_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[SimpleNamespace]:
    with kept_for_a_module(django_db_blocker):
        world = make_world()
        world.cookies = {role: signed_in(user).cookies for role, user in world.people.items()}
        yield world


@pytest.fixture
def world(kept_world: SimpleNamespace, db: None) -> SimpleNamespace:
    """The module's world, as it was made."""
    record_heartbeat(name=BEAT, at=timezone.now())
    return deepcopy(kept_world)


def make_world() -> SimpleNamespace:
    """One runner of a cohort with its clinician; another of another cohort; the staff."""
    cohort, other_cohort = make_cohort(slug="the-cohort"), make_cohort()
    enrollment, other_enrollment = enroll(cohort=cohort), enroll(cohort=other_cohort)
    clinician, other_clinician = make_clinician(), make_clinician()
    CohortClinician.objects.create(cohort=cohort, user=clinician)
    CohortClinician.objects.create(cohort=other_cohort, user=other_clinician)
    people: dict[str, User | None] = {
        matrix.VISITOR: None,
        matrix.RUNNER: enrollment.seat.user,
        matrix.OTHER: other_enrollment.seat.user,
        matrix.DESK: make_front_desk(),
        matrix.OTHER_CLINICIAN: other_clinician,
        matrix.CLINICIAN: clinician,
        matrix.OWNER: make_owner(),
    }
    call = make_call(
        availability=make_availability(staff=clinician, feed_key=uuid.uuid4()),
        starts_at=NOW + timedelta(days=1),
        at=NOW,
    )
    shift_call(call, CALL_AT)  # the link of a call that ended a month ago is none
    # No mailer runs here; the health check would complain.
    OutboxMessage.objects.update(state=MessageState.WITHDRAWN)
    return SimpleNamespace(
        call=call,
        call_token=call_token(call),
        feed_token=feed_token(call.staff.availability),
        cohort=cohort,
        enrollment=enrollment,
        other_enrollment=other_enrollment,
        people=people,
        new=make_runner_user(),
    )


def signed_in(user: User | None) -> Client:
    """A client of this person; staff with their second factor used, as they must."""
    client = Client(raise_request_exception=False)
    if user is None:
        return client
    client.force_login(user)
    if user.is_staff:
        use_second_factor(client, user)
    return client


def browser_of(world: SimpleNamespace, role: str) -> Client:
    """A client of the role's person who signed in when the world was made."""
    client = Client(raise_request_exception=False)
    client.cookies = deepcopy(world.cookies[role])
    return client


def outcome(response: Any) -> str:
    if response.status_code in {403, 404}:
        return "refused"
    if response.status_code == 302 and response["Location"].split("?")[0].endswith(SIGN_IN):
        return "sent to sign in"
    return "answered" if response.status_code < 400 else f"status {response.status_code}"


@pytest.mark.parametrize("name", sorted(matrix.ROWS))
def test_an_address_opens_only_for_the_roles_in_its_row(name: str, world: SimpleNamespace) -> None:
    row = matrix.ROWS[name]
    address = reverse(name, kwargs=row.arguments(world))
    for role in world.people:
        got = outcome(getattr(browser_of(world, role), row.method)(address, row.data))
        if role in row.may:
            assert got == "answered", (name, role)
        else:
            assert got in {"refused", "sent to sign in"}, (name, role)


# These roles have the same pages for their own runner or cohort, and must not learn whether the object exists.
PEERS = {matrix.RUNNER: matrix.OTHER, matrix.CLINICIAN: matrix.OTHER_CLINICIAN}


def foreign() -> list[tuple[str, str]]:
    """Addresses that name an object, with the role whose object it is not."""
    named = {name for name, pattern in addresses(get_resolver()) if pattern.pattern.converters}
    return [
        (name, peer)
        for name, row in sorted(matrix.ROWS.items())
        for role, peer in PEERS.items()
        if name in named and role in row.may and peer not in row.may
    ]


@pytest.mark.parametrize(("name", "peer"), foreign())
def test_an_object_of_others_is_not_there(name: str, peer: str, world: SimpleNamespace) -> None:
    row = matrix.ROWS[name]
    address = reverse(name, kwargs=row.arguments(world))
    for method in ("get", "post"):
        sent = row.data if method == row.method else {}
        response = getattr(browser_of(world, peer), method)(address, sent)
        assert response.status_code in {404, 405}, method
    assert getattr(browser_of(world, peer), row.method)(address, row.data).status_code == 404


def test_most_addresses_that_name_an_object_are_among_them() -> None:
    assert len(foreign()) > 20


@pytest.mark.parametrize("model", sorted(matrix.ADMIN_LISTS))
def test_an_admin_list_opens_for_its_roles_alone(model: str, world: SimpleNamespace) -> None:
    address = reverse(f"admin:challenge_{model}_changelist")
    for role in world.people:
        got = outcome(browser_of(world, role).get(address))
        assert got == "answered" if role in matrix.ADMIN_LISTS[model] else got != "answered", role


def test_staff_without_a_second_factor_reach_nothing_of_the_admin(db: None) -> None:
    client = Client()
    client.force_login(make_owner())
    response = client.get("/admin/")
    assert response.status_code == 302
    assert response["Location"] == reverse("mfa_index")
