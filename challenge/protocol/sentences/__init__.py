"""Three sentences per rule, made from its facts: runner's page, clinician, and a neutral one for email."""

from __future__ import annotations

from challenge.protocol.rules import Facts, Rule, Sentences
from challenge.protocol.sentences import cadence, decision, load, pain, phases, strike
from challenge.protocol.sentences.told import Teller, Told

TELLERS: dict[Rule, Teller] = {
    **cadence.TELLERS,
    **phases.TELLERS,
    **pain.TELLERS,
    **load.TELLERS,
    **strike.TELLERS,
    **decision.TELLERS,
}


def say(rule: Rule, facts: Facts, *, kilometres: bool = False) -> Sentences:
    """The three sentences of a rule with these facts; distances in miles unless kilometres are asked for."""
    said = TELLERS[rule](Told(facts, kilometres))
    return Sentences(_whole(said.runner), _whole(said.clinician), _whole(said.email))


def _whole(sentence: str) -> str:
    """A number and its sign stay on one line."""
    return sentence.replace(" %", "\u00a0%")
