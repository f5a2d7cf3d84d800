"""Words of a runner's own that may mean a stop symptom. They decide nothing: the runner is asked, a clinician reads."""

from __future__ import annotations

import re

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
