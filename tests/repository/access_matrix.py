"""Who may open what: one row for each address of the program. A new address without a row fails the build.

A row names the roles that may; all others must be sent to sign in, or get 403 or 404. Rows of a part stand
together. `arguments` makes the address from the world of the test (see test_access.py).
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from challenge.care.actions import raise_flag
from challenge.enrollment.models import CohortClinician
from challenge.mail.actions import addresses_of
from challenge.mail.queries import unsubscribe_url
from challenge.messages.actions import write_message
from challenge.messages.models import MessagePicture
from challenge.messages.picture_child import RedrawnPicture
from challenge.pages.models import TeamPicture
from challenge.protocol.vocabulary import FlagKind
from challenge.workouts.import_actions import start_import
from tests.factories.calls import to_confirm
from tests.factories.clinic import make_picture
from tests.factories.cohorts import change_an_address, enroll, make_cohort, note_a_sign_in, place_on_a_list
from tests.factories.log import log_run, log_strength
from tests.factories.weekly import decide_week

VISITOR = "visitor"
RUNNER = "runner"
OTHER = "other runner"
DESK = "front desk"
OTHER_CLINICIAN = "clinician of another cohort"
CLINICIAN = "clinician"
OWNER = "owner"
ROLES = (VISITOR, RUNNER, OTHER, DESK, OTHER_CLINICIAN, CLINICIAN, OWNER)
EVERYONE = frozenset(ROLES)
SIGNED_IN = EVERYONE - {VISITOR}
STAFF = frozenset({DESK, OTHER_CLINICIAN, CLINICIAN, OWNER})
CLINICIANS = frozenset({OTHER_CLINICIAN, CLINICIAN})
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
    """`may` are the roles that get an answer below 400; `method` is how the address is asked."""

    may: frozenset[str]
    method: str = "get"
    arguments: Callable[[Any], dict[str, Any]] = field(default=lambda world: {})
    data: dict[str, Any] = field(default_factory=dict)


# allauth's own pages: its own tests cover them; that they stay reachable is ours to see.
SIGN_IN_PAGES = {
    "account_login": Row(EVERYONE),
    "account_signup": Row(EVERYONE),
    "account_request_login_code": Row(EVERYONE),
    "account_reset_password": Row(EVERYONE),
    "account_inactive": Row(EVERYONE),
    "account_logout": Row(EVERYONE),
    "account_email": Row(SIGNED_IN),
    "mfa_index": Row(SIGNED_IN),
    "usersessions_list": Row(SIGNED_IN),
    "not_me": Row(EVERYONE, arguments=lambda world: {"token": note_a_sign_in()}),
    "end_session": Row(SIGNED_IN, method="post", arguments=lambda world: {"pk": 0}),
    "sign_in_again": Row(SIGNED_IN),
    "stay_signed_in": Row(STAFF, method="post"),
    "kept_form": Row(STAFF, arguments=lambda world: {"token": "nothing-is-kept-here"}),
}
# Steps inside a flow that only make sense with what came before; allauth keeps their state in the session.
SIGN_IN_STEPS = {
    "account_change_password",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_confirm_password_reset_code",
    "account_complete_password_reset",
    "account_email_verification_sent",
    "account_password_reset_completed",
    "account_reauthenticate",
    "account_reauthenticate_webauthn",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_set_password",
    "account_signup_by_passkey",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_authenticate",
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_edit_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_list_webauthn",
    "mfa_login_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_signup_webauthn",
    "mfa_trust",
    "mfa_view_recovery_codes",
}

# The admin's list of each model: who may see it. Its add, change, delete and history pages follow.
ADMIN_LISTS = {
    "contact": CLINICIANS,
    "message": CLINICIANS,
    "note": CLINICIANS,
    "outcomescore": CLINICIANS,
    "questionnaireanswer": CLINICIANS,
    "loadedquestionnaire": frozenset({OWNER}),
    "accessentry": frozenset({OWNER}),
    "identityevent": frozenset({OWNER}),
    "addressstate": NOBODY,
    "availability": frozenset({DESK, OWNER}),
    "booking": frozenset({DESK, OWNER}),
    "cohort": STAFF,
    "plannedcadence": CLINICIANS,
    "consent": CLINICIANS,
    "dailylife": CLINICIANS,
    "endfeedback": CLINICIANS | {OWNER},
    "earlyaccess": frozenset({DESK, OWNER}),
    "emergencyaccess": frozenset({OWNER}),
    "enrollment": CLINICIANS,
    "entryrevision": CLINICIANS,
    "exercisevideo": CLINICIANS,
    "teammember": frozenset({OWNER}),
    "flag": CLINICIANS,
    "functiontest": CLINICIANS,
    "clinicianoverride": CLINICIANS,
    "complaintchange": CLINICIANS,
    "dismissedproposal": CLINICIANS,
    "runnercomplaint": CLINICIANS,
    "importjob": NOBODY,
    "intake": CLINICIANS,
    "ledgerentry": frozenset({DESK, OWNER}),
    "morning": CLINICIANS,
    "restweek": CLINICIANS,
    "outboxmessage": CLINICIANS,
    "pause": CLINICIANS,
    "phasechange": CLINICIANS,
    "run": CLINICIANS,
    "seat": STAFF,
    "strengthsession": CLINICIANS,
    "heelstrikeperiod": CLINICIANS,
    "user": frozenset({OWNER}),
    "weekfeedback": CLINICIANS | {OWNER},
    "weeklytarget": CLINICIANS,
}
ADMIN_PAGES = {
    "admin:index": Row(STAFF),
    "admin:login": Row(STAFF),
    "admin:logout": Row(EVERYONE, method="post"),
    "admin:jsi18n": Row(STAFF),
    "admin:app_list": Row(STAFF, arguments=lambda world: {"app_label": "challenge"}),
}
# Redirects and look-ups of the admin that show nothing themselves without the model's permission.
ADMIN_STEPS = {
    "admin:view_on_site",
    "admin:autocomplete",
    "admin:password_change",
    "admin:password_change_done",
}


def _token(world: Any) -> dict[str, Any]:
    return {"token": world.call_token}


def _confirm_token(world: Any) -> dict[str, Any]:
    return {"token": to_confirm(world.call_token)}


def _call(world: Any) -> dict[str, Any]:
    return {"pk": world.call.pk}


def _hours(world: Any) -> dict[str, Any]:
    return {"pk": world.call.staff.availability.pk}


def _own_runner(world: Any) -> dict[str, Any]:
    return {"pk": world.enrollment.pk}


def _no_leave(world: Any) -> dict[str, Any]:
    return _hours(world) | {"leave": 0}


# A clinician reaches their own calls; the world's call is with CLINICIAN. A call's link is its key.
MANAGES_CALLS = frozenset({DESK, OWNER})
ITS_STAFF = MANAGES_CALLS | {CLINICIAN}
_leave = {"first": "2026-03-02", "last": "2026-03-06"}
_terms = {
    "time_zone": "America/Chicago",
    "length_min": "20",
    "step_min": "30",
    "buffer_before_min": "0",
    "buffer_after_min": "10",
    "notice_min": "720",
    "horizon_days": "28",
    "calls_a_day": "6",
    "place": "phone",
}
CALLS: dict[str, Row] = {
    "calls:feed": Row(EVERYONE, arguments=lambda world: {"token": world.feed_token}),
    "calls:book": Row(EVERYONE),
    "calls:link_again": Row(EVERYONE),
    "calls:check_in": Row(frozenset({RUNNER, OTHER})),
    "calls:call": Row(EVERYONE, arguments=_token),
    "calls:move": Row(EVERYONE, arguments=_token),
    "calls:cancel": Row(EVERYONE, arguments=_token),
    "calls:confirm": Row(EVERYONE, arguments=_confirm_token),
    "calls:calendar_file": Row(EVERYONE, arguments=_token),
    "calls_admin:day": Row(STAFF),
    "calls_admin:week": Row(STAFF),
    "calls_admin:desk_feed": Row(MANAGES_CALLS, method="post"),
    "calls_admin:squeeze_in": Row(MANAGES_CALLS),
    "calls_admin:correct": Row(
        ITS_STAFF,
        method="post",
        data={"name": "Robin Vale", "email": "robin@callers.test", "zone": "America/Chicago"},
        arguments=_call,
    ),
    "calls_admin:resend": Row(ITS_STAFF, method="post", arguments=_call),
    "calls_admin:hand_over": Row(ITS_STAFF, arguments=_call),
    "calls_admin:phoned": Row(ITS_STAFF, method="post", arguments=_call),
    "calls_admin:followed_up": Row(ITS_STAFF, method="post", arguments=_call),
    "calls_admin:book": Row(MANAGES_CALLS),
    "calls_admin:call": Row(ITS_STAFF, arguments=_call),
    "calls_admin:move": Row(ITS_STAFF, arguments=_call),
    "calls_admin:cancel": Row(
        ITS_STAFF, method="post", data={"reason": "The clinic is closed"}, arguments=_call
    ),
    "calls_admin:outcome": Row(ITS_STAFF, method="post", data={"outcome": "held"}, arguments=_call),
    "calls_admin:notes": Row(ITS_STAFF, method="post", arguments=_call),
    "calls_admin:seat": Row(ITS_STAFF, method="post", arguments=_call),
    "calls_admin:people": Row(STAFF),
    # Who begins, and whose leave ends, is looked up among what the person may see: number 0 does not exist.
    "calls_admin:begin": Row(NOBODY, method="post", data={"staff": "0"}),
    "calls_admin:hours": Row(ITS_STAFF, arguments=_hours),
    "calls_admin:set_week": Row(ITS_STAFF, method="post", arguments=_hours),
    "calls_admin:set_terms": Row(ITS_STAFF, method="post", data=_terms, arguments=_hours),
    "calls_admin:set_date": Row(ITS_STAFF, method="post", data={"on": "2026-02-02"}, arguments=_hours),
    "calls_admin:enter_leave": Row(ITS_STAFF, method="post", data=_leave, arguments=_hours),
    "calls_admin:end_leave": Row(NOBODY, method="post", arguments=_no_leave),
    "calls_admin:set_check_in": Row(
        ITS_STAFF,
        method="post",
        data={"length_min": "30", "buffer_before_min": "0", "buffer_after_min": "10", "place": "phone"},
        arguments=_hours,
    ),
    "calls_admin:check_in": Row(frozenset({CLINICIAN}), arguments=_own_runner),
    "calls_admin:offer_check_in": Row(frozenset({CLINICIAN}), method="post", arguments=_own_runner),
    "calls_admin:enter_calendar": Row(
        frozenset({CLINICIAN}),
        method="post",
        data={"name": "Work", "address": "https://calendar.example/secret.ics"},
        arguments=_hours,
    ),
    "calls_admin:end_calendar": Row(
        NOBODY, method="post", arguments=lambda world: _hours(world) | {"calendar": 0}
    ),
    "calls_admin:renew_feed": Row(frozenset({CLINICIAN}), method="post", arguments=_hours),
}

PAGES = {
    "home": Row(EVERYONE),
    "guide": Row(EVERYONE),
    "guide_page": Row(EVERYONE, arguments=lambda world: {"slug": "cadence"}),
    "guide_easier": Row(EVERYONE, arguments=lambda world: {"slug": "skipping"}),
    "guide_flat": Row(EVERYONE, arguments=lambda world: {"slug": "heavy_calf_raise"}),
    "exercise_sheet": Row(EVERYONE, arguments=lambda world: {"phase": 2}),
    "manifest": Row(EVERYONE),
    "robots": Row(EVERYONE),
    "security_txt": Row(EVERYONE),
    "change_password_page": Row(EVERYONE),
    "sitemap": Row(EVERYONE),
}
OPERATIONS = {"health_live": Row(EVERYONE), "health_ready": Row(EVERYONE)} | {
    "metrics": Row(NOBODY)  # only where METRICS_TOKEN is set
}

PRIVACY = {"privacy_notice": Row(EVERYONE), "me_export": Row(SIGNED_IN), "me_delete": Row(SIGNED_IN)}

PARTS: dict[str, Row] = {**PRIVACY, **PAGES, **CALLS, **OPERATIONS}

JOIN_PAGES = {
    "join": Row(EVERYONE),
    "join_release": Row(SIGNED_IN, method="post"),
    "intake": Row(SIGNED_IN),
    "intake_step": Row(SIGNED_IN, arguments=lambda world: {"step": "running"}),
    "intake_draft": Row(SIGNED_IN, method="post", arguments=lambda world: {"step": "running"}),
    "join_done": Row(SIGNED_IN),
    "join_calendar": Row(frozenset({RUNNER, OTHER})),
    "early_access": Row(EVERYONE),
    "early_access_asked": Row(EVERYONE),
    "early_access_place": Row(EVERYONE, arguments=lambda world: {"token": place_on_a_list()}),
    "emergency": Row(CLINICIANS),
    "notices": Row(CLINICIANS),
    "object_to_address": Row(EVERYONE, arguments=lambda world: {"token": change_an_address()}),
    "seats_admin:launch": Row(frozenset({DESK, OWNER})),
    "overview": Row(frozenset({OWNER})),
    "cohort_numbers": Row(frozenset({OWNER}), arguments=lambda world: {"cohort": world.cohort.slug}),
    "installation_check": Row(frozenset({OWNER})),
    "clinic": Row(frozenset({OWNER})),
    "people": Row(frozenset({OWNER})),
    "invite_colleague": Row(frozenset({OWNER})),
    "close_colleague": Row(frozenset({OWNER}), arguments=lambda world: {"pk": world.people[CLINICIAN].pk}),
    "access_log": Row(frozenset({OWNER})),
    "next_cohort": Row(frozenset({OWNER})),
    "plan_cohort": Row(frozenset({OWNER}), arguments=lambda world: {"slug": _planned()}),
    "plan_preview": Row(frozenset({OWNER}), arguments=lambda world: {"slug": _planned(), "page": "emails"}),
    "plan_announce": Row(frozenset({OWNER}), "post", lambda world: {"slug": _planned()}),
    "plan_delete": Row(frozenset({OWNER}), "post", lambda world: {"slug": _planned()}),
    "join_cohort": Row(EVERYONE, arguments=lambda world: {"slug": world.cohort.slug}),
    "clinic_picture": Row(
        frozenset({OWNER}), "post", lambda world: {"pk": make_picture().member_id}, {"do": "remove"}
    ),
    "team_picture": Row(EVERYONE, arguments=lambda world: _picture(make_picture())),
    "seats_admin:cohorts": Row(frozenset({DESK, OWNER})),
    "seats_admin:seats": Row(frozenset({DESK, OWNER}), arguments=lambda world: {"slug": world.cohort.slug}),
    **{
        f"seats_admin:{name}": Row(
            frozenset({DESK, OWNER}),
            "post",
            lambda world: {"slug": world.cohort.slug},
            {"do": "invite", "sure": "the-cohort"},
        )
        for name in ("close", "invitations", "export")
    },
    "seats_admin:person": Row(
        frozenset({DESK, OWNER}),
        "post",
        lambda world: {"slug": world.cohort.slug},
        {"name": "Kim", "email": "kim@runners.test", "reason": "asked", "do": "hold"},
    ),
    "seats_admin:seat": Row(
        frozenset({DESK, OWNER}),
        "post",
        lambda world: {"slug": world.cohort.slug, "pk": world.enrollment.seat_id},
        {"email": "mended@runners.test", "reason": "a letter was missing"},
    ),
    "me": Row(SIGNED_IN),
    "me_withdraw": Row(SIGNED_IN),
    "join_preview": Row(STAFF, arguments=lambda world: {"step": "you"}),
}


def _weekly_link(world: Any) -> dict[str, Any]:
    address = addresses_of(["somebody@runners.test"])["somebody@runners.test"]
    return {"token": unsubscribe_url(address).rstrip("/").rsplit("/", 1)[1]}


def _weekly_message(world: Any) -> dict[str, Any]:
    """The runner's email of week 1, written when it is first asked for."""
    starts_on = world.cohort.starts_on
    target = decide_week(
        enrollment=world.enrollment, week_starts_on=starts_on, at=datetime(2026, 1, 5, 12, tzinfo=UTC)
    )
    return {"pk": target.message_id}


