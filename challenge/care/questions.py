"""The subject of a question: it decides which decision closes it, and which newer question replaces it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Case, Value
from django.db.models import When as IfSo

from challenge.care.flag_kinds import FLAG_KINDS, When
from challenge.care.models import COMPLAINT_SOURCE, Flag
from challenge.protocol.vocabulary import GUARDED_JOINTS, FlagKind, Rule

RED_RANKS = timedelta(days=14)  # a red report of before then is history: the engine looks back no further
# Questions of the common kind that are about pain all the same.
SAFETY_RULES = (Rule.PAIN_NOT_BETTER, Rule.PHASE_PROPOSE_BACK)
# Questions whether a runner may land on the heel for a while: none is left where a joint begins to hurt.
ABOUT_HEEL_STRIKE = ("strike.offer", "strike.shin", "strike.never:past")
JOINT_HURTS = "A knee or hip hurts now: heel strike is not offered."


def is_old(flag: Flag, *, today: date) -> bool:
    """Return whether a red report lies so far back that it ranks no more and forbids nothing."""
    on = flag.facts.get("on")
    return flag.kind == FlagKind.RED and bool(on) and date.fromisoformat(on) < today - RED_RANKS


def weight_of(flag: Flag, *, today: date) -> int:
    """Return the weight of a flag on the board, 0 for an old red report."""
    return 0 if is_old(flag, today=today) else FLAG_KINDS[FlagKind(flag.kind)].weight


def looked_at(flag: Flag, *, today: date) -> When:
    """Return by when a clinician must look at this flag."""
    return When.GOING_WELL if is_old(flag, today=today) else FLAG_KINDS[FlagKind(flag.kind)].when


def is_about_safety(flag: Flag, *, today: date) -> bool:
    """Return whether no proposal may be followed from the board while this flag is open."""
    about = FLAG_KINDS[FlagKind(flag.kind)].safety or flag.rule in SAFETY_RULES
    return about and not is_old(flag, today=today)


def question_name(flag: Flag) -> str:
    """Return the name of a question in `answers.ANSWERED_BY`: its rule, and what shows two of one rule apart."""
    if flag.rule == Rule.PAIN_SCALE:
        if flag.kind != FlagKind.RED:
            return "pain.scale:joint"
        return "pain.scale:daily_life" if flag.facts.get("daily_life") else "pain.scale:red"
    if flag.rule == Rule.STRIKE_NEVER:
        return "strike.never:past" if flag.facts.get("past") else "strike.never:under_way"
    return str(flag.rule)


def subject_of(flag: Flag) -> tuple[object, ...] | None:
    """Return what a question is about, by which a newer one replaces it; None for what nothing replaces."""
    # A stop waits for its own form, and each answer about a complaint has a place and maybe the runner's own words.
    if flag.kind in (FlagKind.STOP, FlagKind.COMPLAINT):
        return None
    facts = flag.facts
    if flag.kind == FlagKind.ASK and flag.rule == Rule.PAIN_ASK:
        symptoms = {*facts.get("symptoms", ()), facts.get("symptom")} - {None}
        return (flag.rule, *sorted(symptoms)) if symptoms else None
    return question_name(flag), facts.get("site"), facts.get("side") or ""


def replace_older(*, enrollments: Iterable[int], at: datetime) -> int:
    """Close the open questions that a newer one repeats or rules out, each with a link to it; return how many."""
    rows = Flag.objects.filter(enrollment__in=[*enrollments], closed_at__isnull=True)
    newest: dict[tuple[object, ...], Flag] = {}
    replaced: dict[int, int] = {}
    for flag in sorted(rows, key=_newness, reverse=True):
        subject = subject_of(flag)
        if subject is None:
            continue
        newer = newest.setdefault((flag.enrollment_id, *subject), flag)
        if newer is not flag:
            replaced[flag.pk] = newer.pk
    ruled_out = {old: new for old, new in _ruled_out(rows).items() if old not in replaced}
    return _replace(replaced, at=at) + _replace(ruled_out, at=at, note=JOINT_HURTS)


def _replace(links: dict[int, int], *, at: datetime, note: str = "") -> int:
    """Close each open question with a link to the one that replaces it; return how many were open."""
    if not links:
        return 0
    newer = Case(*(IfSo(pk=old, then=Value(new)) for old, new in links.items()))
    # A clinician may answer one just now: their answer stays.
    still_open = Flag.objects.filter(pk__in=links, closed_at__isnull=True)
    return still_open.update(closed_at=at, replaced_by=newer, closing_note=note)


def _ruled_out(flags: Iterable[Flag]) -> dict[int, int]:
    """Return the questions about heel strike that a later one about a sore knee or hip rules out (`strike.never`)."""
    sore = {
        flag.enrollment_id: flag
        for flag in sorted(flags, key=lambda flag: flag.raised_at)
        if flag.source.startswith(COMPLAINT_SOURCE) and flag.facts.get("site") in GUARDED_JOINTS
    }
    return {
        flag.pk: sore[flag.enrollment_id].pk
        for flag in flags
        if question_name(flag) in ABOUT_HEEL_STRIKE
        and flag.enrollment_id in sore
        and flag.raised_at <= sore[flag.enrollment_id].raised_at
    }


def _newness(flag: Flag) -> tuple[str, datetime, int]:
    """Return what orders questions: the day they are about, since a report may come in weeks later, then their age."""
    return flag.facts.get("on") or flag.raised_at.date().isoformat(), flag.raised_at, flag.pk
