"""The owner's first page: cohorts in numbers, what needs an owner, no runner's name and no health data."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from challenge.accounts.models import User
from challenge.care.actions import acknowledge_flag, raise_flag
from challenge.enrollment.actions import hold_seat, withdraw
from challenge.enrollment.models import Cohort, CohortClinician, EndReason
from challenge.mail.models import AddressState, MessageKind, MessageState, OutboxMessage
from challenge.notifications.models import NoticeSettings
from challenge.operations import queries
from challenge.operations.overview import is_big_enough, stage_of
from challenge.protocol.vocabulary import FlagKind
from tests.conftest import NOW
from tests.factories.cohorts import OPENS, enroll, make_cohort
from tests.factories.lives import MARKER, make_life
from tests.factories.people import make_clinician, make_owner, make_runner_user, use_second_factor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner(client: Client) -> Client:
    user = make_owner(name="Olive Brook")
    client.force_login(user)
    use_second_factor(client, user)
    return client


def page(owner: Client) -> str:
    response = owner.get("/admin/overview/")
    assert response.status_code == 200
    return response.content.decode()


def test_each_cohort_is_a_line_of_numbers(owner: Client) -> None:
    cohort = make_cohort(name="Winter", capacity=5)
    enroll(cohort=cohort)
    held = make_runner_user()
    hold_seat(cohort=cohort, user=held, by=held, at=NOW)
    CohortClinician.objects.create(cohort=cohort, user=make_clinician())
    make_cohort(name="Spring", starts_on=date(2026, 4, 6), is_public=False)
    spring, winter = owner.get("/admin/overview/").context["lines"]
    assert (winter.stage, winter.confirmed, winter.held, winter.free, winter.people) == (
        "week 1 of 12",
        1,
        1,
        3,
        1,
    )
    assert (spring.stage, spring.confirmed, spring.free) == ("not announced", 0, 20)


def test_it_names_no_runner_and_holds_no_health_data(owner: Client) -> None:
    life = make_life()
    body = page(owner)
    assert MARKER not in body
    assert str(life.seat.user) not in body


def trouble(name: str, at: datetime) -> str:
    return f"Trouble with {name}."


def test_a_trouble_of_readiness_is_a_sentence(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in queries.CHECKS:
        monkeypatch.setitem(queries.CHECKS, name, partial(trouble, name))
    body = page(owner)
    assert all(f"Trouble with {name}." in body for name in queries.CHECKS)


def test_someone_without_a_second_factor_is_named_after_seven_days(owner: Client) -> None:
    colleague = make_clinician(name="Ada Moor")
    for days, shown in ((6, False), (7, True)):
        User.objects.filter(pk=colleague.pk).update(joined_at=NOW - timedelta(days=days))
        assert ("Ada Moor has had no second factor" in page(owner)) is shown
    User.objects.filter(pk=colleague.pk).update(is_active=False)
    assert "Ada Moor" not in page(owner)


def test_it_says_how_many_have_a_second_factor(owner: Client) -> None:
    new = make_clinician()
    assert "Second factor set up: 1 of 2 who work here." in page(owner)
    assert "everyone has" not in page(owner)
    Authenticator.objects.create(user=new, type=Authenticator.Type.TOTP, data={})
    assert "Everyone who works here has a second factor." in page(owner)


def test_a_taken_flag_is_not_among_those_no_one_has_taken(owner: Client) -> None:
    enrollment = enroll(cohort=make_cohort(name="Winter"))
    flag = raise_flag(enrollment=enrollment, kind=FlagKind.ASK, rule="pain.ask", source="x", facts={}, at=NOW)
    assert "Flags no one has taken" in page(owner)
    assert owner.get("/admin/overview/").context["lines"][0].answers.waiting == 1
    acknowledge_flag(flag=flag, by=make_clinician(), at=NOW)
    assert owner.get("/admin/overview/").context["lines"][0].answers.waiting == 0


def test_a_cohort_that_has_no_clinician_needs_one(owner: Client) -> None:
    cohort = make_cohort(name="Winter")
    assert "Winter has no clinician who can act" in page(owner)
    Cohort.objects.update(flags_to_clinic_at=NOW)
    assert "Winter has no clinician" not in page(owner)
    Cohort.objects.update(flags_to_clinic_at=None)
    CohortClinician.objects.create(cohort=cohort, user=make_clinician())
    assert "Winter has no clinician" not in page(owner)


def test_a_cohort_that_starts_soon_and_is_not_announced_is_shown(owner: Client) -> None:
    make_cohort(name="Soon", starts_on=date(2026, 1, 19), is_public=False)
    make_cohort(name="Later", starts_on=date(2026, 2, 2), is_public=False)
    body = page(owner)
    assert "Soon starts on January 19 and is not announced yet" in body
    assert "Later starts on" not in body


@pytest.mark.parametrize(
    ("fields", "days", "full", "stage"),
    [
        ({"is_public": False}, -10, False, "not announced"),
        ({"opens_at": OPENS}, -10, False, "announced"),
        ({"opens_at": OPENS, "early_access_at": OPENS - timedelta(days=9)}, -10, False, "early access"),
        ({}, -3, False, "open"),
        ({}, -3, True, "closed, not started"),
        ({}, 0, True, "week 1 of 12"),
        ({}, 83, True, "week 12 of 12"),
        ({}, 85, True, "over"),
    ],
)
def test_where_a_cohort_stands(fields: dict[str, Any], days: int, full: bool, stage: str) -> None:
    at = NOW.replace(day=5) + timedelta(days=days)
    assert stage_of(make_cohort(**fields), full=full, at=at) == stage


def test_two_hundred_cohorts_ask_no_more_than_one(owner: Client) -> None:
    make_cohort()
    owner.get("/admin/overview/")
    with CaptureQueriesContext(connection) as few:
        page(owner)
    for _ in range(30):
        make_cohort(starts_on=date(2026, 6, 1))
    with CaptureQueriesContext(connection) as many:
        body = page(owner)
    assert len(many) == len(few)
    assert "Page 1 of 2" in body
    assert owner.get("/admin/overview/?page=2").status_code == 200


def test_only_an_owner_opens_it_and_lands_there(client: Client) -> None:
    for user in (make_clinician(), make_runner_user()):
        client.force_login(user)
        use_second_factor(client, user)
        assert client.get("/admin/overview/").status_code in {302, 403}


def test_email_that_did_not_arrive_has_its_address_and_not_what_it_said(owner: Client) -> None:
    runner = enroll(cohort=make_cohort())
    OutboxMessage.objects.create(
        kind=MessageKind.PHASE,
        dedupe_key="x",
        about=runner.about,
        to_email="gone@runners.test",
        subject="Your page has changed",
        text="The knee.",
        state=MessageState.FAILED,
        created_at=NOW,
        send_at=NOW,
        give_up_at=NOW,
    )
    AddressState.objects.create(email="refusing@runners.test", refused_at=NOW)
    body = page(owner)
    assert "gone@runners.test: failed" in body
    assert "refusing@runners.test: the address refuses our email" in body
    assert "Your page has changed" not in body
    assert "knee" not in body
    assert "phase" not in body


def test_flags_and_who_stayed_are_numbers_on_the_line(owner: Client) -> None:
    cohort = make_cohort(name="Winter")
    enroll(cohort=cohort)
    gone = enroll(cohort=cohort)
    withdraw(seat=gone.seat, reason=EndReason.WITHDREW, by=gone.seat.user, at=NOW)
    (line,) = owner.get("/admin/overview/").context["lines"]
    assert (line.stayed_percent, line.answers.waiting, line.answers.median) == (50, 0, "–")


def test_one_cohort_in_numbers_names_no_runner_and_points_at_no_one(owner: Client) -> None:
    life = make_life()
    body = owner.get(f"/admin/overview/{life.cohort.slug}/").content.decode()
    assert MARKER not in body
    assert str(life.seat.user) not in body
    assert "How soon someone answered" in body
    assert "Too few runners have finished a week with strength sessions" in body
    assert "clearly better" not in body


@pytest.mark.parametrize(
    ("part", "whole", "shown"), [(2, 5, True), (2, 4, False), (0, 9, False), (9, 9, False)]
)
def test_a_count_is_shown_where_it_points_at_no_one(part: int, whole: int, shown: bool) -> None:
    assert is_big_enough(part, whole) is shown


def test_who_is_on_call_follows_what_clinicians_set(owner: Client) -> None:
    cohort, ada = make_cohort(), make_clinician(name="Ada Moor")
    CohortClinician.objects.create(cohort=cohort, user=ada)
    address = f"/admin/overview/{cohort.slug}/"
    assert "<li>Ada Moor</li>" in owner.get(address).content.decode()
    NoticeSettings.objects.create(
        user=ada, away_until=NOW.date(), stand_in=make_clinician(name="Ben Reyes"), changed_at=NOW
    )
    body = owner.get(address).content.decode()
    assert "Ada Moor is away, Ben Reyes stands in" in body
    assert "<li>Ben Reyes</li>" in body
    assert owner.get("/admin/overview/no-such-cohort/").status_code == 404
