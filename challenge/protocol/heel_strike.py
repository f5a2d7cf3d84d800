"""Decide about heel strike for a while: when it is offered, when never, how volume is cut and how it ends."""

from __future__ import annotations

from challenge.protocol.decision import HeelStrikeDecision
from challenge.protocol.load import usual_week_m
from challenge.protocol.local_week import monday_of
from challenge.protocol.log_view import LogView
from challenge.protocol.pain import new_reports
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Question, Reason, reason_for
from challenge.protocol.sentences.facts import Fact
from challenge.protocol.snapshot import HeelStrikeInput
from challenge.protocol.vocabulary import (
    COVERED_SITES,
    GUARDED_JOINTS,
    FootStrike,
    HeelStrikeStep,
    Phase,
    Rule,
    Site,
)

_WAITING_FOR_CLINICIAN = frozenset({HeelStrikeStep.OFFER, HeelStrikeStep.ASK, HeelStrikeStep.REVIEW})


def decide(history: LogView, parameters: Parameters) -> HeelStrikeDecision:
    """Continue a spell that is under way; otherwise decide whether to offer one."""
    begun = [s for s in history.snapshot.strike_spells if s.started_on <= history.snapshot.today_on]
    spell = begun[-1] if begun else None
    if spell is not None and not spell.declined and not _ended(spell, history):
        return _under_way(spell, history, parameters)
    # A runner who declined is not offered it again; only a clinician begins a new spell.
    if spell is not None and spell.declined:
        return HeelStrikeDecision(HeelStrikeStep.DECLINED)
    if spell is not None:
        return HeelStrikeDecision(HeelStrikeStep.OVER, reason_for(Rule.STRIKE_RETURN, parameters, over=True))
    return _offer(history)


def questions(history: LogView, strike: HeelStrikeDecision, parameters: Parameters) -> tuple[Question, ...]:
    """Return what waits for a clinician, and front-of-shin pain that the log reports."""
    asked = []
    if strike.reason is not None and _asks(strike, history):
        subject = f"{strike.reason.rule}:{strike.step}"
        if not history.asked(subject, parameters.ask_again_days):
            asked.append(Question(history.key(subject), strike.reason))
    shin_asked = strike.reason is not None and strike.reason.rule is Rule.STRIKE_SHIN
    if (
        not shin_asked
        and _shin_logged(history, parameters)
        and not history.asked("strike.shin:log", parameters.ask_again_days)
    ):
        asked.append(Question(history.key("strike.shin:log"), reason_for(Rule.STRIKE_SHIN, logged=True)))
    return tuple(asked)


def _shin_logged(history: LogView, parameters: Parameters) -> bool:
    reports = new_reports(history, parameters)
    return any(report.site is Site.FRONT_SHIN and report.pain for report in reports)


def _asks(strike: HeelStrikeDecision, history: LogView) -> bool:
    if strike.step in _WAITING_FOR_CLINICIAN:
        return True
    # Only with a spell on record is "never" a question: a clinician has to end it.
    return strike.step is HeelStrikeStep.NEVER and bool(history.snapshot.strike_spells)


def _ended(spell: HeelStrikeInput, history: LogView) -> bool:
    return spell.ended_on is not None and spell.ended_on <= history.snapshot.today_on


def _offer(history: LogView) -> HeelStrikeDecision:
    intake = history.snapshot.intake
    if history.phase.phase is Phase.POWER or intake.strike is FootStrike.HEEL:
        # Nothing to offer, but a heel striker with a sore front of the shin is still a question (Barton 2016).
        return _shin(history) or HeelStrikeDecision(HeelStrikeStep.NOT_RELEVANT)
    if not history.present & (COVERED_SITES | {Site.FRONT_SHIN}):
        return HeelStrikeDecision(HeelStrikeStep.NOT_RELEVANT)
    # Heel strike moves load from calf and Achilles to knee and hip: a sore joint rules it out.
    joints = sorted(GUARDED_JOINTS & history.complained)
    if joints:
        return HeelStrikeDecision(HeelStrikeStep.NEVER, never(joints[0], logged=joints[0] in history.guarded))
    shin = _shin(history)
    if shin is not None:
        return shin
    past = sorted(GUARDED_JOINTS & history.past_sites)
    if past:
        return HeelStrikeDecision(
            HeelStrikeStep.ASK, reason_for(Rule.STRIKE_NEVER, site=past[0].value, past=True)
        )
    if intake.strike is None:
        return HeelStrikeDecision(HeelStrikeStep.NOT_RELEVANT)
    site = sorted(COVERED_SITES & history.present)[0]
    return HeelStrikeDecision(
        HeelStrikeStep.OFFER, reason_for(Rule.STRIKE_OFFER, site=site.value, strike=intake.strike.value)
    )


