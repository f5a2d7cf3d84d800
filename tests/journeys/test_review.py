"""A clinician's two minutes by keyboard: find the stop flag, read, close it, decide; the runner's email changes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from challenge.accounts.models import User
from challenge.care.models import Flag, PhaseChange, WeeklyTarget
from challenge.enrollment.models import CohortClinician, Enrollment
from challenge.mail.models import OutboxMessage
from challenge.targets.actions import decide_week, revise_out_of_date
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_run
from tests.factories.people import make_clinician, make_runner_user
from tests.journeys.conftest import Open
from tests.review.conftest import moment, monday

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stopped() -> Enrollment:
    """Week 3: two calm runners, and one whose entry of today says a pop."""
    cohort = make_cohort(starts_on=monday(2), opens_at=moment(monday(5)))
    CohortClinician.objects.create(cohort=cohort, user=make_clinician(name="Ada Moor"))
    runners = [
        enroll(cohort=cohort, user=make_runner_user(name=name))
        for name in ("Aaron Abel", "Odalys Finch", "Zora Quill")
    ]
    for runner in runners:
        for weeks_ago in (2, 1, 0):
            decide_week(enrollment=runner, week_starts_on=monday(weeks_ago), at=moment(monday(weeks_ago), 13))
    log_run(
        runners[1],
        timezone.localdate(),
        pain=4,
        site="achilles",
        side="left",
        symptoms=["pop"],
        at=timezone.now(),
    )
    revise_out_of_date(at=timezone.now())
    return runners[1]


def clinician_of(runner: Enrollment) -> User:
    return CohortClinician.objects.get(cohort=runner.cohort).user


def newest(runner: Enrollment) -> WeeklyTarget:
    return WeeklyTarget.objects.filter(enrollment=runner).order_by("-week_starts_on", "-revision")[0]


def tab_to(page: Page, words: str) -> None:
    """Tab until the focus is on what says `words`."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if words in page.evaluate(
            "(document.activeElement.labels?.[0]?.textContent || document.activeElement.textContent).trim()"
        ):
            return
    pytest.fail(f"no way to {words!r} by keyboard")


def test_by_keyboard_alone_a_stop_flag_is_read_closed_and_decided(stopped: Enrollment, window: Open) -> None:
    assert newest(stopped).on_hold
    before = OutboxMessage.objects.filter(about=stopped.about).count()
    page = window(user=clinician_of(stopped), width=1280).new_page()
    page.goto(f"/admin/review/{stopped.cohort.slug}/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Odalys Finch")
    expect(page.locator("#flags")).to_contain_text("Pop")
    tab_to(page, "Close it")
    page.keyboard.press("Enter")
    tab_to(page, "Closing note")
    page.keyboard.type("Called: a cramp, seen in the clinic, all is well.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Closed.", exact=True)).to_be_visible()
    assert Flag.objects.get(enrollment=stopped, kind=Flag.Kind.STOP).closing_note.startswith("Called")
    tab_to(page, "Advance to phase 2")
    page.keyboard.press("Space")
    tab_to(page, "Why")
    page.keyboard.type("Calm again.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Decided; the runner's page has changed.")).to_be_visible()
    assert PhaseChange.objects.filter(enrollment=stopped).latest("at").to_phase == 2
    assert (newest(stopped).phase, newest(stopped).on_hold) == (2, False)
    assert OutboxMessage.objects.filter(about=stopped.about).count() > before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_clinicians_pages(stopped: Enrollment, window: Open, scheme: str) -> None:
    page = window(user=clinician_of(stopped), width=1280, scheme=scheme).new_page()
    board = f"/admin/review/{stopped.cohort.slug}/"
    found = {}
    for path in (board, f"{board}runners/{stopped.pk}/", f"{board}report/", f"{board}what-if/"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.ok
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        found[path] = [
            f"{rule['id']} {[node['target'] for node in rule['nodes']][:3]}"
            for rule in Axe().run(page).response["violations"]
        ]
    assert {path: said for path, said in found.items() if said} == {}
