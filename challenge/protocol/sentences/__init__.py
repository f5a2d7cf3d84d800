"""The three sentences of each rule, made from its facts: for the runner's page, for clinicians, and for email."""

from __future__ import annotations

from challenge.protocol.sentences import cadence, decision, heel_strike, load, pain, phases
from challenge.protocol.sentences.facts import FactReader, Facts, Sentences, Writer
from challenge.protocol.vocabulary import Rule

WRITERS: dict[Rule, Writer] = {
    **cadence.WRITERS,
    **phases.WRITERS,
    **pain.WRITERS,
    **load.WRITERS,
    **heel_strike.WRITERS,
    **decision.WRITERS,
}


def say(rule: Rule, facts: Facts, *, kilometers: bool = False) -> Sentences:
    """Return the three sentences of a rule with these facts; distances in miles unless kilometers are asked for."""
    return WRITERS[rule](FactReader(facts, kilometers))
