"""Two clinicians decide at the same moment: the second learns what the first did, on real connections."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from challenge.accounts.models import User
from challenge.care.models import ClinicianOverride
from challenge.enrollment.models import CohortClinician, Enrollment
from challenge.review import actions
from challenge.review.decision_forms import CadenceForm
from challenge.review.queries import page_version
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_clinician
from tests.review.conftest import moment, monday

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 20
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


@pytest.fixture
def runner() -> Enrollment:
    cohort = make_cohort(starts_on=monday(1), opens_at=moment(monday(4)))
    return enroll(cohort=cohort)


def carer(runner: Enrollment) -> User:
    clinician = make_clinician()
    CohortClinician.objects.create(cohort=runner.cohort, user=clinician)
    return clinician


def decide_at_once(runner: Enrollment, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The errors of two decisions on the same page; the second begins while the first is between check and row."""
    first_is_inside, second_was_seen = threading.Event(), threading.Event()
    write = actions.set_cadence

    def slowly(**values: Any) -> ClinicianOverride:
        if values["cadence_spm"] == 150:
            first_is_inside.set()
            assert second_was_seen.wait(PATIENCE_S)
        return write(**values)

    monkeypatch.setattr(actions, "set_cadence", slowly)
    seen, errors = page_version(runner), [[""], [""]]
    deciders = [carer(runner), carer(runner)]

    def decide(which: int, spm: int) -> None:
        try:
            data = {"cadence_spm": spm, "reason": f"number {which}"}
            form = CadenceForm(data, enrollment=runner, today=timezone.localdate())
            form.run(seen=seen, by=deciders[which], at=timezone.now())
            errors[which] = [str(one) for one in form.non_field_errors()]
        finally:
            connection.close()

    first, second = (threading.Thread(target=decide, args=args) for args in ((0, 150), (1, 160)))
    first.start()
    assert first_is_inside.wait(PATIENCE_S)
    second.start()
    until(lambda: not second.is_alive() or waits_for_a_lock())
    second_was_seen.set()
    first.join(PATIENCE_S)
    second.join(PATIENCE_S)
    return errors


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])


def until(is_so: Callable[[], bool]) -> None:
    tick = threading.Event()
    for _ in range(PATIENCE_S * 50):
        if is_so():
            return
        tick.wait(0.02)
    pytest.fail("it never came to it")


def test_the_second_learns_it_and_decides_again(runner: Enrollment, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = decide_at_once(runner, monkeypatch)
    assert first == []
    assert second[0].startswith("Something changed since you opened this page")
    assert ClinicianOverride.objects.get().cadence_spm == 150


def test_without_the_lock_both_would_pass(runner: Enrollment, monkeypatch: pytest.MonkeyPatch) -> None:
    def unlocked(*, enrollment: Enrollment, seen: str) -> None:
        assert seen == page_version(enrollment)

    monkeypatch.setattr(actions, "check_page_is_fresh", unlocked)
    assert decide_at_once(runner, monkeypatch) == [[], []]
    assert ClinicianOverride.objects.count() == 2
