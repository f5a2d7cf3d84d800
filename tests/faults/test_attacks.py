"""Attacks on a running program from outside: what a thief, a colleague or a flood gets, and at which wall it ends.

Everything goes over the wire to gunicorn, and every email comes out of an SMTP server; only hours pass by a header. Not
here, because the wire adds nothing: emergency access (tests/enrollment/test_emergency_access.py), each change of an
identity by each person (tests/accounts/test_identity_table.py), and the address to mail files to, which needs an email
service (tests/accounts/test_not_me.py, tests/operations/test_data_key.py).
"""

import contextlib
import http.client
import itertools
import json
import re
import subprocess
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from challenge.operations.backup import client_program
from tests.authenticator import code_now
from tests.faults.attack_settings import CLOCK
from tests.program import Program, eventually, running_program, text_of

CSRF = "c" * 32
# A runner and a colleague for each attack: tests come in any order.
KIM, ADA, BO, LEE = RUNNERS = [f"{name}@runners.test" for name in ("kim", "ada", "bo", "lee")]
DESK, OTHER_DESK, OWNER, SECOND = (f"{name}@clinic.test" for name in ("desk", "other", "owner", "second"))
FRIEND, THIEF = "friend@elsewhere.test", "thief@elsewhere.test"
WORD = "heel4711"  # of a runner's health
_networks = itertools.count(1)

WORLD = """
import json
from datetime import time, timedelta
from django.contrib.auth.models import Group
from django.utils import timezone
from tests.factories.calls import make_availability, make_call
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_run
from tests.factories.people import make_clinician, make_front_desk, make_owner, make_runner_user
from challenge.calls.models import Booking
from challenge.enrollment.models import CohortClinician
now = timezone.now()
monday = now.date() - timedelta(days=now.date().weekday())
cohort = make_cohort(slug="winter", opens_at=now - timedelta(days=9), starts_on=monday)
lives = {email: enroll(cohort=cohort, user=make_runner_user(email=email), at=now) for email in RUNNERS}
runs = {}
for life in lives.values():
    runs[life.seat.email] = log_run(life, on=monday, at=now, note=WORD).pk
for email in OWNERS:
    make_owner(email=email)
for email in DESKS:
    make_front_desk(email=email)
clinician = make_clinician(email="clinician@clinic.test")
CohortClinician.objects.create(cohort=cohort, user=clinician)
terms = {"time_zone": "UTC", "notice_min": 0, "calls_a_day": 40}
hours = make_availability(staff=clinician, days=range(7), starts=time(9), ends=time(14), **terms)
noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
call = make_call(availability=hours, starts_at=noon + timedelta(days=1), at=now, by=clinician)
Booking.objects.filter(pk=call.pk).update(notes=WORD)
print(json.dumps({
    "seats": {email: life.seat_id for email, life in lives.items()}, "enrollment": life.pk, "runs": runs,
    "groups": dict(Group.objects.values_list("name", "pk")),
}))
"""


class Browser:
    """Someone's browser in a network of its own."""

    def __init__(self, program: Program, device: str = "Firefox/140.0 (Linux)") -> None:
        self.program, self.device = program, device
        self.network = f"10.{next(_networks)}.7"
        self.cookies: dict[str, str] = {}

    def send(
        self, method: str, path: str, fields: Any = None, *, later_s: float = 0, host: int = 1
    ) -> tuple[int, str, str]:
        """Return status, where it leads, and the text. `host` is the last number of the address."""
        port = int(self.program.url.rsplit(":", 1)[1])
        with contextlib.closing(http.client.HTTPConnection("localhost", port, timeout=60)) as connection:
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": "; ".join(f"{k}={v}" for k, v in {**self.cookies, "csrftoken": CSRF}.items()),
                "User-Agent": self.device,
                "X-Forwarded-For": f"{self.network}.{host}",
                CLOCK: str(later_s),
            }
            body = (
                urlencode({"csrfmiddlewaretoken": CSRF, **fields}, doseq=True) if fields is not None else None
            )
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        for header in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        assert answer.status < 500, (path, answer.status)
        return answer.status, answer.headers.get("Location", ""), text

    def get(self, path: str, **more: Any) -> tuple[int, str, str]:
        return self.send("GET", path, **more)

    def post(self, path: str, **fields: Any) -> tuple[int, str, str]:
        return self.send("POST", path, fields)

    def is_in(self) -> bool:
        return self.get("/accounts/email/")[0] == 200

    def sign_in(self, email: str) -> tuple[int, str, str]:
        """With a code, by whoever reads the mailbox."""
        asked = codes_to(self.program, email)
        self.post("/accounts/login/code/", email=email)
        code = self.program.inbox.code_for(email, count=asked + 1)
        return self.post("/accounts/login/code/confirm/", code=code)

    def set_up_app(self) -> str:
        found = re.search(r'class="secret">(\w+)<', self.get("/accounts/2fa/totp/activate/")[2])
        assert found
        assert self.post("/accounts/2fa/totp/activate/", code=code_now(found[1]))[0] == 302
        return found[1]

    def copy(self) -> "Browser":
        """Someone else's browser with a copy of this one's cookies."""
        other = Browser(self.program, "Chrome/140.0 (Windows)")
        other.cookies = dict(self.cookies)
        return other


