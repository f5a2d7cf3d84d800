"""A person is a runner of one running cohort at a time: every way into a second one, one test each."""

import re
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client

from challenge.calls.after_call import NoSeatToHold, hold_seat_after_call
from challenge.enrollment.actions import AlreadyRunning, confirm_seat, hold_seat, withdraw
from challenge.enrollment.models import Cohort, EndReason, Enrollment, LedgerEntry, Seat, SeatState
from challenge.mail.models import OutboxMessage
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_run
from tests.factories.people import make_front_desk, make_runner_user, sign_in_now, use_second_factor
from tests.intake.pages import answer

pytestmark = pytest.mark.django_db
RULE = "seat_one_running_cohort"
OVER = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)  # Winter's last Sunday, March 29, has ended everywhere


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def winter() -> Enrollment:
    """A running runner, in the first week of twelve, with a run in the log and every question answered."""
    cohort = make_cohort(name="Winter", slug="winter")
    user, phone = make_runner_user(name="Kim Vale"), Client()
    hold_seat(cohort=cohort, user=user, by=user, at=NOW)
    phone.force_login(user)
    assert answer(phone).headers["Location"] == "/join/done/"
    enrollment = Enrollment.objects.get(seat__user=user)
    log_run(enrollment, distance_m=6437)
    return enrollment


@pytest.fixture(params=["2026-01-12", "2026-04-06"], ids=["at once", "after Winter"])
def second(request: pytest.FixtureRequest, winter: Enrollment) -> Cohort:
    return make_cohort(name="Spring", slug="spring", starts_on=date.fromisoformat(request.param), capacity=3)


@pytest.fixture
def desk(client: Client) -> Client:
    user = make_front_desk()
    client.force_login(user)
    use_second_factor(client, user)
    return client


def runner_of(enrollment: Enrollment) -> Any:
    return enrollment.seat.user


def pages_of(enrollment: Enrollment) -> list[str]:
    """The runner's own pages, without what differs from one request to the next."""
    phone = Client()
    phone.force_login(runner_of(enrollment))
    shown = []
    for path in ("/log/", "/progress/", "/today/", "/join/done/"):
        answered = phone.get(path)
        assert answered.status_code == 200, path
        shown.append(re.sub(r'(nonce|value|content)="[\w-]{20,}"', "", answered.content.decode()))
    return shown


def as_typed(enrollment: Enrollment) -> dict[str, str]:
    return {
        "name": "Kim Vale",
        "email": runner_of(enrollment).email,
        "phone": "+1 612 555 0107",
        "reason": "rang us",
    }


@pytest.mark.parametrize("do", ["enroll", "hold"])
def test_the_desk_is_refused_beside_the_address(
    desk: Client, winter: Enrollment, second: Cohort, do: str
) -> None:
    before, mails = pages_of(winter), OutboxMessage.objects.count()
    page = desk.post("/admin/seats/spring/person/", as_typed(winter) | {"do": do})
    assert page.status_code == 422
    (sentence,) = page.context["person_form"].errors["email"]
    assert "a runner in Winter, bib 1, until March 29." in sentence
    body = page.content.decode()
    assert sentence in body
    assert all(f'value="{typed}"' in body for typed in as_typed(winter).values())
    assert not Seat.objects.filter(cohort=second).exists()
    assert OutboxMessage.objects.count() == mails
    refusals = LedgerEntry.objects.filter(cohort=second, happened="refused")
    assert [entry.reason for entry in refusals] == ["AlreadyRunning: rang us"]
    assert pages_of(winter) == before


@pytest.mark.parametrize("do", ["enroll", "hold"])
def test_the_desk_is_refused_where_an_earlier_hold_is_there(
    desk: Client, winter: Enrollment, second: Cohort, do: str
) -> None:
    held = _held_before(winter, second)
    page = desk.post("/admin/seats/spring/person/", as_typed(winter) | {"do": do})
    assert "email" in page.context["person_form"].errors
    held.refresh_from_db()
    assert (held.state, held.hold_ends_at) == ("held", NOW + timedelta(minutes=20))


