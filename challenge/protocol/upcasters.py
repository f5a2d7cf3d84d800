"""Read documents of older schemas: one function for each step, from one schema number to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from challenge.protocol.validation import ProtocolError

SCHEMA = 2
Data = dict[str, Any]

# Schema 1 stored no number of the method with a reason. These were in force in every version it knew ("2026-1"); a
# version such as "2026-1+raise_percent=4" names the ones that were altered.
_SCHEMA_1_PARAMETERS: dict[str, dict[str, int]] = {
    "cadence.baseline": {"correction_below_spm": 5},
    "cadence.raise": {"raise_percent": 5},
    "cadence.cap": {"cap_spm": 180},
    "cadence.five_runs": {"five_runs": 5, "consistent_runs": 3, "consistent_on_target": 2},
    "cadence.on_target": {"on_target_minutes": 10},
    "cadence.hold.pain": {"worse_mornings": 2},
    "cadence.review": {"review_percent": 10},
    "phase.propose_2": {"settle_days": 7},
    "phase.propose_back": {"back_days": 7},
    "exercise.dose": {"step_after_sessions": 3},
    "pain.morning": {"worse_mornings": 2},
    "load.long_run": {"long_run_percent": 110, "long_run_days": 30, "long_run_quiet_days": 7},
    "load.stacked": {"stacked_days": 7},
    "load.weekly_jump": {"jump_percent": 130},
    "load.recovery": {"days_without_off": 7},
    "load.window": {"window_first_week": 4, "window_last_week": 8},
    "strike.volume": {"volume_cut_percent": 30, "volume_days": 14},
    "strike.return": {"strike_review_days": 14, "strike_return_days": 14},
}

# The new name of a fact; None where the parameter's own fact has taken its place.
_SCHEMA_1_FACTS: dict[str, dict[str, str | None]] = {
    "cadence.raise": {"percent": None, "cap_spm": None},
    "cadence.cap": {"percent": None},
    "cadence.five_runs": {"need": None},
    "cadence.on_target": {"minutes": None},
    "load.long_run": {"told": "from_intake", "quiet_days": None},
    "load.recovery": {"days_without_off": "training_streak", "hard_days": "hard_streak"},
    "strike.volume": {"percent": None},
    "strike.return": {"percent": None},
}


def upcast(data: Any) -> Mapping[str, Any]:
    """Return a stored document in the current schema. Raises ProtocolError for a schema that is not known."""
    current: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    schema = current.get("schema")
    if type(schema) is not int or not 1 <= schema <= SCHEMA:
        raise ProtocolError("schema", f"must be 1 to {SCHEMA}, not {schema!r}")
    for older in range(schema, SCHEMA):
        current = {**UPCASTERS[older](current), "schema": older + 1}
    return current


def _add_parameters(data: Mapping[str, Any]) -> Data:
    """Schema 1 to 2: reasons carry the parameters that their sentences state; facts have American names."""
    altered = _altered(str(data.get("parameters_version", "")))
    return {name: _upgrade(value, altered) for name, value in data.items()}


def _altered(version: str) -> dict[str, int]:
    """Return the parameters that a version names: "2026-1+cap_spm=170" gives {"cap_spm": 170}."""
    marks = version.partition("+")[2]
    pairs = (mark.partition("=") for mark in marks.split(",") if mark)
    return {name: int(value) for name, _, value in pairs}


def _upgrade(value: Any, altered: Mapping[str, int]) -> Any:
    if isinstance(value, list | tuple):
        return [_upgrade(item, altered) for item in value]
    if not isinstance(value, Mapping):
        return value
    if value.keys() == {"rule", "facts"}:
        return {"rule": value["rule"], "facts": _upgrade_facts(value["rule"], value["facts"], altered)}
    # `review_asked` was never set.
    return {name: _upgrade(item, altered) for name, item in value.items() if name != "review_asked"}


def _upgrade_facts(rule: str, facts: list[list[Any]], altered: Mapping[str, int]) -> list[list[Any]]:
    names = _SCHEMA_1_FACTS.get(rule, {})
    upgraded = {new: value for old, value in facts if (new := names.get(old, old)) is not None}
    for name, value in _SCHEMA_1_PARAMETERS.get(rule, {}).items():
        upgraded[name] = altered.get(name, value)
    return sorted([name, value] for name, value in upgraded.items())


UPCASTERS: dict[int, Callable[[Mapping[str, Any]], Data]] = {1: _add_parameters}
