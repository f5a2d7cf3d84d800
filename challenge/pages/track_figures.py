"""The exercises of the tracks as two scenes each, start and end, drawn with the body of `pose_drawing`."""

from dataclasses import replace

from challenge.pages.figure_marks import Shape, arrow, box, clock, line
from challenge.pages.pose_drawing import GROUND, Arm, FrontPose, Leg, Pose, Scene, front_joints

BACK_WALL = box(36, 20, 8, 180)
WALL_TALL = Pose(
    near=Leg(at=(107, GROUND)),
    far=Leg(at=(100, GROUND)),
    near_arm=Arm(6, 10),
    far_arm=Arm(10, 12),
    x=51.5,
    ground=108.7,
    anchor="hip",
    neck=6,
)
WALL_LOW = replace(WALL_TALL, ground=126)

POST = (box(137, 96, 4, 100), box(128, 196, 22, 4))
STRAP_TALL = Pose(
    near=Leg(at=(90, GROUND)),
    far=Leg(at=(84, GROUND)),
    near_arm=Arm(62, 84),
    far_arm=Arm(64, 86),
    x=76,
    ground=100,
    anchor="hip",
)
STRAP_LOW = replace(STRAP_TALL, trunk=5, x=36, ground=126)

SPLIT_TALL = Pose(
    trunk=2,
    near=Leg(at=(112, GROUND)),
    far=Leg(foot=52, at=(36, GROUND)),
    near_arm=Arm(16, 18),
    far_arm=Arm(-22, -18),
    x=68,
    ground=107,
    anchor="hip",
)
SPLIT_DOWN = replace(SPLIT_TALL, trunk=4, x=58, ground=146)

PRESS_BENT = Pose(
    trunk=-32,
    near=Leg(foot=-90, at=(112, 125)),
    far=Leg(foot=-90, at=(112, 119)),
    near_arm=Arm(at=(46, 156)),
    far_arm=Arm(at=(46, 156)),
    x=46,
    ground=160.5,
    anchor="hip",
    neck=-8,
)
PRESS_LONG = replace(PRESS_BENT, near=Leg(foot=-90, at=(139, 120)), far=Leg(foot=-90, at=(139, 114)))
PRESS_SEAT = (
    Shape("prop", "M36 168h34v7H36zM28 168L-2 96h8l30 72z"),
    Shape("prop", "M44 175h10v25H44z"),
)

STEP = box(40, 186, 52, 14)
STEP_TALL = Pose(
    far=Leg(24, 14, -6), near_arm=Arm(2, 8), far_arm=Arm(2, 8), x=84, ground=184, anchor="near_ball"
)
STEP_LOW = replace(
    STEP_TALL,
    trunk=12,
    near=Leg(at=(84, 184)),
    far=Leg(foot=-20, at=(98, GROUND), on="heel"),
    x=57,
    ground=110,
    anchor="hip",
)

# On the side and facing the reader, so that no one takes them for a body that lies on its front or its back.
PLANK_DOWN = FrontPose(
    tilt=33,
    turn=57,
    near=Leg(37, 37, 37),
    far=Leg(28, 28, 28),
    near_arm=Arm(-57, -100),
    far_arm=Arm(30, -30),
    x=72,
    ground=195.5,
    size=0.8,
    forearm=0.4,
)
PLANK_UP = replace(
    PLANK_DOWN,
    tilt=0,
    turn=77.6,
    near=Leg(4.5, 4.5, 4.5),
    far=Leg(-4.5, -4.5, -4.5),
    near_arm=Arm(-77.6, -120),
)

# The wall fills the background, and the floor comes toward the reader: the lower knee points there.
SIDE_WALL = box(-40, -80, 230, 264)
LYING = FrontPose(
    turn=-90,
    near=Leg(1, 1),
    far=Leg(30, -24),
    near_arm=Arm(-26, 24),
    far_arm=Arm(176, -158),
    x=72,
    ground=194,
    size=0.7,
    folded=0.85,
)
LYING_UP = replace(LYING, near=Leg(-28, -28))

BRIDGE_DOWN = Pose(
    trunk=-90,
    near=Leg(at=(118, GROUND)),
    far=Leg(142, 142, -140),
    near_arm=Arm(84, 86),
    far_arm=Arm(84, 86),
    x=68,
    ground=192.5,
    anchor="hip",
    neck=-80,
    size=0.78,
)
BRIDGE_UP = replace(BRIDGE_DOWN, trunk=-115.7, far=Leg(111, 111, -108), x=63.8, ground=174.3)

BENCH = box(0, 158, 34, 42)
THRUST_DOWN = Pose(
    trunk=-32.6,
    near=Leg(at=(128, GROUND)),
    far=Leg(at=(121, GROUND)),
    near_arm=Arm(at=(64, 176)),
    far_arm=Arm(at=(64, 176)),
    x=59.6,
    ground=192.5,
    anchor="hip",
    neck=-14,
    size=0.88,
)
THRUST_UP = replace(
    THRUST_DOWN,
    trunk=-90,
    near_arm=Arm(at=(78, 138)),
    far_arm=Arm(at=(78, 138)),
    x=75.5,
    ground=150.5,
    neck=-86,
)

