"""Histories that show tampering: each night one digest over the new history rows, chained to the night before.

A digest covers exactly the fields that erasing a person leaves (`HISTORIES`), so that erasure never breaks the chain.
Rows are found by ranges of ids, never by their time: a row may be dated late. The head of the chain goes to the owners
by email, out of reach of anyone who can write to the database.
"""

import hashlib
import json
import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NotRequired, TypedDict
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.db import OperationalError, connection, models, transaction
from django.db.models import Max, Min, QuerySet
from psycopg.errors import LockNotAvailable

from challenge.accounts.models import AccessEntry, IdentityEvent
from challenge.accounts.queries import owner_addresses
from challenge.calls.models import CallEvent
from challenge.care.complaint_models import ComplaintChange, DismissedProposal
from challenge.care.models import ClinicianOverride, FunctionTest, HeelStrikePeriod, PhaseChange, WeeklyTarget
from challenge.clinic.models import ClinicVersion
from challenge.clinic.queries import WORDS
from challenge.enrollment.cohort_parameters import CohortParameters
from challenge.enrollment.emergency_models import EmergencyAccess
from challenge.enrollment.models import LedgerEntry
from challenge.intake.models import Consent
from challenge.mail.actions import put_in_outbox
from challenge.mail.models import MessageKind, OutboxMessage
from challenge.messages.models import CohortNote, Message, MessageMark
from challenge.operations.models import HistoryNight
from challenge.outcomes.models import LoadedQuestionnaire
from challenge.privacy.models import ErasedAccount, HistoryOpening
from challenge.privacy.retention import HISTORIES_KEPT_DAYS
from challenge.review.models import Contact, Note, OutcomeScore

log = logging.getLogger(__name__)

SEAL_HOUR = 2  # of the clinic's day: before the backup
MAIL_AT = time(7)
KEY = "history:"  # of the emails to the owners: history:DAY:HEAD:NUMBER
LOCK_TIMEOUT_MS = 2000
WHO_AND_WHEN = ("enrollment_id", "by_id", "at")


class HistoryBusy(Exception):
    """A transaction holds a history for longer than the lock waits; the next pass tries again."""


@dataclass(frozen=True)
class History:
    """One table, and its fields that neither a correction nor erasing a person changes.

    `kept_days`: the retention rules delete rows that are older, and the digests of such nights are not compared.
    """

    model: type[models.Model]
    fields: tuple[str, ...]
    kept_days: int | None = None


# A new history is one line here. What is left out of a table's fields is what erasing blanks: persons and free text.
HISTORIES = (
    History(LedgerEntry, ("cohort_id", "seat_id", "happened", "at")),
    History(AccessEntry, ("viewer_id", "what", "at"), kept_days=HISTORIES_KEPT_DAYS),
    History(
        IdentityEvent,
        ("account_id", "actor_id", "kind", "what", "means", "about", "at"),
        kept_days=HISTORIES_KEPT_DAYS,
    ),
    History(EmergencyAccess, ("viewer_id", "enrollment_id", "at", "ends_at")),
    History(PhaseChange, (*WHO_AND_WHEN, "kind", "from_phase", "to_phase")),
    History(FunctionTest, (*WHO_AND_WHEN, "kind", "side", "repetitions", "pain")),
    History(
        ClinicianOverride, (*WHO_AND_WHEN, "what", "exercise", "replacement", "cadence_spm", "dose")
    ),
    History(HeelStrikePeriod, (*WHO_AND_WHEN, "starts_on")),
    History(ComplaintChange, ("complaint_id", "by_id", "at", "on", "status", "kind", "source", "track_approved")),
    History(DismissedProposal, (*WHO_AND_WHEN, "site", "side")),
    History(
        WeeklyTarget,
        (
            *WHO_AND_WHEN, "week_starts_on", "week", "revision", "because", "phase", "cadence_spm", "on_hold",
            "parameters", "engine_version", "parameters_version",
        ),
    ),
    History(CohortParameters, ("cohort_id", "version", "numbers", "altered", "from_week_on", "by_id", "at")),
    History(ClinicVersion, (*WORDS, "author", "reason", "at")),
    History(Consent, ("enrollment_id", "version", "at")),
    History(CallEvent, ("booking_id", "happened", "staff_id", "starts_at", "at")),
    History(Note, WHO_AND_WHEN),
    History(Message, ("enrollment_id", "from_runner", "at")),
    History(CohortNote, ("cohort_id", "week_starts_on", "text", "by_id", "at")),
    History(MessageMark, ("message_id", "kind", "at")),
    History(Contact, (*WHO_AND_WHEN, "how")),
    History(LoadedQuestionnaire, ("code", "version", "definition", "by_id", "at")),
    History(OutcomeScore, (*WHO_AND_WHEN, "instrument", "score", "scored_on")),
    History(ErasedAccount, ("account", "at")),
    History(HistoryOpening, ("why", "at")),
)  # fmt: skip


