"""Twenty invented runners for the twelve-week table."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from challenge.protocol.entries import RunInput
from challenge.protocol.snapshot import (
    CadenceOverride,
    ComplaintInput,
    FunctionTestInput,
    HeelStrikeInput,
    IntakeInput,
    PauseInput,
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
    TestKind,
)
from tests.protocol.story import at, daily, intake, miles, monday, morning, run, strength, week_of_runs

DAY = timedelta(days=1)
Live = Callable[[int, int | None, Phase], dict[str, tuple[Any, ...]]]

SORE = (ComplaintInput(Site.ACHILLES),)


@dataclass(frozen=True)
class Runner:
    """An invented runner: name, story in a sentence, how a week is lived, intake, and the clinicians' decisions."""

    name: str
    story: str
    live: Live
    intake: IntakeInput
    care: dict[str, Any] = field(default_factory=dict)
    flags: tuple[tuple[FlagKind, date, Symptom, date], ...] = ()


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
    """So many runs a week, on target."""
    return lambda week, target, phase: {"runs": week_of_runs(week, target or 165, count, **values)}


def at_cadence(cadence: int, count: int = 4) -> Live:
    return lambda week, target, phase: {"runs": week_of_runs(week, cadence, count)}


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


def lifts(week: int, target: int | None, phase: Phase) -> dict[str, tuple[Any, ...]]:
    """Everything asked for: four runs, three heavy days with a little more weight each week, a calm daily life."""
    heavy = tuple(
        strength(monday(week) + day * DAY, ExerciseId.HEAVY_CALF_RAISE, reps=8, load_g=20_000 + 1000 * week)
        for day in (1, 3, 5)
    )
    made: dict[str, tuple[Any, ...]] = {"runs": week_of_runs(week, target or 165, 4)}
    if phase is not Phase.SETTLE:
        made["strength"] = heavy
    return {**made, "daily_life": (daily(monday(week) + 6 * DAY, 1),)}


def holiday(week: int, target: int | None, phase: Phase) -> dict[str, tuple[Any, ...]]:
    return {"runs": ()} if week in (5, 6) else {"runs": week_of_runs(week, target or 165, 2)}


def silent(week: int, target: int | None, phase: Phase) -> dict[str, tuple[Any, ...]]:
    return {}


def easy(week: int, target: int | None, phase: Phase) -> dict[str, tuple[RunInput, ...]]:
    return {"runs": week_of_runs(week, 170 if week < 3 else target, 3, effort=Effort.EASY)}


TESTED = tuple(FunctionTestInput(kind, monday(5) + DAY) for kind in TestKind)
STOPPED = (FlagKind.STOP, monday(4) + DAY, Symptom.CALF_SWELLING, monday(6) + DAY)

RUNNERS = (
    Runner("steady", "four runs a week on target: 168, 176, 180, and stays there", runs(), says()),
    Runner(
        "long runs",
        "warned while the long run grows, and no warning holds a step",
        growing,
        says(baseline_spm=150),
    ),
    Runner(
        "wrong baseline",
        "said 180, runs at 158: replaced once, then up",
        wrong_baseline,
        says(baseline_spm=180),
    ),
    Runner("186", "has no cadence target and is told why", at_cadence(186), says(baseline_spm=186)),
    Runner("no watch", "counts once, then runs with the metronome", no_watch, says(baseline_spm=None)),
    Runner("irregular", "one run a week: a step after every fifth", runs(1), says()),
    Runner(
        "stubborn",
        "160 whatever the target says: stuck, a question every third week",
        at_cadence(160),
        says(),
    ),
    Runner(
        "injured",
        "a red week holds; two reds hold and step back",
        hurts_in({3: 1, 5: 2}),
        says(baseline_spm=140),
    ),
    Runner(
        "stopped",
        "a swollen calf in week 4; cleared in week 6",
        runs(),
        says(baseline_spm=150),
        flags=(STOPPED,),
    ),
    Runner(
        "paused",
        "two runs a week, away in weeks 5 and 6: five runs count across the pause",
        holiday,
        says(baseline_spm=150),
        {"pauses": (PauseInput(monday(5), monday(7), PauseReason.TRAVEL),)},
    ),
    Runner(
        "treadmill", "indoors all winter: advice, never a warning", runs(surface=Surface.TREADMILL), says()
    ),
    Runner(
        "knee",
        "Achilles and knee: easier forms, no heel strike",
        runs(),
        says(complaints=(*SORE, ComplaintInput(Site.KNEE)), strike=FootStrike.FOREFOOT),
    ),
    Runner("no complaint", "phase 2 at once", lifts, says(complaints=(), pain_now=0, pain_morning=0)),
    Runner("silent", "logs nothing: the target stays, nobody scolds, no phase is decided", silent, says()),
    Runner("late", "logs every week on Monday evening: counts one week later", late, says()),
    Runner("amber", "amber on every run: goes on", runs(pain=5, site=Site.CALF), says(baseline_spm=150)),
    Runner(
        "mornings",
        "two worse weeks: held twice, a step back",
        worse_mornings_in(3, 4),
        says(baseline_spm=140),
    ),
    Runner("builder", "lifts and logs: phase 3 when all is there", lifts, says(), {"tests": TESTED}),
    Runner("natural", "easy runs above target lift the level", easy, says(baseline_spm=155)),
    Runner(
        "by hand",
        "heel strike from week 2; 165 set in week 3, ended in week 6",
        runs(),
        says(strike=FootStrike.FOREFOOT),
        {
            "hand_cadences": (CadenceOverride(165, at(monday(3)), at(monday(6))),),
            "strike_spells": (HeelStrikeInput(monday(2), return_on=monday(4), ended_on=monday(6)),),
        },
    ),
)
