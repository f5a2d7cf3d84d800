"""A clinician's two minutes by keyboard: find the stop flag, read, close it, decide; the runner's email changes."""

from dataclasses import replace

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from challenge.accounts.models import User
from challenge.care.models import Flag, PhaseChange
from challenge.enrollment.models import CohortClinician, Enrollment
from challenge.mail.models import OutboxMessage
from challenge.operations.demo.people import PASSWORD
from challenge.operations.demo.simulation import simulate
from challenge.operations.demo.stories import STORIES
from challenge.weekly.decide import revise_out_of_date
from tests.authenticator import shown_code
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_run
from tests.factories.people import make_clinician, make_runner_user
from tests.factories.weekly import decide_week
from tests.journeys.conftest import Open
from tests.journeys.world import deciding
from tests.review.conftest import moment, monday
from tests.review.test_answering import ask

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def stopped() -> Enrollment:
    """Week 3: two calm runners, and one who logged a pop today."""
    cohort = make_cohort(starts_on=monday(2), opens_at=moment(monday(5)))
    CohortClinician.objects.create(cohort=cohort, user=make_clinician(name="Ada Moor"))
    runners = [
        enroll(cohort=cohort, user=make_runner_user(name=name))
        for name in ("Aaron Abel", "Odalys Finch", "Zora Quill")
    ]
    for runner in runners:
        for weeks_ago in (2, 1, 0):
            decide_week(enrollment=runner, week_starts_on=monday(weeks_ago), at=deciding(monday(weeks_ago)))
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


@pytest.fixture
def demo() -> Enrollment:
    """The eight weeks of the demo; its clinician has an authenticator app. Who reported a limp in week 7."""
    return played(weeks=8)


@pytest.fixture
def short_demo(monkeypatch: pytest.MonkeyPatch) -> Enrollment:
    """The same people in two weeks, a quarter of the work, where the limp came in week 1."""
    stories = tuple(replace(one, stop_week=1) if one.stop_week else one for one in STORIES)
    monkeypatch.setattr("challenge.operations.demo.simulation.STORIES", stories)
    return played(weeks=2)


def played(*, weeks: int) -> Enrollment:
    """Play the demo; return who reported a limp."""
    simulate(runners=20, weeks=weeks, seed=7, now=timezone.now(), report=str)
    clinician = User.objects.get(email="clinician@demo.test")
    secret = {"secret": get_adapter().encrypt(SECRET)}
    Authenticator.objects.create(user=clinician, type=Authenticator.Type.TOTP, data=secret)
    return Enrollment.objects.get(seat__user__name="Beatrix Holloway")


def focused(page: Page) -> str:
    return str(
        page.evaluate(
            "(document.activeElement.labels?.[0]?.textContent || document.activeElement.textContent).trim()"
        )
    )


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the focus is on the element with the text `words`."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if words in focused(page):
            return
    pytest.fail(f"no way to {words!r} by keyboard")


def type_into(page: Page, label: str, words: str) -> None:
    tab_to(page, label)
    page.keyboard.type(words)


def press(page: Page, words: str) -> None:
    tab_to(page, words)
    page.keyboard.press("Enter")


