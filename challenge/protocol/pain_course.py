"""How pain goes from week to week, and what clinicians are asked about it.

`pain.not_better` is when the log shows that the program does not help yet. Questions are about symptoms, joints,
complaints that the log proposes, and red daily life.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from challenge.protocol.entries import DailyLifeInput, MorningInput, RunInput, StrengthInput, median
from challenge.protocol.local_week import WEEK
from challenge.protocol.log_view import LogView, between
from challenge.protocol.pain import Report, new_daily_reds, new_reports
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Question, Reason, reason_for
from challenge.protocol.vocabulary import ASK_SYMPTOMS, JOINTS, PainColor, Rule, Site


@dataclass(frozen=True, slots=True)
class _Week:
    """What one week reports: pain of its sessions, mornings and daily life, and minutes of stiffness."""

    sessions: tuple[int, ...]
    mornings: tuple[int, ...]
    daily_life: tuple[int, ...]
    stiffness: tuple[int, ...]


def question(history: LogView, parameters: Parameters) -> Question | None:
    """Return `pain.not_better` where the log shows it and it was not asked lately, else None."""
    # Version 3 did not look back over weeks.
    if not history.by_version_4 or history.asked("pain.not_better", parameters.ask_again_days):
        return None
    why = _not_better(history, parameters)
    if why is None:
        return None
    return Question(history.key("pain.not_better"), reason_for(Rule.PAIN_NOT_BETTER, parameters, why=why))


def advice(asked: Iterable[Question]) -> tuple[Reason, ...]:
    """Return the honest sentence to the runner in the week in which a clinician is asked."""
    return tuple(q.reason for q in asked if q.reason.rule is Rule.PAIN_NOT_BETTER)


def _not_better(history: LogView, parameters: Parameters) -> str | None:
    """Return which of the signs the last weeks show, the plainest first."""
    if history.snapshot.week_number <= parameters.not_better_weeks:
        return None
    lately = range(parameters.not_better_weeks, 0, -1)
    if all(_mostly_amber(_session_pains(history, back), parameters) for back in lately):
        return "amber"
    first, last = _week(history, parameters.not_better_weeks), _week(history, 1)
    if any(_rose(first, last, name, parameters.rise_by) for name in ("sessions", "mornings", "daily_life")):
        return "rising"
    if _stiffer(first.stiffness, last.stiffness, parameters):
        return "stiff"
    return "flat" if _flat(history, last, parameters) else None


def _week(history: LogView, back: int) -> _Week:
    start, end = _days(history, back)
    mornings = between(history.mornings, start, end)
    return _Week(
        sessions=_session_pains(history, back),
        mornings=_pains(mornings),
        daily_life=_pains(between(history.daily_life, start, end)),
        stiffness=tuple(m.stiffness_min for m in mornings if m.stiffness_min is not None),
    )


def _session_pains(history: LogView, back: int) -> tuple[int, ...]:
    start, end = _days(history, back)
    return _pains((*between(history.runs, start, end), *between(history.strength, start, end)))


def _days(history: LogView, back: int) -> tuple[date, date]:
    """Return the Monday so many weeks before the week that is decided, and the Monday after it."""
    start = history.snapshot.week_on - back * WEEK
    return start, start + WEEK


def _pains(entries: Iterable[RunInput | StrengthInput | MorningInput | DailyLifeInput]) -> tuple[int, ...]:
    return tuple(entry.pain for entry in entries if entry.pain is not None)


def _mostly_amber(pains: Sequence[int], parameters: Parameters) -> bool:
    return 2 * sum(pain >= parameters.amber_from for pain in pains) > len(pains)


def _rose(first: _Week, last: _Week, name: str, by: int) -> bool:
    before, after = getattr(first, name), getattr(last, name)
    return bool(before and after) and median(after) - median(before) >= by


def _stiffer(before: Sequence[int], after: Sequence[int], parameters: Parameters) -> bool:
    if not before or not after:
        return False
    return median(after) > parameters.stiff_minutes and median(after) >= 2 * median(before)


def _flat(history: LogView, last: _Week, parameters: Parameters) -> bool:
    """Return whether sessions hurt as much as `improve_days` before, and more than a calm daily life may."""
    weeks = parameters.improve_days // WEEK.days
    if history.snapshot.week_number <= weeks + 1:
        return False
    before = _session_pains(history, weeks + 1)
    if not before or not last.sessions:
        return False
    now = median(last.sessions)
    return now > parameters.daily_pain_at_most and now >= median(before)


def questions(history: LogView, parameters: Parameters) -> tuple[Question, ...]:
    """Return the questions about pain that count in this decision: symptoms, joints, complaints, red daily life."""
    reports = new_reports(history, parameters)
    asked: dict[str, Reason] = {}
    for report in reports:
        for symptom in sorted(ASK_SYMPTOMS & {*report.symptoms}):
            asked[f"pain.ask:{symptom.value}"] = reason_for(Rule.PAIN_ASK, symptom=symptom.value)
    for site in sorted(_joint_sites(history, reports)):
        subject = f"pain.scale:{site.value}"
        # The same joint is not asked about every week: a clinician who sees a question twice stops reading.
        if not history.asked(subject, parameters.ask_again_days):
            asked[subject] = reason_for(Rule.PAIN_SCALE, site=site.value, joint=True)
    asked |= _complaints_to_open(history, parameters)
    course = question(history, parameters)
    if daily := new_daily_reds(history, parameters):
        asked["pain.scale:daily_life"] = _daily(daily[-1].pain)
    found = tuple(Question(history.key(subject), reason) for subject, reason in asked.items())
    return found if course is None else (*found, course)


def _joint_sites(history: LogView, reports: Iterable[Report]) -> set[Site]:
    """Return the joints that hurt in these reports, and complained-of ones that were never a question."""
    sites = {r.site for r in reports if r.site in JOINTS and (r.pain or 0) > 0 and r.site is not None}
    never_asked = {
        site
        for site in JOINTS & history.complained
        if not history.asked_since(f"pain.scale:{site.value}", history.complained_since(site))
    }
    # "Open a complaint?" is the same question, with more detail.
    return (sites | never_asked) - {proposal.site for proposal in history.proposals}


def _complaints_to_open(history: LogView, parameters: Parameters) -> dict[str, Reason]:
    """Return the complaints that the log proposes: asked once, and again after a while if it goes on hurting."""
    asked = {}
    new = {report.site for report in new_reports(history, parameters)}
    for proposal in history.proposals:
        subject = f"complaint.open:{proposal.site.value}"
        lately = history.asked(subject, parameters.ask_again_days) or proposal.site not in new
        if history.asked_since(subject, proposal.since_on) and lately:
            continue
        asked[subject] = reason_for(
            Rule.COMPLAINT_OPEN,
            parameters,
            site=proposal.site.value,
            side=proposal.side and proposal.side.value,
            pain=proposal.pain,
            days=proposal.days,
            joint=proposal.site in JOINTS,
            guarded=proposal.guarded,
        )
    return asked


def _daily(pain: int) -> Reason:
    return reason_for(Rule.PAIN_SCALE, pain=pain, color=PainColor.RED.value, daily_life=True)
