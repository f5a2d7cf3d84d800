from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ChallengeConfig(AppConfig):
    """The clinic's challenge: one app, one label, one linear migration history."""

    name = "challenge"
    verbose_name = "Pain-Free Runner Challenge"

    def ready(self) -> None:
        from allauth.account import signals as account
        from allauth.mfa.signals import authenticator_added

        from challenge.accounts.emails import notify_of_confirmed_address
        from challenge.accounts.roles import set_up_groups
        from challenge.accounts.sessions import end_other_sessions, mark_factor_used

        post_migrate.connect(set_up_groups, sender=self)
        authenticator_added.connect(mark_factor_used)
        account.email_confirmed.connect(notify_of_confirmed_address)
        changes = (account.email_changed, account.email_removed, account.password_changed)
        for change in (*changes, account.password_set, account.password_reset):
            change.connect(end_other_sessions)
