"""The warnings of one run by itself. The engine judges a week as a whole; most rules are easier to read run by run."""

from collections.abc import Sequence
from datetime import date

from challenge.protocol.entries import RunInput, StrengthInput
from challenge.protocol.load_now import LogNow, warnings_now
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
