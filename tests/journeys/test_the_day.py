"""A runner's day on a phone: a run too far, red pain, a file, before the start; `make deep` also without JavaScript."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from challenge.enrollment.models import Enrollment
from challenge.workouts import import_actions
from tests.factories.activity_files import Stretch, fit_run
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_morning, log_run, log_strength
from tests.factories.weekly import make_target
from tests.journeys.conftest import Open

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def enrollment(today: date) -> Enrollment:
    """In the second week, with a target and a longest run of five miles."""
    monday = today - timedelta(days=today.weekday())
    cohort = make_cohort(starts_on=monday - timedelta(weeks=1), opens_at=timezone.now() - timedelta(days=30))
    enrollment = enroll(cohort=cohort)
    make_target(enrollment, monday=monday, baseline_spm=160)
    log_run(enrollment, on=today - timedelta(days=3), distance_m=8047, at=timezone.now())
    return enrollment


BORDER, RED = "node => getComputedStyle(node).borderTopColor", "rgb(168, 32, 26)"
NO_SCRIPT = pytest.param(False, marks=pytest.mark.deep, id="without JavaScript")


@pytest.fixture(params=[pytest.param(True, id="with JavaScript"), NO_SCRIPT])
def page(request: pytest.FixtureRequest, window: Open, enrollment: Enrollment) -> Iterator[Page]:
    page = window(user=enrollment.seat.user, java_script_enabled=request.param).new_page()
    errors: list[str] = []
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    yield page
    assert [text for text in errors if "422" not in text] == []


def log(page: Page, *, miles: str, hours: str = "", minutes: str = "", pain: int) -> None:
    page.goto("/log/run/")
    page.fill('[name="distance_m"]', miles)
    page.fill('[name="duration_s_h"]', hours)
    page.fill('[name="duration_s_m"]', minutes)
    page.click(f'.pain-row label:has([name="pain"][value="{pain}"])')


def test_a_run_far_beyond_the_limit_is_answered_and_stays_for_the_day(page: Page) -> None:
    log(page, miles="40", hours="7", pain=1)
    page.click("text=Save the run")
    notice = page.get_by_role("heading", name="You ran 40.0 mi, far beyond your limit of 5.5 mi")
    expect(notice).to_be_visible()
    expect(page.get_by_text("Tomorrow: a day off")).to_be_visible()
    expect(page.get_by_role("link", name="Another run")).to_have_count(0)
    page.goto("/log/")
    page.goto("/today/")
    expect(notice).to_be_visible()


def test_a_red_run_looks_like_what_it_is(page: Page) -> None:
    log(page, miles="3", minutes="30", pain=7)
    page.click('label:has([name="site"][value="achilles"])')
    page.click('label:has([name="side"][value="left"])')
    page.click("text=Save the run")
    expect(page.get_by_role("heading", name="7 out of 10 is red: your left Achilles")).to_be_visible()
    expect(page.get_by_text("Tomorrow: a day off")).to_be_visible()
    assert page.locator(".red-day").evaluate(BORDER) == RED
    page.goto("/log/strength/")  # the same words, and just as red, above the exercises
    assert page.locator(".red-day").evaluate(BORDER) == RED


def test_a_run_from_a_file_is_asked_about_pain(
    page: Page, enrollment: Enrollment, today: date, request: pytest.FixtureRequest
) -> None:
    started = datetime.combine(today, time(0), timezone.get_current_timezone()) - timedelta(hours=12)
    data = fit_run([Stretch(1200)], start=started)
    page.goto("/log/import/")
    name = f"{uuid.uuid4()}.fit"
    page.set_input_files(
        '[name="activities"]', {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )
    page.click("text=Read the files")
    expect(page.get_by_text("0 of 1 read.")).to_be_visible()
    assert import_actions.read_next(at=timezone.now())
    if "without JavaScript" in request.node.name:
        page.click("text=Look again")
    expect(page.get_by_role("heading", name="1 run found")).to_be_visible()
    assert page.locator(".import-pain .pain-row label").count() == 11
    page.click('.import-pain label:has([value="7"])')
    page.click('.import-pain label:has([value="calf"])')
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="7 out of 10 is red: your calf")).to_be_visible()


def test_a_point_of_a_picture_says_its_day_by_tap_and_by_arrow_keys(
    window: Open, enrollment: Enrollment, today: date
) -> None:
    for days in (4, 2):
        log_run(enrollment, on=today - timedelta(days=days), pain=2, at=timezone.now())
    log_strength(enrollment, on=today - timedelta(days=1))
    log_morning(enrollment, on=today, pain=3)
    page = window(user=enrollment.seat.user).new_page()
    page.goto("/progress/")
    points = page.locator('svg[aria-label^="Cadence"] .point')
    # The last one: the points of neighboring days overlap, and the later lies on top.
    points.last.locator(".hit").click(force=True)
    expect(points.last.locator(".says")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    before = points.nth(points.count() - 2)
    expect(before).to_be_focused()
    page.mouse.move(1, 1)
    expect(before.locator(".says")).to_be_visible()
    expect(points.last.locator(".says")).to_be_hidden()
    page.locator('svg[aria-label^="Cadence"]').click(position={"x": 45, "y": 60})
    expect(points.first).to_be_focused()
    bar = page.locator('svg[aria-label^="Distance"] .point').last
    bar.scroll_into_view_if_needed()
    box = bar.locator(".bar").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] - 8)  # above it, where its week is
    expect(bar).to_be_focused()


@pytest.mark.parametrize("script", [pytest.param(True, id="with JavaScript"), NO_SCRIPT])
def test_before_the_start_every_step_leads_somewhere(window: Open, today: date, script: bool) -> None:
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=2)
    cohort = make_cohort(starts_on=monday, opens_at=timezone.now() - timedelta(days=30))
    page = window(user=enroll(cohort=cohort).seat.user, java_script_enabled=script).new_page()
    page.goto("/today/")
    expect(page.locator(".countdown .number")).to_have_text(str((monday - today).days))
    for name, heading in (("Measure your cadence", "The beat"), ("Try the first exercises", "Phase 1")):
        page.goto("/today/")
        page.get_by_role("link", name=name).press("Enter")
        # Until its styles are there, a page shows the heading for who has no JavaScript too.
        expect(page.get_by_role("heading", level=1).first).to_contain_text(heading)


def test_the_distance_is_selected_by_a_tap_and_kept_once_typed(window: Open, enrollment: Enrollment) -> None:
    page = window(user=enrollment.seat.user).new_page()
    page.goto("/log/run/")
    field = page.locator('[name="distance_m"]')
    expect(field).to_have_value("5.0")
    field.click()
    page.wait_for_function("() => getSelection().toString() === '5.0'")
    page.keyboard.type("6.2")
    expect(field).to_have_value("6.2")
