"""The two pages that take a code: a new one, another address, and a third wrong one that keeps the place."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from challenge.accounts.models import User
from challenge.mail.models import OutboxMessage

pytestmark = pytest.mark.django_db
SIGN_IN, CONFIRM = "/accounts/login/code/confirm/", "/accounts/confirm-email/"
NEXT = "/join/intake/body/"


def ask(client: Client, kind: str, email: str) -> str:
    """Send the form that brings a code; return the address of the page that takes it."""
    address = "/accounts/login/code/" if kind == "sign in" else "/accounts/signup/"
    answer = client.post(f"{address}?next={NEXT}", {"email": email, "next": NEXT})
    assert answer.status_code == 302, answer.content.decode()
    return SIGN_IN if kind == "sign in" else CONFIRM


def codes_to(email: str) -> list[str]:
    """Return the codes sent to an address, oldest first."""
    rows = OutboxMessage.objects.filter(to_email=email).order_by("pk")
    return [found[1] for row in rows if (found := re.search(r"code: (\S+)", row.text))]


@pytest.mark.parametrize("kind", ["sign in", "sign up"])
def test_a_new_code_can_be_sent_and_the_old_one_is_dead(client: Client, runner: User, kind: str) -> None:
    email = runner.email if kind == "sign in" else "nia@runners.test"
    page = ask(client, kind, email)
    assert "Send a new code" in client.get(page).content.decode()
    cache.clear()  # one code in ten seconds; a person takes longer
    answer = client.post(page, {"action": "resend"}, follow=True)
    assert "A new code is on its way." in answer.content.decode()
    first, second = codes_to(email)
    assert first != second
    assert client.post(page, {"code": first}).status_code == 200
    answer = client.post(page, {"code": second, "next": NEXT})
    assert answer.status_code == 302
    assert answer.headers["Location"] == NEXT


@pytest.mark.parametrize(
    ("kind", "sentence"), [("sign in", "the last new code"), ("sign up", "a moment ago")]
)
def test_a_new_code_too_soon_or_too_often_is_answered_beside_the_field(
    client: Client, runner: User, kind: str, sentence: str
) -> None:
    email = runner.email if kind == "sign in" else "nia@runners.test"
    page = ask(client, kind, email)
    answers = [client.post(page, {"action": "resend", "next": NEXT}) for _ in range(3)]
    refused = next(answer for answer in answers if answer.status_code == 429)
    html = refused.content.decode()
    assert sentence in html
    assert 'aria-invalid="true"' in html
    assert next_of(refused) == NEXT
    assert "A new code is on its way." not in html or kind == "sign in", "nothing was sent"
    done = client.post(page, {"code": codes_to(email)[-1], "next": NEXT})
    assert done.headers["Location"] == NEXT, "the last code that was sent still counts"


def test_too_many_accounts_from_one_place_are_answered_beside_the_address(client: Client) -> None:
    for number in range(25):
        answer = client.post(
            f"/accounts/signup/?next={NEXT}", {"email": f"nia{number}@runners.test", "next": NEXT}
        )
        if answer.status_code == 429:
            break
        client.post("/accounts/logout/")
    html = answer.content.decode()
    assert answer.status_code == 429
    assert "lot of tries" in html
    assert f'value="nia{number}@runners.test"' in html
    assert next_of(answer) == NEXT


@pytest.mark.parametrize("kind", ["sign in", "sign up"])
def test_another_address_keeps_the_way_on(client: Client, runner: User, kind: str) -> None:
    page = ask(client, kind, runner.email if kind == "sign in" else "nia@runners.test")
    html = client.get(f"{page}?next={NEXT}").content.decode()
    form = re.search(r'<form id="another-address".*?value="([^"]+)"', html, re.DOTALL)
    assert form
    assert "next=%2Fjoin%2Fintake%2Fbody%2F" in form[1]
    answer = client.post("/accounts/logout/", {"next": form[1]}, follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0] == form[1]
    assert 'name="email"' in answer.content.decode()


@pytest.mark.parametrize("kind", ["sign in", "sign up"])
def test_a_third_wrong_code_keeps_the_place(client: Client, runner: User, kind: str) -> None:
    email = runner.email if kind == "sign in" else "nia@runners.test"
    page = ask(client, kind, email)
    for _ in range(3):
        answer = client.post(page, {"code": "WRONG1", "next": NEXT}, follow=True)
    address = answer.redirect_chain[-1][0]
    html = answer.content.decode()
    assert address.startswith("/accounts/login/code/?next=")
    assert "Three wrong tries" in html
    assert f'value="{email}"' in html
    again = client.post(address, {"email": email, "next": NEXT})
    assert again.headers["Location"].startswith(SIGN_IN)
    done = client.post(SIGN_IN, {"code": codes_to(email)[-1], "next": NEXT})
    assert done.headers["Location"] == NEXT


@pytest.mark.parametrize("kind", ["sign in", "sign up"])
def test_a_browser_that_follows_the_forms_keeps_the_way_on(client: Client, runner: User, kind: str) -> None:
    """Nothing here adds `next` by hand: only what each page itself sends."""
    email = runner.email if kind == "sign in" else "nia@runners.test"
    address = "/accounts/login/code/" if kind == "sign in" else "/accounts/signup/"
    answer = client.post(address, {"email": email, "next": NEXT}, follow=True)
    cache.clear()  # one code in ten seconds; a person takes longer
    page = SIGN_IN if kind == "sign in" else CONFIRM
    answer = client.post(page, {"action": "resend", "next": next_of(answer)}, follow=True)
    for _ in range(3):
        answer = client.post(page, {"code": "WRONG1", "next": next_of(answer)}, follow=True)
    assert "Three wrong tries" in answer.content.decode()
    assert next_of(answer) == NEXT


def next_of(answer: Any) -> str:
    """Return the hidden `next` of the page's form, or an empty text."""
    found = re.search(r'name="next" value="([^"]+)"', answer.content.decode())
    return found[1] if found else ""


def test_a_page_for_a_known_and_an_unknown_address_looks_the_same(client: Client, runner: User) -> None:
    """Neither a new code nor another address may tell who has an account."""
    pages = []
    for email in (runner.email, "nia@runners.test"):
        other = Client()
        page = other.get(ask(other, "sign up", email)).content.decode().replace(email, "")
        pages.append([words for words in ("Send a new code", "Another address") if words in page])
    assert pages[0] == pages[1] == ["Send a new code", "Another address"]
