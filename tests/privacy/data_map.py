"""Where each field of health data is, in one table: `python -m tests.privacy.data_map > docs/security/data-map.md`.

A model is written down once, with what is different for one of its fields; the table has a line for each field.
`test_data_map.py` compares it with the models, and with what an export and an erasure really do.
"""

import os
import sys
from dataclasses import dataclass, field

import django
from django.apps import apps

RUNNER_AND_CLINICIANS = "the runner; clinicians of the cohort"
CLINICIANS = "clinicians of the cohort"
ACCOUNT = "as long as the account"
DELETED = "the row is deleted"
STAYS = "stays, without the person"
BLANKED = "blanked"


@dataclass(frozen=True)
class Held:
    """What holds for all fields of a model. `stays` and `blanked` are the fields that erasing does not delete.

    `exported` is the table of the export, "" for none; `hidden` are fields that are in no export.
    """

    shown: str
    readers: str = RUNNER_AND_CLINICIANS
    kept: str = ACCOUNT
    exported: str = ""
    hidden: frozenset[str] = frozenset()
    stays: frozenset[str] = frozenset()
    blanked: frozenset[str] = frozenset()
    except_for: dict[str, str] = field(default_factory=dict)  # field -> who reads it instead

    def erased(self, name: str) -> str:
        return BLANKED if name in self.blanked else STAYS if name in self.stays else DELETED


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