def _planned() -> str:
    """A cohort to come that no one has joined."""
    return make_cohort(
        starts_on=timezone.localdate() + timedelta(weeks=4, days=-timezone.localdate().weekday())
    ).slug


def _picture(picture: TeamPicture) -> dict[str, Any]:
    return {"pk": picture.member_id, "digest": picture.digest}


def _cohort(world: Any) -> dict[str, Any]:
    return {"cohort": world.cohort.slug}


def _long_cohort_runner(world: Any) -> dict[str, Any]:
    """A runner of the same clinician, in a challenge that is not over at the real time of the test."""
    today = datetime.now(tz=UTC).date()
    cohort = make_cohort(starts_on=today - timedelta(days=today.weekday()))
    CohortClinician.objects.create(cohort=cohort, user=world.people[CLINICIAN])
    return {"pk": enroll(cohort=cohort).pk}


OF_THE_COHORT = frozenset({CLINICIAN})
MAIL_PAGES = {
    "email_inbound": Row(
        NOBODY, method="post", arguments=lambda world: {"service": "postmark"}
    ),  # for the service alone
    "email_unsubscribe": Row(EVERYONE, arguments=_weekly_link),
    "weekly_admin:messages": Row(CLINICIANS),
    "weekly_admin:message": Row(OF_THE_COHORT, arguments=_weekly_message),
    "weekly_admin:message_html": Row(OF_THE_COHORT, arguments=_weekly_message),
    "weekly_admin:message_again": Row(OF_THE_COHORT, method="post", arguments=_weekly_message),
    "weekly_admin:message_test": Row(OF_THE_COHORT, method="post", arguments=_weekly_message),
    "weekly_admin:addresses_again": Row(CLINICIANS, method="post"),
    "weekly_admin:coming": Row(OF_THE_COHORT, arguments=_cohort),
    "weekly_admin:coming_runner": Row(OF_THE_COHORT, arguments=_long_cohort_runner),
    "weekly_admin:coming_html": Row(OF_THE_COHORT, arguments=_long_cohort_runner),
    "weekly_admin:take_back": Row(OF_THE_COHORT, method="post", arguments=_long_cohort_runner),
    "weekly_admin:write": Row(OF_THE_COHORT, arguments=_cohort),
}

