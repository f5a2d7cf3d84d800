"""The knee's track, next to the clinic's base: holds first, then slow strength, then control on one leg."""

from __future__ import annotations

from challenge.protocol.catalog.form import Dose, Exercise, ExerciseVariant, Tempo
from challenge.protocol.catalog.heavy import HEAVY_LADDER, HEAVY_REST_S, SLOW
from challenge.protocol.vocabulary import ExerciseId, ExerciseKind, Phase, Site
from challenge.protocol.wording import in_words

_WILLY = (
    "a proposal until the clinic confirms it; Willy 2019 (patellofemoral guideline): hip and knee strength "
    "together"
)
_FRONT = (Site.KNEE, Site.THIGH)
_WHOLE = (Site.KNEE, Site.THIGH, Site.HIP)
_HOLD_LADDER = (Dose(4, seconds=30), Dose(5, seconds=30), Dose(5, seconds=45))
_HOLD_REST_S = 60
_CONTROL = Tempo(up_s=2, down_s=3)
_CONTROL_REST_S = 30

WALL_SIT = Exercise(
    id=ExerciseId.WALL_SIT,
    kind=ExerciseKind.ISOMETRIC,
    phases=(Phase.SETTLE,),
    purpose="Loads the front of the thigh without moving the knee, so that strength stays while the knee calms down.",
    standard=ExerciseVariant(
        "Back on the wall, thighs halfway down",
        "Slide down a wall until your knees are bent about halfway to a chair’s height, and stay.",
        _FRONT,
    ),
    easier=ExerciseVariant(
        "Back on the wall, a little bend",
        "The same, higher up: the knees only a little bent. Slide down as far as it stays calm.",
        _FRONT,
    ),
    harder=ExerciseVariant(
        "Back on the wall, thighs level",
        "As low as a chair, and then a weight on your lap.",
        _FRONT,
    ),
    ladder=_HOLD_LADDER,
    tempo=Tempo(hold_s=_HOLD_LADDER[0].seconds or 0),
    steps=(
        "Lean your back flat on a wall, both feet a long step in front of it.",
        "Slide down half as far as you would to sit in a chair, hips well above the knees; each knee over its ankle.",
        "Hold still for as long as your dose says, and breathe.",
    ),
    feel="A steady burn in the front of both thighs.",
    never="Knees falling together or far past the toes, or pain climbing into red while you hold.",
    source=_WILLY,
    rest_s=_HOLD_REST_S,
    track=Site.KNEE,
    load_range_g=(0, 40_000),
)

SPANISH_SQUAT_HOLD = Exercise(
    id=ExerciseId.SPANISH_SQUAT_HOLD,
    kind=ExerciseKind.ISOMETRIC,
    phases=(Phase.SETTLE,),
    purpose="A stronger wall sit: a strap behind the knees takes your weight and the thighs do the work.",
    standard=ExerciseVariant(
        "Leaning back into a strap",
        "A firm strap from a post runs behind both knees. Sit back into it with upright shins, and stay.",
        _FRONT,
    ),
    easier=ExerciseVariant(
        "Leaning back into a strap, higher",
        "The same with a little bend; hold on to the post with both hands.",
        _FRONT,
    ),
    harder=ExerciseVariant(
        "Leaning back into a strap, thighs level",
        "Sit as low as a chair, a weight held at the chest.",
        _FRONT,
    ),
    ladder=_HOLD_LADDER,
    tempo=Tempo(hold_s=_HOLD_LADDER[0].seconds or 0),
    steps=(
        (
            "Loop a strap that cannot stretch around a post at knee height, "
            "step in, and walk back until it is tight behind both knees."
        ),
        "Sit back and down, halfway to the height of a chair: shins upright, back tall, arms out in front.",
        "Hold still for as long as your dose says, and breathe.",
    ),
    feel="Hard work just above the kneecaps, almost nothing in the back.",
    never="A loose or elastic strap, or a post that moves.",
    source=_WILLY,
    rest_s=_HOLD_REST_S,
    track=Site.KNEE,
    load_range_g=(0, 40_000),
)

