"""Whether a runner's running is off. Every page and every letter asks here first, before it tells anybody to run."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from challenge.care.callback_promise import CallbackPromise, callback_promise
from challenge.care.models import Flag
from challenge.enrollment.models import Enrollment
from challenge.mail.models import MessageKind
from challenge.protocol.sentences.stop import BY_SYMPTOM, EMERGENCY, MEANWHILE, TODAY
from challenge.protocol.vocabulary import Symptom

TELLS_TO_RUN = (
    MessageKind.BEFORE_START,
    MessageKind.REMINDER,
)  # beside the weekly email, which has a form of its own for a stop


@dataclass(frozen=True, slots=True)
class Stop:
    """A runner's open stop: its newest flag, and the stop symptoms of all that are open."""

    flag: Flag
    symptoms: tuple[Symptom, ...]


@dataclass(frozen=True, slots=True)
class StopNotice:
    """What `components/stop.html` shows. Without a promise the seat is not confirmed yet: there is no one to call."""

    symptoms: tuple[str, ...]
    promise: CallbackPromise | None = None
    today: str = TODAY
    meanwhile: str = MEANWHILE
    emergency: str = EMERGENCY


def open_stop(enrollment: Enrollment) -> Stop | None:
    """Return the runner's open stop with its symptoms, or None where running is not off."""
    flags = list(
        Flag.objects.filter(enrollment=enrollment, kind=Flag.FlagKind.STOP, closed_at__isnull=True).order_by(
            "raised_at"
        )
    )
    if not flags:
        return None
    return Stop(flags[-1], stop_symptoms(word for flag in flags for word in flag.facts.get("symptoms", ())))


def stopped_among(enrollments: Iterable[Enrollment]) -> set[int]:
    """Return the ids of those whose running is off, in one query."""
    flags = Flag.objects.filter(
        enrollment__in=list(enrollments), kind=Flag.FlagKind.STOP, closed_at__isnull=True
    )
    return set(flags.values_list("enrollment_id", flat=True))


def stop_symptoms(words: Iterable[str]) -> tuple[Symptom, ...]:
    """Return the stop symptoms among `words`, in the order of the method; unknown words are ignored."""
    told = {*words}
    return tuple(symptom for symptom in BY_SYMPTOM if symptom.value in told)


def notice_of(stop: Stop, *, enrollment: Enrollment, today: date) -> StopNotice:
    """Return what the runner reads: the text of each symptom, who calls and when."""
    promise = callback_promise(stop.flag, enrollment.cohort, today=today)
    return StopNotice(texts_of(stop.symptoms), promise)


def texts_of(symptoms: Iterable[Symptom]) -> tuple[str, ...]:
    return tuple(BY_SYMPTOM[symptom] for symptom in symptoms)
