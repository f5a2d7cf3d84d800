"""The filters of the review templates: `{% load review %}`."""

from collections.abc import Iterable
from typing import Any

from django import template

from challenge.protocol.decision import Missing
from challenge.protocol.sentences.facts import distance
from challenge.protocol.wording import in_words

register = template.Library()

# What a stored condition asks for, where its own name states what is wrong instead.
NEEDED = {
    "a stop flag is open": "the stop flag closed",
    "red reports in the last days": "no recent red reports (now {have})",
    "strength sessions in the last days": "{need} recent strength sessions (now {have})",
    "a worse week": "no repeated worse mornings in a week",
    "red days in daily life": "no red days in daily life (now {have})",
    "load or repetitions up": "more load or repetitions",
    "weekly answer about daily life": "a weekly answer about daily life",
    "daily-life pain at most": "daily-life pain of {need} or less (now {have})",
}
LARGER_WORDS = {12: "twelve", 14: "fourteen", 20: "twenty", 28: "twenty-eight", 30: "thirty"}


@register.filter
def miles(meters: int | None) -> str:
    """Return meters as miles, cut as the method's sentences cut them; clinicians read a single unit everywhere."""
    return "–" if meters is None else distance(meters, kilometers=False)


@register.filter
def spelled(number: int) -> str:
    """Return a number as running text writes it: `three`, `twenty`, `37`."""
    return LARGER_WORDS.get(number) or in_words(number)


@register.filter
def spaced(value: object) -> str:
    """Return a stored term with spaces."""
    return str(value).replace("_", " ").replace(".", " ")


@register.filter
def missing_words(missing: Iterable[Any]) -> str:
    """Return what is still needed for a proposal, in few words, from stored JSON or from a decision."""
    # Some parts have a comma of their own.
    return "; ".join(missing_parts(missing))


def missing_parts(missing: Iterable[Any]) -> tuple[str, ...]:
    """Return each thing that a proposal waits for, in few words."""
    return tuple(_waits_for(one if isinstance(one, dict) else _as_stored(one)) for one in missing)


def _as_stored(missing: Missing) -> dict[str, Any]:
    return {"what": missing.what, "have": missing.have, "need": missing.need}


def _waits_for(missing: dict[str, Any]) -> str:
    """Return one criterion with its present and its needed number."""
    what, have, need = spaced(missing["what"]), missing.get("have") or 0, missing.get("need")
    if what in NEEDED:
        return NEEDED[what].format(have=have, need=need)
    if need is None:
        return f"{what} ({have})" if have else what
    return f"{have} of {need} {what}"
