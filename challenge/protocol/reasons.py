"""Reasons: a rule with the facts that led to it. Decisions, questions and warnings are made of them."""

from __future__ import annotations

from dataclasses import dataclass

from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.sentences import say
from challenge.protocol.sentences.facts import Fact, Facts, Sentences, facts
from challenge.protocol.validation import check_term
from challenge.protocol.vocabulary import Rule

# The parameters that a rule's sentences state. Every reason of the rule carries them as facts, under their own names,
# so that a sentence repeats the numbers it was decided by, also years later and in a cohort with numbers of its own.
STATED_PARAMETERS: dict[Rule, tuple[str, ...]] = {
    Rule.CADENCE_BASELINE: ("correction_below_spm",),
    Rule.CADENCE_RAISE: ("raise_percent",),
    Rule.CADENCE_CAP: ("cap_spm",),
    Rule.CADENCE_FIVE_RUNS: ("five_runs", "consistent_runs", "consistent_on_target"),
    Rule.CADENCE_ON_TARGET: ("on_target_minutes",),
    Rule.CADENCE_HOLD_PAIN: ("worse_mornings",),
    Rule.CADENCE_REVIEW: ("review_percent",),
    Rule.PHASE_PROPOSE_2: ("settle_days",),
    Rule.PHASE_PROPOSE_BACK: ("back_days",),
    Rule.EXERCISE_DOSE: ("step_after_sessions",),
    Rule.COMPLAINT_OPEN: ("complaint_days",),
    Rule.PAIN_MORNING: ("worse_mornings",),
    Rule.PAIN_NOT_BETTER: ("not_better_weeks", "rise_by", "stiff_minutes", "improve_days"),
    Rule.PAIN_TODAY: ("amber_from", "red_call_days"),
    Rule.LOAD_LONG_RUN: ("long_run_percent", "long_run_days", "long_run_quiet_days"),
    Rule.LOAD_RETURN: ("run_return_days",),
    Rule.LOAD_STACKED: ("stacked_days",),
    Rule.LOAD_WEEKLY_JUMP: ("jump_percent",),
    Rule.LOAD_RECOVERY: ("days_without_off",),
    Rule.LOAD_WINDOW: ("window_first_week", "window_last_week"),
    Rule.STRIKE_VOLUME: ("volume_cut_percent", "volume_days"),
    Rule.STRIKE_RETURN: ("strike_review_days", "strike_return_days"),
    Rule.DECISION_QUIET: ("quiet_minutes",),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule and its facts."""

    rule: Rule
    facts: Facts = ()

    def __post_init__(self) -> None:
        check_term("reason.rule", self.rule, Rule)

    def fact(self, name: str) -> Fact:
        """Return the named fact, or None."""
        return dict(self.facts).get(name)

    def say(self, *, kilometers: bool = False) -> Sentences:
        """Return the rule's three sentences with these facts."""
        return say(self.rule, self.facts, kilometers=kilometers)

    @property
    def runner(self) -> str:
        """The sentence for the runner's page, distances in miles."""
        return self.say().runner

    @property
    def clinician(self) -> str:
        """The sentence for clinicians, distances in miles."""
        return self.say().clinician

    @property
    def email(self) -> str:
        """The sentence for email, distances in miles. It never speaks of pain."""
        return self.say().email


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a clinician. Questions with the same key are the same question."""

    key: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class LoadWarning:
    """A load warning; with `information` set it is only worth knowing. It never blocks or holds anything."""

    reason: Reason
    information: bool = False
    serious: bool = False


def reason_for(rule: Rule, parameters: Parameters = CLINIC, /, **values: Fact) -> Reason:
    """Return a reason with these facts and the parameters that the rule's sentences state."""
    stated = {name: getattr(parameters, name) for name in STATED_PARAMETERS.get(rule, ())}
    return Reason(rule, facts(**{**values, **stated}))
