"""Past decisions recomputed from what was stored with them: the proof that the method decided what was sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from challenge.care.models import WeeklyTarget
from challenge.enrollment.models import Cohort
from challenge.protocol.decision import Decision
from challenge.protocol.parameters import Parameters
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.weekly import decide


@dataclass(frozen=True)
class ReplayOutcome:
    """One decision recomputed: which, and what came out otherwise, a line for each thing."""

    enrollment_id: int
    week: int
    revision: int
    differences: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"week {self.week}, runner {self.enrollment_id}, revision {self.revision}"


def replay(*, cohort: Cohort, altered: dict[str, int]) -> Iterator[ReplayOutcome]:
    """Every decision of the cohort, oldest first, each from its own stored input.

    With `altered` parameters every week is recomputed by itself: the weeks before it stay as they were. What an older
    engine decided is held against this one's decision with the parameters of the day, so that the engine's change is
    not taken for the number's. Erased rows have no input and are left out. Raises ProtocolError for parameters that do
    not exist or are out of range.
    """
    rows = WeeklyTarget.objects.filter(enrollment__seat__cohort=cohort).exclude(snapshot={})
    for row in rows.order_by("week_starts_on", "enrollment_id", "revision").iterator(chunk_size=200):
        parameters, snapshot = Parameters.from_json(row.parameters), Snapshot.from_json(row.snapshot)
        # Through its type: an older schema is brought up to date before the two are compared.
        before = Decision.from_json(row.decision).to_data()
        again = decide(snapshot, parameters.altered(**altered) if altered else parameters).to_data()
        if altered and again["engine_version"] != row.engine_version:
            before = decide(snapshot, parameters).to_data()
        found = differences(before, again, ignore="parameters_version" if altered else "")
        yield ReplayOutcome(row.enrollment_id, row.week, row.revision, tuple(found))


def differences(before: Any, after: Any, *, where: str = "", ignore: str = "") -> Iterator[str]:
    """What changed between two decisions, by path: `cadence.target_spm: 168 -> 165`."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            if name != ignore:
                path = f"{where}.{name}" if where else name
                yield from differences(before.get(name), after.get(name), where=path)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from differences(old, new, where=f"{where}[{place}]")
    elif before != after:
        yield f"{where}: {before} -> {after}"
