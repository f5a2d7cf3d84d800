"""Heel strike, for a while: who is offered it, who never, how volume is cut and how it ends."""

from __future__ import annotations

from datetime import timedelta

from challenge.protocol.decision import StrikeDecision
from challenge.protocol.history import History
from challenge.protocol.load import usual_week_m
from challenge.protocol.pain import new_reports
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Question, Reason, because
from challenge.protocol.rules import Fact, Rule
from challenge.protocol.snapshot import StrikeSpell
from challenge.protocol.terms import COVERED_SITES, GUARDED_JOINTS, Phase, Site, Strike, StrikeStep

_WAITING_FOR_CLINICIAN = frozenset({StrikeStep.OFFER, StrikeStep.ASK, StrikeStep.REVIEW})


def decide(history: History, parameters: Parameters) -> StrikeDecision:
    """A spell under way goes on to its end; otherwise whether one is offered."""
    begun = [s for s in history.snapshot.strike_spells if s.started_on <= history.snapshot.today_on]
    spell = begun[-1] if begun else None
    if spell is not None and not spell.declined and not _ended(spell, history):
        return _under_way(spell, history, parameters)
    if spell is not None and spell.declined:
        return StrikeDecision(StrikeStep.DECLINED)
    if spell is not None:
        return StrikeDecision(StrikeStep.OVER, because(Rule.STRIKE_RETURN, over=True))
    return _offer(history)


def questions(history: History, strike: StrikeDecision, parameters: Parameters) -> tuple[Question, ...]:
    """What waits for a clinician here; also a knee or hip complaint that began under heel strike."""
    asked = []
    if strike.reason is not None and _asks(strike, history):
        subject = f"{strike.reason.rule}:{strike.step}"
        if not history.asked(subject, parameters.ask_again_days):
            asked.append(Question(history.key(subject), strike.reason))
    said = strike.reason is not None and strike.reason.rule is Rule.STRIKE_SHIN
    if (
        not said
        and _shin_logged(history, parameters)
        and not history.asked("strike.shin:log", parameters.ask_again_days)
    ):
        asked.append(Question(history.key("strike.shin:log"), because(Rule.STRIKE_SHIN, logged=True)))
    return tuple(asked)


def _shin_logged(history: History, parameters: Parameters) -> bool:
    reports = new_reports(history, parameters)
    return any(report.site is Site.FRONT_SHIN and report.pain for report in reports)


def _asks(strike: StrikeDecision, history: History) -> bool:
    if strike.step in _WAITING_FOR_CLINICIAN:
        return True
    return strike.step is StrikeStep.NEVER and bool(history.snapshot.strike_spells)


def _ended(spell: StrikeSpell, history: History) -> bool:
    return spell.ended_on is not None and spell.ended_on <= history.snapshot.today_on


def _offer(history: History) -> StrikeDecision:
    intake = history.snapshot.intake
    if history.phase.phase is Phase.POWER or intake.strike is Strike.HEEL:
        # Nothing to offer; but who lands on the heel with a sore front of the shin is asked about all the same.
        return _shin(history) or StrikeDecision(StrikeStep.NOT_RELEVANT)
    if not history.complained & (COVERED_SITES | {Site.FRONT_SHIN}):
        return StrikeDecision(StrikeStep.NOT_RELEVANT)
    joints = sorted(GUARDED_JOINTS & history.complained)
    if joints:
        return StrikeDecision(StrikeStep.NEVER, never(joints[0], logged=joints[0] in history.guarded))
    shin = _shin(history)
    if shin is not None:
        return shin
    past = sorted(GUARDED_JOINTS & intake.past_sites())
    if past:
        return StrikeDecision(StrikeStep.ASK, because(Rule.STRIKE_NEVER, site=past[0].value, past=True))
    if intake.strike is None:
        return StrikeDecision(StrikeStep.NOT_RELEVANT)
    site = sorted(COVERED_SITES & history.complained)[0]
    return StrikeDecision(
        StrikeStep.OFFER, because(Rule.STRIKE_OFFER, site=site.value, strike=intake.strike.value)
    )


