"""Does each way of `identity_table`, and looks for ways that are not in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from challenge.accounts.emails import not_me_token
from challenge.accounts.identity import record_identity
from challenge.accounts.identity_kinds import EVENTS, IdentityKind
from challenge.accounts.middleware import FRESH_TO_MAKE
from challenge.accounts.models import AddressChange, IdentityEvent, User
from challenge.accounts.roles import CLINICIAN, FRONT_DESK, OWNER
from challenge.accounts.second_person import (
    WAIT,
    apply_due_grants,
    apply_due_resets,
    ask_for_reset,
    ask_for_roles,
)
from challenge.accounts.waiting_models import FactorReset, RoleGrant
from challenge.enrollment.address_changes import apply_due, ask_for_address, token_of
from challenge.enrollment.models import CohortClinician
from challenge.mail.models import OutboxMessage
from tests.accounts import test_notices_of_sign_in as own
from tests.accounts.conftest import Door
from tests.accounts.identity_table import NEW, OLD, OWNERS, READ_ONLY, ROUTES, WAYS, WRITERS
from tests.factories.calls import make_availability
from tests.factories.cohorts import enroll
from tests.factories.log import log_run
from tests.factories.people import (
    make_clinician,
    make_front_desk,
    make_owner,
    make_runner_user,
    sign_in_now,
    use_second_factor,
)
from tests.repository.test_access import addresses

pytestmark = pytest.mark.django_db


@dataclass
class Case:
    """The account that changes, its browser, and the owner."""

    user: User
    owner: User
    monkeypatch: pytest.MonkeyPatch
    settings: Any
    door: Door = field(default_factory=lambda: Door(Client()))


@pytest.fixture
def case(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Case:
    owner = make_owner(email=OWNERS)
    made = Case(make_runner_user(email=OLD, password=own.FIRST), owner, monkeypatch, settings)
    sign_in_now(made.door.client, made.user)
    made.door.client.post("/accounts/reauthenticate/", {"password": own.FIRST})
    return made


def staff(user: User) -> Client:
    client = Client()
    sign_in_now(client, user)
    use_second_factor(client, user)
    return client


def save_person(case: Case, by: User | None = None, **boxes: Any) -> None:
    user = User.objects.get(pk=case.user.pk)
    sent = {"email": user.email, "name": user.name, "time_zone": user.time_zone, "is_active": "on"} | boxes
    sent = {name: value for name, value in sent.items() if value != ""}
    answer = staff(by or case.owner).post(f"/admin/challenge/user/{user.pk}/change/", sent)
    assert answer.status_code == 302, answer.context["adminform"].form.errors


def by_person(name: str) -> tuple[Callable[[Case], None], Callable[[Case], None]]:
    return (lambda case: None), (lambda case: own.EVENTS[name](case.door, case.user, case.monkeypatch))


def waiting_address(case: Case) -> None:
    log_run(enroll(user=case.user))
    ask_for_address(user=case.user, email=NEW, reason="", by=make_front_desk(), at=timezone.now())


def confirm_address(case: Case) -> None:
    enrollment = case.user.seats.get().enrollment
    clinician = make_clinician()
    CohortClinician.objects.create(cohort=enrollment.cohort, user=clinician)
    page = f"/admin/review/{enrollment.cohort.slug}/runners/{enrollment.pk}/address/"
    staff(clinician).post(page, {"change": AddressChange.objects.get().pk})


def add_factors(case: Case) -> None:
    Authenticator.objects.create(user=case.user, type="totp", data={"secret": "x"})


def waiting_reset(case: Case) -> None:
    add_factors(case)
    ask_for_reset(user=case.user, by=case.owner, at=timezone.now())


def waiting_role(case: Case) -> None:
    ask_for_roles([OWNER], user=case.user, by=case.owner, at=timezone.now())


def desk_corrects(case: Case) -> None:
    ask_for_address(user=case.user, email=NEW, reason="", by=make_front_desk(), at=timezone.now())


def not_me(case: Case) -> None:
    event = record_identity(what="signed_in", account=case.user, by=case.user, at=timezone.now())
    Client().post(f"/accounts/not-me/{not_me_token(event)}/")


def nothing(case: Case) -> None:
    """Need no preparation."""


def wrong_password(case: Case) -> None:
    Client().post("/accounts/login/", {"login": OLD, "password": "not-this-one"})


def sign_out_another(case: Case) -> None:
    case.door.client.post("/accounts/sessions/")


def has_a_plan(case: Case) -> None:
    enroll(user=case.user)
    case.settings.INBOUND_MAIL_DOMAIN = "in.clinic.test"


def works_as(role: str) -> Callable[[Case], None]:
    def prepare(case: Case) -> None:
        User.objects.filter(pk=case.user.pk).update(is_staff=True)
        case.user.groups.add(Group.objects.get(name=role))
        make_availability(staff=case.user)

    return prepare


def own_feed(case: Case) -> None:
    hours = case.user.availability
    staff(User.objects.get(pk=case.user.pk)).post(f"/admin/calls/hours/{hours.pk}/feed/")


def close(case: Case) -> None:
    User.objects.filter(pk=case.user.pk).update(is_active=False)


LATER = WAIT + timedelta(minutes=1)
# What is prepared, and what is done.
DOES: dict[str, tuple[Callable[[Case], Any], Callable[[Case], Any]]] = {
    "choose another address": by_person("email_changed"),
    "confirm another address": by_person("email_confirm"),
    "remove an address": by_person("email_deleted"),
    "change the password": by_person("password_changed"),
    "set a password": by_person("password_set"),
    "add an app": by_person("totp_activated"),
    "add a passkey": by_person("webauthn_added"),
    "remove a passkey": by_person("webauthn_removed"),
    "reset the password": by_person("password_reset"),
    "sign out one device": (nothing, sign_out_another),
    "download everything": (nothing, lambda case: case.door.client.post("/me/export/")),
    "make a calendar of the plan": (
        has_a_plan,
        lambda case: case.door.client.post("/me/reminders/calendar/", {"turn": "new"}),
    ),
    "make an address for files": (
        has_a_plan,
        lambda case: case.door.client.post("/log/import/address/", {"turn": "new"}),
    ),
    "make a calendar of one’s calls": (works_as(CLINICIAN), own_feed),
    "make a calendar of all calls": (
        works_as(FRONT_DESK),
        lambda case: staff(User.objects.get(pk=case.user.pk)).post("/admin/calls/feed/"),
    ),
    "erase the account": (nothing, lambda case: case.door.client.post("/me/delete/", {"understood": "on"})),
    "type a wrong password": (nothing, wrong_password),
    "press “this wasn’t me”": (nothing, not_me),
    "object to another address": (
        waiting_address,
        lambda case: Client().post(f"/address/{token_of(AddressChange.objects.get())}/"),
    ),
    "correct an address without a record": (nothing, desk_corrects),
    "correct an address with a record": (lambda case: log_run(enroll(user=case.user)), desk_corrects),
    "confirm the address": (waiting_address, confirm_address),
    "apply an address after 48 hours": (waiting_address, lambda case: apply_due(at=timezone.now() + LATER)),
    "change the roles": (
        nothing,
        lambda case: save_person(case, groups=[Group.objects.get(name=FRONT_DESK).pk]),
    ),
    "ask for a second owner": (
        nothing,
        lambda case: save_person(case, groups=[Group.objects.get(name=OWNER).pk]),
    ),
    "confirm the second owner": (
        waiting_role,
        lambda case: save_person(case, by=make_owner(), roles_confirmed="on"),
    ),
    "stop the second owner": (waiting_role, lambda case: save_person(case, roles_stopped="on")),
    "give the role after 48 hours": (
        waiting_role,
        lambda case: apply_due_grants(at=timezone.now() + LATER),
    ),
    "close the account": (nothing, lambda case: save_person(case, is_active="")),
    "open it again": (close, save_person),
    "ask to remove the factors": (add_factors, lambda case: save_person(case, factors_reset="on")),
    "confirm to remove the factors": (
        waiting_reset,
        lambda case: save_person(case, by=make_owner(), reset_confirmed="on"),
    ),
    "remove the factors after 48 hours": (
        waiting_reset,
        lambda case: apply_due_resets(at=timezone.now() + LATER),
    ),
    "let a frozen account in": (not_me, lambda case: save_person(case, thawed="on")),
    "make the first owner": (nothing, lambda case: call_command("first_owner", OLD)),
}


def is_in(client: Client) -> bool:
    return client.get("/accounts/email/").status_code == 200


@pytest.mark.parametrize("name", WAYS)
def test_what_follows_is_what_the_table_says(
    case: Case, django_capture_on_commit_callbacks: Any, name: str
) -> None:
    way, (prepare, do) = WAYS[name], DOES[name]
    prepare(case)
    other = Client()
    sign_in_now(other, User.objects.get(pk=case.user.pk))
    was_in = is_in(other)
    is_in(case.door.client)
    last = IdentityEvent.objects.order_by("pk").last()
    mails = set(OutboxMessage.objects.values_list("pk", flat=True))
    number = case.user.pk
    with django_capture_on_commit_callbacks(execute=True):
        do(case)
    events = IdentityEvent.objects.filter(account_id=number, pk__gt=last.pk if last else 0).order_by("pk")
    logged = [e.what for e in events if not e.what.startswith("signed_in")]
    assert tuple(logged) == way.logs
    sent = OutboxMessage.objects.exclude(pk__in=mails).exclude(subject__contains="code")
    assert set(sent.values_list("to_email", flat=True)) - {""} >= way.mails
    assert {m.to_email for m in sent} - {OLD, NEW} <= way.mails
    if was_in:  # a closed account has no session to end
        assert is_in(other) == (way.ends == "none")
    if way.by == "person":
        assert is_in(case.door.client) == (way.ends != "all")
    waits = FactorReset.objects.filter(applied_at=None, canceled_at=None).exists()
    waits |= AddressChange.objects.filter(applied_at=None, canceled_at=None).exists()
    waits |= RoleGrant.objects.filter(applied_at=None, canceled_at=None).exists()
    assert waits == way.waits


def test_the_table_and_what_is_done_have_the_same_ways() -> None:
    assert set(DOES) == set(WAYS)
    opened = {way for ways in ROUTES.values() if not isinstance(ways, str) for way in ways}
    without_a_page = {name for name, way in WAYS.items() if way.by in {"program", "shell"}}
    assert opened | without_a_page == set(WAYS)


# Done elsewhere: sign-ins and refusals in test_identity_events, cohorts in enrollment/test_named_clinicians, the rest
# where the reason says.
ELSEWHERE = {
    "account_made", "cohort_given", "cohort_taken", "factor_refused", "factors_kept",
    "recovery_codes_generated", "recovery_codes_removed", "restored", "role_given", "signed_in",
    "signed_in_new_device", "totp_deactivated",
}  # fmt: skip


def test_every_event_is_the_result_of_a_way() -> None:
    assert {what for way in WAYS.values() for what in way.logs} | ELSEWHERE == set(EVENTS)


def test_every_event_and_every_kind_is_written_by_some_code() -> None:
    files = [path for path in Path("challenge").rglob("*.py") if path.name != "identity_kinds.py"]
    code = "".join(path.read_text() for path in files)
    assert [what for what in EVENTS if f'"{what}"' not in code] == []
    assert {info.kind for info in EVENTS.values()} == set(IdentityKind)


def identity_routes() -> set[str]:
    """Return the addresses of allauth, our own sign-in pages, secret addresses, and the admin's models of identity."""
    names = {name for name, _ in addresses(get_resolver())}
    ours = {name for name, _ in addresses(get_resolver("challenge.accounts.urls"))}
    admin_pages = {
        n for n in names if re.match(r"admin:(challenge_user|password|auth|account|usersessions)_", n)
    }
    pages = {"changelist", "add", "change", "delete"}
    return (
        {n for n in names if re.match(r"(account|mfa|usersessions|socialaccount)_", n)}
        | ours
        | set(FRESH_TO_MAKE)
        | {n for n in admin_pages if n.rsplit("_", 1)[1] in pages or n.startswith("admin:password")}
    )


