"""Every page worth looking at, and who sees it: for the accessibility tests, the budgets and the screenshots."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    name: str
    path: str
    who: str = "visitor"
    status: int = 200

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
    Place("sheet", "/guide/sheet/2/"),
    Place("not-found", "/nowhere/", status=404),
)
SIGNING_IN = (
    Place("sign-in", "/accounts/login/"),
    Place("sign-up", "/accounts/signup/"),
    Place("sign-in-code", "/accounts/login/code/"),
    Place("account-email", "/accounts/email/", "runner"),
    Place("account-sessions", "/accounts/sessions/", "runner"),
    Place("account-factor", "/accounts/2fa/", "runner"),
)
JOINING = (
    Place("early-access", "/early-access/"),
    Place("join", "/join/"),
    Place("join-new", "/join/", "new"),
    Place("me-new", "/me/", "new"),
    Place("call", "/call/"),
)
RUNNING = (
    Place("today", "/today/", "runner"),
    Place("log", "/log/", "runner"),
    Place("log-run", "/log/run/", "runner"),
    Place("log-strength", "/log/strength/", "runner"),
    Place("log-morning", "/log/morning/", "runner"),
    Place("log-import", "/log/import/", "runner"),
    Place("log-daily-life", "/log/daily-life/", "runner"),
    Place("log-nothing", "/log/nothing/", "runner"),
    Place("log-pause", "/log/pause/", "runner"),
    Place("log-stop", "/log/stop/", "runner"),
    Place("plan", "/plan/", "runner"),
    Place("me", "/me/", "runner"),
    Place("me-withdraw", "/me/withdraw/", "runner"),
    Place("me-export", "/me/export/", "runner"),
    Place("me-delete", "/me/delete/", "runner"),
    Place("metronome", "/metronome/", "runner"),
    Place("progress", "/progress/", "runner"),
    Place("feedback", "/feedback/", "runner"),
)
STAFF = (
    Place("calendar", "/admin/calls/", "superuser"),
    Place("admin", "/admin/", "superuser"),
    Place("admin-cohorts", "/admin/challenge/cohort/", "superuser"),
    Place("admin-cohort", "/admin/challenge/cohort/add/", "superuser"),
)
PLACES = (*PUBLIC, *SIGNING_IN, *JOINING, *RUNNING, *STAFF)

# What only a server with DEBUG on shows: each state of the first page, each error, the components.
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
EVERYTHING = (*PLACES, *STATES)
