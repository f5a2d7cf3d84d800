"""Codes of an authenticator app, each accepted once: the database keeps the last time step that was used."""

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.db import transaction

LAST_STEP = "last_step"


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
        step = _step_of(decrypt(locked.data["secret"]), code)
        if step is None or step <= locked.data.get(LAST_STEP, 0):
            return False
        locked.data[LAST_STEP] = step
        locked.save(update_fields=["data"])
    authenticator.data = locked.data
    return True


def _step_of(secret: str, code: str) -> int | None:
    """Return the time step of the code within the tolerance of `MFA_TOTP_TOLERANCE`, the latest first."""
    for step in reversed(list(yield_hotp_counters_from_time())):
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return int(step)
    return None
