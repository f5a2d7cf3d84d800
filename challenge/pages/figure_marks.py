"""The strokes around the body of an exercise figure: loaded sites, arrows, a clock, a weight, props.

`joints` are the coordinates that `pose_drawing` computes, in units of the drawing.
"""

from dataclasses import dataclass
from math import hypot

Point = tuple[float, float]


@dataclass(frozen=True)
class Shape:
    """One stroke: `kind` is its CSS class, `d` its path."""

    kind: str
    d: str


def line(*points: Point, close: bool = False) -> str:
    """Return a path through the points."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + ("Z" if close else "")


def disc(center: Point, radius: float) -> str:
    """Return a circle as a path."""
    x, y = center
    half = f"a{radius:g} {radius:g} 0 1 0 "
    return f"M{x - radius:.1f} {y:.1f}{half}{2 * radius:g} 0{half}{-2 * radius:g} 0Z"


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
    length = hypot(ankle[0] - knee[0], ankle[1] - knee[1])
    dx, dy = (ankle[0] - knee[0]) / length, (ankle[1] - knee[1]) / length
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


def weights(joints: dict[str, Point], where: str) -> tuple[list[Shape], list[Shape]]:
    """Return the weights behind the body and before it: in one hand or both, on the knees or on the hips."""
    if where in {"hand", "hands"}:
        behind = [Shape("weight far", _dumbbell(joints["far_hand"]))] if where == "hands" else []
        return behind, [Shape("weight", _dumbbell(joints["near_hand"]))]
    if not where:
        return [], []
    x, y = joints["hip"] if where == "hip" else joints[f"near_{where}"]
    dx, dy = {"knee": (-4, -14), "hip": (4, -17)}[where]
    return [], [Shape("weight", disc((x + dx, y + dy), 9) + disc((x + dx, y + dy), 2.5))]


def _dumbbell(hand: Point) -> str:
    """Return a dumbbell seen from the side, its bar in the hand."""
    x, y = hand[0], hand[1] + 2
    plates = "".join(f"M{x + off:.1f} {y - 7:.1f}h5v14h-5z" for off in (-13, 8))
    return f"M{x - 8:.1f} {y - 1.5:.1f}h16v3h-16z{plates}"