class SealedTable(TypedDict):
    """One night's record of one table: the rows with `after` < id <= `until`, and the digest of their fields.

    `oldest` is the moment of the oldest row, where the retention rules will delete rows.
    """

    model: str
    fields: list[str]
    after: int
    until: int
    rows: int
    sha256: str
    oldest: NotRequired[str]


@dataclass(frozen=True)
class HistoryVerdict:
    """What verifying found: the number of nights that match and the last one's head, and what differs first."""

    nights: int
    head: str
    night: date | None = None
    problem: str = ""


def seal(*, on: date, at: datetime) -> HistoryNight | None:
    """Store the digests of every history row that is not in a night yet. Return None if `on` is sealed already.

    Raises HistoryBusy. Two workers at the same time write one night.
    """
    last = HistoryNight.objects.order_by("-sealed_on").first()
    if last is not None and last.sealed_on >= on:
        return None
    ends = {table["model"]: table["until"] for table in last.tables} if last is not None else {}
    tables = [_seal_table(history, ends.get(history.model.__name__, 0)) for history in HISTORIES]
    previous = last.head if last is not None else ""
    night = HistoryNight(sealed_on=on, sealed_at=at.astimezone(UTC), tables=tables, previous=previous)
    night.head = head_of(night)
    HistoryNight.objects.bulk_create([night], ignore_conflicts=True)
    return HistoryNight.objects.filter(head=night.head).first()


def verify(*, at: datetime, known_head: str = "") -> HistoryVerdict:
    """Compute every digest again, from the first night on, and stop at the first night that differs.

    `known_head` is a head, or its first sixteen characters or more, from an email: the chain must still have it.
    """
    previous, heads = "", dict[date, str]()
    for night in HistoryNight.objects.order_by("sealed_on").iterator():
        if problem := _problem(night, previous, at=at):
            return HistoryVerdict(len(heads), previous, night.sealed_on, problem)
        heads[night.sealed_on] = previous = night.head
    if lost := _lost_night(heads):
        return HistoryVerdict(
            len(heads), previous, lost, "its head was emailed, and the chain does not have it"
        )
    if known_head and not any(head.startswith(known_head) for head in heads.values()):
        return HistoryVerdict(
            len(heads), previous, None, "no night has this head: nights were removed or written again"
        )
    return HistoryVerdict(len(heads), previous)


def seal_tonight(*, at: datetime) -> None:
    """From SEAL_HOUR of the clinic's day on, seal the night once, verify the chain and write its head to the owners.

    Each pass does what is missing. Raises HistoryBusy.
    """
    local = at.astimezone(ZoneInfo(settings.CLINIC_TIME_ZONE))
    if local.hour < SEAL_HOUR:
        return
    night = HistoryNight.objects.filter(sealed_on=local.date()).first() or seal(on=local.date(), at=at)
    if night is None:
        return
    key = f"{KEY}{night.sealed_on}:{night.head[:16]}:"
    if OutboxMessage.objects.filter(dedupe_key__startswith=key).exists():
        return
    verdict = verify(at=at)
    if verdict.problem:
        log.error(
            "the histories do not match", extra={"night": str(verdict.night), "problem": verdict.problem}
        )
    with transaction.atomic():
        for number, address in enumerate(owner_addresses()):
            put_in_outbox(
                kind=MessageKind.DIGEST,
                template="history_sealed",
                to=address,
                context={
                    "nights": verdict.nights,
                    "head": night.head,
                    "day": night.sealed_on,
                    "verdict": verdict,
                },
                dedupe_key=f"{key}{number}",
                at=at,
                send_at=at.combine(local.date(), MAIL_AT, tzinfo=local.tzinfo),
            )


