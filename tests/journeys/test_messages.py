"""A question with a picture on a phone, answered at a desk, read, and closed: with a script and without."""

from types import SimpleNamespace

import pytest
from playwright.sync_api import FilePayload, Page, expect

from challenge.care.models import Flag
from challenge.enrollment.models import CohortClinician
from challenge.messages.models import Conversation, Message, MessageMark, MessagePicture
from challenge.messages.together import join_wall
from tests.factories.cohorts import enroll, make_open_cohort
from tests.factories.people import make_clinician, make_runner_user
from tests.journeys.conftest import Open, session_of
from tests.journeys.looking import COLORS, WIDER, violations
from tests.journeys.test_no_network import installed, until_controlled
from tests.messages.conftest import picture_bytes
from tests.program import eventually

pytestmark = pytest.mark.django_db(transaction=True)
PICTURE: FilePayload = {"name": "ankle.jpg", "mimeType": "image/jpeg", "buffer": picture_bytes((1200, 900))}
QUESTION = "My ankle is swollen.\nMay I run?"


@pytest.fixture
def people() -> SimpleNamespace:
    enrollment = enroll(cohort=make_open_cohort(), user=make_runner_user(name="Odalys Finch"))
    clinician = make_clinician(name="Ada Moor")
    CohortClinician.objects.create(cohort=enrollment.cohort, user=clinician)
    mate = enroll(cohort=enrollment.cohort, user=make_runner_user(name="Bea Quill"))
    for runner in (enrollment, mate):
        join_wall(enrollment=runner, shows_name=True, at=enrollment.created_at)
    return SimpleNamespace(
        enrollment=enrollment,
        mate=mate,
        runner=enrollment.seat.user,
        clinician=clinician,
        board=f"/admin/review/{enrollment.cohort.slug}/",
    )


def looks_right(page: Page) -> None:
    """Nothing is wider than the window, axe finds nothing, also in the dark and at the other width."""
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert not page.evaluate(WIDER), (page.url, width)
        assert violations(page) == [], (page.url, width)
        page.emulate_media(color_scheme="dark")
        assert violations(page, COLORS) == [], (page.url, width, "dark")
        page.emulate_media(color_scheme="light")


def asks(page: Page, *, script: bool) -> None:
    """Write QUESTION with a picture, and press Send twice."""
    page.goto("/messages/")
    field = page.get_by_label("Write to your clinician")
    field.fill(QUESTION)
    if script:
        kept = Conversation.objects.filter(draft__contains="May I run?")
        eventually(kept.exists, what="the draft is on the server")
        page.reload()
        expect(field).to_have_value(QUESTION)
    page.get_by_label("Pictures").set_input_files([PICTURE])
    page.get_by_role("button", name="Send", exact=True).dblclick()
    page.get_by_role("heading", name="One question before you go").wait_for()
    expect(page.locator("#main")).to_contain_text("You wrote “swollen”.")


def answers(desk: Page, people: SimpleNamespace) -> None:
    """Find on the board who waits, and answer on the runner's page."""
    desk.goto(people.board)
    expect(desk.get_by_text("waiting since")).to_have_count(1)
    desk.goto(f"{people.board}runners/{people.enrollment.pk}/")
    expect(desk.locator("#messages")).to_contain_text("Waiting since")
    shown = desk.locator("#messages").get_by_role("img")
    eventually(lambda: shown.evaluate("one => one.naturalWidth"), what="the clinician sees the picture")
    desk.get_by_text("Message to the runner").click()
    desk.get_by_label("Message", exact=True).fill("Rest it today. I’ll call you.")
    desk.locator("#message").get_by_role("button", name="Send").dblclick()
    desk.get_by_text("Sent to the runner’s page.").wait_for()
    expect(desk.get_by_text("waiting since")).to_have_count(0)


def reads_and_thanks(page: Page) -> None:
    page.goto("/today/")
    page.get_by_role("link", name="A message from your clinician").click()
    expect(page.locator("#main")).to_contain_text("Rest it today. I’ll call you.")
    page.get_by_role("button", name="I’ve read it").click()
    page.get_by_role("button", name="I’ve read it").wait_for(state="detached")
    page.get_by_label("Write to your clinician").fill("Thank you!")
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("Waiting for a clinician since").wait_for()


def closes(desk: Page) -> None:
    desk.goto("/admin/messages/")
    expect(desk.locator("#content")).to_contain_text("Thank you!")
    desk.get_by_role("link", name="Odalys Finch").click()
    desk.get_by_role("button", name="No answer needed").click()
    desk.get_by_text("Closed: no answer needed.").wait_for()
    desk.goto("/admin/messages/")
    expect(desk.locator("#content")).to_contain_text("Nothing is waiting.")


NO_SCRIPT = pytest.param(False, marks=pytest.mark.deep, id="no script")


