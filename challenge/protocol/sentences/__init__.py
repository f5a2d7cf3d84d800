"""Three sentences per rule, made from its facts: runner's page, clinician, and a neutral one for email."""

from __future__ import annotations

from challenge.protocol.rules import Facts, Rule, Sentences
from challenge.protocol.sentences import cadence, decision, heel_strike, load, pain, phases
from challenge.protocol.sentences.facts import FactReader, Teller

TELLERS: dict[Rule, Teller] = {
    **cadence.TELLERS,
    **phases.TELLERS,
    **pain.TELLERS,
    **load.TELLERS,
    **heel_strike.TELLERS,
    **decision.TELLERS,
}


def say(rule: Rule, facts: Facts, *, kilometers: bool = False) -> Sentences:
    """The three sentences of a rule with these facts; distances in miles unless kilometers are asked for."""
    said = TELLERS[rule](FactReader(facts, kilometers))
    return Sentences(_whole(said.runner), _whole(said.clinician), _whole(said.email))


def _whole(sentence: str) -> str:
    """A number and its sign stay on one line."""
    return sentence.replace(" %", "\u00a0%")
