"""Recompute past decisions from their stored input, to prove that the method decided what was sent."""

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
    """One recomputed decision, with a line for each value that differs."""

    enrollment_id: int
    week: int
    revision: int
    differences: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return a name of the decision for people, without the runner's name."""
        return f"week {self.week}, runner {self.enrollment_id}, revision {self.revision}"


def replay(*, cohort: Cohort, altered: dict[str, int]) -> Iterator[ReplayOutcome]:
    """Yield every decision of the cohort, oldest first, recomputed from its own stored input.

    `altered` replaces parameters by name. Each week is recomputed by itself: the weeks before it stay as they were.
    Erased rows have no input and are left out. Raise ProtocolError for a parameter that does not exist or is out of
    range.
    """
    rows = WeeklyTarget.objects.filter(enrollment__seat__cohort=cohort).exclude(snapshot={})
    # Stream the rows: each holds three JSON documents.
    for row in rows.order_by("week_starts_on", "enrollment_id", "revision").iterator(chunk_size=200):
        parameters, snapshot = Parameters.from_json(row.parameters), Snapshot.from_json(row.snapshot)
        # Through its type: an older schema is brought up to date before the two are compared.
        before = Decision.from_json(row.decision).to_data()
        again = decide(snapshot, parameters.altered(**altered) if altered else parameters).to_data()
        # With an older engine's decision, compare what this engine decides with the stored parameters: the difference
        # must show the altered parameter, not the change of the engine.
        if altered and again["engine_version"] != row.engine_version:
            before = decide(snapshot, parameters).to_data()
        lines = differences(before, again, ignore="parameters_version" if altered else "")
        yield ReplayOutcome(row.enrollment_id, row.week, row.revision, tuple(lines))


def differences(before: Any, after: Any, *, where: str = "", ignore: str = "") -> Iterator[str]:
    """Yield a line for each value that differs, by its path: `cadence.target_spm: 168 -> 165`."""
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
