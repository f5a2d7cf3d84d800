"""Many ids as one value, and a collector that rests and wakes."""

import gc

import pytest

from challenge.db.bulk import paused_garbage_collection
from challenge.enrollment.models import Enrollment
from challenge.workouts.models import Run
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_run


@pytest.mark.django_db
def test_any_of_finds_what_in_finds_through_keys_and_joins() -> None:
    cohort = make_cohort()
    runners = [enroll(cohort=cohort) for _ in range(3)]
    for runner in runners:
        log_run(runner)
    ids = [runner.pk for runner in runners[:2]]
    assert set(Run.objects.filter(enrollment__any_of=ids)) == set(Run.objects.filter(enrollment__in=ids))
    assert list(Enrollment.objects.filter(pk__any_of=iter(ids)).order_by("pk")) == runners[:2]
    assert list(Enrollment.objects.exclude(pk__any_of=set(ids))) == runners[2:]
    seats = [runners[2].seat_id]
    assert Run.objects.filter(enrollment__seat__any_of=seats).get().enrollment == runners[2]
    assert not Run.objects.filter(enrollment__any_of=[]).exists()


def test_the_collector_rests_for_a_group_and_wakes_also_after_an_error() -> None:
    assert gc.isenabled()
    with paused_garbage_collection():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), paused_garbage_collection():
        _ = 1 / 0
    assert gc.isenabled()


def test_a_collector_that_rests_already_is_not_woken() -> None:
    with paused_garbage_collection(), paused_garbage_collection():
        pass
    gc.disable()
    try:
        with paused_garbage_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
