"""The guided strength session on a phone: counted, swapped, interrupted, and finished once."""

import gzip
import os
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Response, Route, expect

from challenge.care.actions import raise_flag
from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import FlagKind
from challenge.workouts.models import StrengthSession, StrengthSet
from challenge.workouts.strength_session_models import GuidedSet
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.weekly import make_target
from tests.journeys.conftest import Open
from tests.journeys.looking import COLORS, violations
from tests.journeys.test_budgets import NONE, REQUESTS, SCRIPT_BYTES, SHIFT
from tests.journeys.test_no_network import until_controlled, until_nothing_waits
from tests.program import eventually
from thrive.static_files import without_comments

pytestmark = pytest.mark.django_db(transaction=True)
PICTURES = os.environ.get("SESSION_PICTURES")
SESSION_SCRIPT_BYTES = 40_000  # as they are, not compressed: a phone reads all of it before the first count


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
    # As on the phones without Background Sync: a route of the test cannot hold back what the worker sends.
    page.context.add_init_script("delete ServiceWorkerRegistration.prototype.sync")
    ready(page)
    return page


def ready(page: Page) -> None:
    page.goto("/log/strength/")
    page.locator("[data-session][data-ready]").wait_for()


def wait_until_held(page: Page) -> None:
    """Wait until the phone can open the session without a network."""
    until_controlled(page)
    held = "waiting.heldPage('/log/strength/').then(Boolean)"
    eventually(lambda: page.evaluate(held), what="the page is held")


