"""What a browser sends for each page of the intake."""

from datetime import UTC, datetime
from typing import Any

from django.test import Client

OPEN_AT = datetime(2026, 1, 7, 14, 0, tzinfo=UTC)
YOU = {
    "name": "Robin Marsh",
    "phone": "+1 612 555 0100",
    "time_zone": "America/Chicago",
    "is_adult": "on",
}
RUNNING = {
    "unit": "mi",
    "runs_per_week": "4",
    "usual_week": "20,5",
    "longest_run": "10",
    "training_block_started_on": "2025-12-15",
    "cadence_how": "watch",
    "cadence_spm": "160",
    "strike": "midfoot",
    "surface": "road",
}
BODY = {
    "site_1": "achilles",
    "side_1": "left",
    "now_1": "4",
    "morning_1": "5",
    "past": ["knee"],
    "knee_or_hip_history": "Runner's knee, 2019",
    "arch": "collapsing",
    "shoe": "tilts_inward",
    "tendon_history": ["none"],
    "symptoms": ["none"],
}
AGREE = {"goals": ["tendon_capacity"], "email_content": "targets", "consent": "on"}
PAGES: dict[str, dict[str, Any]] = {"you": YOU, "running": RUNNING, "body": BODY, "agree": AGREE}


def answer(client: Client, **changes: dict[str, Any]) -> Any:
    """Sends the four pages in order, with changes per page; the last response."""
    response = None
    for step, fields in PAGES.items():
        response = client.post(f"/join/intake/{step}/", fields | changes.get(step, {}))
    return response
