"""A runner's and a visitor's ways by keyboard alone: Tab, the arrows, Space, Enter and letters; no pointer."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from challenge.calls.models import Booking, BookingState
from challenge.enrollment.models import Enrollment
from challenge.intake.models import Intake
from challenge.mail.models import OutboxMessage
from challenge.workouts import import_actions
from challenge.workouts.models import Morning, Run, StrengthSession
from tests.factories.activity_files import Stretch, fit_run
from tests.factories.calls import make_availability
from tests.factories.cohorts import enroll, make_cohort, make_open_cohort
from tests.factories.log import log_run
from tests.factories.people import make_runner_user
from tests.factories.weekly import make_target
from tests.journeys.conftest import Open

pytestmark = [pytest.mark.deep, pytest.mark.django_db(transaction=True)]
WORDS = """() => {
  const one = document.activeElement;
  const group = one.type === "radio" ? one.closest("fieldset")?.querySelector("legend")?.textContent : "";
  return [group, one.labels?.[0]?.textContent, one.getAttribute("aria-label"), one.textContent].join(" ");
}"""


def go_to(page: Page, words: str, *, most: int = 120) -> None:
    """Press Tab until the focus is on the element with the text `words`."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if words in " ".join(page.evaluate(WORDS).split()):
            return
    pytest.fail(f"no way to {words!r} by keyboard on {page.url}")


def press(page: Page, words: str) -> None:
    """Follow a link or press a button; the next page starts at its top."""
    go_to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def write(page: Page, label: str, text: str) -> None:
    go_to(page, label)
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(text)


def choose(page: Page, group: str, *, steps: int = 0) -> None:
    """In a group of radio buttons: the first one, or `steps` further."""
    go_to(page, group)
    page.keyboard.press("Space")
    for _ in range(steps):
        page.keyboard.press("ArrowRight")


def tick(page: Page, label: str) -> None:
    go_to(page, label)
    page.keyboard.press("Space")


def pick(page: Page, label: str, first_letters: str) -> None:
    """From a list that folds out: its first letters choose."""
    go_to(page, label)
    page.keyboard.type(first_letters)


def give_code(page: Page, email: str) -> None:
    """Types the code of the email, and Enter."""
    code = re.search(r"code: (\S+)", OutboxMessage.objects.get(to_email=email).text)
    assert code is not None
    write(page, "ode", code[1])
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.fixture
def runner() -> Enrollment:
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    cohort = make_cohort(starts_on=monday - timedelta(weeks=1), opens_at=timezone.now() - timedelta(days=30))
    enrollment = enroll(cohort=cohort)
    make_target(enrollment, monday=monday, baseline_spm=160)
    return enrollment


def test_a_run_is_logged_and_taken_out_again(runner: Enrollment, window: Open) -> None:
    page = window(user=runner.seat.user).new_page()
    page.goto("/log/run/")
    write(page, "Distance", "3.1")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("30")
    choose(page, "Worst pain", steps=2)
    press(page, "Save the run")
    run = Run.objects.get()
    assert (run.pain, run.duration_s) == (2, 1800)
    page.goto(f"/log/run/{run.pk}/")
    press(page, "Take it out of the log")
    press(page, "Take it out")
    assert not Run.objects.filter(deleted_at=None).exists()


def test_a_run_too_far_and_red_is_answered(runner: Enrollment, window: Open) -> None:
    log_run(runner, timezone.localdate() - timedelta(days=3), distance_m=8047, at=timezone.now())
    page = window(user=runner.seat.user).new_page()
    page.goto("/log/run/")
    write(page, "Distance", "40")
    page.keyboard.press("Tab")
    page.keyboard.type("7")
    choose(page, "Worst pain", steps=7)
    choose(page, "Where")
    press(page, "Save the run")
    expect(page.get_by_role("heading", name="7 out of 10 is red")).to_be_visible()
    expect(page.get_by_role("heading", name="You ran 40.0 mi, far beyond your limit")).to_be_visible()


