"""The body of every exercise figure: a few joints, one set of proportions, seen from its right side or its front.

Angles are in degrees. Limbs: from straight down, positive forward. Trunk: from upright, positive leaning
forward. Foot: from flat, positive heel up. Lengths are units of the drawing; a standing body is about 190
tall.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, radians, sin

Point = tuple[float, float]

TRUNK, NECK, HEAD = 54.0, 17.0, 11.0
THIGH, SHANK = 45.0, 45.0
UPPER_ARM, FOREARM = 28.0, 26.0
# The sole, measured from the ankle: heel, ball and toe.
SOLE: dict[str, Point] = {"heel": (-7, 9), "ball": (15, 9), "toe": (23, 9)}
GROUND = 200.0
# Half the width of pelvis and shoulders of a body that faces the reader.
HIP_HALF, SHOULDER_HALF = 11.0, 15.0
_TRUNK_CORNERS = (("near", "shoulder"), ("far", "shoulder"), ("far", "hip"), ("near", "hip"))


@dataclass(frozen=True)
class Leg:
    """The angles of one leg."""

    thigh: float = 0
    shank: float = 0
    foot: float = 0


@dataclass(frozen=True)
class Arm:
    """The angles of one arm."""

    upper: float = 0
    fore: float = 8


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
    the middle of its hips and `ground` its lowest point. `folded` is the part of the far shank that is seen where its
    knee is bent away from the reader.
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


@dataclass(frozen=True)
class Shape:
    """One stroke: `kind` is its CSS class, `d` its path."""

    kind: str
    d: str


@dataclass(frozen=True)
class Drawing:
    """One moment of an exercise, in a window of 150 by 238 that begins 18 above."""

    word: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Scene:
    """A pose with surroundings, loaded sites, direction of movement, and a weight at its "hand", "knee" or "hip"."""

    word: str
    pose: Pose | FrontPose | None = None
    loads: tuple[str, ...] = ()
    props: tuple[Shape, ...] = ()
    moves: tuple[Shape, ...] = ()
    weight: str = ""

    def drawing(self) -> Drawing:
        """Return the scene as strokes."""
        shapes = [*self.props, Shape("floor", f"M8 {GROUND:g}H142")]
        if isinstance(self.pose, FrontPose):
            joints = front_joints(self.pose)
            shapes += front_body(joints)
            shapes += [load(site, joints) for site in self.loads]
        elif self.pose is not None:
            joints = joints_of(self.pose)
            shapes += body(joints)
            shapes += [load(site, joints) for site in self.loads]
            if self.weight:
                shapes.append(weight(joints, self.weight))
        return Drawing(self.word, (*shapes, *self.moves))


def joints_of(pose: Pose) -> dict[str, Point]:
    """Return the coordinates of every joint."""
    joints: dict[str, Point] = {"hip": (0.0, 0.0)}
    joints["shoulder"] = _reach(joints["hip"], 180 - pose.trunk, TRUNK)
    neck = pose.trunk * 0.6 if pose.neck is None else pose.neck
    joints["head"] = _reach(joints["shoulder"], 180 - neck, NECK + HEAD / 2)
    for side, leg, arm in (("near", pose.near, pose.near_arm), ("far", pose.far, pose.far_arm)):
        joints[f"{side}_knee"] = _reach(joints["hip"], leg.thigh, THIGH)
        joints[f"{side}_ankle"] = _reach(joints[f"{side}_knee"], leg.shank, SHANK)
        for name, (dx, dy) in SOLE.items():
            joints[f"{side}_{name}"] = _rotate_foot(joints[f"{side}_ankle"], dx * pose.sole, dy, leg.foot)
        joints[f"{side}_elbow"] = _reach(joints["shoulder"], arm.upper, UPPER_ARM)
        joints[f"{side}_hand"] = _reach(joints[f"{side}_elbow"], arm.fore, FOREARM)
    sized = {name: (x * pose.size, y * pose.size) for name, (x, y) in joints.items()}
    return _stand_on_ground(sized, pose)


def _reach(start: Point, angle: float, length: float) -> Point:
    return (start[0] + length * sin(radians(angle)), start[1] + length * cos(radians(angle)))


def _rotate_foot(ankle: Point, dx: float, dy: float, angle: float) -> Point:
    c, s = cos(radians(angle)), sin(radians(angle))
    return (ankle[0] + dx * c - dy * s, ankle[1] + dx * s + dy * c)


def _stand_on_ground(joints: dict[str, Point], pose: Pose) -> dict[str, Point]:
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
        joints[f"{side}_knee"] = _reach(joints[f"{side}_hip"], leg.thigh, THIGH)
        shank = SHANK * (pose.folded if side == "far" else 1)
        joints[f"{side}_ankle"] = _reach(joints[f"{side}_knee"], leg.shank, shank)
        for name, wide in (("heel", -6), ("toe", 6)):
            joints[f"{side}_{name}"] = _rotate_foot(joints[f"{side}_ankle"], wide, SOLE["ball"][1], -leg.foot)
        joints[f"{side}_shoulder"] = (SHOULDER_HALF * sign, -TRUNK)
        joints[f"{side}_elbow"] = _reach(joints[f"{side}_shoulder"], arm.upper, UPPER_ARM)
        joints[f"{side}_hand"] = _reach(joints[f"{side}_elbow"], arm.fore, FOREARM)
    joints["head"] = (0.0, -TRUNK - NECK - HEAD / 2)
    if pose.turn:
        return _on_the_side(joints, pose)
    x, y = joints["near_ankle"]
    along, down = pose.x - x, pose.ground - SOLE["ball"][1] - y
    return {name: (x + along, y + down) for name, (x, y) in joints.items()}


def _on_the_side(joints: dict[str, Point], pose: FrontPose) -> dict[str, Point]:
    c, s = cos(radians(pose.turn)) * pose.size, sin(radians(pose.turn)) * pose.size
    turned = {name: (x * c + y * s, y * c - x * s) for name, (x, y) in joints.items()}
    down = pose.ground - max(y for _, y in turned.values())
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


def line(*points: Point, close: bool = False) -> str:
    """Return a path through the points."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + ("Z" if close else "")