def _shin(history: LogView) -> HeelStrikeDecision | None:
    if Site.FRONT_SHIN not in history.present:
        return None
    return HeelStrikeDecision(HeelStrikeStep.ASK, reason_for(Rule.STRIKE_SHIN))


def _under_way(spell: HeelStrikeInput, history: LogView, parameters: Parameters) -> HeelStrikeDecision:
    joints = sorted(GUARDED_JOINTS & history.complained)
    going_back = spell.return_on is not None and spell.return_on <= history.snapshot.today_on
    # On the way back the load already leaves the joint; version 3 did not know that.
    if joints and not (going_back and history.by_version_4):
        return _asked_back(joints[0], spell, history, parameters)
    if history.phase.phase is Phase.POWER:
        return HeelStrikeDecision(HeelStrikeStep.OVER, reason_for(Rule.STRIKE_RETURN, parameters, over=True))
    if going_back:
        return _returning(spell, history, parameters)
    # The review is due by days, not by weeks: a spell may begin on any day.
    days = (history.snapshot.today_on - spell.started_on).days
    if days >= parameters.strike_review_days:
        return _review(days, spell, history, parameters)
    limit = _weekly_limit(spell, history, parameters)
    reason = reason_for(Rule.STRIKE_VOLUME, parameters, limit_m=limit, days=days)
    return HeelStrikeDecision(
        HeelStrikeStep.ON_HEEL, reason, limit if days < parameters.volume_days else None
    )


def never(site: Site, *, logged: bool = False, under_way: bool = False) -> Reason:
    """Return the reason against heel strike: a joint that hurts now. `logged`: by the log, not by a complaint."""
    more: dict[str, Fact] = {"under_way": True} if under_way else {}
    if logged:
        more["logged"] = True
    return reason_for(Rule.STRIKE_NEVER, site=site.value, past=False, **more)


def _asked_back(
    site: Site, spell: HeelStrikeInput, history: LogView, parameters: Parameters
) -> HeelStrikeDecision:
    """Ask the runner back toward midfoot, with volume cut on the way."""
    # Version 3 only asked whether to go on.
    limit = _weekly_limit(spell, history, parameters) if history.by_version_4 else None
    reason = never(site, logged=site in history.guarded, under_way=True)
    if history.by_version_4 and site not in history.guarded:
        reason = reason_for(reason.rule, **dict(reason.facts), back=True)
    if limit is not None:
        reason = reason_for(reason.rule, **dict(reason.facts), limit_m=limit)
    return HeelStrikeDecision(HeelStrikeStep.NEVER, reason, limit)


def _review(
    days: int, spell: HeelStrikeInput, history: LogView, parameters: Parameters
) -> HeelStrikeDecision:
    """Wait for the clinician's review. Volume stays cut for as long as the way back would take."""
    back_by = parameters.strike_review_days + parameters.strike_return_days
    limit = _weekly_limit(spell, history, parameters) if days < back_by else None
    return HeelStrikeDecision(
        HeelStrikeStep.REVIEW,
        reason_for(Rule.STRIKE_RETURN, parameters, days=days, review=True, limit_m=limit),
        limit,
    )


def _returning(spell: HeelStrikeInput, history: LogView, parameters: Parameters) -> HeelStrikeDecision:
    """Lead back toward midfoot with volume cut again; after `strike_return_days` the spell is over."""
    since = spell.return_on or spell.started_on
    days = (history.snapshot.today_on - since).days
    if days >= parameters.strike_return_days:
        return HeelStrikeDecision(HeelStrikeStep.OVER, reason_for(Rule.STRIKE_RETURN, parameters, over=True))
    limit = _weekly_limit(spell, history, parameters)
    reason = reason_for(Rule.STRIKE_RETURN, parameters, days=days, limit_m=limit)
    return HeelStrikeDecision(HeelStrikeStep.RETURNING, reason, limit)


def _weekly_limit(spell: HeelStrikeInput, history: LogView, parameters: Parameters) -> int | None:
    """Return the usual week before the spell began, less the cut, in meters."""
    s = history.snapshot
    # Whole weeks before the spell: the cut must not be measured against weeks that were already cut.
    before = monday_of(spell.started_on)
    usual = usual_week_m(history.runs, before, s.intake, s.starts_on, parameters)
    return None if usual is None else usual * (100 - parameters.volume_cut_percent) // 100