SLOW_SPLIT_SQUAT = Exercise(
    id=ExerciseId.SLOW_SPLIT_SQUAT,
    kind=ExerciseKind.HEAVY,
    phases=(Phase.STRENGTHEN, Phase.POWER),
    purpose="Slow strength for thigh and hip, one leg at a time, as running uses them.",
    standard=ExerciseVariant(
        "In a long step, holding weights",
        "One foot far in front of the other; the back knee goes down toward the floor and up again.",
        _WHOLE,
        each="leg",
    ),
    easier=ExerciseVariant(
        "In a long step, halfway, a hand on a chair",
        "No weight, one hand on a chair; only as low as it stays calm.",
        _WHOLE,
        each="leg",
    ),
    harder=ExerciseVariant(
        "Back foot on a bench",
        "The back foot rests on a low bench, a weight in each hand.",
        _WHOLE,
        each="leg",
    ),
    ladder=HEAVY_LADDER,
    tempo=SLOW,
    steps=(
        "Stand in a long step, most of your weight on the front foot, a weight in each hand.",
        (
            f"Sink for at least {in_words(SLOW.down_s)} seconds until the back "
            "knee is a hand’s breadth above the floor; the front foot stays flat."
        ),
        f"Push the front foot into the floor and rise for {in_words(SLOW.up_s)} seconds.",
    ),
    feel="Heavy work in the front thigh and the buttock of the front leg.",
    never="The front knee falling inward, or the front heel leaving the floor.",
    source=_WILLY,
    rest_s=HEAVY_REST_S,
    track=Site.KNEE,
    load_range_g=(0, 100_000),
)

LEG_PRESS = Exercise(
    id=ExerciseId.LEG_PRESS,
    kind=ExerciseKind.HEAVY,
    phases=(Phase.STRENGTHEN, Phase.POWER),
    purpose="The same slow strength on a machine, where balance is not in the way.",
    standard=ExerciseVariant(
        "Both feet on the plate",
        "Feet as wide as the hips, the knees bent to a right angle at most.",
        _WHOLE,
    ),
    easier=ExerciseVariant(
        "Both feet, a short way, lighter",
        "Half the weight, and only the last half of the push.",
        _WHOLE,
    ),
    harder=ExerciseVariant(
        "One foot on the plate",
        "One leg at a time with half the weight.",
        _WHOLE,
        each="leg",
    ),
    ladder=HEAVY_LADDER,
    tempo=SLOW,
    steps=(
        "Sit deep in the seat, both feet flat on the plate, knees in line with the toes, hands on the handles.",
        f"Push for {in_words(SLOW.up_s)} seconds until the legs are nearly straight.",
        f"Let the plate come back for at least {in_words(SLOW.down_s)} seconds, to a right angle of the knees at most.",
    ),
    feel="Heavy, even work in both thighs.",
    never="Knees snapping straight, or the lower back rolling off the seat.",
    source=_WILLY,
    rest_s=HEAVY_REST_S,
    track=Site.KNEE,
    load_range_g=(0, 250_000),
)

STEP_DOWN = Exercise(
    id=ExerciseId.STEP_DOWN,
    kind=ExerciseKind.CONTROL,
    phases=(Phase.STRENGTHEN, Phase.POWER),
    purpose="Teaches the knee to stay over the foot while one leg lets you down, as in every step downhill.",
    standard=ExerciseVariant(
        "Off a low step, heel to the floor",
        "Stand on a low step; the other heel touches the floor in front of it and comes back.",
        _WHOLE,
        each="leg",
    ),
    easier=ExerciseVariant(
        "Off a thick book, fingertips on a wall",
        "The same from a height of two inches.",
        _WHOLE,
        each="leg",
    ),
    harder=ExerciseVariant(
        "Off a full step, holding a weight",
        "A stair’s height, a weight at the chest.",
        _WHOLE,
        each="leg",
    ),
    ladder=(Dose(3, reps=8), Dose(3, reps=10), Dose(3, reps=12)),
    tempo=_CONTROL,
    steps=(
        "Stand on one leg at the front edge of a low step, hips level, arms hanging; the other foot is out in front.",
        f"Bend the standing knee for {in_words(_CONTROL.down_s)} seconds until the other heel just touches the floor.",
        (
            f"Push back up for {in_words(_CONTROL.up_s)} seconds without "
            "help from the lower foot; change legs after each set."
        ),
    ),
    feel="Work in the standing thigh and on the outer side of that hip.",
    never="The standing knee falling inward, the hip dropping, or landing on the lower foot.",
    source=_WILLY,
    rest_s=_CONTROL_REST_S,
    track=Site.KNEE,
    load_range_g=(0, 30_000),
)
