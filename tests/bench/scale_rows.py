"""A thousand cohorts of the past, their runners and all that these left behind, made inside the database.

What a statement does not say gets the column's empty value, so that a new column needs no change here.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.utils import timezone

from challenge.accounts.models import AccessEntry, User
from challenge.calls.models import Booking, CallEvent
from challenge.care.models import Flag, PhaseChange, WeeklyTarget
from challenge.enrollment.models import Cohort, EarlyAccess, Enrollment, LedgerEntry, Seat
from challenge.feedback.models import WeekFeedback
from challenge.intake.models import Intake
from challenge.mail.models import NO_LONGER, AddressState, OutboxMessage
from challenge.review.models import Message, Note
from challenge.workouts.models import EntryRevision, Morning, Run, StrengthSession

COHORTS, RUNNERS, RUNS_EACH = 1_000, 20_000, 250
SEATS = RUNNERS // COHORTS
STARTS = 250  # Mondays on which they began, one after another
BASE = 1_000_000  # their numbers begin here
EACH = f"generate_series(0, {RUNNERS - 1}) AS r"
Values = dict[str, str]


def make_others(*, staff: User) -> None:
    """Fills the database; triggers and foreign keys are off meanwhile. The last of them ended weeks ago."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for model, source, values in _others(staff.pk):
            cursor.execute(_insert(model, source, values))
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")


def _others(staff: int) -> Iterator[tuple[type[models.Model], str, Values]]:
    today = timezone.localdate()
    first = today - timedelta(days=today.weekday(), weeks=STARTS + 16)
    start = f"(date '{first}' + 7 * ((1 + r / {SEATS}) % {STARTS}))"
    weeks = f"{EACH}, generate_series(0, 11) AS w"
    mine = {"enrollment_id": f"{BASE} + r", "logged_at": start, "key": "gen_random_uuid()"}
    yield from _people(first, start)
    days = f"{EACH}, generate_series(1, {RUNS_EACH}) AS n"
    run = {"distance_m": "5000", "duration_s": "1800", "cadence_spm": "165", "cadence_source": "'watch'"}
    yield Run, days, mine | run | {"local_on": f"{start} + n % 84", "effort": "'easy'", "surface": "'road'"}
    yield StrengthSession, weeks, mine | {"local_on": f"{start} + 7 * w"}
    yield Morning, weeks, mine | {"local_on": f"{start} + 7 * w + 1", "pain": "1"}
    revision = {"kind": "'run'", "entry_id": f"{BASE} + 12 * r + w", "number": "1", "change": "'created'"}
    yield (
        EntryRevision,
        weeks,
        {"enrollment_id": f"{BASE} + r", "at": start, "by_id": f"{BASE} + r"} | revision,
    )
    yield from _kept_by_the_clinic(start, weeks, staff)
    yield from _mail_and_calls(start, weeks, staff)


def _people(first: date, start: str) -> Iterator[tuple[type[models.Model], str, Values]]:
    number, email = f"{BASE} + r", "'past' || r || '@runners.test'"
    cohort = {"id": f"{BASE} + c", "name": "'Cohort ' || c", "slug": "'past-' || c", "capacity": "20"}
    begun = f"date '{first}' + 7 * (c % {STARTS})"
    cohort |= {"opens_at": begun, "starts_on": begun, "weeks": "12", "closed_at": begun, "is_public": "true"}
    yield Cohort, f"generate_series(1, {COHORTS}) AS c", cohort
    person = {"id": number, "email": email, "is_active": "true", "time_zone": "'America/Chicago'"}
    yield User, EACH, person | {"joined_at": start, "last_login": start, "name": "'Runner ' || r"}
    yield EmailAddress, EACH, {"email": email, "user_id": number, "verified": "true", "primary": "true"}
    seat = {"id": number, "cohort_id": f"{BASE} + 1 + r / {SEATS}", "capacity": "20", "user_id": number}
    seat |= {"number": f"1 + r % {SEATS}", "email": email, "state": "'confirmed'"}
    yield Seat, EACH, seat | dict.fromkeys(("held_at", "hold_ends_at", "confirmed_at"), start)
    yield (
        Enrollment,
        EACH,
        {"id": number, "seat_id": number, "email_content": "'targets'", "created_at": start},
    )
    about = {"enrollment_id": number, "answered_at": start, "answered_on": start, "is_adult": "true"}
    yield Intake, EACH, about
    happened = {"cohort_id": f"{BASE} + 1 + r / {SEATS}", "seat_id": number, "user_id": number, "at": start}
    yield LedgerEntry, f"{EACH}, generate_series(1, 2) AS w", happened | {"happened": "'held'"}
    listed = {"which": "'launch'", "email": email, "asked_at": start, "confirmed_at": start}
    yield EarlyAccess, EACH, listed
    yield AddressState, EACH, {"email": email}
    key = {"session_key": "md5(r::text)"}
    yield Session, EACH, key | {"expire_date": "now() + interval '9 days'"}
    seen = {"created_at": "now()", "last_seen_at": "now()", "ip": "'127.0.0.1'", "data": "'{}'"}
    yield UserSession, EACH, key | seen | {"user_id": number}


