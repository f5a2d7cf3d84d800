"""Phase 3: give the spring back. Contacts start low and rise; drills carry the cadence into running."""

from __future__ import annotations

from challenge.protocol.catalog.form import Dose, Exercise, ExerciseVariant, Tempo
from challenge.protocol.vocabulary import ExerciseId, ExerciseKind, Phase, Site

_CONTACTS = "a proposal: below the 80-100 contacts a session that strength texts (NSCA) give beginners"
_DRILL = "the clinic’s method: cadence work and midfoot mechanics; the numbers are a proposal"
_QUICK = Tempo()
_REST_S = 60
_STRIDE_S = 20
_WALK_BACK = "walk back to the start"

POGO_HOPS = Exercise(
    id=ExerciseId.POGO_HOPS,
    kind=ExerciseKind.PLYOMETRIC,
    phases=(Phase.POWER,),
    purpose="Short, stiff hops that teach the Achilles to store and return energy.",
    standard=ExerciseVariant(
        "Low hops on two feet",
        "Hop in place from the ankles, knees nearly straight and quiet.",
        (Site.ACHILLES, Site.CALF, Site.FOOT, Site.KNEE),
    ),
    easier=ExerciseVariant(
        "Quick heel raises, no flight",
        "The same rhythm, the toes never leave the floor.",
        (Site.ACHILLES, Site.CALF, Site.FOOT),
        steps=(
            "Stand tall on both feet, fingertips on a wall, knees straight.",
            "Raise both heels and lower them until they just touch, as quick as a hop.",
            "The toes stay on the floor the whole time.",
        ),
    ),
    harder=ExerciseVariant(
        "Traveling forward",
        "Let each hop carry you half a foot forward.",
        (Site.ACHILLES, Site.CALF, Site.FOOT, Site.KNEE),
    ),
    ladder=(Dose(3, reps=10), Dose(3, reps=15), Dose(4, reps=15), Dose(4, reps=20)),
    tempo=_QUICK,
    steps=(
        "Stand tall on both feet, heels just off the floor, knees nearly straight, arms still.",
        "Hop from the ankles, just clear of the floor, and land on the balls of the feet; the knees hardly bend.",
        "Land and leave in one sound; count landings, not seconds.",
    ),
    feel="Springy and light; the floor gives something back.",
    never="Heavy, slow landings, or hopping on when the spring is gone.",
    source=_CONTACTS,
    rest_s=_REST_S,
)

SINGLE_LEG_HOPS = Exercise(
    id=ExerciseId.SINGLE_LEG_HOPS,
    kind=ExerciseKind.PLYOMETRIC,
    phases=(Phase.POWER,),
    purpose="The load of running on one leg, in a place where you can stop at once.",
    standard=ExerciseVariant(
        "Hops in place on one leg",
        "Small hops on one leg, hips level, fingertips near a wall.",
        (Site.ACHILLES, Site.CALF, Site.FOOT, Site.KNEE, Site.HIP),
        each="leg",
    ),
    easier=ExerciseVariant(
        "One-leg quick heel raises, no flight",
        "Quick raises on one leg; the toes stay down.",
        (Site.ACHILLES, Site.CALF, Site.FOOT),
        each="leg",
        steps=(
            "Stand tall on one leg, fingertips on a wall, knee straight.",
            "Raise the heel and lower it until it just touches, as quick as a hop, as often as your dose says.",
            "The toes stay on the floor the whole time; change legs after each set.",
        ),
    ),
    harder=ExerciseVariant(
        "Forward hops on one leg",
        "Each hop a foot’s length forward, landing still.",
        (Site.ACHILLES, Site.CALF, Site.FOOT, Site.KNEE, Site.HIP),
        each="leg",
    ),
    ladder=(Dose(2, reps=8), Dose(3, reps=8), Dose(3, reps=10), Dose(3, reps=12)),
    tempo=_QUICK,
    steps=(
        "Stand tall on one leg, knee nearly straight, hips level, arms still.",
        "Hop from the ankle, just clear of the floor, in one spot; land quietly on the ball of the foot.",
        "The knee hardly bends and the free leg stays still; change legs after each set.",
    ),
    feel="Bouncy, with the same sound on both sides.",
    never="The knee falling inward, the hip dropping, or a landing on the heel.",
    source=_CONTACTS,
    rest_s=_REST_S,
)

