"""The warnings of one run by itself. The engine judges a week as a whole; most rules are easier to read run by run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from challenge.protocol.entries import RunInput, StrengthInput
from challenge.protocol.load import _of_run, _recovery
from challenge.protocol.long_run import LongRuns, sore_days
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.reasons import LoadWarning
from challenge.protocol.snapshot import IntakeInput


def run_warnings(
    run: RunInput,
    runs: Sequence[RunInput],
    strength: Sequence[StrengthInput],
    intake: IntakeInput,
    starts_on: date,
    parameters: Parameters = CLINIC,
) -> tuple[LoadWarning, ...]:
    """Return the warnings of one run. `runs` may hold the run itself."""
    # The run may be in the log already (a correction): it must not be measured against itself.
    log = [other for other in runs if other.key != run.key]
    tired = _recovery(run.local_on, [*log, run], strength, parameters)
    sore = sore_days((*log, *strength), parameters)
    longest = LongRuns(tuple(log), intake, starts_on, parameters, sore_sessions=sore)
    return _of_run(run, log, (longest.warning(run), tired), intake, starts_on, parameters)
