"""Signing in with a password, for those who set one."""

from allauth.account.forms import LoginForm


class PasswordLoginForm(LoginForm):
    """Keeps the password, which allauth leaves out where signing up asks for none: codes have a form of their own."""

    def _setup_password_field(self) -> None:
        """The password stays."""
