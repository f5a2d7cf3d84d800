"""Likely second sign-ups of one person: the same phone number or the same name on two seats of a cohort."""

import re
from collections import defaultdict
from dataclasses import dataclass

from challenge.enrollment.models import TAKEN, Cohort, Seat


@dataclass(frozen=True)
class DuplicateSignups:
    """Seats that look like one person's, and by what."""

    by: str
    seats: tuple[Seat, ...]


def likely_duplicates(*, cohort: Cohort) -> list[DuplicateSignups]:
    """Compares the last ten digits of the phone number, and the name whatever its case and order."""
    groups: dict[tuple[str, str], list[Seat]] = defaultdict(list)
    for seat in Seat.objects.filter(TAKEN, cohort=cohort).select_related("user").order_by("number"):
        if seat.user is None:
            continue
        digits = re.sub(r"\D", "", seat.user.phone)[-10:]
        name = " ".join(sorted(seat.user.name.casefold().split()))
        if len(digits) >= 7:
            groups["phone", digits].append(seat)
        if name:
            groups["name", name].append(seat)
    return [DuplicateSignups(by, tuple(seats)) for (by, _), seats in groups.items() if len(seats) > 1]
