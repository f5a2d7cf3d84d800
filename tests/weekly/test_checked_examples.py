"""The checked examples through forms, decisions and pages, row by row; the engine's own are in tests/protocol."""

import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.test import Client

from challenge.accounts.models import User
from challenge.care.actions import close_flag, pause
from challenge.care.models import Flag, PhaseChange, WeeklyTarget
from challenge.care.overrides import start_heel_strike_period
from challenge.enrollment.cohort_parameters import sign_parameters
from challenge.enrollment.models import CohortClinician, Enrollment
from challenge.intake.models import Complaint, Intake
from challenge.protocol.decision import Decision
from challenge.protocol.vocabulary import FlagKind, HeelStrikeStep, PauseReason, Rule
from challenge.weekly.decide import decide_due
from challenge.workouts.models import Run
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.complaints import open_complaint
from tests.factories.people import make_runner_user, use_second_factor
from tests.intake.pages import answer
from tests.repository.instructions import words_of
from tests.review.test_deciding import post

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 1, 5)
DAY = timedelta(days=1)
JOINED = datetime(2026, 1, 2, 15, tzinfo=UTC)


def evening(day: date) -> datetime:
    """18:00 in Chicago in winter."""
    return datetime.combine(day + DAY, time(0), UTC)


def six(day: date) -> datetime:
    """Just past 06:00 in Chicago."""
    return datetime.combine(day, time(12, 5), UTC)


