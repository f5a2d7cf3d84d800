"""Flags of a new or corrected entry: stop, ask, red and a new sore place, by the rules of `protocol`."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from challenge.care import actions
from challenge.care.actions import raise_flag
from challenge.care.complaints import asked_of_reports, open_proposals, place_of, propose_complaint
from challenge.care.models import CORRECTED, Flag
from challenge.enrollment.cohort_parameters import parameters_for
from challenge.mail.actions import wake_weekly_decision
from challenge.protocol.pain import PainReport, judge_pain, pain_color
from challenge.protocol.parameters import Parameters
from challenge.protocol.reasons import Reason
from challenge.protocol.runner_plan import SiteAndSide
from challenge.protocol.vocabulary import FlagKind, PainColor, ReportKind, Rule, Side, Site, Symptom
from challenge.workouts.guards import MODELS_WITH_A_SITE, pain_record, proposed_place
from challenge.workouts.models import AnyEntry, DailyLife, Morning, RestWeek, Run, StrengthSession

REPORT_CORRECTED = "The runner corrected the report: the log doesn’t ask this any more."
REPORT_DELETED = "The runner took the report out of the log, which doesn’t ask this any more."


def symptoms_of(entry: AnyEntry) -> list[str]:
    """Return the symptoms of an entry; the weekly answers have none."""
    return [] if isinstance(entry, DailyLife | RestWeek) else entry.symptoms


def source_of(entry: AnyEntry, number: int) -> str:
    """Return the name of a flag's source: `run:12`, or `run:12:2` for symptoms added by the second revision."""
    return f"{entry.kind}:{entry.pk}" + (f":{number}" if number > 1 else "")


def triage_entry(
    entry: AnyEntry, *, new_symptoms: set[str], source: str, at: datetime
) -> tuple[Flag | None, Flag | None]:
    """Raise the flags of an entry; return those of `pain.stop` and `pain.ask`."""
    # The weekly answers raise their flags when the week is decided.
    if isinstance(entry, DailyLife | RestWeek):
        return None, None
    parameters = parameters_for(entry.enrollment, at=at)
    judgment = judge_pain(
        PainReport(
            kind=ReportKind.MORNING if isinstance(entry, Morning) else ReportKind.SESSION,
            pain=entry.pain,
            site=Site(entry.site) if entry.site else None,
            side=Side(entry.side) if entry.side else None,
            symptoms=tuple(Symptom(symptom) for symptom in sorted(new_symptoms)),
        ),
        parameters,
    )
    stop = _flag(entry, FlagKind.STOP, Rule.PAIN_STOP, judgment.stop, source=source, at=at)
    ask = _flag(entry, FlagKind.ASK, Rule.PAIN_ASK, judgment.ask, source=source, at=at)
    if _is_red(entry, parameters):
        _flag_red(entry, source=source, at=at)
    if proposed_place(entry, parameters=parameters) is not None:
        _propose_complaint(entry, source=source, at=at)
    return stop, ask


def close_unreported(entry: AnyEntry, *, deleted: bool = False, at: datetime) -> None:
    """Close what the log asks no more, now that this entry was corrected or deleted: places, and its own red pain."""
    if not isinstance(entry, MODELS_WITH_A_SITE):
        return
    parameters = parameters_for(entry.enrollment, at=at)
    over = (
        []
        if not deleted and _is_red(entry, parameters)
        else [*_red_flags(entry).filter(closed_at__isnull=True)]
    )
    waiting = [*asked_of_reports(entry.enrollment)]
    # Most corrections are about no question: spare them the reading of the log.
    if waiting:
        record = pain_record(entry.enrollment, parameters=parameters)
        proposed, spared = record.proposed(parameters), record.spared_joints(parameters)
        over += [flag for flag in waiting if not _still_asked(flag, proposed, spared)]
    note = REPORT_DELETED if deleted else REPORT_CORRECTED
    actions.close_unreported(flags=over, entry=source_of(entry, 1), note=note, at=at)


def _is_red(entry: Run | StrengthSession | Morning, parameters: Parameters) -> bool:
    return entry.pain is not None and pain_color(entry.pain, parameters) is PainColor.RED


def _still_asked(flag: Flag, proposed: frozenset[SiteAndSide], spared: frozenset[Site]) -> bool:
    site, side = place_of(flag)
    if flag.rule != Rule.COMPLAINT_OPEN:
        return site in spared
    # A report without a side may be about either one, and so may a question.
    return any(one == site and (not side or other in (side, None)) for one, other in proposed)


def _red_flags(entry: AnyEntry) -> QuerySet[Flag]:
    """Return the flags of red pain that this entry raised, the newest first."""
    first = source_of(entry, 1)
    own = Q(source=first) | Q(source__startswith=f"{first}:")
    red = Flag.objects.filter(own, enrollment=entry.enrollment_id, kind=FlagKind.RED)
    return red.order_by("-raised_at", "-pk")


def _flag_red(entry: Run | StrengthSession | Morning, *, source: str, at: datetime) -> None:
    """Raise the flag of a red report, one for an entry however often it is changed (`pain.scale`).

    A report that was corrected down and up again is flagged again: a clinician saw the first flag close.
    """
    newest = _red_flags(entry).first()
    if newest is not None and not newest.answered_with.startswith(CORRECTED):
        return
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
        source=source,
        facts=facts,
        at=at,
    )


def _propose_complaint(entry: Run | StrengthSession | Morning, *, source: str, at: datetime) -> None:
    """Ask a clinician about a place that begins to hurt, and have the week decided again to spare it."""
    asked = {place_of(flag) for flag in open_proposals(entry.enrollment)}
    # One open question about a place: later reports are in the log that the clinician reads.
    if (entry.site, entry.side) in asked:
        return
    facts = {"site": entry.site, "side": entry.side, "pain": entry.pain, "on": entry.local_on.isoformat()}
    # The source of this revision: the question about an earlier one may be answered, for another place even.
    propose_complaint(enrollment=entry.enrollment, source=source, facts=facts, at=at)
    # The worker reads the entry in a transaction of its own, so it must not wake before this one commits.
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
    """Return the stop and ask flags that an entry raised, to answer a form that came twice as it was answered first."""
    flags = Flag.objects.filter(enrollment_id=entry.enrollment_id, source=source_of(entry, 1))
    by_kind = {flag.kind: flag for flag in flags}
    return by_kind.get(FlagKind.STOP), by_kind.get(FlagKind.ASK)
