"""The cohort board in words: groups of runners by when to look, prepared so that the template only places them."""

import re
from calendar import month_abbr
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.safestring import SafeString, mark_safe

from challenge.care.flag_kinds import FLAG_KIND_CHOICES, When
from challenge.care.models import Flag
from challenge.care.questions import is_about_safety, question_name
from challenge.enrollment.models import Cohort
from challenge.mail.models import MessageKind, MessageState
from challenge.protocol.pain import pain_color
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.validation import HAND_CADENCE_SPM
from challenge.protocol.vocabulary import FlagKind
from challenge.review.answers import OfferedAnswer, answers_to
from challenge.review.runner_summary import RunnerSummary
from challenge.review.tags import miles, missing_parts, spaced
from challenge.workouts.distances import distance_text

DAYS = 14
# Looking one up in `month_abbr` formats a date: a board has hundreds of days.
MONTHS = tuple(month_abbr)
# Looked up for every row: Django's `get_kind_display` builds its table again at each call.
FLAG_LABELS = dict(FLAG_KIND_CHOICES)
EMAIL_KINDS, EMAIL_STATES = dict(MessageKind.choices), dict(MessageState.choices)
BAR, GAP, FLOOR = 6, 2, 22  # a bar's width, the gap after it, and the baseline, in units of the drawing


@dataclass(frozen=True, slots=True)
class BoardReason:
    """An open flag with its reason in full, and the answers that it offers in place. `key` is the flag's as text."""

    flag: Flag
    key: str
    label: str
    words: str
    answers: tuple[OfferedAnswer, ...]

    @property
    def unassigned(self) -> bool:
        return self.flag.taken_at is None

    @property
    def takes_cadence(self) -> bool:
        return any(answer.takes_cadence for answer in self.answers)


@dataclass(frozen=True, slots=True)
class SharedQuestion:
    """One question that several runners have: answered once, with one reason, and stored for each."""

    label: str
    answers: tuple[OfferedAnswer, ...]
    asked: tuple[tuple[RunnerSummary, BoardReason], ...]


@dataclass(frozen=True, slots=True)
class BoardGroup:
    """The runners who are looked at by the same time."""

    title: str
    slug: str
    rows: tuple["BoardRow", ...]


@dataclass(frozen=True, slots=True)
class PainLine:
    """Fourteen days of worst pain as bars, one SVG path a color; days without a report stay empty."""

    bands: tuple[tuple[str, SafeString], ...]
    days: str
    words: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """The cells of one runner. `key` is the runner's as text, which a template places without formatting a number."""

    summary: RunnerSummary
    key: str
    where: str
    reasons: tuple[BoardReason, ...]
    cadence: str
    aim: str
    pain: PainLine
    sessions: str
    longest: str
    limit: str
    last_entry: str
    stays: tuple[str, ...]
    suggested_spm: int | None
    email: str
    about: str


def board_row(summary: RunnerSummary, cohort: Cohort, parameters: Parameters = CLINIC) -> BoardRow:
    """Return the cells of one runner."""
    target, email = summary.target, summary.email
    return BoardRow(
        summary=summary,
        key=str(summary.pk),
        where=_phase_text(summary, cohort),
        reasons=tuple(_board_reason(flag) for flag in summary.flags),
        cadence=_or_dash(summary.cadence_now),
        aim=f"{'on hold' if target.on_hold else f'target {_or_dash(target.cadence_spm)}'}, "
        f"baseline {_or_dash(target.baseline_spm)}",
        pain=pain_line(summary.pain, today=summary.today, parameters=parameters),
        sessions=f"{summary.sessions_done} of {target.sessions}"
        if target.sessions
        else str(summary.sessions_done),
        longest=miles(summary.longest_m),
        limit=f"limit {distance_text(target.safe_m, 'mi')}{', over it' if summary.over_safe else ''}"
        if target.safe_m
        else "",
        last_entry=_days_ago(summary.silent_days),
        stays=missing_parts(summary.missing) if not summary.proposed else (),
        suggested_spm=suggested_cadence(summary.cadence_now),
        email=EMAIL_STATES[email.state] if email else "none",
        about=EMAIL_KINDS[email.kind] if email else "",
    )


def suggested_cadence(measured_spm: int | None) -> int | None:
    """Return the cadence that a clinician might set: what the last runs measured, if it may be set by hand."""
    low, high = HAND_CADENCE_SPM
    return measured_spm if measured_spm is not None and low <= measured_spm <= high else None


def _board_reason(flag: Flag) -> BoardReason:
    return BoardReason(flag, str(flag.pk), FLAG_LABELS[flag.kind].capitalize(), flag.text, answers_to(flag))


GROUPS = (
    (When.TODAY, "Needs you today", "today"),
    (When.THIS_WEEK, "This week", "week"),
    (When.GOING_WELL, "Going well", "well"),
)


