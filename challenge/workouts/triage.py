"""Stop, ask and red: what an entry says is judged by the method at once (`protocol.pain`), and raises its flags."""

from datetime import datetime

from django.db import transaction

from challenge.care.actions import raise_flag
from challenge.care.models import JOINT_SOURCE, Flag
from challenge.mail.wake_worker import wake_weekly_decision
from challenge.protocol.pain import PainReport, judge_pain
from challenge.protocol.reasons import Reason
from challenge.protocol.vocabulary import FlagKind, PainColor, ReportKind, Rule, Side, Site, Symptom
from challenge.workouts.guards import begins_a_guard
from challenge.workouts.models import AnyEntry, DailyLife, Morning, RestWeek, Run, StrengthSession


def symptoms_of(entry: AnyEntry) -> list[str]:
    return [] if isinstance(entry, DailyLife | RestWeek) else entry.symptoms


def source_of(entry: AnyEntry, number: int) -> str:
    """What a flag came from: `run:12`, and for symptoms added by a later change `run:12:2`."""
    return f"{entry.kind}:{entry.pk}" + (f":{number}" if number > 1 else "")


def triage_entry(
    entry: AnyEntry, *, fresh: set[str], source: str, at: datetime
) -> tuple[Flag | None, Flag | None]:
    """`pain.stop`, `pain.ask` and red on `pain.scale`, judged by the method at once: (stop, ask)."""
    if isinstance(entry, DailyLife | RestWeek):
        return None, None
    judgment = judge_pain(
        PainReport(
            kind=ReportKind.MORNING if isinstance(entry, Morning) else ReportKind.SESSION,
            pain=entry.pain,
            site=Site(entry.site) if entry.site else None,
            side=Side(entry.side) if entry.side else None,
            symptoms=tuple(Symptom(symptom) for symptom in sorted(fresh)),
        )
    )
    stop = _flag(entry, FlagKind.STOP, Rule.PAIN_STOP, judgment.stop, source=source, at=at)
    ask = _flag(entry, FlagKind.ASK, Rule.PAIN_ASK, judgment.ask, source=source, at=at)
    if judgment.color is PainColor.RED:
        _flag_red(entry, at=at)
    if begins_a_guard(entry):
        _flag_joint(entry, at=at)
    return stop, ask


def _flag_red(entry: Run | StrengthSession | Morning, *, at: datetime) -> None:
    """A red report is seen by a clinician; one flag an entry, however often it is changed."""
    facts = {
        "pain": entry.pain,
        "color": PainColor.RED.value,
        "site": entry.site,
        "side": entry.side,
        "on": entry.local_on.isoformat(),
    }
    raise_flag(
        enrollment=entry.enrollment,
        kind=FlagKind.RED,
        rule=Rule.PAIN_SCALE.value,
        source=source_of(entry, 1),
        facts=facts,
        at=at,
    )


def _flag_joint(entry: Run | StrengthSession | Morning, *, at: datetime) -> None:
    """A knee or hip that begins to hurt is a question, and the week is decided again so that it spares the joint."""
    raise_flag(
        enrollment=entry.enrollment,
        kind=FlagKind.ASK,
        rule=Rule.PAIN_SCALE.value,
        source=f"{JOINT_SOURCE}{source_of(entry, 1)}",
        facts={"joint": True, "site": entry.site},
        at=at,
    )
    transaction.on_commit(wake_weekly_decision)


def _flag(
    entry: Run | StrengthSession | Morning,
    kind: FlagKind,
    rule: Rule,
    reasons: tuple[Reason, ...],
    *,
    source: str,
    at: datetime,
) -> Flag | None:
    if not reasons:
        return None
    symptoms = [reason.fact("symptom") for reason in reasons]
    facts = {"symptoms": symptoms, "on": entry.local_on.isoformat()}
    return raise_flag(
        enrollment=entry.enrollment, kind=kind, rule=rule.value, source=source, facts=facts, at=at
    )


def flags_of(entry: AnyEntry) -> tuple[Flag | None, Flag | None]:
    """The flags an entry raised, for the answer to a form that came twice."""
    flags = Flag.objects.filter(enrollment_id=entry.enrollment_id, source=source_of(entry, 1))
    found = {flag.kind: flag for flag in flags}
    return found.get(FlagKind.STOP), found.get(FlagKind.ASK)