def _shin(history: History) -> StrikeDecision | None:
    if Site.FRONT_SHIN not in history.complained:
        return None
    return StrikeDecision(StrikeStep.ASK, because(Rule.STRIKE_SHIN))


def _under_way(spell: StrikeSpell, history: History, parameters: Parameters) -> StrikeDecision:
    joints = sorted(GUARDED_JOINTS & history.complained)
    going_back = spell.return_on is not None and spell.return_on <= history.snapshot.today_on
    if joints and not (going_back and history.by_version_4):
        return _asked_back(joints[0], spell, history, parameters)
    if history.phase.phase is Phase.POWER:
        return StrikeDecision(StrikeStep.OVER, because(Rule.STRIKE_RETURN, over=True))
    if going_back:
        return _returning(spell, history, parameters)
    days = (history.snapshot.today_on - spell.started_on).days
    if days >= parameters.strike_review_days:
        return _review(days, spell, history, parameters)
    limit = _weekly_limit(spell, history, parameters)
    reason = because(Rule.STRIKE_VOLUME, limit_m=limit, percent=parameters.volume_cut_percent, days=days)
    return StrikeDecision(StrikeStep.ON_HEEL, reason, limit if days < parameters.volume_days else None)


def never(site: Site, *, logged: bool = False, under_way: bool = False) -> Reason:
    """`strike.never`: a joint that hurts now; `logged` where the log says so and not the intake."""
    more: dict[str, Fact] = {"under_way": True} if under_way else {}
    if logged:
        more["logged"] = True
    return because(Rule.STRIKE_NEVER, site=site.value, past=False, **more)


def _asked_back(site: Site, spell: StrikeSpell, history: History, parameters: Parameters) -> StrikeDecision:
    """The way back of `strike.return`: where the joint began to hurt on the way, the volume stays cut meanwhile."""
    logged = site in history.guarded
    limit = _weekly_limit(spell, history, parameters) if logged else None
    reason = never(site, logged=logged, under_way=True)
    if limit is not None:
        reason = because(reason.rule, **dict(reason.facts), limit_m=limit)
    return StrikeDecision(StrikeStep.NEVER, reason, limit)


def _review(days: int, spell: StrikeSpell, history: History, parameters: Parameters) -> StrikeDecision:
    """Waiting for the clinician's review: for as long as the way back would take, volume stays cut."""
    back_by = parameters.strike_review_days + parameters.strike_return_days
    limit = _weekly_limit(spell, history, parameters) if days < back_by else None
    return StrikeDecision(
        StrikeStep.REVIEW, because(Rule.STRIKE_RETURN, days=days, review=True, limit_m=limit), limit
    )


def _returning(spell: StrikeSpell, history: History, parameters: Parameters) -> StrikeDecision:
    """Back toward midfoot over two weeks, with volume cut again; then over."""
    since = spell.return_on or spell.started_on
    days = (history.snapshot.today_on - since).days
    if days >= parameters.strike_return_days:
        return StrikeDecision(StrikeStep.OVER, because(Rule.STRIKE_RETURN, over=True))
    limit = _weekly_limit(spell, history, parameters)
    reason = because(Rule.STRIKE_RETURN, days=days, limit_m=limit, percent=parameters.volume_cut_percent)
    return StrikeDecision(StrikeStep.RETURNING, reason, limit)


def _weekly_limit(spell: StrikeSpell, history: History, parameters: Parameters) -> int | None:
    """The usual week before the spell began, less the cut."""
    s = history.snapshot
    before = spell.started_on - timedelta(days=spell.started_on.weekday())
    usual = usual_week_m(history.runs, before, s.intake, s.starts_on, parameters)
    return None if usual is None else usual * (100 - parameters.volume_cut_percent) // 100
