"""Every exercise of the catalog as two scenes, start and end, drawn with the body of `pose_drawing`."""

from dataclasses import replace

from challenge.pages.pose_drawing import Arm, Leg, Pose, Scene, Shape, arrow, box, clock
from challenge.pages.track_figures import TRACK_FIGURES

AT_WALL = Pose(far=Leg(14, -62, 12), near_arm=Arm(38, 102), far_arm=Arm(42, 96), x=78)
BOTH_FEET = replace(AT_WALL, far=Leg(-3, -3))
BOTH_HALF_UP = replace(AT_WALL, near=Leg(foot=24), far=Leg(-3, -3, 24))
BOTH_UP = replace(AT_WALL, near=Leg(foot=40), far=Leg(-3, -3, 40))
LOADED = replace(AT_WALL, far=Leg(10, -70, 20), near_arm=Arm(16, 22), far_arm=Arm(44, 98))
SEATED = Pose(trunk=4, near=Leg(88, 0), far=Leg(84, 4), near_arm=Arm(28, 74), far_arm=Arm(26, 70), x=56)
SEATED_BOTH_UP = replace(SEATED, near=Leg(88, 0, 36), far=Leg(84, 4, 36))
SPLIT_LOW = Pose(trunk=6, near=Leg(66, -8), far=Leg(-8, -72, 52), near_arm=Arm(4, 6), far_arm=Arm(2, 6), x=62)
HOP_LOW = Pose(
    trunk=5, near=Leg(16, -14, 12), far=Leg(14, -16, 12), near_arm=Arm(-22, 34), far_arm=Arm(-16, 40), x=75
)
HOP_HIGH = Pose(
    near=Leg(0, -2, 48), far=Leg(-3, -5, 46), near_arm=Arm(24, 62), far_arm=Arm(18, 58), x=75, ground=194
)
ONE_LOW = replace(HOP_LOW, far=Leg(20, -58, 15))
ONE_HIGH = replace(HOP_HIGH, far=Leg(34, -52, 20))
SKIP_LOW = Pose(
    trunk=3, near=Leg(12, -12), far=Leg(8, -72, 40), near_arm=Arm(-30, 48), far_arm=Arm(26, 96), x=68
)
SKIP_HIGH = Pose(
    trunk=2,
    near=Leg(-6, -10, 50),
    far=Leg(82, -4, 4),
    near_arm=Arm(34, 112),
    far_arm=Arm(-36, 44),
    x=74,
    ground=182,
)
LONG_LANDING = Pose(
    trunk=2, near=Leg(36, 24, -20), far=Leg(-26, -92, 58), near_arm=Arm(-46, 36), far_arm=Arm(36, 98), x=74
)
LANDING = Pose(
    trunk=6, near=Leg(26, 2, 2), far=Leg(-14, -96, 58), near_arm=Arm(-42, 40), far_arm=Arm(30, 102), x=66
)
TOE_OFF = Pose(
    trunk=8, near=Leg(-24, -34, 52), far=Leg(58, -26, 8), near_arm=Arm(28, 104), far_arm=Arm(-46, 36), x=72
)

SHORT_STEP = Pose(
    trunk=2, near=Leg(14, 8), far=Leg(-18, -32, 20), near_arm=Arm(38, 102), far_arm=Arm(42, 96), x=84
)
MARCH = Pose(near=Leg(-2, -2), far=Leg(62, -20, 4), near_arm=Arm(-28, 46), far_arm=Arm(26, 92), x=74)

