"""Every page under the strict policy: headers, nothing inline, nothing of another host; a GET changes nothing."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils.html import escape

from tests.factories.lives import fill_life
from tests.factories.people import sign_in_now
from tests.repository import access_matrix as matrix
from tests.repository.page_forms import forms_for
from tests.repository.test_access import addresses, kept_world, signed_in, world

__all__ = ["kept_world", "world"]

pytestmark = pytest.mark.django_db
GETS = sorted(name for name, row in matrix.ROWS.items() if row.method == "get" and row.may)
# The one exception of the policy: an email as it is sent, in a sandbox of its own.
PREVIEWS = {"weekly_admin:message_html", "weekly_admin:coming_html"}
SANDBOXED = PREVIEWS | {"team_picture", "message_picture", "messages_admin:picture"}
NOTED = {
    "challenge_accessentry",
    "mfa_authenticator",
    "django_session",
    "challenge_user",
    "usersessions_usersession",  # when a device was last seen, once a minute: a long walk meets it
}
SCRIPT = "<script>alert(1)</script>"
TYPED = SCRIPT + "{{ 7|add:7 }}%s{0}"  # a template and two formats: they come back as they are
# In the order of asking: a clinician sees the most.
ASKED = (matrix.CLINICIAN, matrix.RUNNER, matrix.OWNER, matrix.DESK, matrix.VISITOR)


def pages(world: SimpleNamespace, role: str = "") -> Iterator[tuple[str, Any]]:
    """Every address that is got, opened by the first role that may, or by `role` alone."""
    clients: dict[str, Client] = {r: signed_in(world.people[r]) for r in ASKED}
    for name in GETS:
        may = [r for r in ASKED if r in matrix.ROWS[name].may and role in {"", r}]
        if may:
            arguments = matrix.ROWS[name].arguments(world)
            if None in arguments.values():
                continue  # who unsubscribed has no weekly message to look at
            address = reverse(name, kwargs=arguments)
            yield name, clients[may[0]].get(address)
    if not role or role == matrix.CLINICIAN:
        yield from admin_lists(clients, role)


def admin_lists(clients: dict[str, Client], role: str = "") -> Iterator[tuple[str, Any]]:
    """Every list of the admin, opened by the first role that may, or by `role` alone."""
    for model, roles in matrix.ADMIN_LISTS.items():
        may = [r for r in ASKED if r in roles and role in {"", r}]
        if may:
            yield f"list of {model}", clients[may[0]].get(reverse(f"admin:challenge_{model}_changelist"))


_LOOKED: list[tuple[str, HttpResponse]] = []


def looked_at(world: SimpleNamespace) -> list[tuple[str, HttpResponse]]:
    """Return what `pages` yields, without its contexts: walked once in a process, for tests that only read it."""
    if not _LOOKED:
        for name, got in pages(world):
            kept = HttpResponse(b"".join(got), status=got.status_code, headers=got.headers)
            _LOOKED.append((name, kept))
    return _LOOKED


def directives(response: Any) -> dict[str, list[str]]:
    policy = response["Content-Security-Policy"]
    return {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}


def content(response: Any) -> str:
    return b"".join(response).decode(errors="replace")


def test_every_page_carries_the_policies(world: SimpleNamespace) -> None:
    for name, response in looked_at(world):
        assert response.status_code < 400, name
        assert response["X-Content-Type-Options"] == "nosniff", name
        assert "Access-Control-Allow-Origin" not in response, name
        if response["Content-Type"].startswith("text/"):
            assert "charset=utf-8" in response["Content-Type"].replace('"', ""), name
        assert response["Permissions-Policy"].startswith("camera=()"), name
        assert response["Cross-Origin-Resource-Policy"] == "same-origin", name
        assert response["X-Frame-Options"] == ("SAMEORIGIN" if name in PREVIEWS else "DENY"), name
        if name in SANDBOXED:
            assert "sandbox" in directives(response), name
            continue
        policy = directives(response)
        assert policy["default-src"] == ["'none'"], name
        assert policy["script-src"] == policy["style-src"] == ["'self'"], name
        assert policy["base-uri"] == policy["frame-ancestors"] == ["'none'"], name
        assert policy["form-action"] == ["'self'"], name
        assert "unsafe" not in response["Content-Security-Policy"], name
        assert response["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert response["Referrer-Policy"] == "same-origin", name


INLINE = {
    "a style attribute": re.compile(r"<[^>]+\sstyle\s*="),
    "a style element": re.compile(r"<style"),
    "a script without a file": re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*application/(ld\+)?json)"),
    "a handler attribute": re.compile(r"<[^>]+\son[a-z]+\s*="),
    "a script as an address": re.compile(r"""(?:href|src|action)\s*=\s*["']?\s*(?:javascript|data:text)"""),
    "a file of another host": re.compile(
        r"""<(?:script|img|iframe|source|video)[^>]*\ssrc=["']?(?:https?:)?//"""
    ),
    "a style of another host": re.compile(
        r"""<link[^>]*rel=["']?(?:stylesheet|preload|icon)[^>]*href=["']?(?:https?:)?//"""
    ),
}


