"""Template tags by which pages of other parts show a runner's messages."""

from typing import Any

from django import template

from challenge.messages.queries import unread_by_person

register = template.Library()


@register.simple_tag(takes_context=True)
def unread_messages(context: dict[str, Any]) -> int:
    """Return how many messages of the clinic the runner whose page this is has not read."""
    return unread_by_person(context["request"].user).count()
