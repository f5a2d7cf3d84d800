"""A decision as an email tells it: words and numbers ready-made, and nothing of pain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings

from challenge.protocol.cadence import on_target
from challenge.protocol.decision import CadenceDecision, Decision, Prescription
from challenge.protocol.entries import Run, StrengthSession
from challenge.protocol.exercises import guide_path
from challenge.protocol.rules import Rule
from challenge.protocol.sentences.told import count, distance
from challenge.protocol.snapshot import Snapshot

RECOVERY = (
    "Recovery is part of the dose: leave a day between heavy sessions.",
    "Most runners recover too little for what they ask of themselves. Sleep counts as training.",
    "Tendons adapt in months, lungs in weeks. Let the slow one set the pace.",
    "An easy day means easy: you could talk in whole sentences the whole way.",
    "If a day goes missing, leave it missing. Squeezing two into one is how weeks go wrong.",
    "Eat and drink soon after a hard session: the repair starts then.",
)
FIRST_WEEK = "Log the first run and the picture begins."


@dataclass(frozen=True)
class Line:
    """One exercise as a list shows it."""

    name: str
    dose: str
    how: str
    url: str


def weekly(decision: Decision, snapshot: Snapshot) -> dict[str, Any]:
    """What the template `weekly_target` is filled with for all who share the week and its exercises."""
    return {
        "week": decision.week_number,
        "weeks": snapshot.weeks,
        "exercises": tuple(_line(exercise) for exercise in decision.exercises),
        "recovery": RECOVERY[(decision.week_number - 1) % len(RECOVERY)],
        "plan_url": f"{settings.SITE_URL}/plan/{decision.week_number}/",
    }


def weekly_words(
    decision: Decision, snapshot: Snapshot, *, kilometres: bool, replaces: bool = False
) -> dict[str, Any]:
    """The runner's own words in `weekly_target`."""
    cadence, longest = decision.cadence, decision.longest_run
    looked_back = last_week(snapshot, cadence, kilometres=kilometres)
    return {
        "number": cadence.target_spm,
        "headline": f"{cadence.target_spm} steps a minute" if cadence.target_spm else _no_number(cadence),
        "compared": _compared(decision, snapshot),
        "why": cadence.reason.email,
        "more": cadence.arithmetic.email if cadence.arithmetic is not None else "",
        "metronome": "Hear the beat" if cadence.target_spm else "Measure your cadence on an easy run",
        "longest": longest.reason.say(kilometres=kilometres).email if longest is not None else "",
        "volume": _volume(decision, kilometres=kilometres),
        "caution": decision.caution.reason.say(kilometres=kilometres).email if decision.caution else "",
        "last_week": looked_back,
        "first_week": looked_back == FIRST_WEEK,
        "replaces": "Something changed, so this replaces the email you had for this week."
        if replaces
        else "",
    }


def finish(decision: Decision, snapshot: Snapshot, *, kilometres: bool) -> dict[str, Any]:
    """From start to now, in the runner's own numbers."""
    done = decision.finish
    if done is None:
        raise ValueError("This decision does not end the challenge.")
    start, now = done.baseline_spm, done.target_spm
    return {
        "runs": count(done.runs, "run") if done.runs else "",
        "distance": distance(done.distance_m, kilometres=kilometres),
        "strength": count(done.strength_sessions, "session") if done.strength_sessions else "",
        "phase": done.phase.value,
        "from_to": f"You began at {start} steps a minute; your target now is {now}."
        if done.runs and start and now and now > start
        else "",
    }


def _no_number(cadence: CadenceDecision) -> str:
    if cadence.reason.rule is Rule.CADENCE_CAP:
        return "Your cadence is where it should be"
    return "First, your own number"


def _compared(decision: Decision, snapshot: Snapshot) -> str:
    """With the target of the week before, where both have one."""
    now = decision.cadence.target_spm
    earlier = [past for past in snapshot.past if past.week_on < decision.week_on]
    before = earlier[-1].cadence.in_force_spm if earlier else None
    if now is None or before is None:
        return ""
    if now == before:
        return "The same as last week"
    return f"{now - before} more than last week" if now > before else f"{before - now} fewer than last week"


def _volume(decision: Decision, *, kilometres: bool) -> str:
    strike = decision.strike
    if strike.reason is None or (strike.weekly_limit_m is None and not strike.reason.fact("logged")):
        return ""
    return strike.reason.say(kilometres=kilometres).email


def _line(exercise: Prescription) -> Line:
    each = f"{exercise.reps}" if exercise.reps is not None else f"{exercise.seconds} s"
    dose = f"{exercise.sets} x {each}, {_times(exercise.sessions_per_week)}"
    tempo = _tempo(exercise)
    return Line(
        exercise.exercise.label,
        f"{dose}, {tempo}" if tempo else dose,
        _how(exercise),
        f"{settings.SITE_URL}{guide_path(exercise.exercise, exercise.form)}",
    )


def _how(exercise: Prescription) -> str:
    """The form it is done in; and where the dose is not the ladder's, why."""
    if exercise.reason.rule is Rule.EXERCISE_DOSE:
        return f"{exercise.name}."
    return f"{exercise.name}. {exercise.reason.email}"


def _times(sessions: int) -> str:
    return "once a week" if sessions == 1 else f"{sessions} times a week"


def _tempo(exercise: Prescription) -> str:
    if exercise.seconds is not None:
        return ""
    parts = [(exercise.up_s, "up"), (exercise.hold_s, "held"), (exercise.down_s, "down")]
    said = [f"{seconds} s {word}" for seconds, word in parts if seconds]
    return ", ".join(said)


def last_week(snapshot: Snapshot, cadence: CadenceDecision, *, kilometres: bool) -> str:
    """The week just ended in one or two sentences. Who logged nothing is not scolded."""
    start = snapshot.week_on - timedelta(days=7)

    def in_time(entry: Run | StrengthSession) -> bool:
        return entry.logged_at <= snapshot.log_as_of

    runs = [run for run in snapshot.runs if start <= run.local_on < snapshot.week_on and in_time(run)]
    sessions = [s for s in snapshot.strength if start <= s.local_on < snapshot.week_on and in_time(s)]
    if not runs and not sessions:
        if snapshot.week_number == 1:
            return FIRST_WEEK
        return "Nothing in the log, and that happens. This week starts fresh."
    return " ".join(_told(part) for part in (_runs(runs, cadence, kilometres), _sessions(sessions)) if part)


def _runs(runs: Sequence[Run], cadence: CadenceDecision, kilometres: bool) -> str:
    if not runs:
        return ""
    far = distance(sum(run.distance_m for run in runs), kilometres=kilometres)
    # Not the decision's own count: that one holds runs logged late for earlier weeks, too.
    hits = sum(on_target(run, cadence.judged_spm) for run in runs)
    of_them = f", {'all' if hits == len(runs) > 1 else hits} of them on target" if hits else ""
    return f"{count(len(runs), 'run')} and {far}{of_them}"


def _sessions(sessions: Sequence[StrengthSession]) -> str:
    return f"{count(len(sessions), 'strength session')} done" if sessions else ""


def _told(part: str) -> str:
    return f"{part[0].upper()}{part[1:]}."
