"""The guide for containers (docs/operations.md), followed from an empty host by the real Docker and Compose.

The images are built from `Dockerfile` on stand-ins of Debian's packages (`tests/deep/containers/`), because the public
registries are not everywhere within reach. All else is as a clinic has it: one .env, `--profile tls`, `deploy/update`.
"""

import email
import json
import re
import secrets
import shlex
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path

import pytest

from tests.deep.containers.engine import docker_engine
from tests.program import eventually, free_port

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "operations.md"
HOST = "challenge.internal"  # Caddy makes its own certificate for names that end so
OWN_USER = 10001
LOADERS, PAUSE_S = 6, 0.1
OVERRIDE = """
services:
  proxy:
    ports: !override ["127.0.0.1:{port}:443"]
    networks: {{default: {{aliases: [{host}]}}}}
  web:
    ports: !override []
  mail:
    image: standin:mail
    volumes: ["./mail:/mail"]
"""
ENROLL = """
from datetime import UTC, datetime, time, timedelta
from django.utils import timezone
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_runner_user
now = timezone.now()
begins = now.date() - timedelta(days=now.weekday())
cohort = make_cohort(slug="{name}", starts_on=begins, opens_at=now - timedelta(days=30), weeks=12)
user = make_runner_user(email="{name}@runners.test")
# Just before the start: a welcome of weeks ago would be given up at its first refusal.
enroll(cohort=cohort, user=user, at=datetime.combine(begins, time(), UTC) - timedelta(hours=1))
print(user.pk)
"""
pytestmark = pytest.mark.deep