def look(page: Page, name: str) -> None:
    """Check the screen with axe in both schemes; keep a picture of it where a folder is given."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function("() => document.getAnimations().every((one) => one.playState !== 'running')")
        assert violations(page, COLORS if scheme == "dark" else None) == []
        assert not page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}.png")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def do_a_set(page: Page) -> None:
    """One set that the runner counted alone; the rest is cut short, or the session is over."""
    press(page, "Done, I counted")
    page.locator('[data-screen="rest"], [data-screen="finish"]').locator("visible=true").first.wait_for()
    if page.locator("[data-go]").is_visible():
        press(page, "Go now")
        if page.locator("[data-stop]").is_visible():
            press(page, "Stop")
            press(page, "All exercises")
            page.locator("[data-begin]").click()


def sets() -> list[tuple[str, str, int]]:
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
    press(page, "Start")  # after too much pain the next set does not begin by itself
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
    assert (only.seconds, only.pain, only.session.pain) == (30, 6, 6)


def test_the_figure_moves_until_it_is_held_still(window: Open, enrollment: Enrollment) -> None:
    page = opened(window, enrollment, reduced_motion="no-preference")
    press(page, "Start")
    legs = "document.querySelector('.moving:not([hidden]) .trunk').getAttribute('d')"
    first = page.evaluate(legs)
    eventually(lambda: page.evaluate(legs) != first, what="the figure moves")
    look(page, "8-moving")
    press(page, "Stop the animation")
    held = page.evaluate(legs)
    page.wait_for_function(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
    assert page.evaluate(legs) == held


def swap(page: Page, to: str, because: str) -> None:
    page.get_by_text("Swap it").click()
    page.get_by_label("Do this instead").select_option(label=to)
    page.get_by_label("Why", exact=True).fill(because)
    press(page, "Swap")


def test_two_swaps_a_lost_network_a_reload_and_a_second_phone(window: Open, enrollment: Enrollment) -> None:
    page = opened(window, enrollment)
    wait_until_held(page)
    press(page, "Start")
    swap(page, "Easier form: Both feet, hands on a counter", "the heel is grumpy")
    expect(page.locator("[data-dose]")).to_have_text("Hold 45 s · easier form")
    do_a_set(page)
    page.context.set_offline(True)
    do_a_set(page)
    expect(page.locator("[data-saved]")).to_contain_text("kept on this phone")
    press(page, "Start")  # a set is being counted when the page loads again, without a network
    page.reload()
    page.locator("[data-session][data-ready]").wait_for()
    expect(page.locator("[data-count]").first).to_have_text("· 2 of 5 done")
    press(page, "Do it now Seated calf hold")
    swap(page, "Calf raise in shortened range", "no weight here")
    do_a_set(page)
    page.context.set_offline(False)
    until_nothing_waits(page)
    other = opened(window, enrollment)
    expect(other.locator("[data-count]").first).to_have_text("· 2 of 5 done")
    press(other, "Continue")
    expect(other.locator("[data-dose]")).to_have_text("Hold 45 s · easier form")
    press(other, "All exercises")
    press(other, "Do it now Calf raise in shortened range")
    do_a_set(other)
    press(other, "All exercises")
    press(other, "Finish here")
    other.locator(".pain-row label", has_text="1").last.click()
    other.locator('.pain-row label:has([name="pain"][value="1"])').click()
    press(other, "Save the session")
    expect(other.get_by_role("heading", name="4 sets done")).to_be_visible()
    done = StrengthSet.objects.order_by("pk").values_list("exercise", "number", "instead_of", "because")
    assert [*done] == [
        ("isometric_calf_hold", 1, "", "Easier form: the heel is grumpy"),
        ("isometric_calf_hold", 2, "", "Easier form: the heel is grumpy"),
        ("short_range_calf_raise", 1, "isometric_soleus_hold", "no weight here"),
        ("short_range_calf_raise", 2, "", ""),
    ]


def test_a_session_from_a_cold_start_without_a_network_arrives_once(
    window: Open, enrollment: Enrollment
) -> None:
    page = window(user=enrollment.seat.user).new_page()
    page.goto("/today/")
    until_controlled(page)
    eventually(
        lambda: page.evaluate("waiting.heldPage('/log/strength/').then(Boolean)"), what="the page is held"
    )
    page.close()
    context = page.context
    context.set_offline(True)
    page = context.new_page()
    ready(page)
    press(page, "Start")
    do_a_set(page)
    press(page, "All exercises")
    press(page, "Finish here")
    page.locator('.pain-row label:has([name="pain"][value="0"])').click()
    press(page, "Save the session")
    expect(page.get_by_role("heading", name="Saved on this phone")).to_be_visible()
    context.set_offline(False)
    page.goto("/plan/")
    until_nothing_waits(page)
    assert StrengthSession.objects.get().sets.count() == 1


def test_signed_out_in_the_middle_the_sets_wait_for_the_same_person(
    window: Open, enrollment: Enrollment
) -> None:
    page = opened(window, enrollment)
    until_controlled(page)
    cookies: list[Any] = [*page.context.cookies()]
    press(page, "Start")
    page.context.clear_cookies()
    do_a_set(page)
    expect(page.locator("[data-saved]")).to_contain_text("signed in")
    assert sets() == []
    page.context.add_cookies(cookies)
    page.goto("/plan/")
    until_nothing_waits(page)
    assert len(sets()) == 1


def test_a_session_by_keyboard_alone(window: Open, enrollment: Enrollment) -> None:
    page = opened(window, enrollment)

    def key(name: str, *, presses: str = "Enter") -> None:
        """Tab on until the focus is on this button, and press it."""
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent.trim()") == name:
                break
        else:
            pytest.fail(f"no way to {name}")
        page.keyboard.press(presses)

    key("Start")
    key("Done, I counted")
    page.get_by_role("heading", name="Set 1 done, left leg").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H1"
    key("All exercises")
    key("Finish here")
    page.locator('[name="pain"]').first.focus()
    page.keyboard.press("Space")
    key("Save the session")
    page.get_by_role("heading", name="1 set done").wait_for()
    assert StrengthSession.objects.get().pain == 0


def test_without_javascript_the_form_is_kept_and_finished(window: Open, enrollment: Enrollment) -> None:
    page = window(user=enrollment.seat.user, java_script_enabled=False).new_page()
    page.goto("/log/strength/")
    expect(page.get_by_role("button", name="Start")).to_be_hidden()
    page.get_by_role("link", name="Log the sets you did").click()
    page.get_by_label("Set 1", exact=True).first.check()
    press(page, "Not finished yet: save it for later")
    expect(page.get_by_label("Set 1", exact=True).first).to_be_checked()
    page.get_by_label("Set 2", exact=True).first.check()
    page.click('.pain-row label:has([name="pain"][value="1"])')
    press(page, "Done as prescribed")
    expect(page.get_by_text("You checked 2 of 13 sets. Did you do all 13?")).to_be_visible()
    press(page, "Save only the 2 I checked")
    expect(page.locator(".messages")).to_contain_text("Strength session saved: 2 sets.")


ONSETS = """async () => {
  const { plan, cues, schedule, length } = sessionCount;
  const steps = plan({ reps: 2, seconds: null, up_s: 3, hold_s: 1, down_s: 4 });
  const context = new OfflineAudioContext(1, 8000 * (length(steps) + 1), 8000);
  schedule(context, cues(steps), 0.25);
  const samples = (await context.startRendering()).getChannelData(0);
  const onsets = [];
  let quiet = 1e9;
  samples.forEach((sample, i) => {
    if (Math.abs(sample) > 0.001) {
      if (quiet > 200) onsets.push(i / 8000 - 0.25);
      quiet = 0;
    } else quiet += 1;
  });
  return onsets;
}"""


def test_the_clicks_stand_where_they_belong(window: Open, enrollment: Enrollment) -> None:
    """Rendered without a loudspeaker: one click a second, from the count-in to the double one at the end."""
    page = opened(window, enrollment)
    onsets = page.evaluate(ONSETS)
    assert onsets == pytest.approx([*range(22), 21.15], abs=0.002)


def serve_as_collected(page: Page) -> None:
    """Serve our scripts as a deployment does; the tests' server has them as they are written."""

    def answer(route: Route) -> None:
        found = route.fetch()
        route.fulfill(response=found, body=without_comments(found.body()))

    page.route("**/static/js/*.js", answer)


