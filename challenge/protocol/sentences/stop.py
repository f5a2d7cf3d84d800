"""The texts a runner reads when running is off, and the words of their own that may mean a stop symptom.

Every page and email quotes the texts: one for each stop symptom. The words decide nothing: the runner is asked, and a
clinician reads.
"""

from __future__ import annotations

import re

from challenge.protocol.reading_hours import CALLS
from challenge.protocol.vocabulary import Symptom

STOP_NOW = "Stop running now."
TODAY = "No running, jumping or calf work. Walk no more than you have to, and stop walking if it hurts."
EMERGENCY = "If you’re short of breath or have chest pain, call 911."
_ELSEWHERE = "go to urgent care, or to an emergency room if it’s closed"
MEANWHILE = f"If it gets worse, don’t wait for us: {_ELSEWHERE}. {EMERGENCY}"
# No text here ends with EMERGENCY: everything that quotes one adds it once, at its own end.
BY_SYMPTOM: dict[Symptom, str] = {
    # Other muscles still point the foot after a tear, so no test by the runner can rule it out.
    Symptom.POP: "A pop or a sudden loss of push-off can be a torn tendon. Go to urgent care today, or to an "
    "emergency room at night. A foot that still moves doesn’t rule it out. Don’t stretch or test it.",
    Symptom.CALF_SWELLING: "A calf that is swollen, warm or red can be a blood clot. Get it checked today, even at "
    "night, at urgent care or an emergency room. Don’t massage it.",
    Symptom.BONE_SPOT: "Pain in one spot on a bone can be a bone stress injury. Don’t hop, and walk as little as you "
    "can until a clinician has looked at it.",
    Symptom.LIMP: "A limp that stays means your leg is protecting something. Don’t run through it: walk only as far "
    "as you can without a limp.",
}


def stop_sentence(symptom: str) -> str:
    """Return the whole sentence of `pain.stop`; without a known symptom it was opened by a clinician."""
    named = BY_SYMPTOM[Symptom(symptom)] if symptom in {known.value for known in BY_SYMPTOM} else ""
    return " ".join(part for part in (STOP_NOW, named, CALLS, MEANWHILE) if part)


_CANNOT = "(?:can['’]?t|cannot|can not|couldn['’]?t|could not)"
# A word that is quoted, and what it looks like in a sentence.
_PATTERNS = {
    "popped": r"pop(?:ped|ping)|(?:a|the|loud|heard) pop",
    "snapped": r"snap(?:ped|ping)?",
    "tore": r"t(?:ore|orn|ear|ears|earing)|ruptur(?:e|ed|ing)",
    "swollen": r"swoll?en|swell(?:s|ed|ing)?|puffy",
    "limping": r"limp(?:s|ed|ing)?|hobbl(?:e|es|ed|ing)",
    "can’t walk": rf"{_CANNOT} (?:walk|stand|(?:put|bear) (?:any )?weight|push off)",
    "on the bone": r"(?:on|in) (?:the|my) (?:shin ?)?bone",
    "numb": r"numb(?:ness)?",
    "red and hot": r"(?:calf|leg|ankle)[^.!?\n]{0,30} (?:hot|warm|red)",
    "chest pain": r"chest pain|pain in (?:my|the) chest",
    "short of breath": rf"short(?:ness)? of breath|(?:{_CANNOT}|hard to) breathe",
}
_FOUND = {word: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for word, pattern in _PATTERNS.items()}
EMERGENCIES = frozenset({"chest pain", "short of breath"})


def stop_words(text: str) -> tuple[str, ...]:
    """Return the words in the text that may mean a stop symptom, each once and in the order of this list."""
    return tuple(word for word, pattern in _FOUND.items() if pattern.search(text))
