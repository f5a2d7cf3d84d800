"""What Prometheus reads at /metrics/: who may, what it says, and that the board and the alerts ask for nothing else."""

import http.client
import json
import re
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from challenge.mail.models import OutboxMessage
from challenge.operations.metrics import ProgramCollector
from challenge.operations.periodic import record_heartbeat
from challenge.operations.queries import BEAT
from challenge.weekly.decide import decide_due
from tests.conftest import NOW
from tests.factories.cohorts import enroll
from tests.program import Program, eventually, running_program

TOKEN = "a-token-of-thirty-two-characters-or-more"
DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NAME = re.compile(r"\bthrive_[a-z_]+")
OWN_LABELS = {"route", "status", "state", "name", "le"}
MOST_QUERIES = 14


@pytest.fixture(autouse=True)
def switched_on(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def scrape(client: Client, token: str = TOKEN) -> str:
    response = client.get("/metrics/", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 200
    return response.content.decode()


def values(text: str) -> dict[str, float]:
    """Return the value of each sample, by its name and label values."""
    families = text_string_to_metric_families(text)
    return {" ".join([s.name, *s.labels.values()]): s.value for family in families for s in family.samples}


def numbers_at_noon() -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(ProgramCollector(NOW))
    return {" ".join([s.name, *s.labels.values()]): s.value for f in registry.collect() for s in f.samples}


@pytest.mark.django_db
def test_without_the_setting_there_is_no_such_page(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    for token in ("", TOKEN):
        assert client.get("/metrics/", headers={"Authorization": f"Bearer {token}"}).status_code == 404


@pytest.mark.parametrize(
    "shown", ["", TOKEN, f"Basic {TOKEN}", "Bearer", "Bearer ", f"Bearer {TOKEN}x", "Bearer \xe9"]
)
def test_a_wrong_token_learns_nothing(client: Client, shown: str) -> None:
    response = client.get("/metrics/", headers={"Authorization": shown})
    assert response.status_code == 401
    assert b"thrive_" not in response.content


@pytest.mark.django_db
def test_requests_are_counted_by_route_and_status_and_no_value_of_an_address_shows(client: Client) -> None:
    before = values(scrape(client)).get("thrive_requests_total /guide/<slug:slug>/ 200", 0)
    client.get("/guide/cadence/")
    client.get("/guide/somebody@runners.test/")
    client.generic("SOMEBODY", "/guide/cadence/")
    text = scrape(client)
    assert values(text)["thrive_requests_total /guide/<slug:slug>/ 200"] == before + 1
    assert values(text)["thrive_request_seconds_count /guide/<slug:slug>/"] >= 1
    assert "somebody" not in text.lower()


@pytest.mark.django_db
def test_the_numbers_follow_a_monday() -> None:
    enrollment = enroll()
    record_heartbeat(name=BEAT, at=NOW - timedelta(minutes=2))
    OutboxMessage.objects.all().delete()
    due = numbers_at_noon()
    assert (due["thrive_weeks_due"], due["thrive_weeks_missing"], due["thrive_mail_due"]) == (1, 1, 0)
    assert due["thrive_heartbeat_age_seconds beat"] == 120
    decide_due(now=lambda: NOW)
    decided = numbers_at_noon()
    assert (decided["thrive_weeks_due"], decided["thrive_weeks_missing"]) == (0, 0)
    assert decided["thrive_mail_written queued"] == OutboxMessage.objects.count() >= 1
    OutboxMessage.objects.filter(about=f"enrollment:{enrollment.pk}").update(
        send_at=NOW - timedelta(minutes=20)
    )
    assert numbers_at_noon()["thrive_mail_oldest_seconds"] == 1200


@pytest.mark.django_db
def test_a_database_that_is_away_leaves_the_rest(client: Client) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(away):
        found = values(scrape(client))
    assert found["thrive_database_up"] == 0
    assert found["thrive_queue_up"] == 1
    assert "thrive_weeks_due" not in found


@pytest.mark.django_db
def test_a_queue_that_is_away_leaves_the_rest(client: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    found = values(scrape(client))
    assert (found["thrive_queue_up"], found["thrive_database_up"]) == (0, 1)
    assert "thrive_tasks_waiting" not in found


@pytest.mark.django_db
def test_a_scrape_is_cheap_and_no_label_is_of_a_person(client: Client) -> None:
    enroll()
    with CaptureQueriesContext(connection) as queries:
        text = scrape(client)
    assert len(queries) <= MOST_QUERIES
    labels = set(re.findall(r'[{,](\w+)="', text))
    assert labels <= OWN_LABELS


def asked_for() -> dict[str, set[str]]:
    """Return the metrics that each file in deploy/ asks for."""
    rules = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]
    board = json.loads((DEPLOY / "grafana.json").read_text())
    found = {
        "alerts.yml": [rule["expr"] for group in rules for rule in group["rules"]],
        "grafana.json": [target["expr"] for panel in board["panels"] for target in panel["targets"]],
    }
    return {file: set(NAME.findall(" ".join(expressions))) for file, expressions in found.items()}


@pytest.mark.django_db
def test_the_board_and_the_alerts_ask_for_what_exists(client: Client) -> None:
    record_heartbeat(name=BEAT, at=NOW)
    scrape(client)
    exist = {name.split()[0] for name in values(scrape(client))}
    for file, names in asked_for().items():
        assert names - exist == set(), file
    missing = {"thrive_request_seconds_sum", "thrive_request_seconds_count"}
    assert exist - asked_for()["grafana.json"] - missing == set()


def ask(program: Program, path: str) -> str:
    port = int(program.url.rsplit(":", 1)[1])
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as web:
        web.request(
            "GET",
            path,
            headers={"Host": program.url.removeprefix("http://"), "Authorization": f"Bearer {TOKEN}"},
        )
        response = web.getresponse()
        assert response.status == 200
        return response.read().decode()


@pytest.mark.long
def test_the_processes_of_one_gunicorn_are_added_up_and_leave_no_folder() -> None:
    folders = {*Path("/dev/shm").glob("thrive-metrics-*")}
    with running_program(parts=("web",), METRICS_TOKEN=TOKEN) as program:
        for _ in range(20):
            ask(program, "/guide/cadence/")
        for _ in range(6):  # whichever process answers
            assert values(ask(program, "/metrics/"))["thrive_requests_total /guide/<slug:slug>/ 200"] == 20
        (folder,) = {*Path("/dev/shm").glob("thrive-metrics-*")} - folders
        processes = {path.stem.rpartition("_")[2] for path in folder.glob("counter_*.db")}
        assert len(processes) == 2, "both processes answered"
        program.children.stop(program.parts["web"])
        eventually(lambda: not folder.exists(), what="the folder of the counters goes")
