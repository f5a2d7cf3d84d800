"""The facts of a rule, its three sentences, and what reads facts for a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Fact = int | str | bool | None
Facts = tuple[tuple[str, Fact], ...]

# Terms that do not read as words: a name keeps its capital, and no one has pain "at the other".
_WORDS = {"achilles": "Achilles tendon", "other": "sore spot"}


@dataclass(frozen=True, slots=True)
class Sentences:
    """The three sentences of a rule. The one for email never speaks of pain."""

    runner: str
    clinician: str
    email: str


def facts(**values: Fact) -> Facts:
    """Return facts sorted by name, so that equal facts are equal."""
    return tuple(sorted(values.items()))


_MILE_MM = 1_609_344


def distance(meters: int, *, kilometers: bool = False) -> str:
    """Return a distance with one decimal and its unit, cut and never rounded up.

    Stored distances were rounded to whole meters, so half a meter is forgiven.
    """
    half_meters = 2 * meters + 1
    tenths = half_meters * 5 // 1000 if kilometers else half_meters * 5000 // _MILE_MM
    return f"{tenths // 10}.{tenths % 10} {'km' if kilometers else 'mi'}"


def count(number: int, noun: str) -> str:
    """Return 1 run, 2 runs."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class FactReader:
    """The facts of one reason, by name. A fact that is missing reads as no, 0 or an empty word."""

    def __init__(self, facts: Facts, kilometers: bool) -> None:
        self._facts: dict[str, Fact] = dict(facts)
        self._kilometers = kilometers

    def yes(self, name: str) -> bool:
        """Return whether the fact is there and true, above zero or not empty."""
        return bool(self._facts.get(name))

    def number(self, name: str) -> int:
        """Return a whole number."""
        value = self._facts.get(name)
        return value if isinstance(value, int) else 0

    def words(self, name: str) -> str:
        """Return a stored term as words: inner_shin reads "inner shin"."""
        term = self.term(name)
        return _WORDS.get(term, term.replace("_", " "))

    def term(self, name: str) -> str:
        """Return a term as it is stored."""
        return str(self._facts.get(name) or "")

    def distance(self, name: str) -> str:
        """Return a fact in meters as a distance in the runner's unit."""
        return distance(self.number(name), kilometers=self._kilometers)


Writer = Callable[[FactReader], Sentences]
