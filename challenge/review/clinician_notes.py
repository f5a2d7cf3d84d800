"""What clinicians wrote about one runner: notes, contacts and tests, read in one query."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import JSONObject

from challenge.care.models import FunctionTest
from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import Side, TestKind
from challenge.review.models import Contact, Note

FACTS = {
    Note: ("text",),
    Contact: ("how", "text"),
    FunctionTest: ("kind", "side", "repetitions", "pain", "not_tested_because", "note"),
}
LISTS = {
    "Note": "notes",
    "Contact": "contacts",
    "FunctionTest": "tests",
}


@dataclass(frozen=True)
class ClinicianNote:
    """One entry as a list shows it."""

    kind: str
    what: str
    text: str
    by: str
    at: datetime


def clinician_notes(enrollment: Enrollment) -> dict[str, list[ClinicianNote]]:
    """Return each kind's entries, newest first, by the names in `LISTS`."""
    # A union needs equal columns: what differs between the models travels as one JSON object.
    first, *others = (
        model.objects.filter(enrollment=enrollment)  # type: ignore[attr-defined]
        .annotate(
            which=Value(model.__name__), facts=JSONObject(**{name: name for name in names}), who=F("by__name")
        )
        .values_list("which", "facts", "who", "at")
        .order_by()
        for model, names in FACTS.items()
    )
    by_kind: dict[str, list[ClinicianNote]] = {name: [] for name in LISTS.values()}
    for entry in sorted(
        (_clinician_note(*row) for row in first.union(*others, all=True)),
        key=lambda entry: entry.at,
        reverse=True,
    ):
        by_kind[entry.kind].append(entry)
    return by_kind


def _clinician_note(which: str, facts: dict[str, Any], who: str, at: datetime) -> ClinicianNote:
    """Return a row of the union as an entry."""
    kind = LISTS[which]
    if which == "Contact":
        return ClinicianNote(kind, Contact.How(facts["how"]).label, facts["text"], who, at)
    if which == "FunctionTest":
        what = f"{TestKind(facts['kind']).label}, {Side(facts['side']).label.lower()}"
        return ClinicianNote(kind, what, _test_result(facts), who, at)
    return ClinicianNote(kind, "", facts["text"], who, at)


def _test_result(facts: dict[str, Any]) -> str:
    """Return a function test's result in words."""
    if facts["repetitions"] is None:
        result = f"not tested: {facts['not_tested_because']}"
    else:
        pain = f", pain {facts['pain']}" if facts["pain"] is not None else ""
        result = f"{facts['repetitions']} repetitions{pain}"
    return f"{result}. {facts['note']}" if facts["note"] else result
