"""Numbers, moments and places as text writes them; None for what is none."""

from __future__ import annotations

import math
from datetime import UTC, datetime


def number(text: str | None, most: float) -> float | None:
    """A finite number from 0 to `most`."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 <= value <= most else None


def degrees(text: str | None, most: float) -> float | None:
    """A latitude or a longitude."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= most else None


def moment(text: str) -> float | None:
    """Seconds since 1970 of an ISO 8601 moment; one without a zone is UTC, as both formats demand."""
    try:
        value = datetime.fromisoformat(text)
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
