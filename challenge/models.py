"""An index of the parts' models, nothing else."""

from challenge.accounts.models import AccessEntry, User
from challenge.care.models import (
    Flag,
    FunctionTest,
    HandSet,
    Pause,
    PhaseChange,
    StrikeSpell,
    WeeklyTarget,
)
from challenge.enrollment.models import Cohort, CohortClinician, EarlyAccess, Enrollment, LedgerEntry, Seat
from challenge.intake.models import Complaint, Consent, Draft, Intake
from challenge.mail.models import AddressState, OutboxMessage

__all__ = [
    "AccessEntry",
    "AddressState",
    "Cohort",
    "CohortClinician",
    "Complaint",
    "Consent",
    "Draft",
    "EarlyAccess",
    "Enrollment",
    "Flag",
    "FunctionTest",
    "HandSet",
    "Intake",
    "LedgerEntry",
    "OutboxMessage",
    "Pause",
    "PhaseChange",
    "Seat",
    "StrikeSpell",
    "User",
    "WeeklyTarget",
]
