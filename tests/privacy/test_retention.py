"""The retention rules, each of them, and the same list in the guide."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from challenge.accounts.models import AccessEntry, User
from challenge.calls.models import Booking
from challenge.enrollment.actions import hold_seat
from challenge.enrollment.models import EarlyAccess, Seat
from challenge.intake.models import Draft
from challenge.mail.models import NO_LONGER, MessageState, OutboxMessage
from challenge.outcomes.models import AnswerDraft
from challenge.privacy.retention import RULES, apply_retention
from challenge.workouts.models import Run
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call
from tests.factories.cohorts import make_cohort
from tests.factories.lives import make_life
from tests.factories.people import make_owner, make_runner_user, use_second_factor

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


def days(name: str) -> timedelta:
    return timedelta(days=next(rule.days for rule in RULES if rule.name == name))


def test_the_guide_lists_every_rule_with_its_time() -> None:
    guide = (ROOT / "docs" / "operations.md").read_text()
    listed = dict(re.findall(r"^\| ([^|]+) \| (\d+) days \|", guide, re.M))
    assert listed == {rule.name: str(rule.days) for rule in RULES}


def test_nothing_of_a_running_challenge_is_cleared() -> None:
    make_life()
    Draft.objects.all().delete()
    cleared = apply_retention(at=NOW + timedelta(days=7))
    assert {name for name, count in cleared.items() if count} == {"uploaded activity files"}
    assert Run.objects.exists()


def test_emails_lose_their_words_and_keep_their_row() -> None:
    make_life()
    count = OutboxMessage.objects.count()
    OutboxMessage.objects.update(state=MessageState.WITHDRAWN)
    apply_retention(at=NOW + days("the words of emails") + timedelta(days=10))
    assert OutboxMessage.objects.filter(text=NO_LONGER, html="").count() == count
    OutboxMessage.objects.update(state=MessageState.QUEUED, text="still to go")
    apply_retention(at=NOW + timedelta(days=4000))
    assert OutboxMessage.objects.filter(text="still to go").count() == count


def test_a_lapsed_hold_loses_its_name() -> None:
    cohort, user = make_cohort(), make_runner_user()
    hold_seat(cohort=cohort, user=user, by=user, at=NOW)
    seat = hold_seat(cohort=cohort, user=make_runner_user(), by=None, at=NOW + timedelta(days=3))
    apply_retention(at=NOW + days("names on holds that were never confirmed") + timedelta(days=4))
    lapsed = Seat.objects.exclude(pk=seat.pk).get()
    assert (lapsed.email, lapsed.user_id) == ("", None)
    assert Seat.objects.get(pk=seat.pk).email, "a hold that runs keeps its person"


def test_drafts_and_unconfirmed_entries_and_accounts_go() -> None:
    user = make_runner_user(joined_at=NOW)
    EmailAddress.objects.filter(user=user).update(verified=False)
    kept = make_runner_user(joined_at=NOW)
    Draft.objects.create(user=kept, answers={}, saved_at=NOW)
    EarlyAccess.objects.create(which="launch", email="a@b.test", asked_at=NOW)
    EarlyAccess.objects.create(which="launch", email="c@b.test", asked_at=NOW, confirmed_at=NOW)
    apply_retention(at=NOW + timedelta(days=91))
    assert list(User.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not Draft.objects.exists()
    assert EarlyAccess.objects.get().email == "c@b.test"


def test_an_unused_account_goes_although_the_owner_looked_at_it(client: Client) -> None:
    user = make_runner_user(joined_at=NOW)
    EmailAddress.objects.filter(user=user).update(verified=False)
    Draft.objects.create(user=make_runner_user(joined_at=NOW), answers={}, saved_at=NOW)
    owner = make_owner()
    client.force_login(owner)
    use_second_factor(client, owner)
    assert user.email in client.get("/admin/challenge/user/").content.decode()
    assert AccessEntry.objects.filter(runner=user).exists()
    apply_retention(at=NOW + timedelta(days=91))
    assert not User.objects.filter(pk=user.pk).exists()
    assert not Draft.objects.exists(), "the rules after it are applied as well"


def test_accesses_are_cleared_after_six_years_and_not_before() -> None:
    make_life()
    apply_retention(at=NOW + timedelta(days=2189))
    assert AccessEntry.objects.count() == 1
    apply_retention(at=NOW + timedelta(days=2191))
    assert AccessEntry.objects.count() == 0


def test_expired_sessions_are_cleared(client: Client) -> None:
    client.force_login(make_runner_user())
    assert apply_retention(at=NOW.replace(year=2200))["sessions that ran out"] >= 1


def test_answers_that_were_not_sent_go_after_their_time() -> None:
    make_life()
    age = days("answers to questionnaires that were not sent")
    assert apply_retention(at=NOW + age)["answers to questionnaires that were not sent"] == 0
    assert (
        apply_retention(at=NOW + age + timedelta(seconds=1))["answers to questionnaires that were not sent"]
        == 1
    )
    assert not AnswerDraft.objects.exists()


@pytest.mark.parametrize("email", ["robin@callers.test", ""])
def test_a_caller_is_forgotten_with_or_without_an_address(email: str) -> None:
    start = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)
    availability = make_availability()
    make_call(availability=availability, starts_at=start, at=NOW, email=email, phone="+16125550107")
    rule = days("who asked for a discovery call, and its notes")
    apply_retention(at=start + rule)
    assert Booking.objects.get().name == "Robin Vale"
    apply_retention(at=start + rule + timedelta(hours=1))
    call = Booking.objects.get()
    assert (call.name, call.email, call.phone, call.starts_at) == ("", "", "", start)
