"""The conversation as clinicians use it: what waits, answering, closing, templates, and who may."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from challenge.accounts.models import AccessEntry
from challenge.enrollment.models import Enrollment
from challenge.messages.actions import NothingToClose, close_conversation
from challenge.messages.models import Message, MessageMark, MessageTemplate
from challenge.messages.queries import answer_waits, thread, waiting_in, waiting_runners
from challenge.privacy.actions import erase_account
from challenge.review.runner_summary import runner_summaries
from tests.factories.cohorts import enroll
from tests.factories.people import make_runner_user
from tests.messages.conftest import FRIDAY, ask, reply, signed_in

pytestmark = pytest.mark.django_db


def page_of(people: SimpleNamespace) -> str:
    return f"/admin/messages/runners/{people.enrollment.pk}/"


def newest() -> int:
    return Message.objects.latest("pk").pk


def waits(people: SimpleNamespace) -> Any:
    """What waits, by the query for many runners; a runner's page reads the same from the thread."""
    found = waiting_runners([people.enrollment.pk]).get(people.enrollment.pk)
    enrollment = Enrollment.objects.get(pk=people.enrollment.pk)
    assert waiting_in(enrollment, thread(enrollment)) == found
    return found


def test_a_question_waits_since_it_was_asked_until_it_is_answered(
    desk: Client, people: SimpleNamespace
) -> None:
    ask(people.enrollment, at=FRIDAY - timedelta(hours=2))
    ask(people.enrollment, "And the stairs?")
    assert (waits(people).since, waits(people).count) == (FRIDAY - timedelta(hours=2), 2)
    answer = desk.post(page_of(people), {"text": "Yes, short ones.", "seen": newest()}, follow=True)
    assert "Yes, short ones." in answer.content.decode()
    assert waits(people) is None
    ask(people.enrollment, "Thanks! And today?")
    assert waits(people).since == FRIDAY


def test_no_answer_needed_closes_it_and_the_runner_sees_who_read_it(
    desk: Client, phone: Client, people: SimpleNamespace
) -> None:
    message = ask(people.enrollment, "Thank you!")
    desk.post(page_of(people), {"close": "1", "seen": message.pk})
    assert waits(people) is None
    page = phone.get("/messages/").content.decode()
    assert f"Read by {people.clinician.get_full_name()}" in page
    assert "No answer needed" in page


def test_closing_what_the_runner_added_to_meanwhile_closes_nothing(
    desk: Client, people: SimpleNamespace
) -> None:
    first = ask(people.enrollment)
    ask(people.enrollment, "It hurts now.")
    answer = desk.post(page_of(people), {"close": "1", "seen": first.pk}, follow=True)
    assert "Nothing was closed" in answer.content.decode()
    assert waits(people).count == 2
    with pytest.raises(NothingToClose):
        close_conversation(enrollment=people.other, last=0, by=people.stranger, at=FRIDAY)


def test_an_answer_to_an_old_page_is_kept_and_not_sent(desk: Client, people: SimpleNamespace) -> None:
    first = ask(people.enrollment)
    ask(people.enrollment, "It hurts now.")
    answer = desk.post(page_of(people), {"text": "Run hills.", "seen": first.pk})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Another message came" in page
    assert "Run hills.</textarea>" in page
    assert waits(people).count == 2
    assert f'name="seen" value="{newest()}"' in page


def test_pressed_twice_is_one_answer(desk: Client, people: SimpleNamespace) -> None:
    form = {"text": "Yes, short ones.", "seen": ask(people.enrollment).pk}
    for _ in range(2):
        assert desk.post(page_of(people), form).status_code == 302
    assert Message.objects.filter(from_runner=False).count() == 1


def test_the_same_words_answer_another_question(desk: Client, people: SimpleNamespace) -> None:
    for question in ("May I run hills?", "And the stairs?"):
        form = {"text": "Yes.", "seen": ask(people.enrollment, question).pk}
        for _ in range(2):
            desk.post(page_of(people), form)
    assert Message.objects.filter(from_runner=False).count() == 2
    assert waits(people) is None


def test_an_answer_on_an_old_page_of_the_runner_is_kept_and_not_sent(
    desk: Client, people: SimpleNamespace
) -> None:
    first = ask(people.enrollment)
    page = f"/admin/review/{people.enrollment.cohort.slug}/runners/{people.enrollment.pk}/"
    assert f'name="message-last" value="{first.pk}"' in desk.get(page).content.decode()
    ask(people.enrollment, "It hurts now.")
    form = {"message-text": "Run hills.", "message-last": first.pk}
    answer = desk.post(f"{page}message/", form)
    assert answer.status_code == 409
    assert "Another message came" in answer.content.decode()
    assert "Run hills.</textarea>" in answer.content.decode()
    assert waits(people).count == 2
    desk.post(f"{page}message/", form | {"message-last": newest()})
    assert waits(people) is None


