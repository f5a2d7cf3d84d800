"""A relay that refuses everyone, whatever its code: the mail waits, no address is marked, and all of it arrives."""

import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from challenge.enrollment.models import Enrollment
from challenge.mail.actions import mark_refused
from challenge.mail.delivery import DeliveryCounts, deliver_due
from challenge.mail.models import AddressState, MessageKind, MessageState, OutboxMessage
from challenge.operations.queries import failing_checks
from challenge.weekly.actions import write_unwritten
from challenge.weekly.decide import decide_due
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_runner_user
from tests.mail.conftest import make_message
from tests.mail.smtp import Handler
from tests.weekly.conftest import SIX

pytestmark = pytest.mark.django_db
Server = Callable[..., AbstractContextManager[Handler]]
RUNNERS = 6


def deliver(minutes: float = 0) -> DeliveryCounts:
    ticks = itertools.count()
    return deliver_due(now=lambda: SIX + timedelta(minutes=minutes, milliseconds=next(ticks)))


def always(answer: str) -> Callable[[int], str]:
    return lambda number: answer


def waits() -> int:
    return OutboxMessage.objects.filter(kind=MessageKind.WEEKLY, state=MessageState.QUEUED).count()


def marked() -> int:
    return AddressState.objects.filter(refused_at__isnull=False).count()


@pytest.fixture
def runners() -> list[Enrollment]:
    """Return runners with mailboxes on different servers, their week decided."""
    cohort = make_cohort()
    addresses = [f"runner{number}@place{number}.test" for number in range(RUNNERS)]
    made = [enroll(cohort=cohort, user=make_runner_user(email=address)) for address in addresses]
    OutboxMessage.objects.all().delete()  # the welcome
    decide_due(now=lambda: SIX)
    assert waits() == RUNNERS
    return made


@pytest.mark.parametrize(
    "answer",
    [
        "550",
        "551",
        "553",
        "550 5.7.1",
        "550 5.1.8",
        "554 5.7.1",
        "mail 530 5.7.0",
        "mail 550",
        "data 554",
        "data 550 5.7.60",
        "550 5.1.1",
        "550 5.1.2",
        "553 5.1.3",
        "551 5.1.6",
        "556 5.1.10",
        "data 554 5.6.0",
        "data 552 5.3.4",
    ],
)
def test_a_refusal_of_everyone_marks_no_address_and_the_mail_waits(
    runners: list[Enrollment], server: Server, answer: str
) -> None:
    with server(always(answer)) as smtp:
        for minutes in (0, 1.1, 5):
            deliver(minutes)
        assert smtp.taken == []
    assert (marked(), waits()) == (0, RUNNERS)


@pytest.mark.parametrize("answer", ["550", "550 5.1.1"])
def test_the_same_refusal_at_two_domains_ends_the_pass(
    runners: list[Enrollment], server: Server, answer: str
) -> None:
    with server(always(answer)) as smtp:
        assert deliver() == DeliveryCounts(failed=2)
        assert smtp.asked == 2
        deliver(0.5)
        assert smtp.asked == 2, "the rest waits a minute"
        deliver(1.1)
        assert smtp.asked == 4, "others are tried first, those refused wait longer"


@pytest.mark.parametrize("answer", ["550", "550 5.1.1"])
def test_after_the_relay_is_repaired_each_runner_gets_one_email(
    runners: list[Enrollment], server: Server, answer: str
) -> None:
    with server(always(answer)):
        for minutes in range(61):
            deliver(minutes)
    with server() as smtp:
        for minutes in range(61, 61 + 260):
            deliver(minutes)
        assert sorted(smtp.recipients) == [runner.address for runner in runners]
        assert set(smtp.counted().values()) == {1}
    assert failing_checks(at=SIX + timedelta(minutes=320)).keys() <= {"beat"}


def test_a_relay_that_begins_to_refuse_all_in_the_middle_marks_no_address(
    runners: list[Enrollment], server: Server
) -> None:
    with server(lambda number: "take" if number <= 2 else "550 5.1.1") as smtp:
        for minutes in range(200):
            deliver(minutes)
        assert len(smtp.taken) == 2
    assert (marked(), waits()) == (0, RUNNERS - 2)


@pytest.mark.parametrize("position", range(1, RUNNERS + 1))
def test_one_address_that_is_gone_is_marked_once_others_got_their_mail(
    runners: list[Enrollment], server: Server, position: int
) -> None:
    with server(lambda number: "550 5.1.1" if number == position or number > RUNNERS else "take") as smtp:
        deliver()
        assert (len(smtp.taken), marked(), waits()) == (RUNNERS - 1, 0, 1)
        deliver(2.1)
        if (
            position == RUNNERS
        ):  # nothing was taken after it: the next mail to anyone proves that the server works
            assert (marked(), waits()) == (0, 1)
    with server(lambda number: "take" if number == 1 else "550 5.1.1"):
        make_message(99, at=SIX, kind=MessageKind.DIGEST)
        for minutes in range(3, 24 * 60, 10):
            deliver(minutes)
    assert (marked(), waits()) == (1, 0)


def test_two_addresses_that_are_gone_are_marked_and_the_others_get_their_mail(
    runners: list[Enrollment], server: Server
) -> None:
    gone = {runner.address for runner in runners[:2]}
    with server(recipient=lambda address: "550 5.1.1" if address in gone else "take") as smtp:
        for minutes in range(8):
            deliver(minutes)
        assert len(smtp.taken) == RUNNERS - 2
    refused = AddressState.objects.filter(refused_at__isnull=False)
    assert set(refused.values_list("email", flat=True)) == gone


