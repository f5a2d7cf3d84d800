"""The exercises of the tracks as two scenes each, start and end, drawn with the body of `pose_drawing`."""

from dataclasses import replace

from challenge.pages.pose_drawing import (
    Arm,
    FrontPose,
    Leg,
    Pose,
    Scene,
    Shape,
    arrow,
    box,
    clock,
    front_joints,
    line,
)

BACK_WALL = box(36, 20, 8, 180)
WALL_TALL = Pose(
    near=Leg(24, 24),
    far=Leg(22, 22),
    near_arm=Arm(6, 10),
    far_arm=Arm(10, 12),
    x=83,
    anchor="near_heel",
    neck=6,
)
WALL_LOW = replace(WALL_TALL, near=Leg(58, 0), far=Leg(55, 0))

POST = box(136, 20, 8, 180)
STRAP_TALL = Pose(
    near=Leg(4, -2), far=Leg(2, -4), near_arm=Arm(34, 70), far_arm=Arm(36, 72), x=72, anchor="near_heel"
)
STRAP_LOW = Pose(
    trunk=12,
    near=Leg(64, 0),
    far=Leg(61, 0),
    near_arm=Arm(48, 80),
    far_arm=Arm(50, 82),
    x=72,
    anchor="near_heel",
)

SPLIT_TALL = Pose(
    trunk=2, near=Leg(28, 12), far=Leg(-24, -34, 34), near_arm=Arm(2, 4), far_arm=Arm(0, 4), x=68
)
SPLIT_DOWN = Pose(
    trunk=6, near=Leg(74, -4), far=Leg(-6, -84, 60), near_arm=Arm(4, 6), far_arm=Arm(2, 6), x=62
)

PRESS_BENT = Pose(
    trunk=-32,
    near=Leg(134, 46, -90),
    far=Leg(131, 49, -90),
    near_arm=Arm(20, 40),
    far_arm=Arm(18, 40),
    x=46,
    ground=158,
    anchor="hip",
    neck=-8,
)
PRESS_LONG = replace(PRESS_BENT, near=Leg(104, 82, -90), far=Leg(101, 85, -90))
PRESS_SEAT = (
    Shape("prop", "M36 168h34v7H36zM28 168L-2 96h8l30 72z"),
    Shape("prop", "M44 175h10v25H44z"),
)

STEP = box(46, 186, 42, 14)
STEP_TALL = Pose(
    near=Leg(0, 0),
    far=Leg(16, 10, -6),
    near_arm=Arm(10, 16),
    far_arm=Arm(14, 20),
    x=65,
    ground=186,
    anchor="near_heel",
)
STEP_LOW = Pose(
    trunk=14,
    near=Leg(44, -36),
    far=Leg(28, 26, -24),
    near_arm=Arm(44, 78),
    far_arm=Arm(48, 82),
    x=65,
    ground=186,
    anchor="near_heel",
)

# On the side and facing the reader, so that no one takes them for a body that lies on its front or its back.
PLANK_DOWN = FrontPose(
    turn=62,
    near=Leg(26, 26),
    far=Leg(21, 23),
    near_arm=Arm(-62, -152),
    far_arm=Arm(30, -30),
    x=72,
    ground=198,
    size=0.8,
)
PLANK_UP = FrontPose(
    turn=75,
    near=Leg(-3, -3),
    far=Leg(-9, -7),
    near_arm=Arm(-75, -165),
    far_arm=Arm(105, 105),
    x=76,
    ground=198,
    size=0.8,
)

SIDE_WALL = box(8, 96, 134, 104)
LYING = FrontPose(
    turn=-90,
    near=Leg(1, 1),
    far=Leg(0, -12),
    near_arm=Arm(-26, 24),
    far_arm=Arm(176, -158),
    x=76,
    ground=197,
    size=0.7,
    folded=0.45,
)
LYING_UP = replace(LYING, near=Leg(-32, -32))

BRIDGE_DOWN = Pose(
    trunk=-90,
    near=Leg(145, 35),
    far=Leg(145, 145, -140),
    near_arm=Arm(84, 92),
    far_arm=Arm(84, 92),
    x=99,
    anchor="near_heel",
    neck=-86,
    size=0.78,
)
BRIDGE_UP = replace(
    BRIDGE_DOWN,
    trunk=-116,
    near=Leg(116, 22),
    far=Leg(116, 116, -112),
    near_arm=Arm(84, 90),
    far_arm=Arm(84, 90),
)

BENCH = box(0, 158, 34, 42)
THRUST_DOWN = Pose(
    trunk=-62,
    near=Leg(122, 4),
    far=Leg(120, 6),
    near_arm=Arm(58, 76),
    far_arm=Arm(58, 76),
    x=104,
    anchor="near_heel",
    neck=-30,
    size=0.88,
)
THRUST_UP = replace(
    THRUST_DOWN,
    trunk=-90,
    near=Leg(90, 0),
    far=Leg(90, 2),
    near_arm=Arm(96, 100),
    far_arm=Arm(96, 100),
    neck=-70,
)

