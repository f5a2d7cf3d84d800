"""An index of the parts' models, nothing else."""

from challenge.accounts.models import AccessEntry, AddressChange, IdentityEvent, User
from challenge.accounts.waiting_models import FactorReset, RoleGrant
from challenge.calls.models import Booking, CallEvent, CheckInOffer, UnconfirmedCall
from challenge.calls.schedule_models import (
    Availability,
    BusyCalendar,
    BusyTime,
    CheckInTerms,
    DeskFeed,
    Hours,
    Leave,
)
from challenge.care.complaint_models import ComplaintChange, DismissedProposal, RunnerComplaint
from challenge.care.models import (
    ClinicianOverride,
    Flag,
    FunctionTest,
    HeelStrikePeriod,
    Pause,
    PhaseChange,
    WeeklyTarget,
)
from challenge.clinic.models import ClinicVersion
from challenge.enrollment.cohort_parameters import CohortParameters
from challenge.enrollment.emergency_models import EmergencyAccess
from challenge.enrollment.models import (
    Cohort,
    CohortClinician,
    EarlyAccess,
    Enrollment,
    LaunchWave,
    LedgerEntry,
    Seat,
)
from challenge.feedback.models import EndFeedback, WeekFeedback
from challenge.intake.models import Complaint, Consent, Draft, Intake
from challenge.mail.models import AddressState, OutboxMessage, PushAddress
from challenge.messages.models import (
    CohortNote,
    Conversation,
    Message,
    MessageMark,
    MessagePicture,
    MessageTemplate,
    Nod,
    WallPlace,
)
from challenge.notifications.models import NoticeSettings, PlanFeed, ReminderChoice
from challenge.operations.models import Heartbeat, HistoryNight
from challenge.outcomes.models import AnswerDraft, LoadedQuestionnaire, QuestionnaireAnswer
from challenge.pages.models import TeamMember, TeamPicture
from challenge.privacy.models import ErasedAccount, HistoryOpening
from challenge.review.models import Contact, ExerciseVideo, Note, OutcomeScore
from challenge.weekly.models import PlannedCadence
from challenge.workouts.import_models import ActivityFile, ImportJob, InboundAddress
from challenge.workouts.models import (
    DailyLife,
    EntryRevision,
    Morning,
    RestWeek,
    Run,
    StrengthSession,
    StrengthSet,
)
from challenge.workouts.strength_session_models import GuidedSession, GuidedSet

__all__ = [
    "AccessEntry",
    "ActivityFile",
    "AddressChange",
    "AddressState",
    "AnswerDraft",
    "Availability",
    "Booking",
    "BusyCalendar",
    "BusyTime",
    "CallEvent",
    "CheckInOffer",
    "CheckInTerms",
    "ClinicVersion",
    "ClinicianOverride",
    "Cohort",
    "CohortClinician",
    "CohortNote",
    "CohortParameters",
    "Complaint",
    "ComplaintChange",
    "Consent",
    "Contact",
    "Conversation",
    "DailyLife",
    "DeskFeed",
    "DismissedProposal",
    "Draft",
    "EarlyAccess",
    "EmergencyAccess",
    "EndFeedback",
    "Enrollment",
    "EntryRevision",
    "ErasedAccount",
    "ExerciseVideo",
    "FactorReset",
    "Flag",
    "FunctionTest",
    "GuidedSession",
    "GuidedSet",
    "Heartbeat",
    "HeelStrikePeriod",
    "HistoryNight",
    "HistoryOpening",
    "Hours",
    "IdentityEvent",
    "ImportJob",
    "InboundAddress",
    "Intake",
    "LaunchWave",
    "Leave",
    "LedgerEntry",
    "LoadedQuestionnaire",
    "Message",
    "MessageMark",
    "MessagePicture",
    "MessageTemplate",
    "Morning",
    "Nod",
    "Note",
    "NoticeSettings",
    "OutboxMessage",
    "OutcomeScore",
    "Pause",
    "PhaseChange",
    "PlanFeed",
    "PlannedCadence",
    "PushAddress",
    "QuestionnaireAnswer",
    "ReminderChoice",
    "RestWeek",
    "RoleGrant",
    "Run",
    "RunnerComplaint",
    "Seat",
    "StrengthSession",
    "StrengthSet",
    "TeamMember",
    "TeamPicture",
    "UnconfirmedCall",
    "User",
    "WallPlace",
    "WeekFeedback",
    "WeeklyTarget",
]
