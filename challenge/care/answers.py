"""Which decision answers which open question: one table, and the closing of what a decision answers.

A stop flag is in no row: it closes only by its own form.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from challenge.accounts.models import User
from challenge.care.actions import AlreadyClosed, close_flag
from challenge.care.models import Flag
from challenge.care.questions import question_name
from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import ExerciseId, FlagKind, Rule, Side


class DecisionKind(StrEnum):
    """What a clinician can decide about a runner, as far as questions tell decisions apart."""

    PHASE_FORWARD = "phase_forward"
    PHASE_HOLD = "phase_hold"
    PHASE_BACK = "phase_back"
    CADENCE = "cadence"
    DOSE = "dose"
    PLAN = "plan"
    APPROVAL = "approval"
    LONG_RUN = "long_run"
    COMPLAINT = "complaint"
    COMPLAINT_PAST = "complaint_past"
    NO_COMPLAINT = "no_complaint"
    TRACK = "track"
    HEEL_STRIKE = "heel_strike"
    HEEL_STRIKE_END = "heel_strike_end"
    PAUSE = "pause"
    CONTACT = "contact"


D = DecisionKind
LESS = frozenset({D.PHASE_HOLD, D.PHASE_BACK, D.PAUSE})
ABOUT_COMPLAINT = frozenset({D.COMPLAINT, D.COMPLAINT_PAST, D.NO_COMPLAINT})

# By the name of a question (`question_name`). What is in no row is answered on the question itself.
ANSWERED_BY: dict[str, frozenset[DecisionKind]] = {
    "complaint.open": ABOUT_COMPLAINT,
    "pain.scale:joint": frozenset({D.COMPLAINT, D.COMPLAINT_PAST}),
    "pain.scale:red": LESS | {D.COMPLAINT},
    "pain.scale:daily_life": LESS,
    "pain.morning": LESS,
    "pain.not_better": LESS | {D.DOSE},
    "phase.propose_back": LESS,
    "cadence.stuck": frozenset({D.CADENCE}),
    "cadence.unmeasured": frozenset({D.CADENCE}),
    "cadence.review": frozenset({D.CADENCE}),
    "exercise.approval": frozenset({D.APPROVAL, D.PLAN, D.COMPLAINT_PAST}),
    "exercise.track": frozenset({D.TRACK, D.COMPLAINT_PAST}),
    "exercise.return": frozenset({D.DOSE, D.PHASE_BACK, D.PAUSE}),
    "load.long_run": frozenset({D.LONG_RUN, D.PAUSE}),
    "load.stacked": frozenset({D.PAUSE}),
    "load.weekly_jump": frozenset({D.PAUSE}),
    "load.recovery": frozenset({D.PAUSE}),
    "load.return": frozenset({D.PAUSE}),
    "strike.offer": frozenset({D.HEEL_STRIKE}),
    "strike.shin": frozenset({D.HEEL_STRIKE}),
    "strike.never:past": frozenset({D.HEEL_STRIKE}),
    "strike.never:under_way": frozenset({D.HEEL_STRIKE_END}),
    "strike.return": frozenset({D.HEEL_STRIKE_END}),
    "message.words": frozenset({D.PAUSE, D.CONTACT}),
    "log.silence": frozenset({D.PAUSE, D.CONTACT}),
}


@dataclass(frozen=True, slots=True)
class MadeDecision:
    """A decision as questions see it.

    `key` names its row, e.g. `phase:12`, and `words` say what was decided. `place` is site and side; with
    `other_side_open` the other side of the site has a complaint that is not past. `exercises` are all exercises that
    need no approval any more, `distance_m` is the run that counts.
    """

    kind: DecisionKind
    key: str
    words: str
    place: tuple[str, str] = ("", "")
    other_side_open: bool = False
    exercises: frozenset[str] = frozenset()
    distance_m: int | None = None

    def note(self, reason: str) -> str:
        """Return the closing note of the questions that this decision answers."""
        return f"{self.words}. {reason}".rstrip()


def is_answered_by(flag: Flag, made: MadeDecision) -> bool:
    """Return whether this decision answers this question: its kind fits, and it is about the same thing."""
    if flag.kind == FlagKind.STOP or made.kind not in ANSWERED_BY.get(question_name(flag), frozenset()):
        return False
    if made.kind is D.COMPLAINT_PAST and made.other_side_open and not flag.facts.get("side"):
        return False  # the joint still hurts on the other side, and a question without a side is about both
    if made.kind in ABOUT_COMPLAINT:
        return _same_place(flag, made.place)
    if made.kind is D.TRACK:
        return bool(flag.facts.get("site") == made.place[0])
    if made.kind in (D.APPROVAL, D.PLAN):
        asked = named_exercises(flag)
        return bool(asked) and asked <= made.exercises
    return made.kind is not D.LONG_RUN or flag.facts.get("distance_m") == made.distance_m


def named_exercises(flag: Flag) -> frozenset[str]:
    """Return the exercises that the question names by their labels."""
    words = str(flag.facts.get("exercises", ""))
    return frozenset(one.value for one in ExerciseId if one.label in words)


def _same_place(flag: Flag, place: tuple[str, str]) -> bool:
    site, side = flag.facts.get("site") or "", flag.facts.get("side") or ""
    # What the log guards is named by site and side; an answer about the other side leaves the guard as it is.
    if flag.rule == Rule.COMPLAINT_OPEN:
        return (site, side) == place
    return site == place[0] and (side in ("", Side.BOTH) or place[1] in ("", Side.BOTH) or side == place[1])


def close_answered(
    *, enrollment: Enrollment, made: MadeDecision, reason: str, by: User, at: datetime
) -> list[Flag]:
    """Close the runner's open questions that this decision answers, and return them.

    Call it inside the decision's transaction, before the week is decided again.
    """
    waiting = Flag.objects.filter(enrollment=enrollment, closed_at__isnull=True).exclude(kind=FlagKind.STOP)
    answered = [flag for flag in waiting.order_by("pk") if is_answered_by(flag, made)]
    for flag in answered:
        # A silence may end, or a newer question replace this one, at the same time: then nothing is left to answer.
        with suppress(AlreadyClosed):
            close_flag(flag=flag, note=made.note(reason), by=by, at=at, answered_with=made.key)
    return answered
