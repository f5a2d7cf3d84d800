"""Logging without a network: each entry is kept on the phone and arrives once."""

import contextlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Route, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from challenge.care.actions import raise_flag
from challenge.care.models import Flag
from challenge.enrollment.models import Enrollment
from challenge.protocol.local_week import monday_of
from challenge.protocol.sentences.stop import BY_SYMPTOM, EMERGENCY
from challenge.protocol.vocabulary import FlagKind, Symptom
from challenge.workouts.models import EntryRevision, Morning, Run, StrengthSession
from tests.factories.cohorts import enroll, make_cohort, make_open_cohort
from tests.factories.weekly import make_target
from tests.journeys.conftest import Open, session_of
from tests.program import eventually
from tests.repository.instructions import instructions_to_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.whole_browser]
NOTHING_WAITS = "() => waiting.all().then((entries) => !entries.length)"
CONTROLLED = "() => Boolean(navigator.serviceWorker.controller)"


def until_controlled(page: Page) -> None:
    """Wait until the service worker serves this page.

    No promise of the browser is awaited: `ready` never settles for a worker whose files did not all arrive.
    The next load installs it again, as on a phone.
    """
    for _ in range(4):
        with contextlib.suppress(PlaywrightTimeout):
            page.wait_for_function(CONTROLLED, timeout=15_000)
            return
        page.reload()
    pytest.fail("the service worker never served the page")


def until_nothing_waits(page: Page) -> None:
    """Wait until the phone's queue is empty.

    The loop is here because `wait_for_function` takes any promise for true, whatever it resolves to.
    """

    def is_empty() -> bool:
        try:
            return bool(page.evaluate(NOTHING_WAITS))
        except PlaywrightError:  # the page is loading again
            return False

    eventually(is_empty, what="every entry is sent")


@pytest.fixture
def enrollment() -> Enrollment:
    return enroll(cohort=make_open_cohort())


def installed(window: Open, enrollment: Enrollment) -> Page:
    """Return the page of a runner's phone after one visit with a network."""
    page = window(user=enrollment.seat.user).new_page()
    page.goto("/today/")
    until_controlled(page)
    return page


def keep_three(page: Page) -> None:
    page.goto("/log/run/")
    page.get_by_label("Distance").fill("5.2")
    page.get_by_role("textbox", name="Minutes", exact=True).fill("45")
    page.get_by_label("Cadence").fill("168")
    page.locator("label:has(#run-pain-1)").click()
    page.get_by_role("button", name="Save the run on this phone").click()
    page.get_by_text("1 entry is waiting").wait_for()
    page.goto("/log/strength/")
    page.locator("label:has(#strength-pain-0)").click()
    page.get_by_role("button", name="Save the session on this phone").click()
    page.get_by_text("2 entries are waiting").wait_for()
    page.goto("/log/morning/")
    page.locator("label:has(#morning-pain-2)").click()
    page.get_by_role("button", name="Save the morning on this phone").click()
    page.get_by_text("3 entries are waiting").wait_for()


def stored() -> tuple[int, int, int]:
    return Run.objects.count(), StrengthSession.objects.count(), Morning.objects.count()


def test_three_entries_made_without_a_network_arrive_once_each(window: Open, enrollment: Enrollment) -> None:
    page = installed(window, enrollment)
    page.context.set_offline(True)
    keep_three(page)
    assert stored() == (0, 0, 0)
    page.context.set_offline(False)
    page.wait_for_url("**/today/")
    assert stored() == (1, 1, 1)
    run = Run.objects.get()
    assert (run.distance_m, run.duration_s, run.cadence_spm, run.pain) == (8369, 2700, 168, 1)


def test_an_entry_whose_response_was_lost_is_sent_again_and_stored_once(
    window: Open, enrollment: Enrollment
) -> None:
    page = installed(window, enrollment)
    # As on the many phones without Background Sync: otherwise the worker, which no route intercepts, may send first.
    page.context.add_init_script("delete ServiceWorkerRegistration.prototype.sync")
    page.context.set_offline(True)
    keep_three(page)
    lost: list[Any] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch(max_redirects=0).status)
            route.abort()
        else:
            route.continue_()

    page.route("**/log/run/", lose)
    # Only the entry's own request counts: what failed without a network may be reported late.
    with page.expect_event("requestfailed", lambda request: request.method == "POST" and bool(lost)):
        page.context.set_offline(False)
    assert lost == [302]
    page.goto("/plan/")  # this page sends what is left
    until_nothing_waits(page)
    assert stored() == (1, 1, 1)


