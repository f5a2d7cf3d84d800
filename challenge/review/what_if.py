"""The cohort replayed with an altered parameter: which weeks would have differed, for whom."""

from collections import defaultdict
from dataclasses import dataclass

from challenge.enrollment.models import Cohort, Enrollment
from challenge.targets.replays import replay

SHOWN = 6  # lines of one week; the rest are counted


@dataclass(frozen=True)
class Week:
    """One decision that would have differed."""

    number: int
    revision: int
    lines: tuple[str, ...]
    more: int


@dataclass(frozen=True)
class Runner:
    enrollment: Enrollment
    weeks: list[Week]

    @property
    def name(self) -> str:
        user = self.enrollment.seat.user
        return user.get_full_name() if user is not None else "Somebody who left"


@dataclass(frozen=True)
class Found:
    """How many decisions were recomputed and differ, and those of each runner, by name."""

    compared: int
    different: int
    runners: list[Runner]


def what_if(*, cohort: Cohort, altered: dict[str, int]) -> Found:
    """Raises ProtocolError for a parameter that does not exist or is out of range. Reads, and writes nothing."""
    compared = 0
    weeks: dict[int, list[Week]] = defaultdict(list)
    for outcome in replay(cohort=cohort, altered=altered):
        compared += 1
        if outcome.differences:
            lines = outcome.differences[:SHOWN]
            more = len(outcome.differences) - len(lines)
            weeks[outcome.enrollment_id].append(Week(outcome.week, outcome.revision, lines, more))
    rows = Enrollment.objects.filter(pk__in=weeks).select_related("seat__user")
    runners = sorted((Runner(row, weeks[row.pk]) for row in rows), key=lambda runner: runner.name)
    return Found(compared, sum(map(len, weeks.values())), runners)
