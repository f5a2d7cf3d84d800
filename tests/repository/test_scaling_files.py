"""The compose file for several servers, laid over the one for a single server."""

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
    """Reads `!override`, with which a list takes the place of the other file's."""


def read_override(loader: ComposeLoader, node: yaml.SequenceNode) -> list[Any]:
    return list(loader.construct_sequence(node))


ComposeLoader.add_constructor("!override", read_override)
SCALE: dict[str, Any] = yaml.load((ROOT / "deploy" / "compose.scale.yml").read_text(), ComposeLoader)
BASE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_it_follows_the_schema_and_names_services_of_the_other_file() -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(SCALE)
    assert set(SCALE["services"]) - set(BASE["services"]) == {"pgbouncer"}


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
