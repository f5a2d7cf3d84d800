"""The cohort board in words: every runner in one row, made ready here so that the template only places it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.utils.safestring import SafeString, mark_safe

from challenge.care.models import Flag
from challenge.enrollment.models import Cohort
from challenge.mail.models import MessageKind, MessageState
from challenge.protocol.vocabulary import FlagKind
from challenge.review.runner_summary import RunnerSummary
from challenge.review.tags import miles, missing_words

DAYS = 14
EMAIL_KINDS, EMAIL_STATES = dict(MessageKind.choices), dict(MessageState.choices)
BAR, GAP, FLOOR = 6, 2, 22  # a bar's width, the space after it, and where bars stand, in the drawing's units


@dataclass(frozen=True, slots=True)
class BoardReason:
    """The open flags of one kind: how many, and whether somebody has them."""

    label: str
    count: int
    untaken: bool

    def __str__(self) -> str:
        return f"{self.label}{f' × {self.count}' if self.count > 1 else ''}"


@dataclass(frozen=True, slots=True)
class PainLine:
    """Fourteen days of worst pain as bars, one path a band; a gap where nothing was told."""

    bands: tuple[tuple[str, SafeString], ...]
    days: str
    words: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One runner's cells."""

    standing: RunnerSummary
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


def board_row(standing: RunnerSummary, cohort: Cohort) -> BoardRow:
    """The cells of one runner."""
    flags = [list(same) for _, same in groupby(standing.flags, key=lambda flag: flag.kind)]
    reasons = [
        BoardReason(str(same[0].get_kind_display()), len(same), any(f.taken_at is None for f in same))
        for same in flags
    ]
    target, email = standing.target, standing.email
    return BoardRow(
        standing=standing,
        where=_phase_text(standing, cohort),
        first=reasons[0] if reasons else None,
        words=min(flags[0], key=lambda flag: flag.taken_at is not None).text if flags else "",
        more=", ".join(f"{why}{' untaken' if why.untaken else ''}" for why in reasons[1:]),
        aim=f"→ {'hold' if target.on_hold else _or_dash(target.cadence_spm)}, from {_or_dash(target.baseline_spm)}",
        pain=pain_line(standing.pain, today=standing.today),
        sessions=f"{standing.sessions_done} of {target.sessions}"
        if target.sessions
        else str(standing.sessions_done),
        longest=miles(standing.longest_m),
        limit=f"of {miles(target.safe_m)}{', over' if standing.over_safe else ''}" if target.safe_m else "",
        last_entry=_days_ago(standing.silent_days),
        stays=f"stay: {missing_words(standing.missing)}" if standing.missing else "stay",
        email=EMAIL_STATES[email.state] if email else "none",
        about=EMAIL_KINDS[email.kind] if email else "",
    )


def _phase_text(standing: RunnerSummary, cohort: Cohort) -> str:
    if standing.left:
        return "has left the challenge"
    if standing.week < 1:
        when = f"starts {cohort.starts_on:%b} {cohort.starts_on.day}"
    else:
        when = f"week {standing.week}" if standing.week <= cohort.weeks else "weeks over"
    return f"{when}, phase {standing.phase}{', paused' if standing.paused else ''}"


def _or_dash(number: int | None) -> str:
    return "–" if number is None else str(number)


def _days_ago(days: int | None) -> str:
    if days is None:
        return "none yet"
    return "today" if days <= 0 else f"{days} d"


def pain_line(pain: Mapping[date, int], *, today: date) -> PainLine:
    """Green to 3, amber to 5, red above (`pain.scale`); the words name the worst and the last."""
    bands: dict[str, list[str]] = {}
    told: list[tuple[date, int]] = []
    for n in range(DAYS):
        day = today - timedelta(days=DAYS - 1 - n)
        if (worst := pain.get(day)) is None:
            continue
        told.append((day, worst))
        height = 2 * worst + 2
        bar = f"M{n * (BAR + GAP)} {FLOOR}v-{height}h{BAR}v{height}z"
        bands.setdefault("green" if worst <= 3 else "amber" if worst <= 5 else "red", []).append(bar)
    return PainLine(
        bands=tuple((band, mark_safe("".join(bars))) for band, bars in bands.items()),  # noqa: S308 - numbers alone
        days=", ".join(f"{day:%b} {day.day}: {worst}" for day, worst in told),
        words=f"worst {max(worst for _, worst in told)}, last {told[-1][1]}" if told else "nothing told",
    )


# What the board's filters accept; the choices of `clinician` come and go with the flags that somebody took.
FILTERS: dict[str, Callable[[str], object]] = {
    "phase": re.compile("[123]").fullmatch,
    "flag": re.compile("|".join(("any", *FlagKind))).fullmatch,
    "clinician": re.compile("nobody|[0-9]{1,18}").fullmatch,
    "silent": re.compile("1").fullmatch,
    "proposed": re.compile("1").fullmatch,
}


def matches(standing: RunnerSummary, wanted: Mapping[str, str]) -> bool:
    """Filters: phase, flag (a kind or `any`), clinician (who took one, or `nobody`), silent, proposed."""
    kinds = {flag.kind for flag in standing.flags}
    flag, takers = wanted.get("flag"), _acknowledgers(standing.flags)
    checks = (
        not wanted.get("phase") or str(standing.phase) == wanted["phase"],
        not flag or (bool(kinds) if flag == "any" else flag in kinds),
        not wanted.get("clinician") or wanted["clinician"] in takers,
        not wanted.get("silent") or standing.is_silent,
        not wanted.get("proposed") or standing.proposed is not None,
    )
    return all(checks)


def acknowledgers(standings: Iterable[RunnerSummary]) -> list[tuple[str, str]]:
    """The clinicians who took an open flag, as choices of the filter."""
    found = {str(flag.taken_by_id): flag.taker for s in standings for flag in s.flags if flag.taken_by_id}  # type: ignore[attr-defined]
    return sorted(found.items(), key=lambda one: one[1])


def _acknowledgers(flags: list[Flag]) -> set[str]:
    return {"nobody" if flag.taken_by_id is None else str(flag.taken_by_id) for flag in flags}