def disc(center: Point, radius: float) -> str:
    """Return a circle as a path."""
    x, y = center
    half = f"a{radius:g} {radius:g} 0 1 0 "
    return f"M{x - radius:.1f} {y:.1f}{half}{2 * radius:g} 0{half}{-2 * radius:g} 0Z"


def body(joints: dict[str, Point]) -> Iterable[Shape]:
    """Yield far limbs first, then trunk and head, then the near limbs on top."""
    yield from _limbs(joints, "far")
    yield Shape("trunk", line(joints["hip"], joints["shoulder"]))
    yield Shape("head", disc(joints["head"], HEAD))
    yield from _limbs(joints, "near")


def _limbs(joints: dict[str, Point], side: str) -> Iterable[Shape]:
    at = {name: joints[f"{side}_{name}"] for name in ("knee", "ankle", "heel", "toe", "elbow", "hand")}
    yield Shape(f"leg {side}", line(joints["hip"], at["knee"], at["ankle"]))
    yield Shape(f"foot {side}", line(at["ankle"], at["heel"], at["toe"], close=True))
    yield Shape(f"arm {side}", line(joints["shoulder"], at["elbow"], at["hand"]))


def load(site: str, joints: dict[str, Point]) -> Shape:
    """Return the mark of a loaded site on the near leg: a stroke along a muscle or tendon, or a ring at a joint."""
    if site in {"achilles", "calf"}:
        return Shape("load", _behind_shin(joints, 0.92 if site == "achilles" else 0.35))
    if site == "arch":
        heel, ball = joints["near_heel"], joints["near_ball"]
        middle = ((heel[0] + ball[0]) / 2, (heel[1] + ball[1]) / 2 - 7)
        return Shape(
            "load",
            f"M{heel[0]:.1f} {heel[1]:.1f}Q{middle[0]:.1f} {middle[1]:.1f} {ball[0]:.1f} {ball[1]:.1f}",
        )
    if site == "thigh":
        return Shape("load", _front_of_thigh(joints))
    if site == "buttock":
        return Shape("load", _buttock(joints))
    return Shape("load", disc(joints.get(f"near_{site}", joints["hip"]), 8))