def test_what_waits_is_tried_again_although_the_network_came_back_unnoticed(
    window: Open, enrollment: Enrollment
) -> None:
    page = installed(window, enrollment)
    # As on the many phones without Background Sync.
    page.context.add_init_script("delete ServiceWorkerRegistration.prototype.sync")
    page.context.set_offline(True)
    keep_three(page)
    failed: list[str] = []

    def be_too_early(route: Route) -> None:
        failed.append(route.request.url)
        route.abort()

    page.route("**/log/run/", be_too_early, times=1)
    page.context.set_offline(False)
    page.wait_for_url("**/today/")
    assert len(failed) == 1
    assert stored() == (1, 1, 1)


def test_what_is_being_typed_stays_while_what_waits_is_sent(window: Open, enrollment: Enrollment) -> None:
    page = installed(window, enrollment)
    page.context.set_offline(True)
    keep_three(page)
    page.goto("/log/run/")
    page.get_by_label("Distance").fill("3.1")
    page.context.set_offline(False)
    until_nothing_waits(page)
    page.get_by_text("3 entries are waiting").wait_for(state="hidden")
    assert stored() == (1, 1, 1)
    expect(page.get_by_label("Distance")).to_have_value("3.1")


class Worker:
    """The phone's service worker; `wake` does what the browser does once it sees a network again."""

    def __init__(self, page: Page) -> None:
        self.origin = page.evaluate("location.origin")
        self.session = page.context.new_cdp_session(page)
        self.registrations: list[str] = []
        self.session.on("ServiceWorker.workerRegistrationUpdated", self._add)
        self.session.send("ServiceWorker.enable")
        # Chromium reports the registration in its own time; each call into the page lets Playwright deliver events.
        eventually(
            lambda: page.evaluate("true") and self.registrations, what="Chromium names the service worker"
        )

    def _add(self, event: Any) -> None:
        self.registrations += [
            one["registrationId"]
            for one in event["registrations"]
            if one["scopeURL"].startswith(self.origin) and not one["isDeleted"]
        ]

    def wake(self) -> None:
        which = {"origin": self.origin, "registrationId": self.registrations[-1], "tag": "log"}
        self.session.send("ServiceWorker.dispatchSyncEvent", {**which, "lastChance": False})


def test_the_worker_sends_where_the_page_does_not(window: Open, enrollment: Enrollment) -> None:
    """The page cannot send, as if it were closed; the worker has its own copy of the same script."""
    page = installed(window, enrollment)
    page.context.set_offline(True)
    keep_three(page)
    page.evaluate("waiting.send = async () => []")
    page.context.set_offline(False)
    Worker(page).wake()
    page.wait_for_url("**/today/")
    assert stored() == (1, 1, 1)


def test_page_and_worker_sending_together_store_each_entry_once(window: Open, enrollment: Enrollment) -> None:
    page = installed(window, enrollment)
    worker = Worker(page)
    page.context.set_offline(True)
    keep_three(page)
    page.context.set_offline(False)  # the page sends now
    for _ in range(3):
        worker.wake()
    page.wait_for_url("**/today/")
    until_nothing_waits(page)
    assert stored() == (1, 1, 1)
    assert EntryRevision.objects.count() == 3


def test_what_one_person_kept_is_never_sent_as_another(window: Open, enrollment: Enrollment) -> None:
    page = installed(window, enrollment)
    page.context.set_offline(True)
    keep_three(page)
    other = enroll(cohort=enrollment.seat.cohort).seat.user
    assert other is not None
    page.context.add_cookies([session_of(other, page.evaluate("location.origin"))])
    page.context.set_offline(False)
    Worker(page).wake()
    until_nothing_waits(page)
    assert stored() == (0, 0, 0)


