"""Answers to questionnaires, and invented questionnaires as their owner would load them."""

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from challenge.enrollment.models import Enrollment
from challenge.outcomes import actions
from challenge.outcomes.models import QuestionnaireAnswer
from challenge.outcomes.queries import definitions, in_force

QUIET_WEEK = {"participation": 0, "days": 0, "performance": 0, "pain": 1}


def give_answer(
    enrollment: Enrollment,
    code: str,
    week: int | None,
    values: Mapping[str, int | None],
    *,
    on: date = date(2026, 1, 9),
    **options: Any,
) -> QuestionnaireAnswer:
    """An answer of the runner, given on this day at noon."""
    questionnaire = next(one for one in in_force(definitions()) if one.code == code)
    defaults: dict[str, Any] = {
        "key": uuid.uuid4(),
        "names": {},
        "by": enrollment.seat.user,
        "at": datetime.combine(on, time(18), UTC),
    }
    return actions.answer(
        enrollment=enrollment,
        questionnaire=questionnaire,
        week=week,
        values=dict(values),
        answered_on=on,
        **defaults | options,
    )


def tendon_file(**changed: Any) -> dict[str, Any]:
    """An invented questionnaire: three scales of different ranges, summed; one may be left open."""
    scale = {"from_label": "not at all", "to_label": "fully"}
    return {
        "format": 1,
        "code": "lake-tendon",
        "version": 1,
        "language": {"code": "en-US", "version": 1},
        "title": "Lake tendon questions",
        "intro": "About the last week.",
        "items": [
            {"id": "stairs", "asks": "Can you walk down stairs?", "from": 0, "to": 10, **scale},
            {"id": "hop", "asks": "Can you hop?", "from": 0, "to": 10, **scale},
            {"id": "run", "asks": "Can you run?", "from": 0, "to": 30, **scale},
        ],
        "score": {
            "method": "sum",
            "from": 0,
            "to": 50,
            "better": "higher",
            "missing": 1,
            "smallest_change": 6.5,
        },
        "schedule": {"weeks": [0, 4]},
        "source": "Invented for a test.",
        "license": "Nobody holds it.",
    } | changed


def knee_file(**changed: Any) -> dict[str, Any]:
    """An invented questionnaire: choices of which one is reversed, as a share of 100; lower is better."""
    choices = [{"value": value, "label": label} for value, label in enumerate(["Never", "Often", "Always"])]
    return (
        tendon_file(
            code="lake-knee",
            title="Lake knee questions",
            items=[
                {"id": "ache", "asks": "Does it ache?", "choices": choices},
                {"id": "sit", "asks": "Does it ache after sitting?", "choices": choices},
                {"id": "sure", "asks": "Do you trust it?", "choices": choices, "reversed": True},
            ],
            score={
                "method": "percent",
                "from": 0,
                "to": 100,
                "better": "lower",
                "missing": 1,
                "smallest_change": 20,
            },
            schedule={"weeks": []},
        )
        | changed
    )