def test_a_call_ends_without_a_seat_and_with_a_sentence(winter: Enrollment) -> None:
    second = make_cohort(name="Spring", slug="spring", starts_on=date(2026, 1, 12))
    Cohort.objects.exclude(pk=second.pk).update(is_public=False)
    at_ten = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)
    booking = make_call(
        availability=make_availability(), starts_at=at_ten, at=NOW, email=runner_of(winter).email
    )
    with pytest.raises(NoSeatToHold, match="a runner in Winter"):
        hold_seat_after_call(booking=booking, by=make_front_desk(), at=NOW)
    assert not Seat.objects.filter(cohort=second).exists()


def test_pressing_the_button_of_the_join_page_leads_to_the_seat_they_have(
    winter: Enrollment, second: Cohort
) -> None:
    before = pages_of(winter)
    phone = Client()
    phone.force_login(runner_of(winter))
    assert phone.post("/join/", follow=True).redirect_chain[-1][0] == "/join/done/"
    assert not Seat.objects.filter(cohort=second).exists()
    assert pages_of(winter) == before


def test_the_join_pages_say_why_a_hold_is_not_confirmed(winter: Enrollment, second: Cohort) -> None:
    before = pages_of(winter)
    held = _held_before(winter, second)
    phone = Client()
    phone.force_login(runner_of(winter))
    page = phone.post("/join/intake/agree/", {"consent": "on"}, follow=True)
    assert page.redirect_chain[-1][0] == "/join/done/"
    assert "you’re already in Winter, so we didn’t take a seat in Spring" in page.content.decode()
    held.refresh_from_db()
    assert held.state == SeatState.HELD
    assert pages_of(winter) == before


