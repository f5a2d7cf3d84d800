"""Judge pain, 0 to 10: colors, the morning after, stop and ask symptoms, and questions to clinicians."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from challenge.protocol import validation
from challenge.protocol.entries import DailyLifeInput, MorningInput, RunInput, StrengthInput
from challenge.protocol.local_week import monday_of
from challenge.protocol.log_view import LogView, UsualMorning
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.reasons import Reason, reason_for
from challenge.protocol.sentences.facts import Fact
from challenge.protocol.snapshot import CorrectionInput
from challenge.protocol.vocabulary import (
    ASK_SYMPTOMS,
    JOINTS,
    STOP_SYMPTOMS,
    ExerciseKind,
    PainColor,
    ReportKind,
    Rule,
    Side,
    Site,
    Symptom,
)

Report = RunInput | StrengthInput | MorningInput
R = TypeVar("R", RunInput, StrengthInput, MorningInput, DailyLifeInput)


@dataclass(frozen=True, slots=True)
class PainReport:
    """A runner's report on the screen. `baseline` is the usual morning pain, where it is known."""

    kind: ReportKind
    pain: int | None = None
    site: Site | None = None
    side: Side | None = None
    symptoms: tuple[Symptom, ...] = ()
    baseline: int | None = None

    def __post_init__(self) -> None:
        validation.check_term("report.kind", self.kind, ReportKind)
        validation.check_whole("report.pain", self.pain, validation.PAIN, optional=True)
        validation.check_term("report.site", self.site, Site, optional=True)
        validation.check_term("report.side", self.side, Side, optional=True)
        validation.check_whole("report.baseline", self.baseline, validation.PAIN, optional=True)
        for symptom in self.symptoms:
            validation.check_term("report.symptoms", symptom, Symptom)


@dataclass(frozen=True, slots=True)
class PainJudgment:
    """What a report means. `stop` opens a stop flag, `ask` is a question to a clinician."""

    color: PainColor | None
    stop: tuple[Reason, ...]
    ask: tuple[Reason, ...]
    reasons: tuple[Reason, ...]


def pain_color(pain: int, parameters: Parameters = CLINIC) -> PainColor:
    """Return the color of pain from 0 to 10 (`pain.scale`). Raises ProtocolError outside."""
    validation.check_whole("pain", pain, validation.PAIN)
    if pain >= parameters.red_from:
        return PainColor.RED
    return PainColor.AMBER if pain >= parameters.amber_from else PainColor.GREEN


def worse(pain: int | None, baseline: int | None, parameters: Parameters = CLINIC) -> bool:
    """Return whether pain is at least `worse_by` above baseline (`pain.morning`); without a baseline False."""
    return pain is not None and baseline is not None and pain - baseline >= parameters.worse_by


def judge_pain(report: PainReport, parameters: Parameters = CLINIC) -> PainJudgment:
    """Return color, stop and ask symptoms of one report, each with its rule and facts."""
    color = None if report.pain is None else pain_color(report.pain, parameters)
    # A session may hurt more than a morning does; only mornings compare with the morning baseline.
    morning = report.kind is ReportKind.MORNING and worse(report.pain, report.baseline, parameters)
    stop = tuple(
        reason_for(Rule.PAIN_STOP, symptom=s.value) for s in sorted(STOP_SYMPTOMS & {*report.symptoms})
    )
    ask = tuple(reason_for(Rule.PAIN_ASK, symptom=s.value) for s in sorted(ASK_SYMPTOMS & {*report.symptoms}))
    reasons: list[Reason] = []
    if report.pain is not None and color is not None:
        reasons.append(_on_scale(report.pain, color, report.site))
    if morning:
        reasons.append(reason_for(Rule.PAIN_MORNING, parameters, pain=report.pain, baseline=report.baseline))
    return PainJudgment(
        color=color,
        stop=stop,
        ask=ask,
        reasons=(*stop, *ask, *reasons),
    )


# What `pain.today` leaves out, besides hills, until the pain is lower: jumps and heavy lifts.
LEFT_OUT_WHEN_RED = frozenset({ExerciseKind.PLYOMETRIC, ExerciseKind.HEAVY})


def pain_today(pain: int, parameters: Parameters = CLINIC, *, days_ago: int = 0) -> Reason | None:
    """Return what a red report of `days_ago` days ago asks for (`pain.today`); None for any other."""
    if pain_color(pain, parameters) is not PainColor.RED:
        return None
    left = max(0, parameters.red_call_days - days_ago)
    later: dict[str, Fact] = {"later": True, "days_left": left} if days_ago else {}
    return reason_for(Rule.PAIN_TODAY, parameters, pain=pain, **later)


def _on_scale(pain: int, color: PainColor, site: Site | None) -> Reason:
    # Zero is an answer too: a joint without pain is no question to a clinician.
    joint = pain > 0 and site in JOINTS
    return reason_for(Rule.PAIN_SCALE, pain=pain, color=color.value, site=site and site.value, joint=joint)


