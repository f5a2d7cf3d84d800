"""A query string that no page can read is a page with status 400, wherever it is sent."""

import pytest
from django.test import Client

from tests.factories.cohorts import enroll
from tests.factories.people import make_owner, use_second_factor

pytestmark = pytest.mark.django_db
TOO_MANY = "&".join("a" * 1500)
PUBLIC = ("/", "/call/", "/join/", "/early-access/", "/guide/", "/guide/pain/", "/accounts/login/", "/accounts/signup/",
          "/accounts/password/reset/")  # fmt: skip
RUNNERS = ("/today/", "/log/run/", "/plan/", "/progress/", "/me/", "/messages/", "/metronome/")
STAFF = ("/admin/", "/admin/seats/", "/admin/challenge/user/", "/admin/challenge/cohort/add/")


def refuses(client: Client, path: str, query: str) -> bool:
    answer = client.get(f"{path}?{query}")
    return answer.status_code == 400 and "couldn’t read" in answer.content.decode()


@pytest.mark.parametrize("query", [TOO_MANY, "a=%00", "%00=a"], ids=["too many", "nul", "nul name"])
def test_every_page_refuses_what_it_cannot_read(query: str) -> None:
    runner, owner = Client(), Client()
    user = enroll().seat.user
    assert user is not None
    runner.force_login(user)
    boss = make_owner()
    owner.force_login(boss)
    use_second_factor(owner, boss)
    for client, paths in ((Client(), PUBLIC), (runner, RUNNERS), (owner, STAFF)):
        assert [path for path in paths if not refuses(client, path, query)] == []


def test_a_form_sent_with_such_a_query_string_is_refused_too() -> None:
    assert Client().post(f"/accounts/login/?{TOO_MANY}", {"login": "robin@runners.test"}).status_code == 400


def test_a_usual_query_string_is_read() -> None:
    assert Client().get("/call/?utm_source=poster&a=1&a=2").status_code == 200
