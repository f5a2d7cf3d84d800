"""The sentences of the phase and exercise rules."""

from __future__ import annotations

from challenge.protocol.catalog.plan import HEAVY_IN_POWER, HEAVY_REPS
from challenge.protocol.sentences.facts import FactReader, Sentences, Writer, count
from challenge.protocol.vocabulary import Rule
from challenge.protocol.wording import count_in_words, days_in_words

_DECIDES = "A clinician will decide about your next phase; your page shows where you are."
_CONTENT = {
    1: (
        "Keep running easy and leave sprints, jumps and hill repeats for later.",
        "Phase 1 is isometrics, shortened range and less explosive work.",
    ),
    2: (
        "Lift heavy and slow, and leave a day between heavy sessions: recovery is part of the dose.",
        f"Phase 2 is heavy slow resistance: {HEAVY_REPS} repetitions with long eccentrics.",
    ),
    3: (
        "Keep each landing short and quiet, right under your hips, and stop when the spring is gone.",
        f"Phase 3 is plyometrics, cadence work and midfoot mechanics, with heavy work kept {HEAVY_IN_POWER} a week.",
    ),
}


def _start(f: FactReader) -> Sentences:
    if f.yes("calm"):
        return Sentences(
            "You’re starting without complaints, so we suggest phase 2. A clinician will decide.",
            "There is no complaint, no pain and no flag, so phase 2 is proposed right away.",
            _DECIDES,
        )
    return Sentences(
        "You start in phase 1: first let things settle, without losing strength.",
        "The runner starts in phase 1.",
        "You start in phase 1.",
    )


def _propose_2(f: FactReader) -> Sentences:
    calm, days = f.number("settle_days"), f.number("days")
    span = days_in_words(calm)
    return Sentences(
        f"You’ve had {span} in phase 1 with no red pain and no string of worse mornings, so we suggest phase 2. A "
        "clinician will decide.",
        f"The runner has been in phase 1 for {count(days, 'day')}, the last {calm} without red pain or repeated "
        "worse mornings in a week, so phase 2 is proposed.",
        _DECIDES,
    )


def _propose_3(f: FactReader) -> Sentences:
    return Sentences(
        "You’ve built the strength for phase 3. A clinician will decide.",
        f"The runner has been in phase 2 for {count(f.number('days'), 'day')}: heavy sessions are done, load is up, "
        "daily "
        "life is calm and tests are recorded, so phase 3 is proposed.",
        _DECIDES,
    )


def _propose_back(f: FactReader) -> Sentences:
    reds, weeks = f.number("reds"), f.number("worse_weeks")
    near = f"{count(reds, 'report')} of red pain within {f.number('back_days')} days"
    why = near if reds else f"{weeks} weeks in a row with repeated worse mornings"
    if f.number("phase") == 1:
        return Sentences(
            f"{why}: a clinician will look at it and talk with you.",
            f"{why}. There is no phase before phase 1, so please look.",
            "A clinician is looking at your week; your page says more.",
        )
    return Sentences(
        f"{why}: a step back may be better for you. A clinician will decide and talk with you.",
        f"{why}, so a step back is proposed.",
        _DECIDES,
    )


def _stay(f: FactReader) -> Sentences:
    if f.number("phase") == 3:
        return Sentences(
            "You’re in phase 3, the last one: it puts the spring back in your steps.",
            "The runner stays in phase 3. There is nothing to decide.",
            "You stay in phase 3 this week.",
        )
    missing = f.number("missing")
    needed = f"{count(missing, 'thing')} {'is' if missing == 1 else 'are'} still needed for the next phase."
    return Sentences(
        f"You stay in phase {f.number('phase')}. {needed}",
        f"The runner stays in phase {f.number('phase')}. {needed}",
        f"You stay in phase {f.number('phase')} this week.",
    )


def _content(f: FactReader) -> Sentences:
    runner, clinician = _CONTENT[f.number("phase")]
    return Sentences(runner, clinician, runner)


def _dose(f: FactReader) -> Sentences:
    note = f" Now: {f.words('note')}." if f.yes("note") else ""
    sessions = count_in_words(f.number("step_after_sessions"), "session")
    return Sentences(
        f"You go one step up after {sessions} at this dose without red pain.{note}",
        f"{f.words('exercise').capitalize()} goes one step up after {sessions} at this dose without red pain.{note}",
        f"You go one step up after {sessions} at this dose.{note}",
    )


def _approval(f: FactReader) -> Sentences:
    if f.yes("easier"):
        return Sentences(
            "You do this one in its easier form until a clinician has approved the full one.",
            f"{f.words('exercises')}: the easier form until you approve the full one, because it loads a sore joint.",
            "You do this one in its easier form for now.",
        )
    since = (
        f"your log says your {f.words('site')} hurts"
        if f.yes("logged")
        else "of what you told us at the start"
    )
    return Sentences(
        f"Some exercises are waiting for a clinician’s OK, because {since}.",
        f"These load the sore {f.words('site')}: {f.words('exercises')}. They come in an easier form or are left out "
        "until "
        "you approve them.",
        "Some of your exercises come in an easier form for now.",
    )


def _return(f: FactReader) -> Sentences:
    days, steps = f.number("days"), f.number("steps")
    lower = f"{count_in_words(steps, 'step')} lower" if steps else "at the first step"
    down = f"{count_in_words(steps, 'step')} down" if steps else "at the first step"
    clinician = f"the runner starts {down}." + (" Does the plan still fit?" if f.yes("asked") else "")
    return Sentences(
        f"Welcome back. After {days} days without strength work, you start {lower}. It comes back fast.",
        f"After {days} days without a strength session, {clinician}",
        "Welcome back. Your exercises start a little lower this week.",
    )


def _track(f: FactReader) -> Sentences:
    if f.yes("cut"):
        under = f"a session stays under {f.number('minutes')} minutes."
        return Sentences(
            f"Your {f.words('site')} has its own exercises. The basic plan is shorter with them, so {under}",
            f"There are exercises for the {f.words('site')}. The basic plan is shorter with them, so {under}",
            f"Some exercises are new, and {under}",
        )
    return Sentences(
        f"Exercises for your {f.words('site')} begin once a clinician has approved them. Until then, stick with the "
        "basic plan.",
        f"There is a present {f.words('site')} complaint. Approve exercises for it ({f.words('exercises')})? Until "
        "then, the runner does only the basic plan, in easier forms.",
        "Some of your exercises are waiting for a clinician’s OK.",
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
