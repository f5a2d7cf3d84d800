"""What an invented runner answers to questionnaires, through the action that the page calls."""

import uuid
from datetime import date, datetime

from challenge.operations.demo.log_days import DemoRunner, usual_pain
from challenge.outcomes.actions import AnswerValues, answer
from challenge.outcomes.occasions import Occasion
from challenge.outcomes.queries import due_occasions

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
