"""An index of what Celery may be asked for, nothing else."""

from challenge.mail.periodic import deliver_mail
from challenge.operations.periodic import heartbeat

__all__ = ["deliver_mail", "heartbeat"]