RUNNERS = frozenset({RUNNER, OTHER})


def _own_run(world: Any) -> dict[str, Any]:
    return {"kind": "run", "pk": log_run(world.enrollment).pk}


def _own_session(world: Any) -> dict[str, Any]:
    return {"pk": log_strength(world.enrollment).pk}


def _own_upload(world: Any) -> dict[str, Any]:
    batch = uuid.uuid4()
    start_import(enrollment=world.enrollment, batch=batch, files=[("run.fit", b"-")], at=timezone.now())
    return {"batch": batch}


# The log is its runner's alone: another runner's entry is not there, and staff read logs on the review pages.
LOG_PAGES = {
    "service_worker": Row(EVERYONE),
    "log_offline": Row(EVERYONE),
    "feedback": Row(RUNNERS),
    "metronome": Row(EVERYONE),
    "progress": Row(RUNNERS),
    "complaints": Row(RUNNERS),
    "reminders": Row(SIGNED_IN),
    "change_feed": Row(RUNNERS, method="post", data={"turn": "off"}),
    "add_device": Row(NOBODY, method="post"),  # only where PUSH_KEY is set
    "remove_device": Row(SIGNED_IN, method="post", arguments=lambda world: {"pk": 0}),
    "know_home_screen": Row(SIGNED_IN, method="post"),
    "plan_feed": Row(NOBODY),  # the key alone opens it: tests/notifications/test_plan_feed.py
    "today": Row(RUNNERS),
    "plan": Row(RUNNERS),
    "plan_week": Row(RUNNERS, arguments=lambda world: {"number": 1}),
    "log": Row(RUNNERS),
    "log_run": Row(RUNNERS),
    "log_strength": Row(RUNNERS),
    "log_strength_by_hand": Row(RUNNERS),
    "log_strength_set": Row(RUNNERS),
    "log_strength_finish": Row(RUNNERS),
    "log_strength_done": Row(frozenset({RUNNER}), arguments=_own_session),
    "log_morning": Row(RUNNERS),
    "log_daily_life": Row(RUNNERS),
    "log_nothing": Row(RUNNERS),
    "log_pause": Row(RUNNERS),
    "log_stop": Row(RUNNERS),
    "log_import": Row(RUNNERS),
    "log_import_share": Row(RUNNERS),
    "log_import_address": Row(NOBODY, method="post"),  # only where INBOUND_MAIL_DOMAIN is set
    "log_import_preview": Row(frozenset({RUNNER}), arguments=_own_upload),
    "log_entry": Row(frozenset({RUNNER}), arguments=_own_run),
    "log_delete": Row(frozenset({RUNNER}), arguments=_own_run),
}


