"""A cadence for the intake on a phone: tapped or counted on the page itself, and without JavaScript all the same."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from challenge.enrollment.actions import hold_seat
from challenge.intake.models import Draft, Intake
from tests.factories.cohorts import make_cohort
from tests.factories.people import make_runner_user
from tests.intake.pages import RUNNING
from tests.journeys.conftest import Open
from tests.program import eventually

pytestmark = pytest.mark.django_db(transaction=True)

# Twelve landings 720 ms apart, one of them missed: 166.67 steps a minute.
TAPS = """() => {
  const button = document.querySelector("[data-tap] button");
  for (let i = 0; i < 12; i++) {
    if (i === 5) continue;
    const tap = new PointerEvent("pointerdown");
    Object.defineProperty(tap, "timeStamp", {value: 1000 + i * 720});
    button.dispatchEvent(tap);
  }
}"""
LETTERS = "label => [getComputedStyle(label).fontSize, getComputedStyle(label).fontFamily]"
NO_WIDER = "() => document.documentElement.scrollWidth <= window.innerWidth"


def at_the_question(window: Open, **options: Any) -> Any:
    """Return the page about running, 390 pixels wide, for a person who holds a seat."""
    user = make_runner_user()
    cohort = make_cohort(opens_at="2020-01-01T00:00Z", starts_on="2099-01-05")
    hold_seat(cohort=cohort, user=user, by=user, at=timezone.now())
    page = window(user=user, **options).new_page()
    page.goto("/join/intake/running/")
    return page


def draft() -> dict[str, list[str]]:
    saved = Draft.objects.first()
    return dict(saved.answers.get("running", {})) if saved is not None else {}


def test_tapping_along_fills_the_field_and_its_source(window: Open) -> None:
    page = at_the_question(window)
    errors: list[Any] = []
    page.on("pageerror", lambda error: errors.append(error))
    assert not page.get_by_label("Landings of one foot in 30 seconds").is_visible()
    page.get_by_label("I tapped along").check()
    assert page.get_by_role("button", name="Tap", exact=True).is_visible()
    page.evaluate(TAPS)
    assert page.get_by_label("Steps a minute").input_value() == "167"
    assert page.get_by_label("I tapped along").is_checked()
    assert page.evaluate(NO_WIDER)
    eventually(lambda: draft().get("cadence_spm") == ["167"], what="the draft holds what was tapped")
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/join/intake/body/")
    assert (draft()["cadence_how"], draft()["cadence_spm"]) == (["tapped"], ["167"])
    assert errors == []


def test_the_browser_brings_its_own_time_zone_until_one_is_chosen(window: Open) -> None:
    page = at_the_question(window, timezone_id="America/Denver")
    page.goto("/join/intake/you/")
    expect(page.get_by_label("Time zone")).to_have_value("Mountain Time (Denver)")
    page.get_by_label("Time zone").fill("madrid")
    eventually(lambda: "you" in (Draft.objects.first() or Draft()).answers, what="the draft holds the choice")
    page.reload()
    expect(page.get_by_label("Time zone")).to_have_value("madrid")


@pytest.mark.parametrize("way", ["I know it from my watch or app", "I tapped along"])
def test_the_question_for_the_number_is_as_large_as_every_other(window: Open, way: str) -> None:
    page = at_the_question(window)
    page.get_by_label(way).check()
    label, other = (page.locator("label", has_text=text).first for text in ("Steps a minute", "Distance of"))
    expect(label).to_be_visible()
    assert label.evaluate(LETTERS) == other.evaluate(LETTERS)


def test_counting_one_foot_fills_the_cadence_and_its_source(window: Open) -> None:
    page = at_the_question(window)
    page.get_by_label("I counted one foot for 30 seconds").check()
    page.get_by_label("Landings of one foot in 30 seconds").fill("41")
    assert "164 steps a minute" in page.locator("[data-count] [role=status]").inner_text()
    page.get_by_role("button", name="Count down 30 seconds").click()
    assert page.locator("[data-count] [data-shown]").inner_text().startswith("Ready:")
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/join/intake/body/")
    assert (draft()["cadence_how"], draft()["counted_30s"]) == (["counted"], ["41"])


def test_without_javascript_the_whole_intake_is_answered_with_a_count(window: Open) -> None:
    page = at_the_question(window, java_script_enabled=False)
    assert not page.get_by_text("Tap along now").is_visible()
    assert not page.get_by_role("button", name="Count down 30 seconds").is_visible()
    page.get_by_label("Later", exact=True).check()
    assert page.get_by_role("link", name="Tap along or count").is_visible()
    page.goto("/join/intake/you/")
    page.get_by_label("Your name").fill("Robin Marsh")
    page.get_by_label("Phone").fill("+1 612 555 0100")
    page.get_by_label("I’m 18 or older").check()
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_label("Longest run of the last 30 days").fill(RUNNING["longest_run"])
    page.get_by_label("I counted one foot for 30 seconds").check()
    page.get_by_label("Landings of one foot in 30 seconds").fill("41")
    page.get_by_role("button", name="Save and continue").click()
    page.check("input[name=tendon_history][value=none]")
    page.check("input[name=symptoms][value=none]")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_label("Only send me a link").check()
    page.get_by_label("I have read this and agree").check()
    page.get_by_role("button", name="Confirm my seat").click()
    assert page.url.endswith("/join/done/")
    assert (Intake.objects.get().baseline_cadence_spm, Intake.objects.get().baseline_cadence_source) == (
        164,
        "counted",
    )
