"""What only certain people, or certain moments, see: in chapters, each with the world that it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from challenge.accounts.models import User
from tests.journeys.places import Place
from tests.shots import world
from tests.shots.acts import Act, closing_what_is_closed, opening_all, pressing, refused, sending


@dataclass(frozen=True)
class Scene(Place):
    """A place and what is done there before the picture. `{names}` in the path are the chapter's values."""

    act: Act | None = None


@dataclass(frozen=True)
class Chapter:
    """Scenes of one state of the world; `prepare` makes it and returns the values of the paths."""

    prepare: Callable[[], dict[str, Any]]
    scenes: tuple[Scene, ...]
    who: tuple[str, ...] = ()

    def people(self, values: dict[str, Any]) -> dict[str, User | None]:
        return {who: values[who] for who in self.who}


LOG = (
    Scene(
        "log-run-wrong",
        "/log/run/",
        "runner",
        act=sending("Save the run", distance_m="far", cadence_spm="12"),
    ),
    Scene(
        "log-run-doubt",
        "/log/run/",
        "runner",
        act=sending("Save the run", duration_s_m="31", cadence_spm="82"),
    ),
    Scene("log-run-pain", "/log/run/", "runner", act=sending("Save the run", pain="6")),
    Scene("log-run-more", "/log/run/", "runner", act=opening_all),
    Scene("log-strength-wrong", "/log/strength/by-hand/", "runner", act=refused("Save what I checked")),
    Scene("log-strength-open", "/log/strength/by-hand/", "runner", act=opening_all),
    Scene("log-morning-wrong", "/log/morning/?on={free_day}", "runner", act=refused("Save")),
    Scene("log-daily-life-wrong", "/log/daily-life/", "first-week", act=refused("Save")),
    Scene("log-pause-wrong", "/log/pause/", "runner", act=refused("Pause the challenge")),
    Scene("log-import-read", "/log/import/{read}/", "runner"),
    Scene("log-import-unreadable", "/log/import/{unreadable}/", "runner"),
    Scene("log-earlier", "/log/?until={weeks_ago}", "runner"),
    Scene("log-empty", "/log/", "before-start"),
    Scene("log-run-entry", "/log/run/{run}/", "runner"),
    Scene("log-entry-strength", "/log/strength/{strength}/", "runner"),
    Scene("log-stop", "/log/stop/", "stopped"),
    Scene("log-no-seat", "/log/", "new"),
    Scene("log-pause-running", "/log/pause/", "paused"),
)
TODAY = tuple(
    Scene(f"today-{who}", "/today/", who)
    for who in (
        "stopped",
        "at-180",
        "kilometers",
        "stuck",
        "seldom",
        "paused",
        "first-week",
        "uncounted-first",
        "before-start",
        "finished",
        "far-run",
        "red-run",
        "silent",
        "new",
    )
)
SEEN = (
    Scene("plan-week", "/plan/5/", "runner"),
    Scene("plan-stopped", "/plan/8/", "stopped"),
    Scene("plan-bare", "/plan/", "before-start"),
    Scene("plan-finished", "/plan/4/", "finished"),
    Scene("progress-finished", "/progress/", "finished"),
    Scene("log-finished", "/log/", "finished"),
    Scene("log-strength-finished", "/log/strength/", "finished"),
    Scene("log-strength-before", "/log/strength/", "before-start"),
    Scene("progress-bare", "/progress/", "before-start"),
    Scene("progress-at-180", "/progress/", "at-180"),
    Scene("progress-first-week", "/progress/", "first-week"),
    Scene("progress-tables", "/progress/", "runner", act=opening_all),
    Scene("metronome-tap", "/metronome/?measure", "runner", act=opening_all),
    Scene("metronome-visitor", "/metronome/"),
    Scene("messages", "/messages/", "runner"),
    Scene("messages-none", "/messages/", "before-start"),
    Scene("feedback-wrong", "/feedback/", "runner", act=refused("Send")),
    Scene("feedback-end", "/feedback/", "finished"),
    Scene("me-wrong", "/me/", "runner", act=sending("Save", name="")),
    Scene("me-open", "/me/", "runner", act=opening_all),
    Scene("sheet-1", "/guide/sheet/1/"),
    Scene("sheet-3", "/guide/sheet/3/"),
)
SIGN_IN = (
    Scene("sign-in-wrong", "/accounts/login/", act=sending("Send me a code", email="nobody at home")),
    Scene(
        "sign-in-password-wrong",
        "/accounts/login/",
        act=sending("Sign in", login="new@demo.test", password="x-y-z"),
    ),
    Scene("sign-in-code-asked", "/accounts/login/", act=sending("Send me a code", email="new@demo.test")),
    Scene(
        "sign-up-code-asked", "/accounts/signup/", act=sending("Send me a code", email="robin@runners.test")
    ),
)
JOIN = (
    *(
        Scene(f"intake-{step}", f"/join/intake/{step}/", "joining")
        for step in ("you", "running", "body", "agree")
    ),
    Scene("intake-running-tap", "/join/intake/running/", "joining", act=opening_all),
    *(
        Scene(f"intake-{step}-wrong", f"/join/preview/{step}/", "desk", act=refused(button))
        for step, button in (("you", "Save"), ("running", "Save"), ("agree", ""))
    ),
    Scene("intake-body-wrong", "/join/preview/body/", "desk", act=sending("Save", site_1="achilles")),
    Scene("join-held", "/join/", "joining"),
    Scene("join-ran-out", "/join/", "ran-out"),
    Scene("join-confirmed", "/join/", "before-start"),
    Scene("join-done", "/join/done/", "before-start"),
    Scene("join-done-stop", "/join/done/", "joined-stopped"),
    Scene("early-access-wrong", "/early-access/", act=refused("")),
    Scene("withdraw-wrong", "/me/withdraw/", "runner", act=refused("Give up my seat")),
)
CALLS = (
    Scene("call-lost", "/call/?slot={taken}"),
    Scene("call-canceled", "/call/{canceled}/"),
)
DESK = (
    Scene("calls-day-desk", "/admin/calls/", "desk"),
    Scene("calendar-desk", "/admin/calls/week/", "desk"),
    Scene("calendar-call-canceled", "/admin/calls/{canceled_id}/", "desk"),
    Scene("calendar-call-past", "/admin/calls/{past_id}/", "desk"),
    Scene("seats-cohorts", "/admin/seats/", "desk"),
    Scene("seats-open", "/admin/seats/next/", "desk"),
    Scene("seats", "/admin/seats/first/", "owner"),
    Scene("seats-folds-open", "/admin/seats/next/", "desk", act=opening_all),
    Scene("seats-person-wrong", "/admin/seats/next/", "desk", act=refused("Hold a seat")),
    Scene("seats-seat-wrong", "/admin/seats/next/", "desk", act=sending("Change it", email="robin at home")),
    Scene("seats-close-wrong", "/admin/seats/next/", "desk", act=sending("Close enrollment", sure="no")),
    Scene("admin-desk", "/admin/", "desk"),
)
BOARD = (
    Scene("board", "/admin/review/first/", "clinician"),
    Scene("board-flags", "/admin/review/first/?flag=any", "clinician"),
    Scene("board-none", "/admin/review/first/?flag=stop&phase=3", "clinician"),
    Scene("board-cohorts", "/admin/review/", "clinician"),
    Scene("board-next", "/admin/review/next/", "clinician"),
    Scene("review", "/admin/review/first/runners/{maren}/", "clinician"),
    Scene("one-runner-stop", "/admin/review/first/runners/{beatrix}/", "clinician"),
    Scene("one-runner-open", "/admin/review/first/runners/{beatrix}/", "clinician", act=opening_all),
    Scene("one-runner-knee", "/admin/review/first/runners/{priya}/", "clinician", act=opening_all),
    Scene("one-runner-wrong", "/admin/review/first/runners/{priya}/", "clinician", act=refused("Decide")),
    Scene(
        "one-runner-closed-meanwhile",
        "/admin/review/first/runners/{priya}/",
        "clinician",
        act=closing_what_is_closed,
    ),
    Scene("report", "/admin/review/first/report/", "clinician"),
    Scene("report-empty", "/admin/review/next/report/", "clinician"),
    Scene("what-if", "/admin/review/first/what-if/", "clinician"),
    Scene("what-if-found", "/admin/review/first/what-if/?name=raise_percent&value=4", "clinician"),
    Scene("what-if-wrong", "/admin/review/first/what-if/?name=x&value=three", "clinician"),
    Scene("mail", "/admin/targets/", "clinician"),
    Scene("mail-trouble", "/admin/targets/?runner={maren}", "clinician"),
    Scene("mail-message", "/admin/targets/messages/{weekly}/", "clinician"),
    Scene("mail-failed", "/admin/targets/messages/{failed}/", "clinician"),
    Scene("mail-coming", "/admin/targets/coming/first/", "clinician"),
    Scene("mail-coming-runner", "/admin/targets/coming/runners/{maren}/", "clinician"),
    Scene("mail-coming-wrong", "/admin/targets/coming/runners/{maren}/", "clinician", act=refused("")),
    Scene("mail-write-wrong", "/admin/targets/write/first/", "clinician", act=refused("")),
)
ADMIN = (
    *(
        Scene(f"admin-list-{model}", f"/admin/challenge/{model}/", who)
        for model, who in (
            ("seat", "desk"),
            ("ledgerentry", "desk"),
            ("earlyaccess", "desk"),
            ("enrollment", "clinician"),
            ("flag", "clinician"),
            ("run", "clinician"),
            ("weeklytarget", "clinician"),
            ("user", "owner"),
            ("accessentry", "owner"),
        )
    ),
    Scene("admin-clinician", "/admin/", "clinician"),
    Scene("admin-owner", "/admin/", "owner"),
    Scene("admin-cohort-change", "/admin/challenge/cohort/{cohort}/change/", "superuser"),
    Scene("admin-cohort-history", "/admin/challenge/cohort/{cohort}/history/", "superuser"),
    Scene("admin-cohort-wrong", "/admin/challenge/cohort/add/", "superuser", act=refused("Save")),
    Scene("admin-user-change", "/admin/challenge/user/{user}/change/", "owner"),
    Scene("admin-run", "/admin/challenge/run/{run}/change/", "clinician"),
    Scene("admin-target-view", "/admin/challenge/weeklytarget/{target}/change/", "clinician"),
    Scene("admin-delete", "/admin/challenge/earlyaccess/{place_id}/delete/", "superuser"),
    Scene("admin-forbidden", "/admin/challenge/run/", "desk", 403),
    Scene("dev-mail", "/dev/mail/"),
)
# What is done with the rows of the journeys' world.
IN_THE_WORLD = (
    Scene("call-new", "/call/{call_token}/?new"),
    Scene("call-moved", "/call/{call_token}/?moved"),
    Scene("early-access-confirmed", "/early-access/{listed}/", act=pressing("Confirm")),
    Scene("unsubscribe-done", "/email/unsubscribe/{unsubscribe}/", act=refused("")),
)
CHAPTERS = (
    Chapter(
        world.with_more_people,
        (*TODAY, *LOG, *SEEN, *SIGN_IN, *JOIN, *CALLS, *DESK, *BOARD, *ADMIN),
        (
            "paused",
            "first-week",
            "uncounted-first",
            "finished",
            "far-run",
            "red-run",
            "joining",
            "ran-out",
            "joined-stopped",
        ),
    ),
    Chapter(
        world.with_every_seat_held,
        (
            Scene("join-all-held", "/join/", "new"),
            Scene("join-missed", "/join/?missed", "new"),
            Scene("join-all-held-visitor", "/join/"),
            Scene("home-held", "/"),
        ),
    ),
    Chapter(
        world.with_enrollment_closed,
        (
            Scene("join-closed", "/join/", "new"),
            Scene("join-just-missed", "/join/?missed", "new"),
            Scene("early-access-launch", "/early-access/"),
        ),
    ),
    Chapter(
        world.before_opening, (Scene("join-early", "/join/"), Scene("early-access-early", "/early-access/"))
    ),
    Chapter(
        world.with_nothing_announced,
        (Scene("join-none", "/join/"), Scene("home-none", "/"), Scene("early-access-none", "/early-access/")),
    ),
)
