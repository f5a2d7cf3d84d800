"""One invented runner's day in the log, and their questionnaires, through the actions that the pages call."""

import random
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from challenge.care.models import WeeklyTarget
from challenge.care.queries import pause_on, target_of_week
from challenge.care.stop import open_stop
from challenge.enrollment.models import Enrollment
from challenge.operations.demo.stories import RunnerStory
from challenge.outcomes.actions import AnswerValues, answer
from challenge.outcomes.definition import Occasion
from challenge.outcomes.queries import due_occasions
from challenge.protocol.decision import Decision, Prescription
from challenge.protocol.local_week import monday_of
from challenge.protocol.vocabulary import CadenceSource, Effort, Side
from challenge.workouts import actions
from challenge.workouts.actions import PainValues, SetValues

SECONDS_PER_KM = (330, 400)
START_LOAD_G = 9_072  # 20 lb
LOAD_STEP_G = 1_134  # 2.5 lb


@dataclass(frozen=True)
class DemoRunner:
    """A story with its enrollment and a random generator of its own: the same seed gives the same weeks."""

    story: RunnerStory
    enrollment: Enrollment
    rng: random.Random

    def key(self) -> uuid.UUID:
        return uuid.UUID(int=self.rng.getrandbits(128), version=4)


def log_day(runner: DemoRunner, *, day: date, week: int, until: datetime) -> datetime | None:
    """Log what the runner does on this local day and return its evening; None without a log, or after `until`."""
    if runner.story.silent_from and week >= runner.story.silent_from:
        return None
    if pause_on(runner.enrollment, on=day) is not None:
        return None
    target = target_of_week(runner.enrollment, week_starts_on=monday_of(day))
    at = _at(runner, day, 19)
    if at > until:
        return None
    _morning(runner, day=day, week=week)
    stopped = open_stop(runner.enrollment) is not None
    if day.weekday() in runner.story.days and not stopped:
        _run(runner, day=day, week=week, target=target, at=at)
    if day.weekday() in runner.story.strength and target is not None and not target.on_hold:
        _strength(runner, day=day, target=target, week=week, at=at + timedelta(minutes=40))
    return at


def _at(runner: DemoRunner, day: date, hour: int) -> datetime:
    user = runner.enrollment.seat.user
    assert user is not None, "a demo runner has a person"
    minute = runner.rng.randrange(50)
    return datetime.combine(day, time(hour, minute), user.zone).astimezone(UTC)


def usual_pain(story: RunnerStory, week: int) -> int:
    """Return the usual pain of the week, 0 to 10: it eases from the first level to where it settles."""
    eased = (story.pain - story.settles_at) * min(week, story.eases_in) // story.eases_in
    return story.pain - eased


def _morning(runner: DemoRunner, *, day: date, week: int) -> None:
    story = runner.story
    yesterday = (day.weekday() - 1) % 7
    if yesterday not in {*story.days, *story.strength} or story.site is None or runner.rng.random() < 0.2:
        return
    worse = story.worse_week == week and day.weekday() in {2, 4}
    pain = min(5, usual_pain(story, week) + (3 if worse else runner.rng.choice((-1, 0, 0))))
    actions.log_morning(
        enrollment=runner.enrollment,
        key=runner.key(),
        local_on=day,
        stiffness_min=runner.rng.choice((0, 2, 5, 10)),
        by=runner.enrollment.seat.user,
        at=_at(runner, day, 7),
        **_pain_values(story, max(0, pain)),
    )


def _pain_values(story: RunnerStory, pain: int) -> PainValues:
    if story.site is None or pain == 0:
        return {"pain": pain}
    return {"pain": pain, "site": story.site, "side": story.side}


