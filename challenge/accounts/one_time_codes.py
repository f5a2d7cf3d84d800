"""Codes of an authenticator app, each accepted once: the database keeps the last time step that was used."""

import hmac
import time
from base64 import b32decode

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare

LAST_STEP = "last_step"
PERIOD_S, DIGITS = 30, 6  # allauth's own, which the picture for the app states


def use_code(authenticator: Authenticator, code: str) -> bool:
    """Use up the time step of a right code; return False if it, or a later one, was used before (RFC 6238, 5.2).

    allauth remembers a used code in the cache for one step, which a restart of the cache forgets, and which is shorter
    than the three steps in which a code is accepted here.
    """
    with transaction.atomic():
        # The lock makes two windows that send the same code take turns.
        locked = Authenticator.objects.select_for_update(no_key=True).filter(pk=authenticator.pk).first()
        if locked is None:  # removed since, in another window
            return False
        step = _step_of(get_adapter().decrypt(locked.data["secret"]), code)
        if step is None or step <= locked.data.get(LAST_STEP, 0):
            return False
        locked.data[LAST_STEP] = step
        locked.save(update_fields=["data"])
    authenticator.data = locked.data
    return True


def _step_of(secret: str, code: str) -> int | None:
    """Return the time step of the code within the tolerance of `MFA_TOTP_TOLERANCE`, the latest first."""
    now, tolerance = int(time.time()) // PERIOD_S, settings.MFA_TOTP_TOLERANCE
    typed = "".join(code.split())
    for step in range(now + tolerance, now - tolerance - 1, -1):
        if constant_time_compare(typed, code_of(secret, step)):
            return step
    return None


def code_of(secret: str, step: int) -> str:
    """Return the six digits of a time step: RFC 6238 with SHA-1, as every authenticator app has it."""
    digest = hmac.digest(b32decode(secret, casefold=True), step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F  # RFC 4226, 5.3: the last four bits say where the number begins
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"
