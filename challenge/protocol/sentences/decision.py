"""The sentences of the rules of the decision itself."""

from __future__ import annotations

from challenge.protocol.sentences.facts import FactReader, Sentences, Writer
from challenge.protocol.vocabulary import Rule


def _week(f: FactReader) -> Sentences:
    if f.words("state") == "withdrawn":
        withdrawn = "You’ve left the challenge, so there are no more targets."
        return Sentences(
            withdrawn, "There is no weekly decision, because the runner has withdrawn.", withdrawn
        )
    if f.yes("state"):
        return Sentences(
            "You’re paused: no targets until you’re back. Nothing is lost.",
            f"There is no weekly decision, because the runner is {f.words('state')}.",
            "You’re paused: no targets until you’re back.",
        )
    return Sentences(
        "We work out your week from your log.", "This is the weekly decision.", "Your week is ready."
    )


def _now(f: FactReader) -> Sentences:
    return Sentences(
        "Something changed this week, so your targets were worked out again.",
        f"This is revision {f.number('revision')} of the week.",
        "Your targets for this week have changed; this replaces the earlier email.",
    )


def _by_hand(f: FactReader) -> Sentences:
    if f.yes("added"):
        return Sentences(
            "A clinician chose this one for you; it stays until they change it.",
            f"{f.words('exercise').capitalize()} was added by hand, until a clinician ends it.",
            "A clinician chose this one for you; it stays until they change it.",
        )
    if f.yes("exercise"):
        return Sentences(
            "A clinician set this dose for you; it stays until they change it.",
            f"{f.words('exercise').capitalize()} has a dose set by hand, until a clinician ends it.",
            "A clinician set this dose for you; it stays until they change it.",
        )
    spm = f.number("target_spm")
    if f.yes("ended"):
        return Sentences(
            f"The number your clinician set has ended. {spm} stays until Monday; after that, we go on as usual.",
            f"The cadence of {spm} set by hand ended this week. It stays until the next Monday.",
            f"Your cadence stays at {spm} this week.",
        )
    if f.yes("one_week"):
        return Sentences(
            f"A clinician set your cadence to {spm} for this week only.",
            f"The cadence was set to {spm} by hand, for this week only.",
            f"A clinician set your cadence to {spm} for this week only.",
        )
    return Sentences(
        f"A clinician set your cadence to {spm}; it stays until they change it.",
        f"The cadence was set to {spm} by hand, until a clinician ends it.",
        f"A clinician set your cadence to {spm}; it stays until they change it.",
    )


def _quiet(f: FactReader) -> Sentences:
    minutes = f.number("quiet_minutes")
    return Sentences(
        "We changed several things at once. This is the plan that counts.",
        f"Several decisions within {minutes} minutes became one revision and one email.",
        "We changed several things at once. This is the plan that counts.",
    )


def _finish(f: FactReader) -> Sentences:
    weeks, phase = f.number("weeks"), f.number("phase")
    return Sentences(
        f"{weeks} weeks done, phase {phase} reached. See how far you’ve come, and how to keep going on your own.",
        f"The runner finished the {weeks} weeks and is now in phase {phase}. A survey and a closing call come next.",
        f"{weeks} weeks are done. Your page shows how far you’ve come and how to keep going on your own. A short "
        "survey and a call with us are there, too.",
    )


WRITERS: dict[Rule, Writer] = {
    Rule.DECISION_WEEK: _week,
    Rule.DECISION_NOW: _now,
    Rule.DECISION_BY_HAND: _by_hand,
    Rule.DECISION_QUIET: _quiet,
    Rule.CHALLENGE_FINISH: _finish,
}
