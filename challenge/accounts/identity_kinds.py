"""What can happen to who someone is: the kind, the sentence its person reads, and whether it is mailed.

A new way to change an account begins with a line here; `tests/accounts/identity_table.py` states who may do it and what
follows.
"""

from dataclasses import dataclass

from django.db.models import TextChoices


class IdentityKind(TextChoices):
    """The groups that owners filter by."""

    SIGN_IN = "sign_in", "signed in"
    REFUSED = "refused", "sign-in refused"
    CODE = "code", "code sent"
    SESSION = "session", "devices signed out"
    ADDRESS = "address", "email address"
    PASSWORD = "password", "password"
    FACTOR = "factor", "second factor"
    RECOVERY = "recovery", "recovery codes"
    PASSKEY = "passkey", "passkey"
    ROLE = "role", "role"
    ACTIVATION = "activation", "account opened or closed"
    EXPORT = "export", "data exported"
    ERASURE = "erasure", "account erased"
    RESTORE = "restore", "restored from a backup"
    NOT_ME = "not_me", "“this was not me”"
    CLEARED = "cleared", "cleared after a talk"


@dataclass(frozen=True)
class EventInfo:
    """One thing that can happen. `sentence` is for the person of the account; a mailed one has a "not me" link."""

    kind: IdentityKind
    sentence: str
    is_mailed: bool = False


_K = IdentityKind
EVENTS: dict[str, EventInfo] = {
    "signed_in": EventInfo(_K.SIGN_IN, "There was a sign-in to your account."),
    "signed_in_new_device": EventInfo(
        _K.SIGN_IN, "There was a sign-in to your account from a new device.", is_mailed=True
    ),
    "sign_in_refused": EventInfo(_K.REFUSED, "A sign-in was refused."),
    "factor_refused": EventInfo(_K.REFUSED, "A sign-in was refused at the second step."),
    "code_sent": EventInfo(_K.CODE, "A code was sent by email."),
    "session_ended": EventInfo(_K.SESSION, "A device was signed out from another one."),
    "email_added": EventInfo(_K.ADDRESS, "An email address was added, not confirmed yet."),
    "email_confirm": EventInfo(_K.ADDRESS, "An email address of your account was confirmed.", is_mailed=True),
    "email_changed": EventInfo(_K.ADDRESS, "The email address of your account was changed.", is_mailed=True),
    "email_deleted": EventInfo(_K.ADDRESS, "An email address was removed from your account.", is_mailed=True),
    # The changes of address by staff have emails of their own, with the link to object: see `address_changes`.
    "address_asked": EventInfo(_K.ADDRESS, "The clinic was asked for another address."),
    "address_given": EventInfo(_K.ADDRESS, "The clinic gave your account another address."),
    "address_kept": EventInfo(_K.ADDRESS, "A change of your address was stopped."),
    "password_changed": EventInfo(_K.PASSWORD, "The password of your account was changed.", is_mailed=True),
    "password_reset": EventInfo(_K.PASSWORD, "The password of your account was reset.", is_mailed=True),
    "password_set": EventInfo(_K.PASSWORD, "A password was set for your account.", is_mailed=True),
    "totp_activated": EventInfo(_K.FACTOR, "An authenticator app was added to your account.", is_mailed=True),
    "totp_deactivated": EventInfo(
        _K.FACTOR, "The authenticator app was removed from your account.", is_mailed=True
    ),
    "factors_reset_asked": EventInfo(
        _K.FACTOR, "The clinic was asked to remove your second factors.", is_mailed=True
    ),
    "factors_reset": EventInfo(_K.FACTOR, "The clinic removed your second factors.", is_mailed=True),
    "factors_kept": EventInfo(_K.FACTOR, "A removal of your second factors was stopped."),
    "recovery_codes_made": EventInfo(_K.RECOVERY, "The first recovery codes were made."),
    "recovery_codes_generated": EventInfo(
        _K.RECOVERY, "New recovery codes were made for your account.", is_mailed=True
    ),
    "recovery_codes_removed": EventInfo(_K.RECOVERY, "The recovery codes went with the last second factor."),
    "webauthn_added": EventInfo(_K.PASSKEY, "A passkey was added to your account.", is_mailed=True),
    "webauthn_removed": EventInfo(_K.PASSKEY, "A passkey was removed from your account.", is_mailed=True),
    "role_changed": EventInfo(_K.ROLE, "Your role at the clinic was changed.", is_mailed=True),
    "role_asked": EventInfo(_K.ROLE, "The clinic was asked to give you a role.", is_mailed=True),
    "role_kept": EventInfo(_K.ROLE, "A role that you were to get was stopped."),
    # The invitation is the email about it.
    "role_given": EventInfo(_K.ROLE, "The clinic gave you a role."),
    # Mailed by `enrollment.emails.clinician_named`, where there are runners whose data it opens.
    "cohort_given": EventInfo(_K.ROLE, "You were named a clinician of a cohort."),
    "cohort_taken": EventInfo(_K.ROLE, "You are no longer a clinician of a cohort."),
    "account_made": EventInfo(_K.ACTIVATION, "The clinic made this account."),
    "account_closed": EventInfo(_K.ACTIVATION, "The clinic closed your account.", is_mailed=True),
    "account_opened": EventInfo(_K.ACTIVATION, "The clinic opened your account again.", is_mailed=True),
    "data_exported": EventInfo(_K.EXPORT, "Your data was downloaded.", is_mailed=True),
    # Made with the account; both open without signing in, also after its sessions end.
    "calendar_made": EventInfo(
        _K.EXPORT, "A secret address for a calendar was made in your account.", is_mailed=True
    ),
    "file_address_made": EventInfo(
        _K.ADDRESS, "An address to mail activity files to was made in your account.", is_mailed=True
    ),
    "account_erased": EventInfo(_K.ERASURE, "The account was erased."),
    "restored": EventInfo(_K.RESTORE, "The clinic went back to a backup."),
    "not_me": EventInfo(_K.NOT_ME, "You reported: this was not me."),
    "cleared": EventInfo(_K.CLEARED, "The clinic talked with you and opened the account again."),
}
