"""How the mailer reacts to each answer of a mail server. The server is real; only its script is invented."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from challenge.mail import delivery
from challenge.mail.actions import send_again, withdraw_unsent
from challenge.mail.delivery import claim, deliver_due, recover
from challenge.mail.models import AddressState, MessageKind, MessageState, OutboxMessage
from challenge.mail.queries import failing_messages, wants_weekly
from tests.conftest import NOW
from tests.mail.conftest import make_message
from tests.mail.smtp import Handler

pytestmark = pytest.mark.django_db
Server = Callable[..., AbstractContextManager[Handler]]


def deliver(minutes: float = 0) -> delivery.DeliveryCounts:
    return deliver_due(now=lambda: NOW + timedelta(minutes=minutes))


def only() -> OutboxMessage:
    return OutboxMessage.objects.get()


def always(answer: str) -> Callable[[int], str]:
    return lambda number: answer


def first(answer: str) -> Callable[[int], str]:
    return lambda number: answer if number == 1 else "take"


def test_many_messages_go_over_one_connection(server: Server) -> None:
    for number in range(120):
        make_message(number)
    with server() as smtp:
        assert deliver() == delivery.DeliveryCounts(sent=120)
        assert (len(smtp.taken), smtp.connections) == (120, 1)
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {MessageState.SENT}


def test_a_sent_message_is_not_sent_again(server: Server) -> None:
    make_message()
    with server() as smtp:
        deliver()
        deliver(10)
        assert len(smtp.taken) == 1
    assert only().sent_at == NOW


def test_the_same_key_is_the_same_email(db: None) -> None:
    assert make_message(1).pk == make_message(1).pk


def test_a_message_for_later_waits(server: Server) -> None:
    make_message(send_at=NOW + timedelta(hours=1))
    with server() as smtp:
        deliver()
        assert smtp.taken == []
        deliver(60)
        assert len(smtp.taken) == 1


def test_an_expired_message_is_given_up_and_shown(server: Server) -> None:
    make_message(expires_at=NOW + timedelta(minutes=15))
    with server() as smtp:
        deliver(15)
        assert smtp.taken == []
    assert only().last_error == "too late"
    assert only() in failing_messages(at=NOW)


@pytest.mark.parametrize("answer", ["450", "452", "data 451"])
def test_not_now_is_tried_again_with_growing_pauses(server: Server, answer: str) -> None:
    make_message()
    pauses = []
    with server(always(answer)) as smtp:
        at = NOW
        for _ in range(4):
            deliver_due(now=lambda at=at: at)  # type: ignore[misc]
            pauses.append((only().send_at - at) // timedelta(minutes=1))
            at = only().send_at
        assert smtp.taken == []
    assert pauses == [2, 4, 8, 16]
    assert only().state == MessageState.QUEUED


def test_after_two_days_of_not_now_staff_see_it_and_may_send_it_again(server: Server) -> None:
    make_message()
    with server(always("450")):
        deliver(2 * 24 * 60 + 1)
        assert (only().state, only().last_error) == (MessageState.FAILED, "450")
        assert only() in failing_messages(at=NOW)
    assert send_again(message=only(), at=NOW + timedelta(days=3))
    with server() as smtp:
        deliver(3 * 24 * 60)
        assert len(smtp.taken) == 1


@pytest.mark.parametrize("answer", ["550 5.1.1", "551 5.1.6", "553 5.1.3", "550 5.1.2", "556 5.1.10"])
def test_an_address_that_is_gone_is_marked_and_gets_no_weekly_email(server: Server, answer: str) -> None:
    make_message(1)
    with server(lambda number: "take" if number == 2 else answer):
        deliver()
        assert not AddressState.objects.filter(refused_at__isnull=False).exists(), "once is not certain"
        make_message(2)
        deliver(1)
        deliver(2)
    assert OutboxMessage.objects.get(about="enrollment:1").state == MessageState.FAILED
    assert not wants_weekly(AddressState.objects.get(email="runner1@runners.test"))


def test_a_refused_content_fails_the_message_and_not_the_address(server: Server) -> None:
    make_message(1)
    with server(lambda number: "take" if number == 2 else "data 554 5.6.0"):
        deliver()
        make_message(2)
        deliver(1)
        deliver(2)
    assert OutboxMessage.objects.get(about="enrollment:1").state == MessageState.FAILED
    assert not AddressState.objects.filter(refused_at__isnull=False).exists()


def test_one_refusal_does_not_stop_the_next_message(server: Server) -> None:
    for number in range(1, 4):
        make_message(number)
    with server(lambda number: "550 5.1.1" if number == 2 else "take") as smtp:
        assert deliver() == delivery.DeliveryCounts(sent=2, failed=1)
        assert len(smtp.taken) == 2


def test_a_server_that_closes_after_many_messages_is_asked_anew_at_once(server: Server) -> None:
    for number in range(1, 6):
        make_message(number)
    with server(lambda number: "421" if number == 3 else "take") as smtp:
        assert deliver().sent == 5
        assert (len(smtp.taken), smtp.connections) == (5, 2)


def test_a_server_that_is_closing_costs_no_one_an_attempt(server: Server) -> None:
    for number in range(1, 4):
        make_message(number)
    with server(always("421")):
        deliver()
    assert set(OutboxMessage.objects.values_list("state", "last_error")) == {(MessageState.QUEUED, "421")}
    with server() as smtp:
        deliver(1.1)
        assert len(smtp.taken) == 3


def test_a_server_that_is_away_costs_one_try_and_no_message(settings: object, server: Server) -> None:
    for number in range(1, 4):
        make_message(number)
    with server():
        pass
    deliver()
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {MessageState.QUEUED}
    with server() as smtp:
        deliver(1.1)
        assert len(smtp.taken) == 3


@pytest.mark.parametrize("answer", ["drop", "stall"])
def test_without_an_answer_it_is_sent_again_once_with_the_same_id_and_shown(
    server: Server, answer: str
) -> None:
    make_message()
    with server(first(answer)) as smtp:
        deliver()
        assert (only().state, only().unsure) == (MessageState.QUEUED, True)
        deliver(2)
        assert list(smtp.counted().values()) == [2]
    assert (only().state, only().unsure) == (MessageState.SENT, True)
    assert only() in failing_messages(at=NOW)


def test_after_two_missing_answers_staff_decide(server: Server) -> None:
    make_message()
    with server(always("drop")) as smtp:
        deliver()
        deliver(2)
        deliver(60)
        assert len(smtp.taken) == 2
    assert (only().state, only().last_error, only().unsure) == (MessageState.FAILED, "unsure", True)


def test_a_worker_that_died_before_handing_over_loses_nothing_and_leaves_nothing_unsure(
    server: Server,
) -> None:
    make_message()
    claim(at=NOW, batch_size=10)
    with server() as smtp:
        deliver(4)
        assert smtp.taken == []
        deliver(6)
        assert len(smtp.taken) == 1
    assert not only().unsure


def test_a_worker_that_died_while_handing_over_leaves_one_unsure_message(server: Server) -> None:
    make_message()
    claim(at=NOW, batch_size=10)
    OutboxMessage.objects.update(handing_over=True, attempts=1)
    recover(at=NOW + timedelta(minutes=6))
    assert (only().state, only().unsure) == (MessageState.QUEUED, True)


def test_two_claims_share_the_queue(db: None) -> None:
    for number in range(6):
        make_message(number)
    _, mine = claim(at=NOW, batch_size=4)
    _, theirs = claim(at=NOW, batch_size=4)
    assert (len(mine), len(theirs)) == (4, 2)
    assert not {m.pk for m in mine} & {m.pk for m in theirs}


def test_a_message_withdrawn_after_the_claim_is_not_handed_over(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_message(1)
    make_message(2)
    real = delivery._Batch._step_to

    def step(batch: delivery._Batch, message: OutboxMessage) -> bool:
        if message.about == "enrollment:1":
            assert withdraw_unsent(about="enrollment:2", kind=MessageKind.WEEKLY, at=NOW) == 1
        return real(batch, message)

    monkeypatch.setattr(delivery._Batch, "_step_to", step)
    with server() as smtp:
        assert deliver().sent == 1
        assert [m["To"] for m in smtp.messages()] == ["runner1@runners.test"]


def test_a_message_withdrawn_while_it_is_handed_over_is_never_tried_again(server: Server) -> None:
    make_message(1)
    make_message(2)
    claim(at=NOW, batch_size=10)
    OutboxMessage.objects.update(handing_over=True, attempts=1)
    withdraw_unsent(about="enrollment:1", kind=MessageKind.WEEKLY, at=NOW)
    with server() as smtp:
        deliver(6)
        assert [m["To"] for m in smtp.messages()] == ["runner2@runners.test"]
    message = OutboxMessage.objects.get(about="enrollment:1")
    assert (message.state, message.unsure) == (MessageState.FAILED, True)


def test_a_sign_in_code_goes_first_and_is_wiped(server: Server) -> None:
    for number in range(60):
        make_message(number)
    code = make_message(99, kind=MessageKind.SECURITY, template="sign_in_code", context={"code": "482913"})
    with server() as smtp:
        deliver()
        assert smtp.messages()[0]["To"] == "runner99@runners.test"
        assert b"482913" in smtp.messages()[0].as_bytes()
    code.refresh_from_db()
    assert "482913" not in code.text + code.html + code.subject


def test_the_urgent_pass_takes_only_sign_in_codes(server: Server) -> None:
    make_message(1)
    make_message(2, kind=MessageKind.SECURITY, template="sign_in_code", context={"code": "482913"})
    with server() as smtp:
        deliver_due(now=lambda: NOW, urgent_only=True)
        assert [m["To"] for m in smtp.messages()] == ["runner2@runners.test"]


def test_an_expired_code_is_wiped_as_well(db: None) -> None:
    make_message(
        kind=MessageKind.SECURITY,
        template="sign_in_code",
        context={"code": "482913"},
        expires_at=NOW + timedelta(minutes=15),
    )
    recover(at=NOW + timedelta(minutes=15))
    assert "482913" not in only().text


def test_a_pass_ends_in_time_and_puts_the_rest_back(server: Server) -> None:
    for number in range(5):
        make_message(number)
    moments = iter([NOW] * 12 + [NOW + timedelta(minutes=1)] * 100)
    with server():
        done = deliver_due(now=lambda: next(moments), until=NOW + timedelta(seconds=30))
    assert done.more
    assert done.sent < 5
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {
        MessageState.SENT,
        MessageState.QUEUED,
    }


def test_a_subject_with_a_line_break_never_becomes_a_header(server: Server) -> None:
    make_message()
    OutboxMessage.objects.update(subject="Week\r\nBcc: everybody@runners.test")
    with server() as smtp:
        deliver()
        assert smtp.taken == []
    assert (only().state, only().last_error) == (MessageState.FAILED, "BadHeader")


def test_a_server_that_refuses_the_greeting_cannot_be_reached_and_leaves_nothing_unsure(
    server: Server,
) -> None:
    make_message()
    with server(greeting="421 too many of you") as smtp:
        deliver()
        assert smtp.taken == []
    message = only()
    assert (message.state, message.attempts, message.unsure) == (MessageState.QUEUED, 0, False)


def test_a_domain_beyond_ascii_is_sent_in_its_idna_form(server: Server) -> None:
    make_message(1, to="runner@m\xfcnchen.test")
    make_message(2)
    with server() as smtp:
        assert deliver() == delivery.DeliveryCounts(sent=2)
        assert smtp.messages()[0]["To"] == "runner@xn--mnchen-3ya.test"
        assert smtp.recipients[0] == "runner@xn--mnchen-3ya.test"


def test_an_address_that_no_server_takes_does_not_block_others(server: Server) -> None:
    make_message(1, to="r\xfcnner@runners.test")
    make_message(2)
    with server() as smtp:
        assert deliver() == delivery.DeliveryCounts(sent=1, failed=1)
        assert len(smtp.taken) == 1
    assert OutboxMessage.objects.get(to_email__startswith="r\xfc").state == MessageState.FAILED
