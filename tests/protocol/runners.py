"""Twenty invented runners for the twelve-week table."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from challenge.protocol.entries import RunInput
from challenge.protocol.snapshot import (
    CadenceOverride,
    ComplaintInput,
    ComplaintRecord,
    FunctionTestInput,
    HeelStrikeInput,
    IntakeInput,
    PauseInput,
)
from challenge.protocol.vocabulary import (
    CadenceSource,
    ComplaintStatus,
    Effort,
    ExerciseId,
    FlagKind,
    FootStrike,
    PauseReason,
    Phase,
    Side,
    Site,
    Symptom,
    TestKind,
)
from tests.protocol.story import START, at, daily, intake, miles, monday, morning, run, strength, week_of_runs

DAY = timedelta(days=1)
Live = Callable[[int, int | None, Phase], dict[str, tuple[Any, ...]]]

SORE = (ComplaintInput(Site.ACHILLES),)


@dataclass(frozen=True)
class Runner:
    """An invented runner: name, story in a sentence, how a week is lived, intake, and the clinicians' decisions.

    A complaint counts from its `since_on`. A correction is (key, moment, pain before, pain after).
    """

    name: str
    story: str
    live: Live
    intake: IntakeInput
    care: dict[str, Any] = field(default_factory=dict)
    flags: tuple[tuple[FlagKind, date, Symptom, date], ...] = ()
    complaints: tuple[ComplaintRecord, ...] = ()
    corrections: tuple[tuple[str, datetime, int, int], ...] = ()


def says(**values: Any) -> IntakeInput:
    """Return an intake with a sore Achilles, changed by `values`."""
    usual = {
        "complaints": SORE,
        "pain_now": 3,
        "pain_morning": 2,
        "longest_run_m": miles(6),
        "usual_week_m": miles(16),
    }
    return intake(**{**usual, **values})


def runs(count: int = 4, **values: Any) -> Live:
    return lambda week, target, phase: {"runs": week_of_runs(week, target or 165, count, **values)}


def at_cadence(cadence: int) -> Live:
    return lambda week, target, phase: {"runs": week_of_runs(week, cadence, 4)}


def growing(week: int, target: int | None, phase: Phase) -> dict[str, tuple[Any, ...]]:
    long = run(monday(week) + 6 * DAY, target, distance=min(5 + 2 * (week - 1), 12), key=f"long-{week}")
    return {"runs": (*week_of_runs(week, target, 3, distance=3), long)}


def no_watch(week: int, target: int | None, phase: Phase) -> dict[str, tuple[Any, ...]]:
    if week == 1:
        return {"runs": (run(monday(1) + 2 * DAY, 165, cadence_source=CadenceSource.COUNTED),)}
    return {"runs": week_of_runs(week, None, cadence_source=CadenceSource.METRONOME)}


def wrong_baseline(week: int, target: int | None, phase: Phase) -> dict[str, tuple[Any, ...]]:
    return {"runs": week_of_runs(week, target or 158)}


def hurts_in(reds: dict[int, int]) -> Live:
    """On target, with so many red runs in the named weeks."""

    def live(week: int, target: int | None, phase: Phase) -> dict[str, tuple[Any, ...]]:
        made = week_of_runs(week, target or 165, 4)
        red = reds.get(week, 0)
        return {"runs": (*(replace(r, pain=7, site=Site.ACHILLES) for r in made[:red]), *made[red:])}

    return live


def worse_mornings_in(*weeks: int) -> Live:
    def live(week: int, target: int | None, phase: Phase) -> dict[str, tuple[Any, ...]]:
        pain = 5 if week in weeks else 2
        mornings = tuple(morning(monday(week) + day * DAY, pain) for day in (2, 4, 6))
        return {"runs": week_of_runs(week, target or 165, 4), "mornings": mornings}

    return live


def late(week: int, target: int | None, phase: Phase) -> dict[str, tuple[Any, ...]]:
    made = week_of_runs(week, target or 165, 3)
    return {"runs": tuple(replace(r, logged_at=at(monday(week + 1), 18)) for r in made)}


def trains(live: Live, first_week: int = 1, away: tuple[int, ...] = ()) -> Live:
    """Also three strength days a week, a little heavier each time, and a calm daily life."""

    def lived(week: int, target: int | None, phase: Phase) -> dict[str, tuple[Any, ...]]:
        made = live(week, target, phase)
        if week < first_week or week in away:
            return made
        days = [monday(week) + day * DAY for day in (1, 3, 5)]
        if phase is Phase.SETTLE:
            done = [strength(day, ExerciseId.ISOMETRIC_CALF_HOLD, 5, None, seconds=45) for day in days]
        else:
            load = 20_000 + 1000 * week
            done = [strength(day, ExerciseId.HEAVY_CALF_RAISE, reps=8, load_g=load) for day in days]
        return {"strength": tuple(done), "daily_life": (daily(monday(week) + 6 * DAY, 1),), **made}

    return lived


def walks(week: int, target: int | None, phase: Phase) -> dict[str, tuple[Any, ...]]:
    counted = run(monday(6) + 6 * DAY, 158, cadence_source=CadenceSource.COUNTED, key="counted")
    made = week_of_runs(week, 138, 3, walk_breaks=True)
    return {"runs": (*made, counted) if week == 6 else made}


def spike(week: int, target: int | None, phase: Phase) -> dict[str, tuple[Any, ...]]:
    made = week_of_runs(week, target, 3, distance=4)
    far = run(monday(1) + 6 * DAY, target, distance=15, pain=7, site=Site.ACHILLES, key="far")
    return {"runs": (*made, far) if week == 1 else made}


def knee_from_3(week: int, target: int | None, phase: Phase) -> dict[str, tuple[Any, ...]]:
    sore: dict[str, Any] = {"pain": 5, "site": Site.KNEE, "side": Side.LEFT} if week in (3, 4) else {}
    return {"runs": week_of_runs(week, target or 165, 4, **sore)}


def ill(week: int, target: int | None, phase: Phase) -> dict[str, tuple[Any, ...]]:
    return {} if week in AWAY else {"runs": week_of_runs(week, target or 165, 4)}


def silent(week: int, target: int | None, phase: Phase) -> dict[str, tuple[Any, ...]]:
    return {}


def easy(week: int, target: int | None, phase: Phase) -> dict[str, tuple[RunInput, ...]]:
    return {"runs": week_of_runs(week, 170 if week < 3 else target, 3, effort=Effort.EASY)}


TESTED = {"tests": tuple(FunctionTestInput(kind, monday(5) + DAY) for kind in TestKind)}
AWAY = (5, 6, 7, 8)
SICK = {"pauses": (PauseInput(monday(5), monday(9), PauseReason.ILLNESS),)}
PRESENT, SETTLING = ComplaintStatus.PRESENT, ComplaintStatus.SETTLING
KNEE = (
    ComplaintRecord("a", Site.ACHILLES, PRESENT, START - 5 * DAY, START - 5 * DAY),
    ComplaintRecord("k", Site.KNEE, PRESENT, START - 5 * DAY, START - 5 * DAY),
    ComplaintRecord("k", Site.KNEE, PRESENT, START - 5 * DAY, monday(1) + DAY, track_approved=True),
    ComplaintRecord("k", Site.KNEE, SETTLING, START - 5 * DAY, monday(8), track_approved=True),
)
LATER_KNEE = (
    KNEE[0],
    ComplaintRecord("l", Site.KNEE, PRESENT, monday(4) + DAY, monday(4) + DAY, Side.LEFT),
    ComplaintRecord("l", Site.KNEE, ComplaintStatus.PAST, monday(4) + DAY, monday(9), Side.LEFT),
)
STOPPED = (FlagKind.STOP, monday(4) + DAY, Symptom.CALF_SWELLING, monday(6) + DAY)

RUNNERS = (
    Runner("steady", "four runs a week on target: 168, 176, 180, and stays there", trains(runs()), says()),
    Runner(
        "long runs",
        "warned while the long run grows, and no warning holds a step",
        trains(growing),
        says(baseline_spm=150),
        TESTED,
    ),
    Runner(
        "spike",
        "15 miles instead of 5, red: the old limit stands",
        trains(spike),
        says(longest_run_m=miles(5)),
    ),
    Runner(
        "wrong baseline",
        "said 180, runs at 158: replaced once, then up",
        trains(wrong_baseline),
        says(baseline_spm=180),
        TESTED,
    ),
    Runner(
        "run-walk",
        "138 with walking breaks is no cadence; asked, then counted",
        walks,
        says(baseline_spm=150),
    ),
    Runner(
        "no watch",
        "counts once, then runs with the metronome",
        trains(no_watch),
        says(baseline_spm=None),
        TESTED,
    ),
    Runner("irregular", "one run a week: a step after every fifth", runs(1), says()),
    Runner(
        "stubborn",
        "160 whatever the target says: stuck, a question every third week",
        trains(at_cadence(160)),
        says(),
        TESTED,
    ),
    Runner(
        "injured",
        "a red week holds; two reds hold and step back",
        trains(hurts_in({3: 1, 5: 2})),
        says(baseline_spm=140),
    ),
    Runner(
        "stopped",
        "a swollen calf in week 4; cleared in week 6",
        trains(runs()),
        says(baseline_spm=150),
        TESTED,
        flags=(STOPPED,),
    ),
    Runner(
        "four weeks ill",
        "away in weeks 5 to 8: welcome back, a step down",
        trains(ill, away=AWAY),
        says(),
        SICK,
    ),
    Runner(
        "knee track",
        "Achilles and knee: its track approved in week 1, settling in week 8",
        trains(runs()),
        says(complaints=(*SORE, ComplaintInput(Site.KNEE)), strike=FootStrike.FOREFOOT),
        TESTED,
        complaints=KNEE,
    ),
    Runner(
        "knee in week 3",
        "on heel strike, then the knee hurts: spared and asked back the next Monday",
        trains(knee_from_3),
        says(strike=FootStrike.FOREFOOT, usual_week_m=30_000),
        {"strike_spells": (HeelStrikeInput(monday(2)),), **TESTED},
        complaints=LATER_KNEE,
    ),
    Runner(
        "no complaint",
        "phase 2 at once",
        trains(runs()),
        says(complaints=(), pain_now=0, pain_morning=0),
        TESTED,
    ),
    Runner("silent", "logs nothing: the target stays, no one scolds, no phase is decided", silent, says()),
    Runner(
        "corrections",
        "Sunday's run of week 2 corrected from 2 to 8: the next Monday holds, once",
        trains(runs()),
        says(baseline_spm=150),
        TESTED,
        corrections=((f"run-{monday(2) + 6 * DAY}", at(monday(3) + DAY, 9), 2, 8),),
    ),
    Runner(
        "no improvement",
        "amber on every run: raised as usual, and asked about after three weeks",
        trains(runs(pain=5, site=Site.ACHILLES)),
        says(baseline_spm=150),
    ),
    Runner(
        "mornings",
        "two worse weeks: held twice, a step back",
        trains(worse_mornings_in(3, 4)),
        says(baseline_spm=140),
    ),
    Runner("natural", "easy runs above target lift the level", trains(easy), says(baseline_spm=155), TESTED),
    Runner(
        "by hand",
        "heel strike from week 2; 165 set in week 3, ended in week 6",
        trains(runs()),
        says(strike=FootStrike.FOREFOOT),
        {
            "hand_cadences": (CadenceOverride(165, at(monday(3)), at(monday(6))),),
            "strike_spells": (HeelStrikeInput(monday(2), return_on=monday(4), ended_on=monday(6)),),
        },
    ),
)
