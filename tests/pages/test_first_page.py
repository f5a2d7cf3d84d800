"""The home page shows the seats as they are, in one of six states, with at most one query."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from challenge.pages.component_gallery import sample_states
from challenge.pages.openings import NOTHING_ANNOUNCED, Opening, announcement, event_json_ld
from tests.conftest import NOW
from tests.factories.cohorts import enroll, make_open_cohort
from tests.factories.people import make_clinician, make_owner
from tests.journeys.doors import signed_in


@pytest.mark.parametrize("opening", list(Opening))
def test_each_opening_is_recognized(opening: Opening) -> None:
    assert announcement(sample_states(NOW)[opening], at=NOW).opening is opening


def test_without_a_cohort_the_page_is_closed_and_counts_nothing() -> None:
    assert announcement(None, at=NOW) == NOTHING_ANNOUNCED


def test_bibs_are_taken_then_held_then_free_and_always_as_many_as_seats() -> None:
    bibs = announcement(sample_states(NOW)[Opening.OPEN], at=NOW).bibs
    assert [bib.state for bib in bibs] == ["taken"] * 11 + ["held"] * 2 + ["free"] * 7
    assert [bib.number for bib in bibs] == list(range(1, 21))


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 1), (60, 1), (61, 2), (420, 7)])
def test_the_wait_for_a_held_seat_is_rounded_up_to_whole_minutes(seconds: int, minutes: int) -> None:
    state = replace(sample_states(NOW)[Opening.ALL_HELD], next_free_at=NOW + timedelta(seconds=seconds))
    assert announcement(state, at=NOW).minutes == minutes


@pytest.mark.parametrize(
    ("free", "opening"), [(6, Opening.OPEN), (5, Opening.NEARLY_FULL), (1, Opening.NEARLY_FULL)]
)
def test_nearly_full_begins_at_five(free: int, opening: Opening) -> None:
    state = replace(sample_states(NOW)[Opening.OPEN], confirmed=20 - free, held=0)
    assert announcement(state, at=NOW).opening is opening


def test_after_the_first_week_no_one_joins_even_where_seats_are_left() -> None:
    state = replace(sample_states(NOW)[Opening.OPEN], joinable_until=NOW)
    assert announcement(state, at=NOW).opening is Opening.CLOSED


@pytest.mark.django_db
def test_seats_team_and_others_cost_a_query_each_and_none_within_the_same_second(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cohort = make_open_cohort()
    enroll(cohort=cohort)
    cache.delete_many(["pages.seats", "pages.team", "pages.also"])
    with django_assert_num_queries(3):
        answer = client.get("/")
    assert b"<strong>19 of 20</strong> seats left" in answer.content
    with django_assert_num_queries(0):
        client.get("/")


@pytest.mark.django_db
@pytest.mark.parametrize("taken", [0, 19, 20])
def test_the_way_in_is_offered_while_there_is_one(client: Client, taken: int) -> None:
    cohort = make_open_cohort(capacity=20)
    for _ in range(taken):
        enroll(cohort=cohort)
    cache.clear()
    page = client.get("/").content.decode()
    assert ('href="/join/"' in page) == (taken < 20)
    assert ("This beta is full" in page) == (taken == 20)


def test_the_event_says_what_the_page_says() -> None:
    announced = announcement(sample_states(NOW)[Opening.OPEN], at=NOW)
    data = event_json_ld(announced, "https://challenge.example.org")
    assert data["remainingAttendeeCapacity"] == announced.free == 7
    assert data["startDate"] == str(announced.starts_on)
    assert data["offers"]["price"] == "0"


@pytest.mark.django_db
def test_the_event_is_in_the_page_as_data_that_no_markup_can_end(client: Client) -> None:
    make_open_cohort()
    page = client.get("/").content.decode()
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    assert block is not None
    assert "<" not in block[1]
    assert json.loads(block[1])["@type"] == "Event"


@pytest.mark.django_db
def test_the_owner_writes_who_runs_it(client: Client) -> None:
    owner = signed_in(make_owner())
    person = {
        "name": "Ada Moor, PT",
        "role": "physical therapist",
        "sentence": "Reads your log.",
        "position": "1",
    }
    add = "/admin/challenge/teammember/add/"
    assert owner.post(add, person | {"is_shown": "on"}).status_code == 302
    assert owner.post(add, person | {"name": "Not Shown"}).status_code == 302
    cache.clear()
    page = client.get("/").content.decode()
    assert "Ada Moor, PT" in page
    assert "Not Shown" not in page
    assert signed_in(make_clinician()).get(add).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/guide/", "/guide/cadence/", "/guide/heavy_calf_raise/"])
def test_the_guide_leads_to_a_seat_while_there_is_one_for_the_reader(client: Client, address: str) -> None:
    cohort = make_open_cohort(capacity=1)
    cache.clear()
    assert "Claim a seat" in client.get(address).content.decode()
    runner = enroll(cohort=cohort)
    cache.clear()
    assert "Claim a seat" not in client.get(address).content.decode()
    make_open_cohort(name="Next", slug="next", is_public=False)
    assert runner.seat.user is not None
    client.force_login(runner.seat.user)
    assert "Claim a seat" not in client.get(address).content.decode()
