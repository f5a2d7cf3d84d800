"""An address that a server refused by mistake: staff write to it again, and this week's email is sent."""

import pytest
import time_machine
from django.test import Client

from challenge.accounts.models import User
from challenge.enrollment.models import CohortClinician, Enrollment
from challenge.mail.actions import mark_complained, mark_refused
from challenge.mail.models import AddressState, MessageKind, MessageState, OutboxMessage
from challenge.weekly.actions import write_unwritten
from challenge.weekly.decide import decide_due
from tests.factories.cohorts import enroll
from tests.factories.people import use_second_factor
from tests.weekly.conftest import SIX

pytestmark = pytest.mark.django_db
PAGE, AGAIN = "/admin/targets/", "/admin/targets/addresses/again/"


@pytest.fixture
def desk(client: Client, clinician: User, enrolled: Enrollment) -> Client:
    """A clinician of the runner's cohort, signed in, before the first Monday."""
    CohortClinician.objects.create(cohort=enrolled.cohort, user=clinician)
    client.force_login(clinician)
    use_second_factor(client, clinician)
    return client


def refused(runner: Enrollment) -> AddressState:
    mark_refused(email=runner.address, at=SIX)
    return AddressState.objects.get(email=runner.address)


def weekly_of(runner: Enrollment) -> list[str]:
    return list(
        OutboxMessage.objects.filter(kind=MessageKind.WEEKLY, to_email=runner.address).values_list(
            "state", flat=True
        )
    )


def test_a_mark_is_cleared_in_one_press_and_this_weeks_email_is_written(
    desk: Client, enrolled: Enrollment
) -> None:
    address = refused(enrolled)
    decide_due(now=lambda: SIX)
    assert weekly_of(enrolled) == []
    with time_machine.travel(SIX, tick=False):
        page = desk.get(PAGE).content.decode()
        assert "1 runner has a decision for this week and no email about it" in page
        assert f"Write to {enrolled.address} again" in page
        answer = desk.post(AGAIN, {"address": address.pk}, follow=True)
    assert "We’ll write to them again" in answer.content.decode()
    write_unwritten(at=SIX)
    assert weekly_of(enrolled) == [MessageState.QUEUED]


def test_an_email_that_the_server_refused_by_mistake_goes_out_again(
    desk: Client, enrolled: Enrollment
) -> None:
    decide_due(now=lambda: SIX)
    OutboxMessage.objects.filter(kind=MessageKind.WEEKLY).update(state=MessageState.FAILED, last_error="550")
    address = refused(enrolled)
    with time_machine.travel(SIX, tick=False):
        desk.post(AGAIN, {"address": address.pk})
    write_unwritten(at=SIX)
    assert weekly_of(enrolled) == [MessageState.QUEUED]


def test_all_of_them_are_cleared_in_one_press_but_no_complaint(desk: Client, enrolled: Enrollment) -> None:
    other = enroll(cohort=enrolled.cohort)
    for runner in (enrolled, other):
        refused(runner)
    mark_complained(email=other.address, at=SIX)
    decide_due(now=lambda: SIX)
    assert "Write to all refused addresses again" in desk.get(PAGE).content.decode()
    desk.post(AGAIN, {"every": "1"})
    assert not AddressState.objects.filter(refused_at__isnull=False).exists()
    write_unwritten(at=SIX)
    assert (weekly_of(enrolled), weekly_of(other)) == ([MessageState.QUEUED], [])


@pytest.mark.parametrize("sent", ["", "x", "-1", "9" * 30, "999999"])
def test_a_press_that_names_no_such_address_says_so(desk: Client, enrolled: Enrollment, sent: str) -> None:
    refused(enrolled)
    answer = desk.post(AGAIN, {"address": sent}, follow=True)
    assert "That refused address isn’t on the list anymore." in answer.content.decode()
    assert AddressState.objects.filter(refused_at__isnull=False).exists()


def test_a_runner_of_another_cohort_is_not_within_reach(desk: Client) -> None:
    address = refused(enroll())
    desk.post(AGAIN, {"address": address.pk})
    desk.post(AGAIN, {"every": "1"})
    assert AddressState.objects.get(pk=address.pk).refused_at is not None
