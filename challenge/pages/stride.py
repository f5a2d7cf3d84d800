"""Two steps as one strip: six moments of running above the metronome's ticks, a beat where a foot comes down."""

from dataclasses import replace

from challenge.pages.figures import GROUND, Arm, Leg, Pose, Shape, body, joints_of

LANDING = Pose(
    trunk=6, near=Leg(26, 2, 0), far=Leg(-14, -96, 58), near_arm=Arm(-42, 40), far_arm=Arm(30, 102)
)
PUSH = Pose(trunk=8, near=Leg(-24, -34, 52), far=Leg(58, -26, 8), near_arm=Arm(28, 104), far_arm=Arm(-46, 36))
FLIGHT = Pose(
    trunk=7,
    near=Leg(-18, -84, 60),
    far=Leg(48, 0, -4),
    near_arm=Arm(34, 110),
    far_arm=Arm(-50, 32),
    ground=GROUND - 12,
)
WIDTH, STEP = 1200, 200


def _other_side(pose: Pose) -> Pose:
    return replace(pose, near=pose.far, far=pose.near, near_arm=pose.far_arm, far_arm=pose.near_arm)


def _moments() -> list[Pose]:
    first = [LANDING, PUSH, FLIGHT]
    poses = first + [_other_side(pose) for pose in first]
    return [replace(pose, x=100.0 + place * STEP) for place, pose in enumerate(poses)]


def _ticks() -> list[Shape]:
    fine = "".join(f"M{x} {GROUND + 16:g}v8" for x in range(0, WIDTH + 1, 20))
    beats = "".join(f"M{x} {GROUND + 10:g}v20" for x in (120, 720))
    return [Shape("scale", fine), Shape("beat", beats)]


SHAPES: tuple[Shape, ...] = (
    Shape("floor", f"M0 {GROUND:g}H{WIDTH}"),
    *(shape for pose in _moments() for shape in body(joints_of(pose))),
    *_ticks(),
)
