"""The catalog by id, and the plan: which exercises each phase holds, and how often a week."""

from __future__ import annotations

from dataclasses import dataclass

from challenge.protocol.catalog import heavy, power, settle
from challenge.protocol.catalog.form import Exercise
from challenge.protocol.vocabulary import ExerciseId, ExerciseKind, FormKind, Phase
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
    )
}


@dataclass(frozen=True, slots=True)
class Place:
    """An exercise's place in a phase. `screened`: only where the intake reports a weak arch or a tilted shoe."""

    exercise: ExerciseId
    sessions_per_week: int
    form: FormKind = FormKind.STANDARD
    screened: bool = False


PLAN: dict[Phase, tuple[Place, ...]] = {
    Phase.SETTLE: (
        Place(ExerciseId.ISOMETRIC_CALF_HOLD, 5),
        Place(ExerciseId.ISOMETRIC_SOLEUS_HOLD, 5),
        Place(ExerciseId.SHORT_RANGE_CALF_RAISE, 3),
        Place(ExerciseId.ARCH_RAISE, 3, FormKind.EASIER, screened=True),
    ),
    Phase.STRENGTHEN: (
        Place(ExerciseId.HEAVY_CALF_RAISE, 3),
        Place(ExerciseId.HEAVY_SEATED_CALF_RAISE, 3),
        Place(ExerciseId.SPLIT_SQUAT_CALF_RAISE, 3),
        Place(ExerciseId.TOES_IN_CALF_RAISE, 3),
        Place(ExerciseId.ARCH_RAISE, 3),
    ),
    Phase.POWER: (
        Place(ExerciseId.POGO_HOPS, 2),
        Place(ExerciseId.SINGLE_LEG_HOPS, 2),
        Place(ExerciseId.SKIPPING, 2),
        Place(ExerciseId.CADENCE_DRILL, 2),
        Place(ExerciseId.MIDFOOT_STRIDES, 2),
        Place(ExerciseId.HEAVY_CALF_RAISE, 2),
        Place(ExerciseId.HEAVY_SEATED_CALF_RAISE, 2),
    ),
}


def _heavy_a_week(phase: Phase) -> int:
    return max(p.sessions_per_week for p in PLAN[phase] if CATALOG[p.exercise].kind is ExerciseKind.HEAVY)


# Numbers of the plan that sentences and the rulebook state.
HEAVY_REPS = span([dose.reps for dose in heavy.HEAVY_LADDER if dose.reps is not None])
HEAVY_IN_STRENGTHEN = _heavy_a_week(Phase.STRENGTHEN)
HEAVY_IN_POWER = times(_heavy_a_week(Phase.POWER))
