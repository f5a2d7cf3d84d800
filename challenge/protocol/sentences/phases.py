"""The sentences of the phase and exercise rules."""

from __future__ import annotations

from challenge.protocol.catalog.plan import HEAVY_IN_POWER, HEAVY_REPS
from challenge.protocol.sentences.facts import FactReader, Sentences, Writer, count
from challenge.protocol.vocabulary import Rule
from challenge.protocol.wording import count_in_words, days_in_words

_DECIDES = "A clinician decides about your next phase; your page shows where you stand."
_CONTENT = {
    1: (
        "Keep running easy and leave sprints, jumps and hill repeats for later.",
        "Phase 1: isometrics, shortened range, less explosive work.",
    ),
    2: (
        "Lift heavy and slow, and leave a day between heavy sessions: recovery is part of the dose.",
        f"Phase 2: heavy slow resistance, {HEAVY_REPS} repetitions, long eccentrics.",
    ),
    3: (
        "Keep contacts short and quiet, land under your hips, and stop when the spring is gone.",
        f"Phase 3: plyometrics, cadence work, midfoot mechanics; heavy work kept {HEAVY_IN_POWER} a week.",
    ),
}


def _start(f: FactReader) -> Sentences:
    if f.yes("calm"):
        return Sentences(
            "You start without complaints, so we propose to begin with phase 2. A clinician decides.",
            "No complaint, no pain, no flag: phase 2 proposed at once.",
            _DECIDES,
        )
    return Sentences(
        "You start in phase 1: settle first, without losing strength.",
        "Starts in phase 1.",
        "You start in phase 1.",
    )


def _propose_2(f: FactReader) -> Sentences:
    calm, days = f.number("settle_days"), f.number("days")
    span = days_in_words(calm)
    return Sentences(
        f"{span[0].upper()}{span[1:]} in phase 1 without a red report or a worse week: we propose phase 2. "
        "A clinician decides.",
        f"{days} days in phase 1, the last {calm} without red and without a worse week: phase 2 proposed.",
        _DECIDES,
    )


def _propose_3(f: FactReader) -> Sentences:
    return Sentences(
        "You have built the strength for phase 3. A clinician decides.",
        f"{f.number('days')} days in phase 2, heavy sessions done, load up, daily life calm, tests recorded: "
        "phase 3 proposed.",
        _DECIDES,
    )


def _propose_back(f: FactReader) -> Sentences:
    reds, weeks = f.number("reds"), f.number("worse_weeks")
    near = f"{reds} red reports within {f.number('back_days')} days"
    why = near if reds else f"{weeks} worse weeks running"
    if f.number("phase") == 1:
        return Sentences(
            f"{why}: a clinician looks at it and talks to you.",
            f"{why}: nothing behind phase 1; please look.",
            "A clinician looks at your week; your page says more.",
        )
    return Sentences(
        f"{why}: a step back may serve you better. A clinician decides and talks to you.",
        f"{why}: a step back proposed.",
        _DECIDES,
    )


def _stay(f: FactReader) -> Sentences:
    if f.number("phase") == 3:
        return Sentences(
            "You’re in phase 3, the last one: it puts the spring back in your steps.",
            "Stays in phase 3: nothing to decide.",
            "You stay in phase 3 this week.",
        )
    missing = f.number("missing")
    return Sentences(
        f"You stay in phase {f.number('phase')}. Your page lists what the next phase needs.",
        f"Stays in phase {f.number('phase')}: {count(missing, 'thing')} still missing for the next.",
        f"You stay in phase {f.number('phase')} this week.",
    )


def _content(f: FactReader) -> Sentences:
    runner, clinician = _CONTENT[f.number("phase")]
    return Sentences(runner, clinician, runner)


def _dose(f: FactReader) -> Sentences:
    note = f" Now: {f.words('note')}." if f.yes("note") else ""
    sessions = count_in_words(f.number("step_after_sessions"), "session")
    return Sentences(
        f"One step up after {sessions} done at this dose without red.{note}",
        f"{f.words('exercise').capitalize()}: one step up after {sessions} at the dose without red pain.{note}",
        f"One step up after {sessions} done at this dose.{note}",
    )


def _approval(f: FactReader) -> Sentences:
    if f.yes("easier"):
        return Sentences(
            "You do this one in its easier form until a clinician has approved the full one.",
            f"{f.words('exercises')}: easier form until approved (loads a complained-of joint).",
            "You do this one in its easier form for now.",
        )
    since = (
        f"your {f.words('site')} hurts in your log" if f.yes("logged") else "of what you told us at the start"
    )
    return Sentences(
        f"Some exercises wait for a clinician's word, because {since}.",
        f"Loads the {f.words('site')} this runner complains of: {f.words('exercises')}. Easier form or left out "
        "until approved.",
        "Some of your exercises come in an easier form for now.",
    )


def _return(f: FactReader) -> Sentences:
    days, steps = f.number("days"), f.number("steps")
    lower = f"{count_in_words(steps, 'step')} lower" if steps else "at the first step"
    down = f"{count_in_words(steps, 'step')} down" if steps else "at the first step"
    clinician = "does the plan still fit?" if f.yes("asked") else f"{down}."
    return Sentences(
        f"Welcome back. After {days} days without strength work you start {lower}; it comes back fast.",
        f"{days} days without a strength session: {clinician}",
        "Welcome back. Your exercises start a little lower this week.",
    )


def _track(f: FactReader) -> Sentences:
    if f.yes("cut"):
        under = f"a session stays under {f.number('minutes')} minutes."
        shorter = f"The base is shorter beside it, so that {under}"
        return Sentences(
            f"Your {f.words('site')} has exercises of its own. {shorter}",
            f"Track for the {f.words('site')}. {shorter}",
            f"Some exercises are new, and {under}",
        )
    return Sentences(
        f"Exercises for your {f.words('site')} begin once a clinician has approved them. Until then, the base alone.",
        f"Present {f.words('site')} complaint: approve its track ({f.words('exercises')})? Until then the base alone, "
        "in forms that spare it.",
        "Some of your exercises wait for a clinician's word.",
    )


WRITERS: dict[Rule, Writer] = {
    Rule.PHASE_START: _start,
    Rule.PHASE_PROPOSE_2: _propose_2,
    Rule.PHASE_PROPOSE_3: _propose_3,
    Rule.PHASE_PROPOSE_BACK: _propose_back,
    Rule.PHASE_STAY: _stay,
    Rule.EXERCISE_CONTENT: _content,
    Rule.EXERCISE_DOSE: _dose,
    Rule.EXERCISE_APPROVAL: _approval,
    Rule.EXERCISE_RETURN: _return,
    Rule.EXERCISE_TRACK: _track,
}