def test_codes_to_addresses_that_do_not_exist_stop_no_other_mail(
    runners: list[Enrollment], server: Server
) -> None:
    """Anyone can ask for one, and codes are tried first."""
    for number in range(4):
        code: dict[str, Any] = {
            "kind": MessageKind.SECURITY,
            "template": "sign_in_code",
            "context": {"code": "482913"},
        }
        make_message(number, at=SIX, to=f"typo@nowhere{number}.test", **code)
    with server(lambda number: "550 5.1.1" if number <= 4 else "take") as smtp:
        deliver()
        assert len(smtp.taken) == RUNNERS


def test_two_recipients_refused_by_their_own_servers_do_not_block_others(
    runners: list[Enrollment], server: Server
) -> None:
    with server(lambda number: "550" if number <= 2 else "take") as smtp:
        deliver()
        deliver(1.1)
        assert len(smtp.taken) == RUNNERS - 2


def test_recipients_of_one_domain_are_refused_one_by_one(server: Server) -> None:
    for number in range(3):
        make_message(number, at=SIX)
    with server(always("550")) as smtp:
        assert deliver().failed == 3
        assert smtp.asked == 3
    assert marked() == 0


def test_different_refusals_are_about_the_recipients(runners: list[Enrollment], server: Server) -> None:
    with server(lambda number: "550 5.2.1" if number % 2 else "550 5.7.1") as smtp:
        deliver()
        assert smtp.asked == RUNNERS


def test_ready_reports_mail_that_waits_behind_a_refusing_relay(
    runners: list[Enrollment], server: Server
) -> None:
    with server(always("550")):
        for minutes in range(17):
            deliver(minutes)
    found = failing_checks(at=SIX + timedelta(minutes=17))
    assert "mail" in found
    assert "unwritten" not in found


def test_refused_mail_of_a_single_domain_is_reported_too(server: Server) -> None:
    for number in range(3):
        make_message(number, at=SIX)
    with server(always("550")):
        for minutes in range(17):
            deliver(minutes)
    assert "mail" in failing_checks(at=SIX + timedelta(minutes=17))


def test_one_full_mailbox_is_not_reported(server: Server) -> None:
    make_message(at=SIX)
    with server(always("452")):
        for minutes in range(17):
            deliver(minutes)
    assert "mail" not in failing_checks(at=SIX + timedelta(minutes=17))


def test_mail_that_was_given_up_is_reported_for_a_day(runners: list[Enrollment], server: Server) -> None:
    given_up = 2 * 24 * 60 + 1
    with server(always("550")):
        for minutes in range(given_up, given_up + 5):
            deliver(minutes)
    assert OutboxMessage.objects.filter(state=MessageState.FAILED).count() == RUNNERS
    found = failing_checks(at=SIX + timedelta(minutes=given_up + 5))
    assert found["failed"] == f"{RUNNERS} emails could not be sent within the last day."
    assert found["unwritten"].startswith(f"{RUNNERS} runners have a decision")
    assert not any("@" in sentence for sentence in found.values())
    assert "failed" not in failing_checks(at=SIX + timedelta(days=4))


def test_an_address_mistyped_by_a_visitor_is_not_reported(server: Server) -> None:
    code: dict[str, Any] = {
        "kind": MessageKind.SECURITY,
        "template": "sign_in_code",
        "context": {"code": "482913"},
    }
    make_message(at=SIX, expires_at=SIX + timedelta(minutes=15), **code)
    with server(always("550 5.1.1")):
        for minutes in range(17):
            deliver(minutes)
    message = OutboxMessage.objects.get()
    assert message.state == MessageState.FAILED
    assert "482913" not in message.text
    assert failing_checks(at=SIX + timedelta(minutes=17)).keys().isdisjoint({"failed", "mail"})


def test_ready_reports_a_decided_runner_without_an_email_until_it_is_written(server: Server) -> None:
    """The address was marked by a server that refused all mail: the week is decided, no email is written."""
    runner = enroll()
    mark_refused(email=runner.address, at=SIX - timedelta(days=7))
    OutboxMessage.objects.all().delete()
    decide_due(now=lambda: SIX)
    write_unwritten(at=SIX)
    assert waits() == 0
    assert failing_checks(at=SIX)["unwritten"].startswith("1 runner has a decision")


@pytest.mark.parametrize("mark", ["weekly_unsubscribed_at", "complained_at"])
def test_a_reader_who_wants_no_weekly_email_is_not_missing_one(mark: str) -> None:
    runner = enroll()
    AddressState.objects.create(email=runner.address, **{mark: SIX})
    decide_due(now=lambda: SIX)
    write_unwritten(at=SIX)
    assert waits() == 0
    assert "unwritten" not in failing_checks(at=SIX)


def test_a_runner_who_subscribes_again_gets_this_weeks_email(client: Client) -> None:
    runner = enroll()
    address = AddressState.objects.create(email=runner.address, weekly_unsubscribed_at=SIX)
    decide_due(now=lambda: SIX)
    AddressState.objects.filter(pk=address.pk).update(weekly_unsubscribed_at=None)
    assert write_unwritten(at=SIX) == 1
    assert write_unwritten(at=SIX) == 0
    assert waits() == 1
