"""The cap holds at the database, whatever the code does: every way in, one test each."""

import csv
import io
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.contrib import admin
from django.db import IntegrityError, connection, transaction
from django.test import Client, RequestFactory

from challenge.accounts.models import User
from challenge.enrollment.actions import CohortClosed, hold_seat, withdraw
from challenge.enrollment.models import Cohort, EndReason, Enrollment, LedgerEntry, Seat, SeatState
from tests.conftest import NOW
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_runner_user, make_superuser, use_second_factor

pytestmark = pytest.mark.django_db

COLUMNS = (
    "cohort_id, capacity, number, user_id, email, state, held_at, hold_ends_at, confirmed_at, end_reason"
)


def one_more(cohort: Cohort, **changes: Any) -> dict[str, Any]:
    """Return the fields of a further seat, as a shell would write them."""
    user = make_runner_user()
    return {
        "cohort_id": cohort.pk,
        "capacity": cohort.capacity,
        "number": cohort.capacity + 1,
        "user_id": user.pk,
        "email": user.email,
        "state": SeatState.CONFIRMED,
        "held_at": NOW,
        "hold_ends_at": NOW,
        "confirmed_at": NOW,
        "end_reason": "",
    } | changes


def insert(fields: dict[str, Any]) -> None:
    names = ", ".join(fields)
    marks = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO challenge_seat ({names}) VALUES ({marks})", list(fields.values()))


def copy_in(fields: dict[str, Any]) -> None:
    line = io.StringIO()
    # An empty cell without quotes is a NULL: COPY would fail for that, and not for the twenty-first runner.
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(fields.values())
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY challenge_seat ({', '.join(fields)}) FROM STDIN (FORMAT csv)") as copy,
    ):
        copy.write(line.getvalue())


def rule_of(refused: Any) -> str:
    """The name of the promise that was broken; COPY shows psycopg's own error, everything else Django's."""
    error = refused.value
    return str((error.__cause__ or error).diag.constraint_name)


def runners_of(cohort: Cohort) -> list[tuple[int, int | None, str]]:
    return list(Seat.objects.filter(cohort=cohort).order_by("pk").values_list("number", "user_id", "state"))


@pytest.fixture
def taken() -> Cohort:
    """Twenty seats of twenty, confirmed, and therefore closed."""
    cohort = make_cohort()
    for _ in range(20):
        enroll(cohort=cohort)
    return cohort


@pytest.fixture
def held() -> Cohort:
    """Nineteen confirmed and one held: full, but not closed yet."""
    cohort = make_cohort()
    for _ in range(19):
        enroll(cohort=cohort)
    hold_seat(cohort=cohort, user=make_runner_user(), by=None, at=NOW)
    return cohort


@pytest.mark.parametrize(
    ("full", "number", "rule"),
    [
        ("taken", 20, "seat_cohort_is_closed"),
        ("taken", 21, "seat_cohort_is_closed"),
        ("held", 20, "seat_number_once"),
        ("held", 21, "seat_number_within_capacity"),
    ],
)
@pytest.mark.parametrize(
    "way",
    [
        lambda fields: Seat.objects.create(**fields),
        lambda fields: Seat(**fields).save(force_insert=True),
        lambda fields: Seat.objects.bulk_create([Seat(**fields)]),
        insert,
        copy_in,
    ],
    ids=["create", "shell", "bulk_create", "raw SQL", "COPY"],
)
def test_no_way_in_makes_a_twenty_first_runner(
    full: str, number: int, rule: str, way: Any, request: pytest.FixtureRequest
) -> None:
    cohort = request.getfixturevalue(full)
    before = runners_of(cohort)
    with pytest.raises((IntegrityError, psycopg.IntegrityError)) as refused, transaction.atomic():
        way(one_more(cohort, number=number))
    assert rule_of(refused) == rule
    assert runners_of(cohort) == before


