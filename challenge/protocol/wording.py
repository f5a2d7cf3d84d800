"""Write numbers as people read them. Sentences take every number of the method from a fact, through these."""

from __future__ import annotations

from challenge.protocol.vocabulary import Side, Site

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SHARES = {10: "a tenth", 50: "half", 75: "three quarters"}


def in_words(number: int) -> str:
    """Return a small number as a word, a larger one in digits: three, 12."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else str(number)


def count_in_words(number: int, noun: str) -> str:
    """Return one run, three runs."""
    return f"{in_words(number)} {noun}" if number == 1 else f"{in_words(number)} {noun}s"


def times(number: int) -> str:
    """Return how often: once, twice, three times."""
    return {1: "once", 2: "twice"}.get(number, f"{in_words(number)} times")


def days_in_words(days: int) -> str:
    """Return a span of days as people say it: a week, two weeks, 10 days."""
    if days % 7:
        return f"{days} days"
    return "a week" if days == 7 else f"{in_words(days // 7)} weeks"


def rest_in_words(seconds: int) -> str:
    """Return a rest as a coach says it: half a minute, a minute, two minutes, 45 seconds."""
    named = {30: "half a minute", 60: "a minute"}
    if seconds in named:
        return named[seconds]
    return f"{seconds} seconds" if seconds % 60 else f"{in_words(seconds // 60)} minutes"


def wait_in_words(minutes: int) -> str:
    """Return a wait as people say it, rounded: 1 minute, 40 minutes, 3 hours, 2 days."""
    for size, noun in ((1440, "day"), (60, "hour")):
        if minutes >= 2 * size:
            return f"{round(minutes / size)} {noun}s"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def share(percent: int) -> str:
    """Return a share of something: a tenth, half, 12%."""
    return _SHARES.get(percent, f"{percent}%")


def span(values: list[int]) -> str:
    """Return the least and the most: 6–8; a single value alone."""
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low}–{high}"


def place_text(site: str, side: str = "") -> str:
    """Return site and side in words: `left knee`, `Achilles tendon, both sides`; an empty text without a site."""
    if not site:
        return ""
    words = Site(site).label
    # The label of a tendon begins with a person's name and keeps its capital.
    words = words if site == Site.ACHILLES else words[:1].lower() + words[1:]
    if side == Side.BOTH:
        return f"{words}, both sides"
    return f"{side} {words}" if side else words
