"""The challenge in schema.org terms: an event with a start, a price of zero and a number of places."""

from datetime import timedelta
from typing import Any

from django.templatetags.static import static

from challenge.clinic.queries import clinic_words
from challenge.pages.openings import Announcement, Opening
from challenge.review.tags import spelled


def event_json_ld(announced: Announcement, site_url: str) -> dict[str, Any]:
    """Return the event's JSON-LD; without a start date, the organizer's."""
    organizer = {"@type": "Organization", "name": clinic_words()["name"], "url": site_url + "/"}
    data: dict[str, Any] = {"@context": "https://schema.org"}
    if announced.starts_on is None:
        return data | organizer
    # The last Sunday: a challenge starts on a Monday and lasts whole weeks.
    ends_on = announced.starts_on + timedelta(weeks=announced.weeks, days=-1)
    # Seats on hold may come free, but a search engine must not promise them.
    closed = announced.opening in {Opening.CLOSED, Opening.ALL_HELD}
    offer: dict[str, Any] = {
        "@type": "Offer",
        "url": site_url + "/join/",
        "price": "0",
        "priceCurrency": "USD",
        "availability": "https://schema.org/SoldOut" if closed else "https://schema.org/LimitedAvailability",
    }
    if announced.opens_at is not None:
        offer["validFrom"] = announced.opens_at.isoformat()
    return data | {
        "@type": "Event",
        "name": "Pain-Free Runner Challenge",
        "description": "Strength for the tendon, a quicker step, and a clinician who reads the log. "
        f"{spelled(announced.capacity).capitalize()} runners; free while a beta.",
        "image": site_url + static("img/card.png"),
        "startDate": announced.starts_on.isoformat(),
        "endDate": ends_on.isoformat(),
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode",
        "location": {"@type": "VirtualLocation", "url": site_url + "/"},
        "organizer": organizer,
        "maximumAttendeeCapacity": announced.capacity,
        "remainingAttendeeCapacity": announced.free,
        "isAccessibleForFree": True,
        "offers": offer,
    }
