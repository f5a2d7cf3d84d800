"""What clinicians wrote about one runner, of every kind, in one query: newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import JSONObject

from challenge.care.models import FunctionTest
from challenge.enrollment.models import Enrollment
from challenge.review.models import Contact, Message, Note, OutcomeScore

FACTS = {
    Note: ("text",),
    Message: ("text",),
    Contact: ("how", "text"),
    FunctionTest: ("kind", "side", "repetitions", "pain", "not_tested_because", "note"),
    OutcomeScore: ("instrument", "score"),
}


@dataclass(frozen=True)
class Written:
    """One entry as a list shows it."""

    what: str
    text: str
    by: str
    at: datetime


def written(enrollment: Enrollment) -> list[Written]:
    """Notes, messages, contacts, function tests and outcome scores."""
    first, *others = (
        model.objects.filter(enrollment=enrollment)  # type: ignore[attr-defined]
        .annotate(
            which=Value(model.__name__), facts=JSONObject(**{name: name for name in names}), who=F("by__name")
        )
        .values_list("which", "facts", "who", "at")
        .order_by()
        for model, names in FACTS.items()
    )
    rows = first.union(*others, all=True)
    return sorted((_told(*row) for row in rows), key=lambda entry: entry.at, reverse=True)


def _told(which: str, facts: dict[str, Any], who: str, at: datetime) -> Written:
    if which == "Contact":
        return Written(Contact.How(facts["how"]).label, facts["text"], who, at)
    if which == "FunctionTest":
        what = f"{FunctionTest.Kind(facts['kind']).label}, {FunctionTest.Side(facts['side']).label}"
        return Written(what, _result(facts), who, at)
    if which == "OutcomeScore":
        return Written(OutcomeScore.Instrument(facts["instrument"]).label, str(facts["score"]), who, at)
    return Written("private note" if which == "Note" else "message", facts["text"], who, at)


def _result(facts: dict[str, Any]) -> str:
    if facts["repetitions"] is None:
        result = f"not tested: {facts['not_tested_because']}"
    else:
        pain = f", pain {facts['pain']}" if facts["pain"] is not None else ""
        result = f"{facts['repetitions']} repetitions{pain}"
    return f"{result}. {facts['note']}" if facts["note"] else result
