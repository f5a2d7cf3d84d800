"""An index of what Celery may be asked for, nothing else."""

from challenge.mail.periodic import deliver_mail

__all__ = ["deliver_mail"]