def _runner_page(world: Any, **more: Any) -> dict[str, Any]:
    return {"cohort": world.cohort.slug, "pk": world.enrollment.pk} | more


def _flag(world: Any) -> dict[str, Any]:
    flag = raise_flag(
        enrollment=world.enrollment,
        kind=FlagKind.ASK,
        rule="pain.ask",
        source="test",
        facts={},
        at=timezone.now(),
    )
    return _runner_page(world, flag=flag.pk)


REVIEW_PAGES = {
    "review:cohorts": Row(CLINICIANS),
    "review:board": Row(OF_THE_COHORT, arguments=_cohort),
    "review:report": Row(OF_THE_COHORT, arguments=_cohort),
    "review:report_csv": Row(OF_THE_COHORT, arguments=_cohort),
    "review:what_if": Row(OF_THE_COHORT | {OWNER}, arguments=_cohort),
    "review:sign_numbers": Row(OF_THE_COHORT | {OWNER}, arguments=_cohort),
    "review:approve": Row(OF_THE_COHORT, method="post", arguments=_cohort),
    "review:runner": Row(OF_THE_COHORT, arguments=_runner_page),
    "review:decide": Row(
        OF_THE_COHORT,
        method="post",
        arguments=lambda world: _runner_page(world, what="note"),
        data={"note-text": "seen"},
    ),
    "review:confirm_address": Row(OF_THE_COHORT, method="post", arguments=_runner_page),
    "review:take": Row(OF_THE_COHORT, method="post", arguments=_flag),
    "review:answer_many": Row(OF_THE_COHORT, method="post", arguments=_cohort),
    "review:next": Row(OF_THE_COHORT, arguments=_cohort),
    "review:undo": Row(OF_THE_COHORT, method="post", arguments=_runner_page),
    "review:close": Row(OF_THE_COHORT, method="post", arguments=_flag, data={"note": "seen"}),
}


