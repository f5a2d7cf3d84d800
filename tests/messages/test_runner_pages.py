"""`/messages/` as the runner uses it."""

import uuid
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from challenge.care.models import Flag
from challenge.mail.models import OutboxMessage
from challenge.messages.actions import MOST_A_DAY, set_emails
from challenge.messages.models import Conversation, Message, MessagePicture
from challenge.messages.queries import unread_by_runner
from challenge.protocol.reading_hours import NOT_AT_NIGHT
from tests.messages.conftest import FRIDAY, ask, picture_file, reply, signed_in

pytestmark = pytest.mark.django_db
PAGE = "/messages/"


def send(phone: Client, text: str = "May I run hills?", **more: Any) -> Any:
    return phone.post(PAGE, {"key": str(uuid.uuid4()), "text": text} | more)


def test_a_question_is_stored_and_waits(phone: Client, people: SimpleNamespace) -> None:
    assert send(phone).status_code == 302
    message = Message.objects.get()
    assert (message.text, message.from_runner, message.by) == (
        "May I run hills?",
        True,
        people.enrollment.seat.user,
    )
    page = phone.get(PAGE).content.decode()
    assert "May I run hills?" in page
    assert "Waiting for a clinician since Friday" in page


def test_the_page_says_by_when_a_person_reads_and_that_no_one_watches(phone: Client) -> None:
    page = phone.get(PAGE).content.decode()
    assert "a clinician will read by <strong>Monday, 5:00 PM</strong>" in page
    assert NOT_AT_NIGHT in page
    assert "911" in page


def test_the_same_form_twice_is_one_message_and_a_changed_one_another(phone: Client) -> None:
    key = str(uuid.uuid4())
    for _ in range(2):
        send(phone, key=key, pictures=[picture_file()])
    assert (Message.objects.count(), MessagePicture.objects.count()) == (1, 1)
    send(phone, "May I run hills on Sunday?", key=key)
    assert Message.objects.count() == 2


def test_an_empty_message_is_refused_and_one_picture_alone_is_a_message(phone: Client) -> None:
    answer = send(phone, "  ")
    assert answer.status_code == 422
    assert "Write a line, or add a picture." in answer.content.decode()
    assert send(phone, "", pictures=[picture_file()]).status_code == 302
    assert Message.objects.get().text == ""


def test_a_text_that_is_too_long_comes_back_whole(phone: Client) -> None:
    text = "word " * 1001
    answer = send(phone, text)
    assert answer.status_code == 422
    assert text.strip() in answer.content.decode()
    assert "Please shorten it to 5,000 characters." in answer.content.decode()


def test_what_is_typed_is_kept_until_it_is_sent(phone: Client) -> None:
    key = str(uuid.uuid4())
    answer = phone.post(f"{PAGE}draft/", {"text": "My left he", "key": key}).json()
    assert answer == {"saved": True, "at": int(FRIDAY.timestamp() * 1000)}
    page = phone.get(PAGE).content.decode()
    assert "My left he</textarea>" in page
    assert f'data-saved-at="{answer["at"]}"' in page, "the phone knows which draft the server has"
    send(phone, "My left heel", key=key)
    assert Conversation.objects.get().draft == ""
    # The script's last word arrives after the form.
    phone.post(f"{PAGE}draft/", {"text": "My left heel", "key": key})
    assert Conversation.objects.get().draft == ""


def test_a_message_without_a_saved_draft_has_a_moment_too(phone: Client) -> None:
    """A phone that kept the words without a network sees by it that they were sent."""
    assert 'data-saved-at="0"' in phone.get(PAGE).content.decode()
    send(phone, "My left heel")
    assert f'data-saved-at="{int(FRIDAY.timestamp() * 1000)}"' in phone.get(PAGE).content.decode()


def test_the_draft_of_a_message_with_a_picture_does_not_come_back(phone: Client) -> None:
    key = str(uuid.uuid4())
    send(phone, "This shoe", key=key, pictures=[picture_file()])
    phone.post(f"{PAGE}draft/", {"text": "This shoe", "key": key})
    assert not Conversation.objects.exclude(draft="").exists()


def test_an_answer_is_new_until_it_is_marked_as_read(phone: Client, people: SimpleNamespace) -> None:
    message = reply(people)
    assert "A message</a>" not in phone.get("/today/").content.decode()
    assert "A message from your clinician" in phone.get("/today/").content.decode()
    assert "1 new" in phone.get(PAGE).content.decode()
    phone.post(f"{PAGE}read/", {"last": message.pk})
    assert not unread_by_runner(people.enrollment).exists()
    assert "from your clinician</a>" not in phone.get("/today/").content.decode()


def test_opening_the_page_changes_nothing(phone: Client, people: SimpleNamespace) -> None:
    reply(people)
    phone.get(PAGE)
    assert unread_by_runner(people.enrollment).count() == 1


@pytest.mark.parametrize("last", ["", "x", "0", "999999", "9" * 40, "-1"])
def test_a_wrong_id_marks_nothing(phone: Client, people: SimpleNamespace, last: str) -> None:
    reply(people)
    assert phone.post(f"{PAGE}read/", {"last": last}).status_code == 302
    assert unread_by_runner(people.enrollment).count() == 1


def test_another_runner_marks_and_sees_nothing(people: SimpleNamespace) -> None:
    message = reply(people)
    other = signed_in(people.other.seat.user)
    other.post(f"{PAGE}read/", {"last": message.pk})
    assert unread_by_runner(people.enrollment).count() == 1
    assert "Yes, short ones." not in other.get(PAGE).content.decode()


