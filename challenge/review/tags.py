"""What the review templates ask for: `{% load review %}`."""

from datetime import date
from typing import Any

from django import template

register = template.Library()

MILE_M = 1609.344
STEP = 8
BASE = 22


@register.filter
def miles(metres: int | None) -> str:
    """Metres as miles; clinicians read one unit for all."""
    return "–" if metres is None else f"{metres / MILE_M:.1f} mi"


@register.filter
def spaced(value: object) -> str:
    """A stored word as people write it."""
    return str(value).replace("_", " ").replace(".", " ")


@register.filter
def missing_words(missing: list[dict[str, Any]]) -> str:
    """What a proposal waits for, in few words."""
    return ", ".join(
        spaced(m["what"]) + (f" {m.get('have') or 0}/{m['need']}" if m.get("need") is not None else "")
        for m in missing
    )


@register.inclusion_tag("review/pain_line.html")
def pain_line(days: list[tuple[date, int | None]]) -> dict[str, Any]:
    """Fourteen days of worst pain as a row of bars: green to 3, amber to 5, red above; a gap where nothing was told."""
    bars = [
        {
            "x": n * STEP,
            "y": BASE - 2 * pain - 2,
            "height": 2 * pain + 2,
            "band": "green" if pain <= 3 else "amber" if pain <= 5 else "red",
            "title": f"{day:%b} {day.day}: {pain}",
        }
        for n, (day, pain) in enumerate(days)
        if pain is not None
    ]
    told = [pain for _, pain in days if pain is not None]
    words = f"worst {max(told)}, last {told[-1]}" if told else "nothing told"
    return {"bars": bars, "words": words, "width": STEP * len(days)}
