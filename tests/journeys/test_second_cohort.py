"""An owner who has never seen the program goes from the end of the beta to an announced second cohort. No shell.

Another clinician, 30 seats, 10 weeks, another questionnaire, the first wave invited; presses and minutes are counted.
"""

import json
import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Locator, Page, expect

from challenge.accounts.models import User
from challenge.enrollment.cohort_actions import begin_cohorts
from challenge.enrollment.models import Cohort, CohortClinician, EarlyAccess
from challenge.enrollment.waiting_list import write_due_waves
from challenge.mail.models import OutboxMessage
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.outcomes import tendon_file
from tests.factories.people import make_clinician, make_owner

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., BrowserContext]
MOST_PRESSES, MOST_MINUTES = 20, 5
WAITING = 3


@pytest.fixture
def owner() -> User:
    """The beta is in its last week, and three people wait for the public launch."""
    now, today = timezone.now(), timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    beta = make_cohort(
        name="The first twenty",
        slug="first",
        starts_on=monday - timedelta(weeks=11),
        opens_at=now - timedelta(weeks=16),
    )
    enroll(cohort=beta)
    CohortClinician.objects.create(cohort=beta, user=make_clinician(name="Ada Moor"))
    Cohort.objects.filter(pk=beta.pk).update(closed_at=now - timedelta(weeks=12))
    begin_cohorts(at=now)
    for number in range(WAITING):
        EarlyAccess.objects.create(
            which=EarlyAccess.List.LAUNCH,
            email=f"waiting{number}@runners.test",
            asked_at=now - timedelta(days=9),
            confirmed_at=now - timedelta(days=9),
        )
    return make_owner(name="Olive Brook")


class Presses:
    """Counts the links, buttons and boxes that are pressed; typing is none."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, what: Locator) -> None:
        what.click()
        self.count += 1

    def link(self, name: str) -> None:
        self.press(self.page.get_by_role("link", name=name))

    def button(self, name: str) -> None:
        self.press(self.page.get_by_role("button", name=name))

    def box(self, name: str) -> None:
        self.press(self.page.get_by_label(name))


def invite_a_clinician(hand: Presses) -> None:
    hand.link("People")
    hand.link("Invite a colleague")
    hand.page.get_by_label("Their name").fill("Dr. Zoe Fenn")
    hand.page.get_by_label("Their email").fill("zoe@clinic.test")
    hand.box("Clinician")
    hand.button("Send the invitation")
    expect(hand.page.get_by_text("Dr. Zoe Fenn is invited")).to_be_visible()


def plan_it(hand: Presses) -> None:
    hand.link("Overview")
    hand.link("Plan the next one")
    hand.page.get_by_label("Name").fill("Spring")
    hand.page.get_by_label("Its address").fill("spring")
    hand.page.get_by_label("Seats").fill("30")
    hand.page.get_by_label("Weeks").fill("10")
    hand.box("Ada Moor")  # ticked in the copy
    hand.box("Dr. Zoe Fenn")
    hand.button("Save it, announce nothing")
    expect(hand.page.get_by_role("heading", name="Spring", exact=True)).to_be_visible()


def ask_another_questionnaire(hand: Presses) -> None:
    hand.link("questionnaires")
    hand.page.get_by_label("Or its text").fill(json.dumps(tendon_file()))
    hand.button("Check and preview")
    hand.button("Put version 1 in force")
    hand.press(hand.page.locator(".breadcrumbs").get_by_role("link", name="Home"))
    hand.link("Overview")
    hand.press(hand.page.get_by_role("rowheader").get_by_role("link", name="Spring"))
    expect(hand.page.get_by_text("Lake tendon questions")).to_be_visible()


def look_and_announce(hand: Presses) -> None:
    hand.link("The emails")
    expect(hand.page.get_by_role("heading", name="The emails of Spring")).to_be_visible()
    hand.link("Back to Spring")
    hand.button("Announce it")
    expect(hand.page.get_by_text("it’s on the home page")).to_be_visible()


def invite_the_first_wave(hand: Presses) -> None:
    hand.link("Write to the launch list in waves")
    now = timezone.localtime()
    hand.page.get_by_label("Day of the first wave").fill(f"{now:%Y-%m-%d}")
    hand.page.get_by_label("Time of the first wave").fill(f"{now:%H:%M}")
    hand.button("Announce the launch")
    expect(hand.page.get_by_text("Announced: 1 wave.")).to_be_visible()


def test_an_owner_opens_a_second_cohort_without_a_shell(owner: User, window: Open) -> None:
    page = window(user=owner, width=1280).new_page()
    hand, began = Presses(page), time.monotonic()
    page.goto("/admin/overview/")
    expect(page.get_by_text("Week 12 of 12")).to_be_visible()
    invite_a_clinician(hand)
    plan_it(hand)
    ask_another_questionnaire(hand)
    look_and_announce(hand)
    invite_the_first_wave(hand)
    minutes = (time.monotonic() - began) / 60

    spring = Cohort.objects.get(slug="spring")
    assert (spring.capacity, spring.weeks, spring.is_public) == (30, 10, True)
    assert [row.user.name for row in spring.clinicians.all()] == ["Dr. Zoe Fenn"]
    assert write_due_waves(at=timezone.now()) == WAITING  # what the worker does every few minutes
    letters = OutboxMessage.objects.filter(to_email__startswith="waiting")
    assert letters.count() == WAITING
    assert all(re.search(r"/join/spring/", letter.text) for letter in letters)
    assert hand.count <= MOST_PRESSES, f"{hand.count} presses"
    assert minutes < MOST_MINUTES, f"{minutes:.1f} minutes"
    print(f"\n{hand.count} presses, {minutes:.1f} minutes")  # noqa: T201 - the count is part of what is shown
