"""The warnings of one run by itself. The engine judges a week as a whole; most rules are easier to read run by run."""

from collections.abc import Sequence
from datetime import date

from challenge.protocol import load
from challenge.protocol import longest_run as limits
from challenge.protocol.decision import LongestRun
from challenge.protocol.entries import RunInput, StrengthInput
from challenge.protocol.load import LogNow, warnings_now
from challenge.protocol.log_view import LogView
from challenge.protocol.long_run import long_runs
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
    return warnings_now(run, LogNow(tuple(runs), intake, starts_on, tuple(strength)), parameters)


def week_warnings(history: LogView, parameters: Parameters) -> tuple[LoadWarning, ...]:
    """Return the warnings of the week that a log ends with."""
    return load.week_warnings(history, long_runs(history, parameters), parameters)


def longest_run(history: LogView, parameters: Parameters, weekly_limit_m: int | None = None) -> LongestRun:
    """Return the longest run of the week that follows a log."""
    return limits.longest_run(long_runs(history, parameters), history.snapshot.week_on, weekly_limit_m)
