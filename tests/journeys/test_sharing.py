"""Files from the phone's share sheet: kept on the phone, sent once, looked at, saved once."""

import base64
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from challenge.enrollment.models import Enrollment
from challenge.workouts import import_actions
from challenge.workouts.import_models import ImportJob
from challenge.workouts.models import Run
from tests.factories.activity_files import Stretch, fit_run
from tests.factories.cohorts import enroll, make_open_cohort
from tests.journeys.conftest import Open, session_of
from tests.journeys.test_no_network import until_controlled
from tests.program import eventually

pytestmark = pytest.mark.django_db(transaction=True)
NO_SHARE_WAITS = """() => waiting.shares(document.querySelector('script[data-owner]').dataset.owner)
  .then((shares) => !shares.length)"""
# What the phone does: a form of its own, without a token, posted to the share target.
SHARE = """(files) => {
  const form = document.createElement("form");
  Object.assign(form, {method: "post", action: "/log/import/share/", enctype: "multipart/form-data"});
  const input = Object.assign(document.createElement("input"), {type: "file", name: "activities", multiple: true});
  const chosen = new DataTransfer();
  for (const [name, content] of files)
    chosen.items.add(new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], name));
  input.files = chosen.files;
  form.append(input);
  document.body.append(form);
  setTimeout(() => form.submit());  // once this script has answered, because the page goes away
}"""


@pytest.fixture
def enrollment() -> Enrollment:
    return enroll(cohort=make_open_cohort())


def a_run(now: datetime, days: int = 1, **totals: Any) -> str:
    return base64.b64encode(fit_run([Stretch(1200)], start=now - timedelta(days=days), **totals)).decode()


def installed(window: Open, enrollment: Enrollment) -> Page:
    page = window(user=enrollment.seat.user).new_page()
    page.goto("/today/")
    until_controlled(page)
    return page


def no_share_waits(page: Page) -> bool:
    try:
        return bool(page.evaluate(NO_SHARE_WAITS))
    except PlaywrightError:  # the page is loading again
        return False


def read_all(now: datetime) -> None:
    while import_actions.read_next(at=now):
        pass


def test_a_shared_file_goes_straight_to_its_preview_and_is_saved_once(
    window: Open, enrollment: Enrollment, now: datetime
) -> None:
    page = installed(window, enrollment)
    page.evaluate(SHARE, [["morning.fit", a_run(now, total_distance=2000.0)]])
    page.wait_for_url("**/log/import/*-*/")
    read_all(now)
    page.reload()
    expect(page.get_by_role("heading", name="1 run found")).to_be_visible()
    expect(page.get_by_text("The file’s total says 1.24 mi")).to_be_visible()
    assert page.locator("input[type=radio][name^=keep]:checked").count() == 0
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Choose one: save it, or leave it out.")).to_be_visible()
    page.get_by_role("radio", name="Save it").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/today/")
    assert Run.objects.count() == 1
    page.goto("/log/import/")
    expect(page.get_by_role("heading", name="Import runs")).to_be_visible()
    assert page.get_by_text("Ready for you to review").count() == 0
    assert ImportJob.objects.get().source == "share"


def test_a_share_waits_for_the_sign_in(
    window: Open, enrollment: Enrollment, now: datetime, live_server: Any
) -> None:
    page = installed(window, enrollment)
    page.context.clear_cookies()
    page.evaluate(SHARE, [["morning.fit", a_run(now)]])
    page.wait_for_url("**/accounts/login/**")
    assert not ImportJob.objects.exists()
    assert enrollment.seat.user is not None
    page.context.add_cookies([session_of(enrollment.seat.user, live_server.url)])
    page.goto("/log/import/")
    page.wait_for_url("**/log/import/*-*/")
    assert ImportJob.objects.get().name == "morning.fit"


def test_a_share_without_a_file_says_so(window: Open, enrollment: Enrollment) -> None:
    page = installed(window, enrollment)
    page.evaluate(SHARE, [])
    expect(page.get_by_text("No file came with what you shared.")).to_be_visible()


def test_ten_shares_at_once_arrive_together_once_each(
    window: Open, enrollment: Enrollment, now: datetime
) -> None:
    page = installed(window, enrollment)
    page.context.set_offline(True)
    for number in range(10):
        with page.expect_navigation():
            page.evaluate(SHARE, [[f"{number}.fit", a_run(now, number + 1)]])
    page.context.set_offline(False)
    others = [page.context.new_page() for _ in range(2)]
    for one in (page, *others):
        one.goto("/log/import/", wait_until="commit")
    eventually(lambda: ImportJob.objects.count() == 10, what="every share arrives")
    assert sorted(ImportJob.objects.values_list("name", flat=True)) == [f"{n}.fit" for n in range(10)]
    eventually(lambda: no_share_waits(page), what="the phone forgets what was sent")


def test_a_refused_share_stays_in_the_form_with_its_sentence(window: Open, enrollment: Enrollment) -> None:
    page = installed(window, enrollment)
    nothing = base64.b64encode(b"x").decode()
    page.evaluate(SHARE, [[f"{number}.fit", nothing] for number in range(21)])
    expect(page.get_by_text("Please send at most 20 files at once.")).to_be_visible()
    assert page.evaluate("document.querySelector('input[type=file]').files.length") == 21
    assert not ImportJob.objects.exists()
