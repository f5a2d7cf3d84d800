"""The whole way through, on real parts: from the first page to the weekly email, and what the clinician sees of it.

No clock is turned: the cohort started this Monday, so its runners are due on any weekday, on a Monday from 06:00.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from celery.beat import PersistentScheduler
from playwright.sync_api import Browser, Page, expect

from tests.authenticator import shown_code
from tests.program import Program, eventually, html_of, running_program, text_of
from thrive.celery import app

WATCH_FILE = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "activities" / "fenix2-run.fit"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

COHORT = """
from datetime import timedelta
from django.utils import timezone
from challenge.models import Cohort, CohortClinician, User
from challenge.accounts.roles import CLINICIAN
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.adapter import get_adapter
from django.contrib.auth.models import Group
today = timezone.localdate()
cohort = Cohort.objects.create(
    name="The first twenty", slug="first", opens_at=timezone.now() - timedelta(days=8),
    starts_on=today - timedelta(days=today.weekday()),
)
clinician = User.objects.create_user("solveig@clinic.test", "a-long-password-of-hers", name="Solveig", is_staff=True)
clinician.groups.add(Group.objects.get(name=CLINICIAN))
EmailAddress.objects.create(user=clinician, email=clinician.email, verified=True, primary=True)
Authenticator.objects.create(
    user=clinician, type=Authenticator.Type.TOTP, data={"secret": get_adapter().encrypt("%s")}
)
CohortClinician.objects.create(cohort=cohort, user=clinician)
"""


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with running_program(parts=("web", "worker")) as program:
        program.shell(COHORT % SECRET)
        yield program


def phone(browser: Browser, program: Program) -> Page:
    context = browser.new_context(
        base_url=program.url, viewport={"width": 390, "height": 844}, has_touch=True
    )
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    return page


def sign_up(page: Page, program: Program, email: str) -> None:
    page.goto("/")
    expect(page.locator("body")).to_contain_text("20")
    page.goto("/join/")
    page.get_by_role("link", name="Start with your email").click()
    page.fill("input[name=email]", email)
    page.get_by_role("button", name="Send me a code").click()
    page.fill("input[name=code]", program.inbox.code_for(email))
    page.locator("main form button[type=submit]").first.click()


def zone_past_monday_morning() -> str:
    """Return the clinic's time zone, or one further east while a Monday there has not come to 06:00 yet."""
    clinic = datetime.now(ZoneInfo("America/Chicago"))
    return "Europe/Madrid" if clinic.weekday() == 0 and clinic.hour < 6 else "America/Chicago"


def enroll(page: Page, cadence: int) -> None:
    page.goto("/join/")
    page.get_by_role("button", name=re.compile("Hold a seat")).click()
    expect(page).to_have_url(re.compile("/join/intake/"))
    page.fill("input[name=name]", "Wilhelmina Tract")
    page.fill("input[name=phone]", "612 555 0188")
    page.fill("input[name=time_zone]", zone_past_monday_morning())
    page.check("input[name=is_adult]")
    page.get_by_role("button", name="Save and continue").click()
    page.check("input[name=unit][value=mi]")
    page.check("input[name=cadence_how][value=watch]")
    page.fill("input[name=cadence_spm]", str(cadence))
    page.get_by_role("button", name="Save and continue").click()
    page.check("input[name=tendon_history][value=none]")
    page.check("input[name=symptoms][value=none]")
    page.get_by_role("button", name="Save and continue").click()
    page.check("input[name=email_content][value=targets]")
    page.check("input[name=consent]")
    page.get_by_role("button", name="Confirm my seat").click()
    expect(page).to_have_url(re.compile("/join/done/"))


def log_by_hand(page: Page) -> None:
    page.goto("/today/")
    page.goto("/log/run/")
    page.fill("input[name=distance_m]", "4,2")
    for field, value in zip(
        page.locator("fieldset input[name^=duration_s]").all(), ("0", "38", "30"), strict=False
    ):
        field.fill(value)
    page.fill("input[name=cadence_spm]", "161")
    page.locator("label", has=page.locator("input[name=cadence_source][value=watch]")).click()
    page.locator("label", has=page.locator("input[name=pain][value='1']")).click()
    page.get_by_role("button", name="Save the run").click()
    expect(page.locator("body")).to_contain_text("4.2")


def log_from_watch(page: Page) -> None:
    page.goto("/log/import/")
    page.set_input_files("input[type=file]", WATCH_FILE)
    page.get_by_role("button", name="Read the files").click()
    expect(page.locator("body")).to_contain_text("166 steps a minute", timeout=60_000)
    expect(page.locator("body")).to_contain_text("5.5")
    # The file is years older than the cohort, so nothing is chosen and the part with the day is open.
    expect(page.locator("body")).to_contain_text("long before your challenge")
    page.get_by_role("radio", name="Save it").check()
    page.locator("label", has=page.locator("input[name$=pain][value='0']")).first.click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("body")).to_contain_text("1 run saved")


def start_beat_as_after_a_pause(program: Program) -> None:
    """Give beat a schedule saved an hour ago, as after a restart, so it starts every task immediately."""
    scheduler = PersistentScheduler(app=app, schedule_filename=program.environment["BEAT_SCHEDULE"])
    for entry in scheduler.schedule.values():
        entry.last_run_at = datetime.now(UTC) - timedelta(hours=1)
    scheduler.close()
    program.start("beat")


def test_a_runner_walks_the_whole_way_and_the_clinician_sees_it(browser: Browser, program: Program) -> None:
    people = {"mina@runners.test": (160, 168), "otto@runners.test": (170, 178)}
    pages = {}
    for email, (baseline, _) in people.items():
        pages[email] = page = phone(browser, program)
        sign_up(page, program, email)
        enroll(page, baseline)
        welcome = program.inbox.wait_for(email, "bib")
        assert "Your start: Monday" in text_of(welcome)
    log_by_hand(pages["mina@runners.test"])
    if WATCH_FILE.exists():
        log_from_watch(pages["mina@runners.test"])

    start_beat_as_after_a_pause(program)
    for email, (_, target) in people.items():
        weekly = program.inbox.wait_for(email, "week", within_s=90)
        assert str(target) in text_of(weekly)
        assert str(target) in html_of(weekly)
        assert weekly["Reply-To"] == "clinicians@clinic.test"
        assert weekly["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        pages[email].goto("/today/")
        expect(pages[email].locator("main")).to_contain_text(str(target))
        assert len(program.inbox.to(email, "week")) == 1

    desk = browser.new_context(base_url=program.url, viewport={"width": 1280, "height": 900}).new_page()
    desk.goto("/admin/")
    desk.get_by_text("Use a password instead").click()
    desk.fill("input[name=login]", "solveig@clinic.test")
    desk.fill("input[name=password]", "a-long-password-of-hers")
    desk.get_by_role("button", name="Sign in", exact=True).click()
    desk.fill("input[name=code]", shown_code(SECRET))
    desk.locator("main form button[type=submit]").first.click()
    expect(desk).to_have_url(re.compile("/admin/"))
    desk.goto("/admin/challenge/weeklytarget/")
    expect(desk.locator("#result_list")).to_contain_text("168")
    desk.goto("/admin/challenge/run/")
    expect(desk.locator("#result_list tbody tr")).to_have_count(2 if WATCH_FILE.exists() else 1)
    desk.goto("/admin/challenge/outboxmessage/?kind__exact=weekly")
    expect(desk.locator("#result_list")).to_contain_text("mina@runners.test")
    eventually(lambda: not program.inbox.to("mina@runners.test", "failed"), what="nothing failed")
