"""A runner with a phone, 390 pixels wide: a run in six inputs, a session, a morning, a stop, a file."""

import re
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from challenge.enrollment.models import Enrollment
from challenge.workouts import import_actions
from challenge.workouts.models import Morning, Run, StrengthSession
from tests.factories.activity_files import Stretch, fit_run
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_run
from tests.factories.weekly import make_target
from tests.journeys.conftest import Open

pytestmark = pytest.mark.django_db(transaction=True)


class Thumb:
    """Counts what a runner has to do: a tap, or one field typed into."""

    def __init__(self, page: Page) -> None:
        self.page, self.inputs = page, 0

    def tap(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.inputs += 1

    def type(self, selector: str, text: str) -> None:
        self.page.locator(selector).first.fill(text)
        self.inputs += 1


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def monday(today: date) -> date:
    return today - timedelta(days=today.weekday())


@pytest.fixture
def enrollment(monday: date) -> Enrollment:
    """In the second week, with a target of 168."""
    cohort = make_cohort(starts_on=monday - timedelta(weeks=1), opens_at=timezone.now() - timedelta(days=30))
    enrollment = enroll(cohort=cohort)
    make_target(enrollment, monday=monday, baseline_spm=160)
    return enrollment


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, window: Open, enrollment: Enrollment) -> Iterator[Page]:
    """The phone, with and without JavaScript: everything must work both ways."""
    page = window(user=enrollment.seat.user, java_script_enabled=request.param).new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    yield page
    assert [text for text in errors if "422" not in text] == []


def test_a_run_from_today_takes_at_most_six_inputs(page: Page, enrollment: Enrollment, today: date) -> None:
    log_run(enrollment, on=today - timedelta(days=3), at=timezone.now())
    page.goto("/today/")
    assert page.locator(".number").inner_text() == "168"
    thumb = Thumb(page)
    thumb.tap(".log-button a")
    thumb.type('[name="duration_s_m"]', "30")
    thumb.type('[name="cadence_spm"]', "167")
    thumb.tap('.pain-row label:has([name="pain"][value="1"])')
    thumb.tap("text=Save the run")
    expect(page.locator(".messages")).to_contain_text("Run saved: 3.1 mi at 167.")
    assert thumb.inputs <= 6
    newest = Run.objects.order_by("-pk")[0]
    assert (newest.local_on, newest.duration_s, newest.pain) == (today, 1800, 1)


def test_pressing_back_and_save_again_makes_no_second_run(page: Page) -> None:
    page.goto("/log/run/")
    page.fill('[name="distance_m"]', "3")
    page.fill('[name="duration_s_m"]', "30")
    page.click('.pain-row label:has([name="pain"][value="0"])')
    page.click("text=Save the run")
    page.wait_for_url("**/today/")
    page.go_back()
    if page.locator('[name="distance_m"]').input_value() == "3":
        page.click("text=Save the run")
        page.wait_for_load_state()
    assert Run.objects.count() == 1


def test_what_worries_unfolds_from_four_up(page: Page) -> None:
    page.goto("/log/run/")
    limp = page.get_by_text("A limp that stays")
    expect(limp).to_be_hidden()
    page.click('.pain-row label:has([name="pain"][value="4"])')
    expect(limp).to_be_visible()
    expect(page.get_by_text("Which side")).to_be_visible()


def test_a_stop_is_answered_on_the_screen(page: Page) -> None:
    page.goto("/log/run/")
    page.fill('[name="distance_m"]', "3")
    page.fill('[name="duration_s_m"]', "30")
    page.click('.pain-row label:has([name="pain"][value="2"])')
    page.check("#worry")
    page.get_by_text("A pop or a sudden loss of push-off").click()
    page.click("text=Save the run")
    expect(page.get_by_role("heading", name="Please don’t run for now")).to_be_visible()
    expect(page.get_by_text("call you by 5:00 PM")).to_be_visible()
    page.goto("/today/")
    expect(page.get_by_text("Your targets are on hold")).to_be_visible()
    expect(page.locator(".number")).to_have_count(0)


def test_a_strength_session_as_prescribed(page: Page) -> None:
    page.goto("/log/strength/by-hand/")
    page.click('.pain-row label:has([name="pain"][value="1"])')
    page.click("text=Done as prescribed")
    expect(page.locator(".messages")).to_contain_text("Strength session saved")
    assert StrengthSession.objects.get().as_prescribed


def test_a_morning_from_the_line_on_today(page: Page, enrollment: Enrollment, today: date) -> None:
    log_run(enrollment, on=today - timedelta(days=1), at=timezone.now())
    page.goto("/today/")
    page.click("text=How was this morning?")
    page.click('.pain-row label:has([name="pain"][value="2"])')
    page.click("text=Save the morning")
    page.wait_for_url("**/today/")
    assert (Morning.objects.get().local_on, Morning.objects.get().pain) == (today, 2)


def test_a_mistyped_run_comes_back_whole_with_a_sentence_at_the_field(page: Page) -> None:
    page.goto("/log/run/")
    page.fill('[name="distance_m"]', "five 🙂")
    page.fill('[name="duration_s_m"]', "30")
    page.click("text=Day, surface, effort, note")
    page.fill('[name="note"]', "kept")
    page.click('.pain-row label:has([name="pain"][value="0"])')
    page.click("text=Save the run")
    expect(page.locator(".errorlist").first).to_contain_text("Enter the distance as a number, like 5.2.")
    assert page.locator('[name="distance_m"]').input_value() == "five 🙂"
    assert page.locator('[name="note"]').input_value() == "kept"


def test_a_file_is_read_looked_at_and_saved(page: Page, today: date, request: pytest.FixtureRequest) -> None:
    started = datetime.combine(
        today - timedelta(days=1), datetime.min.time(), timezone.get_current_timezone()
    )
    data = fit_run([Stretch(1200)], start=started + timedelta(hours=12))
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
    expect(page.get_by_role("heading", name="1 run found")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Tap a number. 0 is no pain.")).to_be_visible()
    page.click('.import-pain label:has([value="2"])')
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".messages")).to_contain_text("1 run saved.")
    assert Run.objects.get().pain == 2
    assert (Run.objects.get().cadence_spm, Run.objects.get().file.name) == (168, name)


REAL = Path(__file__).resolve().parents[2] / ".." / "shared" / "fixtures" / "activities"
RUNS_IN = {
    "fenix2-run.fit": 1,
    "garmin-run2.fit": 1,
    "strava-android.fit": 1,
    "run1.tcx": 1,
    "broken1.gpx": 1,
    "cut-short.fit": 0,
    "fenix5-walk.fit": 0,
    "settings.fit": 0,
}


@pytest.mark.deep
@pytest.mark.skipif(
    not REAL.is_dir(), reason="the recorded files of real watches are not beside this project"
)
def test_the_files_of_eight_real_watches_are_sent_one_by_one_and_all_together(
    window: Open, enrollment: Enrollment
) -> None:
    page = window(user=enrollment.seat.user).new_page()
    for names in [*([name] for name in RUNS_IN), [*RUNS_IN]]:
        page.goto("/log/import/")
        page.set_input_files('[name="activities"]', [REAL / name for name in names])
        page.click("text=Read the files")
        page.wait_for_url(re.compile("/log/import/.+"))
        while import_actions.read_next(at=timezone.now()):
            pass
        count = sum(RUNS_IN[name] for name in names)
        heading = f"{count} run{'' if count == 1 else 's'} found" if count else "No run found"
        expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=15_000)
    assert not Run.objects.exists()
