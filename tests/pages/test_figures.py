"""A figure does what its words say: feet stand, hands lean, hips sit, and knees are as straight as the lines say."""

import re
from dataclasses import replace
from math import acos, degrees, hypot

import pytest

from challenge.pages.exercise_figures import BOTH_FEET, FIGURES, ON_THE_FLOOR, SEATED, SPARING, WALL
from challenge.pages.exercise_pages import page_of
from challenge.pages.figure_marks import Point
from challenge.pages.pose_drawing import FLOOR, GROUND, HEAD, FrontPose, Pose, Scene, front_joints, joints_of
from challenge.pages.track_figures import BACK_WALL
from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.vocabulary import ExerciseId, ExerciseKind, FormKind

FORMS = {FormKind.STANDARD: FIGURES, FormKind.EASIER: SPARING, FormKind.FLAT: ON_THE_FLOOR}
FIGURE_OF = {(slug, kind): scenes for kind, figures in FORMS.items() for slug, scenes in figures.items()}
BOTH, NEAR, NONE = ("near", "far"), ("near",), ()
# The feet that stand in each scene; both of them in both scenes where nothing else is named here.
STANDING: dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]] = {
    ("heavy_calf_raise", "standard"): (NEAR, NEAR),
    ("heavy_calf_raise", "flat"): (NEAR, NEAR),
    ("toes_in_calf_raise", "standard"): (BOTH, NEAR),
    ("pogo_hops", "standard"): (BOTH, NONE),
    ("single_leg_hops", "standard"): (NEAR, NONE),
    ("single_leg_hops", "easier"): (NEAR, NEAR),
    ("skipping", "standard"): (NEAR, NONE),
    ("skipping", "easier"): (NEAR, NEAR),
    ("cadence_drill", "standard"): (NEAR, NEAR),
    ("midfoot_strides", "standard"): (NEAR, NEAR),
    ("leg_press", "standard"): (NONE, NONE),
    ("step_down", "standard"): (NEAR, BOTH),
    ("hip_hike", "standard"): (NEAR, NEAR),
    ("single_leg_bridge", "standard"): (NEAR, NEAR),
    # Those that lie on their side face the reader, and only the edge of a foot is down.
    ("side_plank", "standard"): (NONE, NONE),
    ("side_lying_lift", "standard"): (NONE, NONE),
}
ON_A_STEP = {"step_down": 184.0, "hip_hike": 180.0}
LYING = {"side_plank", "side_lying_lift"}
CLOSE = 0.7
Joints = dict[str, Point]


def at(pose: Pose | FrontPose) -> Joints:
    return front_joints(pose) if isinstance(pose, FrontPose) else joints_of(pose)


def scenes() -> list[tuple[str, str, int, Scene]]:
    return [
        (slug, kind.value, place, scene)
        for (slug, kind), both in FIGURE_OF.items()
        for place, scene in enumerate(both)
        if scene.pose is not None
    ]


def sole(joints: Joints, side: str) -> float:
    return max(joints[f"{side}_{part}"][1] for part in ("heel", "ball", "toe") if f"{side}_{part}" in joints)


def hovering(joints: Joints, standing: tuple[str, ...], step: float) -> list[str]:
    """Return the feet that stand off the floor, and the free feet so near to it that they seem to stand."""
    level = {"near": step, "far": GROUND}
    off = [side for side in standing if abs(sole(joints, side) - level[side]) > CLOSE]
    return off + [side for side in BOTH if side not in standing and sole(joints, side) > GROUND - 5]


def off_the_wall(joints: Joints, holding: bool) -> list[str]:
    """Return the hands that do not touch the wall in front; half the width of an arm is 3.25."""
    sides = ("far",) if holding else BOTH
    return [side for side in sides if abs(joints[f"{side}_hand"][0] + 3.25 - 134) > CLOSE]