def test_bulk_create_ignoring_conflicts_adds_no_seat(held: Cohort) -> None:
    before = runners_of(held)
    Seat.objects.bulk_create([Seat(**one_more(held, number=20))], ignore_conflicts=True)
    assert runners_of(held) == before
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Seat.objects.bulk_create([Seat(**one_more(held, number=21))], ignore_conflicts=True)
    assert rule_of(refused) == "seat_number_within_capacity"


def test_update_cannot_bring_a_runner_over_from_another_cohort(taken: Cohort) -> None:
    stranger = enroll(cohort=make_cohort())
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Seat.objects.filter(pk=stranger.seat_id).update(cohort=taken, number=20)
    assert rule_of(refused) == "seat_does_not_move"


def test_a_seat_does_not_change_its_number() -> None:
    enrollment = enroll()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Seat.objects.filter(pk=enrollment.seat_id).update(number=7)
    assert rule_of(refused) == "seat_does_not_move"


def test_the_admin_offers_no_way_to_add_change_or_delete_a_seat(taken: Cohort) -> None:
    request = RequestFactory().get("/admin/")
    request.user = make_superuser()
    page = admin.site._registry[Seat]
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        page.save_model(request, Seat(**one_more(taken)), None, False)
    assert rule_of(refused) == "seat_cohort_is_closed"
    with pytest.raises(Exception, match=r"protected|never deleted"), transaction.atomic():
        page.delete_queryset(request, Seat.objects.filter(cohort=taken))
    assert Seat.objects.filter(cohort=taken, state=SeatState.CONFIRMED).count() == 20


def test_the_admins_own_pages_take_no_seat_from_a_superuser(client: Client, taken: Cohort) -> None:
    user, before = make_superuser(), runners_of(taken)
    client.force_login(user)
    use_second_factor(client, user)
    seat = Seat.objects.filter(cohort=taken).first()
    assert seat is not None
    page = f"/admin/challenge/seat/{seat.pk}"
    assert client.get(f"{page}/change/").status_code == 200
    sent = {name: str(value) for name, value in one_more(taken, number=20).items()}
    for path in ("/admin/challenge/seat/add/", f"{page}/change/", f"{page}/delete/"):
        assert client.post(path, sent | {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [seat.pk], "post": "yes"}
    client.post("/admin/challenge/seat/", chosen)
    assert runners_of(taken) == before


@pytest.mark.parametrize("forged", [21, 1000])
def test_a_forged_capacity_on_the_seat_is_refused(held: Cohort, forged: int) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert(one_more(held, capacity=forged, number=21))
    assert rule_of(refused) == "seat_repeats_the_capacity"


def test_a_forged_capacity_on_an_existing_seat_is_refused(held: Cohort) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Seat.objects.filter(cohort=held).update(capacity=21)
    assert rule_of(refused) == "seat_repeats_the_capacity"


@pytest.mark.parametrize("capacity", [1, 19, 21])
def test_the_capacity_of_an_open_cohort_stays_once_someone_has_held_a_seat(capacity: int) -> None:
    cohort, user = make_cohort(), make_runner_user()
    hold_seat(cohort=cohort, user=user, by=user, at=cohort.opens_at)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Cohort.objects.filter(pk=cohort.pk).update(capacity=capacity)
    assert rule_of(refused) == "cohort_capacity_written_once"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"capacity": 21}, "cohort_capacity_written_once"),
        ({"capacity": 1}, "cohort_capacity_written_once"),
        ({"closed_at": None}, "cohort_closed_stays_closed"),
        ({"closed_at": NOW + timedelta(days=9)}, "cohort_closed_stays_closed"),
    ],
    ids=["raised", "lowered", "reopened", "closed later"],
)
def test_a_closed_cohort_cannot_be_changed_back(change: dict[str, object], rule: str) -> None:
    cohort = make_cohort(capacity=2)
    enroll(cohort=cohort)
    enroll(cohort=cohort)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Cohort.objects.filter(pk=cohort.pk).update(**change)
    assert rule_of(refused) == rule


