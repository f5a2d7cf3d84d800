"""Why: the stored rule and facts of a decision, as the sentence for the runner's page."""

from typing import Any

from challenge.protocol.rules import Rule
from challenge.protocol.sentences import say


def why(reason: dict[str, Any] | None, *, kilometres: bool = False) -> str:
    """The runner's sentence of a reason as `Decision.to_data` stores it; empty where there is none."""
    if not reason:
        return ""
    facts = tuple((name, value) for name, value in reason["facts"])
    return say(Rule(reason["rule"]), facts, kilometres=kilometres).runner


TEST = " test, or why it was not done"
IN_THEIR_WORDS = {
    "a stop flag is open": "A clinician’s look at what you told us.",
    "red reports in the last days": "Seven days without red: pain of 6 or more.",
    "a worse week": "A week of calmer mornings.",
    "load or repetitions up": "More load or more repetitions than when this phase began.",
    "weekly answer about daily life": "Your weekly answer about pain in daily life.",
    "daily-life pain at most": "Pain in daily life of {need} or less; last time you said {have}.",
}


def still_missing(missing: dict[str, Any]) -> str:
    """One thing that the next phase waits for, as `Decision.to_data` stores it, for the runner's page."""
    what, have, need = str(missing["what"]), missing.get("have") or 0, missing.get("need")
    if what.endswith(TEST):
        return f"The {what.removesuffix(TEST)} test, with a clinician."
    counted = what[:1].upper() + what[1:] if need is None else f"{have} of {need} {what}"
    return IN_THEIR_WORDS.get(what, f"{counted}.").format(have=have, need=need)
