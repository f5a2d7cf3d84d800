"""Read a runner's clinical record as it is now, and stored decisions through their types.

No other module of `care`, `weekly` or `notifications` reads the JSON of a decision.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet

from challenge.care.models import ClinicianOverride, Flag, HeelStrikePeriod, Pause, PhaseChange, WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.mail.models import MessageState
from challenge.protocol.decision import Decision, PastDecision
from challenge.protocol.json_codec import revive, upcast
from challenge.protocol.vocabulary import WeekState

NOT_SENT_YET = (MessageState.QUEUED, MessageState.CLAIMED)


def current_phase(enrollment: Enrollment) -> int:
    """Return the phase of the last decision; 1 before any."""
    last = PhaseChange.objects.filter(enrollment=enrollment).order_by("-at", "-pk").first()
    return last.to_phase if last is not None else 1


def open_flags(enrollment: Enrollment) -> QuerySet[Flag]:
    """Return the runner's open flags, oldest first."""
    return Flag.objects.filter(enrollment=enrollment, closed_at__isnull=True).order_by("raised_at")


def is_hold_email_pending(enrollment: Enrollment) -> bool:
    """Return whether an email that puts the targets on hold is still to be sent."""
    held = WeeklyTarget.objects.filter(enrollment=enrollment, on_hold=True)
    return held.filter(message__state__in=NOT_SENT_YET).exists()


def is_finish_email_pending(enrollment: Enrollment) -> bool:
    """Return whether the email that ends the challenge is still to be sent."""
    # It is written once: withdrawn for another reason, no later pass would write it again.
    last = WeeklyTarget.objects.filter(enrollment=enrollment, decision__state=WeekState.FINISHED)
    return last.filter(message__state__in=NOT_SENT_YET).exists()


def pause_on(enrollment: Enrollment, *, on: date) -> Pause | None:
    """Return the pause that covers this local day, if any: one that is not ended first, then a clinician's."""
    covering = pauses_covering(on=on).filter(enrollment=enrollment).order_by("pk")
    return min(covering, key=lambda one: (one.ended_at is not None, not one.by_clinician), default=None)


def pauses_covering(*, on: date) -> QuerySet[Pause]:
    """Return the pauses that cover this local day; the same rule as `Pause.covers`."""
    return Pause.objects.filter(
        Q(ends_on__isnull=True, ended_at__isnull=True) | Q(ends_on__gte=on),
        starts_on__lte=on,
        undone_at__isnull=True,
    )


def target_of_week(enrollment: Enrollment, *, week_starts_on: date) -> WeeklyTarget | None:
    """Return the latest revision of the runner's week."""
    rows = WeeklyTarget.objects.filter(enrollment=enrollment, week_starts_on=week_starts_on)
    return rows.order_by("-revision").first()


def current_targets(enrollment: Enrollment) -> QuerySet[WeeklyTarget]:
    """Return every revision of every week, newest first."""
    return WeeklyTarget.objects.filter(enrollment=enrollment).order_by("-week_starts_on", "-revision")


def latest_targets(enrollment: Enrollment) -> QuerySet[WeeklyTarget]:
    """Return one row per week, the latest revision, newest week first."""
    ids = (
        WeeklyTarget.objects.filter(enrollment=enrollment)
        .order_by("week_starts_on", "-revision")
        .distinct("week_starts_on")
        .values("pk")
    )
    return WeeklyTarget.objects.filter(pk__in=ids).order_by(F("week_starts_on").desc())


def current_overrides(enrollment: Enrollment) -> QuerySet[ClinicianOverride]:
    """Return the values that clinicians set by hand and have not ended, oldest first."""
    return ClinicianOverride.objects.filter(enrollment=enrollment, ended_at__isnull=True).order_by("at")


def current_heel_strike_period(enrollment: Enrollment) -> HeelStrikePeriod | None:
    """Return the heel-strike period that has not ended, if any."""
    return HeelStrikePeriod.objects.filter(enrollment=enrollment, ended_on__isnull=True).first()


def decision_of(target: WeeklyTarget) -> Decision:
    """Return the whole decision. Raise ProtocolError for an erased person's, which is empty."""
    return Decision.from_json(target.decision)


def past_decision_of(stored: Mapping[str, Any]) -> PastDecision:
    """Return the part of a stored decision that later decisions need.

    Reading this part alone costs a third of `Decision.from_json`: a Monday reads every earlier week of every runner.
    """
    stored = upcast(stored)
    data = {name: stored[name] for name in ("week_on", "revision", "as_of", "log_as_of", "state", "cadence")}
    data["phase"] = stored["phase"]["present"]
    data["doses"] = [
        {name: exercise[name] for name in ("exercise", "step", "since_on")}
        for exercise in stored["exercises"]
    ]
    data["asked"] = [question["key"] for question in stored["questions"]]
    return revive(PastDecision, data, "past")
