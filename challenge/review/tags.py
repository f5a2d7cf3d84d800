"""What the review templates ask for: `{% load review %}`."""

from collections.abc import Iterable
from typing import Any

from django import template

from challenge.protocol.decision import Missing

register = template.Library()

MILE_M = 1609.344


@register.filter
def miles(meters: int | None) -> str:
    """Meters as miles; clinicians read one unit for all."""
    return "–" if meters is None else f"{meters / MILE_M:.1f} mi"


@register.filter
def spaced(value: object) -> str:
    """A stored word as people write it."""
    return str(value).replace("_", " ").replace(".", " ")


@register.filter
def missing_words(missing: Iterable[Any]) -> str:
    """What a proposal waits for, in few words; as stored, or as the decision holds it."""
    return ", ".join(_waits_for(one if isinstance(one, dict) else _as_stored(one)) for one in missing)


def _as_stored(missing: Missing) -> dict[str, Any]:
    return {"what": missing.what, "have": missing.have, "need": missing.need}


def _waits_for(missing: dict[str, Any]) -> str:
    what, have, need = spaced(missing["what"]), missing.get("have") or 0, missing.get("need")
    if need is None:
        return f"{what} ({have})" if have else what
    if what.endswith("at most"):
        return f"{what} {need}, now {have}"
    return f"{what} {have} of {need}" if need else f"{what}: {have}"
