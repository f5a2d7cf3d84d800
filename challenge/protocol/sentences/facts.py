"""Facts, ready for a sentence."""

from __future__ import annotations

from collections.abc import Callable

from challenge.protocol.rules import Fact, Facts, Sentences

_MILE_MM = 1_609_344


def distance(meters: int, *, kilometers: bool = False) -> str:
    """One decimal, cut, never rounded up; half a meter is forgiven: stored distances are whole meters."""
    half_meters = 2 * meters + 1
    tenths = half_meters * 5 // 1000 if kilometers else half_meters * 5000 // _MILE_MM
    return f"{tenths // 10}.{tenths % 10} {'km' if kilometers else 'mi'}"


def count(number: int, noun: str) -> str:
    """1 run, 2 runs."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class FactReader:
    """The facts of one reason, by name."""

    def __init__(self, facts: Facts, kilometers: bool) -> None:
        self._facts: dict[str, Fact] = dict(facts)
        self._kilometers = kilometers

    def yes(self, name: str) -> bool:
        return bool(self._facts.get(name))

    def number(self, name: str) -> int:
        value = self._facts.get(name)
        return value if isinstance(value, int) else 0

    def words(self, name: str) -> str:
        """A stored term as words: inner_shin reads "inner shin"."""
        return str(self._facts.get(name) or "").replace("_", " ")

    def term(self, name: str) -> str:
        """Return a stored term as it is stored."""
        return str(self._facts.get(name) or "")

    def distance(self, name: str) -> str:
        return distance(self.number(name), kilometers=self._kilometers)


Teller = Callable[[FactReader], Sentences]
