"""What goes wrong beside the mat: another app, a wrong number, pain, a phone that sleeps, a stop without a network."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from challenge.care.actions import raise_flag
from challenge.enrollment.models import Enrollment
from challenge.protocol.sentences.stop import BY_SYMPTOM
from challenge.protocol.vocabulary import FlagKind, Symptom
from challenge.workouts.models import StrengthSession
from challenge.workouts.strength_session_models import GuidedSet
from tests.journeys.conftest import Open
from tests.journeys.test_no_network import until_nothing_waits
from tests.journeys.test_strength_session import (
    do_a_set,
    enrollment,
    opened,
    press,
    ready,
    swap,
    wait_until_held,
)
from tests.program import eventually

__all__ = ["enrollment"]
pytestmark = pytest.mark.django_db(transaction=True)


def come_back(page: Page) -> None:
    """As after a call or a look at another app; wait for what the page asks the server then."""
    with page.expect_response("**/log/strength/set/"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_look_at_another_app_takes_nothing_that_is_typed(window: Open, enrollment: Enrollment) -> None:
    page = opened(window, enrollment)
    press(page, "Start")
    press(page, "Start")
    press(page, "Stop")
    page.locator("[data-amount]").fill("30")
    come_back(page)
    expect(page.locator("[data-amount]")).to_have_value("30")
    press(page, "Save this set")
    page.get_by_role("heading", name="Set 1 done").wait_for()
    press(page, "Something’s wrong")
    come_back(page)
    expect(page.get_by_role("heading", name="What’s wrong?")).to_be_visible()


def test_a_number_that_the_log_refuses_is_asked_about_beside_its_field(
    window: Open, enrollment: Enrollment
) -> None:
    page = opened(window, enrollment)
    press(page, "Do it now Seated calf hold")
    for wrong in ("heavy", "9999", "20 kg"):
        page.locator("[data-load]").fill(wrong)
        press(page, "Done, I counted")
        expect(page.locator("[data-load-problem]")).to_contain_text("like 20, up to 1100")
        expect(page.locator("[data-load]")).to_be_focused()
    page.locator("[data-load]").fill("22,5")
    press(page, "Done, I counted")
    page.get_by_role("heading", name="Set 1 done").wait_for()
    press(page, "Fix that set’s numbers")
    for wrong in ("", "0", "thirty", "4000", "-3"):
        page.locator("[data-amount]").fill(wrong)
        press(page, "Save this set")
        expect(page.locator("[data-amount-problem]")).to_have_text("Enter a whole number from 1 to 3600.")
    page.locator("[data-amount]").fill("40")
    press(page, "Save this set")
    until_nothing_waits(page)
    # The queue is empty before the changed set is in it, and again after it is sent.
    changed = GuidedSet.objects.filter(seconds=40, load_g=10206)
    eventually(lambda: changed.count() == 1, what="the changed set is stored")
    assert GuidedSet.objects.count() == 1


def test_after_too_much_pain_the_next_set_waits_for_a_tap(window: Open, enrollment: Enrollment) -> None:
    page = opened(window, enrollment)
    page.clock.install()
    ready(page)
    press(page, "Start")
    press(page, "Done, I counted")
    page.locator("[data-set-pain] label", has_text="8").click()
    page.clock.fast_forward(16_000)
    expect(page.locator("[data-start]")).to_be_visible()
    page.clock.fast_forward(120_000)
    until_nothing_waits(page)
    assert GuidedSet.objects.get().pain == 8


def test_a_set_that_hurt_is_asked_where_though_the_session_gets_a_zero(
    window: Open, enrollment: Enrollment
) -> None:
    page = opened(window, enrollment)
    press(page, "Start")
    press(page, "Done, I counted")
    page.locator("[data-set-pain] label", has_text="6").click()
    press(page, "All exercises")
    press(page, "Finish here")
    expect(page.locator("[data-summary]")).to_have_text("1 of 13 sets done. Your worst set was 6 out of 10.")
    page.click('.pain-row label:has([name="pain"][value="0"])')
    press(page, "Save the session")
    expect(page.locator('[name="site"]').first).to_be_focused()
    page.click('label:has([name="site"][value="calf"])')
    press(page, "Save the session")
    page.wait_for_url("**/log/strength/done/**")
    assert StrengthSession.objects.get().pain == 6


def test_a_phone_that_slept_asks_before_it_saves_a_set_or_begins_one(
    window: Open, enrollment: Enrollment
) -> None:
    page = opened(window, enrollment)
    page.clock.install()
    ready(page)
    press(page, "Start")
    press(page, "Start")
    page.clock.fast_forward(600_000)
    expect(page.get_by_role("heading", name="Did you do all of it?")).to_be_visible()
    assert not GuidedSet.objects.exists()
    press(page, "Save this set")
    page.get_by_role("heading", name="Set 1 done").wait_for()
    page.clock.fast_forward(600_000)
    expect(page.locator("[data-start]")).to_be_visible()
    assert page.locator("[data-number]").is_hidden()


def test_a_reload_goes_on_in_the_exercise_that_was_chosen(window: Open, enrollment: Enrollment) -> None:
    page = opened(window, enrollment)
    press(page, "Do it now Seated calf hold")
    ready(page)
    press(page, "Start")
    expect(page.get_by_role("heading", name="Seated calf hold")).to_be_visible()


def test_a_swap_has_the_figure_and_the_dose_of_what_is_done(window: Open, enrollment: Enrollment) -> None:
    page = opened(window, enrollment)
    press(page, "Do it now Calf raise in shortened range")
    dose = page.locator("[data-dose]").inner_text()
    press(page, "All exercises")
    press(page, "Do it now Standing calf hold")
    swap(page, "Calf raise in shortened range", "the heel is grumpy")
    expect(page.locator("[data-dose]")).to_have_text(dose)
    expect(page.locator('[data-figures="short_range_calf_raise"]')).to_be_visible()
    do_a_set(page)
    until_nothing_waits(page)
    only = GuidedSet.objects.get()
    assert (only.planned, only.exercise, only.seconds) == (
        "isometric_calf_hold",
        "short_range_calf_raise",
        None,
    )


def test_a_stop_ticked_at_the_finish_without_a_network_is_answered_at_once(
    window: Open, enrollment: Enrollment
) -> None:
    page = opened(window, enrollment)
    wait_until_held(page)
    page.context.set_offline(True)
    press(page, "Start")
    press(page, "Something’s wrong")
    page.locator('.pain-row label:has([name="pain"][value="2"])').click()
    page.locator(f'[name="symptoms"][value="{Symptom.CALF_SWELLING.value}"]').check(force=True)
    press(page, "Save the session")
    page.get_by_role("heading", name="Please don’t run for now").wait_for()
    expect(page.get_by_text(BY_SYMPTOM[Symptom.CALF_SWELLING])).to_be_visible()
    expect(page.get_by_text("The clinic doesn’t know about this yet")).to_be_visible()
    page.context.set_offline(False)
    page.wait_for_url("**/log/stop/")
    assert StrengthSession.objects.get().symptoms == [Symptom.CALF_SWELLING.value]


def test_a_red_session_without_a_network_is_answered_on_the_phone(
    window: Open, enrollment: Enrollment
) -> None:
    page = opened(window, enrollment)
    wait_until_held(page)
    page.context.set_offline(True)
    press(page, "Start")
    do_a_set(page)
    press(page, "All exercises")
    press(page, "Finish here")
    page.locator('.pain-row label:has([name="pain"][value="8"])').click()
    page.locator('[name="site"][value="achilles"]').check(force=True)
    press(page, "Save the session")
    page.get_by_role("heading", name="Saved on this phone").wait_for()
    expect(page.get_by_text("Rest from running tomorrow")).to_be_visible()


def test_a_stop_of_the_clinic_ends_a_session_that_is_open(window: Open, enrollment: Enrollment) -> None:
    page = opened(window, enrollment)
    press(page, "Start")
    raise_flag(
        enrollment=enrollment,
        kind=FlagKind.STOP,
        rule="pain.stop",
        source="run:0",
        facts={"symptoms": ["pop"]},
        at=timezone.now(),
    )
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_load_state()
    expect(page.locator("[data-session]")).to_have_count(0)
    # A window that is closed in the middle of a navigation keeps Chromium from ending.
    page.wait_for_load_state("networkidle")


@pytest.mark.whole_browser  # the worker sends it in the background
def test_a_refused_session_by_hand_keeps_its_own_sets(window: Open, enrollment: Enrollment) -> None:
    page = opened(window, enrollment)
    wait_until_held(page)
    page.goto("/log/strength/by-hand/")
    page.get_by_label("Set 1", exact=True).first.check()
    page.click('.pain-row label:has([name="pain"][value="1"])')
    page.context.set_offline(True)
    press(page, "Done as prescribed")
    page.get_by_text("1 entry is waiting").wait_for()
    page.context.set_offline(False)
    page.goto("/log/offline/")
    press(page, "Repair it")
    page.get_by_text("You checked 1 of 13 sets.").wait_for()
    press(page, "Save only the 1 I checked")
    page.get_by_text("Strength session saved: 1 set.").wait_for()
    assert StrengthSession.objects.get().sets.count() == 1
