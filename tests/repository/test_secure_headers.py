"""Scan the headers of every page, of refusals and of files against OWASP's list of secure headers.

The list is that of the OWASP Secure Headers Project (headers_add.json, headers_remove.json). Where this program does
otherwise, the reason stands in `OTHERWISE`; a reason that is left over fails.
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from tests.repository.test_access import kept_world, world
from tests.repository.test_browser_policy import PREVIEWS, SANDBOXED, looked_at

__all__ = ["kept_world", "world"]

pytestmark = pytest.mark.django_db
# Name -> what it holds at least, word by word.
ADVISED = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=() geolocation=() microphone=() payment=() usb=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000 includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
}
# They tell a stranger what the program is made of. The first words of the project's list of 78 that a page of ours,
# a proxy or a library could send. Gunicorn adds "Server: gunicorn" on the wire, without a version: named here.
TELLING = (
    "Server",
    "X-Powered-By",
    "X-Runtime",
    "X-Version",
    "Via",
    "X-Debug-Token",
    "X-Generator",
    "Public-Key-Pins",
)
OTHERWISE = {
    "Cross-Origin-Embedder-Policy": "no page asks for shared memory, and nothing of another host is loaded",
    "Referrer-Policy": "same-origin: Django compares the referrer of a POST with its host over https",
    "X-DNS-Prefetch-Control": "no page links to another host without a click, and browsers resolve none before it",
}


@pytest.fixture
def over_https(settings: Any) -> Client:
    """A client whose middleware is that of the deployed program; `test_production_settings` holds the values."""
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    return Client()


def findings(response: Any, *but: str) -> set[str]:
    """Return the advised headers that are missing or weaker, and those that tell too much."""
    found = {name for name in TELLING if name in response}
    for name, advised in ADVISED.items():
        sent = response.get(name, "").replace(",", " ").replace(";", " ")
        if not set(advised.split()) <= set(sent.split()):
            found.add(name)
    return found - {*but}


def everything(world: SimpleNamespace, client: Client) -> Iterator[tuple[str, Any]]:
    """Every page for who may open it, and what no address of the matrix shows: refusals."""
    yield from looked_at(world)
    yield "not found", client.get("/nothing/", secure=True)
    yield "odd request", client.get("/guide/?page=%00", secure=True)
    yield "wrong method", client.post("/accounts/not-me/x/", secure=True)
    file = client.get("/static/css/outcomes.css", secure=True)
    assert b"".join(file)  # reading it to its end closes it
    yield "file", file
    yield "no file", client.get("/static/nothing.css", secure=True)
    yield "refused", Client(enforce_csrf_checks=True).post("/accounts/login/", secure=True)


def test_every_page_has_the_advised_headers_or_a_reason(world: SimpleNamespace, over_https: Client) -> None:
    left = {*OTHERWISE}
    for name, response in everything(world, over_https):
        found = findings(response)
        left &= found
        # Without a cookie a page is the same for everyone. HSTS is for https, which the first walk does not use.
        may_lack = {"Cache-Control", "Strict-Transport-Security", *OTHERWISE}
        if name in SANDBOXED:  # "sandbox" and nothing else to load
            may_lack |= {"X-Frame-Options"} if name in PREVIEWS else set()
        assert found - may_lack == set(), name
    assert left == {*OTHERWISE}, "a reason without a finding"


def test_pages_of_a_person_are_stored_nowhere_and_all_ask_for_https(runner: Any, over_https: Client) -> None:
    for path in ("/", "/accounts/login/", "/nothing/"):
        assert "Strict-Transport-Security" not in findings(over_https.get(path, secure=True)), path
    over_https.force_login(runner)
    for path in ("/me/", "/today/", "/accounts/email/", "/nothing/"):
        assert findings(over_https.get(path, secure=True), *OTHERWISE) == set(), path


def test_files_are_stored_by_the_browser_of_who_is_signed_in(runner: Any, client: Client) -> None:
    client.force_login(runner)
    file = client.get("/static/css/outcomes.css")
    assert b"".join(file)
    assert "max-age" in file["Cache-Control"]
    assert "no-store" not in file["Cache-Control"]


def test_the_scan_finds_what_is_missing(client: Client) -> None:
    """The negative control."""
    response = client.get("/")
    del response["X-Frame-Options"]
    response["Server"] = "gunicorn"
    response["Content-Security-Policy"] = "default-src 'self'"
    assert {"X-Frame-Options", "Server", "Content-Security-Policy"} <= findings(response)