def bent(joints: Joints, side: str) -> float:
    """Return how far the knee is bent, in degrees."""
    (x, y), (u, v), (a, b) = joints["hip"], joints[f"{side}_knee"], joints[f"{side}_ankle"]
    cosine = ((u - x) * (a - u) + (v - y) * (b - v)) / (hypot(u - x, v - y) * hypot(a - u, b - v))
    return degrees(acos(max(-1, min(1, cosine))))


@pytest.mark.parametrize(("slug", "kind", "place", "scene"), scenes())
def test_a_foot_stands_on_the_floor_or_is_clearly_in_the_air(
    slug: str, kind: str, place: int, scene: Scene
) -> None:
    assert scene.pose is not None
    joints = at(scene.pose)
    standing = STANDING.get((slug, kind), (BOTH, BOTH))[place]
    if slug not in LYING:
        assert hovering(joints, standing, ON_A_STEP.get(slug, GROUND)) == []


@pytest.mark.parametrize(("slug", "kind", "place", "scene"), scenes())
def test_a_raised_heel_leaves_ball_and_toes_on_the_floor(
    slug: str, kind: str, place: int, scene: Scene
) -> None:
    for side in STANDING.get((slug, kind), (BOTH, BOTH))[place]:
        pose = scene.pose
        if isinstance(pose, Pose) and (pose.near if side == "near" else pose.far).foot > 0:
            joints = at(pose)
            assert joints[f"{side}_ball"][1] == pytest.approx(joints[f"{side}_toe"][1], abs=CLOSE)
            assert joints[f"{side}_heel"][1] < joints[f"{side}_ball"][1] - 3


@pytest.mark.parametrize(("slug", "kind", "place", "scene"), scenes())
def test_nothing_is_below_the_floor_or_out_of_the_window(
    slug: str, kind: str, place: int, scene: Scene
) -> None:
    assert scene.pose is not None
    joints = at(scene.pose)
    if slug == "side_plank":
        joints.pop("near_hand")  # the forearm comes toward the reader
    assert [name for name, (_, y) in joints.items() if y > FLOOR] == []
    # The window of components/figure.html.
    assert [name for name, (x, y) in joints.items() if not (-9 < x < 159 and y > -18)] == []
    assert joints["head"][0] - HEAD >= -9
    assert joints["head"][1] - HEAD >= -18


@pytest.mark.parametrize(("slug", "kind", "place", "scene"), scenes())
def test_hands_touch_the_wall_they_rest_on(slug: str, kind: str, place: int, scene: Scene) -> None:
    assert scene.pose is not None
    if WALL in scene.props:
        assert off_the_wall(at(scene.pose), scene.weight == "hand") == []
    if slug == "hip_hike":
        assert at(scene.pose)["near_hand"][0] - 3.25 == pytest.approx(10, abs=CLOSE)


@pytest.mark.parametrize("slug", ["isometric_soleus_hold", "heavy_seated_calf_raise"])
def test_the_hip_stays_on_the_chair(slug: str) -> None:
    for scene in FIGURES[slug]:
        assert isinstance(scene.pose, Pose)
        hip = at(scene.pose)["hip"]
        assert hip[1] + 7.5 == pytest.approx(151, abs=CLOSE)
        assert hip[0] == at(SEATED)["hip"][0]


def test_a_back_rests_on_the_wall_and_a_lying_body_on_the_floor() -> None:
    for scene in FIGURES["wall_sit"]:
        assert BACK_WALL in scene.props
        assert scene.pose is not None
        joints = at(scene.pose)
        assert [joints[name][0] - 7.5 for name in ("hip", "shoulder")] == pytest.approx([44, 44], abs=CLOSE)
    for slug in ("single_leg_bridge", "hip_thrust"):
        pose = FIGURES[slug][0].pose
        assert pose is not None
        assert at(pose)["hip"][1] + 7.5 == pytest.approx(FLOOR, abs=CLOSE)
    for scene in FIGURES["side_plank"]:
        assert scene.pose is not None
        joints = at(scene.pose)
        # Elbow and lower foot carry; the elbow is under the shoulder.
        assert joints["near_elbow"][1] == pytest.approx(195.5, abs=CLOSE)
        assert max(joints["near_heel"][1], joints["near_toe"][1]) == pytest.approx(195.5, abs=3)
        assert joints["near_elbow"][0] == pytest.approx(joints["near_shoulder"][0], abs=2)