def _front_of_thigh(joints: dict[str, Point]) -> str:
    (x, y), (u, v) = joints["hip"], joints["near_knee"]
    length = ((u - x) ** 2 + (v - y) ** 2) ** 0.5
    dx, dy = (u - x) / length, (v - y) / length
    front: Point = (dy * 8, -dx * 8)
    ends = [(x + (u - x) * part + front[0], y + (v - y) * part + front[1]) for part in (0.2, 0.9)]
    return line(*ends)


def _buttock(joints: dict[str, Point]) -> str:
    """Return an arc on the side of the hip that lies between the backs of trunk and thigh."""
    x, y = joints["hip"]
    knee, shoulder = joints["near_knee"], joints["shoulder"]
    # Away from the middle between knee and shoulder is the back of the hip; for a straight body it is below.
    dx, dy = x - (knee[0] + shoulder[0]) / 2, y - (knee[1] + shoulder[1]) / 2
    length = (dx * dx + dy * dy) ** 0.5
    dx, dy = (dx / length, dy / length) if length > 4 else (0.0, 1.0)
    return line(
        (x + dx * 8 - dy * 11, y + dy * 8 + dx * 11),
        (x + dx * 11, y + dy * 11),
        (x + dx * 8 + dy * 11, y + dy * 8 - dx * 11),
    )


def _behind_shin(joints: dict[str, Point], start: float) -> str:
    knee, ankle, heel = joints["near_knee"], joints["near_ankle"], joints["near_heel"]
    dx, dy = (ankle[0] - knee[0]) / SHANK, (ankle[1] - knee[1]) / SHANK
    back: Point = (-dy * 8, dx * 8)
    # The Achilles begins lower on the shin than the calf.
    low = 0.3 if start > 0.5 else 0.08
    top = (knee[0] + (ankle[0] - knee[0]) * low + back[0], knee[1] + (ankle[1] - knee[1]) * low + back[1])
    return f"M{top[0]:.1f} {top[1]:.1f}L{heel[0] - 1:.1f} {heel[1] - 3:.1f}"


def arrow(start: Point, end: Point) -> Shape:
    """Return an arrow in the direction of movement."""
    (x, y), (u, v) = start, end
    length = ((u - x) ** 2 + (v - y) ** 2) ** 0.5
    dx, dy = (u - x) / length * 7, (v - y) / length * 7
    left = (u - dx - dy * 0.75, v - dy + dx * 0.75)
    right = (u - dx + dy * 0.75, v - dy - dx * 0.75)
    return Shape("move", line(start, end) + line(left, end, right))


def clock(x: float, y: float) -> Shape:
    """Return a small clock, the sign to hold a position."""
    return Shape("move", disc((x, y), 11) + f"M{x:g} {y - 6:g}V{y:g}L{x + 5:g} {y + 3:g}")


def box(x: float, y: float, width: float, height: float) -> Shape:
    """Return a rectangle."""
    return Shape("prop", f"M{x:g} {y:g}h{width:g}v{height:g}h{-width:g}Z")


def weight(joints: dict[str, Point], where: str) -> Shape:
    """Return a dumbbell seen from its end, in the near hand, on the near knee or on the hips."""
    x, y = joints["hip"] if where == "hip" else joints[f"near_{where}"]
    dx, dy = {"hand": (0, 5), "knee": (-4, -14), "hip": (4, -17)}[where]
    x, y = x + dx, y + dy
    return Shape("weight", disc((x, y), 9) + disc((x, y), 2.5))
