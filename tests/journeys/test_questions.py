"""A questionnaire on a phone: one question a screen, kept as it is answered, also without a network or a script."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from challenge.enrollment.models import Enrollment
from challenge.outcomes.models import AnswerDraft, QuestionnaireAnswer
from tests.factories.cohorts import enroll, make_cohort, make_open_cohort
from tests.journeys.conftest import Open
from tests.journeys.test_no_network import installed
from tests.program import eventually

pytestmark = pytest.mark.django_db(transaction=True)
# A slow reader on a phone, a thought and a tap with the thumb, a letter typed with it.
WORDS_A_MINUTE, TAP_S, LETTER_S = 150, 2.0, 0.5
THREE_MINUTES_S = 180
START = "/questions/activities/0/"
IS_HELD = f"caches.open('held').then((held) => held.match('{START}', {{ignoreVary: true}})).then(Boolean)"


@pytest.fixture
def enrollment() -> Enrollment:
    return enroll(cohort=make_open_cohort())


def opened(page: Page) -> Page:
    page.goto(START)
    page.locator("[data-questions][data-ready]").wait_for()
    return page


def is_held(page: Page) -> bool:
    try:
        return bool(page.evaluate(IS_HELD))
    except PlaywrightError:  # the page is loading again
        return False


def test_a_questionnaire_outlives_a_lost_network_and_a_reload(window: Open, enrollment: Enrollment) -> None:
    page = opened(installed(window, enrollment))
    eventually(lambda: is_held(page), what="the page is held")
    name = page.get_by_label("What matters most to you?")
    expect(page.get_by_label("What else?")).to_be_hidden()
    page.context.set_offline(True)
    name.fill("The hill home")
    page.locator("label:has(#id_answer_first_3)").click()
    page.get_by_text("Saved on this phone").wait_for()
    page.reload()
    page.locator("[data-questions][data-ready]").wait_for()
    page.get_by_text("No network.").wait_for()
    page.get_by_role("button", name="Back").click()
    expect(name).to_have_value("The hill home")
    expect(page.locator("#id_answer_first_3")).to_be_checked()
    for _ in range(2):
        page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("1 entry is waiting").wait_for()
    assert not QuestionnaireAnswer.objects.exists()
    page.context.set_offline(False)
    # The page or its service worker sends it, whichever sees the network first; only the page then goes on to today.
    eventually(QuestionnaireAnswer.objects.exists, what="the answer is on the server")
    row = QuestionnaireAnswer.objects.get()
    assert (row.names, row.values["first"]) == ({"first": "The hill home"}, 3)
    assert not AnswerDraft.objects.exists()


def test_what_one_phone_began_goes_on_on_another(window: Open, enrollment: Enrollment) -> None:
    first = opened(installed(window, enrollment))
    first.get_by_label("What matters most to you?").fill("Stairs")
    first.locator("label:has(#id_answer_first_5)").click()
    eventually(
        lambda: AnswerDraft.objects.filter(typed__answer_first="5").exists(),
        what="the draft is on the server",
    )
    second = opened(window(user=enrollment.seat.user).new_page())
    # It begins at the first open question.
    expect(second.get_by_label("What else?")).to_be_visible()
    second.get_by_role("button", name="Next").click()
    second.get_by_role("button", name="Send", exact=True).click()
    second.wait_for_url("**/questions/")
    assert QuestionnaireAnswer.objects.get().names == {"first": "Stairs"}


def test_a_name_that_lacks_is_asked_for_on_its_own_screen(window: Open, enrollment: Enrollment) -> None:
    page = opened(window(user=enrollment.seat.user).new_page())
    page.locator("label:has(#id_answer_first_5)").click()
    for _ in range(2):
        page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Write what it is, in a few words.").last).to_be_visible()
    expect(page.get_by_label("What matters most to you?")).to_be_visible()
    expect(page.locator("#id_answer_first_5")).to_be_checked()


def test_without_a_script_all_questions_are_one_form(window: Open, enrollment: Enrollment) -> None:
    page = window(user=enrollment.seat.user, java_script_enabled=False).new_page()
    page.goto(START)
    page.get_by_label("What matters most to you?").fill("Hills")
    page.get_by_role("button", name="Save it for later").click()
    page.get_by_role("link", name="Three things you want back").click()
    expect(page.get_by_label("What matters most to you?")).to_have_value("Hills")
    page.locator("label:has(#id_answer_first_2)").click()
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/questions/")
    assert QuestionnaireAnswer.objects.get().values["first"] == 2


def answer_all(page: Page) -> Counter[str]:
    """Answer every question of the page, and return how many words were read, taps made and letters typed."""
    page.locator("[data-questions][data-ready]").wait_for()
    done: Counter[str] = Counter(screens=page.locator("[data-screen]").count())
    for number in range(done["screens"]):
        if number:
            page.get_by_role("button", name="Next").click()
        done["words"] += len(page.locator("main").inner_text().split())
        screen = page.locator("[data-screen]:visible")
        for field in screen.locator("input:not([type=radio])").all():
            typed = "7" if field.get_attribute("inputmode") == "numeric" else "Stairs after work"
            field.fill(typed)
            done += Counter(taps=1, letters=len(typed))
        if screen.locator("fieldset").count():
            screen.locator("fieldset label").nth(2).click()
            done["taps"] += 1
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url(re.compile("/(questions|today)/$"))
    return done + Counter(taps=done["screens"])  # Next, and Send at the end


@pytest.mark.parametrize(("places", "most_taps"), [(("activities/0", "running/0"), 14), (("weekly/1",), 8)])
def test_what_is_due_at_once_takes_less_than_three_minutes(
    window: Open, places: tuple[str, ...], most_taps: int
) -> None:
    """Counted, not clocked: a browser of a test neither reads nor thinks."""
    asked_on = timezone.localdate() - timedelta(days=4)
    begun = make_cohort(starts_on=asked_on - timedelta(days=asked_on.weekday()))
    enrollment = enroll(cohort=begun if "weekly/1" in places else make_open_cohort())
    page, done = window(user=enrollment.seat.user).new_page(), Counter[str]()
    for place in places:
        page.goto(f"/questions/{place}/")
        done += answer_all(page)
    assert QuestionnaireAnswer.objects.filter(enrollment=enrollment).count() == len(places)
    seconds = done["words"] / WORDS_A_MINUTE * 60 + done["taps"] * TAP_S + done["letters"] * LETTER_S
    assert seconds < THREE_MINUTES_S, done
    assert done["taps"] <= most_taps, done