def test_no_page_holds_anything_inline_or_of_another_host(world: SimpleNamespace) -> None:
    for name, response in looked_at(world):
        if name in PREVIEWS or not response["Content-Type"].startswith("text/html"):
            continue
        html = content(response)
        assert [what for what, pattern in INLINE.items() if pattern.search(html)] == [], name


def state() -> dict[str, str]:
    """A digest of each table with rows that a page may not change."""
    with connection.cursor() as cursor:
        tables = [t for t in connection.introspection.table_names(cursor) if t not in NOTED]
        cursor.execute(" UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT FROM {t})" for t in tables))
        found = dict.fromkeys((table for (table,) in cursor.fetchall()), "")
        for table in found:
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} AS t")
            found[table] = cursor.fetchone()[0]
        return found


def test_looking_at_a_page_changes_nothing(world: SimpleNamespace) -> None:
    """Mail scanners follow links: unsubscribe, cancel and confirm links among them."""
    changed = {}
    made_by_the_walk = {name for name in GETS if matrix.ROWS[name].arguments(world)}
    before = state()
    for name, _ in pages(world):
        after = state()
        if after != before and name not in made_by_the_walk:
            changed[name] = sorted({table for table, _ in before.items() ^ after.items()})
        before = after
    assert changed == {}


@pytest.mark.parametrize("role", [matrix.CLINICIAN, matrix.RUNNER])
def test_what_a_runner_writes_is_text_on_every_page(world: SimpleNamespace, role: str) -> None:
    fill_life(world.enrollment, world.people[matrix.CLINICIAN], marker=SCRIPT)
    for name, response in pages(world, role):
        assert SCRIPT not in content(response), name


# Who can type into the most forms; the others with `make deep`.
LESS = [pytest.param(role, marks=pytest.mark.deep) for role in (matrix.VISITOR, matrix.DESK)]


@pytest.mark.parametrize("role", [matrix.RUNNER, matrix.CLINICIAN, *LESS])
def test_what_is_typed_into_any_field_comes_back_as_text(world: SimpleNamespace, role: str) -> None:
    client = signed_in(world.people[role])
    if role == matrix.RUNNER:
        sign_in_now(client, world.people[role])
    came_back = 0
    for name, form in forms_for(world, client, role):
        response = client.post(form.action, form.filled(TYPED), follow=True)
        assert response.status_code < 500, (name, form.action)
        html = content(response)
        assert SCRIPT not in html, (name, form.action)
        came_back += html.count(escape(TYPED))
    assert came_back > 0, "what was typed is kept"


@pytest.mark.parametrize("where", ["next", "q", "site", "email", "week", "on", "error", "slot", "at"])
def test_words_of_an_address_are_text_on_every_public_page(client: Client, where: str) -> None:
    for path in (
        "/",
        "/guide/",
        "/early-access/",
        "/call/",
        "/join/",
        "/accounts/login/",
        "/accounts/signup/",
    ):
        response = client.get(path, {where: f'"><img src=x onerror=alert(1)>{SCRIPT}'})
        html = content(response)
        assert SCRIPT not in html, path
        assert "<img src=x" not in html, path


# What comes from a mail program, an email service with its secret, or a phone's share sheet carries no token. A share
# from another site is not taken (tests/workouts/test_sharing_files.py).
WITHOUT_TOKEN = {"email_unsubscribe", "email_inbound", "log_import_share"}


def test_only_what_cannot_carry_a_token_takes_a_post_without_one() -> None:
    exempt = {
        name for name, pattern in addresses(get_resolver()) if getattr(pattern.callback, "csrf_exempt", False)
    }
    assert {name for name in exempt if not name.startswith(("mfa_", "account_"))} == WITHOUT_TOKEN


def test_a_post_without_a_token_is_refused_everywhere(world: SimpleNamespace) -> None:
    for role in (matrix.RUNNER, matrix.CLINICIAN, matrix.VISITOR):
        client = signed_in(world.people[role])
        client.handler.enforce_csrf_checks = True
        for name, row in matrix.ROWS.items():
            if role not in row.may or name in WITHOUT_TOKEN:
                continue
            response = client.post(reverse(name, kwargs=row.arguments(world)), row.data)
            assert response.status_code in {403, 405}, (name, response.status_code)


def test_cookies_are_kept_from_scripts_and_other_sites(client: Client) -> None:
    client.get("/accounts/login/")
    client.post("/accounts/login/code/", {"email": "somebody@runners.test"})
    for cookie in client.cookies.values():
        assert cookie["httponly"], cookie.key
        assert cookie["samesite"] == "Lax", cookie.key
        assert not cookie["domain"], cookie.key
