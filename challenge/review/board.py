"""The cohort board in words: one row a runner, prepared here so that the template only places it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.utils.safestring import SafeString, mark_safe

from challenge.care.models import Flag
from challenge.enrollment.models import Cohort
from challenge.mail.models import MessageKind, MessageState
from challenge.protocol.pain import pain_color
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.vocabulary import FlagKind
from challenge.review.runner_summary import RunnerSummary
from challenge.review.tags import miles, missing_words

DAYS = 14
EMAIL_KINDS, EMAIL_STATES = dict(MessageKind.choices), dict(MessageState.choices)
BAR, GAP, FLOOR = 6, 2, 22  # a bar's width, the gap after it, and the baseline, in units of the drawing


@dataclass(frozen=True, slots=True)
class BoardReason:
    """The open flags of one kind: how many, and whether one of them is unassigned."""

    label: str
    count: int
    unassigned: bool

    def __str__(self) -> str:
        return f"{self.label}{f' × {self.count}' if self.count > 1 else ''}"


@dataclass(frozen=True, slots=True)
class PainLine:
    """Fourteen days of worst pain as bars, one SVG path a color; days without a report stay empty."""

    bands: tuple[tuple[str, SafeString], ...]
    days: str
    words: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """The cells of one runner."""

    summary: RunnerSummary
    where: str
    first: BoardReason | None
    words: str
    more: str
    aim: str
    pain: PainLine
    sessions: str
    longest: str
    limit: str
    last_entry: str
    stays: str
    email: str
    about: str


def board_row(summary: RunnerSummary, cohort: Cohort, parameters: Parameters = CLINIC) -> BoardRow:
    """Return the cells of one runner."""
    flags = [list(same) for _, same in groupby(summary.flags, key=lambda flag: flag.kind)]
    reasons = [
        BoardReason(str(same[0].get_kind_display()), len(same), any(f.taken_at is None for f in same))
        for same in flags
    ]
    target, email = summary.target, summary.email
    return BoardRow(
        summary=summary,
        where=_phase_text(summary, cohort),
        first=reasons[0] if reasons else None,
        # The text of an unassigned flag first: it is the one to act on.
        words=min(flags[0], key=lambda flag: flag.taken_at is not None).text if flags else "",
        more=", ".join(f"{why}{' untaken' if why.unassigned else ''}" for why in reasons[1:]),
        aim=f"→ {'hold' if target.on_hold else _or_dash(target.cadence_spm)}, from {_or_dash(target.baseline_spm)}",
        pain=pain_line(summary.pain, today=summary.today, parameters=parameters),
        sessions=f"{summary.sessions_done} of {target.sessions}"
        if target.sessions
        else str(summary.sessions_done),
        longest=miles(summary.longest_m),
        limit=f"of {miles(target.safe_m)}{', over' if summary.over_safe else ''}" if target.safe_m else "",
        last_entry=_days_ago(summary.silent_days),
        stays=f"stay: {missing_words(summary.missing)}" if summary.missing else "stay",
        email=EMAIL_STATES[email.state] if email else "none",
        about=EMAIL_KINDS[email.kind] if email else "",
    )


def _phase_text(summary: RunnerSummary, cohort: Cohort) -> str:
    if summary.left:
        return "has left the challenge"
    if summary.week < 1:
        when = f"starts {cohort.starts_on:%b} {cohort.starts_on.day}"
    else:
        when = f"week {summary.week}" if summary.week <= cohort.weeks else "weeks over"
    return f"{when}, phase {summary.phase}{', paused' if summary.paused else ''}"


def _or_dash(number: int | None) -> str:
    return "–" if number is None else str(number)


def _days_ago(days: int | None) -> str:
    if days is None:
        return "none yet"
    return "today" if days <= 0 else f"{days} d"


def pain_line(pain: Mapping[date, int], *, today: date, parameters: Parameters = CLINIC) -> PainLine:
    """Return the bars of fourteen days in the colors of `protocol.pain`, with the worst and last value in words."""
    bands: dict[str, list[str]] = {}
    reported: list[tuple[date, int]] = []
    for n in range(DAYS):
        day = today - timedelta(days=DAYS - 1 - n)
        if (worst := pain.get(day)) is None:
            continue
        reported.append((day, worst))
        # A pain of 0 is a report too and gets a visible bar.
        height = 2 * worst + 2
        bar = f"M{n * (BAR + GAP)} {FLOOR}v-{height}h{BAR}v{height}z"
        bands.setdefault(pain_color(worst, parameters).value, []).append(bar)
    return PainLine(
        bands=tuple((band, mark_safe("".join(bars))) for band, bars in bands.items()),  # noqa: S308 - numbers alone
        days=", ".join(f"{day:%b} {day.day}: {worst}" for day, worst in reported),
        words=f"worst {max(worst for _, worst in reported)}, last {reported[-1][1]}"
        if reported
        else "nothing told",
    )


# The values that the board's filters accept. `clinician` takes any id: its choices change with the flags.
FILTERS: dict[str, Callable[[str], object]] = {
    "phase": re.compile("[123]").fullmatch,
    "flag": re.compile("|".join(("any", *FlagKind))).fullmatch,
    "clinician": re.compile("nobody|[0-9]{1,18}").fullmatch,
    "silent": re.compile("1").fullmatch,
    "proposed": re.compile("1").fullmatch,
}


def matches(summary: RunnerSummary, wanted: Mapping[str, str]) -> bool:
    """Return whether the runner passes the filters: phase, flag, clinician, silent, proposed.

    `flag` is a kind or `any`, `clinician` the id of who took a flag or `nobody`.
    """
    kinds = {flag.kind for flag in summary.flags}
    flag, takers = wanted.get("flag"), _acknowledgers(summary.flags)
    checks = (
        not wanted.get("phase") or str(summary.phase) == wanted["phase"],
        not flag or (bool(kinds) if flag == "any" else flag in kinds),
        not wanted.get("clinician") or wanted["clinician"] in takers,
        not wanted.get("silent") or summary.is_silent,
        not wanted.get("proposed") or summary.proposed is not None,
    )
    return all(checks)


def acknowledgers(summaries: Iterable[RunnerSummary]) -> list[tuple[str, str]]:
    """Return the clinicians who took an open flag, as choices of the filter."""
    names = {str(flag.taken_by_id): flag.taker for s in summaries for flag in s.flags if flag.taken_by_id}  # type: ignore[attr-defined]
    return sorted(names.items(), key=lambda choice: choice[1])


def _acknowledgers(flags: list[Flag]) -> set[str]:
    return {"nobody" if flag.taken_by_id is None else str(flag.taken_by_id) for flag in flags}
