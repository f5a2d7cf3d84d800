"""A cohort that has begun keeps its start, its weeks and its capacity against every change."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from challenge.enrollment.cohort_actions import begin_cohorts
from challenge.enrollment.models import Cohort
from challenge.weekly.decide import decide_due
from tests.conftest import NOW
from tests.factories.cohorts import STARTS, enroll, make_cohort
from tests.factories.people import make_runner_user, make_superuser, use_second_factor
from tests.factories.weekly import decide_week

pytestmark = pytest.mark.django_db
KEEPS, STAYS, CAPACITY = (
    "cohort_begun_keeps_its_dates",
    "cohort_begun_stays_begun",
    "cohort_capacity_written_once",
)
SENTENCE = "This cohort began on January 5, 2026"
SUNDAY = datetime(2026, 1, 4, 18, 0, tzinfo=UTC)  # noon in Chicago, Monday morning in Auckland
MIDNIGHT = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)  # in Chicago


@pytest.fixture
def begun() -> Cohort:
    cohort = make_cohort(opens_at=datetime(2025, 12, 15, 15, 0, tzinfo=UTC))
    enroll(cohort=cohort)
    begin_cohorts(at=NOW)
    cohort.refresh_from_db()
    return cohort


@pytest.fixture
def owner(client: Client) -> Client:
    user = make_superuser()
    client.force_login(user)
    use_second_factor(client, user)
    return client


def dates(cohort: Cohort) -> tuple[date, int, int]:
    row = Cohort.objects.get(pk=cohort.pk)
    return row.starts_on, row.weeks, row.capacity


def save(cohort: Cohort, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(cohort, name, value)
    cohort.save()


def bulk_update(cohort: Cohort, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(cohort, name, value)
    Cohort.objects.bulk_update([cohort], [*changes])


def raw(cohort: Cohort, changes: dict[str, Any]) -> None:
    put = ", ".join(f"{name} = %s" for name in changes)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE challenge_cohort SET {put} WHERE id = %s", [*changes.values(), cohort.pk])


def upsert(cohort: Cohort, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(cohort, name, value)
    Cohort.objects.bulk_create(
        [cohort], update_conflicts=True, unique_fields=["id"], update_fields=[*changes]
    )


WAYS: dict[str, Callable[[Cohort, dict[str, Any]], object]] = {
    "save": save,
    "update": lambda cohort, changes: Cohort.objects.filter(pk=cohort.pk).update(**changes),
    "bulk_update": bulk_update,
    "upsert": upsert,
    "raw SQL": raw,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"weeks": 4}, KEEPS),
        ({"weeks": 13}, KEEPS),
        ({"starts_on": STARTS + timedelta(weeks=1)}, KEEPS),
        ({"starts_on": STARTS - timedelta(weeks=1), "weeks": 13}, KEEPS),
        ({"capacity": 30}, CAPACITY),
        ({"begun_at": None}, STAYS),
        ({"begun_at": NOW + timedelta(days=30)}, STAYS),
        ({"begun_at": None, "weeks": 4}, STAYS),
    ],
    ids=["shorter", "longer", "later", "earlier", "seats", "not begun", "begun later", "both at once"],
)
def test_no_way_in_moves_a_begun_cohort(begun: Cohort, way: str, changes: dict[str, Any], rule: str) -> None:
    before = dates(begun)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        WAYS[way](begun, changes)
    cause: Any = refused.value.__cause__
    assert (cause.sqlstate, cause.diag.constraint_name) == ("23514", rule)
    assert dates(begun) == before


def test_what_fixes_no_date_may_still_change(begun: Cohort) -> None:
    Cohort.objects.filter(pk=begun.pk).update(name="Winter runners", is_public=False, closed_at=NOW)
    assert Cohort.objects.get(pk=begun.pk).name == "Winter runners"


def test_a_cohort_to_come_may_be_moved_and_its_seats_follow() -> None:
    cohort = make_cohort()
    seat = enroll(cohort=cohort).seat
    Cohort.objects.filter(pk=cohort.pk).update(starts_on=STARTS + timedelta(weeks=2), weeks=6)
    seat.refresh_from_db()
    assert seat.over_on == date(2026, 3, 2)


def test_a_cohort_begins_with_its_monday_on_the_clinics_clock() -> None:
    cohort = make_cohort()
    enroll(cohort=cohort)
    assert begin_cohorts(at=MIDNIGHT - timedelta(seconds=1)) == 0
    assert begin_cohorts(at=MIDNIGHT) == 1
    assert begin_cohorts(at=MIDNIGHT + timedelta(days=1)) == 0
    assert Cohort.objects.get(pk=cohort.pk).begun_at == MIDNIGHT


def test_a_runner_whose_monday_comes_first_begins_it() -> None:
    cohort = make_cohort()
    enroll(cohort=cohort, user=make_runner_user(time_zone="Pacific/Auckland"))
    assert begin_cohorts(at=SUNDAY - timedelta(hours=8)) == 0
    assert begin_cohorts(at=SUNDAY) == 1


@pytest.mark.parametrize("decide", ["due", "one"])
def test_the_first_decision_begins_the_cohort(decide: str) -> None:
    enrollment = enroll()
    at = datetime(2026, 1, 5, 13, 0, tzinfo=UTC)
    if decide == "due":
        decide_due(now=lambda: at)
    else:
        decide_week(enrollment=enrollment, week_starts_on=STARTS, at=at)
    assert Cohort.objects.get(pk=enrollment.cohort.pk).begun_at == at


def form_of(client: Client, cohort: Cohort) -> tuple[str, dict[str, Any]]:
    """The admin's page of the cohort and what a browser would send back of it."""
    address = reverse("admin:challenge_cohort_change", args=[cohort.pk])
    page = client.get(address)
    form = page.context["adminform"].form
    sent: dict[str, Any] = {}
    for field in form:
        value = field.value()
        if isinstance(value, datetime):
            local = timezone.localtime(value)
            sent |= {f"{field.name}_0": f"{local:%Y-%m-%d}", f"{field.name}_1": f"{local:%H:%M:%S}"}
        elif value not in (None, False):
            sent[field.name] = value
    for formset in page.context["inline_admin_formsets"]:
        manage = formset.formset.management_form
        sent |= {manage.add_prefix(name): manage[name].value() for name in manage.fields}
    return address, sent


