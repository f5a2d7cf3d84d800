"""Every exercise of the catalog as two scenes, start and end, drawn with the body of `pose_drawing`."""

from dataclasses import replace
from math import cos, radians, sin

from challenge.pages.figure_marks import Point, Shape, arrow, box, clock, disc
from challenge.pages.pose_drawing import GROUND, Arm, Leg, Pose, Scene
from challenge.pages.track_figures import TRACK_FIGURES

WALL = box(134, 20, 8, 180)
ON_WALL = Arm(at=(131, 64))
# The other foot is drawn a little behind, so that both are seen.
AT_WALL = Pose(near_arm=ON_WALL, far_arm=ON_WALL, x=100, anchor="near_ball")
ONE_LEG = replace(AT_WALL, far=Leg(26, -62, 12))
BOTH_FEET = replace(AT_WALL, far=Leg(at=(92, GROUND)))
BOTH_LOW = replace(AT_WALL, near=Leg(foot=12), far=Leg(foot=12, at=(92, GROUND)))
BOTH_HALF_UP = replace(AT_WALL, near=Leg(foot=24), far=Leg(foot=24, at=(92, GROUND)))
BOTH_UP = replace(AT_WALL, near=Leg(foot=44), far=Leg(foot=44, at=(92, GROUND)))
LOADED = replace(ONE_LEG, near_arm=Arm(4, 8))

SEATED = Pose(
    trunk=3,
    near=Leg(at=(116, GROUND)),
    far=Leg(at=(108, GROUND)),
    near_arm=Arm(at=(92, 132)),
    far_arm=Arm(at=(88, 132)),
    x=56,
    ground=143.5,
    anchor="hip",
)
SEATED_BOTH_UP = replace(
    SEATED,
    near=Leg(foot=36, at=(116, GROUND)),
    far=Leg(foot=36, at=(108, GROUND)),
    near_arm=Arm(at=(92, 126)),
    far_arm=Arm(at=(88, 126)),
)
SPLIT_LOW = Pose(
    trunk=5,
    near=Leg(at=(112, GROUND)),
    far=Leg(foot=52, at=(36, GROUND)),
    near_arm=Arm(2, 8),
    far_arm=Arm(2, 8),
    x=60,
    ground=138,
    anchor="hip",
)
SHORT_STEP = Pose(
    near=Leg(at=(108, GROUND)),
    far=Leg(foot=20, at=(78, GROUND)),
    near_arm=ON_WALL,
    far_arm=ON_WALL,
    x=84,
    ground=100,
    anchor="hip",
)
SHORT_STEP_UP = replace(
    SHORT_STEP, near=Leg(foot=32, at=(108, GROUND)), far=Leg(foot=32, at=(78, GROUND)), x=86, ground=95
)

HOP_ARMS = Arm(-8, 24)
HOP_LOW = Pose(
    trunk=2,
    near=Leg(8, -8, 14),
    far=Leg(foot=14, at=(76, GROUND)),
    near_arm=HOP_ARMS,
    far_arm=HOP_ARMS,
    x=84,
    anchor="near_ball",
)
HOP_HIGH = replace(HOP_LOW, near=Leg(0, -2, 46), far=Leg(-4, -6, 46), x=72, ground=190, anchor="low")
ONE_LOW = replace(HOP_LOW, far=Leg(26, -50, 15))
ONE_HIGH = replace(HOP_HIGH, far=Leg(26, -50, 15))
SKIP_LOW = Pose(
    trunk=3,
    near=Leg(10, -10),
    far=Leg(8, -72, 40),
    near_arm=Arm(-30, 48),
    far_arm=Arm(26, 96),
    x=78,
    anchor="near_ball",
)
SKIP_HIGH = Pose(
    trunk=2,
    near=Leg(-6, -10, 50),
    far=Leg(78, -6, 4),
    near_arm=Arm(34, 112),
    far_arm=Arm(-36, 44),
    x=74,
    ground=182,
)
MARCH = Pose(far=Leg(48, -24, 4), near_arm=Arm(26, 92), far_arm=Arm(-28, 46), x=84, anchor="near_ball")
MARCH_UP = replace(MARCH, near=Leg(foot=40))

LONG_LANDING = Pose(
    trunk=2, near=Leg(36, 24, -20), far=Leg(-26, -92, 58), near_arm=Arm(-46, 36), far_arm=Arm(36, 98), x=74
)
LANDING = Pose(
    trunk=5,
    near=Leg(at=(73, GROUND)),
    far=Leg(-14, -96, 58),
    near_arm=Arm(-42, 40),
    far_arm=Arm(30, 102),
    x=66,
    ground=103,
    anchor="hip",
)
TOE_OFF = Pose(
    trunk=6,
    near=Leg(-24, -34, 52),
    far=Leg(58, -26, 8),
    near_arm=Arm(28, 104),
    far_arm=Arm(-46, 36),
    x=42,
    anchor="near_ball",
)

