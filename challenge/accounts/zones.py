"""How a time zone is said to people: `{% load zones %}`."""

from django import template

register = template.Library()


@register.filter
def place(zone: str) -> str:
    """`America/Argentina/Buenos_Aires` -> `Buenos Aires`"""
    return zone.rpartition("/")[2].replace("_", " ").replace("St Johns", "St. John's")
