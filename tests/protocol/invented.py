"""Any runner at all: logs, intakes and six weeks of decisions that hypothesis makes up."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.decision import Decision
from challenge.protocol.entries import DailyLifeInput, MorningInput, RunInput, StrengthInput
from challenge.protocol.parameters import ENGINE_VERSION
from challenge.protocol.snapshot import (
    CadenceOverride,
    ComplaintInput,
    FlagInput,
    IntakeInput,
    PauseInput,
    PhaseInput,
    Snapshot,
)
from challenge.protocol.vocabulary import (
    CadenceSource,
    Effort,
    ExerciseId,
    FlagKind,
    FootStrike,
    PauseReason,
    Phase,
    Site,
    Surface,
    Symptom,
)
from challenge.protocol.weekly import decide
from tests.protocol.story import START, at, daily, monday, morning, run, strength

WEEKS = 6
DAYS = st.integers(0, WEEKS * 7 - 1).map(lambda number: START + timedelta(days=number))
PAIN = st.none() | st.integers(0, 10)
CALM = st.none() | st.integers(0, 5)
SITES = st.none() | st.sampled_from(Site)


@st.composite
def runs(draw: st.DrawFn, pain: st.SearchStrategy[int | None]) -> RunInput:
    day = draw(DAYS)
    cadence = draw(st.none() | st.integers(140, 200))
    return run(
        day,
        cadence,
        key=f"run-{draw(st.integers(0, 10**9))}",
        distance=draw(st.integers(1, 20)),
        effort=draw(st.sampled_from(Effort)),
        hills=draw(st.booleans()),
        surface=draw(st.sampled_from(Surface)),
        pain=draw(pain),
        site=draw(SITES),
        symptoms=draw(st.sampled_from([(), (Symptom.NIGHT_PAIN,)])),
        logged_at=at(day + timedelta(days=draw(st.sampled_from([0, 0, 0, 1, 8]))), 20),
        cadence_source=CadenceSource.METRONOME if cadence is None else CadenceSource.FILE,
    )


@st.composite
def lifts(draw: st.DrawFn, pain: st.SearchStrategy[int | None]) -> StrengthInput:
    exercise, sets, reps = draw(LIFTED), draw(st.integers(2, 5)), draw(st.integers(6, 20))
    key = f"lift-{draw(st.integers(0, 10**9))}"
    return strength(draw(DAYS), exercise, sets, reps, seconds=45, key=key, pain=draw(pain))


@st.composite
def mornings(draw: st.DrawFn, pain: st.SearchStrategy[int | None]) -> MorningInput:
    return morning(draw(DAYS), draw(pain), key=f"morning-{draw(st.integers(0, 10**9))}", site=draw(SITES))


@st.composite
def answers(draw: st.DrawFn) -> DailyLifeInput:
    return daily(draw(DAYS), draw(st.integers(0, 10)))


def many(entries: st.SearchStrategy[Any], least: int, most: int) -> st.SearchStrategy[Any]:
    by_key = st.lists(entries, min_size=least, max_size=most, unique_by=lambda entry: entry.key)
    return by_key.map(tuple)


LIFTED = st.sampled_from(
    [ExerciseId.HEAVY_CALF_RAISE, ExerciseId.HEAVY_CALF_RAISE, ExerciseId.SHORT_RANGE_CALF_RAISE, *CATALOG]
)
COMPLAINED = st.sampled_from([Site.KNEE, Site.HIP, *Site])
PRESENT = st.sampled_from([True, True, False])
INTAKES = st.builds(
    IntakeInput,
    answered_on=st.just(START - timedelta(days=3)),
    baseline_spm=st.none() | st.integers(140, 190),
    longest_run_m=st.none() | st.integers(0, 40_000),
    usual_week_m=st.none() | st.integers(0, 100_000),
    block_started_on=st.none() | DAYS,
    complaints=st.lists(st.builds(ComplaintInput, COMPLAINED, present=PRESENT), max_size=3).map(tuple),
    pain_now=PAIN,
    pain_morning=PAIN,
    strike=st.none() | st.sampled_from(FootStrike),
)
FLAGS = st.dictionaries(
    st.integers(1, WEEKS), st.just((FlagInput(FlagKind.STOP, START, Symptom.LIMP),)), max_size=2
)
HANDS = st.dictionaries(st.integers(1, WEEKS), st.integers(120, 180), max_size=1)
PHASES = st.dictionaries(st.integers(1, 3), st.sampled_from([*Phase, Phase.POWER]), max_size=3)
APPROVED = st.sets(st.sampled_from([*CATALOG]), max_size=3).map(tuple)
PAUSES = st.sampled_from([(), (PauseInput(monday(3), monday(4), PauseReason.TRAVEL),)])


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[Snapshot, Decision]]:
    """Six weeks of one runner: any log, flags, phases, hand-set values, one revision in mid-week."""
    pain, quiet = draw(st.sampled_from([CALM, CALM, PAIN])), draw(st.sampled_from([True, False, False]))
    log = {
        "runs": draw(many(runs(pain), 0 if quiet else 12, 30)),
        "strength": draw(many(lifts(pain), 0 if quiet else 6, 15)),
        "mornings": draw(many(mornings(pain), 0, 12)),
        "daily_life": draw(many(answers(), 0, 6)),
    }
    fixed: dict[str, Any] = {
        "starts_on": START,
        "weeks": WEEKS,
        "intake": draw(INTAKES),
        "pauses": draw(PAUSES),
        "approved": draw(APPROVED),
        "engine_version": ENGINE_VERSION,
    }
    fixed["phases"] = tuple(PhaseInput(phase, monday(week)) for week, phase in sorted(draw(PHASES).items()))
    flags, hands = draw(FLAGS), draw(HANDS)
    told: list[tuple[Snapshot, Decision]] = []
    for week in range(1, WEEKS + 2):
        for revision, day in ((1, monday(week)), (2, monday(week) + timedelta(days=2))):
            moment = at(day)
            known: dict[str, Any] = {
                name: tuple(e for e in entries if e.logged_at <= moment) for name, entries in log.items()
            }
            hand = tuple(
                CadenceOverride(spm, at(monday(w)), at(monday(w + 1), 9)) for w, spm in hands.items()
            )
            past = tuple(decision.past() for _, decision in told)
            s = Snapshot(
                week_on=monday(week), as_of=moment, today_on=day, log_as_of=at(monday(week)), revision=revision,
                flags=flags.get(week, ()) if revision == 1 else (), hand_cadences=hand, past=past, **known, **fixed,
            )  # fmt: skip
            told.append((s, decide(s)))
    return told
