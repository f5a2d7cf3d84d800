"""Errors are answered in the same hand, with the right status, and without asking the database."""

import pytest
from django.test import Client, RequestFactory

from challenge.pages import errors


@pytest.mark.parametrize("status", [400, 403, 404, 409, 429, 500, 503])
def test_every_error_has_a_page_with_a_way_on(status: int) -> None:
    answer = errors.page(status)
    page = answer.content.decode()
    assert answer.status_code == status
    assert 'class="button"' in page
    assert "+1 612 555 0142" in page


def test_an_address_that_does_not_exist_says_so(client: Client) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert b"Off the course" in answer.content


def test_a_form_that_is_too_old_is_explained(settings: object) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/accounts/login/", {"login": "a@runners.test"})
    assert answer.status_code == 403
    assert b"Nothing was saved" in answer.content


def test_an_absent_page_names_when_to_come_back() -> None:
    request = RequestFactory().get("/")
    assert errors.unavailable(request)["Retry-After"] == "120"


def test_a_conflict_says_what_happened() -> None:
    answer = errors.page(409, sentence="Another clinician has decided this week already.")
    assert b"Another clinician has decided this week already." in answer.content
