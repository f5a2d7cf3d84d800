"""Celery is only the waker: Valkey killed, Valkey emptied, PostgreSQL restarted, and every email goes out."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import redis

from tests.mail.smtp import Handler, smtp_server
from tests.program import eventually
from thrive.devserver.addresses import Addresses, addresses_in
from thrive.devserver.children import Children
from thrive.devserver.servers import PostgresServer, ValkeyServer, server_account

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 150


@dataclass
class House:
    """Private servers, a mail server, and a Celery worker with beat."""

    found: Addresses
    postgres: PostgresServer
    valkey: ValkeyServer
    smtp: Handler
    env: dict[str, str]

    def fill(self, count: int) -> None:
        """What a web process does: rows, commit, a nudge that may fail."""
        self.run("-m", "tests.faults.mail_worker", f"fill:{count}")

    def run(self, *command: str) -> None:
        subprocess.run([sys.executable, *command], env=self.env, cwd=ROOT, check=True, timeout=PATIENCE_S)

    def delivered(self, count: int) -> None:
        eventually(
            lambda: len(self.smtp.counted()) >= count, within_s=PATIENCE_S, what=f"{count} emails arrive"
        )


@contextmanager
def house() -> Iterator[House]:
    with (
        tempfile.TemporaryDirectory(prefix="thrive-", dir="/tmp") as name,
        smtp_server(delay_s=0.03) as (
            smtp,
            port,
        ),
    ):
        folder, children = Path(name), Children()
        if account := server_account():
            os.chown(folder, account.uid, account.gid)
        postgres, valkey = PostgresServer(folder, children), ValkeyServer(folder, children)
        found = addresses_in(folder)
        env = os.environ | found.environment() | {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        try:
            postgres.start()
            valkey.start()
            made = House(found, postgres, valkey, smtp, env)
            made.run("manage.py", "migrate", "-v0")
            beat = ["worker", "-B", "-c", "2", "-l", "CRITICAL", "-s", f"{name}/beat", "--pidfile="]
            celery = [sys.executable, "-m", "celery", "-A", "tests.faults.quick_celery", *beat]
            children.start("celery", celery, env=env, cwd=ROOT)
            yield made
        finally:
            children.close()


@pytest.mark.deep
def test_every_email_goes_out_whatever_happens_to_valkey_and_postgresql() -> None:
    with house() as made:
        made.fill(20)
        made.delivered(20)

        assert made.valkey.child is not None
        made.valkey.child.process.kill()
        made.valkey.child.process.wait()
        subprocess.run(
            [sys.executable, "-m", "tests.faults.mail_worker", "fill:40"], env=made.env, cwd=ROOT, check=True
        )
        made.valkey.start()
        made.delivered(40)

        made.fill(60)
        with redis.from_url(made.found.redis_url) as client:
            client.flushall()
        made.delivered(60)

        made.fill(160)
        eventually(lambda: len(made.smtp.counted()) >= 80, within_s=PATIENCE_S, what="emails go out")
        made.postgres.stop()
        made.postgres.start()
        made.delivered(160)

        taken = made.smtp.counted()
        twice = {message_id for message_id, count in taken.items() if count > 1}
        with psycopg.connect(made.found.database_url) as connection:
            rows = connection.execute(
                "SELECT message_id FROM challenge_outboxmessage WHERE unsure"
            ).fetchall()
        assert twice <= {row[0] for row in rows}
        assert len(twice) <= 2