def test_the_last_confirmation_closes_the_cohort_for_good() -> None:
    cohort = make_cohort(capacity=2)
    enroll(cohort=cohort)
    last = enroll(cohort=cohort)
    cohort.refresh_from_db()
    assert cohort.closed_at == last.seat.confirmed_at
    withdraw(seat=last.seat, reason=EndReason.WITHDREW, by=None, at=NOW)
    with pytest.raises(CohortClosed):
        hold_seat(cohort=cohort, user=make_runner_user(), by=None, at=NOW)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Seat.objects.create(**one_more(cohort, number=2))
    assert rule_of(refused) == "seat_cohort_is_closed"


@pytest.mark.parametrize("state", [SeatState.CONFIRMED, SeatState.HELD])
def test_an_ended_seat_is_not_revived(state: SeatState) -> None:
    seat = withdraw(seat=enroll().seat, reason=EndReason.MEDICAL, by=None, at=NOW)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Seat.objects.filter(pk=seat.pk).update(state=state, ended_at=None, end_reason="")
    assert rule_of(refused) == "seat_ended_stays_ended"


def test_a_confirmed_seat_does_not_become_a_hold_again() -> None:
    seat = enroll().seat
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Seat.objects.filter(pk=seat.pk).update(state=SeatState.HELD, confirmed_at=None)
    assert rule_of(refused) == "seat_confirmed_is_not_held_again"


def test_the_person_on_a_seat_may_be_erased_and_never_swapped() -> None:
    seat, other = enroll().seat, make_runner_user()
    for _ in range(2):
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            Seat.objects.filter(pk=seat.pk).update(user=other)
        assert rule_of(refused) == "seat_keeps_its_person"
        Seat.objects.filter(pk=seat.pk).update(user=None, email="")


def test_a_seat_is_never_deleted_and_refilled() -> None:
    enrollment = enroll()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Seat.objects.filter(pk=enrollment.seat_id)._raw_delete("default")
    assert rule_of(refused) == "seat_is_never_deleted"
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert(one_more(enrollment.seat.cohort, number=enrollment.seat.number))
    assert rule_of(refused) == "seat_number_once"


@pytest.mark.parametrize("same", ["user_id", "email"])
def test_a_second_seat_for_one_person_is_refused(same: str) -> None:
    seat = enroll().seat
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert(one_more(seat.cohort, number=2, **{same: getattr(seat, same)}))
    assert rule_of(refused) == ("seat_one_per_person" if same == "user_id" else "seat_one_per_address")


def test_one_seat_number_is_given_once() -> None:
    seat = enroll().seat
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert(one_more(seat.cohort, number=1))
    assert rule_of(refused) == "seat_number_once"


@pytest.mark.parametrize("number", [0, 21])
def test_a_seat_number_lies_between_one_and_the_capacity(number: int) -> None:
    cohort = make_cohort()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert(one_more(cohort, number=number))
    assert rule_of(refused) == "seat_number_within_capacity"


def test_a_cohort_with_seats_is_not_deleted(taken: Cohort) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Cohort.objects.filter(pk=taken.pk)._raw_delete("default")
    assert Enrollment.objects.filter(seat__cohort=taken).count() == 20


@pytest.mark.parametrize("statement", ["UPDATE {t} SET reason = 'x'", "DELETE FROM {t}"])
def test_the_ledger_is_written_once(statement: str) -> None:
    enroll()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        connection.cursor().execute(statement.format(t=LedgerEntry._meta.db_table))
    assert rule_of(refused) == "challenge_ledgerentry_append_only"


def test_a_runner_is_erased_and_the_seat_stays_theirs_without_a_name() -> None:
    seat = enroll().seat
    User.objects.filter(seats=seat).update(is_active=False)
    Seat.objects.filter(pk=seat.pk).update(user=None, email="")
    assert Seat.objects.get(pk=seat.pk).state == SeatState.CONFIRMED
