"""Template contexts of the weekly emails: a decision in words and numbers, without a word about pain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from challenge.protocol.absence import is_back
from challenge.protocol.catalog.plan import CATALOG, HEAVY_IN_POWER
from challenge.protocol.decision import CadenceDecision, Decision, Prescription
from challenge.protocol.dose_text import (
    about_minutes,
    dose_text,
    hold_text,
    ladder_text,
    opens_with_strength,
    phase_text,
    session_minutes,
)
from challenge.protocol.entries import RunInput, StrengthInput
from challenge.protocol.exercises import guide_path
from challenge.protocol.local_week import WEEK
from challenge.protocol.log_view import LogView
from challenge.protocol.measured_cadence import RunningDay, running_days
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.sentences.facts import count, distance
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.vocabulary import Rule
from challenge.protocol.wording import share

RECOVERY = (
    "Recovery is part of the dose: leave a day between heavy sessions.",
    "Most runners recover too little for what they ask of their tendons. Sleep counts as training.",
    "Tendons adapt in months, lungs in weeks. Let the slow one set the pace.",
    "An easy day means easy: you could talk in whole sentences the whole way.",
    "If a day goes missing, leave it missing. Squeezing two into one is how weeks go wrong.",
    "Eat and drink soon after a hard session: the repair starts then.",
)
FIRST_WEEK = "Log your first run, and your chart begins."


@dataclass(frozen=True)
class DoseLine:
    """One exercise of the list in the email."""

    name: str
    dose: str
    how: str
    url: str


def shared_values(decision: Decision, snapshot: Snapshot) -> dict[str, Any]:
    """Return the part of `weekly_target`'s context that is the same for all runners with this week and exercises."""
    plan_url = f"{settings.SITE_URL}/plan/{decision.week_number}/"
    moving = _opens_with_strength(decision)
    length = about_minutes(decision.session_minutes or session_minutes(decision.exercises))
    return {
        "week": decision.week_number,
        "weeks": snapshot.weeks,
        "exercises": tuple(dose_line(exercise, plan_url) for exercise in decision.exercises),
        "session_length": f"{length} a session" if length else "",
        "ladder": ladder_text(decision.exercises, decision.week_on, private=False) if moving else "",
        "phase": phase_text(decision.phase.present) if moving else "",
        "recovery": RECOVERY[(decision.week_number - 1) % len(RECOVERY)],
        "plan_url": plan_url,
    }


def runner_values(
    decision: Decision,
    snapshot: Snapshot,
    *,
    kilometers: bool,
    replaces: bool = False,
    parameters: Parameters = CLINIC,
) -> dict[str, Any]:
    """Return the runner's own part of `weekly_target`'s context."""
    cadence, longest = decision.cadence, decision.longest_run
    moving = _opens_with_strength(decision)
    last_week = last_week_text(snapshot, cadence, kilometers=kilometers, parameters=parameters)
    return {
        "number": None if moving else cadence.target_spm,
        "headline": _headline(cadence, moving=moving),
        "hold": hold_text(cadence.target_spm) if moving else "",
        "compared": "" if moving else _compared_text(decision, snapshot),
        "why": cadence.reason.email,
        "more": cadence.arithmetic.email if cadence.arithmetic is not None else "",
        "metronome": "Hear the beat" if cadence.target_spm else "Measure your cadence on an easy run",
        "longest": longest.reason.say(kilometers=kilometers).email if longest is not None else "",
        "volume": _volume_text(decision, kilometers=kilometers),
        "caution": decision.caution.reason.say(kilometers=kilometers).email if decision.caution else "",
        "last_week": last_week,
        "first_week": last_week == FIRST_WEEK,
        "replaces": "Something changed, so this replaces the email you had for this week."
        if replaces
        else "",
    }


def finish_context(
    decision: Decision, snapshot: Snapshot, *, kilometers: bool, parameters: Parameters = CLINIC
) -> dict[str, Any]:
    """Return the context of `challenge_finish`: from start to now, in the runner's own numbers."""
    done = decision.finish
    if done is None:
        raise ValueError("This decision does not end the challenge.")
    start, now = done.baseline_spm, done.target_spm
    return {
        "runs": count(done.runs, "run") if done.runs else "",
        "distance": distance(done.distance_m, kilometers=kilometers),
        "strength": count(done.strength_sessions, "session") if done.strength_sessions else "",
        "phase": done.phase.value,
        "kept_times": HEAVY_IN_POWER,
        "long_run_days": parameters.long_run_days,
        "long_run_margin": share(parameters.long_run_percent - 100),
        "from_to": f"You began at {start} steps a minute; your target now is {now}."
        if done.runs and start and now and now > start
        else "",
    }