UP_IN_FRONT = arrow((136, 190), (136, 160))
SEATED_UP = arrow((128, 190), (128, 160))
WALL = box(134, 20, 8, 180)
CHAIR = Shape("prop", "M30 146h46v7H30zM34 153v47M72 153v47M32 146V92h6v54")
UP = arrow((34, 168), (34, 138))
DOWN = arrow((34, 138), (34, 168))
BESIDE_TOES_UP = arrow((118, 192), (118, 164))
BESIDE_TOES_DOWN = arrow((118, 164), (118, 192))
FORWARD = arrow((106, 24), (134, 24))
TICKS = Shape("ticks", "M20 210v6M42 210v6M64 210v6M86 210v6M108 210v6M130 210v6")
UNDER_HIP = Shape("ghost", "M66 92V200")
OUT_IN_FRONT = Shape("ghost", "M74 92V200")
NO_STEP = Shape("ghost", "M8 184h34v16")
NOT_THIS = Shape("move", "M15 168l16 16M31 168l-16 16")
DOWN_TO_FLOOR = arrow((118, 166), (118, 196))
CROSS = Shape("move", "M118 18l16 16M134 18l-16 16")
ROCKING = (arrow((76, 212), (112, 212)), arrow((76, 212), (40, 212)))


def heel(pose: Pose, degrees: float) -> Pose:
    """Return the pose with the near heel raised by `degrees`, lowered if negative."""
    return replace(pose, near=replace(pose.near, foot=degrees))


def footprints() -> tuple[Shape, ...]:
    """Return two soles seen from above, with the toes angled in."""
    left = (
        "M0 186C-4 180 -2 174 1 168C4 160 6 148 14 148S22 160 18 168C15 174 14 180 10 186C7 190 3 190 0 186Z"
    )
    right = "M42 186C46 180 44 174 41 168C38 160 36 148 28 148S20 160 24 168C27 174 28 180 32 186C35 190 39 190 42 186Z"
    return (Shape("sole", left), Shape("sole", right))


def foot_close_up(lifted: float) -> tuple[Shape, ...]:
    """Return the inner side of a right foot, enlarged; `lifted` is the height of the arch above the floor."""
    arch = 198 - lifted
    outline = (
        f"M16 196C10 196 8 184 14 172C20 160 26 140 26 112H58C58 138 66 148 84 {158 - lifted / 2:g}"
        f"C106 {168 - lifted / 3:g} 128 176 138 184C143 189 141 197 134 198H104Q66 {arch - lifted * 0.7:g} 40 197Z"
    )
    return (Shape("sole", outline), Shape("load", f"M40 197Q68 {arch - lifted * 0.7 - 1:g} 104 198"))


HOLD = clock(34, 120)

