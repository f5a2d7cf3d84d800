"""Read invitations from a CSV file, and write a cohort as CSV."""

import csv
import io
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from challenge.accounts.fields import show_phone
from challenge.db.export import escape_formula
from challenge.enrollment.models import TAKEN, Cohort, EarlyAccess, Seat

MAX_LINES = 5000


@dataclass
class InvitationFile:
    """What an import would do, or did: new addresses, known ones, and lines (number, text) without an address.

    `seated` have a seat of the cohort and need no invitation. `heading` is a first line without an address.
    """

    new: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    seated: list[str] = field(default_factory=list)
    heading: str = ""
    wrong: list[tuple[int, str]] = field(default_factory=list)
    applied: bool = False

    @property
    def kept(self) -> str:
        """Return the new addresses for the form that adds them after a dry run."""
        return "\n".join(self.new)


def read_invitations(*, cohort: Cohort, text: str) -> InvitationFile:
    """Read one address per line, from the first cell with an “@”, and note a heading. Changes nothing.

    Cells are separated by commas, semicolons or tabs.

    Raises ValidationError if the text is not CSV.
    """
    invitations = InvitationFile()
    on_list = set(
        EarlyAccess.objects.filter(which=EarlyAccess.List.EARLY, cohort=cohort).values_list(
            "email", flat=True
        )
    )
    seated = set(Seat.objects.filter(TAKEN, cohort=cohort).values_list("email", flat=True))
    for number, row in enumerate(_rows(text), start=1):
        cells = [cell.strip() for cell in row if cell.strip()]
        email = next((cell.lower() for cell in cells if "@" in cell), "")
        if not cells:
            continue
        if number == 1 and not email:
            invitations.heading = ", ".join(cells)[:80]
            continue
        if number > MAX_LINES or not _is_address(email):
            invitations.wrong.append((number, ", ".join(cells)[:80]))
        elif email in seated:
            invitations.seated.append(email)
        elif email in on_list:
            invitations.known.append(email)
        else:
            on_list.add(email)
            invitations.new.append(email)
    return invitations


def _rows(text: str) -> list[list[str]]:
    try:
        # Spreadsheets write a byte order mark first.
        lines = io.StringIO(text.lstrip("\ufeff"), newline=None)
        return list(csv.reader(lines, delimiter=_delimiter(text)))
    except csv.Error as error:
        raise ValidationError(
            "This isn’t a CSV file: a cell is far too long, or a quote never closes."
        ) from error


def _delimiter(text: str) -> str:
    """Return what separates the cells: the one of comma, semicolon and tab that comes most in the first lines."""
    beginning = text[:10_000]
    return max(",;\t", key=beginning.count)


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return len(email) <= 254


def import_invitations(*, cohort: Cohort, text: str, at: datetime) -> InvitationFile:
    """Put the new addresses on the early-access list, confirmed by the clinic. Holds no seat, sends no invitation."""
    with transaction.atomic():
        invitations = read_invitations(cohort=cohort, text=text)
        EarlyAccess.objects.bulk_create(
            [
                EarlyAccess(
                    which=EarlyAccess.List.EARLY, cohort=cohort, email=email, asked_at=at, confirmed_at=at
                )
                for email in invitations.new
            ],
            ignore_conflicts=True,  # people may join the list while we import
        )
    invitations.applied = True
    return invitations


def cohort_csv(*, cohort: Cohort) -> str:
    """Return every seat the cohort ever had, as CSV without health data."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["bib", "state", "name", "email", "phone", "held", "confirmed", "ended", "reason"])
    for seat in Seat.objects.filter(cohort=cohort).select_related("user").order_by("number", "held_at"):
        name, phone = (seat.user.name, show_phone(seat.user.phone)) if seat.user is not None else ("", "")
        moments = [
            m.isoformat(timespec="minutes") if m else ""
            for m in (seat.held_at, seat.confirmed_at, seat.ended_at)
        ]
        cells = [str(seat.number), seat.state, name, seat.email, phone, *moments, seat.end_reason]
        writer.writerow(map(escape_formula, cells))
    return out.getvalue()
