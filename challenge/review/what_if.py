"""The cohort replayed with one parameter changed: which weeks would have differed, and for whom; and its forms."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms

from challenge.enrollment.models import Cohort, Enrollment
from challenge.protocol.parameters import Parameters, parameter_infos
from challenge.review.forms import reason_field
from challenge.weekly.decide import replay

# Differences shown with their values, and those only named.
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
    """A runner with the decisions that would have differed."""

    enrollment: Enrollment
    weeks: list[WhatIfWeek]

    @property
    def name(self) -> str:
        """Return the runner's name."""
        user = self.enrollment.seat.user
        return user.get_full_name() if user is not None else "A former runner"


@dataclass(frozen=True)
class WhatIfResult:
    """How many decisions were recomputed and how many differ, with those of each runner, by name."""

    compared: int
    different: int
    runners: list[WhatIfRunner]


def what_if(*, cohort: Cohort, altered: dict[str, int]) -> WhatIfResult:
    """Replay the cohort. Raise ProtocolError for an unknown parameter or value; nothing is stored."""
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
    """Return the differences of one decision, given as `path: before -> after`, for a clinician."""
    texts: list[str] = []
    for difference in differences:
        path, _, change = difference.partition(": ")
        if path in VALUES:
            texts.append(f"{VALUES[path]} {change.replace('None', 'none').replace(' -> ', ' → ')}")
            continue
        other = next((words for place, words in PLACES.items() if path.startswith(place)), None)
        if other is not None and f"{other} differ" not in texts:
            texts.append(f"{other} differ")
    return tuple(texts) or ("only its reasons differ",)


def _amount(value: int, unit: str) -> str:
    """Return a number with its unit as people write it: 5%, week 4, 28 days; a pain without one."""
    if unit == "%":
        return f"{value}%"
    if unit == "week":
        return f"week {value}"
    return str(value) if unit.startswith("pain") else f"{value}\u00a0{unit}"


class WhatIfForm(forms.Form):
    """One number of the method, and another value for it."""

    name = forms.ChoiceField(
        label="The number to change",
        error_messages={"invalid_choice": "Choose one of the numbers in the list."},
    )
    value = forms.IntegerField(
        label="Try this instead",
        widget=forms.TextInput({"inputmode": "numeric", "size": 6}),
        error_messages={"invalid": "Enter a whole number.", "required": "Enter the number to try instead."},
    )

    def __init__(self, *args: Any, parameters: Parameters, **kwargs: Any) -> None:
        """`parameters` are the cohort's, which the list names as the numbers of now."""
        super().__init__(*args, **kwargs)
        self.fields["name"].choices = [  # type: ignore[attr-defined]
            (name, f"{info.says}, now {_amount(getattr(parameters, name), info.unit)}")
            for name, info in parameter_infos().items()
        ]


class SignForm(WhatIfForm):
    """The same number, with the reason: signing it puts it in force."""

    reason = reason_field()
