"""The compose files for several servers and for a database elsewhere, laid over the one for a single server."""

import configparser
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import yaml

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((Path(__file__).with_name("compose_schema") / "compose.schema.json").read_text())


class ComposeLoader(yaml.SafeLoader):
    """Reads `!override` and `!reset`, with which a value takes the place of the other file's."""


def read_override(loader: ComposeLoader, node: yaml.MappingNode | yaml.SequenceNode) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return list(loader.construct_sequence(node))


ComposeLoader.add_constructor("!override", read_override)
ComposeLoader.add_constructor("!reset", read_override)
SCALE: dict[str, Any] = yaml.load((ROOT / "deploy" / "compose.scale.yml").read_text(), ComposeLoader)
MANAGED: dict[str, Any] = yaml.load((ROOT / "deploy" / "compose.managed.yml").read_text(), ComposeLoader)
BASE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_it_follows_the_schema_and_names_services_of_the_other_file() -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(SCALE)
    assert set(SCALE["services"]) - set(BASE["services"]) == {"pgbouncer"}


def test_the_number_of_servers_is_kept_by_every_start_and_each_has_a_port() -> None:
    """Given on the command line it would be forgotten by the next `up`, such as that of `deploy/update`."""
    given = {name: SCALE["services"][name]["scale"] for name in ("web", "worker")}
    assert given == {"web": "${WEB_SERVERS:-4}", "worker": "${WORKERS:-3}"}
    (ports,) = SCALE["services"]["web"]["ports"]
    assert ports == "127.0.0.1:8000-8003:8000"
    guide = (ROOT / "docs" / "scaling.md").read_text()
    assert "    WEB_SERVERS=4\n    WORKERS=3\n" in guide
    assert "--scale" not in guide


def test_everything_but_migrations_and_backups_goes_through_the_pool() -> None:
    direct, pooled = {"migrate", "backup"}, set(SCALE["services"]) - {"pgbouncer"}
    ours = {name for name, service in BASE["services"].items() if "build" in service}
    assert ours - direct == pooled
    for name in pooled:
        address = SCALE["services"][name]["environment"]["DATABASE_URL"]
        before = BASE["services"][name]["environment"]["DATABASE_URL"]
        assert address == before.replace("@db:5432/", "@pgbouncer:6432/")


def test_the_pool_is_by_transaction_with_a_password_and_fits_the_database() -> None:
    pool = configparser.ConfigParser()
    pool.read_string(SCALE["configs"]["pool"]["content"])
    settings = pool["pgbouncer"]
    assert settings["pool_mode"] == "transaction"
    assert settings["auth_type"] == "scram-sha-256"
    assert int(settings["default_pool_size"]) < 90, "PostgreSQL takes 100 unless set otherwise"
    assert pool["databases"]["*"] == "host=db port=5432"
    files = {config["target"] for config in SCALE["services"]["pgbouncer"]["configs"]}
    assert settings["auth_file"] in files
    assert re.fullmatch(r'"thrive_program" "\$\{PROGRAM_PASSWORD\}"\n', SCALE["configs"]["users"]["content"])


def test_with_parts_elsewhere_no_service_needs_or_names_them() -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(MANAGED)
    parts = {"db", "queue", "cache"}
    ours = {name for name, service in BASE["services"].items() if "build" in service}
    assert set(MANAGED["services"]) == ours | parts
    for name in ours:
        service = MANAGED["services"][name]
        assert not parts & set(service["depends_on"])
        assert set(service["environment"]) >= {
            "DATABASE_URL",
            "PROGRAM_DATABASE_URL",
            "REDIS_URL",
            "CACHE_URL",
        }
        assert not re.search("@(db|pgbouncer):|(queue|cache):6379", str(service["environment"]))
    active = {profile for service in BASE["services"].values() for profile in service.get("profiles", [])}
    assert not active & {profile for name in parts for profile in MANAGED["services"][name]["profiles"]}


def test_with_parts_elsewhere_the_owner_of_the_tables_is_for_the_same_services() -> None:
    def owners(services: dict[str, Any]) -> set[str]:
        """Return who is handed the program's address beside one of its own."""
        found = {name: service.get("environment", {}) for name, service in services.items()}
        return {name for name, given in found.items() if given.get("PROGRAM_DATABASE_URL")}

    assert owners(MANAGED["services"]) == owners(BASE["services"]) == {"migrate", "backup"}