SKIPPING = Exercise(
    id=ExerciseId.SKIPPING,
    kind=ExerciseKind.PLYOMETRIC,
    phases=(Phase.POWER,),
    purpose="Running’s rhythm with a little more flight.",
    standard=ExerciseVariant(
        "Easy skips over twenty yards",
        "Skip forward, tall, arms swinging.",
        (Site.ACHILLES, Site.CALF, Site.FOOT, Site.KNEE, Site.HIP),
    ),
    easier=ExerciseVariant(
        "Marching on the balls of the feet",
        "March forward tall, rising onto each forefoot, no flight.",
        (Site.ACHILLES, Site.CALF, Site.FOOT),
        steps=(
            "March forward, tall, on soft level ground, arms swinging.",
            "With each step rise onto the ball of that foot and bring the other knee up a little, lower than the hip.",
            "One foot is always on the ground: no hop.",
        ),
    ),
    harder=ExerciseVariant(
        "Skips for height",
        "The same, pushing upward.",
        (Site.ACHILLES, Site.CALF, Site.FOOT, Site.KNEE, Site.HIP),
    ),
    ladder=(Dose(2, reps=10), Dose(3, reps=10), Dose(3, reps=12), Dose(4, reps=12)),
    tempo=_QUICK,
    steps=(
        "Start from a walk, tall, on soft level ground, without a rope.",
        (
            "Step onto one foot, hop and land on that same foot, the "
            "other knee up in front; then step and hop on the other."
        ),
        "Let the arms swing; your dose counts the landings of one side.",
    ),
    feel="Playful and quick.",
    never="Reaching forward with the foot, or braking with the heel.",
    source=_CONTACTS,
    rest_s=_REST_S,
    rest_words=_WALK_BACK,
    uncounted_rep_s=2,  # a contact on each side
)

CADENCE_DRILL = Exercise(
    id=ExerciseId.CADENCE_DRILL,
    kind=ExerciseKind.DRILL,
    phases=(Phase.POWER,),
    purpose="Makes the target cadence a habit.",
    standard=ExerciseVariant(
        "One minute on the beat, inside an easy run",
        "Run to the metronome at your target for one minute out of every five, relaxed.",
        (Site.ACHILLES, Site.CALF),
    ),
    easier=ExerciseVariant(
        "Running in place on the beat",
        "In place beside the metronome, feet low.",
        (Site.ACHILLES, Site.CALF),
    ),
    harder=ExerciseVariant(
        "Two minutes on, on a gentle rise",
        "Two minutes on the beat up a slight slope.",
        (Site.ACHILLES, Site.CALF),
    ),
    ladder=(Dose(4, seconds=60), Dose(5, seconds=60), Dose(6, seconds=60)),
    tempo=_QUICK,
    steps=(
        "Run easy for ten minutes to warm up.",
        "Start the metronome at your target; take shorter steps until a foot lands on every beat, under your hips.",
        "Keep that up for a minute, then run four easy minutes without the beat: that’s one round.",
    ),
    feel="Quicker and softer, not faster: the pace stays easy.",
    never="Speeding up to catch the beat.",
    source=_DRILL,
    rest_words="four easy minutes of running",
)

MIDFOOT_STRIDES = Exercise(
    id=ExerciseId.MIDFOOT_STRIDES,
    kind=ExerciseKind.DRILL,
    phases=(Phase.POWER,),
    purpose="Lands the foot under the body, on its middle.",
    standard=ExerciseVariant(
        f"Easy strides of {_STRIDE_S} seconds",
        "After an easy run: smooth, tall, the foot landing under the hip.",
        (Site.ACHILLES, Site.CALF, Site.FOOT),
    ),
    easier=ExerciseVariant(
        "Walking to jogging",
        "From a walk into a light jog, landing flat and quiet.",
        (Site.ACHILLES, Site.CALF, Site.FOOT),
    ),
    harder=ExerciseVariant(
        "Strides on grass, a little quicker",
        "The same on level grass, shoes on, a notch quicker.",
        (Site.ACHILLES, Site.CALF, Site.FOOT),
    ),
    ladder=(Dose(4, seconds=_STRIDE_S), Dose(5, seconds=_STRIDE_S), Dose(6, seconds=_STRIDE_S)),
    tempo=_QUICK,
    steps=(
        f"After an easy run, run at a brisk, relaxed pace, not a sprint, for {_STRIDE_S} seconds.",
        "Land quietly on the middle of the foot, right under your hips.",
        "Stay tall, the whole body leaning a little from the ankles, not from the waist; then walk back.",
    ),
    feel="Quiet feet and a tall back.",
    never="Reaching for the ground, or forcing yourself onto the toes.",
    source=_DRILL,
    rest_words=_WALK_BACK,
)
