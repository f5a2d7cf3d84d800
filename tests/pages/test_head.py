"""What a search engine and a shared link read of a public page: its own title, words, address and picture."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from challenge.pages import guide
from challenge.pages.component_gallery import sample_states
from challenge.pages.openings import Opening, announcement, event_json_ld
from tests.conftest import NOW
from tests.journeys.places import PUBLIC

TO_BE_FOUND = [place.path for place in PUBLIC if place.status == 200] + ["/call/", "/early-access/"]


def png_size(path: str) -> tuple[int, int]:
    found = finders.find(path)
    assert isinstance(found, str), path
    with open(found, "rb") as file:
        head = file.read(24)
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])


def head_of(page: str) -> dict[str, str]:
    """Title, canonical address and the contents of all meta elements by name."""
    metas = dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', page))
    title = re.findall(r"<title>\s*(.*?)\s*</title>", page, re.S)
    canonical = re.findall(r'<link rel="canonical" href="([^"]+)"', page)
    assert len(title) == 1
    return metas | {"title": title[0], "canonical": " ".join(canonical)}


@pytest.fixture
def heads(client: Client, db: None) -> dict[str, dict[str, str]]:
    return {path: head_of(client.get(path).content.decode()) for path in TO_BE_FOUND}


def test_every_public_page_names_its_own_address(heads: dict[str, dict[str, str]]) -> None:
    for path, head in heads.items():
        assert head["canonical"] == head["og:url"] == settings.SITE_URL + path


@pytest.mark.parametrize("what", ["title", "description"])
def test_no_two_public_pages_say_the_same(heads: dict[str, dict[str, str]], what: str) -> None:
    values = [head[what] for head in heads.values()]
    assert sorted(words for words in set(values) if values.count(words) > 1) == []


def test_titles_and_descriptions_are_as_long_as_they_are_shown(heads: dict[str, dict[str, str]]) -> None:
    for path, head in heads.items():
        assert 10 <= len(head["title"]) <= 70, path
        assert 40 <= len(head["description"]) <= 180, path
        assert head["og:title"], path
        assert head["og:description"], path


def test_the_social_card_is_a_picture_of_the_size_stated_in_the_head(
    heads: dict[str, dict[str, str]],
) -> None:
    for head in heads.values():
        card = head["og:image"].removeprefix(f"{settings.SITE_URL}/static/")
        assert png_size(card) == (int(head["og:image:width"]), int(head["og:image:height"])) == (1200, 630)
        assert head["og:image:alt"]


@pytest.mark.django_db
def test_the_icons_are_as_large_as_they_say(client: Client) -> None:
    page = client.get("/").content.decode()
    linked = re.findall(r'<link rel="(?:apple-touch-)?icon" href="/static/([^"]+)"', page)
    assert [name for name in linked if finders.find(name) is None] == []
    assert png_size("img/apple-touch-icon.png") == (180, 180)
    for icon in client.get("/site.webmanifest").json()["icons"]:
        if icon["type"] == "image/png":
            width, height = png_size(icon["src"].removeprefix("/static/"))
            assert icon["sizes"] == f"{width}x{height}"


@pytest.mark.django_db
def test_the_sitemap_names_every_public_page_once_and_robots_forbids_none(client: Client) -> None:
    named = re.findall(r"<loc>(.*?)</loc>", client.get("/sitemap.xml").content.decode())
    assert len(named) == len(set(named))
    assert {settings.SITE_URL + path for path in TO_BE_FOUND} <= set(named)
    robots = client.get("/robots.txt").content.decode()
    forbidden = re.findall(r"^Disallow: (\S+)", robots, re.M)
    # With the visitor's time zone too: a browser, a search engine's as well, asks for the page again with it.
    assert {"Allow: /call/$", "Allow: /call/?"} <= set(robots.splitlines())
    assert [p for p in TO_BE_FOUND if p != "/call/" and p.startswith(tuple(forbidden))] == []


@pytest.mark.django_db
def test_what_the_sitemap_names_is_there(client: Client) -> None:
    for address in re.findall(r"<loc>(.*?)</loc>", client.get("/sitemap.xml").content.decode()):
        assert client.get(address.removeprefix(settings.SITE_URL)).status_code == 200, address


def test_an_error_is_not_to_be_found(client: Client) -> None:
    assert 'content="noindex"' in client.get("/nowhere/").content.decode()


@pytest.mark.parametrize("opening", list(Opening))
def test_the_event_has_what_a_search_engine_asks_of_one(opening: Opening) -> None:
    data: dict[str, Any] = event_json_ld(announcement(sample_states(NOW)[opening], at=NOW), settings.SITE_URL)
    assert {"name", "startDate", "endDate", "location", "image", "description", "organizer"} <= set(data)
    assert data["startDate"] < data["endDate"]
    assert png_size(data["image"].removeprefix(f"{settings.SITE_URL}/static/")) == (1200, 630)
    sold_out = opening in {Opening.ALL_HELD, Opening.CLOSED}
    assert data["offers"]["availability"].endswith("SoldOut") == sold_out


@pytest.mark.django_db
def test_every_article_is_linked_from_the_guide(client: Client) -> None:
    page = client.get("/guide/").content.decode()
    assert [slug for slug in guide.BY_SLUG if f'href="/guide/{slug}/"' not in page] == []
