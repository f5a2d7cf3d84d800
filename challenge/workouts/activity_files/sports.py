"""The sports of activity files: apps' words for them, what a title reveals, and the sentence that refuses one."""

from __future__ import annotations

import re

RUNNING_WORDS = ("run", "jog", "treadmill", "parkrun")
OTHER_WORDS = {
    "walk": "walking",
    "hik": "hiking",
    "cycl": "cycling",
    "bik": "cycling",
    "ride": "cycling",
    "swim": "swimming",
    "rowing": "rowing",
    "ski": "skiing",
    "skat": "skating",
    "driv": "driving",
    "paddl": "paddling",
    "kayak": "kayaking",
    "yoga": "yoga",
    "strength": "strength training",
}
NAMES = {
    "walking": "a walk",
    "hiking": "a hike",
    "cycling": "a bike ride",
    "e_biking": "a bike ride",
    "swimming": "a swim",
    "rowing": "a row",
    "driving": "a drive",
    "skiing": "a ski tour",
    "skating": "a skate",
    "kayaking": "a kayak tour",
    "cross_country_skiing": "a ski tour",
    "training": "a training session",
    "fitness_equipment": "a gym session",
}
# Older exports of Strava write a number for the sport.
STRAVA_NUMBERS = {
    "9": "running",
    "1": "cycling",
    "10": "walking",
    "4": "hiking",
}
# A title is the runner's own words, with streets and lakes in it, so only whole words count: "Strides on Lake Drive"
# is no ride and no drive.
_RUNNING_TITLE = re.compile(r"\b(?:run|runs|running|jog|jogging|treadmill|parkrun)\b")
_OTHER_TITLES = {
    "cycling": re.compile(
        r"\b(?:cycl(?:e|ed|ing)|(?:e-?)?bike|biked|biking|bicycle|(?:bike)?ride|riding|rode|mtb)\b"
    ),
    "walking": re.compile(r"\b(?:walk|walked|walking)\b"),
    "hiking": re.compile(r"\b(?:hike|hiked|hiking)\b"),
    "swimming": re.compile(r"\b(?:swim|swam|swimming)\b"),
    "rowing": re.compile(r"\browing\b"),
    "skiing": re.compile(r"\bskiing\b"),
    "skating": re.compile(r"\bskating\b"),
    "driving": re.compile(r"\bdriving\b"),
    "kayaking": re.compile(r"\bkayak(?:ing)?\b"),
}


def sport_of(text: str) -> str | None:
    """Return the sport behind an app's word for it: `running`, another sport, or None for an unknown word.

    An unknown word is no reason to refuse: apps translate their sports.
    """
    word = text.strip().lower()
    if word in STRAVA_NUMBERS:
        return STRAVA_NUMBERS[word]
    if any(running in word for running in RUNNING_WORDS):
        return "running"
    return next((sport for known, sport in OTHER_WORDS.items() if known in word), None)


def titled_sport(title: str) -> str | None:
    """Return the sport that a title or a file's name speaks of; None if of none, or of a run and a ride."""
    words = title.lower().replace("_", " ")
    other = next((sport for sport, word in _OTHER_TITLES.items() if word.search(words)), None)
    if not _RUNNING_TITLE.search(words):
        return other
    # "Run and walk" is a run; "Bike, then run" may be either.
    return "running" if other in (None, "walking", "hiking") else None


def refusal_of(sport: str) -> str:
    """Return the sentence that refuses another sport, with its name."""
    name = NAMES.get(sport.lower())
    if name:
        return f"This is {name}, not a run, so we imported nothing."
    if not sport.isprintable() or sport.isdigit():
        return "This is recorded as another sport, not as a run, so we imported nothing."
    return f"This is recorded as “{sport.replace('_', ' ')[:40]}”, not as a run, so we imported nothing."
