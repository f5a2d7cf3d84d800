"""The body of every exercise figure: a few joints, one set of proportions, seen from its right side or its front.

Angles are in degrees. Limbs: from straight down, positive forward. Trunk: from upright, positive leaning
forward. Foot: from flat, positive heel up. Lengths are units of the drawing; a standing body is about 190
tall. A limb with `at` ends there instead, and its knee or elbow follows: what stands or leans on something touches it
in both scenes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, hypot, radians, sin

from challenge.pages.figure_marks import Point, Shape, disc, line, load, weights

TRUNK, NECK, HEAD = 54.0, 17.0, 11.0
THIGH, SHANK = 45.0, 45.0
UPPER_ARM, FOREARM = 28.0, 26.0
# The sole, measured from the ankle: heel, ball and toe.
SOLE: dict[str, Point] = {"heel": (-7, 9), "ball": (15, 9), "toe": (23, 9)}
# The floor line, and where a sole rests on it: the outline of a foot is 4 wide.
FLOOR, GROUND = 200.0, 198.0
# Half the width of pelvis and shoulders of a body that faces the reader.
HIP_HALF, SHOULDER_HALF = 11.0, 15.0
_TRUNK_CORNERS = (("near", "shoulder"), ("far", "shoulder"), ("far", "hip"), ("near", "hip"))


@dataclass(frozen=True)
class Leg:
    """The angles of one leg, or the place `at` which its heel or ball is `on` something; the knee bends forward."""

    thigh: float = 0
    shank: float = 0
    foot: float = 0
    at: Point | None = None
    on: str = "ball"


@dataclass(frozen=True)
class Arm:
    """The angles of one arm, or the place `at` which its hand rests; the elbow bends down and back."""

    upper: float = 0
    fore: float = 8
    at: Point | None = None


@dataclass(frozen=True)
class Pose:
    """A body placed at `x` and `ground` by its `anchor`: a joint, or "low" for the lowest point of both soles.

    `neck` is the angle of the head where it does not follow the trunk; `size` makes a lying body fit the window; `sole`
    shortens the feet of a body that faces the reader.
    """

    trunk: float = 0
    near: Leg = Leg()
    far: Leg = Leg()
    near_arm: Arm = Arm()
    far_arm: Arm = Arm()
    x: float = 75
    ground: float = GROUND
    anchor: str = "low"
    neck: float | None = None
    size: float = 1
    sole: float = 1


@dataclass(frozen=True)
class FrontPose:
    """A body that faces the reader, standing at `x` and `ground` on the foot that is on the reader's left.

    That is the near leg. `tilt` lifts the other side of the pelvis, in degrees; limbs count outward to the reader's
    right. `turn` lays the whole body on its side, with the head to the reader's left (90) or right (-90); then `x` is
    the middle of its hips and `ground` its lowest point. `folded` is the part of the far leg that is seen where it
    comes toward the reader, `forearm` that of the near forearm.
    """

    tilt: float = 0
    near: Leg = Leg()
    far: Leg = Leg()
    near_arm: Arm = Arm(-12, -6)
    far_arm: Arm = Arm(12, 6)
    x: float = 64
    ground: float = GROUND
    turn: float = 0
    size: float = 1
    folded: float = 1
    forearm: float = 1


@dataclass(frozen=True)
class Drawing:
    """One moment of an exercise, in a window of 150 by 238 that begins 18 above."""

    word: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Scene:
    """A pose with surroundings, loaded sites, direction of movement, and a weight: "hand", "hands", "knee" or "hip"."""

    word: str
    pose: Pose | FrontPose | None = None
    loads: tuple[str, ...] = ()
    props: tuple[Shape, ...] = ()
    moves: tuple[Shape, ...] = ()
    weight: str = ""

    def drawing(self) -> Drawing:
        """Return the scene as strokes."""
        shapes = [*self.props, Shape("floor", f"M8 {FLOOR:g}H142")]
        if isinstance(self.pose, FrontPose):
            joints = front_joints(self.pose)
            shapes += front_body(joints)
            shapes += [load(site, joints) for site in self.loads]
        elif self.pose is not None:
            joints = joints_of(self.pose)
            behind, before = weights(joints, self.weight)
            shapes += [*behind, *body(joints)]
            shapes += [load(site, joints) for site in self.loads]
            shapes += before
        return Drawing(self.word, (*shapes, *self.moves))


def joints_of(pose: Pose) -> dict[str, Point]:
    """Return the coordinates of every joint."""
    joints: dict[str, Point] = {"hip": (0.0, 0.0)}
    joints["shoulder"] = _reach(joints["hip"], 180 - pose.trunk, TRUNK)
    neck = pose.trunk * 0.6 if pose.neck is None else pose.neck
    joints["head"] = _reach(joints["shoulder"], 180 - neck, NECK + HEAD / 2)
    limbs = (("near", pose.near, pose.near_arm), ("far", pose.far, pose.far_arm))
    for side, leg, arm in limbs:
        joints[f"{side}_knee"] = _reach(joints["hip"], leg.thigh, THIGH)
        joints[f"{side}_ankle"] = _reach(joints[f"{side}_knee"], leg.shank, SHANK)
        joints |= _foot(side, joints[f"{side}_ankle"], leg, pose)
        joints[f"{side}_elbow"] = _reach(joints["shoulder"], arm.upper, UPPER_ARM)
        joints[f"{side}_hand"] = _reach(joints[f"{side}_elbow"], arm.fore, FOREARM)
    placed = _place({name: (x * pose.size, y * pose.size) for name, (x, y) in joints.items()}, pose)
    for side, leg, arm in limbs:
        if leg.at is not None:
            placed |= _leg_to(side, placed["hip"], leg, leg.at, pose)
        if arm.at is not None:
            placed |= _arm_to(side, placed["shoulder"], arm.at, pose.size)
    return placed


def _foot(side: str, ankle: Point, leg: Leg, pose: Pose, size: float = 1) -> dict[str, Point]:
    """Return heel, ball and toe. A foot that stands on its ball bends there, so that its toes stay flat."""
    foot = {
        name: _rotate_foot(ankle, dx * pose.sole * size, dy * size, leg.foot)
        for name, (dx, dy) in SOLE.items()
    }
    stands = pose.anchor == f"{side}_ball" or (leg.at is not None and leg.on == "ball")
    if stands and leg.foot > 0:
        x, y = foot["ball"]
        foot["toe"] = (x + (SOLE["toe"][0] - SOLE["ball"][0]) * pose.sole * size, y)
    return {f"{side}_{name}": point for name, point in foot.items()}


def _leg_to(side: str, hip: Point, leg: Leg, at: Point, pose: Pose) -> dict[str, Point]:
    dx, dy = SOLE[leg.on]
    away = _rotate_foot((0, 0), dx * pose.sole * pose.size, dy * pose.size, leg.foot)
    ankle = (at[0] - away[0], at[1] - away[1])
    knee, ankle = bend(hip, ankle, THIGH * pose.size, SHANK * pose.size, -1)
    return {f"{side}_knee": knee, f"{side}_ankle": ankle} | _foot(side, ankle, leg, pose, pose.size)


def _arm_to(side: str, shoulder: Point, at: Point, size: float, turn: int = 1) -> dict[str, Point]:
    elbow, hand = bend(shoulder, at, UPPER_ARM * size, FOREARM * size, turn)
    return {f"{side}_elbow": elbow, f"{side}_hand": hand}


def bend(start: Point, end: Point, upper: float, lower: float, turn: int) -> tuple[Point, Point]:
    """Return the middle joint and the end of a limb that reaches for `end`, straight where that is too far away.

    `turn` is 1 for a joint on the right of the way from start to end, as it is seen on the page, and -1 for the left.
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    far = max(hypot(dx, dy), 0.1)
    dx, dy = dx / far, dy / far
    reach = min(far, upper + lower)
    along = (reach**2 + upper**2 - lower**2) / (2 * reach)
    out = max(upper**2 - along**2, 0) ** 0.5 * turn
    middle = (start[0] + dx * along - dy * out, start[1] + dy * along + dx * out)
    return middle, (start[0] + dx * reach, start[1] + dy * reach)


