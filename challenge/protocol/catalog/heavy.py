"""Phase 2: build the tendon. Heavy and slow; the way down is the longer half."""

from __future__ import annotations

from challenge.protocol.catalog.form import Dose, Exercise, ExerciseVariant, Tempo
from challenge.protocol.catalog.settle import TIBIAL_LADDER, TIBIAL_REST_S, TIBIAL_SOURCE
from challenge.protocol.vocabulary import ExerciseId, ExerciseKind, Phase, Site
from challenge.protocol.wording import in_words, span

HEAVY_LADDER = (
    Dose(3, reps=8, note="a load you could lift ten times"),
    Dose(3, reps=7, note="one notch heavier"),
    Dose(3, reps=6, note="heavier again; from here add load whenever all sets feel steady"),
)
_HEAVY = f"the clinic’s method: {span([d.reps for d in HEAVY_LADDER if d.reps])} repetitions, long eccentrics"
SLOW = Tempo(up_s=3, down_s=4)
HEAVY_REST_S = 120
_UP, _DOWN = in_words(SLOW.up_s), in_words(SLOW.down_s)

HEAVY_CALF_RAISE = Exercise(
    id=ExerciseId.HEAVY_CALF_RAISE,
    kind=ExerciseKind.HEAVY,
    phases=(Phase.STRENGTHEN, Phase.POWER),
    purpose="The main builder of a stiff, strong Achilles.",
    standard=ExerciseVariant(
        "One leg, holding a weight",
        "One leg on the floor or a low step, a weight on the same side.",
        (Site.ACHILLES, Site.CALF),
        each="leg",
    ),
    easier=ExerciseVariant(
        "Two legs, holding a weight",
        "Both feet together, the weight shared.",
        (Site.ACHILLES, Site.CALF),
    ),
    harder=ExerciseVariant(
        "One leg on a step, heavier",
        "Forefoot on a step, heel traveling from just below it to the top.",
        (Site.ACHILLES, Site.CALF),
        each="leg",
    ),
    ladder=HEAVY_LADDER,
    tempo=SLOW,
    steps=(
        (
            "Stand on one leg on the floor, knee straight, a weight in the hand of that side, "
            "the other hand’s fingertips on a wall."
        ),
        f"Rise for {_UP} seconds, over the big and second toe.",
        f"Lower for at least {_DOWN} seconds, until the heel is on the floor; change legs after each set.",
    ),
    feel="Heavy, slow work: the last two repetitions should feel really hard.",
    never="Bouncing out of the bottom, or a second heavy day straight after this one.",
    source=_HEAVY,
    rest_s=HEAVY_REST_S,
    load_range_g=(0, 100_000),
    flat=ExerciseVariant(
        "One leg on the flat floor, holding a weight",
        "The heel comes down to the floor and never below it: no step, no edge, no slope under the foot.",
        (Site.ACHILLES, Site.CALF),
        each="leg",
        steps=(
            (
                "Stand on one leg on the flat floor, knee straight, a "
                "weight in the hand of that side, the other hand on a wall."
            ),
            f"Rise for {_UP} seconds, over the big and second toe.",
            f"Lower for at least {_DOWN} seconds until the heel touches the floor, and no further.",
        ),
    ),
)

HEAVY_SEATED_CALF_RAISE = Exercise(
    id=ExerciseId.HEAVY_SEATED_CALF_RAISE,
    kind=ExerciseKind.HEAVY,
    phases=(Phase.STRENGTHEN, Phase.POWER),
    purpose="Heavy work for the deep calf, which lifts you in every step.",
    standard=ExerciseVariant(
        "Seated, weight on the thighs",
        "Knees at a right angle, a barbell, dumbbells or a full backpack just above them.",
        (Site.ACHILLES, Site.CALF),
    ),
    easier=ExerciseVariant(
        "Seated, lighter, both feet",
        "Half the weight, both feet, the same slow tempo.",
        (Site.ACHILLES, Site.CALF),
    ),
    harder=ExerciseVariant(
        "Seated, one leg",
        "All of the weight on one thigh.",
        (Site.ACHILLES, Site.CALF),
        each="leg",
    ),
    ladder=HEAVY_LADDER,
    tempo=SLOW,
    steps=(
        "Sit tall, both feet flat under the knees, the weight across both thighs just above the knees.",
        f"Raise both heels for {_UP} seconds; the balls of the feet stay down.",
        f"Lower for at least {_DOWN} seconds until the heels rest.",
    ),
    feel="A deep burn low in the calf.",
    never="Lifting with the arms, or feet sliding forward.",
    source=_HEAVY,
    rest_s=HEAVY_REST_S,
    load_range_g=(0, 150_000),
)

