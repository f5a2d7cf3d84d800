"""The home page's six states of enrollment, derived from the public cohort's counts at one moment.

For machines the challenge is stated in schema.org terms: an event with a start, a price of zero and a number of
places.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Any

from django.templatetags.static import static

from challenge.clinic.queries import clinic_words
from challenge.enrollment.queries import CohortState
from challenge.protocol.wording import wait_in_words
from challenge.review.tags import spelled

NEARLY_FULL = 5


class Opening(StrEnum):
    """The state of enrollment."""

    SOON = "soon"
    EARLY = "early"
    OPEN = "open"
    NEARLY_FULL = "nearly_full"
    ALL_HELD = "all_held"
    CLOSED = "closed"


@dataclass(frozen=True)
class Bib:
    """One seat, drawn as a race bib; `state` is free, held or taken."""

    number: int
    state: str


@dataclass(frozen=True)
class Announcement:
    """The seats as the home page shows them. `minutes` until a held seat may become free, if all are held."""

    opening: Opening
    bibs: tuple[Bib, ...]
    free: int
    starts_on: date | None = None
    weeks: int = 12
    early_access_at: datetime | None = None
    opens_at: datetime | None = None
    minutes: int | None = None

    @property
    def capacity(self) -> int:
        """Return the number of seats."""
        return len(self.bibs)

    @property
    def free_in(self) -> str:
        """Return how long until a held seat may come free, in words."""
        return wait_in_words(self.minutes or 0)

    @property
    def runners(self) -> int:
        """Return the number of confirmed seats."""
        return sum(bib.state == "taken" for bib in self.bibs)


NOTHING_ANNOUNCED = Announcement(Opening.CLOSED, (), 0)


def announcement(state: CohortState | None, *, at: datetime) -> Announcement:
    """Return the state at `at`; without a public cohort, closed with nothing to count."""
    if state is None:
        return NOTHING_ANNOUNCED
    opening = _opening(state, at)
    minutes = None
    if opening is Opening.ALL_HELD and state.next_free_at is not None:
        # Rounded up, and never 0: "in 0 minutes" would send people to a page that is still full.
        minutes = max(1, ceil((state.next_free_at - at).total_seconds() / 60))
    return Announcement(
        opening=opening,
        bibs=_seat_bibs(state),
        free=state.free,
        starts_on=state.starts_on,
        weeks=state.weeks,
        early_access_at=state.early_access_at,
        opens_at=state.opens_at,
        minutes=minutes,
    )


def _opening(state: CohortState, at: datetime) -> Opening:
    if state.closed_at is not None or at >= state.joinable_until:
        return Opening.CLOSED
    if at < state.opens_at:
        # With every seat gone in early access there is nothing to claim yet: back to "soon".
        early = state.early_access_at is not None and at >= state.early_access_at
        return Opening.EARLY if early and state.free else Opening.SOON
    if state.free == 0:
        return Opening.ALL_HELD if state.held else Opening.CLOSED
    return Opening.NEARLY_FULL if state.free <= NEARLY_FULL else Opening.OPEN


def _seat_bibs(state: CohortState) -> tuple[Bib, ...]:
    # Bibs fill from the left whatever the real numbers: the page shows no one's number.
    def worn(number: int) -> str:
        if number <= state.confirmed:
            return "taken"
        return "held" if number <= state.confirmed + state.held else "free"

    return tuple(Bib(number, worn(number)) for number in range(1, state.capacity + 1))


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
