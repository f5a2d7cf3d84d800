"""An authenticator app as a person uses it."""

import base64
import hmac
import time

from allauth.mfa import app_settings

from tests.program import eventually

ENOUGH_S = 12  # to type it, and for a busy page to take it


def code_now(secret: str, *, steps: int = 0) -> str:
    """Return the code of this moment (RFC 6238: HMAC-SHA1 over the number of periods, truncated to six digits).

    `steps` is how many half minutes the phone's clock is ahead: the code that set an app up is used, the next is not.
    """
    counter = int(time.time()) // app_settings.TOTP_PERIOD + steps
    digest = hmac.new(base64.b32decode(secret), counter.to_bytes(8, "big"), "sha1").digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def shown_code(secret: str) -> str:
    """What the app shows, once there is time enough to type it before it turns."""
    period = app_settings.TOTP_PERIOD
    eventually(lambda: period - time.time() % period > ENOUGH_S, what="a new code")
    return code_now(secret)