def _run(runner: DemoRunner, *, day: date, week: int, target: WeeklyTarget | None, at: datetime) -> None:
    story, rng = runner.story, runner.rng
    long_day = day.weekday() == max(story.days)
    planned_m = (
        (story.long_m if long_day else story.usual_m) * (100 + story.growth_percent * (week - 1)) // 100
    )
    distance_m = planned_m + rng.randrange(-300, 300)
    red = story.red_week == week and day.weekday() == story.days[0]
    stop = story.stop_week == week and long_day
    pain = _pain_values(story, 6 if red else max(0, usual_pain(story, week) + rng.choice((-1, 0, 0))))
    if stop:
        pain |= {"symptoms": [story.stop], "pain": 5}
    elif story.later_week == week and story.later_site is not None:
        pain = {"pain": 4, "site": story.later_site, "side": Side.RIGHT}
    cadence = _cadence(runner, target)
    actions.log_run(
        enrollment=runner.enrollment,
        key=runner.key(),
        by=runner.enrollment.seat.user,
        at=at,
        local_on=day,
        started_at=at - timedelta(hours=1),
        distance_m=distance_m,
        duration_s=distance_m * rng.randrange(*SECONDS_PER_KM) // 1000,
        cadence_spm=cadence,
        cadence_source=(CadenceSource.COUNTED if story.counts else CadenceSource.WATCH) if cadence else "",
        surface=story.surface,
        effort=Effort.EASY,
        strike=story.strike,
        **pain,
    )


def _cadence(runner: DemoRunner, target: WeeklyTarget | None) -> int | None:
    """Return a cadence near the target if the runner follows it today, else near the baseline."""
    story, rng = runner.story, runner.rng
    habit = story.baseline_spm or 165
    if target is not None and target.cadence_spm and rng.randrange(10) < story.follows:
        return target.cadence_spm + rng.randint(-2, 2)
    return habit + rng.randint(-3, 2)


def _strength(runner: DemoRunner, *, day: date, target: WeeklyTarget, week: int, at: datetime) -> None:
    decision = Decision.from_json(target.decision)
    sets = [s for p in decision.exercises for s in _sets(p, week)]
    if not sets:
        return
    actions.log_strength(
        enrollment=runner.enrollment,
        key=runner.key(),
        local_on=day,
        sets=sets,
        as_prescribed=True,
        by=runner.enrollment.seat.user,
        at=at,
        **_pain_values(runner.story, max(0, usual_pain(runner.story, week) - 1)),
    )


def _sets(prescription: Prescription, week: int) -> list[SetValues]:
    heavy = prescription.reps is not None and prescription.exercise.startswith("heavy")
    load_g = START_LOAD_G + LOAD_STEP_G * week if heavy else None
    return [
        {
            "exercise": prescription.exercise,
            "number": number,
            "reps": prescription.reps,
            "seconds": prescription.seconds,
            "load_g": load_g,
        }
        for number in range(1, prescription.sets + 1)
    ]


MONDAY, SUNDAY = 0, 6
NAMES = {
    "first": "The hill behind the house",
    "second": "Stairs in the morning",
    "third": "A long run with friends",
}


def answer_questions(runner: DemoRunner, *, day: date, week: int, at: datetime) -> None:
    """Answer on Sunday what is asked every week, and on Monday the rest."""
    if day.weekday() not in (MONDAY, SUNDAY):
        return
    for occasion in due_occasions(runner.enrollment, on=day):
        weekly = occasion.questionnaire.schedule.every_week
        if weekly is not (day.weekday() == SUNDAY):
            continue
        answer(
            enrollment=runner.enrollment,
            questionnaire=occasion.questionnaire,
            week=occasion.week,
            # One random number each Sunday, and none on Mondays: the same seed gives the same weeks as ever.
            key=runner.key()
            if weekly
            else uuid.uuid5(uuid.NAMESPACE_URL, f"{runner.enrollment.pk}/{occasion.place}"),
            answered_on=day,
            by=runner.enrollment.seat.user,
            at=at,
            **_values(runner, occasion, week),
        )


def _values(runner: DemoRunner, occasion: Occasion, week: int) -> AnswerValues:
    pain, story = usual_pain(runner.story, week), runner.story
    if occasion.questionnaire.code == "weekly":
        bad = occasion.week in (story.red_week, story.stop_week)
        kept = 2 if bad else min(pain, 1)
        return {
            "values": {
                "participation": kept,
                "days": 2 if bad else 0,
                "performance": kept,
                "pain": max(0, pain - 1),
            },
            "names": {},
        }
    if occasion.questionnaire.code == "activities":
        can = {"first": 8 - pain, "second": 9 - pain, "third": 7 - pain}
        return {"values": {item: max(0, value) for item, value in can.items()}, "names": NAMES}
    values = {"normal": 90 - 9 * pain, "change": 2 if pain < story.pain else 0}
    return {"values": {one.id: values.get(one.id) for one in occasion.questionnaire.items}, "names": {}}
