"""Template filters for devices, time zones and phones: `{% load devices %}`, and so on."""

from django import template

from challenge.accounts.fields import phone_link, show_phone

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

# What people call their clock; a zone that is not here is called by its city.
CLOCKS = {
    "Newfoundland Time": "America/St_Johns",
    "Atlantic Time": "America/Halifax America/Puerto_Rico",
    "Eastern Time": "America/New_York America/Toronto America/Detroit America/Indiana/Indianapolis",
    "Central Time": "America/Chicago America/Winnipeg",
    "Mountain Time": "America/Denver America/Boise America/Edmonton",
    "Arizona Time": "America/Phoenix",
    "Pacific Time": "America/Los_Angeles America/Vancouver",
    "Alaska Time": "America/Anchorage",
    "Hawaii Time": "Pacific/Honolulu",
}
CLOCK_OF = {zone: clock for clock, zones in CLOCKS.items() for zone in zones.split()}


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


def zone_name(zone: str) -> str:
    """Return the name of a zone in a list: `Central Time (Chicago)`, or the city where its clock has no such name.

    The clock is first: a list goes to what begins with the letters that are typed.
    """
    return f"{CLOCK_OF[zone]} ({place(zone)})" if zone in CLOCK_OF else place(zone)


register.filter("phone", show_phone)
register.filter("phone_link", phone_link)