def test_a_run_from_a_file_is_asked_about_pain(runner: Enrollment, window: Open) -> None:
    """Only the file itself is handed over: the dialog that chooses it is the system's."""
    page = window(user=runner.seat.user).new_page()
    page.goto("/log/import/")
    data = fit_run([Stretch(1200)], start=timezone.now() - timedelta(hours=3))
    page.set_input_files(
        '[name="activities"]', {"name": "run.fit", "mimeType": "application/octet-stream", "buffer": data}
    )
    press(page, "Read the files")
    assert import_actions.read_next(at=timezone.now())
    expect(page.get_by_role("heading", name="1 run found")).to_be_visible(timeout=60_000)
    choose(page, "Worst pain", steps=6)
    choose(page, "Where")
    press(page, "Save")
    expect(page.get_by_role("heading", name="6 out of 10 is red")).to_be_visible()


def test_before_the_start_the_steps_are_followed(window: Open) -> None:
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday()) + timedelta(weeks=2)
    cohort = make_cohort(starts_on=monday, opens_at=timezone.now() - timedelta(days=30))
    page = window(user=enroll(cohort=cohort).seat.user).new_page()
    page.goto("/today/")
    press(page, "Try the first exercises")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Phase 1")


def test_a_strength_session_and_a_morning_are_logged(runner: Enrollment, window: Open) -> None:
    page = window(user=runner.seat.user).new_page()
    page.goto("/log/strength/by-hand/")
    choose(page, "pain", steps=1)
    press(page, "Done as prescribed")
    assert StrengthSession.objects.exists()
    page.goto("/log/morning/")
    choose(page, "Worst pain", steps=1)
    press(page, "Save the morning")
    assert Morning.objects.get().pain == 1


def test_a_visitor_books_and_cancels_a_call(window: Open) -> None:
    make_availability(days=range(7), notice_min=0, horizon_days=14)
    page = window().new_page()
    page.goto("/call/")
    press(page, ":30")
    write(page, "Your name", "Robin Vale")
    write(page, "Email", "robin@callers.test")
    press(page, "Book this call")
    expect(page.get_by_text("One more step")).to_be_visible()
    press(page, "Cancel it")
    press(page, "Cancel the call")
    assert Booking.objects.get().state == BookingState.CANCELED


def test_a_visitor_claims_a_seat_and_answers_the_whole_intake(window: Open) -> None:
    make_open_cohort()
    page = window().new_page()
    page.goto("/")
    press(page, "Claim a seat")
    press(page, "Start with your email")
    write(page, "Email", "wren@runners.test")
    press(page, "Send me a code")
    give_code(page, "wren@runners.test")
    press(page, "Hold a seat for 20 minutes")
    answer_by_keyboard(page)
    expect(page.get_by_role("heading", name="You’re in, Wren.")).to_be_visible()
    answers = Intake.objects.get()
    assert (answers.baseline_cadence_spm, answers.strike) == (164, "midfoot")
    place = answers.complaints.get()
    assert (place.site, place.side, place.pain_now, place.pain_morning) == ("achilles", "left", 3, 4)


def answer_by_keyboard(page: Page) -> None:
    """The four pages, each sent with Enter on its button."""
    write(page, "Your name", "Wren Alder")
    write(page, "Phone", "+1 612 555 0100")
    tick(page, "I’m 18 or older")
    press(page, "Save and continue")
    choose(page, "Your cadence", steps=1)
    write(page, "Landings of one foot", "41")
    choose(page, "You land on", steps=2)
    press(page, "Save and continue")
    pick(page, "Where", "Achilles")
    pick(page, "Which side", "left")
    choose(page, "Worst pain", steps=3)
    choose(page, "first steps of the morning", steps=4)
    tick(page, "None of these")
    tick(page, "None of these")
    press(page, "Save and continue")
    choose(page, "Your weekly email", steps=1)
    tick(page, "I have read this and agree")
    press(page, "Confirm my seat")


def test_a_person_signs_in_with_the_code_of_an_email(window: Open) -> None:
    user = make_runner_user()
    page = window().new_page()
    page.goto("/")
    press(page, "Sign in")
    write(page, "Your email address", user.email)
    press(page, "Send me a code")
    give_code(page, user.email)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
