"""An installation in containers, laid out and started as docs/operations.md says.

The images are built from `Dockerfile` on stand-ins of Debian's packages, because the public registries are not
everywhere within reach. All else is as a clinic has it: one .env, `--profile tls`, `deploy/update`.
"""

import email
import re
import secrets
import shlex
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path

import pytest

from tests.deep.containers.engine import docker_engine
from tests.program import ROOT, eventually, free_port

GUIDE = ROOT / "docs" / "operations.md"

HOST = "challenge.internal"  # Caddy makes its own certificate for names that end so

OWN_USER = 10001

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


@dataclass
class Site:
    """An installation: its folder, and the way in through the proxy."""

    folder: Path
    environment: dict[str, str]
    port: int
    answers: Counter[str] = field(default_factory=Counter)

    def run(
        self, *command: str, check: bool = True, typed: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as the administrator does, in the folder; `typed` is what they answer."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, input=typed
        )  # fmt: skip
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

    def value(self, name: str) -> str:
        """Return what .env says."""
        lines = (self.folder / ".env").read_text().splitlines()
        return next(line.partition("=")[2] for line in lines if line.startswith(f"{name}="))

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


@pytest.fixture(scope="session")
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


def sign_in(site: Site, address: str) -> tuple[str, ...]:
    """Sign a runner in with the emailed code; return curl's options that keep them signed in."""
    cookies = str(site.folder / f"cookies-{address}")
    jar = ("--cookie", cookies, "--cookie-jar", cookies)

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
    return jar


def start_again(site: Site) -> None:
    """Check a changed .env and start with it, by the two lines of the guide."""
    check, start = site.lines_of_guide(
        "docker compose run --rm --no-deps migrate python manage.py doctor --only settings database queue cache",
        2,
    )
    assert "TROUBLE" not in site.run(*shlex.split(check)).stdout
    site.run(*shlex.split(start))
    eventually(lambda: site.ask("/health/live/")[0] == 200, within_s=180, what="it serves with the new .env")
