"""What clinicians are asked about pain: symptoms, joints, complaints that the log proposes, red daily life."""

from __future__ import annotations

from collections.abc import Iterable

from challenge.protocol import pain_course
from challenge.protocol.log_view import LogView
from challenge.protocol.pain import Report, new_daily_reds, new_reports
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Question, Reason, reason_for
from challenge.protocol.vocabulary import ASK_SYMPTOMS, JOINTS, PainColor, Rule, Site


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
    course = pain_course.question(history, parameters)
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
    # "Open a complaint?" is the same question, and says more.
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
