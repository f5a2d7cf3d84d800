"""An index of what Celery may be asked for, nothing else."""

from challenge.calls.periodic import remind_of_calls
from challenge.enrollment.periodic import apply_address_changes
from challenge.mail.periodic import deliver_mail, deliver_urgent_mail
from challenge.notifications.periodic import alert_clinicians, raise_flags, send_notices
from challenge.operations.periodic import heartbeat, read_newest_release, reseal_secrets, seal_histories
from challenge.privacy.periodic import apply_retention_task, fill_erasure_list_task
from challenge.weekly.periodic import set_weekly_targets
from challenge.workouts.periodic import read_activity_file, read_waiting_files

__all__ = [
    "alert_clinicians",
    "apply_address_changes",
    "apply_retention_task",
    "deliver_mail",
    "deliver_urgent_mail",
    "fill_erasure_list_task",
    "heartbeat",
    "raise_flags",
    "read_activity_file",
    "read_newest_release",
    "read_waiting_files",
    "remind_of_calls",
    "reseal_secrets",
    "seal_histories",
    "send_notices",
    "set_weekly_targets",
]