def _reach(start: Point, angle: float, length: float) -> Point:
    return (start[0] + length * sin(radians(angle)), start[1] + length * cos(radians(angle)))


def _rotate_foot(ankle: Point, dx: float, dy: float, angle: float) -> Point:
    c, s = cos(radians(angle)), sin(radians(angle))
    return (ankle[0] + dx * c - dy * s, ankle[1] + dx * s + dy * c)


def _place(joints: dict[str, Point], pose: Pose) -> dict[str, Point]:
    if pose.anchor == "low":
        # The lowest point of either sole touches the ground.
        down = pose.ground - max(
            y for name, (_, y) in joints.items() if name.endswith(("heel", "ball", "toe"))
        )
        along = pose.x - joints["hip"][0]
    else:
        x, y = joints[pose.anchor]
        along, down = pose.x - x, pose.ground - y
    return {name: (x + along, y + down) for name, (x, y) in joints.items()}


def front_joints(pose: FrontPose) -> dict[str, Point]:
    """Return the coordinates of every joint of a body that faces the reader."""
    joints: dict[str, Point] = {"hip": (0.0, 0.0)}
    for side, sign, leg, arm in (("near", -1, pose.near, pose.near_arm), ("far", 1, pose.far, pose.far_arm)):
        joints[f"{side}_hip"] = _reach(joints["hip"], 90 * sign + pose.tilt, HIP_HALF)
        seen = pose.folded if side == "far" else 1
        joints[f"{side}_knee"] = _reach(joints[f"{side}_hip"], leg.thigh, THIGH * seen)
        joints[f"{side}_ankle"] = _reach(joints[f"{side}_knee"], leg.shank, SHANK * seen)
        for name, wide in (("heel", -6), ("toe", 6)):
            joints[f"{side}_{name}"] = _rotate_foot(joints[f"{side}_ankle"], wide, SOLE["ball"][1], -leg.foot)
        joints[f"{side}_shoulder"] = (SHOULDER_HALF * sign, -TRUNK)
        joints[f"{side}_elbow"] = _reach(joints[f"{side}_shoulder"], arm.upper, UPPER_ARM)
        forearm = FOREARM * (pose.forearm if side == "near" else 1)
        joints[f"{side}_hand"] = _reach(joints[f"{side}_elbow"], arm.fore, forearm)
    joints["head"] = (0.0, -TRUNK - NECK - HEAD / 2)
    if pose.turn:
        return _on_the_side(joints, pose)
    x, y = joints["near_ankle"]
    along, down = pose.x - x, pose.ground - SOLE["ball"][1] - y
    placed = {name: (x + along, y + down) for name, (x, y) in joints.items()}
    if pose.near_arm.at is not None:
        placed |= _arm_to("near", placed["near_shoulder"], pose.near_arm.at, 1, -1)
    return placed


