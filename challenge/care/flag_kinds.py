"""What the program knows about each kind of flag: its name, its weight on the board, its words for clinicians.

A new kind is a member of `vocabulary.FlagKind` and an entry in `FLAG_KINDS`. A test compares the two, so that no page
meets a kind without an entry.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any

from challenge.protocol.sentences import say
from challenge.protocol.validation import ProtocolError
from challenge.protocol.vocabulary import FlagKind, Rule, Symptom
from challenge.protocol.wording import place_text

Facts = dict[str, Any]


def _no_text(facts: Facts) -> str:
    return ""


def _red_text(facts: Facts) -> str:
    if "pain" not in facts or "on" not in facts:
        return ""
    where = _place(facts)
    return f"Pain {facts['pain']} of 10" + (f", {where}" if where else "") + f", {_day(facts['on'])}."


def _worse_week_text(facts: Facts) -> str:
    return f"Two or more worse mornings in the week of {_day(facts['week'])}." if "week" in facts else ""


def _silence_text(facts: Facts) -> str:
    return (
        f"The last day logged was {_day(facts['last'])}; nothing since."
        if facts.get("last")
        else "Nothing logged yet."
    )


def _mail_text(facts: Facts) -> str:
    return "Our emails don’t arrive. Call, and correct the address."


def _complaint_text(facts: Facts) -> str:
    """Word a question about a place: what the log reports, or what the runner wrote."""
    if "site" not in facts:
        return ""
    place = _place(facts)
    if facts.get("says") == "settled":
        return f"The runner says this has settled: {place}." + _written(facts)
    if facts.get("says") == "new":
        return f"The runner reports something new: {place}, pain {facts['pain']} of 10." + _written(facts)
    on = f", {_day(facts['on'])}" if facts.get("on") else ""
    return f"Pain {facts.get('pain', '4+')} of 10, {place}{on}. No complaint is open there."


def _place(facts: Facts) -> str:
    return place_text(facts.get("site") or "", facts.get("side") or "")


def _written(facts: Facts) -> str:
    return f" “{facts['note']}”" if facts.get("note") else ""


def _ask_text(facts: Facts) -> str:
    """Word a question about a message; what the log asks about has symptoms, and words of its own."""
    if not facts.get("words"):
        return ""
    quoted = ", ".join(f"“{word}”" for word in facts["words"])
    message = f"A message from {_day(facts['on'])} may be about a stop symptom ({quoted})."
    return f"{message} Read it, then talk with the runner."


class When(IntEnum):
    """By when a clinician must look: the groups of the board, in their order."""

    TODAY = 0
    THIS_WEEK = 1
    GOING_WELL = 2


@dataclass(frozen=True)
class FlagKindInfo:
    """One kind of flag.

    `weight` orders the board, highest first; `when` is by when a person must look. `urgent` kinds are counted on
    their own in the morning digest. While a kind about `safety` is open, no proposal is followed from the board.
    `rules` are the rules of the method whose questions have this kind. `text` words the facts for a clinician, or
    returns "" where the sentence of the flag's rule does.
    """

    label: str
    weight: int
    when: When
    urgent: bool = False
    safety: bool = False
    rules: tuple[Rule, ...] = ()
    text: Callable[[Facts], str] = _no_text


# What must be looked at today, then what can wait.
FLAG_KINDS = {
    FlagKind.STOP: FlagKindInfo("stop", 1000, When.TODAY, urgent=True, safety=True),
    FlagKind.ASK: FlagKindInfo(
        "clinical judgment needed",
        300,
        When.TODAY,
        safety=True,
        rules=(Rule.PAIN_ASK, Rule.PAIN_SCALE),
        text=_ask_text,
    ),
    FlagKind.COMPLAINT: FlagKindInfo(
        "new complaint?", 280, When.TODAY, safety=True, rules=(Rule.COMPLAINT_OPEN,), text=_complaint_text
    ),
    FlagKind.RED: FlagKindInfo("red pain", 250, When.TODAY, safety=True, text=_red_text),
    FlagKind.WORSE_WEEK: FlagKindInfo("worse mornings", 200, When.TODAY, safety=True, text=_worse_week_text),
    # Information: it blocks nothing and forbids nothing.
    FlagKind.LOAD: FlagKindInfo("load warning", 20, When.GOING_WELL),
    FlagKind.SILENCE: FlagKindInfo("nothing logged", 70, When.THIS_WEEK, text=_silence_text),
    FlagKind.STUCK: FlagKindInfo("cadence not moving", 80, When.THIS_WEEK, rules=(Rule.CADENCE_STUCK,)),
    FlagKind.REVIEW: FlagKindInfo(
        "cadence well above baseline", 30, When.THIS_WEEK, rules=(Rule.CADENCE_REVIEW,)
    ),
    FlagKind.MAIL: FlagKindInfo("email failing", 60, When.THIS_WEEK, text=_mail_text),
    FlagKind.QUESTION: FlagKindInfo("question", 40, When.THIS_WEEK),
}
FLAG_KIND_CHOICES = [(kind.value, info.label) for kind, info in FLAG_KINDS.items()]
KIND_OF_RULE = {rule: kind for kind, info in FLAG_KINDS.items() for rule in info.rules}
URGENT_KINDS = tuple(kind for kind, info in FLAG_KINDS.items() if info.urgent)


def clinician_text(kind: str, rule: str, facts: Any) -> str:
    """Return why a flag was raised, in words for a clinician.

    The first that exists: the symptoms, the history of a tendon, the words of the kind, the sentence of the rule, the
    kind's name. The facts of an erased person are empty, and must not break a page.
    """
    info, known = FLAG_KINDS[FlagKind(kind)], facts if isinstance(facts, dict) else {}
    if known.get("symptoms"):
        return _symptoms_text(known)
    if known.get("tendon_history"):
        return f"Before the start, for the Achilles tendon: {_listed(known['tendon_history'])}."
    text = info.text(known)
    if text:
        return text
    try:
        return say(Rule(rule), tuple(known.items())).clinician
    except (ValueError, ProtocolError, KeyError, TypeError):
        return info.label


def _listed(words: Iterable[object]) -> str:
    return ", ".join(str(word).replace("_", " ") for word in words)


def _symptom(word: str) -> str:
    return dict(Symptom.choices()).get(word, word.replace("_", " ").capitalize())


def _symptoms_text(facts: Facts) -> str:
    # A semicolon: some of the names have a comma of their own.
    names = "; ".join(_symptom(word) for word in facts["symptoms"])
    names = f"{names[0]}{names[1:].lower()}"
    return f"{names}, {_day(facts['on'])}." if "on" in facts else f"{names}."


def _day(stored: str) -> str:
    day = date.fromisoformat(stored)
    return f"{day:%b} {day.day}"