LOG = "/log/, /today/, /plan/; the runner’s page and the admin of clinicians"
RECORD = "the runner’s page and the admin of clinicians; what follows from it on /today/"
HEALTH: dict[str, Held] = {
    "Intake": Held("/join/intake/, /me/; the runner’s page", exported="intake/intake"),
    "Complaint": Held("/join/intake/; the runner’s page", exported="intake/complaint"),
    "Draft": Held(
        "/join/intake/", "the runner alone", "90 days after the last change", exported="intake/draft"
    ),
    "Run": Held(LOG, exported="workouts/run"),
    "ActivityFile": Held("the entry of its run", exported="workouts/activityfile"),
    "StrengthSession": Held(LOG, exported="workouts/strengthsession"),
    "StrengthSet": Held(LOG, exported="workouts/strengthset"),
    "GuidedSession": Held("/log/strength/", "the runner alone", exported="workouts/guidedsession"),
    "GuidedSet": Held(
        "/log/strength/; as sets of the log once it is finished", exported="workouts/guidedset"
    ),
    "Morning": Held(LOG, exported="workouts/morning"),
    "DailyLife": Held(LOG, exported="workouts/dailylife"),
    "RestWeek": Held(LOG, exported="workouts/restweek"),
    "EntryRevision": Held("the history of an entry", exported="workouts/entryrevision"),
    "ImportJob": Held(
        "/log/import/",
        "the runner alone",
        "2 days; mailed files 14",
        exported="workouts/importjob",
        hidden=_set("content"),
    ),
    "RunnerComplaint": Held(
        RECORD,
        exported="care/runnercomplaint",
        stays=_set("site side kind status track_approved opened_on changed_on changed_at taken_back"),
    ),
    "ComplaintChange": Held(
        RECORD,
        exported="care/complaintchange",
        stays=_set("status track_approved kind source on"),
        blanked=_set("reason"),
    ),
    "DismissedProposal": Held(
        RECORD, CLINICIANS, exported="care/dismissedproposal", stays=_set("site side"), blanked=_set("reason")
    ),
    "PhaseChange": Held(
        RECORD,
        exported="care/phasechange",
        stays=_set("kind from_phase to_phase"),
        blanked=_set("reason shown"),
    ),
    "Flag": Held(
        "the board, the runner’s page and the admin of clinicians; a stop on every page of the runner",
        exported="care/flag",
        stays=_set("kind rule source answered_with"),
        blanked=_set("facts closing_note found holds_now"),
    ),
    "Pause": Held(
        RECORD, exported="care/pause", stays=_set("reason starts_on ends_on"), blanked=_set("note")
    ),
    "HeelStrikePeriod": Held(
        RECORD,
        exported="care/heelstrikeperiod",
        stays=_set("starts_on ended_on"),
        blanked=_set("reason end_reason"),
    ),
    "FunctionTest": Held(
        RECORD,
        exported="care/functiontest",
        stays=_set("kind side repetitions pain"),
        blanked=_set("not_tested_because note"),
    ),
    "ClinicianOverride": Held(
        RECORD,
        exported="care/clinicianoverride",
        stays=_set("what exercise replacement cadence_spm dose"),
        blanked=_set("reason end_reason"),
    ),
    "WeeklyTarget": Held(
        "/today/, /plan/, the weekly email (targets alone); the runner’s page and the admin of clinicians",
        exported="care/weeklytarget",
        stays=_set("because phase cadence_spm on_hold"),
        blanked=_set("snapshot decision"),
    ),
    "PlannedCadence": Held(
        RECORD,
        exported="weekly/plannedcadence",
        stays=_set("week_starts_on cadence_spm"),
        blanked=_set("reason"),
    ),
    "Note": Held(
        "the runner’s page and the admin of clinicians",
        CLINICIANS,
        exported="review/notes",
        blanked=_set("text"),
    ),
    "Contact": Held(
        "the runner’s page and the admin of clinicians",
        CLINICIANS,
        exported="review/contacts",
        stays=_set("how"),
        blanked=_set("text"),
    ),
    "OutcomeScore": Held(
        "the runner’s page, the report and the admin of clinicians",
        CLINICIANS,
        exported="review/outcome_scores",
        stays=_set("instrument score scored_on"),
    ),
    "QuestionnaireAnswer": Held(
        "/questions/; the runner’s page, the report and the admin of clinicians",
        exported="outcomes/questionnaireanswer",
    ),
    "AnswerDraft": Held(
        "/questions/", "the runner alone", "90 days after the last change", exported="outcomes/answerdraft"
    ),
    "Message": Held(
        "/messages/; the messages and the admin of clinicians",
        exported="messages/messages",
        stays=_set("from_runner"),
        blanked=_set("text"),
    ),
    "MessagePicture": Held(
        "/messages/, encrypted in the database",
        kept="a year after the cohort ends",
        exported="messages/message_pictures",
    ),
    "Conversation": Held(
        "/messages/", "the runner alone", "90 days after the last change", exported="messages/conversation"
    ),
    "WeekFeedback": Held(
        "/today/; the feedback of the cohort",
        exported="feedback/weekfeedback",
        except_for={"ease": "the runner; clinicians of the cohort; owners"},
    ),
    "EndFeedback": Held(
        "/feedback/; the feedback of the cohort",
        exported="feedback/endfeedback",
        except_for=dict.fromkeys(
            ("recommend", "cadence", "strength", "log"), "the runner; clinicians of the cohort; owners"
        ),
    ),
    "Booking": Held(
        "the call’s own link; the calls of its clinician and of the desk",
        "the caller; the desk, owners and the call’s clinician",
        "730 days after the call",
        exported="calls/calls",
        blanked=_set("site notes question answer"),
        except_for={"answer": "the caller; of a runner, the call’s clinician alone"},
    ),
    "CallEvent": Held(
        "the call’s page of staff",
        "the desk, owners and the call’s clinician",
        exported="calls/call_history",
        blanked=_set("reason"),
    ),
    "EmergencyAccess": Held(
        "the admin of owners; the email to owners and the runner says that it happened",
        "owners; who opened it",
        "six years and longer: it is never cleared",
        exported="enrollment/emergency_accesses",
        blanked=_set("reason"),
    ),
    "OutboxMessage": Held(
        "the mailbox it went to; the mail pages of clinicians. No pain, answer or note is in one",
        "who it is addressed to; clinicians",
        "the words 730 days",
        exported="mail/emails",
        hidden=_set("html headers attachments"),
    ),
}
# Fields of these models that say nothing about a person's health: keys, moments of writing, states of the program.
BOOKKEEPING = _set(
    """id key logged_at deleted_at at saved_at answered_at raised_at taken_at closed_at ended_at undone_at
    taken_back_at sha256 reader_version doubts_seen_at discarded_at started_at done_at entry_id batch size_bytes
    state claimed_at taken_bytes uploaded_at read_at parameters engine_version parameters_version revision week
    sealed_key width_px height_px place draft_at emails_off_at version"""
)
OWN_BOOKKEEPING: dict[str, frozenset[str]] = {
    "ActivityFile": _set("file_format cadence_unit"),
    "Booking": _set(
        """starts_at ends_at busy name email phone heard time_zone uid sequence form_key booked_at changed_at
        canceled_by follow_up_on kind video_link phone_news"""
    ),
    "CallEvent": _set("happened starts_at"),
    "EmergencyAccess": _set("ends_at"),
    "EntryRevision": _set("number"),
    "GuidedSet": _set("number"),
    "ImportJob": _set("number source"),
    "Intake": _set("is_adult"),
    "OutboxMessage": _set(
        """kind dedupe_key about to_email reply_to message_id priority created_at send_at expires_at give_up_at
        lease_token lease_until handing_over unsure attempts last_error sent_at"""
    ),
    "StrengthSet": _set("number"),
    "WeeklyTarget": _set("week_starts_on"),
    "WeekFeedback": _set("question"),
    "EndFeedback": _set("may_quote"),
}
OWN_FIELDS: dict[str, frozenset[str]] = {
    "Run": _set("started_at")
}  # of the run itself, not of writing it down
# Personal, and not about health: who someone is, what they booked, and what the program noted about its own work.
NOT_HEALTH = _set(
    """User AccessEntry IdentityEvent FactorReset AddressChange RoleGrant Availability Hours Leave CheckInTerms
    BusyCalendar BusyTime DeskFeed CheckInOffer UnconfirmedCall CohortClinician Seat Enrollment LedgerEntry
    LaunchWave EarlyAccess PushAddress AddressState Consent MessageMark MessageTemplate PlanFeed ReminderChoice
    WallPlace Nod InboundAddress"""
)