@dataclass
class Site:
    """An installation: its folder, and the way in through the proxy."""

    folder: Path
    environment: dict[str, str]
    port: int
    answers: Counter[str] = field(default_factory=Counter)

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command as the administrator does, in the folder."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, (
            f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
        return done

    def compose(self, *words: str) -> str:
        return self.run("docker", "compose", "--progress", "quiet", *words).stdout

    def manage(self, *words: str) -> str:
        return self.compose("exec", "-T", "web", "python", "manage.py", *words)

    def query(self, sql: str) -> str:
        command = ("psql", "--username", "thrive", "--tuples-only", "--no-align", "--command", sql)
        return self.compose("exec", "-T", "db", *command).strip()

    def enroll(self, name: str) -> str:
        """Enroll an invented runner in a cohort that began this Monday; return the account's number."""
        tests = f"{ROOT / 'tests'}:/app/tests:ro"
        shell = ("run", "--rm", "--no-deps", "-T", "--volume", tests, "web", "python", "manage.py", "shell")
        return self.compose(*shell, "--command", ENROLL.format(name=name)).split()[-1]

    def ask(self, path: str, *more: str) -> tuple[int, str]:
        """Return status and page of one request through the proxy, whose certificate is checked; 0 for no answer."""
        done = subprocess.run(
            ["curl", "--silent", "--max-time", "60", "--cacert", str(self.folder / "root.crt"), "--connect-to",
             f"{HOST}:443:127.0.0.1:{self.port}", "--write-out", "\n%{http_code}", *more, f"https://{HOST}{path}"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        page, _, status = done.stdout.rpartition("\n")
        return int(status), page

    def letters(self, to: str) -> list[EmailMessage]:
        files = sorted((self.folder / "mail").glob("*.eml"))
        read = [email.message_from_bytes(file.read_bytes(), policy=modern) for file in files]
        return [letter for letter in read if to in str(letter["To"])]

    def set(self, name: str, value: str) -> None:
        """Write one line of .env."""
        file = self.folder / ".env"
        lines = [line for line in file.read_text().splitlines() if not line.startswith(f"{name}=")]
        file.write_text("\n".join([*lines, f"{name}={value}", ""]))

    def trust_the_proxy(self) -> None:
        """Copy the root of Caddy's own certificates."""
        root = self.compose("exec", "-T", "proxy", "cat", "/data/caddy/pki/authorities/local/root.crt")
        (self.folder / "root.crt").write_text(root)

    def lines_of_guide(self, first: str, number: int) -> list[str]:
        """Return so many lines of the guide's code blocks, from the first one that is `first`."""
        lines = re.findall(r"^ {6,}(\S.*)$", GUIDE.read_text(), re.M)
        return lines[lines.index(first) :][:number]

    def containers(self) -> str:
        return self.compose("ps", "--quiet", "web", "worker", "beat", "db")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Site]:
    """Follow the guide to the first page: files, .env, keys, `up`, the first owner."""
    with docker_engine(tmp_path_factory.mktemp("docker")) as environment:
        site = Site(tmp_path_factory.mktemp("host"), environment, free_port())
        _lay_out(site)
        start = time.monotonic()
        build, print_key = site.lines_of_guide("docker compose build web", 2)
        site.run(*shlex.split(build))  # all five services have this one image
        built = time.monotonic()
        site.set("BACKUP_KEY", site.run(*shlex.split(print_key)).stdout.split()[-1])
        try:
            site.compose("up", "--detach", "--wait")
            site.trust_the_proxy()
            eventually(lambda: site.ask("/health/ready/")[0] == 200, within_s=300, what="ready")
            figures = f"built in {built - start:.0f} s, ready {time.monotonic() - built:.0f} s later"
            request.config.get_terminal_writer().line(f"\ncontainers: {figures}")
            yield site
        finally:
            site.run("docker", "compose", "down", "--volumes", "--timeout", "5", check=False)


def _lay_out(site: Site) -> None:
    """Copy what is tracked, and fill in .env as the guide says."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in listed.splitlines():
        if not name.startswith(("tests/", "docs/")) and (ROOT / name).is_file():
            (site.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, site.folder / name)
    dockerfile = site.folder / "Dockerfile"
    # A stand-in has the name of the public image, and cannot have its digest.
    dockerfile.write_text(re.sub(r"@sha256:[0-9a-f]{64}", "", dockerfile.read_text()))
    for folder in ("mail", "backups"):
        (site.folder / folder).mkdir()
        shutil.chown(site.folder / folder, OWN_USER)
    (site.folder / "override.yml").write_text(OVERRIDE.format(port=site.port, host=HOST))
    shutil.copy(ROOT / ".env.example", site.folder / ".env")
    for name, value in {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "DATA_KEY": secrets.token_urlsafe(64),
        "SITE_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
        "EMAIL_URL": "smtp://mail:25",
        "DEFAULT_FROM_EMAIL": f"Thrive HQ <challenge@{HOST}>",
        "CLINIC_EMAIL": f"hello@{HOST}",
        "CLINICAL_REPLY_EMAIL": f"clinicians@{HOST}",
        "CLINIC_PHONE": "+1 612 340 0142",
        "POSTGRES_PASSWORD": secrets.token_hex(20),
        "PROGRAM_PASSWORD": secrets.token_hex(20),
        "COMPOSE_FILE": "docker-compose.yml:override.yml",
        "COMPOSE_PROFILES": "tls,backup",
    }.items():
        site.set(name, value)


def test_the_image_holds_the_program_and_nothing_that_it_can_write(site: Site) -> None:
    def inside(*words: str) -> str:
        done = site.run("docker", "run", "--rm", "pain-free-runner-challenge", *words, check=False)
        return done.stdout + done.stderr

    assert inside("id", "-u").strip() == str(OWN_USER)
    assert "No module named pip" in inside("python", "-m", "pip", "--version")
    assert "No module named ensurepip" in inside("python", "-m", "ensurepip", "--version")
    assert "Unknown command" in inside("env", "DEBUG=1", "python", "manage.py", "demo")
    writable = inside("find", "/", "-xdev", "-writable", "!", "-type", "l", "-not", "-path", "/proc/*").split(
        "\n"
    )
    owned = {path for path in writable if path.startswith("/") and "Permission" not in path}
    assert owned <= {"/tmp", "/var/tmp", "/run/lock", "/erasures", "/beat"}
    refused = inside("pg_dump", "postgresql://nobody@127.0.0.1:1/x?sslmode=require")
    assert "connection to server" in refused  # without TLS it would call the sslmode invalid
    assert re.search(r"PostgreSQL\) 18", inside("pg_dump", "--version"))


def test_from_the_install_to_the_first_weekly_mail(site: Site) -> None:
    assert json.loads(site.ask("/health/ready/")[1]) == {"ready": True, "troubles": {}}
    site.manage("first_owner", f"owner@{HOST}", "--name", "Olga Owner")
    certificate = ("--volume", f"{site.folder}/root.crt:/root.crt:ro", "-e", "SSL_CERT_FILE=/root.crt")
    page = site.compose(
        "run",
        "--rm",
        "--no-deps",
        "-T",
        *certificate,
        "web",
        "python",
        "manage.py",
        "doctor",
        f"owner@{HOST}",
    )
    assert "TROUBLE" not in page
    assert "its certificate is good" in page
    assert eventually(lambda: site.letters(f"owner@{HOST}"), what="doctor's email")

    site.enroll("first-mail")
    site.manage("set_weekly_targets", "--cohort", "first-mail")
    address = "first-mail@runners.test"
    letters = eventually(lambda: site.letters(address), within_s=120, what="the weekly email")
    assert f"https://{HOST}/" in letters[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    _sign_in(site, address)


def _sign_in(site: Site, address: str) -> None:
    jar = ("--cookie", str(site.folder / "jar"), "--cookie-jar", str(site.folder / "jar"))

    def send(path: str, **fields: str) -> tuple[int, str]:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', site.ask(path, *jar)[1])
        assert token
        typed = [
            part
            for k, v in (fields | {"csrfmiddlewaretoken": token[1]}).items()
            for part in ("--data-urlencode", f"{k}={v}")
        ]
        return site.ask(path, *jar, "--referer", f"https://{HOST}{path}", *typed)

    def code() -> re.Match[str] | None:
        letters = [letter.get_body(("plain",)) for letter in site.letters(address)]
        return re.search(
            r"Your sign-in code: (\S+)", "\n".join(body.get_content() for body in letters if body)
        )

    assert send("/accounts/login/code/", email=address)[0] == 302
    found = eventually(code, within_s=120, what="the code")
    assert found
    assert send("/accounts/login/code/confirm/", code=found[1])[0] == 302
    status, page = site.ask("/today/", *jar)
    assert status == 200
    assert 'href="/log/' in page


def test_an_update_under_load_shows_no_visitor_an_error(site: Site, request: pytest.FixtureRequest) -> None:
    source = site.folder / "thrive" / "wsgi.py"
    source.write_text(f"{source.read_text()}\n# the next version\n")
    before, proxy, ended = site.containers(), site.compose("ps", "--quiet", "proxy"), threading.Event()

    def load(number: int) -> None:
        while not ended.wait(PAUSE_S):
            form = ("--data", "x=1") if number % 3 == 0 else ()
            status, _ = site.ask(("/accounts/login/", "/", "/health/live/")[number % 3], *form)
            site.answers["answered" if status in {200, 403} else f"error {status}"] += 1

    loaders = [threading.Thread(target=load, args=(number,)) for number in range(LOADERS)]
    for loader in loaders:
        loader.start()
    try:
        said = site.run("deploy/update").stdout
    finally:
        ended.set()
        for loader in loaders:
            loader.join()
    request.config.get_terminal_writer().line(f"\ncontainers: an update under load: {dict(site.answers)}")
    assert "The new version serves" in said
    assert site.containers() != before
    assert site.compose("ps", "--quiet", "proxy") == proxy
    assert set(site.answers) == {"answered"}
    assert len(list((site.folder / "backups").glob("before-update-*.backup"))) == 1
    assert "serves again" in site.run("deploy/update", "--back").stdout
    eventually(lambda: site.ask("/health/ready/")[0] == 200, within_s=180, what="ready after the way back")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY has 5 characters"),
        ("SITE_URL", "challenge", "SITE_URL is 'challenge'"),
        ("ALLOWED_HOSTS", "other.internal", "ALLOWED_HOSTS does not have"),
        ("TRUSTED_PROXY_COUNT", "0", "TRUSTED_PROXY_COUNT is 0"),
        ("EMAIL_URL", "smtp://user:p@ss@mail:25", "EMAIL_URL has '@'"),
        ("CLINIC_PHONE", "+1 612 555 0142", "CLINIC_PHONE is a number that no one has"),
        ("CLINIC_TIME_ZONE", "Minnesota", "CLINIC_TIME_ZONE is 'Minnesota'"),
        ("BACKUP_KEY", "AGE-SECRET-KEY-1", "BACKUP_KEY is not a whole key"),
    ],
)
def test_a_wrong_value_stops_the_update_and_changes_nothing(
    site: Site, name: str, value: str, sentence: str
) -> None:
    kept, before = (site.folder / ".env").read_text(), site.containers()
    site.set(name, value)
    try:
        done = site.run("deploy/update", check=False)
    finally:
        (site.folder / ".env").write_text(kept)
    assert done.returncode == 1
    assert sentence in done.stdout + done.stderr
    assert "Nothing was changed" in done.stderr
    assert site.containers() == before
    assert site.ask("/health/live/")[0] == 200


def test_a_refusing_relay_marks_no_one_and_mail_goes_out_once_it_recovers(site: Site) -> None:
    refusal = site.folder / "mail" / "refuse"
    refusal.write_text("550 5.7.1 Relay access denied")
    try:
        site.enroll("refused")
        site.manage("set_weekly_targets", "--cohort", "refused")
        eventually(
            lambda: (
                site.query(
                    "SELECT count(*) FROM challenge_outboxmessage WHERE to_email LIKE 'refused@%' AND attempts > 0"
                )
                != "0"
            ),
            within_s=120,
            what="a refused attempt",
        )
    finally:
        refusal.unlink()
    assert site.query("SELECT count(*) FROM challenge_addressstate WHERE refused_at IS NOT NULL") == "0"
    eventually(
        lambda: site.letters("refused@runners.test"), within_s=600, what="the email after the recovery"
    )


def test_a_lost_host_comes_back_without_whom_was_erased_and_writes_to_no_one_twice(site: Site) -> None:
    def backup(name: str) -> None:
        file = ("python", "manage.py", "backup", f"/backups/{name}", "--verify")
        site.compose("--profile", "backup", "run", "--rm", "--no-deps", "-T", "backup", *file)

    erased = site.enroll("erased")
    site.enroll("mailed")
    backup("nightly.backup")
    site.manage("set_weekly_targets", "--cohort", "mailed")
    eventually(lambda: site.letters("mailed@runners.test"), within_s=120, what="an email after the backup")
    site.manage("erase_account", erased, "--yes")
    backup("evening.backup")
    written, moment = (
        len(site.letters("mailed@runners.test")),
        time.strftime("%Y-%m-%dT%H:%M+00:00", time.gmtime(time.time() + 60)),
    )

    site.compose("down", "--volumes", "--timeout", "5")
    site.compose("up", "--detach", "--wait", "db", "queue", "cache")
    tool = ("--profile", "backup", "run", "--rm", "--no-deps", "-T", "backup", "python", "manage.py")
    said = site.compose(*tool, "restore", "/backups/nightly.backup")
    assert "1 accounts erased again, by the list /backups/evening.backup.erasures" in said
    site.compose(*tool, "after_restore", "--until", moment)
    site.compose("up", "--detach", "--wait")
    site.trust_the_proxy()
    assert site.query("SELECT count(*) FROM challenge_user WHERE email = 'erased@runners.test'") == "0"
    assert site.query("SELECT count(*) FROM challenge_user WHERE email = 'mailed@runners.test'") == "1"
    site.manage("set_weekly_targets")
    due = "SELECT count(*) FROM challenge_outboxmessage WHERE state = 'queued' AND to_email = 'mailed@runners.test'"
    eventually(lambda: site.query(due) == "0", within_s=120, what="the outbox is empty")
    assert len(site.letters("mailed@runners.test")) == written


def test_the_restore_of_the_guide_works_word_for_word(site: Site) -> None:
    guide, moment = GUIDE.read_text(), ""
    backup = re.search(r"`(docker compose run [^`]*by-hand\.backup --verify)`", guide)
    *restore, doctor = site.lines_of_guide("docker compose --profile backup stop web worker beat backup", 8)
    assert backup
    assert "doctor" in doctor  # the test of the install runs it
    site.enroll("restored")

    def follow(command: str) -> str:
        command = command.replace("/srv/backups", str(site.folder / "backups")).replace(
            "FILE", "by-hand.backup"
        )
        return site.run(*shlex.split(command.replace("2026-03-02T06:30:05+00:00", moment))).stdout

    follow(backup[1])
    for command in restore:
        answer = follow(command)
        moment = answer.strip() if command.startswith("date") else moment
    assert "backup" in site.compose("ps", "--services", "--status", "running")
    eventually(lambda: site.ask("/health/ready/")[0] == 200, within_s=180, what="ready after the restore")
    assert site.query("SELECT count(*) FROM challenge_user WHERE email = 'restored@runners.test'") == "1"
    for command in ("docker compose logs web", "docker compose restart beat worker"):
        assert command in guide
        follow(command)
    check, *_ = site.lines_of_guide(
        "docker compose run --rm --no-deps migrate python manage.py doctor --only settings database queue cache",
        1,
    )
    assert "TROUBLE" not in follow(check)
    follow("docker compose exec db dropdb --username thrive thrive_before")