@pytest.mark.parametrize("script", [pytest.param(True, id="script"), NO_SCRIPT])
def test_a_question_with_a_picture_is_answered_read_and_closed(
    window: Open, people: SimpleNamespace, script: bool
) -> None:
    page = window(user=people.runner, java_script_enabled=script).new_page()
    desk = window(user=people.clinician, width=1280, java_script_enabled=script).new_page()
    asks(page, script=script)
    page.get_by_role("button", name="None of these").click()
    page.wait_for_url("**/messages/")
    message = Message.objects.get()
    assert message.text.split() == QUESTION.split()
    assert MessagePicture.objects.get().message == message
    assert list(Flag.objects.values_list("kind", flat=True)) == ["ask"]
    expect(page.get_by_label("Write to your clinician")).to_have_value("")
    answers(desk, people)
    assert Message.objects.filter(from_runner=False).count() == 1
    reads_and_thanks(page)
    closes(desk)
    page.reload()
    expect(page.locator("#main")).to_contain_text("Read by Ada Moor")
    assert set(MessageMark.objects.values_list("kind", flat=True)) == {"read", "closed"}


def test_a_message_typed_without_a_network_is_kept_on_the_phone_and_sent_once(
    window: Open, people: SimpleNamespace
) -> None:
    page = installed(window, people.enrollment)
    page.goto("/messages/")
    field, send = (
        page.get_by_label("Write to your clinician"),
        page.get_by_role("button", name="Send", exact=True),
    )
    field.fill("May I run hills")
    saved = Conversation.objects.filter(draft="May I run hills")
    eventually(saved.exists, what="the draft is on the server")
    page.context.set_offline(True)
    field.press_sequentially(" on Sunday?")
    page.get_by_text("Saved on this phone.").wait_for()
    send.click()
    page.get_by_text("press Send once you’re back online").wait_for()
    expect(field).to_have_value("May I run hills on Sunday?")
    page.goto("/today/")  # the phone has a page of its own for it; what was typed is not on it
    # What a page sends while it is left may pass by the browser's pretended lack of a network: it is lost here.
    Conversation.objects.filter(enrollment=people.enrollment).update(draft="May I run hills")
    page.context.set_offline(False)
    page.goto("/messages/")
    expect(field).to_have_value("May I run hills on Sunday?")
    whole = Conversation.objects.filter(draft="May I run hills on Sunday?")
    eventually(whole.exists, what="the whole draft is on the server")
    send.click()
    page.get_by_text("Waiting for a clinician since").wait_for()
    expect(field).to_have_value("")
    page.reload()
    expect(field).to_have_value("")
    assert list(Message.objects.values_list("text", flat=True)) == ["May I run hills on Sunday?"]


def test_what_one_person_typed_without_a_network_is_not_shown_to_the_next_on_this_phone(
    window: Open, people: SimpleNamespace
) -> None:
    page = installed(window, people.enrollment)
    page.goto("/messages/")
    field = page.get_by_label("Write to your clinician")
    page.context.set_offline(True)
    field.fill("My knee is worse")
    page.get_by_text("Saved on this phone.").wait_for()
    page.goto("/today/")
    page.context.set_offline(False)
    origin = page.evaluate("location.origin")
    page.context.add_cookies([session_of(people.mate.seat.user, origin)])
    for _ in range(2):
        page.goto("/messages/")
        until_controlled(page)
        expect(field).to_have_value("")
    # The runner's own draft may have reached the server after all: with the network back, that is its place.
    assert not Conversation.objects.filter(enrollment=people.mate, draft__contains="knee").exists()


def test_a_stop_word_leads_to_the_stop(window: Open, people: SimpleNamespace) -> None:
    page = window(user=people.runner).new_page()
    asks(page, script=True)
    looks_right(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("label.choice", has_text="Swelling").first.click()
    page.get_by_role("button", name="Yes, tell the clinic now").click()
    page.wait_for_url("**/log/stop/")
    assert Flag.objects.filter(kind="stop", enrollment=people.enrollment).count() == 1


@pytest.mark.deep
def test_the_pages_of_messages_can_be_read_by_everyone(window: Open, people: SimpleNamespace) -> None:
    """Filled pages, wide and dark; `make test` looks at each page once, in test_accessibility."""
    page = window(user=people.runner).new_page()
    asks(page, script=True)
    for path in ("/messages/", "/together/"):
        page.goto(path)
        looks_right(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Nod to bib").click()
    page.get_by_text("You nodded").wait_for()
    desk = window(user=people.clinician, width=1280).new_page()
    cohort = people.enrollment.cohort.slug
    for path in ("", f"runners/{people.enrollment.pk}/", f"cohorts/{cohort}/note/"):
        desk.goto(f"/admin/messages/{path}")
        looks_right(desk)
