"""Time zones a visitor may choose: the usual ones in the list, any valid one by address."""

from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings

from challenge.accounts.zones import place

COMMON = {
    "North America": (
        "America/St_Johns America/Halifax America/New_York America/Toronto America/Chicago America/Winnipeg "
        "America/Denver America/Phoenix America/Los_Angeles America/Anchorage Pacific/Honolulu America/Mexico_City"
    ),
    "South America": "America/Bogota America/Lima America/Santiago America/Sao_Paulo America/Argentina/Buenos_Aires",
    "Europe and Africa": (
        "UTC Europe/Lisbon Europe/London Europe/Dublin Europe/Paris Europe/Berlin Europe/Madrid Europe/Rome "
        "Europe/Stockholm Europe/Athens Europe/Istanbul Africa/Lagos Africa/Johannesburg Africa/Nairobi"
    ),
    "Asia": (
        "Asia/Dubai Asia/Tehran Asia/Karachi Asia/Kolkata Asia/Kathmandu Asia/Dhaka Asia/Bangkok Asia/Singapore "
        "Asia/Shanghai Asia/Manila Asia/Seoul Asia/Tokyo"
    ),
    "Australia and the Pacific": (
        "Australia/Perth Australia/Adelaide Australia/Brisbane Australia/Sydney Pacific/Auckland Pacific/Chatham"
    ),
}
# Browsers still say some zones by the names they had before.
OLD_NAMES = {
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "Europe/Kiev": "Europe/Kyiv",
}
Choices = list[tuple[str, list[tuple[str, str]]]]


def known_zone(name: str) -> str | None:
    """Today's name of a time zone with a place in its name, or of UTC; None for anything else."""
    name = OLD_NAMES.get(name, name)
    return name if name == "UTC" or ("/" in name and name in available_timezones()) else None


def visitor_zone(asked: str, default: str = "") -> ZoneInfo:
    return ZoneInfo(known_zone(asked) or known_zone(default) or settings.CLINIC_TIME_ZONE)


def zone_choices(current: str) -> Choices:
    """Grouped choices; `current` is among them, whatever it is."""
    groups = [(title, [(name, place(name)) for name in names.split()]) for title, names in COMMON.items()]
    if not any(current == name for _, names in groups for name, _ in names):
        groups.insert(0, ("Now", [(current, place(current))]))
    return groups
