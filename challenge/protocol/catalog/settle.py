"""Phase 1: settle the tendon without losing capacity. Holds, and raises in shortened range."""

from __future__ import annotations

from challenge.protocol.catalog.form import Dose, Exercise, ExerciseVariant, Tempo
from challenge.protocol.vocabulary import ExerciseId, ExerciseKind, Phase, Site
from challenge.protocol.wording import in_words

_RIO = "Rio 2015 for the dose of holds; the clinic’s method for their place"
_CLINIC = "the clinic’s method; the numbers are a proposal"
_HOLD_S = 45
_HOLD_REST_S = 120
_SLOW = Tempo(up_s=3, down_s=4)

# The posterior tibialis climbs the same ladder in phases 1 and 2.
TIBIAL_REST_S = 45
TIBIAL_LADDER = (Dose(3, reps=8), Dose(3, reps=9), Dose(3, reps=10), Dose(4, reps=9), Dose(4, reps=10))
TIBIAL_SOURCE = (
    "the clinic’s method: posterior tibialis, "
    f"{TIBIAL_LADDER[0].sets} × {TIBIAL_LADDER[0].reps}, built up to "
    f"{TIBIAL_LADDER[-1].sets} × {TIBIAL_LADDER[-1].reps}"
)

ISOMETRIC_CALF_HOLD = Exercise(
    id=ExerciseId.ISOMETRIC_CALF_HOLD,
    kind=ExerciseKind.ISOMETRIC,
    phases=(Phase.SETTLE,),
    purpose="Loads the Achilles without moving it: the strongest signal a grumpy tendon takes well.",
    standard=ExerciseVariant(
        "Both heels up, weight on the working leg",
        "Rise on both feet, shift most of your weight to the working side, hold the heel at mid height.",
        (Site.ACHILLES, Site.CALF),
        each="leg",
    ),
    easier=ExerciseVariant(
        "Both feet, hands on a counter",
        "Share the weight evenly between both feet and lean on your hands.",
        (Site.ACHILLES, Site.CALF),
    ),
    harder=ExerciseVariant(
        "One leg, with a weight in the hand",
        "Hold on one leg and carry a dumbbell or a loaded backpack.",
        (Site.ACHILLES, Site.CALF),
        each="leg",
    ),
    ladder=(Dose(5, seconds=_HOLD_S),),
    tempo=Tempo(hold_s=_HOLD_S),
    steps=(
        "Stand tall on both feet at a wall, fingertips on it for balance, knees straight.",
        (
            "Rise halfway, not to the top, with most of your weight on "
            "the working leg; the other foot only helps you balance."
        ),
        f"Hold still for {_HOLD_S} seconds and breathe; then lower both heels.",
    ),
    feel="Hard, steady work in the calf; shaking near the end is fine. It often feels better afterward.",
    never="The heel sinking below the level of the floor, or pain climbing into red while you hold.",
    source=_RIO,
    rest_s=_HOLD_REST_S,
    load_range_g=(0, 100_000),
)

ISOMETRIC_SOLEUS_HOLD = Exercise(
    id=ExerciseId.ISOMETRIC_SOLEUS_HOLD,
    kind=ExerciseKind.ISOMETRIC,
    phases=(Phase.SETTLE,),
    purpose="Holds for the deep calf muscle that carries most of every running step.",
    standard=ExerciseVariant(
        "Seated, weight on the thigh",
        "Sit with the knee at a right angle, a heavy weight just above it, heel held at mid height.",
        (Site.ACHILLES, Site.CALF),
        each="leg",
    ),
    easier=ExerciseVariant(
        "Seated, pressing with your hands",
        "No weight: press down on the thigh with both hands.",
        (Site.ACHILLES, Site.CALF),
        each="leg",
    ),
    harder=ExerciseVariant(
        "One leg, in a shallow wall sit",
        "Back against a wall, knees bent a little, one heel held up.",
        (Site.ACHILLES, Site.CALF, Site.KNEE, Site.THIGH),
        each="leg",
    ),
    ladder=(Dose(5, seconds=_HOLD_S),),
    tempo=Tempo(hold_s=_HOLD_S),
    steps=(
        "Sit tall on a firm chair, both feet flat, knees above the ankles.",
        "Put the weight on the thigh of the working leg, close to the knee.",
        f"Lift that heel halfway, the ball of the foot stays down; hold it for {_HOLD_S} seconds and breathe.",
    ),
    feel="Deep work low in the calf, near the tendon.",
    never="Rolling onto the outer edge of the foot, or holding your breath.",
    source=_RIO,
    rest_s=_HOLD_REST_S,
    load_range_g=(0, 100_000),
)