def test_every_address_that_may_change_an_identity_is_in_the_table() -> None:
    assert sorted(identity_routes() - set(ROUTES)) == []
    names = {name for name, _ in addresses(get_resolver())}
    assert sorted(set(ROUTES) - names) == []


@pytest.mark.parametrize("model", sorted(READ_ONLY))
def test_the_admin_changes_no_other_row_of_identity(case: Case, model: str) -> None:
    app = "mfa" if model == "authenticator" else "challenge"
    assert staff(case.owner).get(f"/admin/{app}/{model}/add/").status_code == 403


WRITES = re.compile(
    r"""groups\.(add|set|remove|clear)\(|permissions\.(add|set)\(|set_password\(|set_unusable_password\(|create_user\(
    |create_superuser\(|update\([^)]*\bis_(active|staff|superuser)=|\.is_(active|staff|superuser)\s=\s
    |(EmailAddress|Authenticator)\.objects\.[^\n]*(create|delete|update|save|select_for_update)\w*\(
    |\buser\.delete\(|\bunused\.delete\(|User\([^)]*is_active""",
    re.VERBOSE,
)


def writers() -> set[str]:
    root = Path(settings.BASE_DIR) / "challenge"
    files = (path for path in root.rglob("*.py") if "migrations" not in path.parts)
    return {str(path.relative_to(root)) for path in files if WRITES.search(path.read_text())}


def test_code_that_writes_an_identity_is_in_the_table() -> None:
    assert sorted(writers()) == sorted(WRITERS)
    for name, why in WRITERS.items():
        text = (Path(settings.BASE_DIR) / "challenge" / name).read_text()
        assert ("record_identity(" in text) >= (why == "records it"), name


@pytest.mark.parametrize(
    "line",
    [
        "user.groups.add(group)",
        "user.set_password(typed)",
        "User.objects.filter(pk=1).update(is_active=True)",
        "user.is_staff = True",
        "EmailAddress.objects.create(user=user)",
        "Authenticator.objects.filter(user=user).delete()",
    ],
)
def test_such_code_is_seen(line: str) -> None:
    assert WRITES.search(line)
