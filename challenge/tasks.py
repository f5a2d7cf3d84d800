"""An index of what Celery may be asked for, nothing else."""

from challenge.calls.periodic import remind_of_calls
from challenge.mail.periodic import deliver_mail, deliver_urgent_mail
from challenge.operations.periodic import heartbeat
from challenge.targets.periodic import set_weekly_targets

__all__ = ["deliver_mail", "deliver_urgent_mail", "heartbeat", "remind_of_calls", "set_weekly_targets"]
__all__ = ["deliver_mail", "deliver_urgent_mail", "heartbeat", "set_weekly_targets"]
from challenge.workouts.periodic import read_activity_file, read_waiting_files

__all__ = ["deliver_mail", "read_activity_file", "read_waiting_files"]