SPLIT_SQUAT_CALF_RAISE = Exercise(
    id=ExerciseId.SPLIT_SQUAT_CALF_RAISE,
    kind=ExerciseKind.POSTERIOR_TIBIAL,
    phases=(Phase.STRENGTHEN,),
    purpose="Arch, calf and hip working together, as in the push-off.",
    standard=ExerciseVariant(
        "In a split squat, front heel rising",
        "Stay low in a split stance and raise the front heel over the big toe.",
        (Site.ACHILLES, Site.CALF, Site.FOOT, Site.KNEE, Site.HIP),
        each="leg",
    ),
    easier=ExerciseVariant(
        "Upright in a short split stance",
        "Stand tall, front knee nearly straight, hands on a wall; only the heel moves.",
        (Site.ACHILLES, Site.CALF, Site.FOOT),
        each="leg",
        steps=(
            (
                "Take a short step and stand tall, front knee nearly straight, "
                "hands on a wall, most of your weight on the front foot."
            ),
            "Press the ball of the front foot down, lift the arch a little, and keep it.",
            f"Raise only the front heel for {_UP} seconds, lower for {_DOWN}; the back toes stay on the floor.",
        ),
    ),
    harder=ExerciseVariant(
        "Low, with a weight",
        "Deep split squat, a weight in each hand.",
        (Site.ACHILLES, Site.CALF, Site.FOOT, Site.KNEE, Site.HIP),
        each="leg",
    ),
    ladder=TIBIAL_LADDER,
    tempo=SLOW,
    steps=(
        (
            "Take a long step and sink until both knees are bent, most "
            "of your weight on the front foot; a hand on a wall is fine."
        ),
        "Press the ball of the front foot down, lift the arch as in the arch raise, and keep it.",
        (
            f"Raise only the front heel for {_UP} seconds, lower for "
            f"{_DOWN}; stay low, and the back toes stay on the floor."
        ),
    ),
    feel="Work behind the inner ankle and in the calf, the thigh holding still.",
    never="The front knee falling inward, or the arch collapsing on the way down.",
    source=TIBIAL_SOURCE,
    rest_s=TIBIAL_REST_S,
    load_range_g=(0, 60_000),
)

TOES_IN_CALF_RAISE = Exercise(
    id=ExerciseId.TOES_IN_CALF_RAISE,
    kind=ExerciseKind.POSTERIOR_TIBIAL,
    phases=(Phase.STRENGTHEN,),
    purpose="Slow lowering that asks most of the posterior tibialis.",
    standard=ExerciseVariant(
        "Toes angled in, up on two, down on one",
        "Turn the toes a little inward; rise on both feet, lower on one.",
        (Site.CALF, Site.FOOT, Site.INNER_SHIN),
        each="leg",
    ),
    easier=ExerciseVariant(
        "Toes angled in, both feet",
        "Up and down on both feet.",
        (Site.CALF, Site.FOOT, Site.INNER_SHIN),
    ),
    harder=ExerciseVariant(
        "Toes angled in, one leg, holding a weight",
        "Up and down on one leg, a weight in the hand.",
        (Site.CALF, Site.FOOT, Site.INNER_SHIN, Site.ACHILLES),
        each="leg",
    ),
    ladder=TIBIAL_LADDER,
    tempo=SLOW,
    steps=(
        (
            "Stand facing a wall, hands on it, knees straight; turn the "
            "toes in a little: big toes a thumb’s width closer together than the heels."
        ),
        f"Rise on both feet for {_UP} seconds and lift the arches.",
        (
            f"At the top move over to one foot and lower for at least {_DOWN} "
            "seconds, the foot still turned in; change legs after each set."
        ),
    ),
    feel="Work along the inner side of the shin, behind the ankle.",
    never="Knees twisting to fake the angle: turn from the hips.",
    source=TIBIAL_SOURCE,
    rest_s=TIBIAL_REST_S,
    load_range_g=(0, 60_000),
)
