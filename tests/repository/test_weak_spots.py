"""What no page may do whatever is sent to it, and what no code may use."""

import ast
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client

from challenge.accounts.models import User
from challenge.privacy.queries import everything_about
from tests.factories.lives import make_life
from tests.factories.people import sign_in_now
from tests.repository import access_matrix as matrix
from tests.repository.page_forms import forms_for
from tests.repository.test_access import kept_world, signed_in, world

__all__ = ["kept_world", "world"]

ROOT = Path(__file__).resolve().parents[2]


def imported(path: Path) -> set[str]:
    """Return the modules that a file imports, by their first name."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def test_no_secret_comes_from_a_generator_that_can_be_guessed() -> None:
    files = [path for part in ("challenge", "thrive") for path in (ROOT / part).rglob("*.py")]
    users = {str(path.parent.relative_to(ROOT)) for path in files if "random" in imported(path)}
    assert users == {"challenge/operations/demo"}, "its invented people repeat on purpose"


@pytest.mark.django_db
def test_no_folder_is_listed_and_no_request_is_echoed(client: Client) -> None:
    for folder in ("/static/", "/static/css/", "/media/", "/.git/", "/.git/config", "/.env"):
        assert client.get(folder).status_code == 404, folder
    for page in ("/", "/accounts/login/", "/call/", "/early-access/", "/admin/", "/log/"):
        answer = client.generic("TRACE", page, headers={"X-Echo": "heel4711"})
        assert answer.status_code in {302, 405}, page
        assert b"heel4711" not in answer.content


def rows_about(person: User) -> dict[str, list[str]]:
    """Return every row about a person by table, in an order that does not hang on the database."""
    return {table: sorted(map(repr, rows)) for table, rows in everything_about(person).items()}


# Names of columns that decide who someone is, whose a row is, and what a clinician decides.
NOT_OFFERED = (
    "is_staff", "is_superuser", "is_active", "groups", "user_permissions", "role", "roles", "password", "last_login",
    "about", "user", "user_id", "enrollment", "enrollment_id", "seat", "seat_id", "cohort", "capacity", "number",
    "by", "actor", "account", "id", "pk", "state", "phase", "verified", "primary",
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("role", [matrix.RUNNER, matrix.VISITOR])
def test_fields_that_no_page_offers_change_nothing(world: SimpleNamespace, role: str) -> None:
    """Every form is sent with them as well, with the numbers of another runner, and 1 for what is on or off."""
    other = make_life(marker="Other")
    person = other.seat.user
    assert person is not None
    numbers = {"user": person.pk, "enrollment": other.pk, "seat": other.seat_id, "cohort": other.cohort.pk}
    slipped = {name: str(numbers.get(name.removesuffix("_id"), 1)) for name in NOT_OFFERED}
    powers = User.objects.order_by("pk").values_list("pk", "is_staff", "is_superuser", "groups", "is_active")
    before = (list(powers), rows_about(person))
    client, sent = signed_in(world.people[role]), 0
    if role != matrix.VISITOR:
        sign_in_now(client, world.people[role])
    for name, form in forms_for(world, client, role):
        answer = client.post(form.action, slipped | form.filled("1"), follow=True)
        assert answer.status_code < 500, (name, form.action)
        sent += 1
    assert sent > 5
    kept = {row[0] for row in before[0]}
    assert [row for row in powers if row[0] in kept] == before[0]
    now = rows_about(person)
    assert {part: (before[1][part], rows) for part, rows in now.items() if rows != before[1][part]} == {}
    assert not User.objects.exclude(pk__in=kept).filter(is_staff=True).exists()