HIKE_WALL = box(2, 20, 8, 180)
HIKE_STEP = box(28, 182, 46, 18)
HIKE_DOWN = FrontPose(tilt=-20, near=Leg(-7, 0), far=Leg(4, 2), near_arm=Arm(at=(13, 56)), x=58, ground=180)
HIKE_UP = replace(HIKE_DOWN, tilt=16, near=Leg(3, 0), far=Leg(2, 0))
LEVEL = Shape("ghost", "M24 81H128")

WALK_TOGETHER = FrontPose(near=Leg(-9, 6), far=Leg(9, -6), near_arm=Arm(-38, 44), far_arm=Arm(38, -44), x=44)
WALK_APART = replace(WALK_TOGETHER, near=Leg(-14, 6), far=Leg(14, 8))


def belt(pose: FrontPose) -> Shape:
    """Return a line through both hips that shows how level the pelvis is."""
    joints = front_joints(pose)
    (x, y), (u, v) = joints["near_hip"], joints["far_hip"]
    dx, dy = (u - x) * 0.9, (v - y) * 0.9
    return Shape("move", line((x - dx, y - dy), (u + dx, v + dy)))


def ankle_band(pose: FrontPose) -> Shape:
    """Return a band around both legs, just above the ankles."""
    joints = front_joints(pose)
    (x, y), (u, v) = joints["near_ankle"], joints["far_ankle"]
    return Shape("band", line((x - 5, y - 10), (u + 5, v - 10)))


def strap(knee_x: float, knee_y: float) -> Shape:
    """Return a strap from the post around the back of the knees."""
    return Shape(
        "band", line((137, knee_y - 4), (knee_x - 7, knee_y - 3), (knee_x - 7, knee_y + 4), (137, knee_y + 4))
    )


TRACK_FIGURES: dict[str, tuple[Scene, Scene]] = {
    "wall_sit": (
        Scene("Back flat on the wall, both feet a long step out", WALL_TALL, (), (BACK_WALL,)),
        Scene(
            "Half as far down as a chair, and stay",
            WALL_LOW,
            ("thigh", "knee"),
            (BACK_WALL,),
            (clock(132, 120),),
        ),
    ),
    "spanish_squat_hold": (
        Scene("A strap from a post behind both knees", STRAP_TALL, (), (*POST, strap(77, 150))),
        Scene(
            "Sit back into it, shins upright, and stay",
            STRAP_LOW,
            ("thigh", "knee"),
            (*POST, strap(76, 150)),
            (clock(118, 60),),
        ),
    ),
    "slow_split_squat": (
        Scene("A long step, a weight in each hand", SPLIT_TALL, ("thigh",), (), (), "hands"),
        Scene(
            "Back knee a hand above the floor, front foot flat",
            SPLIT_DOWN,
            ("thigh", "knee"),
            (),
            (arrow((20, 96), (20, 128)),),
            "hands",
        ),
    ),
    "leg_press": (
        Scene(
            "Both feet on the plate, knees at a right angle",
            PRESS_BENT,
            ("thigh",),
            (*PRESS_SEAT, box(114, 98, 7, 66)),
        ),
        Scene(
            "Push until the legs are nearly straight",
            PRESS_LONG,
            ("thigh", "knee"),
            (*PRESS_SEAT, box(141, 93, 7, 66)),
            (arrow((96, 84), (128, 84)),),
        ),
    ),
    "step_down": (
        Scene("On one leg at the edge of a low step", STEP_TALL, (), (STEP,)),
        Scene(
            "Bend that knee; the other heel just touches",
            STEP_LOW,
            ("thigh", "knee", "hip"),
            (STEP,),
            (arrow((22, 100), (22, 134)),),
        ),
    ),
    "side_plank": (
        Scene("On your side, hips on the floor, elbow under the shoulder", PLANK_DOWN),
        Scene("Hips up: one straight line, and stay", PLANK_UP, ("hip",), (), (clock(112, 128),)),
    ),
    "side_lying_lift": (
        Scene("On your side, back to a wall, lower knee bent forward", LYING, (), (SIDE_WALL,)),
        Scene(
            "Straight top leg up, toes forward, and stay",
            LYING_UP,
            ("hip",),
            (SIDE_WALL,),
            (clock(112, 90),),
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
        Scene(
            "Sit with your upper back on a bench, a weight on the hips", THRUST_DOWN, (), (BENCH,), (), "hip"
        ),
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
            (HIKE_WALL, HIKE_STEP, LEVEL),
            (belt(HIKE_DOWN), arrow((118, 92), (118, 118))),
        ),
        Scene(
            "Then lift it, knee straight",
            HIKE_UP,
            ("hip",),
            (HIKE_WALL, HIKE_STEP, LEVEL),
            (belt(HIKE_UP), arrow((118, 106), (118, 74))),
        ),
    ),
    "band_walk": (
        Scene(
            "A band above the ankles, knees a little bent",
            WALK_TOGETHER,
            (),
            (),
            (ankle_band(WALK_TOGETHER),),
        ),
        Scene(
            "A small step out; then the other foot follows",
            WALK_APART,
            ("hip",),
            (),
            (ankle_band(WALK_APART), arrow((84, 212), (118, 212)), arrow((44, 212), (60, 212))),
        ),
    ),
}
