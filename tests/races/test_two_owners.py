"""Two owners at the same moment: one of them is told, and nothing is left that the guards forbid."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client

from challenge.accounts.models import User
from challenge.enrollment.cohort_actions import begin_cohorts
from challenge.enrollment.models import Cohort, CohortClinician
from tests.conftest import NOW
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_clinician, make_owner, use_second_factor
from tests.pages.test_next_cohort import as_typed

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = "/admin/cohorts/next/"


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do all acts in threads of their own; return what each returned, or the name of the rule that refused it."""
    results: list[object] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            results[place] = act()
        except IntegrityError as error:
            results[place] = error.__cause__.diag.constraint_name  # type: ignore[union-attr]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)
    return results


def take_off_each_one() -> tuple[list[object], int]:
    """Two clinicians of a running cohort, each taken off by another owner; return the answers and how many are left."""
    cohort = enroll().cohort
    rows = [CohortClinician.objects.create(cohort=cohort, user=make_clinician()) for _ in range(2)]
    begin_cohorts(at=NOW)
    both = threading.Barrier(2, timeout=20)

    def take_off(row: CohortClinician) -> object:
        with transaction.atomic():
            CohortClinician.objects.count()
            both.wait()
            return CohortClinician.objects.filter(pk=row.pk).delete()[0]

    answers = at_once(lambda: take_off(rows[0]), lambda: take_off(rows[1]))
    return answers, CohortClinician.objects.filter(cohort=cohort).count()


def test_two_owners_who_each_take_off_a_clinician_leave_one() -> None:
    answers, left = take_off_each_one()
    assert sorted(answers, key=str) == [1, "last_clinician_stays"]
    assert left == 1


def test_without_the_trigger_no_one_would_be_left() -> None:
    """The negative control: the guard, and not luck, keeps the last clinician."""
    switch = "ALTER TABLE challenge_cohortclinician %s TRIGGER USER"
    with connection.cursor() as cursor:
        cursor.execute(switch % "DISABLE")
    try:
        assert take_off_each_one() == ([1, 1], 0)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(switch % "ENABLE")


def owner() -> Client:
    client, user = Client(), make_owner()
    client.force_login(user)
    use_second_factor(client, user)
    return client


def planned() -> Cohort:
    person: User = make_clinician()
    cohort = make_cohort(slug="beta")
    CohortClinician.objects.create(cohort=cohort, user=person)
    return cohort


def test_two_owners_who_plan_the_same_cohort_make_one() -> None:
    planned()
    first, second = owner(), owner()
    sent = as_typed(first.get(NEXT), slug="spring")
    answers = at_once(
        *(lambda client=client: client.post(NEXT, sent).status_code for client in (first, second))
    )
    assert sorted(answers, key=str) == [302, 422]
    assert Cohort.objects.filter(slug="spring").count() == 1


def test_two_owners_who_move_the_same_start_do_not_overwrite_each_other() -> None:
    cohort = make_cohort(slug="spring", starts_on="2026-02-02")
    page, first, second = "/admin/cohorts/spring/", owner(), owner()
    sent = as_typed(first.get(page))

    def move(client: Client, monday: str) -> int:
        return client.post(page, sent | {"starts_on": monday}).status_code

    answers = at_once(lambda: move(first, "2026-02-09"), lambda: move(second, "2026-02-16"))
    assert sorted(answers, key=str) == [302, 422]
    cohort.refresh_from_db()
    assert str(cohort.starts_on) == ("2026-02-09" if answers[0] == 302 else "2026-02-16")