def codes_to(program: Program, email: str) -> int:
    return sum("code: " in text_of(message) for message in program.inbox.to(email))


def mailed_to(program: Program, email: str, pattern: str) -> str:
    """Return what matches in the mail of this address, such as the path of a link, once it is there."""

    def found() -> list[str]:
        texts = [text_of(message) for message in program.inbox.to(email)]
        return [link for text in texts for link in re.findall(pattern, text)]

    return eventually(found, what=f"{pattern} to {email}")[-1]


def working(program: Program, email: str) -> Browser:
    """A member of staff who has just signed in with a code and an app."""
    browser = Browser(program)
    browser.sign_in(email)
    browser.set_up_app()
    return browser


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    settings = {"DJANGO_SETTINGS_MODULE": "tests.faults.attack_settings", "TRUSTED_PROXY_COUNT": "1"}
    with running_program(parts=("web", "worker"), **settings) as running:
        yield running


@pytest.fixture(scope="module")
def world(program: Program) -> dict[str, Any]:
    names = f"RUNNERS, WORD, OWNERS, DESKS = {RUNNERS}, {WORD!r}, {[OWNER, SECOND]}, {[DESK, OTHER_DESK]}"
    made: dict[str, Any] = json.loads(program.shell(names + WORLD))
    return made


def test_the_desk_does_not_become_a_runner_by_correcting_an_address(
    program: Program, world: dict[str, Any]
) -> None:
    """The wall: 48 hours or a clinician, and the old address may object."""
    desk, kim = working(program, DESK), Browser(program)
    asked = desk.post(
        f"/admin/seats/winter/{world['seats'][KIM]}/", do="address", email=FRIEND, reason="rang us"
    )
    assert asked[0] == 302
    Browser(program).post("/accounts/login/code/", email=FRIEND)
    eventually(
        lambda: len(program.inbox.to(FRIEND)) >= 2, what="the mail about the change, and about no account"
    )
    assert codes_to(program, FRIEND) == 0
    kim.post(mailed_to(program, KIM, r"http://[^/]+(/address/\S+/)"))
    program.inbox.wait_for(OWNER, "address")
    apply = "from challenge.enrollment.address_changes import apply_due; from django.utils import timezone; "
    assert (
        program.shell(f"{apply}print(apply_due(at=timezone.now() + timezone.timedelta(hours=49)))") == "0\n"
    )
    kim.sign_in(KIM)
    assert kim.is_in()
    assert WORD in kim.get(f"/log/run/{world['runs'][KIM]}/")[2]


def test_the_desk_spells_no_note_out_by_a_filter(program: Program, world: dict[str, Any]) -> None:
    """The wall: lists take what they declare."""
    desk, there = working(program, OTHER_DESK), "/admin/challenge/booking/"
    assert desk.get(there)[0] == 200
    asked = ("notes__startswith=h", "notes__regex=%5Eh", "caller__seats__enrollment__runs__note__contains=h")
    assert [desk.get(f"{there}?{query}")[0] for query in asked] == [400, 400, 400]
    assert "Robin V" not in desk.get(f"{there}?q={WORD}")[2]


def test_an_owner_does_not_open_a_record_by_a_role(program: Program, world: dict[str, Any]) -> None:
    """The wall: a role that opens health data waits for a second person, who is written to."""
    owner = working(program, OWNER)
    [me] = program.ask("SELECT id, name, time_zone FROM challenge_user WHERE email = %s", OWNER)
    roles = [world["groups"]["owner"], world["groups"]["clinician"]]
    sent = {"email": OWNER, "name": me["name"], "time_zone": me["time_zone"], "is_active": "on"}
    assert owner.post(f"/admin/challenge/user/{me['id']}/change/", groups=roles, **sent)[0] == 302
    record = f"/admin/review/winter/runners/{world['enrollment']}/"
    assert [owner.get(path)[0] for path in (record, "/admin/challenge/run/")] == [403, 403]
    assert owner.post("/admin/emergency/", email=KIM, reason="I would like to look at it.")[0] == 403
    assert "clinician" in text_of(program.inbox.wait_for(SECOND, "role"))


