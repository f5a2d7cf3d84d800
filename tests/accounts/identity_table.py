"""Every way to change an identity, by whom: what is logged, who is written to, which sessions end, what waits.

`test_identity_table.py` does each of them. A new address of allauth, of the admin or of our own that changes an
identity needs a line in ROUTES, and code that writes an identity a line in WRITERS.
"""

from dataclasses import dataclass

OLD, NEW, OWNERS = "old@runners.test", "new@runners.test", "owner@clinic.test"


@dataclass(frozen=True)
class Way:
    """`ends` is which sessions of the account end: none, those on other devices, or all. A way that waits changes
    nothing yet."""

    by: str
    logs: tuple[str, ...]
    mails: frozenset[str] = frozenset()
    ends: str = "none"
    waits: bool = False


def _way(by: str, *logs: str, to: str = "", ends: str = "none", waits: bool = False) -> Way:
    return Way(by, logs, frozenset(to.split()), ends, waits)


WAYS = {
    # The person, signed in with a fresh sign-in.
    "choose another address": _way("person", "email_changed", to=f"{OLD} {NEW}", ends="others"),
    "confirm another address": _way("person", "code_sent", "email_added", "email_confirm", to=f"{OLD} {NEW}"),
    "remove an address": _way("person", "email_deleted", to=f"{OLD} {NEW}", ends="others"),
    "change the password": _way("person", "password_changed", to=OLD, ends="others"),
    "set a password": _way("person", "password_set", to=OLD, ends="others"),
    "add an app": _way("person", "totp_activated", "recovery_codes_made", to=OLD, ends="others"),
    "add a passkey": _way("person", "webauthn_added", "recovery_codes_made", to=OLD, ends="others"),
    "remove a passkey": _way("person", "webauthn_removed", to=OLD, ends="others"),
    "sign out one device": _way("person", "session_ended", ends="others"),
    "download everything": _way("person", "data_exported", to=OLD),
    # Nothing is left to write to: an address in the outbox would name the person who is erased.
    "make a calendar of the plan": _way("person", "calendar_made", to=OLD),
    "make an address for files": _way("person", "file_address_made", to=OLD),
    "make a calendar of one’s calls": _way("clinician", "calendar_made", to=OLD),
    "make a calendar of all calls": _way("front desk", "calendar_made", to=OLD),
    "erase the account": _way("person", "account_erased", ends="all"),
    # Someone who proves the mailbox, or nothing at all.
    "reset the password": _way("mailbox", "code_sent", "password_reset", to=OLD, ends="others"),
    "type a wrong password": _way("stranger", "sign_in_refused"),
    "press “this wasn’t me”": _way("mailbox", "not_me", to=OWNERS, ends="all"),
    "object to another address": _way("mailbox", "address_kept", to=OWNERS, ends="all"),
    # Staff.
    "correct an address without a record": _way("front desk", "address_given", to=f"{OLD} {NEW}", ends="all"),
    "correct an address with a record": _way("front desk", "address_asked", to=f"{OLD} {NEW}", waits=True),
    "confirm the address": _way("clinician", "address_given", ends="all"),
    "change the roles": _way("owner", "role_changed", to=OLD, ends="all"),
    "ask for a second owner": _way("owner", "role_asked", to=f"{OLD} {OWNERS}", waits=True),
    "confirm the second owner": _way("second owner", "role_changed", to=OLD, ends="all"),
    "stop the second owner": _way("owner", "role_kept"),
    "close the account": _way("owner", "account_closed", to=OLD, ends="all"),
    "open it again": _way("owner", "account_opened", to=OLD, ends="all"),
    "ask to remove the factors": _way("owner", "factors_reset_asked", to=OLD, waits=True),
    "confirm to remove the factors": _way("second owner", "factors_reset", to=OLD, ends="all"),
    "let a frozen account in": _way("owner", "cleared"),
    # The program.
    "apply an address after 48 hours": _way("program", "address_given", ends="all"),
    "give the role after 48 hours": _way("program", "role_changed", to=OLD, ends="all"),
    "remove the factors after 48 hours": _way("program", "factors_reset", to=OLD, ends="all"),
    "make the first owner": _way("shell", "role_changed", to=OLD, ends="all"),
}