def fields_of(model: type) -> list[str]:
    """Return the fields of a model that hold health data."""
    name = model.__name__
    skipped = (BOOKKEEPING | OWN_BOOKKEEPING.get(name, frozenset())) - OWN_FIELDS.get(name, frozenset())
    concrete = model._meta.concrete_fields  # type: ignore[attr-defined]
    return [one.name for one in concrete if not one.is_relation and one.name not in skipped]


HEAD = """# Where health data is

Written by `python -m tests.privacy.data_map`; `tests/privacy/test_data_map.py` compares it with the models, with a
real export and with a real erasure, so that a new field without a line fails. Every look by staff at a runner's data
leaves a row (`AccessEntry`), and every field is in each encrypted backup until that is thrown away. What is here is
health data, the highest level; the names, addresses and sign-ins of the list at the end are personal; the rest of the
database is the clinic's own. Which role opens which page is tried in `tests/repository/test_access.py`, and "read
by" in `tests/repository/test_field_access.py`: what a role may not read changes nothing that it gets. That none
leaves by mail, log or address, is tried in
`tests/privacy/test_no_leaks.py::test_a_runners_words_are_in_no_log_cache_email_or_report`.

| field | shown | read by | kept | in the export | when its person is erased |
|---|---|---|---|---|---|
"""
TAIL = """
Personal, and not about health, exported and erased as well (`tests/privacy/test_export.py` and
`tests/privacy/test_erase.py`): {names}.
"""


def document() -> str:
    """Return the page."""
    lines = []
    for name, held in HEALTH.items():
        for one in fields_of(apps.get_model("challenge", name)):
            readers = held.except_for.get(one, held.readers)
            exported = "no" if one in held.hidden else f"`{held.exported}`"
            cells = (f"`{name}.{one}`", held.shown, readers, held.kept, exported, held.erased(one))
            lines.append(f"| {' | '.join(cells)} |")
    names = ", ".join(f"`{name}`" for name in sorted(NOT_HEALTH))
    return HEAD + "\n".join(lines) + "\n" + TAIL.format(names=names)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thrive.settings")
    django.setup()
    sys.stdout.write(document())