# Sent late from a phone: the start of the world's cohort is long over by the real clock.
_start = {"version": "1", "answered_on": "2026-01-09", "answer_normal": "50"}


def _start_of(world: Any) -> dict[str, Any]:
    return {"code": "running", "week": 0}


OUTCOME_PAGES = {
    "questions": Row(RUNNERS),
    "questionnaire": Row(RUNNERS, method="post", arguments=_start_of, data=_start),
    "questionnaire_draft": Row(RUNNERS, method="post", arguments=_start_of, data=_start),
    "outcomes:questionnaires": Row(frozenset({OWNER})),
    "outcomes:runner": Row(OF_THE_COHORT, arguments=lambda world: {"pk": world.enrollment.pk}),
    "outcomes:from_paper": Row(
        OF_THE_COHORT, arguments=lambda world: {"pk": world.enrollment.pk, "code": "running"}
    ),
}


def _message(world: Any) -> dict[str, Any]:
    user = world.enrollment.seat.user
    picture = RedrawnPicture(b"-", 1, 1)
    written = write_message(
        enrollment=world.enrollment,
        key=uuid.uuid4(),
        text="It popped.",
        pictures=[picture],
        by=user,
        at=timezone.now(),
    )
    return {"pk": written.message.pk}


def _message_picture(world: Any) -> dict[str, Any]:
    return {"pk": MessagePicture.objects.get(message=_message(world)["pk"]).pk}