def test_both_feet_press_against_the_plate() -> None:
    for scene in FIGURES["leg_press"]:
        assert scene.pose is not None
        joints = at(scene.pose)
        left = [float(shape.d[1:].split()[0]) for shape in scene.props][-1]
        assert [joints[f"{side}_ball"][0] + 2 for side in BOTH] == pytest.approx([left, left], abs=CLOSE)


@pytest.mark.parametrize(("slug", "kind"), FIGURE_OF)
def test_knees_are_as_straight_as_the_lines_say(slug: str, kind: FormKind) -> None:
    first = CATALOG[ExerciseId(slug)].steps_of(kind)[0]
    if "straight" not in first or "knee" not in first:
        return
    most = 36 if "nearly straight" in first else 10
    for place, scene in enumerate(FIGURE_OF[slug, kind]):
        if isinstance(scene.pose, Pose):
            standing = STANDING.get((slug, kind.value), (BOTH, BOTH))[place] or NEAR
            sides = NEAR if "front knee" in first else standing
            assert [side for side in sides if bent(at(scene.pose), side) > most] == []


@pytest.mark.parametrize("slug", ["pogo_hops", "single_leg_hops"])
def test_arms_are_still_where_the_lines_say_so(slug: str) -> None:
    first, second = (scene.pose for scene in FIGURES[slug])
    assert isinstance(first, Pose)
    assert isinstance(second, Pose)
    assert "arms still" in CATALOG[ExerciseId(slug)].steps[0]
    assert (first.near_arm, first.far_arm) == (second.near_arm, second.far_arm)


@pytest.mark.parametrize(("slug", "kind"), FIGURE_OF)
def test_three_lines_say_which_legs_work_and_nothing_of_the_rest(slug: str, kind: FormKind) -> None:
    exercise = CATALOG[ExerciseId(slug)]
    steps = exercise.steps_of(kind)
    assert {len(exercise.steps_of(form)) for form in FormKind} == {3}
    assert max(map(len, steps)) <= 140
    assert not re.search(r"\b[Rr]est (a|two|half|\d)", " ".join(steps))
    if exercise.kind is ExerciseKind.DRILL:
        return  # running, on both legs in turn
    named = "both|one leg|one foot|front foot|front leg|working leg|top leg|other foot|each step|on your side"
    assert re.search(named, " ".join([*steps, *(scene.word for scene in FIGURE_OF[slug, kind])]), re.I)


@pytest.mark.parametrize(
    ("slug", "kind", "words"),
    [
        ("pogo_hops", FormKind.STANDARD, "a minute between sets"),
        (
            "single_leg_hops",
            FormKind.EASIER,
            "a minute between sets of one leg, while you work the other",
        ),
        ("side_plank", FormKind.STANDARD, "half a minute after both sides"),
        ("skipping", FormKind.STANDARD, "walk back to the start"),
        ("cadence_drill", FormKind.STANDARD, "four easy minutes of running"),
    ],
)
def test_the_page_names_the_rest(slug: str, kind: FormKind, words: str) -> None:
    page = page_of(slug)
    assert page is not None
    assert page.in_form(kind).rest == words


def test_a_pose_that_is_three_units_too_high_is_found() -> None:
    lifted = joints_of(replace(BOTH_FEET, ground=GROUND - 3))
    assert hovering(joints_of(BOTH_FEET), BOTH, GROUND) == []
    assert hovering(lifted, NEAR, GROUND) == ["near", "far"]
    assert off_the_wall(joints_of(replace(BOTH_FEET, x=70)), holding=False) == ["near", "far"]
    assert bent(joints_of(SEATED), "near") > 60