def _on_the_side(joints: dict[str, Point], pose: FrontPose) -> dict[str, Point]:
    c, s = cos(radians(pose.turn)) * pose.size, sin(radians(pose.turn)) * pose.size
    turned = {name: (x * c + y * s, y * c - x * s) for name, (x, y) in joints.items()}
    # The near forearm lies on the floor and comes toward the reader.
    down = pose.ground - max(y for name, (_, y) in turned.items() if name != "near_hand")
    return {name: (x + pose.x, y + down) for name, (x, y) in turned.items()}


def front_body(joints: dict[str, Point]) -> Iterable[Shape]:
    """Yield legs, trunk, head and arms of a body that faces the reader."""
    for side in ("near", "far"):
        hip, knee, ankle, heel, toe = (
            joints[f"{side}_{part}"] for part in ("hip", "knee", "ankle", "heel", "toe")
        )
        yield Shape("leg near", line(hip, knee, ankle))
        yield Shape("foot near", line(ankle, heel, toe, close=True))
    corners = [joints[f"{side}_{part}"] for side, part in _TRUNK_CORNERS]
    yield Shape("torso", line(*corners, close=True))
    yield Shape("head", disc(joints["head"], HEAD))
    for side in ("near", "far"):
        points = [joints[f"{side}_{part}"] for part in ("shoulder", "elbow", "hand")]
        yield Shape("arm near", line(*points))


def body(joints: dict[str, Point]) -> Iterable[Shape]:
    """Yield far limbs first, then trunk and head, then the near limbs on top."""
    yield from _limbs(joints, "far")
    yield Shape("trunk", line(joints["hip"], joints["shoulder"]))
    yield Shape("head", disc(joints["head"], HEAD))
    yield from _limbs(joints, "near")


def _limbs(joints: dict[str, Point], side: str) -> Iterable[Shape]:
    at = {name: joints[f"{side}_{name}"] for name in ("knee", "ankle", *SOLE, "elbow", "hand")}
    yield Shape(f"leg {side}", line(joints["hip"], at["knee"], at["ankle"]))
    yield Shape(f"foot {side}", line(at["ankle"], at["heel"], at["ball"], at["toe"], close=True))
    yield Shape(f"arm {side}", line(joints["shoulder"], at["elbow"], at["hand"]))