HIKE_STEP = box(28, 182, 46, 18)
HIKE_DOWN = FrontPose(tilt=-20, near=Leg(-7, 0), far=Leg(4, 2), x=58, ground=182)
HIKE_UP = replace(HIKE_DOWN, tilt=16, near=Leg(3, 0), far=Leg(2, 0))
LEVEL = Shape("ghost", "M24 83H128")

WALK_TOGETHER = FrontPose(near=Leg(-3, 0), far=Leg(3, 0), near_arm=Arm(-38, 44), far_arm=Arm(38, -44), x=44)
WALK_APART = replace(WALK_TOGETHER, near=Leg(-8, -4), far=Leg(26, 20))


def belt(pose: FrontPose) -> Shape:
    """Return a line through both hips that shows how level the pelvis is."""
    joints = front_joints(pose)
    (x, y), (u, v) = joints["near_hip"], joints["far_hip"]
    dx, dy = (u - x) * 0.9, (v - y) * 0.9
    return Shape("move", line((x - dx, y - dy), (u + dx, v + dy)))


def strap(knee_x: float, knee_y: float) -> Shape:
    """Return a strap from the post around the back of the knees."""
    return Shape(
        "band", line((136, knee_y - 4), (knee_x - 7, knee_y - 3), (knee_x - 7, knee_y + 4), (136, knee_y + 4))
    )


TRACK_FIGURES: dict[str, tuple[Scene, Scene]] = {
    "wall_sit": (
        Scene("Back flat on the wall, feet a long step out", WALL_TALL, (), (BACK_WALL,)),
        Scene("Slide down halfway, and stay", WALL_LOW, ("thigh", "knee"), (BACK_WALL,), (clock(132, 120),)),
    ),
    "spanish_squat_hold": (
        Scene("A strap from a post behind both knees", STRAP_TALL, (), (POST, strap(77, 156))),
        Scene(
            "Sit back into it, shins upright, and stay",
            STRAP_LOW,
            ("thigh", "knee"),
            (POST, strap(76, 158)),
            (clock(118, 60),),
        ),
    ),
    "slow_split_squat": (
        Scene("A long step, a weight in each hand", SPLIT_TALL, ("thigh",), (), (), "hand"),
        Scene(
            "Back knee down, front foot flat",
            SPLIT_DOWN,
            ("thigh", "knee"),
            (),
            (arrow((14, 96), (14, 128)),),
            "hand",
        ),
    ),
    "leg_press": (
        Scene(
            "Knees bent to a right angle at most", PRESS_BENT, ("thigh",), (*PRESS_SEAT, box(110, 118, 7, 66))
        ),
        Scene(
            "Push until the legs are nearly straight",
            PRESS_LONG,
            ("thigh", "knee"),
            (*PRESS_SEAT, box(142, 118, 7, 66)),
            (arrow((100, 100), (132, 100)),),
        ),
    ),
    "step_down": (
        Scene("On one leg at the edge of a low step", STEP_TALL, (), (STEP,)),
        Scene(
            "Bend that knee; the other heel just touches",
            STEP_LOW,
            ("thigh", "knee", "hip"),
            (STEP,),
            (arrow((26, 100), (26, 134)),),
        ),
    ),
    "side_plank": (
        Scene("On your side, facing out, elbow under the shoulder", PLANK_DOWN),
        Scene("Hips up: one straight line, and stay", PLANK_UP, ("hip",), (), (clock(112, 128),)),
    ),
    "side_lying_lift": (
        Scene("On your side along a wall, the lower knee bent", LYING, (), (SIDE_WALL,)),
        Scene(
            "Straight top leg up, toes forward, and stay",
            LYING_UP,
            ("hip",),
            (SIDE_WALL,),
            (clock(112, 118),),
        ),
    ),
    "single_leg_bridge": (
        Scene("On your back, one foot down, thighs side by side", BRIDGE_DOWN),
        Scene(
            "Hips up: shoulder, hip and knee in one line",
            BRIDGE_UP,
            ("buttock",),
            (),
            (arrow((52, 134), (52, 104)),),
        ),
    ),
    "hip_thrust": (
        Scene("Shoulders on a bench, a weight on the hips", THRUST_DOWN, (), (BENCH,), (), "hip"),
        Scene(
            "Hips up until all is level",
            THRUST_UP,
            ("buttock",),
            (BENCH,),
            (arrow((100, 120), (100, 90)),),
            "hip",
        ),
    ),
    "hip_hike": (
        Scene(
            "On one leg: let the free side sink",
            HIKE_DOWN,
            ("hip",),
            (HIKE_STEP, LEVEL),
            (belt(HIKE_DOWN), arrow((118, 92), (118, 118))),
        ),
        Scene(
            "Then lift it, knee straight",
            HIKE_UP,
            ("hip",),
            (HIKE_STEP, LEVEL),
            (belt(HIKE_UP), arrow((118, 106), (118, 74))),
        ),
    ),
    "band_walk": (
        Scene(
            "A band above the ankles, feet under the hips", WALK_TOGETHER, (), (Shape("band", "M40 182H70"),)
        ),
        Scene(
            "A small step out against the band",
            WALK_APART,
            ("hip",),
            (Shape("band", "M40 182H110"),),
            (arrow((100, 40), (132, 40)),),
        ),
    ),
}