def test_the_scripts_of_the_page_stay_within_their_budget_and_work_as_served(
    window: Open, enrollment: Enrollment
) -> None:
    page = window(user=enrollment.seat.user, service_workers="block").new_page()
    serve_as_collected(page)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto("/log/strength/", wait_until="networkidle")
    scripts = [one.body() for one in answers if one.request.resource_type == "script"]
    assert 0 < sum(map(len, scripts)) <= SESSION_SCRIPT_BYTES
    assert sum(len(gzip.compress(script, 6)) for script in scripts) <= SCRIPT_BYTES
    assert len(answers) <= REQUESTS
    assert page.evaluate(SHIFT) <= NONE
    press(page, "Start")
    press(page, "Start")
    expect(page.locator("[data-word]")).to_have_text("Get ready")
    press(page, "Stop")
    page.locator("[data-amount]").fill("30")
    press(page, "Save this set")
    eventually(lambda: GuidedSet.objects.filter(seconds=30).exists(), what="the set is stored")


def test_signing_out_takes_the_session_off_the_phone(window: Open, enrollment: Enrollment) -> None:
    page = opened(window, enrollment)
    wait_until_held(page)
    press(page, "Sign out")
    page.wait_for_url(lambda url: "/log/" not in url)
    assert page.evaluate("caches.has('mine')") is False
    page.context.set_offline(True)
    page.goto("/log/strength/")
    page.get_by_text("No one is signed in on this phone").wait_for()


def test_on_hold_the_phone_lets_go_of_the_exercises(window: Open, enrollment: Enrollment) -> None:
    page = opened(window, enrollment)
    wait_until_held(page)
    raise_flag(
        enrollment=enrollment,
        kind=FlagKind.STOP,
        rule="pain.stop",
        source="run:0",
        facts={"symptoms": ["pop"]},
        at=timezone.now(),
    )
    page.goto("/log/strength/")
    held = "waiting.heldPage('/log/strength/').then(Boolean)"
    eventually(lambda: not page.evaluate(held), what="the exercises are gone")
    page.context.set_offline(True)
    page.goto("/log/strength/")
    page.get_by_role("heading", name="Please don’t run for now").wait_for()


class Interrupted:
    """A phone on which something goes wrong after every set."""

    def __init__(self, page: Page, luck: random.Random) -> None:
        self.page, self.luck = page, luck
        self.cookies: list[Any] = [*page.context.cookies()]

    def reload(self) -> None:
        self.sign_in()
        self.page.reload()

    def kill_the_tab(self) -> None:
        self.sign_in()
        fresh = self.page.context.new_page()
        self.page.close()
        self.page = fresh
        self.page.goto("/log/strength/")

    def drop_the_network(self) -> None:
        self.page.context.set_offline(True)
        self.page.reload()

    def expire_the_session(self) -> None:
        self.page.context.clear_cookies()

    def restart_the_server(self) -> None:
        """The server answers once more, to a connection that is gone, and then not at all."""

        def lose(route: Route) -> None:
            if route.request.method == "POST":
                route.fetch()
            route.abort()

        self.page.route("**/log/strength/set/", lose)

    def sign_in(self) -> None:
        """A page that loads again asks a person who was signed out to sign in."""
        self.page.context.add_cookies(self.cookies)

    def mend(self) -> None:
        self.page.context.set_offline(False)
        self.sign_in()
        self.page.unroute_all(behavior="wait")

    def interrupt(self) -> None:
        ways = (self.reload, self.kill_the_tab, self.drop_the_network)
        self.luck.choice([*ways, self.expire_the_session, self.restart_the_server])()


@pytest.mark.deep
def test_twenty_random_interruptions_lose_and_double_nothing(window: Open, enrollment: Enrollment) -> None:
    luck = random.Random(int(os.environ.get("INTERRUPTIONS", "20")))
    phone = Interrupted(opened(window, enrollment), luck)
    wait_until_held(phone.page)
    for number in range(20):
        phone.page.locator("[data-session][data-ready]").wait_for()
        if phone.page.locator("[data-begin]").is_visible():
            phone.page.locator("[data-begin]").click()
        phone.interrupt()
        phone.page.locator("[data-session][data-ready]").wait_for()
        if phone.page.locator("[data-begin]").is_visible():
            phone.page.locator("[data-begin]").click()
        do_a_set(phone.page)
        if luck.random() < 0.5:
            phone.kill_the_tab()
        if number % 2 or luck.random() < 0.5:
            phone.mend()
    phone.mend()
    ready(phone.page)
    until_nothing_waits(phone.page)
    found = sets()
    assert len(found) == len(set(found)) == 20
    press(phone.page, "Finish here")
    phone.page.click('.pain-row label:has([name="pain"][value="0"])')
    press(phone.page, "Save the session")
    phone.page.wait_for_url("**/log/strength/done/**")
    assert StrengthSession.objects.get().sets.count() == len({(planned, n) for planned, _, n in found})
