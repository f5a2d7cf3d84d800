"""The facts of a rule, and its three sentences."""

from __future__ import annotations

from dataclasses import dataclass

Fact = int | str | bool | None
Facts = tuple[tuple[str, Fact], ...]


@dataclass(frozen=True, slots=True)
class Sentences:
    """The three sentences of a rule. The one for email never speaks of pain."""

    runner: str
    clinician: str
    email: str


def facts(**values: Fact) -> Facts:
    """Return facts sorted by name, so that equal facts are equal."""
    return tuple(sorted(values.items()))
