"""The hip's track, next to the clinic's base: side holds first, then slow strength, then control of the pelvis."""

from __future__ import annotations

from challenge.protocol.catalog.form import Dose, Exercise, ExerciseVariant, Tempo
from challenge.protocol.catalog.heavy import HEAVY_LADDER, HEAVY_REST_S, SLOW
from challenge.protocol.vocabulary import ExerciseId, ExerciseKind, Phase, Site
from challenge.protocol.wording import in_words

_LEPPANEN = (
    "a proposal until the clinic confirms it; Leppänen 2024: hip and core work, fewer injuries in new runners"
)
_SIDE = (Site.HIP, Site.LOWER_BACK)
_BACK = (Site.HIP, Site.THIGH)
_HOLD_LADDER = (Dose(3, seconds=20), Dose(3, seconds=30), Dose(4, seconds=30))
_HOLD_REST_S = 30
_CONTROL = Tempo(up_s=2, down_s=3)
_BRIDGE = Tempo(up_s=3, hold_s=2, down_s=4)
_CONTROL_LADDER = (Dose(3, reps=8), Dose(3, reps=10), Dose(3, reps=12))
_CONTROL_REST_S = 30

SIDE_PLANK = Exercise(
    id=ExerciseId.SIDE_PLANK,
    kind=ExerciseKind.ISOMETRIC,
    phases=(Phase.SETTLE,),
    purpose="Wakes up the outer hip and the waist, which keep your pelvis level, without moving the joint.",
    standard=ExerciseVariant(
        "On the forearm and the feet",
        "Lie on one side, lift the hips, and make one straight line from head to feet.",
        _SIDE,
        each="side",
    ),
    easier=ExerciseVariant(
        "On the forearm and the knees",
        "The same with bent knees: the line goes from head to knees.",
        _SIDE,
        each="side",
    ),
    harder=ExerciseVariant(
        "With the top leg lifted",
        "The same, the upper leg a foot’s width in the air.",
        _SIDE,
        each="side",
    ),
    ladder=_HOLD_LADDER,
    tempo=Tempo(hold_s=_HOLD_LADDER[0].seconds or 0),
    steps=(
        (
            "Lie on your side, one foot on the other, elbow under the "
            "shoulder, forearm pointing forward, top hand on your hip."
        ),
        "Lift the hips until head, hips and feet are in one line, chest facing forward, not down.",
        "Hold still for as long as your dose says, and breathe.",
    ),
    feel="Work along the lower side, from the outer hip to the ribs.",
    never="Hips sagging or rolling back, or the shoulder sinking to the ear.",
    source=_LEPPANEN,
    rest_s=_HOLD_REST_S,
    track=Site.HIP,
)

SIDE_LYING_LIFT = Exercise(
    id=ExerciseId.SIDE_LYING_LIFT,
    kind=ExerciseKind.ISOMETRIC,
    phases=(Phase.SETTLE,),
    purpose="The outer hip alone, lying down, for a hip or a shoulder that can’t take the side plank.",
    standard=ExerciseVariant(
        "On your side, the top leg held up",
        "Lie on one side and hold the straight top leg about 12 inches above the lower one.",
        (Site.HIP,),
        each="side",
    ),
    easier=ExerciseVariant(
        "On your side, the top knee held up",
        "Knees bent, feet together: only the top knee lifts, and stays.",
        (Site.HIP,),
        each="side",
    ),
    harder=ExerciseVariant(
        "On your side, a band around the ankles",
        "The same against a light band.",
        (Site.HIP,),
        each="side",
    ),
    ladder=_HOLD_LADDER,
    tempo=Tempo(hold_s=_HOLD_LADDER[0].seconds or 0),
    steps=(
        "Lie on your side, back and top heel against a wall, the lower knee bent forward, away from the wall.",
        "Slide the heel of the straight top leg up the wall, toes forward, to about 12 inches above the lower one.",
        "Hold still for as long as your dose says, and breathe.",
    ),
    feel="A deep burn in the outer hip, just behind the pants pocket.",
    never="Toes turning to the ceiling, or the top hip rolling back.",
    source=_LEPPANEN,
    rest_s=_HOLD_REST_S,
    track=Site.HIP,
    load_range_g=(0, 5_000),
)

SINGLE_LEG_BRIDGE = Exercise(
    id=ExerciseId.SINGLE_LEG_BRIDGE,
    kind=ExerciseKind.CONTROL,
    phases=(Phase.STRENGTHEN, Phase.POWER),
    purpose="Slow strength for the buttock, which pushes you forward and holds the pelvis.",
    standard=ExerciseVariant(
        "On your back, one foot down",
        "Lie on your back, one foot on the floor, the other leg straight in the air; lift the hips.",
        _BACK,
        each="leg",
    ),
    easier=ExerciseVariant(
        "On your back, both feet down",
        "Lift the hips with both feet on the floor.",
        _BACK,
    ),
    harder=ExerciseVariant(
        "Shoulders on a bench, one foot down",
        "Shoulder blades on a bench, so that the hips travel farther.",
        _BACK,
        each="leg",
    ),
    ladder=_CONTROL_LADDER,
    tempo=_BRIDGE,
    steps=(
        "Lie on your back, one foot close to the hips, the other leg straight, the thighs side by side.",
        (
            f"Push the foot into the floor and lift the hips for {in_words(_BRIDGE.up_s)} "
            "seconds until shoulder, hip and knee are in one line."
        ),
        (
            f"Hold for {in_words(_BRIDGE.hold_s)} seconds, lower for "
            f"{in_words(_BRIDGE.down_s)} seconds; change legs after each set."
        ),
    ),
    feel="Work in the buttock of the leg that is down, some in the back of the thigh.",
    never="The hip of the free leg dropping, or the lower back doing the lift.",
    source=_LEPPANEN,
    rest_s=_CONTROL_REST_S,
    track=Site.HIP,
    load_range_g=(0, 40_000),
)

