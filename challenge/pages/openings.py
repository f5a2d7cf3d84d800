"""The home page's six states of enrollment, derived from the public cohort's counts at one moment."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import ceil

from challenge.enrollment.queries import CohortState
from challenge.protocol.wording import wait_in_words

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
