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
from challenge.care.questions import ABOUT_HEEL_STRIKE, question_name
from challenge.enrollment.models import Enrollment
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.vocabulary import GUARDED_JOINTS, ExerciseId, FlagKind, Phase, Rule, Side


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
SETTLED = frozenset({D.COMPLAINT_PAST, D.NO_COMPLAINT})
# A joint that hurts now, or phase 3, rules heel strike out.
STRIKE = frozenset({D.HEEL_STRIKE, D.COMPLAINT, D.PHASE_FORWARD})

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
    "exercise.approval": SETTLED | {D.APPROVAL, D.PLAN, D.PHASE_FORWARD, D.PHASE_BACK},
    "exercise.track": frozenset({D.TRACK, D.COMPLAINT_PAST}),
    "exercise.return": frozenset({D.DOSE, D.PHASE_BACK, D.PAUSE}),
    "load.long_run": frozenset({D.LONG_RUN, D.PAUSE}),
    "load.stacked": frozenset({D.PAUSE}),
    "load.weekly_jump": frozenset({D.PAUSE}),
    "load.recovery": frozenset({D.PAUSE}),
    "load.return": frozenset({D.PAUSE}),
    "strike.offer": STRIKE,
    "strike.shin": STRIKE,
    "strike.never:past": STRIKE,
    "strike.never:under_way": SETTLED | {D.HEEL_STRIKE_END},
    "strike.return": frozenset({D.HEEL_STRIKE_END}),
    "message.words": frozenset({D.PAUSE, D.CONTACT}),
    "log.silence": frozenset({D.PAUSE, D.CONTACT}),
}


@dataclass(frozen=True, slots=True)
class MadeDecision:
    """A decision as questions see it.

    `key` names its row, e.g. `phase:12`, and `words` say what was decided. `place` is site and side; with
    `still_sore` something else at the site is not past. `exercises` are all exercises that need no approval any more,
    `distance_m` is the run that counts, `phase` the phase that was decided for.
    """

    kind: DecisionKind
    key: str
    words: str
    place: tuple[str, str] = ("", "")
    still_sore: bool = False
    exercises: frozenset[str] = frozenset()
    distance_m: int | None = None
    phase: int | None = None

    def note(self, reason: str) -> str:
        """Return the closing note of the questions that this decision answers."""
        return f"{self.words}. {reason}".rstrip()


def is_answered_by(flag: Flag, made: MadeDecision) -> bool:
    """Return whether this decision answers this question: its kind fits, and it is about the same thing."""
    if flag.kind == FlagKind.STOP or made.kind not in ANSWERED_BY.get(question_name(flag), frozenset()):
        return False
    name = question_name(flag)
    if name in ABOUT_HEEL_STRIKE:
        return _rules_on_heel_strike(made)
    if made.kind in SETTLED and made.still_sore and (flag.rule in _ABOUT_SITE or not flag.facts.get("side")):
        return False  # the joint hurts elsewhere still, and a question without a side is about both
    if made.kind in SETTLED and flag.rule in _ABOUT_SITE:
        return bool(flag.facts.get("site") == made.place[0])
    if made.kind in ABOUT_COMPLAINT:
        return _same_place(flag, made.place)
    if made.kind is D.TRACK:
        return bool(flag.facts.get("site") == made.place[0])
    if name == "exercise.approval" and made.kind in (D.PHASE_FORWARD, D.PHASE_BACK):
        return made.phase is not None and not named_exercises(flag) & _exercises_of(Phase(made.phase))
    if made.kind in (D.APPROVAL, D.PLAN):
        asked = named_exercises(flag)
        return bool(asked) and asked <= made.exercises
    return made.kind is not D.LONG_RUN or flag.facts.get("distance_m") == made.distance_m


# Questions that name a site and no side.
_ABOUT_SITE = (Rule.EXERCISE_APPROVAL, Rule.EXERCISE_TRACK, Rule.STRIKE_NEVER)


def _rules_on_heel_strike(made: MadeDecision) -> bool:
    """Return whether nothing is left to ask: heel strike was approved, a knee or hip hurts now, or phase 3 began."""
    if made.kind is D.COMPLAINT:
        return made.place[0] in GUARDED_JOINTS
    return made.kind is D.HEEL_STRIKE or made.phase == Phase.POWER


def named_exercises(flag: Flag) -> frozenset[str]:
    """Return the exercises that the question names by their labels."""
    words = str(flag.facts.get("exercises", ""))
    return frozenset(one.value for one in ExerciseId if one.label in words)


def _exercises_of(phase: Phase) -> frozenset[str]:
    """Return the exercises that the phase may hold; a question about others is over when it begins."""
    return frozenset(one.value for one, exercise in CATALOG.items() if phase in exercise.phases)


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
