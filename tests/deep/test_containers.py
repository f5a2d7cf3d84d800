"""The guide for containers (docs/operations.md), followed from an empty host by the real Docker and Compose.

Install, first weekly mail, update under load, wrong values, refusing relay. What is restored, moved and scaled is in
`test_containers_moved.py`; how the host is laid out in `containers/installation.py`.
"""

import json
import re
import threading

import pytest

from tests.deep.containers.installation import HOST, OWN_USER, Site, sign_in
from tests.program import eventually

LOADERS, PAUSE_S = 6, 0.1
pytestmark = pytest.mark.deep


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
    sign_in(site, address)


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