def sign_in(page: Page) -> None:
    """With a password and the code of the authenticator app."""
    page.goto("/admin/review/first/")
    press(page, "Use a password instead")
    type_into(page, "Email", "clinician@demo.test")
    type_into(page, "Password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("input[name=code]")).to_be_visible()
    for _ in range(200):
        if page.evaluate("document.activeElement.name") == "code":
            break
        page.keyboard.press("Tab")
    page.keyboard.type(shown_code(SECRET))
    page.keyboard.press("Enter")


def newest_email(runner: Enrollment) -> OutboxMessage:
    return OutboxMessage.objects.filter(about=runner.about).latest("created_at", "pk")


def test_by_keyboard_alone_a_stop_flag_is_found_read_closed_and_decided(
    short_demo: Enrollment, window: Open
) -> None:
    page = window(width=1280).new_page()
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("First Twenty")
    page.wait_for_load_state()  # the heading is there before the script that hears the keys
    assert page.locator("li.runner").count() == 20
    page.keyboard.press("ArrowDown")  # outside of the rows it scrolls
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("n")
    assert focused(page) == "Beatrix Holloway"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert focused(page) == "Beatrix Holloway"
    expect(page.locator("li.runner").first).to_contain_text("Stop not taken: A limp that stays")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Beatrix Holloway")
    expect(page.locator(".lead")).to_contain_text("targets on hold")
    press(page, "Take it")
    expect(page.get_by_text("It’s yours now.")).to_be_visible()
    tab_to(page, "Nothing that rules out running")
    page.keyboard.press("Space")
    tab_to(page, "Runs again, following the plan")
    page.keyboard.press("Space")
    type_into(
        page, "Who looked, and what was agreed", "Seen in the clinic: a stone in the shoe, all is well."
    )
    press(page, "Close the flag")
    expect(page.get_by_text("Closed.", exact=True)).to_be_visible()
    expect(page.locator(".lead")).not_to_contain_text("on hold")
    before = newest_email(short_demo)
    assert "152" not in before.text
    press(page, "Cadence by hand")
    type_into(page, "Steps a minute", "152")
    type_into(page, "Why", "Gently, for a week.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Set; it stays until a clinician ends it.")).to_be_visible()
    expect(page.locator(".lead")).to_contain_text("cadence 152")
    press(page, "Emails: the last")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".targets-text")).to_contain_text("152")
    assert newest_email(short_demo).pk != before.pk
    assert "limp" not in newest_email(short_demo).text.lower()


def test_advancing_by_keyboard_changes_the_phase_immediately(stopped: Enrollment, window: Open) -> None:
    Flag.objects.filter(enrollment=stopped).update(
        closed_at=timezone.now(), closed_by=clinician_of(stopped), closing_note="Called."
    )
    page = window(user=clinician_of(stopped), width=1280).new_page()
    page.goto(f"/admin/review/{stopped.cohort.slug}/runners/{stopped.pk}/")
    tab_to(page, "Advance to phase 2")
    page.keyboard.press("Space")
    type_into(page, "Why", "Calm again.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Decided; the runner’s page is up to date.")).to_be_visible()
    assert PhaseChange.objects.filter(enrollment=stopped).latest("at").to_phase == 2


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.deep)])
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


def test_enter_in_a_why_chooses_no_answer(window: Open, stopped: Enrollment) -> None:
    """A reason typed for a "no" must not press "yes", which is merely the first button."""
    calm = Enrollment.objects.get(seat__user__name="Zora Quill")
    flag = ask(calm, "strike.offer")
    page = window(user=clinician_of(stopped)).new_page()
    for address in (
        f"/admin/review/{calm.cohort.slug}/",
        f"/admin/review/{calm.cohort.slug}/runners/{calm.pk}/",
    ):
        page.goto(address)
        note = page.locator(f'form[action*="/flags/{flag.pk}/close/"] [name$=note]')
        note.fill("No, because the knee is sore.")
        note.press("Enter")
        page.get_by_role("heading", level=1).click()
        flag.refresh_from_db()
        assert flag.closed_at is None
    page.goto(f"/admin/review/{calm.cohort.slug}/")
    note = page.locator(f'form[action*="/flags/{flag.pk}/close/"] [name$=note]')
    note.fill("No, because the knee is sore.")
    note.locator("xpath=..").get_by_role("button").first.click()
    page.wait_for_load_state()
    flag.refresh_from_db()
    assert flag.closed_at is not None


def test_single_keys_are_turned_off_and_stay_off(stopped: Enrollment, window: Open) -> None:
    page = window(user=clinician_of(stopped), width=1280).new_page()
    page.goto(f"/admin/review/{stopped.cohort.slug}/")
    tab_to(page, "Turn off keyboard shortcuts")
    page.keyboard.press("Enter")
    page.reload()
    expect(page.get_by_role("button", name="Turn on keyboard shortcuts")).to_be_visible()
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement === document.body")
    tab_to(page, "Turn on keyboard shortcuts")
    page.keyboard.press("Enter")
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.closest('li.runner') !== null")
