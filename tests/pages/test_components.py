"""The living page shows every component there is, in the light and in the dark."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

FOLDER = Path(settings.BASE_DIR) / "templates" / "components"
# What belongs into the head of a page has nothing to look at.
UNSEEN = {"social.html"}

pytestmark = pytest.mark.urls("tests.journeys.all_addresses")


def test_every_component_is_shown(client: Client) -> None:
    shown = {template.name for template in client.get("/dev/components/").templates}
    there = {path.name for path in FOLDER.glob("*.html")} - UNSEEN
    assert sorted(name for name in there if f"components/{name}" not in shown) == []


def test_each_is_shown_in_both_schemes(client: Client) -> None:
    light, dark = client.get("/dev/components/").content.decode().split('<div class="side on-dark')
    assert "on-light" in light
    for what in ('class="messages"', 'class="bibs', 'class="tabs"', 'class="strip"', 'class="foot"', "pain"):
        assert what in light, what
        assert what in dark, what
