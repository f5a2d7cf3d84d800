"""An authenticator app as a person uses it."""

import time

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from tests.program import eventually

ENOUGH_S = 12  # to type it, and for a busy page to take it


def shown_code(secret: str) -> str:
    """What the app shows, once there is time enough to type it before it turns."""
    period = app_settings.TOTP_PERIOD
    eventually(lambda: period - time.time() % period > ENOUGH_S, what="a new code")
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // period)))
