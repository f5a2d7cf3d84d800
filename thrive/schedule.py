"""Beat's schedule. Each task finds out by itself what is due, so a missed run costs nothing but time."""

from datetime import timedelta
from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {
    "heartbeat": {"task": "challenge.heartbeat", "schedule": timedelta(minutes=1)},
    "deliver-mail": {"task": "challenge.deliver_mail", "schedule": timedelta(seconds=30)},
    "deliver-urgent-mail": {"task": "challenge.deliver_urgent_mail", "schedule": timedelta(seconds=10)},
    "deliver-pushes": {"task": "challenge.deliver_pushes", "schedule": timedelta(seconds=30)},
    "send-pushes": {"task": "challenge.send_pushes", "schedule": timedelta(minutes=1)},
    "set-weekly-targets": {"task": "challenge.set_weekly_targets", "schedule": timedelta(minutes=5)},
    "alert-clinicians": {"task": "challenge.alert_clinicians", "schedule": timedelta(minutes=1)},
    "raise-flags": {"task": "challenge.raise_flags", "schedule": timedelta(minutes=30)},
    "send-notices": {"task": "challenge.send_notices", "schedule": timedelta(minutes=15)},
    "apply-address-changes": {
        "task": "challenge.apply_address_changes",
        "schedule": timedelta(minutes=1),
    },
    "write-to-lists": {"task": "challenge.write_to_lists", "schedule": timedelta(minutes=1)},
    "remind-of-calls": {"task": "challenge.remind_of_calls", "schedule": timedelta(minutes=2)},
    "fill-erasure-list": {"task": "challenge.fill_erasure_list", "schedule": timedelta(hours=1)},
    "read-busy-calendars": {"task": "challenge.read_busy_calendars", "schedule": timedelta(minutes=2)},
    "reseal-secrets": {"task": "challenge.reseal_secrets", "schedule": timedelta(hours=1)},
    "seal-histories": {"task": "challenge.seal_histories", "schedule": timedelta(minutes=15)},
    "keep-no-longer": {"task": "challenge.keep_no_longer", "schedule": timedelta(hours=24)},
    "read-release": {"task": "challenge.read_release", "schedule": timedelta(hours=6)},
    "read-waiting-files": {"task": "challenge.read_waiting_files", "schedule": timedelta(seconds=30)},
}
