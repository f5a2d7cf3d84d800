"""Every page there is, and who sees it: for the accessibility tests, the budgets, the Nu checker and the screenshots.

Names of people and `{words}` in addresses are those of `world`. A page that is not listed here fails a test.
"""

from dataclasses import dataclass, field, replace

from django.contrib import admin


@dataclass(frozen=True)
class Place:
    """`who` opens `path`, sends its form where there is something to send, and gets `status`.

    What is `deep` is looked at by `make deep` alone.
    """

    name: str
    path: str
    who: str = "visitor"
    status: int = 200
    deep: bool = False
    sends: dict[str, str] | None = field(default=None, hash=False)

    def __str__(self) -> str:
        return f"{self.name}-{self.who}"


PUBLIC = (
    Place("home", "/"),
    Place("guide", "/guide/"),
    Place("guide-spring", "/guide/spring-and-brake/"),
    Place("guide-recovery", "/guide/recovery/"),
    Place("guide-mistakes", "/guide/three-mistakes/"),
    Place("guide-cadence", "/guide/cadence/"),
    Place("guide-strike", "/guide/strike/"),
    Place("guide-outdoors", "/guide/outdoors-and-treadmill/"),
    Place("guide-not-lasting", "/guide/what-does-not-last/"),
    Place("guide-phases", "/guide/phases/"),
    Place("guide-pain", "/guide/pain/"),
    Place("exercise", "/guide/heavy_calf_raise/"),
    Place("exercise-arch", "/guide/arch_raise/"),
    Place("exercise-easier", "/guide/split_squat_calf_raise/easier/"),
    Place("exercise-flat", "/guide/heavy_calf_raise/flat/"),
    Place("exercise-track", "/guide/hip_hike/"),
    Place("sheet", "/guide/sheet/2/"),
    Place("privacy", "/privacy/"),
    Place("not-found", "/nowhere/", status=404),
)
SIGNING_IN = (
    Place("sign-in", "/accounts/login/"),
    Place("sign-up", "/accounts/signup/"),
    Place("sign-in-code", "/accounts/login/code/"),
    Place("sign-in-code-confirm", "/accounts/login/code/confirm/", "coding"),
    Place("email-confirm", "/accounts/confirm-email/", "confirming"),
    Place("password-forgotten", "/accounts/password/reset/"),
    Place("password-code", "/accounts/password/reset/confirm/", "resetting"),
    Place("password-new", "/accounts/password/reset/complete/", "renewing"),
    Place("password-renewed", "/accounts/password/reset/done/"),
    Place("account-asleep", "/accounts/inactive/"),
    Place("second-factor", "/accounts/2fa/authenticate/", "half"),
)
ACCOUNT = (
    Place("account-email", "/accounts/email/", "runner"),
    Place("account-sessions", "/accounts/sessions/", "runner"),
    Place("account-sign-out", "/accounts/logout/", "runner"),
    Place("account-again", "/accounts/again/", "runner"),
    Place("account-password", "/accounts/password/set/", "runner"),
    Place("account-factor", "/accounts/2fa/", "runner"),
    Place("factor-app", "/accounts/2fa/totp/activate/", "runner"),
    Place("factor-passkey", "/accounts/2fa/webauthn/add/", "runner"),
    Place("factors", "/accounts/2fa/", "clinician"),
    Place("account-password-change", "/accounts/password/change/", "clinician"),
    Place("account-sure", "/accounts/reauthenticate/", "clinician"),
    Place("factor-sure", "/accounts/2fa/reauthenticate/", "clinician"),
    Place("passkey-sure", "/accounts/2fa/webauthn/reauthenticate/", "clinician"),
    Place("factor-app-off", "/accounts/2fa/totp/deactivate/", "clinician"),
    Place("recovery-codes", "/accounts/2fa/recovery-codes/", "clinician"),
    Place("recovery-codes-new", "/accounts/2fa/recovery-codes/generate/", "clinician"),
    Place("passkeys", "/accounts/2fa/webauthn/", "clinician"),
    Place("passkey-name", "/accounts/2fa/webauthn/keys/{key}/edit/", "clinician"),
    Place("passkey-remove", "/accounts/2fa/webauthn/keys/{key}/remove/", "clinician"),
)
JOINING = (
    Place("early-access", "/early-access/"),
    Place("early-access-asked", "/early-access/asked/"),
    Place("early-access-place", "/early-access/{listed}/"),
    Place("not-me", "/accounts/not-me/{not_me}/"),
    Place("object-to-address", "/address/{objection}/"),
    Place("join", "/join/"),
    Place("join-cohort", "/join/{open}/"),
    Place("join-new", "/join/", "new"),
    Place("join-missed", "/join/?missed", "new"),
    Place("join-held", "/join/", "joining"),
    Place("join-staff", "/join/", "clinician"),
    Place("intake", "/join/intake/", "joining"),
    *(
        Place(f"intake-{step}", f"/join/intake/{step}/", "joining")
        for step in ("you", "running", "body", "agree")
    ),
    Place("intake-preview", "/join/preview/body/", "clinician"),
    Place("join-done", "/join/done/", "waiting"),
    Place("me-new", "/me/", "new"),
    Place("call", "/call/"),
    Place("call-unclear-zone", "/call/?zone=sant"),
    Place("call-details", "/call/?slot={slot}"),
    Place("call-booked", "/call/{call_token}/"),
    Place("call-move", "/call/{call_token}/move/"),
    Place("call-move-to", "/call/{call_token}/move/?slot={slot}"),
    Place("call-cancel", "/call/{call_token}/cancel/"),
    Place("call-confirm", "/call/confirm/{confirm_token}/"),
    Place("unsubscribe", "/email/unsubscribe/{unsubscribe}/"),
)
RUNNING = (
    Place("today", "/today/", "runner"),
    Place("today-stopped", "/today/", "stopped"),
    Place("today-paused", "/today/", "paused"),
    Place("today-bare", "/today/", "bare"),
    Place("today-waiting", "/today/", "waiting"),
    Place("today-over", "/today/", "over"),
    Place("today-new", "/today/", "new"),
    Place("log", "/log/", "runner"),
    Place("log-run", "/log/run/", "runner"),
    Place("log-run-entry", "/log/run/{run}/", "runner"),
    Place("log-run-delete", "/log/run/{run}/delete/", "runner"),
    Place("log-strength", "/log/strength/", "runner"),
    Place("log-strength-by-hand", "/log/strength/by-hand/", "runner"),
    Place("log-strength-finish", "/log/strength/finish/", "runner"),
    Place("log-strength-done", "/log/strength/done/{strength}/", "runner"),
    Place("log-morning", "/log/morning/", "runner"),
    Place("log-import", "/log/import/", "runner"),
    Place("log-import-share", "/log/import/share/", "runner"),
    Place("log-import-reading", "/log/import/{reading}/", "runner"),
    Place("log-import-read", "/log/import/{read}/", "runner"),
    Place("log-import-doubts", "/log/import/{doubtful}/", "runner"),
    Place("log-daily-life", "/log/daily-life/", "runner"),
    Place("questions", "/questions/", "runner"),
    Place("questions-bare", "/questions/", "bare"),
    Place("questions-activities", "/questions/activities/0/", "waiting"),
    Place("questions-running", "/questions/running/0/", "waiting"),
    Place("questions-weekly", "/questions/weekly/{week_asked}/", "runner"),
    Place("log-nothing", "/log/nothing/", "runner"),
    Place("log-pause", "/log/pause/", "runner"),
    Place("log-pause-running", "/log/pause/", "paused"),
    Place("log-stop", "/log/stop/", "stopped"),
    Place("log-offline", "/log/offline/", "runner"),
    Place("plan", "/plan/", "runner"),
    Place("plan-bare", "/plan/", "bare"),
    Place("plan-week", "/plan/1/", "runner"),
    Place("plan-stopped", "/plan/3/", "stopped"),
    Place("messages", "/messages/", "runner"),
    Place("messages-none", "/messages/", "bare"),
    Place("together", "/together/", "runner"),
    Place("together-off", "/together/", "bare"),
    Place("messages-check", "/messages/{asked}/check/", "runner"),
    Place("me", "/me/", "runner"),
    Place("reminders", "/me/reminders/", "runner"),
    Place("me-withdraw", "/me/withdraw/", "runner"),
    Place("complaints", "/me/complaints/", "runner"),
    Place("complaints-bare", "/me/complaints/", "bare"),
    Place("me-export", "/me/export/", "runner"),
    Place("me-delete", "/me/delete/", "runner"),
    Place("metronome", "/metronome/", "runner"),
    Place("metronome-visitor", "/metronome/"),
    Place("progress", "/progress/", "runner"),
    Place("progress-bare", "/progress/", "bare"),
    Place("feedback", "/feedback/", "runner"),
    Place("feedback-end", "/feedback/", "over"),
)
STAFF = (
    Place("admin", "/admin/", "superuser"),
    Place("overview", "/admin/overview/", "owner"),
    Place("overview-cohort", "/admin/overview/{cohort}/", "owner"),
    Place("installation_check", "/admin/check/", "owner"),
    Place("clinic", "/admin/clinic/", "owner"),
    Place("people", "/admin/people/", "owner"),
    Place("invite-colleague", "/admin/people/invite/", "owner"),
    Place("close-colleague", "/admin/people/{clinician}/close/", "owner"),
    Place("access-log", "/admin/access/", "owner"),
    Place("cohort-next", "/admin/cohorts/next/", "owner"),
    Place("cohort-plan", "/admin/cohorts/{open}/", "owner"),
    Place("cohort-emails", "/admin/cohorts/{open}/preview/emails/", "owner"),
    Place("admin-clinician", "/admin/", "clinician"),
    Place("admin-desk", "/admin/", "desk"),
    Place("admin-app", "/admin/challenge/", "superuser"),
    Place("admin-cohorts", "/admin/challenge/cohort/", "superuser"),
    Place("admin-cohort", "/admin/challenge/cohort/add/", "superuser"),
    Place("admin-runs", "/admin/challenge/run/", "clinician"),
    Place("admin-run", "/admin/challenge/run/{run}/change/", "clinician"),
    Place("admin-run-history", "/admin/challenge/run/{run}/history/", "clinician"),
    Place("admin-cohort-delete", "/admin/challenge/cohort/{cohort_pk}/delete/", "superuser", status=403),
    Place("admin-password", "/admin/password_change/", "superuser", deep=True),
    Place("admin-password-done", "/admin/password_change/done/", "superuser", deep=True),
    Place("board", "/admin/review/{cohort}/", "clinician"),
    Place("review", "/admin/review/{cohort}/runners/{runner}/", "clinician"),
    Place("report", "/admin/review/{cohort}/report/", "clinician"),
    Place("what-if", "/admin/review/{cohort}/what-if/", "clinician"),
    Place("questionnaires", "/admin/questionnaires/", "owner"),
    Place("questionnaires-runner", "/admin/questionnaires/runners/{runner}/", "clinician"),
    Place("questionnaires-paper", "/admin/questionnaires/runners/{runner}/activities/", "clinician"),
    Place("mail", "/admin/targets/", "clinician"),
    Place("messages-note", "/admin/messages/cohorts/{cohort}/note/", "clinician"),
    Place("messages-open", "/admin/messages/", "clinician"),
    Place("messages-conversation", "/admin/messages/runners/{runner}/", "clinician"),
    Place("mail-message", "/admin/targets/messages/{message}/", "clinician"),
    Place("mail-coming", "/admin/targets/coming/{cohort}/", "clinician"),
    Place("mail-coming-runner", "/admin/targets/coming/runners/{runner}/", "clinician"),
    Place("mail-write", "/admin/targets/write/{cohort}/", "clinician"),
    Place("seats-cohorts", "/admin/seats/", "desk"),
    Place("seats-launch", "/admin/seats/launch/", "owner"),
    Place("seats", "/admin/seats/{cohort}/", "desk"),
    Place("seats-open", "/admin/seats/{open}/", "desk"),
    Place("call-link-again", "/call/again/"),
    Place("call-check-in", "/call/check-in/", "runner"),
    Place("emergency", "/admin/emergency/", "clinician"),
    Place("notices", "/admin/notices/", "clinician"),
    Place("calls-day", "/admin/calls/", "clinician"),
    Place("calls-day-desk", "/admin/calls/", "desk"),
    Place("calls-found", "/admin/calls/?q=robin", "desk"),
    Place("calls-squeeze-in", "/admin/calls/squeeze-in/", "desk"),
    Place("calendar", "/admin/calls/week/", "clinician"),
    Place("calendar-desk", "/admin/calls/week/", "desk"),
    Place("calendar-book", "/admin/calls/book/", "desk"),
    Place("calendar-book-slot", "/admin/calls/book/?slot={slot}", "desk"),
    Place("calendar-call", "/admin/calls/{call}/", "clinician"),
    Place("calendar-call-desk", "/admin/calls/{call}/", "desk"),
    Place("calendar-move", "/admin/calls/{call}/move/", "desk"),
    Place("calendar-check-in", "/admin/calls/check-in/{runner}/", "clinician"),
    Place("calendar-people", "/admin/calls/hours/", "desk"),
    Place("calendar-hours", "/admin/calls/hours/{hours}/", "clinician"),
    Place("staff-refused", "/admin/review/{cohort}/", "desk", status=403),
)