SHORT_RANGE_CALF_RAISE = Exercise(
    id=ExerciseId.SHORT_RANGE_CALF_RAISE,
    kind=ExerciseKind.SHORT_RANGE,
    phases=(Phase.SETTLE,),
    purpose="Keeps the calf moving and strong in the part of its range that does not squeeze the tendon.",
    standard=ExerciseVariant(
        "Both feet, floor to top",
        "Raise and lower your heels on the flat floor; start each raise with the heels just above it.",
        (Site.ACHILLES, Site.CALF),
    ),
    easier=ExerciseVariant(
        "Seated",
        "The same movement sitting down, feet under the knees.",
        (Site.ACHILLES, Site.CALF),
    ),
    harder=ExerciseVariant(
        "Up on two, down on one",
        "Rise on both feet, move over, lower slowly on one.",
        (Site.ACHILLES, Site.CALF),
        each="leg",
    ),
    ladder=(Dose(3, reps=8), Dose(3, reps=10), Dose(3, reps=12)),
    tempo=_SLOW,
    steps=(
        "Stand on both feet on the flat floor, knees straight, hands resting lightly on a wall.",
        f"Rise for {in_words(_SLOW.up_s)} seconds, straight up over the big and second toe.",
        (
            f"Lower for {in_words(_SLOW.down_s)} seconds and stop just "
            "before the heels touch the floor; rise again from there."
        ),
    ),
    feel="Even work in both calves, smooth all the way.",
    never="A step edge under the foot: no heel below the floor in this phase.",
    source=_CLINIC,
    load_range_g=(0, 60_000),
)

ARCH_RAISE = Exercise(
    id=ExerciseId.ARCH_RAISE,
    kind=ExerciseKind.POSTERIOR_TIBIAL,
    phases=(Phase.SETTLE, Phase.STRENGTHEN),
    purpose="Teaches the posterior tibialis to lift and carry the arch.",
    standard=ExerciseVariant(
        "Standing, weight rocking front to back",
        "Lift the arch and keep it while your weight travels from heel to ball and back, like a seesaw.",
        (Site.FOOT, Site.INNER_SHIN),
    ),
    easier=ExerciseVariant(
        "In shortened range",
        "Sitting or standing on both feet: lift the arch a little and rock only in the middle.",
        (Site.FOOT, Site.INNER_SHIN),
        steps=(
            "Sit or stand barefoot, both feet flat, toes relaxed.",
            (
                "Without curling the toes, try to slide the ball of each "
                "big toe toward its heel, so that the arch rises a bit."
            ),
            (
                "Keep the arch up and rock only a little, in the middle; "
                "heels and balls stay down. Then let it down slowly."
            ),
        ),
    ),
    harder=ExerciseVariant(
        "On one leg",
        "The same on one leg, fingertips on a wall.",
        (Site.FOOT, Site.INNER_SHIN, Site.CALF),
        each="leg",
    ),
    ladder=TIBIAL_LADDER,
    tempo=Tempo(up_s=3, hold_s=2, down_s=4),
    steps=(
        "Stand barefoot on both feet, feet under the hips, toes relaxed and flat.",
        (
            "Without curling the toes, try to slide the ball of each "
            "big toe toward its heel: it won’t move, but the arch rises."
        ),
        "Keep the arch up and sway forward, then back; heels and balls stay down. Then let the arch down slowly.",
    ),
    feel="Work under the arch and behind the inner ankle bone.",
    never="Curling the toes, or letting the big toe lift off the floor.",
    source=TIBIAL_SOURCE,
    rest_s=TIBIAL_REST_S,
)