def _headline(cadence: CadenceDecision, *, moving: bool) -> str:
    if moving:
        return "What’s changing now"
    return f"{cadence.target_spm} steps a minute" if cadence.target_spm else "First, your own number"


def _opens_with_strength(decision: Decision) -> bool:
    return opens_with_strength(decision.cadence, decision.week_on, raising_has_ended=decision.cadence_done)


def _compared_text(decision: Decision, snapshot: Snapshot) -> str:
    """Compare the target with the one before; "" where either week has none."""
    now = decision.cadence.target_spm
    earlier = [past for past in snapshot.past if past.week_on < decision.week_on]
    before = earlier[-1].cadence.in_force_spm if earlier else None
    if now is None or before is None:
        return ""
    if now == before:
        return "The same as last week"
    return f"{now - before} more than last week" if now > before else f"{before - now} fewer than last week"


def _volume_text(decision: Decision, *, kilometers: bool) -> str:
    strike = decision.strike
    if strike.reason is None or (strike.weekly_limit_m is None and not strike.reason.fact("logged")):
        return ""
    return strike.reason.say(kilometers=kilometers).email


def dose_line(exercise: Prescription, plan_url: str) -> DoseLine:
    """Return an exercise of the email with its dose, and the link to how it goes."""
    # A track belongs to a joint that hurts: its exercises have neutral words here, and no link that names a joint.
    entry = CATALOG[exercise.exercise]
    is_track = entry.track is not None
    return DoseLine(
        entry.email_name or exercise.exercise.label,
        dose_text(exercise, weekly=exercise.sessions_per_week, private=False),
        "How to do it is on your plan." if is_track else _form_text(exercise),
        plan_url if is_track else f"{settings.SITE_URL}{guide_path(exercise.exercise, exercise.form)}",
    )


def _form_text(exercise: Prescription) -> str:
    """Return the form of the exercise; where the dose is not the ladder's (`exercise.dose`), also why."""
    if exercise.reason.rule is Rule.EXERCISE_DOSE:
        return f"{exercise.name}."
    return f"{exercise.name}. {exercise.reason.email}"


def last_week_text(
    snapshot: Snapshot, cadence: CadenceDecision, *, kilometers: bool, parameters: Parameters = CLINIC
) -> str:
    """Return one or two sentences about the week that ended. A runner who logged nothing is not scolded."""
    start = snapshot.week_on - WEEK

    def in_time(entry: RunInput | StrengthInput) -> bool:
        return entry.logged_at <= snapshot.log_as_of

    runs = [run for run in snapshot.runs if start <= run.local_on < snapshot.week_on and in_time(run)]
    sessions = [s for s in snapshot.strength if start <= s.local_on < snapshot.week_on and in_time(s)]
    if not runs and not sessions:
        if snapshot.week_number == 1:
            return FIRST_WEEK
        if is_back(LogView(snapshot, parameters), parameters):
            return "You’ve had a break, and that happens. Start gently: this week is for finding your rhythm."
        return "Nothing in the log, and that happens. This week starts fresh."
    # All files of one day are one run, as in the decision.
    days = running_days(LogView(snapshot, parameters), runs, parameters)
    of_runs = _runs_text(days, cadence, parameters, kilometers=kilometers)
    return " ".join(_sentence(part) for part in (of_runs, _strength_text(sessions)) if part)


def _runs_text(
    days: Sequence[RunningDay], cadence: CadenceDecision, parameters: Parameters, *, kilometers: bool
) -> str:
    """Return how many runs, how far, and how many of them on target."""
    if not days:
        return ""
    far = distance(sum(run.distance_m for day in days for run in day.runs), kilometers=kilometers)
    # The decision's own count would be wrong here: it includes runs of earlier weeks that were logged late.
    hits = sum(day.on_target(cadence.judged_spm, parameters) for day in days)
    if len(days) == 1:
        return f"1 run and {far}{', on target' if hits else ''}"
    of_them = f", {'all' if hits == len(days) else hits} of them on target" if hits else ""
    return f"{len(days)} runs and {far}{of_them}"


def _strength_text(sessions: Sequence[StrengthInput]) -> str:
    return f"{count(len(sessions), 'strength session')} done" if sessions else ""


def _sentence(part: str) -> str:
    return f"{part[0].upper()}{part[1:]}."