def test_nothing_of_one_person_stays_for_the_next(window: Open, enrollment: Enrollment) -> None:
    page = installed(window, enrollment)
    eventually(lambda: "/metronome/" in held_by(page), what="the runner's own pages are held")
    own = {path for path in held_by(page) if not path.startswith("/guide/")}
    assert own <= {"/log/offline/", "/today/", "/plan/", "/plan/1/", "/metronome/", "/questions/"}
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: not url.endswith("/today/"))
    eventually(lambda: held_by(page) == {"/log/offline/"}, what="nothing of the runner is left")
    page.context.set_offline(True)
    page.goto("/log/run/")
    page.get_by_text("No one is signed in on this phone").wait_for()


def held_by(page: Page) -> set[str]:
    """Return the paths of the pages in the phone's caches."""
    kept = page.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys()) {
            for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
          }
          return found;
        }"""
    )
    return {path for path in kept if not path.startswith("/static/")}


def test_this_week_and_the_metronome_open_outdoors_from_a_cold_start(window: Open) -> None:
    monday = monday_of(timezone.localdate())
    enrollment = enroll(cohort=make_cohort(starts_on=monday, opens_at=timezone.now() - timedelta(days=30)))
    make_target(enrollment, monday=monday)
    page = installed(window, enrollment)
    page.goto("/guide/isometric_calf_hold/")  # a page that is read is held too
    guide = {"/plan/1/", "/metronome/", "/guide/pain/", "/guide/isometric_calf_hold/"}
    eventually(lambda: guide <= held_by(page), what="the runner's own pages and their guide are held")
    context = page.context
    page.close()
    context.set_offline(True)
    page = context.new_page()
    page.goto("/today/")
    page.get_by_text("No network. This is your page from").wait_for()
    assert page.get_by_role("heading", level=1).is_visible()
    page.goto("/metronome/")
    page.get_by_role("button", name="Start").click()
    assert page.get_by_role("button", name="Stop").is_visible()
    page.goto("/guide/isometric_calf_hold/")
    page.get_by_text("No network. This is your page from").wait_for()
    assert page.locator("svg.fig").first.is_visible()
    page.goto("/progress/")  # not held, but no dead end either
    page.get_by_role("heading", name="You’re offline, and that’s OK").wait_for()


def test_another_person_on_the_phone_finds_nothing_held(window: Open, enrollment: Enrollment) -> None:
    page = installed(window, enrollment)
    eventually(lambda: "/metronome/" in held_by(page), what="the runner's own pages are held")
    first = page.evaluate("document.querySelector('[data-owner]').dataset.owner")
    other = enroll(cohort=enrollment.seat.cohort).seat.user
    assert other is not None
    page.context.add_cookies([session_of(other, page.evaluate("location.origin"))])
    page.goto("/plan/")
    owner = "() => waiting.owner()"
    eventually(lambda: page.evaluate(owner) not in (None, first), what="the phone knows the other person")
    page.context.set_offline(True)
    page.goto("/today/")
    page.wait_for_load_state()
    assert first not in page.content()


def test_a_stop_takes_the_held_numbers_away(window: Open, enrollment: Enrollment) -> None:
    page = installed(window, enrollment)
    eventually(lambda: "/metronome/" in held_by(page), what="the runner's own pages are held")
    raise_flag(
        enrollment=enrollment, kind=FlagKind.STOP, rule="pain.stop", source="run:0",
        facts={"symptoms": ["pop"]}, at=timezone.now(),
    )  # fmt: skip
    page.goto("/today/")
    eventually(lambda: held_by(page) == {"/log/offline/"}, what="no number is held under a stop")
    page.context.set_offline(True)
    page.goto("/today/")
    page.get_by_role("heading", name="Please don’t run for now").wait_for()


def test_a_refused_entry_says_what_it_was_and_is_repaired_in_place(
    window: Open, enrollment: Enrollment
) -> None:
    page = installed(window, enrollment)
    page.context.set_offline(True)
    page.goto("/log/run/")
    page.get_by_label("Distance").fill("40")
    page.get_by_role("textbox", name="Minutes", exact=True).fill("30")
    page.locator("label:has(#run-pain-1)").click()
    page.get_by_role("button", name="Save the run on this phone").click()
    page.get_by_text("1 entry is waiting").wait_for()
    page.context.set_offline(False)
    page.goto("/log/offline/")
    page.get_by_text(re.compile(r"Run: .*40 mi, 30 min, pain 1\. .*faster than anyone has run")).wait_for()
    expect(page.get_by_role("heading", name="Not saved yet")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_text("Not saved yet")
    page.get_by_role("button", name="Repair it").click()
    expect(page.get_by_label("Distance")).to_have_value("40")
    page.get_by_label("Distance").fill("4")
    page.get_by_role("button", name="Save the run on this phone").click()
    eventually(lambda: Run.objects.count() == 1, what="the repaired run arrives")
    assert (Run.objects.get().distance_m, Run.objects.get().pain) == (6437, 1)


def test_a_refused_session_waits_until_its_own_page_has_saved_it(
    window: Open, enrollment: Enrollment
) -> None:
    page = installed(window, enrollment)
    page.context.set_offline(True)
    page.goto("/log/strength/")
    # Sets of one's own: the short form of the page without a network does not fit them. The pain is none of the eleven.
    typed = [["local_on", timezone.localdate().isoformat()], ["pain", "99"], ["x-done_1", "on"]]
    page.evaluate("(typed) => waiting.keep('/log/strength/', typed)", typed)
    page.context.set_offline(False)
    page.goto("/log/offline/")
    page.get_by_role("button", name="Repair it").click()
    page.locator("label:has(#id_pain_2)").wait_for()
    page.goto("/log/offline/")
    page.get_by_text("Strength: ").wait_for()
    page.get_by_role("button", name="Repair it").click()
    page.locator("label:has(#id_pain_2)").click()
    page.locator("label:has([name$='done_1'])").first.click()
    page.get_by_role("button", name="Save what I checked").click()
    eventually(StrengthSession.objects.exists, what="the session is saved")
    until_nothing_waits(page)
    assert StrengthSession.objects.get().pain == 2


def test_without_a_network_a_stopped_runner_reads_the_stop_before_the_form(
    window: Open, enrollment: Enrollment
) -> None:
    raise_flag(
        enrollment=enrollment,
        kind=FlagKind.STOP,
        rule="pain.stop",
        source="run:0",
        facts={"symptoms": ["pop"]},
        at=timezone.now(),
    )
    page = installed(window, enrollment)
    page.context.set_offline(True)
    page.goto("/log/run/")
    page.get_by_role("heading", name="Please don’t run for now").wait_for()
    assert page.get_by_text(EMERGENCY, exact=True).is_visible()
    assert instructions_to_run(page.locator("main").inner_text()) == {}
    page.goto("/log/strength/")
    page.get_by_text("nothing is prescribed").wait_for()
    assert instructions_to_run(page.locator("main").inner_text()) == {}
    page.context.set_offline(False)
    Flag.objects.all().delete()
    page.goto("/today/")
    eventually(lambda: not page.evaluate("waiting.stopped()"), what="the phone knows that the stop is over")
    page.context.set_offline(True)
    page.goto("/log/run/")
    page.get_by_role("button", name="Save the run on this phone").wait_for()
    assert page.get_by_role("heading", name="Please don’t run for now").is_hidden()
    page.goto("/log/strength/")
    page.get_by_text("done as prescribed").wait_for()


def test_a_stop_ticked_without_a_network_is_answered_with_the_text_of_its_symptom(
    window: Open, enrollment: Enrollment
) -> None:
    page = installed(window, enrollment)
    page.context.set_offline(True)
    page.goto("/log/morning/")
    page.locator("label:has(#morning-pain-2)").click()
    page.locator("#morning-calf_swelling").check(force=True)
    page.get_by_role("button", name="Save the morning on this phone").click()
    page.get_by_text(BY_SYMPTOM[Symptom.CALF_SWELLING]).wait_for()
    assert page.get_by_text(BY_SYMPTOM[Symptom.POP]).is_hidden()
    page.goto("/log/run/")
    page.get_by_role("heading", name="Please don’t run for now").wait_for()
