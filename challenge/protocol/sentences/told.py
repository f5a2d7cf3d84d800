"""Facts, ready for a sentence."""

from __future__ import annotations

from collections.abc import Callable

from challenge.protocol.rules import Fact, Facts, Sentences

_MILE_MM = 1_609_344


def distance(metres: int, *, kilometres: bool = False) -> str:
    """One decimal, cut, never rounded up; half a metre is forgiven: stored distances are whole metres."""
    half_metres = 2 * metres + 1
    tenths = half_metres * 5 // 1000 if kilometres else half_metres * 5000 // _MILE_MM
    return f"{tenths // 10}.{tenths % 10} {'km' if kilometres else 'mi'}"


def count(number: int, noun: str) -> str:
    """1 run, 2 runs."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class Told:
    """The facts of one reason, by name."""

    def __init__(self, facts: Facts, kilometres: bool) -> None:
        self._facts: dict[str, Fact] = dict(facts)
        self._kilometres = kilometres

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
        return distance(self.number(name), kilometres=self._kilometres)


Teller = Callable[[Told], Sentences]