@dataclass(frozen=True, slots=True)
class PainSummary:
    """The pain of the log, as of one decision. `worse_weeks` are Mondays."""

    reds: tuple[Report, ...]
    new_reds: tuple[Report, ...]
    worse_weeks: frozenset[date]
    newly_worse: frozenset[date]
    mornings_missing: int
    daily_reds: tuple[DailyLifeInput, ...] = ()

    @property
    def holds_cadence(self) -> bool:
        """Whether a red report, red daily life or a worse week that counts here holds it (`cadence.hold.pain`)."""
        return bool(self.new_reds or self.newly_worse or self.daily_reds)


def pain_summary(history: LogView, parameters: Parameters) -> PainSummary:
    """Return the log's pain, judged once for the whole decision."""
    usual = history.usual_morning
    # A week is newly worse when it is worse now and was not when it was decided: a late or corrected morning
    # counts once, in the next decision.
    weeks = _worse_weeks(history.mornings, usual, parameters)
    seen = _worse_weeks(_mornings_seen(history), usual, parameters) if weeks else weeks
    return PainSummary(
        reds=_reds((*history.runs, *history.strength, *history.mornings), parameters),
        new_reds=_reds(new_reports(history, parameters), parameters),
        worse_weeks=weeks,
        newly_worse=weeks - seen,
        mornings_missing=_mornings_missing(history),
        # Version 3 asked about red daily life, and held nothing.
        daily_reds=new_daily_reds(history, parameters) if history.by_version_4 else (),
    )


def new_reports(history: LogView, parameters: Parameters) -> tuple[Report, ...]:
    """Return the reports that count here for the first time: new ones, and those that a correction made worse."""
    return (
        *history.new_runs,
        *history.new_strength,
        *history.new_mornings,
        *_made_worse(history, history.runs, history.new_runs, parameters),
        *_made_worse(history, history.strength, history.new_strength, parameters),
        *_made_worse(history, history.mornings, history.new_mornings, parameters),
    )


def _made_worse(history: LogView, known: Iterable[R], new: Iterable[R], parameters: Parameters) -> list[R]:
    """Return entries of decided weeks that are worse now than when read: redder, a worse morning, a new symptom."""
    if not history.before_correction:
        return []
    counted, usual = {entry.key for entry in new}, history.usual_morning
    return [
        entry
        for entry in known
        if entry.key in history.before_correction
        # An entry that is new here already counts in full; it must not count a second time as corrected.
        and entry.key not in counted
        and entry.local_on >= history.snapshot.starts_on
        and _worse_than(history.before_correction[entry.key], entry, usual, parameters)
    ]


def _worse_than(
    before: CorrectionInput, entry: Report | DailyLifeInput, usual: UsualMorning, parameters: Parameters
) -> bool:
    # Redder, not merely higher: 4 corrected to 5 is amber both times, nothing new for a clinician.
    if _rank(entry.pain, parameters) > _rank(before.pain, parameters):
        return True
    if isinstance(entry, DailyLifeInput):
        return False
    if ({*entry.symptoms} - {*before.symptoms}) & (STOP_SYMPTOMS | ASK_SYMPTOMS):
        return True
    if not isinstance(entry, MorningInput):
        return False
    baseline = usual.at(entry.site)
    return worse(entry.pain, baseline, parameters) and not worse(before.pain, baseline, parameters)


def _rank(pain: int | None, parameters: Parameters) -> int:
    """Return 0 for green or no answer, 1 for amber, 2 for red."""
    return sum((pain or 0) >= start for start in (parameters.amber_from, parameters.red_from))


def _mornings_seen(history: LogView) -> Iterable[MorningInput]:
    """Yield the mornings of decided weeks as those decisions read them."""
    new = {morning.key for morning in history.new_mornings}
    for morning in history.mornings:
        if morning.key not in new:
            before = history.before_correction.get(morning.key)
            yield morning if before is None else replace(morning, pain=before.pain)


def _reds(reports: Iterable[Report], parameters: Parameters) -> tuple[Report, ...]:
    red = [r for r in reports if r.pain is not None and r.pain >= parameters.red_from]
    return tuple(sorted(red, key=_order))


def _order(report: Report) -> tuple[date, datetime, str]:
    return report.local_on, report.logged_at, report.key


def _worse_weeks(
    mornings: Iterable[MorningInput], usual: UsualMorning, parameters: Parameters
) -> frozenset[date]:
    # Two entries on one morning are one worse morning.
    days = {m.local_on for m in mornings if worse(m.pain, usual.at(m.site), parameters)}
    weeks = Counter(monday_of(day) for day in days)
    return frozenset(week for week, count in weeks.items() if count >= parameters.worse_mornings)


def _mornings_missing(history: LogView) -> int:
    """Return how many mornings after the sessions that count here were not recorded."""
    sessions = {run.local_on for run in history.new_runs} | {s.local_on for s in history.new_strength}
    after = {day + timedelta(days=1) for day in sessions}
    recorded = {m.local_on for m in history.mornings if m.pain is not None}
    return len({day for day in after - recorded if day < history.snapshot.week_on})


def new_daily_reds(history: LogView, parameters: Parameters) -> tuple[DailyLifeInput, ...]:
    """Return the answers about daily life that are red and count here, or that a correction made so."""
    counted = history.counted(history.daily_life)
    answers = (*counted, *_made_worse(history, history.daily_life, counted, parameters))
    return tuple(answer for answer in answers if answer.pain >= parameters.red_from)