# Forms that came back: each error is next to its field, at the same address.
_CAME_BACK = (
    Place(
        "sign-in-wrong",
        "/accounts/login/",
        status=200,
        sends={"login": "nobody@runners.test", "password": "x"},
    ),
    Place("sign-up-wrong", "/accounts/signup/", sends={"email": "no address"}),
    Place("sign-in-code-wrong", "/accounts/login/code/confirm/", "coding", sends={"code": "0"}),
    Place("second-factor-wrong", "/accounts/2fa/authenticate/", "half", sends={"code": "0"}),
    Place("early-access-wrong", "/early-access/", status=422, sends={"email": "no address"}),
    Place("call-details-wrong", "/call/?slot={slot}", status=422, sends={"email": "no address"}),
    *(
        Place(f"intake-{step}-wrong", f"/join/intake/{step}/", "joining", status=422, sends=wrong)
        for step, wrong in {
            "you": {"name": ""},
            "running": {"longest_run": "far"},
            "body": {"now_1": "4"},
            "agree": {},
        }.items()
    ),
    Place("log-run-wrong", "/log/run/", "runner", status=422, sends={"distance_m": "far"}),
    Place("log-strength-wrong", "/log/strength/by-hand/", "runner", status=422, sends={}),
    Place("log-strength-finish-wrong", "/log/strength/finish/", "runner", status=422, sends={}),
    Place("log-morning-wrong", "/log/morning/", "runner", status=422, sends={}),
    Place("log-daily-life-wrong", "/log/daily-life/", "runner", status=422, sends={}),
    Place("questions-wrong", "/questions/activities/0/", "waiting", status=422, sends={"answer_first": "3"}),
    Place("questionnaires-wrong", "/admin/questionnaires/", "owner", status=422, sends={"text": "{}"}),
    Place("log-pause-wrong", "/log/pause/", "runner", status=422, sends={}),
    Place("log-import-wrong", "/log/import/", "runner", status=422, sends={}),
    Place("log-import-doubts-wrong", "/log/import/{doubtful}/", "runner", status=422, sends={}),
    Place("messages-wrong", "/messages/", "runner", status=422, sends={"text": ""}),
    Place(
        "messages-answer-wrong",
        "/admin/messages/runners/{runner}/",
        "clinician",
        status=422,
        sends={"text": ""},
    ),
    Place(
        "messages-note-wrong",
        "/admin/messages/cohorts/{cohort}/note/",
        "clinician",
        status=422,
        sends={"text": ""},
    ),
    Place("me-wrong", "/me/", "runner", status=422, sends={"name": ""}),
    Place("complaints-wrong", "/me/complaints/", "runner", status=422, sends={"side": "left"}),
    Place("feedback-wrong", "/feedback/", "runner", status=422, sends={}),
    Place("calendar-book-wrong", "/admin/calls/book/?slot={slot}", "desk", status=422, sends={"email": "x"}),
    Place("emergency-wrong", "/admin/emergency/", "clinician", status=422, sends={"email": "x"}),
    Place("notices-wrong", "/admin/notices/", "clinician", status=422, sends={"away_until": "2020-01-31"}),
    Place("mail-write-wrong", "/admin/targets/write/{cohort}/", "clinician", status=422, sends={}),
    Place("cohort-next-wrong", "/admin/cohorts/next/", "owner", status=422, sends={"name": ""}),
    Place("invite-colleague-wrong", "/admin/people/invite/", "owner", status=422, sends={"email": "x"}),
    Place("clinic-wrong", "/admin/clinic/", "owner", status=422, sends={"questions": "Why?"}),
    Place("admin-cohort-wrong", "/admin/challenge/cohort/add/", "superuser", sends={"name": ""}),
)
WRONG = tuple(replace(place, deep=True) for place in _CAME_BACK)