# The easier forms that spare a knee or hip which the full form loads.
SPARING: dict[str, tuple[Scene, Scene]] = {
    "split_squat_calf_raise": (
        Scene("Tall in a short step, hands on the wall", SHORT_STEP, ("achilles",), (WALL,)),
        Scene("Only the front heel rises", heel(SHORT_STEP, 32), ("achilles",), (WALL,), (BESIDE_TOES_UP,)),
    ),
    "pogo_hops": (
        Scene("Both feet down, tall", BOTH_FEET, ("achilles",), (WALL,)),
        Scene("Heels up, quick, no flight", BOTH_UP, ("achilles",), (WALL,), (UP,)),
    ),
    "single_leg_hops": (
        Scene("On one leg, tall", AT_WALL, ("achilles",), (WALL,)),
        Scene(
            "Heel up, quick; the toes stay down", heel(AT_WALL, 40), ("achilles",), (WALL,), (BESIDE_TOES_UP,)
        ),
    ),
    "skipping": (
        Scene("March tall, one foot flat", MARCH, ("achilles",)),
        Scene("Up onto the forefoot, no flight", heel(MARCH, 36), ("achilles",), (), (FORWARD,)),
    ),
}
# The form whose heel never goes below the floor: no step, and the crossed one says so.
ON_THE_FLOOR: dict[str, tuple[Scene, Scene]] = {
    "heavy_calf_raise": (
        Scene(
            "The whole foot on the flat floor, no step",
            LOADED,
            ("achilles",),
            (WALL, NO_STEP),
            (NOT_THIS,),
            "hand",
        ),
        Scene(
            "Up; down until the heel touches, no further",
            heel(LOADED, 40),
            ("achilles",),
            (WALL,),
            (DOWN_TO_FLOOR,),
            "hand",
        ),
    ),
}
FIGURES: dict[str, tuple[Scene, Scene]] = {
    **TRACK_FIGURES,
    "isometric_calf_hold": (
        Scene("Stand tall, fingertips on the wall", BOTH_FEET, (), (WALL,)),
        Scene(
            "Both heels half way up, most weight on one leg", BOTH_HALF_UP, ("achilles",), (WALL,), (HOLD,)
        ),
    ),
    "isometric_soleus_hold": (
        Scene("Sit tall, a weight just above the knee", SEATED, ("achilles",), (CHAIR,), (), "knee"),
        Scene(
            "Heel half way up, and stay",
            heel(SEATED, 24),
            ("achilles",),
            (CHAIR,),
            (clock(128, 160),),
            "knee",
        ),
    ),
    "short_range_calf_raise": (
        Scene("Flat on the floor, never below", BOTH_FEET, ("achilles",), (WALL,)),
        Scene("Up, then down to just before the floor", BOTH_UP, ("achilles",), (WALL,), (UP,)),
    ),
    "arch_raise": (
        Scene("Heel and ball of the big toe down", None, (), foot_close_up(2)),
        Scene("Arch up and kept; heel and ball stay down", None, (), foot_close_up(22), ROCKING),
    ),
    "heavy_calf_raise": (
        Scene("One leg, a weight in the hand", LOADED, ("achilles",), (WALL,), (), "hand"),
        Scene(
            "Up for three, down for four, knee straight",
            heel(LOADED, 40),
            ("achilles",),
            (WALL,),
            (BESIDE_TOES_UP,),
            "hand",
        ),
    ),
    "heavy_seated_calf_raise": (
        Scene("Feet flat, the weight just above the knee", SEATED, ("achilles",), (CHAIR,), (), "knee"),
        Scene(
            "Heels up for three, down for four",
            SEATED_BOTH_UP,
            ("achilles",),
            (CHAIR,),
            (SEATED_UP,),
            "knee",
        ),
    ),
    "split_squat_calf_raise": (
        Scene("Low in a long step, front foot flat", SPLIT_LOW, ("achilles",)),
        Scene("Only the front heel rises", heel(SPLIT_LOW, 32), ("achilles",), (), (UP_IN_FRONT,)),
    ),
    "toes_in_calf_raise": (
        Scene("Toes angled in, up on both feet", BOTH_UP, (), (WALL, *footprints())),
        Scene("Down on one, slowly", AT_WALL, ("achilles", "arch"), (WALL,), (BESIDE_TOES_DOWN,)),
    ),
    "pogo_hops": (
        Scene("Both feet: land on the balls, quiet knees", HOP_LOW, ("achilles",)),
        Scene("Stiff ankles, off again at once", HOP_HIGH, ("achilles",), (), (UP,)),
    ),
    "single_leg_hops": (
        Scene("One leg: land on the ball, quiet knee", ONE_LOW, ("achilles",)),
        Scene("Small, springy, in one spot", ONE_HIGH, ("achilles",), (), (UP,)),
    ),
    "skipping": (
        Scene("Push off from under you", SKIP_LOW, ("achilles",)),
        Scene("Hop on that foot, knee up; then the other side", SKIP_HIGH, ("achilles",), (), (FORWARD,)),
    ),
    "cadence_drill": (
        Scene("Not this: reaching out in front", LONG_LANDING, ("knee",), (OUT_IN_FRONT,), (CROSS,)),
        Scene("A foot down on every tick, under you", LANDING, (), (UNDER_HIP, TICKS), (FORWARD,)),
    ),
    "midfoot_strides": (
        Scene("The whole foot, close under the hip", LANDING, ("achilles",), (UNDER_HIP,)),
        Scene("Off again, tall and quick", TOE_OFF, ("achilles",), (), (FORWARD,)),
    ),
}
