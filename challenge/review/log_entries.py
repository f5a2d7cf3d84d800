"""One runner's log in words, with edits and deleted entries, read from the revisions in one query."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from challenge.calls.time_text import clock
from challenge.enrollment.models import Enrollment
from challenge.protocol.catalog.plan import CATALOG
from challenge.review.tags import miles, spaced
from challenge.workouts.models import EntryKind, EntryRevision
from challenge.workouts.prescribed_sets import in_load_unit

MOST = 600  # revisions on one page: more than twelve weeks of a busy log; the admin's lists hold the rest
NAMES = {str(key): entry.name for key, entry in CATALOG.items()}


@dataclass(frozen=True)
class LogEdit:
    """A change of an entry: when, by whom, and its values before and after."""

    at: datetime
    by: str
    words: str


@dataclass(frozen=True)
class LogLine:
    """An entry as it is now. `gone`: it was deleted."""

    day: date
    words: str
    edits: list[LogEdit]
    gone: bool


def log_lines(enrollment: Enrollment) -> list[tuple[str, list[LogLine]]]:
    """Return the entries by kind, each kind's newest day first."""
    user = enrollment.seat.user
    zone = user.zone if user is not None else ZoneInfo(settings.CLINIC_TIME_ZONE)
    rows = EntryRevision.objects.filter(enrollment=enrollment).select_related("by").order_by("-at", "-pk")
    histories: dict[tuple[str, int], list[EntryRevision]] = defaultdict(list)
    for revision in sorted(rows[:MOST], key=lambda revision: revision.number):
        histories[revision.kind, revision.entry_id].append(revision)
    by_kind: dict[str, list[LogLine]] = {kind: [] for kind in EntryKind.values}
    for (kind, _), history in histories.items():
        by_kind[kind].append(_log_line(kind, history, zone))
    return [
        (EntryKind(kind).label, sorted(lines, key=lambda line: line.day, reverse=True))
        for kind, lines in by_kind.items()
    ]


def _log_line(kind: str, history: list[EntryRevision], zone: ZoneInfo) -> LogLine:
    """Return an entry with the edits that led to it."""
    values = history[-1].values
    day = date.fromisoformat(values.get("local_on") or values["week_starts_on"])
    edits = [_edit(kind, before, after, zone) for before, after in pairwise(history)]
    gone = history[-1].change == EntryRevision.Change.DELETED
    return LogLine(day, _text(kind, values, zone), edits, gone=gone)


def _edit(kind: str, before: EntryRevision, after: EntryRevision, zone: ZoneInfo) -> LogEdit:
    """Return the difference between two revisions in words."""
    who = after.by.get_full_name() if after.by is not None else "a former user"
    if after.change == EntryRevision.Change.DELETED:
        return LogEdit(after.at, who, "taken out of the log")
    old, new = _labeled_values(kind, before.values, zone), _labeled_values(kind, after.values, zone)
    changed = [
        f"{name} {old.get(name) or 'empty'} → {new.get(name) or 'empty'}"
        for name in old | new
        if old.get(name) != new.get(name)
    ]
    return LogEdit(after.at, who, "; ".join(changed) or "saved again, unchanged")


def _text(kind: str, values: dict[str, Any], zone: ZoneInfo) -> str:
    """Return an entry in one line."""
    return ", ".join(
        f"{name} {words}".strip() for name, words in _labeled_values(kind, values, zone).items() if words
    )


def _labeled_values(kind: str, values: dict[str, Any], zone: ZoneInfo) -> dict[str, str]:
    """Return an entry's values by label, times in the runner's `zone`; a value that needs no label has an empty one."""
    if kind == EntryKind.RUN:
        return _run(values, zone) | _pain(values)
    if kind == EntryKind.STRENGTH:
        return _session(values) | _pain(values)
    if kind == EntryKind.MORNING:
        stiff = values.get("stiffness_min")
        return _pain(values) | {"stiff for": f"{stiff} min" if stiff is not None else ""}
    if kind == EntryKind.DAILY_LIFE:
        return {"worst pain in daily life": str(values["pain"])}
    return {"nothing this week": values.get("note", "")}


def _run(values: dict[str, Any], zone: ZoneInfo) -> dict[str, str]:
    minutes, seconds = divmod(values["duration_s"], 60)
    source = f" ({spaced(values['cadence_source'])})" if values.get("cadence_source") else ""
    cadence, started = values.get("cadence_spm"), values.get("started_at")
    ground = [spaced(values["surface"])] if values.get("surface") else []
    ground += ["hills"] if values.get("hills") else []
    return {
        "": f"{miles(values['distance_m'])} in {minutes}:{seconds:02d}",
        "started at": clock(datetime.fromisoformat(started), zone) if started else "",
        "of it running": f"{values['running_s'] // 60} min" if values.get("running_s") else "",
        "cadence": f"{cadence}{source}" if cadence else "",
        "walking": "breaks" if values.get("walk_breaks") else "",
        "effort": spaced(values.get("effort") or ""),
        "on": " with ".join(ground),
        "strike": spaced(values.get("strike") or ""),
    }


def _session(values: dict[str, Any]) -> dict[str, str]:
    done: dict[str, list[str]] = defaultdict(list)
    for row in values.get("sets", ()):
        load = f" at {in_load_unit(row['load_g'], 'lb')} lb" if row.get("load_g") else ""
        amount = (
            f"{row['reps']}" if row.get("reps") else f"{row['seconds']} s" if row.get("seconds") else "done"
        )
        pain = f" (pain {row['pain']})" if row.get("pain") is not None else ""
        done[row["exercise"]].append(amount + load + pain)
    sets = "; ".join(f"{NAMES.get(key, spaced(key))} {_sets(amounts)}" for key, amounts in done.items())
    return {"": sets or "no sets logged", "as": "prescribed" if values.get("as_prescribed") else ""}


def _sets(amounts: list[str]) -> str:
    """Return `3 × 6 at 40 lb` where all sets are equal, else each set."""
    alike = len(amounts) > 1 and len(set(amounts)) == 1
    return f"{len(amounts)} × {amounts[0]}" if alike else ", ".join(amounts)


def _pain(values: dict[str, Any]) -> dict[str, str]:
    where = ", ".join(spaced(values[name]) for name in ("site", "side") if values.get(name))
    pain = values.get("pain")
    return {
        "pain": "" if pain is None else f"{pain} ({where})" if where else str(pain),
        "reported": ", ".join(spaced(symptom) for symptom in values.get("symptoms") or ()),
        "note:": values.get("note") or "",
    }
