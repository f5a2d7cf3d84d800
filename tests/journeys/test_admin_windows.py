"""The admin's own scripts in a browser that lets go of `unload`."""

import pytest

from tests.factories.people import make_owner
from tests.journeys.conftest import Open

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_listener_of_unload_is_called_when_the_page_is_left(window: Open) -> None:
    page = window(user=make_owner(), width=1280).new_page()
    page.goto("/admin/challenge/cohort/add/")
    told = """() => {
        window.told = [];
        django.jQuery(window).on("unload", (event) => window.told.push(event.type));
        window.addEventListener("pagehide", () => window.told.push("plain"));
        window.dispatchEvent(new Event("pagehide"));
        return window.told;
    }"""
    assert sorted(page.evaluate(told)) == ["plain", "unload"]