@dataclass
class Runner:
    """One runner's phone. `week` is the one whose Monday was decided last."""

    enrollment: Enrollment
    week: int = 0
    told: list[int | None] = field(default_factory=list)
    client: Client = field(default_factory=Client)

    def at(self, moment: datetime) -> Any:
        user = self.enrollment.seat.user
        assert user is not None
        travel = time_machine.travel(moment, tick=False)
        return travel, user

    def post(self, day: date, address: str, values: dict[str, Any], when: datetime | None = None) -> Any:
        travel, user = self.at(when or evening(day))
        with travel:
            self.client = Client()
            self.client.force_login(user)
            answer = self.client.post(address, {"key": str(uuid.uuid4()), "local_on": str(day)} | values)
        assert answer.status_code in {302, 303}, words_of(answer.content.decode())[:600]
        return answer

    def run(self, day: date, spm: int | None = None, *, miles: float = 3, **values: Any) -> None:
        minutes = round(miles * 10)
        run = {"distance_m": str(miles), "duration_s_h": minutes // 60, "duration_s_m": minutes % 60}
        counted = {"cadence_spm": spm, "cadence_source": "watch"} if spm else {}
        self.post(day, "/log/run/", run | {"surface": "road", "effort": "easy", "pain": 0} | counted | values)

    def runs(self, spm: int | None, count: int = 3, **values: Any) -> None:
        for number in range(count):
            self.run(self.monday + (1 + 2 * number) * DAY, spm, **values)

    @property
    def monday(self) -> date:
        return MONDAY + (self.week - 1) * 7 * DAY

    def decided(self) -> Decision:
        """The next Monday comes."""
        self.week += 1
        travel, _ = self.at(six(self.monday))
        with travel:
            decide_due(now=lambda: six(self.monday))
        target = WeeklyTarget.objects.filter(enrollment=self.enrollment, week=self.week).latest("revision")
        decision = Decision.from_json(target.decision)
        self.told.append(decision.cadence.target_spm)
        return decision

    def page(self, address: str = "") -> str:
        travel, user = self.at(six(self.monday))
        with travel:
            self.client = Client()  # a session does not last for weeks
            self.client.force_login(user)
            answer = self.client.get(address or f"/plan/{self.week}/")
        assert answer.status_code == 200
        return words_of(answer.content.decode())

    def today(self, day: date) -> str:
        """Return the words of /today/ on the evening of this day."""
        travel, user = self.at(evening(day))
        with travel:
            self.client = Client()
            self.client.force_login(user)
            return words_of(self.client.get("/today/").content.decode())

    def email(self) -> str:
        target = WeeklyTarget.objects.filter(enrollment=self.enrollment, week=self.week).latest("revision")
        assert target.message is not None
        return target.message.text


def joined(**stated: Any) -> Runner:
    enrollment = enroll(cohort=make_cohort())
    intake = Intake.objects.create(
        enrollment=enrollment, answered_at=JOINED, answered_on=JOINED.date(), is_adult=True,
        **{"baseline_cadence_spm": 160, "baseline_cadence_source": "watch"} | stated,
    )  # fmt: skip
    Complaint.objects.create(intake=intake, site="achilles", side="left", present=True)
    open_complaint(enrollment, at=JOINED)
    return Runner(enrollment)


@pytest.fixture
def at_168() -> Runner:
    runner = joined()
    runner.decided()
    return runner


def test_160_consistent_goes_168_176_180_and_stays(at_168: Runner) -> None:
    for spm in (168, 176, 180):
        at_168.runs(spm)
        at_168.decided()
    assert at_168.told == [168, 176, 180, 180]
    assert "180" in at_168.page()


def test_150_with_a_growing_long_run_is_raised_through_every_warning() -> None:
    runner = joined(baseline_cadence_spm=150, longest_run_m=round(5 * 1609.344))
    runner.decided()
    warned = 0
    for longest in (5, 7, 9, 12):
        spm = runner.told[-1]
        runner.runs(spm)
        runner.run(runner.monday + 6 * DAY, spm, miles=longest)
        decision = runner.decided()
        long_run = [one for one in decision.warnings if one.reason.rule is Rule.LOAD_LONG_RUN]
        warned += len(long_run)
    assert (runner.told, warned) == ([157, 164, 172, 180, 180], 3)


@pytest.mark.parametrize(("stated", "told"), [(170, [178, 180]), (180, [None, None]), (186, [None, None])])
def test_what_was_stated_is_raised_up_to_180_only(stated: int, told: list[int | None]) -> None:
    runner = joined(baseline_cadence_spm=stated)
    for _ in told:
        runner.decided()
        runner.runs(stated + 8)
    assert runner.told == told


def test_stated_180_measured_157_158_160_is_158_with_target_165() -> None:
    runner = joined(baseline_cadence_spm=180)
    runner.decided()
    for number, spm in enumerate((157, 160, 158)):
        runner.run(MONDAY + (1 + 2 * number) * DAY, spm)
    decision = runner.decided()
    assert (decision.cadence.baseline_spm, runner.told) == (158, [None, 165])


def test_no_baseline_gets_no_number_until_a_counted_run_and_raises_follow_with_the_metronome() -> None:
    runner = joined(baseline_cadence_spm=None, baseline_cadence_source="")
    runner.decided()
    runner.run(MONDAY + DAY, 165, cadence_source="counted")
    runner.decided()
    runner.runs(None, cadence_source="metronome")
    runner.decided()
    assert runner.told == [None, 173, 180]


def test_one_run_a_week_is_raised_on_the_monday_after_the_fifth(at_168: Runner) -> None:
    for number in range(1, 6):
        at_168.run(at_168.monday + 2 * DAY, 168)
        decision = at_168.decided()
        assert number == 5 or f"{number} of 5" in at_168.page()
    assert at_168.told == [168] * 5 + [176]
    assert decision.cadence.reason.rule is Rule.CADENCE_FIVE_RUNS


def test_four_runs_at_160_are_not_there_yet_and_the_third_such_week_is_a_question(at_168: Runner) -> None:
    for week in range(3):
        at_168.runs(160, 4) if week else at_168.runs(160, 3)
        at_168.decided()
        assert week == 2 or "Not there yet" in at_168.page()
    assert at_168.told == [168] * 4
    assert Flag.objects.filter(rule=Rule.CADENCE_STUCK).count() == 1


def test_one_red_run_holds_and_the_email_never_mentions_pain(at_168: Runner) -> None:
    at_168.runs(168)
    at_168.run(MONDAY + 6 * DAY, 168, pain=6, site="achilles", side="left")
    decision = at_168.decided()
    assert (at_168.told[-1], decision.cadence.reason.rule) == (168, Rule.CADENCE_HOLD_PAIN)
    assert "pain" not in at_168.email().lower()


def test_amber_twice_and_one_worse_morning_do_not_hold(at_168: Runner) -> None:
    for number, pain in enumerate((4, 5, 0)):
        at_168.run(MONDAY + (1 + 2 * number) * DAY, 168, pain=pain, site="achilles", side="left")
    at_168.post(MONDAY + 2 * DAY, "/log/morning/", {"pain": 3, "site": "achilles", "side": "left"})
    at_168.decided()
    assert at_168.told[-1] == 176


def test_a_treadmill_winter_is_raised_with_advice_and_no_warning(at_168: Runner) -> None:
    at_168.runs(168, surface="treadmill")
    decision = at_168.decided()
    assert at_168.told[-1] == 176
    assert Rule.LOAD_TREADMILL in {one.rule for one in decision.advice}
    assert not decision.warnings


def test_an_achilles_and_a_knee_of_the_intake_get_no_heel_strike_and_an_easier_split_squat(
    clinician: User,
) -> None:
    user = make_runner_user()
    CohortClinician.objects.create(cohort=make_cohort(), user=clinician)
    with time_machine.travel(JOINED, tick=False):
        phone = Client()
        phone.force_login(user)
        phone.post("/join/")
        sore = {"site_2": "knee", "side_2": "left", "now_2": "2", "past": []}
        assert answer(phone, body=sore)["Location"] == "/join/done/"
    runner = Runner(Enrollment.objects.get())
    strike = runner.decided().strike
    assert strike.reason is not None
    assert (strike.step, strike.reason.rule) == (HeelStrikeStep.NEVER, Rule.STRIKE_NEVER)
    assert "Heel strike would move load onto your knee, so we don’t offer it" in runner.page()
    assert "knee" not in runner.email().lower()

    def clinic(hours: int, what: str, **values: object) -> str:
        with time_machine.travel(six(runner.monday) + timedelta(hours=hours), tick=False):
            desk = Client()
            desk.force_login(clinician)
            use_second_factor(desk, clinician)
            care = SimpleNamespace(runner=runner.enrollment, cohort=runner.enrollment.cohort)
            assert post(desk, care, what, reason="Seen.", **values).status_code == 302
        return runner.page()

    full, easier = "In a split squat, front heel rising", "Upright in a short split stance"
    page = clinic(1, "phase", to_phase=2)
    assert (easier in page, full in page) == (True, False)
    page = clinic(2, "approval", exercise="split_squat_calf_raise")
    assert (easier in page, full in page) == (False, True)


@pytest.mark.parametrize(
    ("longest", "far", "pain", "limits"),
    [(10.0, 11.0, 0, ["11.0", "12.1"]), (10.0, 11.1, 0, ["11.0", "11.0"]), (5.0, 15, 7, ["5.5", "5.5", "5.5"]),
     (8.0, 13.9, 0, ["8.8", "8.8", "15.2"])],
)  # fmt: skip
def test_the_longest_run_of_the_page_and_the_warning_at_once(
    longest: float, far: float, pain: int, limits: list[str]
) -> None:
    runner = joined(longest_run_m=round(longest * 1609.344))
    for number, limit in enumerate(limits):
        runner.decided()
        assert f"up to {limit} mi" in runner.page()
        if number == 0:
            where: dict[str, Any] = {"pain": pain, "site": "achilles", "side": "left"} if pain else {}
            runner.run(MONDAY + 5 * DAY, miles=far, **where)
            travel, _ = runner.at(evening(MONDAY + 5 * DAY))
            with travel:
                today = words_of(runner.client.get("/today/").content.decode())
            assert (f"of {limit} miles" in today or f"of {limit} mi" in today) is (far > float(limit))


def test_three_files_of_one_day_are_one_run(at_168: Runner) -> None:
    for _ in range(3):
        at_168.run(MONDAY + 2 * DAY, 168, miles=2)
    decision = at_168.decided()
    assert (at_168.told[-1], decision.cadence.on_target_since) == (168, 1)


def test_a_correction_on_tuesday_from_2_to_8_holds_the_next_monday_once(at_168: Runner) -> None:
    at_168.runs(160, 2)
    at_168.run(MONDAY + 6 * DAY, 160, pain=2, site="achilles", side="left")
    at_168.decided()
    run = Run.objects.get(local_on=MONDAY + 6 * DAY)
    worse = {"distance_m": "3", "duration_s_m": 30, "cadence_spm": 160, "cadence_source": "watch",
             "surface": "road", "effort": "easy", "pain": 8, "site": "achilles", "side": "left"}  # fmt: skip
    at_168.post(run.local_on, f"/log/run/{run.pk}/", worse, evening(at_168.monday + DAY))
    for held in (True, False):
        at_168.runs(168)
        decision = at_168.decided()
        assert (decision.cadence.reason.rule is Rule.CADENCE_HOLD_PAIN) is held
    assert at_168.told == [168, 168, 168, 176]


def test_a_knee_under_heel_strike_is_spared_at_once_and_the_spell_asked_back(
    at_168: Runner, clinician: User
) -> None:
    start_heel_strike_period(
        enrollment=at_168.enrollment, starts_on=MONDAY, reason="for a while", by=clinician, at=six(MONDAY)
    )
    at_168.run(MONDAY + DAY, 168, pain=5, site="knee", side="left")
    assert Flag.objects.filter(rule=Rule.COMPLAINT_OPEN).count() == 1
    at_168.run(MONDAY + 3 * DAY, 168, pain=5, site="knee", side="left")
    decision = at_168.decided()
    assert decision.strike.step is HeelStrikeStep.NEVER
    assert Flag.objects.filter(rule=Rule.COMPLAINT_OPEN).count() == 1


def test_today_asks_a_runner_on_heel_strike_back_from_the_report_on(at_168: Runner, clinician: User) -> None:
    start_heel_strike_period(
        enrollment=at_168.enrollment, starts_on=MONDAY, reason="for a while", by=clinician, at=six(MONDAY)
    )
    at_168.decided()
    tuesday = at_168.monday + DAY
    assert "toward midfoot" not in at_168.today(tuesday)
    at_168.run(tuesday, 168, pain=5, site="knee", side="left")
    assert "toward midfoot" in at_168.today(tuesday)


def test_four_weeks_away_come_back_with_a_welcome_and_half_the_longest_run(at_168: Runner) -> None:
    at_168.run(MONDAY + 2 * DAY, 168, miles=8)
    user = at_168.enrollment.seat.user
    assert user is not None
    away = (MONDAY + 7 * DAY, MONDAY + 34 * DAY)
    pause(
        enrollment=at_168.enrollment, reason=PauseReason.ILLNESS, starts_on=away[0], ends_on=away[1],
        by=user, at=six(away[0]),
    )  # fmt: skip
    at_168.week = 5
    at_168.decided()
    assert "Welcome back" in at_168.page()
    assert "nothing in the log" not in at_168.page().lower()
    assert "You’ve had a break, and that happens." in at_168.email()
    assert "nothing in the log" not in at_168.email().lower()
    assert "up to 4.0 mi" in at_168.page()


def test_pain_5_for_three_weeks_is_raised_and_asked_about_once(at_168: Runner) -> None:
    for spm in (168, 176, 180, 180):
        at_168.runs(spm, pain=5, site="achilles", side="left")
        at_168.decided()
    assert at_168.told == [168, 176, 180, 180, 180]
    assert Flag.objects.filter(rule=Rule.PAIN_NOT_BETTER).count() == 1


def test_daily_life_8_is_no_raise_and_a_question(at_168: Runner) -> None:
    at_168.runs(168)
    at_168.post(MONDAY + 6 * DAY, "/log/daily-life/", {"pain": 8})
    decision = at_168.decided()
    assert (at_168.told[-1], decision.cadence.reason.rule) == (168, Rule.CADENCE_HOLD_PAIN)
    assert decision.phase.proposed is None
    assert Flag.objects.exclude(rule="").exists()


def test_calf_swelling_is_answered_at_once_and_the_calm_days_begin_anew(
    at_168: Runner, clinician: User
) -> None:
    answer = at_168.post(
        MONDAY + 2 * DAY, "/log/run/",
        {"distance_m": "3", "duration_s_m": 30, "surface": "road", "effort": "easy", "pain": 2,
         "symptoms": "calf_swelling"},
    )  # fmt: skip
    assert answer["Location"] == "/log/stop/"
    at_168.decided()
    flag = Flag.objects.get(kind=FlagKind.STOP)
    close_flag(
        flag=flag, note="No clot; scanned.", by=clinician, at=six(MONDAY + 8 * DAY),
    )  # fmt: skip
    decision = at_168.decided()
    assert decision.phase.proposed is None
    assert not PhaseChange.objects.filter(enrollment=at_168.enrollment, to_phase=2).exists()


def test_three_averages_with_walking_breaks_leave_150() -> None:
    runner = joined(baseline_cadence_spm=150)
    runner.decided()
    runner.runs(138, walk_breaks="on")
    assert runner.decided().cadence.baseline_spm == 150


def test_the_easy_run_makes_the_baseline() -> None:
    runner = joined(baseline_cadence_spm=None, baseline_cadence_source="")
    runner.decided()
    for number, (spm, effort) in enumerate(((176, "tempo"), (178, "race"), (160, "easy"), (160, "easy"))):
        runner.run(MONDAY + (1 + number) * DAY, spm, effort=effort)
    assert runner.decided().cadence.baseline_spm == 160


@pytest.fixture
def four_percent(clinician: User) -> Runner:
    runner = joined()
    sign_parameters(
        cohort=runner.enrollment.cohort,
        altered={"raise_percent": 4},
        reason="Tried.",
        by=clinician,
        at=JOINED,
    )
    return runner


def test_a_raise_of_4_percent_is_166_and_says_4(four_percent: Runner) -> None:
    four_percent.decided()
    assert four_percent.told == [166]
    assert "4%" in four_percent.page()
    for words in (four_percent.page(), four_percent.email()):
        # The study's own 5% stays what it was; the clinic's step is 4%.
        assert not re.search(r"(?<!\d)5% (on top|more|step up|of where)", words)
