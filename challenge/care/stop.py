"""Whether a runner may not run, and the promise after a stop: who calls and by when.

Every page and every email checks here before it gives an instruction to run. The promise comes from the clinic's
reading hours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from challenge.care.models import Flag
from challenge.enrollment.models import Cohort, Enrollment
from challenge.mail.models import MessageKind
from challenge.protocol.local_week import local_day
from challenge.protocol.reading_hours import clock, next_working_day
from challenge.protocol.sentences.stop import BY_SYMPTOM, EMERGENCY, MEANWHILE, TODAY
from challenge.protocol.vocabulary import FlagKind, Symptom


@dataclass(frozen=True, slots=True)
class CallbackPromise:
    """The words of a promise: `Dana Ruiz, or a colleague,` and `by 5:00 PM clinic time tomorrow`.

    `is_past` is true once that day is over.
    """

    who: str
    when: str
    is_past: bool


def callback_promise(flag: Flag, cohort: Cohort, *, today: date) -> CallbackPromise:
    """Return the promise of `pain.stop`: a clinician calls by the end of the clinic's next working day."""
    raised_on = local_day(flag.raised_at, ZoneInfo(settings.CLINIC_TIME_ZONE))
    names = [link.user.name for link in cohort.clinicians.select_related("user") if link.user.name]
    # Two names at most, and always a colleague: the promise must hold when these two are away.
    who = f"{' or '.join(names[:2])}, or a colleague," if names else "A clinician"
    due_on = next_working_day(raised_on)
    return CallbackPromise(who, f"by {clock()} clinic time {_day(due_on, today)}", is_past=due_on < today)


def _day(day: date, today: date) -> str:
    if day == today:
        return "today"
    return "tomorrow" if day == today + timedelta(days=1) else f"on {day:%A}, {day:%B} {day.day}"


# The weekly email is not among them: it has a form of its own for a stop.
RUNNING_INSTRUCTIONS = (MessageKind.BEFORE_START, MessageKind.REMINDER, MessageKind.PUSH)


@dataclass(frozen=True, slots=True)
class Stop:
    """A runner's open stop: the newest flag, and the stop symptoms of all open ones."""

    flag: Flag
    symptoms: tuple[Symptom, ...]


@dataclass(frozen=True, slots=True)
class StopNotice:
    """What `components/stop.html` shows. `promise` is empty before the seat is confirmed: no clinician calls."""

    symptoms: tuple[str, ...]
    promise: CallbackPromise | None = None
    today: str = TODAY
    meanwhile: str = MEANWHILE
    emergency: str = EMERGENCY


def open_stops() -> QuerySet[Flag]:
    """Return every open stop flag: a runner with one may not run."""
    return Flag.objects.filter(kind=FlagKind.STOP, closed_at__isnull=True)


def open_stop(enrollment: Enrollment) -> Stop | None:
    """Return the runner's open stop with its symptoms; None for a runner who may run."""
    flags = list(open_stops().filter(enrollment=enrollment).order_by("raised_at"))
    if not flags:
        return None
    return Stop(flags[-1], stop_symptoms(word for flag in flags for word in flag.facts.get("symptoms", ())))


def stopped_among(enrollments: Iterable[Enrollment]) -> set[int]:
    """Return the ids of the enrollments with an open stop flag, in one query."""
    flags = open_stops().filter(enrollment__in=list(enrollments))
    return set(flags.values_list("enrollment_id", flat=True))


def stop_symptoms(words: Iterable[str]) -> tuple[Symptom, ...]:
    """Return the stop symptoms among `words`, in the order of the method; unknown words are ignored."""
    reported = {*words}
    return tuple(symptom for symptom in BY_SYMPTOM if symptom.value in reported)


def notice_of(stop: Stop, *, enrollment: Enrollment, today: date) -> StopNotice:
    """Return what the runner reads: a text for each symptom, who calls and when."""
    promise = callback_promise(stop.flag, enrollment.cohort, today=today)
    return StopNotice(texts_of(stop.symptoms), promise)


def texts_of(symptoms: Iterable[Symptom]) -> tuple[str, ...]:
    """Return the sentence of the method for each symptom."""
    return tuple(BY_SYMPTOM[symptom] for symptom in symptoms)