def head_of(night: HistoryNight) -> str:
    """Return the digest over a night's row and the head of the night before."""
    content = [night.previous, night.sealed_on, night.sealed_at, night.tables]
    return hashlib.sha256(_text(content).encode()).hexdigest()


def _seal_table(history: History, after: int) -> SealedTable:
    until = max(after, _last_id(history.model))
    fields = ["id", *history.fields]
    rows, sha256 = _digest(_rows(history.model, after, until), fields)
    table = SealedTable(
        model=history.model.__name__, fields=fields, after=after, until=until, rows=rows, sha256=sha256
    )
    if history.kept_days is not None and rows:
        table["oldest"] = _rows(history.model, after, until).aggregate(first=Min("at"))["first"].isoformat()
    return table


def _last_id(model: type[models.Model]) -> int:
    """Return the greatest id such that no row at or below it is still to be committed.

    An id is taken at the insert and seen at the commit, so a plain maximum may skip a row of a transaction that is
    under way. A SHARE lock waits for these, one table at a time: two at the same time could deadlock with a writer.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
        try:
            cursor.execute(f"LOCK TABLE {connection.ops.quote_name(model._meta.db_table)} IN SHARE MODE")
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise HistoryBusy(model.__name__) from error
            raise
        return model._default_manager.aggregate(last=Max("pk"))["last"] or 0


def _rows(model: type[models.Model], after: int, until: int) -> QuerySet[Any]:
    return model._default_manager.filter(pk__gt=after, pk__lte=until)


def _digest(rows: QuerySet[Any], fields: list[str]) -> tuple[int, str]:
    """Return the number of rows and the digest of these fields, in order of the ids."""
    count, digest = 0, hashlib.sha256()
    for row in rows.order_by("pk").values_list(*fields).iterator():
        count += 1
        digest.update(_text(row).encode() + b"\n")
    return count, digest.hexdigest()


def _text(value: Any) -> str:
    """Return one spelling of a value: sorted keys, moments in UTC as the connection reads them."""
    return json.dumps(value, sort_keys=True, default=str, ensure_ascii=False, separators=(",", ":"))


def _problem(night: HistoryNight, previous: str, *, at: datetime) -> str:
    """Return what differs about one night, or an empty string."""
    if night.previous != previous:
        return "the night before it is missing, changed or in another place"
    if night.head != head_of(night):
        return "its own row was changed"
    kept = {history.model.__name__: history.kept_days for history in HISTORIES}
    for table in night.tables:
        days = kept.get(table["model"])
        oldest = datetime.fromisoformat(table.get("oldest", at.isoformat()))
        if days is not None and oldest < at - timedelta(days=days):
            continue  # the retention rules have begun to delete these rows
        if problem := _table_problem(table):
            return problem
    return ""


def _table_problem(table: SealedTable) -> str:
    if table["until"] == table["after"]:
        return ""
    model = apps.get_model("challenge", table["model"])
    rows, sha256 = _digest(_rows(model, table["after"], table["until"]), table["fields"])
    if rows != table["rows"]:
        return f"{table['model']} has {rows} rows where {table['rows']} were sealed"
    return f"a row of {table['model']} was changed" if sha256 != table["sha256"] else ""


def _lost_night(nights: dict[date, str]) -> date | None:
    """Return the first night whose head was emailed to the owners and that the chain lacks: its end was cut off."""
    keys = OutboxMessage.objects.filter(dedupe_key__startswith=KEY).values_list("dedupe_key", flat=True)
    mailed = {(date.fromisoformat(key.split(":")[1]), key.split(":")[2]) for key in keys}
    lost = (day for day, head in sorted(mailed) if not nights.get(day, "").startswith(head))
    return next(lost, None)
