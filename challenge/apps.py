"""The one Django app: what starts with it, and what follows the migrations."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ChallengeConfig(AppConfig):
    """The clinic's challenge: one app, one label, one linear migration history."""

    name = "challenge"
    verbose_name = "Pain-Free Runner Challenge"

    def ready(self) -> None:
        from challenge.accounts import identity
        from challenge.accounts.roles import set_up_groups
        from challenge.db.program_role import grant_program_role

        post_migrate.connect(set_up_groups, sender=self)
        post_migrate.connect(grant_program_role, sender=self)
        identity.connect()
