"""Sports by the words that files use for them."""

from __future__ import annotations

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
    "cross_country_skiing": "a ski tour",
    "training": "a training session",
    "fitness_equipment": "a gym session",
}
STRAVA_NUMBERS = {"9": "running", "1": "cycling", "10": "walking", "4": "hiking"}  # as it used to write them


def sport_of(text: str) -> str | None:
    """The sport behind an app's own word for it: `running`, another one, or None where the word says nothing.

    A word that we do not know is no reason to refuse: apps translate, and runners name their runs.
    """
    word = text.strip().lower()
    if word in STRAVA_NUMBERS:
        return STRAVA_NUMBERS[word]
    if any(running in word for running in RUNNING_WORDS):
        return "running"
    return next((sport for part, sport in OTHER_WORDS.items() if part in word), None)


def refusal_of(sport: str) -> str:
    """The sentence that refuses another sport by its name."""
    name = NAMES.get(sport.lower())
    if name:
        return f"This is {name}, not a run, so we imported nothing."
    if not sport.isprintable() or sport.isdigit():
        return "This is recorded as another sport, not as a run, so we imported nothing."
    return f"This is recorded as “{sport.replace('_', ' ')[:40]}”, not as a run, so we imported nothing."