def test_who_reads_a_mailbox_for_an_hour_does_not_keep_the_account(
    program: Program, world: dict[str, Any]
) -> None:
    """The walls: every change is mailed to the old address too, and "this was not me" ends all that it opened."""
    thief, ada = Browser(program, "Chrome/140.0 (Windows)"), Browser(program)
    thief.sign_in(ADA)
    thief.post("/me/reminders/calendar/", turn="new")
    plan = re.search(r"http://[^/]+(/plan.ics\?key=[\w-]+)", thief.get("/me/reminders/")[2])
    assert plan
    assert ada.get(plan[1])[0] == 200
    thief.send("POST", "/accounts/email/", {"email": THIEF, "action_add": ""})
    thief.post("/accounts/confirm-email/", code=program.inbox.code_for(THIEF))
    thief.send("POST", "/accounts/email/", {"email": THIEF, "action_primary": ""})
    assert thief.is_in()
    for happened in ("address for a calendar was made", "email address of your account was changed"):
        mailed_to(program, ADA, f"({happened})")
    assert ada.post(mailed_to(program, ADA, r"http://[^/]+(/accounts/not-me/\S+/)"))[0] == 200
    assert not thief.is_in()
    assert ada.get(plan[1])[0] == 404
    for mailbox in (THIEF, ADA):
        again = Browser(program)
        assert again.sign_in(mailbox)[0] == 403
        assert not again.is_in()
    program.inbox.wait_for(OWNER, "wasn’t me")


LATER_S = 20 * 60
CONFIRM = "/accounts/again/?next="


def test_a_stolen_session_is_kept_from_what_would_outlive_it(program: Program, world: dict[str, Any]) -> None:
    """The walls: a fresh sign-in for everything that stays, and another cookie once its person confirms the session."""
    bo = Browser(program)
    bo.sign_in(BO)
    bo.post("/me/reminders/calendar/", turn="new")
    thief = bo.copy()
    assert WORD in thief.get(f"/log/run/{world['runs'][BO]}/", later_s=LATER_S)[2], (
        "what is on the pages is read while the session lasts"
    )
    assert "plan.ics?key=" not in thief.get("/me/reminders/", later_s=LATER_S)[2]
    tried: dict[str, dict[str, str]] = {
        "/me/reminders/calendar/": {"turn": "new"},
        "/me/export/": {},
        "/me/delete/": {"understood": "on"},
        "/accounts/email/": {"email": THIEF, "action_add": ""},
        "/accounts/password/set/": {
            "password1": "a-long-and-invented-one",
            "password2": "a-long-and-invented-one",
        },
        "/accounts/2fa/totp/activate/": {"code": "123456"},
        "/accounts/2fa/webauthn/add/": {"credential": "{}", "name": "Phone"},
    }
    last = program.ask("SELECT max(id) AS id FROM challenge_identityevent")[0]["id"]
    led = {path: thief.send("POST", path, sent, later_s=LATER_S)[1] for path, sent in tried.items()}
    assert [path for path, where in led.items() if not where.startswith(CONFIRM)] == []
    assert program.ask("SELECT what FROM challenge_identityevent WHERE id > %s", last) == []
    bo.post("/accounts/again/", next="/me/export/")
    bo.sign_in(BO)
    assert (bo.is_in(), thief.is_in()) == (True, False)


