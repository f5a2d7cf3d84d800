"""The cohort replayed with an altered parameter: which weeks would have differed, for whom."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from challenge.enrollment.models import Cohort, Enrollment
from challenge.weekly.replay import replay

# What a clinician asks of an altered decision; of the rest it is said only that it is there.
VALUES = {
    "state": "state",
    "cadence.target_spm": "cadence",
    "phase.proposed": "proposed phase",
    "longest_run.limit_m": "longest run in meters",
    "strike.step": "heel strike",
}
PLACES = {
    "phase.missing": "things still missing",
    "exercises": "exercises",
    "warnings": "warnings",
    "caution": "caution",
    "questions": "questions",
}


@dataclass(frozen=True)
class WhatIfWeek:
    """One decision that would have differed."""

    number: int
    revision: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class WhatIfRunner:
    enrollment: Enrollment
    weeks: list[WhatIfWeek]

    @property
    def name(self) -> str:
        user = self.enrollment.seat.user
        return user.get_full_name() if user is not None else "Somebody who left"


@dataclass(frozen=True)
class WhatIfResult:
    """How many decisions were recomputed and differ, and those of each runner, by name."""

    compared: int
    different: int
    runners: list[WhatIfRunner]


def what_if(*, cohort: Cohort, altered: dict[str, int]) -> WhatIfResult:
    """Raises ProtocolError for a parameter that does not exist or is out of range. Reads, and writes nothing."""
    compared = 0
    weeks: dict[int, list[WhatIfWeek]] = defaultdict(list)
    for outcome in replay(cohort=cohort, altered=altered):
        compared += 1
        if outcome.differences:
            lines = differences_text(outcome.differences)
            weeks[outcome.enrollment_id].append(WhatIfWeek(outcome.week, outcome.revision, lines))
    rows = Enrollment.objects.filter(pk__in=weeks).select_related("seat__user")
    runners = sorted((WhatIfRunner(row, weeks[row.pk]) for row in rows), key=lambda runner: runner.name)
    return WhatIfResult(compared, sum(map(len, weeks.values())), runners)


def differences_text(differences: Iterable[str]) -> tuple[str, ...]:
    """The differences of one decision, each `path: before -> after`, as a clinician reads them."""
    found: list[str] = []
    for difference in differences:
        path, _, change = difference.partition(": ")
        if path in VALUES:
            found.append(f"{VALUES[path]} {change.replace('None', 'none').replace(' -> ', ' → ')}")
            continue
        other = next((words for place, words in PLACES.items() if path.startswith(place)), None)
        if other is not None and f"{other} differ" not in found:
            found.append(f"{other} differ")
    return tuple(found) or ("only its reasons differ",)
