"""Template filters for devices, time zones and phones: `{% load devices %}`, and so on."""

from django import template

from challenge.accounts.phones import phone_link, show_phone

register = template.Library()

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


@register.filter
def device(user_agent: str) -> str:
    """Return browser and system in plain words, such as "Safari on iPhone"; an unknown system is left out."""
    # Order matters: Edge and Opera also contain "Chrome", and Chrome contains "Safari".
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "A browser")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


@register.filter
def place(zone: str) -> str:
    """Return the city of a time zone: `America/Argentina/Buenos_Aires` -> `Buenos Aires`."""
    return zone.rpartition("/")[2].replace("_", " ").replace("St Johns", "St. John's")


register.filter("phone", show_phone)
register.filter("phone_link", phone_link)