def test_a_confirmation_that_comes_at_the_same_moment_gets_its_sentence(
    winter: Enrollment, second: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page was chosen for Spring a moment before the seat of Winter was confirmed."""
    _held_before(winter, second)
    before, phone = pages_of(winter), Client()
    phone.force_login(runner_of(winter))
    monkeypatch.setattr("challenge.intake.views.cohort_for", lambda user, at: second)
    page = answer(phone)
    assert page.status_code == 409
    body = page.content.decode()
    assert "You’re a runner in Winter" in body
    assert "We didn’t take a seat in Spring for you" in body
    monkeypatch.undo()
    assert Enrollment.objects.get() == winter
    assert pages_of(winter) == before


def test_the_actions_refuse_for_every_caller(winter: Enrollment, second: Cohort) -> None:
    with pytest.raises(AlreadyRunning) as refused:
        hold_seat(cohort=second, user=runner_of(winter), by=None, at=NOW)
    assert refused.value.seat == winter.seat
    _held_before(winter, second)
    with pytest.raises(AlreadyRunning):
        confirm_seat(cohort=second, user=runner_of(winter), by=None, at=NOW)


def _fields(enrollment: Enrollment, cohort: Cohort, **changes: Any) -> dict[str, Any]:
    """Write a second seat as a shell would."""
    return {
        "cohort_id": cohort.pk,
        "capacity": cohort.capacity,
        "number": 2,
        "user_id": runner_of(enrollment).pk,
        "email": runner_of(enrollment).email,
        "state": SeatState.CONFIRMED,
        "held_at": NOW,
        "hold_ends_at": NOW,
        "confirmed_at": NOW,
        "end_reason": "",
    } | changes


def _held_before(enrollment: Enrollment, cohort: Cohort) -> Seat:
    """A hold that was there before the other seat was confirmed: made while Winter counted as over."""
    seat = Seat.objects.create(
        **_fields(enrollment, cohort, state="held", confirmed_at=None, held_at=OVER, over_on=cohort.over_on)
    )
    moments = {"held_at": NOW + timedelta(seconds=1), "hold_ends_at": NOW + timedelta(minutes=20)}
    Seat.objects.filter(pk=seat.pk).update(**moments)
    return seat


def insert(fields: dict[str, Any]) -> None:
    marks = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO challenge_seat ({', '.join(fields)}) VALUES ({marks})", [*fields.values()]
        )


WAYS: dict[str, Callable[[dict[str, Any]], object]] = {
    "create": lambda fields: Seat.objects.create(**fields),
    "bulk_create": lambda fields: Seat.objects.bulk_create([Seat(**fields)]),
    "raw SQL": insert,
    "raw SQL with a date of its own": lambda fields: insert(fields | {"over_on": date(2020, 1, 6)}),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("changes", [{}, {"state": "held", "confirmed_at": None}], ids=["confirmed", "held"])
def test_no_way_in_gives_a_runner_a_second_seat(
    winter: Enrollment, second: Cohort, way: str, changes: dict[str, Any]
) -> None:
    before = pages_of(winter)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        WAYS[way](_fields(winter, second, **changes))
    assert rule_of(refused) == RULE
    assert pages_of(winter) == before


def test_an_update_confirms_no_second_seat_and_frees_no_first(winter: Enrollment, second: Cohort) -> None:
    held = _held_before(winter, second)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Seat.objects.filter(pk=held.pk).update(state=SeatState.CONFIRMED, confirmed_at=NOW)
    assert rule_of(refused) == RULE
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Seat.objects.filter(pk=winter.seat_id).update(confirmed_at=OVER)
    assert rule_of(refused) == "seat_confirmed_once"
    Seat.objects.filter(pk=winter.seat_id).update(over_on=date(2026, 1, 5))
    assert Seat.objects.get(pk=winter.seat_id).over_on == date(2026, 3, 30)


def rule_of(refused: Any) -> str:
    return str(refused.value.__cause__.diag.constraint_name)


def test_who_withdrew_may_run_elsewhere(winter: Enrollment, second: Cohort) -> None:
    withdraw(seat=winter.seat, reason=EndReason.WITHDREW, by=None, at=NOW)
    assert enroll(cohort=second, user=runner_of(winter), at=NOW).seat.number == 1


def test_a_finished_challenge_frees_its_runner_when_its_last_sunday_is_over_everywhere(
    winter: Enrollment,
) -> None:
    spring = make_cohort(name="Spring", slug="spring", starts_on=date(2026, 4, 6))
    user = runner_of(winter)
    with pytest.raises(AlreadyRunning):
        hold_seat(cohort=spring, user=user, by=user, at=OVER - timedelta(seconds=1))
    with time_machine.travel(OVER, tick=False):
        phone = Client()
        sign_in_now(phone, user)
        assert phone.post("/join/").headers["Location"] == "/join/intake/"
        confirm_seat(cohort=spring, user=user, by=user, at=OVER)
    assert Seat.objects.filter(user=user, state=SeatState.CONFIRMED).count() == 2


def test_a_longer_challenge_binds_longer_while_it_may_still_change(winter: Enrollment) -> None:
    Cohort.objects.filter(pk=winter.cohort.pk).update(weeks=14)
    spring = make_cohort(name="Spring", slug="spring", starts_on=date(2026, 4, 6))
    with pytest.raises(AlreadyRunning, match="until April 12"):
        hold_seat(cohort=spring, user=runner_of(winter), by=None, at=OVER)


@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_make_one_runner() -> None:
    user = make_runner_user()
    cohorts = [make_cohort(starts_on=date(2026, 1, 12)) for _ in range(2)]
    for cohort in cohorts:
        hold_seat(cohort=cohort, user=user, by=user, at=NOW)
    gate, outcomes = threading.Barrier(2), list[str]()

    def confirm(cohort: Cohort) -> None:
        try:
            gate.wait(30)
            confirm_seat(cohort=cohort, user=user, by=user, at=NOW)
            outcomes.append("confirmed")
        except Exception as error:  # noqa: BLE001 - the test looks at every outcome
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=confirm, args=[cohort]) for cohort in cohorts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["AlreadyRunning", "confirmed"]
