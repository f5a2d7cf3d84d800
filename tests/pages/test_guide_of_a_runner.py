"""A signed-in runner finds the guide in the forms that they may do now."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from challenge.care.complaint_models import RunnerComplaint
from challenge.care.complaints import approve_track
from challenge.care.models import WeeklyTarget
from challenge.enrollment.models import Enrollment
from tests.factories.cohorts import enroll
from tests.factories.complaints import open_complaint
from tests.factories.people import make_clinician
from tests.factories.weekly import make_target
from tests.weekly.conftest import MONDAY, SIX

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with time_machine.travel(SIX, tick=False):
        yield


@pytest.fixture
def runner(db: None) -> Enrollment:
    """With a knee that hurts now."""
    enrolled = enroll()
    open_complaint(enrolled, "knee", at=SIX)
    return enrolled


@pytest.fixture
def phone(client: Client, runner: Enrollment) -> Client:
    assert runner.seat.user is not None
    client.force_login(runner.seat.user)
    return client


@pytest.mark.parametrize("address", ["/guide/", "/guide/phases/"])
def test_the_lists_link_the_forms_that_spare_the_knee(phone: Client, address: str) -> None:
    page = phone.get(address).content.decode()
    assert 'href="/guide/split_squat_calf_raise/easier/"' in page
    assert 'href="/guide/split_squat_calf_raise/"' not in page
    assert "/guide/step_down/" not in page, "it loads the knee, and nobody approved it"
    visitors = Client().get(address).content.decode()
    assert 'href="/guide/split_squat_calf_raise/"' in visitors
    assert 'href="/guide/step_down/"' in visitors


def test_an_exercise_of_a_track_opens_once_the_week_holds_it(phone: Client, runner: Enrollment) -> None:
    assert phone.get("/guide/wall_sit/").status_code == 404
    decision = make_target(runner, monday=MONDAY).decision
    assert phone.get("/guide/wall_sit/").status_code == 404
    line = decision["exercises"][0] | {"exercise": "wall_sit", "form": "standard"}
    store_decision(runner, decision | {"exercises": [line]})
    assert phone.get("/guide/wall_sit/").status_code == 404, "no clinician has approved the track"
    approve_track(
        complaint=RunnerComplaint.objects.get(),
        approved=True,
        reason="Ready.",
        on=MONDAY,
        by=make_clinician(),
        at=SIX,
    )
    page = phone.get("/guide/wall_sit/")
    assert page.status_code == 200
    assert "/guide/wall_sit/" in phone.get("/guide/").content.decode()


def test_the_form_that_the_week_decided_goes_before_the_standard_one(
    phone: Client, runner: Enrollment
) -> None:
    decision = make_target(runner, monday=MONDAY).decision
    line = decision["exercises"][0] | {"exercise": "heavy_calf_raise", "form": "flat"}
    store_decision(runner, decision | {"exercises": [line]})
    page = phone.get("/guide/heavy_calf_raise/").content.decode()
    assert "One leg on the flat floor" in page
    assert "Forefoot on a step" not in page
    assert 'href="/guide/heavy_calf_raise/flat/"' in phone.get("/guide/").content.decode()
    assert "One leg on the flat floor" in phone.get("/guide/sheet/2/").content.decode()


def store_decision(runner: Enrollment, decision: dict[str, Any]) -> None:
    """Store a second revision of the week with this decision."""
    row = WeeklyTarget.objects.get(enrollment=runner)
    row.pk, row.revision, row.decision, row._state.adding = None, 2, decision, True
    row.save()