def board_groups(rows: Iterable[BoardRow]) -> list[BoardGroup]:
    """Return the three groups of the board, each with its rows in the order given."""
    by_time: dict[When, list[BoardRow]] = defaultdict(list)
    for row in rows:
        by_time[row.summary.when].append(row)
    return [BoardGroup(title, slug, tuple(by_time[when])) for when, title, slug in GROUPS]


def shared_questions(rows: Iterable[BoardRow]) -> list[SharedQuestion]:
    """Return the questions that two runners or more have and that one reason may answer.

    None of a runner with a question about safety: what else waits is decided with it in view, on their own page.
    """
    asked: dict[tuple[str, tuple[OfferedAnswer, ...]], list[tuple[RunnerSummary, BoardReason]]] = defaultdict(
        list
    )
    for row in rows:
        if any(is_about_safety(reason.flag, today=row.summary.today) for reason in row.reasons):
            continue
        for reason in row.reasons:
            alike = tuple(answer for answer in reason.answers if not answer.takes_cadence)
            if alike:
                asked[question_label(reason.flag), alike].append((row.summary, reason))
    return [
        SharedQuestion(label, answers, tuple(found))
        for (label, answers), found in asked.items()
        if len({summary.pk for summary, _ in found}) > 1
    ]


def question_label(flag: Flag) -> str:
    """Return a question's name in words: that of its rule where the kind alone is too vague."""
    if flag.kind != FlagKind.QUESTION:
        return FLAG_LABELS[flag.kind].capitalize()
    return QUESTION_LABELS.get(question_name(flag), spaced(flag.rule).capitalize())


QUESTION_LABELS = {
    "strike.offer": "Heel strike for a while, to be reviewed",
    "strike.shin": "Heel strike with front-of-shin pain",
    "strike.never:past": "Heel strike after a past joint complaint",
    "strike.never:under_way": "Heel strike with a sore joint",
    "strike.return": "Review of heel strike",
    "exercise.approval": "An exercise that loads a sore joint",
    "exercise.track": "Exercises for a knee, hip or foot",
    "exercise.return": "Back after weeks without strength work",
    "cadence.unmeasured": "Cadence not measured, or never on target",
    "pain.not_better": "Pain not getting better",
    "phase.propose_back": "Red pain or worse mornings in phase 1",
}


def without_shared(rows: Iterable[BoardRow], shared: Iterable[tuple[str, int]]) -> list[BoardRow]:
    """Return the rows without what `shared_missing` already shows above them."""
    above = {what for what, _ in shared}
    return [replace(row, stays=tuple(one for one in row.stays if one not in above)) for row in rows]


def shared_missing(rows: Iterable[BoardRow]) -> list[tuple[str, int]]:
    """Return what most runners' phases wait for, to be read once above the rows, with how many wait for it."""
    rows = [row for row in rows if row.stays]
    found = Counter(one for row in rows for one in row.stays)
    return [(what, count) for what, count in found.most_common() if count > 2 and 2 * count > len(rows)]


def _phase_text(summary: RunnerSummary, cohort: Cohort) -> str:
    if summary.left:
        return "has left the challenge"
    if summary.week < 1:
        when = f"starts {cohort.starts_on:%b} {cohort.starts_on.day}"
    else:
        when = f"week {summary.week}" if summary.week <= cohort.weeks else "challenge over"
    return f"{when}, phase {summary.phase}{', paused' if summary.paused else ''}"


def _or_dash(number: int | None) -> str:
    return "–" if number is None else str(number)


def _days_ago(days: int | None) -> str:
    if days is None:
        return "none yet"
    return "today" if days <= 0 else f"{days} day{'' if days == 1 else 's'} ago"


def pain_line(pain: Mapping[date, int], *, today: date, parameters: Parameters = CLINIC) -> PainLine:
    """Return the bars of fourteen days in the colors of `protocol.pain`, with the worst and last value in words."""
    bands: dict[str, list[str]] = {}
    first = today - timedelta(days=DAYS - 1)
    reported = sorted((day, worst) for day, worst in pain.items() if first <= day <= today)
    for day, worst in reported:
        # A pain of 0 is a report too and gets a visible bar.
        height = 2 * worst + 2
        bar = f"M{(day - first).days * (BAR + GAP)} {FLOOR}v-{height}h{BAR}v{height}z"
        bands.setdefault(pain_color(worst, parameters).value, []).append(bar)
    return PainLine(
        bands=tuple((band, mark_safe("".join(bars))) for band, bars in bands.items()),  # noqa: S308 - numbers alone
        days=", ".join(f"{MONTHS[day.month]}\u00a0{day.day}:\u00a0{worst}" for day, worst in reported),
        words=_worst_and_last(reported) if reported else "nothing reported",
    )


def _worst_and_last(reported: list[tuple[date, int]]) -> str:
    """Return the worst and the last pain with their days, which the bars alone would only show in a tooltip."""
    on, worst = max(reported, key=lambda one: one[1])
    last_on, last = reported[-1]
    return f"worst {worst} on {on:%b} {on.day}, last {last} on {last_on:%b} {last_on.day}"


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
