"""What /today/ says of a run that went too far and of red pain, and what it asks for next."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from challenge.care.actions import raise_flag
from challenge.enrollment.models import Enrollment
from challenge.intake.models import Intake
from challenge.protocol.entries import RunInput
from challenge.protocol.snapshot import IntakeInput
from challenge.protocol.vocabulary import FlagKind
from challenge.workouts.distances import distance_text
from tests.factories.log import DAY, log_morning, log_run, log_strength
from tests.factories.weekly import make_target
from tests.repository.instructions import words_of

WEDNESDAY = date(2026, 1, 7)
MILES_5, MILES_40 = 8047, 64374


def a_run(**changed: Any) -> dict[str, Any]:
    run = {"local_on": f"{WEDNESDAY}", "distance_m": "3.1", "duration_s_m": "30", "pain": "1"}
    return run | {"key": str(uuid.uuid4())} | changed


def today(phone: Client) -> str:
    return words_of(phone.get("/today/").content.decode())


def items(phone: Client) -> list[str]:
    """Return the lines of the week that are open, in their order."""
    html = phone.get("/today/").content.decode()
    found = re.findall(r'<li class="open.*?</li>', html, re.DOTALL)
    return [words_of(item).strip().removeprefix("To do: ") for item in found]


@pytest.fixture
def ran_five_before(enrollment: Enrollment, now: datetime) -> Enrollment:
    """With a longest run of five miles, and no target yet."""
    Intake.objects.create(
        enrollment=enrollment, answered_at=now - timedelta(days=9), answered_on=DAY - timedelta(days=9),
        is_adult=True, longest_run_m=MILES_5,
    )  # fmt: skip
    log_run(enrollment, DAY - timedelta(days=3), distance_m=MILES_5)
    return enrollment


@pytest.fixture
def ran_five(ran_five_before: Enrollment) -> Enrollment:
    """With a target, and a longest run of five miles."""
    make_target(ran_five_before)
    return ran_five_before


def test_a_run_beyond_the_limit_is_answered_on_the_screen_that_saves_it(
    phone: Client, ran_five: Enrollment
) -> None:
    answer = phone.post("/log/run/", a_run(distance_m="40", duration_s_h="7"), follow=True)
    words = words_of(answer.content.decode())
    assert (
        "You ran 40.0 mi, far beyond your limit of 5.5 mi. Take tomorrow off, and no hills this week."
        in words
    )
    assert "more than twice your longest run of the last 30 days" in words


def test_it_stays_for_the_day_and_offers_no_other_run(
    phone: Client, ran_five: Enrollment, now: datetime
) -> None:
    log_run(ran_five, WEDNESDAY, distance_m=MILES_40, duration_s=25200, at=now)
    assert "You ran 40.0 mi, far beyond your limit of 5.5 mi" in today(phone)
    assert "nother run" not in today(phone)
    assert items(phone)[0].startswith("Tomorrow: a day off")


def test_a_run_has_one_distance_wherever_the_page_names_it(
    phone: Client, ran_five: Enrollment, now: datetime
) -> None:
    log_run(ran_five, WEDNESDAY, distance_m=64_000, duration_s=25200, at=now)  # 39.77 miles
    assert today(phone).count("39.7 mi") >= 2
    assert "39.8 mi" not in today(phone)


def test_the_day_after_is_the_day_off(phone: Client, ran_five: Enrollment) -> None:
    log_run(ran_five, DAY, distance_m=MILES_40, duration_s=25200)
    assert "Yesterday was a lot: take today off" in today(phone)
    assert items(phone)[0].startswith("Today: a day off")


def test_a_run_inside_the_limit_is_just_saved(phone: Client, ran_five: Enrollment) -> None:
    answer = phone.post("/log/run/", a_run(distance_m="5.2", duration_s_m="50"), follow=True)
    words = words_of(answer.content.decode())
    assert "Run saved: 5.2 mi" in words
    assert " mi of " not in words
    assert "day off" not in words


def test_a_late_run_beyond_the_limit_is_said_once(phone: Client, ran_five: Enrollment) -> None:
    late = a_run(distance_m="12", duration_s_h="2", local_on=f"{DAY - timedelta(days=1)}")
    assert "more than twice your longest run" in words_of(
        phone.post("/log/run/", late, follow=True).content.decode()
    )
    assert "more than twice" not in today(phone)


def test_red_pain_looks_like_what_it_is_and_stays(phone: Client, ran_five: Enrollment) -> None:
    red = a_run(pain="7", site="achilles", side="left")
    words = words_of(phone.post("/log/run/", red, follow=True).content.decode())
    assert "7 out of 10 is red: your left Achilles" in words
    assert "Rest from running tomorrow." in today(phone)
    assert items(phone)[0].startswith("Tomorrow: a day off")
    assert not any(re.search(r"\brun\b", item, re.IGNORECASE) for item in items(phone))


def test_a_red_morning_is_a_day_off_already(phone: Client, ran_five: Enrollment) -> None:
    log_morning(ran_five, WEDNESDAY, pain=7, site="calf")
    assert "No run today." in today(phone)
    log_run(ran_five, WEDNESDAY, pain=8, site="calf")
    assert "No run today." not in today(phone)


def test_red_pain_asks_for_no_step_up_beside_it(phone: Client, enrollment: Enrollment) -> None:
    make_target(enrollment, baseline_spm=182)
    calm = today(phone)
    assert "what’s changing now" in calm
    assert "is on step 1 of" in calm
    log_run(enrollment, WEDNESDAY, pain=7, site="calf")
    red = today(phone)
    assert "Leave out jumps, hills and heavy lifts" in red
    assert "is on step 1 of" not in red


def test_red_pain_of_yesterday_stays_until_the_next_report(phone: Client, ran_five: Enrollment) -> None:
    log_strength(ran_five, DAY, pain=6, site="calf")
    assert "6 out of 10 is red: your calf" in today(phone)
    assert "Today is your day off" in today(phone)
    assert "Rest from running tomorrow" not in today(phone)
    assert "If it’s still 4 or more tomorrow" in today(phone)
    log_morning(ran_five, WEDNESDAY, pain=2)
    assert "is red" not in today(phone)


def test_red_pain_of_days_ago_without_a_report_since_asks_to_call_today(
    phone: Client, ran_five: Enrollment
) -> None:
    log_strength(ran_five, WEDNESDAY - timedelta(days=2), pain=6, site="calf")
    assert "If it’s still 4 or more, call us today." in today(phone)
    assert "Rest from running tomorrow" not in today(phone)


def test_the_limit_is_one_number_on_the_page_and_in_its_sentence(
    phone: Client, enrollment: Enrollment
) -> None:
    # Four miles as stored allow 7,081 m, within half a meter of 4.4 miles.
    stated = IntakeInput(answered_on=DAY - timedelta(days=9), baseline_spm=160, longest_run_m=6437)
    target = make_target(enrollment, intake=stated)
    assert (target.decision["longest_run"]["limit_m"], distance_text(7081, "mi")) == (7081, "4.4 mi")
    for address in ("/today/", "/plan/1/"):
        words = words_of(phone.get(address).content.decode())
        assert "4.4 mi" in words
        assert "4.3 mi" not in words


def test_a_break_that_comes_true_in_mid_week_lowers_the_limit_of_the_page(
    phone: Client, enrollment: Enrollment
) -> None:
    last = WEDNESDAY - timedelta(days=14)
    run = RunInput("run:1", last, datetime(2025, 12, 24, 20, tzinfo=UTC), distance_m=16_093, duration_s=6000)
    stated = IntakeInput(answered_on=DAY - timedelta(days=9), baseline_spm=160, longest_run_m=16_093)
    make_target(enrollment, intake=stated, runs=(run,))
    words = words_of(phone.get("/plan/1/").content.decode())
    assert (
        "If your next run is on Wednesday or later, that’s two weeks without one: then keep it to 5.0 mi."
        in words
    )
    assert "up to 5.0 mi" in today(phone)
    assert "up to 11.0 mi" not in today(phone)
    # A run of Tuesday came in time.
    log_run(enrollment, WEDNESDAY - timedelta(days=1), distance_m=3_000)
    assert "up to 11.0 mi" in today(phone)


def test_a_red_joint_is_for_a_clinician(phone: Client, ran_five: Enrollment) -> None:
    log_run(ran_five, WEDNESDAY, pain=8, site="knee", side="right")
    assert "The pain scale isn’t made for joints" in today(phone)


def test_a_stop_says_it_all_by_itself(phone: Client, ran_five: Enrollment, now: datetime) -> None:
    log_run(ran_five, WEDNESDAY, distance_m=MILES_40, duration_s=25200, pain=8, site="calf")
    raise_flag(enrollment=ran_five, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=now)
    words = today(phone)
    assert "of 5.5 mi" not in words
    assert "is red" not in words


def test_the_next_best_thing_comes_first(phone: Client, ran_five: Enrollment) -> None:
    log_run(ran_five, DAY)
    assert [item.split()[0] for item in items(phone)] == ["Strength", "How", "Another", "A"]
    log_strength(ran_five, DAY)
    assert items(phone)[-1].endswith("after a day’s rest")


def test_what_moves_leaves_the_long_run_out_after_one_that_went_too_far(
    phone: Client, ran_five_before: Enrollment, now: datetime
) -> None:
    make_target(ran_five_before, baseline_spm=180)
    assert "what’s changing now" in today(phone)
    assert "Long run" in today(phone)
    log_run(ran_five_before, WEDNESDAY, distance_m=MILES_40, duration_s=25200, at=now)
    assert "what’s changing now" in today(phone)
    assert "Long run" not in today(phone)


def test_a_week_without_a_number_sends_no_one_to_run_on_a_day_off(
    phone: Client, ran_five_before: Enrollment, now: datetime
) -> None:
    assert "run and train as you did last week" in today(phone)
    log_run(ran_five_before, WEDNESDAY, distance_m=MILES_40, duration_s=25200, at=now)
    assert "run and train as you did last week" not in today(phone)


def test_red_pain_asks_for_no_heavier_lifts_on_any_page_of_the_day(
    phone: Client, ran_five_before: Enrollment, now: datetime
) -> None:
    make_target(ran_five_before, baseline_spm=180)
    heading = "8 out of 10 is red: your left Achilles"
    assert heading not in words_of(phone.get("/log/strength/").content.decode())
    log_run(ran_five_before, WEDNESDAY, pain=8, site="achilles", side="left", at=now)
    assert heading in words_of(phone.get("/log/strength/").content.decode())
    assert heading in today(phone)
    assert "<dt>Strength</dt>" not in phone.get("/today/").content.decode()


def test_the_runs_of_today_and_yesterday_are_judged_by_one_reading_of_the_log(
    phone: Client, ran_five: Enrollment, now: datetime, django_assert_max_num_queries: Any
) -> None:
    log_run(ran_five, WEDNESDAY, distance_m=MILES_5, at=now)
    assert "a lot" not in today(phone)  # and the session's use is noted from here on
    with django_assert_max_num_queries(60) as one_day:
        today(phone)
    log_run(ran_five, DAY, distance_m=MILES_40, duration_s=25200)
    with django_assert_max_num_queries(60) as two_days:
        assert "Yesterday was a lot: take today off" in today(phone)
    assert len(two_days) == len(one_day)


def test_the_weeks_target_is_read_whole_in_one_query(phone: Client, enrollment: Enrollment) -> None:
    make_target(enrollment)
    with CaptureQueriesContext(connection) as captured:
        assert "To do" in today(phone)
    read = [query["sql"] for query in captured if 'FROM "challenge_weeklytarget"' in query["sql"]]
    assert len(read) == 1
