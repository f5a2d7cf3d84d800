"""A rule with the facts that led to it: the unit every decision, question and warning is made of."""

from __future__ import annotations

from dataclasses import dataclass

from challenge.protocol.rules import Fact, Facts, Rule, Sentences, facts
from challenge.protocol.sentences import say
from challenge.protocol.validation import check_term


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule and its facts."""

    rule: Rule
    facts: Facts = ()

    def __post_init__(self) -> None:
        check_term("reason.rule", self.rule, Rule)

    def fact(self, name: str) -> Fact:
        """The named fact, or None."""
        return dict(self.facts).get(name)

    def say(self, *, kilometers: bool = False) -> Sentences:
        """The rule's three sentences with these facts."""
        return say(self.rule, self.facts, kilometers=kilometers)

    @property
    def runner(self) -> str:
        """For the runner's page, in miles."""
        return self.say().runner

    @property
    def clinician(self) -> str:
        """For the clinician, in miles."""
        return self.say().clinician

    @property
    def email(self) -> str:
        """For email, in miles; never a word of pain."""
        return self.say().email


@dataclass(frozen=True, slots=True)
class Question:
    """Something a clinician is asked. The same key is the same question."""

    key: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class LoadWarning:
    """A load warning or, where `information` is set, something merely worth knowing. It blocks nothing."""

    reason: Reason
    information: bool = False
    serious: bool = False


def reason_for(rule: Rule, **values: Fact) -> Reason:
    """A reason from keyword facts."""
    return Reason(rule, facts(**values))