def test_closing_does_not_throw_an_answer_away(desk: Client, people: SimpleNamespace) -> None:
    form = {"text": "Short ones.", "seen": ask(people.enrollment).pk}
    answer = desk.post(page_of(people), form | {"close": "1"})
    assert answer.status_code == 422
    assert "Short ones.</textarea>" in answer.content.decode()
    assert waits(people).count == 1


def test_who_closes_second_reads_that_a_colleague_was_first(desk: Client, people: SimpleNamespace) -> None:
    message = ask(people.enrollment)
    close_conversation(enrollment=people.enrollment, last=message.pk, by=people.stranger, at=FRIDAY)
    answer = desk.post(page_of(people), {"close": "1", "seen": message.pk}, follow=True)
    assert "a colleague was first" in answer.content.decode()


def test_no_one_waits_who_was_erased(desk: Client, people: SimpleNamespace) -> None:
    ask(people.enrollment)
    user = people.enrollment.seat.user
    erase_account(user=user, by=user, at=FRIDAY)
    assert waits(people) is None
    assert answer_waits(people.enrollment.cohort) == ([], [])
    assert "Nothing is waiting" in desk.get("/admin/messages/").content.decode()


def test_what_waits_is_one_list_the_longest_first(desk: Client, people: SimpleNamespace) -> None:
    assert "Nothing is waiting" in desk.get("/admin/messages/").content.decode()
    ask(people.enrollment)
    page = desk.get("/admin/messages/").content.decode()
    assert "Odalys Finch" in page
    assert "Waiting since Friday" in page
    assert "May I run hills?" in page
    assert AccessEntry.objects.filter(what="messages", runner=people.enrollment.seat.user).exists()


def test_the_board_says_since_when_and_asks_for_today(desk: Client, people: SimpleNamespace) -> None:
    ask(people.enrollment)
    (row,) = runner_summaries(people.enrollment.cohort, at=FRIDAY)
    assert row.when.name == "TODAY"
    page = desk.get(f"/admin/review/{people.enrollment.cohort.slug}/").content.decode()
    assert "waiting since Friday, Jan 9, 9:00 AM" in page
    own = desk.get(f"/admin/review/{people.enrollment.cohort.slug}/runners/{people.enrollment.pk}/")
    assert "May I run hills?" in own.content.decode()
    assert "Waiting since Friday" in own.content.decode()


def test_a_template_is_kept_offered_and_deleted_by_its_owner_alone(
    desk: Client, people: SimpleNamespace
) -> None:
    ask(people.enrollment)
    form = {"text": "Short hills are fine.", "title": "Hills", "seen": newest()}
    desk.post(page_of(people), form)
    template = MessageTemplate.objects.get()
    assert "Hills</a>" in desk.get(page_of(people)).content.decode()
    filled = desk.get(f"{page_of(people)}?template={template.pk}").content.decode()
    assert "Short hills are fine.</textarea>" in filled
    other = signed_in(people.stranger)
    delete = f"templates/{template.pk}/delete/"
    assert other.post(f"/admin/messages/runners/{people.other.pk}/{delete}").status_code == 404
    theirs = f"/admin/messages/runners/{people.other.pk}/?template={template.pk}"
    assert other.get(theirs).status_code == 404
    desk.post(page_of(people) + delete)
    assert not MessageTemplate.objects.exists()


def test_a_clinician_of_another_cohort_finds_nothing(people: SimpleNamespace) -> None:
    ask(people.enrollment)
    other = signed_in(people.stranger)
    assert other.get(page_of(people)).status_code == 404
    assert other.post(page_of(people), {"text": "Hello"}).status_code == 404
    assert "May I run hills?" not in other.get("/admin/messages/").content.decode()


def test_an_empty_answer_is_refused(desk: Client, people: SimpleNamespace) -> None:
    for form in ({"text": ""}, {"text": "x", "seen": "y"}, {"text": "x" * 5001}):
        assert desk.post(page_of(people), form).status_code == 422
    assert not Message.objects.exists()
    assert desk.get(f"{page_of(people)}?before=x").status_code == 400


def test_messages_and_marks_are_written_once(people: SimpleNamespace) -> None:
    message = ask(people.enrollment)
    close_conversation(enrollment=people.enrollment, last=message.pk, by=people.clinician, at=FRIDAY)
    for rows, change in (
        (Message.objects.all(), {"text": "other"}),
        (MessageMark.objects.all(), {"kind": "read"}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.delete()


def test_the_queries_of_the_list_do_not_grow(
    desk: Client, people: SimpleNamespace, django_assert_max_num_queries: Any
) -> None:
    def queries() -> int:
        with django_assert_max_num_queries(60) as counted:
            desk.get("/admin/messages/")
        return len(counted.captured_queries)

    ask(people.enrollment)
    reply(people)
    ask(people.enrollment)
    desk.get("/admin/messages/")
    few = queries()
    for _ in range(3):
        ask(enroll(cohort=people.enrollment.cohort, user=make_runner_user()))
    desk.get("/admin/messages/")
    assert queries() == few
