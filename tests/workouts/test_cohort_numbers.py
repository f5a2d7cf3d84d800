"""A runner's pages take every number from their own cohort, and call no pain at a joint fine."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from challenge.care.models import WeeklyTarget
from challenge.enrollment.cohort_parameters import sign_parameters
from challenge.enrollment.models import Enrollment
from challenge.protocol.parameters import CLINIC
from challenge.protocol.vocabulary import ComplaintStatus, ExerciseId
from challenge.protocol.weekly import decide
from challenge.weekly.email.messages import WeeklyEmail, weekly_message_of
from challenge.weekly.engine_inputs import gather_snapshots
from challenge.workouts.models import Run
from challenge.workouts.tags import next_step
from tests.factories.complaints import open_complaint
from tests.factories.log import DAY, log_run, log_strength
from tests.factories.weekly import make_target

pytestmark = pytest.mark.django_db
NOTE = "Pain at a joint is always a question for a clinician."
FINE = re.compile(r"0–\d+\s+fine")


@pytest.fixture
def sign(enrollment: Enrollment, clinician: Any) -> Any:
    """Return a function that changes the cohort's numbers from its first Monday on."""

    def signed(**altered: int) -> None:
        before = datetime(2026, 1, 2, 15, tzinfo=UTC)
        sign_parameters(cohort=enrollment.cohort, altered=altered, reason="Tried.", by=clinician, at=before)

    return signed


def text(phone: Client, address: str) -> str:
    page = phone.get(address)
    assert page.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def test_the_pain_lanes_begin_amber_where_the_cohort_does(
    phone: Client, enrollment: Enrollment, sign: Any
) -> None:
    log_run(enrollment, pain=4)
    assert "4 of 10, acceptable" in phone.get("/progress/").content.decode()
    sign(amber_from=5)
    assert "4 of 10, fine" in phone.get("/progress/").content.decode()


def test_the_cadence_chart_ends_at_the_cap_of_the_cohort(
    phone: Client, enrollment: Enrollment, sign: Any
) -> None:
    log_run(enrollment, cadence_spm=164)
    sign(cap_spm=186)
    assert phone.get("/progress/").context["cadence"].goal_spm == 186


def test_a_run_is_on_target_by_the_margin_of_the_cohort(
    phone: Client, enrollment: Enrollment, sign: Any
) -> None:
    make_target(enrollment)
    log_run(enrollment, cadence_spm=163)
    assert not phone.get("/progress/").context["progress"].runs[0].on_target
    sign(on_target_margin_spm=6)
    assert phone.get("/progress/").context["progress"].runs[0].on_target


def test_the_days_at_a_dose_are_counted_to_the_number_of_the_cohort(
    phone: Client, enrollment: Enrollment, sign: Any
) -> None:
    make_target(enrollment)
    sign(step_after_sessions=4)
    session = log_strength(enrollment)
    assert "of 4 days at this dose" in text(phone, f"/log/strength/done/{session.pk}/")


def test_after_the_end_and_in_the_last_email_a_run_grows_by_the_cohorts_percent(
    phone: Client, enrollment: Enrollment, sign: Any
) -> None:
    sign(long_run_percent=115, long_run_days=28)
    over = enrollment.cohort.over_on
    at = datetime.combine(over, datetime.min.time(), UTC) + timedelta(hours=18)
    with time_machine.travel(at, tick=False):
        page = text(phone, "/today/")
    assert "15%" in page
    assert "10%" not in page
    parameters = replace(CLINIC, long_run_percent=115, long_run_days=28)
    snapshot = gather_snapshots([enrollment], week_starts_on=over, at=at)[enrollment.pk]
    email = WeeklyEmail(enrollment, decide(snapshot, parameters), snapshot, "#", parameters=parameters)
    message = weekly_message_of(email)
    assert message is not None
    assert message.personal["long_run_days"] == 28


@pytest.mark.parametrize("address", ["/log/run/", "/log/morning/?on=2026-01-06", "/log/strength/by-hand/"])
@pytest.mark.parametrize("site", ["knee", "ankle", "lower_back"])
def test_nothing_is_fine_for_a_runner_whose_joint_hurts(
    phone: Client, enrollment: Enrollment, address: str, site: str
) -> None:
    assert FINE.search(text(phone, address))
    complaint = open_complaint(enrollment, site, "")
    page = text(phone, address)
    assert not FINE.search(page)
    assert NOTE in page
    type(complaint).objects.update(status=ComplaintStatus.PAST)
    assert FINE.search(text(phone, address))


def test_a_tendon_is_fine_at_3_and_a_joint_in_the_log_is_not(phone: Client, enrollment: Enrollment) -> None:
    open_complaint(enrollment)
    log_run(enrollment, pain=2)
    assert FINE.search(text(phone, "/log/run/"))
    assert "2 of 10, fine" in phone.get("/progress/").content.decode()
    log_run(enrollment, DAY - timedelta(days=1), pain=5, site="knee", side="left")
    assert not FINE.search(text(phone, "/log/run/"))
    assert "2 of 10, low" in phone.get("/progress/").content.decode()


def test_where_the_place_is_still_open_nothing_is_called_fine(phone: Client) -> None:
    page = text(phone, "/me/complaints/")
    assert not FINE.search(page)
    assert NOTE in page


def test_a_side_of_the_lower_back_is_ignored_and_the_entry_saved(phone: Client) -> None:
    values = {"local_on": "2026-01-07", "distance_m": "3.1", "duration_s_m": "30", "pain": "5"}
    phone.post("/log/run/", values | {"site": "lower_back", "side": "left"})
    assert [(run.site, run.side) for run in Run.objects.all()] == [("lower_back", "")]


def test_an_old_reason_of_a_revision_shows_as_words(phone: Client, enrollment: Enrollment) -> None:
    make_target(enrollment)
    assert WeeklyTarget(because="joint").get_because_display() == "pain at a joint"


def test_the_next_step_of_the_plan_says_each_leg(phone: Client, enrollment: Enrollment) -> None:
    line = {"exercise": ExerciseId.HEAVY_CALF_RAISE.value, "form": "standard", "sets": 3, "step": 0}
    assert next_step(line) == "3 × 7 each leg, the sore one first, one notch heavier"
    assert next_step(line | {"form": "easier"}) == "3 × 7, one notch heavier"


def test_the_guide_speaks_in_the_readers_own_numbers_and_says_whose_they_are(
    phone: Client, enrollment: Enrollment, sign: Any
) -> None:
    sign(cap_spm=186, amber_from=5)
    assert "186" in text(phone, "/guide/cadence/")
    assert "180" not in text(phone, "/guide/cadence/")
    assert "0–4" in text(phone, "/guide/pain/")
    assert "those of your challenge" in text(phone, "/guide/pain/")
    visitor = Client()
    assert "180" in text(visitor, "/guide/cadence/")
    assert "the clinic’s usual ones" in text(visitor, "/guide/cadence/")


def test_the_phone_keeps_the_cohorts_bands_of_pain(phone: Client, sign: Any) -> None:
    """The page without user data cannot know them: the script of the runner's own pages remembers them for it."""
    sign(amber_from=5)
    assert f'data-bands="5 {CLINIC.red_from}"' in phone.get("/log/run/").content.decode()
    assert "data-bands" not in Client().get("/").content.decode()