def test_a_stolen_database_opens_nothing(program: Program, world: dict[str, Any]) -> None:
    """The walls: factors and secret addresses are sealed, and of a session only the digest of its cookie is stored."""
    lee, door = Browser(program), Browser(program)
    lee.sign_in(LEE)
    lee.post("/me/reminders/calendar/", turn="new")
    key = re.search(r"/plan.ics\?key=([\w-]+)", lee.get("/me/reminders/")[2])
    seed = lee.set_up_app()
    codes = re.findall(r"\b[a-z0-9]{8}\b|\b\d{8}\b", lee.get("/accounts/2fa/recovery-codes/download/")[2])
    assert key
    assert len(codes) == 10
    dump = subprocess.run(
        [client_program("pg_dump"), "--data-only", "--dbname", program.environment["DATABASE_URL"]],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert LEE in dump
    secrets = [key[1], seed, *codes, lee.cookies["sessionid"]]
    assert [secret for secret in secrets if secret in dump] == []
    stored = program.ask("SELECT session_key FROM django_session")
    assert stored
    for row in stored:
        door.cookies["sessionid"] = row["session_key"]
        assert not door.is_in()
    [feed] = program.ask("SELECT key_sha256 FROM challenge_planfeed WHERE enrollment_id IN "
                         "(SELECT id FROM challenge_enrollment WHERE seat_id = %s)", world["seats"][LEE])  # fmt: skip
    assert door.get(f"/plan.ics?key={feed['key_sha256']}")[0] == 404
    assert door.get(f"/plan.ics?key={key[1]}")[0] == 200


SEAL = """
from datetime import timedelta
from django.utils import timezone
from challenge.operations.history import seal
assert seal(on=(timezone.now() + timedelta(days=1)).date(), at=timezone.now())
"""


def test_a_tampered_history_is_found(program: Program, world: dict[str, Any]) -> None:
    """The walls: the program's role owns nothing; who owns the tables meets the chain of nightly digests."""
    program.shell(SEAL)
    assert "nights match" in program.manage("verify_history")
    change = "UPDATE challenge_ledgerentry SET happened = {} WHERE id = (SELECT min(id) FROM challenge_ledgerentry)"
    taken_over = program.environment["DATABASE_URL"].replace("//thrive@", "//thrive_program@", 1)
    for attempt in (
        change.format("'withdrew'"),
        "ALTER TABLE challenge_ledgerentry DISABLE TRIGGER USER",
        "TRUNCATE challenge_ledgerentry CASCADE",
        "SET session_replication_role = replica",
    ):
        with psycopg.connect(taken_over) as connection, pytest.raises(psycopg.Error):
            connection.execute(attempt)
    [kept] = program.ask("SELECT happened FROM challenge_ledgerentry ORDER BY id LIMIT 1")
    for happened, is_found in (("withdrew", True), (kept["happened"], False)):
        with psycopg.connect(program.environment["DATABASE_URL"]) as owner:
            owner.execute("ALTER TABLE challenge_ledgerentry DISABLE TRIGGER USER")
            owner.execute(change.format("%s"), [happened])
            owner.execute("ALTER TABLE challenge_ledgerentry ENABLE TRIGGER USER")
        found = pytest.raises(AssertionError, match="a row of LedgerEntry was changed")
        with found if is_found else contextlib.nullcontext():
            program.manage("verify_history")


def slots() -> Iterator[str]:
    """Yield the starts that the clinician offers, from the day after tomorrow on."""
    first = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=2)
    for number in itertools.count():
        yield f"{first + timedelta(days=number // 10, minutes=number % 10 * 30):%Y-%m-%dT%H:%MZ}"


def flooding(requests: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield paths and fields: codes, resets, accounts, places on the list and calls, each for another mailbox."""
    slot = slots()
    for number in range(requests):
        email = f"crowd{number}@elsewhere.test"
        mailing = (
            "/accounts/login/code/",
            "/accounts/password/reset/",
            "/accounts/signup/",
            "/early-access/",
        )
        if number % 5 < 4:
            yield mailing[number % 5], {"email": email}
        else:
            call = {"whom": "any", "zone": "UTC", "key": str(uuid.uuid4()), "name": "Robin Vale"}
            yield "/call/", call | {"slot": next(slot), "email": email}


@pytest.mark.parametrize("requests", [300, pytest.param(1000, marks=pytest.mark.deep)])
def test_a_flood_of_an_hour_sends_little_and_blocks_few_times(
    program: Program, world: dict[str, Any], requests: int
) -> None:
    """The walls: limits of an hour for one network, and a few unconfirmed calls that are let go of."""
    flood, statuses = Browser(program), Counter[int]()
    for number, (path, fields) in enumerate(flooding(requests)):
        flood.cookies.clear()
        clock: dict[str, Any] = {"later_s": -3600 + number * 3600 / requests, "host": number % 250 + 1}
        statuses[flood.send("POST", path, fields, **clock)[0]] += 1
    assert set(statuses) == {302, 429}
    mails = "SELECT count(*) FROM challenge_outboxmessage WHERE to_email LIKE 'crowd%%'"
    held = "SELECT count(*) FROM challenge_booking WHERE state = 'booked' AND email LIKE 'crowd%%'"
    assert 100 <= program.ask(mails)[0]["count"] <= 60 + 40 + 20 + 5, "codes, accounts, the list, calls"
    assert program.ask(held)[0]["count"] == 5
    caller, call = Browser(program), next(fields for path, fields in flooding(5) if path == "/call/")
    free = {
        "slot": [*itertools.islice(slots(), 40)][-1],
        "email": "robin@callers.test",
        "key": str(uuid.uuid4()),
    }
    assert caller.send("POST", "/call/", call | free)[0] == 302, "another network is not kept from it"
    program.shell(
        "from challenge.calls.caller_actions import let_go_unconfirmed; from django.utils import timezone; "
        "let_go_unconfirmed(at=timezone.now() + timezone.timedelta(minutes=10))"
    )
    assert program.ask(held)[0]["count"] == 0