CHAIR = Shape("prop", "M30 151h46v7H30zM34 158v42M72 158v42M32 151V97h6v54")
HEEL_UP = arrow((70, 196), (70, 170))
HEELS_UP = arrow((62, 196), (62, 170))
FRONT_HEEL_UP = arrow((132, 196), (132, 170))
SEATED_UP = arrow((84, 196), (84, 172))
OFF_THE_FLOOR = arrow((40, 196), (40, 170))
FORWARD = arrow((118, 24), (146, 24))
TICKS = Shape("ticks", "M18 210v6M34 210v6M50 210v6M66 208v10M82 210v6M98 210v6M114 210v6M130 210v6")
UNDER_HIP = Shape("ghost", "M66 103V200")
OUT_IN_FRONT = Shape("ghost", "M74 92V200")
NO_STEP = Shape("ghost", "M4 184h34v16")
NOT_THIS = Shape("move", "M13 168l16 16M29 168l-16 16")
CROSS = Shape("move", "M118 18l16 16M134 18l-16 16")
HOLD = clock(34, 120)


def heel(pose: Pose, degrees: float) -> Pose:
    """Return the pose with the near heel raised by `degrees`, lowered if negative."""
    return replace(pose, near=replace(pose.near, foot=degrees))


# One sole from above with its toes up, as points around its middle, and the nail of its big toe.
_SOLE = ((-7, 25), (-7, 10), (-5, 0), (-10, -10), (-8, -24), (8, -30), (9, -18), (6, -4), (5, 10), (7, 25))
_BIG_TOE: Point = (4, -22)


def footprints() -> tuple[Shape, ...]:
    """Return two soles seen from above in front of the wall, the big toes nearer to each other than the heels."""
    shapes = [box(-7, 106, 60, 5)]
    for mirror, middle, turn in ((1, 9, 5), (-1, 37, -5)):
        c, s = cos(radians(turn)), sin(radians(turn))
        points = [(x * mirror, y) for x, y in (*_SOLE, _BIG_TOE)]
        turned = [(middle + x * c - y * s, 148 + x * s + y * c) for x, y in points]
        shapes.append(Shape("sole", smooth(turned[:-1]) + disc(turned[-1], 2)))
    return tuple(shapes)


def smooth(points: list[Point]) -> str:
    """Return a closed curve that bends at each point and passes halfway between them."""
    halfway = [
        ((x + u) / 2, (y + v) / 2) for (x, y), (u, v) in zip(points, points[1:] + points[:1], strict=True)
    ]
    bends = "".join(
        f"Q{x:.1f} {y:.1f} {u:.1f} {v:.1f}" for (x, y), (u, v) in zip(points, halfway, strict=True)
    )
    return f"M{halfway[-1][0]:.1f} {halfway[-1][1]:.1f}{bends}Z"


def foot_close_up(lifted: float) -> tuple[Shape, ...]:
    """Return the inner side of a right foot, enlarged; `lifted` is the height of the arch above the floor."""
    top, arch = 148 - lifted * 0.5, 198 - lifted * 2
    outline = (
        f"M34 72V140C32 158 20 168 20 184C20 194 28 198 40 198Q72 {arch:g} 104 198H132C142 198 144 187 136 183"
        f"C116 176 100 168 88 {top + 8:g}C76 {top:g} 66 136 64 118V72"
    )
    return (Shape("sole", outline), Shape("load", f"M40 198Q72 {arch:g} 104 198"))


SHORTEN = (arrow((112, 212), (84, 212)), arrow((72, 176), (72, 156)))
SWAY = (
    Shape("ghost", "M52 140L74 66M46 140L24 66"),
    arrow((56, 54), (84, 54)),
    arrow((42, 54), (14, 54)),
)