HIP_THRUST = Exercise(
    id=ExerciseId.HIP_THRUST,
    kind=ExerciseKind.HEAVY,
    phases=(Phase.STRENGTHEN, Phase.POWER),
    purpose="The bridge with real weight, for a hip that needs more than your body weight.",
    standard=ExerciseVariant(
        "Shoulders on a bench, a weight on the hips",
        "Shoulder blades on a bench, both feet on the floor, a padded weight across the hips.",
        _BACK,
    ),
    easier=ExerciseVariant(
        "Shoulders on a bench, no weight",
        "The same with your own weight.",
        _BACK,
    ),
    harder=ExerciseVariant(
        "Shoulders on a bench, one foot down",
        "One foot on the floor, a lighter weight on the hips.",
        _BACK,
        each="leg",
    ),
    ladder=HEAVY_LADDER,
    tempo=SLOW,
    steps=(
        "Sit on the floor, upper back against a bench that cannot slide, both feet flat, a padded weight on the hips.",
        (
            f"Lift the hips for {in_words(SLOW.up_s)} seconds until "
            "shoulders, hips and knees are level, feet under the knees."
        ),
        f"Lower for at least {in_words(SLOW.down_s)} seconds until the hips are just above the floor.",
    ),
    feel="Heavy work in both buttocks.",
    never="An arched lower back at the top, or feet so far away that the back of the thigh cramps.",
    source=_LEPPANEN,
    rest_s=HEAVY_REST_S,
    track=Site.HIP,
    email_name="Bench bridge with a weight",
    load_range_g=(0, 200_000),
)

BAND_WALK = Exercise(
    id=ExerciseId.BAND_WALK,
    kind=ExerciseKind.CONTROL,
    phases=(Phase.POWER,),
    purpose="Keeps the pelvis level while one leg moves, as it must in every stride.",
    standard=ExerciseVariant(
        "Sideways, a band above the ankles",
        "Small side steps against a light band, knees soft, feet straight.",
        (Site.HIP,),
        each="side",
    ),
    easier=ExerciseVariant(
        "Sideways, a band above the knees",
        "The same with the band higher up, which is lighter.",
        (Site.HIP,),
        each="side",
    ),
    harder=ExerciseVariant(
        "Sideways, a band around the feet",
        "The same with the band around the middle of the feet.",
        (Site.HIP,),
        each="side",
    ),
    ladder=(Dose(2, reps=10), Dose(3, reps=10), Dose(3, reps=12)),
    tempo=Tempo(),
    steps=(
        "Put a light band around both legs, just above the ankles; feet under the hips, knees a little bent.",
        "Take a small step to one side, slowly, until the band is tight.",
        "Let the other foot follow until it’s under the hip again, the band still tight; all steps one way, then back.",
    ),
    feel="A burn in both outer hips, most in the leg that stands.",
    never="Swaying with the trunk, or the knees falling together.",
    source=_LEPPANEN,
    rest_s=_CONTROL_REST_S,
    track=Site.HIP,
    pace="slow and even",
    uncounted_rep_s=3,
)

HIP_HIKE = Exercise(
    id=ExerciseId.HIP_HIKE,
    kind=ExerciseKind.CONTROL,
    phases=(Phase.STRENGTHEN,),
    purpose="The outer hip lifts the whole pelvis, with a straight leg and nothing else moving.",
    standard=ExerciseVariant(
        "One leg on a step, the other hip down and up",
        "Stand sideways on a low step, one foot over the edge: let that side of the pelvis sink, then lift it.",
        (Site.HIP,),
        each="leg",
    ),
    easier=ExerciseVariant(
        "On the floor, hands on a counter",
        "Stand on one leg on the floor and lift the other side of the pelvis an inch.",
        (Site.HIP,),
        each="leg",
    ),
    harder=ExerciseVariant(
        "On a step, holding a weight",
        "A weight in the hand of the free side.",
        (Site.HIP,),
        each="leg",
    ),
    ladder=_CONTROL_LADDER,
    tempo=_CONTROL,
    steps=(
        "Stand on one leg on the edge of a low step, knee straight, fingertips on a wall; the other foot hangs free.",
        f"Let the free side of the pelvis sink for {in_words(_CONTROL.down_s)} seconds.",
        (
            f"Lift it for {in_words(_CONTROL.up_s)} seconds until it’s a "
            "little higher than the other; change legs after each set."
        ),
    ),
    feel="Work in the outer hip of the leg that stands.",
    never="Bending the standing knee, or leaning the trunk over.",
    source=_LEPPANEN,
    rest_s=_CONTROL_REST_S,
    track=Site.HIP,
    email_name="Standing pelvis lift",
    load_range_g=(0, 30_000),
)