def _kept_by_the_clinic(
    start: str, weeks: str, staff: int
) -> Iterator[tuple[type[models.Model], str, Values]]:
    mine = {"enrollment_id": f"{BASE} + r", "at": start}
    target = {"week_starts_on": f"{start} + 7 * w", "week": "w + 1", "revision": "1", "because": "'monday'"}
    state = """jsonb_build_object('state', CASE w WHEN 11 THEN 'finished' ELSE 'targets' END)"""
    target |= {"phase": "2", "cadence_spm": "168", "decision": state, "at": f"{start} + 7 * w"}
    yield WeeklyTarget, weeks, mine | target
    yield PhaseChange, EACH, mine | {"kind": "'start'", "to_phase": "1"}
    flag = {"enrollment_id": f"{BASE} + r", "kind": "'ask'", "rule": "'pain.ask'", "source": "'run:' || w"}
    closed = {"raised_at": start, "closed_at": start, "closed_by_id": str(staff), "closing_note": "'seen'"}
    yield Flag, f"{EACH}, generate_series(1, 3) AS w", flag | closed
    yield Note, EACH, mine | {"text": "'seen'", "by_id": str(staff)}
    yield Message, EACH, mine | {"text": "'hello'", "by_id": str(staff)}
    said = {"enrollment_id": f"{BASE} + r", "key": "gen_random_uuid()", "week": "w + 1", "ease": "3"}
    yield WeekFeedback, weeks, said | {"at": start}
    looked = {"viewer_id": str(staff), "runner_id": f"{BASE} + r", "what": "'runner page'", "at": start}
    yield AccessEntry, weeks, looked


def _mail_and_calls(start: str, weeks: str, staff: int) -> Iterator[tuple[type[models.Model], str, Values]]:
    week, email = f"({start} + 7 * w)", "'past' || r || '@runners.test'"
    mail = {
        "kind": "'weekly'",
        "dedupe_key": "'past:' || r || ':' || w",
        "to_email": email,
        "subject": "'Week'",
    }
    mail |= {"about": f"'enrollment:' || {BASE} + r", "message_id": "'<' || r || '.' || w || '@past>'"}
    mail |= {"text": f"CASE WHEN {week} < now() - interval '730 days' THEN '{NO_LONGER}' ELSE 'Week' END"}
    mail |= {"state": "'sent'", "attempts": "1", "priority": "5"}
    yield OutboxMessage, weeks, mail | dict.fromkeys(("created_at", "send_at", "give_up_at", "sent_at"), week)
    # One after another: nobody is booked twice.
    begins = f"({start} + interval '20 minutes' * (r % {SEATS} + {SEATS} * (r / {SEATS * STARTS})))"
    call = {"id": f"{BASE} + r", "staff_id": str(staff), "starts_at": begins, "state": "'held'"}
    call |= {
        "ends_at": f"{begins} + interval '20 minutes'",
        "name": "'Robin'",
        "time_zone": "'America/Chicago'",
    }
    call |= {"busy": f"tstzrange({begins}, {begins} + interval '20 minutes')", "uid": "gen_random_uuid()"}
    long_ago = f"{start} < now() - interval '730 days'"
    call |= {"email": f"CASE WHEN {long_ago} THEN '' ELSE {email} END"}
    yield Booking, EACH, call | dict.fromkeys(("booked_at", "changed_at", "ended_at"), start)
    event = {"booking_id": f"{BASE} + r", "happened": "'booked'", "staff_id": str(staff), "starts_at": begins}
    yield CallEvent, EACH, event | {"at": start}


def _insert(model: type[models.Model], source: str, values: Values) -> str:
    fields = [f for f in model._meta.concrete_fields if f.column in values or not _makes_itself(f)]
    assert set(values) <= {f.column for f in model._meta.concrete_fields}, model
    columns = ", ".join(f'"{f.column}"' for f in fields)
    given = ", ".join(
        f"({values[f.column]})::{_type(f)}" if f.column in values else _empty(f) for f in fields
    )
    return f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {given} FROM {source}"


def _makes_itself(field: Any) -> bool:
    return isinstance(field, models.AutoField) or getattr(field, "generated", False)


def _type(field: Any) -> str:
    kind: str = field.cast_db_type(connection) or field.db_type(connection)
    return kind


def _empty(field: Any) -> str:
    if field.null:
        return "NULL"
    if isinstance(field, models.BooleanField):
        return "false"
    if isinstance(field, (ArrayField, models.JSONField)):
        return f"'{{}}'::{_type(field)}"
    return f"'0'::{_type(field)}" if isinstance(field, models.IntegerField) else "''"