# The easier forms that spare a knee or hip which the full form loads.
SPARING: dict[str, tuple[Scene, Scene]] = {
    "split_squat_calf_raise": (
        Scene("Tall in a short step, hands on the wall", SHORT_STEP, ("achilles", "arch"), (WALL,)),
        Scene(
            "Only the front heel rises; the back toes stay down",
            SHORT_STEP_UP,
            ("achilles", "arch"),
            (WALL,),
            (arrow((124, 194), (124, 170)),),
        ),
    ),
    "pogo_hops": (
        Scene("Both feet flat, knees straight", BOTH_FEET, ("achilles",), (WALL,)),
        Scene("Both heels up, quick; the toes stay down", BOTH_UP, ("achilles",), (WALL,), (HEELS_UP,)),
    ),
    "single_leg_hops": (
        Scene("On one leg, knee straight", ONE_LEG, ("achilles",), (WALL,)),
        Scene("Heel up, quick; the toes stay down", heel(ONE_LEG, 44), ("achilles",), (WALL,), (HEEL_UP,)),
    ),
    "skipping": (
        Scene("March: one foot flat, the other knee up a little", MARCH, ("achilles",)),
        Scene(
            "Up onto the ball of that foot; it stays on the ground", MARCH_UP, ("achilles",), (), (FORWARD,)
        ),
    ),
}
# The form whose heel never goes below the floor: no step, and the crossed one shows it.
ON_THE_FLOOR: dict[str, tuple[Scene, Scene]] = {
    "heavy_calf_raise": (
        Scene(
            "One leg, flat on the floor, no step", LOADED, ("achilles",), (WALL, NO_STEP), (NOT_THIS,), "hand"
        ),
        Scene(
            "Up, then down until the heel touches, no further",
            heel(LOADED, 44),
            ("achilles",),
            (WALL,),
            (HEEL_UP,),
            "hand",
        ),
    ),
}
FIGURES: dict[str, tuple[Scene, Scene]] = {
    **TRACK_FIGURES,
    "isometric_calf_hold": (
        Scene("Stand tall, both feet flat, fingertips on the wall", BOTH_FEET, (), (WALL,)),
        Scene(
            "Both heels halfway up, most weight on one leg, and stay",
            BOTH_HALF_UP,
            ("achilles",),
            (WALL,),
            (HOLD,),
        ),
    ),
    "isometric_soleus_hold": (
        Scene("Sit tall, a weight just above one knee", SEATED, (), (CHAIR,), (), "knee"),
        Scene(
            "That heel halfway up, and stay",
            heel(SEATED, 22),
            ("achilles",),
            (CHAIR,),
            (clock(140, 176),),
            "knee",
        ),
    ),
    "short_range_calf_raise": (
        Scene("Both heels just off the floor", BOTH_LOW, ("achilles",), (WALL,)),
        Scene("Up; then down, but not quite to the floor", BOTH_UP, ("achilles",), (WALL,), (HEELS_UP,)),
    ),
    "arch_raise": (
        Scene(
            "Slide the ball of the foot toward the heel: the arch rises", None, (), foot_close_up(5), SHORTEN
        ),
        Scene("Keep the arch up and sway forward, then back", None, (), foot_close_up(10), SWAY),
    ),
    "heavy_calf_raise": (
        Scene("One leg, knee straight, a weight in the hand", LOADED, ("achilles",), (WALL,), (), "hand"),
        Scene(
            "Up for three, down for four, knee straight",
            heel(LOADED, 44),
            ("achilles",),
            (WALL,),
            (HEEL_UP,),
            "hand",
        ),
    ),
    "heavy_seated_calf_raise": (
        Scene("Both feet flat, the weight just above the knees", SEATED, (), (CHAIR,), (), "knee"),
        Scene(
            "Both heels up for three, down for four",
            SEATED_BOTH_UP,
            ("achilles",),
            (CHAIR,),
            (SEATED_UP,),
            "knee",
        ),
    ),
    "split_squat_calf_raise": (
        Scene("Low in a long step, front foot flat", SPLIT_LOW, ("achilles", "arch")),
        Scene(
            "Only the front heel rises; stay low",
            heel(SPLIT_LOW, 36),
            ("achilles", "arch"),
            (),
            (FRONT_HEEL_UP,),
        ),
    ),
    "toes_in_calf_raise": (
        Scene("Toes turned in, up on both feet", BOTH_UP, ("arch",), (WALL, *footprints()), (HEELS_UP,)),
        Scene(
            "Over to one foot, down slowly, toes still in",
            ONE_LEG,
            ("achilles", "arch"),
            (WALL,),
            (arrow((66, 178), (66, 198)),),
        ),
    ),
    "pogo_hops": (
        Scene("Both feet: land on the balls, knees nearly straight", HOP_LOW, ("achilles",)),
        Scene("Off again at once, just clear of the floor", HOP_HIGH, ("achilles",), (), (OFF_THE_FLOOR,)),
    ),
    "single_leg_hops": (
        Scene("One leg: land on the ball, knee nearly straight", ONE_LOW, ("achilles",)),
        Scene("Off again at once, low, in one spot", ONE_HIGH, ("achilles",), (), (OFF_THE_FLOOR,)),
    ),
    "skipping": (
        Scene("Step onto one foot", SKIP_LOW, ("achilles",)),
        Scene("Hop and land on the same foot; then the other", SKIP_HIGH, ("achilles",), (), (FORWARD,)),
    ),
    "cadence_drill": (
        Scene("Not this: reaching out in front", LONG_LANDING, (), (OUT_IN_FRONT,), (CROSS,)),
        Scene("A foot down on every beat, under your hips", LANDING, (), (TICKS,), (UNDER_HIP, FORWARD)),
    ),
    "midfoot_strides": (
        Scene(
            "Land on the middle of the foot, under your hips",
            LANDING,
            ("achilles",),
            (),
            (UNDER_HIP, FORWARD),
        ),
        Scene("Off again, tall, leaning a little", TOE_OFF, ("achilles",), (), (FORWARD,)),
    ),
}
