"""The guided strength session on a phone: counted, swapped, interrupted, and finished once."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from challenge.enrollment.models import Enrollment
from challenge.workouts.models import StrengthSet
from challenge.workouts.strength_session_models import GuidedSet
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.weekly import make_target
from tests.journeys.conftest import Open
from tests.journeys.looking import COLORS, violations
from tests.program import eventually

pytestmark = pytest.mark.django_db(transaction=True)
PICTURES = os.environ.get("SESSION_PICTURES")


@pytest.fixture
def enrollment() -> Enrollment:
    """In the second week, in phase 1."""
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    cohort = make_cohort(starts_on=monday - timedelta(weeks=1), opens_at=timezone.now() - timedelta(days=30))
    enrollment = enroll(cohort=cohort)
    make_target(enrollment, monday=monday, baseline_spm=160)
    return enrollment


def opened(window: Open, enrollment: Enrollment, **options: Any) -> Page:
    page = window(user=enrollment.seat.user, **options).new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("close", lambda: errors and pytest.fail(str(errors)))
    ready(page)
    return page


def ready(page: Page) -> None:
    page.goto("/log/strength/")
    page.locator("[data-session][data-ready]").wait_for()


def look(page: Page, name: str) -> None:
    """Check the screen with axe in both schemes; keep a picture of it where a folder is given."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(page, COLORS if scheme == "dark" else None) == []
        assert not page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}.png")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def do_a_set(page: Page) -> None:
    """One set, counted by the runner, and the rest cut short."""
    press(page, "Done, I counted")
    press(page, "Go now")


def stored() -> list[tuple[str, str, int]]:
    return [*GuidedSet.objects.order_by("pk").values_list("planned", "leg", "number")]


def test_every_screen_of_a_session(window: Open, enrollment: Enrollment) -> None:
    page = opened(window, enrollment)
    page.clock.install()
    ready(page)
    look(page, "1-overview")
    press(page, "Start")
    expect(page.get_by_role("heading", name="Standing calf hold")).to_be_visible()
    look(page, "2-set")
    press(page, "Start")
    page.clock.fast_forward(9000)
    expect(page.locator("[data-word]")).to_have_text("hold")
    assert 30 < int(page.locator("[data-number]").inner_text()) < 42
    look(page, "3-count")
    press(page, "Stop")
    assert 4 <= int(page.locator("[data-amount]").input_value()) < 20
    look(page, "4-stopped")
    press(page, "Start it over")
    page.clock.fast_forward(52_000)
    expect(page.get_by_role("heading", name="Set 1 done, left leg")).to_be_visible()
    page.locator("[data-set-pain] label", has_text="6").first.click()
    expect(page.locator("[data-too-much]")).to_be_visible()
    look(page, "5-rest")
    eventually(
        lambda: GuidedSet.objects.filter(pain=6, seconds=45).exists(), what="the set is stored with its pain"
    )
    page.clock.fast_forward(16_000)
    expect(page.locator("[data-word]")).to_have_text("Get ready")
    press(page, "Stop")
    page.locator("[data-amount]").fill("30")
    press(page, "Save this set")
    page.get_by_role("button", name="All exercises").click()
    expect(page.locator("[data-count]").first).to_have_text("· 1 of 5 done")
    press(page, "Finish here")
    look(page, "6-finish")
    press(page, "Save the session")
    expect(page.locator("[data-problem]")).to_have_text("Where was it worst?")
    page.locator(".pain-row label", has_text="6").last.click()
    page.locator('[name="site"][value="achilles"]').check(force=True)
    press(page, "Save the session")
    expect(page.get_by_role("heading", name="1 set done")).to_be_visible()
    look(page, "7-done")
    only = StrengthSet.objects.get()
    assert (only.seconds, only.pain, only.session.pain) == (45, 6, 6)
