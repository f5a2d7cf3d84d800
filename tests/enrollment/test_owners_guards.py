"""What an owner cannot do by a click: through the form, a bulk change, the shell and SQL."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from challenge.accounts.models import AccessEntry, User
from challenge.accounts.roles import CLINICIAN, OWNER
from challenge.enrollment.cohort_actions import begin_cohorts
from challenge.enrollment.models import Cohort, CohortClinician, Enrollment
from tests.conftest import NOW
from tests.enrollment.test_begun_cohorts import bulk_update, form_of
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import (
    make_clinician,
    make_owner,
    make_runner_user,
    make_superuser,
    use_second_factor,
)

pytestmark = pytest.mark.django_db
LAST = "this is its last clinician"
OVER = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner(client: Client) -> Client:
    user = make_owner()
    client.force_login(user)
    use_second_factor(client, user)
    return client


@pytest.fixture
def running() -> CohortClinician:
    """A running cohort with one runner and one clinician."""
    runner = enroll()
    row = CohortClinician.objects.create(cohort=runner.cohort, user=make_clinician(name="Ada Moor"))
    begin_cohorts(at=NOW)
    return row


def rule_of(refused: Any) -> str:
    return str(refused.value.__cause__.diag.constraint_name)


# The last clinician

SQL_WAYS = {
    "close": "UPDATE challenge_user SET is_active = false WHERE id = %(user)s",
    "close everybody but owners": "UPDATE challenge_user SET is_active = false",
    "no staff": "UPDATE challenge_user SET is_staff = false WHERE id = %(user)s",
    "take the role": "DELETE FROM challenge_user_groups WHERE user_id = %(user)s",
    "another role": "UPDATE challenge_user_groups SET group_id = %(other)s WHERE user_id = %(user)s",
    "off the cohort": "DELETE FROM challenge_cohortclinician",
    "an owner instead": "UPDATE challenge_cohortclinician SET user_id = %(owner)s",
    "rename the role": "UPDATE auth_group SET name = 'therapist' WHERE name = 'clinician'",
}


@pytest.mark.parametrize("way", SQL_WAYS)
def test_sql_leaves_no_running_cohort_alone(running: CohortClinician, way: str) -> None:
    asked = {
        "user": running.user_id,
        "other": Group.objects.get(name=OWNER).pk,
        "owner": make_owner().pk if way == "an owner instead" else 0,
    }
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL_WAYS[way], asked)
    assert rule_of(refused) == "last_clinician_stays"


SHELL_WAYS: dict[str, Callable[[CohortClinician], object]] = {
    "delete": lambda row: row.delete(),
    "bulk delete": lambda row: CohortClinician.objects.all().delete(),
    "close": lambda row: User.objects.filter(pk=row.user_id).update(is_active=False),
    "clear roles": lambda row: row.user.groups.clear(),
    "delete the person": lambda row: row.user.delete(),
    "delete the role": lambda row: Group.objects.get(name=CLINICIAN).delete(),
}


@pytest.mark.parametrize("way", SHELL_WAYS)
def test_the_shell_leaves_no_running_cohort_alone(running: CohortClinician, way: str) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        SHELL_WAYS[way](running)
    assert rule_of(refused) == "last_clinician_stays"
    assert CohortClinician.objects.get().user.is_active


@pytest.mark.parametrize("way", SHELL_WAYS)
@pytest.mark.parametrize("free", ["another", "address", "not begun", "over"])
def test_it_is_free_where_someone_answers_or_no_one_runs(way: str, free: str) -> None:
    """The negative control of the trigger: each of four reasons frees every way."""
    row = CohortClinician.objects.create(cohort=enroll().cohort, user=make_clinician())
    if free != "not begun":
        begin_cohorts(at=NOW)
    if free == "over":
        begin_cohorts(at=OVER)
    if free == "address":
        Cohort.objects.update(flags_to_clinic_at=NOW)
    if free == "another":  # an emergency account counts, and no bulk way below takes it
        CohortClinician.objects.create(cohort=row.cohort, user=make_superuser())
    if (free, way) != ("another", "bulk delete"):
        SHELL_WAYS[way](row)


def test_the_confirmed_address_stays_while_there_is_no_clinician(running: CohortClinician) -> None:
    Cohort.objects.update(flags_to_clinic_at=NOW)
    running.delete()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Cohort.objects.update(flags_to_clinic_at=None)
    assert rule_of(refused) == "last_clinician_stays"


def account(user: User, **other: Any) -> tuple[str, dict[str, Any]]:
    sent = {"email": user.email, "name": user.name, "time_zone": user.time_zone, "is_active": "on"}
    groups = {"groups": list(user.groups.values_list("pk", flat=True))}
    values = {name: value for name, value in (sent | groups | other).items() if value != ""}
    return f"/admin/challenge/user/{user.pk}/change/", values


@pytest.mark.parametrize("field", ["is_active", "groups"])
def test_the_page_of_people_says_what_to_do_first(
    owner: Client, running: CohortClinician, field: str
) -> None:
    address, sent = account(running.user, **{field: ""}, name="Typed before")
    page = owner.post(address, sent)
    assert page.status_code == 200
    assert LAST in str(page.context["adminform"].form.errors[field])
    assert 'value="Typed before"' in page.content.decode()
    CohortClinician.objects.create(cohort=running.cohort, user=make_clinician())
    assert owner.post(address, sent).status_code == 302


def inline(row: CohortClinician, **other: str) -> dict[str, str]:
    first = {"id": str(row.pk), "cohort": str(row.cohort_id), "user": str(row.user_id)}
    sent = {f"clinicians-0-{name}": value for name, value in first.items()}
    return sent | {f"clinicians-{name}": value for name, value in other.items()}


def test_the_cohorts_page_keeps_the_last_clinician_and_takes_a_swap(
    owner: Client, running: CohortClinician
) -> None:
    address, sent = form_of(owner, running.cohort)
    gone = sent | inline(running, **{"0-DELETE": "on"})
    page = owner.post(address, gone | {"name": "Twice typed"})
    assert page.status_code == 200
    assert LAST in page.content.decode()
    assert 'value="Twice typed"' in page.content.decode()
    other = make_clinician()
    new = {"TOTAL_FORMS": "2", "1-user": str(other.pk), "1-cohort": str(running.cohort_id)}
    assert owner.post(address, gone | inline(running, **{"0-DELETE": "on"}, **new)).status_code == 302
    assert CohortClinician.objects.get().user == other


def test_a_person_without_the_role_is_no_replacement(owner: Client, running: CohortClinician) -> None:
    address, sent = form_of(owner, running.cohort)
    page = owner.post(address, sent | inline(running, **{"0-user": str(make_owner().pk)}))
    assert page.status_code == 200
    assert LAST in page.content.decode()


def test_confirming_the_address_frees_the_last_clinician(owner: Client, running: CohortClinician) -> None:
    address, sent = form_of(owner, running.cohort)
    assert "go to clinicians@" in owner.get(address).content.decode()
    freed = sent | inline(running, **{"0-DELETE": "on"}) | {"flags_to_clinic": "on"}
    assert owner.post(address, freed).status_code == 302
    assert not CohortClinician.objects.exists()
    address, sent = form_of(owner, running.cohort)
    sent.pop("flags_to_clinic")
    page = owner.post(address, sent)
    assert "Name one and save" in str(page.context["adminform"].form.errors["flags_to_clinic"])


# Dates, capacity, people


@pytest.fixture
def coming() -> Enrollment:
    """A runner of a cohort that begins in February."""
    return enroll(cohort=make_cohort(starts_on="2026-02-02"), user=make_runner_user(name="Kim Vale"))


@pytest.mark.parametrize("changes", [{"starts_on": "2026-02-09"}, {"weeks": "10"}])
def test_a_change_before_the_start_shows_whom_it_touches_and_asks(
    owner: Client, coming: Enrollment, changes: dict[str, str]
) -> None:
    address, sent = form_of(owner, coming.cohort)
    page = owner.post(address, sent | changes)
    assert page.status_code == 200
    assert "moves 1 runner with a seat: Kim Vale (bib 1)" in page.content.decode()
    assert AccessEntry.objects.filter(runner=coming.seat.user, what__contains="moved").exists()
    assert Cohort.objects.get(pk=coming.cohort.pk).weeks == 12
    assert owner.post(address, sent | changes | {"touches_people": "on"}).status_code == 302


def test_a_name_is_changed_without_a_question(owner: Client, coming: Enrollment) -> None:
    address, sent = form_of(owner, coming.cohort)
    assert owner.post(address, sent | {"name": "Spring"}).status_code == 302


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"opens_at_0": "2026-02-03", "opens_at_1": "09:00"}, "opens_at", "after the start"),
        ({"starts_on": "2026-01-05"}, "starts_on", "That Monday has passed"),
        ({"starts_on": "2062-02-06"}, "starts_on", "within three years"),
        ({"starts_on": "2026-02-03"}, "starts_on", "starts on a Monday"),
        ({"early_access_at_0": "2026-02-01", "early_access_at_1": "09:00"}, "early_access_at", "come first"),
        ({"capacity": "0"}, "capacity", "from 1 to 500"),
        ({"capacity": "10000"}, "capacity", "from 1 to 500"),
        ({"capacity": "501"}, "capacity", "from 1 to 500"),
        ({"capacity": "-3"}, "capacity", "greater than or equal to 0"),
        ({"weeks": "53"}, "weeks", "from 1 to 52"),
    ],
)
def test_bad_plans_are_refused_beside_the_field(
    owner: Client, changes: dict[str, str], field: str, sentence: str
) -> None:
    cohort = make_cohort(starts_on="2026-02-02")
    address, sent = form_of(owner, cohort)
    page = owner.post(address, sent | changes)
    assert page.status_code == 200
    assert sentence in str(page.context["adminform"].form.errors[field])


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"capacity": 501}, "cohort_capacity_at_most_500"),
        ({"capacity": 0}, "cohort_capacity_in_range"),
        ({"opens_at": datetime(2026, 2, 4, tzinfo=UTC)}, "cohort_opens_before_it_starts"),
        ({"starts_on": date(2025, 12, 29)}, "cohort_opens_before_it_starts"),
        ({"early_access_at": datetime(2026, 2, 1, tzinfo=UTC)}, "cohort_early_access_first"),
    ],
)
@pytest.mark.parametrize("way", ["create", "update", "bulk_update"])
def test_the_database_refuses_bad_plans(changes: dict[str, Any], rule: str, way: str) -> None:
    cohort = make_cohort(starts_on=date(2026, 2, 2))
    plan = {"starts_on": date(2026, 2, 2), "opens_at": cohort.opens_at} | changes
    ways: dict[str, Callable[[], object]] = {
        "create": lambda: make_cohort(**plan),
        "update": lambda: Cohort.objects.filter(pk=cohort.pk).update(**changes),
        "bulk_update": lambda: bulk_update(cohort, changes),
    }
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        ways[way]()
    assert rule_of(refused) == rule


def test_before_anyone_has_joined_everything_changes_and_the_cohort_goes(owner: Client) -> None:
    cohort = make_cohort(starts_on="2026-02-02")
    address, sent = form_of(owner, cohort)
    assert owner.post(address, sent | {"capacity": "30", "starts_on": "2026-02-09"}).status_code == 302
    assert Cohort.objects.get().capacity == 30
    gone = owner.post(reverse("admin:challenge_cohort_delete", args=[cohort.pk]), {"post": "yes"})
    assert gone.status_code == 302
    assert not Cohort.objects.exists()


def test_once_someone_held_a_seat_the_capacity_and_the_cohort_stay(owner: Client, coming: Enrollment) -> None:
    address, sent = form_of(owner, coming.cohort)
    owner.post(address, sent | {"capacity": "30"})
    assert Cohort.objects.get().capacity == 20
    page = reverse("admin:challenge_cohort_delete", args=[coming.cohort.pk])
    assert owner.post(page, {"post": "yes"}).status_code == 403
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM challenge_cohort WHERE id = %s", [coming.cohort.pk])
    assert rule_of(refused) == "cohort_with_a_history_stays"


def test_no_bulk_action_deletes_cohorts(owner: Client) -> None:
    cohort = make_cohort(starts_on="2026-02-02")
    chosen = {"action": "delete_selected", "_selected_action": [cohort.pk], "post": "yes"}
    owner.post(reverse("admin:challenge_cohort_changelist"), chosen)
    assert Cohort.objects.exists()


def test_two_owners_at_once_do_not_overwrite_each_other(owner: Client) -> None:
    cohort = make_cohort(starts_on="2026-02-02", name="Spring")
    address, sent = form_of(owner, cohort)
    assert owner.post(address, sent | {"name": "By the first"}).status_code == 302
    page = owner.post(address, sent | {"name": "By the second"})
    assert page.status_code == 200
    body = page.content.decode()
    assert "A colleague changed this cohort" in body
    assert "By the first" in body
    assert 'value="By the second"' in body
    again = sent | {"as_shown": page.context["adminform"].form["as_shown"].value()}
    assert owner.post(address, again | {"name": "By the second"}).status_code == 302


def test_a_cohort_is_over_when_its_last_sunday_has_ended_everywhere(running: CohortClinician) -> None:
    begin_cohorts(at=OVER - timedelta(days=2))
    assert Cohort.objects.get().over_at is None
    begin_cohorts(at=OVER)
    assert Cohort.objects.get().over_at == OVER
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Cohort.objects.update(over_at=None)
    assert rule_of(refused) == "cohort_over_stays_over"
