"""Template tags that draw icons, exercises and strides: `{% load drawings %}`."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from challenge.pages.exercise_figures import FIGURES, ON_THE_FLOOR, SPARING
from challenge.pages.figure_marks import Shape
from challenge.pages.models import TeamMember
from challenge.pages.pose_drawing import FLOOR, GROUND, Arm, Leg, Pose, Scene, body, joints_of
from challenge.protocol.vocabulary import FormKind

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
    fine = "".join(f"M{x} {FLOOR + 16:g}v8" for x in range(0, WIDTH + 1, 20))
    beats = "".join(f"M{x} {FLOOR + 10:g}v20" for x in (120, 720))
    return [Shape("scale", fine), Shape("beat", beats)]


SHAPES: tuple[Shape, ...] = (
    Shape("floor", f"M0 {FLOOR:g}H{WIDTH}"),
    *(shape for pose in _moments() for shape in body(joints_of(pose))),
    *_ticks(),
)

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Return an icon of the sprite, hidden from screen readers: its meaning is in the text next to it.

    It has no template of its own because a page draws a dozen.
    """
    return format_html(
        '<svg class="icon{}" width="24" height="24" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        f" {css}" if css else "",
        static("img/icons.svg"),
        name,
    )


@register.inclusion_tag("components/exercise_figure.html")
def exercise_figure(exercise: str, form: str = FormKind.STANDARD) -> dict[str, Any]:
    """Draw the two scenes of an exercise; nothing for one without a figure."""
    return {"drawings": [scene.drawing() for scene in _scenes(exercise, form)]}


@register.inclusion_tag("components/figure.html")
def exercise_end(exercise: str, form: str = FormKind.STANDARD) -> dict[str, Any]:
    """Draw the end position alone, small, to recognize the exercise by."""
    scenes = _scenes(exercise, form)
    return {"shapes": scenes[-1].drawing().shapes if scenes else ()}


def _scenes(exercise: str, form: str) -> tuple[Scene, ...]:
    """Return the form's own figure if it has one: the full form's would show what hurts."""
    figures: dict[str, tuple[Scene, Scene]] = {FormKind.EASIER: SPARING, FormKind.FLAT: ON_THE_FLOOR}.get(
        FormKind(form), {}
    )
    return figures.get(str(exercise), FIGURES.get(str(exercise), ()))


@register.filter
def host(link: str) -> str:
    """Return the host name of a link."""
    return urlsplit(link).hostname or ""


@register.simple_tag
def faces_of(names: Collection[str]) -> list[TeamMember]:
    """Return the people of the first page who have a picture and a name that begins with one of these."""
    shown = TeamMember.objects.filter(is_shown=True, picture__isnull=False)
    people = shown.select_related("picture").defer("picture__jpeg")
    return [person for person in people if any(person.name.startswith(name) for name in names)]


@register.inclusion_tag("components/stride.html")
def stride_strip() -> dict[str, Any]:
    """Draw six moments of one stride."""
    return {"shapes": SHAPES}
