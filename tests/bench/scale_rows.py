"""A thousand cohorts of the past, their runners and all that these left behind, put into the database by COPY."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from challenge.accounts.models import AccessEntry, User
from challenge.calls.models import Booking, CallEvent
from challenge.care.models import Flag, PhaseChange, WeeklyTarget
from challenge.enrollment.models import Cohort, EarlyAccess, Enrollment, LedgerEntry, Seat
from challenge.feedback.models import WeekFeedback
from challenge.intake.models import Intake
from challenge.mail.models import NO_LONGER, AddressState, OutboxMessage
from challenge.messages.models import Message
from challenge.outcomes.models import QuestionnaireAnswer
from challenge.outcomes.queries import definitions, in_force
from challenge.protocol.local_week import WEEK
from challenge.review.models import Note
from challenge.workouts.models import EntryRevision, Morning, Run, StrengthSession
from tests.bench.scale_copy import Rows, copy_in

COHORTS, RUNNERS, RUNS_EACH, WEEKS = 1_000, 20_000, 250, 12
SEATS = RUNNERS // COHORTS
LATE = 26  # weeks after the start, when the last questions are asked
STARTS = 250  # Mondays on which they began, one after another
BASE = 1_000_000  # their numbers begin here
WORDS_KEPT = timedelta(days=730)
CALL = timedelta(minutes=20)


class Past(NamedTuple):
    """A runner of a cohort that is over. The user, the seat, the enrollment and the call share the number."""

    number: int
    cohort: int
    bib: int
    began: date

    @property
    def email(self) -> str:
        return f"past{self.number}@runners.test"


def make_others(*, staff: User) -> None:
    """Fill the database with triggers and foreign keys off. The last of the cohorts ended weeks ago."""
    today = timezone.localdate()
    first = today - timedelta(days=today.weekday(), weeks=STARTS + 16)
    cohorts = [(BASE + c, first + timedelta(weeks=c % STARTS)) for c in range(1, COHORTS + 1)]
    runners = [
        Past(BASE + SEATS * place + seat, cohort, seat + 1, began)
        for place, (cohort, began) in enumerate(cohorts)
        for seat in range(SEATS)
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for rows in (
            _cohorts(cohorts),
            *_people(runners),
            *_seats(runners),
            *_logs(runners),
            *_care(runners, staff.pk),
            *_words(runners, staff.pk),
            _mail(runners, today),
            *_calls(runners, staff.pk, today),
        ):
            copy_in(cursor, rows)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")


def _weeks(runners: Iterable[Past]) -> Iterator[tuple[Past, int, date]]:
    """Every week of every runner, from 0, with its Monday."""
    for one in runners:
        for week in range(WEEKS):
            yield one, week, one.began + timedelta(weeks=week)


def _key(one: Past, number: int) -> str:
    return f"{one.number * 1000 + number:032x}"


def _cohorts(cohorts: list[tuple[int, date]]) -> Rows:
    told = ("id", "name", "slug", "starts_on", "opens_at", "closed_at")
    lines = ((pk, f"Cohort {pk}", f"past-{pk}", began, began, began) for pk, began in cohorts)
    return Rows(Cohort, told, lines, {"capacity": SEATS, "weeks": WEEKS, "is_public": "t"})


def _people(runners: list[Past]) -> Iterator[Rows]:
    yield Rows(
        User,
        ("id", "email", "name", "joined_at", "last_login"),
        ((p.number, p.email, f"Runner {p.number}", p.began, p.began) for p in runners),
        {"is_active": "t", "time_zone": "America/Chicago"},
    )
    yield Rows(
        EmailAddress,
        ("user_id", "email"),
        ((p.number, p.email) for p in runners),
        {"verified": "t", "primary": "t"},
    )
    yield Rows(AddressState, ("email",), ((p.email,) for p in runners))
    at = timezone.now()
    keys = [(_key(p, 0), p.number) for p in runners]
    yield Rows(
        Session, ("session_key",), ((key,) for key, _ in keys), {"expire_date": at + timedelta(days=9)}
    )
    seen = {"created_at": at, "last_seen_at": at, "ip": "127.0.0.1"}
    yield Rows(UserSession, ("session_key", "user_id"), keys, seen)


def _seats(runners: list[Past]) -> Iterator[Rows]:
    moments = ("held_at", "hold_ends_at", "confirmed_at")
    yield Rows(
        Seat,
        ("id", "user_id", "email", "cohort_id", "number", "over_on", *moments),
        (
            (p.number, p.number, p.email, p.cohort, p.bib, p.began + timedelta(weeks=WEEKS), *(p.began,) * 3)
            for p in runners
        ),
        {"capacity": SEATS, "state": "confirmed"},
    )
    yield Rows(
        Enrollment,
        ("id", "seat_id", "created_at"),
        ((p.number, p.number, p.began) for p in runners),
        {"email_content": "targets"},
    )
    yield Rows(
        LedgerEntry,
        ("cohort_id", "seat_id", "user_id", "at", "happened"),
        (
            (p.cohort, p.number, p.number, p.began, happened)
            for p in runners
            for happened in ("held", "confirmed")
        ),
    )
    yield Rows(
        EarlyAccess,
        ("email", "asked_at", "confirmed_at"),
        ((p.email, p.began, p.began) for p in runners),
        {"which": "launch"},
    )
    yield Rows(
        Intake,
        ("enrollment_id", "answered_at", "answered_on"),
        ((p.number, p.began, p.began) for p in runners),
        {"is_adult": "t"},
    )


def _logs(runners: list[Past]) -> Iterator[Rows]:
    told = ("enrollment_id", "key", "logged_at", "local_on")
    yield Rows(
        Run,
        told,
        _runs(runners),
        {
            "distance_m": 5000,
            "duration_s": 1800,
            "cadence_spm": 165,
            "cadence_source": "watch",
            "effort": "easy",
            "surface": "road",
        },
    )
    yield Rows(
        StrengthSession, told, ((p.number, _key(p, w), monday, monday) for p, w, monday in _weeks(runners))
    )
    tuesdays = (
        (p.number, _key(p, w), monday, monday + timedelta(days=1)) for p, w, monday in _weeks(runners)
    )
    yield Rows(Morning, told, tuesdays, {"pain": 1})
    yield Rows(
        EntryRevision,
        ("enrollment_id", "entry_id", "by_id", "at"),
        ((p.number, BASE + 12 * (p.number - BASE) + w, p.number, monday) for p, w, monday in _weeks(runners)),
        {"kind": "run", "number": 1, "change": "logged"},
    )


def _runs(runners: list[Past]) -> Iterator[tuple[Any, ...]]:
    for one in runners:
        days = [(one.began + timedelta(days=day)).isoformat() for day in range(7 * WEEKS)]
        for number in range(RUNS_EACH):
            day = days[number % len(days)]
            yield one.number, _key(one, number), day, day


def _care(runners: list[Past], staff: int) -> Iterator[Rows]:
    yield Rows(
        WeeklyTarget,
        ("enrollment_id", "week_starts_on", "at", "week", "decision"),
        (
            (
                p.number,
                monday,
                monday,
                w + 1,
                '{"state": "%s"}' % ("finished" if w == WEEKS - 1 else "active"),
            )
            for p, w, monday in _weeks(runners)
        ),
        {"revision": 1, "because": "monday", "phase": 2, "cadence_spm": 168},
    )
    yield Rows(
        PhaseChange,
        ("enrollment_id", "at"),
        ((p.number, p.began) for p in runners),
        {"kind": "start", "to_phase": 1},
    )
    yield Rows(
        Flag,
        ("enrollment_id", "source", "raised_at", "closed_at"),
        ((p.number, f"run:{n}", p.began, p.began) for p in runners for n in range(3)),
        {"kind": "ask", "rule": "pain.ask", "closed_by_id": staff, "closing_note": "seen"},
    )


def _words(runners: list[Past], staff: int) -> Iterator[Rows]:
    told = ("enrollment_id", "at")
    for model in (Note, Message):
        yield Rows(model, told, ((p.number, p.began) for p in runners), {"text": "seen", "by_id": staff})
    yield Rows(
        WeekFeedback,
        (*told, "week", "key"),
        ((p.number, monday, w + 1, _key(p, w)) for p, w, monday in _weeks(runners)),
        {"ease": 3},
    )
    # What is asked long after the weeks is answered: otherwise the reminders to many are measured, not the search.
    late = [one for one in in_force(definitions()) if LATE in one.schedule.weeks]
    yield Rows(
        QuestionnaireAnswer,
        (*told, "answered_on", "code", "key"),
        (
            (p.number, p.began + LATE * WEEK, p.began + LATE * WEEK, one.code, _key(p, number))
            for p in runners
            for number, one in enumerate(late)
        ),
        {"week": LATE, "version": 1},
    )
    yield Rows(
        AccessEntry,
        ("runner_id", "at"),
        ((p.number, monday) for p, _, monday in _weeks(runners)),
        {"viewer_id": staff, "what": "runner page"},
    )


def _mail(runners: list[Past], today: date) -> Rows:
    def lines() -> Iterator[tuple[Any, ...]]:
        for one, week, monday in _weeks(runners):
            text = NO_LONGER if monday < today - WORDS_KEPT else "Week"
            name = f"past:{one.number}:{week}"
            about = f"enrollment:{one.number}"
            yield name, f"<{name}@past>", one.email, about, text, monday, monday, monday, monday

    moments = ("created_at", "send_at", "give_up_at", "sent_at")
    told = ("dedupe_key", "message_id", "to_email", "about", "text", *moments)
    fixed = {"kind": "weekly", "subject": "Week", "state": "sent", "attempts": 1, "priority": 5}
    return Rows(OutboxMessage, told, lines(), fixed)


def _calls(runners: list[Past], staff: int, today: date) -> Iterator[Rows]:
    """One after another: no staff member is booked twice, though cohorts STARTS apart began on the same Monday."""
    begins = [
        datetime.combine(p.began, time(), UTC)
        + CALL * (p.bib - 1 + SEATS * ((p.number - BASE) // (SEATS * STARTS)))
        for p in runners
    ]
    yield Rows(
        Booking,
        ("id", "email", "uid", "starts_at", "ends_at", "busy", "booked_at", "changed_at", "ended_at"),
        (
            (
                p.number,
                "" if p.began < today - WORDS_KEPT else p.email,
                _key(p, 0),
                at,
                at + CALL,
                f"[{at.isoformat()},{(at + CALL).isoformat()})",
                p.began,
                p.began,
                p.began,
            )
            for p, at in zip(runners, begins, strict=True)
        ),
        {"staff_id": staff, "state": "held", "name": "Robin", "time_zone": "America/Chicago"},
    )
    yield Rows(
        CallEvent,
        ("booking_id", "starts_at", "at"),
        ((p.number, at, p.began) for p, at in zip(runners, begins, strict=True)),
        {"happened": "booked", "staff_id": staff},
    )
