"""Encode frozen dataclasses as JSON and decode them without loss, through msgspec, with a schema number.

Documents of older schemas are read first by one function for each step, from one schema number to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self, TypeVar

import msgspec

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


T = TypeVar("T")

# msgspec ends a message with the place, in JSONPath: "Expected `int`, got `str` - at `$.runs[0].pain`".
_PLACE = " - at `$"


@dataclass(frozen=True)
class Document:
    """A dataclass that is stored whole. `schema` numbers the shape it was written in.

    Raise `SCHEMA` and add a function to `UPCASTERS` whenever a field is renamed or removed, or changes its meaning.
    """

    schema: int = field(default=SCHEMA, kw_only=True)

    def to_data(self) -> dict[str, Any]:
        """Return plain objects, lists, strings and numbers that fit a JSON column."""
        data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return data

    def to_json(self) -> str:
        """Return canonical JSON text: sorted keys, no spaces. Equal values give equal text."""
        return msgspec.json.encode(self, order="sorted").decode()

    @classmethod
    def from_json(cls, stored: str | bytes | Mapping[str, Any]) -> Self:
        """Decode what `to_json` or `to_data` returned, also in an older schema.

        Raises ProtocolError that names the field that does not fit. Unknown names are refused at the top level only:
        msgspec ignores them deeper in a dataclass, and there the schema number is the guard.
        """
        data = _parse(stored) if isinstance(stored, str | bytes) else stored
        current = upcast(data)
        unknown = current.keys() - {entry.name for entry in fields(cls)}
        if unknown:
            raise ProtocolError(f"{cls.__name__}.{min(unknown)}", "is not known")
        return revive(cls, current, cls.__name__)


def revive(kind: type[T], data: Any, where: str) -> T:
    """Return the typed value of plain data in the current schema.

    Raises ProtocolError with the path to what does not fit, from `where` on.
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        # The rules of `validation` speak for themselves: msgspec only wraps what they raise.
        if isinstance(error.__cause__, ProtocolError):
            raise error.__cause__ from error
        problem, _, path = str(error).partition(_PLACE)
        raise ProtocolError(f"{where}{path.removesuffix('`')}", f"does not fit: {problem}") from error


def _parse(stored: str | bytes) -> Any:
    try:
        return msgspec.json.decode(stored)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise ProtocolError("document", f"must be JSON: {error}") from error