NOTHING = "changes nothing of an identity"
# Address -> the ways that it opens, or why it opens none.
ROUTES: dict[str, tuple[str, ...] | str] = {
    "account_email": ("choose another address", "confirm another address", "remove an address"),
    "account_email_verification_sent": ("confirm another address",),
    "account_change_password": ("change the password",),
    "account_set_password": ("set a password",),
    "account_reset_password": ("reset the password",),
    "account_confirm_password_reset_code": ("reset the password",),
    "account_complete_password_reset": ("reset the password",),
    "account_login": ("type a wrong password",),
    "account_signup": "a new account has no identity to change; its sign-in is in test_identity_events",
    "account_request_login_code": "a sign-in, in test_identity_events",
    "account_confirm_login_code": "a sign-in, in test_identity_events",
    "mfa_authenticate": "a sign-in, in test_identity_events",
    "mfa_login_webauthn": "a sign-in, in tests/accounts/test_passkeys.py",
    "account_password_reset_completed": NOTHING,
    "account_logout": NOTHING,
    "account_inactive": NOTHING,
    "account_reauthenticate": "a wrong password is the refusal of account_login",
    "mfa_reauthenticate": NOTHING,
    "mfa_reauthenticate_webauthn": NOTHING,
    "mfa_index": NOTHING,
    "mfa_activate_totp": ("add an app",),
    "mfa_deactivate_totp": "as a passkey, in test_notices_of_sign_in",
    "mfa_add_webauthn": ("add a passkey",),
    "mfa_remove_webauthn": ("remove a passkey",),
    "mfa_edit_webauthn": "a name alone",
    "mfa_list_webauthn": NOTHING,
    "mfa_generate_recovery_codes": "in test_notices_of_sign_in",
    "mfa_view_recovery_codes": NOTHING,
    "mfa_download_recovery_codes": NOTHING,
    "usersessions_list": ("sign out one device",),
    "end_session": ("sign out one device",),
    "not_me": ("press “this wasn’t me”",),
    "sign_in_again": NOTHING,
    "stay_signed_in": NOTHING,
    "kept_form": NOTHING,
    "me_export": ("download everything",),
    "me_delete": ("erase the account",),
    "change_feed": ("make a calendar of the plan",),
    "log_import_address": ("make an address for files",),
    "calls_admin:renew_feed": ("make a calendar of one’s calls",),
    "calls_admin:desk_feed": ("make a calendar of all calls",),
    "object_to_address": ("object to another address",),
    "review:confirm_address": ("confirm the address",),
    "seats_admin:seat": ("correct an address without a record", "correct an address with a record"),
    "admin:challenge_user_add": "an account of its own: account_made, below",
    "admin:challenge_user_change": (
        "change the roles",
        "ask for a second owner",
        "confirm the second owner",
        "stop the second owner",
        "close the account",
        "open it again",
        "ask to remove the factors",
        "confirm to remove the factors",
        "let a frozen account in",
    ),
    "admin:challenge_user_changelist": "no action of the list changes an account",
    "admin:challenge_user_delete": "never allowed",
    "admin:password_change": "the old form of the admin: needs the old password, and its page is allauth's here",
    "admin:password_change_done": NOTHING,
}
# Models of identity whose admin shows rows and changes none.
READ_ONLY = {"authenticator", "identityevent", "emergencyaccess", "accessentry"}

# Module -> why it may write an identity.
WRITERS = {
    "accounts/actions.py": "its callers record it",
    "accounts/admin.py": "records it",
    "enrollment/disputes.py": "records it",
    "accounts/second_person.py": "records it",
    "accounts/models.py": "makes accounts",
    "accounts/one_time_codes.py": "marks a code as used",
    "accounts/privacy.py": "erases: recorded by privacy.actions",
    "accounts/roles.py": "the permissions of roles, after each migration",
    "enrollment/account_admin.py": "leaves a closed account closed",
    "enrollment/address_changes.py": "records it",
    "enrollment/staff_actions.py": "makes accounts without a way in; the role of a runner opens nothing",
    "intake/actions.py": "gives the role of a runner, which opens nothing",
    "management/commands/first_owner.py": "records it",
    "operations/demo/people.py": "invented people",
    "operations/people.py": "records it",
    "operations/race_drill.py": "invented people in a database that is thrown away",
}