@pytest.mark.parametrize("job_ran", [True, False])
@pytest.mark.parametrize(
    "changes", [{"weeks": "4"}, {"starts_on": "2026-02-02"}, {"starts_on": "2025-12-29"}]
)
def test_the_admin_says_beside_the_field_that_a_begun_cohort_keeps_its_dates(
    owner: Client, job_ran: bool, changes: dict[str, str]
) -> None:
    cohort = make_cohort()
    enroll(cohort=cohort)
    before = dates(cohort)
    with time_machine.travel(NOW, tick=False):
        if job_ran:
            begin_cohorts(at=NOW)
        address, sent = form_of(owner, cohort)
        page = owner.post(address, sent | {"name": "Twice typed"} | changes)
    assert page.status_code == 200
    (name, typed) = next(iter(changes.items()))
    assert SENTENCE in str(page.context["adminform"].form.errors[name])
    body = page.content.decode()
    assert f'value="{typed}"' in body
    assert "Twice typed" in body
    assert dates(cohort) == before
    assert Cohort.objects.get(pk=cohort.pk).begun_at == NOW


def test_the_admin_still_changes_the_name_of_a_begun_cohort(owner: Client, begun: Cohort) -> None:
    with time_machine.travel(NOW, tick=False):
        address, sent = form_of(owner, begun)
        assert "it keeps its start and its weeks" in owner.get(address).content.decode()
        answer = owner.post(address, sent | {"name": "Winter runners", "capacity": "40"})
    assert answer.status_code == 302
    assert Cohort.objects.get(pk=begun.pk).name == "Winter runners"
    assert dates(begun) == (STARTS, 12, 20)


def test_the_admin_moves_a_cohort_to_come_but_not_into_the_past(owner: Client) -> None:
    cohort = make_cohort(starts_on="2026-02-02")
    with time_machine.travel(NOW, tick=False):
        address, sent = form_of(owner, cohort)
        page = owner.post(address, sent | {"starts_on": "2025-02-03"})
        assert "That Monday has passed." in str(page.context["adminform"].form.errors["starts_on"])
        assert owner.post(address, sent | {"starts_on": "2026-02-09"}).status_code == 302
    assert dates(cohort)[0] == date(2026, 2, 9)


def test_looking_at_the_form_begins_nothing(owner: Client) -> None:
    cohort = make_cohort()
    with time_machine.travel(NOW, tick=False):
        form_of(owner, cohort)
    assert Cohort.objects.get(pk=cohort.pk).begun_at is None


def test_the_list_in_the_admin_deletes_no_begun_cohort_with_runners(owner: Client, begun: Cohort) -> None:
    chosen = {"action": "delete_selected", "_selected_action": [begun.pk], "post": "yes"}
    assert owner.post(reverse("admin:challenge_cohort_changelist"), chosen).status_code in {200, 302}
    assert dates(begun) == (STARTS, 12, 20)