def test_the_email_is_neutral_and_comes_once_in_a_quiet_period(
    phone: Client, people: SimpleNamespace
) -> None:
    reply(people)
    reply(people, "And keep the warm-up.", at=FRIDAY + timedelta(hours=3))
    email = OutboxMessage.objects.get(kind="message")
    assert "hills" not in email.text + email.html + email.subject
    later = FRIDAY + timedelta(hours=13)
    reply(people, "One more thing.", at=later)
    assert OutboxMessage.objects.filter(kind="message").count() == 2


def test_after_reading_the_next_message_is_announced_at_once(phone: Client, people: SimpleNamespace) -> None:
    phone.post(f"{PAGE}read/", {"last": reply(people).pk})
    reply(people, "And keep the warm-up.", at=FRIDAY + timedelta(minutes=5))
    assert OutboxMessage.objects.filter(kind="message").count() == 2


def test_a_runner_switches_the_emails_off_and_on(phone: Client, people: SimpleNamespace) -> None:
    phone.post(f"{PAGE}emails/", {"emails": "off"})
    reply(people)
    assert not OutboxMessage.objects.filter(kind="message").exists()
    phone.post(f"{PAGE}emails/", {"emails": "on"})
    reply(people, "And keep the warm-up.", at=FRIDAY + timedelta(minutes=5))
    assert OutboxMessage.objects.filter(kind="message").count() == 1


def test_the_wish_and_the_draft_do_not_overwrite_each_other(phone: Client, people: SimpleNamespace) -> None:
    phone.post(f"{PAGE}draft/", {"text": "My left he"})
    set_emails(enrollment=people.enrollment, wanted=False, at=FRIDAY)
    row = Conversation.objects.get()
    assert (row.draft, row.emails_off_at) == ("My left he", FRIDAY)


def test_a_flood_is_refused_and_what_was_typed_stays(phone: Client, people: SimpleNamespace) -> None:
    for number in range(MOST_A_DAY):
        ask(people.enrollment, f"Question {number}")
    answer = send(phone, "And one more?")
    assert answer.status_code == 422
    assert "And one more?" in answer.content.decode()
    assert Message.objects.count() == MOST_A_DAY


def test_a_stop_word_asks_at_once_and_a_clinician_has_the_question(
    phone: Client, people: SimpleNamespace
) -> None:
    answer = send(phone, "Something popped in my calf.")
    check = f"/messages/{Message.objects.get().pk}/check/"
    assert answer["Location"] == check
    flag = Flag.objects.get()
    assert (flag.kind, flag.rule, flag.facts["words"]) == ("ask", "message.words", ["popped"])
    assert "“popped”" in flag.text
    assert "“popped”" in phone.get(check).content.decode()


def test_a_symptom_that_is_the_case_opens_the_stop(phone: Client, people: SimpleNamespace) -> None:
    send(phone, "Something popped in my calf.")
    check = f"/messages/{Message.objects.get().pk}/check/"
    for _ in range(2):
        assert phone.post(check, {"symptoms": ["pop"]})["Location"] == "/log/stop/"
    stop = Flag.objects.get(kind="stop")
    assert stop.facts["symptoms"] == ["pop"]
    assert "torn tendon" in phone.get("/log/stop/").content.decode()


def test_none_of_them_opens_no_stop(phone: Client, people: SimpleNamespace) -> None:
    send(phone, "My shoe is swollen from the rain.")
    check = f"/messages/{Message.objects.get().pk}/check/"
    assert phone.post(check, {"none": "1"})["Location"] == PAGE
    assert not Flag.objects.filter(kind="stop").exists()
    for wrong in ({}, {"symptoms": ["dragon"]}, {"symptoms": ["night_pain"]}):
        assert phone.post(check, wrong).status_code == 422
    assert not Flag.objects.filter(kind="stop").exists()


def test_only_ones_own_message_can_be_checked(people: SimpleNamespace) -> None:
    message = ask(people.enrollment, "It popped.")
    other = signed_in(people.other.seat.user)
    assert other.get(f"/messages/{message.pk}/check/").status_code == 404
    assert other.post(f"/messages/{message.pk}/check/", {"symptoms": ["pop"]}).status_code == 404
    assert not Flag.objects.filter(kind="stop").exists()


def test_earlier_messages_are_a_page_further(phone: Client, people: SimpleNamespace) -> None:
    for number in range(51):
        reply(people, f"Note {number:02}", at=FRIDAY + timedelta(minutes=number))
    page = phone.get(PAGE).content.decode()
    assert "Note 50" in page
    assert "Note 00" not in page
    first = Message.objects.order_by("pk")[1].pk
    assert f"?before={first}" in page
    assert "Note 00" in phone.get(f"{PAGE}?before={first}").content.decode()
    assert phone.get(f"{PAGE}?before=x").status_code == 200


@pytest.mark.parametrize("path", [PAGE, "/today/"])
def test_the_queries_do_not_grow_with_the_messages(
    phone: Client, people: SimpleNamespace, path: str, django_assert_max_num_queries: Any
) -> None:
    def queries() -> int:
        with django_assert_max_num_queries(60) as counted:
            phone.get(path)
        return len(counted.captured_queries)

    send(phone, "This shoe", pictures=[picture_file()])
    reply(people, "Fine.")
    few = queries()
    for number in range(5):
        send(phone, f"Shoe {number}", pictures=[picture_file(), picture_file(color="teal")])
        reply(people, f"Fine {number}.", at=FRIDAY + timedelta(minutes=number))
    assert queries() == few