def admin_lists() -> tuple[Place, ...]:
    """The admin's own list of every model."""
    metas = sorted((model._meta for model in admin.site._registry), key=lambda meta: meta.label_lower)
    return tuple(
        Place(
            f"admin-list-{meta.model_name}",
            f"/admin/{meta.app_label}/{meta.model_name}/",
            "superuser",
            deep=True,
        )
        for meta in metas
    )


# Another place shows the same template: looked at by `make deep` alone.
SHOWN_ELSEWHERE = {
    "guide-recovery", "guide-mistakes", "guide-strike", "guide-outdoors", "guide-not-lasting",
    "guide-phases", "exercise-arch", "exercise-flat", "exercise-track", "password-renewed",
    "account-asleep", "factor-sure", "passkey-sure", "join-cohort", "join-missed", "join-staff", "intake",
    "intake-running", "me-new", "call-move-to", "today-waiting", "today-over", "today-new",
    "questions-bare", "questions-running", "log-pause-running", "log-import-reading", "plan-bare",
    "messages-none", "together-off", "complaints-bare", "progress-bare", "metronome-visitor",
    "feedback-end", "overview-cohort", "admin-clinician", "admin-desk", "admin-run-history",
    "calls-day-desk", "calls-found", "calendar-desk", "calendar-book-slot", "calendar-call-desk",
    "seats-open", "home-soon", "home-early", "home-nearly_full", "home-all_held", "error-403", "error-404",
    "error-409", "error-429", "error-503",
}  # fmt: skip


def _once(places: tuple[Place, ...]) -> tuple[Place, ...]:
    return tuple(replace(one, deep=True) if one.name in SHOWN_ELSEWHERE else one for one in places)


PLACES = _once((*PUBLIC, *SIGNING_IN, *ACCOUNT, *JOINING, *RUNNING, *STAFF, *WRONG))

# What only DEBUG shows: each state of the first page, each error, the components.
STATES = (
    *(
        Place(f"home-{opening}", f"/dev/openings/{opening}/")
        for opening in ("soon", "early", "open", "nearly_full", "all_held", "closed")
    ),
    *(
        Place(f"error-{status}", f"/dev/errors/{status}/", status=status)
        for status in (400, 403, 404, 409, 429, 500, 503)
    ),
    Place("components", "/dev/components/"),
)
EVERYTHING = (*PLACES, *_once(STATES))


def everything() -> tuple[Place, ...]:
    """The places and the admin's lists; asked for once the models are there."""
    return (*EVERYTHING, *admin_lists())