MESSAGE_PAGES = {
    "messages": Row(RUNNERS),
    "messages_draft": Row(RUNNERS, method="post"),
    "messages_read": Row(RUNNERS, method="post"),
    "messages_emails": Row(RUNNERS, method="post"),
    "message_check": Row(frozenset({RUNNER}), arguments=_message),
    "message_picture": Row(frozenset({RUNNER}), arguments=_message_picture),
    "together": Row(RUNNERS),
    "together_join": Row(RUNNERS, method="post"),
    "together_leave": Row(RUNNERS, method="post"),
    # Bib 0 is on no wall.
    "together_nod": Row(NOBODY, method="post", arguments=lambda world: {"number": 0}),
    "messages_admin:note_of_week": Row(OF_THE_COHORT, arguments=_cohort),
    "messages_admin:open": Row(CLINICIANS),
    "messages_admin:conversation": Row(OF_THE_COHORT, arguments=lambda world: {"pk": world.enrollment.pk}),
    "messages_admin:picture": Row(OF_THE_COHORT, arguments=_message_picture),
    # One's own template is looked up by number: number 0 does not exist.
    "messages_admin:delete_template": Row(
        NOBODY, method="post", arguments=lambda world: {"pk": world.enrollment.pk, "template": 0}
    ),
}

ROWS = (
    MESSAGE_PAGES
    | OUTCOME_PAGES
    | REVIEW_PAGES
    | LOG_PAGES
    | MAIL_PAGES
    | SIGN_IN_PAGES
    | ADMIN_PAGES
    | CALLS
    | PARTS
    | JOIN_PAGES
)
