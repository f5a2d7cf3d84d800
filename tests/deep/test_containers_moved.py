"""The same installation lost, restored, moved, with new keys, with its database elsewhere, and with several servers."""

import re
import secrets
import shlex

import pytest

from tests.deep.containers.installation import GUIDE, Site, sign_in, start_again
from tests.program import eventually

pytestmark = pytest.mark.deep


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

    site.compose("down", "--volumes", "--timeout", "5")
    written = len(site.letters("mailed@runners.test"))
    moment = site.run("date", "-u", "-Iseconds").stdout.strip()
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


def test_the_program_runs_with_its_database_and_queue_elsewhere(site: Site) -> None:
    """As at a provider: the compose file starts none, and the addresses are those of .env."""
    kept, before = (site.folder / ".env").read_text(), site.compose("ps", "--quiet", "db", "queue", "cache")
    owner, program = site.value("POSTGRES_PASSWORD"), site.value("PROGRAM_PASSWORD")
    files = f"{site.value('COMPOSE_FILE')}:deploy/compose.managed.yml"
    assert "COMPOSE_FILE=docker-compose.yml:deploy/compose.managed.yml" in GUIDE.read_text()
    for name, value in {
        "COMPOSE_FILE": files,
        "DATABASE_URL": f"postgresql://thrive:{owner}@db:5432/thrive",
        "PROGRAM_DATABASE_URL": f"postgresql://thrive_program:{program}@db:5432/thrive",
        "POSTGRES_PASSWORD": "unused",
        "PROGRAM_PASSWORD": "unused",
    }.items():
        site.set(name, value)
    try:
        assert not {"db", "queue", "cache"} & set(site.compose("config", "--services").split())
        site.compose("up", "--detach", "--wait")
        eventually(
            lambda: site.ask("/health/ready/")[0] == 200, within_s=180, what="ready with these addresses"
        )
        page = site.manage("doctor", "--only", "settings", "database", "clock", "queue", "cache", "worker")
        assert "TROUBLE" not in page
        assert "this role owns the tables" not in page
        backup = ("python", "manage.py", "backup", "/backups/elsewhere.backup", "--verify")
        assert "rows in it" in site.compose("run", "--rm", "--no-deps", "-T", "backup", *backup)
    finally:
        (site.folder / ".env").write_text(kept)
    assert site.compose("ps", "--quiet", "db", "queue", "cache") == before


def test_every_key_is_rotated_by_the_guide_and_no_one_is_signed_out(site: Site) -> None:
    site.enroll("rotated")
    jar = sign_in(site, "rotated@runners.test")
    for name in ("SECRET_KEY", "DATA_KEY"):
        site.set(f"{name}_FALLBACKS", site.value(name))
        site.set(name, secrets.token_urlsafe(64))
    start_again(site)
    assert site.ask("/today/", *jar)[0] == 200
    site.manage("rotate_data_key")
    site.set("DATA_KEY_FALLBACKS", "")
    start_again(site)
    assert site.ask("/today/", *jar)[0] == 200
    program, owner, start = site.lines_of_guide(
        "docker compose exec db psql --username thrive --command '\\password thrive_program'", 3
    )
    for command, name in ((program, "PROGRAM_PASSWORD"), (owner, "POSTGRES_PASSWORD")):
        new = secrets.token_hex(20)
        site.run(*shlex.split(command.replace("exec db", "exec -T db")), typed=f"{new}\n{new}\n")
        site.set(name, new)
    site.run(*shlex.split(start))
    eventually(lambda: site.ask("/today/", *jar)[0] == 200, within_s=180, what="the page opens as before")
    page = site.manage("doctor", "--only", "settings", "database", "queue", "cache", "worker")
    assert "TROUBLE" not in page


def test_a_move_to_another_host_takes_everything_along(site: Site) -> None:
    """Here the new host is this one without its volumes; the folder of the backups and .env are brought along."""
    stop, backup, restore = re.findall(
        r"`(docker compose --profile backup stop [^`]+|docker compose run [^`]+/backups/move\.backup[^`]*)`",
        GUIDE.read_text().split("## Moving to another host")[1],
    )[:3]
    site.enroll("moved")
    jar = sign_in(site, "moved@runners.test")

    def follow(command: str) -> str:
        return site.run(*shlex.split(command.replace("/srv/backups", str(site.folder / "backups")))).stdout

    follow(stop)
    assert "rows in it" in follow(backup)
    site.compose("down", "--volumes", "--timeout", "5")
    site.compose("up", "--detach", "--wait", "db", "queue", "cache")
    assert "Restored" in follow(restore)
    site.compose("up", "--detach", "--wait")
    site.trust_the_proxy()
    eventually(
        lambda: site.ask("/today/", *jar)[0] == 200, within_s=180, what="the runner is still signed in"
    )
    assert "TROUBLE" not in site.manage(
        "doctor", "--only", "settings", "database", "queue", "cache", "worker"
    )


def test_several_servers_stay_as_many_through_an_update(site: Site) -> None:
    kept = (site.folder / ".env").read_text()
    files = (
        "docker-compose.yml",
        "deploy/compose.scale.yml",
        "override.yml",
    )  # the last one publishes no port
    for name, value in {"COMPOSE_FILE": ":".join(files), "WEB_SERVERS": "2", "WORKERS": "2"}.items():
        site.set(name, value)

    def servers() -> list[str]:
        return sorted(site.compose("ps", "--format", "{{.Service}}", "web", "worker", "pgbouncer").split())

    expected = ["pgbouncer", "web", "web", "worker", "worker"]
    try:
        site.compose("up", "--detach", "--wait")
        assert servers() == expected
        site.enroll("pooled")
        site.manage("set_weekly_targets", "--cohort", "pooled")
        due = (
            "SELECT count(*) FROM challenge_outboxmessage WHERE state = 'queued' AND to_email LIKE 'pooled@%'"
        )
        eventually(
            lambda: site.query(due) == "0", within_s=300, what="the emails went out by way of the pool"
        )
        written = len(site.letters("pooled@runners.test"))
        assert written
        source = site.folder / "thrive" / "wsgi.py"
        source.write_text(f"{source.read_text()}# one more version\n")
        assert "The new version serves" in site.run("deploy/update").stdout
        assert servers() == expected
        assert len(site.letters("pooled@runners.test")) == written
    finally:
        (site.folder / ".env").write_text(kept)
        site.compose("up", "--detach", "--wait", "--remove-orphans")
