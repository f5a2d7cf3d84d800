"""Drawings that any part's template may ask for: `{% load drawings %}`."""

from typing import Any
from urllib.parse import urlsplit

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from challenge.pages import stride
from challenge.pages.exercise_figures import FIGURES, SPARING
from challenge.pages.figures import Scene
from challenge.protocol.terms import FormKind

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """A picture of the sprite, silent: the word stands beside it. No template of its own: a page draws a dozen."""
    return format_html(
        '<svg class="icon{}" width="24" height="24" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        f" {css}" if css else "",
        static("img/icons.svg"),
        name,
    )


@register.inclusion_tag("components/exercise_figure.html")
def exercise_figure(exercise: str, form: str = FormKind.STANDARD) -> dict[str, Any]:
    """The two moments of an exercise of the catalogue; nothing for one without a figure."""
    return {"drawings": [scene.drawing() for scene in _scenes(exercise, form)]}


@register.inclusion_tag("components/figure.html")
def exercise_end(exercise: str, form: str = FormKind.STANDARD) -> dict[str, Any]:
    """The end position alone, small: a picture to recognize the exercise by."""
    scenes = _scenes(exercise, form)
    return {"shapes": scenes[-1].drawing().shapes if scenes else ()}


def _scenes(exercise: str, form: str) -> tuple[Scene, ...]:
    """Where the easier form spares a joint it has its own figure: the full form's would show what hurts."""
    figures = SPARING if form == FormKind.EASIER and str(exercise) in SPARING else FIGURES
    return figures.get(str(exercise), ())


@register.filter
def host(link: str) -> str:
    """Whose site a link leads to."""
    return urlsplit(link).hostname or ""


@register.inclusion_tag("components/stride.html")
def stride_strip() -> dict[str, Any]:
    return {"shapes": stride.SHAPES}
