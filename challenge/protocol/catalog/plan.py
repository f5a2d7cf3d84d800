"""The catalog by id, and the plan: which exercises each phase and each track holds, and how often a week."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from challenge.protocol.catalog import heavy, hip, knee, power, settle
from challenge.protocol.catalog.form import Exercise
from challenge.protocol.vocabulary import ExerciseId, ExerciseKind, FormKind, Phase, Site
from challenge.protocol.wording import span, times

CATALOG: dict[ExerciseId, Exercise] = {
    exercise.id: exercise
    for exercise in (
        settle.ISOMETRIC_CALF_HOLD,
        settle.ISOMETRIC_SOLEUS_HOLD,
        settle.SHORT_RANGE_CALF_RAISE,
        settle.ARCH_RAISE,
        heavy.HEAVY_CALF_RAISE,
        heavy.HEAVY_SEATED_CALF_RAISE,
        heavy.SPLIT_SQUAT_CALF_RAISE,
        heavy.TOES_IN_CALF_RAISE,
        power.POGO_HOPS,
        power.SINGLE_LEG_HOPS,
        power.SKIPPING,
        power.CADENCE_DRILL,
        power.MIDFOOT_STRIDES,
        knee.WALL_SIT,
        knee.SPANISH_SQUAT_HOLD,
        knee.SLOW_SPLIT_SQUAT,
        knee.LEG_PRESS,
        knee.STEP_DOWN,
        hip.SIDE_PLANK,
        hip.SIDE_LYING_LIFT,
        hip.SINGLE_LEG_BRIDGE,
        hip.HIP_THRUST,
        hip.HIP_HIKE,
        hip.BAND_WALK,
    )
}


@dataclass(frozen=True, slots=True)
class Place:
    """An exercise's place in a phase. `screened`: only where the intake reports a weak arch or a tilted shoe.

    `stays_beside` is the most tracks that add exercises next to which this one stays: with more of them the session
    would take longer than a session may (`longest_session_minutes`). None: it always stays.
    """

    exercise: ExerciseId
    sessions_per_week: int
    form: FormKind = FormKind.STANDARD
    screened: bool = False
    stays_beside: int | None = None


PLAN: dict[Phase, tuple[Place, ...]] = {
    Phase.SETTLE: (
        Place(ExerciseId.ISOMETRIC_CALF_HOLD, 5),
        Place(ExerciseId.ISOMETRIC_SOLEUS_HOLD, 5, stays_beside=0),
        Place(ExerciseId.SHORT_RANGE_CALF_RAISE, 3),
        Place(ExerciseId.ARCH_RAISE, 3, FormKind.EASIER, screened=True),
    ),
    Phase.STRENGTHEN: (
        Place(ExerciseId.HEAVY_CALF_RAISE, 3),
        Place(ExerciseId.HEAVY_SEATED_CALF_RAISE, 3, stays_beside=2),
        Place(ExerciseId.SPLIT_SQUAT_CALF_RAISE, 3, stays_beside=0),
        Place(ExerciseId.TOES_IN_CALF_RAISE, 3, stays_beside=0),
        Place(ExerciseId.ARCH_RAISE, 3),
    ),
    Phase.POWER: (
        Place(ExerciseId.POGO_HOPS, 2),
        Place(ExerciseId.SINGLE_LEG_HOPS, 2),
        Place(ExerciseId.SKIPPING, 2, stays_beside=1),
        Place(ExerciseId.CADENCE_DRILL, 2),
        Place(ExerciseId.MIDFOOT_STRIDES, 2),
        Place(ExerciseId.HEAVY_CALF_RAISE, 2),
        Place(ExerciseId.HEAVY_SEATED_CALF_RAISE, 2, stays_beside=1),
    ),
}

# What a present complaint brings next to the base, the main exercise first. All of it is a default until the clinic
# confirms it. The foot's track is the arch work of the base, kept whatever else is cut, and longer.
TRACK_PLAN: dict[Site, dict[Phase, tuple[Place, ...]]] = {
    Site.KNEE: {
        Phase.SETTLE: (Place(ExerciseId.WALL_SIT, 3),),
        Phase.STRENGTHEN: (Place(ExerciseId.SLOW_SPLIT_SQUAT, 3), Place(ExerciseId.STEP_DOWN, 3)),
        Phase.POWER: (Place(ExerciseId.SLOW_SPLIT_SQUAT, 2), Place(ExerciseId.STEP_DOWN, 2)),
    },
    Site.HIP: {
        Phase.SETTLE: (Place(ExerciseId.SIDE_PLANK, 3),),
        Phase.STRENGTHEN: (Place(ExerciseId.SINGLE_LEG_BRIDGE, 3), Place(ExerciseId.HIP_HIKE, 3)),
        Phase.POWER: (Place(ExerciseId.SINGLE_LEG_BRIDGE, 2), Place(ExerciseId.BAND_WALK, 2)),
    },
    Site.FOOT: {
        Phase.SETTLE: (Place(ExerciseId.ARCH_RAISE, 3, FormKind.EASIER),),
        Phase.STRENGTHEN: (
            Place(ExerciseId.ARCH_RAISE, 3),
            Place(ExerciseId.TOES_IN_CALF_RAISE, 3),
            Place(ExerciseId.SPLIT_SQUAT_CALF_RAISE, 3),
        ),
        Phase.POWER: (Place(ExerciseId.ARCH_RAISE, 2),),
    },
}
# Exercises that no plan holds: a clinician swaps one in for the exercise on the right, at its place.
ALTERNATIVES: dict[ExerciseId, ExerciseId] = {
    ExerciseId.SPANISH_SQUAT_HOLD: ExerciseId.WALL_SIT,
    ExerciseId.LEG_PRESS: ExerciseId.SLOW_SPLIT_SQUAT,
    ExerciseId.SIDE_LYING_LIFT: ExerciseId.SIDE_PLANK,
    ExerciseId.HIP_THRUST: ExerciseId.SINGLE_LEG_BRIDGE,
}


def places_of(phase: Phase, tracks: Collection[Site] = ()) -> tuple[Place, ...]:
    """Return the phase's exercises with those of the tracks, cut so that a session stays within its limit.

    The base comes first; of several tracks each brings its main exercise only. A site without a track is ignored. What
    both the base and a track hold is there once, and then not only for runners with a weak arch.
    """
    wanted = [TRACK_PLAN[site][phase] for site in TRACK_PLAN if site in tracks]
    added = [place for places in wanted for place in (places if len(wanted) == 1 else places[:1])]
    of_tracks, of_base = {p.exercise for p in added}, {p.exercise for p in PLAN[phase]}
    adding = sum(bool({p.exercise for p in places} - of_base) for places in wanted)
    base = [
        place
        for place in PLAN[phase]
        if place.exercise not in of_tracks and (place.stays_beside is None or adding <= place.stays_beside)
    ]
    return (*base, *added)


def _heavy_a_week(phase: Phase) -> int:
    return max(p.sessions_per_week for p in PLAN[phase] if CATALOG[p.exercise].kind is ExerciseKind.HEAVY)


# Numbers of the plan that sentences and the rulebook state.
HEAVY_REPS = span([dose.reps for dose in heavy.HEAVY_LADDER if dose.reps is not None])
HEAVY_IN_STRENGTHEN = _heavy_a_week(Phase.STRENGTHEN)
HEAVY_IN_POWER = times(_heavy_a_week(Phase.POWER))
